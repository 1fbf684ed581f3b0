use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use proptest::prelude::*;
use tern_field::EF;

use super::*;
use crate::check::Balance;
use crate::recursion::testing::{Random, Table, digest, wire};
use crate::recursion::{RecursionAir, bus};
use crate::testing::gate::{Forgery, attacks};

fn chip(circuit: Circuit) -> RecursionAir {
    RecursionAir::Half(HalfChip { circuit })
}

/// Words of which all are below `p`, the largest and the smallest with them.
const WORDS_BELOW_P: [u32; WORDS] = [0, 1, F::ORDER_U32 - 1, 0x77ff_ffff, 0x1234_5678, 0xffff, 0x10000, 0x0bad_cafe];

/// A row with everything: reads half 1 and beta and the sum on wires 20 and 21, writes words from 10 on and the sum on 22.
fn fixed(canonical: bool, mask: [bool; WORDS]) -> HalfPreCols<F> {
    HalfPreCols {
        addr_half: F::ONE,
        mult_half: F::NEG_ONE,
        addr_word: F::from_u32(10),
        mult_word: F::TWO,
        canonical: F::from_bool(canonical),
        addr_beta: F::from_u32(20),
        addr_in: F::from_u32(21),
        addr_out: F::from_u32(22),
        read_reduce: F::ONE,
        mult_out: F::from_u32(3),
        mask: mask.map(F::from_bool),
    }
}

fn reduction(seed: u64) -> Reduction {
    let mut random = Random(seed);
    Reduction { beta: random.extension(), acc_in: random.extension(), mask: core::array::from_fn(|_| random.word() & 1 == 1) }
}

/// One such row.
fn table(words: &[u32; WORDS], canonical: bool, reduction: &Reduction) -> Table {
    let mut table = Table::new(chip, 1);
    let _sum = fill_row(table.main(0), words, reduction);
    *table.fixed(0) = fixed(canonical, reduction.mask);
    table
}

/// The lookups that a row counts, as messages.
fn looked_up(words: &[u32; WORDS], canonical: bool) -> Balance {
    let mut balance = Balance::new();
    lookups(words, canonical).into_iter().for_each(|(tag, limb)| *balance.entry([tag, limb].to_vec()).or_default() += 1);
    balance
}

fn assert_row(words: [u32; WORDS], canonical: bool, seed: u64) {
    let reduction = reduction(seed);
    let Reduction { beta, acc_in, mask } = reduction;
    let mut half = [0; 32];
    half.chunks_exact_mut(4).zip(words).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
    let elements = words.map(|word| F::from_u64(u64::from(word)) * F::from_u64(1 << 32).inverse());
    let terms = (0..WORDS).filter(|&i| mask[i]).map(|i| beta.exp_u64(7 - i as u64) * elements[i]);
    let acc_out = acc_in * beta.exp_u64(8) + terms.sum::<EF>();

    let mut expected = looked_up(&words, canonical);
    expected.insert(digest(bus::HALF, 1, &half), -1);
    expected.extend((10..).zip(elements).map(|(addr, element)| (wire(addr, EF::from(element)), 2)));
    expected.extend([(wire(20, beta), -1), (wire(21, acc_in), -1), (wire(22, acc_out), 3)]);
    assert_eq!(table(&words, canonical, &reduction).assert_satisfied().balance, expected);
}

#[test]
fn directed_rows_satisfy() {
    assert_row(WORDS_BELOW_P, true, 1);
    assert_row([F::ORDER_U32 - 1; WORDS], true, 2);
    assert_row([0; WORDS], true, 3);
    assert_row(WORDS_BELOW_P, false, 4);
    assert_row([F::ORDER_U32, u32::MAX, 0x7800_ffff, 0x7801_0000, 1 << 31, 0, 1, 2], false, 5);
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

/// Tables to attack, and attacks on the first that are computed.
pub(in crate::recursion) fn attacked() -> ([Table; 2], Vec<Forgery>) {
    let (words, reduction) = (ATTACKED, Reduction { mask: [true; WORDS], ..reduction(1) });
    let table = table(&words, true, &reduction);
    // Words of another element, or not canonical, and all that follows from them.
    let with = |i: usize, word: u32, reduction: &Reduction| {
        let mut words = words;
        words[i] = word;
        self::table(&words, true, reduction).main.values
    };
    let forged = |name: String, forged| Forgery { weakness: Some(name), table: 0, row: 0, forged };
    let others = (0..WORDS).map(|i| forged(format!("half::word[{i}]!"), with(i, 0x0abc_def1, &reduction)));
    let above = (0..WORDS).map(|i| forged(format!("half::high_limb[{i}]+0"), with(i, (bus::MAX_TOP + 1) << 16, &reduction)));
    let order = (0..WORDS).map(|i| forged(format!("half::canonical[{i}]"), with(i, (bus::MAX_TOP << 16) + 1, &reduction)));
    let sum = forged("half::acc_in!".into(), with(0, words[0], &Reduction { acc_in: EF::ONE, ..reduction }));
    let forgeries = others.chain(above).chain(order).chain([sum]).collect();
    ([table, self::table(&[0x1234_5678; WORDS], false, &reduction)], forgeries)
}

#[test]
fn the_gate_holds_and_every_cell_matters() {
    let (tables, forgeries) = attacked();
    Table::assert_gate(&tables.each_ref().map(|table| (table, &[0][..])), &attacks!().and(forgeries), &[]);
    // The inverse of the word without a low limb is free.
    let reduction = Reduction { mask: [true; WORDS], ..reduction(1) };
    let with_low_limbs = tables[0].but(|table| {
        let _sum = fill_row(table.main(0), &ATTACKED.map(|word| word.max(1) & 0x77ff_ffff | 1), &reduction);
    });
    with_low_limbs.assert_cells_matter(0);
}

#[test]
fn plonky3_accepts_the_chip() {
    table(&WORDS_BELOW_P, true, &reduction(1)).assert_accepted([7, 1]);
}

#[test]
fn padding_looks_up_zeros_only() {
    assert_eq!(Table::new(chip, 1).assert_satisfied().balance, looked_up(&[0; WORDS], false));
}

/// `p` and what is above it with the top high limb: no inverse helps. Above that, the high limb is not in the table.
#[test]
fn canonical_words_are_below_p() {
    for (i, low) in (0..WORDS).flat_map(|i| [1, 2, 0x8000, 0xffff].map(|low| (i, low))) {
        let mut words = WORDS_BELOW_P;
        words[i] = bus::MAX_TOP << 16 | low;
        let forged = table(&words, true, &reduction(1));
        for inverse in [F::ZERO, F::ONE, F::NEG_ONE, F::from_u32(low).inverse(), Random(9).element()] {
            forged.but(|table| table.main::<HalfCols<F>>(0).inverses[i] = inverse).assert_fails("half::canonical");
        }
    }
    for word in [0x7801_0000, 0x7801_0001, 0xf000_0002, u32::MAX] {
        table(&[word; WORDS], true, &reduction(1)).assert_unprovided();
    }
}

/// Limbs that give the same element and are not below 2^16, or not those of the word.
#[test]
fn words_split_in_one_way() {
    for canonical in [false, true] {
        let honest = table(&WORDS_BELOW_P, canonical, &reduction(1));
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

/// Where the circuit wants canonical words, an element has one word; elsewhere it has the one above `p` too.
#[test]
fn aliases_are_refused_where_words_are_canonical() {
    let alias = |i: usize| {
        let mut words = WORDS_BELOW_P;
        words[i] += F::ORDER_U32;
        words
    };
    let run = |words: &[u32; WORDS], canonical: bool| table(words, canonical, &Reduction::default());
    let words = |table: &Table| -> Vec<_> {
        table.assert_satisfied().balance.into_keys().filter(|tuple| tuple[0] == bus::WIRE && (10..18).contains(&tuple[1])).collect()
    };
    for i in 0..WORDS {
        assert_eq!(words(&run(&alias(i), false)), words(&run(&WORDS_BELOW_P, false)));
    }
    run(&alias(1), true).assert_fails("half::canonical");
    run(&alias(6), true).assert_unprovided();
}

#[test]
fn sums_cannot_change() {
    let honest = table(&WORDS_BELOW_P, true, &reduction(1));
    for i in 0..5 {
        honest.but(|table| table.main::<HalfCols<F>>(0).acc_in[i] += F::ONE).assert_fails("half::reduce_low");
        honest.but(|table| table.main::<HalfCols<F>>(0).acc_mid[i] += F::ONE).assert_fails("half::reduce_low");
        honest.but(|table| table.main::<HalfCols<F>>(0).acc_mid[i] += F::ONE).assert_fails("half::reduce_high");
        honest.but(|table| table.main::<HalfCols<F>>(0).acc_out[i] += F::ONE).assert_fails("half::reduce_high");
        honest.but(|table| table.main::<HalfCols<F>>(0).beta[i] += F::ONE).assert_fails("half::reduce_low");
    }
}

/// A word that the circuit masks does not count, and one that it takes does.
#[test]
fn the_circuit_says_which_words_count() {
    for i in 0..WORDS {
        let label = if i < WORDS / 2 { "half::reduce_low" } else { "half::reduce_high" };
        let mut step = Reduction { mask: [false; WORDS], ..reduction(1) };
        let masked = table(&[5; WORDS], true, &step);
        step.mask[i] = true;
        let taken = table(&[5; WORDS], true, &step);
        masked.but(|table| table.main = taken.main.clone()).assert_fails(label);
        taken.but(|table| table.main = masked.main.clone()).assert_fails(label);
    }
}

proptest! {
    #[test]
    fn random_canonical_rows_satisfy(words in prop::array::uniform8(0..F::ORDER_U32), seed: u64) {
        assert_row(words, true, seed);
    }

    #[test]
    fn random_rows_satisfy(words: [u32; WORDS], seed: u64) {
        assert_row(words, false, seed);
    }
}
