//! Merkle trees in device memory.

use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::multilinear::merkle::path_places;

use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Words of a digest.
pub const DIGEST_WORDS: usize = DIGEST_BYTES / 4;

/// Most words of a leaf: a chunk of BLAKE3.
const MAX_LEAF: usize = 256;

/// How the words of leaves lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// One after the other.
    Rows,
    /// Elements of the challenge field, coordinate by coordinate, so far apart.
    Planes(usize),
}

/// A tree. Its cap is the host's.
pub struct Tree {
    /// The leaves' digests, then each level up to the cap.
    levels: Vec<Words>,
    cap: Vec<Digest>,
}

/// Hashes `count` leaves of `width` words each into digests from place `first` on.
///
/// # Errors
///
/// If the device fails.
///
/// # Panics
///
/// If a leaf is wider than a chunk of BLAKE3.
pub fn hash_leaves(
    gpu: &Gpu,
    cells: &Words,
    layout: Leaves,
    (count, width): (usize, usize),
    digests: &Words,
    first: usize,
) -> Result<(), GpuError> {
    assert!((1..=MAX_LEAF).contains(&width), "{width} words are no chunk");
    let params = [count as u32, width as u32, first as u32];
    match layout {
        Leaves::Rows => gpu.dispatch(&kernel!("blake3", "leaf_rows", "leaves"), &params, &[cells, digests], count),
        Leaves::Planes(stride) => {
            let params = [params[0], params[1], params[2], stride as u32];
            gpu.dispatch(&kernel!("blake3", "leaf_planes", "leaves"), &params, &[cells, digests], count)
        }
    }
}

impl Tree {
    /// The tree over a power of two of leaves' digests, with a cap of `2^log_cap`, for which the host waits.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn new(gpu: &Gpu, leaves: Words, log_cap: usize) -> Result<Self, GpuError> {
        let nodes = kernel!("blake3", "nodes");
        let mut levels = vec![leaves];
        let mut count = levels[0].len() / DIGEST_WORDS;
        while count > 1 << log_cap {
            count /= 2;
            let level = gpu.words(count * DIGEST_WORDS)?;
            gpu.dispatch(&nodes, &[count as u32], &[&levels[levels.len() - 1], &level], count)?;
            levels.push(level);
        }
        let cap = digests(&gpu.read(&levels[levels.len() - 1], 0, count * DIGEST_WORDS)?);
        Ok(Self { levels, cap })
    }

    /// The commitment.
    #[must_use]
    pub fn cap(&self) -> &[Digest] {
        &self.cap
    }

    /// As [`tern_fri::multilinear::merkle::MerkleTree::path`].
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn path(&self, gpu: &Gpu, positions: &[usize]) -> Result<Vec<Digest>, GpuError> {
        let places = path_places(self.levels.len() - 1, positions);
        let mut path = Vec::new();
        for (level, places) in self.levels.iter().zip(&places) {
            path.push(gather(gpu, level, DIGEST_WORDS, places)?);
        }
        let mut all = Vec::new();
        for (gathered, places) in path.iter().zip(&places) {
            all.extend(digests(&gpu.read(gathered, 0, places.len() * DIGEST_WORDS)?));
        }
        Ok(all)
    }
}

/// Pieces of `width` words at these numbers.
///
/// # Errors
///
/// If the device fails.
pub fn gather(gpu: &Gpu, from: &Words, width: usize, numbers: &[usize]) -> Result<Words, GpuError> {
    let to = gpu.words(width * numbers.len())?;
    if !numbers.is_empty() {
        let list = gpu.upload_words(&numbers.iter().map(|&number| number as u32).collect::<Vec<u32>>())?;
        gpu.dispatch(&kernel!("gather"), &[numbers.len() as u32, width as u32], &[from, &list, &to], width * numbers.len())?;
    }
    Ok(to)
}

fn digests(words: &[u32]) -> Vec<Digest> {
    let (digests, _) = words.as_chunks::<DIGEST_WORDS>();
    let digest = |words: &[u32; DIGEST_WORDS]| {
        let mut digest = [0; DIGEST_BYTES];
        digest.as_chunks_mut().0.iter_mut().zip(words).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
        digest
    };
    digests.iter().map(digest).collect()
}
