//! Why no block was fetched.

use std::time::Duration;

use tern_guest_evm::Invalid;
use tern_guest_evm::prune::PruneError;
use tern_guest_evm::rpc::AnswerError;

use super::args::BlockId;
use crate::error::answer_code;

/// Why no block was fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no connection, or it ends before the answer does.
    #[error("no connection to {place}: {reason}")]
    Connection {
        /// Host and port.
        place: String,
        /// What the system says.
        reason: String,
    },
    /// The answer took too long.
    #[error("{place} has not answered {method} within {} s", timeout.as_secs_f64())]
    Timeout {
        /// Host and port.
        place: String,
        /// The method called.
        method: &'static str,
        /// How long was waited.
        timeout: Duration,
    },
    /// The server is none of HTTP, or has no certificate that is trusted.
    #[error("{place} does not speak as expected: {reason}")]
    Protocol {
        /// Host and port.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The server refused.
    #[error("{method}: the server answered with status {status}{}", quoted(.said))]
    Http {
        /// The method called.
        method: &'static str,
        /// Status of HTTP.
        status: u16,
        /// The beginning of what it sent.
        said: String,
    },
    /// The answer is larger than allowed.
    #[error("the answer to {method} has more than {limit} bytes")]
    TooLarge {
        /// The method called.
        method: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The answer is not what was asked for.
    #[error("{method}: {error}")]
    Answer {
        /// The method called.
        method: &'static str,
        /// What is wrong.
        error: AnswerError,
    },
    /// The node has no method that gives what is needed.
    #[error("the node gives no {what}: {}", all(tried))]
    NoAnswer {
        /// What was asked for.
        what: &'static str,
        /// Why each method failed.
        tried: Vec<FetchError>,
    },
    /// The node does not have the block.
    #[error("the node has no block {0}")]
    NoSuchBlock(BlockId),
    /// The node gave another block or header than was asked for.
    #[error("asked for {asked}, the node gave {got}")]
    OtherBlock {
        /// What was asked for.
        asked: String,
        /// What came.
        got: String,
    },
    /// The block is older than the rules that are known.
    #[error("block {number} is older than Cancun, which is as far back as blocks can be validated")]
    TooOld {
        /// The block's number.
        number: u64,
    },
    /// The node's witness is not enough to validate the block.
    #[error("the node's witness is not enough for block {number}: {}", tried.join("; "))]
    Insufficient {
        /// The block's number.
        number: u64,
        /// Each method, and what its witness lacks.
        tried: Vec<String>,
    },
    /// The block is not valid under the rules of its chain.
    #[error("block {number} is not valid: {reason}")]
    Invalid {
        /// The block's number.
        number: u64,
        /// Which rule it breaks.
        reason: Invalid,
    },
    /// The pruned witness is not as good as the whole one.
    #[error(transparent)]
    Prune(PruneError),
}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

fn all(errors: &[FetchError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl FetchError {
    /// Whether the node says that it does not have what was asked for.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Answer { error: AnswerError::Null, .. })
    }

    /// Which kind of failure.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connection { .. } => "no_connection",
            Self::Timeout { .. } => "timed_out",
            Self::Protocol { .. } => "bad_server",
            Self::Http { .. } => "http_error",
            Self::TooLarge { .. } => "answer_too_large",
            Self::Answer { error, .. } => answer_code(error),
            Self::NoAnswer { .. } => "method_missing",
            Self::NoSuchBlock(_) => "no_such_block",
            Self::OtherBlock { .. } => "other_block",
            Self::TooOld { .. } => "unsupported_fork",
            Self::Insufficient { .. } => "incomplete_witness",
            Self::Invalid { .. } => "invalid_block",
            Self::Prune(_) => "internal",
        }
    }

    /// What can be done about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Connection { .. } => "see that the node runs there and takes HTTP requests; --retries N tries more often",
            Self::Timeout { .. } => "--timeout SECONDS waits longer; a node makes the witness of an old block slowly, or not at all",
            Self::Protocol { .. } => "see that the URL is the node's JSON-RPC endpoint, with http or https as the node has it",
            Self::Http { status: 401 | 403, .. } => "--header \"Authorization: Bearer …\" sends a key",
            Self::Http { status: 300..=399, .. } => "redirections are not followed: give the URL to which the server refers",
            Self::Http { .. } => "see that the URL is the node's JSON-RPC endpoint",
            Self::TooLarge { .. } => "--max-size MIB allows more",
            Self::Answer { error: AnswerError::NotJson(_), .. } => "see that the URL is the node's JSON-RPC endpoint, not a web page",
            Self::Answer { error: AnswerError::Truncated(_), .. } => "try again; a proxy between here and the node may cut long answers",
            Self::NoAnswer { what: "witness", .. } => {
                "the node needs debug_executionWitness: reth, geth, Nethermind or Erigon with the debug namespace enabled, and with the block's state"
            }
            Self::NoAnswer { what: "block", .. } => "the node needs debug_getRawBlock or eth_getBlockByNumber",
            Self::NoAnswer { .. } => "the node needs debug_getRawHeader or eth_getBlockByHash",
            Self::NoSuchBlock(_) => "see that the node is synchronised, and that the block is on its chain",
            Self::OtherBlock { .. } => {
                "try again: the chain may have been reorganised; if it stays so, the node or a proxy mixes answers up"
            }
            Self::Insufficient { .. } => "try again, or another node: this one's witness lacks a part that the block reads",
            Self::Invalid { .. } => "see that --chain names the chain's rules; if it is a public network's block, report it",
            Self::Answer { .. } | Self::TooOld { .. } | Self::Prune(_) => return None,
        })
    }
}
