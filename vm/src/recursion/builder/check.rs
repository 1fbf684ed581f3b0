//! Whether a run's values satisfy its circuit, without filling a table.
//!
//! A value has one place in a run, and most rows are filled by computing what they say. What can be
//! wrong is what was asserted: equations whose result existed before, digests that were compared,
//! bits that a proof provides.

use std::collections::HashMap;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use thiserror::Error;

use super::address::Port;
use super::run::Run;
use super::{CircuitBuilder, coordinates, is_set};

/// An assertion that does not hold, by its place in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unsatisfied {
    /// An equation `a b + c = d` is false.
    #[error("operation {index}: expected a b + c to be {expected}, got {got}")]
    Equation {
        /// Number of the operation.
        index: usize,
        /// The value `d`.
        expected: EF,
        /// The value of the left side.
        got: EF,
    },
    /// Two digests differ.
    #[error("digest row {index}: expected {expected:02x?}, got {got:02x?}")]
    Digests {
        /// Number of the row.
        index: usize,
        /// One digest.
        expected: Digest,
        /// The other.
        got: Digest,
    },
    /// A list has no digest at the index, or another one.
    #[error("digest row {index}: entry {position} is another one")]
    Entry {
        /// Number of the row.
        index: usize,
        /// The index into the list.
        position: EF,
    },
    /// A compression's bit is none.
    #[error("compression {index}: expected a bit, got {got}")]
    Bit {
        /// Number of the compression.
        index: usize,
        /// The value.
        got: EF,
    },
}

impl Run {
    /// Checks the assertions.
    ///
    /// # Errors
    ///
    /// The first that does not hold, table by table.
    pub fn check(&self) -> Result<(), Unsatisfied> {
        let builder = &self.builder;
        builder.check_equations()?;
        builder.check_digests()?;
        builder.check_bits()
    }
}

impl CircuitBuilder {
    fn check_equations(&self) -> Result<(), Unsatisfied> {
        for (index, op) in self.alu.iter().enumerate() {
            let [a, b, c, expected] = op.ports.map(|port| self.wires.value(port.address()));
            let got = a * b + c;
            if got != expected {
                return Err(Unsatisfied::Equation { index, expected, got });
            }
        }
        Ok(())
    }

    fn check_digests(&self) -> Result<(), Unsatisfied> {
        let digest = |port: Port| self.halves.value(port.address());
        let provided = self.cap.iter().filter(|row| row.provides).map(|row| (F::from_u32(row.cap), digest(row.one)));
        let provided: HashMap<F, Digest> = provided.collect();
        for (index, row) in self.cap.iter().enumerate() {
            let expected = digest(row.one);
            if row.two != Port::Unused && digest(row.two) != expected {
                return Err(Unsatisfied::Digests { index, expected, got: digest(row.two) });
            }
            if let Some(wire) = row.index {
                let position = self.wires.value(wire);
                if entry(row.cap, position).and_then(|entry| provided.get(&entry)) != Some(&expected) {
                    return Err(Unsatisfied::Entry { index, position });
                }
            }
        }
        Ok(())
    }

    fn check_bits(&self) -> Result<(), Unsatisfied> {
        let mut bits = self.compress.iter().enumerate().filter_map(|(index, row)| Some((index, self.wires.value(row.bit?))));
        match bits.find(|(_, bit)| !is_set(bit) && *bit != EF::ZERO) {
            Some((index, got)) => Err(Unsatisfied::Bit { index, got }),
            None => Ok(()),
        }
    }
}

/// The number of an entry on the bus; none if the position is no base element.
fn entry(cap: u32, position: EF) -> Option<F> {
    let [position, rest @ ..] = coordinates(position);
    (rest == [F::ZERO; EXTENSION_DEGREE - 1]).then(|| F::from_u32(cap) + position)
}
