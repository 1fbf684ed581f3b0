//! How the argument stands on two tables of a proof.
//!
//! One table has a row for each call: a flag, the 100 limbs of its input and the 100 of its output.
//! The other has the bits of the parts' inputs: a column for each lane, and for each call a row for
//! each bit of a lane in each part ([`bit_row`]). After the argument, which is about columns at
//! points of its own, these are claimed, with powers of a challenge `delta` as one sum over the
//! tables' cells ([`super::super::opening::Form`]); `P` is the point over the calls, `Q` that of
//! the bits, `limbs` the sum over limbs `c` of `lambda^c` times the limb:
//!
//! | power | claim |
//! |---|---|
//! | 0 | the flags at `P` are [`super::Proof::real`] |
//! | 1 | `limbs` of outputs at `P` are [`super::Proof::output`] |
//! | 2 | `limbs` of inputs at `P`, less `limbs` made of the first part's bits at `P`, are zero |
//! | 3 | `limbs` made of the second part's bits at `P` are [`super::Proof::middle`] |
//! | 4 and on | lane `l` of bits at `Q` is what the last layer leaves |
//!
//! For bits to be bits and flags to be flags, both tables have constraints. A limb made of bits is
//! below 2^16; if a call's input limbs are below 2^16 too, they have these bits.
//!
//! A row's weights must be a product over the factors of a block's rows and over the bits of its
//! number. So the low four bits of a call, which the argument's first rounds bind at once, are
//! among the five bits of a row that are one factor.

use thiserror::Error;

use super::permutation::LANES;
use super::shape::{LIMBS, LOG_PARTS, LOG_SKIP, SKIP, Shape, Z_VARIABLES};
use crate::multilinear::shape::LOG_BLOCK;

const _: () = assert!(LOG_PARTS == 1, "rows of bits are made for two parts");

/// Bits of a row that are those of a bit in a lane, of a part, and of a call among sixteen.
const LOW_VARIABLES: usize = Z_VARIABLES + LOG_PARTS + LOG_SKIP;

/// Where flags, limbs and bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    /// Position of the table of calls.
    pub calls: usize,
    /// Its column of flags.
    pub real: usize,
    /// Its first column of input limbs: limb `m` of lane `l` is column `4 l + m` from here.
    pub input: usize,
    /// Its first column of output limbs.
    pub output: usize,
    /// Position of the table of bits, which has a column for each lane.
    pub bits: usize,
    /// Base-2 logarithm of the largest number of rows of the table of calls, a multiple of the rows
    /// in a block.
    pub log_calls: usize,
}

/// Tables that the argument cannot stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("Keccak: {0}")]
pub struct UnusableTie(&'static str);

impl Tie {
    /// The argument's shape.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        Shape { log_calls: self.log_calls, skip: true }
    }

    /// All its numbers, to be hashed.
    #[must_use]
    pub const fn numbers(&self) -> [usize; 6] {
        let Self { calls, real, input, output, bits, log_calls } = *self;
        [calls, real, input, output, bits, log_calls]
    }

    /// Checks that the tables, of these widths and with `2^row_variables` rows at most, have the
    /// columns and rows.
    ///
    /// # Errors
    ///
    /// The first condition that does not hold.
    pub fn check(&self, widths: &[usize], row_variables: usize) -> Result<(), UnusableTie> {
        let columns = [(self.real, 1), (self.input, LIMBS), (self.output, LIMBS)];
        let within = |width: &usize| columns.iter().all(|(first, count)| first.checked_add(*count).is_some_and(|end| end <= *width));
        // Each of the three ends before, or begins behind, each other.
        let [flag, input, output] = columns;
        let apart = |(a, in_a): (usize, usize), (b, in_b): (usize, usize)| a.saturating_add(in_a) <= b || b.saturating_add(in_b) <= a;
        let conditions = [
            (apart(flag, input) && apart(flag, output) && apart(input, output), "columns are one thing each"),
            (widths.get(self.calls).is_some_and(within), "the table of calls has the columns"),
            (widths.get(self.bits) == Some(&LANES), "the table of bits has a column for each lane"),
            (self.log_calls >= LOG_BLOCK && self.shape().is_valid(), "whole blocks of calls, as many as there is a protocol for"),
            (self.bit_variables() <= row_variables, "the table of bits has rows for all calls"),
        ];
        conditions.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, condition)| Err(UnusableTie(condition)))
    }

    /// Base-2 logarithm of the number of rows of bits of all calls.
    #[must_use]
    pub const fn bit_variables(&self) -> usize {
        self.log_calls.saturating_add(Z_VARIABLES + LOG_PARTS)
    }
}

/// The row of bit `z` of a call's lanes in a part.
#[must_use]
pub const fn bit_row(call: usize, part: usize, z: usize) -> usize {
    let in_block = z % 16 + 16 * (call % SKIP) + 256 * (z / 16 % 2);
    in_block + ((z / 32 + 2 * part) << LOG_BLOCK) + ((call / SKIP) << LOW_VARIABLES)
}
