//! The interpreter of `tern_verifier::ops::Ops`, and of what version 2 needs beside it, that makes
//! a circuit.
//!
//! A run records rows with addresses, and at each address a value. What is recorded depends on the
//! sequence of operations alone, never on values: a run on a proof of zeros gives the same fixed
//! columns. A false assertion leaves a row unsatisfied or a message unanswered.

mod address;
mod blake3;
mod check;
mod fixed;
mod message;
mod ops;
mod records;
mod run;
mod witness;

pub use check::Unsatisfied;
pub use run::{RowCounts, Run};
pub use witness::public_values;

use std::collections::HashMap;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::{DIGEST_BYTES, Digest, ELEMENT_BYTES, element_bytes};

use address::{Addresses, Port};
use records::{AluOp, CapRow, ChallengeRow, CompressRow, HalfRow, Interface, PackRow};

/// Words in half a block.
const HALF_WORDS: usize = DIGEST_BYTES / ELEMENT_BYTES;
/// Bits that a challenge row gives.
const WORD_BITS: usize = 32;

/// An element of the challenge field. Bits are the elements zero and one.
#[derive(Clone, Copy, Debug)]
pub enum Wire {
    /// Known when the circuit is made.
    Constant(EF),
    /// Known when it is proved.
    Variable {
        /// Where it stands.
        address: u32,
        /// Its value.
        value: EF,
    },
}

impl Wire {
    /// Its value in this run.
    pub const fn value(&self) -> EF {
        match self {
            Self::Constant(value) | Self::Variable { value, .. } => *value,
        }
    }

    fn is_constant(&self, value: EF) -> bool {
        matches!(self, Self::Constant(own) if *own == value)
    }
}

/// 32 bytes: a digest or half a block.
#[derive(Clone, Copy, Debug)]
pub struct Half {
    address: u32,
    value: Digest,
}

impl Half {
    /// Its value in this run.
    #[must_use]
    pub const fn value(&self) -> Digest {
        self.value
    }

    /// Where it stands.
    #[must_use]
    pub const fn address(&self) -> u32 {
        self.address
    }
}

/// A leaf's elements, in halves that were read in with it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Address of its first half; the others follow.
    first_half: u32,
    /// Row of the first half in its table; the others follow.
    first_row: usize,
    /// Number of elements.
    len: usize,
}

impl Row {
    /// Where its halves stand.
    #[must_use]
    pub const fn addresses(&self) -> core::ops::Range<u32> {
        self.first_half..self.first_half + self.len.div_ceil(HALF_WORDS) as u32
    }
}

/// A list of digests to look up.
#[derive(Clone, Debug)]
pub struct Cap {
    /// Its number on the bus.
    number: u32,
    /// The digests' rows start here in their table.
    first_row: usize,
    digests: Vec<Half>,
}

/// A 64-bit word of a half.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    half: Half,
    select: usize,
}

/// Makes a circuit of the operations of one run.
#[derive(Debug)]
pub struct CircuitBuilder {
    wires: Addresses<EF>,
    halves: Addresses<Digest>,
    caps: u32,
    alu: Vec<AluOp>,
    pack: Vec<PackRow>,
    half: Vec<HalfRow>,
    compress: Vec<CompressRow>,
    challenge: Vec<ChallengeRow>,
    cap: Vec<CapRow>,
    interface: Interface,
    zero: u32,
    one: u32,
    constant_wires: HashMap<[F; EXTENSION_DEGREE], u32>,
    constant_halves: HashMap<Digest, Half>,
    inverses: HashMap<u32, Wire>,
    /// Rows of [`Self::challenge`], by half and word.
    words: HashMap<(u32, usize), usize>,
    /// Copies of the bits of those rows, which may be read any number of times.
    bits: HashMap<usize, Vec<Wire>>,
    /// Rows of [`Self::cap`] that look a digest up and read no other, by its address.
    lookups: HashMap<u32, usize>,
}

impl Default for CircuitBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// Values from outside.
impl CircuitBuilder {
    /// Starts a circuit.
    #[must_use]
    pub fn new() -> Self {
        let mut builder = Self {
            wires: Addresses::new(),
            halves: Addresses::new(),
            caps: 1,
            alu: Vec::new(),
            pack: Vec::new(),
            half: Vec::new(),
            compress: Vec::new(),
            challenge: Vec::new(),
            cap: Vec::new(),
            interface: Interface::default(),
            zero: 0,
            one: 0,
            constant_wires: HashMap::new(),
            constant_halves: HashMap::new(),
            inverses: HashMap::new(),
            words: HashMap::new(),
            bits: HashMap::new(),
            lookups: HashMap::new(),
        };
        builder.zero = builder.constant_address(EF::ZERO);
        builder.one = builder.constant_address(EF::ONE);
        builder
    }

    /// An element of the prover's choice. It is one of the base field where it is hashed as one,
    /// and nowhere else.
    pub fn witness(&mut self, value: EF) -> Wire {
        Wire::Variable { address: self.wires.allocate(value), value }
    }

    /// A digest of the prover's choice.
    pub fn witness_digest(&mut self, value: Digest) -> Half {
        self.push_witness(value, false)
    }

    /// A leaf of the prover's choice. Words behind its last element, up to the end of that half,
    /// are the prover's choice too: a commitment to leaves with other padding binds their elements
    /// all the same.
    pub fn witness_row(&mut self, elements: &[F]) -> Row {
        let (first_row, first_half) = (self.half.len(), self.halves.next());
        for words in elements.chunks(HALF_WORDS) {
            let mut value = [0; DIGEST_BYTES];
            for (word, bytes) in words.iter().zip(value.as_chunks_mut::<ELEMENT_BYTES>().0) {
                *bytes = element_bytes(*word);
            }
            self.push_witness(value, true);
        }
        Row { first_half, first_row, len: elements.len() }
    }

    /// Makes a digest the circuit's public one.
    ///
    /// # Panics
    ///
    /// If there is one already: a fault of the program.
    pub fn publish(&mut self, digest: &Half) {
        assert!(self.interface.public.is_none(), "a circuit has one public digest");
        self.halves.read(digest.address);
        self.interface.public = Some(digest.address);
    }

    fn push_witness(&mut self, value: Digest, canonical: bool) -> Half {
        let address = self.halves.allocate(value);
        let half = self.halves.write(address);
        self.half.push(HalfRow { half, words: Port::Unused, canonical });
        Half { address, value }
    }
}

/// Wires.
impl CircuitBuilder {
    /// The address of a constant, which a row of its own writes.
    fn constant_address(&mut self, value: EF) -> u32 {
        let key = coordinates(value);
        if let Some(address) = self.constant_wires.get(&key) {
            return *address;
        }
        let address = self.wires.allocate(value);
        self.write_constant(address);
        self.constant_wires.insert(key, address);
        address
    }

    fn write_constant(&mut self, address: u32) {
        self.wires.write(address);
        self.interface.wires.push(address);
    }

    fn constant_half(&mut self, value: Digest) -> Half {
        if let Some(half) = self.constant_halves.get(&value) {
            return *half;
        }
        let address = self.halves.allocate(value);
        self.halves.write(address);
        self.interface.halves.push(address);
        let half = Half { address, value };
        self.constant_halves.insert(value, half);
        half
    }

    /// The address of a wire whose rows may write it.
    fn address(&mut self, wire: &Wire) -> u32 {
        match wire {
            Wire::Constant(value) if *value == EF::ZERO => self.zero,
            Wire::Constant(value) if *value == EF::ONE => self.one,
            Wire::Constant(value) => self.constant_address(*value),
            Wire::Variable { address, .. } => *address,
        }
    }

    /// Lets a row that can read or write hold a wire.
    fn hold(&mut self, wire: &Wire) -> Port {
        let address = self.address(wire);
        self.wires.hold(address)
    }

    /// Lets a row read a wire; a row of its own writes it if none has.
    fn read(&mut self, wire: &Wire) -> u32 {
        let address = self.address(wire);
        if !self.wires.is_written(address) {
            // 0 = a * 0 + 0.
            let a = self.wires.write(address);
            self.alu.push(AluOp { ports: [a, Port::Unused, Port::Unused, Port::Unused] });
        }
        self.wires.read(address);
        address
    }

    /// Adds the row `a b + c = d` for wires that exist.
    fn relate(&mut self, wires: [&Wire; 4]) {
        let ports = wires.map(|wire| self.hold(wire));
        self.alu.push(AluOp { ports });
    }

    /// Adds the row `a b + c = d` that gives `d`.
    fn compute(&mut self, a: &Wire, b: &Wire, c: &Wire) -> Wire {
        let d = self.witness(a.value() * b.value() + c.value());
        self.relate([a, b, c, &d]);
        d
    }

    /// The inverse, of which a row makes sure: none satisfies it for zero.
    fn inverse(&mut self, wire: &Wire) -> Wire {
        let value = wire.value().try_inverse().unwrap_or(EF::ZERO);
        if matches!(wire, Wire::Constant(_)) && value != EF::ZERO {
            return Wire::Constant(value);
        }
        let address = self.address(wire);
        if let Some(inverse) = self.inverses.get(&address) {
            return *inverse;
        }
        let inverse = self.witness(value);
        self.relate([&inverse, wire, &Wire::Constant(EF::ZERO), &Wire::Constant(EF::ONE)]);
        self.inverses.insert(address, inverse);
        inverse
    }

    /// A copy of a wire, which may be read any number of times where the wire may not.
    fn copy(&mut self, wire: &Wire) -> Wire {
        self.compute(wire, &Wire::Constant(EF::ONE), &Wire::Constant(EF::ZERO))
    }
}

/// Challenges.
impl CircuitBuilder {
    /// The row of a word.
    fn challenge_row(&mut self, word: &Word) -> usize {
        let key = (word.half.address, word.select);
        if let Some(row) = self.words.get(&key) {
            return *row;
        }
        let row = self.challenge.len();
        self.halves.read(word.half.address);
        self.challenge.push(ChallengeRow { half: word.half.address, select: word.select, bits: None });
        self.words.insert(key, row);
        row
    }

    /// The first `count` bits of a word's row.
    fn challenge_bits(&mut self, row: usize, word: u64, count: usize) -> Vec<Wire> {
        let bit = |i: usize| EF::from_u64(word >> i & 1);
        let first = *self.challenge[row].bits.get_or_insert_with(|| {
            let addresses: Vec<u32> = (0..WORD_BITS).map(|i| self.wires.allocate(bit(i))).collect();
            for address in &addresses {
                self.wires.write(*address);
            }
            addresses[0]
        });
        let mut copies = self.bits.remove(&row).unwrap_or_default();
        for i in copies.len()..count {
            copies.push(self.copy(&Wire::Variable { address: first + i as u32, value: bit(i) }));
        }
        let bits = copies[..count].to_vec();
        self.bits.insert(row, copies);
        bits
    }

    /// Reads the bits that nobody wanted, each of which its row writes once.
    fn drain_bits(&mut self) {
        for row in 0..self.challenge.len() {
            let Some(first) = self.challenge[row].bits else { continue };
            let used = self.bits.get(&row).map_or(0, Vec::len);
            for i in used..WORD_BITS {
                self.discard_at(first + i as u32);
            }
        }
    }

    /// Reads a wire that its row has written once more than it is wanted.
    fn discard(&mut self, wire: &Wire) {
        if let Wire::Variable { address, .. } = wire {
            self.discard_at(*address);
        }
    }

    fn discard_at(&mut self, address: u32) {
        // a * 0 + 0 = 0.
        let a = self.wires.read(address);
        self.alu.push(AluOp { ports: [a, Port::Unused, Port::Unused, Port::Unused] });
    }
}

fn coordinates(value: EF) -> [F; EXTENSION_DEGREE] {
    let mut coordinates = [F::ZERO; EXTENSION_DEGREE];
    coordinates.copy_from_slice(value.as_basis_coefficients_slice());
    coordinates
}

/// The words of a half.
fn words(half: &Digest) -> [u32; HALF_WORDS] {
    core::array::from_fn(|i| u32::from_le_bytes(half.as_chunks().0[i]))
}

/// The 16-bit limbs of a half.
fn limbs(half: &Digest) -> [u16; 2 * HALF_WORDS] {
    core::array::from_fn(|i| u16::from_le_bytes(half.as_chunks().0[i]))
}

/// Whether a bit is one.
fn is_set(bit: &EF) -> bool {
    *bit == EF::ONE
}
