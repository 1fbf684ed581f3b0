//! Pairs of bytes: the table behind [`bus::XOR`], [`bus::XOR_12`], [`bus::XOR_7`], [`bus::U16`] and [`bus::TOP`].
//!
//! *This chip provides*, for all bytes `a` and `b` with `x = a ^ b` and `v = a + 256 b`, `(a, b, x)`, `(a, b, x / 16, x mod 16)`, `(a, b, x / 128, x mod 128)`, `(v)`, and where
//! `v <= 0x7800` once more `(v)` under another tag, each any number of times.
//!
//! It is preprocessed, and the same in all circuits.

mod columns;
mod counts;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{ByteTableCols, ByteTablePreCols};
pub use counts::{ByteLookup, ByteLookups};
pub use trace::{fill, preprocessed};

use p3_air::WindowAccess;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{Circuit, bus};
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// Rows of the table.
pub const HEIGHT: usize = 1 << 16;

/// The table of byte pairs.
#[derive(Clone, Debug, Default)]
pub struct ByteTableChip {
    /// [`preprocessed`], where it is needed.
    pub circuit: Circuit,
}

impl Chip for ByteTableChip {
    const NAME: &'static str = "byte_table";
    /// Two messages share a column: cheaper than four, whose quotient is twice as wide.
    const DEGREE: usize = 3;

    fn width(&self) -> usize {
        <ByteTableCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        let fixed = *ByteTablePreCols::of(builder.preprocessed().current_slice());
        let main = builder.main();
        let [xor, xor_12, xor_7, u16, top] = ByteTableCols::of(main.current_slice()).counts.map(Into::<B::Expr>::into);
        let (a, b, hi, lo): (B::Expr, B::Expr, B::Expr, B::Expr) = (fixed.a.into(), fixed.b.into(), fixed.hi.into(), fixed.lo.into());
        let sum = hi.clone() * B::constant(16) + lo.clone();
        let rest = sum.clone() - fixed.top.into() * B::constant(128);
        let value = a.clone() + b.clone() * B::constant(256);
        let mut provide = |label, tag, payload: &[&B::Expr], count: B::Expr| {
            let tuple = core::iter::once(B::constant(tag)).chain(payload.iter().map(|&e| e.clone())).collect();
            builder.provide(label, tuple, count);
        };
        provide("byte_table::xor", bus::XOR, &[&a, &b, &sum], xor);
        provide("byte_table::xor_12", bus::XOR_12, &[&a, &b, &hi, &lo], xor_12);
        provide("byte_table::xor_7", bus::XOR_7, &[&a, &b, &fixed.top.into(), &rest], xor_7);
        provide("byte_table::u16", bus::U16, &[&value], u16);
        provide("byte_table::top", bus::TOP, &[&value], top * fixed.small.into());
    }

    fn preprocessed_width(&self) -> usize {
        <ByteTablePreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
