use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{Digest, F, compress, hash_leaf};

use super::*;
use crate::events::{LeafEvent, Region};

type Memory = BTreeMap<u32, [u64; LEAF_DWORDS]>;

/// The digest of a subtree, by the definition.
fn reference(memory: &Memory, depth: u32, index: u32) -> Digest {
    if depth == DEPTH {
        return hash_leaf(&leaf_limbs(&memory.get(&index).copied().unwrap_or_default()));
    }
    let leaves = index << (DEPTH - depth)..(index + 1) << (DEPTH - depth);
    if memory.range(leaves).next().is_none() {
        let leaf = hash_leaf(&[F::ZERO; 16]);
        return (depth..DEPTH).fold(leaf, |child, _| compress(&child, &child));
    }
    compress(&reference(memory, depth + 1, 2 * index), &reference(memory, depth + 1, 2 * index + 1))
}

fn sample() -> Memory {
    let indices = [0, 5, 128, 129, 130, 4096, 70_000, INPUT_LEAF - 1, INPUT_LEAF, INPUT_LEAF + 1, LEAVES - 1];
    indices.iter().map(|&i| (i, [u64::from(i) + 1, 0, u64::MAX, 7 << 60])).collect()
}

fn event(memory: &Memory, index: u32, last: [u64; LEAF_DWORDS]) -> LeafEvent {
    let initial = memory.get(&index).copied().unwrap_or_default();
    LeafEvent { index, region: Region::ReadWrite, initial, last, last_time: [9; 4] }
}

fn sample_events(memory: &Memory) -> Vec<LeafEvent> {
    let kept = memory[&128];
    let changes = [(0, [9, 8, 7, 6]), (128, kept), (131, [1, 0, 0, 0]), (4096, [0; 4]), (1 << 20, [0; 4]), (LEAVES - 1, [3; 4])];
    changes.iter().map(|&(index, last)| event(memory, index, last)).collect()
}

#[test]
fn roots_equal_the_definition() {
    let memory = sample();
    let tree = MemoryTree::new(memory.clone()).unwrap();
    assert_eq!(tree.root(), reference(&memory, 0, 0));
    assert_eq!(tree.image_root(), reference(&memory, 1, 0));
    assert_eq!(tree.input_root(), reference(&memory, 1, 1));
    assert_eq!(tree.root(), compress(&tree.image_root(), &tree.input_root()));
    assert_eq!(MemoryTree::new([]).unwrap().root(), reference(&Memory::new(), 0, 0));
    assert_eq!(MemoryTree::new([(77, [0; 4])]).unwrap().root(), reference(&Memory::new(), 0, 0));
}

#[test]
fn apply_moves_the_root_and_records_the_path() {
    let mut memory = sample();
    let mut tree = MemoryTree::new(memory.clone()).unwrap();
    let events = sample_events(&memory);
    let record = tree.apply(&events).unwrap();
    let old = memory.clone();
    memory.extend(events.iter().map(|event| (event.index, event.last)));
    assert_eq!(tree.root(), reference(&memory, 0, 0));

    for node in &record.nodes {
        assert_eq!(node.node.before, reference(&old, node.depth, node.index));
        assert_eq!(node.node.after, reference(&memory, node.depth, node.index));
        for side in [0, 1] {
            let (depth, index) = (node.depth + 1, 2 * node.index + side);
            let child = node.children[side as usize];
            assert_eq!((child.before, child.after), (reference(&old, depth, index), reference(&memory, depth, index)));
            let touched = events.iter().any(|event| event.index >> (DEPTH - depth) == index);
            assert_eq!(node.visited[side as usize], touched);
        }
    }
    let mut paths: Vec<_> = (0..DEPTH).flat_map(|depth| events.iter().map(move |event| (depth, event.index >> (DEPTH - depth)))).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut visited: Vec<_> = record.nodes.iter().map(|node| (node.depth, node.index)).collect();
    visited.sort_unstable();
    assert_eq!(visited, paths);
    let changed = record.nodes.iter().filter(|node| node.node.is_change()).count() + 4;
    let lookups: u32 = record.permutations.iter().map(|permutation| permutation.count).sum();
    assert_eq!(lookups as usize, record.nodes.len() + record.leaves.len() + changed);
}

#[test]
fn a_second_segment_starts_where_the_first_ended() {
    let memory = sample();
    let mut tree = MemoryTree::new(memory.clone()).unwrap();
    let there = sample_events(&memory);
    let back: Vec<_> = there.iter().map(|e| LeafEvent { initial: e.last, last: e.initial, ..*e }).collect();
    let root = tree.root();
    let first = tree.apply(&there).unwrap();
    let second = tree.apply(&back).unwrap();
    assert_eq!(first.nodes.last().unwrap().node.after, second.nodes.last().unwrap().node.before);
    assert_eq!(tree.root(), root);
}

#[test]
fn bad_leaves_are_rejected_and_change_nothing() {
    let memory = sample();
    let mut tree = MemoryTree::new(memory.clone()).unwrap();
    let root = tree.root();
    let stale = LeafEvent { initial: [1; 4], ..event(&memory, 5, [2; 4]) };
    let good = event(&memory, 0, [5; 4]);
    assert_eq!(tree.apply(&[good, stale]).unwrap_err(), TreeError::Stale { index: 5 });
    assert_eq!(tree.apply(&[good, good]).unwrap_err(), TreeError::OutOfOrder { index: 0 });
    let outside = event(&memory, LEAVES, [0; 4]);
    assert_eq!(tree.apply(&[outside]).unwrap_err(), TreeError::OutOfRange { index: LEAVES });
    assert_eq!(MemoryTree::new(vec![(3, [1; 4]), (3, [1; 4])]).unwrap_err(), TreeError::OutOfOrder { index: 3 });
    assert_eq!(MemoryTree::new([(LEAVES, [1; 4])]).unwrap_err(), TreeError::OutOfRange { index: LEAVES });
    assert_eq!(tree.root(), root);
}
