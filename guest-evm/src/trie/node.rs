//! Trie nodes as they stand in the witness: borrowed, decoded one level at a time.

use alloy_consensus::EMPTY_ROOT_HASH;

use super::TrieError;
use crate::rlp::{self, Item};

/// A reference to a trie node inside its parent.
#[derive(Clone, Copy, Debug)]
pub enum Ref<'w> {
    /// No node.
    Empty,
    /// A node of at least 32 bytes, by hash.
    Hash(&'w [u8; 32]),
    /// The RLP of a node shorter than 32 bytes.
    Inline(&'w [u8]),
}

/// One decoded node.
#[derive(Clone, Copy, Debug)]
pub enum Node<'w> {
    /// A leaf: the rest of the key and the value.
    Leaf {
        /// The key's remaining nibbles.
        path: Path<'w>,
        /// The value's bytes.
        value: &'w [u8],
    },
    /// A shared stretch of key above a branch. Its path is not empty.
    Extension {
        /// The shared nibbles.
        path: Path<'w>,
        /// The branch below.
        child: Ref<'w>,
    },
    /// A branch.
    Branch(Branch<'w>),
}

/// A branch's payload: sixteen references and an empty value.
#[derive(Clone, Copy, Debug)]
pub struct Branch<'w>(&'w [u8]);

/// Length of a reference by hash, the longest.
const REFERENCE: usize = 33;

/// Length of the payload of a branch of sixteen hashes, as most near the root are. No other well-formed branch is as long, so
/// a child can be read without a look at those before it; an update looks at all.
const FULL_BRANCH: usize = 16 * REFERENCE + 1;

/// Where the references of such a branch begin and end.
const FULL_OFFSETS: [u16; 17] = {
    let mut offsets = [0; 17];
    let mut child = 1;
    while child < offsets.len() {
        offsets[child] = (child * REFERENCE) as u16;
        child += 1;
    }
    offsets
};

/// A hex-prefix encoded path (yellow paper, appendix C).
#[derive(Clone, Copy, Debug)]
pub struct Path<'w> {
    bytes: &'w [u8],
    /// Index of the first path nibble in `bytes`: 1 for odd lengths, 2 for even ones.
    start: usize,
}

impl<'w> Node<'w> {
    /// Decodes the node whose RLP is `raw`. A branch's children are checked when they are read.
    pub fn decode(raw: &'w [u8]) -> Result<Self, TrieError> {
        let payload = rlp::whole_list(raw)?;
        if Branch(payload).starts_with_two_children() {
            return Ok(Self::Branch(Branch(payload)));
        }
        let mut rest = payload;
        let first = rlp::next_item(&mut rest)?;
        let second = rlp::next_item(&mut rest)?;
        if !rest.is_empty() {
            return Ok(Self::Branch(Branch(payload)));
        }
        let (path, is_leaf) = Path::decode(first)?;
        if is_leaf {
            if second.is_list {
                return Err(TrieError::Malformed("leaf value is a list"));
            }
            return Ok(Self::Leaf { path, value: second.payload });
        }
        if path.is_empty() {
            return Err(TrieError::Malformed("extension with empty path"));
        }
        match Ref::decode(second)? {
            Ref::Empty => Err(TrieError::Malformed("extension without child")),
            child => Ok(Self::Extension { path, child }),
        }
    }
}

impl<'w> Ref<'w> {
    /// The trie whose root hash is `hash`.
    pub fn root(hash: &'w [u8; 32]) -> Self {
        if *hash == EMPTY_ROOT_HASH.0 { Self::Empty } else { Self::Hash(hash) }
    }

    fn decode(item: Item<'w>) -> Result<Self, TrieError> {
        if item.is_list {
            if item.raw.len() >= 32 {
                return Err(TrieError::Malformed("inline node of 32 bytes or more"));
            }
            return Ok(Self::Inline(item.raw));
        }
        if item.payload.is_empty() {
            return Ok(Self::Empty);
        }
        item.payload.try_into().map(Self::Hash).map_err(|_| TrieError::Malformed("node reference is neither a hash nor a node"))
    }
}

impl<'w> Branch<'w> {
    /// The child at `nibble`.
    pub fn child(&self, nibble: u8) -> Result<Ref<'w>, TrieError> {
        let mut at = 0;
        if self.0.len() == FULL_BRANCH {
            at = REFERENCE * usize::from(nibble);
        } else {
            for _ in 0..nibble {
                at = self.next(at).ok_or(TrieError::Malformed("branch child"))?;
            }
        }
        let mut rest = self.0.get(at..).ok_or(TrieError::Malformed("branch too short"))?;
        Ref::decode(rlp::next_item(&mut rest)?)
    }

    /// Where the reference behind the one at `at` begins.
    fn next(&self, at: usize) -> Option<usize> {
        Some(match *self.0.get(at)? {
            0x80 => at + 1,
            0xa0 => at + 33,
            byte @ 0xc0..=0xde => at + 1 + usize::from(byte - 0xc0),
            _ => return None,
        })
    }

    /// Whether two references stand at the beginning with something behind them, which no other node has.
    fn starts_with_two_children(&self) -> bool {
        self.next(0).and_then(|second| self.next(second)).is_some_and(|third| third < self.0.len())
    }

    /// The references to the children and the empty value, as they stand in the node.
    pub fn payload(&self) -> &'w [u8] {
        self.0
    }

    /// Where the reference to each child begins in [`payload`](Self::payload); the last number is where they end.
    pub fn offsets(&self) -> Result<[u16; 17], TrieError> {
        if self.0.len() == FULL_BRANCH && (0..16).all(|child| self.0[REFERENCE * child] == 0xa0) && self.0[REFERENCE * 16] == 0x80 {
            return Ok(FULL_OFFSETS);
        }
        let mut offsets = [0; 17];
        let mut at = 0;
        for offset in &mut offsets[1..] {
            at = self.next(at).ok_or(TrieError::Malformed("branch child"))?;
            // At most 16 times 33.
            *offset = at as u16;
        }
        match self.0.get(at..) {
            Some([0x80]) => Ok(offsets),
            Some(_) => Err(TrieError::Malformed("branch with a value")),
            None => Err(TrieError::Malformed("branch too short")),
        }
    }

    /// The child whose reference is `raw`.
    pub fn child_at(raw: &'w [u8]) -> Result<Ref<'w>, TrieError> {
        match raw {
            [0x80] => Ok(Ref::Empty),
            [0xa0, hash @ ..] => hash.try_into().map(Ref::Hash).map_err(|_| TrieError::Malformed("branch child")),
            raw => Ok(Ref::Inline(raw)),
        }
    }

    /// All sixteen children.
    pub fn children(&self) -> Result<[Ref<'w>; 16], TrieError> {
        let mut rest = self.0;
        let mut children = [Ref::Empty; 16];
        for child in &mut children {
            *child = Ref::decode(rlp::next_item(&mut rest)?)?;
        }
        if rest != [0x80] {
            return Err(TrieError::Malformed("branch with a value"));
        }
        Ok(children)
    }
}

impl<'w> Path<'w> {
    fn decode(item: Item<'w>) -> Result<(Self, bool), TrieError> {
        let bytes = item.payload;
        let &flags = bytes.first().ok_or(TrieError::Malformed("empty path"))?;
        if item.is_list || flags >= 0x40 {
            return Err(TrieError::Malformed("path prefix"));
        }
        let is_odd = flags & 0x10 != 0;
        if !is_odd && flags & 0x0f != 0 {
            return Err(TrieError::Malformed("path padding"));
        }
        let path = Self { bytes, start: if is_odd { 1 } else { 2 } };
        if path.len() > 64 {
            return Err(TrieError::Malformed("path longer than a key"));
        }
        Ok((path, flags & 0x20 != 0))
    }

    /// Number of nibbles.
    pub fn len(&self) -> usize {
        self.bytes.len() * 2 - self.start
    }

    /// Whether the path has no nibbles.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Nibble `at`, below [`len`](Self::len).
    pub fn get(&self, at: usize) -> u8 {
        nibble(self.bytes, self.start + at)
    }

    /// Whether the key's nibbles from `depth` on start with this path.
    pub fn matches(&self, key: &[u8], depth: usize) -> bool {
        let len = self.len();
        if depth + len > key.len() * 2 {
            return false;
        }
        // Equal parity means that the bytes line up once a single odd nibble is compared.
        if depth % 2 == self.start % 2 {
            let odd = depth % 2;
            if odd == 1 && self.get(0) != nibble(key, depth) {
                return false;
            }
            let from = (depth + odd) / 2;
            return self.bytes[1..] == key[from..from + (len - odd) / 2];
        }
        (0..len).all(|at| self.get(at) == nibble(key, depth + at))
    }
}

/// Nibble `at` of `bytes`, the high half of a byte first.
pub fn nibble(bytes: &[u8], at: usize) -> u8 {
    let byte = bytes[at / 2];
    if at.is_multiple_of(2) { byte >> 4 } else { byte & 0x0f }
}
