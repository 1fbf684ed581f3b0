//! The constraint system of circuits ([`tern_air::recursion`]): their fixed columns are committed
//! to, but for the byte table's, which are the same in all.
//!
//! What its tables state is recorded, so that nobody who checks a proof has to evaluate chips of
//! thousands of columns on symbols.

use alloc::vec::Vec;

use p3_air::BaseAir;
use tern_air::recursion::CircuitAir;
use tern_air::relation::circuit_digest;
use tern_fri::hash::Digest;
use tern_fri::multilinear::{FixedShape, Params};
use tern_fri::numbers::{Malformed, NumberReader};

use super::batch::{BatchVerifier, FixedColumns, UnusableTables};
use super::front::{Front, Statement, UnusableAir, statement};
use super::machine::InOps;
use crate::ops::MultilinearOps;

/// The system as [`System::to_bytes`] writes it. A test states it anew and compares.
pub const RECORD: &[u8] = include_bytes!("circuit.bin");

/// The chips of recursion.
#[derive(Clone, Debug)]
pub struct Circuit(Vec<CircuitAir>);

impl FixedColumns for Circuit {
    fn fixed_at<O: MultilinearOps>(&self, ops: &mut O, table: usize, point: &[O::Ext]) -> Option<Vec<O::Ext>> {
        self.0.get(table).and_then(|air| air.fixed_at(&mut InOps(ops), point))
    }
}

/// The tables whose fixed columns are a circuit's own.
#[must_use]
pub fn committed() -> Vec<usize> {
    let is_own = |air: &CircuitAir| air.preprocessed_width() > 0 && !matches!(air, CircuitAir::ByteTable(_));
    CircuitAir::all().iter().enumerate().filter(|(_, air)| is_own(air)).map(|(table, _)| table).collect()
}

/// What all circuits have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// The digest of the chips' relation.
    pub relation: Digest,
    /// What the tables state.
    pub statements: Vec<Statement>,
}

impl System {
    /// As the chips state it.
    ///
    /// # Errors
    ///
    /// If a chip states what no verifier evaluates.
    pub fn of_chips() -> Result<Self, UnusableAir> {
        let committed = committed();
        let statements = Front::statements(&CircuitAir::all(), |table| committed.contains(&table))?;
        Ok(Self { relation: circuit_digest(), statements })
    }

    /// As it is recorded.
    ///
    /// # Errors
    ///
    /// Only by a fault of this crate.
    pub fn recorded() -> Result<Self, Malformed> {
        let (relation, statements) = RECORD.split_first_chunk().ok_or(NumberReader::new(RECORD).malformed())?;
        Ok(Self { relation: *relation, statements: statement::read(statements)? })
    }

    /// The record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.relation.as_slice(), &statement::write(&self.statements)].concat()
    }

    /// The verifier of circuits' proofs under a parameter set, for circuits whose fixed columns
    /// have this shape and whose tables have at most `2^row_variables` rows.
    ///
    /// # Errors
    ///
    /// If the parameters do not allow such circuits.
    pub fn verifier(&self, params: &Params, row_variables: usize, fixed: FixedShape) -> Result<BatchVerifier<Circuit>, UnusableTables> {
        BatchVerifier::of_statements(params, &self.statements, Circuit(CircuitAir::all()), row_variables, Some(fixed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_is_what_the_chips_state() -> Result<(), UnusableTables> {
        let system = System::of_chips()?;
        assert!(system.to_bytes() == RECORD, "`tern spec` writes the record");
        let recorded = System::recorded()?;
        assert_eq!(recorded.relation, system.relation);
        assert_eq!(statement::write(&recorded.statements), statement::write(&system.statements));
        Ok(())
    }

    #[test]
    fn other_bytes_are_refused_or_state_something_else() -> Result<(), Malformed> {
        let (_, record) = RECORD.split_at(size_of::<Digest>());
        assert!((0..record.len()).step_by(211).all(|len| statement::read(record.get(..len).unwrap_or_default()).is_err()));
        assert!(statement::read(&[record, &[0]].concat()).is_err(), "nothing may follow");
        let stated = statement::read(record)?;
        let mut read = 0;
        for (at, byte) in (0..record.len()).step_by(307).flat_map(|at| [0, 1, 0x7f, 0xff].map(|byte| (at, byte))) {
            let mut changed = record.to_vec();
            changed.iter_mut().skip(at).take(1).for_each(|place| *place = byte);
            if let (true, Ok(other)) = (changed != record, statement::read(&changed)) {
                assert_ne!(other, stated, "byte {at} is {byte}");
                read += 1;
            }
        }
        assert!(read > 0, "some are read");
        Ok(())
    }
}
