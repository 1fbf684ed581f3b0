//! Pairs of bytes: the table behind [`bus::XOR`], [`bus::XOR_12`], [`bus::XOR_7`], [`bus::U16`] and
//! [`bus::TOP`].
//!
//! *This chip provides*, for all bytes `a` and `b` with `x = a ^ b` and `v = a + 256 b`,
//! `(a, b, x)`, `(a, b, x / 16, x mod 16)`, `(a, b, x / 128, x mod 128)`, `(v)`, and where
//! `v <= 0x7800` once more `(v)` under another tag, each any number of times.
//!
//! It is preprocessed, and the same in all circuits. Its columns' extensions have closed forms
//! ([`fixed_at`]), in which they are zero beyond the table: there four of the messages state
//! something true about zeros, and the fifth is not counted.

mod columns;
mod counts;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{ByteTableCols, ByteTablePreCols};
pub use counts::{ByteLookup, ByteLookups, CountPairs};
pub use trace::{fill, preprocessed};

use alloc::vec::Vec;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{Circuit, bus};
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::extension::{self, Arithmetic};
use crate::layout::Columns;

/// Base-2 logarithm of the table's height.
pub const LOG_HEIGHT: usize = 16;

/// Rows of the table.
pub const HEIGHT: usize = 1 << LOG_HEIGHT;

/// The table of byte pairs.
#[derive(Clone, Debug, Default)]
pub struct ByteTableChip {
    /// [`preprocessed`], where it is needed.
    pub circuit: Circuit,
}

impl Chip for ByteTableChip {
    const NAME: &'static str = "byte_table";
    /// Messages are linear.
    const DEGREE: usize = 1;
    type Main<T> = ByteTableCols<T>;
    type Fixed<T> = ByteTablePreCols<T>;

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

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}

/// The preprocessed columns' multilinear extensions, in their order. A bit of `a ^ b` is
/// `a + b - 2 a b` of two coordinates. A value is at most `0x7800` unless bit 15 is set, or the
/// four bits below are and one of the eleven that are left.
pub fn fixed_at<A: Arithmetic>(ops: &mut A, point: &[A::Element]) -> [A::Element; 6] {
    let (bits, below) = extension::split(ops, point, LOG_HEIGHT);
    let (a, b) = bits.split_at(LOG_HEIGHT / 2);
    let (zero, minus_two) = (ops.constant(F::ZERO), ops.constant(-F::TWO));
    let xor = |ops: &mut A, (a, b): (&A::Element, &A::Element)| {
        let both = ops.mul(a, b);
        let either = ops.add(a, b);
        ops.mul_add(&both, &minus_two, &either)
    };
    let sum: Vec<A::Element> = a.iter().zip(b).map(|pair| xor(ops, pair)).collect();
    let (low, high) = sum.split_at(LOG_HEIGHT / 4);
    let top = sum.last().unwrap_or(&zero).clone();
    let small = small_at(ops, &bits);
    let numbers = [a, b, high, low].map(|bits| extension::number(ops, bits));
    let [a, b, high, low] = numbers;
    [a, b, high, low, top, small].map(|column| ops.mul(&column, &below))
}

/// One on rows whose number, of these bits, is at most [`bus::MAX_TOP`].
fn small_at<A: Arithmetic>(ops: &mut A, bits: &[A::Element]) -> A::Element {
    let lowest = bus::MAX_TOP.trailing_zeros() as usize;
    let none = extension::none_set(ops, bits.iter().take(lowest));
    let mut above = extension::complement(ops, &none);
    for bit in bits.iter().skip(lowest).take(bus::MAX_TOP.count_ones() as usize) {
        above = ops.mul(&above, bit);
    }
    let mut small = extension::complement(ops, &above);
    for bit in bits.iter().skip(u32::BITS as usize - bus::MAX_TOP.leading_zeros() as usize) {
        let unset = extension::complement(ops, bit);
        small = ops.mul(&small, &unset);
    }
    small
}
