//! A proof small enough to check thousands of times a second: of the two tables that the tests of `tern-fri` prove.

#[cfg_attr(debug_assertions, expect(dead_code, reason = "other tests read more of it"))]
#[path = "../../../fri/tests/common/mod.rs"]
mod common;
#[path = "../../../fri/tests/common/tiny.rs"]
mod tiny;

use std::sync::OnceLock;

use common::{AIRS, LOG_HEIGHTS, Proved, prove};
#[cfg(not(debug_assertions))]
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};
#[cfg(not(debug_assertions))]
use p3_field::{PrimeCharacteristicRing, PrimeField32};
#[cfg(not(debug_assertions))]
use p3_matrix::dense::RowMajorMatrix;
use serde_json::Value;
#[cfg(not(debug_assertions))]
use tern_field::F;
use tern_fri::{Params, RelationShape};
use tern_verifier::{ProofShape, Relation, VerifyError, compact, verify_bytes};

#[cfg(not(debug_assertions))]
use crate::mutation::Program;

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

    /// The bytes of what the prover makes of false traces: the honest ones with the changes that `program` encodes. Every hash and every proof of work
    /// of it holds. None if nothing is changed: the relation has one witness.
    ///
    /// The prover's own checks, which builds with debug assertions have, would not let it pass.
    ///
    /// # Panics
    ///
    /// If the prover fails.
    #[cfg(not(debug_assertions))]
    #[must_use]
    pub fn prove_falsely(&self, program: &[u8]) -> Option<Vec<u8>> {
        let xs: Vec<F> = (START..).take(1 << LOG_HEIGHTS[0]).map(F::new).collect();
        let mut counts = F::zero_vec(1 << LOG_HEIGHTS[1]);
        xs.iter().for_each(|x| counts[x.as_canonical_u32() as usize] += F::TWO);
        let honest = [xs.iter().flat_map(|x| [*x, x.square()]).collect(), counts];
        let mut traces: [Vec<F>; 2] = honest.clone();
        let mut program = Program(program);
        while !program.0.is_empty() {
            let trace = &mut traces[usize::from(program.byte() % 2)];
            let cell = program.below(trace.len());
            trace[cell] += F::new(u32::from(program.byte()));
        }
        if traces == honest {
            return None;
        }
        let matrices = [2, 1].into_iter().zip(traces).map(|(width, values)| RowMajorMatrix::new(values, width)).collect::<Vec<_>>();
        let instances = AIRS.iter().zip(&matrices).zip(&self.proved.public_values);
        let instances = instances.map(|((air, trace), values)| StarkInstance { air, trace, public_values: values.clone() });
        let instances: Vec<_> = instances.collect();
        let data = ProverData::from_instances(&self.proved.config, &instances).expect("the relation is provable");
        let proof = prove_batch(&self.proved.config, &instances, &data).expect("the prover goes through with it");
        Some(postcard::to_allocvec(&proof).expect("proofs serialise"))
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
