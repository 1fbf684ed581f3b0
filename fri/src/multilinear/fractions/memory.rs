//! Memory that is used again.
//!
//! The first write to a page of fresh memory costs more than what a page of fractions takes to
//! compute. So vectors that a level or a column no longer needs are kept, for the next one and for
//! the next proof.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;

use super::super::packed::{Packed, PackedExt};
use super::tree::Block;

/// Vectors that nobody needs at the moment.
#[derive(Debug, Default)]
pub struct Memory {
    wide: Vec<Vec<PackedExt>>,
    base: Vec<Vec<Packed>>,
}

impl Memory {
    /// Fractions of so many machine vectors, of any values.
    pub(in super::super) fn block(&mut self, len: usize) -> Block {
        let numerators = take(&mut self.base, len);
        Block { numerators, denominators: self.take(len), ..Block::default() }
    }

    /// A vector of so many elements, of any values.
    pub(super) fn take(&mut self, len: usize) -> Vec<PackedExt> {
        take(&mut self.wide, len)
    }

    pub(super) fn give(&mut self, vector: Vec<PackedExt>) {
        give(&mut self.wide, vector);
    }

    pub(super) fn give_base(&mut self, vector: Vec<Packed>) {
        give(&mut self.base, vector);
    }
}

fn take<T: PrimeCharacteristicRing>(vectors: &mut Vec<Vec<T>>, len: usize) -> Vec<T> {
    let fitting = vectors.iter().enumerate().filter(|(_, vector)| vector.capacity() >= len);
    let Some((found, _)) = fitting.min_by_key(|(_, vector)| vector.capacity()) else { return T::zero_vec(len) };
    let mut vector = vectors.swap_remove(found);
    vector.resize(len, T::ZERO);
    vector
}

fn give<T>(vectors: &mut Vec<Vec<T>>, vector: Vec<T>) {
    if vector.capacity() > 0 {
        vectors.push(vector);
    }
}
