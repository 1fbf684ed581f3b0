//! Running the block: system calls, transactions, requests, withdrawals.
//!
//! # Limits
//!
//! The rules bound a block by gas alone. The machine has 32-bit addresses, of which the heap has 1.9 GiB, so two limits are
//! left, and neither is ever an ordinary out-of-gas:
//!
//! - [`MAX_EVM_MEMORY`] for the memory of all call frames of a transaction together. It is counted, so the verdict is the
//!   same natively and in the machine: invalid, for a reason of its own ([`Invalid::MemoryLimit`]). A transaction of less
//!   than 30 billion gas cannot reach it.
//! - The heap, which holds that and everything else. It cannot be counted in advance, and natively there is no such limit.
//!   Where it is full, the guest ends with exit code 101 and no output: neither verdict can be proved.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use alloy_consensus::transaction::{Recovered, SignerRecoverable};
use alloy_consensus::{Header, Transaction as _};
use alloy_eips::eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS;
use alloy_eips::eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS;
use alloy_eips::eip7840::BlobParams;
use alloy_eips::eip8282::{BUILDER_DEPOSIT_CONTRACT_ADDRESS, BUILDER_EXIT_CONTRACT_ADDRESS};
use alloy_evm::block::{BlockExecutionError, BlockExecutionResult, BlockExecutor};
use alloy_evm::eth::{EthBlockExecutionCtx, EthBlockExecutor};
use alloy_evm::{Evm, EvmEnv};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{B256, Bytes, b256};
use revm::Database as _;

use crate::block::{RawBlock, Transaction, decode_transaction};
use crate::crypto::{self, PublicKey};
use crate::error::Invalid;
use crate::evm::{BlockEvm, MAX_EVM_MEMORY};
use crate::forks::{ChainConfig, Fork, ForkRule};
use crate::header::HeaderError;
use crate::receipts::{self, Receipt};
use crate::state::WitnessDb;

/// What running a block gave.
pub type Outcome = BlockExecutionResult<Receipt>;

/// The rules for one block.
#[derive(Clone, Debug)]
pub struct Rules<'c> {
    /// The chain's configuration.
    pub config: &'c ChainConfig,
    /// Its entry for the block's time.
    pub fork: &'c ForkRule,
    /// The same as the EVM takes it: its rules and its gas, and what it shows of the block.
    pub env: EvmEnv,
}

impl<'c> Rules<'c> {
    /// The rules for a block with this header.
    ///
    /// # Errors
    ///
    /// If the block's time lies before the first fork of the chain's schedule.
    pub fn new(config: &'c ChainConfig, header: &Header) -> Result<Self, HeaderError> {
        let timestamp = header.timestamp;
        let fork = config.rule_at(timestamp).ok_or(HeaderError::UnsupportedFork(timestamp))?;
        let mut env = EvmEnv::for_eth_block(header, config, config.chain_id, Some(fork.blob_params()));
        env.cfg_env.memory_limit = MAX_EVM_MEMORY as u64;
        Ok(Self { config, fork, env })
    }
}

/// Runs `block` on `db`, which then holds the state after it, and from Amsterdam on the block access list.
///
/// `public_keys` are those of the transactions' signers; without them, senders are recovered.
pub fn run(block: &RawBlock<'_>, rules: &Rules<'_>, public_keys: Option<&[PublicKey]>, db: &mut WitnessDb<'_>) -> Result<Outcome, Invalid> {
    let transactions = recover_transactions(&block.transactions, public_keys)?;
    check_blob_count(&transactions, &rules.fork.blob_params())?;
    if rules.fork.fork >= Fork::Amsterdam {
        db.record_accesses();
    }
    let result = run_in_evm(block, rules, &transactions, db);
    // A fault surfaces as an error of the EVM, or not at all: it goes first.
    match db.take_fault() {
        Some(fault) => Err(fault),
        None => result,
    }
}

fn recover_transactions(raw: &[&[u8]], public_keys: Option<&[PublicKey]>) -> Result<Vec<Recovered<Transaction>>, Invalid> {
    let mut transactions = Vec::with_capacity(raw.len());
    for (index, raw) in raw.iter().enumerate() {
        let transaction = decode_transaction(index, raw)?;
        let sender = match public_keys {
            None => transaction.recover_signer().map_err(|_| Invalid::Sender(index))?,
            Some(keys) => keys.get(index).and_then(|key| crypto::signer(&transaction, key)).ok_or(Invalid::PublicKey(index))?,
        };
        transactions.push(Recovered::new_unchecked(transaction, sender));
    }
    Ok(transactions)
}

/// EIP-4844: all transactions together stay within the block's limit.
fn check_blob_count(transactions: &[Recovered<Transaction>], params: &BlobParams) -> Result<(), Invalid> {
    let limit = params.max_blob_gas_per_block();
    let got = transactions.iter().fold(0u64, |sum, transaction| sum.saturating_add(transaction.blob_gas_used().unwrap_or_default()));
    if got > limit { Err(Invalid::BlobGasLimit { got, limit }) } else { Ok(()) }
}

fn run_in_evm(
    block: &RawBlock<'_>,
    rules: &Rules<'_>,
    transactions: &[Recovered<Transaction>],
    db: &mut WitnessDb<'_>,
) -> Result<Outcome, Invalid> {
    let (header, config) = (&block.header, rules.config);
    let ctx = EthBlockExecutionCtx {
        parent_hash: header.parent_hash,
        parent_beacon_block_root: header.parent_beacon_block_root,
        ommers: &[],
        withdrawals: Some(Cow::Borrowed(block.withdrawals.as_slice())),
        extra_data: Bytes::new(),
        tx_count_hint: Some(transactions.len()),
        slot_number: header.slot_number,
    };
    let evm = BlockEvm::new(db, rules.env.clone());
    let mut executor = EthBlockExecutor::new(evm, ctx, config, receipts::Builder);
    let failed = |error: BlockExecutionError| Invalid::Execution(error.to_string());
    executor.apply_pre_execution_changes().map_err(failed)?;
    for (index, transaction) in transactions.iter().enumerate() {
        executor.evm_mut().db_mut().set_access_index(index + 1);
        executor.execute_transaction(transaction).map_err(|error| Invalid::Transaction { index, error: error.to_string() })?;
    }
    executor.evm_mut().db_mut().set_access_index(transactions.len() + 1);
    if config.is_prague_active_at_timestamp(header.timestamp) {
        check_deposits(config, executor.receipts())?;
        let with_builders = config.is_amsterdam_active_at_timestamp(header.timestamp);
        check_request_contracts(executor.evm_mut().db_mut(), with_builders)?;
    }
    // The executor adds the withdrawals up in a map and reads their accounts in its order. Read in the block's order first,
    // they give the same error under every salt.
    for withdrawal in &block.withdrawals {
        executor.evm_mut().db_mut().basic(withdrawal.address)?;
    }
    let (_evm, outcome) = executor.finish().map_err(failed)?;
    Ok(outcome)
}

/// EIP-7002, EIP-7251 and, from Amsterdam on, EIP-8282: without the contracts that gather requests, no block is valid.
fn check_request_contracts(db: &mut WitnessDb<'_>, with_builders: bool) -> Result<(), Invalid> {
    let all = [
        WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
        CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
        BUILDER_DEPOSIT_CONTRACT_ADDRESS,
        BUILDER_EXIT_CONTRACT_ADDRESS,
    ];
    for contract in if with_builders { &all[..] } else { &all[..2] } {
        if !db.has_code(*contract)? {
            return Err(Invalid::MissingSystemContract(*contract));
        }
    }
    Ok(())
}

/// EIP-6110: a deposit event has exactly this layout; anything else makes the block invalid.
fn check_deposits(config: &ChainConfig, receipts: &[Receipt]) -> Result<(), Invalid> {
    /// Keccak-256 of `DepositEvent(bytes,bytes,bytes,bytes,bytes)`.
    const TOPIC: B256 = b256!("649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");
    for (index, receipt) in receipts.iter().enumerate() {
        for log in &receipt.logs {
            let is_deposit = log.address == config.deposit_contract && log.topics().first() == Some(&TOPIC);
            if is_deposit && !has_deposit_layout(&log.data.data) {
                return Err(Invalid::DepositLayout(index));
            }
        }
    }
    Ok(())
}

/// Five dynamic byte strings of fixed lengths at fixed offsets, 576 bytes in all.
fn has_deposit_layout(data: &[u8]) -> bool {
    /// (position of the offset word, the offset, length of the string there).
    const FIELDS: [(usize, usize, usize); 5] = [(0, 160, 48), (32, 256, 32), (64, 320, 8), (96, 384, 96), (128, 512, 8)];
    let is_word = |at: usize, value: usize| {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&(value as u64).to_be_bytes());
        data[at..at + 32] == word
    };
    data.len() == 576 && FIELDS.iter().all(|&(at, offset, len)| is_word(at, offset) && is_word(offset, len))
}
