//! The official Amsterdam cases, in the format of the execution-spec-tests.
//!
//! They are of a time when some rules of the fork had not been settled: [`Case::rules`] says how they differ.

use std::path::Path;

use alloy_consensus::Header;
use alloy_eips::eip7928::{AccountChanges, BalanceChange, BlockAccessIndex, CodeChange, NonceChange, SlotChanges, StorageChange};
use alloy_primitives::{Address, U256};
use revm::context_interface::cfg::{GasId, GasParams};
use revm::primitives::hardfork::SpecId;
use serde_json::Value;
use tern_guest_evm::block::RawBlock;
use tern_guest_evm::execute::{self, Rules};
use tern_guest_evm::forks::{ChainConfig, Fork};
use tern_guest_evm::state::WitnessDb;
use tern_guest_evm::{Invalid, Witness, block, chains, check_block, crypto, header};

/// A block with its witness and the verdict that it must get.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    pub block: Vec<u8>,
    pub headers: Vec<Vec<u8>>,
    pub nodes: Vec<Vec<u8>>,
    pub codes: Vec<Vec<u8>>,
    pub access_list: Vec<AccountChanges>,
    pub is_valid: bool,
}

impl Case {
    /// All cases of a file, one for each block.
    pub fn read(path: &Path) -> Vec<Self> {
        let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let tests = file.as_object().unwrap().iter();
        tests.flat_map(|(name, test)| test["blocks"].as_array().unwrap().iter().map(move |block| Self::new(name, block))).collect()
    }

    fn new(name: &str, block: &Value) -> Self {
        let witness = &block["executionWitness"];
        let mut headers = bytes_list(&witness["headers"]);
        // There the oldest comes first.
        headers.reverse();
        let name = name.rsplit("::").next().unwrap();
        Self {
            name: format!("{name}, block {}", block["blocknumber"].as_str().unwrap()),
            block: bytes(&block["rlp"]),
            headers,
            nodes: bytes_list(&witness["state"]),
            codes: bytes_list(&witness["codes"]),
            access_list: list(&block["blockAccessList"], account),
            // A root, then whether the block is valid.
            is_valid: bytes(&block["statelessOutputBytes"])[32] == 1,
        }
    }

    /// The verdict under the rules of the case's time, with its access list beside the block.
    pub fn verdict(&self) -> Result<(), Invalid> {
        self.with_block(|block, rules, witness| check_block(block, self.block.len(), rules, witness, |_| ()).map(|_| ()))
    }

    /// The access list that execution gives, and the case's own, both without balances: these depend on gas.
    pub fn lists_without_balances(&self) -> Result<[Vec<AccountChanges>; 2], Invalid> {
        self.with_block(|block, rules, witness| {
            let Witness { parent, ancestors, nodes, codes, .. } = witness;
            let mut db = WitnessDb::new(nodes, codes, &parent.state_root.0, block.header.number, ancestors);
            execute::run(block, rules, None, &mut db)?;
            let lists = [db.access_list().unwrap(), self.access_list.clone()];
            Ok(lists.map(|list| list.into_iter().map(|account| AccountChanges { balance_changes: vec![], ..account }).collect()))
        })
    }

    fn with_block<T>(&self, check: impl FnOnce(&RawBlock<'_>, &Rules<'_>, Witness<'_>) -> Result<T, Invalid>) -> Result<T, Invalid> {
        crypto::install();
        let chain = chains::from_genesis(1, "Amsterdam").unwrap();
        let without_builders = chains::from_genesis(1, "BPO2").unwrap();
        let (block_header, hash) = block::read_header(&self.block)?;
        let rules = rules(&chain, &without_builders, &block_header);
        let headers: Vec<&[u8]> = self.headers.iter().map(Vec::as_slice).collect();
        let (parent, ancestors) = header::check_ancestors(&headers, block_header.parent_hash)?;
        let block = block::split(&self.block, block_header, hash, Fork::Amsterdam)?;
        let nodes: Vec<&[u8]> = self.nodes.iter().map(Vec::as_slice).collect();
        let codes: Vec<&[u8]> = self.codes.iter().map(Vec::as_slice).collect();
        let access_list = alloy_rlp::encode(&self.access_list);
        let witness =
            Witness { parent: &parent, ancestors, nodes: &nodes, codes: &codes, access_list: Some(&access_list), public_keys: None };
        check(&block, &rules, witness)
    }
}

/// The rules of the cases' time.
fn rules<'c>(chain: &'c ChainConfig, without_builders: &'c ChainConfig, header: &Header) -> Rules<'c> {
    const STATE_BYTE: u64 = 1_174;
    let mut rules = Rules::new(chain, header).unwrap();
    // No builder requests (EIP-8282) yet.
    rules.config = without_builders;
    // EIP-2780 and EIP-8038 come later: the costs are Osaka's, but for those of new state (EIP-8037).
    let mut gas = GasParams::new_spec(SpecId::OSAKA);
    gas.override_gas([
        (GasId::code_deposit_cost(), 0),
        (GasId::create(), 9_000),
        (GasId::new_account_cost(), 0),
        (GasId::sstore_set_without_load_cost(), 2_800),
        (GasId::sstore_set_refund(), 2_800),
        (GasId::sstore_set_state_gas(), 32 * STATE_BYTE),
        (GasId::new_account_state_gas(), 112 * STATE_BYTE),
        (GasId::code_deposit_state_gas(), STATE_BYTE),
        (GasId::create_state_gas(), 112 * STATE_BYTE),
        (GasId::tx_eip7702_state_gas_bytecode(), 23 * STATE_BYTE),
    ]);
    rules.env.cfg_env.gas_params = gas;
    rules.env.cfg_env.enable_amsterdam_eip2780 = false;
    rules
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap().trim_start_matches("0x")).unwrap()
}

fn bytes_list(value: &Value) -> Vec<Vec<u8>> {
    list(value, bytes)
}

fn list<T>(value: &Value, item: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(item).collect()
}

fn number(value: &Value) -> U256 {
    U256::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

fn index(change: &Value) -> BlockAccessIndex {
    BlockAccessIndex::new(number(&change["blockAccessIndex"]).to())
}

fn account(value: &Value) -> AccountChanges {
    let slot = |slot: &Value| {
        let changes = list(&slot["slotChanges"], |change| StorageChange::new(index(change), number(&change["postValue"])));
        SlotChanges::new(number(&slot["slot"]), changes)
    };
    AccountChanges {
        address: Address::from_slice(&bytes(&value["address"])),
        storage_changes: list(&value["storageChanges"], slot),
        storage_reads: list(&value["storageReads"], number),
        balance_changes: list(&value["balanceChanges"], |change| BalanceChange::new(index(change), number(&change["postBalance"]))),
        nonce_changes: list(&value["nonceChanges"], |change| NonceChange::new(index(change), number(&change["postNonce"]).to())),
        code_changes: list(&value["codeChanges"], |change| CodeChange::new(index(change), bytes(&change["newCode"]).into())),
    }
}
