//! The statement of a segment: where execution and memory stand at its start and at its end.
//!
//! *Given* the public values ([`Statement`]), *this chip proves* that the segment begins with the
//! one execution token `(pc_in, first tick)` and the memory root `root_in`, and ends either with
//! the one execution token at `pc_out`, or, if `halted`, with the program's `halt` call and its
//! exit code and output digest; memory is then `root_out`.
//!
//! **Exactly one row speaks.** The one fixed column, `is_first`, is one in the first row and zero
//! in all others. Every message counts `is_first` times a public value, and every constraint is a
//! multiple of it: nothing that a prover commits to decides whether these messages are sent. No
//! flag of the prover's could do that, since constraints on single rows hold when no row is real,
//! and then empty tables would balance under any public values: no execution token, no root of
//! memory. The verifier evaluates the column itself ([`fixed_at`]), in the whole cube of `2^n`
//! rows, so the first row speaks even if the prover claims a table without rows (`end_time` is then
//! zero), and further rows that he commits to are silent.
//!
//! So over the integers each execution token balances: exactly one is sent from nothing,
//! `(pc_in, first tick)`; exactly one is taken without a successor, by this row or by the halt call
//! whose `HALT` message only this row takes, and it takes one if and only if `halted` is one.
//! Likewise each kind of root has exactly one sender, this row, and the tree chip takes it once.
//! The bound on multiplicities counts this table with one row at least.
//!
//! The verifier checks natively that limbs are below 2^16 and `halted` is 0 or 1, and that segments chain.

mod columns;
mod constraints;
mod statement;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{SegmentCols, SegmentFixed};
pub use statement::{Halt, Statement, StatementError};
pub use trace::fill;

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::ChipBuilder;
use crate::chip::{Chip, PublicField};
use crate::extension::{self, Arithmetic};

/// The chip that holds a segment's public values.
#[derive(Clone, Copy, Debug, Default)]
pub struct SegmentChip;

impl Chip for SegmentChip {
    const NAME: &'static str = "segment";
    const DEGREE: usize = 1;
    const PUBLIC: &'static [PublicField] = &statement::PUBLIC;
    type Main<T> = SegmentCols<T>;
    type Fixed<T> = SegmentFixed<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some(trace::fixed())
    }
}

/// The fixed column's multilinear extension: `prod (1 - x_i)`.
pub fn fixed_at<A: Arithmetic>(ops: &mut A, point: &[A::Element]) -> [A::Element; 1] {
    [extension::none_set(ops, point)]
}
