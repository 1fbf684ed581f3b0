//! What follows from the layers' challenges, in device memory: only the device knows it until the
//! host reads the record.

use tern_field::EXTENSION_DEGREE;
use tern_fri::multilinear::fractions::Start;

use super::places::Places;
use super::round::Round;
use super::tree::{Array, ext_words};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel, rounds};

/// Where what is beyond the rows of blocks begins (`shaders/fractions_layer.wgsl`).
const BEYOND: usize = 53;

/// Words of what is beyond a block's rows: a numerator and a denominator.
const BEYOND_WORDS: usize = 2 * EXTENSION_DEGREE;

/// The state of the layers' rounds.
pub(super) struct Live {
    words: Words,
    /// What the host is to know ([`Places`]).
    record: Words,
    /// Most blocks of a level.
    blocks: usize,
}

impl Live {
    /// Before layers whose levels have so many blocks at most.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub(super) fn new(gpu: &Gpu, start: &Start<'_>, layers: &[Places], blocks: usize) -> Result<Self, GpuError> {
        let [n0, d0] = start.first_half;
        // The claim, the factor of bound variables, lambda and the value at zero are made.
        let made = [Default::default(); 4];
        let begins = [start.claim.numerator, start.claim.denominator, n0, d0];
        let mut words = rounds::start(&start.state, made.into_iter().chain(begins));
        debug_assert_eq!(words.len(), BEYOND);
        words.resize(BEYOND + 2 * BEYOND_WORDS * blocks, 0);
        let record = gpu.words(layers.last().map_or(0, Places::end))?;
        let point: Vec<u32> = start.claim.point.iter().copied().flat_map(ext_words).collect();
        gpu.write(&record, 0, point.len(), |i| point[i])?;
        Ok(Self { words: gpu.upload_words(&words)?, record, blocks })
    }

    pub(super) const fn words(&self) -> &Words {
        &self.words
    }

    pub(super) const fn record(&self) -> &Words {
        &self.record
    }

    /// Where what is beyond the blocks with so many variables bound is.
    pub(super) const fn beyond(&self, bound: usize) -> usize {
        BEYOND + bound % 2 * BEYOND_WORDS * self.blocks
    }

    /// Begins a layer of a level.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub(super) fn begin(&self, gpu: &Gpu, places: &Places, level: &Array) -> Result<(), GpuError> {
        let mut params = vec![places.lambda() as u32, level.places().len() as u32];
        params.extend(level.places().iter().flat_map(|place| ext_words(place.padding)));
        let kernel = kernel!("blake3", "transcript", "live", "rounds", "fractions_layer", "fractions_begin");
        gpu.dispatch(&kernel, &params, &[&self.words, &self.record], GROUP)
    }

    /// Plays a round whose sums are in the record.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub(super) fn settle(&self, gpu: &Gpu, places: &Places, round: &Round, weights: &Words) -> Result<(), GpuError> {
        let number = round.number();
        let params = round.played(places, [number, number + 1].map(|bound| self.beyond(bound))).map(|value| value as u32);
        let kernel = kernel!(
            "blake3",
            "transcript",
            "live",
            "recorded",
            "rounds",
            "lanes",
            "fractions_layer",
            "fractions_weighted",
            "fractions_played",
            "fractions_settle"
        );
        gpu.dispatch(&kernel, &params, &[&self.words, &self.record, weights], GROUP)
    }
}
