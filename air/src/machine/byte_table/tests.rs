use p3_field::PrimeCharacteristicRing;

use super::*;
use crate::check::{Balance, check};
use crate::lookups::{ByteLookup, Lookups};
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};

const AIR: MachineAir = MachineAir::ByteTable(ByteTableChip);

/// Every pair looked up in each way, each way a different number of times.
fn everything() -> (Lookups, Balance) {
    let mut lookups = Lookups::default();
    let mut expected = Balance::new();
    for (a, b) in (0..=u8::MAX).flat_map(|a| (0..=u8::MAX).map(move |b| (a, b))) {
        let tuples = [
            (ByteLookup::And, vec![bus::AND, u32::from(a), u32::from(b), u32::from(a & b)]),
            (ByteLookup::Or, vec![bus::OR, u32::from(a), u32::from(b), u32::from(a | b)]),
            (ByteLookup::Xor, vec![bus::XOR, u32::from(a), u32::from(b), u32::from(a ^ b)]),
            (ByteLookup::Bytes, vec![bus::BYTES, u32::from(a), u32::from(b)]),
        ];
        for (count, (lookup, tuple)) in (1..).zip(tuples) {
            (0..count).for_each(|_| lookups.byte(lookup, a, b));
            expected.insert(tuple, -count);
        }
    }
    (lookups, expected)
}

#[test]
fn provides_what_was_counted_and_nothing_else() {
    let (lookups, expected) = everything();
    let report = check(&AIR, &fill(&lookups), &[]);
    assert!(report.failures.is_empty());
    assert_eq!(report.balance, expected);
}

#[test]
fn counts_stand_at_their_pair() {
    let mut lookups = Lookups::default();
    lookups.byte(ByteLookup::Or, 3, 200);
    let expected = Balance::from([(vec![bus::OR, 3, 200, 203], -1)]);
    assert_eq!(check(&AIR, &fill(&lookups), &[]).balance, expected);
}

#[test]
fn the_gate_holds() {
    let trace = fill(&everything().0);
    assert_eq!(trace.values[1], F::TWO);
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], [0, 1, HEIGHT - 1])], &attacks!(), &[]);
}
