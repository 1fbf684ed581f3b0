//! What is taken from the cells: sums of columns, and rows' values and weights.

use tern_field::{EF, EXTENSION_DEGREE};
use tern_fri::multilinear::layout::Group;
use tern_fri::multilinear::opening::{Form, RowWeights, Settled, Wanted};

use super::rows::Rows;
use crate::fractions::ext_words;
use crate::kernel::GROUP;
use crate::matrix::Matrix;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel, rounds};

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

/// The columns that are wanted of a matrix: their sums over rows, and their weights.
pub(super) fn columns(gpu: &Gpu, matrix: &Matrix, weights: &Weights, wanted: &[Wanted]) -> Result<Rows, GpuError> {
    let groups: Vec<(&Group, usize)> = matrix.groups().collect();
    let mut plan = Plan::default();
    let jobs = wanted.iter().flat_map(|wanted| {
        let (group, start) = groups[wanted.group];
        plan.add(group, start, matrix.heights()[group.table], weights.firsts[wanted.rows])
    });
    let jobs: Vec<u32> = jobs.collect();
    let columns = Rows::new(gpu, plan.columns)?;
    let own: Vec<EF> = wanted.iter().flat_map(|wanted| wanted.weights.iter().copied()).collect();
    let word = |i: usize| ext_words(own[i % own.len()])[i / own.len()];
    gpu.write(columns.words(), EXTENSION_DEGREE * own.len(), EXTENSION_DEGREE * own.len(), word)?;
    let (sums, count) = (gpu.words(plan.sums)?, jobs.len() / 5);
    let given = [matrix.cells(), &weights.words, &gpu.upload_words(&jobs)?, &sums];
    gpu.dispatch(&kernel!("opening_sums"), &[count as u32, weights.apart as u32], &given, count * GROUP)?;
    let count = plan.totals.len() / 5;
    let given = [&sums, &gpu.upload_words(&plan.totals)?, columns.words()];
    gpu.dispatch(&kernel!("opening_totals"), &[count as u32, plan.columns as u32], &given, count * GROUP)?;
    Ok(columns)
}

/// What sums columns up: workgroups for some rows of a group each, then some for what these give.
#[derive(Default)]
struct Plan {
    /// Words of the workgroups' sums.
    sums: usize,
    /// Columns of the groups.
    columns: usize,
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
            self.totals.extend([self.sums, jobs, words, first, self.columns].map(|word| word as u32));
        }
        let job = |job: usize| {
            let row = job * step;
            let to = (self.sums + job * words) / FOUR;
            [(start + row * width) / FOUR, width / FOUR, step.min(rows - row), weight + row, to].map(|word| word as u32)
        };
        let of_group = (0..jobs).flat_map(job).collect();
        self.sums += jobs * words;
        self.columns += width;
        of_group
    }
}

/// Puts the rows of groups of one width before those that are there. The width's bits are bound to the
/// challenges at these places of the record.
pub(super) fn settle(
    gpu: &Gpu,
    (matrix, weights, record): (&Matrix, &Weights, &Words),
    settled: &[Settled],
    challenges: &[usize],
    columns: &mut Option<Rows>,
    rows: &mut Option<Rows>,
) -> Result<(), GpuError> {
    let groups: Vec<(&Group, usize)> = matrix.groups().collect();
    let width = 1 << challenges.len();
    let count: usize = settled.iter().map(|settled| settled.weights.len()).sum();
    let mut own = columns.take().map_or_else(|| Rows::new(gpu, 0), Ok)?;
    own.bind(gpu, record)?;
    let mut column = own.len() - count;
    let (mut jobs, mut factors) = (Vec::new(), Vec::new());
    let mut place = 0;
    for settled in settled {
        let (group, start) = groups[settled.group];
        assert_eq!(1 << group.log_width, width, "a challenge for each bit");
        let height = matrix.heights()[group.table];
        let first = factors.len() / 2;
        for &number in &settled.weights {
            factors.extend([weights.firsts[number], column].map(|word| word as u32));
            column += 1;
        }
        for row in (0..height).step_by(GROUP) {
            let cells = (start + row * width) / FOUR;
            let job = [cells, GROUP.min(height - row), place + row, row, first, settled.weights.len()];
            jobs.extend(job.map(|word| word as u32));
        }
        place += height;
    }
    let scales = rounds::equality(gpu, record, challenges, width)?;
    let to = Rows::after(gpu, record, place, rows.as_ref())?;
    let jobs_of = jobs.len() / 6;
    let params = [jobs_of, width / FOUR, weights.apart, to.len(), own.len()].map(|word| word as u32);
    let (jobs, factors) = (gpu.upload_words(&jobs)?, gpu.upload_words(&factors)?);
    let given = [matrix.cells(), &weights.words, &jobs, &factors, &scales, own.words(), to.words()];
    gpu.dispatch(&kernel!("opening_settle"), &params, &given, jobs_of * GROUP)?;
    *columns = Some(own.first(gpu, record, own.len() - count)?);
    *rows = Some(to);
    Ok(())
}
