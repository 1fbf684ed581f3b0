//! Columns of the store chip.

use crate::address::AddressCols;
use crate::columns;
use crate::gadgets::Limbs;

/// A row: one store. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StoreCols<T> {
    /// Program counter; from the execution token.
    pub pc: T,
    /// Tick at which the instruction begins; from the execution token.
    pub time: T,
    /// Base register; from the program bus.
    pub rs1: T,
    /// Register that is stored; from the program bus.
    pub rs2: T,
    /// Selectors of `SB SH SW SD`: boolean, at most one set; none on padding rows.
    pub selectors: [T; 4],
    /// The effective address.
    pub address: AddressCols<T>,
    /// Bits 0 to 2 of the address: boolean; those below the width are zero.
    pub offset: [T; 3],
    /// The dword before the store: 16-bit limbs from the memory bus.
    pub old: Limbs<T>,
    /// The dword after it: limbs that equal received ones or are made of checked bytes.
    pub new: Limbs<T>,
    /// Value of `rs2`: 16-bit limbs from the memory bus.
    pub value: Limbs<T>,
    /// `SB`: the low byte of the value; range-checked here together with the byte above it.
    pub stored_byte: T,
    /// `SB`: the byte that is replaced; range-checked here.
    pub lost_byte: T,
    /// `SB`: the byte that stays beside it in its limb; range-checked here.
    pub kept_byte: T,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rs2`; as above.
    pub t_rs2: T,
    /// Time of the previous access to the dword; as above.
    pub t_memory: T,
}

columns!(StoreCols);
