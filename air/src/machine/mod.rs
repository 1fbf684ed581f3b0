//! The chips of a segment's proof.
//!
//! *Given* a segment's public values ([`segment::Statement`]), *these chips together prove* that
//! the machine takes memory and program counter from the segment's start to its end. Every table
//! has `2^n` rows, of which a prover commits to the first few, as many as it says; the others read
//! as zero. Constraints and messages read one row alone, and
//!
//! - *a zero row satisfies every constraint and its messages count zero*, so that rows which are
//!   not committed cost nothing and say nothing;
//! - *fixed columns are the verifier's*: each is the same in every proof, its multilinear extension
//!   has a closed form ([`MachineAir::fixed_at`]), and beyond the table's own height it is zero,
//!   where whatever a prover commits to states nothing that is false.
//!
//! [`sha256`] has a row a call, which hands the rounds over to the rows of [`sha256_rounds`].
//!
//! [`keccak`] has a row a call and no columns for rounds: that calls are permutations is an
//! argument of the proof's own, about the bits in [`keccak_bits`].

pub mod add_sub;
pub mod bits_table;
pub mod bitwise;
pub mod blake2f;
pub mod branch;
pub mod bridge;
pub mod byte_table;
pub mod compare;
pub mod decode;
pub mod div_rem;
pub mod ecall;
pub mod jump;
pub mod keccak;
pub mod keccak_bits;
pub mod leaf;
pub mod load;
pub mod misaligned;
pub mod mul;
pub mod mulmod;
pub mod poseidon2;
pub mod segment;
pub mod sha256;
pub mod sha256_rounds;
pub mod shift;
pub mod store;
mod trace;
pub mod tree;

#[cfg(test)]
mod tests;

pub use trace::{WithRows, fill, fill_table, with_rows};

use alloc::vec::Vec;

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::InteractionBuilder;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::{Adapter, BUSES, ChipBuilder};
use crate::chip::{Chip, registry};
use crate::extension::Arithmetic;

registry! {
    /// Any chip of a segment. The order of the variants is the order of the tables in a proof:
    /// those with most rows first, as blocks use them, because neighbours' messages are added up
    /// together, on as many rows as the longer table has.
    MachineAir,
    /// A table of a segment's proof, by its chip. The discriminant is its position.
    MachineChip,
    BUSES;
    /// 64-bit and 32-bit addition and subtraction.
    AddSub(add_sub::AddSubChip),
    /// Naturally aligned loads.
    Load(load::LoadChip),
    /// Naturally aligned stores.
    Store(store::StoreChip),
    /// Branches.
    Branch(branch::BranchChip),
    /// Bitwise operations.
    Bitwise(bitwise::BitwiseChip),
    /// Shifts.
    Shift(shift::ShiftChip),
    /// Bridges over long gaps between accesses.
    Bridge(bridge::BridgeChip),
    /// Jumps and upper immediates.
    Jump(jump::JumpChip),
    /// Poseidon2 compressions of the memory tree.
    Poseidon2(poseidon2::Poseidon2Chip),
    /// Comparisons.
    Compare(compare::CompareChip),
    /// Inner nodes of the memory tree.
    Tree(tree::TreeChip),
    /// Loads and stores at other than natural alignment.
    Misaligned(misaligned::MisalignedChip),
    /// The leaves that a segment touches: the boundary of memory.
    Leaf(leaf::LeafChip),
    /// Multiplication.
    Mul(mul::MulChip),
    /// Decoding of the executed instruction words.
    Decode(decode::DecodeChip),
    /// Environment calls and fences.
    Ecall(ecall::EcallChip),
    /// 256-bit modular multiplication.
    MulMod(mulmod::MulModChip),
    /// Rounds of SHA-256's compression.
    Sha256Rounds(sha256_rounds::Sha256RoundsChip),
    /// Rounds of BLAKE2b's compression.
    Blake2f(blake2f::Blake2fChip),
    /// Calls of SHA-256's compression.
    Sha256(sha256::Sha256Chip),
    /// Calls of the Keccak-f[1600] permutation.
    Keccak(keccak::KeccakChip),
    /// Division.
    DivRem(div_rem::DivRemChip),
    /// 384-bit modular multiplication.
    MulMod384(mulmod::MulMod384Chip),
    /// The bits of their states.
    KeccakBits(keccak_bits::KeccakBitsChip),
    /// The segment's public values.
    Segment(segment::SegmentChip),
    /// Pairs of bytes.
    ByteTable(byte_table::ByteTableChip),
    /// Ranges and powers of two.
    BitsTable(bits_table::BitsTableChip),
}

impl MachineAir {
    /// The fixed columns' multilinear extensions at a point, whose coordinates belong to the bits
    /// of a row's number, the lowest first. Coordinates that a table needs and the point lacks are
    /// taken to be zero: then the table ends with the point's rows.
    pub fn fixed_at<A: Arithmetic>(&self, ops: &mut A, point: &[A::Element]) -> Vec<A::Element> {
        match self {
            Self::Segment(_) => segment::fixed_at(ops, point).to_vec(),
            Self::ByteTable(_) => crate::machine::byte_table::fixed_at(ops, point).to_vec(),
            Self::BitsTable(_) => bits_table::fixed_at(ops, point).to_vec(),
            _ => Vec::new(),
        }
    }
}
