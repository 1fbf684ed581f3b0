//! Rounds that a device plays by itself (`shaders/rounds.wgsl`): what host and device tell each other.

use tern_field::EF;
use tern_fri::hash::Digest;

use crate::GpuError;
use crate::fractions::ext_words;
use crate::merkle::digest_words;

/// Words of a chunk of BLAKE3, and most chunks that a round absorbs (`shaders/absorb.wgsl`).
pub(crate) const CHUNK_WORDS: usize = 256;
pub(crate) const MAX_CHUNKS: usize = 32;

/// What the device goes on from: room for a challenge, the transcript's state, and elements, of which
/// the first is the claim.
pub(crate) fn start(state: &Digest, elements: impl IntoIterator<Item = EF>) -> Vec<u32> {
    ext_words(EF::default()).into_iter().chain(digest_words(state)).chain(elements.into_iter().flat_map(ext_words)).collect()
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
