//! What must be the same for two programs to work on one proof.

use core::fmt;

use serde::{Deserialize, Serialize};
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::programs::SegmentRelation;

use crate::ClusterError;
use crate::message::shown;

/// Of the messages; a change to their form raises it.
const PROTOCOL: u32 = 1;

/// A program's version, and what its proofs prove.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Version of the program.
    pub program: String,
    /// Version of the messages.
    pub protocol: u32,
    /// Digest of what proofs prove: the constraints of segments, and the circuits that combine
    /// their proofs.
    pub relation: String,
}

impl Version {
    /// That of this program.
    ///
    /// # Errors
    ///
    /// If the verifier's record of circuits is unusable: a fault of this program.
    pub fn own() -> Result<Self, ClusterError> {
        let unusable = |error: &dyn fmt::Display| ClusterError::Setup(error.to_string());
        let circuits = Circuits::recorded().map_err(|error| unusable(&error))?;
        let last = circuits.relation().map_err(|error| unusable(&error))?;
        let mut hasher = blake3::Hasher::new_derive_key("Tern cluster version 1");
        hasher.update(&SegmentRelation::seed(&[0; 32]));
        hasher.update(SEGMENT_V2.name.as_bytes());
        hasher.update(&circuits.digest(&last));
        let relation = hex::encode(&hasher.finalize().as_bytes()[..8]);
        Ok(Self { program: env!("CARGO_PKG_VERSION").to_owned(), protocol: PROTOCOL, relation })
    }

    /// What stands for it in the names of queues, which only workers of the same version read.
    #[must_use]
    pub fn token(&self) -> String {
        let hash = blake3::hash(format!("{} {} {}", self.program, self.protocol, self.relation).as_bytes());
        hash.to_hex()[..12].to_owned()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (messages {}, relation {})", shown(&self.program), self.protocol, shown(&self.relation))
    }
}
