//! Nodes that an update makes: their RLP, and the references by which their parents hold them.

use alloy_consensus::EMPTY_ROOT_HASH;
use alloy_primitives::{B256, keccak256};

use super::nibbles::Nibbles;
use super::node::Ref;
use super::update::Updater;
use crate::rlp;

/// What a subtrie became.
pub(super) enum Sub<'c> {
    /// Nothing is left.
    Empty,
    /// No change took effect.
    Unchanged(Ref<'c>),
    /// A leaf that its parent has yet to place.
    Leaf(Nibbles, &'c [u8]),
    /// An extension that its parent has yet to place.
    Extension(Nibbles, Encoded),
    /// A branch.
    Branch(Encoded),
}

/// A reference to a node as it stands in its parent: a hash string or the node itself.
#[derive(Clone, Copy)]
pub(super) struct Encoded {
    bytes: [u8; 33],
    len: u8,
}

/// A child of a branch under construction.
#[derive(Clone, Copy)]
pub(super) enum Child<'c> {
    /// As it was.
    Old(Ref<'c>),
    /// Changed, not yet encoded.
    Pending,
    /// Position in [`Updater::encoded`].
    New(usize),
}

impl Updater<'_, '_> {
    /// The hash of a trie that became `sub`.
    pub(super) fn root_hash(&mut self, sub: Sub<'_>) -> B256 {
        let encoded = match sub {
            Sub::Empty => return EMPTY_ROOT_HASH,
            Sub::Unchanged(Ref::Empty) => return EMPTY_ROOT_HASH,
            sub => self.encode(&sub),
        };
        match encoded.as_slice() {
            [0xa0, hash @ ..] if hash.len() == 32 => B256::from_slice(hash),
            node => {
                #[cfg(feature = "host")]
                if let Some(kept) = &mut self.kept {
                    kept.push(node.to_vec());
                }
                keccak256(node)
            }
        }
    }

    /// Encodes `sub` and returns the reference to it.
    pub(super) fn encode(&mut self, sub: &Sub<'_>) -> Encoded {
        let out = &mut self.scratch;
        out.clear();
        match sub {
            Sub::Empty => return Encoded::from_ref(Ref::Empty),
            Sub::Unchanged(at) => return Encoded::from_ref(*at),
            Sub::Branch(encoded) => return *encoded,
            Sub::Leaf(path, value) => {
                let (path, len) = path.hex_prefix(true);
                let path = &path[..len];
                rlp::push_list_header(out, rlp::string_size(path) + rlp::string_size(value));
                rlp::push_string(out, path);
                rlp::push_string(out, value);
            }
            Sub::Extension(path, child) => {
                let (path, len) = path.hex_prefix(false);
                let path = &path[..len];
                rlp::push_list_header(out, rlp::string_size(path) + child.as_slice().len());
                rlp::push_string(out, path);
                out.extend_from_slice(child.as_slice());
            }
        }
        self.reference()
    }

    /// Encodes a branch with an empty value and returns the reference to it.
    pub(super) fn encode_branch(&mut self, children: &[Child<'_>; 16]) -> Encoded {
        let mut len = 1;
        for child in children {
            len += match *child {
                Child::Old(Ref::Empty) | Child::Pending => 1,
                Child::Old(Ref::Hash(_)) => 33,
                Child::Old(Ref::Inline(raw)) => raw.len(),
                Child::New(at) => self.encoded[at].as_slice().len(),
            };
        }
        let out = &mut self.scratch;
        out.clear();
        rlp::push_list_header(out, len);
        for child in children {
            match *child {
                Child::Old(Ref::Empty) | Child::Pending => out.push(0x80),
                Child::Old(Ref::Hash(hash)) => {
                    out.push(0xa0);
                    out.extend_from_slice(hash);
                }
                Child::Old(Ref::Inline(raw)) => out.extend_from_slice(raw),
                Child::New(at) => out.extend_from_slice(self.encoded[at].as_slice()),
            }
        }
        out.push(0x80);
        self.reference()
    }

    /// The reference to the node in `scratch`.
    pub(super) fn reference(&mut self) -> Encoded {
        #[cfg(feature = "host")]
        if let Some(kept) = self.kept.as_mut().filter(|_| self.scratch.len() >= 32) {
            kept.push(self.scratch.clone());
        }
        Encoded::from_node(&self.scratch)
    }
}

impl Encoded {
    /// The reference's RLP.
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// A reference that stays as it stands.
    pub(super) fn from_ref(at: Ref<'_>) -> Self {
        match at {
            Ref::Empty => Self::from_parts(&[], &[0x80]),
            Ref::Hash(hash) => Self::from_parts(&[0xa0], hash),
            Ref::Inline(raw) => Self::from_parts(&[], raw),
        }
    }

    fn from_node(node: &[u8]) -> Self {
        match node.len() {
            0..32 => Self::from_parts(&[], node),
            _ => Self::from_parts(&[0xa0], keccak256(node).as_slice()),
        }
    }

    fn from_parts(head: &[u8], tail: &[u8]) -> Self {
        let mut bytes = [0; 33];
        bytes[..head.len()].copy_from_slice(head);
        bytes[head.len()..head.len() + tail.len()].copy_from_slice(tail);
        Self { bytes, len: (head.len() + tail.len()) as u8 }
    }
}
