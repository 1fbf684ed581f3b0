//! Synthetic example blocks.
//!
//! The pre-state holds funded accounts, idle accounts, the system contracts and a token contract; blocks
//! transfer ether and tokens, deploy a second token and use it, and pay withdrawals. A block is
//! executed once to fill its header and to record exactly the witness that it needs, and must then pass
//! [`validate`](crate::validate).

mod genesis;
mod header;
mod token;
mod transactions;

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use alloy_consensus::Header;
use alloy_eips::eip4895::Withdrawal;
use alloy_primitives::{Address, B256, keccak256};
use alloy_rlp::Decodable as _;

use crate::block::{self, RawBlock};
use crate::error::Invalid;
use crate::execute::{self, Rules};
use crate::forks::{ChainConfig, Fork};
use crate::header::HeaderError;
use crate::json::{BlockFile, Info, Witness, encode_hex};
use crate::state::WitnessDb;
use crate::{chains, crypto, receipts, salt, trie, validate};
use genesis::{State, Tries};
use transactions::Maker;

/// Chain id of the chain of [`sample_block`].
pub const CHAIN_ID: u64 = 1337;
/// Most transactions that are put into a block.
pub const MAX_TRANSACTIONS: usize = 5_000;

const FORK: Fork = Fork::Osaka;
/// Time of the block before the first one that is made.
pub const PARENT_TIMESTAMP: u64 = 1_800_000_000;
/// Seconds between blocks.
pub const SLOT_SECONDS: u64 = 12;
const BASE_FEE: u64 = 1_000_000_000;
const WITHDRAWALS: usize = 16;

/// No transaction of the sample uses more gas. From Amsterdam on, new state costs much more (EIP-8037).
const fn gas_per_transaction(fork: Fork) -> u64 {
    match fork {
        Fork::Cancun | Fork::Prague | Fork::Osaka => 250_000,
        Fork::Amsterdam => 1_500_000,
    }
}

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

/// A chain of blocks to make.
#[derive(Clone, Copy, Debug)]
pub struct SampleChain<'a> {
    /// The chain's configuration.
    pub config: &'a ChainConfig,
    /// The blocks' times in seconds, increasing. The parent of the first has no block file.
    pub timestamps: &'a [u64],
    /// Transactions of each block, those with blobs apart.
    pub txs: usize,
    /// Blobs of each block.
    pub blobs: u64,
    /// Seed of everything random.
    pub seed: u64,
}

/// Makes a block of `txs` transactions on a chain of its own, with Osaka from genesis. Equal arguments give equal files.
pub fn sample_block(txs: usize, seed: u64) -> Result<BlockFile, SampleError> {
    let forks = chains::from_genesis(CHAIN_ID, FORK.name());
    let config = forks.unwrap_or_else(|| unreachable!("the public networks have this fork"));
    let timestamps = [PARENT_TIMESTAMP + SLOT_SECONDS];
    let chain = SampleChain { config: &config, timestamps: &timestamps, txs, blobs: 0, seed };
    let mut file = chain.make()?.remove(0);
    file.info = file.info.map(|info| Info { chain: chains::SYNTHETIC.into(), ..info });
    Ok(file)
}

impl SampleChain<'_> {
    /// Makes the blocks, each the parent of the next one, with the witness of each. Their files do not hold the
    /// configuration: see [`BlockFile::parts_on`].
    ///
    /// # Errors
    ///
    /// If a block is not valid, for example for a time before the first fork, or for more blobs than its fork allows.
    pub fn make(&self) -> Result<Vec<BlockFile>, SampleError> {
        if self.txs > MAX_TRANSACTIONS {
            return Err(SampleError::TooMany(self.txs));
        }
        crypto::install();
        let random = Random { seed: self.seed };
        let people = genesis::people(&random, self.txs)?;
        let newest = self.config.forks.last().map_or(FORK, |rule| rule.fork);
        let mut state = genesis::build(&random, &people, newest);
        let mut maker = Maker::new(&random, &people, self.config.chain_id, genesis::token(&random));
        let mut tries = state.tries()?;
        let first = self.timestamps.first().copied().unwrap_or_default();
        let timestamp = first.saturating_sub(SLOT_SECONDS);
        let gas_limit = self.txs as u64 * gas_per_transaction(newest);
        let mut parent = header::first_parent(self.config.rule_at(timestamp), timestamp, tries.root, gas_limit);
        let mut files = Vec::with_capacity(self.timestamps.len());
        for (index, timestamp) in self.timestamps.iter().copied().enumerate() {
            let rule = self.config.rule_at(timestamp).ok_or_else(|| Invalid::from(HeaderError::UnsupportedFork(timestamp)))?;
            let header = header::child(&parent, rule, timestamp, &random, index)?;
            let transactions = maker.block(self.txs, self.blobs, rule.fork)?;
            let withdrawals = encode_withdrawals(&random, index);
            let mut draft = Draft { header, transactions, withdrawals, access_list: None };
            let witness = draft.seal(self.config, &parent, &tries, &mut state)?;
            files.push(self.file(&draft, &parent, witness)?);
            parent = draft.header;
            tries = state.tries()?;
        }
        Ok(files)
    }

    /// The block's file, once the block is valid.
    fn file(&self, draft: &Draft, parent: &Header, witness: Witness) -> Result<BlockFile, SampleError> {
        let file = BlockFile {
            info: Some(Info {
                chain_id: self.config.chain_id,
                chain: chains::CUSTOM.into(),
                fork_exact: self.config.name_at(draft.header.timestamp).map(|name| name.to_string()),
                number: draft.header.number,
                hash: Some(draft.header.hash_slow().to_string()),
                expect: Some("accept".into()),
                client: None,
            }),
            block: encode_hex(draft.encode()),
            block_access_list: draft.access_list.as_ref().map(encode_hex),
            witness: Witness { headers: [encode_hex(alloy_rlp::encode(parent))].into(), ..witness },
            ..BlockFile::default()
        };
        let parts = file.parts_on(self.config).map_err(|error| SampleError::Sign(error.to_string()))?;
        match validate(&parts.encode(&salt::random())).reason {
            None => Ok(file),
            Some(reason) => Err(reason.into()),
        }
    }
}

/// A block under construction.
struct Draft {
    header: Header,
    transactions: Vec<Vec<u8>>,
    withdrawals: Vec<Vec<u8>>,
    access_list: Option<Vec<u8>>,
}

impl Draft {
    /// Executes the block on `tries`, which is `state`, fills its header, brings `state` up to date and returns what of it the block read.
    fn seal(&mut self, config: &ChainConfig, parent: &Header, tries: &Tries, state: &mut State) -> Result<Witness, SampleError> {
        let rules = Rules::new(config, &self.header).map_err(Invalid::from)?;
        let raw = RawBlock {
            header: self.header.clone(),
            hash: B256::ZERO,
            transactions: slices(&self.transactions),
            ommers: &[],
            raw_withdrawals: slices(&self.withdrawals),
            withdrawals: self.withdrawals.iter().enumerate().map(decode_withdrawal).collect::<Result<_, _>>()?,
        };
        let (nodes, codes) = (slices(&tries.nodes), slices(&tries.codes));
        let ancestors = [self.header.parent_hash].into();
        let number = self.header.number;
        let mut db = WitnessDb::new(&nodes, &codes, &parent.state_root.0, number, ancestors);
        let outcome = execute::run(&raw, &rules, None, &mut db)?;
        if let Some(index) = outcome.receipts.iter().position(|receipt| !receipt.success) {
            return Err(SampleError::Reverted(index));
        }
        let (receipts_root, logs_bloom) = receipts::root_and_bloom(&outcome.receipts);
        self.access_list = db.access_list().map(alloy_rlp::encode);
        self.header = Header {
            transactions_root: trie::ordered_root(&raw.transactions),
            withdrawals_root: Some(trie::ordered_root(&raw.raw_withdrawals)),
            receipts_root,
            logs_bloom,
            gas_used: outcome.gas_used,
            blob_gas_used: Some(outcome.blob_gas_used),
            requests_hash: (rules.fork.fork >= Fork::Prague).then(|| outcome.requests.requests_hash()),
            block_access_list_hash: self.access_list.as_ref().map(keccak256),
            state_root: db.post_state_root().map_err(Invalid::from)?,
            ..raw.header
        };
        state.apply(&db);
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

/// The withdrawals of the block at this position of the chain.
fn encode_withdrawals(random: &Random, block: usize) -> Vec<Vec<u8>> {
    let withdrawal = |index: usize| {
        let place = block * WITHDRAWALS + index;
        Withdrawal {
            index: 70_000_000 + place as u64,
            validator_index: random.number("validator", place, 1_000_000),
            address: random.address("idle", index),
            amount: random.number("withdrawal", place, 20_000_000),
        }
    };
    (0..WITHDRAWALS).map(|index| alloy_rlp::encode(withdrawal(index))).collect()
}

fn decode_withdrawal((index, raw): (usize, &Vec<u8>)) -> Result<Withdrawal, SampleError> {
    Withdrawal::decode(&mut raw.as_slice()).map_err(|error| Invalid::WithdrawalRlp(index, error).into())
}

fn slices(list: &[Vec<u8>]) -> Vec<&[u8]> {
    list.iter().map(Vec::as_slice).collect()
}
