//! Merkle trees in device memory.

use tern_field::F;
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::multilinear::merkle::path_places;
use tern_fri::multilinear::proof::Opened;

use crate::gpu::elements;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Words of a digest.
pub const DIGEST_WORDS: usize = DIGEST_BYTES / 4;

/// The words of a digest.
pub(crate) fn digest_words(digest: &Digest) -> impl Iterator<Item = u32> {
    digest.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes))
}

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
    /// The tree over a power of two of leaves' digests, with a cap of `2^log_cap`, for which the
    /// host waits.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn new(gpu: &Gpu, leaves: Words, log_cap: usize) -> Result<Self, GpuError> {
        let tree = Self::hashed(gpu, leaves, log_cap)?;
        let cap = gpu.read_all(&[tree.cap_words()])?;
        Ok(Self { cap: digests(&cap), ..tree })
    }

    /// The same without waiting: the cap is not known to the host.
    pub(crate) fn hashed(gpu: &Gpu, leaves: Words, log_cap: usize) -> Result<Self, GpuError> {
        let nodes = kernel!("blake3", "nodes");
        let mut levels = vec![leaves];
        let mut count = levels[0].len() / DIGEST_WORDS;
        while count > 1 << log_cap {
            count /= 2;
            let level = gpu.words(count * DIGEST_WORDS)?;
            gpu.dispatch(&nodes, &[count as u32], &[&levels[levels.len() - 1], &level], count)?;
            levels.push(level);
        }
        Ok(Self { levels, cap: Vec::new() })
    }

    /// The cap in device memory.
    pub(crate) fn cap_words(&self) -> &Words {
        &self.levels[self.levels.len() - 1]
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
        let path = self.gather_path(gpu, positions)?;
        Ok(digests(&gpu.read_all(&path.iter().collect::<Vec<_>>())?))
    }

    /// The same in device memory, level by level.
    fn gather_path(&self, gpu: &Gpu, positions: &[usize]) -> Result<Vec<Words>, GpuError> {
        let places = path_places(self.levels.len() - 1, positions);
        self.levels.iter().zip(&places).map(|(level, places)| gather(gpu, level, DIGEST_WORDS, places)).collect()
    }

    /// Leaves of `width` words at rising positions, which are in arrays of device memory, together
    /// with the digests that lead to the cap.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn opened(&self, gpu: &Gpu, mut leaves: Vec<Words>, width: usize, positions: &[usize]) -> Result<Gathered, GpuError> {
        leaves.extend(self.gather_path(gpu, positions)?);
        Ok(Gathered { arrays: leaves, leaves: positions.len(), width })
    }
}

/// What is opened of a tree, in device memory.
pub struct Gathered {
    /// The leaves, then the path.
    arrays: Vec<Words>,
    leaves: usize,
    width: usize,
}

impl Gathered {
    /// Brings several to the host, which waits once.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn read(gpu: &Gpu, all: &[Self]) -> Result<Vec<Opened<F>>, GpuError> {
        let arrays: Vec<&Words> = all.iter().flat_map(|gathered| &gathered.arrays).collect();
        let words = gpu.read_all(&arrays)?;
        let mut rest = &words[..];
        let opened = |gathered: &Self| {
            let len = gathered.arrays.iter().map(Words::len).sum();
            let (own, after) = rest.split_at(len);
            rest = after;
            let (leaves, path) = own.split_at(gathered.leaves * gathered.width);
            Ok(Opened { leaves: elements(leaves)?.chunks_exact(gathered.width).map(<[F]>::to_vec).collect(), path: digests(path) })
        };
        all.iter().map(opened).collect()
    }
}

/// Pieces of `width` words at these numbers.
///
/// # Errors
///
/// If the device fails.
pub fn gather(gpu: &Gpu, from: &Words, width: usize, numbers: &[usize]) -> Result<Words, GpuError> {
    let to = gpu.words(width * numbers.len())?;
    let mut params = vec![numbers.len() as u32, width as u32];
    params.extend(numbers.iter().map(|&number| number as u32));
    gpu.dispatch(&kernel!("gather"), &params, &[from, &to], width * numbers.len())?;
    Ok(to)
}

pub(crate) fn digests(words: &[u32]) -> Vec<Digest> {
    let (digests, _) = words.as_chunks::<DIGEST_WORDS>();
    let digest = |words: &[u32; DIGEST_WORDS]| {
        let mut digest = [0; DIGEST_BYTES];
        digest.as_chunks_mut().0.iter_mut().zip(words).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
        digest
    };
    digests.iter().map(digest).collect()
}
