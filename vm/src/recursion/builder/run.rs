//! A finished run, and how many rows it takes.

use tern_air::recursion::{CircuitChip, byte_table};

use super::CircuitBuilder;
use super::records::Interface;

/// A program that was run on some values: a circuit with a witness for it.
#[derive(Debug)]
pub struct Run {
    pub(super) builder: CircuitBuilder,
}

/// Rows that a run takes, by [`CircuitChip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCounts(pub [usize; CircuitChip::COUNT]);

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
        let of = |chip: &CircuitChip| match chip {
            CircuitChip::Alu => self.alu.len(),
            CircuitChip::Pack => self.pack.len(),
            CircuitChip::Half => self.half.len(),
            CircuitChip::Compress => self.compress.len(),
            CircuitChip::Challenge => self.challenge.len(),
            CircuitChip::Cap => self.cap.len(),
            CircuitChip::Interface => wires.len().max(halves.len()),
            CircuitChip::ByteTable => byte_table::HEIGHT,
        };
        let mut counts = [0; CircuitChip::COUNT];
        counts.iter_mut().zip(CircuitChip::ALL).for_each(|(count, chip)| *count = of(chip));
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
