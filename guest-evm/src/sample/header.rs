//! The sample's headers.

use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, EMPTY_ROOT_HASH, Header};
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_primitives::{B256, Bloom, Bytes};

use super::{BASE_FEE, Random, SLOT_SECONDS};
use crate::error::Invalid;
use crate::forks::{Fork, ForkRule};
use crate::header::{next_base_fee, next_excess_blob_gas};

const PARENT_NUMBER: u64 = 1_000_000;

/// The parent of the first block, at this time, under the rule that holds then.
pub(super) fn first_parent(rule: Option<&ForkRule>, timestamp: u64, state_root: B256, gas_limit: u64) -> Header {
    let gas_limit = gas_limit.max(36_000_000);
    let header = Header {
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        state_root,
        transactions_root: EMPTY_ROOT_HASH,
        receipts_root: EMPTY_ROOT_HASH,
        logs_bloom: Bloom::ZERO,
        number: PARENT_NUMBER,
        gas_limit,
        gas_used: gas_limit / 2,
        timestamp,
        extra_data: Bytes::from_static(b"tern"),
        base_fee_per_gas: Some(BASE_FEE),
        withdrawals_root: Some(EMPTY_ROOT_HASH),
        ..Header::default()
    };
    let Some(rule) = rule else { return header };
    Header {
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: (rule.fork >= Fork::Prague).then_some(EMPTY_REQUESTS_HASH),
        // Keccak-256 of an empty list, that of ommers or of accesses.
        block_access_list_hash: (rule.fork >= Fork::Amsterdam).then_some(EMPTY_OMMER_ROOT_HASH),
        slot_number: slot_number(rule, timestamp),
        ..header
    }
}

/// The header of the block at position `index` of the chain, with everything but the results of its execution.
pub(super) fn child(parent: &Header, rule: &ForkRule, timestamp: u64, random: &Random, index: usize) -> Result<Header, Invalid> {
    Ok(Header {
        parent_hash: parent.hash_slow(),
        beneficiary: random.address("beneficiary", index),
        number: parent.number + 1,
        timestamp,
        gas_used: 0,
        mix_hash: random.hash("randao", index),
        base_fee_per_gas: Some(next_base_fee(parent)?),
        excess_blob_gas: Some(next_excess_blob_gas(parent, rule.fork, &rule.blob_params())),
        parent_beacon_block_root: Some(random.hash("beacon root", index)),
        slot_number: slot_number(rule, timestamp),
        ..parent.clone()
    })
}

/// EIP-7843.
fn slot_number(rule: &ForkRule, timestamp: u64) -> Option<u64> {
    (rule.fork >= Fork::Amsterdam).then_some(timestamp / SLOT_SECONDS)
}
