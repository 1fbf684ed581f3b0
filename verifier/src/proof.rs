//! The one call that binds everything.

use crate::final_proof::{self, KIND_FINAL};
use crate::key::VerifyingKey;
use crate::segments::{self, Expected, Output, Rejection};

/// Where a proof's kind stands: behind magic and version.
const KIND_OFFSET: usize = 5;

/// Checks that `proof`, of either kind, proves a run of the program `key` that ends as `expected`,
/// and returns what it wrote.
///
/// # Errors
///
/// A [`Rejection`], for any bytes that do not prove it, in time and memory bounded by the shapes
/// that this crate knows and the length of the bytes.
pub fn verify(proof: &[u8], key: &VerifyingKey, expected: &Expected) -> Result<Output, Rejection> {
    match proof.get(KIND_OFFSET) {
        Some(&KIND_FINAL) => final_proof::verify(proof, key, expected),
        // Bytes of any other kind, too: that reader says what is wrong with them.
        _ => segments::verify(proof, key, expected),
    }
}
