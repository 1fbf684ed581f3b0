use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use tern_field::F;
use tern_field::keccak::{ROUNDS, stages};

use super::*;
use crate::check::check;
use crate::events::KeccakEvent;
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};

const AIR: MachineAir = MachineAir::KeccakBits(KeccakBitsChip);

/// Calls whose states are without pattern.
fn calls(count: usize) -> Vec<KeccakEvent> {
    let state = |call: usize| core::array::from_fn(|lane| ((25 * call + lane + 1) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (0..count).map(|call| KeccakEvent { time: 8, ptr: 0, state: state(call), t_mem: [0; 25] }).collect()
}

/// Each part's states are in their rows, and nothing else is anywhere; the second part's, after
/// twelve rounds more, are the permutation's result.
#[test]
fn every_bit_is_in_its_row() {
    for count in [0, 1, 15, 16, 17, 33] {
        let (calls, trace) = (calls(count), fill(&calls(count)));
        assert!(check(&AIR, &trace, &[]).failures.is_empty());
        assert_eq!(trace.height(), count.next_multiple_of(16) * 128);
        let word = |call, part, lane| {
            (0..64).filter(|&z| trace.values[row(call, part, z) * trace.width + lane] == F::ONE).fold(0, |word, z| word | 1_u64 << z)
        };
        let mut ones = 0;
        for (call, event) in calls.iter().enumerate() {
            let states = [0, 1].map(|part| core::array::from_fn(|lane| word(call, part, lane)));
            assert_eq!(states[0], event.state);
            let mut after = event.state;
            ::keccak::f1600(&mut after);
            assert_eq!((ROUNDS / 2..ROUNDS).fold(states[1], |state, round| stages(&state, round).output), after);
            ones += states.concat().iter().map(|word| word.count_ones() as usize).sum::<usize>();
        }
        assert_eq!(trace.values.iter().filter(|&&cell| cell == F::ONE).count(), ones);
    }
}

#[test]
fn the_gate_holds() {
    let trace = fill(&calls(1));
    let first = p3_matrix::dense::RowMajorMatrix::new(trace.values[..2 * trace.width].to_vec(), trace.width);
    assert_gate(&AIR, &[Table::new(&AIR, &first, &[], [0])], &attacks!(), &[]);
}

#[test]
fn every_cell_is_a_bit() {
    let trace = fill(&calls(1));
    for column in 0..trace.width {
        for value in [F::TWO, F::NEG_ONE] {
            let mut trace = trace.clone();
            trace.values[5 * trace.width + column] = value;
            assert_eq!(check(&AIR, &trace, &[]).failures.get("keccak_bits::boolean"), Some(&5));
        }
    }
}
