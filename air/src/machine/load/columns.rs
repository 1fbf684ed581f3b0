//! Columns of the load chip.

use crate::address::AddressCols;
use crate::columns;
use crate::gadgets::Limbs;

/// A row: one load. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoadCols<T> {
    /// Program counter; from the execution token.
    pub pc: T,
    /// Tick at which the instruction begins; from the execution token.
    pub time: T,
    /// Destination register; from the program bus.
    pub rd: T,
    /// Base register; from the program bus.
    pub rs1: T,
    /// Selectors of the widths 1, 2, 4 and 8: boolean, at most one set; none on padding rows.
    pub widths: [T; 4],
    /// Boolean: `LBU LHU LWU`.
    pub is_unsigned: T,
    /// The effective address.
    pub address: AddressCols<T>,
    /// Bits 0 to 2 of the address: boolean; those below the width are zero.
    pub offset: [T; 3],
    /// Region of the dword, in {0, 1, 2}; nondeterministic, pinned by the memory bus, where a dword
    /// has one region.
    pub region: T,
    /// The dword: 16-bit limbs from the memory bus.
    pub dword: Limbs<T>,
    /// Byte loads: the byte beside the loaded one in its limb, range-checked here.
    pub other_byte: T,
    /// Widths below 8: the loaded value's top byte (`LB`) or limb without the sign bit;
    /// range-checked here in signed loads.
    pub below_sign: T,
    /// Value of `rd` before the write; from the memory bus.
    pub rd_old: Limbs<T>,
    /// The result: limbs that equal received ones, are made of checked bytes, or repeat the sign.
    pub result: Limbs<T>,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to the dword; as above.
    pub t_memory: T,
    /// Time of the previous access to `rd`; as above.
    pub t_rd: T,
}

columns!(LoadCols);
