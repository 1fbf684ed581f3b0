//! Tampered proofs get an error of their own kind, and never a panic.

#[path = "../../fri/tests/common/mod.rs"]
mod common;
#[path = "../../fri/tests/common/noise.rs"]
mod noise;
#[path = "../../fri/tests/common/tiny.rs"]
mod tiny;

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{AIRS, LOG_HEIGHTS, Proved, prove};
use noise::Noise;
use p3_batch_stark::verify_batch;
use serde_json::Value;
use tern_field::F;
use tern_fri::params::SEGMENT_V1;
use tern_fri::{Params, Proof, RelationShape};
use tern_verifier::{DecodeError, ProofShape, Relation, StructureError, UnusableShape, VerifyError, decode, verify_bytes};
use tiny::TINY;

const SEED: [u8; 32] = [3; 32];

struct Case {
    proved: Proved,
    shape: ProofShape,
    bytes: Vec<u8>,
}

impl Case {
    fn new(params: &Params) -> Self {
        let proved = prove(params, SEED, 17);
        let lookups = &proved.data.common.lookups;
        let relation = RelationShape::from_airs(&["counter", "bytes"], &AIRS, &LOG_HEIGHTS, lookups).expect("the lists match");
        let shape = ProofShape::new(params, relation).expect("the relation is provable");
        let bytes = postcard::to_allocvec(&proved.proof).expect("proofs serialise");
        Self { proved, shape, bytes }
    }

    fn verify(&self, bytes: &[u8]) -> Result<(), VerifyError> {
        let relation = Relation { airs: &AIRS, shape: &self.shape, common: &self.proved.data.common, seed: SEED };
        verify_bytes(&relation, &self.proved.public_values, bytes)
    }

    /// Verifies, and fails the test on a panic.
    fn verify_without_panic(&self, bytes: &[u8], what: &str) -> Result<(), VerifyError> {
        catch_unwind(AssertUnwindSafe(|| self.verify(bytes))).unwrap_or_else(|_| panic!("the verifier panicked on {what}"))
    }

    fn json(&self) -> Value {
        serde_json::to_value(&self.proved.proof).expect("proofs serialise")
    }
}

#[test]
fn honest_proofs_verify_within_the_size_bound() {
    for params in [TINY, SEGMENT_V1] {
        let case = Case::new(&params);
        assert_eq!(case.verify(&case.bytes), Ok(()));
        let limit = case.shape.max_bytes();
        assert!(case.bytes.len() <= limit);
        assert!(limit < 4 * case.bytes.len(), "{limit} for {}", case.bytes.len());
    }
}

#[test]
fn every_changed_byte_is_rejected() {
    let case = Case::new(&TINY);
    let mut noise = Noise(1);
    for position in 0..case.bytes.len() {
        let mut bytes = case.bytes.clone();
        bytes[position] ^= 1 + noise.below(255) as u8;
        let result = case.verify_without_panic(&bytes, &format!("byte {position}"));
        assert!(result.is_err(), "byte {position} of {}", bytes.len());
    }
}

#[test]
fn noise_in_a_proof_is_rejected() {
    let case = Case::new(&TINY);
    let mut noise = Noise(7);
    for round in 0..2_000 {
        let mut bytes = case.bytes.clone();
        for _ in 0..=noise.below(4) {
            let at = noise.below(bytes.len());
            match noise.below(4) {
                0 => bytes[at] = noise.below(256) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, noise.below(256) as u8),
                _ => {
                    let end = bytes.len().min(at + noise.below(64));
                    bytes.drain(at..end);
                }
            }
        }
        if bytes == case.bytes {
            continue;
        }
        let result = case.verify_without_panic(&bytes, &format!("round {round}"));
        assert!(result.is_err(), "round {round}");
    }
}

#[test]
fn truncated_extended_and_foreign_bytes_are_rejected() {
    let case = Case::new(&TINY);
    for len in 0..case.bytes.len() {
        let result = case.verify_without_panic(&case.bytes[..len], &format!("{len} bytes"));
        assert!(matches!(result, Err(VerifyError::Decode(DecodeError::Malformed(_)))));
    }
    let mut longer = case.bytes.clone();
    longer.push(0);
    assert_eq!(case.verify(&longer), Err(DecodeError::TrailingBytes { got: 1 }.into()));
    let limit = case.shape.max_bytes();
    assert_eq!(case.verify(&vec![0xff; limit + 1]), Err(DecodeError::TooLong { limit, got: limit + 1 }.into()));
    // A list that claims 2^63 entries, and nested ones.
    for prefix in [1, 10, 1_000] {
        let result = case.verify_without_panic(&vec![0xff; prefix], "huge lengths");
        assert!(matches!(result, Err(VerifyError::Decode(_))));
    }
}

#[test]
fn a_second_encoding_is_rejected() {
    let case = Case::new(&TINY);
    // The first byte is the number of digests in the first commitment.
    let digests = case.bytes[0];
    assert_eq!(digests, 2);
    let mut bytes = vec![digests | 0x80, 0];
    bytes.extend(&case.bytes[1..]);
    assert_eq!(case.verify(&bytes), Err(DecodeError::NotCanonical.into()));
}

/// Every place in a JSON tree.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_string());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), all);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                places(item, &format!("{at}/{name}"), all);
            }
        }
        _ => {}
    }
}

/// Changes a part of a proof; false where it does not apply.
type Edit = fn(&mut Value) -> bool;

/// What can be done to a list or an optional part: each leaves its content plausible.
const EDITS: [(&str, Edit); 6] = [
    ("drop the last", |value| value.as_array_mut().is_some_and(|list| list.pop().is_some())),
    ("repeat the last", |value| {
        value.as_array_mut().is_some_and(|list| {
            let last = list.last().cloned();
            list.extend(last);
            !list.is_empty()
        })
    }),
    ("double", |value| {
        value.as_array_mut().is_some_and(|list| {
            list.extend(list.clone());
            !list.is_empty()
        })
    }),
    ("empty", |value| {
        value.as_array_mut().is_some_and(|list| {
            let changed = !list.is_empty();
            list.clear();
            changed
        })
    }),
    ("remove", |value| {
        let changed = !value.is_null();
        *value = Value::Null;
        changed
    }),
    ("fill in", |value| {
        let changed = value.is_null();
        *value = Value::Array(vec![]);
        changed
    }),
];

#[test]
fn every_changed_length_is_rejected_for_its_structure() {
    let case = Case::new(&TINY);
    let json = case.json();
    let mut all = Vec::new();
    places(&json, "", &mut all);
    let mut kinds = std::collections::BTreeSet::new();
    let mut rejected = 0;
    for place in &all {
        for (name, edit) in EDITS {
            let mut edited = json.clone();
            let value = edited.pointer_mut(place).expect("the place exists");
            if !edit(value) {
                continue;
            }
            // Fixed-size parts cannot change their length: such an edit is no proof at all.
            let Ok(proof) = serde_json::from_value::<Proof>(edited) else {
                continue;
            };
            let what = format!("{name} at {place}");
            match case.shape.check(&proof) {
                Err(error) => {
                    let kind = format!("{error:?}");
                    kinds.insert(kind.split([' ', '{', '(']).next().unwrap_or("").to_string());
                    rejected += 1;
                }
                Ok(()) => {
                    // Only the digests of shared paths have no length of their own.
                    assert!(place.ends_with("sibling_hashes"), "{what}");
                    let bytes = postcard::to_allocvec(&proof).expect("proofs serialise");
                    let result = case.verify_without_panic(&bytes, &what);
                    assert!(matches!(result, Err(VerifyError::Invalid(_))), "{what}");
                }
            }
        }
    }
    assert!(rejected > 250, "{rejected}");
    let expected = [
        "CommitmentLength",
        "CommitmentPresence",
        "ListLength",
        "LookupWitnessPresence",
        "Matrices",
        "OpeningPresence",
        "OpeningWidth",
        "PathDigests",
        "Queries",
        "QuotientChunks",
        "RowWidth",
        "TerminalPresence",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn exchanged_parts_are_rejected() {
    let case = Case::new(&TINY);
    let json = case.json();
    let mut all = Vec::new();
    places(&json, "", &mut all);
    let mut noise = Noise(11);
    let mut tried = 0;
    while tried < 1_000 {
        let from = &all[noise.below(all.len())];
        let to = &all[noise.below(all.len())];
        let part = json.pointer(from).expect("the place exists").clone();
        let mut edited = json.clone();
        *edited.pointer_mut(to).expect("the place exists") = part;
        if edited == json {
            continue;
        }
        let Ok(proof) = serde_json::from_value::<Proof>(edited) else {
            continue;
        };
        tried += 1;
        let bytes = postcard::to_allocvec(&proof).expect("proofs serialise");
        let what = format!("{from} put at {to}");
        let result = case.verify_without_panic(&bytes, &what);
        assert!(result.is_err(), "{what}");
    }
}

#[test]
fn prover_chosen_heights_are_rejected() {
    let case = Case::new(&TINY);
    for got in [0, 5, 7, 27, 28, 63, 64, usize::MAX] {
        let mut proof = prove(&TINY, SEED, 17).proof;
        proof.degree_bits[0] = got;
        assert_eq!(case.shape.check(&proof), Err(StructureError::Height { table: 0, expected: LOG_HEIGHTS[0], got }));
    }
}

#[test]
fn other_public_values_are_rejected() {
    let case = Case::new(&TINY);
    let relation = Relation { airs: &AIRS, shape: &case.shape, common: &case.proved.data.common, seed: SEED };
    let result = verify_bytes(&relation, &[vec![F::new(18)], vec![]], &case.bytes);
    assert!(matches!(result, Err(VerifyError::Invalid(_))));
    assert_eq!(verify_bytes(&relation, &[vec![], vec![]], &case.bytes), Err(VerifyError::PublicValues { table: 0, expected: 1, got: 0 }));
    let result = verify_bytes(&relation, &[vec![F::new(17)]], &case.bytes);
    assert!(matches!(result, Err(VerifyError::Relation { .. })));
    let other_seed = Relation { seed: [4; 32], ..relation };
    let result = verify_bytes(&other_seed, &case.proved.public_values, &case.bytes);
    assert!(matches!(result, Err(VerifyError::Invalid(_))));
}

#[test]
fn a_decoded_proof_satisfies_the_reference_verifier() {
    let case = Case::new(&SEGMENT_V1);
    let proof = decode(&case.bytes, case.shape.max_bytes()).expect("the bytes are a proof");
    verify_batch(&case.proved.config, &AIRS, &proof, &case.proved.public_values, &case.proved.data.common).expect("the proof holds");
}

#[test]
fn unusable_shapes_are_refused() {
    let case = Case::new(&TINY);
    let relation = case.shape.relation();
    let refused = |params: &Params, relation: RelationShape| ProofShape::new(params, relation).expect_err("no such proof can exist");
    let at = |heights: &[usize]| relation.at_heights(heights).expect("one for each table");
    assert!(matches!(refused(&TINY, at(&[3, 8])), UnusableShape::Height { table: 0, min: 4, .. }));
    assert!(matches!(refused(&TINY, at(&[6, 26])), UnusableShape::Height { table: 1, max: 25, .. }));
    let no_queries = Params { num_queries: 0, ..TINY };
    assert!(matches!(refused(&no_queries, relation.clone()), UnusableShape::Parameter { name: "num_queries", .. }));
    let mut steep = relation.clone();
    steep.tables[1].log_quotient_chunks = 3;
    assert!(matches!(refused(&TINY, steep), UnusableShape::QuotientChunks { table: 1, .. }));
    let none = RelationShape { tables: vec![] };
    assert_eq!(refused(&TINY, none), UnusableShape::NoTables);
}
