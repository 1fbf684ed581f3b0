//! Provers that lie and keep to the transcript: the check that is meant to find a lie finds it, and
//! none before it.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_verifier::Reason;
use tern_verifier::multilinear::Claim;
use tern_verifier::multilinear::front::Front;

use super::honest::{alone, chains, everything, least_with_lookups, powers};
use super::oracle::{Statement, assert_accepted};
use super::slow_prover::{End, Start, prove};

/// Asserts that both verifiers reject, ours with this claim, although all openings are taken as they are.
fn assert_rejected(statement: &Statement, proof: &super::oracle::Proof, claim: Claim, what: &str) {
    let verdicts = statement.judge(proof, true);
    assert!(verdicts.p3.is_err(), "{what}: p3-multi-stark accepts");
    assert_eq!(verdicts.ours.expect_err(what).reason(), Reason::Multilinear(claim), "{what}");
}

#[test]
fn the_slow_prover_agrees() {
    let with_lookups = least_with_lookups();
    for (statement, traces) in [everything(with_lookups), alone(with_lookups), powers(&[5, 2], with_lookups), chains(&[3, 1], 3)] {
        let (slow, fast) = (prove(&statement, &traces, Start::Tables, End::Columns), statement.prove(&traces));
        assert_eq!(slow.p3.commitment, fast.p3.commitment);
        assert_eq!(slow.p3.lookup, fast.p3.lookup);
        assert_eq!(slow.p3.sumcheck.claimed_sum, fast.p3.sumcheck.claimed_sum);
        assert_eq!(slow.p3.sumcheck.round_polys, fast.p3.sumcheck.round_polys);
        assert_eq!(slow.p3.opening.values, fast.p3.opening.values);
        assert_accepted(&statement, &traces, &slow);
    }
}

/// `p3-multi-stark` proves lookups from 16 rows or so on, but verifies them for any.
#[test]
fn few_rows() {
    for log_rows in 1..=3 {
        let mut cases = vec![chains(&[2, 1], 3)];
        if log_rows >= 2 {
            cases.push(alone(log_rows));
            cases.push(powers(&[1], log_rows));
        }
        if log_rows >= 3 {
            cases.push(everything(log_rows));
        }
        for (statement, traces) in cases {
            assert_accepted(&statement, &traces, &prove(&statement, &traces, Start::Tables, End::Columns));
        }
    }
}

#[test]
fn lies_in_the_lookups_are_found_where_they_end() {
    let (statement, traces) = everything(3);
    let layers = Front::new(&statement.airs, 3, 0).expect("usable").shape().lookup_variables();
    for from in 1..layers {
        let start = Start::Layer(from, from % 3);
        for to in from..layers {
            let proof = prove(&statement, &traces, start, End::Layer(to));
            assert_rejected(&statement, &proof, Claim::LookupLayer { layer: to }, &format!("{from} to {to}"));
        }
        let proof = prove(&statement, &traces, start, End::Columns);
        assert_rejected(&statement, &proof, Claim::Constraints, &format!("{from} to the columns"));
    }
}

#[test]
fn messages_that_do_not_cancel() {
    let (statement, mut traces) = everything(3);
    // A point that nobody sent.
    traces[2].values[2] = F::TWO;
    let layers = Front::new(&statement.airs, 3, 0).expect("usable").shape().lookup_variables();
    for to in 0..layers {
        let proof = prove(&statement, &traces, Start::Tables, End::Layer(to));
        assert_rejected(&statement, &proof, Claim::LookupLayer { layer: to }, &format!("to {to}"));
    }
    let proof = prove(&statement, &traces, Start::Tables, End::Columns);
    assert_rejected(&statement, &proof, Claim::Constraints, "to the columns");
}

#[test]
fn rows_that_break_a_constraint() {
    // The flag of a row, the power in one, a row that is not used, and a square that is counted.
    for (table, cell) in [(0, 12), (0, 14), (1, 62), (3, 0), (5, 0), (6, 12)] {
        let (statement, mut traces) = everything(4);
        traces[table].values[cell] = F::from_u32(3);
        let proof = prove(&statement, &traces, Start::Tables, End::Columns);
        assert_rejected(&statement, &proof, Claim::Constraints, &format!("table {table}, cell {cell}"));
    }
    let (statement, mut traces) = chains(&[2, 3], 3);
    traces[1].values[23] = F::ONE;
    assert_rejected(&statement, &statement.prove(&traces), Claim::Constraints, "p3-multi-stark's own proof");
}

#[test]
fn lies_in_the_zerocheck() {
    let (statement, traces) = everything(3);
    let shape = Front::new(&statement.airs, 3, 0).expect("usable").shape().clone();
    for round in 0..shape.rounds() {
        for place in 0..shape.round_degree() {
            let proof = prove(&statement, &traces, Start::Round(round, place), End::Columns);
            assert_rejected(&statement, &proof, Claim::Constraints, &format!("round {round}, value {place}"));
        }
    }
}

/// A lie carried into the columns' values passes the front: it is for the opening to find, and
/// there it is found.
#[test]
fn lies_about_columns_are_left_to_the_opening() {
    let (statement, traces) = everything(3);
    let points = 2;
    for start in [Start::Tables, Start::Layer(1, 0), Start::Layer(6, 2), Start::Round(0, 1), Start::Round(6, 5)] {
        let proof = prove(&statement, &traces, start, End::Never(points));
        let verdicts = statement.judge(&proof, true);
        assert!(verdicts.p3.is_ok() && verdicts.ours.is_ok(), "{start:?}: {verdicts:?}");
        let honest = prove(&statement, &traces, start, End::Columns);
        let count = |proof: &super::oracle::Proof| -> EF { proof.p3.opening.values[points].current()[2] };
        assert_eq!(count(&proof) == count(&honest), start == Start::Tables);
        assert_eq!(statement.judge(&proof, false).p3.is_ok(), start == Start::Tables);
    }
}
