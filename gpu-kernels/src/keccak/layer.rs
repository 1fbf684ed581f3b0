//! A layer on a device.

use p3_field::BasedVectorSpace;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::keccak::Layer;
use tern_fri::multilinear::keccak::permutation::LANES;
use tern_fri::multilinear::keccak::prover::formula::{Chi, Formula, Parity, Theta, ThetaSums};
use tern_fri::multilinear::keccak::prover::{Grid, Instances, LayerPasses, LayerWeights, POSITIONS, Table, fold_tables, merged_eq_table};
use tern_fri::multilinear::packed::PackedExt;

use super::kernels::{Factors, Groups, Planes, Sums, To, words};
use super::live::{Live, Played};
use crate::gpu::elements;
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
    /// The instance rounds that the device has played.
    played: Vec<Played>,
}

/// The columns of instance rounds: the device's until they begin, then what it has left is the host's.
enum Columns<'a> {
    Device { words: Words, groups: usize },
    Host(Instances<'a>),
}

impl<'a> Columns<'a> {
    fn none(weights: &'a LayerWeights) -> Self {
        Self::Host(Instances::new(weights, Grid::new(1, Vec::new())))
    }

    fn on_host(&mut self) -> &mut Instances<'a> {
        match self {
            Self::Host(instances) => instances,
            Self::Device { .. } => unreachable!("instance rounds have begun"),
        }
    }
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
    /// How many rounds are.
    rounds: usize,
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
        let (mut groups, mut rounds) = (blocks, 0);
        for (variable, place) in pairs.iter_mut().enumerate().rev() {
            if groups <= HOST_GROUPS {
                break;
            }
            *place = all.len();
            all.extend(merged_eq_table(&outer[..variable], groups));
            groups = groups.min(1 << variable);
            rounds += 1;
        }
        Ok(Self { words: gpu.upload_ext(&all)?, terms, lanes, blocks: first, pairs, rounds })
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
        let columns = Columns::none(weights);
        Ok(Self { gpu, planes, points, sums, weights, outer, factors, tables: Vec::new(), columns, played: Vec::new() })
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

    /// The number of a variable's round: the highest comes first.
    const fn number(&self, variable: usize) -> usize {
        self.outer.len() - 1 - variable
    }

    /// Plays a variable's round on the device: its values, its challenge, and the columns with it
    /// bound. Gives these and how many groups are left.
    fn play(&self, live: &Live, variable: usize, words: &Words, groups: usize) -> Result<(Words, usize), GpuError> {
        let (grid, outer) = (Groups { words, groups }, self.factors.pairs[variable]);
        let number = self.number(variable);
        self.sums.1.values(self.gpu, grid, 1 << variable, self.factors.at(self.factors.terms[0]), outer, live.to(number))?;
        live.settle(self.gpu, number, self.outer[variable])?;
        let left = groups.min(1 << variable);
        let lists = words.len() / EXTENSION_DEGREE / groups;
        let to = self.gpu.ext_words(lists * left)?;
        let params = [groups, 1 << variable, left, lists * groups, lists * left, lists].map(|number| number as u32);
        self.gpu.dispatch(&kernel!("keccak_bind"), &params, &[words, live.words(), &to], lists * left)?;
        Ok((to, left))
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

/// Columns that are the host's from now on, given all coordinates.
fn on_host<'a>(weights: &'a LayerWeights, words: &[F], groups: usize) -> Instances<'a> {
    let elements = words.len() / EXTENSION_DEGREE;
    let value = |column: usize, group: usize, position: usize| {
        let place = (column * POSITIONS + position) * groups + group;
        EF::from_basis_coefficients_fn(|d| words[d * elements + place])
    };
    Instances::new(weights, Grid::of_groups(width(weights.layer()), groups, value))
}

impl LayerPasses for DeviceLayer<'_> {
    type Error = GpuError;

    fn first_values(&mut self) -> Result<Vec<Vec<EF>>, GpuError> {
        let counts: Vec<usize> = self.sums.0.iter().map(Sums::points).collect();
        let to = self.gpu.ext_words(counts.iter().sum())?;
        let mut first = 0;
        for (sums, terms) in self.sums.0.iter().zip(&self.factors.terms) {
            let to = To { words: &to, first, stride: to.len() / EXTENSION_DEGREE };
            sums.first_values(self.gpu, self.planes, self.points, self.factors.at(*terms), self.factors.blocks, to)?;
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
        self.columns = Columns::Device { words: to, groups: self.planes.blocks };
        Ok(())
    }

    fn begin(&mut self, claim: EF, transcript: &Transcript) -> Result<(), GpuError> {
        let Columns::Device { words, groups } = core::mem::replace(&mut self.columns, Columns::none(self.weights)) else {
            return Ok(());
        };
        let rounds = self.factors.rounds;
        let live = Live::new(self.gpu, self.weights.layer().degree(), rounds, claim, transcript)?;
        let (mut words, mut groups) = (words, groups);
        for variable in (0..self.outer.len()).rev().take(rounds) {
            (words, groups) = self.play(&live, variable, &words, groups)?;
        }
        let all = elements(&self.gpu.read_all(&[live.record(), &words])?)?;
        let (record, words) = all.split_at(live.record().len());
        self.played = live.played(record);
        self.columns = Columns::Host(on_host(self.weights, words, groups));
        Ok(())
    }

    fn values(&mut self, variable: usize) -> Result<Vec<EF>, GpuError> {
        Ok(match self.played.get(self.number(variable)) {
            Some(round) => round.values.clone(),
            None => self.columns.on_host().values(&self.outer[..variable]),
        })
    }

    fn bind(&mut self, variable: usize, challenge: EF) -> Result<(), GpuError> {
        match self.played.get(self.number(variable)) {
            Some(round) => round.check(challenge),
            None => {
                self.columns.on_host().bind(variable, challenge);
                Ok(())
            }
        }
    }

    fn finish(self, point: &[EF]) -> Result<Grid<PackedExt>, GpuError> {
        if self.weights.layer() == Layer::Theta {
            return self.combine(point);
        }
        match self.columns {
            Columns::Host(instances) => Ok(instances.into_columns()),
            Columns::Device { .. } => unreachable!("instance rounds have begun"),
        }
    }
}
