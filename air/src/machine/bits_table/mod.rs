//! Ranges and powers of two: the table behind [`crate::bus::BITS`] and [`crate::bus::POWER`].
//!
//! *This chip provides* `(k, v)` for exactly the `v < 2^k`, and `(k, 2^k)`, for `k <= 16`, each any
//! number of times.
//!
//! **Rows in the order of a heap.** Row `2^k + v` of the fixed columns holds `(k, v)`, so `k` is
//! the place of the row number's highest bit and `v` are the bits below it. Row 0, and every row
//! from 2^17 on, holds zeros: it provides `(0, 0)` and `(0, 2^0)`, which is true, so no row needs
//! to be switched off, however many rows a prover claims. On rows that are not committed the
//! multiplicities are zero.

mod columns;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{BitsTableCols, BitsTableFixed};
pub use trace::fill;

use alloc::vec;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::ChipBuilder;
use crate::bus;
use crate::chip::Chip;
use crate::extension::{self, Arithmetic};
use crate::layout::Columns;
use crate::lookups::MAX_BITS;

/// Base-2 logarithm of the table's height.
pub const LOG_HEIGHT: usize = MAX_BITS as usize + 1;

/// Rows of the table.
pub const HEIGHT: usize = 1 << LOG_HEIGHT;

/// The table of ranges and powers.
#[derive(Clone, Copy, Debug, Default)]
pub struct BitsTableChip;

impl Chip for BitsTableChip {
    const NAME: &'static str = "bits_table";
    const DEGREE: usize = 1;
    type Main<T> = BitsTableCols<T>;
    type Fixed<T> = BitsTableFixed<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        let fixed = *BitsTableFixed::of(builder.preprocessed().current_slice());
        let main = builder.main();
        let row = BitsTableCols::of(main.current_slice());
        let (k, power): (B::Expr, B::Expr) = (fixed.k.into(), fixed.largest.into() + B::Expr::ONE);
        builder.provide("bits_table::bits", vec![B::constant(bus::BITS), k.clone(), fixed.v.into()], row.bits.into());
        builder.provide("bits_table::power", vec![B::constant(bus::POWER), k, power], row.power.into());
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some(trace::fixed())
    }
}

/// The fixed columns' multilinear extensions, in their order.
///
/// Let `r_j` be one where no bit from `j` on is set, a product of complements. The highest bit of a
/// row number is at `j` or above where `r_j` is zero, so `k` is the sum of `1 - r_j` over `j` from
/// 1 to 16, and `2^k - 1` that of `2^(j - 1) (1 - r_j)`. On rows other than 0 the number is
/// `2^k + v`; on row 0, where `r_0` is one, all are zero.
pub fn fixed_at<A: Arithmetic>(ops: &mut A, point: &[A::Element]) -> [A::Element; 3] {
    let (bits, below) = extension::split(ops, point, LOG_HEIGHT);
    let (one, two) = (ops.constant(F::ONE), ops.constant(F::TWO));
    let (mut k, mut largest) = (ops.constant(F::ZERO), ops.constant(F::ZERO));
    let mut unset = one.clone();
    let (lowest, higher) = bits.split_first().unwrap_or((&one, &[]));
    for bit in higher.iter().rev() {
        let complement = extension::complement(ops, bit);
        unset = ops.mul(&unset, &complement);
        let reached = extension::complement(ops, &unset);
        k = ops.add(&k, &reached);
        largest = ops.mul_add(&largest, &two, &reached);
    }
    let complement = extension::complement(ops, lowest);
    let is_zero = ops.mul(&unset, &complement);
    let number = extension::number(ops, &bits);
    let v = ops.sub(&number, &largest);
    let v = ops.sub(&v, &one);
    let v = ops.add(&v, &is_zero);
    [k, v, largest].map(|column| ops.mul(&column, &below))
}
