//! The parts of a block's RLP, borrowed.

use alloc::vec::Vec;

use alloy_consensus::{EthereumTxEnvelope, Header, TxEip4844};
use alloy_eips::eip2718::Decodable2718;
use alloy_eips::eip4895::Withdrawal;
use alloy_primitives::{B256, keccak256};
use alloy_rlp::Decodable;

use crate::error::Invalid;
use crate::rlp::{self, RlpError};

/// A transaction as it stands in a block (no blob sidecar).
pub type Transaction = EthereumTxEnvelope<TxEip4844>;

/// A block's header, decoded, and its other parts as raw items.
#[derive(Debug)]
pub struct RawBlock<'a> {
    /// The header.
    pub header: Header,
    /// Keccak-256 of the header's RLP.
    pub hash: B256,
    /// EIP-2718 encodings.
    pub transactions: Vec<&'a [u8]>,
    /// Raw headers of ommers.
    pub ommers: &'a [u8],
    /// RLP of each withdrawal.
    pub withdrawals: Vec<&'a [u8]>,
}

/// Decodes the block's header and hashes it, whatever the rest looks like.
pub fn read_header(block: &[u8]) -> Result<(Header, B256), Invalid> {
    let bad = |error| Invalid::BlockRlp { part: "header", error };
    let mut parts = rlp::whole_list(block).map_err(bad)?;
    let header = rlp::next_list(&mut parts).map_err(bad)?;
    Ok((decode_header("block", header.raw)?, keccak256(header.raw)))
}

/// Splits a block's RLP: header, transactions, ommers, withdrawals.
///
/// `header` and `hash` are what [`read_header`] gave.
pub fn split(block: &[u8], header: Header, hash: B256) -> Result<RawBlock<'_>, Invalid> {
    let bad = |part| move |error| Invalid::BlockRlp { part, error };
    let mut parts = rlp::whole_list(block).map_err(bad("block"))?;
    rlp::next_list(&mut parts).map_err(bad("header"))?;
    let transactions = rlp::next_list(&mut parts).map_err(bad("transactions"))?;
    let ommers = rlp::next_list(&mut parts).map_err(bad("ommers"))?.payload;
    let withdrawals = rlp::next_list(&mut parts).map_err(bad("withdrawals"))?;
    if !parts.is_empty() {
        return Err(bad("block")(RlpError::WrongSize));
    }
    Ok(RawBlock {
        header,
        hash,
        transactions: split_transactions(transactions.payload).map_err(bad("transactions"))?,
        ommers,
        withdrawals: split_withdrawals(withdrawals.payload).map_err(bad("withdrawals"))?,
    })
}

/// Decodes a header that must fill `raw`.
pub fn decode_header(which: &'static str, mut raw: &[u8]) -> Result<Header, Invalid> {
    let header = Header::decode(&mut raw).map_err(|error| Invalid::HeaderRlp(which, error))?;
    match raw {
        [] => Ok(header),
        _ => Err(Invalid::HeaderRlp(which, alloy_rlp::Error::UnexpectedLength)),
    }
}

/// Decodes the transaction at `index` of the block.
pub fn decode_transaction(index: usize, raw: &[u8]) -> Result<Transaction, Invalid> {
    use alloc::string::ToString;

    Transaction::decode_2718_exact(raw).map_err(|error| Invalid::TransactionRlp { index, error: error.to_string() })
}

/// Decodes all withdrawals.
pub fn decode_withdrawals(raw: &[&[u8]]) -> Result<Vec<Withdrawal>, Invalid> {
    raw.iter()
        .enumerate()
        .map(|(index, raw)| Withdrawal::decode(&mut &**raw).map_err(|error| Invalid::WithdrawalRlp(index, error)))
        .collect()
}

/// A legacy transaction stands as a list, a typed one as a string that starts with its type.
fn split_transactions(mut list: &[u8]) -> Result<Vec<&[u8]>, RlpError> {
    let mut transactions = Vec::new();
    while !list.is_empty() {
        let item = rlp::next_item(&mut list)?;
        transactions.push(match (item.is_list, item.payload) {
            (true, _) => item.raw,
            (false, [0..=0x7f, ..]) => item.payload,
            (false, _) => return Err(RlpError::WrongKind),
        });
    }
    Ok(transactions)
}

fn split_withdrawals(mut list: &[u8]) -> Result<Vec<&[u8]>, RlpError> {
    let mut withdrawals = Vec::new();
    while !list.is_empty() {
        withdrawals.push(rlp::next_list(&mut list)?.raw);
    }
    Ok(withdrawals)
}
