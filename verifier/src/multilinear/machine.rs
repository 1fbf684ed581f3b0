//! The constraint system of a segment ([`tern_air::machine`]): its fixed columns in closed form,
//! and where its calls of Keccak are.

use alloc::vec::Vec;
use core::mem::offset_of;

use p3_air::BaseAir;
use tern_air::extension::Arithmetic;
use tern_air::machine::keccak::{KeccakCols, LOG_CALLS};
use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::Statement;
use tern_air::machine::{MachineAir, MachineChip};
use tern_air::relation::machine_digest;
use tern_field::F;
use tern_fri::hash::Digest;
use tern_fri::multilinear::Params;
use tern_fri::multilinear::keccak::Tie;

use super::batch::{BatchVerifier, FixedColumns, UnusableTables};
use crate::ops::{MultilinearOps, Ops};

/// Base-2 logarithm of the largest number of rows of a segment's table.
pub const ROW_VARIABLES: usize = 22;

/// The machine's chips.
#[derive(Clone, Debug)]
pub struct Machine(Vec<MachineAir>);

impl FixedColumns for Machine {
    fn fixed_at<O: MultilinearOps>(&self, ops: &mut O, table: usize, point: &[O::Ext]) -> Option<Vec<O::Ext>> {
        self.0.get(table).map(|air| air.fixed_at(&mut InOps(ops), point))
    }
}

/// Closed forms in the verifier's operations.
pub(super) struct InOps<'a, O>(pub(super) &'a mut O);

impl<O: Ops> Arithmetic for InOps<'_, O> {
    type Element = O::Ext;

    fn constant(&mut self, value: F) -> O::Ext {
        self.0.constant(value.into())
    }

    fn add(&mut self, a: &O::Ext, b: &O::Ext) -> O::Ext {
        self.0.add(a, b)
    }

    fn sub(&mut self, a: &O::Ext, b: &O::Ext) -> O::Ext {
        self.0.sub(a, b)
    }

    fn mul(&mut self, a: &O::Ext, b: &O::Ext) -> O::Ext {
        self.0.mul(a, b)
    }

    fn mul_add(&mut self, a: &O::Ext, b: &O::Ext, c: &O::Ext) -> O::Ext {
        self.0.mul_add(a, b, c)
    }
}

/// The verifier of segments' proofs under a parameter set.
///
/// # Errors
///
/// Never for the machine's own chips and the sets of this crate.
pub fn verifier(params: &Params) -> Result<BatchVerifier<Machine>, UnusableTables> {
    let airs = MachineAir::all();
    BatchVerifier::new(params, &airs, Machine(airs.clone()), ROW_VARIABLES)?.with_keccak(KECCAK)
}

/// The tables of Keccak's argument.
#[expect(clippy::as_conversions, reason = "a chip's discriminant is its table's position")]
pub const KECCAK: Tie = Tie {
    calls: MachineChip::Keccak as usize,
    real: offset_of!(KeccakCols<u8>, real),
    input: offset_of!(KeccakCols<u8>, input),
    output: offset_of!(KeccakCols<u8>, output),
    bits: MachineChip::KeccakBits as usize,
    log_calls: LOG_CALLS,
};

/// All that is fixed about segments' proofs but the parameters: the chips' relation, and where
/// Keccak's argument stands.
#[must_use]
pub fn system_digest() -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key(SYSTEM_CONTEXT);
    hasher.update(&machine_digest());
    for number in KECCAK.numbers().into_iter().chain([ROW_VARIABLES]) {
        hasher.update(&u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes());
    }
    hasher.finalize().into()
}

/// Context of [`system_digest`].
const SYSTEM_CONTEXT: &str = "Tern machine, version 2";

/// The public values of every table, under a segment's statement in a program's memory.
#[must_use]
pub fn public_values(statement: &Statement, bounds: &Bounds) -> Vec<Vec<F>> {
    let of = |air: &MachineAir| match air {
        MachineAir::Leaf(_) => bounds.to_values().to_vec(),
        MachineAir::Segment(_) => statement.to_values(),
        air => alloc::vec![F::default(); air.num_public_values()],
    };
    MachineAir::all().iter().map(of).collect()
}
