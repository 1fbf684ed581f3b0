//! The pre-state as the EVM reads it, and the post-state root.
//!
//! Accounts, storage and codes are read from the witness when the EVM first asks for them and kept;
//! the changes of each transaction are committed over them. [`WitnessDb::post_state_root`] then updates
//! each touched storage trie and the state trie in one batch.

use alloc::rc::Rc;
use alloc::vec::Vec;

use alloy_consensus::EMPTY_ROOT_HASH;
use alloy_eips::eip7928::AccountChanges;
use alloy_primitives::map::{AddressMap, B256Map, U256Map};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use revm::bytecode::Bytecode;
use revm::bytecode::eip7702::EIP7702_MAGIC_BYTES;
use revm::database_interface::{DBErrorMarker, Database, DatabaseCommit};
use revm::state::{Account, AccountInfo};

use crate::access_list::Recorder;
use crate::code::{self, Jumps};
use crate::error::Invalid;
use crate::rlp;
use crate::trie::{self, Change, HashIndex, Ref, TrieError};

/// Nonce that stands in for zero where a contract is about to be created at an account that has storage, but neither
/// code nor nonce.
///
/// The creation must fail (EIP-7610), and a nonce is the sign of life that the EVM looks for. It is shown to the check of
/// that creation and to nothing else ([`crate::evm`]): all other code sees the account as it is.
pub(crate) const ORPHAN_NONCE: u64 = 1;

/// Why the pre-state could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// A trie node is missing or malformed.
    #[error(transparent)]
    Trie(#[from] TrieError),
    /// The witness lacks a contract's code.
    #[error("incomplete witness: no code with hash {0}")]
    MissingCode(B256),
    /// The witness lacks an ancestor's header that BLOCKHASH needs.
    #[error("incomplete witness: no header of block {0}, whose hash the block reads")]
    MissingAncestor(u64),
    /// An account's or storage slot's value does not decode.
    #[error("malformed {0} in the state trie")]
    Value(&'static str),
}

impl DBErrorMarker for StateError {}

/// The state that a block runs on.
#[derive(Debug)]
pub struct WitnessDb<'w> {
    nodes: HashIndex<'w>,
    codes: HashIndex<'w>,
    state_root: Ref<'w>,
    /// Number of the block that runs.
    block_number: u64,
    /// Hashes of the blocks before it: the parent's first.
    ancestors: Vec<B256>,
    accounts: AddressMap<CachedAccount<'w>>,
    bytecodes: B256Map<Bytecode>,
    /// What is known of the jump destinations of lazy bytecode, by its number; none before it runs.
    jumps: Vec<Option<Rc<Jumps>>>,
    /// Where a contract is being created, while the EVM checks whether it may be.
    creating: Option<Address>,
    /// The first reason why execution cannot go on: the EVM's own error types hide it.
    fault: Option<Invalid>,
    /// How many of `ancestors` reach to the oldest that was read.
    #[cfg(feature = "host")]
    ancestors_read: usize,
    /// What is accessed, where the fork asks for it.
    accesses: Option<Recorder>,
}

#[derive(Debug)]
struct CachedAccount<'w> {
    hashed_address: B256,
    /// Its storage trie in the pre-state, if the account existed.
    old_storage: Option<Ref<'w>>,
    /// Whether the account came with storage but with neither code nor nonce, and has the storage still.
    has_orphan_storage: bool,
    /// The account now; its code stays in [`WitnessDb::bytecodes`].
    info: Option<AccountInfo>,
    /// Whether the storage of the pre-state is gone: the account was created or destroyed in this block.
    is_wiped: bool,
    is_changed: bool,
    slots: U256Map<Slot>,
}

/// What became of an account.
#[cfg(feature = "host")]
#[derive(Debug)]
pub(crate) struct AccountChange<'a> {
    /// The account now; none if it is gone.
    pub(crate) info: Option<&'a AccountInfo>,
    /// Whether its storage of the pre-state is gone.
    pub(crate) is_wiped: bool,
    /// The storage that was read or written, by the hash of the key.
    pub(crate) slots: Vec<(B256, U256)>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hashed_key: B256,
    /// Value in the pre-state, zero once the storage is wiped.
    original: U256,
    present: U256,
}

impl<'w> WitnessDb<'w> {
    /// A state with root `state_root` over a witness.
    ///
    /// `ancestors` holds the hashes of the blocks before `block_number`, the parent's first.
    pub fn new(nodes: &[&'w [u8]], codes: &[&'w [u8]], state_root: &'w [u8; 32], block_number: u64, ancestors: Vec<B256>) -> Self {
        Self {
            nodes: HashIndex::new(nodes),
            codes: HashIndex::new(codes),
            state_root: Ref::root(state_root),
            block_number,
            ancestors,
            accounts: AddressMap::default(),
            bytecodes: B256Map::default(),
            jumps: Vec::new(),
            creating: None,
            fault: None,
            #[cfg(feature = "host")]
            ancestors_read: 0,
            accesses: None,
        }
    }

    /// Begins to record what is accessed (EIP-7928).
    pub(crate) fn record_accesses(&mut self) {
        self.accesses = Some(Recorder::default());
    }

    /// Says which step of the block runs: 0 before the transactions, then one for each, then one for what follows.
    pub(crate) fn set_access_index(&mut self, index: usize) {
        if let Some(accesses) = &mut self.accesses {
            accesses.set_index(index);
        }
    }

    /// The block's access list, if it was recorded: from Amsterdam on.
    pub fn access_list(&self) -> Option<Vec<AccountChanges>> {
        self.accesses.as_ref().map(Recorder::finish)
    }

    /// The first reason why execution could not go on, if any.
    pub fn take_fault(&mut self) -> Option<Invalid> {
        self.fault.take()
    }

    /// Notes a reason why execution cannot go on.
    pub fn note_fault(&mut self, fault: Invalid) {
        self.fault.get_or_insert(fault);
    }

    /// Says where a contract is being created: an orphan that is read there shows [`ORPHAN_NONCE`].
    pub(crate) fn set_creating(&mut self, address: Option<Address>) {
        self.creating = address;
    }

    /// Whether the account, read before, has storage of the pre-state but came with neither code nor nonce.
    pub(crate) fn has_orphan_storage(&self, address: &Address) -> bool {
        self.accounts.get(address).is_some_and(|account| account.has_orphan_storage)
    }

    /// Whether `address` has code now.
    pub fn has_code(&mut self, address: Address) -> Result<bool, StateError> {
        let account = self.account(address)?;
        Ok(account.info.as_ref().is_some_and(|info| info.code_hash != KECCAK256_EMPTY))
    }

    /// The state root after everything that was committed.
    pub fn post_state_root(&mut self) -> Result<B256, StateError> {
        // In an order of its own before anything can fail: the error, too, is the same under every salt.
        let mut changed: Vec<_> = self.accounts.values().filter(|account| account.is_changed).collect();
        changed.sort_unstable_by_key(|account| account.hashed_address);
        let mut leaves: Vec<(B256, Option<Vec<u8>>)> = Vec::with_capacity(changed.len());
        for account in changed {
            match &account.info {
                None if account.old_storage.is_none() => {}
                None => leaves.push((account.hashed_address, None)),
                Some(info) => {
                    let storage_root = account.post_storage_root(&self.nodes)?;
                    let value = encode_account(info.nonce, info.balance, storage_root, info.code_hash);
                    leaves.push((account.hashed_address, Some(value)));
                }
            }
        }
        let changes: Vec<Change<'_>> = leaves.iter().map(|(key, value)| Change { key: key.as_slice(), value: value.as_deref() }).collect();
        Ok(trie::update(&self.nodes, self.state_root, &changes)?)
    }

    /// Every account that was changed: the hash of its address, and what it is now.
    #[cfg(feature = "host")]
    pub(crate) fn changes(&self) -> impl Iterator<Item = (B256, AccountChange<'_>)> {
        self.accounts.values().filter(|account| account.is_changed).map(|account| {
            let slots = account.slots.values().map(|slot| (slot.hashed_key, slot.present)).collect();
            (account.hashed_address, AccountChange { info: account.info.as_ref(), is_wiped: account.is_wiped, slots })
        })
    }

    /// A code that was read or deployed.
    #[cfg(feature = "host")]
    pub(crate) fn known_code(&self, hash: &B256) -> Option<Bytes> {
        self.bytecodes.get(hash).map(Bytecode::original_bytes)
    }

    /// The trie nodes and codes of the witness that were read so far.
    #[cfg(feature = "host")]
    pub fn recorded(&self) -> (Vec<&'w [u8]>, Vec<&'w [u8]>) {
        (self.nodes.found().collect(), self.codes.found().collect())
    }

    /// How many ancestors, the parent first, reach to the oldest one whose hash was read.
    #[cfg(feature = "host")]
    pub fn ancestors_read(&self) -> usize {
        self.ancestors_read
    }

    fn account(&mut self, address: Address) -> Result<&mut CachedAccount<'w>, StateError> {
        // The entry API would hold the map while the trie is read.
        if !self.accounts.contains_key(&address) {
            let hashed_address = keccak256(address);
            let leaf = trie::get(&self.nodes, self.state_root, &hashed_address.0)?;
            let (old_storage, info) = leaf.map(decode_account).transpose()?.unzip();
            let has_orphan_storage =
                matches!(old_storage, Some(Ref::Hash(_))) && info.as_ref().is_some_and(|info: &AccountInfo| info.has_no_code_and_nonce());
            let account = CachedAccount {
                hashed_address,
                old_storage,
                has_orphan_storage,
                info,
                is_wiped: false,
                is_changed: false,
                slots: U256Map::default(),
            };
            self.accounts.insert(address, account);
        }
        self.accounts.get_mut(&address).ok_or(StateError::Value("account"))
    }

    fn slot(&mut self, address: Address, key: U256) -> Result<U256, StateError> {
        self.account(address)?;
        let nodes = &self.nodes;
        let account = self.accounts.get_mut(&address).ok_or(StateError::Value("account"))?;
        account.slot(nodes, key).map(|slot| slot.present)
    }

    fn code(&mut self, hash: B256) -> Result<Bytecode, StateError> {
        if hash == KECCAK256_EMPTY {
            return Ok(Bytecode::default());
        }
        if let Some(code) = self.bytecodes.get(&hash) {
            return Ok(code.clone());
        }
        let raw = self.codes.find(&hash.0).ok_or(StateError::MissingCode(hash))?;
        // Code that starts like a delegation (EIP-7702) but is none is ordinary code.
        let delegation = raw.starts_with(EIP7702_MAGIC_BYTES).then(|| Bytecode::new_eip7702_raw(Bytes::copy_from_slice(raw)).ok());
        let code = delegation.flatten().unwrap_or_else(|| {
            // Each number stands for at least a byte of the input, of which there are less than 2^32.
            let number = self.jumps.len() as u32;
            self.jumps.push(None);
            code::lazy(raw, number)
        });
        self.bytecodes.insert(hash, code.clone());
        Ok(code)
    }

    /// The jump destinations of bytecode from [`Database::code_by_hash`] that is about to run; none of bytecode that has a
    /// jump table of its own.
    pub(crate) fn jumps(&mut self, code: &Bytecode) -> Option<Rc<Jumps>> {
        let number = code::number(code)?;
        Some(self.jumps[number as usize].get_or_insert_with(|| Rc::new(Jumps::new(code.len()))).clone())
    }

    fn ancestor(&self, number: u64) -> Result<B256, StateError> {
        let age = self.block_number.checked_sub(number).and_then(|age| age.checked_sub(1));
        age.and_then(|age| usize::try_from(age).ok())
            .and_then(|age| self.ancestors.get(age))
            .copied()
            .ok_or(StateError::MissingAncestor(number))
    }

    fn note<T>(&mut self, result: Result<T, StateError>) -> Result<T, StateError> {
        if let Err(error) = &result {
            self.note_fault(error.clone().into());
        }
        result
    }

    fn commit_account(&mut self, address: Address, account: Account) -> Result<(), StateError> {
        self.account(address)?;
        let nodes = &self.nodes;
        let cached = self.accounts.get_mut(&address).ok_or(StateError::Value("account"))?;
        cached.is_changed = true;
        if account.is_selfdestructed() || account.is_created() {
            cached.wipe();
        }
        if account.is_selfdestructed() || account.is_empty() {
            // EIP-161: a touched account that is empty does not exist.
            cached.wipe();
            cached.info = None;
            return Ok(());
        }
        let mut info = account.info;
        if let Some(code) = info.code.take()
            && info.code_hash != KECCAK256_EMPTY
        {
            self.bytecodes.entry(info.code_hash).or_insert(code);
        }
        cached.info = Some(info);
        for (key, slot) in account.storage {
            if slot.is_changed() {
                cached.slot(nodes, key)?.present = slot.present_value;
            }
        }
        Ok(())
    }
}

impl<'w> CachedAccount<'w> {
    fn slot(&mut self, nodes: &HashIndex<'w>, key: U256) -> Result<&mut Slot, StateError> {
        if !self.slots.contains_key(&key) {
            let hashed_key = keccak256(key.to_be_bytes::<32>());
            let original = match self.old_storage {
                Some(root) if !self.is_wiped => trie::get(nodes, root, &hashed_key.0)?,
                _ => None,
            };
            let original = original.map_or(Ok(U256::ZERO), decode_slot)?;
            self.slots.insert(key, Slot { hashed_key, original, present: original });
        }
        self.slots.get_mut(&key).ok_or(StateError::Value("storage slot"))
    }

    fn wipe(&mut self) {
        self.is_wiped = true;
        self.has_orphan_storage = false;
        self.slots.clear();
    }

    fn post_storage_root(&self, nodes: &HashIndex<'w>) -> Result<B256, StateError> {
        let root = self.old_storage.filter(|_| !self.is_wiped).unwrap_or(Ref::Empty);
        let mut writes: Vec<(&B256, Vec<u8>)> = self
            .slots
            .values()
            .filter(|slot| slot.present != slot.original)
            .map(|slot| (&slot.hashed_key, encode_slot(slot.present)))
            .collect();
        if writes.is_empty() {
            return Ok(match root {
                Ref::Hash(hash) => B256::new(*hash),
                _ => EMPTY_ROOT_HASH,
            });
        }
        writes.sort_unstable_by_key(|(key, _)| *key);
        let changes: Vec<Change<'_>> = writes
            .iter()
            .map(|(key, value)| Change { key: key.as_slice(), value: (!value.is_empty()).then_some(value.as_slice()) })
            .collect();
        Ok(trie::update(nodes, root, &changes)?)
    }
}

impl Database for WitnessDb<'_> {
    type Error = StateError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, StateError> {
        let is_creating = self.creating == Some(address);
        let info = self.account(address).map(|account| {
            let mut info = account.info.clone();
            if let Some(info) = info.as_mut().filter(|info| is_creating && account.has_orphan_storage && info.has_no_code_and_nonce()) {
                info.nonce = ORPHAN_NONCE;
            }
            info
        });
        self.note(info)
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, StateError> {
        let code = self.code(code_hash);
        self.note(code)
    }

    fn storage(&mut self, address: Address, index: U256) -> Result<U256, StateError> {
        let value = self.slot(address, index);
        self.note(value)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, StateError> {
        #[cfg(feature = "host")]
        {
            let count = usize::try_from(self.block_number.saturating_sub(number)).unwrap_or(usize::MAX);
            self.ancestors_read = self.ancestors_read.max(count);
        }
        let hash = self.ancestor(number);
        self.note(hash)
    }
}

impl DatabaseCommit for WitnessDb<'_> {
    fn commit(&mut self, changes: AddressMap<Account>) {
        self.commit_iter(&mut changes.into_iter());
    }

    fn commit_iter(&mut self, changes: &mut dyn Iterator<Item = (Address, Account)>) {
        for (address, account) in changes {
            if let Some(accesses) = &mut self.accesses {
                accesses.note(address, &account);
            }
            if account.is_touched() {
                let done = self.commit_account(address, account);
                // A fault is fatal: the caller asks for it before it trusts any result.
                let _noted = self.note(done);
            }
        }
    }
}

/// Decodes an account's leaf: nonce, balance, storage root, code hash.
fn decode_account(value: &[u8]) -> Result<(Ref<'_>, AccountInfo), StateError> {
    let bad = |_| StateError::Value("account");
    let mut rest = rlp::whole_list(value).map_err(bad)?;
    let nonce = decode_uint(rlp::next_string(&mut rest).map_err(bad)?);
    let balance = decode_uint(rlp::next_string(&mut rest).map_err(bad)?);
    let storage_root = rlp::next_hash(&mut rest).map_err(bad)?;
    let code_hash = B256::new(*rlp::next_hash(&mut rest).map_err(bad)?);
    let (Some(nonce), Some(balance), true) = (nonce, balance, rest.is_empty()) else {
        return Err(StateError::Value("account"));
    };
    let nonce = u64::try_from(nonce).map_err(|_| StateError::Value("account"))?;
    let info = AccountInfo { balance, nonce, code_hash, code: None, account_id: None };
    Ok((Ref::root(storage_root), info))
}

fn decode_slot(mut value: &[u8]) -> Result<U256, StateError> {
    let bytes = rlp::next_string(&mut value).map_err(|_| StateError::Value("storage slot"))?;
    let number = decode_uint(bytes).filter(|_| value.is_empty());
    number.ok_or(StateError::Value("storage slot"))
}

/// A big-endian integer without leading zeros.
fn decode_uint(bytes: &[u8]) -> Option<U256> {
    if bytes.len() > 32 || bytes.first() == Some(&0) {
        return None;
    }
    U256::try_from_be_slice(bytes)
}

/// An account's value in the state trie.
pub(crate) fn encode_account(nonce: u64, balance: U256, storage_root: B256, code_hash: B256) -> Vec<u8> {
    let nonce = nonce.to_be_bytes();
    let nonce = trim(&nonce);
    let balance = balance.to_be_bytes::<32>();
    let balance = trim(&balance);
    let len = rlp::string_size(nonce) + rlp::string_size(balance) + 66;
    let mut out = Vec::with_capacity(len + 3);
    rlp::push_list_header(&mut out, len);
    rlp::push_string(&mut out, nonce);
    rlp::push_string(&mut out, balance);
    rlp::push_string(&mut out, storage_root.as_slice());
    rlp::push_string(&mut out, code_hash.as_slice());
    out
}

/// A slot's value in a storage trie; empty for zero, which is not stored.
pub(crate) fn encode_slot(value: U256) -> Vec<u8> {
    let mut out = Vec::with_capacity(33);
    if !value.is_zero() {
        rlp::push_string(&mut out, trim(&value.to_be_bytes::<32>()));
    }
    out
}

fn trim(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    &bytes[start..]
}
