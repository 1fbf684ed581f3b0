//! The synthetic example block.
//!
//! A chain of its own on Osaka from genesis. The pre-state holds funded accounts, idle accounts, the
//! system contracts and a token contract; the block transfers ether and tokens, deploys a second token
//! and uses it, and pays withdrawals. The block is executed once to fill its header and to record
//! exactly the witness that it needs, and must then pass [`validate`](crate::validate).

mod genesis;
mod token;
mod transactions;

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, EMPTY_ROOT_HASH, Header};
use alloy_eips::eip4895::Withdrawal;
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_primitives::{Address, B256, Bloom, Bytes, keccak256};
use alloy_rlp::Decodable as _;

use crate::block::{self, RawBlock};
use crate::error::Invalid;
use crate::execute;
use crate::forks::{ChainConfig, Fork};
use crate::json::{BlockFile, Info, Witness, encode_hex};
use crate::state::WitnessDb;
use crate::{chains, crypto, receipts, trie, validate};

/// Chain id of the sample's chain.
pub const CHAIN_ID: u64 = 1337;
/// Most transactions that [`sample_block`] puts into a block.
pub const MAX_TRANSACTIONS: usize = 5_000;

const FORK: Fork = Fork::Osaka;
const PARENT_NUMBER: u64 = 1_000_000;
const PARENT_TIMESTAMP: u64 = 1_800_000_000;
const BASE_FEE: u64 = 1_000_000_000;
const WITHDRAWALS: u64 = 16;
/// No transaction of the sample uses more gas.
const GAS_PER_TRANSACTION: u64 = 250_000;

/// Why no sample block was made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// Too many transactions were asked for.
    #[error("{0} transactions, more than {MAX_TRANSACTIONS}")]
    TooMany(usize),
    /// The pre-state's trie could not be built.
    #[error("pre-state: {0}")]
    Trie(#[from] trie::TrieError),
    /// A transaction could not be signed.
    #[error("signing: {0}")]
    Sign(String),
    /// A transaction fails in the EVM.
    #[error("transaction {0} of the sample reverts")]
    Reverted(usize),
    /// The block does not validate.
    #[error("the sample block is not valid: {0}")]
    Invalid(#[from] Invalid),
}

/// Makes a block of `txs` transactions. Equal arguments give equal files.
pub fn sample_block(txs: usize, seed: u64) -> Result<BlockFile, SampleError> {
    if txs > MAX_TRANSACTIONS {
        return Err(SampleError::TooMany(txs));
    }
    crypto::install();
    let config = chains::from_genesis(CHAIN_ID, FORK);
    let random = Random { seed };
    let people = genesis::people(&random, txs)?;
    let genesis = genesis::build(&random, &people)?;
    let transactions = transactions::make(&random, &people, genesis.token, txs)?;
    let withdrawals = encode_withdrawals(&random);
    let parent = parent_header(genesis.state_root, txs);
    let parent_rlp = alloy_rlp::encode(&parent);
    let mut draft = Draft { header: child_header(&parent, keccak256(&parent_rlp), &random), transactions, withdrawals };
    let witness = draft.seal(&config, &parent, &genesis)?;
    let file = BlockFile {
        info: Some(Info {
            chain_id: CHAIN_ID,
            chain: chains::SYNTHETIC.into(),
            fork_exact: Some(FORK.name().into()),
            number: draft.header.number,
            hash: Some(draft.header.hash_slow().to_string()),
            expect: Some("accept".into()),
            client: None,
        }),
        block: encode_hex(draft.encode()),
        witness: Witness { headers: [encode_hex(&parent_rlp)].into(), ..witness },
        ..BlockFile::default()
    };
    let input = file.guest_input().map_err(|error| SampleError::Sign(error.to_string()))?;
    match validate(&input).reason {
        None => Ok(file),
        Some(reason) => Err(reason.into()),
    }
}

/// A block under construction.
struct Draft {
    header: Header,
    transactions: Vec<Vec<u8>>,
    withdrawals: Vec<Vec<u8>>,
}

impl Draft {
    /// Executes the block, fills its header and returns what of the pre-state it read.
    fn seal(&mut self, config: &ChainConfig, parent: &Header, genesis: &genesis::Genesis) -> Result<Witness, SampleError> {
        let raw = RawBlock {
            header: self.header.clone(),
            hash: B256::ZERO,
            transactions: slices(&self.transactions),
            ommers: &[],
            raw_withdrawals: slices(&self.withdrawals),
            withdrawals: self.withdrawals.iter().enumerate().map(decode_withdrawal).collect::<Result<_, _>>()?,
        };
        let (nodes, codes) = (slices(&genesis.nodes), slices(&genesis.codes));
        let ancestors = [self.header.parent_hash].into();
        let number = self.header.number;
        let mut db = WitnessDb::new(&nodes, &codes, &parent.state_root.0, number, ancestors);
        let outcome = execute::run(&raw, config, FORK, config.blob_params(FORK), &mut db)?;
        if let Some(index) = outcome.receipts.iter().position(|receipt| !receipt.success) {
            return Err(SampleError::Reverted(index));
        }
        let (receipts_root, logs_bloom) = receipts::root_and_bloom(&outcome.receipts);
        self.header = Header {
            transactions_root: trie::ordered_root(&raw.transactions),
            withdrawals_root: Some(trie::ordered_root(&raw.raw_withdrawals)),
            receipts_root,
            logs_bloom,
            gas_used: outcome.gas_used,
            requests_hash: Some(outcome.requests.requests_hash()),
            state_root: db.post_state_root().map_err(Invalid::from)?,
            ..raw.header
        };
        let (nodes, codes) = db.recorded();
        Ok(Witness {
            state: nodes.into_iter().map(encode_hex).collect(),
            codes: codes.into_iter().map(encode_hex).collect(),
            ..Witness::default()
        })
    }

    fn encode(&self) -> Vec<u8> {
        block::encode(&alloy_rlp::encode(&self.header), &self.transactions, &self.withdrawals)
    }
}

/// Hashes of a seed: as random as a sample needs.
struct Random {
    seed: u64,
}

impl Random {
    fn hash(&self, purpose: &str, index: usize) -> B256 {
        keccak256(format!("tern sample {} {purpose} {index}", self.seed))
    }

    fn address(&self, purpose: &str, index: usize) -> Address {
        Address::from_word(self.hash(purpose, index))
    }

    /// A number in `1..=most`.
    fn number(&self, purpose: &str, index: usize, most: u64) -> u64 {
        let mut word = [0; 8];
        word.copy_from_slice(&self.hash(purpose, index)[..8]);
        u64::from_le_bytes(word) % most + 1
    }
}

fn parent_header(state_root: B256, txs: usize) -> Header {
    let gas_limit = (txs as u64 * GAS_PER_TRANSACTION).max(36_000_000);
    Header {
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        state_root,
        transactions_root: EMPTY_ROOT_HASH,
        receipts_root: EMPTY_ROOT_HASH,
        logs_bloom: Bloom::ZERO,
        number: PARENT_NUMBER,
        gas_limit,
        gas_used: gas_limit / 2,
        timestamp: PARENT_TIMESTAMP,
        extra_data: Bytes::from_static(b"tern"),
        base_fee_per_gas: Some(BASE_FEE),
        withdrawals_root: Some(EMPTY_ROOT_HASH),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(EMPTY_REQUESTS_HASH),
        ..Header::default()
    }
}

/// The block's header with everything but the results of its execution.
fn child_header(parent: &Header, parent_hash: B256, random: &Random) -> Header {
    Header {
        parent_hash,
        beneficiary: random.address("beneficiary", 0),
        number: parent.number + 1,
        timestamp: parent.timestamp + 12,
        gas_used: 0,
        mix_hash: random.hash("randao", 0),
        parent_beacon_block_root: Some(random.hash("beacon root", 0)),
        ..parent.clone()
    }
}

fn encode_withdrawals(random: &Random) -> Vec<Vec<u8>> {
    let withdrawal = |index: u64| Withdrawal {
        index: 70_000_000 + index,
        validator_index: random.number("validator", index as usize, 1_000_000),
        address: random.address("idle", index as usize),
        amount: random.number("withdrawal", index as usize, 20_000_000),
    };
    (0..WITHDRAWALS).map(|index| alloy_rlp::encode(withdrawal(index))).collect()
}

fn decode_withdrawal((index, raw): (usize, &Vec<u8>)) -> Result<Withdrawal, SampleError> {
    Withdrawal::decode(&mut raw.as_slice()).map_err(|error| Invalid::WithdrawalRlp(index, error).into())
}

fn slices(list: &[Vec<u8>]) -> Vec<&[u8]> {
    list.iter().map(Vec::as_slice).collect()
}
