use alloc::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::*;
use crate::check::Balance;
use crate::recursion::testing::{Table, digest, limbs, wire};
use crate::recursion::{CircuitAir, bus};
use crate::testing::gate::attacks;

fn chip(circuit: Circuit) -> CircuitAir {
    CircuitAir::Cap(CapChip { circuit })
}

/// Address of entry 0.
const CAP: u32 = 700;

fn bytes(i: u8) -> [u8; 32] {
    core::array::from_fn(|j| i ^ (7 * j as u8))
}

fn provide(table: &mut Table, row: usize, entry: u32, digest: &[u8; 32], uses: u32) {
    *table.main(row) = CapCols { limbs: limbs(digest), index: F::ZERO, uses: F::from_u32(uses) };
    let fixed = table.fixed::<CapPreCols<F>>(row);
    (fixed.addr_one, fixed.mult_one) = (F::from_u32(10 + entry), F::NEG_ONE);
    (fixed.cap, fixed.provides) = (F::from_u32(CAP + entry), F::ONE);
}

fn read(table: &mut Table, row: usize, index: u32, digest: &[u8; 32]) {
    *table.main(row) = CapCols { limbs: limbs(digest), index: F::from_u32(index), uses: F::ZERO };
    let fixed = table.fixed::<CapPreCols<F>>(row);
    (fixed.addr_two, fixed.mult_two) = (F::from_usize(20 + row), F::from_u32(3));
    (fixed.addr_index, fixed.read_index) = (F::from_usize(30 + row), F::ONE);
    fixed.cap = F::from_u32(CAP);
}

/// Entries 0 and 1 in rows 0 and 1, reads of 1, 1 and 0 in rows 2 to 4, two equal halves in row 5,
/// limbs in row 6.
fn table() -> Table {
    let mut table = Table::new(chip, 8);
    provide(&mut table, 0, 0, &bytes(0), 1);
    provide(&mut table, 1, 1, &bytes(1), 2);
    for (row, index) in [(2, 1), (3, 1), (4, 0)] {
        read(&mut table, row, index, &bytes(index as u8));
    }
    *table.main(5) = CapCols { limbs: limbs(&bytes(9)), index: F::ZERO, uses: F::ZERO };
    let fixed = table.fixed::<CapPreCols<F>>(5);
    (fixed.addr_one, fixed.mult_one) = (F::from_u32(40), F::NEG_ONE);
    (fixed.addr_two, fixed.mult_two) = (F::from_u32(41), F::NEG_ONE);
    *table.main(6) = CapCols { limbs: limbs(&bytes(11)), index: F::ZERO, uses: F::ZERO };
    let fixed = table.fixed::<CapPreCols<F>>(6);
    (fixed.addr_one, fixed.mult_one) = (F::from_u32(42), F::NEG_ONE);
    (fixed.addr_limbs, fixed.mult_limbs) = (F::from_u32(50), F::ONE);
    table
}

/// What the table leaves of entries.
fn entries(table: &Table) -> Balance {
    table.assert_satisfied().balance.into_iter().filter(|(tuple, _)| tuple[0] == bus::CAP).collect()
}

#[test]
fn entries_are_read_at_an_index() {
    let mut expected = BTreeMap::from([
        (digest(bus::HALF, 10, &bytes(0)), -1),
        (digest(bus::HALF, 11, &bytes(1)), -1),
        (digest(bus::HALF, 40, &bytes(9)), -1),
        (digest(bus::HALF, 41, &bytes(9)), -1),
        (digest(bus::HALF, 42, &bytes(11)), -1),
    ]);
    for (i, limb) in (50..).zip(limbs(&bytes(11))) {
        expected.insert(wire(i, limb.into()), 1);
    }
    for (row, index) in [(2, 1), (3, 1), (4, 0)] {
        expected.insert(digest(bus::HALF, 20 + row, &bytes(index as u8)), 3);
        expected.insert(wire(30 + row, EF::from_u32(index)), -1);
    }
    assert_eq!(table().assert_satisfied().balance, expected);
}

#[test]
fn the_gate_holds_and_every_cell_matters() {
    Table::assert_gate(&[(&table(), &[0, 2, 5, 6])], &attacks!(), &[]);
    // A row with everything at once: no circuit has one.
    let mut all = Table::new(chip, 1);
    *all.main(0) = CapCols { limbs: limbs(&bytes(3)), index: F::ONE, uses: F::from_u32(4) };
    *all.fixed(0) = CapPreCols {
        addr_one: F::ONE,
        mult_one: F::NEG_ONE,
        addr_two: F::TWO,
        mult_two: F::TWO,
        addr_index: F::from_u32(5),
        read_index: F::ONE,
        cap: F::from_u32(6),
        provides: F::ONE,
        addr_limbs: F::from_u32(7),
        mult_limbs: F::from_u32(8),
    };
    all.assert_cells_matter(0);
}

#[test]
fn plonky3_accepts_the_chip() {
    table().assert_accepted();
}

#[test]
fn padding_sends_nothing() {
    let padding = Table::new(chip, 2);
    assert!(padding.assert_satisfied().balance.is_empty());
    let forged = padding.but(|table| table.main::<CapCols<F>>(0).uses = F::ONE);
    assert!(forged.assert_satisfied().balance.is_empty());
}

/// A provider that could shift by an index could stand for another entry.
#[test]
fn a_provider_stays_at_its_entry() {
    for shift in [F::ONE, F::NEG_ONE, F::from_u32(77)] {
        table().but(|table| table.main::<CapCols<F>>(0).index = shift).assert_fails("cap::provider_stays");
    }
}

#[test]
fn a_read_of_another_digest_finds_no_provider() {
    let forged = table().but(|table| table.main::<CapCols<F>>(2).limbs = limbs(&bytes(0)));
    assert_eq!(entries(&forged), BTreeMap::from([(digest(bus::CAP, CAP + 1, &bytes(0)), -1), (digest(bus::CAP, CAP + 1, &bytes(1)), 1)]));
    // No number of uses makes up for it.
    for uses in [F::ZERO, F::ONE, F::from_u32(3), F::NEG_ONE] {
        let forged = forged.but(|table| table.main::<CapCols<F>>(1).uses = uses);
        assert!(entries(&forged).contains_key(&digest(bus::CAP, CAP + 1, &bytes(0))));
    }
}

#[test]
fn a_read_at_another_index_finds_another_digest_or_none() {
    for index in [0, 2, 700] {
        let forged = table().but(|table| table.main::<CapCols<F>>(2).index = F::from_u32(index));
        assert_eq!(entries(&forged).get(&digest(bus::CAP, CAP + index, &bytes(1))), Some(&-1));
    }
    // With both changed the entry is right, but the index is not what its wire holds.
    let forged = table().but(|table| read(table, 2, 0, &bytes(0)));
    forged.assert_unbalanced(&table());
}

/// Only providers provide, whatever the prover fills in.
#[test]
fn readers_and_comparisons_provide_nothing() {
    let honest = table();
    for row in 2..8 {
        let forged = honest.but(|table| table.main::<CapCols<F>>(row).uses = F::from_u32(5));
        assert_eq!(forged.assert_satisfied().balance, honest.assert_satisfied().balance);
    }
}

/// A row that reads two halves balances with no pair of different ones.
#[test]
fn two_halves_of_a_row_are_equal() {
    let written = [(digest(bus::HALF, 40, &bytes(8)), 1), (digest(bus::HALF, 41, &bytes(9)), 1)];
    for candidate in [bytes(8), bytes(9), bytes(10)] {
        let forged = table().but(|table| table.main::<CapCols<F>>(5).limbs = limbs(&candidate));
        let total = crate::check::total([forged.assert_satisfied().balance, BTreeMap::from(written.clone())]);
        assert!(total.keys().any(|tuple| tuple[0] == bus::HALF && (40..=41).contains(&tuple[1])));
    }
}
