//! ere's verifier for Tern: [`tern_verifier`] behind ere's traits, without any code of the prover.

use std::convert::Infallible;

use ere_verifier_core::codec::{Decode, Encode};
use ere_verifier_core::{PublicValues, zkVMVerifier};
use tern_verifier::{Expected, KeyError, Rejection, VerifyingKey};

/// The name of this zkVM.
pub const NAME: &str = "tern";

/// The version of Tern's crates.
pub const SDK_VERSION: &str = tern_verifier::package::VERSION;

/// The verifying key of a program. Its encoding is that of Tern's key files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TernProgramVk(pub VerifyingKey);

/// A proof, of either kind, as Tern's commands write it. Decoding takes any bytes: [`TernVerifier`]
/// judges them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TernProof(pub Vec<u8>);

/// Verifies proofs of runs of one program that end with exit code 0.
#[derive(Clone, Debug)]
pub struct TernVerifier {
    program_vk: TernProgramVk,
}

/// Why a proof, or a key, is rejected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no verifying key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The proof does not hold.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

impl TernVerifier {
    /// A verifier of this program's proofs.
    #[must_use]
    pub const fn new(program_vk: TernProgramVk) -> Self {
        Self { program_vk }
    }
}

impl zkVMVerifier for TernVerifier {
    type ProgramVk = TernProgramVk;
    type Proof = TernProof;
    type Error = Error;

    fn verify(&self, proof: &TernProof) -> Result<PublicValues, Error> {
        let output = tern_verifier::verify(&proof.0, &self.program_vk.0, &Expected { exit_code: 0 })?;
        Ok(output.bytes.into())
    }

    fn program_vk(&self) -> &TernProgramVk {
        &self.program_vk
    }

    fn name(&self) -> &'static str {
        NAME
    }

    fn sdk_version(&self) -> &'static str {
        SDK_VERSION
    }
}

impl Encode for TernProgramVk {
    type Error = Infallible;

    fn encode_to_vec(&self) -> Result<Vec<u8>, Infallible> {
        Ok(self.0.to_file())
    }
}

impl Decode for TernProgramVk {
    type Error = Error;

    fn decode_from_slice(slice: &[u8]) -> Result<Self, Error> {
        Ok(Self(VerifyingKey::from_file(slice)?))
    }
}

impl Encode for TernProof {
    type Error = Infallible;

    fn encode_to_vec(&self) -> Result<Vec<u8>, Infallible> {
        Ok(self.0.clone())
    }
}

impl Decode for TernProof {
    type Error = Infallible;

    fn decode_from_slice(slice: &[u8]) -> Result<Self, Infallible> {
        Ok(Self(slice.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frozen file of Tern's verifier.
    fn vector(name: &str) -> Vec<u8> {
        let path = format!("{}/../../../verifier/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn verifier(key: &str) -> TernVerifier {
        TernVerifier::new(TernProgramVk::decode_from_slice(&vector(key)).expect("a key"))
    }

    #[test]
    fn a_frozen_proof_gives_the_public_values_and_others_a_reason() {
        let verifier = verifier("fibonacci.vkey");
        let proof = TernProof::decode_from_slice(&vector("fibonacci.final")).expect("any bytes");
        assert_eq!(verifier.verify(&proof).expect("an accepted proof").0, vector("fibonacci.output"));
        let other = TernProof(vector("block-mainnet.final"));
        assert!(matches!(verifier.verify(&other), Err(Error::Rejected(Rejection::Program { .. }))));
        let truncated = TernProof(proof.0[..proof.0.len() - 1].to_vec());
        assert!(matches!(verifier.verify(&truncated), Err(Error::Rejected(_))));
    }

    #[test]
    fn keys_and_proofs_have_one_encoding() {
        let key = vector("block.vkey");
        assert_eq!(verifier("block.vkey").program_vk().encode_to_vec(), Ok(key.clone()));
        for wrong in [&key[1..], &[&key[..], &[0]].concat(), &[]] {
            assert!(matches!(TernProgramVk::decode_from_slice(wrong), Err(Error::Key(_))));
        }
        let proof = TernProof::decode_from_slice(&vector("fibonacci.final")).expect("any bytes");
        assert_eq!(proof.encode_to_vec(), Ok(vector("fibonacci.final")));
    }
}
