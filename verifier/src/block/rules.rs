//! Under which rules a block may be valid.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use super::{BlockOutput, Chain, Hash, Hex, parse_hash};

/// The rules that a caller accepts. As text: a chain's name, `known`, `any`, or the hash of a
/// configuration in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Those of this chain.
    Chain(Chain),
    /// Those of the configuration with this Keccak-256 hash.
    Config(Hash),
    /// Those of any chain of [`Chain::ALL`]: read [`BlockOutput::chain`].
    Known,
    /// Any rules at all: whoever makes the proof invents them, and any block is valid under some.
    /// Compare [`BlockOutput::chain_config`].
    Any,
}

/// Text that names no rules.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} names no rules: expected mainnet, sepolia, holesky, hoodi, known, any, or the 64 hexadecimal digits of a chain configuration's hash"
)]
pub struct UnknownRules(pub String);

impl Rules {
    /// Whether the block's rules are among these.
    #[must_use]
    pub fn allow(&self, block: &BlockOutput) -> bool {
        match self {
            Self::Chain(chain) => block.chain() == Some(*chain),
            Self::Config(hash) => block.chain_config == *hash,
            Self::Known => block.chain().is_some(),
            Self::Any => true,
        }
    }
}

impl From<Chain> for Rules {
    fn from(chain: Chain) -> Self {
        Self::Chain(chain)
    }
}

impl FromStr for Rules {
    type Err = UnknownRules;

    fn from_str(text: &str) -> Result<Self, UnknownRules> {
        let chain = Chain::from_name(text).map(Self::Chain);
        let other = || match text {
            "known" => Some(Self::Known),
            "any" => Some(Self::Any),
            hash => parse_hash(hash).map(Self::Config),
        };
        chain.or_else(other).ok_or_else(|| UnknownRules(text.to_owned()))
    }
}

/// In words, behind "the rules of".
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(chain) => chain.fmt(f),
            Self::Config(hash) => write!(f, "the chain configuration {}", Hex(hash)),
            Self::Known => {
                f.write_str("a known chain (")?;
                for (index, chain) in Chain::ALL.iter().enumerate() {
                    write!(f, "{}{chain}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Self::Any => f.write_str("any chain"),
        }
    }
}
