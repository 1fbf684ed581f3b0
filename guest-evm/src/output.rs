//! Public output: what a proof of the guest says about a block.
//!
//! All integers little-endian, [`OUTPUT_BYTES`] bytes in total:
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 8 | schema version ([`SCHEMA_VERSION`]) |
//! | 8 | 8 | chain id |
//! | 16 | 8 | verdict: 1 valid, 0 invalid |
//! | 24 | 32 | Keccak-256 of the chain configuration (see [`crate::input`]) |
//! | 56 | 32 | block hash |
//! | 88 | 32 | parent hash |
//! | 120 | 32 | pre-state root |
//! | 152 | 32 | post-state root |
//! | 184 | 8 | gas used by the block |
//!
//! With verdict 0, a field that could not be read from the input is zero, and the post-state root is
//! always zero, as is the gas: nothing was shown about them. Verdict 0 says that this input does not show the block to
//! be valid (the block may break a rule, or the witness may be incomplete).

use alloy_primitives::B256;

/// Version of this layout and of the configuration's.
pub const SCHEMA_VERSION: u64 = 2;

/// Size of the public output in bytes.
pub const OUTPUT_BYTES: usize = 192;

/// The verdict about one block, as a verifier reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicOutput {
    /// Chain id from the configuration.
    pub chain_id: u64,
    /// Whether the block is valid under the configuration.
    pub valid: bool,
    /// Keccak-256 of the configuration section: chain id, deposit contract and fork schedule.
    pub config_hash: B256,
    /// Keccak-256 of the header.
    pub block_hash: B256,
    /// The header's parent hash.
    pub parent_hash: B256,
    /// State root of the parent header.
    pub pre_state_root: B256,
    /// State root after the block.
    pub post_state_root: B256,
    /// Gas used by the block, as its header says and its execution shows.
    pub gas_used: u64,
}

/// Why bytes are not a public output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// The output has another size.
    #[error("public output has {0} bytes, expected {OUTPUT_BYTES}")]
    Size(usize),
    /// The output has another version.
    #[error("public output has schema version {0}, expected {SCHEMA_VERSION}")]
    Version(u64),
    /// The verdict is neither 0 nor 1.
    #[error("public output has verdict {0}, expected 0 or 1")]
    Verdict(u64),
}

impl PublicOutput {
    /// The bytes that the guest writes.
    pub fn encode(&self) -> [u8; OUTPUT_BYTES] {
        let mut out = [0; OUTPUT_BYTES];
        out[..8].copy_from_slice(&SCHEMA_VERSION.to_le_bytes());
        out[8..16].copy_from_slice(&self.chain_id.to_le_bytes());
        out[16..24].copy_from_slice(&u64::from(self.valid).to_le_bytes());
        let hashes = [&self.config_hash, &self.block_hash, &self.parent_hash, &self.pre_state_root, &self.post_state_root];
        for (chunk, hash) in out[24..184].chunks_exact_mut(32).zip(hashes) {
            chunk.copy_from_slice(hash.as_slice());
        }
        out[184..].copy_from_slice(&self.gas_used.to_le_bytes());
        out
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, OutputError> {
        let bytes: &[u8; OUTPUT_BYTES] = bytes.try_into().map_err(|_| OutputError::Size(bytes.len()))?;
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(word)
        };
        let hash = |at: usize| B256::from_slice(&bytes[at..at + 32]);
        if word(0) != SCHEMA_VERSION {
            return Err(OutputError::Version(word(0)));
        }
        if word(16) > 1 {
            return Err(OutputError::Verdict(word(16)));
        }
        Ok(Self {
            chain_id: word(8),
            valid: word(16) == 1,
            config_hash: hash(24),
            block_hash: hash(56),
            parent_hash: hash(88),
            pre_state_root: hash(120),
            post_state_root: hash(152),
            gas_used: word(184),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_it_encodes_and_refuses_the_rest() {
        let output = PublicOutput {
            chain_id: 17,
            valid: true,
            config_hash: B256::repeat_byte(1),
            block_hash: B256::repeat_byte(2),
            parent_hash: B256::repeat_byte(3),
            pre_state_root: B256::repeat_byte(4),
            post_state_root: B256::repeat_byte(5),
            gas_used: 6,
        };
        let bytes = output.encode();
        assert_eq!(PublicOutput::decode(&bytes), Ok(output));
        assert_eq!(PublicOutput::decode(&bytes[1..]), Err(OutputError::Size(OUTPUT_BYTES - 1)));
        let mut other = bytes;
        other[0] = 9;
        assert_eq!(PublicOutput::decode(&other), Err(OutputError::Version(9)));
        other = bytes;
        other[16] = 2;
        assert_eq!(PublicOutput::decode(&other), Err(OutputError::Verdict(2)));
    }
}
