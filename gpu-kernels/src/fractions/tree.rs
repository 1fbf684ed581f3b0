//! Levels in device memory, and those above them.

use p3_field::{BasedVectorSpace, PrimeField32};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::fractions::{Block, Fractions};
use tern_fri::multilinear::packed::ROWS;

use super::{Limits, layer_rounds};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, Kernel, kernel};

/// Base-2 logarithm of the most tiles of a workgroup.
const MAX_LOG_TILES: usize = 3;

/// A block in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The place of its first row.
    pub start: usize,
    /// Rows that are stored, in whole vectors of sixteen.
    pub rows: usize,
    /// The denominator beyond them, where the numerator is zero.
    pub padding: EF,
}

/// Blocks of fractions in device memory, one after the other: a plane of numerators, or five if
/// they are of the challenge field, then five of denominators.
pub struct Array {
    words: Words,
    /// Fractions that there is memory for, in each plane.
    capacity: usize,
    is_base: bool,
    /// Whether the two blocks are the even and the odd vectors of one.
    alternates: bool,
    places: Vec<Place>,
}

impl Array {
    /// Memory for messages' fractions, whose numerators are in the base field: of so many rows
    /// each, with so much in the denominators beyond them.
    ///
    /// # Errors
    ///
    /// If there is not as much.
    pub fn of_messages(gpu: &Gpu, blocks: impl IntoIterator<Item = (usize, EF)>) -> Result<Self, GpuError> {
        Self::new(gpu, blocks, true, 0)
    }

    /// The same for any fractions, and room for so many more after them.
    pub(super) fn with_room(gpu: &Gpu, blocks: impl IntoIterator<Item = (usize, EF)>, room: usize) -> Result<Self, GpuError> {
        Self::new(gpu, blocks, false, room)
    }

    fn new(gpu: &Gpu, blocks: impl IntoIterator<Item = (usize, EF)>, is_base: bool, room: usize) -> Result<Self, GpuError> {
        let mut capacity = 0;
        let place = |(rows, padding): (usize, EF)| {
            let rows = rows.next_multiple_of(ROWS);
            capacity += rows;
            Place { start: capacity - rows, rows, padding }
        };
        let places = blocks.into_iter().map(place).collect();
        capacity += room;
        let words = gpu.words(capacity * planes(is_base))?;
        Ok(Self { words, capacity, is_base, alternates: false, places })
    }

    /// The words of all planes.
    #[must_use]
    pub const fn words(&self) -> &Words {
        &self.words
    }

    /// How far planes are apart.
    #[must_use]
    pub const fn plane(&self) -> usize {
        self.capacity
    }

    /// Rows of the blocks.
    pub(super) fn rows(&self) -> Vec<usize> {
        self.places.iter().map(|place| place.rows).collect()
    }

    /// Where blocks are.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Whether numerators are in the base field.
    pub(super) const fn is_base(&self) -> bool {
        self.is_base
    }

    /// Fractions that are stored.
    pub(super) fn used(&self) -> usize {
        self.places.iter().map(|place| place.rows).sum()
    }

    /// All words on the host, which waits for them.
    pub(super) fn read(&self, gpu: &Gpu) -> Result<Vec<F>, GpuError> {
        gpu.read_base(&self.words, 0, self.words.len())
    }

    /// Messages' fractions on the host, which waits for them.
    pub(crate) fn messages(&self, gpu: &Gpu) -> Result<Vec<Block>, GpuError> {
        let words = self.read(gpu)?;
        let denominators = elements(&words[self.capacity..], self.capacity);
        let block = |place: &Place| {
            let rows = place.start..place.start + place.rows;
            Block::of_messages(&words[rows.clone()], &denominators[rows], place.padding)
        };
        Ok(self.places.iter().map(block).collect())
    }

    /// Blocks on the host, given all words.
    pub(super) fn blocks(&self, words: &[F]) -> Vec<Fractions> {
        let numerators: Vec<EF> = match self.is_base {
            true => words[..self.capacity].iter().map(|&numerator| numerator.into()).collect(),
            false => elements(words, self.capacity),
        };
        let denominators = elements(&words[self.denominators()..], self.capacity);
        let block = |place: &Place| {
            let rows = place.start..place.start + place.rows;
            Fractions::of_rows(&numerators[rows.clone()], &denominators[rows], place.padding)
        };
        self.places.iter().map(block).collect()
    }

    /// The place of the first plane of denominators.
    const fn denominators(&self) -> usize {
        self.capacity * if self.is_base { 1 } else { EXTENSION_DEGREE }
    }

    /// A kernel on these fractions.
    pub(super) fn kernel(&self, kernel: Kernel) -> Kernel {
        kernel.with("BASE", usize::from(self.is_base))
    }

    /// Of the only block, its even and its odd vectors.
    fn alternating(mut self) -> Self {
        let Place { start, rows, padding } = self.places[0];
        let even = (rows / ROWS).div_ceil(2) * ROWS;
        self.places = vec![Place { start, rows: even, padding }, Place { start: start + ROWS, rows: rows - even, padding }];
        self.alternates = true;
        self
    }

    /// The sums of the blocks that differ in the highest bit.
    pub(super) fn halved(&self, gpu: &Gpu, limits: &Limits) -> Result<Self, GpuError> {
        self.sums(gpu, kernel!("fractions", "fractions_known", "fractions_two", "fractions_put", "fractions_sums"), 2, limits)
    }

    /// The sums of the blocks that differ in the two highest bits.
    fn quartered(&self, gpu: &Gpu, limits: &Limits) -> Result<Self, GpuError> {
        self.sums(gpu, kernel!("fractions", "fractions_known", "fractions_four", "fractions_put", "fractions_sums"), 4, limits)
    }

    /// The sums of `parts` blocks each, by a kernel.
    fn sums(&self, gpu: &Gpu, kernel: Kernel, parts: usize, limits: &Limits) -> Result<Self, GpuError> {
        let count = self.places.len() / parts;
        let block = |number: usize| {
            let blocks = || self.places[number..].iter().step_by(count);
            (blocks().map(|place| place.rows).max().unwrap_or(0), blocks().map(|place| place.padding).product())
        };
        let sums = Self::with_room(gpu, (0..count).map(block), 0)?;
        let work = Work::new(sums.places.iter().map(|place| place.rows), limits);
        let mut params = Params::new(self, &work, 9);
        params.table(6, block_table(&self.places));
        params.set(7, sums.capacity);
        params.table(8, sums.places.iter().map(|place| place.start as u32));
        gpu.dispatch(&self.kernel(kernel), &params.0, &[&self.words, &sums.words], work.invocations())?;
        Ok(sums)
    }
}

const fn planes(is_base: bool) -> usize {
    EXTENSION_DEGREE + if is_base { 1 } else { EXTENSION_DEGREE }
}

/// Elements of the challenge field, coordinate by coordinate.
pub(super) fn elements(words: &[F], len: usize) -> Vec<EF> {
    (0..len).map(|i| EF::from_basis_coefficients_fn(|d| words[d * len + i])).collect()
}

/// The levels of a tree that are the device's, the leaves first, then the level above them on the
/// host, for which it waits, with the variables of its vectors. Of more than two messages the sums
/// of two are left out.
pub(super) fn levels(
    gpu: &Gpu,
    leaves: Array,
    mut vector_variables: usize,
    limits: &Limits,
) -> Result<(Vec<Array>, Vec<Fractions>, usize), GpuError> {
    let mut levels = Vec::new();
    let mut sums = leaves;
    if sums.places.len() > 2 {
        let above = sums.quartered(gpu, limits)?;
        levels.push(core::mem::replace(&mut sums, above));
    }
    while sums.used() >= limits.fractions && layer_rounds(sums.places.len(), vector_variables) >= 2 {
        if sums.places.len() == 1 {
            sums = sums.alternating();
            vector_variables -= 1;
        }
        let above = sums.halved(gpu, limits)?;
        levels.push(core::mem::replace(&mut sums, above));
    }
    let on_host = sums.blocks(&sums.read(gpu)?);
    Ok((levels, on_host, vector_variables))
}

/// How a pass over items is cut into workgroups, which take tiles of 256 rows.
pub(super) struct Work {
    /// Of each item the first workgroup, and rows.
    items: Vec<[u32; 2]>,
    groups: usize,
    /// Base-2 logarithm of the tiles of a workgroup.
    pub(super) log_tiles: usize,
    /// Rows of the longest item.
    pub(super) longest: usize,
}

impl Work {
    /// For items of so many rows each.
    pub(super) fn new(rows: impl Iterator<Item = usize> + Clone, limits: &Limits) -> Self {
        let tiles: usize = rows.clone().map(|rows| rows.div_ceil(GROUP)).sum();
        let log_tiles = (tiles / limits.groups).max(1).ilog2().min(MAX_LOG_TILES as u32) as usize;
        let mut groups = 0;
        let item = |rows: usize| {
            let first = groups;
            groups += rows.div_ceil(GROUP << log_tiles);
            [first as u32, rows as u32]
        };
        let items = rows.clone().map(item).collect();
        Self { items, groups, log_tiles, longest: rows.max().unwrap_or(0) }
    }

    /// Workgroups.
    pub(super) const fn groups(&self) -> usize {
        self.groups
    }

    pub(super) const fn invocations(&self) -> usize {
        self.groups * GROUP
    }
}

/// Parameters with tables after them.
pub(super) struct Params(pub(super) Vec<u32>);

impl Params {
    /// So many parameters, of which those that all passes have are set but for the table of blocks.
    pub(super) fn new(below: &Array, work: &Work, count: usize) -> Self {
        let mut params = Self(vec![0; count]);
        params.set(0, work.groups);
        params.set(1, work.items.len());
        params.set(2, below.capacity);
        params.set(3, usize::from(below.alternates));
        params.set(4, work.log_tiles);
        params.table(5, work.items.as_flattened().iter().copied());
        params
    }

    pub(super) fn set(&mut self, place: usize, value: usize) {
        self.0[place] = value as u32;
    }

    /// Sets a parameter to the place of a table.
    pub(super) fn table(&mut self, place: usize, words: impl IntoIterator<Item = u32>) {
        self.set(place, self.0.len());
        self.0.extend(words);
    }
}

/// An element's words.
pub(crate) fn ext_words(value: EF) -> [u32; EXTENSION_DEGREE] {
    let coordinates: &[F] = value.as_basis_coefficients_slice();
    core::array::from_fn(|d| coordinates[d].to_unique_u32())
}

/// The table of an array's blocks, whose denominators beyond their rows are known.
pub(super) fn block_table(places: &[Place]) -> impl Iterator<Item = u32> {
    places.iter().flat_map(|place| place_words(place).into_iter().chain(ext_words(place.padding)))
}

/// Where a block is.
pub(super) const fn place_words(place: &Place) -> [u32; 2] {
    [place.start as u32, place.rows as u32]
}
