//! The position rounds of a layer: all of them are one kernel's, of one workgroup
//! (`shaders/keccak_positions.wgsl`).
//!
//! There are no more than 64 pairs of positions, and a round waits for the one before it. Each
//! invocation has one of the values that make the round's polynomial, and adds up terms at some of
//! the positions.

use core::fmt::Write;

use tern_field::EXTENSION_DEGREE;
use tern_fri::multilinear::keccak::Layer;
use tern_fri::multilinear::keccak::prover::formula::Formula;
use tern_fri::multilinear::keccak::prover::interpolation_matrix;

use super::kernels::{numbers, words};
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
        let terms = record_terms::<M>();
        let (values, coefficients) = (M::DEGREE + 1, M::DEGREE + 2);
        let mut kernel =
            kernel!("blake3", "transcript", "live", "rounds", "absorb", "keccak_polynomial", "group_sum", "ext_if", "keccak_positions");
        kernel.name = format!("keccak positions {layer}").into();
        let first = MATRIX + coefficients * coefficients;
        kernel.parts.to_mut().push(text(&terms, M::DEGREE, first, GROUP / values.next_power_of_two()).into());
        let kernel = round_kernel(kernel, coefficients).with("STEPS", values.next_power_of_two());
        let kernel = kernel.with("COLUMNS", M::COLUMNS).with("TERMS", M::TERMS).with("CLAIMS", layer.claims());
        let mut params: Vec<u32> = words(interpolation_matrix(M::DEGREE + 1).iter().flatten()).collect();
        params.extend(terms.iter().flat_map(|alike| alike.components.iter().flatten()));
        Self { kernel, params }
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

/// The sum of a formula's weighted terms, which are alike in some ways and begin at a parameter, of
/// the pairs of positions that one of so many slots has.
fn text(all: &[Alike], degree: usize, mut first: usize, slots: usize) -> String {
    let mut text = String::new();
    for (number, alike) in all.iter().enumerate() {
        let _ = write!(
            text,
            "
fn term_{number}(component: u32, position: u32, half: u32, step: u32) -> Ext {{
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
    text.push_str("\nfn terms_sum(slot: u32, half: u32, step: u32) -> Ext {\nvar sum = ext_zero();\n");
    for (number, alike) in all.iter().enumerate() {
        let _ = write!(
            text,
            "for (var i = slot; i < {}u * half; i += {slots}u) {{
sum = ext_add(sum, term_{number}(i / half, i % half, half, step));
}}
",
            alike.components.len(),
        );
    }
    text.push_str("return sum;\n}\n");
    text
}
