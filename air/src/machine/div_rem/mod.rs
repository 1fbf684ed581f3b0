//! Division: `DIV DIVU REM REMU DIVW DIVUW REMW REMUW`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the eight, reads `rs1` and `rs2`, and writes to `rd` the quotient or remainder that the M
//! extension defines; the machine goes on at `pc + 4`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.
//!
//! # The argument
//!
//! Let `N` be 32 in W-forms and 64 otherwise, and `A`, `B` the integers that the lower `N` bits of
//! `rs1` and `rs2` stand for: signed or unsigned as the instruction says. Columns hold the
//! magnitudes `D = |B|`, `Q`, `R`, each below 2^64 since it is made of checked bytes or limbs. The
//! constraints say:
//!
//! 1. The signs of `A` and `B` are the top bits of their `N` bits; zero in unsigned forms.
//! 2. `D` equals `B`, or `D + B` is 0 modulo `2^N` where `B` is negative; above `N` bits, `D` is zero.
//! 3. `Q D + R = |A|` over the integers, where `|A|` is an expression. Products of bytes at
//!    positions 8 and above sum to zero as small non-negative numbers, so each is zero; the other
//!    positions are four steps like those of [`crate::machine::mul`], with the same bound, whose
//!    last carry is that of `|A|`.
//! 4. `D = 0`, or `R < D`: in the highest limb where they differ, `D - R - 1` is in `0 .. 2^16`.
//! 5. The result is `Q` or `R`, negated modulo `2^N` where the signs of `A` and `B` differ, or
//!    where `A` is negative; W-forms repeat bit 31.
//! 6. A quotient by zero is all ones.
//!
//! If `B` is not zero, 3 and 4 leave one pair `Q`, `R`: truncated division of magnitudes, to which
//! 5 gives the signs that truncated division has: the remainder that of the dividend. Negating zero
//! gives zero, so a zero result needs no case of its own.
//!
//! **Overflow** (`A = -2^(N-1)`, `B = -1`): `Q = 2^(N-1)` is a magnitude like any other, the signs
//! agree, and its lower `N` bits are those of `A`; `R = 0`.
//!
//! **Zero** (`B = 0`): 4 cannot name a limb, since `0 - R - 1` is negative; so the row must claim
//! `D = 0`. Then 3 says `R = |A|`, so the remainder is the dividend, in W-forms its lower 32 bits
//! sign-extended, also in `REMUW`. The quotient is all ones by 6; `Q` is free and meets 5. Where
//! `B` is not zero, `D = 0` contradicts 2.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::DivRemCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::DivRem`].
#[derive(Clone, Copy, Debug, Default)]
pub struct DivRemChip;

impl Chip for DivRemChip {
    const NAME: &'static str = "div_rem";
    type Main<T> = DivRemCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
