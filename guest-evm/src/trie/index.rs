//! Items of the witness by their Keccak-256 hash.

use alloc::{vec, vec::Vec};
#[cfg(feature = "host")]
use core::cell::Cell;
use core::hash::{BuildHasher, Hasher};

use alloy_primitives::{B256, keccak256};
use foldhash::fast::RandomState;

use super::TrieError;

/// Byte strings indexed by hash: each is hashed once, when the index is built.
///
/// An open-addressing table keyed by a salted hash of the first word of the hash: whoever makes the items can search for
/// some whose words begin alike.
#[derive(Debug)]
pub struct HashIndex<'w> {
    entries: Vec<(B256, &'w [u8])>,
    /// Positions in `entries` plus one; zero marks a free slot. The length is a power of two.
    table: Vec<u32>,
    salted: RandomState,
    /// Whether each of `entries` was found since the index was built.
    #[cfg(feature = "host")]
    found: Vec<Cell<bool>>,
}

impl<'w> HashIndex<'w> {
    /// Hashes and indexes `items`. Duplicates are kept once.
    pub fn new(items: &[&'w [u8]]) -> Self {
        let size = (items.len() * 2).next_power_of_two().max(8);
        let mut index = Self {
            entries: Vec::with_capacity(items.len()),
            table: vec![0; size],
            salted: RandomState::default(),
            #[cfg(feature = "host")]
            found: vec![Cell::new(false); items.len()],
        };
        for item in items {
            index.insert(keccak256(item), item);
        }
        index
    }

    /// The item whose hash is `hash`.
    pub fn find(&self, hash: &[u8; 32]) -> Option<&'w [u8]> {
        match self.table[self.slot(hash)] {
            0 => None,
            at => {
                let at = at as usize - 1;
                #[cfg(feature = "host")]
                self.found[at].set(true);
                Some(self.entries[at].1)
            }
        }
    }

    /// The items that were found since the index was built.
    #[cfg(feature = "host")]
    pub fn found(&self) -> impl Iterator<Item = &'w [u8]> {
        self.entries.iter().zip(&self.found).filter(|(_, found)| found.get()).map(|(entry, _)| entry.1)
    }

    /// The trie node whose hash is `hash`.
    pub fn node(&self, hash: &[u8; 32]) -> Result<&'w [u8], TrieError> {
        self.find(hash).ok_or(TrieError::MissingNode(B256::new(*hash)))
    }

    fn insert(&mut self, hash: B256, item: &'w [u8]) {
        let slot = self.slot(&hash.0);
        if self.table[slot] == 0 {
            self.entries.push((hash, item));
            self.table[slot] = self.entries.len() as u32;
        }
    }

    /// The slot that holds `hash`, or the free slot where it belongs. At least half the slots are free.
    fn slot(&self, hash: &[u8; 32]) -> usize {
        let mask = self.table.len() - 1;
        let mut hasher = self.salted.build_hasher();
        hasher.write_u64(u64::from_le_bytes(first_word(hash)));
        let mut slot = hasher.finish() as usize & mask;
        loop {
            match self.table[slot] {
                0 => return slot,
                at if self.entries[at as usize - 1].0.0 == *hash => return slot,
                _ => slot = (slot + 1) & mask,
            }
        }
    }
}

fn first_word(hash: &[u8; 32]) -> [u8; 8] {
    let mut word = [0; 8];
    word.copy_from_slice(&hash[..8]);
    word
}
