//! Blocks and headers: hex strings of RLP, or objects that are encoded again.

use core::fmt;
use std::string::String;
use std::vec::Vec;

use alloy_consensus::{Header, Transaction as _};
use alloy_eips::eip4895::Withdrawal;
use alloy_primitives::{B256, U256, keccak256};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::fields::{Fixed, HexBytes, Quantity, parse_hex};
use super::transaction::JsonTransaction;
use super::{AnswerError, read};
use crate::block::{decode_header, decode_transaction, encode, read_header as decode_block_header, split};
use crate::forks::Fork;
use crate::trie;

/// RLP, or an object with the same content.
#[derive(Debug)]
pub(super) enum Form {
    Rlp(Vec<u8>),
    Object(alloc::boxed::Box<JsonBlock>),
}

/// A block, or a header, which has the same fields without the last three.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonBlock {
    hash: Option<Fixed<32>>,
    parent_hash: Fixed<32>,
    sha3_uncles: Fixed<32>,
    miner: Fixed<20>,
    state_root: Fixed<32>,
    transactions_root: Fixed<32>,
    receipts_root: Fixed<32>,
    logs_bloom: Fixed<256>,
    difficulty: Quantity<U256>,
    number: Quantity<u64>,
    gas_limit: Quantity<u64>,
    gas_used: Quantity<u64>,
    timestamp: Quantity<u64>,
    extra_data: HexBytes,
    mix_hash: Fixed<32>,
    nonce: Fixed<8>,
    base_fee_per_gas: Option<Quantity<u64>>,
    withdrawals_root: Option<Fixed<32>>,
    blob_gas_used: Option<Quantity<u64>>,
    excess_blob_gas: Option<Quantity<u64>>,
    parent_beacon_block_root: Option<Fixed<32>>,
    requests_hash: Option<Fixed<32>>,
    // geth's name, and everyone else's.
    #[serde(alias = "balHash")]
    block_access_list_hash: Option<Fixed<32>>,
    slot_number: Option<Quantity<u64>>,
    transactions: Option<Vec<JsonTransaction>>,
    uncles: Option<Vec<IgnoredAny>>,
    withdrawals: Option<Vec<JsonWithdrawal>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonWithdrawal {
    index: Quantity<u64>,
    validator_index: Quantity<u64>,
    address: Fixed<20>,
    amount: Quantity<u64>,
}

/// The RLP of the block in an answer of `debug_getRawBlock` or `eth_getBlockBy…`, or in a bare hex string.
///
/// Its header decodes. Of an object, the hash and the roots of transactions and withdrawals are those that it states.
pub fn read_block(answer: &[u8]) -> Result<Vec<u8>, AnswerError> {
    match read_form(answer)? {
        Form::Rlp(block) => {
            decode_block_header(&block)?;
            Ok(block)
        }
        Form::Object(object) => object.encode(),
    }
}

/// The RLP of the header in an answer of `debug_getRawHeader` or `eth_getBlockBy…`, which may leave the transactions out.
pub fn read_header(answer: &[u8]) -> Result<Vec<u8>, AnswerError> {
    read_form(answer)?.header()
}

/// The chain for which the first transaction that names one is signed (EIP-155).
pub fn chain_id(block: &[u8]) -> Option<u64> {
    let (header, hash) = decode_block_header(block).ok()?;
    // The chain says which fork's rules hold: until it is known, those that let most transactions into a block.
    let block = split(block, header, hash, Fork::Amsterdam).ok()?;
    let mut transactions = block.transactions.iter().enumerate();
    transactions.find_map(|(index, raw)| decode_transaction(index, raw).ok()?.chain_id())
}

fn read_form(answer: &[u8]) -> Result<Form, AnswerError> {
    let text = answer.trim_ascii();
    if text.starts_with(b"0x") {
        let bytes = parse_hex(&String::from_utf8_lossy(text)).map_err(|error| AnswerError::Json(serde_json::Error::custom(error)))?;
        return Ok(Form::Rlp(bytes));
    }
    read(answer)
}

impl Form {
    /// The header's RLP. Of an object, its hash is what it states.
    pub(super) fn header(self) -> Result<Vec<u8>, AnswerError> {
        match self {
            Self::Rlp(header) => {
                decode_header("witness", &header)?;
                Ok(header)
            }
            Self::Object(object) => object.encode_header(),
        }
    }
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FormVisitor;
        impl<'de> Visitor<'de> for FormVisitor {
            type Value = Form;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a hex string of RLP, or an object")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Form, E> {
                parse_hex(text).map(Form::Rlp).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Form, A::Error> {
                JsonBlock::deserialize(MapAccessDeserializer::new(map)).map(|object| Form::Object(object.into()))
            }
        }
        deserializer.deserialize_any(FormVisitor)
    }
}

impl JsonBlock {
    fn header(&self) -> Header {
        Header {
            parent_hash: self.parent_hash.0,
            ommers_hash: self.sha3_uncles.0,
            beneficiary: self.miner.address(),
            state_root: self.state_root.0,
            transactions_root: self.transactions_root.0,
            receipts_root: self.receipts_root.0,
            logs_bloom: self.logs_bloom.0.into(),
            difficulty: self.difficulty.0,
            number: self.number.0,
            gas_limit: self.gas_limit.0,
            gas_used: self.gas_used.0,
            timestamp: self.timestamp.0,
            extra_data: self.extra_data.clone().into(),
            mix_hash: self.mix_hash.0,
            nonce: self.nonce.0,
            base_fee_per_gas: self.base_fee_per_gas.map(|fee| fee.0),
            withdrawals_root: self.withdrawals_root.map(|root| root.0),
            blob_gas_used: self.blob_gas_used.map(|gas| gas.0),
            excess_blob_gas: self.excess_blob_gas.map(|gas| gas.0),
            parent_beacon_block_root: self.parent_beacon_block_root.map(|root| root.0),
            requests_hash: self.requests_hash.map(|hash| hash.0),
            block_access_list_hash: self.block_access_list_hash.map(|hash| hash.0),
            slot_number: self.slot_number.map(|slot| slot.0),
        }
    }

    fn encode_header(&self) -> Result<Vec<u8>, AnswerError> {
        let raw = alloy_rlp::encode(self.header());
        if let Some(stated) = self.hash {
            check("hash", stated.0, keccak256(&raw))?;
        }
        Ok(raw)
    }

    fn encode(self) -> Result<Vec<u8>, AnswerError> {
        let header = self.encode_header()?;
        if self.uncles.is_some_and(|uncles| !uncles.is_empty()) {
            return Err(AnswerError::Ommers);
        }
        let encode_one = |(index, transaction): (usize, JsonTransaction)| {
            transaction.encode().map_err(|reason| AnswerError::Transaction { index, reason })
        };
        let transactions = self.transactions.ok_or(AnswerError::Missing("transactions"))?;
        let transactions: Vec<_> = transactions.into_iter().enumerate().map(encode_one).collect::<Result<_, _>>()?;
        let withdrawals = self.withdrawals.ok_or(AnswerError::Missing("withdrawals"))?;
        let withdrawals: Vec<_> = withdrawals.into_iter().map(JsonWithdrawal::encode).collect();
        check("transactionsRoot", self.transactions_root.0, root(&transactions))?;
        check("withdrawalsRoot", self.withdrawals_root.map_or(B256::ZERO, |root| root.0), root(&withdrawals))?;
        Ok(encode(&header, &transactions, &withdrawals))
    }
}

impl JsonWithdrawal {
    fn encode(self) -> Vec<u8> {
        alloy_rlp::encode(Withdrawal {
            index: self.index.0,
            validator_index: self.validator_index.0,
            address: self.address.address(),
            amount: self.amount.0,
        })
    }
}

fn root(items: &[Vec<u8>]) -> B256 {
    trie::ordered_root(&items.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn check(what: &'static str, stated: B256, computed: B256) -> Result<(), AnswerError> {
    if stated == computed { Ok(()) } else { Err(AnswerError::Hash { what, stated, computed }) }
}
