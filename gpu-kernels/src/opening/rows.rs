//! The vectors of the sumcheck: values and weights of rows.

use tern_field::{EF, EXTENSION_DEGREE};
use tern_fri::multilinear::opening::{Terms, Vectors};

use crate::gpu::{elements, ext_elements};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Coordinates of a row: those of its value and of its weight.
pub(super) const ROW_WORDS: usize = 2 * EXTENSION_DEGREE;

/// Most workgroups that sum up a message.
const MAX_SUMS: usize = 1 << 10;

/// Values and weights of rows on a device.
pub(super) struct Rows {
    /// The values' coordinates, one after the other, then the weights'.
    words: Words,
    /// How many rows there are.
    len: usize,
    /// The place of the challenge that the lowest bit is still to be bound to, which the next pass does.
    pending: Option<usize>,
    /// The rows up to which zeros follow, once no rows come before them any more.
    extended: Option<usize>,
}

impl Rows {
    /// Room for so many.
    pub(super) fn new(gpu: &Gpu, len: usize) -> Result<Self, GpuError> {
        Ok(Self { words: gpu.words(ROW_WORDS * len)?, len, pending: None, extended: None })
    }

    /// Puts rows into vectors from place `first` on, with the bit bound that is to be bound: the first
    /// `len` of them.
    fn put(&self, gpu: &Gpu, record: &Words, to: &Self, first: usize, len: usize) -> Result<(), GpuError> {
        let sizes = |step: usize| [self.len, len, first, to.len, step].map(|size| size as u32);
        match self.pending {
            None => {
                let kernel = kernel!("opening_rows", "opening_put", "opening_unbound", "opening_fold");
                gpu.dispatch(&kernel, &sizes(1), &[&self.words, &to.words], 2 * len)
            }
            Some(challenge) => {
                let params: Vec<u32> = sizes(2).into_iter().chain([challenge as u32]).collect();
                let kernel = kernel!("opening_rows", "opening_put", "recorded", "opening_drawn", "opening_fold");
                gpu.dispatch(&kernel, &params, &[&self.words, &to.words, record], 2 * len)
            }
        }
    }

    /// Vectors with room before them, of so many rows.
    pub(super) fn after(gpu: &Gpu, record: &Words, first: usize, rows: Option<&Self>) -> Result<Self, GpuError> {
        let len = rows.map_or(0, Self::bound_len);
        let to = Self { extended: rows.and_then(|rows| rows.extended), ..Self::new(gpu, first + len)? };
        rows.map_or(Ok(()), |rows| rows.put(gpu, record, &to, first, len))?;
        Ok(to)
    }

    /// The first rows.
    pub(super) fn first(&self, gpu: &Gpu, record: &Words, len: usize) -> Result<Self, GpuError> {
        let to = Self::new(gpu, len)?;
        self.put(gpu, record, &to, 0, len)?;
        Ok(to)
    }

    pub(super) const fn words(&self) -> &Words {
        &self.words
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Rows with those that are zero.
    pub(super) fn extended_len(&self) -> usize {
        self.extended.unwrap_or(self.len)
    }

    /// Rows when the bit is bound.
    const fn bound_len(&self) -> usize {
        if self.pending.is_some() { self.len.div_ceil(2) } else { self.len }
    }

    /// Whether a bit is to be bound.
    pub(super) const fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Binds the bit that is to be bound.
    pub(super) fn bind(&mut self, gpu: &Gpu, record: &Words) -> Result<(), GpuError> {
        if self.pending.is_some() {
            *self = Self::after(gpu, record, 0, Some(self))?;
        }
        Ok(())
    }

    pub(super) fn fold(&mut self, gpu: &Gpu, record: &Words, challenge: usize) -> Result<(), GpuError> {
        self.bind(gpu, record)?;
        self.pending = Some(challenge);
        self.extended = self.extended.map(|len| len / 2);
        Ok(())
    }

    pub(super) fn scale(&mut self, gpu: &Gpu, record: &Words, challenge: usize) -> Result<(), GpuError> {
        self.bind(gpu, record)?;
        let params = [self.len, challenge].map(|size| size as u32);
        gpu.dispatch(&kernel!("opening_rows", "recorded", "opening_scale"), &params, &[&self.words, record], 2 * self.len)
    }

    pub(super) fn interleaved(gpu: &Gpu, record: &Words, mut first: Self, mut second: Self) -> Result<Self, GpuError> {
        first.bind(gpu, record)?;
        second.bind(gpu, record)?;
        let to = Self::new(gpu, 2 * first.len.max(second.len))?;
        let kernel = kernel!("opening_rows", "opening_put", "opening_interleave");
        let params = [first.len, second.len, to.len].map(|size| size as u32);
        gpu.dispatch(&kernel, &params, &[&first.words, &second.words, &to.words], 2 * to.len)?;
        Ok(to)
    }

    pub(super) const fn extend(&mut self, len: usize) {
        self.extended = Some(len);
    }

    /// Workgroups that sum up a message.
    const fn sums(&self) -> usize {
        let sums = self.bound_len().div_ceil(2 * GROUP);
        if sums < MAX_SUMS { sums } else { MAX_SUMS }
    }

    /// Records the sums of a message from number `first` on, and binds the bit that is to be bound.
    fn sum(&mut self, gpu: &Gpu, record: &Words, are_bound: bool, sums: &Words, first: usize) -> Result<(), GpuError> {
        let (len, invocations) = (self.bound_len(), self.sums() * GROUP);
        let params = [self.len, len, first, invocations, 0, self.pending.unwrap_or(0)].map(|size| size as u32);
        if self.pending.is_none() {
            let kernel = kernel!("opening_rows", "opening_direct", "lanes", "opening_message").with("PAIRS", usize::from(are_bound));
            return gpu.dispatch(&kernel, &params, &[&self.words, sums], invocations);
        }
        let kernel = kernel!("opening_rows", "opening_put", "recorded", "opening_drawn", "opening_folded", "lanes", "opening_message");
        let to = Self { extended: self.extended, ..Self::new(gpu, len)? };
        gpu.dispatch(&kernel.with("PAIRS", usize::from(are_bound)), &params, &[&self.words, &to.words, record, sums], invocations)?;
        *self = to;
        Ok(())
    }

    /// The vectors that these words are. The bit that is to be bound is not.
    pub(super) fn vectors(&self, words: &[u32]) -> Result<Vectors, GpuError> {
        let coordinates = elements(words)?;
        let zeros = if self.pending.is_some() { 2 * self.extended_len() } else { self.extended_len() };
        let vector = |vector: usize| {
            let coordinate = |i: usize, d: usize| coordinates[(vector * EXTENSION_DEGREE + d) * self.len + i];
            let coordinates: Vec<_> = (0..self.len).flat_map(|i| (0..EXTENSION_DEGREE).map(move |d| coordinate(i, d))).collect();
            let mut elements = ext_elements(&coordinates);
            elements.resize(zeros.max(self.len), EF::default());
            elements
        };
        Ok(Vectors { values: vector(0), weights: vector(1) })
    }
}

/// The sums of the parts' polynomials, and how many they are.
pub(super) fn sums(gpu: &Gpu, record: &Words, parts: &mut [Terms<'_, Option<Rows>>]) -> Result<(Words, usize), GpuError> {
    let count = parts.iter().filter_map(|part| part.rows.as_ref()).map(Rows::sums).sum();
    let sums = gpu.words(ROW_WORDS * count)?;
    let mut first = 0;
    for Terms { rows, are_bound } in parts {
        if let Some(rows) = rows {
            let own = rows.sums();
            rows.sum(gpu, record, *are_bound, &sums, first)?;
            first += own;
        }
    }
    Ok((sums, count))
}
