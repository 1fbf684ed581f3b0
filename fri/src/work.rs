//! Proof of work on a transcript's state.

#[cfg(feature = "prover")]
use alloc::vec::Vec;

#[cfg(feature = "prover")]
use p3_field::PrimeField32;
#[cfg(feature = "prover")]
use p3_maybe_rayon::prelude::*;
#[cfg(feature = "prover")]
use tern_field::F;

use crate::hash::Digest;
#[cfg(feature = "prover")]
use crate::hash::{DIGEST_BYTES, element_bytes};

/// Bytes hashed in one trial: a block of BLAKE3.
#[cfg(feature = "prover")]
pub(crate) const TRIAL_BYTES: usize = 64;

/// Witnesses tried in one batch.
#[cfg(feature = "prover")]
const BATCH: usize = blake3::platform::MAX_SIMD_DEGREE;

/// Witnesses that one parallel task tries.
#[cfg(feature = "prover")]
const TASK: u32 = 64 * BATCH as u32;

/// Tasks in the largest wave.
#[cfg(feature = "prover")]
const MAX_WAVE: u32 = 128;

/// The digest's bytes that make the word whose low bits must be zero.
const WORD_BYTES: usize = 8;

/// Whether the lowest `bits` bits of a digest's first word are zero.
pub(crate) fn has_low_zeros(digest: &Digest, bits: usize) -> bool {
    let (words, _) = digest.as_chunks::<WORD_BYTES>();
    u64::from_le_bytes(words[0]) & low_mask(bits) == 0
}

/// The mask of the lowest `bits` bits.
pub(crate) const fn low_mask(bits: usize) -> u64 {
    if bits >= 64 {
        return u64::MAX;
    }
    (1 << bits) - 1
}

/// How a trial is made of a witness.
#[cfg(feature = "prover")]
pub(crate) struct Trial<H> {
    /// The block without the witness.
    pub(crate) block: [u8; TRIAL_BYTES],
    /// Where the witness begins in it.
    pub(crate) place: usize,
    /// Makes the digests of blocks, as many as there are.
    pub(crate) hash: H,
}

#[cfg(feature = "prover")]
impl<H: Fn(&[[u8; TRIAL_BYTES]], &mut [Digest]) + Sync> Trial<H> {
    /// The smallest witness whose digest has so many low zeros.
    ///
    /// Waves of tasks run in parallel, each wave larger than the last, so that an easy search ends soon.
    pub(crate) fn smallest_witness(&self, bits: usize) -> Option<F> {
        let tasks = F::ORDER_U32.div_ceil(TASK);
        let mut wave = 0..1;
        while wave.start < tasks {
            let found: Vec<Option<F>> = wave.clone().into_par_iter().map(|task| self.search(task * TASK, bits)).collect();
            if let Some(witness) = found.into_iter().flatten().next() {
                return Some(witness);
            }
            let next = (2 * (wave.end - wave.start)).min(MAX_WAVE);
            wave = wave.end..tasks.min(wave.end + next);
        }
        None
    }

    /// The smallest witness of one task.
    fn search(&self, start: u32, bits: usize) -> Option<F> {
        let mut blocks = [self.block; BATCH];
        let mut digests = [[0; DIGEST_BYTES]; BATCH];
        for first in (start..start + TASK).step_by(BATCH) {
            for (block, value) in blocks.iter_mut().zip(first..) {
                let bytes = element_bytes(F::new(value));
                block[self.place..self.place + bytes.len()].copy_from_slice(&bytes);
            }
            (self.hash)(&blocks, &mut digests);
            let passes = |(digest, value): (&Digest, u32)| has_low_zeros(digest, bits).then(|| F::new(value));
            if let Some(witness) = digests.iter().zip(first..F::ORDER_U32).find_map(passes) {
                return Some(witness);
            }
        }
        None
    }
}
