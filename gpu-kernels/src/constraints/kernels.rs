//! Kernels that are generated.

use core::fmt::Write as _;
use core::hash::{Hash, Hasher};
use std::collections::hash_map::DefaultHasher;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32, TwoAdicField};
use tern_field::F;
use tern_fri::multilinear::program::Program;

use super::{LOG_POINTS, POINTS};
use crate::Kernel;
use crate::program::{Arithmetic, body};

const TERMS_HEAD: &str = "
@group(0) @binding(1) var<storage, read> values: array<u32>;
@group(0) @binding(2) var<storage, read> data: array<u32>;
@group(0) @binding(3) var<storage, read_write> partial: array<u32>;

struct ExtSum { a: Sum, b: Sum, c: Sum, d: Sum, e: Sum }

fn weighed(s: ExtSum, x: u32, w: u32) -> ExtSum {
    return ExtSum(
        sum_add(s.a, x, data[w]),
        sum_add(s.b, x, data[w + 1u]),
        sum_add(s.c, x, data[w + 2u]),
        sum_add(s.d, x, data[w + 3u]),
        sum_add(s.e, x, data[w + 4u]),
    );
}

fn begin(workgroup: u32, local: u32) {}

// Params after those of sums are where weights and public values begin, then where each set's values do.
fn value(points: u32, row: u32) -> Ext {
let first = params[11u + points] + row;
let rows = params[0];
let weights = params[9];
let publics = params[10];
";

/// The weighted sum of terms on rows of cells, over blocks. `position` is a cell's place among
/// those that are stored.
pub(super) fn terms(program: &Program, position: impl Fn(usize) -> usize) -> Kernel {
    let given = |cell: usize| format!("values[first + {}u * rows]", position(cell));
    let body = body(program, Arithmetic::Base, given, |index| format!("data[publics + {index}u]"));
    let mut text = TERMS_HEAD.to_owned();
    text.push_str(&body.text);
    text.push_str("var s = ExtSum(sum_zero(), sum_zero(), sum_zero(), sum_zero(), sum_zero());\n");
    for (i, value) in body.wanted.iter().enumerate() {
        let _ = writeln!(text, "s = weighed(s, {value}, weights + {}u);", 5 * i);
    }
    text.push_str("return Ext(sum_done(s.a), sum_done(s.b), sum_done(s.c), sum_done(s.d), sum_done(s.e));\n}\n");
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let files = [include_str!("../shaders/shared.wgsl"), include_str!("../shaders/data.wgsl"), include_str!("../shaders/accumulate.wgsl")];
    let parts = files.into_iter().map(Into::into).chain([text.into()]).collect();
    Kernel { name: format!("terms {:016x}", hasher.finish()).into(), parts }
}

/// A position among 32 with its bits in the other order.
const fn reversed(i: usize) -> usize {
    i.reverse_bits() >> (usize::BITS as usize - LOG_POINTS)
}

/// The factors of coefficients, which come in bit-reversed order, for the cosets from the first on.
pub(super) fn shifts(cosets: usize) -> Vec<u32> {
    let size = F::from_usize(POINTS).inverse();
    let factor = |coset: usize, i: usize| (F::GENERATOR.exp_u64((coset * reversed(i)) as u64) * size).to_unique_u32();
    (1..=cosets).flat_map(|coset| (0..POINTS).map(move |i| factor(coset, i))).collect()
}

/// From cells' values on `D`, the subgroup, to those on its cosets: an invocation has one cell in
/// one lane of a block. Params are the rows of a set, all invocations, how many cosets there are at
/// most, how many a cell's invocations are, for each of so many cosets where its values are and of
/// how many cells, then the coefficients' factors.
pub(super) fn cosets() -> Kernel {
    let mut text = "
@group(0) @binding(1) var<storage, read_write> values: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
let t = invocation(group, groups, local);
if (t >= params[1]) { return; }
let cell = t / params[3];
let i = t % params[3];
let place = cell * params[0] + 512u * (i >> 4u) + (i & 15u);
var a = 0u;
"
    .to_owned();
    for j in 0..POINTS {
        let _ = writeln!(text, "var c{j} = values[place + {}u];", 16 * j);
    }
    // Decimation in frequency: the coefficients come in bit-reversed order.
    let root = F::two_adic_generator(LOG_POINTS);
    for layer in 0..LOG_POINTS {
        let half = POINTS >> (layer + 1);
        for (low, j) in butterflies(half) {
            let high = low + half;
            let _ = write!(text, "a = c{low}; c{low} = add(a, c{high}); ");
            let _ = match j {
                0 => writeln!(text, "c{high} = sub(a, c{high});"),
                _ => writeln!(text, "c{high} = mul(sub(a, c{high}), {}u);", root.inverse().exp_u64((j << layer) as u64).to_unique_u32()),
            };
        }
    }
    text.push_str("for (var k = 0u; k < params[2]; k++) {\nif (cell >= params[5u + 2u * k]) { break; }\nlet shifts = 4u + 2u * params[2] + 32u * k;\n");
    for i in 0..POINTS {
        let _ = writeln!(text, "var v{i} = mul(c{i}, params[shifts + {i}u]);");
    }
    for layer in 0..LOG_POINTS {
        let half = 1 << layer;
        for (low, j) in butterflies(half) {
            let high = low + half;
            let _ = match j {
                0 => write!(text, "a = v{high};"),
                _ => write!(text, "a = mul(v{high}, {}u);", root.exp_u64((j * (POINTS / 2 / half)) as u64).to_unique_u32()),
            };
            let _ = writeln!(text, " v{high} = sub(v{low}, a); v{low} = add(v{low}, a);");
        }
    }
    text.push_str("let to = params[4u + 2u * k] + place;\n");
    for j in 0..POINTS {
        let _ = writeln!(text, "values[to + {}u] = v{j};", 16 * j);
    }
    text.push_str("}\n}\n");
    Kernel { name: "cosets".into(), parts: vec![text.into()].into() }
}

/// The lower places of a layer's butterflies, which are `half` apart, with the exponent of each.
fn butterflies(half: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..POINTS).step_by(2 * half).flat_map(move |first| (0..half).map(move |j| (first + j, j)))
}
