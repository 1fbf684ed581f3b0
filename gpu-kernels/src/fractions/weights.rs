//! What weighs the sums of a layer's rounds: all of it follows from the layer's point, and kernels
//! make it (`shaders/fractions_weights.wgsl`).

use tern_field::EXTENSION_DEGREE;

use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// What a list is of.
#[derive(Clone, Copy)]
enum Kind {
    Equality,
    Rests,
    Inverses,
}

/// A list: the number of its first element, its kind, the number of its coordinates, and the places
/// of these and of what else it has.
type List = [usize; 5];

/// Lists of elements, one after the other. Coordinates are places of the record.
#[derive(Default)]
pub(super) struct Lists {
    lists: Vec<List>,
    more: Vec<usize>,
    len: usize,
}

impl Lists {
    /// Equality weights of the first numbers, zero beyond those that there are: where they are.
    pub(super) fn equality(&mut self, coordinates: &[usize], count: usize) -> usize {
        let first = self.put(coordinates);
        self.add(Kind::Equality, coordinates.len(), first, 0, count)
    }

    /// Of each number its weight, times that of the numbers from its own on at other coordinates.
    pub(super) fn rests(&mut self, coordinates: &[usize], others: &[usize], from: &[usize]) -> usize {
        let first = self.put(coordinates);
        let more = self.put(&[others.len()]);
        self.put(others);
        self.put(from);
        self.add(Kind::Rests, coordinates.len(), first, more, from.len())
    }

    /// The inverse of a coordinate.
    pub(super) fn inverse(&mut self, coordinate: usize) -> usize {
        let first = self.put(&[coordinate]);
        self.add(Kind::Inverses, 1, first, 0, 1)
    }

    /// Makes them.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub(super) fn fill(&self, gpu: &Gpu, record: &Words) -> Result<Words, GpuError> {
        let to = gpu.words(EXTENSION_DEGREE * self.len)?;
        let own = self.lists.as_flattened();
        let params = [self.lists.len(), self.len, 3 + own.len()];
        let params: Vec<u32> = params.iter().chain(own).chain(&self.more).map(|&number| number as u32).collect();
        gpu.dispatch(&kernel!("inverse", "recorded", "fractions_weights"), &params, &[record, &to], self.len)?;
        Ok(to)
    }

    fn put(&mut self, words: &[usize]) -> usize {
        self.more.extend(words);
        self.more.len() - words.len()
    }

    fn add(&mut self, kind: Kind, coordinates: usize, first: usize, more: usize, count: usize) -> usize {
        // None begins where another does.
        if count > 0 {
            self.lists.push([self.len, kind as usize, coordinates, first, more]);
        }
        self.len += count;
        EXTENSION_DEGREE * (self.len - count)
    }
}
