//! What the fuzz targets do with an input. Each function panics if the verifier breaks a promise:
//! it must not panic itself, allocate more than the length of the proof allows, or accept anything
//! but the one proof that it is given.

mod allocation;
mod c_boundary;
pub mod fields;
pub mod forge;
pub mod keys;
mod mutation;
pub mod small;

use std::path::PathBuf;
use std::sync::OnceLock;

use tern_verifier::VerifyingKey;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::package::{self, Refusal, Verified};

pub use allocation::{live_after, peak_during};
pub use c_boundary::c_boundary;
pub use forge::final_proof;
pub use keys::keys;
pub use mutation::{mutate_bytes, mutate_fields};
use small::{Refused, SmallProof};

/// Most bytes that may be live at one time while a proof of `len` bytes is checked: a path for each
/// query where proofs hold a digest once, and the constraint system of a relation.
#[must_use]
pub const fn allocation_bound(len: usize) -> usize {
    16 * len + (8 << 20)
}

/// The key that arbitrary bytes are checked against: that of the block guest.
#[must_use]
pub fn key_file() -> &'static [u8] {
    include_bytes!("../../web/evm-guest.vkey")
}

/// Digest of [`key_file`]'s key, as it stands in headers.
///
/// # Panics
///
/// If that is no key.
#[must_use]
pub fn key_digest() -> [u8; 32] {
    VerifyingKey::from_file(key_file()).expect("the block guest has a key").digest()
}

/// Arbitrary bytes as a proof file, and as the batch proof inside one. Returns why each is rejected.
///
/// # Panics
///
/// If they are accepted, or need too much memory.
pub fn proof_bytes(data: &[u8]) -> [Option<String>; 2] {
    let small = SmallProof::get();
    let refusal = bounded(data.len(), || package::verify(data, key_file(), 0)).err();
    assert!(refusal.is_some(), "a proof about a block");
    let batch = bounded(data.len(), || small.verify(data)).err();
    assert_eq!(batch.is_none(), data == small.bytes, "{batch:?}");
    [refusal.map(|refusal| refusal.reason), batch.map(|refused| format!("{refused:?}"))]
}

/// The small proof with the changes that `data` encodes: of bytes, or of fields. Returns why it is
/// rejected; nothing if `data` changes nothing, or leaves no proof.
///
/// # Panics
///
/// If a changed proof is accepted, the unchanged one is not, or either needs too much memory; and
/// if a proof and its encoding are not judged alike.
pub fn structured(data: &[u8]) -> Option<Refused> {
    let small = SmallProof::get();
    let (level, program) = data.split_first().unwrap_or((&0, &[]));
    if level % 2 == 0 {
        let bytes = mutate_bytes(&small.bytes, program);
        let result = bounded(bytes.len(), || small.verify(&bytes));
        assert_eq!(result.is_ok(), bytes == small.bytes, "{result:?}");
        return result.err();
    }
    let proof = mutate_fields(&small.fields, program)?;
    // Lists may be longer than any of a proof.
    let result = bounded(2 * small.bytes.len(), || small.judge(&proof));
    assert_eq!(result.is_ok(), proof == small.proof, "{result:?}");
    match small.encode(&proof) {
        Ok(bytes) => match small.verify(&bytes) {
            // More digests than all paths together have.
            Err(refused @ Refused::Encoding(BytesError::Count { what: "digests", .. })) => assert!(result.is_err(), "{refused:?}"),
            again => assert_eq!(again, result.map_err(Refused::Proof), "a proof and its encoding"),
        },
        // The numbers of a commitment's digests are not looked at before the arithmetic.
        Err(error) => assert!(matches!(error, Rejected::Shape | Rejected::Heights(_)) && result.is_err(), "{error:?}, {result:?}"),
    }
    result.err().map(Refused::Proof)
}

/// A whole proof file, named by `TERN_FUZZ_PROOF`, with the changes that `data` encodes, against
/// the key file `TERN_FUZZ_KEY`.
///
/// # Panics
///
/// As [`structured`], and if the variables name no accepted proof.
pub fn proof_file(data: &[u8]) -> Option<Refusal> {
    static FILES: OnceLock<(Vec<u8>, Vec<u8>, Verified)> = OnceLock::new();
    let (proof, key, verified) = FILES.get_or_init(|| {
        let read = |name: &str| {
            let path = PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} must name a file")));
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let (proof, key) = (read("TERN_FUZZ_PROOF"), read("TERN_FUZZ_KEY"));
        let verified = package::verify(&proof, &key, 0).expect("the proof to start from is accepted");
        (proof, key, verified)
    });
    let bytes = mutate_bytes(proof, data);
    let result = bounded(bytes.len(), || package::verify(&bytes, key, 0));
    match result {
        Ok(again) => {
            assert!(bytes == *proof, "a second proof file with the outcome {again:?}");
            assert_eq!(again, *verified);
            None
        }
        Err(refusal) => {
            assert!(bytes != *proof, "the proof itself: {refusal:?}");
            Some(refusal)
        }
    }
}

fn bounded<T>(len: usize, verify: impl FnOnce() -> T) -> T {
    let (result, peak) = peak_during(verify);
    assert!(peak <= allocation_bound(len), "{peak} bytes live for a proof of {len}");
    result
}
