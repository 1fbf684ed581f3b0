use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use ruint::Uint;
use tern_air::isa::Opcode;

use super::{DATA, RODATA, TEXT, code, program, run_code, trap};
use crate::exec::accelerators::mulmod;
use crate::exec::{Access, ExecError, Machine, MemoryFault, Options, TrapReason, ecall, run};
use crate::testing::Asm;

/// The modular multiplications, and the bytes of their numbers.
const MULMODS: [(u64, u64); 2] = [(ecall::MULMOD256, 32), (ecall::MULMOD384, 48)];

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
    for number in [5, 0xff, 0x105, u64::MAX, 1 << 32] {
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
    for (number, bytes) in MULMODS {
        for bad in 0..5 {
            let mut pointers = [good; 5];
            // the last dword alone is outside of the null page
            pointers[bad] = 0x1008 - bytes;
            let access = if bad == 0 { Access::Store } else { Access::Load };
            let reason = call_reason(number, &pointers);
            assert_eq!(reason, memory(access, 0x1008 - bytes, bytes, MemoryFault::NullPage), "operand {bad}");
            pointers[bad] = good + 1;
            assert_eq!(call_reason(number, &pointers), TrapReason::MisalignedOperand { address: good + 1 });
        }
        let straddling = u64::from(TEXT) + 0x1008 - bytes;
        let reason = call_reason(number, &[good, straddling, good, good, good]);
        assert_eq!(reason, memory(Access::Load, straddling, bytes, MemoryFault::StraddlesRegions));
        let reason = call_reason(number, &[good, good, 0x1_0000_0008 - bytes, good, good]);
        assert_eq!(reason, memory(Access::Load, 0x1_0000_0008 - bytes, bytes, MemoryFault::BeyondMemory));
        let (zeros, bits) = (0x3000_0000, 8 * bytes as usize);
        assert_eq!(call_reason(number, &[good, good, good, good, zeros]), TrapReason::ZeroModulus { bits });
        // a = b = rodata's bytes a5.., m = 1 (the input's length), with 384 bits a little more (the
        // input is the fifth dword)
        let mut code = code();
        call(&mut code, number, &[good, RODATA.into(), RODATA.into(), good, 0x8000_0000]);
        let result = run(&program(&code), b"1", Options::default());
        assert!(matches!(result, Err(ExecError::Trap(trap)) if trap.reason == TrapReason::QuotientTooLarge { bits }));
    }
}

#[test]
fn mulmod_may_alias_everything() {
    for (number, bytes) in MULMODS {
        // m = a = b = c = destination: (m * m + m) mod m = 0
        let mut code = code();
        call(&mut code, number, &[DATA.into(), DATA.into(), DATA.into(), DATA.into(), DATA.into()]);
        code.halt(0);
        let mut machine = Machine::new(&program(&code), b"", Options::default()).expect("a machine");
        let dwords = |machine: &Machine| (0..8).map(|i| machine.memory().dword(DATA / 8 + i)).collect::<Vec<_>>();
        let before = dwords(&machine);
        assert!(before.iter().all(|&dword| dword != 0));
        machine.run(&mut (), 10_000).expect("a finished run");
        let (operand, behind) = before.split_at(bytes as usize / 8);
        assert_eq!(dwords(&machine), [&vec![0; operand.len()], behind].concat());
    }
}

#[test]
fn mulmods_are_counted_by_size() {
    let mut code = code();
    for (number, times) in [(ecall::MULMOD256, 1), (ecall::MULMOD384, 2)] {
        for _ in 0..times {
            call(&mut code, number, &[u64::from(DATA) + 512, DATA.into(), DATA.into(), DATA.into(), RODATA.into()]);
        }
    }
    code.halt(0);
    let counters = run_code(&code).expect("a finished run").counters;
    assert_eq!((counters.mulmod_calls, counters.mulmod384_calls), (1, 2));
}

fn limits<const D: usize>() {
    let (max, zero, bits) = ([u64::MAX; D], [0; D], 64 * D);
    let one = std::array::from_fn(|i| u64::from(i == 0));
    let division = mulmod([max, max, zero, max]).expect("a quotient of the size");
    assert_eq!((division.quotient, division.remainder), (max, zero));
    assert_eq!(mulmod([max, max, max, max]), Err(TrapReason::QuotientTooLarge { bits }));
    assert_eq!(mulmod([zero, max, max, one]).map(|d| d.quotient), Ok(max));
    assert_eq!(mulmod([one, max, one, one]), Err(TrapReason::QuotientTooLarge { bits }));
    assert_eq!(mulmod([max, max, max, zero]), Err(TrapReason::ZeroModulus { bits }));
    // the largest remainder, of the largest modulus and of the largest product
    let less_one = std::array::from_fn(|i| u64::MAX - u64::from(i == 0));
    assert_eq!(mulmod([max, max, less_one, max]).map(|d| (d.quotient, d.remainder)), Ok((max, less_one)));
    // a modulus with one bit in its highest dword
    let top = std::array::from_fn(|i| u64::from(i == D - 1));
    let below_top = std::array::from_fn(|i| if i == D - 1 { 0 } else { u64::MAX });
    assert_eq!(mulmod([max, below_top, max, top]).map(|d| (d.quotient, d.remainder)), Ok((max, zero)));
}

#[test]
fn mulmod_limits() {
    limits::<4>();
    limits::<6>();
}

/// `x * y + z` of little-endian dwords, by the schoolbook method.
fn multiply_add<const D: usize>(x: [u64; D], y: [u64; D], z: [u64; D]) -> Vec<u64> {
    let mut sum = [z, [0; D]].concat();
    for (i, &a) in x.iter().enumerate() {
        let mut carry = 0;
        for j in 0..2 * D - i {
            let b = y.get(j).copied().unwrap_or(0);
            let t = u128::from(a) * u128::from(b) + u128::from(sum[i + j]) + carry;
            sum[i + j] = t as u64;
            carry = t >> 64;
        }
    }
    sum
}

fn assert_divides<const D: usize>(operands: [[u64; D]; 4]) {
    let [a, b, c, m] = operands;
    match mulmod(operands) {
        Ok(division) => {
            assert_eq!(multiply_add(a, b, c), multiply_add(division.quotient, m, division.remainder));
            assert!(division.remainder.iter().rev().lt(m.iter().rev()));
        }
        Err(TrapReason::QuotientTooLarge { .. }) => {
            assert!(multiply_add(a, b, c)[D..].iter().rev().ge(m.iter().rev()));
        }
        Err(other) => assert!(m == [0; D], "{other}"),
    }
}

/// Quotient and remainder by numbers of twice the length.
fn wide_division<const BITS: usize, const D: usize, const WIDE_BITS: usize, const WIDE: usize>(
    [a, b, c, m]: [[u64; D]; 4],
) -> Option<[Uint<WIDE_BITS, WIDE>; 2]> {
    let [a, b] = [a, b].map(Uint::<BITS, D>::from_limbs);
    let [c, m] = [c, m].map(|x| Uint::<WIDE_BITS, WIDE>::from_limbs_slice(&x));
    let numerator = a.widening_mul::<BITS, D, WIDE_BITS, WIDE>(b).checked_add(c)?;
    let [quotient, remainder] = [numerator.checked_div(m)?, numerator.checked_rem(m)?];
    (quotient.bit_len() <= BITS).then_some([quotient, remainder])
}

/// Shorter numbers with the same lowest dwords.
fn cut<const D: usize>(numbers: [[u64; 6]; 4], lengths: [usize; 4]) -> [[u64; D]; 4] {
    let mut lengths = lengths.into_iter();
    numbers.map(|x| {
        let length = lengths.next().unwrap_or(0);
        std::array::from_fn(|i| if i < length { x[i] } else { 0 })
    })
}

proptest! {
    #[test]
    fn mulmod_divides(numbers: [[u64; 6]; 4], lengths in [0..=6usize, 0..=6usize, 0..=6usize, 0..=6usize]) {
        assert_divides::<4>(cut(numbers, lengths));
        assert_divides::<6>(cut(numbers, lengths));
    }

    #[test]
    fn mulmod_agrees_with_numbers_of_twice_the_length(numbers: [[u64; 6]; 4], lengths in [0..=6usize, 0..=6usize, 0..=6usize, 0..=6usize]) {
        let short = cut::<4>(numbers, lengths);
        let ours = mulmod(short).ok().map(|d| [d.quotient, d.remainder].map(|x| Uint::from_limbs_slice(&x)));
        prop_assert_eq!(ours, wide_division::<256, 4, 512, 8>(short));
        let long = cut::<6>(numbers, lengths);
        let ours = mulmod(long).ok().map(|d| [d.quotient, d.remainder].map(|x| Uint::from_limbs_slice(&x)));
        prop_assert_eq!(ours, wide_division::<384, 6, 768, 12>(long));
    }
}
