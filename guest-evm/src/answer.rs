//! What the block guest answers, by the kind of its input.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::input::INPUT_VERSION;
use crate::stateless::{self, StatelessVerdict};
use crate::validate::{Verdict, validate};

/// An answer to an input of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Input`](crate::input::Input), whose first eight bytes are [`INPUT_VERSION`].
    Statement(Verdict),
    /// To anything else: `statelessInputBytes` of EIP-8025, which begin with a schema id, or bytes that are neither.
    Stateless(StatelessVerdict),
}

/// Answers `input`.
///
/// Total. What is neither kind of input gets the output that EIP-8025 demands for what cannot be decoded: zeros.
pub fn answer(input: &[u8]) -> Answer {
    if input.starts_with(&INPUT_VERSION.to_le_bytes()) {
        Answer::Statement(validate(input))
    } else {
        Answer::Stateless(stateless::validate(input))
    }
}

impl Answer {
    /// The public output's bytes.
    pub fn public_output(&self) -> Vec<u8> {
        match self {
            Self::Statement(verdict) => verdict.public_output().to_vec(),
            Self::Stateless(verdict) => verdict.output.encode().to_vec(),
        }
    }

    /// Why the block is not shown to be valid; `None` if it is.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Statement(verdict) => verdict.reason.as_ref().map(ToString::to_string),
            Self::Stateless(verdict) => verdict.reason.as_ref().map(ToString::to_string),
        }
    }
}
