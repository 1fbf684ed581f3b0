use alloc::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::*;
use crate::recursion::CircuitAir;
use crate::recursion::testing::{Random, Table, coordinates, wire};
use crate::testing::gate::attacks;

fn chip(circuit: Circuit) -> CircuitAir {
    CircuitAir::Pack(PackChip { circuit })
}

/// A row that reads the element at 1 and writes the coordinates from 2 on, and a padding row.
fn table() -> Table {
    let mut table = Table::new(chip, 2);
    table.main::<PackCols<F>>(0).element = coordinates(Random(1).extension());
    *table.fixed::<PackPreCols<F>>(0) = PackPreCols { addr_ext: F::ONE, mult_ext: F::NEG_ONE, addr_base: F::TWO, mult_base: F::TWO };
    table
}

#[test]
fn coordinates_are_on_wires_one_after_another() {
    let element = Random(1).extension();
    let mut expected = BTreeMap::from([(wire(1, element), -1)]);
    expected.extend((2..).zip(coordinates(element)).map(|(addr, x)| (wire(addr, EF::from(x)), 2)));
    assert_eq!(table().assert_satisfied().balance, expected);
}

#[test]
fn the_gate_holds_and_every_cell_matters() {
    Table::assert_gate(&[(&table(), &[0])], &attacks!(), &[]);
    table().assert_cells_matter(0);
}

#[test]
fn plonky3_accepts_the_chip() {
    table().assert_accepted();
}

#[test]
fn padding_sends_nothing() {
    assert!(Table::new(chip, 2).assert_satisfied().balance.is_empty());
}

/// The coordinates' wires hold elements of the base field: one with another coordinate is no
/// message of a row.
#[test]
fn coordinates_are_of_the_base_field() {
    let mut random = Random(3);
    let element = random.extension();
    let run = |written: EF| {
        let mut table = Table::new(chip, 1);
        table.main::<PackCols<F>>(0).element = coordinates(element);
        *table.fixed::<PackPreCols<F>>(0) = PackPreCols { addr_ext: F::ZERO, mult_ext: F::ZERO, addr_base: F::ONE, mult_base: F::NEG_ONE };
        let mut balance = table.assert_satisfied().balance;
        *balance.entry(wire(1, written)).or_default() += 1;
        balance.retain(|_, count| *count != 0);
        balance.len()
    };
    assert_eq!(run(EF::from(coordinates(element)[0])), 4);
    assert_eq!(run(element), 6);
}

#[test]
fn no_coordinate_can_change_alone() {
    let honest = table();
    for i in 0..5 {
        honest.but(|table| table.main::<PackCols<F>>(0).element[i] += F::ONE).assert_unbalanced(&honest);
    }
}
