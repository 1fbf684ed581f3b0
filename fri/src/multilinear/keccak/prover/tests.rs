//! The layers' algebra on bits. Whole proofs are in the verifier's tests.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use super::super::permutation::{LANES, MOVES, ROUNDS, State, constant, stages};
use super::formula::{Chi, Formula, MAX_TERMS, Parity, Products, Theta, leading, value};
use super::grid::Plain;

fn sign(word: u64, z: usize) -> F {
    if word >> (z % 64) & 1 == 1 { F::NEG_ONE } else { F::ONE }
}

fn signs(words: &[u64], z: usize) -> Vec<F> {
    words.iter().map(|word| sign(*word, z)).collect()
}

fn states() -> impl Iterator<Item = (usize, State)> {
    (0..4 * ROUNDS)
        .map(|seed| (seed % ROUNDS, core::array::from_fn(|lane| ((25 * seed + lane + 1) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))))
}

#[test]
fn chi_gives_outputs_before_iota() {
    for (round, state) in states() {
        let stages = stages(&state, round);
        for z in 0..64 {
            let mut terms = [F::ZERO; LANES];
            Chi::terms::<_, Plain>(&signs(&stages.moved, z), &mut terms);
            for (lane, (term, output)) in terms.iter().zip(signs(&stages.output, z)).enumerate() {
                let iota = if lane == 0 { sign(constant(round), z) } else { F::ONE };
                assert_eq!(*term * iota, output.double(), "lane {lane}, bit {z}");
            }
        }
    }
}

#[test]
fn theta_gives_moved_lanes() {
    for (round, state) in states() {
        let stages = stages(&state, round);
        for z in 0..64 {
            let mut columns = signs(&state, z);
            columns.extend(signs(&stages.parities, z));
            columns.extend(signs(&stages.parities, z + 63));
            let mut terms = [F::ZERO; LANES];
            Theta::terms::<_, Plain>(&columns, &mut terms);
            for (term, place) in terms.iter().zip(MOVES) {
                assert_eq!(*term, sign(stages.moved[place.target], z + place.rotation as usize));
            }
        }
    }
}

#[test]
fn products_are_parities() {
    for (round, state) in states() {
        for z in 0..64 {
            let mut terms = [F::ZERO; 5];
            Products::terms::<_, Plain>(&signs(&state, z), &mut terms);
            assert_eq!(terms.to_vec(), signs(&stages(&state, round).parities, z));
        }
    }
}

/// The differences of a polynomial of degree `d` along a line give `d!` times its leading coefficient.
fn leads<M: Formula>() {
    let number = |index: usize| F::from_usize((index + 7) * (index + 7) % 1009);
    let weights: Vec<F> = (0..M::TERMS).map(|index| number(index + 100)).collect();
    let (start, slope): (Vec<F>, Vec<F>) = (0..M::COLUMNS).map(|index| (number(index), number(3 * index + 1))).unzip();
    let at = |step: usize| {
        let columns: Vec<F> = start.iter().zip(&slope).map(|(start, slope)| *start + *slope * F::from_usize(step)).collect();
        value::<M, F, Plain>(&weights, &columns, &mut [F::ZERO; MAX_TERMS])
    };
    let mut values: Vec<F> = (0..=M::DEGREE).map(at).collect();
    let mut factorial = F::ONE;
    for step in 1..=M::DEGREE {
        values = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        factorial *= F::from_usize(step);
    }
    assert_eq!(leading::<M, F, Plain>(&weights, &slope, &mut [F::ZERO; MAX_TERMS]) * factorial, values[0]);
}

#[test]
fn leading_terms_lead() {
    leads::<Chi>();
    leads::<Theta>();
    leads::<Products>();
    leads::<Parity>();
}
