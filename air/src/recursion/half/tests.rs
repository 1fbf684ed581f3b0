use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use proptest::prelude::*;
use tern_field::EF;

use super::*;
use crate::check::Balance;
use crate::recursion::testing::{Random, Table, digest, wire};
use crate::recursion::{CircuitAir, bus};
use crate::testing::gate::{Forgery, attacks};

fn chip(circuit: Circuit) -> CircuitAir {
    CircuitAir::Half(HalfChip { circuit })
}

/// Words of which all are below `p`, the largest and the smallest with them.
const WORDS_BELOW_P: [u32; WORDS] = [0, 1, F::ORDER_U32 - 1, 0x77ff_ffff, 0x1234_5678, 0xffff, 0x10000, 0x0bad_cafe];

/// A row with everything: reads half 1, and writes words from 10 on.
fn fixed(canonical: bool) -> HalfPreCols<F> {
    HalfPreCols {
        real: F::ONE,
        addr_half: F::ONE,
        mult_half: F::NEG_ONE,
        addr_word: F::from_u32(10),
        mult_word: F::TWO,
        canonical: F::from_bool(canonical),
    }
}

/// One such row.
fn table(words: &[u32; WORDS], canonical: bool) -> Table {
    let mut table = Table::new(chip, 1);
    fill_row(table.main(0), words);
    *table.fixed(0) = fixed(canonical);
    table
}

/// The lookups that a row counts, as messages.
fn looked_up(words: &[u32; WORDS], canonical: bool) -> Balance {
    let mut balance = Balance::new();
    lookups(words, canonical).into_iter().for_each(|(tag, limb)| *balance.entry([tag, limb].to_vec()).or_default() += 1);
    balance
}

fn assert_row(words: [u32; WORDS], canonical: bool) {
    let mut half = [0; 32];
    half.chunks_exact_mut(4).zip(words).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
    let elements = words.map(|word| F::from_u64(u64::from(word)) * F::from_u64(1 << 32).inverse());
    let mut expected = looked_up(&words, canonical);
    expected.insert(digest(bus::HALF, 1, &half), -1);
    expected.extend((10..).zip(elements).map(|(addr, element)| (wire(addr, EF::from(element)), 2)));
    assert_eq!(table(&words, canonical).assert_satisfied().balance, expected);
}

#[test]
fn directed_rows_satisfy() {
    assert_row(WORDS_BELOW_P, true);
    assert_row([F::ORDER_U32 - 1; WORDS], true);
    assert_row([0; WORDS], true);
    assert_row(WORDS_BELOW_P, false);
    assert_row([F::ORDER_U32, u32::MAX, 0x7800_ffff, 0x7801_0000, 1 << 31, 0, 1, 2], false);
}

/// Words are those that `p3` keeps elements in, which is how elements are hashed.
#[test]
fn elements_are_of_montgomery_words() {
    let mut random = Random(7);
    for x in (0..100).map(|_| random.element()).chain([F::ZERO, F::ONE, F::NEG_ONE]) {
        assert_eq!(element(x.to_unique_u32()), x);
    }
}

/// Words of which one has the largest high limb.
const ATTACKED: [u32; WORDS] = [0x1234_5678, 0x7800_0000, 0x0fff_0001, 3, 0x5555_5555, 0x6666_0001, 0x0707_0707, 0x4321_8765];

#[test]
fn the_gate_holds_and_every_cell_matters() {
    let tables = [table(&ATTACKED, true), table(&[0x1234_5678; WORDS], false)];
    // Words of another element, or not canonical, and all that follows from them.
    let with = |i: usize, word: u32| {
        let mut words = ATTACKED;
        words[i] = word;
        table(&words, true).main.values
    };
    let forged = |name: String, forged| Forgery { weakness: Some(name), table: 0, row: 0, forged };
    let others = (0..WORDS).map(|i| forged(format!("half::word[{i}]!"), with(i, 0x0abc_def1)));
    let above = (0..WORDS).map(|i| forged(format!("half::high_limb[{i}]+0"), with(i, (bus::MAX_TOP + 1) << 16)));
    let order = (0..WORDS).map(|i| forged(format!("half::canonical[{i}]"), with(i, (bus::MAX_TOP << 16) + 1)));
    let forgeries: Vec<Forgery> = others.chain(above).chain(order).collect();
    Table::assert_gate(&tables.each_ref().map(|table| (table, &[0][..])), &attacks!().and(forgeries), &[]);
    // The inverse of the word without a low limb is free.
    let with_low_limbs = tables[0].but(|table| fill_row(table.main(0), &ATTACKED.map(|word| word.max(1) & 0x77ff_ffff | 1)));
    with_low_limbs.assert_cells_matter(0);
}

#[test]
fn plonky3_accepts_the_chip() {
    table(&WORDS_BELOW_P, true).assert_accepted();
}

/// Whatever a row without the flag holds.
#[test]
fn padding_says_nothing() {
    let padding = Table::new(chip, 1);
    assert!(padding.assert_satisfied().balance.is_empty());
    let filled = padding.but(|table| fill_row(table.main(0), &WORDS_BELOW_P));
    assert!(filled.assert_satisfied().balance.is_empty());
}

#[test]
fn used_rows_have_the_flag() {
    let honest = table(&ATTACKED, true);
    assert!(is_flagged(&honest.fixed));
    assert!(is_flagged(&Table::new(chip, 1).fixed));
    for real in [F::ZERO, F::TWO, F::NEG_ONE] {
        let changed = honest.but(|table| table.fixed::<HalfPreCols<F>>(0).real = real);
        assert!(!is_flagged(&changed.fixed));
    }
}

/// `p` and what is above it with the top high limb: no inverse helps. Above that, the high limb is
/// not in the table.
#[test]
fn canonical_words_are_below_p() {
    for (i, low) in (0..WORDS).flat_map(|i| [1, 2, 0x8000, 0xffff].map(|low| (i, low))) {
        let mut words = WORDS_BELOW_P;
        words[i] = bus::MAX_TOP << 16 | low;
        let forged = table(&words, true);
        for inverse in [F::ZERO, F::ONE, F::NEG_ONE, F::from_u32(low).inverse(), Random(9).element()] {
            forged.but(|table| table.main::<HalfCols<F>>(0).inverses[i] = inverse).assert_fails("half::canonical");
        }
    }
    for word in [0x7801_0000, 0x7801_0001, 0xf000_0002, u32::MAX] {
        table(&[word; WORDS], true).assert_unprovided();
    }
}

/// Limbs that give the same element and are not below 2^16, or not those of the word.
#[test]
fn words_split_in_one_way() {
    for canonical in [false, true] {
        let honest = table(&WORDS_BELOW_P, canonical);
        let forged = honest.but(|table| {
            let row = table.main::<HalfCols<F>>(0);
            row.limbs[8] += F::from_u32(1 << 16);
            row.limbs[9] -= F::ONE;
            row.inverses[4] = (row.limbs[9] - F::from_u32(bus::MAX_TOP)).inverse();
        });
        forged.assert_unprovided();
        let forged = honest.but(|table| {
            let row = table.main::<HalfCols<F>>(0);
            row.limbs[0] += F::from_u32(1 << 16);
            row.limbs[1] -= F::ONE;
            row.inverses[0] = (row.limbs[1] - F::from_u32(bus::MAX_TOP)).inverse();
        });
        forged.assert_unprovided();
    }
}

/// Where the circuit wants canonical words, an element has one word; elsewhere it has the one above
/// `p` too.
#[test]
fn aliases_are_refused_where_words_are_canonical() {
    let alias = |i: usize| {
        let mut words = WORDS_BELOW_P;
        words[i] += F::ORDER_U32;
        words
    };
    let words = |table: &Table| -> Vec<_> {
        table.assert_satisfied().balance.into_keys().filter(|tuple| tuple[0] == bus::WIRE && (10..18).contains(&tuple[1])).collect()
    };
    for i in 0..WORDS {
        assert_eq!(words(&table(&alias(i), false)), words(&table(&WORDS_BELOW_P, false)));
    }
    table(&alias(1), true).assert_fails("half::canonical");
    table(&alias(6), true).assert_unprovided();
}

proptest! {
    #[test]
    fn random_canonical_rows_satisfy(words in prop::array::uniform8(0..F::ORDER_U32)) {
        assert_row(words, true);
    }

    #[test]
    fn random_rows_satisfy(words: [u32; WORDS]) {
        assert_row(words, false);
    }
}
