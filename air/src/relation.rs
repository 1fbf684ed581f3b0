//! A digest of the constraint system.
//!
//! The transcript of a proof starts from it, so that a proof made for one set of chips is no proof for another. It covers, for every chip in order, its name,
//! widths and degree, and every constraint and message in order: its label, and its value at pseudo-random rows. Two different polynomials of degree at most 5
//! agree at four independent uniform points of 31-bit coordinates with probability below 2^-112.

use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;

use crate::builder::Label;
use crate::chip::{System, TernAir};
use crate::point::{Point, Statements};
use crate::recursion::RecursionAir;

/// Points at which every constraint is evaluated.
const POINTS: u64 = 4;

/// Digest of the constraints and messages of a segment's chips.
pub fn digest() -> [u8; 32] {
    system_digest::<TernAir>("Tern relation digest, version 1")
}

/// Digest of the constraints and messages of the recursion chips.
pub fn recursion_digest() -> [u8; 32] {
    system_digest::<RecursionAir>("Tern recursion relation digest, version 1")
}

fn system_digest<S: System>(context: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for air in S::all() {
        absorb_bytes(&mut hasher, air.name().as_bytes());
        let sizes = [air.width(), air.preprocessed_width(), air.num_public_values(), air.degree()];
        sizes.iter().for_each(|&size| absorb_number(&mut hasher, size as u64));
        air.main_next_row_columns().iter().for_each(|&column| absorb_number(&mut hasher, column as u64));
        for point in 0..POINTS {
            absorb_evaluation(&mut hasher, &air, point);
        }
    }
    *hasher.finalize().as_bytes()
}

fn absorb_evaluation(hasher: &mut blake3::Hasher, air: &impl System, point: u64) {
    let mut seed = blake3::Hasher::new_derive_key("Tern relation digest, evaluation point, version 1");
    absorb_bytes(&mut seed, air.name().as_bytes());
    absorb_number(&mut seed, point);
    let mut elements = Elements(seed.finalize_xof());
    Point::draw(air, || elements.next()).evaluate(air, &mut Evaluation { hasher });
}

fn absorb_bytes(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    absorb_number(hasher, bytes.len() as u64);
    hasher.update(bytes);
}

fn absorb_number(hasher: &mut blake3::Hasher, number: u64) {
    hasher.update(&number.to_le_bytes());
}

/// Field elements from an output stream, by reducing 64-bit words.
struct Elements(blake3::OutputReader);

impl Elements {
    fn next(&mut self) -> F {
        let mut word = [0; 8];
        self.0.fill(&mut word);
        F::from_u64(u64::from_le_bytes(word))
    }
}

/// Absorbs the values of statements.
struct Evaluation<'a> {
    hasher: &'a mut blake3::Hasher,
}

impl Evaluation<'_> {
    fn absorb(&mut self, kind: u8, label: Label, values: &[F]) {
        self.hasher.update(&[kind]);
        absorb_bytes(self.hasher, label.as_bytes());
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.as_canonical_u32().to_le_bytes()).collect();
        absorb_bytes(self.hasher, &bytes);
    }
}

impl Statements for Evaluation<'_> {
    fn constraint(&mut self, label: Label, value: F) {
        self.absorb(0, label, &[value]);
    }

    fn message(&mut self, label: Label, mut tuple: Vec<F>, count: F) {
        tuple.push(count);
        self.absorb(1, label, &tuple);
    }

    fn provided(&mut self, label: Label, mut tuple: Vec<F>, count: F) {
        tuple.push(count);
        self.absorb(2, label, &tuple);
    }
}

/// The segment's digest in parts, one per chip, for finding out which chip a changed digest comes from.
pub fn digests_by_chip() -> Vec<(&'static str, [u8; 32])> {
    system_digests_by_chip::<TernAir>()
}

/// The recursion's digest in parts, one per chip.
pub fn recursion_digests_by_chip() -> Vec<(&'static str, [u8; 32])> {
    system_digests_by_chip::<RecursionAir>()
}

fn system_digests_by_chip<S: System>() -> Vec<(&'static str, [u8; 32])> {
    let one = |air: &S| {
        let mut hasher = blake3::Hasher::new();
        absorb_evaluation(&mut hasher, air, 0);
        *hasher.finalize().as_bytes()
    };
    S::all().iter().map(|air| (air.name(), one(air))).collect::<Vec<_>>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_distinct<S: System>() {
        let mut digests: Vec<_> = system_digests_by_chip::<S>().into_iter().map(|(_, digest)| digest).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), S::all().len());
    }

    #[test]
    fn chips_have_distinct_digests() {
        assert_distinct::<TernAir>();
        assert_distinct::<RecursionAir>();
    }

    #[test]
    fn digests_are_deterministic() {
        assert_eq!((digest(), recursion_digest()), (digest(), recursion_digest()));
        assert_ne!(digest(), recursion_digest());
    }
}
