//! The rules that a header obeys given its parent (yellow paper §4.4.4 and the EIPs named below).

use alloc::vec::Vec;

use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy_eips::eip4844::DATA_GAS_PER_BLOB;
use alloy_eips::eip7840::BlobParams;
use alloy_primitives::{B64, B256, U256, keccak256};

use crate::block::decode_header;
use crate::error::Invalid;
use crate::forks::Fork;
use crate::rlp;

/// Largest extra data, in bytes.
const MAX_EXTRA_DATA: usize = 32;
/// Smallest gas limit.
const MIN_GAS_LIMIT: u64 = 5_000;
/// Largest gas limit (EIP-1985).
const MAX_GAS_LIMIT: u64 = i64::MAX as u64;
/// The gas limit changes by less than the parent's divided by this.
const GAS_LIMIT_BOUND_DIVISOR: u64 = 1_024;
/// EIP-1559: the gas target is the limit divided by this.
const ELASTICITY: u64 = 2;
/// EIP-1559: the base fee changes by at most one part in this.
const BASE_FEE_DENOMINATOR: u128 = 8;
/// EIP-7934: largest RLP size of a block, in bytes.
const MAX_BLOCK_RLP: usize = 10 * 1024 * 1024 - 2 * 1024 * 1024;
/// Oldest ancestor that BLOCKHASH can read.
pub const MAX_ANCESTORS: usize = 256;

/// The rule that a header breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The witness holds no header.
    #[error("incomplete witness: no parent header")]
    NoParent,
    /// The witness holds more headers than BLOCKHASH can reach.
    #[error("witness holds {0} headers, more than {MAX_ANCESTORS}")]
    TooManyAncestors(usize),
    /// A header of the witness is not the parent of the one before it.
    #[error("witness header {index} hashes to {got}, expected {expected}")]
    BrokenChain {
        /// Position in the witness.
        index: usize,
        /// The hash that its child names.
        expected: B256,
        /// Its own hash.
        got: B256,
    },
    /// The block's time lies before the first fork of the chain's schedule.
    #[error("timestamp {0} lies before the chain's first fork that this validator knows")]
    UnsupportedFork(u64),
    /// A number differs from what the parent demands.
    #[error("{field} is {got}, expected {expected}")]
    Number {
        /// The header's field.
        field: &'static str,
        /// Its value.
        got: u64,
        /// The value that the rule gives.
        expected: u64,
    },
    /// The timestamp does not exceed the parent's.
    #[error("timestamp {got} is not after the parent's {parent}")]
    Timestamp {
        /// The header's value.
        got: u64,
        /// The parent's value.
        parent: u64,
    },
    /// The gas limit is out of bounds or too far from the parent's.
    #[error("gas limit {got} is not allowed after the parent's {parent}")]
    GasLimit {
        /// The header's value.
        got: u64,
        /// The parent's value.
        parent: u64,
    },
    /// More gas used than the limit.
    #[error("gas used {used} exceeds the limit {limit}")]
    GasUsed {
        /// Gas used.
        used: u64,
        /// Gas limit.
        limit: u64,
    },
    /// Extra data too long.
    #[error("extra data has {0} bytes, more than {MAX_EXTRA_DATA}")]
    ExtraData(usize),
    /// A field that proof of stake fixes has another value (EIP-3675).
    #[error("{0} differs from its proof-of-stake constant")]
    ProofOfStake(&'static str),
    /// A field that the fork demands is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field of a later fork is present.
    #[error("{0} is present before its fork")]
    Unexpected(&'static str),
    /// The base fee does not fit its field.
    #[error("base fee overflows")]
    BaseFeeOverflow,
    /// Blob gas used is no multiple of a blob's or exceeds the limit.
    #[error("blob gas used {got} is not a multiple of a blob or exceeds {limit}")]
    BlobGasUsed {
        /// The header's value.
        got: u64,
        /// The fork's limit.
        limit: u64,
    },
    /// The block is too large (EIP-7934).
    #[error("block RLP has {0} bytes, more than {MAX_BLOCK_RLP}")]
    BlockSize(usize),
}

/// Checks that the witness's headers are the chain of ancestors that ends in `parent_hash`.
///
/// Returns the parent and the ancestors' hashes, the parent's first; with k headers, k + 1 hashes.
pub fn check_ancestors(headers: &[&[u8]], parent_hash: B256) -> Result<(Header, Vec<B256>), Invalid> {
    let Some(parent) = headers.first() else { return Err(HeaderError::NoParent.into()) };
    if headers.len() > MAX_ANCESTORS {
        return Err(HeaderError::TooManyAncestors(headers.len()).into());
    }
    let mut hashes = Vec::with_capacity(headers.len() + 1);
    let mut expected = parent_hash;
    for (index, raw) in headers.iter().enumerate() {
        let got = keccak256(raw);
        if got != expected {
            return Err(HeaderError::BrokenChain { index, expected, got }.into());
        }
        hashes.push(got);
        // The hash is the one that its child commits to; its first field names its own parent.
        let bad = |error| Invalid::BlockRlp { part: "witness header", error };
        let mut fields = rlp::whole_list(raw).map_err(bad)?;
        expected = B256::new(*rlp::next_hash(&mut fields).map_err(bad)?);
    }
    hashes.push(expected);
    Ok((decode_header("parent", parent)?, hashes))
}

/// Checks every rule of `header` that needs neither the block's body nor its execution.
///
/// `block_size` is the size of the block's RLP in bytes; `blob_params` are those of `fork`.
pub fn check(header: &Header, parent: &Header, fork: Fork, blob_params: &BlobParams, block_size: usize) -> Result<(), HeaderError> {
    check_number("number", header.number, parent.number.saturating_add(1))?;
    if header.timestamp <= parent.timestamp {
        return Err(HeaderError::Timestamp { got: header.timestamp, parent: parent.timestamp });
    }
    check_gas(header, parent)?;
    check_constants(header)?;
    check_presence(header, fork)?;
    let base_fee = header.base_fee_per_gas.ok_or(HeaderError::Missing("base fee"))?;
    check_number("base fee", base_fee, next_base_fee(parent)?)?;
    check_blob_gas(header, parent, fork, blob_params)?;
    if fork >= Fork::Osaka && block_size > MAX_BLOCK_RLP {
        return Err(HeaderError::BlockSize(block_size));
    }
    Ok(())
}

fn check_gas(header: &Header, parent: &Header) -> Result<(), HeaderError> {
    let step = header.gas_limit.abs_diff(parent.gas_limit);
    let is_near = step < parent.gas_limit / GAS_LIMIT_BOUND_DIVISOR;
    if !is_near || !(MIN_GAS_LIMIT..=MAX_GAS_LIMIT).contains(&header.gas_limit) {
        return Err(HeaderError::GasLimit { got: header.gas_limit, parent: parent.gas_limit });
    }
    if header.gas_used > header.gas_limit {
        return Err(HeaderError::GasUsed { used: header.gas_used, limit: header.gas_limit });
    }
    Ok(())
}

/// EIP-3675: no proof of work, no ommers.
fn check_constants(header: &Header) -> Result<(), HeaderError> {
    if header.extra_data.len() > MAX_EXTRA_DATA {
        return Err(HeaderError::ExtraData(header.extra_data.len()));
    }
    if header.difficulty != U256::ZERO {
        return Err(HeaderError::ProofOfStake("difficulty"));
    }
    if header.nonce != B64::ZERO {
        return Err(HeaderError::ProofOfStake("nonce"));
    }
    if header.ommers_hash != EMPTY_OMMER_ROOT_HASH {
        return Err(HeaderError::ProofOfStake("ommers hash"));
    }
    Ok(())
}

/// Every field of the fork is there, and none of a later one.
fn check_presence(header: &Header, fork: Fork) -> Result<(), HeaderError> {
    let needed = [
        ("withdrawals root", header.withdrawals_root.is_some(), true),
        ("blob gas used", header.blob_gas_used.is_some(), true),
        ("excess blob gas", header.excess_blob_gas.is_some(), true),
        ("parent beacon block root", header.parent_beacon_block_root.is_some(), true),
        ("requests hash", header.requests_hash.is_some(), fork >= Fork::Prague),
        ("block access list hash", header.block_access_list_hash.is_some(), fork >= Fork::Amsterdam),
        ("slot number", header.slot_number.is_some(), fork >= Fork::Amsterdam),
    ];
    for (field, is_present, is_needed) in needed {
        match (is_present, is_needed) {
            (false, true) => return Err(HeaderError::Missing(field)),
            (true, false) => return Err(HeaderError::Unexpected(field)),
            _ => {}
        }
    }
    Ok(())
}

/// EIP-1559: the base fee that a child of `parent` must have.
pub(crate) fn next_base_fee(parent: &Header) -> Result<u64, HeaderError> {
    let base_fee = parent.base_fee_per_gas.ok_or(HeaderError::Missing("parent's base fee"))?;
    let target = parent.gas_limit / ELASTICITY;
    let gap = u128::from(parent.gas_used.abs_diff(target));
    let step = u128::from(base_fee)
        .checked_mul(gap)
        .and_then(|product| product.checked_div(u128::from(target)))
        .ok_or(HeaderError::BaseFeeOverflow)?
        / BASE_FEE_DENOMINATOR;
    let next = match parent.gas_used.cmp(&target) {
        core::cmp::Ordering::Equal => Some(u128::from(base_fee)),
        core::cmp::Ordering::Greater => u128::from(base_fee).checked_add(step.max(1)),
        core::cmp::Ordering::Less => u128::from(base_fee).checked_sub(step),
    };
    next.and_then(|fee| u64::try_from(fee).ok()).ok_or(HeaderError::BaseFeeOverflow)
}

fn check_blob_gas(header: &Header, parent: &Header, fork: Fork, blob_params: &BlobParams) -> Result<(), HeaderError> {
    let used = header.blob_gas_used.unwrap_or_default();
    let limit = blob_params.max_blob_gas_per_block();
    if used > limit || !used.is_multiple_of(DATA_GAS_PER_BLOB) {
        return Err(HeaderError::BlobGasUsed { got: used, limit });
    }
    let expected = next_excess_blob_gas(parent, fork, blob_params);
    check_number("excess blob gas", header.excess_blob_gas.unwrap_or_default(), expected)
}

/// EIP-4844, from Osaka on with EIP-7918: the excess that a child of `parent` must have.
///
/// The parameters are the child's (EIP-7892). A parent before Cancun counts as having used no blobs.
pub(crate) fn next_excess_blob_gas(parent: &Header, fork: Fork, params: &BlobParams) -> u64 {
    let excess = parent.excess_blob_gas.unwrap_or_default();
    let used = parent.blob_gas_used.unwrap_or_default();
    let target = params.target_blob_gas_per_block();
    let Some(surplus) = excess.saturating_add(used).checked_sub(target) else { return 0 };
    if fork >= Fork::Osaka {
        let execution_cost = U256::from(params.blob_base_cost) * U256::from(parent.base_fee_per_gas.unwrap_or_default());
        let blob_cost = U256::from(DATA_GAS_PER_BLOB) * U256::from(params.calc_blob_fee(excess));
        if execution_cost > blob_cost {
            let share = u128::from(used) * u128::from(params.max_blob_count - params.target_blob_count) / u128::from(params.max_blob_count);
            return excess.saturating_add(u64::try_from(share).unwrap_or(u64::MAX));
        }
    }
    surplus
}

fn check_number(field: &'static str, got: u64, expected: u64) -> Result<(), HeaderError> {
    if got == expected { Ok(()) } else { Err(HeaderError::Number { field, got, expected }) }
}
