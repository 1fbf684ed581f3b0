//! Every field of a batch proof: one changed value or length in each is rejected.

use std::collections::BTreeMap;

use serde_json::Value;
use tern_fri::Proof;
use tern_verifier::segments::{Expected, Rejection, verify};
use tern_verifier::{DecodeError, StructureError};

use crate::chain::{Chain, chain};
use crate::support::ProofFile;

/// The segment whose proof is changed.
const SEGMENT: u32 = 1;

/// A field of a proof: its path without the positions in lists, and one place for each.
type Fields = BTreeMap<String, String>;

/// Collects the fields below `value` that are numbers, and those that are lists.
fn collect(value: &Value, field: &str, place: &str, numbers: &mut Fields, lists: &mut Fields) {
    match value {
        Value::Number(_) => {
            numbers.insert(field.into(), place.into());
        }
        Value::Array(items) => {
            if !items.is_empty() {
                lists.insert(field.into(), place.into());
            }
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{field}/*"), &format!("{place}/{index}"), numbers, lists);
            }
        }
        Value::Object(items) => {
            for (name, item) in items {
                collect(item, &format!("{field}/{name}"), &format!("{place}/{name}"), numbers, lists);
            }
        }
        _ => {}
    }
}

/// The batch proof of [`SEGMENT`] as a tree, and its fields.
fn fields(chain: &Chain) -> (Value, Fields, Fields) {
    let file = ProofFile::read(&chain.proof);
    let proof: Proof = postcard::from_bytes(file.segments[SEGMENT as usize].proof).expect("a batch proof");
    let tree = serde_json::to_value(&proof).expect("proofs serialise");
    let (mut numbers, mut lists) = (Fields::new(), Fields::new());
    collect(&tree, "", "", &mut numbers, &mut lists);
    (tree, numbers, lists)
}

/// Why the chain is rejected with this tree as the batch proof of [`SEGMENT`]; `None` if the tree is no proof at all.
fn rejection(chain: &Chain, tree: Value) -> Option<Rejection> {
    let proof: Proof = serde_json::from_value(tree).ok()?;
    let proof = postcard::to_allocvec(&proof).expect("proofs serialise");
    let mut file = ProofFile::read(&chain.proof);
    assert_ne!(file.segments[SEGMENT as usize].proof, proof, "nothing has changed");
    file.segments[SEGMENT as usize].proof = &proof;
    Some(verify(&file.counted(), &chain.program.key, &Expected::default()).expect_err("a rejection"))
}

#[test]
fn a_changed_value_in_any_field_is_rejected() {
    let chain = chain();
    let (tree, numbers, _) = fields(chain);
    for (field, place) in &numbers {
        let mut changed = tree.clone();
        let number = changed.pointer_mut(place).expect("the place exists");
        let value = number.as_u64().expect("a number");
        *number = value.checked_sub(1).unwrap_or(1).into();
        let rejection = rejection(chain, changed).unwrap_or_else(|| panic!("{place}: no proof"));
        let expected = match field.as_str() {
            "/degree_bits/*" => matches!(rejection, Rejection::Structure { segment: SEGMENT, error: StructureError::Height { .. } }),
            _ => matches!(rejection, Rejection::Proof { segment: SEGMENT, .. }),
        };
        assert!(expected, "{place}: {rejection}");
    }
    let names: Vec<_> = numbers.keys().map(String::as_str).collect();
    // fields of every part of a proof
    for part in [
        "/commitments/main",
        "/commitments/permutation",
        "/commitments/quotient_chunks",
        "/degree_bits",
        "/lookup_pow_witness",
        "/lookup_terminals",
        "/ood_pow_witness",
        "/opened_values/instances/*/base_opened_values/preprocessed",
        "/opened_values/instances/*/base_opened_values/quotient_chunks",
        "/opened_values/instances/*/base_opened_values/trace_local",
        "/opened_values/instances/*/base_opened_values/trace_next",
        "/opened_values/instances/*/permutation_local",
        "/opened_values/instances/*/permutation_next",
        "/opening_proof",
    ] {
        assert!(names.iter().any(|name| name.starts_with(part)), "{part} is not in {names:#?}");
    }
    println!("{names:#?}");
}

#[test]
fn a_changed_length_in_any_field_is_rejected() {
    let chain = chain();
    let (tree, _, lists) = fields(chain);
    let mut tried = 0;
    for (field, place) in &lists {
        for grow in [false, true] {
            let mut changed = tree.clone();
            let list = changed.pointer_mut(place).and_then(Value::as_array_mut).expect("a list");
            let last = list.pop().expect("an entry");
            if grow {
                list.extend([last.clone(), last]);
            }
            // parts of fixed size cannot change their length
            let Some(rejection) = rejection(chain, changed) else { continue };
            tried += 1;
            let expected = match &rejection {
                Rejection::Structure { segment: SEGMENT, .. } => true,
                // only the digests that paths do not share have no length of their own
                Rejection::Proof { segment: SEGMENT, .. } => field.ends_with("sibling_hashes"),
                Rejection::Decode { segment: SEGMENT, error: DecodeError::TooLong { .. } } => grow,
                _ => false,
            };
            assert!(expected, "{place}, longer: {grow}: {rejection}");
        }
    }
    assert!(tried > 30, "{tried}");
}
