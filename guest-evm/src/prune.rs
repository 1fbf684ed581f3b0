//! Witnesses without what their block does not need.

use std::boxed::Box;
use std::vec::Vec;

use crate::error::Invalid;
use crate::json::Parts;
use crate::output::PublicOutput;
use crate::salt;
use crate::validate::{Verdict, validate, validate_and_look};

/// Why a witness was not pruned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PruneError {
    /// The block is not valid, or not shown to be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// With what is left, the block has another verdict: a fault of this library.
    #[error("what the validator read does not give its verdict again: {0:?}")]
    Differs(Box<Verdict>),
}

/// Leaves what the validator reads of a valid block's witness: trie nodes and codes, sorted, and the headers down to the oldest
/// ancestor whose hash the block asks for. Validates the block before and after; returns the output, which is the same.
///
/// # Errors
///
/// If the block is not valid.
pub fn prune(parts: &Parts) -> Result<(Parts, PublicOutput), PruneError> {
    let input = parts.encode(&salt::random());
    let (mut nodes, mut codes, mut ancestors): (Vec<Vec<u8>>, Vec<Vec<u8>>, usize) = Default::default();
    let verdict = validate_and_look(&input, |db| {
        let (read_nodes, read_codes) = db.recorded();
        nodes = read_nodes.into_iter().map(<[u8]>::to_vec).collect();
        codes = read_codes.into_iter().map(<[u8]>::to_vec).collect();
        ancestors = db.ancestors_read();
    });
    if let Some(reason) = verdict.reason {
        return Err(reason.into());
    }
    nodes.sort_unstable();
    codes.sort_unstable();
    let mut headers = parts.headers.clone();
    // A header names its parent's hash, so the oldest ancestor's own header is not needed. The parent's always is.
    headers.truncate(ancestors.saturating_sub(1).max(1));
    let pruned =
        Parts { config: parts.config.clone(), block: parts.block.clone(), headers, nodes, codes, access_list: parts.access_list.clone() };
    let again = validate(&pruned.encode(&salt::random()));
    if again.output == verdict.output { Ok((pruned, again.output)) } else { Err(PruneError::Differs(Box::new(again))) }
}
