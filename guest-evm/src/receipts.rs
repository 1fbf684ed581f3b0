//! Receipts: building, encoding, root and bloom.

use alloc::vec::Vec;

use alloy_consensus::{EthereumReceipt, TxReceipt, TxType};
use alloy_evm::Evm;
use alloy_evm::eth::receipt_builder::{ReceiptBuilder, ReceiptBuilderCtx};
use alloy_primitives::{B256, Bloom};
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
    let mut block_bloom = Bloom::ZERO;
    let encoded: Vec<Vec<u8>> = receipts
        .iter()
        .map(|receipt| {
            let bloom = receipt.bloom();
            block_bloom |= bloom;
            encode(receipt, &bloom)
        })
        .collect();
    let items: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
    (trie::ordered_root(&items), block_bloom)
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
