//! The standalone verifier as a C library: `include/tern_verifier.h` is its interface.
//!
//! Every `unsafe` of the verifier's packages is in this file: reading the caller's buffers and writing his result.
//! A panic, which would be a fault of the verifier, becomes [`TERN_INTERNAL`]; none crosses into C.

use std::ffi::{CStr, c_char, c_int};
use std::panic::catch_unwind;

use tern_verifier::package::{Class, Refusal, Verified, verify};

/// The proof is accepted.
pub const TERN_OK: c_int = 0;
/// The verifying key is not one of a program.
pub const TERN_KEY: c_int = 1;
/// The bytes are not a proof of this system.
pub const TERN_NOT_A_PROOF: c_int = 2;
/// A proof of another version, kind or parameter set, or made with other circuits.
pub const TERN_UNSUPPORTED: c_int = 3;
/// A proof that is truncated, too long, or encoded wrongly.
pub const TERN_MALFORMED: c_int = 4;
/// A proof of another program.
pub const TERN_PROGRAM: c_int = 5;
/// The program ended with another exit code.
pub const TERN_EXIT_CODE: c_int = 6;
/// A well-formed proof that does not prove what it claims.
pub const TERN_FALSE: c_int = 7;
/// A pointer that must not be null is null, or a length is larger than any buffer.
pub const TERN_ARGUMENT: c_int = 8;
/// A fault of the library.
pub const TERN_INTERNAL: c_int = 9;

/// The outcome of a verification. C sees an opaque pointer: only the functions below read it.
pub struct Outcome {
    status: c_int,
    /// Empty when the proof is accepted; ends with a zero byte.
    reason: Vec<u8>,
    /// Present when the proof is accepted.
    verified: Option<Verified>,
}

/// Checks that `proof` proves a run of the program of `key` that ends with `exit_code`.
///
/// Returns the status. If `outcome` is not null, `*outcome` becomes the outcome, which [`tern_outcome_free`] frees, also for a rejected proof.
///
/// # Safety
///
/// `proof` and `key` point to `proof_len` and `key_len` readable bytes (null only with length 0); `outcome` is null or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_verify(
    proof: *const u8,
    proof_len: usize,
    key: *const u8,
    key_len: usize,
    exit_code: u32,
    outcome: *mut *mut Outcome,
) -> c_int {
    // SAFETY: the caller's contract is that of `input`.
    let inputs = unsafe { (input(&proof, proof_len), input(&key, key_len)) };
    let result = match inputs {
        (Some(proof), Some(key)) => catch_unwind(|| Outcome::new(verify(proof, key, exit_code))),
        _ => Ok(Outcome::failed(TERN_ARGUMENT, "a null pointer with a length, or a length beyond the address space")),
    };
    let result = result.unwrap_or_else(|_| Outcome::failed(TERN_INTERNAL, "the verifier panicked"));
    let status = result.status;
    if !outcome.is_null() {
        // SAFETY: not null, so the caller lets us write it.
        unsafe { outcome.write(Box::into_raw(Box::new(result))) };
    }
    status
}

/// The status of an outcome; [`TERN_ARGUMENT`] for null.
///
/// # Safety
///
/// `outcome` is null or comes from [`tern_verify`] and has not been freed. The same holds for every function below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_status(outcome: *const Outcome) -> c_int {
    // SAFETY: the caller's contract.
    unsafe { outcome.as_ref() }.map_or(TERN_ARGUMENT, |outcome| outcome.status)
}

/// Why the proof is not accepted, for people; empty if it is. It lives as long as the outcome.
///
/// # Safety
///
/// See [`tern_outcome_status`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_reason(outcome: *const Outcome) -> *const c_char {
    // SAFETY: the caller's contract.
    let reason = unsafe { outcome.as_ref() }.and_then(|outcome| CStr::from_bytes_with_nul(&outcome.reason).ok());
    reason.unwrap_or_default().as_ptr()
}

/// What the program wrote, `*len` bytes; null, with length 0, unless the proof is accepted. It lives as long as the outcome.
///
/// # Safety
///
/// See [`tern_outcome_status`]; `len` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_output(outcome: *const Outcome, len: *mut usize) -> *const u8 {
    // SAFETY: the caller's contract.
    let output = unsafe { verified(&outcome) }.map(|verified| verified.output.as_slice());
    if !len.is_null() {
        // SAFETY: not null, so the caller lets us write it.
        unsafe { len.write(output.map_or(0, <[u8]>::len)) };
    }
    output.map_or(std::ptr::null(), <[u8]>::as_ptr)
}

/// Digest of the program's key, 32 bytes; null unless the proof is accepted. It lives as long as the outcome.
///
/// # Safety
///
/// See [`tern_outcome_status`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_program(outcome: *const Outcome) -> *const u8 {
    // SAFETY: the caller's contract.
    unsafe { verified(&outcome) }.map_or(std::ptr::null(), |verified| verified.key_digest.as_ptr())
}

/// The kind of the proof (1: a chain of segment proofs, 2: a final proof); 0 unless it is accepted.
///
/// # Safety
///
/// See [`tern_outcome_status`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_kind(outcome: *const Outcome) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { verified(&outcome) }.map_or(0, |verified| u32::from(verified.kind))
}

/// Frees an outcome; null is allowed.
///
/// # Safety
///
/// See [`tern_outcome_status`]; the outcome must not be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_free(outcome: *mut Outcome) {
    if !outcome.is_null() {
        // SAFETY: not null, so it comes from `Box::into_raw` in `tern_verify`, and this is its only free.
        drop(unsafe { Box::from_raw(outcome) });
    }
}

impl Outcome {
    fn new(result: Result<Verified, Refusal>) -> Self {
        match result {
            Ok(verified) => Self { status: TERN_OK, reason: vec![0], verified: Some(verified) },
            Err(refusal) => Self::failed(status(refusal.class), &refusal.reason),
        }
    }

    fn failed(status: c_int, reason: &str) -> Self {
        let reason = reason.bytes().filter(|byte| *byte != 0).chain([0]).collect();
        Self { status, reason, verified: None }
    }
}

const fn status(class: Class) -> c_int {
    match class {
        Class::Key => TERN_KEY,
        Class::NotAProof => TERN_NOT_A_PROOF,
        Class::Unsupported => TERN_UNSUPPORTED,
        Class::Malformed => TERN_MALFORMED,
        Class::Program => TERN_PROGRAM,
        Class::ExitCode => TERN_EXIT_CODE,
        Class::False => TERN_FALSE,
    }
}

/// The caller's bytes; none if they cannot be any.
///
/// # Safety
///
/// `pointer` points to `len` bytes that may be read as long as `pointer` is borrowed, unless it is null or `len` is above `isize::MAX`.
unsafe fn input(pointer: &*const u8, len: usize) -> Option<&[u8]> {
    if len == 0 {
        return Some(&[]);
    }
    if pointer.is_null() || isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: not null, not longer than any object; the rest is the caller's contract.
    Some(unsafe { std::slice::from_raw_parts(*pointer, len) })
}

/// # Safety
///
/// As for [`tern_outcome_status`].
unsafe fn verified(outcome: &*const Outcome) -> Option<&Verified> {
    // SAFETY: the caller's contract.
    unsafe { outcome.as_ref() }?.verified.as_ref()
}
