//! Closed forms against sums over tables.

#![expect(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing, reason = "a test may stop")]

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, F};
use tern_fri::multilinear::keccak::permutation::{MOVES, constant};
use tern_fri::multilinear::keccak::{LANES, OutputPoint, PART_ROUNDS, PARTS, Point, Proof, Tie, bit_row};

use super::super::opening::RowWeights;
use super::super::roots::lagrange;
use super::Claims;
use super::tie::{Tables, forms};
use super::weights::{Outgoing, Rotations, parity, theta};
use crate::native::Native;

/// Elements without pattern.
fn elements(seed: u64, count: usize) -> Vec<EF> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        F::from_u64(state >> 8)
    };
    (0..count).map(|_| EF::from_basis_coefficients_fn(|_| next())).collect()
}

fn eq(point: &[EF], index: usize) -> EF {
    point.iter().enumerate().map(|(bit, x)| if index >> bit & 1 == 1 { *x } else { EF::ONE - *x }).product()
}

fn powers(base: EF, count: usize) -> Vec<EF> {
    base.powers().collect_n(count)
}

/// The multilinear extension of a table over all positions.
fn extension(point: &[EF], table: impl Fn(usize, usize) -> EF) -> EF {
    let value = |part, z| table(part, z) * eq(point, 64 * part + z);
    (0..PARTS).flat_map(|part| (0..64).map(move |z| (part, z))).map(|(part, z)| value(part, z)).sum()
}

#[test]
fn rotations_are_sums_over_bits() {
    let (old, new) = (elements(1, 7), elements(2, 7));
    let (mut rotations, parts) = Rotations::new(&mut Native, &old, &new);
    for rotation in 0..64 {
        let sum: EF = (0..64).map(|z| eq(&old[..6], (z + rotation) % 64) * eq(&new[..6], z)).sum();
        assert_eq!(rotations.value(&mut Native, rotation as u32), sum, "rotation by {rotation}");
    }
    assert_eq!(parts, eq(&old[6..], 0) * eq(&new[6..], 0) + eq(&old[6..], 1) * eq(&new[6..], 1));
    // The direction matters: none is its own inverse but those by 0 and 32.
    let mut turned = Rotations::new(&mut Native, &old, &new).0;
    for rotation in (1..32).chain(33..64) {
        assert_ne!(turned.value(&mut Native, rotation), turned.value(&mut Native, 64 - rotation));
    }
}

/// At a corner the sum over the bits is one term: bit `z` comes from bit `z - r`.
#[test]
fn rotations_at_corners_move_one_bit() {
    let corner = |z: usize| (0..7).map(|bit| EF::from_bool(z >> bit & 1 == 1)).collect::<Vec<_>>();
    for (target, rotation) in [(5, 1), (0, 1), (63, 63), (10, 44), (31, 32)] {
        for source in 0..64 {
            let mut rotations = Rotations::new(&mut Native, &corner(target), &corner(source)).0;
            let expected = EF::from_bool((source + rotation) % 64 == target);
            assert_eq!(rotations.value(&mut Native, rotation as u32), expected);
        }
    }
}

/// Chi's sum at a point, with the multilinear extensions of weights that `weight` has at all
/// positions, iota's sign included here.
fn chi_sum(round: usize, point: &[EF], lanes: &[EF], weight: impl Fn(usize, usize, usize) -> EF) -> EF {
    let term = |lane: usize| {
        let (x, row) = (lane % 5, lane - lane % 5);
        let (own, next, after) = (lanes[lane], lanes[row + (x + 1) % 5], lanes[row + (x + 2) % 5]);
        let weights = extension(point, |part, z| {
            let flipped = lane == 0 && constant(PART_ROUNDS * part + round) >> z & 1 == 1;
            let weight = weight(lane, part, z);
            if flipped { -weight } else { weight }
        });
        weights * own * (EF::ONE - next + after + next * after).halve()
    };
    (0..LANES).map(term).sum()
}

#[test]
fn chi_weights_are_extensions_of_tables() {
    let (point, lanes, old) = (elements(7, 7), elements(8, LANES), elements(9, 7));
    let [lambda, part] = *elements(10, 2) else { unreachable!() };
    let of_limbs = powers(lambda, 100);
    let of_lanes = powers(lambda, LANES);
    for round in 0..PART_ROUNDS {
        let limbs = Outgoing::limbs(&mut Native, &lambda, &[part]);
        let expected = chi_sum(round, &point, &lanes, |lane, part_index, z| {
            of_limbs[4 * lane + z / 16] * EF::from_u32(1 << (z % 16)) * eq(&[part], part_index)
        });
        assert_eq!(limbs.chi(&mut Native, round, &point, &lanes), expected, "limbs, round {round}");
        let claims = Outgoing::point(&mut Native, of_lanes.clone(), &old);
        let expected = chi_sum(round, &point, &lanes, |lane, part, z| of_lanes[lane] * eq(&old, 64 * part + z));
        assert_eq!(claims.chi(&mut Native, round, &point, &lanes), expected, "round {round}");
    }
}

#[test]
fn theta_weights_are_extensions_of_tables() {
    let (old, new, claims) = (elements(11, 7), elements(12, 7), elements(13, 35));
    let powers = powers(elements(14, 1)[0], LANES);
    let term = |lane: usize| {
        let x = lane % 5;
        let place = MOVES[lane];
        let weight = extension(&new, |part, z| powers[place.target] * eq(&old, 64 * part + (z + place.rotation as usize) % 64));
        weight * claims[lane] * claims[25 + (x + 4) % 5] * claims[30 + (x + 1) % 5]
    };
    assert_eq!(theta(&mut Native, &powers, &old, &new, &claims), (0..LANES).map(term).sum::<EF>());
}

#[test]
fn parity_weights_are_extensions_of_tables() {
    let (old, new, lanes) = (elements(15, 7), elements(16, 7), elements(17, LANES));
    let powers = powers(elements(18, 1)[0], 35);
    let same = extension(&new, |part, z| eq(&old, 64 * part + z));
    let mut expected: EF = (0..LANES).map(|lane| powers[lane] * same * lanes[lane]).sum();
    for x in 0..5 {
        let weight =
            extension(&new, |part, z| powers[25 + x] * eq(&old, 64 * part + z) + powers[30 + x] * eq(&old, 64 * part + (z + 1) % 64));
        expected += weight * (0..5).map(|y| lanes[x + 5 * y]).product::<EF>();
    }
    assert_eq!(parity(&mut Native, &powers, &old, &new, &lanes), expected);
}

/// The further claim, cell by cell, against the five rows of `Tie`'s documentation.
#[test]
fn forms_are_the_claims_of_the_tie() {
    let row_weight = |rows: &RowWeights<Native>, row: usize| {
        let mut rest = row;
        let mut weight = EF::ONE;
        for factor in &rows.block {
            weight *= factor[rest % factor.len()];
            rest /= factor.len();
        }
        weight * rows.blocks.iter().enumerate().map(|(bit, factor)| factor[rest >> bit & 1]).product::<EF>()
    };
    for log_calls in [9, 11] {
        let tie = Tie { calls: 1, real: 1, input: 2, output: 103, bits: 2, log_calls };
        let outputs = OutputPoint { calls: elements(21, log_calls), lambda: elements(22, 1)[0] };
        let mut proof = Proof::filled(&tie.shape(), &EF::ZERO);
        let [real, output, middle] = *elements(23, 3) else { unreachable!() };
        (proof.real, proof.output, proof.middle) = (real, output, vec![middle]);
        let point = Point { first: Some(elements(24, 1)[0]), instances: elements(25, log_calls - 4), positions: elements(26, 7) };
        let claims = Claims { point, bits: elements(27, LANES), middle: vec![middle] };
        let delta = elements(28, 1)[0];
        let d = powers(delta, LANES + 4);
        let block_variables = log_calls - 1;
        let height = EF::ZERO;
        let tables = Tables { tie: &tie, width: 203, height: &height, block_variables };
        let found = forms(&mut Native, &tables, &outputs, &proof, &claims, &delta);
        let sum = d[0] * real + d[1] * output + d[3] * middle + d[4..].iter().zip(&claims.bits).map(|(a, b)| *a * *b).sum::<EF>();
        assert_eq!(found.sum, sum);
        let [calls, limbs, bits] = &found.forms[..] else { unreachable!("three forms") };
        assert_eq!([calls.table, limbs.table, bits.table], [1, 2, 2]);
        let lambda = powers(outputs.lambda, 100);
        let mut columns = vec![EF::ZERO; 203];
        columns[1] = d[0];
        for c in 0..100 {
            columns[2 + c] = d[2] * lambda[c];
            columns[103 + c] = d[1] * lambda[c];
        }
        assert_eq!(calls.columns, columns);
        for row in 0..(1 << (log_calls + 2)) {
            let expected = if row < 1 << log_calls { eq(&outputs.calls, row) } else { EF::ZERO };
            assert_eq!(row_weight(&calls.rows, row), expected);
        }
        let first = claims.point.first.unwrap_or_default();
        let kernel = lagrange(&mut Native, &first, 4);
        for call in (0..1 << log_calls).step_by(if log_calls > 9 { 7 } else { 1 }) {
            let own = eq(&outputs.calls, call);
            let instance = kernel[call % 16] * eq(&claims.point.instances, call / 16);
            for part in 0..2 {
                for z in 0..64 {
                    let row = bit_row(call, part, z);
                    let (of_limbs, of_bits) = (row_weight(&limbs.rows, row), row_weight(&bits.rows, row));
                    let part_weight = if part == 0 { -d[2] } else { d[3] };
                    let place = own * part_weight * EF::from_u32(1 << (z % 16));
                    let position = instance * eq(&claims.point.positions, 64 * part + z);
                    for lane in [0, 1, 13, 24] {
                        assert_eq!(limbs.columns[lane] * of_limbs, place * lambda[4 * lane + z / 16]);
                        assert_eq!(bits.columns[lane] * of_bits, position * d[4 + lane]);
                    }
                }
            }
        }
        for row in (1 << (log_calls + 7)..1 << (log_calls + 8)).step_by(97) {
            assert_eq!([row_weight(&limbs.rows, row), row_weight(&bits.rows, row)], [EF::ZERO; 2]);
        }
    }
}
