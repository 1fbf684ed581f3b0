//! Proofs of circuits.

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_fri::params::RECURSION_V1;
use tern_verifier::ops::{HashMode, Item, Ops};
use tern_verifier::reason::Reason;
use tern_vm::recursion::{Circuit, CircuitBuilder, RecursionError, Run};

/// A circuit that proves to know `x` with the published hash of `x` and its square.
fn run(x: EF, square: EF) -> Run {
    let mut builder = CircuitBuilder::new();
    let x = builder.witness(x);
    let claimed = builder.witness(square);
    let square = builder.mul(&x, &x);
    builder.assert_equal(&square, &claimed, Reason::TerminalSum).expect("never fails");
    let digest = builder.hash(HashMode::Plain, &[Item::Ext(x), Item::Ext(square)], 64);
    builder.publish(&digest);
    builder.finish()
}

#[test]
fn a_circuit_is_proved() {
    let honest = run(EF::TWO, EF::TWO.square());
    let circuit = Circuit::new(&RECURSION_V1, honest.counts().smallest_shape(), &honest).expect("a circuit");
    let proof = circuit.prove(&honest).expect("a proof");
    assert_eq!(circuit.verify(&proof, &honest.public_digest()), Ok(()));
    assert!(circuit.verify(&proof, &[0; 32]).is_err());

    // The circuit does not depend on values.
    let other = run(EF::ZERO, EF::ZERO);
    let shape = other.counts().smallest_shape();
    assert_eq!(shape, circuit.shape);
    assert_eq!(Circuit::new(&RECURSION_V1, shape, &other).expect("a circuit").leaf(), circuit.leaf());
    let proof = circuit.prove(&other).expect("a proof");
    assert_eq!(circuit.verify(&proof, &other.public_digest()), Ok(()));

    let lie = run(EF::TWO, EF::TWO);
    assert!(matches!(circuit.prove(&lie), Err(RecursionError::Unsatisfied(_))));
    let proof = circuit.prove_unchecked(&lie).expect("bytes");
    assert!(circuit.verify(&proof, &lie.public_digest()).is_err());
}
