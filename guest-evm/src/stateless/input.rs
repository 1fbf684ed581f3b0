//! `StatelessInput`, borrowed from its SSZ encoding.

use alloc::vec::Vec;

use super::ssz::{Container, SszError, byte_lists, check_limit, fixed_list};

/// Size of a withdrawal: index, validator index, address, amount.
pub const WITHDRAWAL_BYTES: usize = 44;
/// Size of an uncompressed public key: 4, then x and y.
pub const PUBLIC_KEY_BYTES: usize = 65;

const MAX_EXTRA_DATA: usize = 32;
const MAX_HEADERS: usize = 256;
const MAX_HEADER_BYTES: usize = 1 << 10;

/// The two layouts that stateless inputs came in. The frame is the same; limits and Merkle trees differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// EIP-8025's: progressive containers and lists, typed requests.
    Progressive,
    /// That of the fixtures of tests-zkevm v0.3.3: plain containers, lists with limits, requests as EIP-7685 encodes them.
    Plain,
}

/// The most elements of the lists that are progressive in one layout and limited in the other.
pub(super) struct Limits {
    pub transactions: usize,
    pub transaction_bytes: usize,
    pub withdrawals: usize,
    pub access_list_bytes: usize,
    pub versioned_hashes: usize,
    pub requests: usize,
    pub request_bytes: usize,
    nodes: usize,
    node_bytes: usize,
    codes: usize,
    code_bytes: usize,
    public_keys: usize,
}

const UNLIMITED: usize = usize::MAX;

const PROGRESSIVE: Limits = Limits {
    transactions: UNLIMITED,
    transaction_bytes: UNLIMITED,
    withdrawals: UNLIMITED,
    access_list_bytes: UNLIMITED,
    versioned_hashes: UNLIMITED,
    requests: UNLIMITED,
    request_bytes: UNLIMITED,
    nodes: UNLIMITED,
    node_bytes: 1 << 10,
    codes: UNLIMITED,
    code_bytes: 1 << 16,
    public_keys: UNLIMITED,
};

const PLAIN: Limits = Limits {
    transactions: 1 << 20,
    transaction_bytes: 1 << 30,
    withdrawals: 1 << 16,
    access_list_bytes: 1 << 24,
    versioned_hashes: 4_096,
    requests: 16,
    request_bytes: 1 << 30,
    nodes: 1 << 20,
    node_bytes: 1 << 20,
    codes: 1 << 16,
    code_bytes: 1 << 24,
    public_keys: 1 << 20,
};

impl Layout {
    pub(super) const fn limits(self) -> &'static Limits {
        match self {
            Self::Progressive => &PROGRESSIVE,
            Self::Plain => &PLAIN,
        }
    }
}

/// All that a stateless validation needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatelessInput<'a> {
    /// What the consensus layer asks about.
    pub request: NewPayloadRequest<'a>,
    /// The part of the state that the payload reads.
    pub witness: ExecutionWitness<'a>,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The transactions' signers, in their order. None, in the plain layout alone, if the list is empty: then they are recovered.
    pub public_keys: Option<&'a [[u8; PUBLIC_KEY_BYTES]]>,
}

/// The Engine API's request to validate a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayloadRequest<'a> {
    /// The block.
    pub payload: ExecutionPayload<'a>,
    /// Versioned hashes of all blobs, in the transactions' order (EIP-4844).
    pub versioned_hashes: &'a [[u8; 32]],
    /// Root of the parent beacon block (EIP-4788).
    pub parent_beacon_block_root: &'a [u8; 32],
    /// Requests to the consensus layer (EIP-7685).
    pub requests: ExecutionRequests<'a>,
}

/// A block without the roots of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of `ExecutionPayload` in EIP-8025, which are those of a block header")]
pub struct ExecutionPayload<'a> {
    pub parent_hash: &'a [u8; 32],
    pub fee_recipient: &'a [u8; 20],
    pub state_root: &'a [u8; 32],
    pub receipts_root: &'a [u8; 32],
    pub logs_bloom: &'a [u8; 256],
    pub prev_randao: &'a [u8; 32],
    pub block_number: u64,
    pub gas_limit: u64,
    pub gas_used: u64,
    pub timestamp: u64,
    pub extra_data: &'a [u8],
    /// A little-endian number of 256 bits.
    pub base_fee_per_gas: &'a [u8; 32],
    pub block_hash: &'a [u8; 32],
    /// EIP-2718 encodings.
    pub transactions: Vec<&'a [u8]>,
    pub withdrawals: &'a [[u8; WITHDRAWAL_BYTES]],
    pub blob_gas_used: u64,
    pub excess_blob_gas: u64,
    /// RLP of the block access list (EIP-7928).
    pub block_access_list: &'a [u8],
    pub slot_number: u64,
}

/// Requests to the consensus layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionRequests<'a> {
    /// For each of [`REQUEST_KINDS`], the requests one after another. SSZ encodes them as the system contracts do.
    Typed([&'a [u8]; REQUEST_KINDS.len()]),
    /// Requests as EIP-7685 encodes them: a type, then data.
    Encoded(Vec<&'a [u8]>),
}

/// A kind of request.
#[derive(Clone, Copy, Debug)]
pub struct RequestKind {
    /// Name of the list of these.
    pub name: &'static str,
    /// EIP-7685 type.
    pub type_byte: u8,
    /// Sizes of a request's fields in bytes.
    pub fields: &'static [usize],
}

impl RequestKind {
    /// Size of a request in bytes.
    pub const fn size(&self) -> usize {
        let (mut size, mut field) = (0, 0);
        while field < self.fields.len() {
            size += self.fields[field];
            field += 1;
        }
        size
    }
}

/// The kinds of requests, by ascending type: EIP-6110, EIP-7002, EIP-7251 and, twice, EIP-8282.
pub const REQUEST_KINDS: [RequestKind; 5] = [
    RequestKind { name: "deposits", type_byte: 0, fields: &[48, 32, 8, 96, 8] },
    RequestKind { name: "withdrawal requests", type_byte: 1, fields: &[20, 48, 8] },
    RequestKind { name: "consolidations", type_byte: 2, fields: &[20, 48, 48] },
    RequestKind { name: "builder deposits", type_byte: 3, fields: &[48, 32, 8, 96] },
    RequestKind { name: "builder exits", type_byte: 4, fields: &[20, 48] },
];

/// What execution reads of the state and of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionWitness<'a> {
    /// Trie nodes, in any order.
    pub state: Vec<&'a [u8]>,
    /// Contract codes, in any order.
    pub codes: Vec<&'a [u8]>,
    /// RLP headers by ascending number, the parent last.
    pub headers: Vec<&'a [u8]>,
}

impl<'a> StatelessInput<'a> {
    /// Reads the SSZ encoding, without a schema id before it.
    pub fn decode(bytes: &'a [u8], layout: Layout) -> Result<Self, SszError> {
        let mut fields = Container::new("stateless input", bytes);
        let (request, witness) = (fields.offset()?, fields.offset()?);
        let chain_id = fields.uint64()?;
        let public_keys = fields.offset()?;
        let [request, witness, public_keys] = fields.parts([request, witness, public_keys])?;
        let public_keys = fixed_list("public keys", public_keys, layout.limits().public_keys)?;
        Ok(Self {
            request: NewPayloadRequest::decode(request, layout)?,
            witness: ExecutionWitness::decode(witness, layout.limits())?,
            chain_id,
            public_keys: (layout == Layout::Progressive || !public_keys.is_empty()).then_some(public_keys),
        })
    }
}

impl<'a> NewPayloadRequest<'a> {
    pub(super) fn decode(bytes: &'a [u8], layout: Layout) -> Result<Self, SszError> {
        let limits = layout.limits();
        let mut fields = Container::new("new payload request", bytes);
        let (payload, versioned_hashes) = (fields.offset()?, fields.offset()?);
        let parent_beacon_block_root = fields.fixed()?;
        let requests = fields.offset()?;
        let [payload, versioned_hashes, requests] = fields.parts([payload, versioned_hashes, requests])?;
        Ok(Self {
            payload: ExecutionPayload::decode(payload, limits)?,
            versioned_hashes: fixed_list("versioned hashes", versioned_hashes, limits.versioned_hashes)?,
            parent_beacon_block_root,
            requests: match layout {
                Layout::Progressive => ExecutionRequests::Typed(decode_typed_requests(requests)?),
                Layout::Plain => {
                    ExecutionRequests::Encoded(byte_lists("execution requests", requests, limits.requests, limits.request_bytes)?)
                }
            },
        })
    }
}

impl<'a> ExecutionPayload<'a> {
    fn decode(bytes: &'a [u8], limits: &Limits) -> Result<Self, SszError> {
        let mut fields = Container::new("execution payload", bytes);
        let mut payload = Self {
            parent_hash: fields.fixed()?,
            fee_recipient: fields.fixed()?,
            state_root: fields.fixed()?,
            receipts_root: fields.fixed()?,
            logs_bloom: fields.fixed()?,
            prev_randao: fields.fixed()?,
            block_number: fields.uint64()?,
            gas_limit: fields.uint64()?,
            gas_used: fields.uint64()?,
            timestamp: fields.uint64()?,
            extra_data: &[],
            base_fee_per_gas: &[0; 32],
            block_hash: &[0; 32],
            transactions: Vec::new(),
            withdrawals: &[],
            blob_gas_used: 0,
            excess_blob_gas: 0,
            block_access_list: &[],
            slot_number: 0,
        };
        let extra_data = fields.offset()?;
        payload.base_fee_per_gas = fields.fixed()?;
        payload.block_hash = fields.fixed()?;
        let (transactions, withdrawals) = (fields.offset()?, fields.offset()?);
        payload.blob_gas_used = fields.uint64()?;
        payload.excess_blob_gas = fields.uint64()?;
        let block_access_list = fields.offset()?;
        payload.slot_number = fields.uint64()?;
        let [extra_data, transactions, withdrawals, block_access_list] =
            fields.parts([extra_data, transactions, withdrawals, block_access_list])?;
        check_limit("extra data", extra_data.len(), MAX_EXTRA_DATA)?;
        check_limit("block access list", block_access_list.len(), limits.access_list_bytes)?;
        payload.extra_data = extra_data;
        payload.transactions = byte_lists("transactions", transactions, limits.transactions, limits.transaction_bytes)?;
        payload.withdrawals = fixed_list("withdrawals", withdrawals, limits.withdrawals)?;
        payload.block_access_list = block_access_list;
        Ok(payload)
    }
}

fn decode_typed_requests(bytes: &[u8]) -> Result<[&[u8]; REQUEST_KINDS.len()], SszError> {
    let mut fields = Container::new("execution requests", bytes);
    let mut offsets = [0; REQUEST_KINDS.len()];
    for offset in &mut offsets {
        *offset = fields.offset()?;
    }
    let lists = fields.parts(offsets)?;
    for (kind, list) in REQUEST_KINDS.iter().zip(lists) {
        if !list.len().is_multiple_of(kind.size()) {
            return Err(SszError::Elements { what: kind.name, element: kind.size(), got: list.len() });
        }
    }
    Ok(lists)
}

impl<'a> ExecutionWitness<'a> {
    fn decode(bytes: &'a [u8], limits: &Limits) -> Result<Self, SszError> {
        let mut fields = Container::new("execution witness", bytes);
        let offsets = [fields.offset()?, fields.offset()?, fields.offset()?];
        let [state, codes, headers] = fields.parts(offsets)?;
        Ok(Self {
            state: byte_lists("trie nodes", state, limits.nodes, limits.node_bytes)?,
            codes: byte_lists("codes", codes, limits.codes, limits.code_bytes)?,
            headers: byte_lists("headers", headers, MAX_HEADERS, MAX_HEADER_BYTES)?,
        })
    }
}
