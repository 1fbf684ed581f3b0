//! `statelessInputBytes` from a block with its witness.

use alloc::vec::Vec;

use alloy_consensus::Header;
use alloy_consensus::Transaction as _;
use alloy_eips::eip4895::Withdrawal;
use alloy_eips::eip7685::{EMPTY_REQUESTS_HASH, Requests};
use alloy_primitives::U256;

use crate::block::{self, RawBlock, Transaction, decode_transaction};
use crate::crypto::{self, PublicKey};
use crate::error::Invalid;
use crate::header::HeaderError;
use crate::json::{Parts, borrow};
use crate::output::PublicOutput;
use crate::salt;
use crate::validate::{BlockInput, check_input};

use super::Schema;
use super::input::{
    ExecutionPayload, ExecutionRequests, ExecutionWitness, NewPayloadRequest, REQUEST_KINDS, StatelessInput, WITHDRAWAL_BYTES,
};

/// Why a block has no stateless input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The block cannot be read.
    #[error("the block cannot be read: {0}")]
    Block(Invalid),
    /// The header has a field that a payload does not hold, or lacks one that it does.
    #[error("the header's {0} is not that of a payload")]
    Field(&'static str),
    /// The block has requests to the consensus layer, and running it did not give them.
    #[error("the block's requests are not known, as the block is not valid: {0}")]
    Requests(Invalid),
    /// The data of a kind of requests, which a system contract gave, is no whole number of them.
    #[error("{0}: {1} bytes, which is no whole number of requests")]
    RequestLength(&'static str, usize),
}

impl Parts {
    /// `statelessInputBytes` of EIP-8025 for the block, under the schema of its fork.
    ///
    /// A block states only the hash of its requests: where it has any, it is run for them. A transaction whose signature
    /// recovers no key gets a key of zeros, with which validation fails.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    pub fn stateless_input(&self) -> Result<Vec<u8>, BuildError> {
        let (header, hash) = block::read_header(&self.block).map_err(BuildError::Block)?;
        let unsupported = || BuildError::Block(HeaderError::UnsupportedFork(header.timestamp).into());
        let schema = Schema::at(&self.config, header.timestamp).ok_or_else(unsupported)?;
        let requests = requests_by_kind(&self.requests(&header)?)?;
        let block = block::split(&self.block, header, hash, schema.rules()).map_err(BuildError::Block)?;
        let transactions = decode_transactions(&block)?;
        let versioned_hashes: Vec<[u8; 32]> =
            transactions.iter().filter_map(|transaction| transaction.blob_versioned_hashes()).flatten().map(|hash| hash.0).collect();
        let public_keys: Vec<PublicKey> = transactions.iter().map(public_key).collect();
        let withdrawals: Vec<[u8; WITHDRAWAL_BYTES]> = block.withdrawals.iter().map(encode_withdrawal).collect();
        let header = &block.header;
        let base_fee = U256::from(header.base_fee_per_gas.ok_or(BuildError::Field("base fee"))?).to_le_bytes();
        let parent_beacon_block_root = header.parent_beacon_block_root.ok_or(BuildError::Field("parent beacon block root"))?;
        let input = StatelessInput {
            request: NewPayloadRequest {
                payload: ExecutionPayload {
                    parent_hash: &header.parent_hash,
                    fee_recipient: &header.beneficiary,
                    state_root: &header.state_root,
                    receipts_root: &header.receipts_root,
                    logs_bloom: &header.logs_bloom,
                    prev_randao: &header.mix_hash,
                    block_number: header.number,
                    gas_limit: header.gas_limit,
                    gas_used: header.gas_used,
                    timestamp: header.timestamp,
                    extra_data: &header.extra_data,
                    base_fee_per_gas: &base_fee,
                    block_hash: &block.hash,
                    transactions: block.transactions.clone(),
                    withdrawals: &withdrawals,
                    blob_gas_used: header.blob_gas_used.ok_or(BuildError::Field("blob gas used"))?,
                    excess_blob_gas: header.excess_blob_gas.ok_or(BuildError::Field("excess blob gas"))?,
                    block_access_list: self.access_list.as_deref().unwrap_or_default(),
                    slot_number: header.slot_number.unwrap_or_default(),
                },
                versioned_hashes: &versioned_hashes,
                parent_beacon_block_root: &parent_beacon_block_root,
                requests: ExecutionRequests::Typed(requests.each_ref().map(Vec::as_slice)),
            },
            witness: ExecutionWitness {
                state: borrow(&self.nodes),
                codes: borrow(&self.codes),
                headers: self.headers.iter().rev().map(Vec::as_slice).collect(),
            },
            chain_id: self.config.chain_id,
            public_keys: Some(&public_keys),
        };
        Ok(input.encode(schema))
    }

    /// The block's requests, by running it unless there are none.
    fn requests(&self, header: &Header) -> Result<Requests, BuildError> {
        if header.requests_hash.is_none_or(|hash| hash == EMPTY_REQUESTS_HASH) {
            return Ok(Requests::default());
        }
        crypto::install();
        salt::install(&salt::random());
        let input = BlockInput {
            block: &self.block,
            headers: borrow(&self.headers),
            nodes: &borrow(&self.nodes),
            codes: &borrow(&self.codes),
            access_list: self.access_list.as_deref(),
            public_keys: None,
        };
        let checked = check_input(&input, &self.config, &mut PublicOutput::default(), |_| ()).map_err(BuildError::Requests)?;
        Ok(checked.requests)
    }
}

/// Requests one after another for each of [`REQUEST_KINDS`]: execution gives no other kind.
fn requests_by_kind(requests: &Requests) -> Result<[Vec<u8>; REQUEST_KINDS.len()], BuildError> {
    let mut lists: [Vec<u8>; REQUEST_KINDS.len()] = Default::default();
    for (kind, list) in REQUEST_KINDS.iter().zip(&mut lists) {
        let own = requests.iter().filter_map(|request| request.split_first()).filter(|(byte, _)| **byte == kind.type_byte);
        list.extend(own.flat_map(|(_, data)| data));
        if !list.len().is_multiple_of(kind.size()) {
            return Err(BuildError::RequestLength(kind.name, list.len()));
        }
    }
    Ok(lists)
}

fn decode_transactions(block: &RawBlock<'_>) -> Result<Vec<Transaction>, BuildError> {
    let decode = |(index, raw): (usize, &&[u8])| decode_transaction(index, raw).map_err(BuildError::Block);
    block.transactions.iter().enumerate().map(decode).collect()
}

pub(super) fn public_key(transaction: &Transaction) -> PublicKey {
    let signature = transaction.signature().as_bytes();
    let mut key = [0; 65];
    let r_s = signature.first_chunk().expect("a signature has 65 bytes");
    if let Some(point) = crypto::recover(&transaction.signature_hash(), r_s, transaction.signature().v().into()) {
        key[0] = 4;
        key[1..].copy_from_slice(&point);
    }
    key
}

fn encode_withdrawal(withdrawal: &Withdrawal) -> [u8; WITHDRAWAL_BYTES] {
    let mut bytes = [0; WITHDRAWAL_BYTES];
    bytes[..8].copy_from_slice(&withdrawal.index.to_le_bytes());
    bytes[8..16].copy_from_slice(&withdrawal.validator_index.to_le_bytes());
    bytes[16..36].copy_from_slice(withdrawal.address.as_slice());
    bytes[36..].copy_from_slice(&withdrawal.amount.to_le_bytes());
    bytes
}
