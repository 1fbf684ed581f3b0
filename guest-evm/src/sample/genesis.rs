//! The sample's pre-state.

use std::collections::BTreeMap;
use std::string::ToString;
use std::vec::Vec;

use alloy_consensus::EMPTY_ROOT_HASH;
use alloy_eips::{eip2935, eip4788, eip7002, eip7251};
use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256, keccak256};
use k256::ecdsa::SigningKey;

use super::{Random, SampleError, token};
use crate::state::{encode_account, encode_slot};
use crate::trie::{Change, TrieError, build_nodes};

/// Accounts that only make the state trie larger; withdrawals go to the first of them.
const IDLE_ACCOUNTS: usize = 400;

/// Someone who sends transactions.
pub(super) struct Person {
    pub(super) secret: B256,
    pub(super) address: Address,
}

/// The whole pre-state.
pub(super) struct Genesis {
    pub(super) state_root: B256,
    /// All trie nodes, of the state and of all storage.
    pub(super) nodes: Vec<Vec<u8>>,
    /// All codes.
    pub(super) codes: Vec<Vec<u8>>,
    /// The token contract.
    pub(super) token: Address,
}

/// The senders of a block of `txs` transactions.
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

/// Builds the pre-state.
pub(super) fn build(random: &Random, people: &[Person]) -> Result<Genesis, SampleError> {
    let mut state = State::default();
    for (address, code) in [
        (eip4788::BEACON_ROOTS_ADDRESS, &eip4788::BEACON_ROOTS_CODE),
        (eip2935::HISTORY_STORAGE_ADDRESS, &eip2935::HISTORY_STORAGE_CODE),
        (eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, &eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE),
        (eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS, &eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE),
    ] {
        state.contract(address, code, BTreeMap::new())?;
    }
    let token = random.address("token", 0);
    let balances = people.iter().enumerate().map(|(index, person)| (person.address, random.number("tokens", index, 1 << 40) + (1 << 30)));
    let idle = (0..IDLE_ACCOUNTS).map(|index| (random.address("idle", index), 1));
    let slots = balances.chain(idle).map(|(owner, amount)| (keccak256(token::balance_slot(owner)), encode_slot(U256::from(amount))));
    state.contract(token, &token::code(), slots.collect())?;
    let ether = U256::from(10).pow(U256::from(18));
    for person in people {
        state.account(person.address, 0, ether * U256::from(100), EMPTY_ROOT_HASH, KECCAK256_EMPTY);
    }
    for index in 0..IDLE_ACCOUNTS {
        let balance = ether / U256::from(random.number("balance", index, 1000));
        state.account(random.address("idle", index), 1, balance, EMPTY_ROOT_HASH, KECCAK256_EMPTY);
    }
    let state_root = state.add_trie(None)?;
    Ok(Genesis { state_root, nodes: state.nodes, codes: state.codes, token })
}

/// Keys and values of a trie, hashed and encoded.
type Leaves = BTreeMap<B256, Vec<u8>>;

#[derive(Default)]
struct State {
    accounts: Leaves,
    nodes: Vec<Vec<u8>>,
    codes: Vec<Vec<u8>>,
}

impl State {
    fn account(&mut self, address: Address, nonce: u64, balance: U256, storage: B256, code: B256) {
        self.accounts.insert(keccak256(address), encode_account(nonce, balance, storage, code));
    }

    fn contract(&mut self, address: Address, code: &[u8], slots: Leaves) -> Result<(), TrieError> {
        let storage = self.add_trie(Some(slots))?;
        self.codes.push(code.to_vec());
        self.account(address, 1, U256::ZERO, storage, keccak256(code));
        Ok(())
    }

    /// Adds the nodes of a storage trie, or of the state trie, and returns its root.
    fn add_trie(&mut self, slots: Option<Leaves>) -> Result<B256, TrieError> {
        let leaves = slots.as_ref().unwrap_or(&self.accounts);
        let changes: Vec<Change<'_>> = leaves.iter().map(|(key, value)| Change { key: key.as_slice(), value: Some(value) }).collect();
        let (root, nodes) = build_nodes(&changes)?;
        self.nodes.extend(nodes);
        Ok(root)
    }
}
