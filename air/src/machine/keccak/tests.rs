use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus::{self, BITS, MEMORY};
use crate::check::{Balance, check};
use crate::events::{KeccakEvent, Region, TICK_MEMORY};
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_beyond_the_end, before_the_end, with_tag};

const AIR: MachineAir = MachineAir::Keccak(KeccakChip);

fn call(time: u32, ptr: u32, state: [u64; 25]) -> KeccakEvent {
    KeccakEvent { time, ptr, state, t_mem: core::array::from_fn(|i| if i == 3 { time + 1 } else { (i as u32).min(time) }) }
}

fn directed() -> Vec<KeccakEvent> {
    let one_bit = |lane: usize, bit: u32| core::array::from_fn(|i| u64::from(i == lane) << bit);
    let mixed = core::array::from_fn(|i| 0x0123_4567_89ab_cdef_u64.rotate_left(7 * i as u32));
    vec![
        call(8, 0x1000, [0; 25]),
        call(16, 0x7fff_ff38, [u64::MAX; 25]),
        call(808, 0xffff_fff8, one_bit(24, 63)),
        call(816, 0x1_fff8, one_bit(1, 0)),
        call(824, 0x1_2348, mixed),
    ]
}

fn table(events: &[KeccakEvent]) -> RowMajorMatrix<F> {
    fill(events, events.len() + 3, &mut Default::default())
}

fn cols(trace: &mut RowMajorMatrix<F>, row: usize) -> &mut KeccakCols<F> {
    let width = trace.width;
    KeccakCols::of_mut(&mut trace.values[row * width..(row + 1) * width])
}

/// Asserts that a table is satisfied, and that its memory messages move every event's dwords from
/// its state to the permutation of it by the `keccak` crate.
fn assert_permutes(trace: &RowMajorMatrix<F>, events: &[KeccakEvent]) -> Balance {
    let report = check(&AIR, trace, &[]);
    assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{report:?}");
    let cells = with_tag(&report.balance, MEMORY);
    assert_eq!(cells.len(), 50 * events.len());
    for event in events {
        let mut after = event.state;
        ::keccak::f1600(&mut after);
        for (i, &result) in after.iter().enumerate() {
            let limb = |value: u64, j: u32| u32::from((value >> (16 * j)) as u16);
            let cell = |v: u64, time| vec![event.ptr / 8 + i as u32, limb(v, 0), limb(v, 1), limb(v, 2), limb(v, 3), time];
            assert!(cells.contains(&(cell(event.state[i], event.t_mem[i]), -1)), "dword {i} received");
            assert!(cells.contains(&(cell(result, event.time + TICK_MEMORY), 1)), "dword {i} left");
        }
        let message = vec![event.time, event.ptr & 0xffff, event.ptr >> 16];
        assert!(with_tag(&report.balance, bus::KECCAK).contains(&(message, -1)));
    }
    assert_eq!(with_tag(&report.balance, bus::KECCAK).len(), events.len());
    report.balance
}

#[test]
fn directed_calls_permute() {
    assert_permutes(&table(&directed()), &directed());
}

#[test]
fn a_table_without_calls_is_silent() {
    assert!(assert_permutes(&table(&[]), &[]).is_empty());
}

#[test]
fn the_gate_holds() {
    assert_gate(&AIR, &[Table::new(&AIR, &table(&directed()[4..]), &[], [0])], &attacks!(), &[]);
}

/// Half a call, or a call that counts otherwise, is none.
#[test]
fn flags_are_zero_or_one() {
    for flag in [F::TWO.inverse(), F::TWO, F::NEG_ONE] {
        let mut trace = table(&directed()[4..]);
        cols(&mut trace, 0).real = flag;
        assert_eq!(check(&AIR, &trace, &[]).failures.get("keccak::real_boolean"), Some(&0));
    }
}

/// Whatever else a row without the flag holds, it says nothing.
#[test]
fn rows_without_the_flag_are_silent() {
    let mut trace = table(&directed());
    for row in 0..directed().len() {
        cols(&mut trace, row).real = F::ZERO;
    }
    let report = check(&AIR, &trace, &[]);
    assert!(report.failures.is_empty() && report.balance.is_empty());
}

#[test]
fn a_misaligned_pointer_needs_a_lookup_that_no_table_provides() {
    for pointer in [0x2344, 0x2349, 0x234f, 0x2341] {
        let mut trace = table(&directed()[4..]);
        cols(&mut trace, 0).dword = F::from_u32(pointer) * F::from_u8(8).inverse();
        let balance = check(&AIR, &trace, &[]).balance;
        assert_eq!(with_tag(&balance, bus::KECCAK), [(vec![824, pointer, 1], -1)]);
        assert!(with_tag(&balance, BITS).iter().any(|(lookup, _)| lookup[0] == 13 && lookup[1] >= 1 << 13));
    }
}

/// What would have the keys of the next region has none in memory.
#[test]
fn operands_beyond_the_end_have_no_cells() {
    for below in 1..=25 {
        let events = [call(808, before_the_end(below), [5; 25])];
        assert_beyond_the_end(&assert_permutes(&table(&events), &events), Region::ReadWrite, 25, below);
    }
}

#[test]
fn a_later_access_time_needs_a_lookup_that_no_table_provides() {
    let mut trace = table(&directed()[4..]);
    cols(&mut trace, 0).t_mem[7] = F::from_u32(824 + TICK_MEMORY);
    let balance = check(&AIR, &trace, &[]).balance;
    assert!(with_tag(&balance, BITS).iter().any(|(lookup, _)| lookup[0] == 16 && lookup[1] >= 1 << 16));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn random_calls_permute(state in any::<[u64; 25]>(), other in any::<[u64; 25]>(), dword in 512u32..(1 << 28)) {
        let events = [call(8, 8 * dword, state), call(16, 8 * dword, other)];
        assert_permutes(&table(&events), &events);
    }
}
