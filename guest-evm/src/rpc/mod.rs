//! Answers of Ethereum nodes over JSON-RPC: blocks and execution witnesses, in every shape that nodes give them.
//!
//! - A block is a hex string of its RLP (`debug_getRawBlock`), or an object with full transactions (`eth_getBlockBy…`), which
//!   is encoded again and must then have the hash and the roots that it states.
//! - A witness (`debug_executionWitness`) has trie nodes and codes in lists, or, as nodes once gave it, in maps from hash to
//!   bytes. Its headers are RLP (reth, Nethermind, Erigon) or objects (geth), or not there at all. Its keys are not needed.
//! - Everything may stand in the envelope of JSON-RPC or alone.
//!
//! What is read here is as untrusted as any input of the validator: hashes are compared only to say early what is wrong.

mod block;
mod fields;
mod transaction;
mod witness;

pub use block::{chain_id, read_block, read_header};
pub use fields::Quantity;
pub use witness::{RawWitness, chain_of_ancestors};

use std::string::{String, ToString};

use alloy_primitives::B256;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::error::Invalid;

/// Why an answer gives neither a block nor a witness.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Not JSON at all, such as a web page.
    #[error("not JSON: it begins with {0:?}")]
    NotJson(String),
    /// The JSON ends before it is whole.
    #[error("the JSON is cut short: {0}")]
    Truncated(serde_json::Error),
    /// Not JSON, or not what was asked for.
    #[error("not the JSON that is expected: {0}")]
    Json(serde_json::Error),
    /// The node answered that it failed.
    #[error("the node answered with error {code}: {message}")]
    Node {
        /// The code of JSON-RPC.
        code: i64,
        /// What the node says, cut if it is long.
        message: String,
    },
    /// The node has no answer.
    #[error("the answer is null: the node does not have it")]
    Null,
    /// A block's or header's RLP does not decode.
    #[error("{0}")]
    Rlp(#[from] Invalid),
    /// An object, encoded again, does not have the hash that it states.
    #[error("{what} is {stated}, but the object encodes to {computed}: it is altered, or has a field that is not known here")]
    Hash {
        /// Which hash.
        what: &'static str,
        /// What the object states.
        stated: B256,
        /// What it encodes to.
        computed: B256,
    },
    /// A field that a block needs is missing.
    #[error("the block has no field {0}")]
    Missing(&'static str),
    /// A block from before the merge.
    #[error("the block has ommers, so it is older than what can be validated")]
    Ommers,
    /// A transaction cannot be encoded.
    #[error("transaction {index}: {reason}")]
    Transaction {
        /// Position in the block.
        index: usize,
        /// What is wrong with it.
        reason: TransactionError,
    },
}

/// Why a transaction cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// Its type is none of Ethereum's.
    #[error("type {0} is not known")]
    Type(u64),
    /// A field that its type needs is missing.
    #[error("no field {0}")]
    Missing(&'static str),
    /// Its signature has an impossible parity.
    #[error("v is {0}, which is no parity")]
    Parity(u128),
}

/// Longest part of a node's message, or of what is no JSON, that errors show, in characters.
const SHOWN: usize = 300;

/// The envelope of JSON-RPC, or any other object.
#[derive(Deserialize)]
struct Envelope<T> {
    jsonrpc: Option<IgnoredAny>,
    result: Option<T>,
    error: Option<Value>,
}

/// Reads the result of a call, in its envelope or alone.
///
/// # Errors
///
/// What the node answered instead, or where the JSON is not of the expected shape.
pub fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, AnswerError> {
    let answer = answer.trim_ascii();
    match answer.first() {
        None | Some(b'{' | b'[' | b'"' | b'n' | b't' | b'f' | b'-' | b'0'..=b'9') => {}
        Some(_) => return Err(AnswerError::NotJson(shown(&String::from_utf8_lossy(answer)))),
    }
    if answer.first() == Some(&b'{') {
        let envelope: Envelope<IgnoredAny> = from_slice(answer)?;
        if let Some(error) = envelope.error {
            return Err(node_error(&error));
        }
        if envelope.result.is_some() {
            return from_slice::<Envelope<T>>(answer)?.result.ok_or(AnswerError::Null);
        }
        if envelope.jsonrpc.is_some() {
            return Err(AnswerError::Null);
        }
    }
    from_slice::<Option<T>>(answer)?.ok_or(AnswerError::Null)
}

fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, AnswerError> {
    serde_json::from_slice(json).map_err(|error| if error.is_eof() { AnswerError::Truncated(error) } else { AnswerError::Json(error) })
}

fn node_error(error: &Value) -> AnswerError {
    let message = error["message"].as_str().map_or_else(|| error.to_string(), ToString::to_string);
    AnswerError::Node { code: error["code"].as_i64().unwrap_or_default(), message: shown(&message) }
}

/// The beginning of a text from elsewhere, on one line.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
