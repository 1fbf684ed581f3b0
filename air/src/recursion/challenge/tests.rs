use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use proptest::prelude::*;
use tern_field::EF;

use super::*;
use crate::recursion::testing::{Table, digest, wire};
use crate::recursion::{CircuitAir, bus};
use crate::testing::gate::attacks;

fn chip(circuit: Circuit) -> CircuitAir {
    CircuitAir::Challenge(ChallengeChip { circuit })
}

const HALF: [u8; 32] = *b"\x01\xfe\x02\xfd four words of output,\xff\xff\xff\xff\xff\xff";

/// One row that uses a word, and a padding row.
fn table(half: &[u8; 32], used: usize) -> Table {
    let mut table = Table::new(chip, 2);
    fill_row(table.main(0), half, used);
    *table.fixed(0) = ChallengePreCols {
        addr_half: F::ONE,
        real: F::ONE,
        select: core::array::from_fn(|k| F::from_bool(k == used)),
        addr_bits: F::from_u32(3),
        mult_bits: F::ONE,
    };
    table
}

fn assert_row(half: [u8; 32], used: usize) {
    let word = u64::from_le_bytes(core::array::from_fn(|i| half[8 * used + i]));
    let mut expected = BTreeMap::from([(digest(bus::HALF, 1, &half), -1)]);
    expected.extend((0..32).map(|i| (wire(3 + i, EF::from_bool(word >> i & 1 == 1)), 1)));
    assert_eq!(table(&half, used).assert_satisfied().balance, expected);
}

#[test]
fn words_are_bits() {
    for used in 0..4 {
        assert_row(HALF, used);
        assert_row([0; 32], used);
        assert_row([0xff; 32], used);
    }
}

#[test]
fn the_gate_holds_and_every_cell_matters() {
    let tables = [0, 1, 2, 3].map(|used| table(&HALF, used));
    Table::assert_gate(&tables.each_ref().map(|table| (table, &[0][..])), &attacks!(), &[]);
    for used in 0..4 {
        table(&HALF, used).assert_cells_matter(0);
    }
}

#[test]
fn plonky3_accepts_the_chip() {
    table(&HALF, 0).assert_accepted();
}

#[test]
fn padding_sends_nothing() {
    let padding = Table::new(chip, 2);
    assert!(padding.assert_satisfied().balance.is_empty());
    padding.but(|table| table.main::<ChallengeCols<F>>(1).bits[31] = F::ONE).assert_fails("challenge::bits_of_word");
}

/// Bits of a word that the circuit has not selected.
#[test]
fn another_word_is_not_taken() {
    for (used, other) in (0..4).flat_map(|used| (0..4).map(move |other| (used, other))).filter(|(used, other)| used != other) {
        let forged = table(&HALF, used).but(|table| {
            fill_row(table.main(0), &HALF, other);
        });
        forged.assert_fails("challenge::bits_of_word");
    }
}

/// Bits that add up, but are no bits; bits that are, but do not add up.
#[test]
fn bits_are_those_of_the_word() {
    let honest = table(&[0xff; 32], 1);
    let carried = honest.but(|table| {
        let bits = &mut table.main::<ChallengeCols<F>>(0).bits;
        (bits[3], bits[4]) = (F::from_u32(3), F::ZERO);
    });
    carried.assert_fails("challenge::bit_boolean");
    assert_eq!(carried.report().failures.keys().copied().collect::<Vec<_>>(), ["challenge::bit_boolean"]);
    for i in 0..32 {
        honest.but(|table| table.main::<ChallengeCols<F>>(0).bits[i] = F::ZERO).assert_fails("challenge::bits_of_word");
    }
}

/// A word's bits are bound to both limbs: moving one from a limb to the other is no way out.
#[test]
fn limbs_do_not_mix() {
    let half = core::array::from_fn(|i| u8::from(i == 2));
    let forged = table(&half, 0).but(|table| {
        let row = table.main::<ChallengeCols<F>>(0);
        (row.limbs[0], row.limbs[1]) = (F::from_u32(1 << 16), F::ZERO);
    });
    forged.assert_fails("challenge::bits_of_word");
}

proptest! {
    #[test]
    fn random_rows_satisfy(half: [u8; 32], used in 0..4_usize) {
        assert_row(half, used);
    }
}
