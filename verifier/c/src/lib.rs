//! The standalone verifier as a C library: `include/tern_verifier.h` is its interface.
//!
//! Every `unsafe` of the verifier's packages is in this file: reading the caller's buffers and writing his result.
//! A panic, which would be a fault of the verifier, becomes [`TERN_INTERNAL`]; none crosses into C.

use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tern_verifier::block::{BlockOutput, ExpectedBlock, Hash, Rules};
use tern_verifier::package::{Class, PROOF_VERSION, Refusal, Verified, verify, verify_block};

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
/// A pointer that must not be null is null, a length is larger than any buffer, or a text names no rules.
pub const TERN_ARGUMENT: c_int = 8;
/// A fault of the library.
pub const TERN_INTERNAL: c_int = 9;
/// A proof that holds, of a program whose output is not about a block.
pub const TERN_NOT_A_BLOCK: c_int = 10;
/// A proof that holds, of the verdict that the block was not shown to be valid.
pub const TERN_INVALID_BLOCK: c_int = 11;
/// A proof that holds, about a block under other rules.
pub const TERN_OTHER_RULES: c_int = 12;
/// A proof that holds, about another block.
pub const TERN_OTHER_BLOCK: c_int = 13;
/// The proof holds, about a block that is executed on another state.
pub const TERN_OTHER_STATE: c_int = 14;

/// This version, with the zero byte that C wants.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The outcome of a verification. C sees an opaque pointer: only the functions below read it.
pub struct Outcome {
    status: c_int,
    /// Empty when the proof is accepted; ends with a zero byte.
    reason: Vec<u8>,
    /// Present when the proof is accepted.
    verified: Option<Verified>,
    /// Present when the proof is accepted as one about a block.
    block: Option<Block>,
}

/// What is proved about a block: `tern_block` of the header.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The verdict: 1, as a proof of the other one is not accepted.
    pub valid: u32,
    /// Name of the known chain with this configuration, ended by zeros; empty if there is none.
    pub chain: [u8; 20],
    /// Keccak-256 of the chain configuration.
    pub chain_config: Hash,
    /// Hash of the block.
    pub block_hash: Hash,
    /// Hash of its parent.
    pub parent_hash: Hash,
    /// State root before the block.
    pub pre_state_root: Hash,
    /// State root after the block.
    pub post_state_root: Hash,
    /// Gas used by the block.
    pub gas_used: u64,
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
    let result = guarded(|| match inputs {
        (Some(proof), Some(key)) => Outcome::new(verify(proof, key, exit_code)),
        _ => Outcome::failed(TERN_ARGUMENT, BAD_BUFFER),
    });
    // SAFETY: the caller's contract.
    unsafe { hand_over(result, outcome) }
}

/// Checks that `proof` proves a block to be valid under `rules`, by a run of the block guest, whose key file is `key`.
///
/// Returns the status. If `outcome` is not null, `*outcome` becomes the outcome, as with [`tern_verify`].
///
/// # Safety
///
/// As for [`tern_verify`]; `rules` is null or ends with a zero byte; `block_hash` is null or points to 32 readable bytes.
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

/// Checks that `proof` proves what the block with this hash makes of the state with the root `pre_state_root` under `rules`: the root of the state after it, and the gas that it uses,
/// both in the outcome's block.
///
/// Returns the status. If `outcome` is not null, `*outcome` becomes the outcome, as with [`tern_verify`].
///
/// # Safety
///
/// As for [`tern_verify_block`]; `pre_state_root` likewise is null or points to 32 readable bytes. Null, of either, is refused.
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

/// Verifies a proof about a block, of which `expected` says more than that it is valid under the rules; none if the caller left something out.
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
/// `outcome` is null or comes from [`tern_verify`] or [`tern_verify_block`] and has not been freed. The same holds for every function below.
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

/// What is proved about the block; null unless [`tern_verify_block`] accepted the proof. It lives as long as the outcome.
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

impl Outcome {
    fn new(result: Result<Verified, Refusal>) -> Self {
        match result {
            Ok(verified) => Self { status: TERN_OK, reason: vec![0], verified: Some(verified), block: None },
            Err(refusal) => Self::failed(status(refusal.class), &refusal.reason),
        }
    }

    fn about_block(result: Result<(Verified, BlockOutput), Refusal>) -> Self {
        match result {
            Ok((verified, block)) => Self { block: Some(Block::new(&block)), ..Self::new(Ok(verified)) },
            Err(refusal) => Self::new(Err(refusal)),
        }
    }

    fn failed(status: c_int, reason: &str) -> Self {
        let reason = reason.bytes().filter(|byte| *byte != 0).chain([0]).collect();
        Self { status, reason, verified: None, block: None }
    }
}

impl Block {
    fn new(block: &BlockOutput) -> Self {
        let mut chain = [0; 20];
        // At least one zero byte is left.
        let name = block.chain().map_or("", |chain| chain.name());
        chain.iter_mut().take(19).zip(name.bytes()).for_each(|(place, byte)| *place = byte);
        let BlockOutput { chain_id, chain_config, block_hash, parent_hash, pre_state_root, post_state_root, gas_used, .. } = *block;
        let valid = block.is_valid().into();
        Self { chain_id, valid, chain, chain_config, block_hash, parent_hash, pre_state_root, post_state_root, gas_used }
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

const fn status(class: Class) -> c_int {
    match class {
        Class::Key => TERN_KEY,
        Class::NotAProof => TERN_NOT_A_PROOF,
        Class::Unsupported => TERN_UNSUPPORTED,
        Class::Malformed => TERN_MALFORMED,
        Class::Program => TERN_PROGRAM,
        Class::ExitCode => TERN_EXIT_CODE,
        Class::False => TERN_FALSE,
        Class::NotABlock => TERN_NOT_A_BLOCK,
        Class::InvalidBlock => TERN_INVALID_BLOCK,
        Class::OtherRules => TERN_OTHER_RULES,
        Class::OtherBlock => TERN_OTHER_BLOCK,
        Class::OtherState => TERN_OTHER_STATE,
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
