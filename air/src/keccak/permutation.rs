//! Plonky3's Keccak AIR as constraints of this chip.

use alloc::vec::Vec;
use core::mem::offset_of;

use p3_air::{Air, AirBuilder, WindowAccess};
use p3_keccak_air::{KeccakAir, NUM_KECCAK_COLS};
use tern_field::F;

use super::KeccakCols;
use crate::builder::ChipBuilder;

/// The columns [`KeccakCols::permutation`] state permutations, from the table's first row on one every 24 rows: on every row `r` with
/// `r = 23 mod 24`, the preimage is the state before and the output the state after the permutation, both as bits gathered into 16-bit limbs.
pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    KeccakAir {}.eval(&mut Permutation { inner: builder });
}

/// The columns that Plonky3's AIR reads on the next row: the flags turn, the preimage stays, the output becomes the next input.
pub(super) fn next_row_columns() -> Vec<usize> {
    type Indices = p3_keccak_air::KeccakCols<u8>;
    let first = offset_of!(KeccakCols<u8>, permutation);
    let flags = offset_of!(Indices, step_flags)..offset_of!(Indices, export);
    let preimage_and_input = offset_of!(Indices, preimage)..offset_of!(Indices, c);
    flags.chain(preimage_and_input).map(|column| first + column).collect()
}

/// Shows Plonky3's AIR its own columns only, and gives its constraints their label.
struct Permutation<'a, B> {
    inner: &'a mut B,
}

/// The first [`NUM_KECCAK_COLS`] columns of a window.
#[derive(Clone)]
struct Narrow<W>(W);

impl<T, W: WindowAccess<T>> WindowAccess<T> for Narrow<W> {
    #[inline]
    fn current_slice(&self) -> &[T] {
        &self.0.current_slice()[..NUM_KECCAK_COLS]
    }

    #[inline]
    fn next_slice(&self) -> &[T] {
        &self.0.next_slice()[..NUM_KECCAK_COLS]
    }
}

impl<B: ChipBuilder> AirBuilder for Permutation<'_, B> {
    type F = F;
    type Expr = B::Expr;
    type Var = B::Var;
    type PreprocessedWindow = B::PreprocessedWindow;
    type MainWindow = Narrow<B::MainWindow>;
    type PublicVar = B::PublicVar;
    type PeriodicVar = B::PeriodicVar;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        const { assert!(offset_of!(KeccakCols<u8>, permutation) == 0) };
        Narrow(self.inner.main())
    }

    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }

    #[inline]
    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }

    #[inline]
    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }

    #[inline]
    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }

    #[inline]
    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.inner.check("keccak::permutation", x);
    }
}
