use alloc::vec::Vec;

use super::*;
use crate::check::{Balance, check};
use crate::lookups::Lookups;
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};

const AIR: MachineAir = MachineAir::BitsTable(BitsTableChip);
const WIDTH: usize = <BitsTableCols<F> as Columns<F>>::WIDTH;

/// Every entry looked up, each a different number of times.
fn everything() -> (Lookups, Balance) {
    let mut lookups = Lookups::default();
    let mut expected = Balance::new();
    for k in 0..=MAX_BITS {
        for v in 0..1_u32 << k {
            let count = 1 + (v + k) % 3;
            (0..count).for_each(|_| lookups.bits(k, v));
            expected.insert(alloc::vec![bus::BITS, k, v], -i64::from(count));
        }
        (0..=k).for_each(|_| lookups.power(k));
        expected.insert(alloc::vec![bus::POWER, k, 1 << k], -i64::from(k + 1));
    }
    (lookups, expected)
}

#[test]
fn provides_what_was_counted() {
    let (lookups, expected) = everything();
    let report = check(&AIR, &fill(&lookups), &[]);
    assert!(report.failures.is_empty());
    assert_eq!(report.balance, expected);
}

/// With every multiplicity set, also on row 0, only true statements leave the table.
#[test]
fn provides_nothing_false() {
    let trace = RowMajorMatrix::new(alloc::vec![F::ONE; HEIGHT * WIDTH], WIDTH);
    for (tuple, count) in check(&AIR, &trace, &[]).balance {
        let [tag, k, v] = tuple[..] else { panic!("{tuple:?}") };
        assert!(k <= MAX_BITS && count < 0);
        assert!(match tag {
            bus::BITS => v < 1 << k,
            bus::POWER => v == 1 << k,
            _ => false,
        });
    }
}

#[test]
fn the_gate_holds() {
    let mut trace = fill(&everything().0);
    trace.values[..WIDTH].fill(F::TWO);
    let rows: Vec<usize> = (0..8).chain([HEIGHT / 2, HEIGHT - 1]).collect();
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[]);
}
