//! Named, frozen parameter sets.
//!
//! A set never changes once a proof under it exists: a change is a new name. The transcript binds every number.
//!
//! The first three sets were chosen for 128 bits under the random-words conjecture, with the challenges' field in the
//! place of BabyBear. Counted rightly they have 121.7, 122.8 and 123.3, and 75.0, 77.5 and 76.0 proven
//! ([`crate::security`]). They stay as they are: proofs exist.

use alloc::vec::Vec;

use serde::Serialize;
use thiserror::Error;

/// The parameters of one layer of proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Params {
    /// Name of the set, as users and proofs spell it.
    pub name: &'static str,
    /// Version of the proof format that the set belongs to.
    pub version: u32,
    /// Base-2 logarithm of the inverse rate.
    pub log_blowup: usize,
    /// Number of FRI queries.
    pub num_queries: usize,
    /// Base-2 logarithm of the largest folding arity.
    pub max_log_arity: usize,
    /// Base-2 logarithm of the number of coefficients of FRI's last polynomial.
    pub log_final_poly_len: usize,
    /// Levels below the root at which a Merkle commitment is cut: it has `2^cap_height` digests.
    pub cap_height: usize,
    /// Bits of proof of work before the lookup challenges.
    pub lookup_pow_bits: usize,
    /// Bits of proof of work before the out-of-domain point.
    pub ood_pow_bits: usize,
    /// Bits of proof of work before the challenge that batches the openings.
    pub batch_pow_bits: usize,
    /// Bits of proof of work before each folding challenge.
    pub commit_pow_bits: usize,
    /// Bits of proof of work before the query indices.
    pub query_pow_bits: usize,
}

/// Segment proofs.
pub const SEGMENT_V1: Params = Params {
    name: "segment-v1",
    version: 1,
    log_blowup: 2,
    num_queries: 55,
    max_log_arity: 3,
    log_final_poly_len: 3,
    cap_height: 4,
    lookup_pow_bits: 7,
    ood_pow_bits: 0,
    batch_pow_bits: 12,
    commit_pow_bits: 2,
    query_pow_bits: 20,
};

/// Proofs of circuits that check proofs, and are themselves checked by such circuits.
///
/// Cap and last polynomial are large since paths cost a circuit more than both; bytes do not matter.
pub const RECURSION_V1: Params = Params {
    name: "recursion-v1",
    version: 1,
    log_blowup: 3,
    num_queries: 35,
    max_log_arity: 3,
    log_final_poly_len: 7,
    cap_height: 6,
    lookup_pow_bits: 8,
    ood_pow_bits: 0,
    batch_pow_bits: 12,
    commit_pow_bits: 4,
    query_pow_bits: 25,
};

/// The proof that is published: as few bytes as the prover's memory allows.
pub const FINAL_V1: Params = Params {
    name: "final-v1",
    version: 1,
    log_blowup: 6,
    num_queries: 18,
    max_log_arity: 3,
    log_final_poly_len: 7,
    cap_height: 0,
    lookup_pow_bits: 8,
    ood_pow_bits: 0,
    batch_pow_bits: 14,
    commit_pow_bits: 6,
    query_pow_bits: 22,
};

/// A published proof whose own layer has 128 bits without a conjecture.
pub const FINAL_PROVEN_V1: Params = Params {
    name: "final-proven-v1",
    num_queries: 35,
    lookup_pow_bits: 10,
    ood_pow_bits: 8,
    batch_pow_bits: 26,
    commit_pow_bits: 22,
    query_pow_bits: 26,
    ..FINAL_V1
};

/// Every parameter set, in order of introduction.
pub const ALL: [&Params; 4] = [&SEGMENT_V1, &RECURSION_V1, &FINAL_V1, &FINAL_PROVEN_V1];

/// A name that no parameter set has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no parameter set has this name")]
pub struct UnknownParams;

impl Params {
    /// Finds a set by its name.
    ///
    /// # Errors
    ///
    /// When no set has this name.
    pub fn by_name(name: &str) -> Result<&'static Self, UnknownParams> {
        ALL.into_iter().find(|params| params.name == name).ok_or(UnknownParams)
    }

    /// Base-2 logarithm of the shortest table that can be committed.
    #[must_use]
    pub const fn min_log_height(&self) -> usize {
        if self.log_final_poly_len == 0 { 0 } else { self.log_final_poly_len + 1 }
    }

    /// The encoding that the transcript absorbs: the length of the name, the name, then every
    /// number, each length and number as a little-endian `u64`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self {
            name,
            version,
            log_blowup,
            num_queries,
            max_log_arity,
            log_final_poly_len,
            cap_height,
            lookup_pow_bits,
            ood_pow_bits,
            batch_pow_bits,
            commit_pow_bits,
            query_pow_bits,
        } = *self;
        let mut bytes = Vec::new();
        bytes.extend((name.len() as u64).to_le_bytes());
        bytes.extend(name.as_bytes());
        bytes.extend(u64::from(version).to_le_bytes());
        for number in [
            log_blowup,
            num_queries,
            max_log_arity,
            log_final_poly_len,
            cap_height,
            lookup_pow_bits,
            ood_pow_bits,
            batch_pow_bits,
            commit_pow_bits,
            query_pow_bits,
        ] {
            bytes.extend((number as u64).to_le_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_is_found_by_its_own_name_only() {
        for params in ALL {
            assert_eq!(Params::by_name(params.name), Ok(params));
        }
        assert_eq!(Params::by_name("segment"), Err(UnknownParams));
        assert_eq!(Params::by_name(""), Err(UnknownParams));
    }

    /// The digest of a published set never changes; a new set adds a line.
    #[test]
    fn sets_are_frozen() {
        let digest = |params: &Params| blake3::hash(&params.to_bytes()).to_hex();
        let digests = [
            "5004d112f507ccb0c88ddd4c67d3f2291439e7800db0d0007abe970bff426420",
            "4622fc15b6a0eea9f4049fe43873854d8c6cb9791e4eda6b0e1c9197a4512fdb",
            "47c880a40fa7b91c3eb0d20b4058734b9f7892ee2d53203d159b009a0bc0d0b2",
            "1c1b6f9260a530e2ce332cfea3fad75fdb8219d1c5f2816b7c375c9474a8946b",
        ];
        for (params, expected) in ALL.into_iter().zip(digests) {
            assert_eq!(digest(params).as_str(), expected, "{}", params.name);
        }
        assert_eq!(digests.len(), ALL.len());
    }

    /// The prover looks for a witness among the field's elements: with 27 bits one search in three million finds none.
    #[test]
    fn no_proof_of_work_exhausts_the_field() {
        for params in ALL {
            let bits = [params.lookup_pow_bits, params.ood_pow_bits, params.batch_pow_bits, params.commit_pow_bits, params.query_pow_bits];
            assert!(bits.into_iter().all(|bits| bits <= 26), "{params:?}");
        }
    }
}
