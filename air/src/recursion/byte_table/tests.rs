use alloc::vec;

use super::*;
use crate::check::{Balance, check};
use crate::recursion::CircuitAir;
use crate::recursion::testing::Table;
use crate::testing::gate::{self, assert_gate, attacks};

fn air() -> CircuitAir {
    CircuitAir::ByteTable(ByteTableChip { circuit: Circuit::new(preprocessed()) })
}

/// Everything looked up in each way, each way a different number of times.
fn everything() -> (ByteLookups, Balance) {
    let mut lookups = ByteLookups::default();
    let mut expected = Balance::new();
    for value in 0..=u16::MAX {
        let [a, b] = value.to_le_bytes();
        let [x, y, sum] = [a, b, a ^ b].map(u32::from);
        let mut tuples = vec![
            (ByteLookup::Xor, vec![bus::XOR, x, y, sum]),
            (ByteLookup::Xor12, vec![bus::XOR_12, x, y, sum / 16, sum % 16]),
            (ByteLookup::Xor7, vec![bus::XOR_7, x, y, sum / 128, sum % 128]),
            (ByteLookup::U16, vec![bus::U16, u32::from(value)]),
        ];
        if value <= 0x7800 {
            tuples.push((ByteLookup::Top, vec![bus::TOP, u32::from(value)]));
        }
        for (count, (lookup, tuple)) in (1..).zip(tuples) {
            (0..count).for_each(|_| lookups.count_pair(lookup, a.into(), b.into()));
            expected.insert(tuple, -count);
        }
    }
    (lookups, expected)
}

#[test]
fn provides_what_was_counted_and_nothing_else() {
    let (lookups, expected) = everything();
    let report = check(&air(), &fill(&lookups), &[]);
    assert!(report.failures.is_empty());
    assert_eq!(report.balance, expected);
}

/// No count makes the table say that a value above the field's high limb is not.
#[test]
fn larger_values_are_never_provided_as_top() {
    let mut lookups = ByteLookups::default();
    (0x7800..=u16::MAX).for_each(|value| lookups.value(ByteLookup::Top, value));
    let expected = Balance::from([(vec![bus::TOP, 0x7800], -1)]);
    assert_eq!(check(&air(), &fill(&lookups), &[]).balance, expected);
}

#[test]
fn counts_add_up() {
    let mut one = ByteLookups::default();
    one.count_pair(ByteLookup::Xor7, 3, 200);
    (0..5).for_each(|_| one.count_pair(ByteLookup::Xor7, 0, 0));
    let two = one.clone().merge(&one);
    let expected = Balance::from([(vec![bus::XOR_7, 3, 200, 1, 75], -2), (vec![bus::XOR_7, 0, 0, 0, 0], -10)]);
    assert_eq!(check(&air(), &fill(&two), &[]).balance, expected);
}

#[test]
fn the_gate_holds() {
    assert_gate(&air(), &[gate::Table::new(&air(), &fill(&everything().0), &[], [0, 1, HEIGHT - 1])], &attacks!(), &[]);
}

/// Two messages share a column; the last one, of a quadratic count, has one to itself.
#[test]
fn plonky3_accepts_the_chip() {
    Table::new(|circuit| CircuitAir::ByteTable(ByteTableChip { circuit }), HEIGHT).assert_accepted();
}

#[test]
fn preprocessed_columns_have_closed_forms() {
    let lengths = [0, 3, 11, 14, 15, 16, 17, 22];
    let cost = crate::testing::extension::assert_closed_forms(&preprocessed(), &lengths, |ops, point| fixed_at(ops, point).to_vec());
    assert_eq!(cost, [34, 60], "products and other operations at 22 coordinates");
}

/// Beyond the table whatever is counted is true.
#[test]
fn zero_rows_state_nothing_false() {
    let mut table = Table::new(|circuit| CircuitAir::ByteTable(ByteTableChip { circuit }), 1);
    table.main.values.fill(F::from_u32(7));
    let balance = table.assert_satisfied().balance;
    assert_eq!(balance.len(), 4);
    assert!(balance.keys().all(|tuple| crate::testing::gate::provided(tuple) == Ok(())), "{balance:?}");
}
