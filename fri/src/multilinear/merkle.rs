//! Merkle trees of rows.
//!
//! A leaf is the hash of a row ([`LeafHasher`]), an inner node that of its children
//! ([`NodeHasher`]). A commitment is a level of the tree, its cap.

use alloc::vec;
use alloc::vec::Vec;

use p3_maybe_rayon::prelude::*;
use p3_symmetric::{CryptographicHasher, PseudoCompressionFunction};
use tern_field::F;

use crate::hash::{DIGEST_BYTES, Digest, LeafHasher, NodeHasher};

/// Rows or nodes that one task hashes.
const TASK: usize = 1 << 8;

/// A tree's digests.
#[derive(Clone, Debug)]
pub struct MerkleTree {
    /// The leaves, then each level up to the cap.
    levels: Vec<Vec<Digest>>,
}

impl MerkleTree {
    /// The tree of a power of two of rows of `width` elements, back to back, with a cap of
    /// `2^log_cap` digests.
    #[must_use]
    pub fn new(rows: &[F], width: usize, log_cap: usize) -> Self {
        let mut leaves = vec![[0; DIGEST_BYTES]; rows.len() / width];
        let tasks = rows.par_chunks(TASK * width).zip(leaves.par_chunks_mut(TASK));
        tasks.for_each(|(rows, digests)| LeafHasher.hash_many(rows, digests));
        Self::of_leaves(leaves, log_cap)
    }

    /// The tree of the hashes of a power of two of rows.
    #[must_use]
    pub fn of_leaves(leaves: Vec<Digest>, log_cap: usize) -> Self {
        let mut levels = vec![leaves];
        loop {
            let below = &levels[levels.len() - 1];
            if below.len() <= 1 << log_cap {
                return Self { levels };
            }
            let (pairs, _) = below.as_chunks::<2>();
            let mut level = vec![[0; DIGEST_BYTES]; pairs.len()];
            let tasks = pairs.par_chunks(TASK).zip(level.par_chunks_mut(TASK));
            tasks.for_each(|(pairs, digests)| NodeHasher.compress_many(pairs, digests));
            levels.push(level);
        }
    }

    /// The commitment.
    #[must_use]
    pub fn cap(&self) -> &[Digest] {
        &self.levels[self.levels.len() - 1]
    }

    /// The digests that lead from the leaves at these positions, which rise, to the cap: level by
    /// level, those left out that follow from other leaves.
    #[must_use]
    pub fn path(&self, positions: &[usize]) -> Vec<Digest> {
        let places = path_places(self.levels.len() - 1, positions);
        self.levels.iter().zip(places).flat_map(|(level, places)| places.into_iter().map(|place| level[place])).collect()
    }
}

/// Where the digests of [`MerkleTree::path`] stand in each of so many levels below the cap.
#[must_use]
pub fn path_places(levels: usize, positions: &[usize]) -> Vec<Vec<usize>> {
    let mut positions = positions.to_vec();
    let level = |_| {
        let mut places = Vec::new();
        for (i, &position) in positions.iter().enumerate() {
            let sibling = position ^ 1;
            let known = if position & 1 == 0 { positions.get(i + 1) } else { i.checked_sub(1).map(|i| &positions[i]) };
            if known != Some(&sibling) {
                places.push(sibling);
            }
        }
        positions.iter_mut().for_each(|position| *position >>= 1);
        positions.dedup();
        places
    };
    (0..levels).map(level).collect()
}

#[cfg(test)]
mod tests {
    use p3_commit::Mmcs;
    use p3_field::PrimeCharacteristicRing;
    use p3_matrix::dense::RowMajorMatrix;

    use super::*;

    type ValMmcs = p3_merkle_tree::MerkleTreeMmcs<F, u8, LeafHasher, NodeHasher, 2, DIGEST_BYTES>;

    #[test]
    fn caps_are_those_of_plonky3() {
        for (log_rows, width, log_cap) in [(0, 3, 0), (1, 5, 0), (4, 128, 2), (9, 20, 4), (3, 1, 3)] {
            let rows: Vec<F> = (0..width << log_rows).map(F::from_usize).collect();
            let tree = MerkleTree::new(&rows, width, log_cap);
            let (cap, _) = ValMmcs::new(LeafHasher, NodeHasher, log_cap).commit_matrix(RowMajorMatrix::new(rows, width));
            assert_eq!(tree.cap(), cap.roots());
        }
    }

    #[test]
    fn paths_leave_out_what_follows() {
        let rows: Vec<F> = (0..16).map(F::from_usize).collect();
        let tree = MerkleTree::new(&rows, 1, 1);
        assert_eq!(tree.path(&[]), Vec::<Digest>::new());
        assert_eq!(tree.path(&[5]), [tree.levels[0][4], tree.levels[1][3], tree.levels[2][0]]);
        // Two siblings, and another in the same half.
        assert_eq!(tree.path(&[4, 5, 7]), [tree.levels[0][6], tree.levels[2][0]]);
        assert_eq!(tree.path(&(0..16).collect::<Vec<_>>()), Vec::<Digest>::new());
    }
}
