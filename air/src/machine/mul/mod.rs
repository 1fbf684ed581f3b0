//! Multiplication: `MUL MULH MULHSU MULHU MULW`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the five, reads `rs1` and `rs2`, and writes to `rd` the lower or upper half of their
//! 128-bit product (each factor signed or unsigned as the instruction says), or, in `MULW`, the
//! lower 32 bits sign-extended; the machine goes on at `pc + 4`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.
//!
//! # Why no sum wraps
//!
//! Both factors are split into checked bytes `a_i`, `b_i`. Step `k` of the product collects two
//! byte positions, `S_k = conv(2k) + 256 conv(2k + 1)` with `conv(t)` the sum of `a_i b_(t-i)`: at
//! most 8 products of 255 * 255, so `S_k < 65025 * (7 + 256 * 8) < 2^27`. Its equation is
//! `S_k - (two limbs at most) + c_k = limb_k + 2^16 c_(k+1)`, where limbs are below 2^16 and every
//! carry lies in `-4 .. 2^12 - 4`. So both sides lie within 2^29 of zero, and an equation modulo
//! `p > 2^30` is one over the integers.
//!
//! # Signs
//!
//! A factor with sign `s` stands for `a - 2^64 s_a`, so the signed product is
//! `a b - 2^64 (s_a b + s_b a)` modulo 2^128: the subtraction takes place in the upper four steps.
//! The value of all eight steps differs from the signed product by 0 or 2^128 (both factors
//! negative), hence the last carry is -1 or 0.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::MulCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::Mul`].
#[derive(Clone, Copy, Debug, Default)]
pub struct MulChip;

impl Chip for MulChip {
    const NAME: &'static str = "mul";
    type Main<T> = MulCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
