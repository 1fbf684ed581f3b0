//! Hash tree roots of a payload request and its parts.

use alloc::vec::Vec;

use alloy_primitives::B256;

use super::input::{ExecutionPayload, ExecutionRequests, Layout, NewPayloadRequest, REQUEST_KINDS};
use super::merkle::{chunks, depth, merkleize, merkleize_progressive, mix_in_active_fields, mix_in_length, uint64};

/// Sizes of a withdrawal's fields in bytes.
const WITHDRAWAL_FIELDS: [usize; 4] = [8, 8, 20, 8];

impl NewPayloadRequest<'_> {
    /// The hash tree root, which names the request.
    pub fn root(&self, layout: Layout) -> B256 {
        let hashes = self.versioned_hashes.iter().copied().map(B256::new);
        let fields = [
            self.payload.root(layout),
            layout.list(hashes, self.versioned_hashes.len(), layout.limits().versioned_hashes),
            B256::new(*self.parent_beacon_block_root),
            self.requests.root(layout),
        ];
        merkleize(fields, depth(fields.len()))
    }
}

impl ExecutionPayload<'_> {
    fn root(&self, layout: Layout) -> B256 {
        let limits = layout.limits();
        let transactions = self.transactions.iter().map(|bytes| layout.byte_list(bytes, limits.transaction_bytes));
        let withdrawals = self.withdrawals.iter().map(|withdrawal| record(withdrawal, &WITHDRAWAL_FIELDS));
        let extra_data = merkleize(chunks(self.extra_data), 0);
        layout.container(&[
            B256::new(*self.parent_hash),
            vector(self.fee_recipient),
            B256::new(*self.state_root),
            B256::new(*self.receipts_root),
            vector(self.logs_bloom),
            B256::new(*self.prev_randao),
            uint64(self.block_number),
            uint64(self.gas_limit),
            uint64(self.gas_used),
            uint64(self.timestamp),
            mix_in_length(&extra_data, self.extra_data.len()),
            B256::new(*self.base_fee_per_gas),
            B256::new(*self.block_hash),
            layout.list(transactions, self.transactions.len(), limits.transactions),
            layout.list(withdrawals, self.withdrawals.len(), limits.withdrawals),
            uint64(self.blob_gas_used),
            uint64(self.excess_blob_gas),
            layout.byte_list(self.block_access_list, limits.access_list_bytes),
            uint64(self.slot_number),
        ])
    }
}

impl ExecutionRequests<'_> {
    fn root(&self, layout: Layout) -> B256 {
        let limits = layout.limits();
        match self {
            Self::Typed(lists) => {
                let roots: Vec<B256> = REQUEST_KINDS
                    .iter()
                    .zip(lists)
                    .map(|(kind, list)| {
                        let requests = list.chunks_exact(kind.size());
                        let count = requests.len();
                        layout.list(requests.map(|request| record(request, kind.fields)), count, limits.requests)
                    })
                    .collect();
                layout.container(&roots)
            }
            Self::Encoded(requests) => {
                let roots = requests.iter().map(|request| layout.byte_list(request, limits.request_bytes));
                layout.list(roots, requests.len(), limits.requests)
            }
        }
    }
}

impl Layout {
    /// A list of at most `limit` bytes.
    fn byte_list(self, bytes: &[u8], limit: usize) -> B256 {
        self.list(chunks(bytes), bytes.len(), limit.div_ceil(32))
    }

    /// A list of `length` elements on at most `max_leaves` leaves, which count in the plain layout only.
    fn list(self, leaves: impl Iterator<Item = B256>, length: usize, max_leaves: usize) -> B256 {
        let root = match self {
            Self::Progressive => merkleize_progressive(leaves),
            Self::Plain => merkleize(leaves, depth(max_leaves)),
        };
        mix_in_length(&root, length)
    }

    fn container(self, fields: &[B256]) -> B256 {
        let leaves = fields.iter().copied();
        match self {
            Self::Progressive => mix_in_active_fields(&merkleize_progressive(leaves), fields.len() as u32),
            Self::Plain => merkleize(leaves, depth(fields.len())),
        }
    }
}

/// A plain container of byte vectors and numbers with these sizes.
fn record(mut bytes: &[u8], fields: &[usize]) -> B256 {
    let leaves = fields.iter().map(|&size| {
        let (field, rest) = bytes.split_at(size.min(bytes.len()));
        bytes = rest;
        vector(field)
    });
    merkleize(leaves, depth(fields.len()))
}

/// A byte vector.
fn vector(bytes: &[u8]) -> B256 {
    merkleize(chunks(bytes), depth(bytes.len().div_ceil(32)))
}
