//! What the block guest writes.

use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use super::{Chain, Hash};

/// Version of the output's layout.
pub const OUTPUT_VERSION: u64 = 2;

/// Length of the output in bytes.
pub const OUTPUT_BYTES: usize = 192;

/// Length of the three numbers that the output begins with.
const NUMBERS_BYTES: usize = 24;

/// What the block guest says about a block: its whole output.
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 8 | version of this layout, [`OUTPUT_VERSION`] |
/// | 8 | 8 | chain id |
/// | 16 | 8 | verdict: 1 valid, 0 invalid |
/// | 24 | 32 | Keccak-256 of the chain configuration |
/// | 56 | 32 | block hash |
/// | 88 | 32 | parent hash |
/// | 120 | 32 | state root before the block |
/// | 152 | 32 | state root after the block |
/// | 184 | 8 | gas used by the block |
///
/// Numbers are little-endian. With the verdict "invalid", a field that could not be read from the
/// input is zero, and the state root after the block and the gas always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockOutput {
    /// EIP-155 chain id, from the chain configuration.
    pub chain_id: u64,
    /// Whether the block is valid under the chain configuration.
    pub verdict: Verdict,
    /// Keccak-256 of the chain configuration: chain id, deposit contract and fork schedule.
    pub chain_config: Hash,
    /// Keccak-256 of the block's header.
    pub block_hash: Hash,
    /// Hash of the parent, from the block's header.
    pub parent_hash: Hash,
    /// State root of the parent's header.
    pub pre_state_root: Hash,
    /// State root after the block.
    pub post_state_root: Hash,
    /// Gas used by the block.
    pub gas_used: u64,
}

/// The verdict about a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The input does not show the block to be valid: the block breaks a rule, or the input is
    /// incomplete. Anyone can make such a proof about any block.
    Invalid,
    /// The block is valid: it follows from its parent by the rules of the chain configuration.
    Valid,
}

/// Why bytes are not the output of the block guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OutputError {
    /// Another length.
    #[error("expected {expected} bytes, got {got}")]
    Length {
        /// Length of an output.
        expected: usize,
        /// Length given.
        got: usize,
    },
    /// Another version of the layout.
    #[error("expected version {expected}, got {got}")]
    Version {
        /// The version that this crate reads.
        expected: u64,
        /// The version in the output.
        got: u64,
    },
    /// A verdict that there is not.
    #[error("expected the verdict 0 or 1, got {got}")]
    Verdict {
        /// The verdict in the output.
        got: u64,
    },
}

impl BlockOutput {
    /// Reads what the block guest wrote.
    ///
    /// # Errors
    ///
    /// If the bytes are not such an output.
    pub fn decode(bytes: &[u8]) -> Result<Self, OutputError> {
        let length = OutputError::Length { expected: OUTPUT_BYTES, got: bytes.len() };
        let (numbers, hashes) = bytes.split_at_checked(NUMBERS_BYTES).ok_or(length)?;
        let (hashes, gas_used) = hashes.split_last_chunk().ok_or(length)?;
        let (&[version, chain_id, verdict], []) = numbers.as_chunks() else { return Err(length) };
        let (&[chain_config, block_hash, parent_hash, pre_state_root, post_state_root], []) = hashes.as_chunks() else {
            return Err(length);
        };
        let version = u64::from_le_bytes(version);
        if version != OUTPUT_VERSION {
            return Err(OutputError::Version { expected: OUTPUT_VERSION, got: version });
        }
        let verdict = match u64::from_le_bytes(verdict) {
            0 => Verdict::Invalid,
            1 => Verdict::Valid,
            got => return Err(OutputError::Verdict { got }),
        };
        let chain_id = u64::from_le_bytes(chain_id);
        let gas_used = u64::from_le_bytes(*gas_used);
        Ok(Self { chain_id, verdict, chain_config, block_hash, parent_hash, pre_state_root, post_state_root, gas_used })
    }

    /// The bytes that the block guest writes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let numbers = [OUTPUT_VERSION, self.chain_id, u64::from(self.is_valid())].map(u64::to_le_bytes);
        let hashes = [self.chain_config, self.block_hash, self.parent_hash, self.pre_state_root, self.post_state_root];
        [numbers.as_flattened(), hashes.as_flattened(), &self.gas_used.to_le_bytes()].concat()
    }

    /// Whether the verdict is "valid".
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.verdict == Verdict::Valid
    }

    /// The known chain whose rules these are; none if no known chain has this configuration.
    #[must_use]
    pub fn chain(&self) -> Option<Chain> {
        Chain::ALL.into_iter().find(|chain| *chain.config_hash() == self.chain_config && chain.id() == self.chain_id)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "invalid",
            Self::Valid => "valid",
        })
    }
}
