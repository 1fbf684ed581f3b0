//! A round of BLAKE2b's compression function (RFC 7693, section 3.2), eight rows a call: one for
//! each function G.
//!
//! *Given* a [`bus::BLAKE2F`](crate::bus::BLAKE2F) message (`time`, two pointers, a schedule) from
//! the ecall chip, *this chip proves* that the pointers are multiples of 8; that the schedule is a
//! row of the table SIGMA, from 0 to 9; that the sixteen dwords of the message lie in one region
//! and are each read once, at the first of [`TICKS_BLAKE2F`](crate::events::TICKS_BLAKE2F); and
//! that the sixteen writable dwords of the work vector are taken through the round: by four
//! functions G of columns at the second tick, and by four of diagonals at the third.
//!
//! What a diagonal takes it finds in memory, where the columns have left it. Rows of a call receive
//! time, pointers, schedule and region of the message from the row before
//! ([`bus::BLAKE2F_NEXT`](crate::bus::BLAKE2F_NEXT)), under a number that the call's rows have once
//! each.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell
//! proves, and that no two calls have the same time.

mod columns;
mod constraints;
mod semantics;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::Blake2fCols;
pub use semantics::{PLACES, SIGMA, mix, round};
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// Rows of a call: functions G of a round.
pub const ROWS: usize = 8;
/// Rows of the table SIGMA.
pub const SCHEDULES: usize = 10;

/// The chip of the `blake2f_round` call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blake2fChip;

impl Chip for Blake2fChip {
    const NAME: &'static str = "blake2f";
    const DEGREE: usize = 3;
    type Main<T> = Blake2fCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
