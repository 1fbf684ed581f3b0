//! A finished run, and how many rows it takes.

use tern_air::recursion::{RecursionChip, byte_table};

use super::CircuitBuilder;
use super::records::Interface;

/// A program that was run on some values: a circuit with a witness for it.
#[derive(Debug)]
pub struct Run {
    pub(super) builder: CircuitBuilder,
}

/// Rows that a run takes, by [`RecursionChip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCounts(pub [usize; RecursionChip::COUNT]);

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
