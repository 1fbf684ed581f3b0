//! Payload requests alone, as the consensus layer has them.

use alloc::vec::Vec;

use alloy_primitives::B256;

use crate::block::decode_transaction;
use crate::forks::ChainConfig;
use crate::json::{Parts, borrow};

use super::build::{BuildError, public_key};
use super::error::StatelessError;
use super::input::{ExecutionWitness, Layout, NewPayloadRequest, REQUEST_KINDS, StatelessInput};
use super::ssz::{Container, OFFSET_BYTES, SszError};
use super::{Schema, block_rlp};

/// Length of the fixed part of a request without execution requests, of Cancun.
const CANCUN_REQUEST: usize = 40;
/// Length of the fixed part of a payload before Amsterdam, and where its offsets are: extra data, transactions, withdrawals.
const PAYLOAD: usize = 528;
const PAYLOAD_OFFSETS: [usize; 3] = [436, 504, 508];
/// Execution requests before Amsterdam: deposits, withdrawals, consolidations.
const OLD_KINDS: usize = 3;

/// A `NewPayloadRequest` alone, in EIP-8025's encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadRequest {
    ssz: Vec<u8>,
}

/// The block that a request stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedBlock {
    /// Its RLP.
    pub block: Vec<u8>,
    /// Its hash, which is that in the payload.
    pub hash: B256,
    /// Its parent's hash.
    pub parent_hash: B256,
    /// Its number.
    pub number: u64,
    /// Its time.
    pub timestamp: u64,
    /// RLP of the block access list, where its fork has one.
    pub access_list: Option<Vec<u8>>,
}

/// Why a request does not become a block, or an input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No schema is known for the chain at the payload's time.
    #[error("no rules are known for the payload's time, {0}, on this chain")]
    Fork(u64),
    /// The payload is not that of a block.
    #[error(transparent)]
    Payload(#[from] StatelessError),
    /// A transaction cannot be read.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl PayloadRequest {
    /// Reads the SSZ encoding of a `NewPayloadRequest`: that of EIP-8025, or those of the consensus layer's forks from Deneb on, whose payloads
    /// and requests lack the fields of later forks. What is lacking is empty.
    ///
    /// # Errors
    ///
    /// If it is none of these.
    pub fn read(bytes: &[u8]) -> Result<Self, SszError> {
        let request = Self { ssz: widen_request(bytes)? };
        NewPayloadRequest::decode(&request.ssz, Layout::Progressive)?;
        Ok(request)
    }

    /// EIP-8025's encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.ssz
    }

    /// The request.
    pub fn request(&self) -> NewPayloadRequest<'_> {
        NewPayloadRequest::decode(&self.ssz, Layout::Progressive).expect("it was decoded when it was read")
    }

    /// Its root in EIP-8025, whichever encoding it came in.
    pub fn root(&self) -> B256 {
        self.request().root(Layout::Progressive)
    }

    /// The block that it stands for, under the rules of a chain.
    ///
    /// # Errors
    ///
    /// If no fork of the chain is known for its time, or its parts do not make the block with its hash.
    pub fn block(&self, config: &ChainConfig) -> Result<RequestedBlock, RequestError> {
        let request = self.request();
        let payload = &request.payload;
        let schema = self.schema(config)?;
        Ok(RequestedBlock {
            block: block_rlp(&request, schema)?,
            hash: B256::new(*payload.block_hash),
            parent_hash: B256::new(*payload.parent_hash),
            number: payload.block_number,
            timestamp: payload.timestamp,
            access_list: schema.has_access_list().then(|| payload.block_access_list.to_vec()),
        })
    }

    /// `statelessInputBytes` of the request with a witness of its block.
    ///
    /// # Errors
    ///
    /// If no fork of the chain is known for its time, or a transaction cannot be read.
    pub fn stateless_input(&self, witness: &Parts) -> Result<Vec<u8>, RequestError> {
        let schema = self.schema(&witness.config)?;
        let request = self.request();
        let read = |(index, raw): (usize, &&[u8])| decode_transaction(index, raw).map_err(BuildError::Block);
        let transactions = request.payload.transactions.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        let public_keys: Vec<_> = transactions.iter().map(public_key).collect();
        let input = StatelessInput {
            request,
            witness: ExecutionWitness {
                state: borrow(&witness.nodes),
                codes: borrow(&witness.codes),
                headers: witness.headers.iter().rev().map(Vec::as_slice).collect(),
            },
            chain_id: witness.config.chain_id,
            public_keys: Some(&public_keys),
        };
        Ok(input.encode(schema))
    }

    fn schema(&self, config: &ChainConfig) -> Result<Schema, RequestError> {
        let timestamp = self.request().payload.timestamp;
        Schema::at(config, timestamp).ok_or(RequestError::Fork(timestamp))
    }
}

/// The request with the fields of all forks.
fn widen_request(bytes: &[u8]) -> Result<Vec<u8>, SszError> {
    let has_requests = bytes.first_chunk().is_some_and(|first| u32::from_le_bytes(*first) as usize != CANCUN_REQUEST);
    let mut fields = Container::new("new payload request", bytes);
    let (payload, hashes) = (fields.offset()?, fields.offset()?);
    let parent_beacon_block_root: &[u8; 32] = fields.fixed()?;
    let (payload, hashes, requests) = if has_requests {
        let requests = fields.offset()?;
        let [payload, hashes, requests] = fields.parts([payload, hashes, requests])?;
        (payload, hashes, widen(requests, OFFSET_BYTES * OLD_KINDS, &[0, 4, 8], &[None; REQUEST_KINDS.len() - OLD_KINDS]))
    } else {
        let [payload, hashes] = fields.parts([payload, hashes])?;
        let empty = (OFFSET_BYTES * REQUEST_KINDS.len()) as u32;
        (payload, hashes, [empty; REQUEST_KINDS.len()].map(u32::to_le_bytes).concat())
    };
    let payload = widen(payload, PAYLOAD, &PAYLOAD_OFFSETS, &[None, Some(0)]);
    let fixed = (2 * OFFSET_BYTES + parent_beacon_block_root.len() + OFFSET_BYTES) as u32;
    let offsets = [fixed, fixed.saturating_add(payload.len() as u32), fixed.saturating_add((payload.len() + hashes.len()) as u32)];
    let [payload_offset, hashes_offset, requests_offset] = offsets.map(u32::to_le_bytes);
    Ok([&payload_offset[..], &hashes_offset, parent_beacon_block_root, &requests_offset, &payload, hashes, &requests].concat())
}

/// A container of an older fork, whose fixed part has `fixed` bytes with these offsets in it, with fields added at the end of that part: empty ones
/// of variable size, or numbers. Anything else stays as it is, for the reader to judge.
fn widen(container: &[u8], fixed: usize, offsets: &[usize], added: &[Option<u64>]) -> Vec<u8> {
    let offset = |at: usize| container.get(at..)?.first_chunk().map(|offset| u32::from_le_bytes(*offset));
    if offset(offsets[0]) != Some(fixed as u32) || container.len() < fixed {
        return container.to_vec();
    }
    let more: usize = added.iter().map(|field| if field.is_some() { 8 } else { OFFSET_BYTES }).sum();
    let (head, tail) = container.split_at(fixed);
    let mut widened = head.to_vec();
    for &at in offsets {
        let moved = offset(at).unwrap_or(u32::MAX).saturating_add(more as u32);
        widened[at..at + OFFSET_BYTES].copy_from_slice(&moved.to_le_bytes());
    }
    let end = u32::try_from(container.len() + more).unwrap_or(u32::MAX);
    for field in added {
        match field {
            Some(number) => widened.extend(number.to_le_bytes()),
            None => widened.extend(end.to_le_bytes()),
        }
    }
    widened.extend_from_slice(tail);
    widened
}
