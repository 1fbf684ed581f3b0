//! Pairs of bytes: the table behind [`crate::bus::AND`], [`crate::bus::OR`], [`crate::bus::XOR`]
//! and [`crate::bus::BYTES`].
//!
//! *This chip provides*, for all bytes `a` and `b`, `(a, b, a & b)`, `(a, b, a | b)`,
//! `(a, b, a ^ b)` and `(a, b)`, each any number of times.
//!
//! Only the conjunction is a column: `a | b = a + b - (a & b)` and `a ^ b = a + b - 2 (a & b)`.
//!
//! Where the fixed columns have a closed form in place of a commitment ([`fixed_at`]), they are
//! zero beyond the table: all four statements about two zeros are true, however many rows a prover
//! claims.

mod columns;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{ByteTableCols, ByteTableFixed};
pub use trace::fill;

use alloc::vec;
use alloc::vec::Vec;

use p3_air::WindowAccess;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::ChipBuilder;
use crate::bus;
use crate::chip::Chip;
use crate::extension::{self, Arithmetic};
use crate::layout::Columns;

/// Base-2 logarithm of the table's height.
pub const LOG_HEIGHT: usize = 16;

/// Rows of the table.
pub const HEIGHT: usize = 1 << LOG_HEIGHT;

/// The table of byte pairs.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByteTableChip;

impl Chip for ByteTableChip {
    const NAME: &'static str = "byte_table";
    /// Messages are linear.
    const DEGREE: usize = 1;
    type Main<T> = ByteTableCols<T>;
    type Fixed<T> = ByteTableFixed<T>;

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

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some(trace::preprocessed())
    }
}

/// The fixed columns' multilinear extensions, in their order. A bit of the conjunction is the
/// product of two coordinates, and bits weighted by powers of two are linear in them.
pub fn fixed_at<A: Arithmetic>(ops: &mut A, point: &[A::Element]) -> [A::Element; 3] {
    let (bits, below) = extension::split(ops, point, LOG_HEIGHT);
    let (a, b) = bits.split_at(LOG_HEIGHT / 2);
    let both: Vec<A::Element> = a.iter().zip(b).map(|(a, b)| ops.mul(a, b)).collect();
    [a, b, &both].map(|bits| {
        let number = extension::number(ops, bits);
        ops.mul(&number, &below)
    })
}
