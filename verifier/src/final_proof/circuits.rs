//! The circuits that final proofs are made with.

use tern_air::recursion::RecursionShape;
use tern_fri::hash::{DIGEST_BYTES, Digest};

use crate::native::Native;
use crate::programs::{KEY_LIST_DEPTH, KeyList, leaf};

/// The leaves of the key list, then the commitment to the preprocessed columns of the circuit that wraps. A test builds all circuits anew and compares.
pub const RECORD: &[u8] = include_bytes!("circuits.bin");

/// The circuits that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circuits {
    /// Those whose proofs may be joined and wrapped.
    pub list: KeyList,
    /// The commitment to the preprocessed columns of the circuit that makes final proofs.
    pub wrap: &'static [Digest],
}

impl Circuits {
    /// The circuits that this verifier accepts; none only by a fault of this crate.
    #[must_use]
    pub fn recorded() -> Option<Self> {
        let (digests, _) = RECORD.as_chunks::<DIGEST_BYTES>();
        let (leaves, wrap) = digests.split_at_checked(1 << KEY_LIST_DEPTH)?;
        Some(Self { list: KeyList::new(leaves)?, wrap })
    }

    /// What tells one set of circuits from another: list, wrapping circuit and its heights.
    #[must_use]
    pub fn digest(&self, shape: &RecursionShape) -> Digest {
        let mut hasher = blake3::Hasher::new_derive_key("Tern circuits, version 1");
        hasher.update(&self.list.root());
        hasher.update(&leaf(&mut Native, self.wrap));
        hasher.update(blake3::hash(&shape.log_heights).as_bytes());
        hasher.finalize().into()
    }
}
