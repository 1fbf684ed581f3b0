//! What circuits state about chains of segments, and the list of circuits whose proofs count.
//!
//! A circuit's public value is the digest of its statement ([`ChainStatement::digest`]). The
//! programs that check and state are those of [`crate::multilinear::programs`].

mod chain;
mod keys;
mod statement;

pub use keys::{KEY_LIST_DEPTH, KeyList, Membership};
pub use statement::ChainStatement;
