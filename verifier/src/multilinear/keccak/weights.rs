//! The weights of the layers' sums at a point, in closed form, and what the sums' terms are there.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::multilinear::keccak::permutation::{CONSTANT_BITS, CONSTANTS, MOVES};
use tern_fri::multilinear::keccak::{LANES, PART_ROUNDS, Z_VARIABLES};

use super::super::equality::{factors, inner_product, powers};
use crate::ops::MultilinearOps;

/// The weights of a claim on all lanes: for lane `l`, a power of a challenge times a product over
/// the position variables of the first of a pair where the variable is zero, else the second.
pub(super) struct Outgoing<E> {
    lanes: Vec<E>,
    pairs: Vec<[E; 2]>,
}

impl<E: Clone> Outgoing<E> {
    /// Of the limbs: column `c` has the weight `lambda^c`, bit `b` of a limb `2^b`; parts have
    /// those of a point.
    pub(super) fn limbs<O: MultilinearOps<Ext = E>>(ops: &mut O, lambda: &E, parts: &[E]) -> Self {
        let one = ops.constant(EF::ONE);
        let square = ops.mul(lambda, lambda);
        let base = ops.mul(&square, &square);
        // Limb z >> 4 of a lane is its column z >> 4.
        let bits = [0, 1, 2, 3].map(|bit| ops.constant(EF::from(F::TWO.exp_power_of_2(bit))));
        let mut pairs: Vec<[E; 2]> = bits.into_iter().chain([lambda.clone(), square]).map(|factor| [one.clone(), factor]).collect();
        pairs.extend(factors(ops, parts));
        Self { lanes: powers(ops, &base, LANES), pairs }
    }

    /// Of evaluations at a point, batched by these powers.
    pub(super) fn point<O: MultilinearOps<Ext = E>>(ops: &mut O, powers: Vec<E>, positions: &[E]) -> Self {
        Self { lanes: powers, pairs: factors(ops, positions) }
    }

    /// The weighted sum of a round's outputs at a point, from the lanes before chi there.
    pub(super) fn chi<O: MultilinearOps<Ext = E>>(&self, ops: &mut O, round: usize, positions: &[E], lanes: &[E]) -> E {
        let (zero, one, half) = (ops.constant(EF::ZERO), ops.constant(EF::ONE), ops.constant(EF::ONE.halve()));
        let (rows, _) = lanes.as_chunks();
        let mut outputs = Vec::new();
        for [a, b, c, d, e] in rows {
            for [own, next, after] in [[a, b, c], [b, c, d], [c, d, e], [d, e, a], [e, a, b]] {
                // Twice chi.
                let sum = ops.mul_add(next, after, after);
                let sum = ops.sub(&sum, next);
                let sum = ops.add(&sum, &one);
                outputs.push(ops.mul(own, &sum));
            }
        }
        let factors: Vec<[E; 2]> = self
            .pairs
            .iter()
            .zip(factors(ops, positions))
            .map(|(pair, [zero, one])| {
                let [at_zero, at_one] = pair;
                [ops.mul(at_zero, &zero), ops.mul(at_one, &one)]
            })
            .collect();
        let common = factors.iter().fold(half, |product, [zero, one]| {
            let sum = ops.add(zero, one);
            ops.mul(&product, &sum)
        });
        let sum = inner_product(ops, &outputs, &self.lanes);
        let flipped = flipped(ops, round, &factors);
        let first = outputs.first().cloned().unwrap_or(zero);
        let sum = ops.mul(&sum, &common);
        ops.sub_mul(&flipped, &first, &sum)
    }
}

/// The sum of the weights of the positions where iota flips lane 0 in a round, of which `factors`
/// has the factors for both values of each variable.
fn flipped<O: MultilinearOps>(ops: &mut O, round: usize, factors: &[[O::Ext; 2]]) -> O::Ext {
    let (zero, one) = (ops.constant(EF::ZERO), ops.constant(EF::ONE));
    let (bits, parts) = factors.split_at_checked(Z_VARIABLES).unwrap_or((factors, &[]));
    let parts = tensor(ops, parts);
    // Position 2^j - 1 has ones below j and zeros from there.
    let mut zeros = vec![one.clone()];
    let mut suffix = one.clone();
    for [at_zero, _] in bits.iter().rev() {
        suffix = ops.mul(&suffix, at_zero);
        zeros.push(suffix.clone());
    }
    let mut ones = vec![one.clone()];
    let mut prefix = one;
    for [_, at_one] in bits {
        prefix = ops.mul(&prefix, at_one);
        ones.push(prefix.clone());
    }
    let mut sum = zero.clone();
    for ((j, low), high) in (0..CONSTANT_BITS).zip(&ones).zip(zeros.iter().rev()) {
        // Which parts flip the position is public.
        let is_flipped = |constants: &[u8]| constants.get(round).is_some_and(|constant| nth_bit(*constant, j));
        let flipping = CONSTANTS.chunks(PART_ROUNDS).zip(&parts).filter(|(constants, _)| is_flipped(constants));
        let weight = flipping.fold(zero.clone(), |sum, (_, part)| ops.add(&sum, part));
        let position = ops.mul(low, high);
        sum = ops.mul_add(&position, &weight, &sum);
    }
    sum
}

/// Whether bit `j` is set.
const fn nth_bit(value: u8, j: usize) -> bool {
    let mut value = value;
    let mut rest = j;
    while let Some(next) = rest.checked_sub(1) {
        value >>= 1_u32;
        rest = next;
    }
    value & 1 == 1
}

/// The sum that theta is about at the new point, from the claims there: lanes, parities, parities
/// at the bit below. Its weights batch by `powers` the moved lanes at the old point.
pub(super) fn theta<O: MultilinearOps>(ops: &mut O, powers: &[O::Ext], old: &[O::Ext], new: &[O::Ext], claims: &[O::Ext]) -> O::Ext {
    let zero = ops.constant(EF::ZERO);
    let ([rows @ .., parities, below], _) = claims.as_chunks() else { return zero };
    let ([c0, c1, c2, c3, c4], [d0, d1, d2, d3, d4]) = (parities, below);
    let (mut rotations, parts) = Rotations::new(ops, old, new);
    let mut weights = Vec::new();
    for place in &MOVES {
        let power = powers.get(place.target).unwrap_or(&zero);
        let rotated = rotations.value(ops, place.rotation);
        weights.push(ops.mul(power, &rotated));
    }
    let mut sums = [const { None }; 5];
    for (weights, row) in weights.as_chunks::<5>().0.iter().zip(rows) {
        for ((sum, weight), lane) in sums.iter_mut().zip(weights).zip(row) {
            let term = ops.mul_add(weight, lane, sum.as_ref().unwrap_or(&zero));
            *sum = Some(term);
        }
    }
    let flips = [[c4, d1], [c0, d2], [c1, d3], [c2, d4], [c3, d0]];
    let sum = sums.iter().zip(flips).fold(zero.clone(), |total, (sum, [one, other])| {
        let flip = ops.mul(one, other);
        ops.mul_add(&flip, sum.as_ref().unwrap_or(&zero), &total)
    });
    ops.mul(&sum, &parts)
}

/// The sum that the parity layer is about at the new point, from the lanes there. Its weights batch
/// by `powers` what theta claims at the old point.
pub(super) fn parity<O: MultilinearOps>(ops: &mut O, powers: &[O::Ext], old: &[O::Ext], new: &[O::Ext], lanes: &[O::Ext]) -> O::Ext {
    let zero = ops.constant(EF::ZERO);
    let ([first, others @ ..], _) = lanes.as_chunks::<5>() else { return zero };
    let ([_, _, _, _, _, of_parities, of_below], _) = powers.as_chunks::<5>() else { return zero };
    let (mut rotations, parts) = Rotations::new(ops, old, new);
    let (same, next) = (rotations.value(ops, 0), rotations.value(ops, 1));
    let linear = inner_product(ops, lanes, powers);
    let mut sum = ops.mul(&linear, &same);
    for (x, (parity, below)) in of_parities.iter().zip(of_below).enumerate() {
        let column = others.iter().filter_map(|row| row.get(x));
        let product = column.fold(first.get(x).unwrap_or(&zero).clone(), |product, lane| ops.mul(&product, lane));
        let weight = ops.mul(parity, &same);
        let weight = ops.mul_add(below, &next, &weight);
        sum = ops.mul_add(&weight, &product, &sum);
    }
    ops.mul(&sum, &parts)
}

/// Rotated equalities of two points over the bits of a lane: the sum over `z` of `eq(old, z + r)
/// eq(new, z)`, by the carries of the sum from the lowest bit.
pub(super) struct Rotations<E> {
    /// For each bit, by the bit of `z + r`, then that of `z`: the product of both factors.
    factors: Vec<[[E; 2]; 2]>,
    /// By variable, what is left of `r` from there, and the carry into it: the sum over the bits
    /// from there. Rotations share them.
    known: BTreeMap<(usize, u32, u32), E>,
    one: E,
}

impl<E: Clone> Rotations<E> {
    /// Prepares them for two points of positions, and gives `eq` over their parts.
    pub(super) fn new<O: MultilinearOps<Ext = E>>(ops: &mut O, old: &[E], new: &[E]) -> (Self, E) {
        let one = ops.constant(EF::ONE);
        let (old, new) = (factors(ops, old), factors(ops, new));
        let mut factors: Vec<[[E; 2]; 2]> = Vec::new();
        for (old, new) in old.iter().zip(&new) {
            factors.push(old.each_ref().map(|old| new.each_ref().map(|new| ops.mul(old, new))));
        }
        let parts = factors.iter().skip(Z_VARIABLES).fold(one.clone(), |product, [[zeros, _], [_, ones]]| {
            let equal = ops.add(zeros, ones);
            ops.mul(&product, &equal)
        });
        factors.truncate(Z_VARIABLES);
        (Self { factors, known: BTreeMap::new(), one }, parts)
    }

    /// The one for a rotation below 64.
    pub(super) fn value<O: MultilinearOps<Ext = E>>(&mut self, ops: &mut O, rotation: u32) -> E {
        self.suffix(ops, 0, rotation, 0)
    }

    fn suffix<O: MultilinearOps<Ext = E>>(&mut self, ops: &mut O, variable: usize, rotation: u32, carry: u32) -> E {
        let key = (variable, rotation, carry);
        if let Some(value) = self.known.get(&key) {
            return value.clone();
        }
        // After the last bit the carry is dropped.
        let Some([of_zero, of_one]) = self.factors.get(variable).cloned() else { return self.one.clone() };
        let mut sum = ops.constant(EF::ZERO);
        for z in [0, 1] {
            let digits = (rotation & 1).wrapping_add(carry).wrapping_add(z);
            let [at_zero, at_one] = if digits & 1 == 0 { &of_zero } else { &of_one };
            let factor = if z == 0 { at_zero } else { at_one };
            let rest = self.suffix(ops, variable.wrapping_add(1), rotation >> 1_u32, digits >> 1_u32);
            sum = ops.mul_add(factor, &rest, &sum);
        }
        self.known.insert(key, sum.clone());
        sum
    }
}

/// The products of one factor of each pair, the first pair's varying fastest.
fn tensor<O: MultilinearOps>(ops: &mut O, pairs: &[[O::Ext; 2]]) -> Vec<O::Ext> {
    let mut table = vec![ops.constant(EF::ONE)];
    for pair in pairs {
        table = pair.iter().flat_map(|factor| table.iter().map(|value| ops.mul(value, factor)).collect::<Vec<_>>()).collect();
    }
    table
}
