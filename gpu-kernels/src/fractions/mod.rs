//! That fractions in device memory add up to zero: [`tern_fri::multilinear::fractions`], whose
//! layers are sent and drawn from there.
//!
//! The levels of the tree that have many fractions are the device's, and so are all rounds of their
//! layers, one layer after the other: the host waits once for the levels above them, of which it
//! proves the layers, and once for the record of all others ([`places`]), which it then plays with
//! its own transcript ([`played`]).

mod layer;
mod live;
mod places;
mod played;
mod round;
mod tail;
mod tree;
mod weights;

use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::fractions::{self, Claim, FractionsProof, Layers, Memory, Unbalanced};
use tern_fri::multilinear::packed::LANE_BITS;
use thiserror::Error;

use live::Live;
use places::Places;
pub(crate) use tree::ext_words;
pub use tree::{Array, Place};

use crate::gpu::elements;
use crate::{Gpu, GpuError};

/// Sizes from which work is done otherwise. Proofs do not depend on them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Fewest fractions for which the device is asked, and for which a round has a pass of its own.
    pub fractions: usize,
    /// Fewest workgroups of which each takes several tiles of 256 rows.
    pub groups: usize,
}

impl Default for Limits {
    /// The host proves layers of a few thousand fractions while it would wait for the device; more
    /// than a thousand workgroups run at a time on no card.
    fn default() -> Self {
        Self { fractions: 1 << 12, groups: 1 << 10 }
    }
}

/// Fractions that have no proof, or a device that failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FractionsError {
    /// They do not add up to zero.
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    /// The device failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
}

/// Proves that the fractions of all blocks, a power of two of up to `2^row_variables` rows each,
/// add up to zero. The host waits twice.
///
/// # Errors
///
/// If they do not, or the device fails.
///
/// # Panics
///
/// When a block has more rows than the variables allow, there are fewer than four of them, or
/// blocks are no power of two.
pub fn prove(
    gpu: &Gpu,
    leaves: Array,
    row_variables: usize,
    limits: &Limits,
    transcript: &mut Transcript,
) -> Result<(FractionsProof, Claim), FractionsError> {
    assert!(leaves.places().len().is_power_of_two(), "a power of two of blocks");
    assert!(leaves.places().iter().all(|place| place.rows <= 1 << row_variables), "rows of the variables");
    let vector_variables = row_variables.checked_sub(LANE_BITS).expect("vectors of rows");
    if leaves.used() < limits.fractions || layer_rounds(leaves.places().len(), vector_variables) < 3 {
        return Ok(fractions::prove(leaves.messages(gpu)?, row_variables, transcript)?);
    }
    let mut memory = Memory::default();
    let (mut levels, sums, vector_variables) = tree::levels(gpu, leaves, vector_variables, limits)?;
    let mut host_levels = fractions::above(sums, vector_variables, &mut memory);
    let root = host_levels.pop().expect("a root");
    let mut layers = Layers::new(root.single(), transcript)?;
    while let Some(level) = host_levels.pop() {
        layers.layer(|rounds| Ok::<_, GpuError>(fractions::play(level, rounds, &mut memory)))?;
    }
    let has_pairs = |level: &Array| level.is_base() && level.places().len() > 2;
    let count = levels.iter().map(|level| 1 + usize::from(has_pairs(level))).sum();
    let blocks = levels.iter().map(|level| level.places().len()).max().unwrap_or(0);
    let start = layers.start();
    let all = Places::all(start.claim.point.len(), count);
    let live = Live::new(gpu, &start, &all, blocks)?;
    let mut next = all.iter();
    let mut play = |level: Array| next.next().map_or(Ok(()), |places| layer::play(gpu, &live, places, level, limits));
    while let Some(level) = levels.pop() {
        if has_pairs(&level) {
            play(level.halved(gpu, limits)?)?;
        }
        play(level)?;
    }
    let record = elements(&gpu.read_all(&[live.record()])?)?;
    played::play(&mut layers, &all, &record)?;
    Ok(layers.done())
}

/// Rounds of a layer before those of its lanes, given the blocks of its level.
const fn layer_rounds(blocks: usize, vector_variables: usize) -> usize {
    match blocks {
        // Its halves are blocks of alternate vectors.
        1 => vector_variables.saturating_sub(1),
        _ => blocks.ilog2() as usize - 1 + vector_variables,
    }
}

#[cfg(test)]
mod tests;
