//! What each node answers about a block. `vectors/` has what another implementation makes of some.

use alloy_consensus::{Block, EthereumTxEnvelope, Header, Transaction as _, TxEip4844, Typed2718 as _};
use alloy_primitives::{U256, hex, keccak256};
use alloy_rlp::Decodable;
use serde_json::{Map, Value, json};
use tern_guest_evm::json::BlockFile;

/// A node, by the shape of its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// Lists, RLP headers oldest first, keys.
    Reth,
    /// Lists, headers as objects with nulls, keys null.
    Geth,
    /// Lists, RLP headers newest first, keys.
    Nethermind,
    /// As reth, but without the parent's header: only what BLOCKHASH needs.
    Erigon,
    /// Maps from hash to bytes, and no headers, as reth and op-geth once had it.
    Maps,
}

impl Node {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Reth, Self::Geth, Self::Nethermind, Self::Erigon, Self::Maps];

    /// Its result of `debug_executionWitness`.
    pub fn witness(self, file: &BlockFile) -> Value {
        let witness = &file.witness;
        let newest_first = headers_newest_first(file);
        let oldest_first: Vec<_> = newest_first.iter().rev().cloned().collect();
        let keys = json!(["0x00000000219ab540356cbb839cbe05303d7705fa"]);
        match self {
            Self::Reth => json!({ "state": witness.state, "codes": witness.codes, "keys": keys, "headers": oldest_first }),
            Self::Nethermind => json!({ "codes": witness.codes, "headers": newest_first, "keys": keys, "state": witness.state }),
            Self::Erigon if newest_first.len() == 1 => json!({ "state": witness.state, "codes": witness.codes, "keys": keys }),
            Self::Erigon => {
                json!({ "state": witness.state, "codes": witness.codes, "keys": keys, "headers": oldest_first[..oldest_first.len() - 1] })
            }
            Self::Geth => {
                let headers: Vec<_> = oldest_first.iter().map(|header| geth_header(&decode(header))).collect();
                json!({ "headers": headers, "codes": witness.codes, "state": witness.state, "keys": null })
            }
            Self::Maps => json!({ "state": by_hash(&witness.state), "codes": by_hash(&witness.codes), "keys": {} }),
        }
    }
}

/// A result in the envelope of JSON-RPC.
pub fn envelope(result: &Value) -> Vec<u8> {
    json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string().into_bytes()
}

/// A transaction as it stands in a block.
type Transaction = EthereumTxEnvelope<TxEip4844>;

/// The block of `eth_getBlockBy…`, with full transactions.
pub fn block_object(block: &[u8]) -> Value {
    let block = Block::<Transaction>::decode(&mut &*block).expect("a block");
    let mut object = header_object(&alloy_rlp::encode(&block.header));
    object["transactions"] = block.body.transactions.iter().map(transaction_object).collect();
    object["uncles"] = json!([]);
    object["size"] = json!("0x1234");
    object["totalDifficulty"] = json!("0xc70d815d562d3cfa955");
    let withdrawals = block.body.withdrawals.expect("withdrawals");
    let withdrawal = |withdrawal: &alloy_eips::eip4895::Withdrawal| {
        json!({
            "index": number(withdrawal.index),
            "validatorIndex": number(withdrawal.validator_index),
            "address": bytes(withdrawal.address),
            "amount": number(withdrawal.amount),
        })
    };
    object["withdrawals"] = withdrawals.iter().map(withdrawal).collect();
    object
}

/// The block of `eth_getBlockBy…` without its body.
pub fn header_object(raw: &[u8]) -> Value {
    let header = Header::decode(&mut &*raw).expect("a header");
    let required = json!({
        "hash": bytes(keccak256(raw)),
        "parentHash": bytes(header.parent_hash),
        "sha3Uncles": bytes(header.ommers_hash),
        "miner": bytes(header.beneficiary),
        "stateRoot": bytes(header.state_root),
        "transactionsRoot": bytes(header.transactions_root),
        "receiptsRoot": bytes(header.receipts_root),
        "logsBloom": bytes(header.logs_bloom),
        "difficulty": number(header.difficulty),
        "number": number(header.number),
        "gasLimit": number(header.gas_limit),
        "gasUsed": number(header.gas_used),
        "timestamp": number(header.timestamp),
        "extraData": bytes(header.extra_data),
        "mixHash": bytes(header.mix_hash),
        "nonce": bytes(header.nonce),
    });
    let optional = [
        ("baseFeePerGas", header.base_fee_per_gas.map(number)),
        ("withdrawalsRoot", header.withdrawals_root.map(bytes)),
        ("blobGasUsed", header.blob_gas_used.map(number)),
        ("excessBlobGas", header.excess_blob_gas.map(number)),
        ("parentBeaconBlockRoot", header.parent_beacon_block_root.map(bytes)),
        ("requestsHash", header.requests_hash.map(bytes)),
    ];
    with(required, optional)
}

fn transaction_object(transaction: &Transaction) -> Value {
    let signature = transaction.signature();
    let parity = U256::from(u8::from(signature.v()));
    let v = match transaction {
        EthereumTxEnvelope::Legacy(_) => {
            transaction.chain_id().map_or(U256::from(27), |id| U256::from(35) + U256::from(2) * U256::from(id)) + parity
        }
        _ => parity,
    };
    let required = json!({
        "type": number(transaction.ty()),
        "hash": bytes(transaction.tx_hash()),
        "nonce": number(transaction.nonce()),
        "gas": number(transaction.gas_limit()),
        "gasPrice": number(transaction.gas_price().unwrap_or(0x1234)),
        "to": transaction.to().map(bytes),
        "value": number(transaction.value()),
        "input": bytes(transaction.input()),
        "v": number(v),
        "r": number(signature.r()),
        "s": number(signature.s()),
        // What nodes add.
        "from": bytes([0xaa; 20]),
        "transactionIndex": "0x0",
        "blockHash": bytes([0xbb; 32]),
    });
    let is_dynamic = transaction.is_dynamic_fee();
    let keys = |list: &[alloy_primitives::B256]| list.iter().map(bytes).collect::<Value>();
    let access = transaction
        .access_list()
        .map(|list| list.iter().map(|item| json!({ "address": bytes(item.address), "storageKeys": keys(&item.storage_keys) })).collect());
    let authorizations = transaction.authorization_list().map(|list| list.iter().map(authorization_object).collect());
    let optional = [
        ("chainId", transaction.chain_id().map(number)),
        ("yParity", (transaction.ty() != 0).then(|| number(parity))),
        ("maxFeePerGas", is_dynamic.then(|| number(transaction.max_fee_per_gas()))),
        ("maxPriorityFeePerGas", transaction.max_priority_fee_per_gas().map(number)),
        ("maxFeePerBlobGas", transaction.max_fee_per_blob_gas().map(number)),
        ("accessList", access),
        ("blobVersionedHashes", transaction.blob_versioned_hashes().map(keys)),
        ("authorizationList", authorizations),
    ];
    with(required, optional)
}

fn authorization_object(authorization: &alloy_eips::eip7702::SignedAuthorization) -> Value {
    json!({
        "chainId": number(authorization.chain_id),
        "address": bytes(authorization.address),
        "nonce": number(authorization.nonce),
        "yParity": number(authorization.y_parity()),
        "r": number(authorization.r()),
        "s": number(authorization.s()),
    })
}

fn with<const N: usize>(mut object: Value, fields: [(&str, Option<Value>); N]) -> Value {
    for (name, value) in fields {
        if let Some(value) = value {
            object[name] = value;
        }
    }
    object
}

fn number<T>(number: T) -> Value
where
    U256: alloy_primitives::ruint::UintTryFrom<T>,
{
    json!(format!("{:#x}", U256::from(number)))
}

fn bytes(bytes: impl AsRef<[u8]>) -> Value {
    json!(format!("0x{}", hex::encode(bytes)))
}

/// The RLP in a hex string.
pub fn decode(text: &str) -> Vec<u8> {
    hex::decode(text.strip_prefix("0x").expect("0x")).expect("hex")
}

/// geth writes null for what a header does not have, and has another name for one field.
fn geth_header(header: &[u8]) -> Value {
    let mut object = header_object(header);
    for field in ["withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash", "balHash", "slotNumber"] {
        object.as_object_mut().expect("an object").entry(field).or_insert(Value::Null);
    }
    object
}

fn headers_newest_first(file: &BlockFile) -> Vec<String> {
    let headers = file.parts().expect("a block file").headers;
    headers.iter().map(|header| format!("0x{}", hex::encode(header))).collect()
}

fn by_hash(items: &[String]) -> Map<String, Value> {
    items.iter().map(|item| (keccak256(decode(item)).to_string(), json!(item))).collect()
}
