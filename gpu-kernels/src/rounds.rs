//! Rounds that a device plays by itself (`shaders/rounds.wgsl`): what host and device tell each other.

use tern_field::EF;
use tern_fri::hash::Digest;

use crate::fractions::ext_words;
use crate::memory::Words;
use crate::merkle::digest_words;
use crate::{Gpu, GpuError, kernel};

/// Words of a chunk of BLAKE3, and most chunks that a round absorbs (`shaders/absorb.wgsl`).
pub(crate) const CHUNK_WORDS: usize = 256;
pub(crate) const MAX_CHUNKS: usize = 32;

/// What the device goes on from: room for a challenge, the transcript's state, and elements, of which
/// the first is the claim.
pub(crate) fn start(state: &Digest, elements: impl IntoIterator<Item = EF>) -> Vec<u32> {
    ext_words(EF::default()).into_iter().chain(digest_words(state)).chain(elements.into_iter().flat_map(ext_words)).collect()
}

/// Weights `eq(point, i)` of the first numbers, the last with the sum of all that are left out. The
/// point's coordinates are challenges at places of a record, the lowest bit's first.
pub(crate) fn equality(gpu: &Gpu, record: &Words, coordinates: &[usize], count: usize) -> Result<Words, GpuError> {
    let to = gpu.ext_words(count)?;
    let params: Vec<u32> = [count, coordinates.len()].iter().chain(coordinates).map(|&word| word as u32).collect();
    gpu.dispatch(&kernel!("recorded", "merged_weight", "equality"), &params, &[record, &to], count)?;
    Ok(to)
}

/// Checks that the device drew the host's challenge.
///
/// # Errors
///
/// If it drew another.
pub(crate) fn check(drawn: EF, challenge: EF) -> Result<(), GpuError> {
    let lie = || GpuError::Driver(format!("a round of its own: the device drew {drawn}, the host {challenge}"));
    if drawn == challenge { Ok(()) } else { Err(lie()) }
}
