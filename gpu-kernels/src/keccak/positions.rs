//! The position rounds of a layer: all of them are one kernel's, of one workgroup.
//!
//! There are no more than 64 pairs of positions, and a round waits for the one before it. Each
//! invocation has one of the values that make the round's polynomial, and adds up terms at some of
//! the positions; columns and weights are bound in their place.

use core::fmt::Write;

use tern_field::EXTENSION_DEGREE;
use tern_fri::multilinear::keccak::prover::formula::Formula;
use tern_fri::multilinear::keccak::prover::{POSITIONS, interpolation_matrix};
use tern_fri::multilinear::keccak::{Layer, POSITION_VARIABLES};

use super::kernels::{GROUP_SUM, numbers, words};
use super::live::{Live, round_kernel};
use super::places::Places;
use super::record::{Alike, record_terms};
use super::weights::Weights;
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, Kernel, kernel};

/// Where parameters have the matrix of interpolation.
const MATRIX: usize = 6;

/// What plays a formula's position rounds.
pub struct Positions {
    kernel: Kernel,
    /// The matrix, then the components.
    params: Vec<u32>,
}

impl Positions {
    /// Of a layer, whose formula this is.
    #[must_use]
    pub fn new<M: Formula>(layer: Layer) -> Self {
        let all = record_terms::<M>();
        let coefficients = M::DEGREE + 2;
        let mut kernel = kernel!("blake3", "transcript", "live", "rounds", "absorb", "keccak_polynomial");
        kernel.name = format!("keccak positions {layer}").into();
        kernel.parts.to_mut().extend([GROUP_SUM.into(), text::<M>(&all, layer.claims()).into()]);
        let mut params: Vec<u32> = words(interpolation_matrix(M::DEGREE + 1).iter().flatten()).collect();
        params.extend(all.iter().flat_map(|alike| alike.components.iter().flatten()));
        Self { kernel: round_kernel(kernel, coefficients), params }
    }

    /// Plays the rounds of columns, which are bound in their place as the weights are.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn play(&self, gpu: &Gpu, live: &Live, places: &Places, columns: &Words, weights: &Weights) -> Result<(), GpuError> {
        let own = [
            columns.len() / EXTENSION_DEGREE,
            weights.stride(),
            weights.terms().first,
            places.position_values(0),
            places.position_challenge(0),
            places.claims(),
        ];
        debug_assert_eq!(own.len(), MATRIX);
        let params: Vec<u32> = own.iter().map(|&number| number as u32).chain(self.params.iter().copied()).collect();
        gpu.dispatch(&self.kernel, &params, &[live.words(), live.record(), columns, weights.words()], GROUP)
    }
}

/// The kernel of a formula. Params are how far coordinates of columns and of weights are apart, and
/// the place of the first weight; the places of values, challenges and claims in the record; the
/// matrix that makes coefficients of values, row by row; then components.
fn text<M: Formula>(all: &[Alike], claims: usize) -> String {
    let (degree, columns, terms) = (M::DEGREE, M::COLUMNS, M::TERMS);
    let coefficients = degree + 2;
    let (values, steps) = (degree + 1, (degree + 1).next_power_of_two());
    let mut text = "
@group(0) @binding(3) var<storage, read_write> columns: array<u32>;
@group(0) @binding(4) var<storage, read_write> weights: array<u32>;

fn column(i: u32) -> Ext {
    let s = params[0];
    return Ext(columns[i], columns[i + s], columns[i + 2u * s], columns[i + 3u * s], columns[i + 4u * s]);
}

fn weight(i: u32) -> Ext {
    let s = params[1];
    return Ext(weights[i], weights[i + s], weights[i + 2u * s], weights[i + 3u * s], weights[i + 4u * s]);
}

fn put_column(i: u32, x: Ext) {
    let s = params[0];
    columns[i] = x.a;
    columns[i + s] = x.b;
    columns[i + 2u * s] = x.c;
    columns[i + 3u * s] = x.d;
    columns[i + 4u * s] = x.e;
}

fn put_weight(i: u32, x: Ext) {
    let s = params[1];
    weights[i] = x.a;
    weights[i + s] = x.b;
    weights[i + 2u * s] = x.c;
    weights[i + 3u * s] = x.d;
    weights[i + 4u * s] = x.e;
}

fn record_put(at: u32, x: Ext) {
    record[at] = x.a;
    record[at + 1u] = x.b;
    record[at + 2u] = x.c;
    record[at + 3u] = x.d;
    record[at + 4u] = x.e;
}

fn ext_if(x: Ext, is_value: bool) -> Ext {
    if (is_value) {
        return x;
    }
    return ext_zero();
}
"
    .to_owned();
    let _ = write!(
        text,
        "
// The value at a step beyond the second of two, or the slope after the last of these.
fn on_line(low: Ext, high: Ext, step: u32) -> Ext {{
    let slope = ext_sub(high, low);
    if (step == {degree}u) {{
        return slope;
    }}
    var x = high;
    for (var i = 0u; i < step; i++) {{
        x = ext_add(x, slope);
    }}
    return x;
}}

fn column_at(c: u32, position: u32, half: u32, step: u32) -> Ext {{
    let i = c * {POSITIONS}u + position;
    return on_line(column(i), column(i + half), step);
}}

fn weight_at(t: u32, position: u32, half: u32, step: u32) -> Ext {{
    let i = params[2] + t * {POSITIONS}u + position;
    return on_line(weight(i), weight(i + half), step);
}}
"
    );
    let mut first = MATRIX + coefficients * coefficients;
    for (number, alike) in all.iter().enumerate() {
        let _ = write!(
            text,
            "
fn component_{number}(component: u32, position: u32, half: u32, step: u32) -> Ext {{
let is_value = step < {degree}u;
"
        );
        text.push_str(&numbers(alike, first));
        first += alike.components.iter().map(Vec::len).sum::<usize>();
        for column in 0..alike.program.columns() {
            let _ = writeln!(text, "let x{column} = column_at(c{column}, position, half, step);");
        }
        let (statements, terms) = alike.program.ext(degree);
        text.push_str(&statements);
        text.push_str("var sum = ext_zero();\n");
        for (number, term) in terms.iter().enumerate() {
            let _ = writeln!(text, "sum = ext_add(sum, ext_mul({term}, weight_at(t{number}, position, half, step)));");
        }
        text.push_str("return sum;\n}\n");
    }
    let _ = write!(
        text,
        "
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {{
    if (group.x + group.y > 0u) {{
        return;
    }}
    let step = local % {steps}u;
    for (var round = 0u; round < {POSITION_VARIABLES}u; round++) {{
        let half = {}u >> round;
        var sum = ext_zero();
        if (step < {values}u) {{
",
        POSITIONS / 2,
    );
    for (number, alike) in all.iter().enumerate() {
        let _ = write!(
            text,
            "            for (var i = local / {steps}u; i < {}u * half; i += {}u) {{
                sum = ext_add(sum, component_{number}(i / half, i % half, half, step));
            }}
",
            alike.components.len(),
            GROUP / steps,
        );
    }
    let _ = write!(
        text,
        "        }}
        sum = group_sum(local, sum, {steps}u);
        if (local < {values}u) {{
            record_put(params[3] + 5u * ({values}u * round + local), sum);
        }}
        workgroupBarrier();
        if (local < COEFFICIENTS) {{
            let row = {MATRIX}u + local * COEFFICIENTS;
            var x = ext_scale(ext_sub(live_ext(CLAIM), group_terms[0]), params[row]);
            for (var i = 0u; i < {values}u; i++) {{
                x = ext_add(x, ext_scale(group_terms[i], params[row + 1u + i]));
            }}
            put_coefficient(local, x);
        }}
        send(local, params[4] + 5u * round);
        storageBarrier();
        let challenge = live_ext(0u);
        for (var i = local; i < {columns}u * half; i += {GROUP}u) {{
            let low = i / half * {POSITIONS}u + i % half;
            put_column(low, ext_between(column(low), column(low + half), challenge));
        }}
        for (var i = local; i < {terms}u * half; i += {GROUP}u) {{
            let low = params[2] + i / half * {POSITIONS}u + i % half;
            put_weight(low, ext_between(weight(low), weight(low + half), challenge));
        }}
        storageBarrier();
    }}
    // What a layer does not claim is last.
    if (local < {claims}u) {{
        record_put(params[5] + 5u * local, column({POSITIONS}u * local));
    }}
}}
"
    );
    text
}
