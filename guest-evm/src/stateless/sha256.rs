//! SHA-256 (FIPS 180-4), as SSZ's Merkle trees and the requests' hash use it.

use alloy_primitives::B256;
use tern_guest::accelerators::sha256;

/// The hash of `bytes`.
pub fn digest(bytes: &[u8]) -> B256 {
    B256::new(sha256::digest(bytes))
}

/// The hash of two nodes of a Merkle tree, side by side.
pub fn digest_pair(left: &B256, right: &B256) -> B256 {
    B256::new(sha256::digest_pair(left, right))
}
