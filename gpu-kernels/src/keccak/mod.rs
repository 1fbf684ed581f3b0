//! Keccak's batched GKR ([`tern_fri::multilinear::keccak`]) with its columns on a device.
//!
//! The protocol is the host's. But its rounds are all played on the device first, for which the host
//! waits once ([`live`]): then it goes through the same rounds with what is recorded of them
//! ([`played`]). A layer is played so:
//!
//! - what weighs its terms is made of the claims before it ([`weights`]);
//! - of its round's states, which are made from the parts' inputs anew, the bits of a block's
//!   instances are brought together in planes ([`states`]);
//! - the values of the first round's polynomial are sums over blocks and positions, at each point
//!   with tables of what a byte of bits is there ([`kernels::Sums::first_values`]);
//! - at its challenge columns become elements of the challenge field, and rounds go on over groups
//!   of all positions ([`kernels::Sums::values`]), until one is left;
//! - one workgroup plays the rounds of positions ([`positions`]).
//!
//! Kernels of formulas are made from the formulas themselves ([`record`]).

mod kernels;
mod layer;
mod live;
mod places;
mod played;
mod positions;
mod record;
mod states;
#[cfg(test)]
mod tests;
mod weights;

use std::sync::OnceLock;

use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::keccak::prover::formula::{Chi, Formula, Linear, Parity, Products, Theta, ThetaSums};
use tern_fri::multilinear::keccak::prover::{
    self, Claims, LayerClaim, Passes, Start, Witness, first_matrix, point_tables, prove_tables_with, prove_with,
};
use tern_fri::multilinear::keccak::{LAYERS, Layer, OutputPoint, PART_ROUNDS, Proof, Tie};
use tern_fri::multilinear::opening::Form;
use tern_fri::multilinear::source::Source;

use crate::gpu::elements;
use crate::memory::Words;
use crate::{Gpu, GpuError};
use kernels::{Matrix, Planes, Sums, words};
use layer::DeviceLayer;
use live::Live;
use places::Places;
use played::Played;
use positions::Positions;
use states::States;
use weights::Weights;

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
    /// What a byte of bits is at the points of first rounds.
    points: Words,
    sums: AllSums,
    /// Where the record has each layer, in the order of the proof.
    layers: Vec<Places>,
    /// What the device has played.
    record: Vec<F>,
}

/// What makes the sums of a layer.
struct LayerSums {
    /// Of the formulas of its first round.
    first: Vec<Sums>,
    matrix: Matrix,
    /// Of its instance rounds.
    groups: Sums,
    positions: Positions,
}

impl LayerSums {
    fn new<M: Formula>(gpu: &Gpu, layer: Layer, first: Vec<Sums>, groups: Sums) -> Result<Self, GpuError> {
        static MATRICES: [OnceLock<Vec<Vec<F>>>; 3] = [const { OnceLock::new() }; 3];
        let of_layer = || first_matrix(&first.iter().map(Sums::points).collect::<Vec<_>>());
        let matrix = MATRICES[layer as usize].get_or_init(of_layer);
        let words = gpu.upload_words(&words(matrix.iter().flatten()).collect::<Vec<u32>>())?;
        Ok(Self { matrix: Matrix { words, rows: matrix.len() }, first, groups, positions: Positions::new::<M>(layer) })
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
            chi: LayerSums::new::<Chi>(gpu, Layer::Chi, vec![Sums::first::<Chi>("chi")], Sums::groups::<Chi>("chi"))?,
            theta: LayerSums::new::<Theta>(gpu, Layer::Theta, vec![Sums::first::<Theta>("theta")], Sums::groups::<ThetaSums>("theta"))?,
            parity: LayerSums::new::<Parity>(gpu, Layer::Parity, of_parity, Sums::groups::<Parity>("parity"))?,
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
        let layers = Places::all(witness.shape().instance_rounds());
        Ok(Self { gpu, states: States::new(gpu, witness)?, points, sums, layers, record: Vec::new() })
    }

    /// Plays all layers.
    fn play(&self, live: &Live, variables: usize) -> Result<(), GpuError> {
        let (gpu, blocks) = (self.gpu, self.states.blocks());
        let mut outer: Vec<usize> = (0..variables).map(Places::of_start).collect();
        let mut layers = self.layers.iter();
        for round in (0..PART_ROUNDS).rev() {
            let columns = self.states.round(gpu, round)?;
            for places in layers.by_ref().take(LAYERS.len()) {
                let words = if places.layer == Layer::Chi { &columns.moved } else { &columns.lanes };
                let weights = Weights::new(gpu, live, places.layer, round, &outer, blocks)?;
                let (planes, sums) = (Planes { words, blocks }, self.sums.of(places.layer));
                DeviceLayer { gpu, live, places: *places, planes, points: &self.points, sums, weights, outer: &outer }.play()?;
                outer = (0..variables).map(|variable| places.challenge(variable)).collect();
                if round > 0 || places.layer != Layer::Parity {
                    live.batch(gpu, places)?;
                }
            }
        }
        Ok(())
    }

    /// A layer, by its number in the proof.
    fn played(&self, number: usize) -> Played<'_> {
        Played::new(&self.record, self.layers[number])
    }
}

impl Passes for Device<'_> {
    type Error = GpuError;
    type Layer<'a>
        = Played<'a>
    where
        Self: 'a;

    fn begin(&mut self, start: &Start<'_>) -> Result<(), GpuError> {
        let live = Live::new(self.gpu, start, &self.layers)?;
        self.play(&live, start.instances.len())?;
        self.record = elements(&self.gpu.read_all(&[live.record()])?)?;
        Ok(())
    }

    fn layer<'a>(&'a mut self, round: usize, claim: &LayerClaim<'_>, _: &'a [EF]) -> Result<Played<'a>, GpuError> {
        let number = LAYERS.len() * (PART_ROUNDS - 1 - round) + claim.layer() as usize;
        if let Some(before) = number.checked_sub(1) {
            self.played(before).check_batch(claim.base())?;
        }
        Ok(self.played(number))
    }
}
