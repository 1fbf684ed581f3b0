//! Why a payload request is not shown to be valid.

use alloy_primitives::B256;

use crate::error::Invalid;

use super::ssz::SszError;

/// The reason for an output without success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatelessError {
    /// The bytes are no stateless input.
    #[error("not a stateless input: {0}")]
    Undecodable(#[from] SszError),
    /// No chain with this id is known.
    #[error("no configuration for chain {0}")]
    UnknownChain(u64),
    /// The chain has another fork at the payload's time than the schema is for.
    #[error("schema {got:#06x} is not that of the chain's fork at the payload's time{}", Expected(*expected))]
    OtherFork {
        /// The input's schema id.
        got: u16,
        /// That of the chain's fork; none before Cancun.
        expected: Option<u16>,
    },
    /// A field is set that blocks of this fork do not have.
    #[error("{0} is set, which blocks of this fork do not have")]
    UnusedField(&'static str),
    /// A transaction has no bytes.
    #[error("transaction {0} is empty")]
    EmptyTransaction(usize),
    /// The base fee does not fit a block header's field.
    #[error("base fee is 2^64 or more")]
    BaseFee,
    /// The payload's header has another hash.
    #[error("block hash is {claimed} in the payload, {computed} by its header")]
    BlockHash {
        /// The payload's field.
        claimed: B256,
        /// Keccak-256 of the header.
        computed: B256,
    },
    /// The versioned hashes are not those of the transactions.
    #[error("versioned hashes differ from those of the blob transactions")]
    VersionedHashes,
    /// There is not one public key for each transaction.
    #[error("{keys} public keys for {transactions} transactions")]
    PublicKeyCount {
        /// Number of keys.
        keys: usize,
        /// Number of transactions.
        transactions: usize,
    },
    /// The block is not shown to be valid.
    #[error(transparent)]
    Block(#[from] Invalid),
}

/// The expected schema in words.
struct Expected(Option<u16>);

impl core::fmt::Display for Expected {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            Some(id) => write!(f, ", {id:#06x}"),
            None => f.write_str(", which lies before Cancun"),
        }
    }
}
