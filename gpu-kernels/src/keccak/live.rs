//! Rounds that a device plays by itself, which are all of them.
//!
//! A round's values are summed up; a kernel then makes its polynomial, draws the challenge from the
//! transcript's state, and evaluates the claim there. What weighs the next layer's terms is made of
//! challenges, too. At the end the host reads all values at once and does the same with its own
//! transcript, whose challenges count.

use p3_field::PrimeCharacteristicRing;
use tern_field::EXTENSION_DEGREE;
use tern_fri::multilinear::keccak::Layer;
use tern_fri::multilinear::keccak::prover::{Start, interpolation_matrix, lagrange_powers};

use super::kernels::{Matrix, words};
use super::places::Places;
use crate::fractions::ext_words;
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::rounds::MAX_CHUNKS;
use crate::{Gpu, GpuError, Kernel, kernel, rounds};

/// Values of two bytes.
const BYTES: usize = 2 * 256;

/// Most claims of a layer (`shaders/keccak_claims.wgsl`).
const MOST_CLAIMS: usize = Layer::Theta.claims();

/// What the device knows of the rounds.
pub struct Live {
    /// The challenge, the state of the transcript, the claim; then what follows a layer's claims:
    /// the powers that batch them, and the factors of position variables.
    words: Words,
    record: Words,
}

impl Live {
    /// Before all layers, whose places these are.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn new(gpu: &Gpu, start: &Start<'_>, layers: &[Places]) -> Result<Self, GpuError> {
        let mut powers = start.outputs.base().powers().collect_n(MOST_CLAIMS);
        powers.extend(start.outputs.pairs().as_flattened());
        let words = rounds::start(&start.transcript.state(), [start.claim].into_iter().chain(powers));
        // The last layer's claims are not batched.
        let record = gpu.words(layers.last().map_or(0, Places::batch))?;
        let point: Vec<u32> = start.instances.iter().copied().flat_map(ext_words).collect();
        gpu.write(&record, 0, point.len(), |i| point[i])?;
        Ok(Self { words: gpu.upload_words(&words)?, record })
    }

    pub const fn words(&self) -> &Words {
        &self.words
    }

    pub const fn record(&self) -> &Words {
        &self.record
    }

    /// Plays the first round of a layer, of which the record has the values. Gives what a column of
    /// signs is at its challenge, for each byte of its bits.
    pub fn first(&self, gpu: &Gpu, places: &Places, matrix: &Matrix) -> Result<Words, GpuError> {
        let params = [places.points(), places.first_values(), places.first_challenge()].map(|number| number as u32);
        let kernel = kernel!("blake3", "transcript", "live", "rounds", "absorb", "keccak_polynomial", "keccak_first");
        gpu.dispatch(&round_kernel(kernel, matrix.rows), &params, &[&self.words, &self.record, &matrix.words], GROUP)?;
        let tables = gpu.words(EXTENSION_DEGREE * BYTES)?;
        gpu.dispatch(&kernel!("live", "keccak_tables"), &words(&lagrange_powers()).collect::<Vec<u32>>(), &[&self.words, &tables], GROUP)?;
        Ok(tables)
    }

    /// Plays a round of a layer, of which the record has the values, of a variable whose coordinate
    /// is at a place.
    pub fn settle(&self, gpu: &Gpu, places: &Places, variable: usize, coordinate: usize) -> Result<(), GpuError> {
        let degree = places.layer.degree();
        let own = [places.values(variable), places.challenge(variable), coordinate].map(|number| number as u32);
        let params: Vec<u32> = own.into_iter().chain(words(interpolation_matrix(degree).iter().flatten())).collect();
        let kernel =
            kernel!("inverse", "blake3", "transcript", "live", "recorded", "rounds", "absorb", "keccak_polynomial", "keccak_settle");
        gpu.dispatch(&round_kernel(kernel, 1 + degree), &params, &[&self.words, &self.record], GROUP)
    }

    /// Sends a layer's claims, and batches them.
    pub fn batch(&self, gpu: &Gpu, places: &Places) -> Result<(), GpuError> {
        let params = [places.layer.claims(), places.claims(), places.position_challenge(0), places.batch()].map(|number| number as u32);
        let kernel = kernel!("blake3", "transcript", "live", "recorded", "rounds", "absorb", "keccak_claims", "keccak_batch");
        gpu.dispatch(&kernel.with("MAX_CHUNKS", MAX_CHUNKS), &params, &[&self.words, &self.record], GROUP)
    }
}

/// The kernel of a round whose polynomial has so many coefficients.
pub fn round_kernel(kernel: Kernel, coefficients: usize) -> Kernel {
    kernel.with("MAX_CHUNKS", MAX_CHUNKS).with("COEFFICIENTS", coefficients)
}
