//! Merkle hashing: plain BLAKE3, batched across rows.
//!
//! A leaf is a row of field elements, each as the four little-endian bytes of its Montgomery word
//! (below `p`, so the encoding is unique), zero-padded to whole blocks of 64 bytes. The padding
//! lets the vector code work on several rows in lockstep to the last block. It is injective among
//! rows of one width, and the verifier fixes every width before it hashes.
//!
//! An inner node is the BLAKE3 hash of its two children's 64 bytes.

use alloc::vec;
use alloc::vec::Vec;

use blake3::platform::{MAX_SIMD_DEGREE, Platform};
use blake3::{BLOCK_LEN, CHUNK_LEN, IncrementCounter};
use p3_field::PrimeField32;
use p3_symmetric::{CompressionFunction, CryptographicHasher, PseudoCompressionFunction};
use tern_field::F;

/// Bytes of a BLAKE3 digest.
pub const DIGEST_BYTES: usize = 32;

/// A node of a Merkle tree.
pub type Digest = [u8; DIGEST_BYTES];

/// Bytes of one field element in a leaf or in the transcript.
pub const ELEMENT_BYTES: usize = 4;

/// BLAKE3's initialization vector, which the `blake3` crate keeps private.
const IV: [u32; 8] = [0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19];

// BLAKE3's domain flags (BLAKE3 paper, table 3).
const CHUNK_START: u8 = 1 << 0;
const CHUNK_END: u8 = 1 << 1;
const PARENT: u8 = 1 << 2;
const ROOT: u8 = 1 << 3;
#[cfg(feature = "prover")]
const KEYED_HASH: u8 = 1 << 4;

/// The four bytes of a field element in a leaf or in the transcript.
#[must_use]
pub fn element_bytes(element: F) -> [u8; ELEMENT_BYTES] {
    element.to_unique_u32().to_le_bytes()
}

/// The field element that [`element_bytes`] encodes as `bytes`, if there is one.
#[must_use]
pub fn element_from_bytes(bytes: [u8; ELEMENT_BYTES]) -> Option<F> {
    /// The inverse of `2^32`: from an integer to the element whose Montgomery word it is.
    const FROM_WORD: F = F::new(943_718_400);
    let word = u32::from_le_bytes(bytes);
    (word < F::ORDER_U32).then(|| F::new(word) * FROM_WORD)
}

/// Hashes rows of field elements into leaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeafHasher;

impl CryptographicHasher<F, Digest> for LeafHasher {
    const LANES: usize = MAX_SIMD_DEGREE;

    fn hash_iter<I: IntoIterator<Item = F>>(&self, row: I) -> Digest {
        let mut hasher = blake3::Hasher::new();
        let mut block = [0; BLOCK_LEN];
        let mut filled = 0;
        for element in row {
            block[filled..filled + ELEMENT_BYTES].copy_from_slice(&element_bytes(element));
            filled += ELEMENT_BYTES;
            if filled == BLOCK_LEN {
                hasher.update(&block);
                block = [0; BLOCK_LEN];
                filled = 0;
            }
        }
        if filled > 0 {
            hasher.update(&block);
        }
        hasher.finalize().into()
    }

    /// Hashes rows of one width, back to back in `input`.
    ///
    /// # Panics
    ///
    /// When the input is not a whole number of elements for each digest.
    fn hash_many(&self, input: &[F], out: &mut [Digest]) {
        if out.is_empty() {
            return;
        }
        assert!(input.len().is_multiple_of(out.len()), "{} elements cannot be {} rows of one width", input.len(), out.len());
        let width = input.len() / out.len();
        if width == 0 {
            out.fill(self.hash_iter([]));
            return;
        }
        let row_bytes = (width * ELEMENT_BYTES).next_multiple_of(BLOCK_LEN);
        let mut bytes = vec![0; row_bytes * out.len().min(MAX_SIMD_DEGREE)];
        for (rows, digests) in input.chunks(width * MAX_SIMD_DEGREE).zip(out.chunks_mut(MAX_SIMD_DEGREE)) {
            for (row, row_out) in rows.chunks_exact(width).zip(bytes.chunks_exact_mut(row_bytes)) {
                let (words, _) = row_out.as_chunks_mut::<ELEMENT_BYTES>();
                for (element, word) in row.iter().zip(words) {
                    *word = element_bytes(*element);
                }
            }
            hash_messages(&bytes[..row_bytes * digests.len()], row_bytes, digests);
        }
    }
}

/// Hashes two digests into their parent.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeHasher;

impl PseudoCompressionFunction<Digest, 2> for NodeHasher {
    const LANES: usize = MAX_SIMD_DEGREE;

    fn compress(&self, children: [Digest; 2]) -> Digest {
        blake3::hash(children.as_flattened()).into()
    }

    fn compress_many(&self, inputs: &[[Digest; 2]], out: &mut [Digest]) {
        assert_eq!(inputs.len(), out.len(), "one digest for each pair");
        for (pairs, digests) in inputs.chunks(MAX_SIMD_DEGREE).zip(out.chunks_mut(MAX_SIMD_DEGREE)) {
            hash_messages(pairs.as_flattened().as_flattened(), 2 * DIGEST_BYTES, digests);
        }
    }
}

impl CompressionFunction<Digest, 2> for NodeHasher {}

/// Hashes at most [`MAX_SIMD_DEGREE`] messages of `len` bytes each, a non-zero multiple of 64.
///
/// Each digest is that of `blake3::hash` on its message.
pub(crate) fn hash_messages(messages: &[u8], len: usize, out: &mut [Digest]) {
    let lanes: Vec<&[u8]> = messages.chunks_exact(len).collect();
    let platform = Platform::detect();
    if len <= CHUNK_LEN {
        let mode = Mode::chunk(0, ROOT);
        return compress_lanes(platform, &lanes, mode, out);
    }
    let mut level = chunk_values(platform, &lanes, len);
    while level.len() > 1 {
        level = parent_values(platform, &level, out.len());
    }
    out.copy_from_slice(&level[0]);
}

/// Hashes at most [`MAX_SIMD_DEGREE`] messages of one block each under a key.
///
/// Each digest is that of `blake3::keyed_hash` on its message.
#[cfg(feature = "prover")]
pub(crate) fn keyed_hash_blocks(key: &Digest, blocks: &[[u8; BLOCK_LEN]], out: &mut [Digest]) {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(key.as_chunks::<ELEMENT_BYTES>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let lanes: Vec<&[u8; BLOCK_LEN]> = blocks.iter().collect();
    let flags = KEYED_HASH | ROOT;
    Platform::detect().hash_many(&lanes, &words, 0, IncrementCounter::No, flags, CHUNK_START, CHUNK_END, out.as_flattened_mut());
}

/// What tells one use of the compression function from another.
#[derive(Clone, Copy)]
struct Mode {
    counter: u64,
    every_block: u8,
    first_block: u8,
    last_block: u8,
}

impl Mode {
    const fn chunk(counter: u64, last: u8) -> Self {
        Self { counter, every_block: 0, first_block: CHUNK_START, last_block: CHUNK_END | last }
    }

    const fn parent(extra: u8) -> Self {
        Self { counter: 0, every_block: PARENT | extra, first_block: 0, last_block: 0 }
    }
}

/// Chaining values of every chunk, one vector of lanes for each chunk.
fn chunk_values(platform: Platform, lanes: &[&[u8]], len: usize) -> Vec<Vec<Digest>> {
    (0..len.div_ceil(CHUNK_LEN))
        .map(|index| {
            let start = index * CHUNK_LEN;
            let end = len.min(start + CHUNK_LEN);
            let chunks: Vec<&[u8]> = lanes.iter().map(|lane| &lane[start..end]).collect();
            let mut values = vec![[0; DIGEST_BYTES]; lanes.len()];
            compress_lanes(platform, &chunks, Mode::chunk(index as u64, 0), &mut values);
            values
        })
        .collect()
}

/// One level of BLAKE3's tree: neighbours are merged, an odd last one moves up as it is.
fn parent_values(platform: Platform, level: &[Vec<Digest>], lanes: usize) -> Vec<Vec<Digest>> {
    let extra = if level.len() == 2 { ROOT } else { 0 };
    level
        .chunks(2)
        .map(|pair| {
            let [left, right] = pair else {
                return pair[0].clone();
            };
            let blocks: Vec<[Digest; 2]> = left.iter().zip(right).map(|(l, r)| [*l, *r]).collect();
            let blocks: Vec<&[u8]> = blocks.iter().map(|b| b.as_flattened()).collect();
            let mut values = vec![[0; DIGEST_BYTES]; lanes];
            compress_lanes(platform, &blocks, Mode::parent(extra), &mut values);
            values
        })
        .collect()
}

/// Runs every lane, a whole number of blocks up to one chunk, through the compression function.
fn compress_lanes(platform: Platform, lanes: &[&[u8]], mode: Mode, out: &mut [Digest]) {
    macro_rules! by_block_count {
        ($($blocks:literal),+) => {
            match lanes[0].len() / BLOCK_LEN {
                $($blocks => compress_blocks::<{ $blocks * BLOCK_LEN }>(platform, lanes, mode, out),)+
                count => unreachable!("{count} blocks are no chunk"),
            }
        };
    }
    by_block_count!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
}

fn compress_blocks<const N: usize>(platform: Platform, lanes: &[&[u8]], mode: Mode, out: &mut [Digest]) {
    // Lanes past the batch repeat the first one and are never handed to the compression.
    let inputs: [&[u8; N]; MAX_SIMD_DEGREE] = core::array::from_fn(|i| {
        let lane = lanes.get(i).unwrap_or(&lanes[0]);
        lane.first_chunk().expect("every lane has N bytes")
    });
    platform.hash_many(
        &inputs[..lanes.len()],
        &IV,
        mode.counter,
        IncrementCounter::No,
        mode.every_block,
        mode.first_block,
        mode.last_block,
        out.as_flattened_mut(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(width: usize, seed: usize) -> Vec<F> {
        (0..width).map(|i| F::new((i * 7_919 + seed * 104_729 + 1) as u32)).collect()
    }

    fn padded_bytes(row: &[F]) -> Vec<u8> {
        let mut bytes: Vec<u8> = row.iter().flat_map(|x| element_bytes(*x)).collect();
        bytes.resize(bytes.len().next_multiple_of(BLOCK_LEN), 0);
        bytes
    }

    #[test]
    fn leaves_are_plain_blake3_of_padded_rows() {
        let widths = [0, 1, 15, 16, 17, 255, 256, 257, 300, 511, 512, 513, 768, 1025, 2800];
        for width in widths {
            for count in [1, 2, 15, 16, 17, 35] {
                let rows: Vec<Vec<F>> = (0..count).map(|seed| row(width, seed)).collect();
                let mut digests = vec![[0; DIGEST_BYTES]; count];
                LeafHasher.hash_many(&rows.concat(), &mut digests);
                for (row, digest) in rows.iter().zip(digests) {
                    let expected = *blake3::hash(&padded_bytes(row)).as_bytes();
                    assert_eq!(digest, expected, "width {width}, {count} rows");
                    assert_eq!(LeafHasher.hash_slice(row), expected, "width {width}");
                }
            }
        }
    }

    #[cfg(feature = "prover")]
    #[test]
    fn keyed_blocks_are_keyed_blake3() {
        let key: Digest = core::array::from_fn(|i| (i * 5 + 1) as u8);
        for count in 1..=MAX_SIMD_DEGREE {
            let blocks: Vec<[u8; BLOCK_LEN]> = (0..count).map(|seed| core::array::from_fn(|i| (i * seed + 7) as u8)).collect();
            let mut digests = vec![[0; DIGEST_BYTES]; count];
            keyed_hash_blocks(&key, &blocks, &mut digests);
            for (block, digest) in blocks.iter().zip(digests) {
                assert_eq!(digest, *blake3::keyed_hash(&key, block).as_bytes());
            }
        }
    }

    #[test]
    fn elements_have_one_encoding() {
        for value in [0, 1, 2, 943_718_400, 268_435_454, F::ORDER_U32 - 1, 1_234_567_890] {
            let element = F::new(value);
            assert_eq!(element_from_bytes(element_bytes(element)), Some(element));
        }
        assert_eq!(element_from_bytes((F::ORDER_U32 - 1).to_le_bytes()).map(element_bytes), Some((F::ORDER_U32 - 1).to_le_bytes()));
        for word in [F::ORDER_U32, F::ORDER_U32 + 1, u32::MAX] {
            assert_eq!(element_from_bytes(word.to_le_bytes()), None);
        }
    }

    #[test]
    fn nodes_are_plain_blake3_of_their_children() {
        let pairs: Vec<[Digest; 2]> = (0..37).map(|i| [[i; 32], [200 - i; 32]]).collect();
        let mut digests = vec![[0; DIGEST_BYTES]; pairs.len()];
        NodeHasher.compress_many(&pairs, &mut digests);
        for (pair, digest) in pairs.iter().zip(digests) {
            assert_eq!(digest, *blake3::hash(pair.as_flattened()).as_bytes());
            assert_eq!(digest, NodeHasher.compress(*pair));
        }
    }
}
