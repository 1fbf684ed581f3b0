//! The chips of circuits' proofs: lookups of halves count a flag of the row, so that a zero row says nothing.
//!
//! As in [`crate::machine`], rows that are not committed are zero, satisfy every constraint and send nothing. [`super::half`] looks limbs up on every row, 16 times; here [`half`] does where the circuit says that there is a row.

pub mod half;

use alloc::vec::Vec;

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::InteractionBuilder;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{Circuit, alu, bus, byte_table, cap, challenge, compress, interface, pack};
use crate::builder::{Adapter, ChipBuilder};
use crate::chip::{Chip, registry};
use crate::extension::Arithmetic;

registry! {
    /// Any recursion chip. The order of the variants is the order of the tables in a recursion proof.
    CircuitAir,
    /// A table of a recursion proof, by its chip. The discriminant is its position.
    CircuitChip,
    bus::BUSES;
    /// Multiplication and addition of extension elements.
    Alu(alu::AluChip),
    /// Extension elements and their coefficients.
    Pack(pack::PackChip),
    /// Elements as words of hashed data, and their sums weighted by powers.
    Half(half::HalfChip),
    /// BLAKE3 compressions.
    Compress(compress::CompressChip),
    /// Challenges from a transcript's digest.
    Challenge(challenge::ChallengeChip),
    /// Digests at an index that is a value.
    Cap(cap::CapChip),
    /// Constants and public values.
    Interface(interface::InterfaceChip),
    /// Pairs of bytes.
    ByteTable(byte_table::ByteTableChip),
}

impl CircuitAir {
    /// The extensions of the preprocessed columns that are the same in all circuits, as [`crate::machine::MachineAir::fixed_at`]; nothing where the columns are a circuit's own.
    pub fn fixed_at<A: Arithmetic>(&self, ops: &mut A, point: &[A::Element]) -> Option<Vec<A::Element>> {
        matches!(self, Self::ByteTable(_)).then(|| byte_table::fixed_at(ops, point).to_vec())
    }

    /// Every chip once with its part of a circuit, for setup and proving ([`Self::all`] is for verification, where only the widths are needed).
    ///
    /// `tables` are the preprocessed columns by [`CircuitChip`].
    ///
    /// # Panics
    ///
    /// If there is not one matrix for every chip.
    #[must_use]
    pub fn with_preprocessed(tables: Vec<RowMajorMatrix<F>>) -> Vec<Self> {
        let tables: [RowMajorMatrix<F>; CircuitChip::COUNT] = tables.try_into().expect("one matrix for every chip");
        let [alu, pack, half, compress, challenge, cap, interface, byte_table] = tables.map(Circuit::new);
        alloc::vec![
            Self::Alu(alu::AluChip { circuit: alu }),
            Self::Pack(pack::PackChip { circuit: pack }),
            Self::Half(half::HalfChip { circuit: half }),
            Self::Compress(compress::CompressChip { circuit: compress }),
            Self::Challenge(challenge::ChallengeChip { circuit: challenge }),
            Self::Cap(cap::CapChip { circuit: cap }),
            Self::Interface(interface::InterfaceChip { circuit: interface }),
            Self::ByteTable(byte_table::ByteTableChip { circuit: byte_table }),
        ]
    }
}
