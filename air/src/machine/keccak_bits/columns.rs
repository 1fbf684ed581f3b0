//! Columns of the chip of Keccak's bits.

use crate::columns;

/// A row: one bit of each lane of a state.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct KeccakBitsCols<T> {
    /// Lane (x, y) is `x + 5y`; boolean.
    pub lanes: [T; 25],
}

columns!(KeccakBitsCols);
