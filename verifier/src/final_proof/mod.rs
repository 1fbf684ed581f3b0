//! The final proof: one small proof for any number of segments.
//!
//! ```text
//! proof = "TERN" version:u8 kind:u8 params:u8 key_digest:32 circuits:32 input_root:36 output_len:u32 output statement batch
//! ```
//!
//! `statement` is that of the whole chain, encoded as a segment's ([`crate::segments`]); `batch` is the wrapping circuit's proof in the encoding of
//! [`crate::compact`]. Nothing may follow it.

mod circuits;
mod header;

pub use circuits::{Circuits, RECORD};
pub use header::{Header, KIND_FINAL, PARAMS_FINAL_V1};

use alloc::string::ToString;
use tern_air::recursion::WRAP_SHAPE;
use tern_fri::params::FINAL_V1;

use crate::compact;
use crate::key::VerifyingKey;
use crate::native::Native;
use crate::programs::{ChainStatement, RecursionRelation};
use crate::segments::{Chain, Expected, Output, Rejection};
use crate::stark::Invalid;
use crate::wire::Reader;

/// Checks that `proof` proves a run of the program `key` that ends as `expected`, and returns what it wrote.
///
/// # Errors
///
/// A [`Rejection`]: what is wrong, with what was expected and what was found.
pub fn verify(proof: &[u8], key: &VerifyingKey, expected: &Expected) -> Result<Output, Rejection> {
    key.check()?;
    let mut reader = Reader::new(proof);
    let header = Header::read(&mut reader)?;
    let fault = |reason| Rejection::Relation { shape: "wrap", reason };
    let circuits = Circuits::recorded().ok_or_else(|| fault("the record of circuits is too short".to_string()))?;
    check_claim(&header, key, &circuits, expected)?;
    let relation = RecursionRelation::new(&FINAL_V1, &WRAP_SHAPE).map_err(|error| fault(error.to_string()))?;
    let expected_digests = relation.stark.shape().preprocessed_digests();
    if circuits.wrap.len() != expected_digests {
        return Err(fault("the recorded commitment has another length".to_string()));
    }
    let proof = compact::decode(relation.stark.shape(), reader.bytes(reader.left())?)?;
    let statement = ChainStatement::of(header.key_digest, &key.bounds, circuits.list.root(), &header.statement);
    let digest = statement.digest(&mut Native);
    let public_values = RecursionRelation::public_values(&mut Native, &digest);
    let (proof, challenges) = relation.stark.expand(circuits.wrap, &relation.seed, &public_values, &proof).map_err(Rejection::Final)?;
    let checked = relation.stark.check(&mut Native, circuits.wrap, &public_values, &proof, &challenges);
    checked.map_err(|failure| Rejection::Final(Invalid::Claim(failure)))?;
    Ok(Output { bytes: header.output, exit_code: expected.exit_code, segments: None })
}

/// Checks everything that the header claims against the key, the circuits and the expectations: what is left is whether the proof proves it.
fn check_claim(header: &Header, key: &VerifyingKey, circuits: &Circuits, expected: &Expected) -> Result<(), Rejection> {
    let key_digest = key.digest();
    if header.key_digest != key_digest {
        return Err(Rejection::Program { expected: key_digest, got: header.key_digest });
    }
    let known = circuits.digest(&WRAP_SHAPE);
    if header.circuits != known {
        return Err(Rejection::Circuits { expected: known, got: header.circuits });
    }
    let mut chain = Chain::new(key, &header.input_root);
    chain.link(0, &header.statement)?;
    let halt = chain.finish(1)?;
    if halt.exit_code != expected.exit_code {
        return Err(Rejection::ExitCode { expected: expected.exit_code, got: halt.exit_code });
    }
    let digest = *blake3::hash(&header.output).as_bytes();
    if digest != halt.output_digest {
        return Err(Rejection::Output { expected: halt.output_digest, got: digest });
    }
    Ok(())
}
