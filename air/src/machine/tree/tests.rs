use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::{F, compress};

use super::*;
use crate::bus;
use crate::check::{Balance, check, total};
use crate::events::{LeafEvent, Region};
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::machine::poseidon2::{self, Poseidon2Chip};
use crate::memory::{DEPTH, MemoryTree, TreeEvents};
use crate::testing::gate::{Table, assert_gate, attacks};

const AIR: MachineAir = MachineAir::Tree(TreeChip);

fn event(index: u32, last: u64) -> LeafEvent {
    LeafEvent { index, region: Region::ReadWrite, initial: [u64::from(index % 2); 4], last: [last; 4], last_time: [8; 4] }
}

/// A segment that touches these leaves, of a memory whose odd leaves hold ones.
fn segment(leaves: &[LeafEvent]) -> TreeEvents {
    let set = leaves.iter().filter(|leaf| leaf.index % 2 == 1).map(|leaf| (leaf.index, leaf.initial));
    MemoryTree::new(set).unwrap().apply(leaves).unwrap()
}

/// Leaves 6 and 7 share their parent; 7 and 9 do not change.
fn sample() -> TreeEvents {
    segment(&[event(6, 5), event(7, 1), event(9, 1), event(1 << 26, 3)])
}

/// What the tree chip leaves on the bus together with the Poseidon2 chip.
fn balance(trace: &RowMajorMatrix<F>, events: &TreeEvents) -> Balance {
    let report = check(&AIR, trace, &[]);
    assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{:?}", report.failures);
    let permutations: Vec<_> = events.permutations.iter().copied().filter(|p| p.state[18] == F::TWO).collect();
    let compressions = check(&MachineAir::Poseidon2(Poseidon2Chip::default()), &poseidon2::fill(&permutations, permutations.len()), &[]);
    total([report.balance, compressions.balance])
}

fn token(kind: u32, depth: u32, index: u32, digest: &tern_field::Digest) -> Vec<u32> {
    use p3_field::PrimeField32;
    [bus::NODE, kind, depth, index].into_iter().chain(digest.iter().map(PrimeField32::as_canonical_u32)).collect()
}

#[test]
fn the_table_takes_the_root_and_leaves_the_touched_leaves() {
    let events = sample();
    let trace = fill(&events.nodes, 128);
    let root = events.nodes.last().unwrap();
    let mut expected = Balance::from([(token(0, 0, 0, &root.node.before), -1), (token(1, 0, 0, &root.node.after), -1)]);
    for update in &events.leaves {
        expected.insert(token(0, DEPTH, update.leaf.index, &update.node.before), 1);
        expected.insert(token(1, DEPTH, update.leaf.index, &update.node.after), 1);
    }
    assert_eq!(balance(&trace, &events), expected);
}

#[test]
fn the_gate_holds() {
    let events = sample();
    let trace = fill(&events.nodes, 128);
    let rows: Vec<usize> = (0..events.nodes.len() + 1).collect();
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[]);
}

/// Edits the first row that satisfies a predicate, and returns the labels that fail.
fn prank(which: impl Fn(&TreeCols<F>) -> bool, edit: impl FnOnce(&mut TreeCols<F>)) -> Vec<&'static str> {
    let mut trace = fill(&sample().nodes, 128);
    let width = trace.width;
    let row = trace.values.chunks_exact_mut(width).map(TreeCols::of_mut).find(|row| which(row)).unwrap();
    edit(row);
    check(&AIR, &trace, &[]).failures.into_keys().collect()
}

/// Changes a child's digest after the segment, and the node's with it.
fn change_child(row: &mut TreeCols<F>, side: usize) {
    row.is_changed = F::ONE;
    row.children_after[side][0] += F::ONE;
    row.after = compress(&row.children_after[0], &row.children_after[1]);
}

#[test]
fn an_unvisited_child_cannot_change() {
    for side in 0..2 {
        let failures = prank(|row| row.is_real == F::ONE && row.visited[side] == F::ZERO, |row| change_child(row, side));
        assert_eq!(failures, ["tree::unvisited_child"]);
    }
}

#[test]
fn a_changed_node_must_be_hashed_again() {
    let failures = prank(|row| row.is_changed == F::ONE && row.visited == [F::ONE; 2], |row| row.is_changed = F::ZERO);
    assert_eq!(failures, ["tree::unchanged_child", "tree::unchanged_node"]);
}

#[test]
fn a_padding_row_passes_nothing_on() {
    let padding = |row: &TreeCols<F>| row.is_real == F::ZERO;
    assert_eq!(prank(padding, |row| row.visited[0] = F::ONE), ["tree::padding_unvisited"]);
    assert_eq!(prank(padding, |row| row.is_changed = F::ONE), ["tree::padding_unchanged"]);
}

/// A second row for a node satisfies its own constraints, but finds no token.
#[test]
fn a_repeated_node_unbalances_the_bus() {
    let mut events = sample();
    events.nodes.push(events.nodes[0]);
    let node = events.nodes[0];
    let leftover = balance(&fill(&events.nodes, 128), &events);
    assert_eq!(leftover[&token(0, node.depth, node.index, &node.node.before)], -1);
}

/// A child's digest that is not the preimage finds no permutation.
#[test]
fn a_wrong_child_finds_no_permutation() {
    let events = sample();
    let mut trace = fill(&events.nodes, 128);
    let width = trace.width;
    let row = TreeCols::of_mut(&mut trace.values[..width]);
    row.children_before[0][3] += F::ONE;
    row.children_after[0][3] += F::ONE;
    let leftover = balance(&trace, &events);
    assert!(leftover.iter().any(|(tuple, &count)| tuple[0] == bus::PERMUTATION && count == 1));
}

proptest! {
    #[test]
    fn random_rows_satisfy(indices in proptest::collection::btree_set(0..1u32 << 27, 1..5), last: u64) {
        let leaves: Vec<_> = indices.into_iter().map(|index| event(index, last)).collect();
        let events = segment(&leaves);
        let left = balance(&fill(&events.nodes, 256), &events);
        prop_assert_eq!(left.len(), 2 + 2 * leaves.len());
    }

    #[test]
    fn children_that_do_not_change_make_no_lookup(index in 0..1u32 << 27) {
        let events = segment(&[event(index, u64::from(index % 2))]);
        prop_assert_eq!(events.permutations.iter().map(|p| p.count).sum::<u32>(), DEPTH + 1);
        prop_assert_eq!(events.nodes.iter().map(|node| node.visited).filter(|v| *v == [true; 2]).count(), 0);
        prop_assert_eq!(vec![index], events.leaves.iter().map(|update| update.leaf.index).collect::<Vec<_>>());
    }
}
