//! Proofs about payload requests: what the block guest says about an input of EIP-8025.

use thiserror::Error;

use super::{Chain, Hash, Hex, Verdict, meaning};
use crate::key::VerifyingKey;
use crate::proof;
use crate::segments::{Expected, Rejection};

/// Length of the output in bytes.
pub const PAYLOAD_OUTPUT_BYTES: usize = 43;

/// What the block guest says about a payload request (`StatelessValidationResult` of EIP-8025): its
/// whole output.
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 32 | SSZ root of the request |
/// | 32 | 1 | verdict: 1 valid, 0 invalid |
/// | 33 | 8 | chain id |
/// | 41 | 2 | schema id |
///
/// Numbers are little-endian. All is zero if the input could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadOutput {
    /// SSZ hash tree root of the `NewPayloadRequest`.
    pub request_root: Hash,
    /// Whether the payload is valid.
    pub verdict: Verdict,
    /// EIP-155 chain id. The rules are those that the guest knows for it.
    pub chain_id: u64,
    /// The input's schema; its high byte is the number of the fork whose rules held.
    pub schema_id: u16,
}

/// Why bytes are not the output of the block guest about a payload request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PayloadOutputError {
    /// Another length.
    #[error("expected {PAYLOAD_OUTPUT_BYTES} bytes, got {0}")]
    Length(usize),
    /// A boolean that there is not.
    #[error("expected the verdict 0 or 1, got {0}")]
    Verdict(u8),
}

/// What the caller expects of a payload request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedPayload {
    /// Its root; none if any request will do.
    pub request_root: Option<Hash>,
    /// The chain's id; none if any chain will do.
    pub chain_id: Option<u64>,
    /// The schema's id; none if any schema will do.
    pub schema_id: Option<u16>,
    /// The verdict.
    pub verdict: Verdict,
}

/// Why a proof is not one of what the caller expects of a payload request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PayloadRejection {
    /// The proof is rejected.
    #[error(transparent)]
    Proof(#[from] Rejection),
    /// The proof holds, and the program's output is not one about a payload request.
    #[error("the proof holds, but its output is not that of the block guest about a payload request: {0}")]
    NotAPayload(#[from] PayloadOutputError),
    /// The proof holds, and proves the other verdict.
    #[error("the proof holds, but its verdict about the request {} is \"{got}\", not \"{expected}\"{}", Hex(request_root), meaning(got))]
    OtherVerdict {
        /// The verdict that the caller expects.
        expected: Verdict,
        /// The verdict that is proved.
        got: Verdict,
        /// The request that it is about; zero if the input could not be decoded.
        request_root: Hash,
    },
    /// The proof holds, about another chain.
    #[error("the proof holds, but is about chain {got}, not {expected}")]
    OtherChain {
        /// The chain id that the caller expects.
        expected: u64,
        /// The chain id that is proved.
        got: u64,
    },
    /// The proof holds, under the rules of another schema.
    #[error("the proof holds, but under schema {got:#06x}, not {expected:#06x}")]
    OtherSchema {
        /// The schema id that the caller expects.
        expected: u16,
        /// The schema id that is proved.
        got: u16,
    },
    /// The proof holds, about another request.
    #[error("the proof holds, but is about the request {}, not {}", Hex(got), Hex(expected))]
    OtherRequest {
        /// Root of the request that the caller asks about.
        expected: Hash,
        /// Root of the request that the proof is about.
        got: Hash,
    },
}

/// Checks that `proof` proves what is `expected` of a payload request by a run of the block guest,
/// whose key is `key`, and returns all that is proved.
///
/// # Errors
///
/// A [`PayloadRejection`], for any bytes that do not prove it, in time and memory bounded as those
/// of [`verify`](crate::verify).
pub fn verify_payload(proof: &[u8], key: &VerifyingKey, expected: &ExpectedPayload) -> Result<PayloadOutput, PayloadRejection> {
    let proved = proof::verify(proof, key, &Expected { exit_code: 0 })?;
    expected.check(&proved.bytes)
}

impl ExpectedPayload {
    /// A valid payload whose request has this root, on this chain, under this schema: what EIP-8025
    /// asks a verifier to expect.
    #[must_use]
    pub const fn valid(request_root: Hash, chain_id: u64, schema_id: u16) -> Self {
        Self { request_root: Some(request_root), chain_id: Some(chain_id), schema_id: Some(schema_id), verdict: Verdict::Valid }
    }

    /// A valid payload of any request, on any chain that the guest knows, under any schema.
    #[must_use]
    pub const fn any_valid() -> Self {
        Self { request_root: None, chain_id: None, schema_id: None, verdict: Verdict::Valid }
    }

    /// Checks an output that a proof of the block guest proves. [`verify_payload`] does it.
    ///
    /// # Errors
    ///
    /// If it is not what is expected.
    pub fn check(&self, output: &[u8]) -> Result<PayloadOutput, PayloadRejection> {
        let payload = PayloadOutput::decode(output)?;
        // First, as the other fields are zero if the input could not be decoded.
        if payload.verdict != self.verdict {
            let request_root = payload.request_root;
            return Err(PayloadRejection::OtherVerdict { expected: self.verdict, got: payload.verdict, request_root });
        }
        if let Some(expected) = self.chain_id.filter(|expected| *expected != payload.chain_id) {
            return Err(PayloadRejection::OtherChain { expected, got: payload.chain_id });
        }
        if let Some(expected) = self.schema_id.filter(|expected| *expected != payload.schema_id) {
            return Err(PayloadRejection::OtherSchema { expected, got: payload.schema_id });
        }
        if let Some(expected) = self.request_root.filter(|expected| *expected != payload.request_root) {
            return Err(PayloadRejection::OtherRequest { expected, got: payload.request_root });
        }
        Ok(payload)
    }
}

impl PayloadOutput {
    /// Reads what the block guest wrote.
    ///
    /// # Errors
    ///
    /// If the bytes are not such an output.
    pub fn decode(bytes: &[u8]) -> Result<Self, PayloadOutputError> {
        let length = PayloadOutputError::Length(bytes.len());
        let (request_root, rest) = bytes.split_first_chunk().ok_or(length)?;
        let (&[verdict], rest) = rest.split_first_chunk().ok_or(length)?;
        let (chain_id, rest) = rest.split_first_chunk().ok_or(length)?;
        let schema_id = rest.try_into().map_err(|_| length)?;
        let verdict = match verdict {
            0 => Verdict::Invalid,
            1 => Verdict::Valid,
            got => return Err(PayloadOutputError::Verdict(got)),
        };
        Ok(Self { request_root: *request_root, verdict, chain_id: u64::from_le_bytes(*chain_id), schema_id: u16::from_le_bytes(schema_id) })
    }

    /// The known chain with this id.
    #[must_use]
    pub fn chain(&self) -> Option<Chain> {
        Chain::ALL.into_iter().find(|chain| chain.id() == self.chain_id)
    }
}
