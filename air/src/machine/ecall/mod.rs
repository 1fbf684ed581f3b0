//! Environment calls and fences: `ECALL FENCE`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! a `fence`, which does nothing, or an `ecall`, which reads `x17` and `x10` to `x14` and is one of
//! the calls of the machine: `halt` takes the token for good and hands exit code and digest to the
//! segment chip; calls 1 to 4 do nothing; `keccak_f1600`, `mulmod256`, `mulmod384`,
//! `sha256_compress` and `blake2f_round` hand their pointers to their chips. All but `halt` go on
//! at `pc + 4`. A call with any other number, and a pointer or exit code of 2^32 or more, has no
//! row.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::EcallCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// Number of `halt` in `a7`.
pub const HALT: u32 = 0;
/// Numbers of the calls that change nothing in the machine.
pub const NO_OPS: core::ops::RangeInclusive<u32> = 1..=4;
/// Number of `keccak_f1600`.
pub const KECCAK_F1600: u32 = 0x100;
/// Number of `mulmod256`.
pub const MULMOD256: u32 = 0x101;
/// Number of `mulmod384`.
pub const MULMOD384: u32 = 0x102;
/// Number of `sha256_compress`.
pub const SHA256_COMPRESS: u32 = 0x103;
/// Number of `blake2f_round`.
pub const BLAKE2F_ROUND: u32 = 0x104;
/// The registers that a call reads, in the order of [`crate::events::EcallEvent::regs`]: the
/// number, then `a0` to `a4`.
pub const REGISTERS: [u32; 6] = [17, 10, 11, 12, 13, 14];

/// The chip of [`crate::isa::Family::Ecall`] and [`crate::isa::Family::Fence`].
#[derive(Clone, Copy, Debug, Default)]
pub struct EcallChip;

impl Chip for EcallChip {
    const NAME: &'static str = "ecall";
    type Main<T> = EcallCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
