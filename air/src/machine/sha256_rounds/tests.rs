use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::*;
use crate::bus;
use crate::check::{Balance, check, total};
use crate::events::Sha256Event;
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::machine::sha256::tests::{call, directed};
use crate::machine::sha256::{self, ROUND_CONSTANTS};
use crate::testing::assert_honest;
use crate::testing::gate::{Table, assert_gate, attacks};

const AIR: MachineAir = MachineAir::Sha256Rounds(Sha256RoundsChip);
const WIDTH: usize = <Sha256RoundsCols<F> as Columns<F>>::WIDTH;

/// What the rows of the rounds and those of the calls leave on the bus between them.
fn left(events: &[Sha256Event], rounds: &RowMajorMatrix<F>) -> Balance {
    let report = check(&AIR, rounds, &[]);
    assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{report:?}");
    let calls = check(&MachineAir::Sha256(Default::default()), &sha256::fill(events, events.len(), &mut Default::default()), &[]);
    let mut left = total([report.balance, calls.balance]);
    left.retain(|tuple, _| (bus::SHA256_STATE..=bus::SHA256_SCHEDULE).contains(&tuple[0]));
    left
}

fn rows(events: &[Sha256Event]) -> Vec<Vec<F>> {
    fill(events, events.len() * ROWS).values.chunks_exact(WIDTH).map(<[F]>::to_vec).collect()
}

fn table(rows: &[Vec<F>]) -> RowMajorMatrix<F> {
    RowMajorMatrix::new(rows.concat(), WIDTH)
}

#[test]
fn the_width_is_that_of_two_powers_of_two() {
    assert_eq!(WIDTH, 256 + 128);
}

#[test]
fn directed_calls_satisfy() {
    let events = directed();
    assert_honest(&AIR, |height, _| fill(&events, height), events.len() * ROWS + 3);
    assert!(left(&events, &table(&rows(&events))).is_empty());
}

#[test]
fn the_gate_holds() {
    let events = directed();
    let trace = fill(&events, events.len() * ROWS + 1);
    // Rows of each kind of two calls: the first, those of the block, later ones, the last, padding.
    let rows = [3 * ROWS, 3 * ROWS + 1, 3 * ROWS + 5, 3 * ROWS + 12, 3 * ROWS + 20, 4 * ROWS - 1, 20, 4 * ROWS];
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[]);
}

/// Every round of a call has its own constant: without one row, or with one twice, or in the place
/// of another, messages are left.
#[test]
fn rows_are_all_there_once() {
    let events = directed();
    let honest = rows(&events);
    for row in 0..ROWS {
        let mut fewer = honest.clone();
        fewer.remove(row);
        assert!(!left(&events, &table(&fewer)).is_empty(), "without row {row}");
        let mut more = honest.clone();
        more.push(honest[row].clone());
        assert!(!left(&events, &table(&more)).is_empty(), "row {row} twice");
        // The same row of another call, under this call's time and its own.
        let mut mixed = honest.clone();
        let other = honest[ROWS + row].clone();
        mixed[row] = other.clone();
        assert!(!left(&events, &table(&mixed)).is_empty(), "row {row} of another call");
        mixed[row] = other;
        mixed[row][0] = honest[row][0];
        assert!(!left(&events, &table(&mixed)).is_empty(), "row {row} with another call's values");
    }
    // A whole call that nobody asked for, and a chain that goes in circles from its end to its beginning.
    let more = [&honest[..], &rows(&[call(99, [1; 4], [2; 8])])].concat();
    assert!(!left(&events, &table(&more)).is_empty());
    let rounds: Vec<_> = honest.iter().enumerate().filter(|(i, _)| i % ROWS > 0).map(|(_, row)| row.clone()).collect();
    assert!(!left(&events, &table(&rounds)).is_empty());
}

/// The order of rows in the table means nothing.
#[test]
fn rows_stand_in_any_order() {
    let events = directed();
    let mut reversed = rows(&events);
    reversed.reverse();
    assert!(left(&events, &table(&reversed)).is_empty());
}

/// A row that claims another number than its own has other constants: its sums fail, but for those
/// of a round with the same.
#[test]
fn rounds_have_their_constants() {
    let honest = rows(&directed()[..1]);
    for (i, j) in (0..32).flat_map(|i| (0..32).map(move |j| (i, j))).filter(|(i, j)| i != j) {
        let mut row = honest[1 + i].clone();
        let cols = Sha256RoundsCols::of_mut(&mut row);
        cols.groups = core::array::from_fn(|group| F::from_bool(group == j / 8));
        cols.steps = core::array::from_fn(|step| F::from_bool(step == j % 8));
        assert_ne!(ROUND_CONSTANTS[2 * i], ROUND_CONSTANTS[2 * j]);
        let report = check(&AIR, &table(&[row]), &[]);
        assert!(report.failures.contains_key("sha256_rounds::e_sum"), "{i} as {j}");
    }
}

/// A changed bit of any word breaks the row, or changes a message.
#[test]
fn every_bit_is_pinned() {
    let events = &directed()[3..];
    let honest = rows(events);
    let mut complaints = BTreeMap::<&str, usize>::new();
    for row in 0..ROWS {
        for column in 14..14 + 320 {
            let mut changed = honest.clone();
            changed[row][column] = F::ONE - changed[row][column];
            let report = check(&AIR, &table(&changed[row..=row]), &[]);
            let before = check(&AIR, &table(&honest[row..=row]), &[]);
            assert!(!report.failures.is_empty() || report.balance != before.balance, "row {row}, column {column}");
            report.failures.keys().for_each(|&label| *complaints.entry(label).or_default() += 1);
        }
    }
    let found: Vec<&str> = complaints.into_keys().collect();
    let expected = ["a_sum", "block_bytes", "e_sum", "next_a_terms", "next_base", "next_e_terms", "next_sigma0", "next_sigma1", "word_sum"];
    assert_eq!(found, expected.map(|claim| alloc::format!("sha256_rounds::{claim}")));
}
