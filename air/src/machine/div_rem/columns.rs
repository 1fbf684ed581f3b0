//! Columns of the division chip.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one division. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct DivRemCols<T> {
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
    /// Boolean: this is no padding row.
    pub is_real: T,
    /// Boolean: `DIVU REMU DIVUW REMUW`; zero on padding rows.
    pub is_unsigned: T,
    /// Boolean: `REM REMU REMW REMUW`.
    pub is_remainder: T,
    /// Boolean: `DIVW DIVUW REMW REMUW`.
    pub is_word: T,
    /// Dividend, the value of `rs1`: 16-bit limbs from the memory bus.
    pub a: Limbs<T>,
    /// Divisor, the value of `rs2`: as above.
    pub b: Limbs<T>,
    /// Signs of dividend and divisor: boolean, zero in unsigned forms, pinned by the range check of
    /// the bits below them.
    pub signs: [T; 2],
    /// Top limbs of dividend and divisor without their signs; range-checked here in signed forms.
    pub below_sign: [T; 2],
    /// Magnitude of the divisor in bytes, range-checked here.
    pub divisor: [T; 8],
    /// Magnitude of the quotient in bytes, range-checked here. Nondeterministic in a division by
    /// zero: what, with its sign, gives the result of all ones.
    pub quotient: [T; 8],
    /// Magnitude of the remainder; limbs range-checked here.
    pub remainder: Limbs<T>,
    /// Carries into steps 1 to 3 of `quotient * divisor + remainder`; range-checked here.
    pub carries: [T; 3],
    /// The highest limb in which `remainder` and `divisor` differ: boolean, one is set, or none if
    /// the divisor is zero.
    pub differs: Limbs<T>,
    /// There, `divisor - remainder - 1`; range-checked here.
    pub difference: T,
    /// Whether the result is the negated magnitude; an expression of the signs.
    pub is_negated: T,
    /// Value of `rd` before the write; from the memory bus.
    pub rd_old: Limbs<T>,
    /// The result; limbs range-checked here.
    pub result: Limbs<T>,
    /// W-forms: bit 31 of the result, else zero; boolean, pinned by the range check of the limb's
    /// other bits.
    pub word_sign: T,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rs2`; as above.
    pub t_rs2: T,
    /// Time of the previous access to `rd`; as above.
    pub t_rd: T,
}

columns!(DivRemCols);
