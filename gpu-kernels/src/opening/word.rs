//! FRI's words.

use std::sync::Arc;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32, TwoAdicField};
use tern_field::{EXTENSION_DEGREE, F};
use tern_fri::multilinear::opening::WordSize;

use super::rows::Rows;
use crate::encode::{Encoder, LOG_LOW, powers};
use crate::memory::Words;
use crate::merkle::{DIGEST_WORDS, Gathered, Leaves, Tree, gather, hash_leaves};
use crate::{Gpu, GpuError, kernel};

/// A committed word.
pub(super) struct Word {
    /// Its values in bit-reversed order, in pieces of one length. Their coordinates follow each other.
    pieces: Vec<Words>,
    /// Base-2 logarithm of the first word's length by this one's.
    log_folded: usize,
    log_leaf: usize,
    tree: Tree,
    /// Powers of the inverse of the first word's root of unity.
    powers: Arc<Words>,
}

impl Word {
    /// The codeword of the polynomial whose coefficients the values are. Its commitment stays on the
    /// device.
    pub(super) fn encode(gpu: &Gpu, record: &Words, rows: &mut Rows, log_blowup: usize, size: WordSize) -> Result<Self, GpuError> {
        rows.bind(gpu, record)?;
        let cells = gpu.ext_words(rows.len())?;
        gpu.dispatch(&kernel!("opening_elements"), &[rows.len() as u32], &[rows.words(), &cells], cells.len())?;
        let log_rows = rows.extended_len().ilog2() as usize;
        let encoder = Encoder::new(gpu, EXTENSION_DEGREE, log_rows, log_blowup)?;
        let mut pieces = Vec::with_capacity(encoder.cosets());
        for coset in 0..encoder.cosets() {
            let piece = gpu.ext_words(1 << log_rows)?;
            encoder.encode(gpu, &cells, cells.len(), coset, &piece)?;
            pieces.push(piece);
        }
        let log_len = log_rows + log_blowup;
        let powers = powers(gpu, F::two_adic_generator(log_len).inverse(), log_len - 1)?;
        Self::new(gpu, pieces, 0, size, Arc::new(powers))
    }

    /// Hashes a word, whose cap the host does not know.
    fn new(gpu: &Gpu, pieces: Vec<Words>, log_folded: usize, size: WordSize, powers: Arc<Words>) -> Result<Self, GpuError> {
        let width = EXTENSION_DEGREE << size.log_leaf;
        let leaves = pieces.first().map_or(0, Words::len) / width;
        let digests = gpu.words(DIGEST_WORDS * leaves * pieces.len())?;
        for (i, piece) in pieces.iter().enumerate() {
            hash_leaves(gpu, piece, Leaves::Rows, (leaves, width), &digests, i * leaves)?;
        }
        Ok(Self { pieces, log_folded, log_leaf: size.log_leaf, tree: Tree::hashed(gpu, digests, size.log_cap)?, powers })
    }

    /// The commitment in device memory.
    pub(super) fn cap_words(&self) -> &Words {
        self.tree.cap_words()
    }

    /// The word folded with challenges at these places of the record, two at a time.
    pub(super) fn folded(&self, gpu: &Gpu, record: &Words, challenges: &[usize], size: WordSize) -> Result<Self, GpuError> {
        let imaginary = F::two_adic_generator(2).inverse();
        let len = |words: &Words| words.len() / EXTENSION_DEGREE;
        let mut log_folded = self.log_folded;
        let mut log_len = (self.pieces.iter().map(len).sum::<usize>()).ilog2() as usize;
        let mut folded: Option<Words> = None;
        for challenges in challenges.chunks(2) {
            let layers = challenges.len();
            let to = gpu.ext_words(1 << (log_len - layers))?;
            let kernel =
                kernel!("recorded", "opening_word").with("LAYERS", layers).with("LOG_LOW", LOG_LOW).with("LOW_MASK", (1 << LOG_LOW) - 1);
            let mut first = 0;
            for piece in folded.as_ref().map_or(&self.pieces[..], core::slice::from_ref) {
                let count = len(piece) >> layers;
                let sizes = [count, first, log_len, log_folded].map(|size| size as u32);
                let factors = [imaginary, F::ONE.div_2exp_u64(layers as u64)].map(|factor| factor.to_unique_u32());
                let params: Vec<u32> = sizes.into_iter().chain(factors).chain(challenges.iter().map(|&place| place as u32)).collect();
                gpu.dispatch(&kernel, &params, &[piece, &self.powers, &to, record], count)?;
                first += count;
            }
            (log_len, log_folded) = (log_len - layers, log_folded + layers);
            folded = Some(to);
        }
        Self::new(gpu, folded.into_iter().collect(), log_folded, size, self.powers.clone())
    }

    /// The leaves at positions, which rise, in device memory.
    pub(super) fn gathered(&self, gpu: &Gpu, positions: &[usize]) -> Result<Gathered, GpuError> {
        let width = EXTENSION_DEGREE << self.log_leaf;
        let mut leaves = Vec::with_capacity(self.pieces.len());
        let mut first = 0;
        for piece in &self.pieces {
            let inside = first..first + piece.len() / width;
            let own: Vec<usize> = positions.iter().filter(|position| inside.contains(position)).map(|position| position - first).collect();
            leaves.push(gather(gpu, piece, width, &own)?);
            first = inside.end;
        }
        self.tree.opened(gpu, leaves, width, positions)
    }
}
