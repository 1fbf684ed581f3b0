use core::mem::{offset_of, size_of};
use core::ops::Range;

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus::{self, BITS, MEMORY};
use crate::check::{Balance, check};
use crate::chip::TernAir;
use crate::events::{KeccakEvent, TICK_MEMORY};
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_honest, with_tag};

const AIR: TernAir = TernAir::Keccak(KeccakChip);
const LABEL: &str = "keccak::permutation";
const LAST: usize = ROWS - 1;
const PERMUTATION: (&str, &str) =
    ("keccak::permutation[*]", "p3-keccak-air's own constraints, unchanged; `groups` changes every column of it");

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

fn table(events: &[KeccakEvent], height: usize) -> RowMajorMatrix<F> {
    fill(events, height, &mut Default::default())
}

fn cols(trace: &mut RowMajorMatrix<F>, row: usize) -> &mut KeccakCols<F> {
    let width = trace.width;
    KeccakCols::of_mut(&mut trace.values[row * width..(row + 1) * width])
}

/// Asserts that the memory messages move every event's dwords from its state to the software permutation of it.
fn assert_permutes(balance: &Balance, events: &[KeccakEvent]) {
    let cells = with_tag(balance, MEMORY);
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
        assert!(with_tag(balance, bus::KECCAK).contains(&(message, -1)));
    }
    assert_eq!(with_tag(balance, bus::KECCAK).len(), events.len());
}

#[test]
fn directed_calls_permute() {
    // 120 rows of calls, and 8 of a permutation cut short; then whole permutations as padding too
    for height in [128, 256] {
        let balance = assert_honest(&AIR, |height, lookups| fill(&directed(), height, lookups), height);
        assert_permutes(&balance, &directed());
    }
}

#[test]
fn a_table_without_calls_is_silent() {
    for height in [1, 2, 16, 64] {
        assert!(assert_honest(&AIR, |height, lookups| fill(&[], height, lookups), height).is_empty());
    }
}

#[test]
fn many_calls_fill_as_one() {
    // more than one task's share
    let events: Vec<_> = (0..12).map(|i| call(8 + 8 * i, 0x1000 + 200 * i, [u64::from(i); 25])).collect();
    let trace = table(&events, 512);
    for (i, event) in events.iter().enumerate() {
        let single = table(core::slice::from_ref(event), ROWS);
        let rows = i * single.values.len()..(i + 1) * single.values.len();
        assert!(trace.values[rows] == single.values[..], "call {i}");
    }
}

#[test]
fn the_gate_holds() {
    let trace = table(&directed()[4..], 32);
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], [LAST])], &attacks!(), &[PERMUTATION]);
}

/// Plonky3's column groups.
fn groups() -> Vec<(&'static str, Range<usize>)> {
    type Indices = p3_keccak_air::KeccakCols<u8>;
    let starts = [
        ("step_flags", offset_of!(Indices, step_flags)),
        ("export", offset_of!(Indices, export)),
        ("preimage", offset_of!(Indices, preimage)),
        ("a", offset_of!(Indices, a)),
        ("c", offset_of!(Indices, c)),
        ("c_prime", offset_of!(Indices, c_prime)),
        ("a_prime", offset_of!(Indices, a_prime)),
        ("a_prime_prime", offset_of!(Indices, a_prime_prime)),
        ("a_prime_prime_0_0_bits", offset_of!(Indices, a_prime_prime_0_0_bits)),
        ("a_prime_prime_prime_0_0_limbs", offset_of!(Indices, a_prime_prime_prime_0_0_limbs)),
    ];
    let ends = starts[1..].iter().map(|&(_, start)| start).chain([size_of::<Indices>()]);
    starts.iter().zip(ends).map(|(&(name, start), end)| (name, start..end)).collect()
}

/// The first row of `trace` on which the permutation fails once a cell is changed.
fn failing_row(trace: &RowMajorMatrix<F>, row: usize, column: usize) -> Option<usize> {
    let mut trace = trace.clone();
    trace.values[row * trace.width + column] += F::ONE;
    check(&AIR, &trace, &[]).failures.get(LABEL).copied()
}

#[test]
fn every_column_group_is_pinned() {
    let trace = table(&directed()[4..], 32);
    let two = RowMajorMatrix::new(trace.values[..2 * trace.width].to_vec(), trace.width);
    for (name, columns) in groups() {
        for column in columns {
            assert!(failing_row(&two, 0, column).is_some(), "{name}: column {column}, row 0");
        }
    }
    for (name, columns) in groups() {
        let step = columns.len().div_ceil(16);
        for column in columns.step_by(step) {
            for row in [1, 12, LAST] {
                assert!(failing_row(&trace, row, column).is_some(), "{name}: column {column}, row {row}");
            }
        }
    }
}

#[test]
fn next_row_columns_are_those_read() {
    let trace = table(&directed()[4..], 32);
    let two = RowMajorMatrix::new(trace.values[..2 * trace.width].to_vec(), trace.width);
    let read: Vec<usize> = (0..trace.width).filter(|&column| failing_row(&two, 1, column) == Some(0)).collect();
    assert_eq!(read, KeccakChip.next_row_columns());
}

#[test]
fn another_output_is_rejected() {
    // every dword in turn, as a change of the limb that is sent; dword 0 has its own columns
    for i in 0..25 {
        let mut trace = table(&directed()[4..], 32);
        let row = &mut cols(&mut trace, LAST).permutation;
        if i == 0 {
            row.a_prime_prime_prime_0_0_limbs[2] += F::ONE
        } else {
            row.a_prime_prime[i / 5][i % 5][2] += F::ONE
        }
        let report = check(&AIR, &trace, &[]);
        assert!(report.failures.contains_key(LABEL), "dword {i}");
        assert_ne!(report.balance, check(&AIR, &table(&directed()[4..], 32), &[]).balance);
    }
}

#[test]
fn another_input_is_rejected() {
    // the preimage changed on the last row alone, on all rows but the first, and on all
    for from in [LAST, 1, 0] {
        let mut trace = table(&directed()[4..], 32);
        for row in from..ROWS {
            cols(&mut trace, row).permutation.preimage[2][3][1] += F::ONE;
        }
        assert!(check(&AIR, &trace, &[]).failures.contains_key(LABEL), "from row {from}");
    }
}

#[test]
fn only_last_rows_speak() {
    let mut trace = table(&directed()[4..], 32);
    for row in (0..32).filter(|&row| row != LAST) {
        cols(&mut trace, row).permutation.export = F::ONE;
        let failures = check(&AIR, &trace, &[]).failures;
        assert_eq!(failures.get(LABEL), Some(&row));
        cols(&mut trace, row).permutation.export = F::ZERO;
    }
    // half a call is none
    cols(&mut trace, LAST).permutation.export = F::TWO.inverse();
    let report = check(&AIR, &trace, &[]);
    assert!(report.failures.contains_key(LABEL) && !report.overcounted.is_empty());
}

#[test]
fn a_table_cannot_begin_inside_a_permutation() {
    // rows 1 to 23 are a consistent tail of a permutation of some other preimage
    let trace = table(&directed()[4..], 32);
    let tail = RowMajorMatrix::new(trace.values[trace.width..].to_vec(), trace.width);
    assert_eq!(check(&AIR, &tail, &[]).failures.get(LABEL), Some(&0));
}

#[test]
fn a_misaligned_pointer_needs_a_lookup_that_no_table_provides() {
    for pointer in [0x2344, 0x2349, 0x234f, 0x2341] {
        let mut trace = table(&directed()[4..], 32);
        let dword = F::from_u32(pointer) * F::from_u8(8).inverse();
        cols(&mut trace, LAST).dword = dword;
        let balance = check(&AIR, &trace, &[]).balance;
        assert_eq!(with_tag(&balance, bus::KECCAK), [(vec![824, pointer, 1], -1)]);
        assert!(with_tag(&balance, BITS).iter().any(|(lookup, _)| lookup[0] == 13 && lookup[1] >= 1 << 13));
    }
}

#[test]
fn a_later_access_time_needs_a_lookup_that_no_table_provides() {
    let mut trace = table(&directed()[4..], 32);
    cols(&mut trace, LAST).t_mem[7] = F::from_u32(824 + TICK_MEMORY);
    let balance = check(&AIR, &trace, &[]).balance;
    assert!(with_tag(&balance, BITS).iter().any(|(lookup, _)| lookup[0] == 16 && lookup[1] >= 1 << 16));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn random_calls_permute(state in any::<[u64; 25]>(), other in any::<[u64; 25]>(), dword in 512u32..(1 << 28)) {
        let events = [call(8, 8 * dword, state), call(16, 8 * dword, other)];
        let balance = assert_honest(&AIR, |height, lookups| fill(&events, height, lookups), 64);
        assert_permutes(&balance, &events);
    }
}
