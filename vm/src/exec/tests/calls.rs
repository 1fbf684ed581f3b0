use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tern_air::isa::Opcode;

use super::{DATA, RODATA, TEXT, code, program, run_code, trap};
use crate::exec::accelerators::mulmod;
use crate::exec::{Access, ExecError, Machine, MemoryFault, Options, TrapReason, ecall, run};
use crate::testing::Asm;

fn call(code: &mut Asm, number: u64, arguments: &[u64]) {
    for (register, &argument) in (10..).zip(arguments) {
        code.li(register, argument);
    }
    code.li(17, number).ecall();
}

fn call_reason(number: u64, arguments: &[u64]) -> TrapReason {
    let mut code = code();
    call(&mut code, number, arguments);
    trap(code.halt(0)).reason
}

/// Ends a program that has written `output`.
fn halt_with(code: &mut Asm, exit_code: u64, output: &[u8]) {
    let mut arguments = vec![exit_code];
    let digest = *blake3::hash(output).as_bytes();
    arguments.extend(digest.chunks(8).map(|bytes| u64::from_le_bytes(bytes.try_into().expect("8 bytes"))));
    call(code, ecall::HALT, &arguments);
}

#[test]
fn output_input_and_exit_code() {
    let mut code = code();
    call(&mut code, ecall::WRITE_OUTPUT, &[0x8000_0020, 5]);
    call(&mut code, ecall::WRITE_OUTPUT, &[0x8000_0000, 8]);
    call(&mut code, ecall::WRITE_OUTPUT, &[1, 0]);
    let output = b"input\x05\0\0\0\0\0\0\0";
    halt_with(&mut code, 0xffff_ffff, output);
    let summary = run_code(&code).expect("a finished run");
    assert_eq!(summary.output, output);
    assert_eq!(summary.halt.exit_code, u32::MAX);
    assert_eq!(summary.halt.output_digest, *blake3::hash(output).as_bytes());
    assert_eq!(summary.counters.write_output_calls, 3);
}

#[test]
fn halt_checks_its_arguments() {
    let mut wrong = code();
    halt_with(&mut wrong, 0, b"something");
    let digests = [b"something".as_slice(), b""].map(|bytes| *blake3::hash(bytes).as_bytes());
    assert_eq!(trap(&wrong).reason, TrapReason::OutputDigestMismatch { digests: Box::new(digests) });
    let mut large = code();
    halt_with(&mut large, 1 << 32, b"");
    assert_eq!(trap(&large).reason, TrapReason::ExitCodeTooLarge { code: 1 << 32 });
}

#[test]
fn unknown_calls() {
    for number in [5, 0xff, 0x200, u64::MAX, 1 << 32] {
        assert_eq!(call_reason(number, &[]), TrapReason::UnknownEcall { number });
    }
}

#[test]
fn host_calls_check_their_ranges() {
    for number in [ecall::WRITE_OUTPUT, ecall::PRINT, ecall::CYCLE_SCOPE_BEGIN] {
        let fault = |address, bytes, fault| {
            let reason = TrapReason::Memory { access: Access::Load, address, bytes, fault };
            assert_eq!(call_reason(number, &[address, bytes]), reason);
        };
        fault(0xff8, 16, MemoryFault::NullPage);
        fault(0xffff_fff0, 17, MemoryFault::BeyondMemory);
        fault(8, u64::MAX, MemoryFault::BeyondMemory);
        fault(u64::MAX, 2, MemoryFault::BeyondMemory);
        fault(0x7bff_ffff, 2, MemoryFault::GuardPage);
    }
    assert_eq!(call_reason(ecall::PRINT, &[0x9000_0000, 1 << 21]), TrapReason::TextTooLong { length: 1 << 21, limit: 1 << 20 });
    assert_eq!(call_reason(ecall::PRINT, &[RODATA.into(), 1]), TrapReason::TextNotUtf8);
    assert_eq!(call_reason(ecall::CYCLE_SCOPE_END, &[]), TrapReason::ScopeNotOpen);
}

#[test]
fn output_is_bounded() {
    let mut code = code();
    call(&mut code, ecall::WRITE_OUTPUT, &[0x8000_0000, 100]);
    let result = run(&program(&code), b"", Options { max_output: 99, ..Options::default() });
    assert!(matches!(result, Err(ExecError::Trap(trap)) if trap.reason == TrapReason::OutputTooLarge { limit: 99 }));
}

#[test]
fn endless_scopes_are_bounded() {
    let mut code = code();
    code.li(10, DATA.into()).li(11, 1).li(17, ecall::CYCLE_SCOPE_BEGIN);
    let again = code.label();
    code.bind(again).ecall().jal(0, again);
    assert_eq!(trap(&code).reason, TrapReason::TooManyScopes { limit: 4096 });
}

#[test]
fn printing_and_scopes() {
    let printed = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&printed);
    let options = Options { print: Some(Box::new(move |text| sink.lock().expect("no panic").push_str(text))), ..Options::default() };
    let mut code = code();
    call(&mut code, ecall::PRINT, &[0x8000_0020, 5]);
    for _ in 0..2 {
        call(&mut code, ecall::CYCLE_SCOPE_BEGIN, &[0x8000_0020, 2]);
        call(&mut code, ecall::CYCLE_SCOPE_BEGIN, &[0x8000_0022, 3]);
        code.nop().nop().li(17, ecall::CYCLE_SCOPE_END).ecall().ecall();
    }
    code.halt(0);
    let summary = run(&program(&code), b"input", options).expect("a finished run");
    assert_eq!(*printed.lock().expect("no panic"), "input");
    let scopes: Vec<_> = summary.scopes.iter().map(|s| (s.path.as_str(), s.calls, s.cycles)).collect();
    // inner: its own begin, two nops, li and end; outer: six instructions more around it
    assert_eq!(scopes[1], ("in/put", 2, 2 * 4));
    assert_eq!(scopes[0].0, "in");
    assert!(scopes[0].2 > scopes[1].2);
}

#[test]
fn keccak_permutes_in_place() {
    let pointer = DATA + 0xf80;
    let mut code = code();
    for offset in 0..25 {
        code.li(5, u64::from(pointer) + 8 * offset).store(Opcode::Sd, 0, 5, 0);
    }
    call(&mut code, ecall::KECCAK_F1600, &[pointer.into()]);
    code.halt(0);
    let mut machine = Machine::new(&program(&code), b"", Options::default()).expect("a machine");
    machine.run(&mut (), 10_000).expect("a finished run");
    // Keccak-f[1600] of the zero state, from the Keccak team's KeccakF-1600-IntermediateValues.txt
    assert_eq!(machine.memory().dword(pointer / 8), 0xf125_8f79_40e1_dde7);
    assert_eq!(machine.memory().dword(pointer / 8 + 24), 0xeaf1_ff7b_5cec_a249);
    assert_eq!(machine.counters().keccak_calls, 1);
}

/// A program that writes dwords to the data, and calls `sha256_compress` on a state and a block there.
fn compressing(state: [u64; 4], block: [u64; 8], at: [u32; 2]) -> Asm {
    let mut code = code();
    let dwords = (0..).zip(block).map(|(i, dword)| (at[1] + 8 * i, dword)).chain((0..).zip(state).map(|(i, dword)| (at[0] + 8 * i, dword)));
    for (address, dword) in dwords {
        code.li(5, u64::from(address)).li(6, dword).store(Opcode::Sd, 6, 5, 0);
    }
    call(&mut code, ecall::SHA256_COMPRESS, &at.map(u64::from));
    code.halt(0);
    code
}

/// What the call leaves of a state.
fn compressed(code: &Asm, at: u32) -> [u64; 4] {
    let mut machine = Machine::new(&program(code), b"", Options::default()).expect("a machine");
    machine.run(&mut (), 10_000).expect("a finished run");
    assert_eq!(machine.counters().sha256_calls, 1);
    std::array::from_fn(|i| machine.memory().dword(at / 8 + i as u32))
}

/// What another implementation makes of them.
fn sha2_compressed(state: [u64; 4], block: [u64; 8]) -> [u64; 4] {
    let mut words: [u32; 8] = std::array::from_fn(|i| (state[i / 2] >> (32 * (i % 2))) as u32);
    let bytes: [u8; 64] = std::array::from_fn(|i| block[i / 8].to_le_bytes()[i % 8]);
    sha2::compress256(&mut words, &[bytes.into()]);
    std::array::from_fn(|i| u64::from(words[2 * i]) | u64::from(words[2 * i + 1]) << 32)
}

#[test]
fn sha256_compresses_in_place() {
    let at = [DATA + 0x48, DATA + 0xf80];
    let (state, block) = ([1, u64::MAX, 0x0123_4567_89ab_cdef, 1 << 63], [0, 1, 2, u64::MAX, 4, 5, 0xfedc_ba98_7654_3210, 7]);
    assert_eq!(compressed(&compressing(state, block, at), at[0]), sha2_compressed(state, block));
    // the block is read before the state is written
    let over = [DATA + 0x48, DATA + 0x38];
    let mixed = [block[0], block[1], state[0], state[1], state[2], state[3], block[6], block[7]];
    assert_eq!(compressed(&compressing(state, block, over), over[0]), sha2_compressed(state, mixed));
}

/// BLAKE2b of `abc` (RFC 7693, Appendix A), in one block.
#[test]
fn blake2f_rounds_make_a_digest() {
    let [vector, message] = [DATA + 0x48, DATA + 0xf80];
    let iv: [u64; 8] = [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ];
    let mut v: Vec<u64> = [iv, iv].concat();
    v[0] ^= 0x0101_0040;
    v[12] ^= 3;
    v[14] = !v[14];
    let m = [0x63_6261].into_iter().chain([0; 15]);
    let mut code = code();
    let dwords = (0..).zip(&v).map(|(i, &word)| (vector + 8 * i, word)).chain((0..).zip(m).map(|(i, word)| (message + 8 * i, word)));
    for (address, dword) in dwords {
        code.li(5, u64::from(address)).li(6, dword).store(Opcode::Sd, 6, 5, 0);
    }
    for round in 0..12 {
        call(&mut code, ecall::BLAKE2F_ROUND, &[vector.into(), message.into(), round % 10]);
    }
    code.halt(0);
    let mut machine = Machine::new(&program(&code), b"", Options::default()).expect("a machine");
    machine.run(&mut (), 10_000).expect("a finished run");
    assert_eq!(machine.counters().blake2f_calls, 12);
    let word = |i: u32| machine.memory().dword(vector / 8 + i);
    let digest: Vec<u8> = (0..8).flat_map(|i| (v[i as usize] ^ word(i) ^ word(i + 8)).to_le_bytes()).collect();
    assert_eq!(hex::encode(digest), BLAKE2B_ABC);
}

const BLAKE2B_ABC: &str =
    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923";

#[test]
fn blake2f_checks_its_operands() {
    let blake2f = |vector: u64, message: u64, schedule: u64| call_reason(ecall::BLAKE2F_ROUND, &[vector, message, schedule]);
    let memory = |access, address, bytes, fault| TrapReason::Memory { access, address, bytes, fault };
    let good = u64::from(DATA);
    assert_eq!(blake2f(good + 4, good, 0), TrapReason::MisalignedOperand { address: good + 4 });
    assert_eq!(blake2f(good, good + 1, 0), TrapReason::MisalignedOperand { address: good + 1 });
    assert_eq!(blake2f(RODATA.into(), good, 0), memory(Access::Store, RODATA.into(), 128, MemoryFault::ReadOnly));
    assert_eq!(blake2f(good, 0xf88, 0), memory(Access::Load, 0xf88, 128, MemoryFault::NullPage));
    assert_eq!(blake2f(good, 0xffff_ff88, 0), memory(Access::Load, 0xffff_ff88, 128, MemoryFault::BeyondMemory));
    let straddling = u64::from(TEXT) + 0xff0;
    assert_eq!(blake2f(good, straddling, 0), memory(Access::Load, straddling, 128, MemoryFault::StraddlesRegions));
    for schedule in [10, 1 << 16, u64::MAX] {
        assert_eq!(blake2f(good, good, schedule), TrapReason::UnknownSchedule { schedule });
    }
}

#[test]
fn sha256_checks_its_operands() {
    let sha256 = |state: u64, block: u64| call_reason(ecall::SHA256_COMPRESS, &[state, block]);
    let memory = |access, address, bytes, fault| TrapReason::Memory { access, address, bytes, fault };
    let good = u64::from(DATA);
    assert_eq!(sha256(good + 4, good), TrapReason::MisalignedOperand { address: good + 4 });
    assert_eq!(sha256(good, good + 1), TrapReason::MisalignedOperand { address: good + 1 });
    assert_eq!(sha256(RODATA.into(), good), memory(Access::Store, RODATA.into(), 32, MemoryFault::ReadOnly));
    assert_eq!(sha256(good, 0xfc8), memory(Access::Load, 0xfc8, 64, MemoryFault::NullPage));
    assert_eq!(sha256(good, 0xffff_ffc8), memory(Access::Load, 0xffff_ffc8, 64, MemoryFault::BeyondMemory));
    assert_eq!(sha256(good, 1 << 32), memory(Access::Load, 1 << 32, 64, MemoryFault::BeyondMemory));
    let straddling = u64::from(TEXT) + 0xff0;
    assert_eq!(sha256(good, straddling), memory(Access::Load, straddling, 64, MemoryFault::StraddlesRegions));
}

#[test]
fn accelerators_check_their_operands() {
    let memory = |access, address, bytes, fault| TrapReason::Memory { access, address, bytes, fault };
    let keccak = |pointer: u64| call_reason(ecall::KECCAK_F1600, &[pointer]);
    assert_eq!(keccak(u64::from(DATA) + 4), TrapReason::MisalignedOperand { address: u64::from(DATA) + 4 });
    assert_eq!(keccak(RODATA.into()), memory(Access::Store, RODATA.into(), 200, MemoryFault::ReadOnly));
    assert_eq!(keccak(0x7bff_ff40), memory(Access::Store, 0x7bff_ff40, 200, MemoryFault::GuardPage));
    assert_eq!(keccak(0x8000_0000), memory(Access::Store, 0x8000_0000, 200, MemoryFault::ReadOnly));
    assert_eq!(keccak(0xffff_fff8), memory(Access::Store, 0xffff_fff8, 200, MemoryFault::BeyondMemory));
    let good = u64::from(DATA);
    for bad in 0..5 {
        let mut pointers = [good; 5];
        pointers[bad] = 0xfe8;
        let access = if bad == 0 { Access::Store } else { Access::Load };
        let reason = call_reason(ecall::MULMOD256, &pointers);
        assert_eq!(reason, memory(access, 0xfe8, 32, MemoryFault::NullPage), "operand {bad}");
        pointers[bad] = good + 1;
        assert_eq!(call_reason(ecall::MULMOD256, &pointers), TrapReason::MisalignedOperand { address: good + 1 });
    }
    let straddling = u64::from(TEXT) + 0xff0;
    assert_eq!(
        call_reason(ecall::MULMOD256, &[good, straddling, good, good, good]),
        memory(Access::Load, straddling, 32, MemoryFault::StraddlesRegions)
    );
    let zeros = 0x3000_0000;
    assert_eq!(call_reason(ecall::MULMOD256, &[good, good, good, good, zeros]), TrapReason::ZeroModulus);
    // a = b = rodata's bytes a5.., m = 1 (the input's length): the quotient has 512 bits
    let mut code = code();
    call(&mut code, ecall::MULMOD256, &[good, RODATA.into(), RODATA.into(), good, 0x8000_0000]);
    let result = run(&program(&code), b"1", Options::default());
    assert!(matches!(result, Err(ExecError::Trap(trap)) if trap.reason == TrapReason::QuotientTooLarge));
}

#[test]
fn mulmod_may_alias_everything() {
    // m = a = b = c = destination: (m * m + m) mod m = 0
    let mut code = code();
    call(&mut code, ecall::MULMOD256, &[DATA.into(), DATA.into(), DATA.into(), DATA.into(), DATA.into()]);
    code.halt(0);
    let mut machine = Machine::new(&program(&code), b"", Options::default()).expect("a machine");
    assert_ne!(machine.memory().leaf(DATA / 32), [0; 4]);
    machine.run(&mut (), 10_000).expect("a finished run");
    assert_eq!(machine.memory().leaf(DATA / 32), [0; 4]);
}

#[test]
fn mulmod_limits() {
    let max = [u64::MAX; 4];
    let division = mulmod(max, max, [0; 4], max).expect("a quotient below 2^256");
    assert_eq!((division.quotient, division.remainder), (max, [0; 4]));
    assert_eq!(mulmod(max, max, max, max), Err(TrapReason::QuotientTooLarge));
    assert_eq!(mulmod([0; 4], max, max, [1, 0, 0, 0]).map(|d| d.quotient), Ok(max));
    assert_eq!(mulmod([1, 0, 0, 0], max, [1, 0, 0, 0], [1, 0, 0, 0]), Err(TrapReason::QuotientTooLarge));
    assert_eq!(mulmod(max, max, max, [0; 4]), Err(TrapReason::ZeroModulus));
}

/// `x * y` and `x + y` of little-endian dwords, by the schoolbook method.
fn multiply_add(x: [u64; 4], y: [u64; 4], z: [u64; 4]) -> [u64; 8] {
    let mut sum = [0u64; 8];
    sum[..4].copy_from_slice(&z);
    for (i, &a) in x.iter().enumerate() {
        let mut carry = 0;
        for j in 0..8 - i {
            let b = y.get(j).copied().unwrap_or(0);
            let t = u128::from(a) * u128::from(b) + u128::from(sum[i + j]) + carry;
            sum[i + j] = t as u64;
            carry = t >> 64;
        }
    }
    sum
}

proptest! {
    #[test]
    fn sha256_is_that_of_another_implementation(state: [u64; 4], block: [u64; 8]) {
        prop_assert_eq!(tern_air::machine::sha256::compress(state, block), sha2_compressed(state, block));
    }

    #[test]
    fn mulmod_divides(a: [u64; 4], b: [u64; 4], c: [u64; 4], m: [u64; 4]) {
        match mulmod(a, b, c, m) {
            Ok(division) => {
                prop_assert_eq!(multiply_add(a, b, c), multiply_add(division.quotient, m, division.remainder));
                prop_assert!(division.remainder.iter().rev().lt(m.iter().rev()));
            }
            Err(TrapReason::QuotientTooLarge) => {
                let numerator = multiply_add(a, b, c);
                prop_assert!(numerator[4..].iter().rev().ge(m.iter().rev()));
            }
            Err(other) => prop_assert!(m == [0; 4], "{other}"),
        }
    }
}
