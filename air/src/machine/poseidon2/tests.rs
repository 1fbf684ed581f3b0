use alloc::vec;
use alloc::vec::Vec;

use core::borrow::Borrow;

use p3_baby_bear::GenericPoseidon2LinearLayersBabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_poseidon2_air::generate_trace_rows;
use proptest::prelude::*;

use tern_field::poseidon2::{
    FINAL_CONSTANTS, HALF_FULL_ROUNDS, INITIAL_CONSTANTS, PARTIAL_CONSTANTS, PARTIAL_ROUNDS, SBOX_DEGREE, WIDTH, air_round_constants,
    external_linear_layer, internal_linear_layer, leaf_state, node_state,
};
use tern_field::{Digest, compress, hash_leaf};

use super::*;
use crate::bus;
use crate::check::check;
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::memory::PermutationEvent;
use crate::testing::gate::{Forgery, Table, assert_gate, attacks};
use crate::testing::with_tag;

const COLUMNS: usize = <Poseidon2Cols<F> as Columns<F>>::WIDTH;

fn air() -> MachineAir {
    MachineAir::Poseidon2(Poseidon2Chip::default())
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

/// A zero row that is provided states the compression of zeros, in no domain: true, and of no use
/// to anybody.
#[test]
fn zero_rows_are_the_permutation_of_zeros() {
    let mut trace = fill(&[], 1);
    assert_eq!(trace.values, F::zero_vec(COLUMNS));
    trace.values[COLUMNS - 1] = F::TWO;
    let report = check(&air(), &trace, &[]);
    assert!(report.failures.is_empty());
    let mut state = [F::ZERO; WIDTH];
    tern_field::poseidon2::permute(&mut state);
    let expected = payload(F::ZERO, &[F::ZERO; 18], &core::array::from_fn(|i| state[i]));
    assert_eq!(with_tag(&report.balance, bus::PERMUTATION), [(expected, -2)]);
}

/// Computed columns less others.
fn differences(values: &Poseidon2Cols<F>, zeros: &Poseidon2Cols<F>) -> Poseidon2Cols<F> {
    use core::array::from_fn;
    Poseidon2Cols {
        beginning: from_fn(|round| from_fn(|i| values.beginning[round][i] - zeros.beginning[round][i])),
        partial: from_fn(|round| values.partial[round] - zeros.partial[round]),
        ending: from_fn(|round| from_fn(|i| values.ending[round][i] - zeros.ending[round][i])),
        outputs: from_fn(|i| values.outputs[i] - zeros.outputs[i]),
        ..*values
    }
}

/// A row of the values that columns are differences of.
fn absolute(events: &[PermutationEvent], row: usize) -> Poseidon2Cols<F> {
    let trace = fill(events, events.len());
    let row = *Poseidon2Cols::of(&trace.values[row * COLUMNS..(row + 1) * COLUMNS]);
    let negated = differences(&Poseidon2Cols::of(&[F::ZERO; COLUMNS]).clone(), air_zeros(&air()));
    differences(&row, &negated)
}

fn air_zeros(air: &MachineAir) -> &Poseidon2Cols<F> {
    let MachineAir::Poseidon2(chip) = air else { unreachable!("the Poseidon2 chip") };
    chip.zeros()
}

/// The columns of one permutation, as `p3-poseidon2-air` lays them out with a register for each S-box.
type Rounds = p3_poseidon2_air::Poseidon2Cols<F, WIDTH, SBOX_DEGREE, 1, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>;

/// The columns, made whole, are the states and S-boxes of `p3-poseidon2-air`.
#[test]
fn columns_agree_with_the_reference() {
    let events: Vec<_> = (0..40).map(|i| PermutationEvent { state: node_state(&words(i), &words(i + 77)), count: i }).collect();
    // It fills a power of two of rows.
    let inputs = (0..64).map(|row| events.get(row).map_or([F::ZERO; WIDTH], |event| event.state)).collect();
    let reference = generate_trace_rows::<F, GenericPoseidon2LinearLayersBabyBear, WIDTH, SBOX_DEGREE, 1, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>(
        inputs,
        &air_round_constants(),
        0,
    );
    for row in 0..events.len() {
        let cells: &[F] = &reference.values[row * reference.width..(row + 1) * reference.width];
        let (rounds, columns): (&Rounds, _) = (cells.borrow(), absolute(&events, row));
        assert_eq!(columns.inputs, rounds.inputs[..18]);
        assert_eq!(columns.domain, rounds.inputs[18]);
        assert_eq!(columns.beginning, core::array::from_fn(|i| rounds.beginning_full_rounds[i].post));
        assert_eq!(columns.partial, core::array::from_fn(|i| rounds.partial_rounds[i].post_sbox));
        assert_eq!(columns.ending, core::array::from_fn(|i| rounds.ending_full_rounds[i].post));
        let last = rounds.ending_full_rounds[HALF_FULL_ROUNDS - 1].post;
        assert_eq!(columns.outputs, core::array::from_fn(|i| last[i] + rounds.inputs[i]));
        assert_eq!(columns.multiplicity, F::from_usize(row));
    }
}

#[test]
fn the_gate_holds() {
    let event = PermutationEvent { state: node_state(&words(9), &words(11)), count: 2 };
    let forgeries = (19..COLUMNS - 1).map(|fault| Forgery { weakness: None, table: 0, row: 0, forged: faulty(&event, fault) });
    assert_gate(&air(), &[Table::new(&air(), &fill(&[event], 2), &[], [0])], &attacks!().and(forgeries), &[]);
}

/// The row of a permutation in which one column is one too large, and all that follows is computed from it.
fn faulty(event: &PermutationEvent, fault: usize) -> Vec<F> {
    let mut columns: Vec<F> = event.state[..19].to_vec();
    let mut commit = |value: F| {
        let value = value + F::from_bool(columns.len() == fault);
        columns.push(value);
        value
    };
    let mut state = event.state;
    external_linear_layer(&mut state);
    let full = |state: &mut [F; WIDTH], constants: &[F; WIDTH]| {
        state.iter_mut().zip(constants).for_each(|(x, &constant)| *x = (*x + constant).exp_u64(7));
        external_linear_layer(state);
    };
    for constants in &INITIAL_CONSTANTS {
        full(&mut state, constants);
        state = state.map(&mut commit);
    }
    for constant in PARTIAL_CONSTANTS {
        state[0] = commit((state[0] + constant).exp_u64(7));
        internal_linear_layer(&mut state);
    }
    for (round, constants) in FINAL_CONSTANTS.iter().enumerate() {
        full(&mut state, constants);
        if round + 1 < HALF_FULL_ROUNDS {
            state = state.map(&mut commit);
        }
    }
    let _outputs: [F; 9] = core::array::from_fn(|i| commit(state[i] + event.state[i]));
    columns.push(F::from_u32(event.count));
    *Poseidon2Cols::of_mut(&mut columns) = differences(Poseidon2Cols::of(&columns.clone()), air_zeros(&air()));
    columns
}

/// Every computed column is pinned: none can be changed alone, and a change of an input breaks something.
#[test]
fn every_column_of_the_permutation_is_pinned() {
    let honest = fill(&[PermutationEvent { state: node_state(&words(4), &words(5)), count: 1 }], 2);
    for row in 0..2 {
        for column in 0..COLUMNS - 1 {
            let mut trace = honest.clone();
            trace.values[row * COLUMNS + column] += F::ONE;
            assert!(!check(&air(), &trace, &[]).failures.is_empty(), "row {row}, column {column}");
        }
    }
}

#[test]
fn tables_longer_than_a_task_are_filled() {
    let events: Vec<_> = (0..1100).map(|i| PermutationEvent { state: node_state(&words(i), &words(i + 1)), count: 1 }).collect();
    let report = check(&air(), &fill(&events, 1103), &[]);
    assert!(report.failures.is_empty());
    assert_eq!(with_tag(&report.balance, bus::PERMUTATION).len(), 1100);
}

proptest! {
    #[test]
    fn random_rows_satisfy(left: u32, right: u32, count in 0..1_000_000u32) {
        let (left, right): (Digest, Digest) = (words(left), words(right));
        let event = PermutationEvent { state: node_state(&left, &right), count };
        let report = check(&air(), &fill(&[event], 1), &[]);
        prop_assert!(report.failures.is_empty());
        let provided = report.balance.into_keys().next().unwrap_or_default();
        if count > 0 {
            let digest = compress(&left, &right).map(|word| word.as_canonical_u32());
            prop_assert_eq!(&provided[20..], &digest[..]);
        }
    }
}
