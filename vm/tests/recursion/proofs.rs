//! Proofs of circuits.

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_fri::multilinear::Params;
use tern_fri::multilinear::params::RECURSION_V2;
use tern_verifier::multilinear::Claim;
use tern_verifier::ops::{HashMode, Item, Ops};
use tern_verifier::reason::Reason;
use tern_vm::recursion::{CircuitBuilder, NodeCircuit, NodeError, Run, least_shape};

/// Few queries and little work: what is tested here is not the proof system.
pub const PARAMS: Params = Params {
    name: "test-small-v2",
    num_queries: 3,
    cap_height: 1,
    lookup_pow_bits: 5,
    column_pow_bits: 1,
    row_pow_bits: 1,
    query_pow_bits: 5,
    ..RECURSION_V2
};

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
