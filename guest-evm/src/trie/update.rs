//! Batched updates and roots.
//!
//! One pass from the root down: the sorted changes are split at every node, and each changed node is
//! encoded and hashed once on the way back up. A node that no change reaches is never read. Because a
//! branch is judged only after all its changes are in, deleting next to an insertion needs no sibling.

use alloc::vec::Vec;

use alloy_primitives::B256;

use super::encode::{Child, Encoded, Sub};
use super::nibbles::Nibbles;
use super::node::{Branch, Node, Path, Ref, nibble};
use super::{HashIndex, TrieError};
use crate::rlp;

/// A change to one key.
#[derive(Clone, Copy, Debug)]
pub struct Change<'c> {
    /// The key's bytes. Keys of one trie are never prefixes of each other.
    pub key: &'c [u8],
    /// The new value, or `None` to delete the key (which need not exist).
    pub value: Option<&'c [u8]>,
}

/// Applies `changes`, sorted by strictly increasing key, to the trie at `root` and returns the new root hash.
pub fn update<'w: 'c, 'c>(nodes: &HashIndex<'w>, root: Ref<'w>, changes: &[Change<'c>]) -> Result<B256, TrieError> {
    let mut updater = Updater::new(Some(nodes));
    let sub = updater.update(root, 0, changes)?;
    Ok(updater.root_hash(sub))
}

/// Root of the trie that maps `rlp(i)` to item `i`: transactions, receipts, withdrawals.
pub fn ordered_root(items: &[&[u8]]) -> B256 {
    let keys: Vec<Vec<u8>> = (0..items.len() as u64).map(alloy_rlp::encode).collect();
    let mut changes: Vec<Change<'_>> = keys.iter().zip(items).map(|(key, item)| Change { key, value: Some(item) }).collect();
    // `rlp(0)` is 0x80 and sorts between `rlp(127)` and `rlp(128)`.
    changes.sort_unstable_by_key(|change| change.key);
    let mut updater = Updater::new(None);
    let sub = updater.build(0, &changes).expect("RLP integers are distinct and never prefixes of each other");
    updater.root_hash(sub)
}

/// Builds the trie that holds the insertions among `changes` (sorted by strictly increasing key).
///
/// Returns its root hash and the RLP of all nodes that are referred to by hash, the root included.
#[cfg(feature = "host")]
pub fn build_nodes(changes: &[Change<'_>]) -> Result<(B256, Vec<Vec<u8>>), TrieError> {
    let mut updater = Updater::new(None);
    updater.kept = Some(Vec::new());
    let sub = updater.build(0, changes)?;
    let root = updater.root_hash(sub);
    Ok((root, updater.kept.unwrap_or_default()))
}

/// What lies below a path.
#[derive(Clone, Copy)]
enum Tail<'c> {
    Leaf(&'c [u8]),
    Child(Ref<'c>),
}

/// A branch under construction.
struct Slots<'c> {
    children: [Child<'c>; 16],
    /// The last changed child, not yet encoded: if it ends up alone, it merges into its parent instead.
    pending: Option<(u8, Sub<'c>)>,
    /// Length of [`Updater::encoded`] before this branch.
    mark: usize,
}

pub(super) struct Updater<'u, 'w> {
    nodes: Option<&'u HashIndex<'w>>,
    /// References to changed children of the branches being built.
    pub(super) encoded: Vec<Encoded>,
    /// The node being encoded.
    pub(super) scratch: Vec<u8>,
    /// Where wanted, the RLP of every node that was hashed.
    #[cfg(feature = "host")]
    pub(super) kept: Option<Vec<Vec<u8>>>,
}

impl<'u, 'w> Updater<'u, 'w> {
    fn new(nodes: Option<&'u HashIndex<'w>>) -> Self {
        Self {
            nodes,
            encoded: Vec::new(),
            scratch: Vec::new(),
            #[cfg(feature = "host")]
            kept: None,
        }
    }

    fn update<'c>(&mut self, at: Ref<'c>, depth: usize, changes: &[Change<'c>]) -> Result<Sub<'c>, TrieError>
    where
        'w: 'c,
    {
        if changes.is_empty() {
            return Ok(Sub::Unchanged(at));
        }
        let new = match self.read(at)? {
            None => match self.build(depth, changes)? {
                Sub::Empty => None,
                sub => Some(sub),
            },
            Some(Node::Leaf { path, value }) => {
                if depth + path.len() != changes[0].key.len() * 2 {
                    return Err(TrieError::Malformed("leaf at the wrong depth"));
                }
                self.update_short(&path, Tail::Leaf(value), depth, changes)?
            }
            Some(Node::Extension { path, child }) => {
                if depth + path.len() >= changes[0].key.len() * 2 {
                    return Err(TrieError::Malformed("extension too deep"));
                }
                self.update_short(&path, Tail::Child(child), depth, changes)?
            }
            Some(Node::Branch(branch)) if changes.iter().all(|change| change.value.is_some()) => {
                self.replace_children(branch, depth, changes)?
            }
            Some(Node::Branch(branch)) => {
                let children = branch.children()?.map(Child::Old);
                self.update_branch(children, depth, changes)?
            }
        };
        Ok(new.unwrap_or(Sub::Unchanged(at)))
    }

    fn read<'c>(&self, at: Ref<'c>) -> Result<Option<Node<'c>>, TrieError>
    where
        'w: 'c,
    {
        let raw = match (at, self.nodes) {
            (Ref::Empty, _) => return Ok(None),
            (Ref::Inline(raw), _) => raw,
            (Ref::Hash(hash), Some(nodes)) => nodes.node(hash)?,
            (Ref::Hash(hash), None) => return Err(TrieError::MissingNode(B256::new(*hash))),
        };
        Node::decode(raw).map(Some)
    }

    /// The subtrie that holds nothing but the insertions among `changes`.
    fn build<'c>(&mut self, depth: usize, changes: &[Change<'c>]) -> Result<Sub<'c>, TrieError>
    where
        'w: 'c,
    {
        let first = changes.iter().position(|change| change.value.is_some());
        let last = changes.iter().rposition(|change| change.value.is_some());
        let (Some(first), Some(last)) = (first, last) else { return Ok(Sub::Empty) };
        let changes = &changes[first..=last];
        let (first, last) = (&changes[0], &changes[changes.len() - 1]);
        let end = first.key.len() * 2;
        if let (1, Some(value)) = (changes.len(), first.value) {
            return match depth <= end {
                true => Ok(Sub::Leaf(Nibbles::from_key(first.key, depth, end), value)),
                false => Err(TrieError::Malformed("key is too short")),
            };
        }
        let mut fork = depth;
        while fork < end.min(last.key.len() * 2) && nibble(first.key, fork) == nibble(last.key, fork) {
            fork += 1;
        }
        match self.update_branch([Child::Old(Ref::Empty); 16], fork, changes)? {
            None => Ok(Sub::Empty),
            Some(branch) => self.join(Nibbles::from_key(first.key, depth, fork), branch),
        }
    }

    /// Updates a leaf or extension; `None` if nothing changed.
    fn update_short<'c>(
        &mut self,
        path: &Path<'c>,
        tail: Tail<'c>,
        depth: usize,
        changes: &[Change<'c>],
    ) -> Result<Option<Sub<'c>>, TrieError>
    where
        'w: 'c,
    {
        let nibbles = Nibbles::from_path(path);
        // Where all changes follow the path, and most do, whole bytes tell it.
        match changes.iter().all(|change| path.matches(change.key, depth)) {
            true => self.update_tail(nibbles, tail, depth, changes),
            false => self.update_path(nibbles, tail, depth, changes),
        }
    }

    /// Updates a leaf or extension from which some change may leave; `None` if nothing changed.
    fn update_path<'c>(&mut self, path: Nibbles, tail: Tail<'c>, depth: usize, changes: &[Change<'c>]) -> Result<Option<Sub<'c>>, TrieError>
    where
        'w: 'c,
    {
        // Insertions that leave the path put a branch where the first of them does.
        let shared = changes
            .iter()
            .filter(|change| change.value.is_some())
            .map(|change| path.common_prefix(change.key, depth))
            .min()
            .unwrap_or(path.len());
        let below = path.select(shared, depth, changes);
        if shared == path.len() {
            return self.update_tail(path, tail, depth, below);
        }
        let fork = depth + shared;
        let own = path.nibbles()[shared];
        let mut slots = self.new_branch([Child::Old(Ref::Empty); 16]);
        for slot in 0..16 {
            let group = group_at(below, fork, slot)?;
            let sub = if slot != own {
                self.build(fork + 1, group)?
            } else {
                let rest = Nibbles::new(&path.nibbles()[shared + 1..]);
                match self.update_path(rest, tail, fork + 1, group)? {
                    Some(sub) => sub,
                    None => self.unchanged_tail(rest, tail),
                }
            };
            self.place(&mut slots, slot, sub);
        }
        let branch = self.finish_branch(slots)?;
        self.join(Nibbles::new(&path.nibbles()[..shared]), branch).map(Some)
    }

    /// Updates what lies below `path`, given the changes that follow all of it.
    fn update_tail<'c>(&mut self, path: Nibbles, tail: Tail<'c>, depth: usize, changes: &[Change<'c>]) -> Result<Option<Sub<'c>>, TrieError>
    where
        'w: 'c,
    {
        match (tail, changes) {
            (_, []) => Ok(None),
            (Tail::Leaf(value), [change]) => Ok(match change.value {
                None => Some(Sub::Empty),
                Some(new) if new == value => None,
                Some(new) => Some(Sub::Leaf(path, new)),
            }),
            (Tail::Leaf(_), _) => Err(TrieError::Malformed("key is a prefix of another")),
            (Tail::Child(child), _) => match self.update(child, depth + path.len(), changes)? {
                Sub::Unchanged(_) => Ok(None),
                sub => self.join(path, sub).map(Some),
            },
        }
    }

    fn unchanged_tail<'c>(&mut self, path: Nibbles, tail: Tail<'c>) -> Sub<'c> {
        match tail {
            Tail::Leaf(value) => Sub::Leaf(path, value),
            Tail::Child(child) if path.len() == 0 => Sub::Unchanged(child),
            Tail::Child(child) => Sub::Extension(path, Encoded::from_ref(child)),
        }
    }

    /// Updates a branch; `None` if nothing changed.
    fn update_branch<'c>(&mut self, children: [Child<'c>; 16], depth: usize, changes: &[Change<'c>]) -> Result<Option<Sub<'c>>, TrieError>
    where
        'w: 'c,
    {
        let mut slots = self.new_branch(children);
        let mut is_changed = false;
        let mut rest = changes;
        while let Some(next) = rest.first() {
            let slot = next_nibble(next.key, depth)?;
            let group = group_at(rest, depth, slot)?;
            rest = &rest[group.len()..];
            let Child::Old(child) = slots.children[usize::from(slot)] else {
                return Err(TrieError::Malformed("changes out of order"));
            };
            let sub = self.update(child, depth + 1, group)?;
            if !matches!(sub, Sub::Unchanged(_)) {
                is_changed = true;
                self.place(&mut slots, slot, sub);
            }
        }
        if is_changed { self.finish_branch(slots).map(Some) } else { Ok(None) }
    }

    /// Updates a branch from which nothing is deleted, so that it stays a branch: a copy with other references to the
    /// changed children. `None` if nothing changed.
    fn replace_children<'c>(&mut self, branch: Branch<'c>, depth: usize, changes: &[Change<'c>]) -> Result<Option<Sub<'c>>, TrieError>
    where
        'w: 'c,
    {
        let (payload, offsets) = (branch.payload(), branch.offsets()?);
        let reference = |slot: usize| usize::from(offsets[slot])..usize::from(offsets[slot + 1]);
        let mark = self.encoded.len();
        let mut replaced = [0u8; 16];
        let mut len = payload.len();
        let mut rest = changes;
        while let Some(next) = rest.first() {
            let slot = next_nibble(next.key, depth)?;
            let same = rest.iter().take_while(|change| next_nibble(change.key, depth) == Ok(slot)).count();
            let (group, others) = rest.split_at(same);
            rest = others;
            let old = &payload[reference(usize::from(slot))];
            let sub = self.update(Branch::child_at(old)?, depth + 1, group)?;
            match sub {
                Sub::Unchanged(_) => continue,
                Sub::Empty => return Err(TrieError::Malformed("insertion left nothing")),
                _ => {}
            }
            let new = self.encode(&sub);
            len = len - old.len() + new.as_slice().len();
            let count = self.encoded.len() - mark;
            *replaced.get_mut(count).ok_or(TrieError::Malformed("changes out of order"))? = slot;
            self.encoded.push(new);
        }
        if self.encoded.len() == mark {
            return Ok(None);
        }
        let out = &mut self.scratch;
        out.clear();
        rlp::push_list_header(out, len);
        let mut copied = 0;
        for (new, &slot) in self.encoded[mark..].iter().zip(&replaced) {
            let old = reference(usize::from(slot));
            out.extend_from_slice(&payload[copied..old.start]);
            out.extend_from_slice(new.as_slice());
            copied = old.end;
        }
        out.extend_from_slice(&payload[copied..]);
        self.encoded.truncate(mark);
        Ok(Some(Sub::Branch(self.reference())))
    }

    fn new_branch<'c>(&self, children: [Child<'c>; 16]) -> Slots<'c> {
        Slots { children, pending: None, mark: self.encoded.len() }
    }

    fn place<'c>(&mut self, slots: &mut Slots<'c>, slot: u8, sub: Sub<'c>) {
        slots.children[usize::from(slot)] = match sub {
            Sub::Empty => Child::Old(Ref::Empty),
            Sub::Unchanged(child) => Child::Old(child),
            sub => {
                self.settle(slots);
                slots.pending = Some((slot, sub));
                Child::Pending
            }
        };
    }

    /// Encodes the pending child, which is now known to have a sibling.
    fn settle(&mut self, slots: &mut Slots<'_>) {
        if let Some((slot, sub)) = slots.pending.take() {
            let encoded = self.encode(&sub);
            slots.children[usize::from(slot)] = Child::New(self.encoded.len());
            self.encoded.push(encoded);
        }
    }

    fn finish_branch<'c>(&mut self, mut slots: Slots<'c>) -> Result<Sub<'c>, TrieError>
    where
        'w: 'c,
    {
        let mut occupied = (0..16u8).filter(|&slot| !matches!(slots.children[usize::from(slot)], Child::Old(Ref::Empty)));
        let Some(first) = occupied.next() else { return Ok(Sub::Empty) };
        if occupied.next().is_none() {
            let sub = match (slots.children[usize::from(first)], slots.pending.take()) {
                (Child::Pending, Some((_, sub))) => sub,
                (Child::Old(child), _) => Sub::Unchanged(child),
                // A child is encoded only once another one is placed; deletions come from the
                // update itself, so the other cannot have vanished since.
                _ => return Err(TrieError::Malformed("lone encoded child")),
            };
            self.encoded.truncate(slots.mark);
            return self.join(Nibbles::new(&[first]), sub);
        }
        self.settle(&mut slots);
        let encoded = self.encode_branch(&slots.children);
        self.encoded.truncate(slots.mark);
        Ok(Sub::Branch(encoded))
    }

    /// Puts `prefix` above `sub`.
    fn join<'c>(&mut self, prefix: Nibbles, sub: Sub<'c>) -> Result<Sub<'c>, TrieError>
    where
        'w: 'c,
    {
        if prefix.len() == 0 {
            return Ok(sub);
        }
        Ok(match sub {
            Sub::Empty => Sub::Empty,
            Sub::Leaf(path, value) => Sub::Leaf(prefix.followed_by(&path)?, value),
            Sub::Extension(path, child) => Sub::Extension(prefix.followed_by(&path)?, child),
            Sub::Branch(branch) => Sub::Extension(prefix, branch),
            Sub::Unchanged(at) => match self.read(at)? {
                None => Sub::Empty,
                Some(Node::Leaf { path, value }) => Sub::Leaf(prefix.followed_by(&Nibbles::from_path(&path))?, value),
                Some(Node::Extension { path, child }) => {
                    let path = prefix.followed_by(&Nibbles::from_path(&path))?;
                    Sub::Extension(path, Encoded::from_ref(child))
                }
                Some(Node::Branch(_)) => Sub::Extension(prefix, Encoded::from_ref(at)),
            },
        })
    }
}

/// The leading run of `changes` whose nibble at `depth` is `slot`.
fn group_at<'s, 'c>(changes: &'s [Change<'c>], depth: usize, slot: u8) -> Result<&'s [Change<'c>], TrieError> {
    let start = changes.partition_point(|change| change.key.len() * 2 > depth && nibble(change.key, depth) < slot);
    let mut end = start;
    while end < changes.len() && next_nibble(changes[end].key, depth)? == slot {
        end += 1;
    }
    Ok(&changes[start..end])
}

fn next_nibble(key: &[u8], depth: usize) -> Result<u8, TrieError> {
    match depth < key.len() * 2 {
        true => Ok(nibble(key, depth)),
        false => Err(TrieError::Malformed("key is a prefix of another")),
    }
}
