use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus::{self, EXECUTION, MEMORY, PROGRAM, REGISTER_KEY};
use crate::check::check;
use crate::events::EcallEvent;
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_honest, with_tag};

const AIR: MachineAir = MachineAir::Ecall(EcallChip);
const PC: u32 = 0x1_0004;
const TIME: u32 = 808;

fn call(number: u32, args: [u64; 5]) -> EcallEvent {
    let [a0, a1, a2, a3, a4] = args;
    EcallEvent { pc: PC, time: TIME, regs: [number.into(), a0, a1, a2, a3, a4], t_regs: [7, 0, 800, 807, 99, 1], is_fence: false }
}

fn fence() -> EcallEvent {
    EcallEvent { pc: PC, time: TIME, regs: [0; 6], t_regs: [0; 6], is_fence: true }
}

/// A compression of SHA-256, whose other arguments mean nothing.
fn compression() -> EcallEvent {
    call(SHA256_COMPRESS, [0x1_2348, 0xffff_fff8, WIDE, u64::MAX, 1])
}

/// A round of BLAKE2b.
fn blake2f_round() -> EcallEvent {
    call(BLAKE2F_ROUND, [0x1_2348, 0xffff_fff8, 9, WIDE, u64::MAX])
}

const WIDE: u64 = 0x4444_3333_2222_1111;
const POINTERS: [u64; 5] = [0xffff_fff8, 0x8000_0020, 0x1000, 0x7fff_fff0, 0x1_2340];

fn directed() -> Vec<EcallEvent> {
    let no_ops = NO_OPS.map(|number| call(number, [WIDE, u64::MAX, 0, WIDE, 1]));
    let halts = [call(HALT, [0xffff_fffe, WIDE, u64::MAX, 0, !WIDE]), call(HALT, [0; 5])];
    let accelerators = [
        call(KECCAK_F1600, [0x1_2348, WIDE, WIDE, u64::MAX, 0]),
        call(MULMOD256, POINTERS),
        call(MULMOD384, POINTERS),
        compression(),
        blake2f_round(),
    ];
    no_ops.chain(halts).chain(accelerators).chain([fence()]).collect()
}

fn table(event: EcallEvent) -> RowMajorMatrix<F> {
    fill(&[event], 2, &mut Default::default())
}

/// Whether a row that claims `event`, with its columns changed by `prank`, is rejected by the given label.
fn rejects(event: EcallEvent, prank: impl FnOnce(&mut EcallCols<F>), label: &str) -> bool {
    let mut trace = table(event);
    let width = trace.width;
    prank(EcallCols::of_mut(&mut trace.values[..width]));
    check(&AIR, &trace, &[]).failures.contains_key(label)
}

#[test]
fn directed_rows_satisfy() {
    assert_honest(&AIR, |height, lookups| fill(&directed(), height, lookups), 16);
}

#[test]
fn the_gate_holds() {
    let events = directed();
    let trace = fill(&events, 16, &mut Default::default());
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], 0..=events.len())], &attacks!(), &[]);
}

#[test]
fn fence_only_moves_the_token() {
    let balance = check(&AIR, &table(fence()), &[]).balance;
    assert_eq!(with_tag(&balance, EXECUTION), [(vec![PC, TIME], -1), (vec![PC + 4, TIME + 8], 1)]);
    assert_eq!(with_tag(&balance, PROGRAM), [(vec![PC, Opcode::Fence as u32, 0, 0, 0, 0, 0, 0], 1)]);
    assert_eq!(balance.len(), 3);
}

#[test]
fn halt_takes_the_token() {
    let balance = check(&AIR, &table(call(HALT, [0x0005_0007, WIDE, u64::MAX, 0, 1])), &[]).balance;
    assert_eq!(with_tag(&balance, EXECUTION), [(vec![PC, TIME], -1)]);
    assert_eq!(with_tag(&balance, PROGRAM), [(vec![PC, Opcode::Ecall as u32, 0, 0, 0, 0, 0, 0], 1)]);
    let ones = 0xffff;
    let digest = [0x1111, 0x2222, 0x3333, 0x4444, ones, ones, ones, ones, 0, 0, 0, 0, 1, 0, 0, 0];
    let expected: Vec<u32> = [7, 5].into_iter().chain(digest).collect();
    assert_eq!(with_tag(&balance, bus::HALT), [(expected, 1)]);
    assert!([bus::KECCAK, bus::MULMOD, bus::MULMOD384].iter().all(|&tag| with_tag(&balance, tag).is_empty()));
}

#[test]
fn accelerators_get_their_pointers() {
    let balance = check(&AIR, &table(call(KECCAK_F1600, [0x1_2348, WIDE, 0, 0, 0])), &[]).balance;
    assert_eq!(with_tag(&balance, bus::KECCAK), [(vec![TIME, 0x2348, 1], 1)]);
    assert!([bus::MULMOD, bus::MULMOD384, bus::HALT].iter().all(|&tag| with_tag(&balance, tag).is_empty()));
    for (number, tag, other) in [(MULMOD256, bus::MULMOD, bus::MULMOD384), (MULMOD384, bus::MULMOD384, bus::MULMOD)] {
        let balance = check(&AIR, &table(call(number, POINTERS)), &[]).balance;
        let limbs = vec![TIME, 0xfff8, 0xffff, 0x20, 0x8000, 0x1000, 0, 0xfff0, 0x7fff, 0x2340, 1];
        assert_eq!(with_tag(&balance, tag), [(limbs, 1)]);
        assert!(with_tag(&balance, other).is_empty());
        assert_eq!(with_tag(&balance, EXECUTION), [(vec![PC, TIME], -1), (vec![PC + 4, TIME + 8], 1)]);
    }
    let balance = check(&AIR, &table(compression()), &[]).balance;
    assert_eq!(with_tag(&balance, bus::SHA256), [(vec![TIME, 0x2348, 1, 0xfff8, 0xffff], 1)]);
    assert!(with_tag(&balance, bus::MULMOD).is_empty() && with_tag(&balance, bus::KECCAK).is_empty());
    let balance = check(&AIR, &table(blake2f_round()), &[]).balance;
    assert_eq!(with_tag(&balance, bus::BLAKE2F), [(vec![TIME, 0x2348, 1, 0xfff8, 0xffff, 9], 1)]);
    assert!(with_tag(&balance, bus::SHA256).is_empty());
}

#[test]
fn calls_read_six_registers_and_leave_them() {
    let event = call(2, [WIDE, 0, 0, 0, 0]);
    let balance = check(&AIR, &table(event), &[]).balance;
    let cells = with_tag(&balance, MEMORY);
    assert_eq!(cells.len(), 12);
    for (i, register) in REGISTERS.into_iter().enumerate() {
        let limb = |j: usize| (event.regs[i] >> (16 * j)) as u16 as u32;
        let cell = |time: u32| vec![REGISTER_KEY + register, limb(0), limb(1), limb(2), limb(3), time];
        assert!(cells.contains(&(cell(event.t_regs[i]), -1)), "x{register} received");
        assert!(cells.contains(&(cell(TIME), 1)), "x{register} left");
    }
}

#[test]
fn numbers_belong_to_their_calls() {
    for (event, label) in [
        (call(HALT, [0; 5]), "ecall::halt_number"),
        (call(1, [0; 5]), "ecall::no_op_number"),
        (call(KECCAK_F1600, [8, 0, 0, 0, 0]), "ecall::keccak_number"),
        (call(MULMOD256, POINTERS), "ecall::mulmod_number"),
        (call(MULMOD384, POINTERS), "ecall::mulmod384_number"),
        (compression(), "ecall::sha256_number"),
        (blake2f_round(), "ecall::blake2f_number"),
    ] {
        let own = event.regs[0];
        for number in [0, 1, 4, 5, 0xff, 0x100, 0x101, 0x102, 0x103, 0x104, 0x105, 0xffff] {
            let same = number == own || (label == "ecall::no_op_number" && NO_OPS.contains(&(number as u32)));
            assert_eq!(rejects(event, |row| row.number = F::from_u64(number), label), !same, "{label}: {number}");
        }
    }
}

#[test]
fn a_row_is_one_call() {
    let exclusive = "ecall::selectors_exclusive";
    // a fence that goes on, and takes the token for a halt beside it
    assert!(rejects(fence(), |row| row.is_halt = F::ONE, exclusive));
    assert!(rejects(call(HALT, [0; 5]), |row| row.is_fence = F::ONE, exclusive));
    // two thirds of one call and a third of another: the sum is one, but neither is boolean
    let third = F::from_u8(3).inverse();
    let split = |row: &mut EcallCols<F>| (row.is_halt, row.is_no_op) = (third, F::ONE - third);
    assert!(rejects(call(HALT, [0; 5]), split, "ecall::selector_boolean"));
}

#[test]
fn wide_arguments_have_no_row() {
    for limb in 2..4 {
        for event in [
            call(HALT, [0; 5]),
            call(KECCAK_F1600, [8, 0, 0, 0, 0]),
            call(MULMOD256, POINTERS),
            call(MULMOD384, POINTERS),
            compression(),
            blake2f_round(),
        ] {
            assert!(rejects(event, |row| row.args[0][limb] = F::ONE, "ecall::a0_is_word"));
        }
        for event in [call(MULMOD256, POINTERS), call(MULMOD384, POINTERS), compression(), blake2f_round()] {
            assert!(rejects(event, |row| row.args[1][limb] = F::ONE, "ecall::a1_is_word"));
        }
        for arg in 2..5 {
            for number in [MULMOD256, MULMOD384] {
                assert!(rejects(call(number, POINTERS), |row| row.args[arg][limb] = F::ONE, "ecall::pointer_is_word"));
            }
        }
    }
}

#[test]
fn schedules_are_one_limb() {
    for limb in 1..4 {
        assert!(rejects(blake2f_round(), |row| row.args[2][limb] = F::ONE, "ecall::schedule_is_limb"));
    }
}

#[test]
fn a_pointer_other_than_the_register_is_another_message() {
    // the accelerator's message and the register read share their columns: changing the pointer
    // changes both
    let mut trace = table(call(KECCAK_F1600, [0x1_2348, 0, 0, 0, 0]));
    let honest = check(&AIR, &trace, &[]).balance;
    let width = trace.width;
    EcallCols::of_mut(&mut trace.values[..width]).args[0][0] = F::from_u16(0x2350);
    let pranked = check(&AIR, &trace, &[]).balance;
    assert_ne!(with_tag(&honest, bus::KECCAK), with_tag(&pranked, bus::KECCAK));
    assert_ne!(with_tag(&honest, MEMORY), with_tag(&pranked, MEMORY));
}

proptest! {
    #[test]
    fn random_rows_satisfy(kind in 0..10usize, args: [u64; 5], words: [u32; 5]) {
        let words = words.map(u64::from);
        let event = match kind {
            0 => call(HALT, [words[0], args[1], args[2], args[3], args[4]]),
            5 => call(KECCAK_F1600, [words[0], args[1], args[2], args[3], args[4]]),
            6 => call(MULMOD256, words),
            7 => call(MULMOD384, words),
            8 => call(SHA256_COMPRESS, [words[0], words[1], args[2], args[3], args[4]]),
            9 => call(BLAKE2F_ROUND, [words[0], words[1], words[2] % 10, args[3], args[4]]),
            number => call(number as u32, args),
        };
        assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 2);
    }
}
