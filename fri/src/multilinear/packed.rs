//! Vectors of rows.
//!
//! Sixteen consecutive rows are one vector, whatever the machine's own vectors hold, so that proofs
//! are the same on all: the order in which a sumcheck binds the bits of a row is those of its
//! vector first, from bit four on, then those of its lane.

use alloc::vec::Vec;

use p3_field::{ExtensionField, Field, PackedFieldExtension, PackedValue};
use tern_field::{EF, F};

/// A machine's vector of base-field elements.
pub type Packed = <F as Field>::Packing;

/// A machine's vector of challenge-field elements.
pub type PackedExt = <EF as ExtensionField<F>>::ExtensionPacking;

/// Base-2 logarithm of the rows in a vector.
pub const LANE_BITS: usize = 4;

/// Rows in a vector.
pub const ROWS: usize = 1 << LANE_BITS;

/// Lanes of a machine's vector.
pub const LANES: usize = <Packed as PackedValue>::WIDTH;

/// Machine vectors in a vector of rows.
pub const PARTS: usize = ROWS / LANES;

const _: () = assert!(LANES <= ROWS, "vectors are no longer than sixteen lanes");

/// Order in which the bits of a row are bound, of `variables` bits.
pub fn binding_order(variables: usize) -> impl Iterator<Item = usize> {
    (LANE_BITS..variables).chain(0..LANE_BITS)
}

/// Elements of one vector of rows, lane by lane.
#[must_use]
pub fn unpack(parts: &[PackedExt]) -> Vec<EF> {
    parts.iter().flat_map(|part| (0..LANES).map(|lane| part.extract(lane))).collect()
}

/// One vector of rows.
#[must_use]
pub fn pack(values: &[EF]) -> [PackedExt; PARTS] {
    core::array::from_fn(|part| PackedExt::from_ext_slice(&values[part * LANES..(part + 1) * LANES]))
}

/// The sum over lanes.
pub fn lane_sum(vector: PackedExt) -> EF {
    (0..LANES).map(|lane| vector.extract(lane)).sum()
}

/// The sum over lanes of one vector of rows, weighted.
pub fn over_lanes(parts: &[PackedExt], weights: &[PackedExt; PARTS]) -> EF {
    parts.iter().zip(weights).map(|(part, weight)| lane_sum(*part * *weight)).sum()
}
