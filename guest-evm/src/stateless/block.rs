//! From a payload to the block that it stands for.

use alloc::vec::Vec;

use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header, Transaction as _};
use alloy_eips::eip4895::Withdrawal;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U256, keccak256};

use crate::block::{check_transaction_count, decode_transaction};
use crate::rlp::{push_list_header, push_string};
use crate::trie;

use super::error::StatelessError;
use super::input::{ExecutionPayload, ExecutionRequests, NewPayloadRequest, REQUEST_KINDS, WITHDRAWAL_BYTES};
use super::schema::Schema;
use super::sha256::digest;

/// EIP-2718 type of blob transactions.
const BLOB_TRANSACTION: u8 = 3;

/// The RLP of the block that a request stands for, if its header's hash is the payload's and its blobs are those of the request.
pub fn block_rlp(request: &NewPayloadRequest<'_>, schema: Schema) -> Result<Vec<u8>, StatelessError> {
    let payload = &request.payload;
    check_unused_fields(request, schema)?;
    if let Some(index) = payload.transactions.iter().position(|transaction| transaction.is_empty()) {
        return Err(StatelessError::EmptyTransaction(index));
    }
    check_transaction_count(payload.transactions.len(), payload.gas_limit, schema.rules())?;
    let withdrawals: Vec<Vec<u8>> = payload.withdrawals.iter().map(|withdrawal| alloy_rlp::encode(decode_withdrawal(withdrawal))).collect();
    let header = alloy_rlp::encode(header(request, &withdrawals, schema)?);
    let (claimed, computed) = (B256::new(*payload.block_hash), keccak256(&header));
    if claimed != computed {
        return Err(StatelessError::BlockHash { claimed, computed });
    }
    check_versioned_hashes(request)?;
    Ok(assemble(&header, payload, &withdrawals))
}

/// What a fork's blocks lack must be empty: nothing would check it.
fn check_unused_fields(request: &NewPayloadRequest<'_>, schema: Schema) -> Result<(), StatelessError> {
    let unused = |field| Err(StatelessError::UnusedField(field));
    if !schema.has_access_list() {
        if !request.payload.block_access_list.is_empty() {
            return unused("block access list");
        }
        if request.payload.slot_number != 0 {
            return unused("slot number");
        }
    }
    let has_requests = match &request.requests {
        ExecutionRequests::Typed(lists) => lists.iter().any(|list| !list.is_empty()),
        ExecutionRequests::Encoded(requests) => !requests.is_empty(),
    };
    if has_requests && !schema.has_requests() {
        return unused("execution requests");
    }
    Ok(())
}

fn header(request: &NewPayloadRequest<'_>, withdrawals: &[Vec<u8>], schema: Schema) -> Result<Header, StatelessError> {
    let payload = &request.payload;
    let raw_withdrawals: Vec<&[u8]> = withdrawals.iter().map(Vec::as_slice).collect();
    let base_fee = u64::try_from(U256::from_le_bytes(*payload.base_fee_per_gas)).map_err(|_| StatelessError::BaseFee)?;
    Ok(Header {
        parent_hash: B256::new(*payload.parent_hash),
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: Address::new(*payload.fee_recipient),
        state_root: B256::new(*payload.state_root),
        transactions_root: trie::ordered_root(&payload.transactions),
        receipts_root: B256::new(*payload.receipts_root),
        logs_bloom: Bloom::new(*payload.logs_bloom),
        difficulty: U256::ZERO,
        number: payload.block_number,
        gas_limit: payload.gas_limit,
        gas_used: payload.gas_used,
        timestamp: payload.timestamp,
        extra_data: Bytes::copy_from_slice(payload.extra_data),
        mix_hash: B256::new(*payload.prev_randao),
        nonce: B64::ZERO,
        base_fee_per_gas: Some(base_fee),
        withdrawals_root: Some(trie::ordered_root(&raw_withdrawals)),
        blob_gas_used: Some(payload.blob_gas_used),
        excess_blob_gas: Some(payload.excess_blob_gas),
        parent_beacon_block_root: Some(B256::new(*request.parent_beacon_block_root)),
        requests_hash: schema.has_requests().then(|| request.requests.hash()),
        block_access_list_hash: schema.has_access_list().then(|| keccak256(payload.block_access_list)),
        slot_number: schema.has_access_list().then_some(payload.slot_number),
    })
}

impl ExecutionRequests<'_> {
    /// The header's requests hash (EIP-7685).
    fn hash(&self) -> B256 {
        let mut hashes = Vec::new();
        match self {
            Self::Typed(lists) => {
                for (kind, list) in REQUEST_KINDS.iter().zip(lists).filter(|(_, list)| !list.is_empty()) {
                    hashes.extend(digest(&[&[kind.type_byte], *list].concat()));
                }
            }
            Self::Encoded(requests) => requests.iter().for_each(|request| hashes.extend(digest(request))),
        }
        digest(&hashes)
    }
}

fn decode_withdrawal(bytes: &[u8; WITHDRAWAL_BYTES]) -> Withdrawal {
    let number = |at: usize| u64::from_le_bytes(core::array::from_fn(|byte| bytes[at + byte]));
    Withdrawal { index: number(0), validator_index: number(8), address: Address::from_slice(&bytes[16..36]), amount: number(36) }
}

/// EIP-4844: the request lists the versioned hashes of all blobs, which the consensus layer has compared with the blobs.
fn check_versioned_hashes(request: &NewPayloadRequest<'_>) -> Result<(), StatelessError> {
    let mut listed = request.versioned_hashes.iter();
    for (index, raw) in request.payload.transactions.iter().enumerate().filter(|(_, raw)| raw[0] == BLOB_TRANSACTION) {
        let transaction = decode_transaction(index, raw)?;
        for hash in transaction.blob_versioned_hashes().into_iter().flatten() {
            if listed.next() != Some(&hash.0) {
                return Err(StatelessError::VersionedHashes);
            }
        }
    }
    if listed.next().is_some() { Err(StatelessError::VersionedHashes) } else { Ok(()) }
}

/// The block as a list of header, transactions, ommers and withdrawals.
///
/// A transaction that is no single item of RLP would not come out of the block as it went in. Then its root would not be the
/// header's either, which validation compares.
fn assemble(header: &[u8], payload: &ExecutionPayload<'_>, withdrawals: &[Vec<u8>]) -> Vec<u8> {
    let mut transactions = Vec::new();
    for transaction in &payload.transactions {
        match transaction {
            [0xc0..=0xff, ..] => transactions.extend_from_slice(transaction),
            typed => push_string(&mut transactions, typed),
        }
    }
    let mut body = header.to_vec();
    push_list_header(&mut body, transactions.len());
    body.extend(transactions);
    push_list_header(&mut body, 0);
    push_list_header(&mut body, withdrawals.iter().map(Vec::len).sum());
    withdrawals.iter().for_each(|withdrawal| body.extend_from_slice(withdrawal));
    let mut block = Vec::with_capacity(body.len() + 9);
    push_list_header(&mut block, body.len());
    block.extend(body);
    block
}
