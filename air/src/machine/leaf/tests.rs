use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::{DIGEST_LEN, F, hash_leaf};

use super::bounds::Range;
use super::*;
use crate::bus;
use crate::check::{check, total};
use crate::events::{LeafEvent, Region};
use crate::layout::Columns;
use crate::lookups::Lookups;
use crate::machine::MachineAir;
use crate::machine::poseidon2::{self, Poseidon2Chip};
use crate::machine::tree::{self, TreeChip};
use crate::memory::{LeafUpdate, MemoryTree, leaf_limbs};
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_honest_with, with_tag};

const AIR: MachineAir = MachineAir::Leaf(LeafChip);
const SLACK: &str = "a distance of 25 bits wraps nothing: pages lie below 2^22, so that of a page outside is above p - 2^23";
const BOUNDS: Bounds = Bounds { ro_start: 0x10, ro_end: 0x3_0000, text_start: 0x20, text_end: 0x1_8000 };

/// First and last page of every range, by the specification's table.
const RANGES: [(Region, u32, u32); 8] = [
    (Region::ReadWrite, 0, 0),
    (Region::ReadWrite, 1, 0xf),
    (Region::ReadOnly, 0x10, 0x1f),
    (Region::Text, 0x20, 0x1_7fff),
    (Region::ReadOnly, 0x1_8000, 0x2_ffff),
    (Region::ReadWrite, 0x3_0000, 0x7_bfff),
    (Region::ReadWrite, 0x7_c001, 0x7_ffff),
    (Region::ReadOnly, 0x8_0000, 0xf_ffff),
];

fn event(page: u32, offset: u32, region: Region, changed: bool) -> LeafEvent {
    let initial = [u64::from(page), 0, u64::MAX, 0x1234_5678_9abc_def0];
    let last = if changed { [initial[0], 77, 1, initial[3]] } else { initial };
    let last_time = if changed { [9, 10, 11, 0] } else { [0, 3, 0, 0] };
    LeafEvent { index: page * 128 + offset, region, initial, last, last_time }
}

/// The first and the last leaf of every range; writable ones change.
fn directed() -> Vec<LeafEvent> {
    let ends = RANGES.iter().flat_map(|&(region, first, last)| [(region, first, 0), (region, last, 127)]);
    ends.map(|(region, page, offset)| event(page, offset, region, region == Region::ReadWrite)).collect()
}

fn tree_of(leaves: &[LeafEvent]) -> MemoryTree {
    MemoryTree::new(leaves.iter().map(|leaf| (leaf.index, leaf.initial))).unwrap()
}

fn updates(leaves: &[LeafEvent]) -> Vec<LeafUpdate> {
    tree_of(leaves).apply(leaves).unwrap().leaves
}

fn table(leaves: &[LeafEvent], height: usize) -> RowMajorMatrix<F> {
    fill(&updates(leaves), &BOUNDS, height, &mut Lookups::default())
}

#[test]
fn directed_rows_put_every_cell_on_the_bus() {
    let events = directed();
    let public = BOUNDS.to_values();
    let balance = assert_honest_with(&AIR, &public, |height, lookups| fill(&updates(&events), &BOUNDS, height, lookups), 32);
    let mut expected = Vec::new();
    for (leaf, region) in events.iter().zip([3, 3, 0, 0, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 1, 1]) {
        for (j, (initial, last, time)) in (0..4).map(|j| (j, (leaf.initial[j], leaf.last[j], leaf.last_time[j]))) {
            let cell = |value: u64, time: u32| {
                let limbs = (0..4).map(|i| (value >> (16 * i)) as u16 as u32);
                let key = (4 * leaf.index + j as u32) + region * (1 << 29);
                core::iter::once(key).chain(limbs).chain([time]).collect::<Vec<_>>()
            };
            if (initial, 0) != (last, time) {
                expected.extend([(cell(initial, 0), 1), (cell(last, time), -1)]);
            }
        }
    }
    expected.sort();
    assert_eq!(with_tag(&balance, bus::MEMORY), expected);
}

/// With the tree and Poseidon2 chips nothing is left of the leaves but their cells, lookups, and
/// the root's tokens.
#[test]
fn the_boundary_closes_with_the_tree() {
    let leaves = directed();
    let mut memory = tree_of(&leaves);
    let events = memory.apply(&leaves).unwrap();
    let public = BOUNDS.to_values();
    let leaf = check(&AIR, &fill(&events.leaves, &BOUNDS, 16, &mut Lookups::default()), &public);
    let tree = check(&MachineAir::Tree(TreeChip), &tree::fill(&events.nodes, 512), &[]);
    let poseidon2 =
        check(&MachineAir::Poseidon2(Poseidon2Chip::default()), &poseidon2::fill(&events.permutations, events.permutations.len()), &[]);
    let reports = [leaf, tree, poseidon2];
    assert!(reports.iter().all(|report| report.failures.is_empty() && report.overcounted.is_empty()));
    let left = total(reports.map(|report| report.balance));
    assert!(with_tag(&left, bus::PERMUTATION).is_empty());
    let tokens = with_tag(&left, bus::NODE);
    assert_eq!(tokens.len(), 2);
    for (token, count) in &tokens {
        assert_eq!((token[1], token[2], *count), (0, 0, -1));
    }
    assert_eq!(tokens[1].0[3..], memory.root().map(|word| word.as_canonical_u32()));
}

#[test]
fn the_gate_holds() {
    let trace = table(&directed(), 32);
    let rows: Vec<usize> = (0..17).collect();
    assert_gate(
        &AIR,
        &[Table::new(&AIR, &trace, &BOUNDS.to_values(), rows)],
        &attacks!(),
        &[("leaf::page_distances+0", SLACK), ("leaf::page_distances+1", SLACK)],
    );
}

/// Whether the lookups that a one-row table sends exist, and its constraints hold.
fn accepted(trace: &RowMajorMatrix<F>) -> bool {
    let report = check(&AIR, trace, &BOUNDS.to_values());
    let exists = |tuple: &Vec<u32>| match tuple[..] {
        [bus::BITS, k, v] => k <= 16 && v < 1 << k,
        [bus::BYTES, a, b] => a < 256 && b < 256,
        _ => true,
    };
    report.failures.is_empty() && report.balance.keys().all(exists)
}

/// No page can claim a range that it does not lie in, with whatever distances.
#[test]
fn a_wrong_range_is_rejected() {
    for page in RANGES.iter().flat_map(|&(_, first, last)| [first, last]).chain([0x7_c000]) {
        let inside = RANGES.iter().position(|&(_, first, last)| (first..=last).contains(&page));
        let honest = table(&[event(RANGES[1].1, 5, Region::ReadWrite, true)], 1);
        for range in Range::ALL {
            let mut trace = honest.clone();
            let row = LeafCols::of_mut(&mut trace.values);
            row.ranges = Range::ALL.map(|other| F::from_bool(other == range));
            (row.index, row.page) = (F::from_u32(page * 128 + 5), F::from_u32(page));
            let (_, first, last) = RANGES[range as usize];
            let high = |distance: F| F::from_u32(distance.as_canonical_u32() >> 16);
            (row.above_high, row.below_high) = (high(row.page - F::from_u32(first)), high(F::from_u32(last) - row.page));
            assert_eq!(accepted(&trace), inside == Some(range as usize), "page {page:#x} as {range:?}");
        }
    }
}

/// A page number that is not `index / 128` leaves an offset out of range.
#[test]
fn a_wrong_page_is_rejected() {
    let honest = table(&[event(0x7_0000, 127, Region::ReadWrite, true)], 1);
    for wrong in [F::ONE, F::NEG_ONE, F::from_u32(128).inverse(), F::from_u32(1 << 16)] {
        let mut trace = honest.clone();
        LeafCols::of_mut(&mut trace.values).page += wrong;
        assert!(!accepted(&trace));
    }
    assert!(accepted(&honest));
}

/// Limbs at or above 2^16 are refused although their digest is right: an input of no dwords.
#[test]
fn initial_limbs_out_of_range_are_rejected() {
    let mut trace = table(&[event(0x8_0000, 0, Region::ReadOnly, false)], 1);
    let row = LeafCols::of_mut(&mut trace.values);
    row.initial[2] = F::from_u32(1 << 16);
    row.last = row.initial;
    row.before = hash_leaf(&row.initial);
    row.after = row.before;
    let report = check(&AIR, &trace, &BOUNDS.to_values());
    assert!(report.failures.is_empty());
    assert!(report.balance.contains_key(&[bus::BITS, 16, 1 << 16][..]));
    assert!(!accepted(&trace));
}

/// A leaf that claims no change keeps both its dwords and its digest.
#[test]
fn a_changed_leaf_must_be_hashed_again() {
    let mut trace = table(&[event(2, 0, Region::ReadWrite, true)], 1);
    LeafCols::of_mut(&mut trace.values).is_changed = F::ZERO;
    let failures: Vec<_> = check(&AIR, &trace, &BOUNDS.to_values()).failures.into_keys().collect();
    assert_eq!(failures, ["leaf::unchanged_digest", "leaf::unchanged_dwords"]);
}

#[test]
fn two_ranges_at_once_are_rejected() {
    let mut trace = table(&[event(2, 0, Region::ReadWrite, true)], 1);
    LeafCols::of_mut(&mut trace.values).ranges[Range::Stack as usize] = F::ONE;
    assert!(check(&AIR, &trace, &BOUNDS.to_values()).failures.contains_key("leaf::ranges_exclusive"));
}

#[test]
fn bounds_that_overlap_are_rejected() {
    assert_eq!(BOUNDS.check(), Ok(()));
    let wrong = [
        Bounds { ro_start: 0, ..BOUNDS },
        Bounds { ro_start: 0x21, ..BOUNDS },
        Bounds { text_end: 0x1f, ..BOUNDS },
        Bounds { text_end: 0x3_0001, ..BOUNDS },
        Bounds { ro_end: 0x7_c001, ..BOUNDS },
        Bounds { ro_end: 0x5_0000, text_end: 0x4_0001, ..BOUNDS },
    ];
    for bounds in wrong {
        assert_eq!(bounds.check(), Err(BoundsError(bounds)));
    }
}

proptest! {
    #[test]
    fn random_rows_satisfy(range in 0..8usize, page: u32, offset in 0..128u32, initial: [u64; 4], last: [u64; 4], last_time: [u16; 4]) {
        let (region, first, end) = RANGES[range];
        let index = (first + page % (end - first + 1)) * 128 + offset;
        let leaf = LeafEvent { index, region, initial, last, last_time: last_time.map(u32::from) };
        let public = BOUNDS.to_values();
        assert_honest_with(&AIR, &public, |height, lookups| fill(&updates(&[leaf]), &BOUNDS, height, lookups), 1);
        let row = table(&[leaf], 1);
        let row = LeafCols::of(&row.values);
        prop_assert_eq!(row.before, hash_leaf(&leaf_limbs(&initial)));
        prop_assert_eq!(row.after.len(), DIGEST_LEN);
    }
}
