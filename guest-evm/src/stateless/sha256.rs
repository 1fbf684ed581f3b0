//! SHA-256 (FIPS 180-4), as SSZ's Merkle trees and the requests' hash use it.

use alloy_primitives::B256;
use sha2::{Digest, Sha256};

/// The hash of `bytes`.
pub fn digest(bytes: &[u8]) -> B256 {
    B256::new(Sha256::digest(bytes).into())
}

/// The hash of two nodes of a Merkle tree, side by side.
pub fn digest_pair(left: &B256, right: &B256) -> B256 {
    let mut hasher = Sha256::new();
    hasher.update(left);
    hasher.update(right);
    B256::new(hasher.finalize().into())
}
