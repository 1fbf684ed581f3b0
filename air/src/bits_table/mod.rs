//! Ranges and powers of two: the table behind [`crate::bus::BITS`] and [`crate::bus::POWER`].
//!
//! *This chip provides* `(k, v)` for exactly the `v < 2^k`, and `(k, 2^k)`, for `k <= 16`, each any number of times.
//!
//! Row `2^k - 1 + v` of the preprocessed columns holds `(k, v)`. One row is left over; it repeats `(0, 0)`, which is true, so that no
//! row needs to be switched off.

mod columns;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{BitsTableCols, BitsTableFixed};
pub use trace::fill;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::ChipBuilder;
use crate::bus;
use crate::chip::Chip;
use crate::layout::Columns;
use crate::lookups::MAX_BITS;

/// Rows of the table.
pub const HEIGHT: usize = 1 << (MAX_BITS + 1);

/// The table of ranges and powers.
#[derive(Clone, Copy, Debug, Default)]
pub struct BitsTableChip;

impl Chip for BitsTableChip {
    const NAME: &'static str = "bits_table";
    /// Two messages share a column.
    const DEGREE: usize = 3;

    fn width(&self) -> usize {
        <BitsTableCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        let fixed = *BitsTableFixed::of(builder.preprocessed().current_slice());
        let main = builder.main();
        let row = BitsTableCols::of(main.current_slice());
        let (k, v): (B::Expr, B::Expr) = (fixed.k.into(), fixed.v.into());
        builder.provide("bits_table::bits", alloc::vec![B::constant(bus::BITS), k.clone(), v.clone()], row.bits.into());
        // The largest v of each k stands one below 2^k.
        let power = alloc::vec![B::constant(bus::POWER), k, v + B::Expr::ONE];
        builder.provide("bits_table::power", power, fixed.is_top.into() * row.power);
    }

    fn preprocessed_width(&self) -> usize {
        <BitsTableFixed<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some(trace::preprocessed())
    }
}
