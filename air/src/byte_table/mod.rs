//! Pairs of bytes: the table behind [`crate::bus::AND`], [`crate::bus::OR`], [`crate::bus::XOR`] and [`crate::bus::BYTES`].
//!
//! *This chip provides*, for all bytes `a` and `b`, `(a, b, a & b)`, `(a, b, a | b)`, `(a, b, a ^ b)` and `(a, b)`, each any number of times.
//!
//! Only the conjunction is a column: `a | b = a + b - (a & b)` and `a ^ b = a + b - 2 (a & b)`.

mod columns;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{ByteTableCols, ByteTableFixed};
pub use trace::fill;

use alloc::vec;

use p3_air::WindowAccess;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::ChipBuilder;
use crate::bus;
use crate::chip::Chip;
use crate::layout::Columns;

/// Rows of the table.
pub const HEIGHT: usize = 1 << 16;

/// The table of byte pairs.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByteTableChip;

impl Chip for ByteTableChip {
    const NAME: &'static str = "byte_table";
    /// Two messages share a column: cheaper than four, whose quotient is twice as wide.
    const DEGREE: usize = 3;

    fn width(&self) -> usize {
        <ByteTableCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        let fixed = *ByteTableFixed::of(builder.preprocessed().current_slice());
        let main = builder.main();
        let row = ByteTableCols::of(main.current_slice());
        let (a, b, and): (B::Expr, B::Expr, B::Expr) = (fixed.a.into(), fixed.b.into(), fixed.and.into());
        let or = a.clone() + b.clone() - and.clone();
        let xor = or.clone() - and.clone();
        let [and_count, or_count, xor_count, bytes_count] = row.counts.map(Into::into);
        builder.provide("byte_table::and", vec![B::constant(bus::AND), a.clone(), b.clone(), and], and_count);
        builder.provide("byte_table::or", vec![B::constant(bus::OR), a.clone(), b.clone(), or], or_count);
        builder.provide("byte_table::xor", vec![B::constant(bus::XOR), a.clone(), b.clone(), xor], xor_count);
        builder.provide("byte_table::bytes", vec![B::constant(bus::BYTES), a, b], bytes_count);
    }

    fn preprocessed_width(&self) -> usize {
        <ByteTableFixed<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some(trace::preprocessed())
    }
}
