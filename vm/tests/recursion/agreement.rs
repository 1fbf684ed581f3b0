//! One verdict from three verifiers: `p3-batch-stark`'s, the native one, and the one in a circuit.

#[path = "../../../fri/tests/common/mod.rs"]
mod common;
#[path = "../../../fri/tests/common/noise.rs"]
mod noise;
#[path = "../../../fri/tests/common/numbers.rs"]
mod numbers;
#[path = "../../../fri/tests/common/tiny.rs"]
mod tiny;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{AIRS, LOG_HEIGHTS, Proved, prove};
use noise::Noise;
use numbers::numbers;
use p3_batch_stark::verify_batch;
use serde_json::Value;
use tern_field::EF;
use tern_fri::hash::Digest;
use tern_fri::{Proof, RelationShape};
use tern_verifier::native::Native;
use tern_verifier::ops::Ops;
use tern_verifier::{ProofShape, StarkVerifier};
use tiny::TINY;

use crate::determined::{UNASSERTED, UNTIED};
use crate::weak::{Weak, Weakness};

const SEED: Digest = [3; 32];

/// Proofs that are changed.
const CHANGED: usize = 1_000;
/// Proofs that are changed for each weak builder.
const CHANGED_FOR_WEAK: usize = 100;

struct Case {
    proved: Proved,
    verifier: StarkVerifier,
    preprocessed: Vec<Digest>,
    public_values: Vec<Vec<EF>>,
}

/// How the verifier in a circuit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InCircuit {
    /// The witness satisfies the circuit.
    Satisfied,
    /// There is no witness: the proof has not the parts that the queries ask for.
    NoWitness,
    /// An assertion is false.
    Unsatisfied,
}

impl Case {
    fn new() -> Self {
        let proved = prove(&TINY, SEED, 17);
        let common = &proved.data.common;
        let relation = RelationShape::from_airs(&["counter", "bytes"], &AIRS, &LOG_HEIGHTS, &common.lookups).expect("the lists match");
        let shape = ProofShape::new(&TINY, relation).expect("the relation is provable");
        let verifier = StarkVerifier::new(&AIRS, &common.lookups, &shape).expect("the tables can be verified");
        let preprocessed = common.preprocessed.as_ref().expect("a table has preprocessed columns").commitment.roots().to_vec();
        let values = |values: &Vec<tern_field::F>| values.iter().map(|value| EF::from(*value)).collect();
        let public_values = proved.public_values.iter().map(values).collect();
        Self { verifier, preprocessed, public_values, proved }
    }

    /// The reference's verdict; it may panic on a proof that is not one.
    fn reference(&self, proof: &Proof) -> bool {
        let Proved { config, data, public_values, .. } = &self.proved;
        catch_unwind(AssertUnwindSafe(|| verify_batch(config, &AIRS, proof, public_values, &data.common).is_ok())).unwrap_or(false)
    }

    fn native(&self, proof: &Proof) -> bool {
        let Self { verifier, preprocessed, public_values, .. } = self;
        verifier.shape().check(proof).is_ok()
            && verifier
                .expand(preprocessed, &SEED, public_values, proof)
                .is_ok_and(|(proof, challenges)| verifier.check(&mut Native, preprocessed, public_values, &proof, &challenges).is_ok())
    }

    fn in_circuit(&self, proof: &Proof) -> InCircuit {
        self.in_weak_circuit(proof, None)
    }

    /// In a circuit of a builder with a weakness.
    fn in_weak_circuit(&self, proof: &Proof, weakness: Option<Weakness>) -> InCircuit {
        let Self { verifier, preprocessed, public_values, .. } = self;
        if verifier.shape().check(proof).is_err() {
            return InCircuit::NoWitness;
        }
        let Ok((proof, _)) = verifier.expand(preprocessed, &SEED, public_values, proof) else { return InCircuit::NoWitness };
        let mut builder = Weak::new(weakness);
        let preprocessed: Vec<_> = preprocessed.iter().map(|digest| builder.constant_digest(*digest)).collect();
        let seed = builder.constant_digest(SEED);
        let public_values: Vec<Vec<_>> =
            public_values.iter().map(|values| values.iter().map(|value| builder.free(*value)).collect()).collect();
        let proof = proof.import(&mut builder);
        let Ok(()) = verifier.verify(&mut builder, &preprocessed, &seed, &public_values, &proof);
        if builder.finish().check().is_ok() { InCircuit::Satisfied } else { InCircuit::Unsatisfied }
    }
}

/// One bit of one byte changed somewhere in a field, until a proof comes of it.
fn change(json: &Value, places: &[String], noise: &mut Noise) -> Proof {
    loop {
        let mut edited = json.clone();
        let value = edited.pointer_mut(&places[noise.below(places.len())]).expect("the place exists");
        *value = Value::from(value.as_u64().expect("a number") ^ (1 << noise.below(8)));
        if let Ok(proof) = serde_json::from_value(edited) {
            return proof;
        }
    }
}

#[test]
fn all_three_accept_the_proof() {
    let case = Case::new();
    let proof = &case.proved.proof;
    assert!(case.reference(proof) && case.native(proof));
    assert_eq!(case.in_circuit(proof), InCircuit::Satisfied);
}

#[test]
fn all_three_agree_on_changed_proofs() {
    std::panic::set_hook(Box::new(|_| {}));
    let case = Case::new();
    let json = serde_json::to_value(&case.proved.proof).expect("proofs serialise");
    let mut fields = BTreeMap::new();
    numbers(&json, "", "", &mut fields);
    assert!(fields.len() > 15, "{:?}", fields.keys());
    let mut noise = Noise(11);
    let mut ends: BTreeMap<(&str, bool, String), usize> = BTreeMap::new();
    for (field, places) in fields.iter().cycle().take(CHANGED) {
        let proof = change(&json, places, &mut noise);
        let (reference, native, circuit) = (case.reference(&proof), case.native(&proof), case.in_circuit(&proof));
        assert_eq!(reference, native, "{field}");
        assert_eq!(native, circuit == InCircuit::Satisfied, "{field}: {circuit:?}");
        *ends.entry((field.rsplit('.').next().unwrap_or(""), native, format!("{circuit:?}"))).or_default() += 1;
    }
    println!("{ends:#?}");
    // The circuit decided many of them by itself.
    let unsatisfied: usize = ends.iter().filter(|((_, _, end), _)| end == "Unsatisfied").map(|(_, count)| count).sum();
    assert!(unsatisfied > CHANGED / 10, "{unsatisfied}");
}

/// Circuits of weak builders accept the honest proof, and where a value is untied they tell changed proofs apart as the right ones do: such faults are found where determinedness is checked, and not here.
#[test]
fn agreement_does_not_see_what_is_untied() {
    let case = Case::new();
    let json = serde_json::to_value(&case.proved.proof).expect("proofs serialise");
    let mut fields = BTreeMap::new();
    numbers(&json, "", "", &mut fields);
    let mut noise = Noise(12);
    let changed: Vec<Proof> = fields.values().cycle().take(CHANGED_FOR_WEAK).map(|places| change(&json, places, &mut noise)).collect();
    let index_bits = TINY.log_blowup + LOG_HEIGHTS.iter().max().expect("tables");
    let of_tiny = |weakness: &Weakness| match weakness {
        Weakness::FreeIndexBits(_) => Weakness::FreeIndexBits(index_bits),
        Weakness::FreeWorkBits(_) => Weakness::FreeWorkBits(index_bits),
        other => *other,
    };
    let seen = |weakness: &Weakness| {
        let weakness = of_tiny(weakness);
        assert_eq!(case.in_weak_circuit(&case.proved.proof, Some(weakness)), InCircuit::Satisfied, "{weakness:?}");
        let accepts = |proof: &Proof| case.in_weak_circuit(proof, Some(weakness)) == InCircuit::Satisfied;
        let wrong = changed.iter().filter(|proof| case.native(proof) != accepts(proof)).count();
        println!("{weakness:?}: {wrong} of {CHANGED_FOR_WEAK} changed proofs");
        wrong > 0
    };
    let [untied, unasserted] = [&UNTIED[..], &UNASSERTED[..]].map(|weak| weak.iter().filter(|weakness| seen(weakness)).count());
    println!("seen: {untied} of {} untied, {unasserted} of {} unasserted", UNTIED.len(), UNASSERTED.len());
    assert!(untied < UNTIED.len() / 2, "{untied}");
}
