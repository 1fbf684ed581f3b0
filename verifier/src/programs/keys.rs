//! The list of circuits whose proofs count.
//!
//! A circuit's leaf is a hash of the commitment to its fixed columns and of what that is read under
//! ([`crate::multilinear::programs::NodeRelation::leaf`]). The list is a binary tree of
//! [`KEY_LIST_DEPTH`] levels; unused leaves are zero, which is the hash of no commitment that
//! anyone knows.

use alloc::vec::Vec;

use tern_fri::hash::{DIGEST_BYTES, Digest};

use crate::native::Native;
use crate::ops::{Checked, Ops};
use crate::reason::Reason;

/// Levels of the list's tree.
pub const KEY_LIST_DEPTH: usize = 5;

/// The leaves of a key list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyList {
    leaves: [Digest; 1 << KEY_LIST_DEPTH],
}

/// Shows that a circuit is on the list.
pub struct Membership<O: Ops> {
    /// The circuit's position, as bits, the lowest first. Nobody has checked that they are bits.
    pub position: Vec<O::Ext>,
    /// Siblings from the leaf to the root.
    pub path: Vec<O::Digest>,
}

impl KeyList {
    /// A list of these leaves; none if there are more than it holds.
    #[must_use]
    pub fn new(circuits: &[Digest]) -> Option<Self> {
        let mut list = Self::empty();
        list.leaves.get_mut(..circuits.len())?.copy_from_slice(circuits);
        Some(list)
    }

    /// The list of no circuit.
    #[must_use]
    pub const fn empty() -> Self {
        Self { leaves: [[0; DIGEST_BYTES]; 1 << KEY_LIST_DEPTH] }
    }

    /// The leaves, zeros behind the last circuit.
    #[must_use]
    pub const fn leaves(&self) -> &[Digest] {
        &self.leaves
    }

    /// Root of the list.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.levels().pop().and_then(|level| level.first().copied()).unwrap_or([0; DIGEST_BYTES])
    }

    /// Where a circuit stands, and the way from there to the root; none if it is not on the list.
    #[must_use]
    pub fn membership(&self, leaf: &Digest) -> Option<Membership<Native>> {
        let index = self.leaves.iter().position(|other| other == leaf)?;
        let levels = self.levels();
        let at = |level: usize| index.checked_shr(u32::try_from(level).ok()?);
        let bit = |level: usize| at(level).map(|index| tern_field::EF::from(tern_field::F::new(u32::from(index & 1 == 1))));
        let sibling = |(level, nodes): (usize, &Vec<Digest>)| nodes.get(at(level)? ^ 1).copied();
        let position = (0..KEY_LIST_DEPTH).map(bit).collect::<Option<_>>()?;
        let path = levels.iter().take(KEY_LIST_DEPTH).enumerate().map(sibling).collect::<Option<_>>()?;
        Some(Membership { position, path })
    }

    /// The nodes, level by level, the leaves first.
    fn levels(&self) -> Vec<Vec<Digest>> {
        let mut levels = Vec::from([self.leaves.to_vec()]);
        for _ in 0..KEY_LIST_DEPTH {
            let below = levels.last().map_or(&[][..], Vec::as_slice);
            let above = below.as_chunks::<2>().0.iter().map(|[left, right]| Native.pair(left, right)).collect();
            levels.push(above);
        }
        levels
    }
}

impl<O: Ops> Membership<O> {
    /// Asserts that this leaf is on the list with this root.
    ///
    /// # Errors
    ///
    /// If it is not where the proof says.
    pub fn check(&self, ops: &mut O, child: usize, leaf: O::Digest, list_root: &O::Digest) -> Checked<O, ()> {
        ops.require(self.position.len() == KEY_LIST_DEPTH && self.path.len() == KEY_LIST_DEPTH, Reason::KeyList { child })?;
        let mut node = leaf;
        for (bit, sibling) in self.position.iter().zip(&self.path) {
            let bit = ops.assert_bit(bit, Reason::Flag { child })?;
            node = ops.node(&node, sibling, &bit);
        }
        ops.assert_same(list_root, &node, Reason::KeyList { child })
    }

    /// The same in another interpreter.
    pub fn import<T: Ops>(&self, importer: &mut impl crate::import::Importer<O, T>) -> Membership<T> {
        let position = self.position.iter().map(|bit| importer.base(bit)).collect();
        Membership { position, path: importer.digests(&self.path) }
    }
}
