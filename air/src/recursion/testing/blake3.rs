//! BLAKE3 on recorded compressions, and the table of recorded compressions with what it must leave
//! on the bus.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::check::Balance;
use crate::layout::Columns;
use crate::recursion::byte_table::ByteLookups;
use crate::recursion::compress::{self, CompressChip, CompressPreCols, Compression, IV};
use crate::recursion::testing::Table;
use crate::recursion::{CircuitAir, bus};

/// Flags of BLAKE3.
pub const CHUNK_START: u32 = 1;
pub const CHUNK_END: u32 = 2;
pub const PARENT: u32 = 4;
pub const ROOT: u32 = 8;
pub const DERIVE_KEY_CONTEXT: u32 = 32;
pub const DERIVE_KEY_MATERIAL: u32 = 64;

/// Bytes of a chunk.
const CHUNK_LEN: usize = 1024;

/// BLAKE3 of `data` in the mode of `flags`, with all its compressions in order. Parents are
/// recorded with their right child as own half, and swapped.
pub fn hash(data: &[u8], key: &[u32; 8], flags: u32, record: &mut Vec<Compression>) -> [u32; 8] {
    subtree(data, key, flags, 0, ROOT, record)
}

fn subtree(data: &[u8], key: &[u32; 8], flags: u32, first_chunk: u32, root: u32, record: &mut Vec<Compression>) -> [u32; 8] {
    if data.len() <= CHUNK_LEN {
        return chunk(data, key, flags, first_chunk, root, record);
    }
    // The left subtree is the largest of a power of two chunks that leaves something for the right one.
    let left_chunks = (data.len().div_ceil(CHUNK_LEN)).next_power_of_two() / 2;
    let (left, right) = data.split_at(left_chunks * CHUNK_LEN);
    let left = subtree(left, key, flags, first_chunk, 0, record);
    let right = subtree(right, key, flags, first_chunk + left_chunks as u32, 0, record);
    let parent = Compression { cv: *key, own: right, sibling: left, swapped: true, counter: 0, len: 64, flags: flags | PARENT | root };
    record.push(parent);
    parent.output()
}

fn chunk(data: &[u8], key: &[u32; 8], flags: u32, counter: u32, root: u32, record: &mut Vec<Compression>) -> [u32; 8] {
    let blocks = data.len().div_ceil(64).max(1);
    let mut cv = *key;
    for i in 0..blocks {
        let block = &data[64 * i..data.len().min(64 * (i + 1))];
        let start = if i == 0 { CHUNK_START } else { 0 };
        let end = if i + 1 == blocks { CHUNK_END | root } else { 0 };
        let mut padded = [0; 64];
        padded[..block.len()].copy_from_slice(block);
        let half = |i: usize| words(padded[32 * i..32 * (i + 1)].try_into().unwrap());
        let flags = flags | start | end;
        record.push(Compression { cv, own: half(0), sibling: half(1), swapped: false, counter, len: block.len() as u32, flags });
        cv = record.last().unwrap().output();
    }
    cv
}

/// Little-endian words.
pub fn words(bytes: [u8; 32]) -> [u32; 8] {
    core::array::from_fn(|i| u32::from_le_bytes(core::array::from_fn(|j| bytes[4 * i + j])))
}

/// Compressions of several kinds: a chunk of several blocks, parents, and a derived key.
pub fn samples() -> Vec<Compression> {
    let data: Vec<u8> = (0..2100_u32).map(|i| (i * i / 7) as u8).collect();
    let mut record = Vec::new();
    hash(&data[..2100], &IV, 0, &mut record);
    let key = hash(b"a context", &IV, DERIVE_KEY_CONTEXT, &mut record);
    hash(&data[..100], &key, DERIVE_KEY_MATERIAL, &mut record);
    record
}

/// The table of some compressions, each with inputs and output of its own. Only parents read a bit.
#[derive(Clone)]
pub struct Tables {
    /// The table.
    pub compress: Table,
    /// Its lookups.
    pub lookups: ByteLookups,
}

/// Addresses of row `row`: chaining value, own, sibling, bit, output.
fn addresses(row: usize) -> [u32; 5] {
    core::array::from_fn(|i| (5 * row + i + 1) as u32)
}

/// How often the output of a row is read.
fn fan_out(row: usize) -> u32 {
    1 + row as u32 % 3
}

impl Tables {
    /// Fills the table, with some padding.
    pub fn new(compressions: &[Compression]) -> Self {
        let mut lookups = ByteLookups::default();
        let height = (compressions.len() + 1).next_power_of_two();
        let mut compress = Table::new(|circuit| CircuitAir::Compress(CompressChip { circuit }), height);
        compress.fixed = preprocessed(compressions, height);
        compress.main = compress::fill(compressions, height, &mut lookups);
        Self { compress, lookups }
    }

    /// The labels that fail, and what the table leaves on the bus but for lookups that the byte
    /// table provides.
    pub fn check(&self) -> (Vec<&'static str>, Balance) {
        let mut report = self.compress.report();
        report.balance.retain(|tuple, _| !is_provided(tuple));
        (report.failures.into_keys().chain(report.overcounted.into_keys()).collect(), report.balance)
    }
}

/// Whether the byte table provides a lookup.
pub fn is_provided(tuple: &[u32]) -> bool {
    match *tuple {
        [bus::XOR, a, b, sum] => a < 256 && b < 256 && sum == a ^ b,
        [bus::XOR_12, a, b, hi, lo] => a < 256 && b < 256 && [hi, lo] == [(a ^ b) / 16, (a ^ b) % 16],
        [bus::XOR_7, a, b, top, rest] => a < 256 && b < 256 && [top, rest] == [(a ^ b) / 128, (a ^ b) % 128],
        _ => false,
    }
}

fn preprocessed(compressions: &[Compression], height: usize) -> RowMajorMatrix<F> {
    let width = <CompressPreCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(height * width);
    for (row, (values, compression)) in values.chunks_exact_mut(width).zip(compressions).enumerate() {
        let [addr_cv, addr_own, addr_sibling, addr_bit, addr_out] = addresses(row).map(F::from_u32);
        *CompressPreCols::of_mut(values) = CompressPreCols {
            real: F::ONE,
            addr_cv,
            addr_own,
            addr_sibling,
            addr_bit,
            read_bit: F::from_bool(compression.flags & PARENT != 0),
            counter: compress::counter(compression.counter),
            len: F::from_u32(compression.len),
            flags: F::from_u32(compression.flags),
            addr_out,
            mult_out: F::from_u32(fan_out(row)),
        };
    }
    RowMajorMatrix::new(values, width)
}

/// The message of a half.
pub fn half(addr: u32, words: &[u32; 8]) -> Vec<u32> {
    let limbs = words.iter().flat_map(|word| [word & 0xffff, word >> 16]);
    [bus::HALF, addr].into_iter().chain(limbs).collect()
}

/// What honest tables leave on the bus: every input read once, every output written.
pub fn ends(compressions: &[Compression]) -> Balance {
    let mut balance = Balance::new();
    for (row, compression) in compressions.iter().enumerate() {
        let [cv, own, sibling, bit, out] = addresses(row);
        balance.insert(half(cv, &compression.cv), -1);
        balance.insert(half(own, &compression.own), -1);
        balance.insert(half(sibling, &compression.sibling), -1);
        if compression.flags & PARENT != 0 {
            balance.insert(vec![bus::WIRE, bit, u32::from(compression.swapped), 0, 0, 0, 0], -1);
        }
        balance.insert(half(out, &compression.output()), i64::from(fan_out(row)));
    }
    balance
}
