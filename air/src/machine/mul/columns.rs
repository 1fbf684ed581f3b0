//! Columns of the multiplication chip.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one multiplication. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MulCols<T> {
    /// Program counter; from the execution token.
    pub pc: T,
    /// Tick at which the instruction begins; from the execution token.
    pub time: T,
    /// Destination register; from the program bus.
    pub rd: T,
    /// First source register; from the program bus.
    pub rs1: T,
    /// Second source register; from the program bus.
    pub rs2: T,
    /// Selectors of `MUL MULH MULHSU MULHU MULW`: boolean, at most one set; none on padding rows.
    pub selectors: [T; 5],
    /// Value of `rs1` in bytes, lowest first: range-checked here, their limbs from the memory bus.
    pub a: [T; 8],
    /// Value of `rs2` in bytes: as above.
    pub b: [T; 8],
    /// Value of `rd` before the write; from the memory bus.
    pub rd_old: Limbs<T>,
    /// The result; limbs range-checked here.
    pub result: Limbs<T>,
    /// Lower half of the product where the result is the upper half, else zero; limbs range-checked here.
    pub low: Limbs<T>,
    /// Carries into steps 1 to 7 of the product; range-checked where their step is in use.
    pub carries: [T; 7],
    /// Whether the last step borrows; boolean, and zero or one by that step.
    pub borrow: T,
    /// Top bits of `a` and `b` where the result is the upper half, else zero; boolean, pinned by a
    /// range check.
    pub signs: [T; 2],
    /// `MULW`: bit 31 of the result, else zero; boolean, pinned by the range check of the limb's
    /// other bits.
    pub word_sign: T,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rs2`; as above.
    pub t_rs2: T,
    /// Time of the previous access to `rd`; as above.
    pub t_rd: T,
}

columns!(MulCols);
