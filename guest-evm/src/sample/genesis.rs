//! The sample's state: how it begins, and what blocks make of it.

use std::collections::BTreeMap;
use std::string::ToString;
use std::vec::Vec;

use alloy_consensus::EMPTY_ROOT_HASH;
use alloy_eips::{eip2935, eip4788, eip7002, eip7251, eip8282};
use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256, keccak256};
use k256::ecdsa::SigningKey;

use super::{Random, SampleError, token};
use crate::forks::Fork;
use crate::state::{WitnessDb, encode_account, encode_slot};
use crate::trie::{Change, TrieError, build_nodes};

/// Accounts that only make the state trie larger; withdrawals go to the first of them.
const IDLE_ACCOUNTS: usize = 400;

/// Someone who sends transactions.
pub(super) struct Person {
    pub(super) secret: B256,
    pub(super) address: Address,
}

/// A whole state as tries.
pub(super) struct Tries {
    pub(super) root: B256,
    /// All trie nodes, of the state and of all storage.
    pub(super) nodes: Vec<Vec<u8>>,
    /// All codes.
    pub(super) codes: Vec<Vec<u8>>,
}

/// The senders of blocks of `txs` transactions.
pub(super) fn people(random: &Random, txs: usize) -> Result<Vec<Person>, SampleError> {
    let person = |index| {
        let secret = random.hash("secret", index);
        let key = SigningKey::from_slice(secret.as_slice());
        let key = key.map_err(|error| SampleError::Sign(error.to_string()))?;
        let address = Address::from_public_key(key.verifying_key());
        Ok(Person { secret, address })
    };
    (0..(txs / 2).clamp(4, 200)).map(person).collect()
}

/// The address of the token contract.
pub(super) fn token(random: &Random) -> Address {
    random.address("token", 0)
}

/// The state before the first block of a chain that gets as far as this fork.
pub(super) fn build(random: &Random, people: &[Person], newest: Fork) -> State {
    let mut state = State::default();
    for (address, code) in [
        (eip4788::BEACON_ROOTS_ADDRESS, &eip4788::BEACON_ROOTS_CODE),
        (eip2935::HISTORY_STORAGE_ADDRESS, &eip2935::HISTORY_STORAGE_CODE),
        (eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, &eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE),
        (eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS, &eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE),
    ] {
        state.contract(address, code, Slots::new());
    }
    if newest >= Fork::Amsterdam {
        state.contract(eip8282::BUILDER_DEPOSIT_CONTRACT_ADDRESS, &eip8282::BUILDER_DEPOSIT_CONTRACT_CODE, Slots::new());
        state.contract(eip8282::BUILDER_EXIT_CONTRACT_ADDRESS, &eip8282::BUILDER_EXIT_CONTRACT_CODE, Slots::new());
    }
    let balances = people.iter().enumerate().map(|(index, person)| (person.address, random.number("tokens", index, 1 << 40) + (1 << 30)));
    let idle = (0..IDLE_ACCOUNTS).map(|index| (random.address("idle", index), 1));
    let slots = balances.chain(idle).map(|(owner, amount)| (keccak256(token::balance_slot(owner)), U256::from(amount)));
    state.contract(token(random), &token::code(), slots.collect());
    let ether = U256::from(10).pow(U256::from(18));
    for person in people {
        state.account(person.address, 0, ether * U256::from(100));
    }
    for index in 0..IDLE_ACCOUNTS {
        let balance = ether / U256::from(random.number("balance", index, 1000));
        state.account(random.address("idle", index), 1, balance);
    }
    state
}

/// Storage, by the hashes of its keys.
type Slots = BTreeMap<B256, U256>;

struct Account {
    nonce: u64,
    balance: U256,
    code_hash: B256,
    slots: Slots,
}

/// A whole state: accounts by the hashes of their addresses, and codes by their hashes.
#[derive(Default)]
pub(super) struct State {
    accounts: BTreeMap<B256, Account>,
    codes: BTreeMap<B256, Vec<u8>>,
}

impl State {
    /// All of it as tries.
    pub(super) fn tries(&self) -> Result<Tries, TrieError> {
        let mut nodes = Vec::new();
        let mut leaves = BTreeMap::new();
        for (address, account) in &self.accounts {
            let slots = account.slots.iter().map(|(key, value)| (*key, encode_slot(*value))).collect();
            let storage_root = add_trie(&mut nodes, &slots)?;
            leaves.insert(*address, encode_account(account.nonce, account.balance, storage_root, account.code_hash));
        }
        let root = add_trie(&mut nodes, &leaves)?;
        Ok(Tries { root, nodes, codes: self.codes.values().cloned().collect() })
    }

    /// Takes over what a block changed.
    pub(super) fn apply(&mut self, db: &WitnessDb<'_>) {
        for (address, change) in db.changes() {
            let Some(info) = change.info else {
                self.accounts.remove(&address);
                continue;
            };
            let before = self.accounts.remove(&address).filter(|_| !change.is_wiped);
            let mut slots = before.map_or_else(Slots::new, |account| account.slots);
            slots.extend(change.slots);
            slots.retain(|_, value| !value.is_zero());
            if let Some(code) = db.known_code(&info.code_hash) {
                self.codes.insert(info.code_hash, code.to_vec());
            }
            self.accounts.insert(address, Account { nonce: info.nonce, balance: info.balance, code_hash: info.code_hash, slots });
        }
    }

    fn account(&mut self, address: Address, nonce: u64, balance: U256) {
        self.accounts.insert(keccak256(address), Account { nonce, balance, code_hash: KECCAK256_EMPTY, slots: Slots::new() });
    }

    fn contract(&mut self, address: Address, code: &[u8], slots: Slots) {
        let code_hash = keccak256(code);
        self.codes.insert(code_hash, code.to_vec());
        self.accounts.insert(keccak256(address), Account { nonce: 1, balance: U256::ZERO, code_hash, slots });
    }
}

/// Adds the nodes of a trie with these leaves and returns its root.
fn add_trie(nodes: &mut Vec<Vec<u8>>, leaves: &BTreeMap<B256, Vec<u8>>) -> Result<B256, TrieError> {
    if leaves.is_empty() {
        return Ok(EMPTY_ROOT_HASH);
    }
    let changes: Vec<Change<'_>> = leaves.iter().map(|(key, value)| Change { key: key.as_slice(), value: Some(value) }).collect();
    let (root, new) = build_nodes(&changes)?;
    nodes.extend(new);
    Ok(root)
}
