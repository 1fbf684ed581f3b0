//! Proof of work.
//!
//! Witnesses are tried in ranges, of which several are recorded before the host looks: those that
//! come after a witness that passes end at once.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;
use tern_fri::hash::Digest;
use tern_fri::multilinear::Transcript;

use crate::kernel::GROUP;
use crate::merkle::digest_words;
use crate::{Gpu, GpuError, kernel};

/// Witnesses that an invocation tries.
const TRIES: usize = 8;

/// Ranges between two looks: together eight times as many witnesses as one passes among on average,
/// at first.
const RANGES: [u32; 4] = [1, 1, 2, 4];

/// Fewest and most witnesses of the first range, and most of any.
const MIN_RANGE: u32 = 1 << 14;
const MAX_RANGE: u32 = 1 << 26;

/// What the transcript's host finds by itself in less time than a device takes to answer.
const HOST_BITS: usize = 10;

/// Does proof of work on the transcript: as [`Transcript::work`].
///
/// # Errors
///
/// If the device fails, or finds none.
pub fn work(gpu: &Gpu, bits: usize, transcript: &mut Transcript) -> Result<F, GpuError> {
    if bits <= HOST_BITS {
        return Ok(transcript.work(bits));
    }
    let range = (1 << bits.min(31)).clamp(MIN_RANGE, MAX_RANGE);
    let witness = search(gpu, bits, &transcript.state_for_work(), range)?;
    // The host has the last word on what a device finds.
    if transcript.check_work(bits, witness) { Ok(witness) } else { Err(GpuError::Driver(format!("{witness} is no witness"))) }
}

/// The smallest witness that passes with a state, sought among so many at first.
fn search(gpu: &Gpu, bits: usize, state: &Digest, mut range: u32) -> Result<F, GpuError> {
    let kernel = kernel!("blake3", "work").with("TRIES", TRIES);
    let mask = if bits < 64 { (1_u64 << bits) - 1 } else { u64::MAX };
    let mut params = vec![0, 0, mask as u32, (mask >> 32) as u32];
    params.extend(digest_words(state));
    let found = gpu.upload_words(&[u32::MAX])?;
    let mut first = 0;
    while first < F::ORDER_U32 {
        for times in RANGES {
            let end = first.saturating_add((times * range).min(MAX_RANGE)).min(F::ORDER_U32);
            params[..2].copy_from_slice(&[first, end]);
            gpu.dispatch(&kernel, &params, &[&found], ((end - first) as usize).div_ceil(TRIES).next_multiple_of(GROUP))?;
            first = end;
        }
        if let [witness] = gpu.read(&found, 0, 1)?[..]
            && witness != u32::MAX
        {
            return Ok(F::from_u32(witness));
        }
        range = (4 * range).min(MAX_RANGE);
    }
    Err(GpuError::Driver(format!("no witness of {bits} bits is found")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::gpus;

    #[test]
    fn witnesses_are_the_cpus() {
        for gpu in gpus() {
            for (seed, bits) in [(0, 1), (1, 4), (2, 7), (3, 11), (4, 12), (5, 13), (6, 14), (7, 0)] {
                let mut expected = Transcript::new(b"work", &[seed; 32]);
                expected.observe_base(&[F::from_u8(seed)]);
                let mut transcript = expected.clone();
                let state = transcript.clone().state_for_work();
                let witness = expected.work(bits);
                // Ranges of which the first have none.
                for range in [64, 256, 1 << 14].into_iter().filter(|_| bits > 0) {
                    assert_eq!(search(&gpu, bits, &state, range).expect("a witness"), witness, "{bits} bits");
                }
                assert_eq!(work(&gpu, bits, &mut transcript).expect("a witness"), witness);
                assert_eq!(transcript.challenge(), expected.challenge());
            }
        }
    }
}
