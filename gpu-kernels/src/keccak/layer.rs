//! A layer on a device.

use p3_field::BasedVectorSpace;
use tern_field::{EF, EXTENSION_DEGREE};
use tern_fri::multilinear::keccak::Layer;
use tern_fri::multilinear::keccak::permutation::LANES;
use tern_fri::multilinear::keccak::prover::formula::{Chi, Formula, Parity, Theta, ThetaSums};
use tern_fri::multilinear::keccak::prover::{Grid, Instances, LayerPasses, LayerWeights, POSITIONS, Table, fold_tables, merged_eq_table};
use tern_fri::multilinear::packed::PackedExt;

use super::kernels::{Factors, Groups, Planes, Sums, words};
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Groups of cells of which the host does the rounds that are left: two are one round over groups,
/// and take less than to wait for the device.
const HOST_GROUPS: usize = 2;

/// Where params have the values of bytes.
const TABLES: usize = 12;

/// A layer on a device.
pub struct DeviceLayer<'a> {
    gpu: &'a Gpu,
    planes: Planes<'a>,
    /// What a byte of bits is at the points of the first round.
    points: &'a Words,
    sums: &'a (Vec<Sums>, Sums),
    weights: &'a LayerWeights,
    outer: &'a [EF],
    factors: Uploaded,
    /// What a byte of bits is at the challenge.
    tables: Vec<u32>,
    columns: Columns<'a>,
}

/// The columns of instance rounds.
enum Columns<'a> {
    Device { words: Words, groups: usize },
    Host(Instances<'a>),
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
    /// Where the weights of pairs of groups begin, for the round of each variable that is the device's.
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
            if groups <= HOST_GROUPS {
                break;
            }
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
        sums: &'a (Vec<Sums>, Sums),
        weights: &'a LayerWeights,
        outer: &'a [EF],
    ) -> Result<Self, GpuError> {
        let factors = Uploaded::new(gpu, weights, outer, planes.blocks)?;
        let columns = Columns::Host(Instances::new(weights, Grid::new(1, Vec::new())));
        Ok(Self { gpu, planes, points, sums, weights, outer, factors, tables: Vec::new(), columns })
    }

    /// Params of a kernel over the values at the challenge.
    fn params(&self, numbers: &[usize]) -> Vec<u32> {
        let mut params = vec![self.planes.blocks as u32];
        params.extend(numbers.iter().map(|&number| number as u32));
        params.resize(TABLES, 0);
        params.extend(&self.tables);
        params
    }

    /// Puts columns at the challenge into others: the first of them, how many, and the first that
    /// they become.
    fn fold(&self, first: usize, count: usize, to: (&Words, usize)) -> Result<(), GpuError> {
        let params = self.params(&[count, first, to.1, to.0.len() / EXTENSION_DEGREE]);
        self.gpu.dispatch(
            &kernel!("keccak_value", "keccak_fold"),
            &params,
            &[self.planes.words, to.0],
            count * POSITIONS * self.planes.blocks,
        )
    }

    /// Puts weighted sums of columns at the challenge into others: how many sums, of how many
    /// columns so far apart, and the first that they become. Weights are apart by these numbers
    /// from column to column and from position to position.
    fn fold_sums(&self, [count, terms, step]: [usize; 3], first: usize, apart: [usize; 2], to: (&Words, usize)) -> Result<(), GpuError> {
        let weights = self.factors.at(first);
        let stride = to.0.len() / EXTENSION_DEGREE;
        let params = self.params(&[count, to.1, stride, terms, step, weights.stride, weights.first, apart[0], apart[1]]);
        let kernel = kernel!("keccak_value", "keccak_fold_sums");
        self.gpu.dispatch(&kernel, &params, &[self.planes.words, weights.words, to.0], count * POSITIONS * self.planes.blocks)
    }

    /// Takes over new columns; the host, if there are few groups of them.
    fn settle(&mut self, words: Words, groups: usize) -> Result<(), GpuError> {
        self.columns = if groups > HOST_GROUPS {
            Columns::Device { words, groups }
        } else {
            Columns::Host(read(self.gpu, self.weights, &words, groups)?)
        };
        Ok(())
    }

    /// All of theta's columns at the point over instances, from the bits again: the rounds had sums
    /// of them.
    fn combine(&self, point: &[EF]) -> Result<Grid<PackedExt>, GpuError> {
        let weights = self.gpu.upload_ext(&merged_eq_table(point, self.planes.blocks))?;
        let to = self.gpu.ext_words(Theta::COLUMNS * POSITIONS)?;
        let params = self.params(&[Theta::COLUMNS, weights.len() / EXTENSION_DEGREE, 0]);
        let kernel = kernel!("keccak_group", "keccak_value", "keccak_combine");
        self.gpu.dispatch(&kernel, &params, &[self.planes.words, &weights, &to], 16 * Theta::COLUMNS * POSITIONS)?;
        let elements = self.gpu.read_ext(&to)?;
        Ok(Grid::of_groups(Theta::COLUMNS, 1, |column, _, position| elements[column * POSITIONS + position]))
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

/// Columns from the device.
fn read<'a>(gpu: &Gpu, weights: &'a LayerWeights, words: &Words, groups: usize) -> Result<Instances<'a>, GpuError> {
    let elements = gpu.read_ext(words)?;
    let value = |column: usize, group: usize, position: usize| elements[(column * POSITIONS + position) * groups + group];
    Ok(Instances::new(weights, Grid::of_groups(width(weights.layer()), groups, value)))
}

impl LayerPasses for DeviceLayer<'_> {
    type Error = GpuError;

    fn first_values(&mut self) -> Result<Vec<Vec<EF>>, GpuError> {
        let counts: Vec<usize> = self.sums.0.iter().map(Sums::points).collect();
        let to = self.gpu.ext_words(counts.iter().sum())?;
        let mut first = 0;
        for (sums, terms) in self.sums.0.iter().zip(&self.factors.terms) {
            sums.first_values(self.gpu, self.planes, self.points, self.factors.at(*terms), self.factors.blocks, (&to, first))?;
            first += sums.points();
        }
        let values = self.gpu.read_ext(&to)?;
        let mut rest = &values[..];
        let mut take = |count: &usize| {
            let (own, after) = rest.split_at(*count);
            rest = after;
            own.to_vec()
        };
        Ok(counts.iter().map(&mut take).collect())
    }

    fn bind_first(&mut self, challenge: EF) -> Result<(), GpuError> {
        let value = |table: &[_; EXTENSION_DEGREE], byte: usize| table.each_ref().map(|list: &[_; 256]| list[byte]);
        let tables = fold_tables(challenge);
        self.tables = tables.iter().flat_map(|table| (0..256).flat_map(|byte| words(&value(table, byte)).collect::<Vec<u32>>())).collect();
        let to = self.gpu.ext_words(width(self.weights.layer()) * POSITIONS * self.planes.blocks)?;
        match self.weights.layer() {
            Layer::Chi => self.fold(0, LANES, (&to, 0))?,
            Layer::Theta => {
                // The lanes at each x enter the rounds only in a weighted sum.
                self.fold_sums([5, 5, 5], self.factors.terms[0], [POSITIONS, 1], (&to, 0))?;
                self.fold(LANES, 10, (&to, 5))?;
            }
            Layer::Parity => {
                self.fold(0, LANES, (&to, 0))?;
                self.fold_sums([1, LANES, 1], self.factors.lanes, [1, 0], (&to, LANES))?;
            }
        }
        self.settle(to, self.planes.blocks)
    }

    fn values(&mut self, variable: usize) -> Result<Vec<EF>, GpuError> {
        match &self.columns {
            Columns::Host(instances) => Ok(instances.values(&self.outer[..variable])),
            Columns::Device { words, groups } => {
                let to = self.gpu.ext_words(self.weights.layer().degree())?;
                let (grid, outer) = (Groups { words, groups: *groups }, self.factors.pairs[variable]);
                self.sums.1.values(self.gpu, grid, 1 << variable, self.factors.at(self.factors.terms[0]), outer, &to)?;
                self.gpu.read_ext(&to)
            }
        }
    }

    fn bind(&mut self, variable: usize, challenge: EF) -> Result<(), GpuError> {
        let (to, left) = match &mut self.columns {
            Columns::Host(instances) => {
                instances.bind(variable, challenge);
                return Ok(());
            }
            Columns::Device { words: grid, groups } => {
                let left = (*groups).min(1 << variable);
                let lists = grid.len() / EXTENSION_DEGREE / *groups;
                let to = self.gpu.ext_words(lists * left)?;
                let numbers = [*groups, 1 << variable, left, lists * *groups, lists * left, lists];
                let numbers = numbers.into_iter().map(|number| number as u32);
                let params: Vec<u32> = numbers.chain(words(challenge.as_basis_coefficients_slice())).collect();
                self.gpu.dispatch(&kernel!("keccak_bind"), &params, &[grid, &to], lists * left)?;
                (to, left)
            }
        };
        self.settle(to, left)
    }

    fn finish(self, point: &[EF]) -> Result<Grid<PackedExt>, GpuError> {
        if self.weights.layer() == Layer::Theta {
            return self.combine(point);
        }
        let Self { gpu, weights, columns, .. } = self;
        Ok(match columns {
            Columns::Host(instances) => instances,
            Columns::Device { words, groups } => read(gpu, weights, &words, groups)?,
        }
        .into_columns())
    }
}
