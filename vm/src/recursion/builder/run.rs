//! A finished run: how many rows it takes, and which heights hold them.

use tern_air::recursion::{RecursionChip, RecursionShape, byte_table, rounds};
use thiserror::Error;

use super::CircuitBuilder;
use super::records::Interface;

/// Base-2 logarithm of the shortest table that the parameters of recursion let one commit to.
const MIN_LOG_HEIGHT: u8 = 8;

/// A program that was run on some values: a circuit with a witness for it.
#[derive(Debug)]
pub struct Run {
    pub(super) builder: CircuitBuilder,
}

/// Rows that a run takes, by [`RecursionChip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCounts(pub [usize; RecursionChip::COUNT]);

/// A run does not fit the tables that were wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CircuitError {
    /// A table is too short.
    #[error("table {table:?}: expected at most {height} rows, got {rows}")]
    TooManyRows {
        /// The table.
        table: RecursionChip,
        /// Its height.
        height: usize,
        /// Rows of the run.
        rows: usize,
    },
    /// The byte table has one height only.
    #[error("the byte table has 2^16 rows, not 2^{got}")]
    ByteTable {
        /// Base-2 logarithm of the height given.
        got: u8,
    },
}

impl CircuitBuilder {
    /// Ends the run.
    #[must_use]
    pub fn finish(mut self) -> Run {
        self.drain_bits();
        Run { builder: self }
    }

    /// Rows of each table so far.
    #[must_use]
    pub fn counts(&self) -> RowCounts {
        let Interface { wires, halves, .. } = &self.interface;
        let of = |chip: &RecursionChip| match chip {
            RecursionChip::Alu => self.alu.len(),
            RecursionChip::Pack => self.pack.len(),
            RecursionChip::Half => self.half.len(),
            RecursionChip::Compress => self.compress.len(),
            RecursionChip::Rounds => rounds::rows(self.compress.len()),
            RecursionChip::Challenge => self.challenge.len(),
            RecursionChip::Cap => self.cap.len(),
            RecursionChip::Interface => wires.len().max(halves.len()),
            RecursionChip::ByteTable => byte_table::HEIGHT,
        };
        let mut counts = [0; RecursionChip::COUNT];
        counts.iter_mut().zip(RecursionChip::ALL).for_each(|(count, chip)| *count = of(chip));
        RowCounts(counts)
    }
}

impl Run {
    /// Rows of each table.
    #[must_use]
    pub fn counts(&self) -> RowCounts {
        self.builder.counts()
    }

    /// Whether the program states something.
    #[must_use]
    pub const fn publishes(&self) -> bool {
        self.builder.interface.public.is_some()
    }

    /// The public digest; zeros if nothing was published.
    #[must_use]
    pub fn public_digest(&self) -> tern_fri::hash::Digest {
        self.builder.halves.value(self.builder.interface.public.unwrap_or(0))
    }
}

impl RowCounts {
    /// The lowest heights that hold the rows.
    #[must_use]
    pub fn smallest_shape(&self) -> RecursionShape {
        let log_height = |rows: usize| (rows.max(1).next_power_of_two().ilog2() as u8).max(MIN_LOG_HEIGHT);
        RecursionShape { log_heights: self.0.map(log_height) }
    }

    /// Makes sure that tables of a shape hold the rows.
    ///
    /// # Errors
    ///
    /// Names the first table that does not.
    pub fn check(&self, shape: &RecursionShape) -> Result<(), CircuitError> {
        let got = shape.log_heights[RecursionChip::ByteTable as usize];
        if shape.height(RecursionChip::ByteTable) != byte_table::HEIGHT {
            return Err(CircuitError::ByteTable { got });
        }
        for (table, rows) in RecursionChip::ALL.iter().zip(self.0) {
            let height = shape.height(*table);
            if rows > height {
                return Err(CircuitError::TooManyRows { table: *table, height, rows });
            }
        }
        Ok(())
    }
}
