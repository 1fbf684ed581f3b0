//! Linear forms as sums that share parts.

use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};

use super::Transfer;

/// A linear form of the columns; operands are numbers of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sum {
    /// A column.
    Column(usize),
    /// A sum.
    Add(usize, usize),
    /// The first less the second.
    Sub(usize, usize),
    /// A multiple.
    Scale(F, usize),
}

impl Sum {
    /// What it is made of: sums and their factors. A column is made of none.
    pub fn operands(self) -> impl Iterator<Item = (usize, F)> {
        let operands = match self {
            Self::Column(_) => [None, None],
            Self::Add(x, y) => [Some((x, F::ONE)), Some((y, F::ONE))],
            Self::Sub(x, y) => [Some((x, F::ONE)), Some((y, F::NEG_ONE))],
            Self::Scale(factor, x) => [Some((x, factor)), None],
        };
        operands.into_iter().flatten()
    }
}

/// Linear forms, equal ones once.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) sums: Vec<Sum>,
    numbers: BTreeMap<Sum, usize>,
}

impl Sums {
    /// The number of a form.
    pub(super) fn number(&mut self, sum: Sum) -> usize {
        let next = self.sums.len();
        let number = *self.numbers.entry(sum).or_insert(next);
        if number == next {
            self.sums.push(sum);
        }
        number
    }

    /// A form's columns with their coefficients, those that are zero left out.
    pub(super) fn coefficients(&self, sum: usize) -> Vec<(usize, F)> {
        // Sums that are not walked yet, those that come last first: whatever leads to one comes before it.
        let mut open = BinaryHeap::from([(sum, F::ONE)]);
        let mut columns: Vec<(usize, F)> = Vec::new();
        while let Some((sum, mut factor)) = open.pop() {
            while open.peek().is_some_and(|(next, _)| *next == sum) {
                factor += open.pop().map_or(F::ZERO, |(_, more)| more);
            }
            if let Sum::Column(column) = self.sums[sum] {
                columns.push((column, factor));
            }
            open.extend(self.sums[sum].operands().map(|(operand, own)| (operand, factor * own)));
        }
        columns.retain(|(_, coefficient)| *coefficient != F::ZERO);
        columns.sort_unstable_by_key(|(column, _)| *column);
        columns
    }

    /// Drops what none of these numbers needs, and gives the new numbers.
    pub(super) fn only_needed(self, roots: impl Iterator<Item = usize>) -> (Vec<Sum>, Vec<Option<usize>>) {
        let needed = needed(&self.sums, roots);
        let mut count = 0;
        let numbers: Vec<Option<usize>> = needed
            .iter()
            .map(|needed| {
                needed.then(|| {
                    count += 1;
                    count - 1
                })
            })
            .collect();
        let moved = |number: usize| numbers[number].unwrap_or_default();
        let kept = self.sums.iter().zip(&needed).filter(|(_, needed)| **needed).map(|(sum, _)| match *sum {
            Sum::Column(column) => Sum::Column(column),
            Sum::Add(x, y) => Sum::Add(moved(x), moved(y)),
            Sum::Sub(x, y) => Sum::Sub(moved(x), moved(y)),
            Sum::Scale(factor, x) => Sum::Scale(factor, moved(x)),
        });
        (kept.collect(), numbers)
    }
}

/// Whether each sum is one of these or a part of one.
#[must_use]
pub fn needed(sums: &[Sum], wanted: impl Iterator<Item = usize>) -> Vec<bool> {
    let mut needed = vec![false; sums.len()];
    wanted.for_each(|sum| needed[sum] = true);
    for (number, sum) in sums.iter().enumerate().rev() {
        if needed[number] {
            sum.operands().for_each(|(operand, _)| needed[operand] = true);
        }
    }
    needed
}

/// All sums' values.
pub(super) fn values(sums: &[Sum], columns: &[EF]) -> Vec<EF> {
    let mut values: Vec<EF> = Vec::with_capacity(sums.len());
    for sum in sums {
        values.push(match *sum {
            Sum::Column(column) => columns[column],
            Sum::Add(x, y) => values[x] + values[y],
            Sum::Sub(x, y) => values[x] - values[y],
            Sum::Scale(factor, x) => values[x] * factor,
        });
    }
    values
}

/// The steps backwards, from each sum to what it is made of.
pub(super) fn transfers(sums: &[Sum]) -> Vec<Transfer> {
    let of_sum = |(from, sum): (usize, &Sum)| {
        let column = if let Sum::Column(column) = sum { Some((sums.len() + column, F::ONE)) } else { None };
        column.into_iter().chain(sum.operands()).map(move |(to, factor)| Transfer { from, to, factor }).collect::<Vec<_>>()
    };
    sums.iter().enumerate().rev().flat_map(of_sum).collect()
}
