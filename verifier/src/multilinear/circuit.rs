//! The constraint system of circuits ([`tern_air::recursion::flagged`]): their fixed columns are committed to, but for the byte table's, which are the same in all.

use alloc::vec::Vec;

use p3_air::BaseAir;
use tern_air::recursion::flagged::CircuitAir;
use tern_fri::multilinear::{FixedShape, Params};

use super::batch::{BatchVerifier, FixedColumns, UnusableTables};
use super::machine::InOps;
use crate::ops::MultilinearOps;

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

/// The verifier of circuits' proofs under a parameter set, for circuits whose fixed columns have this shape and whose tables have at most `2^row_variables` rows.
///
/// # Errors
///
/// If the parameters do not allow such circuits.
pub fn verifier(params: &Params, row_variables: usize, fixed: FixedShape) -> Result<BatchVerifier<Circuit>, UnusableTables> {
    let airs = CircuitAir::all();
    BatchVerifier::with_fixed(params, &airs, Circuit(airs.clone()), row_variables, fixed)
}
