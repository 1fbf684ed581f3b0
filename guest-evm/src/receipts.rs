//! Receipts: building, encoding, root and bloom.

use alloc::vec::Vec;

use alloy_consensus::{EthereumReceipt, TxType};
use alloy_evm::Evm;
use alloy_evm::eth::receipt_builder::{ReceiptBuilder, ReceiptBuilderCtx};
use alloy_primitives::map::{AddressMap, B256Map};
use alloy_primitives::{B256, Bloom, BloomInput, keccak256};
use alloy_rlp::Encodable;

use crate::block::Transaction;
use crate::rlp;
use crate::trie;

/// A receipt without its bloom, which is computed once, when the receipt is encoded.
pub type Receipt = EthereumReceipt<TxType>;

/// Builds [`Receipt`]s.
#[derive(Clone, Copy, Debug, Default)]
pub struct Builder;

impl ReceiptBuilder for Builder {
    type Transaction = Transaction;
    type Receipt = Receipt;

    fn build_receipt<E: Evm>(&self, ctx: ReceiptBuilderCtx<'_, TxType, E>) -> Receipt {
        Receipt {
            tx_type: ctx.tx_type,
            success: ctx.result.is_success(),
            cumulative_gas_used: ctx.cumulative_gas_used,
            logs: ctx.result.into_logs(),
        }
    }
}

/// The receipts root and the block's logs bloom.
pub fn root_and_bloom(receipts: &[Receipt]) -> (B256, Bloom) {
    let mut hashes = Hashes::default();
    let mut block_bloom = Bloom::ZERO;
    let encoded: Vec<Vec<u8>> = receipts
        .iter()
        .map(|receipt| {
            let bloom = bloom(receipt, &mut hashes);
            block_bloom |= bloom;
            encode(receipt, &bloom)
        })
        .collect();
    let items: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
    (trie::ordered_root(&items), block_bloom)
}

/// The receipt's logs bloom (yellow paper, section 4.3.1).
///
/// Equal to `receipt.bloom()`, which hashes everything anew.
fn bloom(receipt: &Receipt, hashes: &mut Hashes) -> Bloom {
    let mut bloom = Bloom::ZERO;
    for log in &receipt.logs {
        let address = hashes.addresses.entry(log.address).or_insert_with(|| keccak256(log.address));
        bloom.accrue(BloomInput::Hash(*address));
        for topic in log.topics() {
            let topic = hashes.topics.entry(*topic).or_insert_with(|| keccak256(topic));
            bloom.accrue(BloomInput::Hash(*topic));
        }
    }
    bloom
}

/// Keccak-256 of the addresses and topics seen so far: most recur within a block.
#[derive(Default)]
struct Hashes {
    addresses: AddressMap<B256>,
    topics: B256Map<B256>,
}

/// EIP-2718 encoding: the type byte unless legacy, then status, cumulative gas, bloom, logs.
fn encode(receipt: &Receipt, bloom: &Bloom) -> Vec<u8> {
    let logs: usize = receipt.logs.iter().map(Encodable::length).sum();
    let fields = receipt.success.length() + receipt.cumulative_gas_used.length() + bloom.length();
    let payload = fields + rlp::header_size(logs) + logs;
    let mut out = Vec::with_capacity(payload + 10);
    if receipt.tx_type != TxType::Legacy {
        out.push(receipt.tx_type as u8);
    }
    rlp::push_list_header(&mut out, payload);
    receipt.success.encode(&mut out);
    receipt.cumulative_gas_used.encode(&mut out);
    bloom.encode(&mut out);
    rlp::push_list_header(&mut out, logs);
    for log in &receipt.logs {
        log.encode(&mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloy_consensus::TxReceipt;
    use alloy_eips::eip2718::Encodable2718;
    use alloy_primitives::{Address, Bytes, Log};

    #[test]
    fn bloom_and_encoding_agree_with_alloy() {
        let mut hashes = Hashes::default();
        let log = |address: u8, topics: &[u8], data: &'static [u8]| {
            let topics = topics.iter().map(|&byte| B256::repeat_byte(byte)).collect();
            Log::new_unchecked(Address::repeat_byte(address), topics, Bytes::from_static(data))
        };
        let logs = vec![log(1, &[1, 2], b""), log(2, &[], b"data"), log(1, &[2, 1, 3], &[7; 100])];
        for (tx_type, success) in [(TxType::Legacy, true), (TxType::Eip1559, false), (TxType::Eip7702, true)] {
            for logs in [logs.clone(), vec![]] {
                let receipt = Receipt { tx_type, success, cumulative_gas_used: 21_000, logs };
                let ours = bloom(&receipt, &mut hashes);
                assert_eq!(ours, receipt.bloom());
                assert_eq!(encode(&receipt, &ours), receipt.into_with_bloom().encoded_2718());
            }
        }
    }
}
