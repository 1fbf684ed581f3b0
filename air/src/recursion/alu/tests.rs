use alloc::collections::BTreeMap;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use proptest::prelude::*;
use tern_field::EF;

use super::*;
use crate::recursion::CircuitAir;
use crate::recursion::gadgets::product;
use crate::recursion::testing::{Random, Table, coordinates, wire};
use crate::testing::gate::attacks;

fn chip(circuit: Circuit) -> CircuitAir {
    CircuitAir::Alu(AluChip { circuit })
}

/// Sets a row's operands, with `(address, multiplicity)` of each.
fn set(table: &mut Table, row: usize, operands: [EF; 4], ports: [(u32, i32); 4]) {
    let [a, b, c, d] = operands.map(coordinates);
    *table.main::<AluCols<F>>(row) = AluCols { a, b, c, d };
    let [addr, mult] = [ports.map(|(addr, _)| F::from_u32(addr)), ports.map(|(_, mult)| F::from_i32(mult))];
    *table.fixed::<AluPreCols<F>>(row) = AluPreCols { addr, mult };
}

/// An operation and a padding row.
fn table() -> Table {
    let mut random = Random(1);
    let mut table = Table::new(chip, 2);
    let [a, b, c] = core::array::from_fn(|_| random.extension());
    set(&mut table, 0, [a, b, c, a * b + c], [(1, -1), (2, -1), (3, -1), (4, 3)]);
    table
}

#[test]
fn operands_are_on_their_wires() {
    let mut table = Table::new(chip, 1);
    let [a, b, c] = [2, 3, 4].map(EF::from_u32);
    set(&mut table, 0, [a, b, c, EF::from_u32(10)], [(1, -1), (2, -1), (0, 0), (3, 5)]);
    let expected = BTreeMap::from([(wire(1, a), -1), (wire(2, b), -1), (wire(3, EF::from_u32(10)), 5)]);
    assert_eq!(table.assert_satisfied().balance, expected);
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
    let padding = Table::new(chip, 2);
    assert!(padding.assert_satisfied().balance.is_empty());
    padding.but(|table| table.main::<AluCols<F>>(1).d[0] = F::ONE).assert_fails("alu::operation");
}

#[test]
fn a_wrong_result_fails_in_every_coordinate() {
    for i in 0..5 {
        table().but(|table| table.main::<AluCols<F>>(0).d[i] += F::ONE).assert_fails("alu::operation");
    }
}

/// Row 0 writes `d` twice, row 1 reads it, row 2 reads it as another operand.
#[test]
fn a_reader_cannot_hold_another_value_than_the_writer() {
    let [x, y, other] = [6, 7, 8].map(EF::from_u32);
    let run = |read: EF| {
        let mut table = Table::new(chip, 4);
        set(&mut table, 0, [x, y, EF::ZERO, x * y], [(0, 0), (0, 0), (0, 0), (9, 2)]);
        set(&mut table, 1, [x * y, EF::ONE, EF::ZERO, x * y], [(9, -1), (0, 0), (0, 0), (0, 0)]);
        set(&mut table, 2, [EF::ONE, EF::ONE, read, read + EF::ONE], [(0, 0), (0, 0), (9, -1), (0, 0)]);
        table.assert_satisfied().balance
    };
    assert!(run(x * y).is_empty());
    assert_eq!(run(other), BTreeMap::from([(wire(9, x * y), 1), (wire(9, other), -1)]));
}

/// The quotient is written where a factor stands: only one satisfies the row.
#[test]
fn division_has_one_result() {
    let mut random = Random(2);
    let [n, b] = core::array::from_fn(|_| random.extension());
    let mut table = Table::new(chip, 1);
    set(&mut table, 0, [n * b.inverse(), b, EF::ZERO, n], [(1, 1), (2, -1), (0, 0), (3, -1)]);
    table.assert_satisfied();
    for i in 0..5 {
        table.but(|table| table.main::<AluCols<F>>(0).a[i] += F::ONE).assert_fails("alu::operation");
    }
}

proptest! {
    #[test]
    fn products_are_those_of_the_field(x: [u32; 5], y: [u32; 5]) {
        let [x, y] = [x, y].map(|x| x.map(F::from_u32));
        let [in_field_x, in_field_y] = [x, y].map(|x| EF::from_basis_coefficients_fn(|i| x[i]));
        prop_assert_eq!(product(&x, &y), coordinates(in_field_x * in_field_y));
    }

    #[test]
    fn random_operations_satisfy(seed: u64) {
        let mut random = Random(seed);
        let [a, b, c] = core::array::from_fn(|_| random.extension());
        let mut table = Table::new(chip, 1);
        set(&mut table, 0, [a, b, c, a * b + c], [(0, 0); 4]);
        table.assert_satisfied();
    }
}
