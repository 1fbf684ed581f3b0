//! Multiplication of 256-bit numbers modulo any number: `dst = (a b + c) mod m`.
//!
//! *Given* a [`bus::MULMOD`] message (`time`, five pointers) from the ecall chip, *this chip proves* that the pointers are multiples of 8, that the
//! four dwords at each of a, b, c and m lie in one region and are read at the ticks [`TICKS_MULMOD`](crate::events::TICKS_MULMOD), and that the four
//! writable dwords at the destination then become `r`, where `a b + c = q m + r` with `q < 2^256` and `r < m`. So `m = 0` and a
//! larger quotient have no row.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod semantics;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::MulModCols;
pub use semantics::{Division, divide};
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;
use tern_field::F;

/// The chip of the `mulmod256` call.
#[derive(Clone, Copy, Debug, Default)]
pub struct MulModChip;

impl Chip for MulModChip {
    const NAME: &'static str = "mulmod";

    fn width(&self) -> usize {
        <MulModCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
