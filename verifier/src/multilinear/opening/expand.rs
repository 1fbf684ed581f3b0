//! From the proof that is sent, in which trees open each leaf once, to one with a full path for each query.
//!
//! Nothing is checked here but the numbers of leaves and digests; the verifier checks the expanded proof.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tern_field::EF;
use tern_fri::hash::Digest;
use tern_fri::multilinear::OpeningProof;
use tern_fri::multilinear::proof::Opened;
use thiserror::Error;

use super::{OpeningChallenges, OpeningVerifier, QueryValues};
use crate::native::{Native, number};
use crate::ops::{HashMode, Item, Ops};

/// Too few or too many leaves or digests for the queries' positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("opening of oracle {oracle}: {what}: expected {expected}, got {got}")]
pub struct Excess {
    /// The commitment opened: the dense matrices first, then the folded words.
    pub oracle: usize,
    /// Leaves or digests.
    pub what: &'static str,
    /// How many the positions need.
    pub expected: usize,
    /// How many are given.
    pub got: usize,
}

/// A leaf and the digests beside its path, by position.
type Paths<T> = BTreeMap<usize, (T, Vec<Digest>)>;

impl OpeningVerifier {
    /// What each query opens, in full.
    ///
    /// # Errors
    ///
    /// If the number of leaves or digests is wrong.
    pub fn expand(&self, proof: &OpeningProof, challenges: &OpeningChallenges<Native>) -> Result<Vec<QueryValues<Native>>, Excess> {
        let ops = &mut Native;
        let positions: Vec<usize> = challenges.positions.iter().map(|bits| number(bits)).collect();
        let log_leaves = self.shape.log_domain();
        let mut queries: Vec<QueryValues<Native>> =
            positions.iter().map(|_| QueryValues { rows: Vec::new(), leaves: Vec::new() }).collect();
        for (oracle, opened) in proof.rows.iter().enumerate() {
            let paths = full_paths(oracle, opened, &positions, self.path_len(log_leaves), |row| ops.hash_row(row))?;
            for (query, position) in queries.iter_mut().zip(&positions) {
                query.rows.extend(paths.get(position).cloned());
            }
        }
        let mut bound = 0_usize;
        for (word, (opened, fold)) in proof.leaves.iter().zip(&self.folds).enumerate() {
            bound = bound.saturating_add(*fold);
            let positions: Vec<usize> = positions.iter().map(|position| shifted(*position, bound)).collect();
            let oracle = self.shape.layouts.len().saturating_add(word);
            let path_len = self.path_len(log_leaves.saturating_sub(bound));
            let paths = full_paths(oracle, opened, &positions, path_len, |leaf| hash_leaf(ops, leaf))?;
            for (query, position) in queries.iter_mut().zip(&positions) {
                query.leaves.extend(paths.get(position).cloned());
            }
        }
        Ok(queries)
    }

    /// Digests beside a path in a tree with `2^log_leaves` leaves.
    fn path_len(&self, log_leaves: usize) -> usize {
        log_leaves.saturating_sub(self.shape.log_cap(log_leaves))
    }
}

fn hash_leaf(ops: &mut Native, leaf: &[EF]) -> Digest {
    let items: Vec<Item<Native>> = leaf.iter().map(|value| Item::Ext(*value)).collect();
    ops.hash(HashMode::Plain, &items, 64)
}

/// The paths of all leaves at the given positions.
fn full_paths<T: Clone>(
    oracle: usize,
    opened: &Opened<T>,
    positions: &[usize],
    path_len: usize,
    mut hash: impl FnMut(&Vec<T>) -> Digest,
) -> Result<Paths<Vec<T>>, Excess> {
    let mut distinct = positions.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() != opened.leaves.len() {
        return Err(Excess { oracle, what: "leaves", expected: distinct.len(), got: opened.leaves.len() });
    }
    let mut paths: Paths<Vec<T>> = BTreeMap::new();
    let mut level: BTreeMap<usize, Digest> = BTreeMap::new();
    for (position, leaf) in distinct.into_iter().zip(&opened.leaves) {
        level.insert(position, hash(leaf));
        paths.insert(position, (leaf.clone(), Vec::with_capacity(path_len)));
    }
    let mut given = opened.path.iter();
    let mut needed = 0_usize;
    for height in 0..path_len {
        let mut beside: BTreeMap<usize, Digest> = BTreeMap::new();
        let mut above: BTreeMap<usize, Digest> = BTreeMap::new();
        for (&position, digest) in &level {
            let sibling = match level.get(&(position ^ 1)) {
                Some(known) => *known,
                None => {
                    needed = needed.saturating_add(1);
                    given.next().copied().unwrap_or_default()
                }
            };
            beside.insert(position, sibling);
            above.insert(shifted(position, 1), Native.node(digest, &sibling, &(position & 1 == 1)));
        }
        for (&position, (_, path)) in &mut paths {
            path.extend(beside.get(&shifted(position, height)));
        }
        level = above;
    }
    if needed != opened.path.len() {
        return Err(Excess { oracle, what: "digests", expected: needed, got: opened.path.len() });
    }
    Ok(paths)
}

fn shifted(position: usize, bits: usize) -> usize {
    position.checked_shr(u32::try_from(bits).unwrap_or(u32::MAX)).unwrap_or(0)
}
