//! The final proof: one small proof for any number of segments.
//!
//! ```text
//! proof = "TERN" version:u8 kind:u8 params:u8 key_digest:32 circuits:32 input_root:36 output_len:u32 output statement batch
//! ```
//!
//! `statement` is that of the whole chain, encoded as a segment's ([`crate::segments`]); `batch` is
//! the wrapping circuit's proof in the encoding of [`crate::multilinear::bytes`]. Nothing may
//! follow it.

mod circuits;
mod header;

pub use circuits::{Circuits, RECORD};
pub use header::{Header, KIND_FINAL, PARAMS_FINAL_V2};

use alloc::string::ToString;

use crate::key::VerifyingKey;
use crate::multilinear::programs::NodeRelation;
use crate::native::Native;
use crate::programs::ChainStatement;
use crate::segments::{Chain, Expected, Output, Rejection};
use crate::wire::Reader;

/// Checks that `proof` proves a run of the program `key` that ends as `expected`, and returns what
/// it wrote.
///
/// # Errors
///
/// A [`Rejection`]: what is wrong, with what was expected and what was found.
pub fn verify(proof: &[u8], key: &VerifyingKey, expected: &Expected) -> Result<Output, Rejection> {
    key.check()?;
    let mut reader = Reader::new(proof);
    let header = Header::read(&mut reader)?;
    let fault = |reason| Rejection::Relation { of: "final proofs", reason };
    let circuits = Circuits::recorded().map_err(|error| fault(error.to_string()))?;
    let relation = circuits.relation().map_err(|error| fault(error.to_string()))?;
    check_claim(&header, key, &circuits, &relation, expected)?;
    let proof = relation.verifier.decode(reader.bytes(reader.left())?)?;
    let statement = ChainStatement::of(header.key_digest, &key.bounds, circuits.list.root(), &header.statement);
    relation.verify(&circuits.wrap, &statement.digest(&mut Native), &proof).map_err(Rejection::Final)?;
    Ok(Output { bytes: header.output, exit_code: expected.exit_code, segments: None })
}

/// Checks everything that the header claims against the key, the circuits and the expectations:
/// what is left is whether the proof proves it.
fn check_claim(
    header: &Header,
    key: &VerifyingKey,
    circuits: &Circuits,
    relation: &NodeRelation,
    expected: &Expected,
) -> Result<(), Rejection> {
    let key_digest = key.digest();
    if header.key_digest != key_digest {
        return Err(Rejection::Program { expected: key_digest, got: header.key_digest });
    }
    let known = circuits.digest(relation);
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
