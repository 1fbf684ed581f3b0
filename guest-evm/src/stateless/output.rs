//! `StatelessValidationResult`: what a proof says about a payload request.
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 32 | hash tree root of the payload request |
//! | 32 | 1 | 1 if it was validated, else 0 |
//! | 33 | 8 | chain id, little-endian |
//! | 41 | 2 | schema id, little-endian |
//!
//! All zero if the input could not be decoded.

use alloy_primitives::B256;

/// Size of the output in bytes.
pub const OUTPUT_BYTES: usize = 43;

/// What stateless validation says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatelessOutput {
    /// Hash tree root of the payload request.
    pub request_root: B256,
    /// Whether the payload was shown to be valid.
    pub is_valid: bool,
    /// EIP-155 chain id, from the input.
    pub chain_id: u64,
    /// The input's schema, and with it the fork whose rules held.
    pub schema_id: u16,
}

impl StatelessOutput {
    /// The SSZ encoding.
    pub fn encode(&self) -> [u8; OUTPUT_BYTES] {
        let mut out = [0; OUTPUT_BYTES];
        out[..32].copy_from_slice(self.request_root.as_slice());
        out[32] = self.is_valid.into();
        out[33..41].copy_from_slice(&self.chain_id.to_le_bytes());
        out[41..].copy_from_slice(&self.schema_id.to_le_bytes());
        out
    }
}
