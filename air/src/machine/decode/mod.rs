//! Decoding: from words of the text to the instructions that the other chips execute.
//!
//! *Given* the memory bus, *this chip proves* of every tuple
//! `(pc, op, rd, rs1, rs2, imm0, imm1, sign)` that it provides: `pc` is a multiple of 4 below 2^30;
//! the word of memory at `pc` lies in the text; and it is an instruction of the machine, of which
//! the tuple is the decoding by [`crate::isa::decode`]. A word that is no instruction has no row.
//!
//! One row decodes one word, and reads the word's dword once at tick 0 or 1, before the first
//! instruction; text is never written, so it is what every instruction of the segment executes. The
//! dword's index is proven below 2^27, so that its key is a key of the text region and of no other
//! ([`crate::machine::leaf`]).

mod columns;
mod constraints;
mod formats;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::DecodeCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// Bits of a dword index in the text above the lower 16: text lies below 2^30.
const CELL_HIGH_BITS: u32 = 11;

/// The chip that provides the program bus.
#[derive(Clone, Copy, Debug, Default)]
pub struct DecodeChip;

impl Chip for DecodeChip {
    const NAME: &'static str = "decode";
    type Main<T> = DecodeCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
