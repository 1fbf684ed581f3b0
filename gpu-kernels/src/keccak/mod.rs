//! Keccak's batched GKR ([`tern_fri::multilinear::keccak`]) with its columns on a device.
//!
//! The protocol is the host's, and so are each layer's rounds of positions. The others are played on
//! the device, for which the host waits once a layer. A layer is proved so:
//!
//! - of its round's states, which are made from the parts' inputs anew, the bits of a block's
//!   instances are brought together in planes ([`states`]);
//! - the values of the first round's polynomial are sums over blocks and positions, at each point
//!   with tables of what a byte of bits is there ([`kernels::Sums::first_values`]);
//! - at its challenge columns become elements of the challenge field, and rounds go on over groups
//!   of all positions ([`kernels::Sums::values`]), until one is left.
//!
//! Kernels of formulas are made from the formulas themselves ([`record`]).

mod kernels;
mod layer;
mod live;
mod record;
mod states;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::keccak::prover::formula::{Chi, Linear, Parity, Products, Theta, ThetaSums};
use tern_fri::multilinear::keccak::prover::{
    self, Claims, LayerWeights, Passes, Witness, first_matrix, point_tables, prove_tables_with, prove_with,
};
use tern_fri::multilinear::keccak::{Layer, OutputPoint, Proof, Tie};
use tern_fri::multilinear::opening::Form;
use tern_fri::multilinear::source::Source;

use crate::memory::Words;
use crate::{Gpu, GpuError};
use kernels::{Matrix, Planes, Sums, words};
use layer::DeviceLayer;
use states::{Round, States};

/// As [`prover::prove`]. Without the skip, which proofs of tables have, it is the host that proves.
///
/// # Errors
///
/// If the device fails.
///
/// # Panics
///
/// As there.
pub fn prove(
    gpu: &Gpu,
    witness: &Witness,
    outputs: &OutputPoint<EF>,
    output: EF,
    transcript: &mut Transcript,
) -> Result<(Proof<EF>, Claims), GpuError> {
    if !witness.shape().skip {
        return Ok(prover::prove(witness, outputs, output, transcript));
    }
    prove_with(&mut Device::new(gpu, witness)?, witness, outputs, output, transcript)
}

/// As [`prover::prove_tables`].
///
/// # Errors
///
/// If the device fails.
pub fn prove_tables(
    gpu: &Gpu,
    tie: &Tie,
    tables: &[Source<'_>],
    block_variables: usize,
    transcript: &mut Transcript,
) -> Result<(Proof<EF>, Vec<Form>), GpuError> {
    prove_tables_with(tie, tables, block_variables, transcript, |witness, point, output, transcript| {
        prove(gpu, witness, point, output, transcript)
    })
}

/// The columns of all rounds, with the skip.
struct Device<'a> {
    gpu: &'a Gpu,
    states: States,
    /// The columns of the round that is proved.
    round: Option<(usize, Round)>,
    /// What a byte of bits is at the points of first rounds.
    points: Words,
    sums: AllSums,
}

/// What makes the sums of a layer.
struct LayerSums {
    /// Of the formulas of its first round.
    first: Vec<Sums>,
    matrix: Matrix,
    /// Of its instance rounds.
    groups: Sums,
}

impl LayerSums {
    fn new(gpu: &Gpu, layer: Layer, first: Vec<Sums>, groups: Sums) -> Result<Self, GpuError> {
        static MATRICES: [OnceLock<Vec<Vec<F>>>; 3] = [const { OnceLock::new() }; 3];
        let of_layer = || first_matrix(&first.iter().map(Sums::points).collect::<Vec<_>>());
        let matrix = MATRICES[layer as usize].get_or_init(of_layer);
        let words = gpu.upload_words(&words(matrix.iter().flatten()).collect::<Vec<u32>>())?;
        Ok(Self { matrix: Matrix { words, rows: matrix.len() }, first, groups })
    }
}

/// Those of each layer.
struct AllSums {
    chi: LayerSums,
    theta: LayerSums,
    parity: LayerSums,
}

impl AllSums {
    fn new(gpu: &Gpu) -> Result<Self, GpuError> {
        let of_parity = vec![Sums::first::<Products>("products"), Sums::first::<Linear>("linear")];
        Ok(Self {
            chi: LayerSums::new(gpu, Layer::Chi, vec![Sums::first::<Chi>("chi")], Sums::groups::<Chi>("chi"))?,
            theta: LayerSums::new(gpu, Layer::Theta, vec![Sums::first::<Theta>("theta")], Sums::groups::<ThetaSums>("theta"))?,
            parity: LayerSums::new(gpu, Layer::Parity, of_parity, Sums::groups::<Parity>("parity"))?,
        })
    }

    const fn of(&self, layer: Layer) -> &LayerSums {
        match layer {
            Layer::Chi => &self.chi,
            Layer::Theta => &self.theta,
            Layer::Parity => &self.parity,
        }
    }
}

impl<'a> Device<'a> {
    fn new(gpu: &'a Gpu, witness: &Witness) -> Result<Self, GpuError> {
        let points: Vec<u32> = words(point_tables().iter().flatten().flatten()).collect();
        let (points, sums) = (gpu.upload_words(&points)?, AllSums::new(gpu)?);
        Ok(Self { gpu, states: States::new(gpu, witness)?, round: None, points, sums })
    }
}

impl Passes for Device<'_> {
    type Error = GpuError;
    type Layer<'a>
        = DeviceLayer<'a>
    where
        Self: 'a;

    fn layer<'a>(&'a mut self, round: usize, weights: &'a LayerWeights, outer: &'a [EF]) -> Result<Self::Layer<'a>, GpuError> {
        let (_, columns) = match self.round.take().filter(|(number, _)| *number == round) {
            Some(known) => self.round.insert(known),
            None => self.round.insert((round, self.states.round(self.gpu, round)?)),
        };
        let words = if weights.layer() == Layer::Chi { &columns.moved } else { &columns.lanes };
        let planes = Planes { words, blocks: self.states.blocks() };
        DeviceLayer::new(self.gpu, planes, &self.points, self.sums.of(weights.layer()), weights, outer)
    }
}
