//! Rows with one fault, in which all else is computed from it: only the statement that is about the
//! fault rejects them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::semantics::PARAMETERS;
use super::super::trace::{STEPS, fill, row_with};
use super::*;
use crate::layout::Columns;
use crate::recursion::byte_table::ByteLookups;
use crate::testing::gate::Forgery;

/// Sums, or exclusive ors, of a compression's rounds.
const WORDS: usize = ROUNDS * QUARTERS * STEPS;

/// A fault in each limb of each sum, in each byte of each exclusive or, and in each input of the
/// compression of `row`; the bit's is that of `parent`, which reads one.
pub fn forgeries(samples: &[Compression], row: usize, parent: usize) -> Vec<Forgery> {
    let sums = (0..2 * WORDS).map(|i| (format!("sum_{}[{}]", ["a1", "c1", "a2", "c2"][i / 2 % STEPS], place(i, 2)), Fault::sum(i)));
    let looked_up = (0..4 * WORDS).filter(|&i| is_looked_up(i));
    let lookups = looked_up.map(|i| (format!("xor_{}[{}]!", ["d1", "b1", "d2", "b2"][i / 4 % STEPS], lookup_place(i)), Fault::Xor(i)));
    let outputs = (0..32).map(|i| (format!("xor[{i}]!"), Fault::Xor(4 * WORDS + i)));
    let faults = sums.chain(lookups).chain(outputs).map(|(name, fault)| (name, row, faulty(&samples[row], fault)));
    let others = inputs(samples, row, parent).map(|(name, row, other)| (String::from(name), row, filled(&other)));
    let forgery = |(name, row, forged)| Forgery { weakness: Some(format!("compress::{name}")), table: 0, row, forged };
    faults.chain(others).map(forgery).collect()
}

/// Other compressions than the circuit's, each in one input. The output is another too.
fn inputs(samples: &[Compression], row: usize, parent: usize) -> impl Iterator<Item = (&'static str, usize, Compression)> {
    let changes: [(_, _, fn(&mut Compression)); 5] = [
        ("cv!", row, |c| c.cv[2] ^= 1),
        ("own!", row, |c| c.own[3] ^= 1 << 20),
        ("sibling!", row, |c| c.sibling[3] ^= 1 << 20),
        ("bit!", parent, |c| c.swapped = !c.swapped),
        ("out!", row, |c| c.cv[2] ^= 1),
    ];
    changes
        .map(|(name, row, change)| {
            let mut other = samples[row];
            change(&mut other);
            (name, row, other)
        })
        .into_iter()
}

fn filled(compression: &Compression) -> Vec<F> {
    fill(&[*compression], 1, &mut ByteLookups::default()).values
}

/// Number of the `i`th of all words' parts, `parts` a word, among those of the same step.
fn place(i: usize, parts: usize) -> usize {
    parts * (i / parts / STEPS) + i % parts
}

/// Whether byte `i` of all exclusive ors has a lookup.
fn is_looked_up(i: usize) -> bool {
    let (quarter, step, byte) = (i / 4 / STEPS, i / 4 % STEPS, i % 4);
    step > 0 || PARAMETERS.get(quarter).is_none_or(|word| word[byte].is_some())
}

/// Number of a byte's lookup among those of the same step.
fn lookup_place(i: usize) -> usize {
    let step = i / 4 % STEPS;
    (0..i).filter(|&other| other / 4 % STEPS == step && is_looked_up(other)).count()
}

/// What is computed wrongly.
#[derive(Clone, Copy)]
enum Fault {
    /// A limb of a sum.
    Sum { word: usize, limb: usize },
    /// A byte of an exclusive or, whose lowest bit is another; those of the output come last.
    Xor(usize),
}

impl Fault {
    fn sum(i: usize) -> Self {
        Self::Sum { word: i / 2, limb: i % 2 }
    }

    fn added(self, word: usize, terms: &[u32]) -> u32 {
        match self {
            Self::Sum { word: wrong, limb } if wrong == word => wrong_sum(terms, limb),
            _ => terms.iter().fold(0, |sum, &term| sum.wrapping_add(term)),
        }
    }

    fn exclusive_or(self, word: usize, x: u32, y: u32) -> u32 {
        match self {
            Self::Xor(wrong) if wrong / 4 == word => x ^ y ^ 1 << (8 * (wrong % 4)),
            _ => x ^ y,
        }
    }
}

/// A high limb that is one off; or a low limb that is, which leaves a carry 30720 more or less than
/// a true one, 2^16 times which is one off in the field, and a high limb that makes up for such a
/// carry.
fn wrong_sum(terms: &[u32], limb: usize) -> u32 {
    if limb == 1 {
        return terms.iter().fold(1 << 16, |sum, &term| sum.wrapping_add(term));
    }
    let added = |limb: u32| terms.iter().map(|term| i64::from(term >> (16 * limb) & 0xffff)).sum::<i64>();
    let limbs = |off: i64| [added(0) - off, added(1) + ((added(0) - off) >> 16) - 30720 * off];
    let fits = |&[low, high]: &[i64; 2]| low >= 0 && (0..(terms.len() as i64) << 16).contains(&high);
    let [low, high] = [1, -1].map(limbs).into_iter().find(fits).expect("a high limb that makes up for it");
    (low & 0xffff | (high & 0xffff) << 16) as u32
}

/// The row of a compression that is computed with a fault.
fn faulty(compression: &Compression, fault: Fault) -> Vec<F> {
    let (added, exclusive_or) = (|word, terms: &[u32]| fault.added(word, terms), |word, x, y| fault.exclusive_or(word, x, y));
    let row = row_with(&compression.into(), &mut ByteLookups::default(), added, exclusive_or);
    row.as_row().iter().map(|&number| F::from_u32(number)).collect()
}
