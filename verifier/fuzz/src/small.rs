//! A proof small enough to check thousands of times a second: of the two tables that the tests of `tern-fri` prove.

#[expect(dead_code, reason = "other tests read more of it")]
#[path = "../../../fri/tests/common/mod.rs"]
mod common;
#[path = "../../../fri/tests/common/tiny.rs"]
mod tiny;

use std::sync::OnceLock;

use common::{AIRS, LOG_HEIGHTS, Proved, prove};
use serde_json::Value;
use tern_fri::{Params, RelationShape};
use tern_verifier::{ProofShape, Relation, VerifyError, compact, verify_bytes};

const SEED: [u8; 32] = [3; 32];

/// Public value: where the counter starts.
const START: u32 = 17;

/// Few queries and little proof of work, so that a proof is made and checked quickly; a name of its own, since the committed corpus holds proofs made under it. A change is still accepted only by chance: every value is hashed into
/// the transcript or checked against a commitment, and even a witness for the queries alone that fits must lead to the same three of 2^10 places.
const PARAMS: Params = Params { name: "fuzz-tiny", ..tiny::TINY };

/// The proof with what a verifier needs.
pub struct SmallProof {
    proved: Proved,
    shape: ProofShape,
    /// Its encoding in a segment.
    pub bytes: Vec<u8>,
    /// Its encoding in a final proof.
    pub compact: Vec<u8>,
    /// The same as a tree of fields.
    pub fields: Value,
}

impl SmallProof {
    /// The one proof of this process. The prover is deterministic, so it is the same in every one.
    ///
    /// # Panics
    ///
    /// If the proof cannot be made.
    pub fn get() -> &'static Self {
        static SMALL: OnceLock<SmallProof> = OnceLock::new();
        SMALL.get_or_init(|| {
            let proved = prove(&PARAMS, SEED, START);
            let relation = RelationShape::from_airs(&["counter", "bytes"], &AIRS, &LOG_HEIGHTS, &proved.data.common.lookups);
            let shape = ProofShape::new(&PARAMS, relation.expect("the lists match")).expect("the relation is provable");
            let bytes = postcard::to_allocvec(&proved.proof).expect("proofs serialise");
            let compact = compact::encode(&shape, &proved.proof).expect("the proof has its shape");
            let fields = serde_json::to_value(&proved.proof).expect("proofs serialise");
            Self { proved, shape, bytes, compact, fields }
        })
    }

    /// Checks bytes against the relation.
    ///
    /// # Errors
    ///
    /// Unless they prove it.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), VerifyError> {
        let relation = Relation { airs: &AIRS, shape: &self.shape, common: &self.proved.data.common, seed: SEED };
        verify_bytes(&relation, &self.proved.public_values, bytes)
    }
    /// Checks bytes of the compact encoding against the relation; the reason is the debug output of whichever error there is.
    ///
    /// # Errors
    ///
    /// Unless they prove it.
    ///
    /// # Panics
    ///
    /// If they are a second encoding of a proof.
    pub fn verify_compact(&self, bytes: &[u8]) -> Result<(), String> {
        let proof = compact::decode(&self.shape, bytes).map_err(|error| format!("Compact {error:?}"))?;
        assert_eq!(compact::encode(&self.shape, &proof).as_deref(), Ok(bytes), "a proof has one encoding");
        let bytes = postcard::to_allocvec(&proof).map_err(|error| format!("{error:?}"))?;
        self.verify(&bytes).map_err(|error| format!("{error:?}"))
    }
}
