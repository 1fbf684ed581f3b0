//! What is taken from the cells: sums of columns, and rows' values and weights.

use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::layout::Group;
use tern_fri::multilinear::opening::{Form, RowWeights, Settled, Wanted};

use super::rows::{LongRows, Rows};
use super::{coordinates, ext_elements};
use crate::kernel::GROUP;
use crate::matrix::Matrix;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Columns that an invocation takes together.
const FOUR: usize = 4;

/// Cells that one workgroup sums up at least, and most workgroups for one group of columns.
const MIN_CELLS: usize = 1 << 13;
const MAX_JOBS: usize = 1 << 8;

/// The weights of rows.
pub(super) struct Weights {
    /// All of them, coordinate by coordinate.
    words: Words,
    /// How far coordinates are apart.
    apart: usize,
    /// Where those of each number begin.
    firsts: Vec<usize>,
}

impl Weights {
    /// Those of the claims, for the rows of all matrices, and those of forms, for their table.
    pub(super) fn new(gpu: &Gpu, matrices: &[&Matrix], rows: &RowWeights, forms: &[Form]) -> Result<Self, GpuError> {
        let highest = matrices.iter().flat_map(|matrix| matrix.heights()).copied().max().unwrap_or(0);
        let of_forms = forms.iter().map(|form| form.rows.factors(matrices[0].heights()[form.table]));
        let factors: Vec<[Vec<EF>; 2]> = core::iter::once(rows.factors(highest)).chain(of_forms).collect();
        let mut firsts = Vec::with_capacity(factors.len());
        let mut apart = 0;
        for [block, blocks] in &factors {
            firsts.push(apart);
            apart += block.len() * blocks.len();
        }
        let words = gpu.ext_words(apart)?;
        for ([block, blocks], &first) in factors.iter().zip(&firsts) {
            let rows = block.len() * blocks.len();
            let params = [rows as u32, block.len() as u32, first as u32, apart as u32];
            gpu.dispatch(&kernel!("opening_weights"), &params, &[&gpu.upload_ext(block)?, &gpu.upload_ext(blocks)?, &words], rows)?;
        }
        Ok(Self { words, apart, firsts })
    }
}

/// The sums over rows of the columns that are wanted of each matrix. The host waits for them.
pub(super) fn sums(gpu: &Gpu, matrices: &[&Matrix], weights: &Weights, wanted: &[Vec<Wanted>]) -> Result<Vec<Vec<Vec<EF>>>, GpuError> {
    let mut plan = Plan::default();
    let plans = matrices.iter().zip(wanted).map(|(matrix, wanted)| {
        let groups: Vec<(&Group, usize)> = matrix.groups().collect();
        wanted
            .iter()
            .flat_map(|wanted| {
                let (group, start) = groups[wanted.group];
                plan.add(group, start, matrix.heights()[group.table], weights.firsts[wanted.rows])
            })
            .collect()
    });
    let jobs: Vec<Vec<u32>> = plans.collect();
    let (sums, totals) = (gpu.words(plan.sums)?, gpu.words(plan.words)?);
    for (matrix, jobs) in matrices.iter().zip(&jobs) {
        let count = jobs.len() / 5;
        let given = [matrix.cells(), &weights.words, &gpu.upload_words(jobs)?, &sums];
        gpu.dispatch(&kernel!("opening_sums"), &[count as u32, weights.apart as u32], &given, count * GROUP)?;
    }
    let count = plan.totals.len() / 5;
    gpu.dispatch(&kernel!("opening_totals"), &[count as u32], &[&sums, &gpu.upload_words(&plan.totals)?, &totals], count * GROUP)?;
    let words = gpu.read_base(&totals, 0, plan.words)?;
    let mut rest = &words[..];
    let mut columns = |matrix: &Matrix, wanted: &Wanted| {
        let width = 1 << matrix.layout().groups()[wanted.group].log_width;
        let (own, after) = rest.split_at(width * EXTENSION_DEGREE);
        rest = after;
        let by_column: Vec<F> = (0..own.len()).map(|i| own[i % EXTENSION_DEGREE * width + i / EXTENSION_DEGREE]).collect();
        ext_elements(&by_column)
    };
    let of_matrix = |(matrix, wanted): (&&Matrix, &Vec<Wanted>)| wanted.iter().map(|wanted| columns(matrix, wanted)).collect();
    Ok(matrices.iter().zip(wanted).map(of_matrix).collect())
}

/// What sums columns up: workgroups for some rows of a group each, then some for what these give.
#[derive(Default)]
struct Plan {
    /// Words of the workgroups' sums.
    sums: usize,
    /// Words of the groups' sums.
    words: usize,
    /// The jobs that make these from those.
    totals: Vec<u32>,
}

impl Plan {
    /// The jobs for a group's rows.
    fn add(&mut self, group: &Group, start: usize, rows: usize, weight: usize) -> Vec<u32> {
        let width = 1 << group.log_width;
        let step = rows.div_ceil(MAX_JOBS).max(MIN_CELLS / width);
        let words = width * EXTENSION_DEGREE;
        let jobs = rows.div_ceil(step);
        for first in (0..words).step_by(GROUP) {
            self.totals.extend([self.sums, jobs, words, first, self.words + first].map(|word| word as u32));
        }
        let job = |job: usize| {
            let row = job * step;
            let to = (self.sums + job * words) / FOUR;
            [(start + row * width) / FOUR, width / FOUR, step.min(rows - row), weight + row, to].map(|word| word as u32)
        };
        let of_group = (0..jobs).flat_map(job).collect();
        self.sums += jobs * words;
        self.words += words;
        of_group
    }
}

/// Puts the rows of groups of one width before those that are there.
pub(super) fn settle(
    gpu: &Gpu,
    matrix: &Matrix,
    weights: &Weights,
    settled: &[Settled],
    scales: &[EF],
    rows: &mut Rows,
) -> Result<(), GpuError> {
    let groups: Vec<(&Group, usize)> = matrix.groups().collect();
    let (mut jobs, mut factors) = (Vec::new(), Vec::new());
    let mut place = 0;
    for settled in settled {
        let (group, start) = groups[settled.group];
        assert_eq!(1 << group.log_width, scales.len(), "a scale for each column");
        let height = matrix.heights()[group.table];
        let first = factors.len() / (1 + EXTENSION_DEGREE);
        for &(number, factor) in &settled.weights {
            factors.push(weights.firsts[number] as u32);
            factors.extend(coordinates(factor));
        }
        for row in (0..height).step_by(GROUP) {
            let cells = (start + row * scales.len()) / FOUR;
            let job = [cells, GROUP.min(height - row), place + row, row, first, settled.weights.len()];
            jobs.extend(job.map(|word| word as u32));
        }
        place += height;
    }
    let count = jobs.len() / 6;
    let to = LongRows::after(gpu, place, rows.on_device(gpu)?)?;
    let mut params = [count, scales.len() / FOUR, weights.apart, to.len()].map(|word| word as u32).to_vec();
    params.extend(scales.iter().flat_map(|&scale| coordinates(scale)));
    let given = [matrix.cells(), &weights.words, &gpu.upload_words(&jobs)?, &gpu.upload_words(&factors)?, to.words()];
    gpu.dispatch(&kernel!("opening_settle"), &params, &given, count * GROUP)?;
    *rows = Rows::Long(to);
    Ok(())
}
