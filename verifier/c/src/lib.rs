//! The standalone verifier as a C library: `include/tern_verifier.h` is its interface.
//!
//! Every `unsafe` of the verifier's packages is in this file: reading the caller's buffers and
//! writing his result. A panic, which would be a fault of the verifier, becomes [`TERN_INTERNAL`];
//! none crosses into C.

mod outcome;

use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tern_verifier::block::{ExpectedBlock, ExpectedPayload, Hash, Rules, Verdict};
use tern_verifier::package::{PROOF_VERSION, Verified, verify, verify_block, verify_payload};

pub use outcome::*;

/// This version, with the zero byte that C wants.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// Checks that `proof` proves a run of the program of `key` that ends with `exit_code`.
///
/// Returns the status. If `outcome` is not null, `*outcome` becomes the outcome, which
/// [`tern_outcome_free`] frees, also for a rejected proof.
///
/// # Safety
///
/// `proof` and `key` point to `proof_len` and `key_len` readable bytes (null only with length 0);
/// `outcome` is null or points to a pointer that may be written.
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
    let result = guarded(|| match inputs {
        (Some(proof), Some(key)) => Outcome::new(verify(proof, key, exit_code)),
        _ => Outcome::failed(TERN_ARGUMENT, BAD_BUFFER),
    });
    // SAFETY: the caller's contract.
    unsafe { hand_over(result, outcome) }
}

/// Checks that `proof` proves a block to be valid under `rules`, by a run of the block guest, whose
/// key file is `key`.
///
/// Returns the status. If `outcome` is not null, `*outcome` becomes the outcome, as with
/// [`tern_verify`].
///
/// # Safety
///
/// As for [`tern_verify`]; `rules` is null or ends with a zero byte; `block_hash` is null or points
/// to 32 readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_verify_block(
    proof: *const u8,
    proof_len: usize,
    key: *const u8,
    key_len: usize,
    rules: *const c_char,
    block_hash: *const u8,
    outcome: *mut *mut Outcome,
) -> c_int {
    // SAFETY: the caller's contract is that of `input`.
    let inputs = unsafe { (input(&proof, proof_len), input(&key, key_len)) };
    // SAFETY: the caller's contract; bytes need no alignment.
    let block_hash = unsafe { block_hash.cast::<Hash>().as_ref() }.copied();
    // SAFETY: the caller's contract.
    let result = unsafe { block_outcome(inputs, rules, |expected| Some(ExpectedBlock { block_hash, ..expected })) };
    // SAFETY: the caller's contract.
    unsafe { hand_over(result, outcome) }
}

/// Checks that `proof` proves what the block with this hash makes of the state with the root
/// `pre_state_root` under `rules`: the root of the state after it, and the gas that it uses, both
/// in the outcome's block.
///
/// Returns the status. If `outcome` is not null, `*outcome` becomes the outcome, as with
/// [`tern_verify`].
///
/// # Safety
///
/// As for [`tern_verify_block`]; `pre_state_root` likewise is null or points to 32 readable bytes.
/// Null, of either, is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_verify_execution(
    proof: *const u8,
    proof_len: usize,
    key: *const u8,
    key_len: usize,
    rules: *const c_char,
    pre_state_root: *const u8,
    block_hash: *const u8,
    outcome: *mut *mut Outcome,
) -> c_int {
    // SAFETY: the caller's contract is that of `input`.
    let inputs = unsafe { (input(&proof, proof_len), input(&key, key_len)) };
    // SAFETY: the caller's contract; bytes need no alignment.
    let hashes = [pre_state_root, block_hash].map(|hash| unsafe { hash.cast::<Hash>().as_ref() }.copied());
    let expected = |expected: ExpectedBlock| match hashes {
        [Some(pre_state_root), Some(block_hash)] => Some(expected.on_state(pre_state_root).with_hash(block_hash)),
        _ => None,
    };
    // SAFETY: the caller's contract.
    let result = unsafe { block_outcome(inputs, rules, expected) };
    // SAFETY: the caller's contract.
    unsafe { hand_over(result, outcome) }
}

/// Checks that `proof` proves a payload request of EIP-8025 to be valid, by a run of the block
/// guest, whose key file is `key`. The request's root, the chain's id and the schema's id must be
/// those given; what is null may be any.
///
/// Returns the status. If `outcome` is not null, `*outcome` becomes the outcome, as with
/// [`tern_verify`].
///
/// # Safety
///
/// As for [`tern_verify`]; `request_root` is null or points to 32 readable bytes, `chain_id` and
/// `schema_id` are null or point to a number that may be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_verify_payload(
    proof: *const u8,
    proof_len: usize,
    key: *const u8,
    key_len: usize,
    request_root: *const u8,
    chain_id: *const u64,
    schema_id: *const u16,
    outcome: *mut *mut Outcome,
) -> c_int {
    // SAFETY: the caller's contract is that of `input`.
    let inputs = unsafe { (input(&proof, proof_len), input(&key, key_len)) };
    // SAFETY: the caller's contract; bytes need no alignment.
    let request_root = unsafe { request_root.cast::<Hash>().as_ref() }.copied();
    // SAFETY: the caller's contract.
    let (chain_id, schema_id) = unsafe { (chain_id.as_ref().copied(), schema_id.as_ref().copied()) };
    let expected = ExpectedPayload { request_root, chain_id, schema_id, verdict: Verdict::Valid };
    let result = guarded(|| match inputs {
        (Some(proof), Some(key)) => Outcome::about_payload(verify_payload(proof, key, &expected)),
        _ => Outcome::failed(TERN_ARGUMENT, BAD_BUFFER),
    });
    // SAFETY: the caller's contract.
    unsafe { hand_over(result, outcome) }
}

/// Verifies a proof about a block, of which `expected` says more than that it is valid under the
/// rules; none if the caller left something out.
///
/// # Safety
///
/// `rules` is null or ends with a zero byte.
unsafe fn block_outcome(
    inputs: (Option<&[u8]>, Option<&[u8]>),
    rules: *const c_char,
    expected: impl FnOnce(ExpectedBlock) -> Option<ExpectedBlock>,
) -> Outcome {
    // SAFETY: not null, so it ends with a zero byte.
    let rules = (!rules.is_null()).then(|| unsafe { CStr::from_ptr(rules) });
    guarded(|| {
        let Some(rules) = rules else { return Outcome::failed(TERN_ARGUMENT, "no rules") };
        let (Some(proof), Some(key)) = inputs else { return Outcome::failed(TERN_ARGUMENT, BAD_BUFFER) };
        let rules = match rules.to_string_lossy().parse::<Rules>() {
            Ok(rules) => rules,
            Err(error) => return Outcome::failed(TERN_ARGUMENT, &error.to_string()),
        };
        match expected(ExpectedBlock::valid(rules)) {
            Some(expected) => Outcome::about_block(verify_block(proof, key, &expected)),
            None => Outcome::failed(TERN_ARGUMENT, "no state root, or no block hash"),
        }
    })
}

/// The status of an outcome; [`TERN_ARGUMENT`] for null.
///
/// # Safety
///
/// `outcome` is null or comes from one of the functions that verify, and has not been freed. The
/// same holds for every function below.
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

/// What the program wrote, `*len` bytes; null, with length 0, unless the proof is accepted. It
/// lives as long as the outcome.
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

/// Digest of the program's key, 32 bytes; null unless the proof is accepted. It lives as long as
/// the outcome.
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

/// What is proved about the block; null unless [`tern_verify_block`] accepted the proof. It lives
/// as long as the outcome.
///
/// # Safety
///
/// See [`tern_outcome_status`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_block(outcome: *const Outcome) -> *const Block {
    // SAFETY: the caller's contract.
    let block = unsafe { outcome.as_ref() }.and_then(|outcome| outcome.block.as_ref());
    block.map_or(std::ptr::null(), std::ptr::from_ref)
}

/// What is proved about the payload request; null unless [`tern_verify_payload`] accepted the
/// proof. It lives as long as the outcome.
///
/// # Safety
///
/// See [`tern_outcome_status`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_payload(outcome: *const Outcome) -> *const Payload {
    // SAFETY: the caller's contract.
    let payload = unsafe { outcome.as_ref() }.and_then(|outcome| outcome.payload.as_ref());
    payload.map_or(std::ptr::null(), std::ptr::from_ref)
}

/// Version of this library, for people.
#[unsafe(no_mangle)]
pub extern "C" fn tern_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// Version of the proof format that this library reads.
#[unsafe(no_mangle)]
pub extern "C" fn tern_proof_version() -> u32 {
    PROOF_VERSION.into()
}

/// Frees an outcome; null is allowed.
///
/// # Safety
///
/// See [`tern_outcome_status`]; the outcome must not be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tern_outcome_free(outcome: *mut Outcome) {
    if !outcome.is_null() {
        // SAFETY: not null, so it comes from `Box::into_raw` in `hand_over`, and this is its only free.
        drop(unsafe { Box::from_raw(outcome) });
    }
}

/// Why a buffer is refused.
const BAD_BUFFER: &str = "a null pointer with a length, or a length beyond the address space";

/// Runs the verifier; a panic is an outcome as well.
fn guarded(verify: impl FnOnce() -> Outcome) -> Outcome {
    catch_unwind(AssertUnwindSafe(verify)).unwrap_or_else(|_| Outcome::failed(TERN_INTERNAL, "the verifier panicked"))
}

/// Gives the outcome to the caller, if he wants it, and returns its status.
///
/// # Safety
///
/// `outcome` is null or points to a pointer that may be written.
unsafe fn hand_over(result: Outcome, outcome: *mut *mut Outcome) -> c_int {
    let status = result.status;
    if !outcome.is_null() {
        // SAFETY: not null, so the caller lets us write it.
        unsafe { outcome.write(Box::into_raw(Box::new(result))) };
    }
    status
}

/// The caller's bytes; none if they cannot be any.
///
/// # Safety
///
/// `pointer` points to `len` bytes that may be read as long as `pointer` is borrowed, unless it is
/// null or `len` is above `isize::MAX`.
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
