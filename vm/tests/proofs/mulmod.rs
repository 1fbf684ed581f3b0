//! The modular multiplications at the limits of their operands: what a proved program writes is
//! what another library computes.

use ruint::Uint;
use tern_verifier::segments::{Expected, verify};
use tern_vm::exec::{SegmentLimits, ecall};
use tern_vm::testing::workload::{call, halt_with};
use tern_vm::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X};

use crate::support::{provable, prove_cut};

const TEXT: u32 = 0x1_0000;
const RODATA: u32 = 0x1_8000;
const DATA: u32 = 0x2000_0000;

/// The field of BLS12-381 (EIP-2537).
const BLS12_381: &str = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

/// The operands a, b, c and m of some calls. Where numbers are shorter than BLS12-381's field, the
/// upper part of its modulus is as good as any.
fn calls<const BITS: usize, const D: usize>() -> Vec<[Uint<BITS, D>; 4]> {
    let (zero, one, max) = (Uint::ZERO, Uint::ONE, Uint::MAX);
    let small = Uint::from;
    let top = one << (BITS - 64);
    let p = Uint::from_str_radix(&BLS12_381[..BITS / 4], 16).expect("a number");
    vec![
        [zero, zero, zero, one],
        [max, one, zero, one],
        [max, max, zero, max],
        // the largest remainder, of the largest quotient
        [max, max, max - one, max],
        [zero, zero, max - one, max],
        // moduli that reach just into the highest dword
        [max, top - one, max, top],
        [max, top - one, max, top + (top - one)],
        [p - one, p - one, p - one, p],
        [p - small(2_u8), p - one, zero, p],
        [small(7_u8), small(8_u8), small(9_u8), small(10_u8)],
    ]
}

fn remainder<const BITS: usize, const D: usize, const WIDE_BITS: usize, const WIDE: usize>([a, b, c, m]: [Uint<BITS, D>; 4]) -> Vec<u8> {
    let [a, b, c, m] = [a, b, c, m].map(|x| Uint::<WIDE_BITS, WIDE>::from(x));
    ((a * b + c) % m).as_le_slice()[..BITS / 8].to_vec()
}

/// Proves that a program computes all calls, and once more the last with one number for all
/// operands and the destination.
fn assert_proved<const BITS: usize, const D: usize, const WIDE_BITS: usize, const WIDE: usize>(number: u64) {
    let calls = calls::<BITS, D>();
    let bytes = (BITS / 8) as u32;
    let mut code = Asm::new(TEXT);
    for i in 0..calls.len() as u32 {
        let operands = [0, 1, 2, 3].map(|j| RODATA + (4 * i + j) * bytes);
        let pointers = [DATA + i * bytes].into_iter().chain(operands).map(u64::from);
        call(&mut code, number, &pointers.collect::<Vec<_>>());
    }
    let alias = u64::from(DATA + calls.len() as u32 * bytes);
    call(&mut code, number, &[alias; 5]);
    let mut output: Vec<u8> = calls.iter().flat_map(|&operands| remainder::<BITS, D, WIDE_BITS, WIDE>(operands)).collect();
    output.extend(vec![0; bytes as usize]);
    call(&mut code, ecall::WRITE_OUTPUT, &[DATA.into(), output.len() as u64]);
    halt_with(&mut code, 0, &output);

    let rodata = calls.iter().flatten().flat_map(|operand| operand.as_le_slice().to_vec()).collect();
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let data = ElfSegment::new(DATA.into(), PF_R | PF_W, vec![0x5a; 4096]);
    let file = ElfFile::new(TEXT.into(), vec![text, ElfSegment::new(RODATA.into(), PF_R, rodata), data]);
    let program = provable(&file.bytes());
    let (segments, proof) = prove_cut(&program, &[], &SegmentLimits::cycles(SegmentLimits::MAX_CYCLES));
    assert_eq!(segments.len(), 1);
    let proved = verify(&proof, &program.key, &Expected { exit_code: 0 }).unwrap_or_else(|rejection| panic!("{BITS} bits: {rejection}"));
    assert_eq!(proved.bytes, output);
}

#[test]
fn calls_at_their_limits_are_proved() {
    assert_proved::<256, 4, 512, 8>(ecall::MULMOD256);
    assert_proved::<384, 6, 768, 12>(ecall::MULMOD384);
}
