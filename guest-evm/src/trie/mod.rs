//! Merkle-Patricia tries over a witness: reading, batched updating, root computation.
//!
//! A trie is a [`Ref`] to its root and a [`HashIndex`] of the witness's nodes. Reading walks the raw
//! bytes and decodes nothing it does not pass. An update takes all changes at once, visits each node on
//! their paths once and hashes each changed node once. Everything follows the yellow paper, appendix D,
//! for tries whose branch values are empty (no key is a prefix of another).

mod encode;
mod index;
mod nibbles;
mod node;
mod update;

pub use index::HashIndex;
pub use node::{Node, Path, Ref};
#[cfg(feature = "host")]
pub use update::build_nodes;
pub use update::{Change, ordered_root, update};

use crate::rlp::RlpError;

/// Why a trie could not be read or updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrieError {
    /// The witness lacks a node.
    #[error("incomplete witness: no trie node with hash {0}")]
    MissingNode(alloy_primitives::B256),
    /// A node is not a valid trie node.
    #[error("malformed trie node: {0}")]
    Malformed(&'static str),
    /// A node is not canonical RLP.
    #[error("malformed trie node: {0}")]
    Rlp(#[from] RlpError),
}

/// Looks up `key` in the trie at `root`.
///
/// Returns the value's bytes, or `None` if the trie holds no such key.
pub fn get<'w>(nodes: &HashIndex<'w>, root: Ref<'w>, key: &[u8; 32]) -> Result<Option<&'w [u8]>, TrieError> {
    let mut at = root;
    let mut depth = 0;
    loop {
        let raw = match at {
            Ref::Empty => return Ok(None),
            Ref::Hash(hash) => nodes.node(hash)?,
            Ref::Inline(raw) => raw,
        };
        match Node::decode(raw)? {
            Node::Leaf { path, value } => {
                if depth + path.len() != 64 {
                    return Err(TrieError::Malformed("leaf at the wrong depth"));
                }
                return Ok(path.matches(key, depth).then_some(value));
            }
            Node::Extension { path, child } => {
                if depth + path.len() >= 64 {
                    return Err(TrieError::Malformed("extension too deep"));
                }
                if !path.matches(key, depth) {
                    return Ok(None);
                }
                depth += path.len();
                at = child;
            }
            Node::Branch(branch) => {
                if depth >= 64 {
                    return Err(TrieError::Malformed("branch too deep"));
                }
                at = branch.child(node::nibble(key, depth))?;
                depth += 1;
            }
        }
    }
}
