//! The kernels of formulas.

use core::fmt::Write;

use p3_field::PrimeField32;
use tern_field::{EXTENSION_DEGREE, F};
use tern_fri::multilinear::keccak::SKIP;
use tern_fri::multilinear::keccak::prover::formula::Formula;
use tern_fri::multilinear::keccak::prover::{POINTS, POSITIONS};

use super::record::{Alike, record};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, Kernel, kernel};

const GROUP_SUM: &str = include_str!("../shaders/group_sum.wgsl");
const EXT_IF: &str = include_str!("../shaders/ext_if.wgsl");

const MAIN: &str = "
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
let number = group.y * groups.x + group.x;
";

/// Points of a workgroup in first rounds. Each has as many *slots*: a block with a piece of the positions.
const GROUP_POINTS: usize = 16;

/// Invocations that a first round should have.
const ENOUGH: usize = 1 << 17;

/// Most pieces that positions are cut into.
const MAX_CHUNKS: usize = 32;

/// A list in an array of challenge-field elements.
#[derive(Clone, Copy)]
pub struct Factors<'a> {
    /// The array.
    pub words: &'a Words,
    /// How far coordinates are apart.
    pub stride: usize,
    /// The first element.
    pub first: usize,
}

/// Where elements go: the array, the place of the first one's first coordinate, and how far
/// coordinates are apart.
#[derive(Clone, Copy)]
pub struct To<'a> {
    /// The array.
    pub words: &'a Words,
    /// The first place.
    pub first: usize,
    /// How far coordinates are apart.
    pub stride: usize,
}

/// What a formula's sums are made with: kernels of components that compute the same.
pub struct Sums {
    degree: usize,
    kernels: Vec<(Kernel, Alike)>,
}

/// What makes the coefficients of a layer's first polynomial from its values, row by row.
pub struct Matrix {
    /// Elements of the base field.
    pub words: Words,
    /// How many coefficients there are.
    pub rows: usize,
}

/// Columns of bits on the device: a word is two columns in a block at a position. Their number is
/// half those of the columns, times positions, times blocks.
#[derive(Clone, Copy)]
pub struct Planes<'a> {
    /// The words, of blocks next to each other, then positions.
    pub words: &'a Words,
    /// Number of blocks.
    pub blocks: usize,
}

/// Columns in groups of all positions: of a column at a position, all groups are next to each other.
#[derive(Clone, Copy)]
pub struct Groups<'a> {
    /// The elements.
    pub words: &'a Words,
    /// Number of groups.
    pub groups: usize,
}

impl Sums {
    /// Of a formula over bits, in the first round. The name is no other formula's.
    #[must_use]
    pub fn first<M: Formula>(name: &str) -> Self {
        Self::new::<M>(|alike| Kernel {
            name: format!("keccak first {name} {}", alike.components.len()).into(),
            parts: vec![GROUP_SUM.into(), first(alike).into()].into(),
        })
    }

    /// Of a formula over groups.
    #[must_use]
    pub fn groups<M: Formula>(name: &str) -> Self {
        let text = |alike: &Alike| groups(alike, M::DEGREE, M::WEIGHTS > 0).into();
        Self::new::<M>(|alike| Kernel {
            name: format!("keccak groups {name} {}", alike.components.len()).into(),
            parts: vec![GROUP_SUM.into(), EXT_IF.into(), text(alike)].into(),
        })
    }

    fn new<M: Formula>(kernel: impl Fn(&Alike) -> Kernel) -> Self {
        Self { degree: M::DEGREE, kernels: record::<M>().into_iter().map(|alike| (kernel(&alike), alike)).collect() }
    }

    /// Values at the points of a first round.
    #[must_use]
    pub const fn points(&self) -> usize {
        SKIP * self.degree
    }

    /// Puts the values of the first round's polynomial at its points into `to`, from an element on:
    /// `tables` are those of points, `weights.first` is the first of the terms' weights, and at
    /// `outer` are those of blocks.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn first_values(
        &self,
        gpu: &Gpu,
        planes: Planes<'_>,
        tables: &Words,
        weights: Factors<'_>,
        outer: usize,
        to: To<'_>,
    ) -> Result<(), GpuError> {
        let (points, blocks) = (self.points(), planes.blocks);
        let point_groups = points / GROUP_POINTS;
        let chunks = |alike: &Alike| (ENOUGH / (alike.components.len() * points * blocks)).next_power_of_two().clamp(1, MAX_CHUNKS);
        let slot_groups = |alike: &Alike| (blocks * chunks(alike)).div_ceil(GROUP / GROUP_POINTS);
        let count: usize = self.kernels.iter().map(|(_, alike)| alike.components.len() * slot_groups(alike)).sum();
        let sums = gpu.ext_words(points * count)?;
        let mut start = 0;
        for (kernel, alike) in &self.kernels {
            let own = alike.components.len() * slot_groups(alike);
            let (groups, size) = (slot_groups(alike), POSITIONS / chunks(alike));
            let numbers = [
                blocks,
                groups,
                point_groups,
                blocks * chunks(alike),
                weights.stride,
                weights.first,
                outer,
                count,
                start,
                own * point_groups,
                points,
                size,
            ];
            gpu.dispatch(kernel, &params(&numbers, alike), &[planes.words, tables, weights.words, &sums], GROUP * own * point_groups)?;
            start += own;
        }
        add_rows(gpu, &sums, count, points, to)
    }

    /// Puts the values of the round of the variable that is the highest of groups, and at last the
    /// leading coefficient, into `to`. `half` is for how many half of the groups would stand if
    /// none were left out, `weights.first` is the first of the terms' weights, and at `outer` are
    /// those of pairs of groups, of which there are as many as there are such weights.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn values(&self, gpu: &Gpu, grid: Groups<'_>, half: usize, weights: Factors<'_>, outer: usize, to: To<'_>) -> Result<(), GpuError> {
        let pairs = half.min(grid.groups);
        let invocations = |alike: &Alike| alike.components.len() * POSITIONS * pairs;
        let count: usize = self.kernels.iter().map(|(_, alike)| invocations(alike).div_ceil(GROUP)).sum();
        let sums = gpu.ext_words(self.degree * count)?;
        let mut start = 0;
        for (kernel, alike) in &self.kernels {
            let own = invocations(alike).div_ceil(GROUP);
            let stride = grid.words.len() / EXTENSION_DEGREE;
            let numbers =
                [pairs, half, grid.groups, stride, weights.stride, weights.first, outer, count, start, invocations(alike), start + own];
            gpu.dispatch(kernel, &params(&numbers, alike), &[grid.words, weights.words, &sums], invocations(alike))?;
            start += own;
        }
        add_rows(gpu, &sums, count, self.degree, to)
    }
}

/// Adds the sums of workgroups: of each value's coordinates there is a row of `count`.
fn add_rows(gpu: &Gpu, sums: &Words, count: usize, values: usize, to: To<'_>) -> Result<(), GpuError> {
    let rows = EXTENSION_DEGREE * values;
    let numbers = [count, rows, to.first, values, to.stride].map(|number| number as u32);
    gpu.dispatch(&kernel!("row_sums"), &numbers, &[sums, to.words], GROUP * rows)
}

fn params(numbers: &[usize], alike: &Alike) -> Vec<u32> {
    numbers.iter().map(|&number| number as u32).chain(alike.components.iter().flatten().copied()).collect()
}

/// Lets of a component's columns and terms, which begin at a parameter.
pub fn numbers(alike: &Alike, first: usize) -> String {
    let (columns, terms) = (alike.program.columns(), alike.program.terms());
    let mut text = format!("let own = {first}u + component * {}u;\n", columns + terms);
    for column in 0..columns {
        let _ = writeln!(text, "let c{column} = params[own + {column}u];");
    }
    for term in 0..terms {
        let _ = writeln!(text, "let t{term} = params[own + {}u];", columns + term);
    }
    text
}

/// The kernel of a first round. Invocations have a point, a component and a slot. Params are the
/// numbers of blocks, of slots' and points' groups and of slots; how far coordinates of weights are
/// apart, where those of terms and of blocks begin; the words of a row of sums, and the place of
/// the first; the number of workgroups, of points, and of a piece's positions; then components.
fn first(alike: &Alike) -> String {
    let mut text = format!(
        "
@group(0) @binding(1) var<storage, read> planes: array<u32>;
@group(0) @binding(2) var<storage, read> tables: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<u32>;
@group(0) @binding(4) var<storage, read_write> sums: array<u32>;

fn column(c: u32, position: u32, block: u32, point: u32) -> u32 {{
    let bits = planes[((c >> 1u) * {POSITIONS}u + position) * params[0] + block] >> (16u * (c & 1u));
    return add(tables[(bits & 255u) * {POINTS}u + point], tables[(256u + ((bits >> 8u) & 255u)) * {POINTS}u + point]);
}}
{MAIN}
let rest = number / params[2];
let point = number % params[2] * {GROUP_POINTS}u + local % {GROUP_POINTS}u;
let slot = rest % params[1] * {slots}u + local / {GROUP_POINTS}u;
let component = rest / params[1];
var sum = ext_zero();
if (number < params[9] && slot < params[3]) {{
let block = slot % params[0];
let chunk = slot / params[0];
let stride = params[4];
",
        slots = GROUP / GROUP_POINTS,
    );
    text.push_str(&numbers(alike, 12));
    let coordinates = ["a", "b", "c", "d", "e"];
    for coordinate in coordinates {
        let _ = writeln!(text, "var s{coordinate} = sum_zero();");
    }
    text.push_str("let end = (chunk + 1u) * params[11];\nfor (var position = chunk * params[11]; position < end; position++) {\n");
    for column in 0..alike.program.columns() {
        let _ = writeln!(text, "let x{column} = column(c{column}, position, block, point);");
    }
    let (statements, terms) = alike.program.base();
    text.push_str(&statements);
    for (number, term) in terms.iter().enumerate() {
        let _ = writeln!(text, "let w{number} = params[5] + t{number} * {POSITIONS}u + position;\nlet v{number} = {term};");
        for (d, coordinate) in coordinates.iter().enumerate() {
            let _ = writeln!(text, "s{coordinate} = sum_add(s{coordinate}, v{number}, weights[w{number} + {d}u * stride]);");
        }
    }
    let _ = write!(
        text,
        "}}
let o = params[6] + block;
let outer = Ext(weights[o], weights[o + stride], weights[o + 2u * stride], weights[o + 3u * stride], weights[o + 4u * stride]);
sum = ext_mul(Ext(sum_done(sa), sum_done(sb), sum_done(sc), sum_done(sd), sum_done(se)), outer);
}}
sum = group_sum(local, sum, {GROUP_POINTS}u);
if (local < {GROUP_POINTS}u && number < params[9]) {{
let place = point * params[7] + params[8] + rest;
let apart = params[10] * params[7];
sums[place] = sum.a;
sums[place + apart] = sum.b;
sums[place + 2u * apart] = sum.c;
sums[place + 3u * apart] = sum.d;
sums[place + 4u * apart] = sum.e;
}}
}}
"
    );
    text
}

/// The kernel of rounds over groups. Invocations have a pair of groups, a position and a component.
/// Params are the numbers of pairs, of pairs if no groups were left out, and of groups; how far
/// coordinates of columns and of weights are apart, where weights of terms and of pairs begin; the
/// words of a row of sums, and the place of the first; the number of invocations, and the place
/// after the last sum; then components.
fn groups(alike: &Alike, degree: usize, is_weighted: bool) -> String {
    let mut text = format!(
        "
@group(0) @binding(1) var<storage, read> grid: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<u32>;

fn cell(column: u32, position: u32, group: u32) -> Ext {{
    let i = (column * {POSITIONS}u + position) * params[2] + group;
    let s = params[3];
    return Ext(grid[i], grid[i + s], grid[i + 2u * s], grid[i + 3u * s], grid[i + 4u * s]);
}}

fn weight(i: u32) -> Ext {{
    let s = params[4];
    return Ext(weights[i], weights[i + s], weights[i + 2u * s], weights[i + 3u * s], weights[i + 4u * s]);
}}

{MAIN}
let t = number * {GROUP}u + local;
let is_used = t < params[9];
let u = select(0u, t, is_used);
let pair = u % params[0];
let position = u / params[0] % {POSITIONS}u;
let component = u / params[0] / {POSITIONS}u;
// Groups beyond the last are like it.
let last = params[2] - 1u;
let low = min(pair, last);
let high = min(pair + params[1], last);
let outer = ext_if(weight(params[6] + pair), is_used);
"
    );
    text.push_str(&numbers(alike, 11));
    for column in 0..alike.program.columns() {
        let _ = writeln!(text, "var x{column} = cell(c{column}, position, high);");
        let _ = writeln!(text, "let d{column} = ext_sub(x{column}, cell(c{column}, position, low));");
    }
    let columns = || 0..alike.program.columns();
    let _ = writeln!(text, "for (var step = 0u; step < {degree}u; step++) {{\nlet is_value = step + 1u < {degree}u;\nif (!is_value) {{");
    for column in columns() {
        let _ = writeln!(text, "x{column} = d{column};");
    }
    text.push_str("}\n");
    let (statements, terms) = alike.program.ext(degree);
    text.push_str(&statements);
    text.push_str("var sum = ext_zero();\n");
    for (number, term) in terms.iter().enumerate() {
        let _ = if is_weighted {
            writeln!(text, "sum = ext_add(sum, ext_mul({term}, weight(params[5] + t{number} * {POSITIONS}u + position)));")
        } else {
            writeln!(text, "sum = ext_add(sum, {term});")
        };
    }
    for column in columns() {
        let _ = writeln!(text, "x{column} = ext_add(x{column}, d{column});");
    }
    let _ = write!(
        text,
        "sum = group_sum(local, ext_mul(sum, outer), 1u);
let place = step * params[7] + params[8] + number;
if (local == 0u && params[8] + number < params[10]) {{
let apart = {degree}u * params[7];
sums[place] = sum.a;
sums[place + apart] = sum.b;
sums[place + 2u * apart] = sum.c;
sums[place + 3u * apart] = sum.d;
sums[place + 4u * apart] = sum.e;
}}
}}
}}
"
    );
    text
}

/// The words of base-field elements.
pub fn words<'a>(elements: impl IntoIterator<Item = &'a F>) -> impl Iterator<Item = u32> {
    elements.into_iter().map(PrimeField32::to_unique_u32)
}
