//! Columns of the misaligned chip.

use crate::address::AddressCols;
use crate::columns;
use crate::gadgets::Limbs;

/// A row: one load or store. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MisalignedCols<T> {
    /// Program counter; from the execution token.
    pub pc: T,
    /// Tick at which the instruction begins; from the execution token.
    pub time: T,
    /// Load: destination register; store: zero. From the program bus.
    pub rd: T,
    /// Base register; from the program bus.
    pub rs1: T,
    /// Store: register that is stored; load: zero. From the program bus.
    pub rs2: T,
    /// Selectors of the widths 2, 4 and 8: boolean, at most one set; none on padding rows.
    pub widths: [T; 3],
    /// Boolean: `LHU LWU`.
    pub is_unsigned: T,
    /// Boolean: `SH SW SD`.
    pub is_store: T,
    /// The effective address.
    pub address: AddressCols<T>,
    /// Selectors of the offsets 1 to 7 within the dword: boolean, one is set, none on padding rows.
    pub offsets: [T; 7],
    /// Region of the dwords, in {0, 1, 2}; 0 in stores. Nondeterministic, pinned by the memory bus,
    /// where a dword has one region.
    pub region: T,
    /// The bytes of both dwords before the access: range-checked here, their limbs from the memory
    /// bus. Without a second dword, its bytes are zero and mean nothing.
    pub old: [T; 16],
    /// The limbs of both dwords after the access, made of checked bytes.
    pub new: [T; 8],
    /// The bytes written to `rd`, or of `rs2`. Load: equal to checked bytes, or the sign repeated;
    /// store: range-checked here, their limbs from the memory bus.
    pub value: [T; 8],
    /// Value of `rd` before the write, or of `rs2`; from the memory bus.
    pub register_old: Limbs<T>,
    /// Loads narrower than a dword: the top limb of what is loaded, without the sign bit in signed
    /// loads, where it is range-checked here.
    pub below_sign: T,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rd` or `rs2`; as above.
    pub t_register: T,
    /// Times of the previous accesses to the dwords; as above.
    pub t_memory: [T; 2],
}

columns!(MisalignedCols);
