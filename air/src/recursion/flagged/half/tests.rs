use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;

use super::*;
use crate::check::check;
use crate::recursion::flagged::CircuitAir;
use crate::recursion::half::tests::attacked;
use crate::recursion::testing;
use crate::testing::gate::{Table, assert_gate, attacks};

const FIXED: usize = <HalfFixed<F> as Columns<F>>::WIDTH;

/// The preprocessed columns of a table of version 1, flagged.
fn flagged(table: &testing::Table) -> RowMajorMatrix<F> {
    let mut values = F::zero_vec(table.fixed.values.len() / table.fixed.width * FIXED);
    for (row, before) in values.chunks_exact_mut(FIXED).zip(table.fixed.values.chunks_exact(table.fixed.width)) {
        *HalfFixed::of_mut(row) = HalfFixed::used(*Columns::of(before));
    }
    RowMajorMatrix::new(values, FIXED)
}

/// The table's rows as the only rows of a circuit, then as many without a use.
fn padded(table: &testing::Table) -> (CircuitAir, RowMajorMatrix<F>) {
    let (mut fixed, mut main) = (flagged(table), table.main.clone());
    fixed.values.resize(2 * fixed.values.len(), F::ZERO);
    main.values.resize(2 * main.values.len(), F::ZERO);
    assert!(is_flagged(&fixed));
    (CircuitAir::Half(HalfChip { circuit: Circuit::new(fixed) }), main)
}

/// Rows in use say what they say in version 1, and padding rows nothing.
#[test]
fn rows_in_use_say_what_they_said() {
    for table in attacked().0 {
        let (air, main) = padded(&table);
        let report = check(&air, &main, &[]);
        assert!(report.failures.is_empty() && report.overcounted.is_empty());
        assert_eq!(report.balance, table.assert_satisfied().balance);
    }
}

#[test]
fn the_gate_holds() {
    let (tables, forgeries) = attacked();
    let table = |table: &testing::Table| Table { main: table.main.clone(), fixed: flagged(table), public: Vec::new(), rows: [0].to_vec() };
    let tables: Vec<Table> = tables.iter().map(table).collect();
    assert_gate(&CircuitAir::Half(HalfChip::default()), &tables, &attacks!().and(forgeries), &[]);
}

#[test]
fn used_rows_have_the_flag() {
    let mut fixed = flagged(&attacked().0[0]);
    assert!(is_flagged(&fixed));
    assert!(is_flagged(&RowMajorMatrix::new(F::zero_vec(FIXED), FIXED)));
    for real in [F::ZERO, F::TWO, F::NEG_ONE] {
        HalfFixed::of_mut(&mut fixed.values).real = real;
        assert!(!is_flagged(&fixed));
    }
}
