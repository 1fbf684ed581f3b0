//! The runtime's platform inside the machine.

use core::cell::UnsafeCell;

use crate::ecall;
pub use crate::ecall::{blake2f_round, keccak_f1600, mulmod256, mulmod384, print, scope_begin, scope_end, sha256_compress};

/// The dword with the input's length, and the first byte of the input.
const INPUT_LENGTH: usize = 0x8000_0000;
const INPUT_BYTES: usize = 0x8000_0020;

/// Bytes between [`INPUT_BYTES`] and the end of the address space.
const MAX_INPUT_BYTES: usize = (1 << 31) - 32;
/// Exit code of a run whose input claims to be longer than its region.
const INPUT_TOO_LONG: u32 = 102;

/// The private input where it lies.
///
/// The whole region is the prover's choice, its length included: one that reaches past the region ends the run.
pub fn input() -> &'static [u8] {
    let length: *const usize = core::ptr::with_exposed_provenance(INPUT_LENGTH);
    let bytes: *const u8 = core::ptr::with_exposed_provenance(INPUT_BYTES);
    // SAFETY: the machine maps the input region here, read-only, for the whole run.
    let length = unsafe { length.read_volatile() };
    if length > MAX_INPUT_BYTES {
        exit(INPUT_TOO_LONG);
    }
    // SAFETY: as above, and the slice ends inside the region.
    unsafe { core::slice::from_raw_parts(bytes, length) }
}

/// The hash of all output so far; `None` before the first byte.
struct OutputHasher(UnsafeCell<Option<blake3::Hasher>>);

// SAFETY: a guest has one hart and no interrupts.
unsafe impl Sync for OutputHasher {}

static OUTPUT: OutputHasher = OutputHasher(UnsafeCell::new(None));

/// Appends bytes to the public output.
pub fn output(bytes: &[u8]) {
    // SAFETY: one hart, and `update` does not call back.
    let hasher = unsafe { &mut *OUTPUT.0.get() };
    hasher.get_or_insert_with(blake3::Hasher::new).update(bytes);
    ecall::write_output(bytes);
}

/// Ends the run; the output's digest becomes public with the code.
pub fn exit(code: u32) -> ! {
    // SAFETY: as in `output`.
    let hasher = unsafe { &*OUTPUT.0.get() };
    let digest = match hasher {
        Some(hasher) => hasher.finalize(),
        None => blake3::hash(&[]),
    };
    ecall::halt(code, digest.as_bytes())
}
