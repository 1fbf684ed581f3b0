//! That fractions add up to zero, by the protocol of Goldwasser, Kalai and Rothblum on the tree of
//! their sums.
//!
//! The fractions are the lookups' `count / fingerprint`, one for each message and row. (Papini and
//! Haböck, *Improving logarithmic derivative lookups using GKR*,
//! <https://eprint.iacr.org/2023/1284>.) Messages are *blocks* of equally many virtual rows; beyond
//! a block's used rows fractions are `0 / d` with the fingerprint `d` of a row of zeros, in blocks
//! that do not exist `0 / 1`, and neither are stored or visited.
//!
//! A fraction's index has the bits of its block, the highest first, then those of its row in the
//! order of [`super::packed`]. Each level of the tree adds those that differ in the first bit left.
//! From the root on, a layer's sumcheck reduces a claim about a level's numerators and denominators
//! at a point to one about the level below:
//!
//! ```text
//! n + lambda d = sum over x of eq(point, x) (n0 d1 + n1 d0 + lambda d0 d1)(x)
//! ```
//!
//! where `0` and `1` are the halves below; they are claimed at the sumcheck's challenges, and a
//! last challenge picks between them. The messages are those of `p3-multi-stark`'s fractional GKR.

mod fold;
mod layer;
mod memory;
mod rounds;
mod tree;

use alloc::vec::Vec;
use core::convert::Infallible;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use thiserror::Error;

pub use layer::play;
pub use memory::Memory;
pub use rounds::{Layers, Rounds, Start};
pub use tree::{Block, Fractions, Level, above};

use super::Transcript;
use super::proof::LayerProof;

/// The values that are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FractionsProof {
    /// The denominator of the sum, whose numerator is zero.
    pub root: EF,
    /// The layers from the root on.
    pub layers: Vec<LayerProof>,
}

/// The fractions do not add up to zero: what is sent is not what is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("messages that are sent are not those that are received")]
pub struct Unbalanced;

/// What is claimed of the fractions at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The point, in the order of binding.
    pub point: Vec<EF>,
    /// The numerators' value there.
    pub numerator: EF,
    /// The denominators' value there.
    pub denominator: EF,
}

/// Proves that the fractions of all blocks, each of `2^row_variables` rows, add up to zero. There
/// are as many blocks as the next power of two.
///
/// # Panics
///
/// When a block has more rows than the variables allow, or there are fewer than four of them.
///
/// # Errors
///
/// [`Unbalanced`] if they do not.
pub fn prove(blocks: Vec<Block>, row_variables: usize, transcript: &mut Transcript) -> Result<(FractionsProof, Claim), Unbalanced> {
    prove_in(blocks, row_variables, transcript, &mut Memory::default())
}

/// Like [`prove`], with memory from proofs before, to which that of the blocks goes too.
///
/// # Panics
///
/// Like [`prove`].
///
/// # Errors
///
/// Like [`prove`].
pub fn prove_in(
    blocks: Vec<Block>,
    row_variables: usize,
    transcript: &mut Transcript,
    memory: &mut Memory,
) -> Result<(FractionsProof, Claim), Unbalanced> {
    let mut levels = tree::levels(blocks, row_variables, memory);
    let layers = Layers::new(root(&mut levels), transcript)?;
    Ok(prove_layers(layers, levels, memory))
}

/// Claims that they add up to zero even if they do not, and forges the fractions of the first
/// layers: a prover for tests.
pub(super) fn prove_lying(blocks: Vec<Block>, row_variables: usize, transcript: &mut Transcript, forged: usize) -> (FractionsProof, Claim) {
    let mut memory = Memory::default();
    let mut levels = tree::levels(blocks, row_variables, &mut memory);
    let [_, denominator] = root(&mut levels);
    prove_layers(Layers::lying(denominator, forged, transcript), levels, &mut memory)
}

/// Numerator and denominator of the sum.
fn root(levels: &mut Vec<Level>) -> [EF; 2] {
    levels.pop().map_or([EF::ZERO, EF::ONE], |root| root.single())
}

/// Proves all layers; a level goes when its layer is proved.
fn prove_layers(mut layers: Layers<'_>, mut levels: Vec<Level>, memory: &mut Memory) -> (FractionsProof, Claim) {
    while let Some(level) = levels.pop() {
        if let Level::Leaves(blocks) = &level
            && blocks.len() > 2
        {
            let pairs = Level::Blocks(tree::pairs(blocks, memory));
            let Ok(()) = layers.layer(|rounds| Ok::<_, Infallible>(play(pairs, rounds, memory)));
        }
        let Ok(()) = layers.layer(|rounds| Ok::<_, Infallible>(play(level, rounds, memory)));
    }
    layers.done()
}

#[cfg(test)]
pub(super) mod measure;
#[cfg(test)]
mod tests;
