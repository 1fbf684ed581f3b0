//! Proof of work.
//!
//! Witnesses are tried in ranges, of which several are recorded before the host looks: those that
//! come after a witness that passes end at once.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;
use tern_fri::hash::Digest;
use tern_fri::multilinear::Transcript;

use crate::memory::Words;
use crate::{Gpu, GpuError, kernel, rounds};

/// What is in the place of a witness while there is none.
pub(crate) const NONE: u32 = u32::MAX;

/// Witnesses that an invocation tries in most ranges.
const TRIES: usize = 8;

/// Most invocations that try: what a large device does at the same time.
const MAX_INVOCATIONS: usize = 1 << 18;

/// Ranges between two looks, in as many witnesses as one passes among on average: of all of them none
/// passes once in `e^64`.
const RANGES: [u32; 4] = [1, 3, 12, 48];

/// Fewest witnesses of the first range, and most of any between two looks.
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
    let witness = search(gpu, bits, &transcript.state_for_work(), range_of(bits))?;
    check(witness, bits, transcript).map(|()| witness)
}

/// Lets the host's transcript take a witness. It has the last word on what a device finds.
pub(crate) fn check(witness: F, bits: usize, transcript: &mut Transcript) -> Result<(), GpuError> {
    if transcript.check_work(bits, witness) { Ok(()) } else { Err(GpuError::Driver(format!("{witness} is no witness"))) }
}

/// The witness that a device recorded.
pub(crate) fn witness(word: u32, bits: usize) -> Result<F, GpuError> {
    if word == NONE {
        return Err(GpuError::Driver(format!("no witness of {bits} bits is found")));
    }
    Ok(F::from_u32(word))
}

/// Witnesses that one passes among on average.
fn range_of(bits: usize) -> u32 {
    (1 << bits.min(31)).clamp(MIN_RANGE, MAX_RANGE)
}

/// Records the search for the smallest witness. The transcript's state is where rounds have it, and
/// the witness comes to a place of the record, where there is none yet.
pub(crate) fn record(gpu: &Gpu, bits: usize, live: &Words, found: (&Words, usize)) -> Result<(), GpuError> {
    let ranges = RANGES.map(|times| times.saturating_mul(range_of(bits)));
    record_ranges(gpu, bits, live, found, 0, ranges).map(drop)
}

/// Records ranges from a first witness on. Returns the first one after them.
fn record_ranges(
    gpu: &Gpu,
    bits: usize,
    live: &Words,
    (record, place): (&Words, usize),
    mut first: u32,
    ranges: [u32; RANGES.len()],
) -> Result<u32, GpuError> {
    let kernel = kernel!("blake3", "transcript", "work");
    let mask = if bits < 64 { (1_u64 << bits) - 1 } else { u64::MAX };
    for range in ranges {
        let end = first.saturating_add(range).min(F::ORDER_U32);
        let params = [first, end, mask as u32, (mask >> 32) as u32, place as u32];
        gpu.dispatch(&kernel, &params, &[live, record], ((end - first) as usize).div_ceil(TRIES).min(MAX_INVOCATIONS))?;
        first = end;
    }
    Ok(first)
}

/// The smallest witness that passes with a state, sought in ranges of about so many.
fn search(gpu: &Gpu, bits: usize, state: &Digest, mut range: u32) -> Result<F, GpuError> {
    let live = gpu.upload_words(&rounds::start(state, []))?;
    let found = gpu.upload_words(&[NONE])?;
    let mut first = 0;
    while first < F::ORDER_U32 {
        let ranges = RANGES.map(|times| times.saturating_mul(range).min(MAX_RANGE));
        first = record_ranges(gpu, bits, &live, (&found, 0), first, ranges)?;
        let word = gpu.read(&found, 0, 1)?[0];
        if word != NONE {
            return witness(word, bits);
        }
        range = range.saturating_mul(RANGES.iter().sum()).min(MAX_RANGE);
    }
    witness(NONE, bits)
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
