//! Multiplication of 256-bit or 384-bit numbers modulo any number: `dst = (a b + c) mod m`.
//!
//! *Given* a message (`time`, five pointers) from the ecall chip, [`bus::MULMOD`] or
//! [`bus::MULMOD384`], *these chips prove* that the pointers are multiples of 8, that the four or
//! six dwords at each of a, b, c and m lie in one region and are read at the ticks
//! [`TICKS_MULMOD`](crate::events::TICKS_MULMOD), and that as many writable dwords at the
//! destination then become `r`, where `a b + c = q m + r` with `r < m`, and `q < 2^256` or
//! `q < 2^384`. So `m = 0` and a larger quotient have no row.
//!
//! The two chips are one but for the number of dwords, the range of carries, which follows from it,
//! their labels, and the message's tag. Their columns are generic over the number of dwords, and
//! over the number of carries, which is eight times that, less one.
//!
//! They assume that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod labels;
mod semantics;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::MulModCols;
pub use semantics::{Division, divide};
pub use trace::{fill, fill_384};

use crate::builder::ChipBuilder;
use crate::bus;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// Columns of the chip of `mulmod256`.
pub type MulMod256Cols<T> = MulModCols<T, 4, 31>;
/// Columns of the chip of `mulmod384`.
pub type MulMod384Cols<T> = MulModCols<T, 6, 47>;

/// The chip of the `mulmod256` call.
#[derive(Clone, Copy, Debug, Default)]
pub struct MulModChip;

impl Chip for MulModChip {
    const NAME: &'static str = "mulmod";
    type Main<T> = MulMod256Cols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain::<B, 4, 31>(builder, &labels::MULMOD, bus::MULMOD);
    }
}

/// The chip of the `mulmod384` call.
#[derive(Clone, Copy, Debug, Default)]
pub struct MulMod384Chip;

impl Chip for MulMod384Chip {
    const NAME: &'static str = "mulmod384";
    type Main<T> = MulMod384Cols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain::<B, 6, 47>(builder, &labels::MULMOD384, bus::MULMOD384);
    }
}
