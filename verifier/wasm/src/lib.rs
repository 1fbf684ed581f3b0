//! The standalone verifier as a WebAssembly module: what `index.js` calls.
//!
//! The exports are written by hand, without a binding generator: they are few, and the module has no imports, so it needs nothing of its host.
//! The module owns all memory. The host asks for a buffer, fills it, calls [`tern_verify`] and reads the result:
//!
//! ```text
//! accepted = 0:u32 kind:u32 segments:u32 exit_code:u32 key_digest:32 output
//! rejected = class:u32 reason
//! ```
//!
//! `segments` is 0 for a final proof, which does not tell. Words are little-endian, `reason` is UTF-8, and the last field takes the rest of the bytes.

use std::cell::RefCell;
use std::ptr::{null, null_mut};

use tern_verifier::package::{Bits, Refusal, Verified, security, verify};

/// What host and module exchange. The module has one thread.
#[derive(Default)]
struct Buffers {
    proof: Vec<u8>,
    key: Vec<u8>,
    result: Vec<u8>,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::default();
}

/// A buffer of `len` bytes for the proof; null if there is no memory for it.
#[unsafe(no_mangle)]
pub extern "C" fn tern_proof_buffer(len: usize) -> *mut u8 {
    BUFFERS.with_borrow_mut(|buffers| resize(&mut buffers.proof, len))
}

/// A buffer of `len` bytes for the key file; null if there is no memory for it.
#[unsafe(no_mangle)]
pub extern "C" fn tern_key_buffer(len: usize) -> *mut u8 {
    BUFFERS.with_borrow_mut(|buffers| resize(&mut buffers.key, len))
}

/// Verifies the proof in the buffers and frees them. Returns the length of the result.
#[unsafe(no_mangle)]
pub extern "C" fn tern_verify(exit_code: u32) -> usize {
    BUFFERS.with_borrow_mut(|buffers| {
        let (proof, key) = (std::mem::take(&mut buffers.proof), std::mem::take(&mut buffers.key));
        buffers.result = encode(verify(&proof, &key, exit_code));
        buffers.result.len()
    })
}

/// The result of the last [`tern_verify`]; valid until the next call of any function.
#[unsafe(no_mangle)]
pub extern "C" fn tern_result() -> *const u8 {
    BUFFERS.with_borrow(|buffers| if buffers.result.is_empty() { null() } else { buffers.result.as_ptr() })
}

/// Conjectured bits of security of a kind of proofs; 0 for a kind that there is not. Takes about as long as a verification.
#[unsafe(no_mangle)]
pub extern "C" fn tern_conjectured_bits(kind: u32) -> f64 {
    bits(kind).map_or(0.0, |bits| bits.conjectured)
}

/// Proven bits of security of a kind of proofs; 0 for a kind that there is not. Takes about as long as a verification.
#[unsafe(no_mangle)]
pub extern "C" fn tern_proven_bits(kind: u32) -> f64 {
    bits(kind).map_or(0.0, |bits| bits.proven)
}

fn bits(kind: u32) -> Option<Bits> {
    security(u8::try_from(kind).ok()?)
}

fn resize(buffer: &mut Vec<u8>, len: usize) -> *mut u8 {
    *buffer = Vec::new();
    if buffer.try_reserve_exact(len).is_err() {
        return null_mut();
    }
    buffer.resize(len, 0);
    buffer.as_mut_ptr()
}

fn encode(result: Result<Verified, Refusal>) -> Vec<u8> {
    match result {
        Ok(verified) => {
            let words = [0, u32::from(verified.kind), verified.segments, verified.exit_code].map(u32::to_le_bytes);
            [words.as_flattened(), &verified.key_digest, &verified.output].concat()
        }
        Err(Refusal { class, reason }) => [&(class as u32).to_le_bytes(), reason.as_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_proof_are_rejected_with_class_and_reason() {
        assert!(!tern_proof_buffer(5).is_null());
        assert!(!tern_key_buffer(0).is_null());
        let len = tern_verify(0);
        let result = BUFFERS.with_borrow(|buffers| buffers.result.clone());
        assert_eq!(result.len(), len);
        assert_eq!(result[..4], 1u32.to_le_bytes());
        assert!(std::str::from_utf8(&result[4..]).expect("text").contains("key"));
        assert!(!tern_result().is_null());
    }

    #[test]
    fn an_accepted_proof_is_encoded_as_documented() {
        let verified = Verified { kind: 1, output: b"out".to_vec(), exit_code: 7, segments: 3, key_digest: [9; 32] };
        let bytes = encode(Ok(verified));
        assert_eq!(bytes[..16], [[0, 0, 0, 0], [1, 0, 0, 0], [3, 0, 0, 0], [7, 0, 0, 0]].concat());
        assert_eq!(bytes[16..48], [9; 32]);
        assert_eq!(&bytes[48..], b"out");
    }

    #[test]
    fn every_kind_of_proof_has_its_security() {
        for kind in [1, 2] {
            let (conjectured, proven) = (tern_conjectured_bits(kind), tern_proven_bits(kind));
            println!("kind {kind}: {conjectured:.2} conjectured, {proven:.2} proven");
            assert!((128.0..160.0).contains(&conjectured) && (40.0..=conjectured).contains(&proven), "{conjectured} and {proven}");
        }
        assert_eq!((tern_conjectured_bits(0), tern_proven_bits(258)), (0.0, 0.0));
    }

    #[test]
    fn memory_that_does_not_exist_is_refused() {
        assert!(tern_proof_buffer(usize::MAX).is_null());
    }
}
