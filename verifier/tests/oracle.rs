//! The verifier agrees with the reference verifier of `p3-batch-stark` on good proofs and on changed ones.

#[path = "../../fri/tests/common/mod.rs"]
mod common;
#[path = "../../fri/tests/common/noise.rs"]
mod noise;
#[path = "../../fri/tests/common/numbers.rs"]
mod numbers;
#[path = "../../fri/tests/common/tiny.rs"]
mod tiny;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{AIRS, LOG_HEIGHTS, Proved, prove};
use noise::Noise;
use numbers::numbers;
use p3_batch_stark::verify_batch;
use serde_json::Value;
use tern_field::F;
use tern_fri::params::SEGMENT_V1;
use tern_fri::{Params, Proof, RelationShape};
use tern_verifier::{ProofShape, Relation, VerifyError, verify_bytes};
use tiny::TINY;

const SEED: [u8; 32] = [3; 32];

/// No proof of work, no cap, folding by two, a constant last polynomial.
const PLAIN: Params = Params {
    name: "test-plain",
    log_blowup: 3,
    num_queries: 5,
    max_log_arity: 1,
    log_final_poly_len: 0,
    query_pow_bits: 0,
    batch_pow_bits: 0,
    lookup_pow_bits: 0,
    ood_pow_bits: 0,
    commit_pow_bits: 0,
    cap_height: 0,
    ..SEGMENT_V1
};

struct Case {
    proved: Proved,
    shape: ProofShape,
}

impl Case {
    fn new(params: &Params) -> Self {
        let proved = prove(params, SEED, 17);
        let lookups = &proved.data.common.lookups;
        let relation = RelationShape::from_airs(&["counter", "bytes"], &AIRS, &LOG_HEIGHTS, lookups).expect("the lists match");
        let shape = ProofShape::new(params, relation).expect("the relation is provable");
        Self { proved, shape }
    }

    fn verify(&self, proof: &Proof) -> Result<(), VerifyError> {
        let relation = Relation { airs: &AIRS, shape: &self.shape, common: &self.proved.data.common, seed: SEED };
        let bytes = postcard::to_allocvec(proof).expect("proofs serialise");
        verify_bytes(&relation, &self.proved.public_values, &bytes)
    }

    /// The reference's verdict; it may panic on a proof that is not one.
    fn reference_accepts(&self, proof: &Proof) -> bool {
        let Proved { config, data, public_values, .. } = &self.proved;
        catch_unwind(AssertUnwindSafe(|| verify_batch(config, &AIRS, proof, public_values, &data.common).is_ok())).unwrap_or(false)
    }
}

#[test]
fn both_accept_good_proofs() {
    for params in [TINY, PLAIN, SEGMENT_V1] {
        let case = Case::new(&params);
        assert_eq!(case.verify(&case.proved.proof), Ok(()), "{}", params.name);
        assert!(case.reference_accepts(&case.proved.proof), "{}", params.name);
    }
}

#[test]
fn both_agree_on_every_kind_of_changed_value() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut noise = Noise(5);
    let mut tried = 0;
    let mut reasons = BTreeMap::new();
    for params in [TINY, PLAIN] {
        let case = Case::new(&params);
        let json = serde_json::to_value(&case.proved.proof).expect("proofs serialise");
        let mut fields = BTreeMap::new();
        numbers(&json, "", "", &mut fields);
        assert!(fields.len() > 15, "{:?}", fields.keys());
        for (field, places) in &fields {
            for _ in 0..40 {
                let place = &places[noise.below(places.len())];
                let mut edited = json.clone();
                let value = edited.pointer_mut(place).expect("the place exists");
                let byte = value.as_u64().expect("a number") ^ (1 << noise.below(8));
                *value = Value::from(byte);
                let Ok(proof) = serde_json::from_value::<Proof>(edited) else {
                    continue;
                };
                let verdict = case.verify(&proof);
                assert_eq!(verdict.is_ok(), case.reference_accepts(&proof), "{field} at {place}: {verdict:?}");
                tried += 1;
                if let Err(error) = verdict {
                    *reasons.entry(format!("{error:?}").split(['(', '{']).take(4).collect::<String>()).or_insert(0) += 1;
                }
            }
        }
    }
    println!("{tried} proofs: {reasons:#?}");
    assert!(tried >= 1_000, "{tried}");
}

#[test]
fn both_reject_other_public_values() {
    let case = Case::new(&TINY);
    let values = [vec![F::new(18)], vec![]];
    let relation = Relation { airs: &AIRS, shape: &case.shape, common: &case.proved.data.common, seed: SEED };
    let bytes = postcard::to_allocvec(&case.proved.proof).expect("proofs serialise");
    assert!(matches!(verify_bytes(&relation, &values, &bytes), Err(VerifyError::Invalid(_))));
    assert!(verify_batch(&case.proved.config, &AIRS, &case.proved.proof, &values, &case.proved.data.common).is_err());
}
