//! A digest of the constraint system.
//!
//! The transcript of a proof starts from it, so that a proof made for one set of chips is no proof
//! for another. It covers, for every chip in order, its name, widths and degree, and every
//! constraint and message in order: its label, and its value at pseudo-random rows. Two different
//! polynomials of degree at most 7 agree at four independent uniform points of 31-bit coordinates
//! with probability below 2^-112. Fixed columns with a closed form are covered likewise, by their
//! extensions' values.

use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;

use crate::builder::Label;
use crate::chip::System;
use crate::extension::Native;
use crate::machine::MachineAir;
use crate::point::{Point, Statements};
use crate::recursion::CircuitAir;

/// Points at which every constraint is evaluated.
pub const POINTS: u64 = 4;
/// Coordinates of a point at which fixed columns are evaluated: no proof has more variables of rows.
pub const COORDINATES: usize = 30;

/// BLAKE3's context for the digest of a segment's chips.
pub const MACHINE_CONTEXT: &str = "Tern relation digest, version 2";
/// That of the recursion chips.
pub const CIRCUIT_CONTEXT: &str = "Tern recursion relation digest, version 2";
/// That of the points at which statements are evaluated.
pub const POINT_CONTEXT: &str = "Tern relation digest, evaluation point, version 1";
/// That of the points at which fixed columns are evaluated.
pub const FIXED_CONTEXT: &str = "Tern fixed columns, evaluation point, version 2";

/// Digest of the constraints, messages and fixed columns of a segment's chips.
///
/// The fixed columns' extensions have degree 30 in all, so that others would agree at all points
/// with probability below 2^-103.
pub fn machine_digest() -> [u8; 32] {
    let mut hasher = absorb_system::<MachineAir>(MACHINE_CONTEXT);
    absorb_fixed::<MachineAir>(&mut hasher, |air, point| air.fixed_at(&mut Native::default(), point));
    *hasher.finalize().as_bytes()
}

/// Digest of the constraints, messages and those preprocessed columns of the recursion chips that
/// are the same in all circuits.
pub fn circuit_digest() -> [u8; 32] {
    let mut hasher = absorb_system::<CircuitAir>(CIRCUIT_CONTEXT);
    absorb_fixed::<CircuitAir>(&mut hasher, |air, point| air.fixed_at(&mut Native::default(), point).unwrap_or_default());
    *hasher.finalize().as_bytes()
}

/// Absorbs the values of fixed columns' extensions, for every chip in order.
fn absorb_fixed<S: System>(hasher: &mut blake3::Hasher, fixed_at: impl Fn(&S, &[F]) -> Vec<F>) {
    for air in S::all() {
        for point in 0..POINTS {
            let mut elements = Elements::seeded(FIXED_CONTEXT, air.name(), point);
            let point: Vec<F> = (0..COORDINATES).map(|_| elements.next()).collect();
            absorb_elements(hasher, &fixed_at(&air, &point));
        }
    }
}

fn absorb_system<S: System>(context: &str) -> blake3::Hasher {
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
    hasher
}

fn absorb_evaluation(hasher: &mut blake3::Hasher, air: &impl System, point: u64) {
    let mut elements = Elements::seeded(POINT_CONTEXT, air.name(), point);
    Point::draw(air, || elements.next()).evaluate(air, &mut Evaluation { hasher });
}

fn absorb_bytes(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    absorb_number(hasher, bytes.len() as u64);
    hasher.update(bytes);
}

fn absorb_elements(hasher: &mut blake3::Hasher, values: &[F]) {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.as_canonical_u32().to_le_bytes()).collect();
    absorb_bytes(hasher, &bytes);
}

fn absorb_number(hasher: &mut blake3::Hasher, number: u64) {
    hasher.update(&number.to_le_bytes());
}

/// Field elements from an output stream, by reducing 64-bit words.
struct Elements(blake3::OutputReader);

impl Elements {
    /// Those of a chip's point.
    fn seeded(context: &str, chip: &str, point: u64) -> Self {
        let mut seed = blake3::Hasher::new_derive_key(context);
        absorb_bytes(&mut seed, chip.as_bytes());
        absorb_number(&mut seed, point);
        Self(seed.finalize_xof())
    }

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
        absorb_elements(self.hasher, values);
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

/// The digest of a segment's chips in parts, one per chip, for finding out which chip a changed
/// digest comes from.
pub fn machine_digests_by_chip() -> Vec<(&'static str, [u8; 32])> {
    system_digests_by_chip::<MachineAir>()
}

/// The recursion's digest in parts, one per chip.
pub fn circuit_digests_by_chip() -> Vec<(&'static str, [u8; 32])> {
    system_digests_by_chip::<CircuitAir>()
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
        assert_distinct::<MachineAir>();
        assert_distinct::<CircuitAir>();
    }

    #[test]
    fn digests_are_deterministic() {
        assert_eq!((machine_digest(), circuit_digest()), (machine_digest(), circuit_digest()));
        assert_ne!(machine_digest(), circuit_digest());
    }

    /// A change here is a change of what proofs are about.
    #[test]
    fn digests_are_those_recorded() {
        let hex = |digest: [u8; 32]| blake3::Hash::from(digest).to_hex();
        let generated = include_str!("../../spec/generated/relation.md");
        assert!([machine_digest(), circuit_digest()].iter().all(|&digest| generated.contains(hex(digest).as_str())));
        let version_2 = [hex(machine_digest()), hex(circuit_digest())];
        let recorded = [
            "22d6d29fc25977ca1bf83377569cee736d5b4427632003c71128fcff8b6bf4ec",
            "5336647802c96be3c4efcd3b18a4d94f0e9026ebc3f2a1a16c8ccbeb4703b3df",
        ];
        assert_eq!(version_2.each_ref().map(|digest| digest.as_str()), recorded);
    }
}
