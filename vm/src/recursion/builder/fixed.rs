//! The fixed columns of a run's circuit: addresses, multiplicities, flags, constants.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::layout::Columns;
use tern_air::recursion::alu::AluPreCols;
use tern_air::recursion::cap::CapPreCols;
use tern_air::recursion::challenge::ChallengePreCols;
use tern_air::recursion::compress::CompressPreCols;
use tern_air::recursion::half::HalfPreCols;
use tern_air::recursion::interface::InterfacePreCols;
use tern_air::recursion::pack::PackPreCols;
use tern_air::recursion::{CircuitChip, byte_table, compress};
use tern_field::F;

use super::address::{Addresses, Port};
use super::records::{CapRow, ChallengeRow, CompressRow, HalfRow};
use super::run::{RowCounts, Run};
use super::{CircuitBuilder, HALF_WORDS, coordinates, limbs};

impl Run {
    /// The fixed columns of every table, by [`tern_air::recursion::CircuitChip`], of the rows in use alone.
    #[must_use]
    pub fn fixed(&self) -> Vec<RowMajorMatrix<F>> {
        let (builder, RowCounts(counts)) = (&self.builder, self.counts());
        let of = |chip: &CircuitChip| {
            let height = counts[*chip as usize];
            match chip {
                CircuitChip::Alu => builder.fixed_alu(height),
                CircuitChip::Pack => builder.fixed_pack(height),
                CircuitChip::Half => rows(height, &builder.half, |_, row, cols| builder.fixed_half(row, cols)),
                CircuitChip::Compress => rows(height, &builder.compress, |_, row, cols| builder.fixed_compress(row, cols)),
                CircuitChip::Challenge => rows(height, &builder.challenge, |_, row, cols| builder.fixed_challenge(row, cols)),
                CircuitChip::Cap => rows(height, &builder.cap, |_, row, cols| builder.fixed_cap(row, cols)),
                CircuitChip::Interface => builder.fixed_interface(height),
                CircuitChip::ByteTable => byte_table::preprocessed(),
            }
        };
        CircuitChip::ALL.iter().map(of).collect()
    }
}

impl CircuitBuilder {
    fn fixed_alu(&self, height: usize) -> RowMajorMatrix<F> {
        rows(height, &self.alu, |_, op, cols: &mut AluPreCols<F>| {
            cols.addr = op.ports.map(|port| F::from_u32(port.address()));
            cols.mult = op.ports.map(|port| count(&self.wires, port));
        })
    }

    fn fixed_pack(&self, height: usize) -> RowMajorMatrix<F> {
        rows(height, &self.pack, |_, row, cols: &mut PackPreCols<F>| {
            cols.addr_ext = F::from_u32(row.element.address());
            cols.mult_ext = count(&self.wires, row.element);
            cols.addr_base = F::from_u32(row.coordinates);
            cols.mult_base = F::ONE;
        })
    }

    fn fixed_half(&self, row: &HalfRow, cols: &mut HalfPreCols<F>) {
        cols.real = F::ONE;
        cols.addr_half = F::from_u32(row.half.address());
        cols.mult_half = count(&self.halves, row.half);
        cols.canonical = F::from_bool(row.canonical);
        cols.addr_word = F::from_u32(row.words.address());
        cols.mult_word = count(&self.wires, row.words);
        if let Port::Write(first) = row.words {
            // One number holds for all eight.
            assert!((first..).take(HALF_WORDS).all(|wire| self.wires.reads(wire) == self.wires.reads(first)), "words are read as often");
        }
    }

    fn fixed_compress(&self, row: &CompressRow, cols: &mut CompressPreCols<F>) {
        *cols = CompressPreCols {
            real: F::ONE,
            addr_cv: F::from_u32(row.cv),
            addr_own: F::from_u32(row.own),
            addr_sibling: F::from_u32(row.sibling),
            addr_bit: F::from_u32(row.bit.unwrap_or(0)),
            read_bit: F::from_bool(row.bit.is_some()),
            counter: compress::counter(row.counter),
            len: F::from_u32(row.len),
            flags: F::from_u32(row.flags),
            addr_out: F::from_u32(row.out),
            mult_out: F::from_u32(self.halves.reads(row.out)),
        };
    }

    fn fixed_challenge(&self, row: &ChallengeRow, cols: &mut ChallengePreCols<F>) {
        cols.addr_half = F::from_u32(row.half);
        cols.real = F::ONE;
        cols.select[row.select] = F::ONE;
        if let Some(first) = row.bits {
            cols.addr_bits = F::from_u32(first);
            cols.mult_bits = F::ONE;
        }
    }

    fn fixed_cap(&self, row: &CapRow, cols: &mut CapPreCols<F>) {
        *cols = CapPreCols {
            addr_one: F::from_u32(row.one.address()),
            mult_one: count(&self.halves, row.one),
            addr_two: F::from_u32(row.two.address()),
            mult_two: count(&self.halves, row.two),
            addr_index: F::from_u32(row.index.unwrap_or(0)),
            read_index: F::from_bool(row.index.is_some()),
            cap: F::from_u32(row.cap),
            provides: F::from_bool(row.provides),
            addr_limbs: F::from_u32(row.limbs.unwrap_or(0)),
            mult_limbs: F::from_bool(row.limbs.is_some()),
        };
    }

    fn fixed_interface(&self, height: usize) -> RowMajorMatrix<F> {
        let interface = &self.interface;
        let indices: Vec<usize> = (0..interface.wires.len().max(interface.halves.len()).max(1)).collect();
        rows(height, &indices, |i, _, cols: &mut InterfacePreCols<F>| {
            if let Some(&address) = interface.wires.get(i) {
                cols.addr = F::from_u32(address);
                cols.mult = F::from_u32(self.wires.reads(address));
                cols.value = coordinates(self.wires.value(address));
            }
            if let Some(&address) = interface.halves.get(i) {
                cols.addr_half = F::from_u32(address);
                cols.mult_half = F::from_u32(self.halves.reads(address));
                cols.limbs = limbs(&self.halves.value(address)).map(F::from_u16);
            }
            if let (0, Some(address)) = (i, interface.public) {
                cols.addr_public = F::from_u32(address);
                cols.is_public = F::ONE;
            }
        })
    }
}

/// A table with one row for each record and zeros behind.
pub(super) fn rows<C: Columns<F>, R>(height: usize, records: &[R], mut fill: impl FnMut(usize, &R, &mut C)) -> RowMajorMatrix<F> {
    let mut values = F::zero_vec(height * C::WIDTH);
    for ((i, record), row) in records.iter().enumerate().zip(values.chunks_exact_mut(C::WIDTH)) {
        fill(i, record, C::of_mut(row));
    }
    RowMajorMatrix::new(values, C::WIDTH)
}

fn count<T: Copy + Default>(addresses: &Addresses<T>, port: Port) -> F {
    match port {
        Port::Unused => F::ZERO,
        Port::Read(_) => F::NEG_ONE,
        Port::Write(address) => F::from_u32(addresses.reads(address)),
    }
}
