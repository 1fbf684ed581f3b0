//! The circuits that final proofs are made with.

use alloc::vec::Vec;

use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::multilinear::params::FINAL_V2;

use crate::multilinear::batch::UnusableTables;
use crate::multilinear::programs::{NodeRelation, NodeShape};
use crate::native::Native;
use crate::programs::{KEY_LIST_DEPTH, KeyList};
use crate::wire::{Reader, WireError, Writer};

/// The circuits as [`Circuits::to_bytes`] writes them. A test builds all of them anew and compares.
pub const RECORD: &[u8] = include_bytes!("circuits.bin");

/// Context of [`Circuits::digest`].
const CONTEXT: &str = "Tern circuits, version 2";

/// The circuits that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circuits {
    /// Sizes of the listed circuits.
    pub node: NodeShape,
    /// Those whose proofs may be joined and wrapped.
    pub list: KeyList,
    /// Sizes of the circuit that makes final proofs.
    pub last: NodeShape,
    /// The commitment to its fixed columns.
    pub wrap: Vec<Digest>,
}

impl Circuits {
    /// The circuits that this verifier accepts.
    ///
    /// # Errors
    ///
    /// Only by a fault of this crate.
    pub fn recorded() -> Result<Self, WireError> {
        let mut reader = Reader::new(RECORD);
        let node = NodeShape::read(&mut reader)?;
        let leaves = (0..1 << KEY_LIST_DEPTH).map(|_| reader.array()).collect::<Result<Vec<Digest>, _>>()?;
        let last = NodeShape::read(&mut reader)?;
        let wrap = reader.bytes(reader.left())?.as_chunks::<DIGEST_BYTES>().0.to_vec();
        // As many as a list holds.
        let list = KeyList::new(&leaves).unwrap_or_else(KeyList::empty);
        Ok(Self { node, list, last, wrap })
    }

    /// The record: sizes and leaves of the listed circuits, then sizes and commitment of the one
    /// that makes final proofs.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.node.write(&mut writer);
        self.list.leaves().iter().for_each(|leaf| writer.bytes(leaf));
        self.last.write(&mut writer);
        self.wrap.iter().for_each(|digest| writer.bytes(digest));
        writer.into_bytes()
    }

    /// What final proofs prove.
    ///
    /// # Errors
    ///
    /// Only by a fault of this crate.
    pub fn relation(&self) -> Result<NodeRelation, UnusableTables> {
        self.last.relation(&FINAL_V2)
    }

    /// What tells one set of circuits from another: the list, and the circuit that makes final
    /// proofs with all that it is read under. `relation` is that of its proofs.
    #[must_use]
    pub fn digest(&self, relation: &NodeRelation) -> Digest {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(&self.list.root());
        hasher.update(&relation.leaf(&mut Native, &self.wrap));
        hasher.finalize().into()
    }
}
