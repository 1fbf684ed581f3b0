//! The main columns of a run: its values.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::recursion::alu::AluCols;
use tern_air::recursion::byte_table::{ByteLookup, ByteLookups};
use tern_air::recursion::cap::CapCols;
use tern_air::recursion::challenge::ChallengeCols;
use tern_air::recursion::compress::Compression;
use tern_air::recursion::half::HalfCols;
use tern_air::recursion::interface::InterfaceCols;
use tern_air::recursion::pack::PackCols;
use tern_air::recursion::{CircuitChip, bus, byte_table, challenge, compress, half};
use tern_field::F;
use tern_fri::hash::Digest;

use super::CircuitBuilder;
use super::fixed::rows;
use super::records::CompressRow;
use super::run::{RowCounts, Run};
use super::{coordinates, is_set, limbs, words};
use crate::sources::{self, Table};

impl Run {
    /// The main columns of every table, by [`CircuitChip`], of the rows in use alone.
    #[must_use]
    pub fn witness(&self) -> Vec<RowMajorMatrix<F>> {
        let compressions = self.compressions();
        let fill = |lookups: &mut ByteLookups| compress::fill(&compressions, compressions.len(), lookups);
        self.tables(fill, |cells| cells, |counts| counts)
    }

    /// What the same tables are made of, for a device: `compressions` are the run's.
    pub(in crate::recursion) fn sources<'a>(&self, compressions: &'a [Compression]) -> Vec<Table<'a>> {
        self.tables(|_| sources::compressions(compressions), Table::Cells, Table::Counts)
    }

    /// The compressions.
    pub(in crate::recursion) fn compressions(&self) -> Vec<Compression> {
        self.builder.compress.iter().map(|row| self.builder.compression(row)).collect()
    }

    /// All tables, of which those of compressions and of counts are made otherwise than the others.
    fn tables<T>(
        &self,
        compressions: impl FnOnce(&mut ByteLookups) -> T,
        cells: impl Fn(RowMajorMatrix<F>) -> T,
        counts: impl FnOnce(RowMajorMatrix<F>) -> T,
    ) -> Vec<T> {
        let (builder, RowCounts(rows_of)) = (&self.builder, self.counts());
        let height = |chip: CircuitChip| rows_of[chip as usize];
        let mut lookups = ByteLookups::default();
        let half = builder.half_rows(height(CircuitChip::Half), &mut lookups);
        let compress = compressions(&mut lookups);
        let challenge = rows(height(CircuitChip::Challenge), &builder.challenge, |_, row, cols: &mut ChallengeCols<F>| {
            challenge::fill_row(cols, &builder.halves.value(row.half), row.select);
        });
        vec![
            cells(builder.alu_rows(height(CircuitChip::Alu))),
            cells(builder.pack_rows(height(CircuitChip::Pack))),
            cells(half),
            compress,
            cells(challenge),
            cells(builder.cap_rows(height(CircuitChip::Cap))),
            cells(rows(height(CircuitChip::Interface), &[], |_, (): &(), _: &mut InterfaceCols<F>| {})),
            counts(byte_table::fill(&lookups)),
        ]
    }

    /// The public values of every table, by [`CircuitChip`]: those of the interface.
    #[must_use]
    pub fn public_values(&self) -> Vec<Vec<F>> {
        public_values(&self.public_digest())
    }
}

/// The public values of every table of a recursion proof, by [`CircuitChip`], for a statement's digest.
#[must_use]
pub fn public_values(digest: &Digest) -> Vec<Vec<F>> {
    let of = |chip: &CircuitChip| match chip {
        CircuitChip::Interface => limbs(digest).map(F::from_u16).to_vec(),
        _ => Vec::new(),
    };
    CircuitChip::ALL.iter().map(of).collect()
}

impl CircuitBuilder {
    fn alu_rows(&self, height: usize) -> RowMajorMatrix<F> {
        rows(height, &self.alu, |_, op, cols: &mut AluCols<F>| {
            let [a, b, c, d] = op.ports.map(|port| coordinates(self.wires.value(port.address())));
            *cols = AluCols { a, b, c, d };
        })
    }

    fn pack_rows(&self, height: usize) -> RowMajorMatrix<F> {
        rows(height, &self.pack, |_, row, cols: &mut PackCols<F>| {
            cols.element = coordinates(self.wires.value(row.element.address()));
        })
    }

    fn half_rows(&self, height: usize, lookups: &mut ByteLookups) -> RowMajorMatrix<F> {
        rows(height, &self.half, |_, row, cols: &mut HalfCols<F>| {
            let words = words(&self.halves.value(row.half.address()));
            half::fill_row(cols, &words);
            for (tag, value) in half::lookups(&words, row.canonical) {
                let lookup = if tag == bus::TOP { ByteLookup::Top } else { ByteLookup::U16 };
                lookups.value(lookup, value as u16);
            }
        })
    }

    fn compression(&self, row: &CompressRow) -> Compression {
        let half = |address| words(&self.halves.value(address));
        Compression {
            cv: half(row.cv),
            own: half(row.own),
            sibling: half(row.sibling),
            swapped: row.bit.is_some_and(|bit| is_set(&self.wires.value(bit))),
            counter: row.counter,
            len: row.len,
            flags: row.flags,
        }
    }

    fn cap_rows(&self, height: usize) -> RowMajorMatrix<F> {
        rows(height, &self.cap, |_, row, cols: &mut CapCols<F>| {
            let address = row.one.address();
            *cols = CapCols {
                limbs: limbs(&self.halves.value(address)).map(F::from_u16),
                index: row.index.map_or(F::ZERO, |index| coordinates(self.wires.value(index))[0]),
                uses: F::from_u32(row.uses),
            };
        })
    }
}
