//! That every message has a tag, the length of its tag, and room on its bus.
//!
//! Fingerprints of different messages are different polynomials because of this ([`crate::bus`]). A
//! verifier checks it once for each constraint system that it is prepared for, so that evaluation,
//! which is where a prover's time goes, need not.

use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;

use crate::builder::Label;
use crate::bus::{self, message_len};
use crate::chip::System;
use crate::point::{Point, Statements};
use crate::recursion;

/// Messages whose tag is chosen by columns, and what they choose between.
const CHOSEN: [(Label, &[u32]); 2] =
    [("bitwise::bytes", &[bus::AND, bus::OR, bus::XOR]), ("half::high_limb", &[recursion::bus::U16, recursion::bus::TOP])];

/// What a message's tag is chosen from, if columns choose it.
#[must_use]
pub fn chosen_tags(label: Label) -> Option<&'static [u32]> {
    CHOSEN.iter().find(|(chosen, _)| *chosen == label).map(|(_, tags)| *tags)
}

/// A message that others could be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// It has no elements, or its tag is no constant and not known to be chosen from constants.
    #[error("{label}: a message without a tag")]
    NoTag {
        /// The message.
        label: Label,
    },
    /// Its length is not that of its tag (0 for a tag that is none).
    #[error("{label}: expected {expected} elements behind and with tag {tag}, got {got}")]
    Length {
        /// The message.
        label: Label,
        /// Its tag.
        tag: u32,
        /// The length of the tag's messages.
        expected: usize,
        /// Its length.
        got: usize,
    },
    /// It is longer than the wide bus.
    #[error("{label}: expected at most {max} elements, got {got}")]
    TooLong {
        /// The message.
        label: Label,
        /// The bus's width.
        max: usize,
        /// Its length.
        got: usize,
    },
}

/// Checks every message of every chip of a constraint system.
///
/// # Errors
///
/// The first message that is not as its tag says.
pub fn check_messages<S: System>() -> Result<(), MessageError> {
    let max = S::buses().widths[1];
    S::all().iter().try_for_each(|air| {
        // A tag that is no constant has two values at two points, but for a chance of one in 2^31.
        let [one, other] = [Tuples::at(air, 1), Tuples::at(air, 2)];
        one.0.iter().zip(&other.0).try_for_each(|((label, tuple), (_, other))| check_message(label, tuple, other, max))
    })
}

fn check_message(label: Label, tuple: &[F], other: &[F], max: usize) -> Result<(), MessageError> {
    let got = tuple.len();
    let has_length = |tag: u32| match message_len(tag) {
        expected if expected == got => Ok(()),
        expected => Err(MessageError::Length { label, tag, expected, got }),
    };
    match (tuple.first(), other.first()) {
        (Some(tag), Some(same)) if tag == same => has_length(tag.as_canonical_u32())?,
        (Some(_), Some(_)) => {
            let tags = chosen_tags(label).ok_or(MessageError::NoTag { label })?;
            tags.iter().try_for_each(|&tag| has_length(tag))?;
        }
        _ => return Err(MessageError::NoTag { label }),
    }
    if got > max { Err(MessageError::TooLong { label, max, got }) } else { Ok(()) }
}

/// Messages that a row of a chip sends and receives.
#[must_use]
pub fn count_messages(air: &impl System) -> usize {
    Tuples::at(air, 0).0.len()
}

/// Whether a row of a chip has a message of this tag.
#[must_use]
pub fn has_messages_of(air: &impl System, tag: u32) -> bool {
    Tuples::at(air, 0).0.iter().any(|(_, tuple)| tuple.first() == Some(&F::from_u32(tag)))
}

/// The messages of a chip at a point.
struct Tuples(Vec<(Label, Vec<F>)>);

impl Tuples {
    fn at(air: &impl System, seed: u64) -> Self {
        let mut state = seed;
        let point = Point::draw(air, || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            F::from_u64(state >> 33)
        });
        let mut tuples = Self(Vec::new());
        point.evaluate(air, &mut tuples);
        tuples
    }
}

impl Statements for Tuples {
    fn constraint(&mut self, _label: Label, _value: F) {}

    fn message(&mut self, label: Label, tuple: Vec<F>, _count: F) {
        self.0.push((label, tuple));
    }

    fn provided(&mut self, label: Label, tuple: Vec<F>, _count: F) {
        self.0.push((label, tuple));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::BUSES;
    use crate::machine::MachineAir;
    use crate::recursion::CircuitAir;

    const LABEL: Label = "chip::message";

    #[test]
    fn messages_are_as_their_tags_say() {
        assert_eq!(check_messages::<MachineAir>(), Ok(()));
        assert_eq!(check_messages::<CircuitAir>(), Ok(()));
    }

    #[test]
    fn other_messages_are_refused() {
        let tuple = |tag: u32, len: usize| {
            let mut tuple = F::zero_vec(len);
            tuple[0] = F::from_u32(tag);
            tuple
        };
        let check = |label, tuple: &[F], other: &[F]| check_message(label, tuple, other, BUSES.widths[1]);
        let constant = |tag, len| check(LABEL, &tuple(tag, len), &tuple(tag, len));
        assert_eq!(constant(bus::MEMORY, 7), Ok(()));
        assert_eq!(constant(bus::MEMORY, 6), Err(MessageError::Length { label: LABEL, tag: bus::MEMORY, expected: 7, got: 6 }));
        assert_eq!(constant(0, 7), Err(MessageError::Length { label: LABEL, tag: 0, expected: 0, got: 7 }));
        assert_eq!(constant(99, 2), Err(MessageError::Length { label: LABEL, tag: 99, expected: 0, got: 2 }));
        assert_eq!(check(LABEL, &[], &[]), Err(MessageError::NoTag { label: LABEL }));
        assert_eq!(check(LABEL, &tuple(3, 7), &tuple(4, 7)), Err(MessageError::NoTag { label: LABEL }));
        assert_eq!(check("bitwise::bytes", &tuple(3, 4), &tuple(4, 4)), Ok(()));
        let length = MessageError::Length { label: "bitwise::bytes", tag: bus::AND, expected: 4, got: 3 };
        assert_eq!(check("bitwise::bytes", &tuple(3, 3), &tuple(4, 3)), Err(length));
        let long = check_message(LABEL, &tuple(bus::HALT, 19), &tuple(bus::HALT, 19), 18);
        assert_eq!(long, Err(MessageError::TooLong { label: LABEL, max: 18, got: 19 }));
    }
}
