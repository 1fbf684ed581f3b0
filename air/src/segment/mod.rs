//! The statement of a segment: where execution and memory stand at its start and at its end.
//!
//! *Given* the public values ([`Statement`]), *this chip proves* that the segment begins with the one execution token `(pc_in, first tick)` and the memory
//! root `root_in`, and ends either with the one execution token at `pc_out`, or, if `halted`, with the program's `halt` call and its exit code and output
//! digest; memory is then `root_out`.
//!
//! The table has one real row, the first. The verifier checks natively that limbs are below 2^16 and `halted` is 0 or 1, and that segments chain.

mod columns;
mod constraints;
pub(crate) mod statement;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::SegmentCols;
pub use statement::{Halt, PUBLIC_VALUES, Statement, StatementError};
pub use trace::fill;

use alloc::vec;
use alloc::vec::Vec;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;
use tern_field::F;

/// The chip that holds a segment's public values.
#[derive(Clone, Copy, Debug, Default)]
pub struct SegmentChip;

impl Chip for SegmentChip {
    const NAME: &'static str = "segment";
    const PUBLIC_VALUES: usize = PUBLIC_VALUES;

    fn width(&self) -> usize {
        <SegmentCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn next_row_columns(&self) -> Vec<usize> {
        vec![columns::IS_REAL]
    }
}
