//! Named, frozen parameter sets of version 2.
//!
//! A set never changes once a proof under it exists: a change is a new name. The transcript binds
//! every number.
//!
//! Each has 128 bits without a conjecture: the union of all terms up to the Johnson bound, by two
//! theorems ([`super::security`]).

use alloc::vec::Vec;

use serde::Serialize;

/// The parameters of one layer of proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Params {
    /// Name of the set, as users and proofs spell it.
    pub name: &'static str,
    /// Version of the proof format that the set belongs to.
    pub version: u32,
    /// Base-2 logarithm of the number of columns of the main dense matrix.
    pub log_width: usize,
    /// Base-2 logarithm of the largest number of rows of a dense matrix, for which the security is counted.
    pub max_log_rows: usize,
    /// Base-2 logarithm of the largest number of columns of all matrices, for which the security is
    /// counted.
    pub max_column_variables: usize,
    /// Base-2 logarithm of the inverse rate.
    pub log_blowup: usize,
    /// Number of queries.
    pub num_queries: usize,
    /// The list decoding parameter `m`: words agree with candidates on more than
    /// `sqrt(rho) (1 + 1 / 2m)` of the positions.
    pub list_parameter: usize,
    /// Base-2 logarithm of the number of values in a folded word's leaf.
    pub log_arity: usize,
    /// Base-2 logarithm of the number of coefficients of the last polynomial, at least; at most
    /// four times as many.
    pub log_last: usize,
    /// Levels below the root at which a commitment is cut: it has `2^cap_height` digests.
    pub cap_height: usize,
    /// Bits of proof of work before the lookup challenges.
    pub lookup_pow_bits: usize,
    /// Bits of proof of work before each challenge that folds columns.
    pub column_pow_bits: usize,
    /// Bits of proof of work before each challenge that folds rows of committed words.
    pub row_pow_bits: usize,
    /// Bits of proof of work before the query indices.
    pub query_pow_bits: usize,
}

/// Segment proofs: up to 2^29 cells. Blowup 2 would cost the prover 4 % less time, and circuits
/// that check the proofs 70 % more compressions.
pub const SEGMENT_V2: Params = Params {
    name: "segment-v2",
    version: 2,
    log_width: 7,
    max_log_rows: 22,
    max_column_variables: 7,
    log_blowup: 2,
    num_queries: 116,
    list_parameter: 9,
    log_arity: 4,
    log_last: 5,
    cap_height: 8,
    lookup_pow_bits: 20,
    column_pow_bits: 21,
    row_pow_bits: 20,
    query_pow_bits: 22,
};

/// Proofs of circuits that check proofs, and are themselves checked by such circuits. A circuit's
/// fixed columns are a second matrix.
pub const RECURSION_V2: Params = Params {
    name: "recursion-v2",
    version: 2,
    log_width: 7,
    max_log_rows: 19,
    max_column_variables: 8,
    log_blowup: 3,
    num_queries: 77,
    list_parameter: 7,
    log_arity: 4,
    log_last: 5,
    cap_height: 6,
    lookup_pow_bits: 16,
    column_pow_bits: 18,
    row_pow_bits: 17,
    query_pow_bits: 22,
};

/// The proof that is published: as few bytes as the prover's memory allows.
pub const FINAL_V2: Params = Params {
    name: "final-v2",
    version: 2,
    log_width: 6,
    max_log_rows: 19,
    max_column_variables: 7,
    log_blowup: 5,
    num_queries: 45,
    list_parameter: 4,
    log_arity: 4,
    log_last: 5,
    cap_height: 0,
    lookup_pow_bits: 16,
    column_pow_bits: 19,
    row_pow_bits: 18,
    query_pow_bits: 26,
};

/// Every parameter set, in order of introduction.
pub const ALL: [&Params; 3] = [&SEGMENT_V2, &RECURSION_V2, &FINAL_V2];

impl Params {
    /// The encoding that the transcript absorbs: the length of the name, the name, then every
    /// number, each length and number as a little-endian `u64`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = [
            u64::from(self.version),
            self.log_width as u64,
            self.max_log_rows as u64,
            self.max_column_variables as u64,
            self.log_blowup as u64,
            self.num_queries as u64,
            self.list_parameter as u64,
            self.log_arity as u64,
            self.log_last as u64,
            self.cap_height as u64,
            self.lookup_pow_bits as u64,
            self.column_pow_bits as u64,
            self.row_pow_bits as u64,
            self.query_pow_bits as u64,
        ];
        let mut bytes = (self.name.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(self.name.as_bytes());
        numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change here is a new name: proofs under the old one exist.
    #[test]
    fn sets_are_frozen() {
        let digests = ALL.map(|params| blake3::hash(&params.to_bytes()).to_hex());
        let recorded = [
            "a5bd716d931632a1ac31074f414fd87869b29e9ddec64a0a19e64a0c2a0978c6",
            "8bed544b89ac87fda9aec9760f1fab6abb6dfb669a23f61d5d9c9ee944f1e4c6",
            "9edfc34a86b6fb776774ac8e39a98a1b69e003b6e85699a30504117cafc69fac",
        ];
        assert_eq!(digests.each_ref().map(|digest| digest.as_str()), recorded);
    }
}
