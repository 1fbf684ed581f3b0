//! The chips of recursion: tables that prove the work of a verifier of batch proofs.
//!
//! *Given* a circuit, these eight chips together prove that it is satisfied by some witness and by
//! the public values. All circuits have the same chips. A circuit is the contents of their
//! preprocessed columns: every row says there what it computes, from which values and how often its
//! result is used.
//!
//! **Values have addresses.** A wire (an extension element) or a half (32 bytes) is written by one
//! row, as many times as it is read, and read by others ([`bus::WIRE`], [`bus::HALF`]). Since
//! addresses and counts are fixed by the circuit, with one writer each, the bus balances only if
//! every reader holds the value that was written: no order in time is needed, and no row can be
//! skipped.
//!
//! As in [`crate::machine`], rows that are not committed are zero, satisfy every constraint and
//! send nothing: lookups of halves and compressions count a flag of the row.

pub mod alu;
pub mod bus;
pub mod byte_table;
pub mod cap;
pub mod challenge;
pub mod circuit;
pub mod compress;
mod gadgets;
pub mod half;
pub mod interface;
pub mod pack;
#[cfg(test)]
pub(crate) mod testing;

pub use circuit::Circuit;

use alloc::vec::Vec;

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::InteractionBuilder;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

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
    /// Elements as words of hashed data.
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
    /// The extensions of the preprocessed columns that are the same in all circuits, as
    /// [`crate::machine::MachineAir::fixed_at`]; nothing where the columns are a circuit's own.
    pub fn fixed_at<A: Arithmetic>(&self, ops: &mut A, point: &[A::Element]) -> Option<Vec<A::Element>> {
        matches!(self, Self::ByteTable(_)).then(|| byte_table::fixed_at(ops, point).to_vec())
    }

    /// Every chip once with its part of a circuit, for setup and proving ([`Self::all`] is for
    /// verification, where only the widths are needed).
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
