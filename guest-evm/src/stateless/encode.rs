//! Writing the SSZ encoding of a [`StatelessInput`].

use alloc::vec::Vec;

use super::Schema;
use super::input::{ExecutionPayload, ExecutionRequests, ExecutionWitness, NewPayloadRequest, StatelessInput};
use super::ssz::OFFSET_BYTES;

/// A container's or a list's parts, in order.
#[derive(Default)]
struct Writer {
    fixed: Vec<u8>,
    /// Where in the fixed part the offset of each part of variable size belongs, and the part.
    variable: Vec<(usize, Vec<u8>)>,
}

impl Writer {
    fn fixed(mut self, bytes: &[u8]) -> Self {
        self.fixed.extend_from_slice(bytes);
        self
    }

    fn uint64(self, number: u64) -> Self {
        self.fixed(&number.to_le_bytes())
    }

    fn variable(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.variable.push((self.fixed.len(), bytes.into()));
        self.fixed(&[0; OFFSET_BYTES])
    }

    /// # Panics
    ///
    /// If the encoding has 4 GiB or more, for which SSZ has no offsets.
    fn finish(mut self) -> Vec<u8> {
        let mut parts = Vec::new();
        for (place, part) in self.variable {
            let offset = u32::try_from(self.fixed.len() + parts.len()).expect("SSZ has offsets below 4 GiB only");
            self.fixed[place..place + OFFSET_BYTES].copy_from_slice(&offset.to_le_bytes());
            parts.extend(part);
        }
        self.fixed.extend(parts);
        self.fixed
    }
}

fn byte_lists(lists: &[&[u8]]) -> Vec<u8> {
    lists.iter().fold(Writer::default(), |writer, list| writer.variable(*list)).finish()
}

impl StatelessInput<'_> {
    /// `statelessInputBytes`: the schema's id, then the SSZ encoding.
    ///
    /// # Panics
    ///
    /// If the encoding has 4 GiB or more, for which SSZ has no offsets.
    pub fn encode(&self, schema: Schema) -> Vec<u8> {
        let mut out = schema.id().to_be_bytes().to_vec();
        out.extend(self.encode_ssz());
        out
    }

    /// The SSZ encoding alone, in the layout of the requests.
    ///
    /// # Panics
    ///
    /// See [`Self::encode`].
    pub fn encode_ssz(&self) -> Vec<u8> {
        Writer::default()
            .variable(self.request.encode())
            .variable(self.witness.encode())
            .uint64(self.chain_id)
            .variable(self.public_keys.unwrap_or_default().as_flattened())
            .finish()
    }
}

impl NewPayloadRequest<'_> {
    fn encode(&self) -> Vec<u8> {
        Writer::default()
            .variable(self.payload.encode())
            .variable(self.versioned_hashes.as_flattened())
            .fixed(self.parent_beacon_block_root)
            .variable(match &self.requests {
                ExecutionRequests::Typed(lists) => byte_lists(lists),
                ExecutionRequests::Encoded(requests) => byte_lists(requests),
            })
            .finish()
    }
}

impl ExecutionPayload<'_> {
    fn encode(&self) -> Vec<u8> {
        Writer::default()
            .fixed(self.parent_hash)
            .fixed(self.fee_recipient)
            .fixed(self.state_root)
            .fixed(self.receipts_root)
            .fixed(self.logs_bloom)
            .fixed(self.prev_randao)
            .uint64(self.block_number)
            .uint64(self.gas_limit)
            .uint64(self.gas_used)
            .uint64(self.timestamp)
            .variable(self.extra_data)
            .fixed(self.base_fee_per_gas)
            .fixed(self.block_hash)
            .variable(byte_lists(&self.transactions))
            .variable(self.withdrawals.as_flattened())
            .uint64(self.blob_gas_used)
            .uint64(self.excess_blob_gas)
            .variable(self.block_access_list)
            .uint64(self.slot_number)
            .finish()
    }
}

impl ExecutionWitness<'_> {
    fn encode(&self) -> Vec<u8> {
        let lists = [&self.state, &self.codes, &self.headers];
        lists.into_iter().fold(Writer::default(), |writer, list| writer.variable(byte_lists(list))).finish()
    }
}
