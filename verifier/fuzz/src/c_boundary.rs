//! The C library, called as C would call it: buffers anywhere in memory, empty, overlapping, with
//! impossible lengths, and any of the pointers null that may be.

use std::ffi::{CStr, c_int};
use std::ptr::{null, null_mut};

use tern_verifier::block::ExpectedPayload;
use tern_verifier::package::{self, Refusal, Verified};
use tern_verifier_c::{
    Outcome, TERN_ARGUMENT, TERN_OK, tern_outcome_free, tern_outcome_kind, tern_outcome_output, tern_outcome_program, tern_outcome_reason,
    tern_outcome_status, tern_verify, tern_verify_payload,
};

use crate::forge::{KEY, PROOF};
use crate::live_after;
use crate::mutation::{Program, mutate_bytes};

/// What a call is given.
struct Arguments {
    proof: Buffer,
    key: Buffer,
    exit_code: u32,
    /// Null, or where the outcome goes.
    outcome: *mut *mut Outcome,
}

/// A pointer and a length as C gives them.
#[derive(Clone, Copy, Debug)]
struct Buffer {
    pointer: *const u8,
    len: usize,
}

/// What is decided of a proof, a key and an exit code.
type Decision = fn(&[u8], &[u8], u32) -> Result<Verified, Refusal>;

/// A function of the library, and what it has to decide.
struct Call {
    /// Calls it.
    ///
    /// # Safety
    ///
    /// The arguments' pointers fulfil the function's contract.
    call: unsafe fn(&Arguments) -> c_int,
    /// The same through the crate, for arguments that are byte strings.
    expected: Decision,
}

/// Every function that verifies. A new one is a new entry.
const CALLS: &[Call] = &[
    Call {
        // SAFETY: the caller's.
        call: |a| unsafe { tern_verify(a.proof.pointer, a.proof.len, a.key.pointer, a.key.len, a.exit_code, a.outcome) },
        expected: package::verify,
    },
    Call {
        // SAFETY: the caller's; null is allowed for all that is expected.
        call: |a| unsafe { tern_verify_payload(a.proof.pointer, a.proof.len, a.key.pointer, a.key.len, null(), null(), null(), a.outcome) },
        expected: |proof, key, _| package::verify_payload(proof, key, &ExpectedPayload::any_valid()).map(|(verified, _)| verified),
    },
];

/// A block of memory from which buffers are cut: proof and key with the changes that `data`
/// encodes, and zeros.
struct Arena {
    bytes: Vec<u8>,
    proof: std::ops::Range<usize>,
    key: std::ops::Range<usize>,
}

impl Arena {
    fn new(program: &mut Program<'_>) -> Self {
        let changes = program.byte();
        let (proof_changes, rest) = program.0.split_at(program.0.len().min(usize::from(changes >> 4)));
        let (key_changes, rest) = rest.split_at(rest.len().min(usize::from(changes & 15)));
        program.0 = rest;
        // Neither starts at a multiple of anything.
        let mut bytes = vec![0; 1 + usize::from(program.byte() % 16)];
        let start = bytes.len();
        bytes.extend(mutate_bytes(PROOF, proof_changes));
        let proof = start..bytes.len();
        bytes.resize(bytes.len() + usize::from(program.byte() % 16), 0);
        let start = bytes.len();
        bytes.extend(mutate_bytes(KEY, key_changes));
        let key = start..bytes.len();
        bytes.resize(bytes.len() + 64, 0);
        Self { bytes, proof, key }
    }

    /// A buffer: the whole that is meant, some part of the arena, nothing, or what no buffer is.
    /// Beside it, the bytes if there are any.
    fn cut(&self, whole: &std::ops::Range<usize>, program: &mut Program<'_>) -> (Buffer, Option<std::ops::Range<usize>>) {
        let at = |range: std::ops::Range<usize>| {
            let bytes = &self.bytes[range.clone()];
            (Buffer { pointer: bytes.as_ptr(), len: bytes.len() }, Some(range))
        };
        match program.byte() % 8 {
            0..=2 => at(whole.clone()),
            3 => {
                let start = program.below(self.bytes.len() + 1);
                let len = program.below(self.bytes.len() - start + 1);
                at(start..start + len)
            }
            4 => {
                let start = whole.start.saturating_sub(program.below(8));
                at(start..whole.end)
            }
            5 => (Buffer { pointer: null(), len: 0 }, Some(0..0)),
            6 => (Buffer { pointer: null(), len: 1 + program.below(1 << 20) }, None),
            _ => (Buffer { pointer: self.bytes.as_ptr(), len: usize::MAX - program.below(1 << 20) }, None),
        }
    }
}

/// One call of each function with the arguments that `data` encodes. Returns the statuses.
///
/// # Panics
///
/// If a status or an outcome is not what the crate says about the same bytes, if a buffer is
/// written, or if memory is lost.
pub fn c_boundary(data: &[u8]) -> Vec<c_int> {
    let mut program = Program(data);
    let arena = Arena::new(&mut program);
    let before = arena.bytes.clone();
    let (proof, proof_bytes) = arena.cut(&arena.proof, &mut program);
    let (key, key_bytes) = arena.cut(&arena.key, &mut program);
    let exit_code = if program.byte() % 4 == 3 { u32::from(program.byte()) } else { 0 };
    let wants_outcome = program.byte() % 4 != 3;
    let bytes = proof_bytes.zip(key_bytes).map(|(proof, key)| (&arena.bytes[proof], &arena.bytes[key]));
    let statuses = CALLS.iter().map(|function| {
        let expected = bytes.map(|(proof, key)| (function.expected)(proof, key, exit_code));
        let (status, lost) = live_after(|| call(function, proof, key, exit_code, wants_outcome, expected.as_ref()));
        assert_eq!(lost, 0, "bytes that are not freed");
        status
    });
    let statuses = statuses.collect();
    assert!(arena.bytes == before, "the library has written its input");
    statuses
}

fn call(
    function: &Call,
    proof: Buffer,
    key: Buffer,
    exit_code: u32,
    wants_outcome: bool,
    expected: Option<&Result<Verified, Refusal>>,
) -> c_int {
    let mut outcome: *mut Outcome = null_mut();
    let place = if wants_outcome { &raw mut outcome } else { null_mut() };
    let arguments = Arguments { proof, key, exit_code, outcome: place };
    // SAFETY: each buffer lies in the arena, or is null or longer than any, which the library
    // refuses; the outcome's place is null or ours.
    let status = unsafe { (function.call)(&arguments) };
    let expected_status = match expected {
        None => TERN_ARGUMENT,
        Some(Ok(_)) => TERN_OK,
        Some(Err(refusal)) => c_int::from(refusal.class as u8),
    };
    assert_eq!(status, expected_status, "{expected:?}");
    assert_eq!(outcome.is_null(), !wants_outcome);
    check_outcome(outcome, status, wants_outcome, expected.and_then(|result| result.as_ref().ok()));
    // SAFETY: null, or the library's and not freed before.
    unsafe { tern_outcome_free(outcome) };
    status
}

/// Every function that reads an outcome, be it null.
fn check_outcome(outcome: *const Outcome, status: c_int, is_given: bool, verified: Option<&Verified>) {
    let verified = verified.filter(|_| is_given);
    let mut len = usize::MAX;
    // SAFETY: null, or the library's and not freed; the length's place is null or ours.
    let (shown, reason, output, program, kind) = unsafe {
        let _ = tern_outcome_output(outcome, null_mut());
        (
            tern_outcome_status(outcome),
            CStr::from_ptr(tern_outcome_reason(outcome)),
            tern_outcome_output(outcome, &raw mut len),
            tern_outcome_program(outcome),
            tern_outcome_kind(outcome),
        )
    };
    assert_eq!(shown, if is_given { status } else { TERN_ARGUMENT });
    assert_eq!(reason.is_empty(), status == TERN_OK || !is_given, "{reason:?}");
    assert!(reason.to_str().is_ok());
    assert_eq!(kind, verified.map_or(0, |verified| u32::from(verified.kind)));
    assert_eq!(len, verified.map_or(0, |verified| verified.output.len()));
    assert_eq!((output.is_null(), program.is_null()), (verified.is_none(), verified.is_none()));
    if let Some(verified) = verified {
        // SAFETY: the library gives `len` and 32 bytes that live as long as the outcome.
        let (output, program) = unsafe { (std::slice::from_raw_parts(output, len), std::slice::from_raw_parts(program, 32)) };
        assert_eq!((output, program), (verified.output.as_slice(), verified.key_digest.as_slice()));
    }
}
