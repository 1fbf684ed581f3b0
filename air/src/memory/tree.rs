//! The tree's digests.

use alloc::vec::Vec;

use hashbrown::HashMap;
use p3_field::PrimeCharacteristicRing;
use tern_field::poseidon2::{leaf_state, node_state};
use tern_field::{Digest, F, LEAF_LIMBS, compress, hash_leaf};

use super::hash::{digests, leaf_limbs};
use super::{DEPTH, LEAF_DWORDS, LEAVES, TreeError};

/// The digests of every subtree that has held a nonzero dword.
#[derive(Clone, Debug)]
pub struct MemoryTree {
    /// By depth: the digests that may differ from the default of that depth.
    levels: Vec<HashMap<u32, Digest>>,
    /// By depth: the digest of a subtree of zeros.
    defaults: Vec<Digest>,
}

impl MemoryTree {
    /// The tree of a sparse memory, given as leaf indices and their dwords in any order; all other
    /// leaves are zero.
    ///
    /// # Errors
    ///
    /// [`TreeError::OutOfRange`], and [`TreeError::OutOfOrder`] for a leaf given twice.
    pub fn new(leaves: impl IntoIterator<Item = (u32, [u64; LEAF_DWORDS])>) -> Result<Self, TreeError> {
        let mut leaves: Vec<_> = leaves.into_iter().collect();
        leaves.sort_unstable_by_key(|&(index, _)| index);
        check_indices(leaves.iter().map(|&(index, _)| index))?;
        leaves.retain(|(_, dwords)| *dwords != [0; LEAF_DWORDS]);

        let defaults = default_digests();
        let mut levels = alloc::vec![HashMap::new(); DEPTH as usize + 1];
        let hashes = digests(leaves.len(), |i| leaf_state(&leaf_limbs(&leaves[i].1)));
        let mut nodes: Vec<_> = leaves.iter().map(|&(index, _)| index).zip(hashes).collect();
        for depth in (0..DEPTH as usize).rev() {
            let parents = parent_level(&nodes, &defaults[depth + 1]);
            levels[depth + 1] = nodes.into_iter().collect();
            nodes = parents;
        }
        levels[0] = nodes.into_iter().collect();
        Ok(Self { levels, defaults })
    }

    /// The digest at depth 0.
    pub fn root(&self) -> Digest {
        self.digest(0, 0)
    }

    /// The digest of the left half: registers and the program's memory.
    pub fn image_root(&self) -> Digest {
        self.digest(1, 0)
    }

    /// The digest of the right half: the private input.
    pub fn input_root(&self) -> Digest {
        self.digest(1, 1)
    }

    /// The digest of a node; `depth` is at most [`DEPTH`].
    pub fn digest(&self, depth: u32, index: u32) -> Digest {
        let depth = depth as usize;
        self.levels[depth].get(&index).copied().unwrap_or(self.defaults[depth])
    }

    /// Replaces the digest of a node.
    pub(super) fn set_digest(&mut self, depth: u32, index: u32, digest: Digest) {
        self.levels[depth as usize].insert(index, digest);
    }
}

/// Rejects leaf indices that are out of range or not strictly ascending.
pub(super) fn check_indices(indices: impl Iterator<Item = u32>) -> Result<(), TreeError> {
    let mut previous = None;
    for index in indices {
        if index >= LEAVES {
            return Err(TreeError::OutOfRange { index });
        }
        if previous >= Some(index) {
            return Err(TreeError::OutOfOrder { index });
        }
        previous = Some(index);
    }
    Ok(())
}

/// By depth, the digest of a subtree of zeros.
fn default_digests() -> Vec<Digest> {
    let leaf = hash_leaf(&[F::ZERO; LEAF_LIMBS]);
    let upwards = core::iter::successors(Some(leaf), |child| Some(compress(child, child)));
    let mut defaults: Vec<_> = upwards.take(DEPTH as usize + 1).collect();
    defaults.reverse();
    defaults
}

/// The parents of some nodes of one depth, ascending by index; the other nodes of that depth are `default`.
fn parent_level(nodes: &[(u32, Digest)], default: &Digest) -> Vec<(u32, Digest)> {
    let siblings: Vec<_> = nodes.chunk_by(|a, b| a.0 / 2 == b.0 / 2).collect();
    let child = |family: &[(u32, Digest)], side: u32| family.iter().find(|node| node.0 % 2 == side).map_or(*default, |node| node.1);
    let hashes = digests(siblings.len(), |i| node_state(&child(siblings[i], 0), &child(siblings[i], 1)));
    siblings.iter().map(|family| family[0].0 / 2).zip(hashes).collect()
}
