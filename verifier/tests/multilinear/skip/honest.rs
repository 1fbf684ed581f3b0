//! Honest proofs are accepted, and what they claim is true.

use tern_verifier::multilinear::front::{ColumnProof, Front};
use tern_verifier::native::Native;

use super::super::airs::TestAir;
use super::Case;
use super::cases::{alone, chains, everything, powers};
use super::slow::{HONEST, prove};

/// Asserts that the claims of an accepted proof are the columns' values.
pub fn assert_accepted(case: &Case, proof: &ColumnProof<Native>) {
    let front = case.front();
    assert!(proof.fits(front.shape()));
    let point = case.judge(&front, proof).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(point.rest.len(), case.statement.log_rows - 5);
    for (table, ((main, fixed), claims)) in case.values_at(&point).iter().zip(&proof.claims).enumerate() {
        assert_eq!((main, fixed), (&claims.main, &claims.preprocessed), "table {table}");
    }
}

#[test]
fn the_slow_provers_proofs() {
    for n in 9..=11 {
        let case = everything(n);
        assert_accepted(&case, &prove(&case, HONEST));
    }
    for case in [alone(30, 9), alone(1023, 10), chains(&[(1, 5)], 9), chains(&[(3, 0), (2, 513), (1, 1000)], 10)] {
        assert_accepted(&case, &prove(&case, HONEST));
    }
}

#[test]
fn constraints_of_every_degree() {
    for degree in 1..=5 {
        let case = powers(&[(degree, 100)], 9);
        assert_accepted(&case, &prove(&case, HONEST));
    }
}

#[test]
fn shapes() {
    let case = everything(10);
    let front = case.front();
    let shape = front.shape();
    assert_eq!((shape.skip_bits, shape.rounds(), shape.degree(), shape.round_degree()), (5, 5, 5, 6));
    assert_eq!((shape.lookup_variables(), shape.skip_coefficients()), (10 + 4, 156));
    let front = Front::with_skip(&[TestAir::Chain { width: 2 }], 9, 0).expect("usable");
    assert_eq!((front.shape().rounds(), front.shape().skip_coefficients()), (4, 63));
    // What an AIR declares of its degree does not count.
    let load = [TestAir::Chip(tern_air::machine::MachineAir::Load(Default::default()))];
    let degree = |front: Result<Front, _>| front.expect("usable").shape().degree();
    assert_eq!((degree(Front::new(&load, 9, 0)), degree(Front::with_skip(&load, 9, 0))), (5, 4));
}
