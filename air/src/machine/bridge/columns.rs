//! Columns of the bridge chip.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one bridge. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BridgeCols<T> {
    /// One on rows that bridge, zero on padding.
    pub is_real: T,
    /// Key of the cell; from the memory bus.
    pub key: T,
    /// Value of the cell; from the memory bus.
    pub value: Limbs<T>,
    /// Time of the previous access; from the memory bus.
    pub old_time: T,
    /// New time, bits 0 to 15 and 16 to 25; nondeterministic, range-checked here.
    pub new_time: [T; 2],
    /// `new time - old time - 1`, bits 16 to 25; the bits below are an expression. Range-checked here.
    pub gap_high: T,
}

columns!(BridgeCols);
