use alloc::vec;
use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_poseidon2::GenericPoseidon2LinearLayers;
use proptest::prelude::*;

use tern_field::poseidon2::{DOMAIN_WORD, FINAL_CONSTANTS, INITIAL_CONSTANTS, PARTIAL_CONSTANTS, WIDTH, leaf_state, node_state};
use tern_field::{Digest, compress, hash_leaf};

use super::*;
use crate::bus;
use crate::check::check;
use crate::chip::TernAir;
use crate::memory::PermutationEvent;
use crate::testing::gate::{Forgery, Table, assert_gate, attacks};
use crate::testing::with_tag;

fn air() -> TernAir {
    TernAir::Poseidon2(Poseidon2Chip)
}

fn words<const N: usize>(seed: u32) -> [F; N] {
    core::array::from_fn(|i| F::from_u32(seed.wrapping_mul(2_654_435_761).wrapping_add(i as u32 * 977) >> 2))
}

fn payload(domain: F, inputs: &[F], output: &Digest) -> Vec<u32> {
    core::iter::once(&domain).chain(inputs).chain(output).map(PrimeField32::as_canonical_u32).collect()
}

#[test]
fn rows_provide_the_compressions() {
    let (left, right, limbs): (Digest, Digest, [F; 16]) = (words(1), words(2), words(3));
    let events =
        [PermutationEvent { state: node_state(&left, &right), count: 3 }, PermutationEvent { state: leaf_state(&limbs), count: 1 }];
    let report = check(&air(), &fill(&events, 8), &[]);
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let node = payload(F::TWO, &[left, right].concat(), &compress(&left, &right));
    let padded: Vec<F> = limbs.into_iter().chain([F::ZERO; 2]).collect();
    let leaf = payload(F::ONE, &padded, &hash_leaf(&limbs));
    let mut expected = vec![(node, -3), (leaf, -1)];
    expected.sort();
    assert_eq!(with_tag(&report.balance, bus::PERMUTATION), expected);
    assert_eq!(report.balance.len(), 2);
}

#[test]
fn the_gate_holds() {
    let events =
        [PermutationEvent { state: words::<18>(9).into_iter().chain([F::ZERO; 6]).collect::<Vec<_>>().try_into().unwrap(), count: 2 }];
    let columns = WIDTH..<Poseidon2Cols<F> as Columns<F>>::WIDTH - 1;
    let faults = columns.map(|fault| faulty(&events[0], fault));
    let capacities = (DOMAIN_WORD + 1..WIDTH).map(|word| {
        let mut event = events[0];
        event.state[word] = F::ONE;
        faulty(&event, usize::MAX)
    });
    let forgeries = faults.chain(capacities).map(|forged| Forgery { weakness: None, table: 0, row: 0, forged });
    assert_gate(&air(), &[Table::new(&air(), &fill(&events, 2), &[], [0])], &attacks!().and(forgeries), &[]);
}

/// The row of a permutation in which one column is one too large, and all that follows is computed from it.
fn faulty(event: &PermutationEvent, fault: usize) -> Vec<F> {
    let mut columns = event.state.to_vec();
    let mut commit = |value: F| {
        let value = value + F::from_bool(columns.len() == fault);
        columns.push(value);
        value
    };
    let mut state = event.state;
    LinearLayers::external_linear_layer(&mut state);
    let full = |state: &mut [F; WIDTH], constants: &[F; WIDTH], commit: &mut dyn FnMut(F) -> F| {
        state.iter_mut().zip(constants).for_each(|(x, &constant)| *x += constant);
        *state = state.map(|x| (x, commit(x.cube()))).map(|(x, cube)| cube.square() * x);
        LinearLayers::external_linear_layer(state);
        *state = state.map(&mut *commit);
    };
    INITIAL_CONSTANTS.iter().for_each(|constants| full(&mut state, constants, &mut commit));
    for constant in PARTIAL_CONSTANTS {
        let x = state[0] + constant;
        let cube = commit(x.cube());
        state[0] = commit(cube.square() * x);
        LinearLayers::internal_linear_layer(&mut state);
    }
    FINAL_CONSTANTS.iter().for_each(|constants| full(&mut state, constants, &mut commit));
    columns.push(F::from_u32(event.count));
    columns
}

/// Every column of the permutation is pinned: none can be changed alone.
#[test]
fn every_column_of_the_permutation_is_pinned() {
    let honest = fill(&[PermutationEvent { state: node_state(&words(4), &words(5)), count: 1 }], 2);
    for row in 0..2 {
        for column in 0..honest.width - 1 {
            let mut trace = honest.clone();
            trace.values[row * honest.width + column] += F::ONE;
            let report = check(&air(), &trace, &[]);
            assert!(report.failures.contains_key("poseidon2::permutation"), "row {row}, column {column}");
        }
    }
}

/// A consistent permutation of a state with a used capacity word fails, and only for that.
#[test]
fn a_used_capacity_is_rejected() {
    for word in DOMAIN_WORD + 1..WIDTH {
        let mut state = node_state(&words(6), &words(7));
        state[word] = F::ONE;
        let report = check(&air(), &fill(&[PermutationEvent { state, count: 1 }], 1), &[]);
        assert_eq!(report.failures.into_keys().collect::<Vec<_>>(), ["poseidon2::capacity"]);
    }
}

#[test]
fn tables_longer_than_a_task_are_filled() {
    let events: Vec<_> = (0..300).map(|i| PermutationEvent { state: node_state(&words(i), &words(i + 1)), count: 1 }).collect();
    let report = check(&air(), &fill(&events, 512), &[]);
    assert!(report.failures.is_empty());
    assert_eq!(with_tag(&report.balance, bus::PERMUTATION).len(), 300);
}

proptest! {
    #[test]
    fn random_rows_satisfy(left: u32, right: u32, count in 0..1_000_000u32) {
        let event = PermutationEvent { state: node_state(&words(left), &words(right)), count };
        prop_assert!(check(&air(), &fill(&[event], 1), &[]).failures.is_empty());
    }
}
