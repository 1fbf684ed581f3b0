//! Everything that the sums of a layer are weighted with, made of the claims before it.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EXTENSION_DEGREE, F};
use tern_fri::multilinear::keccak::permutation::{LANES, MOVES, constant};
use tern_fri::multilinear::keccak::prover::POSITIONS;
use tern_fri::multilinear::keccak::{Layer, PART_ROUNDS, PARTS};

use super::kernels::{Factors, words};
use super::live::Live;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Terms of the parities, and of the lanes' sum.
const PARITY_TERMS: usize = 6;

/// The weights of a layer.
pub struct Weights {
    words: Words,
    /// Where the weights of each formula of the first round begin; the first are those of all other
    /// rounds, too.
    terms: Vec<usize>,
    /// Where what makes the lanes' sum begins.
    lanes: usize,
    /// Where the weights of blocks begin.
    blocks: usize,
    /// Where the weights of pairs of groups begin, for each variable's round.
    pairs: Vec<usize>,
}

impl Weights {
    /// Of a layer of a round of the parts, with so many blocks; the record has the point of the
    /// claims over instances at places `outer`, the lowest variable first.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn new(gpu: &Gpu, live: &Live, layer: Layer, round: usize, outer: &[usize], blocks: usize) -> Result<Self, GpuError> {
        let (terms, lanes, own) = match layer {
            Layer::Chi | Layer::Theta => (vec![0], 0, LANES * POSITIONS),
            Layer::Parity => {
                let lanes = PARITY_TERMS * POSITIONS;
                (vec![0, lanes + LANES], lanes, lanes + LANES + LANES * POSITIONS)
            }
        };
        // Of blocks, then of the pairs of each variable's round.
        let mut lists = vec![(blocks.min(1 << outer.len()), outer.len())];
        let mut pairs = vec![0; outer.len()];
        let (mut next, mut groups) = (own + lists[0].0, blocks);
        for (variable, place) in pairs.iter_mut().enumerate().rev() {
            groups = groups.min(1 << variable);
            *place = next;
            next += groups;
            lists.push((groups, variable));
        }
        let weights = Self { words: gpu.ext_words(next)?, terms, lanes, blocks: own, pairs };
        weights.fill(gpu, live, layer, round, own)?;
        let params = [lists.len(), next, own, 4 + 2 * lists.len()].into_iter();
        let params = params.chain(lists.iter().flat_map(|(count, coordinates)| [*count, *coordinates])).chain(outer.iter().copied());
        let params: Vec<u32> = params.map(|number| number as u32).collect();
        let kernel = kernel!("recorded", "merged_weight", "keccak_equality");
        gpu.dispatch(&kernel, &params, &[live.record(), &weights.words], next - own)?;
        Ok(weights)
    }

    /// Makes all but equality weights.
    fn fill(&self, gpu: &Gpu, live: &Live, layer: Layer, round: usize, count: usize) -> Result<(), GpuError> {
        let mut params = vec![self.stride() as u32];
        let kernel = match layer {
            Layer::Chi => {
                params.extend(words(&[F::ONE.halve()]));
                let constants = (0..PARTS).map(|part| constant(part * PART_ROUNDS + round));
                params.extend(constants.flat_map(|word| [word as u32, (word >> 32) as u32]));
                kernel!("live", "keccak_claims", "keccak_weights", "keccak_weights_chi")
            }
            Layer::Theta => {
                params.extend(MOVES.iter().flat_map(|place| [place.target as u32, place.rotation]));
                kernel!("live", "keccak_claims", "keccak_weights", "keccak_weights_theta")
            }
            Layer::Parity => kernel!("live", "keccak_claims", "keccak_weights", "keccak_weights_parity"),
        };
        gpu.dispatch(&kernel, &params, &[live.words(), &self.words], count)
    }

    /// All of them.
    pub const fn words(&self) -> &Words {
        &self.words
    }

    /// How far coordinates are apart.
    pub const fn stride(&self) -> usize {
        self.words.len() / EXTENSION_DEGREE
    }

    /// Those of the terms of all rounds but the first.
    pub fn terms(&self) -> Factors<'_> {
        self.at(self.terms[0])
    }

    /// Those of the terms of each formula of the first round.
    pub fn first_terms(&self) -> impl Iterator<Item = Factors<'_>> {
        self.terms.iter().map(|first| self.at(*first))
    }

    /// What makes the lanes' sum.
    pub const fn lanes(&self) -> Factors<'_> {
        self.at(self.lanes)
    }

    /// Where the weights of blocks begin.
    pub const fn blocks(&self) -> usize {
        self.blocks
    }

    /// Where the weights of pairs of groups begin in a variable's round.
    pub fn pairs(&self, variable: usize) -> usize {
        self.pairs[variable]
    }

    const fn at(&self, first: usize) -> Factors<'_> {
        Factors { words: &self.words, stride: self.stride(), first }
    }
}
