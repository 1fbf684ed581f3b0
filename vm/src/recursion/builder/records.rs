//! What an interpreted program records: one list for each table, in the order in which rows are wanted.

use super::address::Port;

/// `a b + c = d`.
#[derive(Clone, Copy, Debug)]
pub struct AluOp {
    /// `a`, `b`, `c` and `d`.
    pub ports: [Port; 4],
}

/// An element of the challenge field and its five coordinates.
#[derive(Clone, Copy, Debug)]
pub struct PackRow {
    /// The element.
    pub element: Port,
    /// The first of five wires that are written with the coordinates, each read once.
    pub coordinates: u32,
}

/// Half a block: eight words.
#[derive(Clone, Copy, Debug)]
pub struct HalfRow {
    /// The half.
    pub half: Port,
    /// The first of eight wires that are its words, all read or all written.
    pub words: Port,
    /// Whether every word is below `p`.
    pub canonical: bool,
}

/// A BLAKE3 compression.
#[derive(Clone, Copy, Debug)]
pub struct CompressRow {
    /// The half of the chaining value.
    pub cv: u32,
    /// The block's left half, or its right one where the bit is set.
    pub own: u32,
    /// The block's other half.
    pub sibling: u32,
    /// The wire of the bit.
    pub bit: Option<u32>,
    /// Number of the chunk.
    pub counter: u32,
    /// Bytes of the block.
    pub len: u32,
    /// BLAKE3's flags.
    pub flags: u32,
    /// The half that is written with the result.
    pub out: u32,
}

/// A 64-bit word of a half.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeRow {
    /// The half.
    pub half: u32,
    /// Which of its words.
    pub select: usize,
    /// The first of 32 wires that are written with the word's low bits, each read once.
    pub bits: Option<u32>,
}

/// A digest of a list.
#[derive(Clone, Copy, Debug)]
pub struct CapRow {
    /// The digest.
    pub one: Port,
    /// The digest again.
    pub two: Port,
    /// The wire of its position in the list.
    pub index: Option<u32>,
    /// The list.
    pub cap: u32,
    /// Whether the row provides the digest to those that look it up.
    pub provides: bool,
    /// How many do.
    pub uses: u32,
    /// The first of 16 wires that are written with the digest's limbs, each read once.
    pub limbs: Option<u32>,
}

/// Constants and the public digest.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// Wires of constants.
    pub wires: Vec<u32>,
    /// Halves of constants.
    pub halves: Vec<u32>,
    /// The half of the public values.
    pub public: Option<u32>,
}
