//! A layer on a device.

use p3_field::BasedVectorSpace;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::keccak::Layer;
use tern_fri::multilinear::keccak::permutation::LANES;
use tern_fri::multilinear::keccak::prover::formula::{Chi, Formula, Parity, Theta, ThetaSums};
use tern_fri::multilinear::keccak::prover::{Grid, LayerPasses, LayerWeights, POSITIONS, Table, merged_eq_table};
use tern_fri::multilinear::packed::PackedExt;

use super::LayerSums;
use super::kernels::{Factors, Groups, Planes, Sums, To};
use super::live::{Live, Played};
use crate::gpu::elements;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel, rounds};

/// A layer on a device.
pub struct DeviceLayer<'a> {
    gpu: &'a Gpu,
    planes: Planes<'a>,
    /// What a byte of bits is at the points of the first round.
    points: &'a Words,
    sums: &'a LayerSums,
    weights: &'a LayerWeights,
    outer: &'a [EF],
    factors: Uploaded,
    /// What the device has done of it.
    known: Option<Known>,
}

/// What is known of a layer when all its instance rounds are played.
struct Known {
    /// The challenge of the first round.
    first: EF,
    instances: Vec<Played>,
    /// The columns that are left, over positions.
    columns: Grid<PackedExt>,
}

/// Everything that sums are weighted with.
struct Uploaded {
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

impl Uploaded {
    fn new(gpu: &Gpu, weights: &LayerWeights, outer: &[EF], blocks: usize) -> Result<Self, GpuError> {
        let mut all = transposed(weights.table());
        let mut terms = vec![0];
        let lanes = all.len();
        if weights.layer() == Layer::Parity {
            all.extend(weights.lanes());
            terms.push(all.len());
            all.extend(transposed(&weights.linear()));
        }
        let first = all.len();
        all.extend(merged_eq_table(outer, blocks));
        let mut pairs = vec![0; outer.len()];
        let mut groups = blocks;
        for (variable, place) in pairs.iter_mut().enumerate().rev() {
            *place = all.len();
            all.extend(merged_eq_table(&outer[..variable], groups));
            groups = groups.min(1 << variable);
        }
        Ok(Self { words: gpu.upload_ext(&all)?, terms, lanes, blocks: first, pairs })
    }

    const fn at(&self, first: usize) -> Factors<'_> {
        Factors { words: &self.words, stride: self.words.len() / EXTENSION_DEGREE, first }
    }
}

/// The weights of each term at all positions.
fn transposed(table: &Table) -> Vec<EF> {
    (0..table.width()).flat_map(|term| (0..POSITIONS).map(move |position| table.row(position)[term])).collect()
}

impl<'a> DeviceLayer<'a> {
    pub(super) fn new(
        gpu: &'a Gpu,
        planes: Planes<'a>,
        points: &'a Words,
        sums: &'a LayerSums,
        weights: &'a LayerWeights,
        outer: &'a [EF],
    ) -> Result<Self, GpuError> {
        let factors = Uploaded::new(gpu, weights, outer, planes.blocks)?;
        Ok(Self { gpu, planes, points, sums, weights, outer, factors, known: None })
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
        first: usize,
        apart: [usize; 2],
        to: (&Words, usize),
    ) -> Result<(), GpuError> {
        let weights = self.factors.at(first);
        let stride = to.0.len() / EXTENSION_DEGREE;
        let params = self.params(&[count, to.1, stride, terms, step, weights.stride, weights.first, apart[0], apart[1]]);
        let invocations = count * POSITIONS * self.planes.blocks;
        let given = [self.planes.words, tables, weights.words, to.0];
        self.gpu.dispatch(&kernel!("keccak_value", "keccak_fold_sums"), &params, &given, invocations)
    }

    /// The values of the first round.
    fn first_round(&self) -> Result<Words, GpuError> {
        let to = self.gpu.ext_words(self.sums.first.iter().map(Sums::points).sum())?;
        let mut first = 0;
        for (sums, terms) in self.sums.first.iter().zip(&self.factors.terms) {
            let to = To { words: &to, first, stride: to.len() / EXTENSION_DEGREE };
            sums.first_values(self.gpu, self.planes, self.points, self.factors.at(*terms), self.factors.blocks, to)?;
            first += sums.points();
        }
        Ok(to)
    }

    /// The columns of instance rounds: those at the challenge of the first, and sums of them.
    fn columns(&self, tables: &Words) -> Result<Words, GpuError> {
        let to = self.gpu.ext_words(width(self.weights.layer()) * POSITIONS * self.planes.blocks)?;
        match self.weights.layer() {
            Layer::Chi => self.fold(tables, 0, LANES, (&to, 0))?,
            Layer::Theta => {
                // The lanes at each x enter the rounds only in a weighted sum.
                self.fold_sums(tables, [5, 5, 5], self.factors.terms[0], [POSITIONS, 1], (&to, 0))?;
                self.fold(tables, LANES, 10, (&to, 5))?;
            }
            Layer::Parity => {
                self.fold(tables, 0, LANES, (&to, 0))?;
                self.fold_sums(tables, [1, LANES, 1], self.factors.lanes, [1, 0], (&to, LANES))?;
            }
        }
        Ok(to)
    }

    /// The number of a variable's round: the highest comes first.
    const fn number(&self, variable: usize) -> usize {
        self.outer.len() - 1 - variable
    }

    /// Plays a variable's round: its values, its challenge, and the columns with it bound. Gives these
    /// and how many groups are left.
    fn play(&self, live: &Live, variable: usize, words: &Words, groups: usize) -> Result<(Words, usize), GpuError> {
        let (grid, outer) = (Groups { words, groups }, self.factors.pairs[variable]);
        let number = self.number(variable);
        self.sums.groups.values(self.gpu, grid, 1 << variable, self.factors.at(self.factors.terms[0]), outer, live.to(number))?;
        live.settle(self.gpu, number, self.outer[variable])?;
        let left = groups.min(1 << variable);
        let lists = words.len() / EXTENSION_DEGREE / groups;
        let to = self.gpu.ext_words(lists * left)?;
        let params = [groups, 1 << variable, left, lists * groups, lists * left, lists].map(|number| number as u32);
        self.gpu.dispatch(&kernel!("live", "keccak_bind"), &params, &[words, live.words(), &to], lists * left)?;
        Ok((to, left))
    }

    /// All of theta's columns at the point over instances, from the bits again: the rounds had sums
    /// of them.
    fn combine(&self, live: &Live, tables: &Words) -> Result<Words, GpuError> {
        let weights = live.equality(self.gpu, self.planes.blocks)?;
        let to = self.gpu.ext_words(Theta::COLUMNS * POSITIONS)?;
        let params = self.params(&[Theta::COLUMNS, weights.len() / EXTENSION_DEGREE, 0]);
        let kernel = kernel!("keccak_group", "keccak_value", "keccak_combine");
        let given = [self.planes.words, tables, &weights, &to];
        self.gpu.dispatch(&kernel, &params, &given, 16 * Theta::COLUMNS * POSITIONS)?;
        Ok(to)
    }

    fn known(&self) -> Result<&Known, GpuError> {
        self.known.as_ref().ok_or_else(|| GpuError::Driver("a layer that was not begun".into()))
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

/// Columns over positions, given all coordinates.
fn grid(words: &[F]) -> Grid<PackedExt> {
    let elements = words.len() / EXTENSION_DEGREE;
    let value = |place: usize| EF::from_basis_coefficients_fn(|d| words[d * elements + place]);
    Grid::of_positions(elements / POSITIONS, |column, position| value(column * POSITIONS + position))
}

impl LayerPasses for DeviceLayer<'_> {
    type Error = GpuError;

    fn first_values(&mut self, transcript: &Transcript) -> Result<Vec<Vec<EF>>, GpuError> {
        let values = self.first_round()?;
        let live = Live::new(self.gpu, self.weights.layer().degree(), self.outer.len(), transcript)?;
        let tables = live.first(self.gpu, &values, &self.sums.matrix)?;
        let (mut words, mut groups) = (self.columns(&tables)?, self.planes.blocks);
        for variable in (0..self.outer.len()).rev() {
            (words, groups) = self.play(&live, variable, &words, groups)?;
        }
        assert_eq!(groups, 1, "all instances are bound");
        if self.weights.layer() == Layer::Theta {
            words = self.combine(&live, &tables)?;
        }
        let all = elements(&self.gpu.read_all(&[&values, live.record(), &words])?)?;
        let (of_first, rest) = all.split_at(values.len());
        let (record, columns) = rest.split_at(live.record().len());
        let (first, instances) = live.played(record);
        self.known = Some(Known { first, instances, columns: grid(columns) });
        let stride = of_first.len() / EXTENSION_DEGREE;
        let mut places = 0..stride;
        let value = |place: usize| EF::from_basis_coefficients_fn(|d| of_first[d * stride + place]);
        Ok(self.sums.first.iter().map(|sums| places.by_ref().take(sums.points()).map(value).collect()).collect())
    }

    fn bind_first(&mut self, challenge: EF) -> Result<(), GpuError> {
        rounds::check(self.known()?.first, challenge)
    }

    fn values(&mut self, variable: usize) -> Result<Vec<EF>, GpuError> {
        Ok(self.known()?.instances[self.number(variable)].values.clone())
    }

    fn bind(&mut self, variable: usize, challenge: EF) -> Result<(), GpuError> {
        self.known()?.instances[self.number(variable)].check(challenge)
    }

    fn finish(self, _: &[EF]) -> Result<Grid<PackedExt>, GpuError> {
        self.known.map(|known| known.columns).ok_or_else(|| GpuError::Driver("a layer that was not begun".into()))
    }
}
