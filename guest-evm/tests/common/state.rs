//! A block on a state of one's own, for what no real block shows.

use std::collections::BTreeMap;

use alloy_consensus::EMPTY_ROOT_HASH;
use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256, keccak256};
use tern_guest_evm::rlp::push_list_header;
use tern_guest_evm::trie::{Change, build_nodes};

/// An account of the pre-state.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub nonce: u64,
    pub balance: U256,
    pub code: Vec<u8>,
    pub storage: Vec<(U256, U256)>,
}

/// A pre-state: its root, its trie nodes and its codes.
#[derive(Debug, Default)]
pub struct State {
    pub root: B256,
    pub nodes: Vec<Vec<u8>>,
    pub codes: Vec<Vec<u8>>,
}

impl State {
    pub fn new(accounts: &[(Address, Account)]) -> Self {
        let mut state = Self::default();
        let leaves = accounts.iter().map(|(address, account)| (keccak256(address), state.add(account))).collect();
        state.root = state.add_trie(&leaves);
        state
    }

    /// Adds the account's code and storage; its value in the trie.
    fn add(&mut self, account: &Account) -> Vec<u8> {
        let slots = account.storage.iter().map(|(key, value)| (keccak256(key.to_be_bytes::<32>()), alloy_rlp::encode(value))).collect();
        let storage_root = self.add_trie(&slots);
        let code_hash = match account.code.as_slice() {
            [] => KECCAK256_EMPTY,
            code => {
                self.codes.push(code.to_vec());
                keccak256(code)
            }
        };
        let mut payload = alloy_rlp::encode(account.nonce);
        payload.extend(alloy_rlp::encode(account.balance));
        payload.extend(alloy_rlp::encode(storage_root));
        payload.extend(alloy_rlp::encode(code_hash));
        list(&payload)
    }

    fn add_trie(&mut self, leaves: &BTreeMap<B256, Vec<u8>>) -> B256 {
        if leaves.is_empty() {
            return EMPTY_ROOT_HASH;
        }
        let changes: Vec<_> = leaves.iter().map(|(key, value)| Change { key: key.as_slice(), value: Some(value) }).collect();
        let (root, nodes) = build_nodes(&changes).unwrap();
        self.nodes.extend(nodes);
        root
    }
}

/// `payload` as an RLP list.
pub fn list(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_list_header(&mut out, payload.len());
    out.extend_from_slice(payload);
    out
}
