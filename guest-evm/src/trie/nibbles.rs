//! An owned path of up to 64 nibbles.

use super::node::{Path, nibble};
use super::{Change, TrieError};

/// Nibbles, one per byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nibbles {
    nibbles: [u8; 64],
    len: u8,
}

impl Nibbles {
    /// At most 64 nibbles; more do not occur, since keys have at most 32 bytes.
    pub(super) fn new(from: &[u8]) -> Self {
        let mut nibbles = [0; 64];
        nibbles[..from.len()].copy_from_slice(from);
        Self { nibbles, len: from.len() as u8 }
    }

    /// The nibbles `from..to` of a key.
    pub(super) fn from_key(key: &[u8], from: usize, to: usize) -> Self {
        let mut nibbles = [0; 64];
        for (slot, at) in nibbles.iter_mut().zip(from..to) {
            *slot = nibble(key, at);
        }
        Self { nibbles, len: to.saturating_sub(from) as u8 }
    }

    /// A decoded path, whose length its caller has checked against the key's.
    pub(super) fn from_path(path: &Path<'_>) -> Self {
        let mut nibbles = [0; 64];
        for (at, slot) in nibbles[..path.len()].iter_mut().enumerate() {
            *slot = path.get(at);
        }
        Self { nibbles, len: path.len() as u8 }
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    pub(super) fn nibbles(&self) -> &[u8] {
        &self.nibbles[..self.len()]
    }

    /// This path with `rest` behind it.
    pub(super) fn followed_by(mut self, rest: &Self) -> Result<Self, TrieError> {
        let slots = self.nibbles[usize::from(self.len)..].get_mut(..rest.len());
        let slots = slots.ok_or(TrieError::Malformed("path longer than a key"))?;
        slots.copy_from_slice(rest.nibbles());
        self.len += rest.len;
        Ok(self)
    }

    /// How many nibbles of this path the key has from `depth` on.
    pub(super) fn common_prefix(&self, key: &[u8], depth: usize) -> usize {
        let keys = depth..key.len() * 2;
        self.nibbles().iter().zip(keys).take_while(|&(&own, at)| own == nibble(key, at)).count()
    }

    /// The changes whose keys have the first `shared` nibbles of this path from `depth` on.
    pub(super) fn select<'s, 'c>(&self, shared: usize, depth: usize, changes: &'s [Change<'c>]) -> &'s [Change<'c>] {
        let has = |change: &Change<'_>| self.common_prefix(change.key, depth) >= shared;
        let start = changes.iter().position(has).unwrap_or(changes.len());
        let count = changes[start..].iter().take_while(|change| has(change)).count();
        &changes[start..start + count]
    }

    /// Hex-prefix encoding (yellow paper, appendix C): bytes and their count.
    pub(super) fn hex_prefix(&self, is_leaf: bool) -> ([u8; 33], usize) {
        let mut out = [0; 33];
        let nibbles = self.nibbles();
        let odd = nibbles.len() % 2;
        out[0] = if is_leaf { 0x20 } else { 0 };
        if odd == 1 {
            out[0] |= 0x10 | nibbles[0];
        }
        for (byte, pair) in out[1..].iter_mut().zip(nibbles[odd..].chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        (out, 1 + nibbles.len() / 2)
    }
}
