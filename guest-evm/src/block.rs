//! The parts of a block's RLP, borrowed.

use alloc::vec::Vec;

use alloy_consensus::{EthereumTxEnvelope, Header, TxEip4844};
use alloy_eips::eip2718::Decodable2718;
use alloy_eips::eip4895::Withdrawal;
use alloy_primitives::{B256, keccak256};
use alloy_rlp::Decodable;

use crate::error::Invalid;
use crate::forks::Fork;
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
    pub raw_withdrawals: Vec<&'a [u8]>,
    /// The withdrawals, decoded.
    pub withdrawals: Vec<Withdrawal>,
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
/// `header` and `hash` are what [`read_header`] gave, `fork` holds at the header's time. Whatever the body holds, this takes a number of steps that is linear
/// in its size, and stops at the first transaction beyond what the gas limit can pay for and at the first withdrawal that
/// does not decode. The rules of execution set no bound to the number of withdrawals: their root is linear in it too.
pub fn split(block: &[u8], header: Header, hash: B256, fork: Fork) -> Result<RawBlock<'_>, Invalid> {
    let bad = |part| move |error| Invalid::BlockRlp { part, error };
    let mut parts = rlp::whole_list(block).map_err(bad("block"))?;
    rlp::next_list(&mut parts).map_err(bad("header"))?;
    let transactions = rlp::next_list(&mut parts).map_err(bad("transactions"))?;
    let ommers = rlp::next_list(&mut parts).map_err(bad("ommers"))?.payload;
    let withdrawals = rlp::next_list(&mut parts).map_err(bad("withdrawals"))?;
    if !parts.is_empty() {
        return Err(bad("block")(RlpError::WrongSize));
    }
    let transactions = split_transactions(transactions.payload, header.gas_limit, fork)?;
    let (raw_withdrawals, withdrawals) = split_withdrawals(withdrawals.payload)?;
    Ok(RawBlock { header, hash, transactions, ommers, raw_withdrawals, withdrawals })
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

    Transaction::decode_2718_exact(raw).map_err(|error| match oversized_fee(raw) {
        Some(fee) => Invalid::FeeTooLarge { index, fee },
        None => Invalid::TransactionRlp { index, error: error.to_string() },
    })
}

/// The fee of a transaction that does not fit 128 bits, if there is one.
fn oversized_fee(raw: &[u8]) -> Option<&'static str> {
    const GAS_PRICE: &str = "gas price";
    const DYNAMIC: [(usize, &str); 2] = [(2, "max priority fee per gas"), (3, "max fee per gas")];
    const BLOB: [(usize, &str); 3] = [DYNAMIC[0], DYNAMIC[1], (9, "max fee per blob gas")];
    let (mut list, fees): (&[u8], &[(usize, &'static str)]) = match raw {
        [0xc0..=0xff, ..] => (raw, &[(1, GAS_PRICE)]),
        [1, list @ ..] => (list, &[(2, GAS_PRICE)]),
        [2 | 4, list @ ..] => (list, &DYNAMIC),
        [3, list @ ..] => (list, &BLOB),
        _ => return None,
    };
    let mut fields = rlp::next_list(&mut list).ok()?.payload;
    let mut place = 0;
    while let Ok(field) = rlp::next_item(&mut fields) {
        let is_oversized = !field.is_list && (17..=32).contains(&field.payload.len()) && field.payload[0] != 0;
        if let Some((_, name)) = fees.iter().find(|(fee, _)| is_oversized && *fee == place) {
            return Some(name);
        }
        place += 1;
    }
    None
}

/// Checks that the gas limit pays for `count` transactions.
pub(crate) fn check_transaction_count(count: usize, gas_limit: u64, fork: Fork) -> Result<(), Invalid> {
    let most = gas_limit / fork.min_transaction_gas();
    if count as u64 > most { Err(Invalid::TooManyTransactions { gas_limit, most }) } else { Ok(()) }
}

/// A legacy transaction stands as a list, a typed one as a string that starts with its type.
fn split_transactions(mut list: &[u8], gas_limit: u64, fork: Fork) -> Result<Vec<&[u8]>, Invalid> {
    let bad = |error| Invalid::BlockRlp { part: "transactions", error };
    let mut transactions = Vec::new();
    while !list.is_empty() {
        check_transaction_count(transactions.len() + 1, gas_limit, fork)?;
        let item = rlp::next_item(&mut list).map_err(bad)?;
        transactions.push(match (item.is_list, item.payload) {
            (true, _) => item.raw,
            (false, [0..=0x7f, ..]) => item.payload,
            (false, _) => return Err(bad(RlpError::WrongKind)),
        });
    }
    Ok(transactions)
}

/// The withdrawals as they stand and decoded.
fn split_withdrawals(mut list: &[u8]) -> Result<(Vec<&[u8]>, Vec<Withdrawal>), Invalid> {
    let (mut raw, mut decoded) = (Vec::new(), Vec::new());
    while !list.is_empty() {
        let item = rlp::next_list(&mut list).map_err(|error| Invalid::BlockRlp { part: "withdrawals", error })?;
        let withdrawal = Withdrawal::decode(&mut &*item.raw).map_err(|error| Invalid::WithdrawalRlp(raw.len(), error))?;
        raw.push(item.raw);
        decoded.push(withdrawal);
    }
    Ok((raw, decoded))
}

/// Encodes a block from the RLP of its header, EIP-2718 transactions and the RLP of its withdrawals.
#[cfg(feature = "host")]
pub fn encode(header: &[u8], transactions: &[Vec<u8>], withdrawals: &[Vec<u8>]) -> Vec<u8> {
    let mut list = Vec::new();
    for transaction in transactions {
        match transaction.first() {
            // A legacy transaction is a list of its own.
            Some(0xc0..) => list.extend_from_slice(transaction),
            _ => rlp::push_string(&mut list, transaction),
        }
    }
    let mut payload = header.to_vec();
    for list in [list, Vec::new(), withdrawals.concat()] {
        rlp::push_list_header(&mut payload, list.len());
        payload.extend_from_slice(&list);
    }
    let mut out = Vec::new();
    rlp::push_list_header(&mut out, payload.len());
    out.extend_from_slice(&payload);
    out
}
