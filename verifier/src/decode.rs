//! Proof bytes to values and nothing else: no trailing bytes, one encoding for each proof.

use alloc::vec::Vec;

use tern_fri::Proof;
use thiserror::Error;

/// Why bytes are no proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// More bytes than a proof of the expected shape can have. Nothing has been decoded.
    #[error("expected at most {limit} bytes, got {got}")]
    TooLong {
        /// Largest length.
        limit: usize,
        /// Length given.
        got: usize,
    },
    /// The bytes end early, hold a number out of range, or are something else.
    #[error("the bytes are not a proof: {0}")]
    Malformed(postcard::Error),
    /// The proof ends before the bytes do.
    #[error("expected the proof to end with the bytes, got {got} bytes more")]
    TrailingBytes {
        /// Bytes after the proof.
        got: usize,
    },
    /// A length is encoded in more bytes than it needs.
    #[error("the bytes are not the proof's only encoding")]
    NotCanonical,
}

/// Decodes a proof of at most `limit` bytes.
///
/// Memory stays within some tens of times `limit` plus a few MiB: a list is allocated as its elements arrive, with at
/// most 1 MiB in advance, and every element takes at least one byte.
///
/// # Errors
///
/// When the bytes are too long, malformed, followed by others, or encoded in a second way.
pub fn decode(bytes: &[u8], limit: usize) -> Result<Proof, DecodeError> {
    if bytes.len() > limit {
        return Err(DecodeError::TooLong { limit, got: bytes.len() });
    }
    let (proof, rest) = postcard::take_from_bytes::<Proof>(bytes).map_err(DecodeError::Malformed)?;
    if !rest.is_empty() {
        return Err(DecodeError::TrailingBytes { got: rest.len() });
    }
    let encoded: Vec<u8> = postcard::to_allocvec(&proof).map_err(DecodeError::Malformed)?;
    if encoded != bytes {
        return Err(DecodeError::NotCanonical);
    }
    Ok(proof)
}
