use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use super::semantics::{Quarter, lane};
use super::trace::fill_quarter;
use super::*;
use crate::check::Balance;
use crate::recursion::bus;
use crate::recursion::compress::Compression;
use crate::recursion::testing::blake3::{Tables, ends, is_provided, samples};
use crate::testing::gate::{Forgery, attacks};

/// Two compressions.
fn two() -> [Compression; 2] {
    let samples = samples();
    [samples[1], samples[2]]
}

#[test]
fn the_gate_holds_and_every_cell_matters() {
    let table = Tables::new(&samples()).rounds;
    let real = 0..rows(samples().len());
    let attacks = attacks!().and(forgeries(&table.main, real.clone()));
    let attacked: Vec<usize> = (0..2 * ROUNDS).chain([real.end]).collect();
    crate::recursion::testing::Table::assert_gate(&[(&table, &attacked)], &attacks, &[]);
    let table = Tables::new(&two()).rounds;
    table.assert_cells_matter(0);
    table.assert_cells_matter(ROUNDS - 1);
}

/// A fault in each limb of each sum, in the first of these rows where one can be made.
pub(in crate::recursion) fn forgeries(main: &RowMajorMatrix<F>, real: core::ops::Range<usize>) -> impl Iterator<Item = Forgery> {
    (0..64).filter_map(move |sum| {
        let forged = |row| Fault { quarter: sum / 8, sum: sum / 2 % 4, limb: sum % 2 }.forge(RoundsCols::of(&main.row_slice(row).unwrap()));
        let (row, forged) = real.clone().find_map(|row| forged(row).map(|forged| (row, forged)))?;
        let label = ["sum_a1", "sum_c1", "sum_a2", "sum_c2"][sum / 2 % 4];
        Some(Forgery { weakness: Some(format!("rounds::{label}[{}]", 2 * (sum / 8) + sum % 2)), table: 0, row, forged })
    })
}

/// A wrong limb of one sum of a quarter round. All that follows is computed from it.
struct Fault {
    quarter: usize,
    /// Which of the sums a1, c1, a2, c2.
    sum: usize,
    limb: usize,
}

impl Fault {
    /// The row with the fault, where one can be made that only one constraint rejects.
    fn forge(&self, honest: &RoundsCols<F>) -> Option<Vec<F>> {
        let sum = |quarter: usize, which: usize, terms: &[u32]| {
            if (quarter, which) == (self.quarter, self.sum) { self.wrong(terms) } else { Some(wrapping_sum(terms)) }
        };
        recomputed(honest, sum, |_, _, x, y| x ^ y)
    }

    /// A high limb that is one bit off; or a low limb that is one off, which leaves a carry of -30720 or 30720, 2^16 times which is one off in the field, and a
    /// high limb that makes up for such a carry.
    fn wrong(&self, terms: &[u32]) -> Option<u32> {
        let sum = wrapping_sum(terms);
        if self.limb == 1 {
            return Some(sum ^ 1 << 16);
        }
        let added = |limb: u32| terms.iter().map(|term| i64::from(term >> (16 * limb) & 0xffff)).sum::<i64>();
        let limbs = |off: i64| [added(0) - off, added(1) - 30720 * off];
        let carries = terms.len() as i64;
        let fits = |&[low, high]: &[i64; 2]| (0..1 << 16).contains(&low) && (0..carries << 16).contains(&high);
        [1, -1].map(limbs).iter().find(|limbs| fits(limbs)).map(|&[low, high]| low as u32 | (high as u32) << 16)
    }
}

/// A row in which everything is computed anew with these sums (a1, c1, a2, c2 of each quarter round) and exclusive ors (d1, b1, d2, b2, before their rotations).
pub(in crate::recursion) fn recomputed(
    honest: &RoundsCols<F>,
    sum: impl Fn(usize, usize, &[u32]) -> Option<u32>,
    xor: impl Fn(usize, usize, u32, u32) -> u32,
) -> Option<Vec<F>> {
    let word = |limbs: [F; 2]| limbs[0].as_canonical_u32() | limbs[1].as_canonical_u32() << 16;
    let bytes = |bytes: [F; 4]| u32::from_le_bytes(bytes.map(|byte| byte.as_canonical_u32() as u8));
    let mut state: Vec<u32> = honest.a.map(word).into_iter().chain(honest.b.map(bytes)).collect();
    state.extend(honest.c.map(word).into_iter().chain(honest.d.map(bytes)));
    let block = honest.m.map(word);
    let mut forged = *honest;
    for i in 0..8 {
        let [a, b, c, d]: [usize; 4] = core::array::from_fn(|row| 4 * row + lane(i, row));
        let a1 = sum(i, 0, &[state[a], state[b], block[2 * i]])?;
        let d1 = xor(i, 0, state[d], a1).rotate_right(16);
        let c1 = sum(i, 1, &[state[c], d1])?;
        let b1 = xor(i, 1, state[b], c1);
        let a2 = sum(i, 2, &[a1, b1.rotate_right(12), block[2 * i + 1]])?;
        let d2 = xor(i, 2, d1, a2).rotate_right(8);
        let c2 = sum(i, 3, &[c1, d2])?;
        let b2 = xor(i, 3, b1.rotate_right(12), c2);
        (state[a], state[b], state[c], state[d]) = (a2, b2.rotate_right(7), c2, d2);
        fill_quarter(&Quarter { a1, d1, c1, b1, a2, d2, c2, b2 }, &mut forged.quarters[i]);
    }
    let mut row = F::zero_vec(RoundsCols::<F>::WIDTH);
    *RoundsCols::of_mut(&mut row) = forged;
    Some(row)
}

pub(in crate::recursion) fn wrapping_sum(terms: &[u32]) -> u32 {
    terms.iter().fold(0, |sum, &term| sum.wrapping_add(term))
}

/// A change of one cell is no matter of counting lookups otherwise: it breaks a constraint, a token, or looks up what is in no table.
#[test]
fn every_cell_is_pinned() {
    let honest = Tables::new(&two());
    for row in [0, ROUNDS - 1] {
        for column in 0..honest.rounds.main.width {
            let rounds = honest.rounds.but(|table| table.main.row_mut(row)[column] += F::ONE);
            let (failures, leftover) = Tables { rounds, ..honest.clone() }.check();
            assert!(!failures.is_empty() || leftover != ends(&two()), "row {row}, column {column}");
        }
    }
}

/// 128 lookups take sixteen narrow columns, eight tokens one wide one.
#[test]
fn plonky3_accepts_the_chip() {
    Tables::new(&two()).rounds.assert_accepted([16, 1]);
}

/// The rows of the first compression's rounds, as a list to rearrange.
struct Chain {
    tables: Tables,
    chain: Vec<Vec<F>>,
}

impl Chain {
    fn new() -> Self {
        let tables = Tables::new(&two());
        let chain = tables.rounds.main.rows().take(ROUNDS).map(Iterator::collect).collect();
        Self { tables, chain }
    }

    fn row(&mut self, i: usize) -> &mut RoundsCols<F> {
        RoundsCols::of_mut(&mut self.chain[i])
    }

    /// Gives the chain consecutive keys and flags.
    fn rekey(&mut self) {
        let last = self.chain.len() - 1;
        for i in 0..=last {
            self.row(i).key = F::from_usize(i);
            self.row(i).last = F::from_bool(i == last);
        }
    }

    /// Replaces the first compression's rows, takes those of the second one behind them, and checks everything.
    fn check(mut self) -> (Vec<&'static str>, Balance) {
        let width = self.tables.rounds.main.width;
        let others = self.tables.rounds.main.rows().skip(ROUNDS).take(ROUNDS).flatten();
        let mut values: Vec<F> = self.chain.into_iter().flatten().chain(others).collect();
        values.resize(self.tables.rounds.main.values.len(), F::ZERO);
        self.tables.rounds.main = RowMajorMatrix::new(values, width);
        self.tables.check()
    }

    /// The tokens of rounds that are left over, as (tag, key); nothing else fails.
    fn left_tokens(self) -> Vec<(u32, u32)> {
        let (failures, leftover) = self.check();
        assert!(failures.is_empty(), "{failures:?}");
        let honest = ends(&two());
        let mut tokens: Vec<(u32, u32)> =
            leftover.keys().filter(|tuple| !honest.contains_key(*tuple)).map(|tuple| (tuple[0], tuple[1])).collect();
        tokens.dedup();
        tokens
    }
}

const STATE: [u32; 2] = [bus::STATE_AB, bus::STATE_CD];
const BLOCK: [u32; 2] = [bus::MESSAGE_LOW, bus::MESSAGE_HIGH];

fn at(tags: [u32; 2], keys: &[u32]) -> Vec<(u32, u32)> {
    tags.into_iter().flat_map(|tag| keys.iter().map(move |&key| (tag, key))).collect()
}

#[test]
fn a_chain_as_it_is_leaves_nothing() {
    assert_eq!(Chain::new().left_tokens(), []);
}

#[test]
fn a_skipped_round_leaves_tokens() {
    let mut chain = Chain::new();
    chain.chain.remove(3);
    assert_eq!(chain.left_tokens(), [at(STATE, &[3, 4]), at(BLOCK, &[3, 4])].concat());
}

/// Fewer rounds, each right by itself and in order, do not reach the end.
#[test]
fn six_rounds_do_not_end() {
    let mut chain = Chain::new();
    chain.chain.pop();
    chain.rekey();
    assert_eq!(chain.left_tokens(), at(STATE, &[6, 7]));
}

/// An eighth round leaves a state that nothing takes; the seventh's is missing.
#[test]
fn eight_rounds_do_not_end() {
    let mut chain = Chain::new();
    chain.chain.push(chain.chain[6].clone());
    chain.rekey();
    assert_eq!(chain.left_tokens(), [at(STATE, &[7, 8]), at(BLOCK, &[7])].concat());
}

#[test]
fn a_repeated_round_leaves_tokens() {
    let mut chain = Chain::new();
    chain.chain.insert(3, chain.chain[2].clone());
    assert_eq!(chain.left_tokens(), [at(STATE, &[2, 3]), at(BLOCK, &[2, 3])].concat());
}

/// Rows of a whole chain that stands beside the honest one.
#[test]
fn a_second_chain_has_no_start() {
    let mut chain = Chain::new();
    let copy = chain.chain.clone();
    chain.chain.extend(copy);
    assert_eq!(chain.left_tokens(), [at(STATE, &[0, 7]), at(BLOCK, &[0])].concat());
}

#[test]
fn a_block_must_be_handed_on() {
    let mut chain = Chain::new();
    chain.row(2).last = F::ONE;
    assert_eq!(chain.left_tokens(), at(BLOCK, &[3]));
    let mut chain = Chain::new();
    chain.row(6).last = F::ZERO;
    assert_eq!(chain.left_tokens(), at(BLOCK, &[7]));
}

/// Rounds computed rightly from a state and blocks of one's own choice.
fn fill_from(mut chain: Chain, first: usize, state: [u32; 16], mut block: [u32; 16], permuted: bool) -> Chain {
    let mut state = state;
    for i in first..ROUNDS {
        trace::fill_round(&mut state, &block, chain.row(i), &mut crate::recursion::byte_table::ByteLookups::default());
        if permuted {
            block = permute(&block);
        }
    }
    chain
}

#[test]
fn blocks_follow_the_schedule() {
    let first = two()[0];
    let chain = fill_from(Chain::new(), 0, first.first_state(), first.block(), false);
    let left = chain.left_tokens();
    let blocks: Vec<_> = left.iter().filter(|(tag, _)| BLOCK.contains(tag)).copied().collect();
    assert_eq!(blocks, at(BLOCK, &[1, 2, 3, 4, 5, 6]));
    // Each row takes the state that the row before has left; only the end is another.
    assert_eq!(left.iter().filter(|(tag, _)| STATE.contains(tag)).copied().collect::<Vec<_>>(), at(STATE, &[7]));
}

/// One wrong byte of one state, and everything after it computed rightly.
#[test]
fn a_changed_state_is_not_the_one_before() {
    let first = two()[0];
    let (mut state, block) = (first.first_state(), first.block());
    round(&mut state, &block);
    for word in 0..16 {
        let mut wrong = state;
        wrong[word] ^= 0x0100;
        let left = fill_from(Chain::new(), 1, wrong, permute(&block), true).left_tokens();
        let tag = STATE[word / 8];
        assert_eq!(left.iter().filter(|(_, key)| *key == 1).copied().collect::<Vec<_>>(), [(tag, 1)]);
        assert_eq!(left.iter().filter(|(_, key)| *key != 1).copied().collect::<Vec<_>>(), at(STATE, &[7]));
    }
}

/// Changes the first row; gives the labels that fail and the lookups that the byte table does not provide.
fn prank(change: impl FnOnce(&mut RoundsCols<F>)) -> (Vec<&'static str>, Vec<u32>) {
    let report = Tables::new(&two()).rounds.but(|table| change(table.main(0))).report();
    let lookups = [bus::XOR, bus::XOR_12, bus::XOR_7];
    let wrong = report.balance.keys().filter(|tuple| lookups.contains(&tuple[0]) && !is_provided(tuple));
    let mut tags: Vec<u32> = wrong.map(|tuple| tuple[0]).collect();
    tags.dedup();
    (report.failures.into_keys().collect(), tags)
}

/// A sum with another carry, its limb changed to match, is no sum of bytes; with its bytes right, it is no sum.
#[test]
fn carries_are_true() {
    // The low limb 2^16 more and the high limb one less: the carry one less.
    let carry = |word: &mut [F; 4]| {
        word[1] += F::from_u32(256);
        word[2] -= F::ONE;
    };
    let (labels, tags) = prank(|row| carry(&mut row.quarters[0].a1));
    assert!(tags.contains(&bus::XOR), "{labels:?} {tags:?}");
    let (labels, tags) = prank(|row| carry(&mut row.quarters[0].c2));
    assert!(tags.contains(&bus::XOR_7), "{labels:?} {tags:?}");
    assert!(prank(|row| row.quarters[0].a1[2] += F::ONE).0.contains(&"rounds::sum_a1"));
    assert!(prank(|row| row.quarters[0].c1[2] += F::ONE).0.contains(&"rounds::sum_c1"));
    assert!(prank(|row| row.quarters[5].a2[0] += F::ONE).0.contains(&"rounds::sum_a2"));
    assert!(prank(|row| row.quarters[5].c2[0] += F::ONE).0.contains(&"rounds::sum_c2"));
}

/// A sum of two has no carry of two.
#[test]
fn sums_of_two_carry_at_most_one() {
    let shift = F::from_u32(1 << 16);
    assert_eq!(prank(|row| row.c[0][1] += shift.double()).0, ["rounds::sum_c1"]);
    // Once more than the word has is a carry of one or, where it was one already, of two.
    let (labels, _) = prank(|row| row.a[0][1] += shift * F::from_u32(3));
    assert_eq!(labels, ["rounds::sum_a1"]);
}

/// Parts of a byte that give the same word, put together another way, are not the parts of its sum.
#[test]
fn parts_have_one_split() {
    let split = |row: &mut RoundsCols<F>| {
        // Byte 0 of the rotated word is the high nibble of byte 1 and sixteen times the low nibble of byte 2.
        row.quarters[0].b1[1][0] += F::from_u32(16);
        row.quarters[0].b1[2][1] -= F::ONE;
    };
    assert_eq!(prank(split), (vec![], vec![bus::XOR_12]));
    let split = |row: &mut RoundsCols<F>| {
        row.quarters[7].b2[0][0] += F::TWO;
        row.quarters[7].b2[1][1] -= F::ONE;
    };
    assert_eq!(prank(split), (vec![], vec![bus::XOR_7]));
}

#[test]
fn flags_are_bits_and_padding_is_not_last() {
    assert!(prank(|row| row.real = F::TWO).0.contains(&"rounds::real_boolean"));
    assert!(prank(|row| row.last = F::TWO).0.contains(&"rounds::last_boolean"));
    let unreal = |row: &mut RoundsCols<F>| (row.real, row.last) = (F::ZERO, F::ONE);
    assert_eq!(prank(unreal).0, ["rounds::padding_not_last"]);
}

#[test]
fn the_schedule_is_a_permutation() {
    let block: [u32; 16] = core::array::from_fn(|i| i as u32);
    let mut sorted = permute(&block);
    sorted.sort_unstable();
    assert_eq!(sorted, block);
}
