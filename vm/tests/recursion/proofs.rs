//! Proofs of circuits.

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_verifier::multilinear::Claim;
use tern_verifier::multilinear::programs::Node;
use tern_verifier::ops::{HashMode, Item, Ops};
use tern_verifier::programs::KeyList;
use tern_verifier::reason::Reason;
use tern_vm::recursion::{CircuitBuilder, NodeCircuit, NodeError, Run, least_shape, run_nodes};
use tern_vm::testing::recursion::{PARAMS, Stated, chain};

#[cfg(feature = "gpu")]
use crate::gpu::Twin;
use crate::multilinear::nodes::{blank_join, common_shape};

/// A circuit that proves to know `x` with the published hash of `x` and its square.
fn run(x: EF, square: EF) -> Run {
    let mut builder = CircuitBuilder::new();
    let digest = squared(&mut builder, x, square);
    builder.publish(&digest);
    builder.finish()
}

fn squared(builder: &mut CircuitBuilder, x: EF, square: EF) -> <CircuitBuilder as Ops>::Digest {
    let x = builder.witness(x);
    let claimed = builder.witness(square);
    let square = builder.mul(&x, &x);
    builder.assert_equal(&square, &claimed, Reason::Multilinear(Claim::Constraints)).expect("never fails");
    builder.hash(HashMode::Plain, &[Item::Ext(x), Item::Ext(square)], 64)
}

#[test]
fn a_circuit_is_proved() {
    let honest = run(EF::TWO, EF::TWO.square());
    let shape = least_shape(&PARAMS, &[honest.counts()]);
    let circuit = NodeCircuit::new(&PARAMS, &shape, &honest).expect("a circuit");
    let verifies = |proof, run: &Run| circuit.relation().verify(circuit.key(), &run.public_digest(), proof).is_ok();
    let proof = circuit.prove(&honest).expect("a proof");
    assert!(verifies(&proof, &honest));
    assert!(circuit.relation().verify(circuit.key(), &[0; 32], &proof).is_err());

    // The circuit does not depend on values.
    let other = run(EF::ZERO, EF::ZERO);
    assert_eq!(least_shape(&PARAMS, &[other.counts()]), shape);
    assert_eq!(NodeCircuit::new(&PARAMS, &shape, &other).expect("a circuit").leaf(), circuit.leaf());
    assert!(!verifies(&proof, &other));
    let proof = circuit.prove(&other).expect("a proof");
    assert!(verifies(&proof, &other));

    let lie = run(EF::TWO, EF::TWO);
    assert!(matches!(circuit.prove(&lie), Err(NodeError::Unsatisfied(_))));
    // The rows' messages balance, so that there are bytes: the equation is what is false.
    let proof = circuit.prove_unchecked(&lie).expect("bytes");
    assert!(!verifies(&proof, &lie));
}

/// Two segments are lifted, their lifts joined, and the join wrapped: the circuits are built from
/// zeros, and each proof's values satisfy the next circuit. A GPU makes the same proofs.
#[test]
fn lifts_are_joined_and_joins_wrapped() {
    let chain = chain();
    let [first, second, ..] = &chain.segments[..] else { panic!("two segments") };
    assert_eq!(first.opening.shape(), second.opening.shape(), "segments of one size");
    let blank = first.with(|lifted| {
        lifted.stated = Stated::blank();
        lifted.values = chain.relation.verifier.zero_values(&lifted.opening, false);
    });
    let blank = chain.in_circuit(&[blank]);
    let shape = common_shape(&PARAMS, &blank, 2);
    let relation = shape.relation(&PARAMS).expect("a usable shape");
    let lift = NodeCircuit::new(&PARAMS, &shape, &blank).expect("a circuit");
    let join = NodeCircuit::new(&PARAMS, &shape, &blank_join(&relation, 2)).expect("a circuit");
    let list = KeyList::new(&[lift.leaf(), join.leaf()]).expect("a list");
    #[cfg(feature = "gpu")]
    let twins = [(&lift, Twin::new(&PARAMS, &shape, &blank)), (&join, Twin::new(&PARAMS, &shape, &blank_join(&relation, 2)))];

    let node = |circuit: &NodeCircuit, stated: &Stated, run: &Run| {
        assert_eq!((run.check(), run.public_digest()), (Ok(()), stated.digest()));
        let proof = circuit.prove(run).expect("a proof");
        #[cfg(feature = "gpu")]
        twins.iter().filter(|(of, _)| of.leaf() == circuit.leaf()).for_each(|(_, twin)| twin.agrees(run, &proof));
        let values = relation.values(circuit.key(), &stated.digest(), &proof).expect("a valid transcript");
        let membership = list.membership(&circuit.leaf()).expect("a listed circuit");
        Node { statement: stated.chain(), key: circuit.key().to_vec(), membership, values }
    };
    let lifted = [first, second].map(|segment| segment.with(|lifted| lifted.stated.list_root = list.root()));
    let children = lifted.each_ref().map(|lifted| {
        let run = chain.in_circuit(core::slice::from_ref(lifted));
        assert!(run.fixed() == blank.fixed(), "the circuit depends on values");
        node(&lift, &lifted.stated, &run)
    });
    let stated = lifted[0].stated.up_to(&lifted[1].stated);
    let joined = node(&join, &stated, &run_nodes(&relation, &children));

    let blank = blank_join(&relation, 1);
    let shape = least_shape(&PARAMS, &[blank.counts()]);
    let wrap = NodeCircuit::new(&PARAMS, &shape, &blank).expect("a circuit");
    let run = run_nodes(&relation, core::slice::from_ref(&joined));
    let proof = wrap.prove(&run).expect("a last proof");
    #[cfg(feature = "gpu")]
    Twin::new(&PARAMS, &shape, &blank).agrees(&run, &proof);
    assert_eq!(wrap.relation().verify(wrap.key(), &stated.digest(), &proof), Ok(()));
    assert!(wrap.relation().verify(wrap.key(), &lifted[0].stated.digest(), &proof).is_err());
    assert!(wrap.relation().verify(join.key(), &stated.digest(), &proof).is_err());

    // The lift has another circuit than it says.
    let [mut child, _] = children;
    child.key.clone_from(&joined.key);
    child.membership = list.membership(&join.leaf()).expect("a listed circuit");
    assert!(run_nodes(&relation, &[child]).check().is_err());
}

/// A circuit that states nothing, or does not fit, is none.
#[test]
fn circuits_state_something_and_fit() {
    let mut builder = CircuitBuilder::new();
    squared(&mut builder, EF::TWO, EF::TWO.square());
    let silent = builder.finish();
    let shape = least_shape(&PARAMS, &[silent.counts()]);
    assert!(matches!(NodeCircuit::new(&PARAMS, &shape, &silent), Err(NodeError::Silent)));

    let honest = run(EF::TWO, EF::TWO.square());
    let least = least_shape(&PARAMS, &[honest.counts()]);
    for place in 0..least.fixed.tables.len() {
        let mut shape = least.clone();
        // Unused tables have no rows.
        if shape.fixed.tables[place].height == 0 {
            continue;
        }
        shape.fixed.tables[place].height -= 1;
        assert!(matches!(NodeCircuit::new(&PARAMS, &shape, &honest), Err(NodeError::Rows { .. })), "table {place}");
    }
    assert!(NodeCircuit::new(&PARAMS, &least, &honest).is_ok());
}
