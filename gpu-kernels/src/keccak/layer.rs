//! A layer on a device.

use tern_field::EXTENSION_DEGREE;
use tern_fri::multilinear::keccak::Layer;
use tern_fri::multilinear::keccak::permutation::LANES;
use tern_fri::multilinear::keccak::prover::POSITIONS;
use tern_fri::multilinear::keccak::prover::formula::{Chi, Formula, Parity, Theta, ThetaSums};

use super::LayerSums;
use super::kernels::{Factors, Groups, Planes, To};
use super::live::Live;
use super::places::Places;
use super::weights::Weights;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel, rounds};

/// A layer on a device.
pub struct DeviceLayer<'a> {
    pub gpu: &'a Gpu,
    pub live: &'a Live,
    pub places: Places,
    pub planes: Planes<'a>,
    /// What a byte of bits is at the points of the first round.
    pub points: &'a Words,
    pub sums: &'a LayerSums,
    pub weights: Weights,
    /// Where the record has the point of the claims over instances, the lowest variable first.
    pub outer: &'a [usize],
}

impl DeviceLayer<'_> {
    /// Plays all of its rounds. The record then has its claims.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn play(&self) -> Result<(), GpuError> {
        self.first_round()?;
        let tables = self.live.first(self.gpu, &self.places, &self.sums.matrix)?;
        let (mut words, mut groups) = (self.columns(&tables)?, self.planes.blocks);
        for variable in (0..self.outer.len()).rev() {
            (words, groups) = self.round(variable, &words, groups)?;
        }
        assert_eq!(groups, 1, "all instances are bound");
        if self.places.layer == Layer::Theta {
            words = self.combine(&tables)?;
        }
        self.sums.positions.play(self.gpu, self.live, &self.places, &words, &self.weights)
    }

    /// Params of a kernel over the values at the challenge.
    fn params(&self, numbers: &[usize]) -> Vec<u32> {
        [self.planes.blocks].iter().chain(numbers).map(|&number| number as u32).collect()
    }

    /// Puts columns at the challenge into others: the first of them, how many, and the first that
    /// they become.
    fn fold(&self, tables: &Words, first: usize, count: usize, to: (&Words, usize)) -> Result<(), GpuError> {
        let params = self.params(&[count, first, to.1, to.0.len() / EXTENSION_DEGREE]);
        let invocations = count * POSITIONS * self.planes.blocks;
        self.gpu.dispatch(&kernel!("keccak_value", "keccak_fold"), &params, &[self.planes.words, tables, to.0], invocations)
    }

    /// Puts weighted sums of columns at the challenge into others: how many sums, of how many
    /// columns so far apart, and the first that they become. Weights are apart by these numbers
    /// from column to column and from position to position.
    fn fold_sums(
        &self,
        tables: &Words,
        [count, terms, step]: [usize; 3],
        weights: Factors<'_>,
        apart: [usize; 2],
        to: (&Words, usize),
    ) -> Result<(), GpuError> {
        let stride = to.0.len() / EXTENSION_DEGREE;
        let params = self.params(&[count, to.1, stride, terms, step, weights.stride, weights.first, apart[0], apart[1]]);
        let invocations = count * POSITIONS * self.planes.blocks;
        let given = [self.planes.words, tables, weights.words, to.0];
        self.gpu.dispatch(&kernel!("keccak_value", "keccak_fold_sums"), &params, &given, invocations)
    }

    /// Puts the values of the first round into the record.
    fn first_round(&self) -> Result<(), GpuError> {
        let mut first = self.places.first_values();
        for (sums, terms) in self.sums.first.iter().zip(self.weights.first_terms()) {
            let to = To { words: self.live.record(), first, stride: self.places.points() };
            sums.first_values(self.gpu, self.planes, self.points, terms, self.weights.blocks(), to)?;
            first += sums.points();
        }
        Ok(())
    }

    /// The columns of instance rounds: those at the challenge of the first, and sums of them.
    fn columns(&self, tables: &Words) -> Result<Words, GpuError> {
        let to = self.gpu.ext_words(width(self.places.layer) * POSITIONS * self.planes.blocks)?;
        match self.places.layer {
            Layer::Chi => self.fold(tables, 0, LANES, (&to, 0))?,
            Layer::Theta => {
                // The lanes at each x enter the rounds only in a weighted sum.
                self.fold_sums(tables, [5, 5, 5], self.weights.terms(), [POSITIONS, 1], (&to, 0))?;
                self.fold(tables, LANES, 10, (&to, 5))?;
            }
            Layer::Parity => {
                self.fold(tables, 0, LANES, (&to, 0))?;
                self.fold_sums(tables, [1, LANES, 1], self.weights.lanes(), [1, 0], (&to, LANES))?;
            }
        }
        Ok(to)
    }

    /// Plays a variable's round: its values, its challenge, and the columns with it bound. Gives these
    /// and how many groups are left.
    fn round(&self, variable: usize, words: &Words, groups: usize) -> Result<(Words, usize), GpuError> {
        let (grid, outer) = (Groups { words, groups }, self.weights.pairs(variable));
        let to = To { words: self.live.record(), first: self.places.values(variable), stride: self.places.layer.degree() };
        self.sums.groups.values(self.gpu, grid, 1 << variable, self.weights.terms(), outer, to)?;
        self.live.settle(self.gpu, &self.places, variable, self.outer[variable])?;
        let left = groups.min(1 << variable);
        let lists = words.len() / EXTENSION_DEGREE / groups;
        let to = self.gpu.ext_words(lists * left)?;
        let params = [groups, 1 << variable, left, lists * groups, lists * left, lists].map(|number| number as u32);
        self.gpu.dispatch(&kernel!("live", "keccak_bind"), &params, &[words, self.live.words(), &to], lists * left)?;
        Ok((to, left))
    }

    /// All of theta's columns at the point over instances, from the bits again: the rounds had sums
    /// of them.
    fn combine(&self, tables: &Words) -> Result<Words, GpuError> {
        let point: Vec<usize> = (0..self.outer.len()).map(|variable| self.places.challenge(variable)).collect();
        let weights = rounds::equality(self.gpu, self.live.record(), &point, self.planes.blocks)?;
        let to = self.gpu.ext_words(Theta::COLUMNS * POSITIONS)?;
        let params = self.params(&[Theta::COLUMNS, weights.len() / EXTENSION_DEGREE, 0]);
        let kernel = kernel!("group_sum", "keccak_value", "keccak_combine");
        let given = [self.planes.words, tables, &weights, &to];
        self.gpu.dispatch(&kernel, &params, &given, 16 * Theta::COLUMNS * POSITIONS)?;
        Ok(to)
    }
}

/// Columns of instance rounds.
const fn width(layer: Layer) -> usize {
    match layer {
        Layer::Chi => Chi::COLUMNS,
        Layer::Theta => ThetaSums::COLUMNS,
        Layer::Parity => Parity::COLUMNS,
    }
}
