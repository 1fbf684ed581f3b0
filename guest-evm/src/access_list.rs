//! The block access list (EIP-7928): built while the block runs, and compared with what the header commits to.
//!
//! Every account and storage slot that the block accesses is in it, with its values after each transaction that changed
//! them. The list itself is in no block; where one comes beside the block, it must be the one that the header commits to.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use alloy_eips::eip7928::{
    AccountChanges, BalanceChange, BlockAccessIndex, CodeChange, NonceChange, SlotChanges, StorageChange, compute_block_access_list_hash,
    total_bal_items,
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::Decodable;
use revm::state::{Account, AccountInfo};

use crate::error::Invalid;

/// Gas of the block's limit for each account and slot of its list.
const GAS_PER_ITEM: u64 = 2_000;

/// What is wrong with a block's access list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessListError {
    /// More accounts and slots than the gas limit allows.
    #[error("{items} accounts and slots, more than {most}")]
    TooLong {
        /// Accounts and slots of the block's list.
        items: u64,
        /// The most that the gas limit allows.
        most: u64,
    },
    /// The list beside the block does not decode.
    #[error("does not decode: {0}")]
    Rlp(alloy_rlp::Error),
    /// The list beside the block has another entry than the one that execution gives.
    #[error("{part} of {address} differ from what execution gives")]
    Differs {
        /// The first account whose entry differs.
        address: Address,
        /// The first part of the entry that differs.
        part: &'static str,
    },
    /// The list beside the block has an account that the block does not access.
    #[error("{0} is listed and not accessed")]
    NotAccessed(Address),
    /// The list beside the block lacks an account that the block accesses.
    #[error("{0} is accessed and not listed")]
    NotListed(Address),
    /// The list beside the block says the same as the one that execution gives, in another order or in other bytes.
    #[error("is not in its canonical form")]
    Form,
}

/// The accesses of a block so far.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    accounts: BTreeMap<Address, Accesses>,
    /// Codes that accounts came to have, by their hashes.
    codes: BTreeMap<B256, Bytes>,
    index: BlockAccessIndex,
}

/// The accesses of an account.
#[derive(Debug)]
struct Accesses {
    balance: History<U256>,
    nonce: History<u64>,
    code_hash: History<B256>,
    slots: BTreeMap<U256, History<U256>>,
}

/// A value before the block, and after each step that changed it.
#[derive(Debug)]
struct History<T> {
    before: T,
    changes: Vec<(BlockAccessIndex, T)>,
}

impl<T: Copy + PartialEq> History<T> {
    const fn new(before: T) -> Self {
        Self { before, changes: Vec::new() }
    }

    /// Notes the value at the end of a part of step `index`, which may have several.
    fn note(&mut self, index: BlockAccessIndex, value: T) {
        self.changes.pop_if(|(last, _)| *last == index);
        if self.changes.last().map_or(self.before, |(_, last)| *last) != value {
            self.changes.push((index, value));
        }
    }

    fn map<C>(&self, change: impl Fn(BlockAccessIndex, T) -> C) -> Vec<C> {
        self.changes.iter().map(|(index, value)| change(*index, *value)).collect()
    }
}

impl Recorder {
    /// Says which step runs: 0 before the transactions, then one for each, then one for what follows.
    pub(crate) fn set_index(&mut self, index: usize) {
        self.index = BlockAccessIndex::new(index as u64);
    }

    /// Notes an account that a part of the step accessed.
    pub(crate) fn note(&mut self, address: Address, account: &Account) {
        let before = account.original_info();
        let entry = self.accounts.entry(address).or_insert_with(|| Accesses {
            balance: History::new(before.balance),
            nonce: History::new(before.nonce),
            code_hash: History::new(before.code_hash),
            slots: BTreeMap::new(),
        });
        // EIP-6780 and EIP-8246: what is left of an account that is destroyed in the transaction that created it is a balance, which
        // the EVM gives back to it where there is one.
        let is_gone = account.is_selfdestructed_locally();
        let gone = AccountInfo::default();
        let now = if is_gone { &gone } else { &account.info };
        entry.balance.note(self.index, now.balance);
        entry.nonce.note(self.index, now.nonce);
        entry.code_hash.note(self.index, now.code_hash);
        if before.code_hash != now.code_hash {
            let code = now.code.as_ref().map(|code| code.original_bytes()).unwrap_or_default();
            self.codes.insert(now.code_hash, code);
        }
        for (key, slot) in &account.storage {
            let value = if is_gone { U256::ZERO } else { slot.present_value };
            entry.slots.entry(*key).or_insert_with(|| History::new(slot.original_value)).note(self.index, value);
        }
    }

    /// The list, in its canonical order.
    pub(crate) fn finish(&self) -> Vec<AccountChanges> {
        self.accounts.iter().map(|(address, accesses)| self.changes(*address, accesses)).collect()
    }

    fn changes(&self, address: Address, accesses: &Accesses) -> AccountChanges {
        let code = |hash: B256| self.codes.get(&hash).cloned().unwrap_or_default();
        let mut changes = AccountChanges::new(address);
        changes.balance_changes = accesses.balance.map(BalanceChange::new);
        changes.nonce_changes = accesses.nonce.map(NonceChange::new);
        changes.code_changes = accesses.code_hash.map(|index, hash| CodeChange::new(index, code(hash)));
        for (key, history) in &accesses.slots {
            match history.map(StorageChange::new) {
                writes if writes.is_empty() => changes.storage_reads.push(*key),
                writes => changes.storage_changes.push(SlotChanges::new(*key, writes)),
            }
        }
        changes
    }
}

/// Checks the list that execution gave against the header's hash, and the list beside the block, if there is one, against both.
pub(crate) fn check(computed: &[AccountChanges], hash: B256, gas_limit: u64, beside: Option<&[u8]>) -> Result<(), Invalid> {
    const FIELD: &str = "block access list hash";
    let (items, most) = (total_bal_items(computed), gas_limit / GAS_PER_ITEM);
    if items > most {
        return Err(AccessListError::TooLong { items, most }.into());
    }
    if let Some(raw) = beside {
        let given = keccak256(raw);
        if given != hash {
            return Err(Invalid::WrongHash { field: FIELD, header: hash, computed: given });
        }
    }
    let own = compute_block_access_list_hash(computed);
    match beside {
        _ if own == hash => Ok(()),
        Some(raw) => Err(difference(raw, computed).into()),
        None => Err(Invalid::WrongHash { field: FIELD, header: hash, computed: own }),
    }
}

/// Where the list beside the block departs from the one that execution gave, which has another hash.
fn difference(mut raw: &[u8], computed: &[AccountChanges]) -> AccessListError {
    let listed = match Vec::<AccountChanges>::decode(&mut raw) {
        Ok(listed) if raw.is_empty() => listed,
        Ok(_) => return AccessListError::Rlp(alloy_rlp::Error::UnexpectedLength),
        Err(error) => return AccessListError::Rlp(error),
    };
    for (one, other) in listed.iter().zip(computed) {
        if one.address != other.address {
            let lacks = |list: &[AccountChanges], address| list.iter().all(|account| account.address != address);
            return match (lacks(&listed, other.address), lacks(computed, one.address)) {
                (true, _) => AccessListError::NotListed(other.address),
                (_, true) => AccessListError::NotAccessed(one.address),
                _ => AccessListError::Form,
            };
        }
        let parts = [
            ("storage changes", one.storage_changes == other.storage_changes),
            ("storage reads", one.storage_reads == other.storage_reads),
            ("balance changes", one.balance_changes == other.balance_changes),
            ("nonce changes", one.nonce_changes == other.nonce_changes),
            ("code changes", one.code_changes == other.code_changes),
        ];
        if let Some((part, _)) = parts.into_iter().find(|(_, is_equal)| !is_equal) {
            return AccessListError::Differs { address: one.address, part };
        }
    }
    match (listed.get(computed.len()), computed.get(listed.len())) {
        (Some(more), _) => AccessListError::NotAccessed(more.address),
        (_, Some(more)) => AccessListError::NotListed(more.address),
        (None, None) => AccessListError::Form,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use revm::bytecode::Bytecode;
    use revm::state::EvmStorageSlot;
    use revm::state::TransactionId;
    use revm::state::bal::Bal;

    /// An account as it was before a step and is after it, with a slot that the step accessed.
    fn account(before: (u64, u64, u8), after: (u64, u64, u8), slot: (u64, u64)) -> Account {
        let info = |(balance, nonce, code): (u64, u64, u8)| {
            let code = if code == 0 { Bytecode::default() } else { Bytecode::new_legacy(alloc::vec![code].into()) };
            AccountInfo { balance: U256::from(balance), nonce, code_hash: code.hash_slow(), code: Some(code), account_id: None }
        };
        let mut account = Account::from(info(before));
        account.info = info(after);
        let (original, present) = (U256::from(slot.0), U256::from(slot.1));
        let slot = EvmStorageSlot::new_changed(original, present, TransactionId::ZERO);
        account.storage.insert(U256::from(3), slot);
        account
    }

    proptest! {
        /// One part a step: revm's own builder gives the same list.
        #[test]
        fn lists_are_those_of_revm(steps in prop::collection::vec((0u64..3, 0u64..3, 0u8..3, 0u64..3, any::<bool>()), 1..12)) {
            let address = Address::repeat_byte(1);
            let (mut recorder, mut bal) = (Recorder::default(), Bal::new());
            let (mut before, mut value) = ((1, 1, 0), 1);
            for (index, (balance, nonce, code, slot, is_destroyed)) in steps.into_iter().enumerate() {
                let after = (balance, nonce, code);
                let mut account = account(before, after, (value, slot));
                (before, value) = (after, slot);
                if is_destroyed {
                    account.mark_selfdestructed_locally();
                    (before, value) = ((0, 0, 0), 0);
                }
                recorder.set_index(index);
                recorder.note(address, &account);
                bal.update_account(BlockAccessIndex::new(index as u64), address, &account);
            }
            prop_assert_eq!(recorder.finish(), bal.into_alloy_bal());
        }
    }

    /// A step may have several parts, such as the system calls after the transactions: only its end counts.
    #[test]
    fn what_a_later_part_of_a_step_undoes_is_no_change() {
        let address = Address::repeat_byte(1);
        let mut recorder = Recorder::default();
        recorder.set_index(1);
        recorder.note(address, &account((1, 1, 0), (2, 1, 0), (5, 6)));
        recorder.note(address, &account((2, 1, 0), (1, 2, 0), (6, 5)));
        let list = recorder.finish();
        assert_eq!((&list[0].balance_changes[..], &list[0].storage_reads[..]), (&[][..], &[U256::from(3)][..]));
        assert_eq!(list[0].nonce_changes, [NonceChange::new(BlockAccessIndex::new(1), 2)]);
        recorder.set_index(2);
        recorder.note(address, &account((1, 2, 0), (7, 2, 0), (5, 5)));
        assert_eq!(recorder.finish()[0].balance_changes, [BalanceChange::new(BlockAccessIndex::new(2), U256::from(7))]);
    }

    #[test]
    fn lists_are_limited_by_gas() {
        let list = [AccountChanges::new(Address::ZERO)];
        let hash = compute_block_access_list_hash(&list);
        assert_eq!(check(&list, hash, 2_000, None), Ok(()));
        assert_eq!(check(&list, hash, 1_999, None), Err(AccessListError::TooLong { items: 1, most: 0 }.into()));
    }
}
