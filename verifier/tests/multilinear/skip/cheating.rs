//! Provers that lie and keep to the transcript: the check that is meant to find a lie finds it, and
//! none before it.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_verifier::Reason;
use tern_verifier::multilinear::Claim;
use tern_verifier::multilinear::front::ColumnProof;
use tern_verifier::native::Native;

use super::super::slow_prover::{End, Start};
use super::Case;
use super::cases::{alone, chains, everything, powers};
use super::slow::{Coefficients, HONEST, Lies, lie_in_coefficients, prove};

fn assert_rejected(case: &Case, proof: &ColumnProof<Native>, claim: Claim, what: &str) {
    assert_eq!(case.judge(&case.front(), proof).expect_err(what).reason(), Reason::Multilinear(claim), "{what}");
}

/// Tables that break a constraint, one in each.
fn broken() -> Vec<Case> {
    let mut cases = vec![];
    // The flag of a row, a power, the counted square of a row of a preprocessed table, a public
    // value's row, a row that is not used.
    for (table, cell) in [(0, 4 * 512), (3, 4 * 100 + 2), (7, 300), (8, 1), (0, 4 * 100 + 1)] {
        let mut case = everything(9);
        let cells = &mut case.main[table].values;
        let cell = cell.min(cells.len() - 4);
        cells[cell] += F::from_u32(3);
        cases.push(case);
    }
    let mut case = chains(&[(2, 20), (3, 513)], 10);
    case.main[1].values[3 * 512 + 1] += F::ONE;
    cases.push(case);
    cases
}

#[test]
fn rows_that_break_a_constraint() {
    for (number, case) in broken().iter().enumerate() {
        assert_rejected(case, &prove(case, HONEST), Claim::Skip, &format!("case {number}"));
    }
}

/// The false claim is carried through the skip round by any of its coefficients.
#[test]
fn lies_carried_through_the_skip() {
    let mut case = powers(&[(3, 40)], 9);
    case.main[0].values[2] += F::ONE;
    let count = case.front().shape().skip_coefficients();
    for place in 0..count {
        let (honest, carried) = lie_in_coefficients(&case, Coefficients::Carry(place));
        assert_rejected(&case, &honest, Claim::Skip, "not carried");
        assert_rejected(&case, &carried, Claim::Constraints, &format!("coefficient {place}"));
    }
    let case = chains(&[(2, 40)], 9);
    for place in 0..case.front().shape().skip_coefficients() {
        let (_, wrong) = lie_in_coefficients(&case, Coefficients::Wrong(place));
        assert_rejected(&case, &wrong, Claim::Skip, &format!("coefficient {place}"));
        for other in [(place + 1) % 63, (place + 17) % 63, (place + 32) % 63] {
            let (_, carried) = lie_in_coefficients(&case, Coefficients::WrongAndCarried(place, other));
            assert_rejected(&case, &carried, Claim::Constraints, &format!("coefficients {place} and {other}"));
        }
    }
}

#[test]
fn broken_constraints_carried_through_the_skip() {
    for (number, case) in broken().iter().enumerate() {
        let lies = Lies { coefficients: Coefficients::Carry(12 * number), ..HONEST };
        assert_rejected(case, &prove(case, lies), Claim::Constraints, &format!("case {number}"));
    }
}

#[test]
fn lies_in_the_lookups() {
    let case = everything(9);
    for start in [Start::Layer(1, 0), Start::Layer(6, 2), Start::Layer(12, 1)] {
        let lookup = (start, End::Columns);
        assert_rejected(&case, &prove(&case, Lies { lookup, ..HONEST }), Claim::Skip, &format!("{start:?}"));
        let lies = Lies { lookup, coefficients: Coefficients::Carry(77), ..HONEST };
        assert_rejected(&case, &prove(&case, lies), Claim::Constraints, &format!("{start:?}, carried"));
    }
    // Messages that do not cancel.
    for mut case in [everything(9), alone(30, 9)] {
        let last = case.main.len() - 1;
        case.main[last].values[1] += F::ONE;
        assert_rejected(&case, &prove(&case, HONEST), Claim::Skip, "not carried");
        let lies = Lies { coefficients: Coefficients::Carry(0), ..HONEST };
        assert_rejected(&case, &prove(&case, lies), Claim::Constraints, "carried");
    }
}

#[test]
fn lies_in_later_rounds() {
    let case = chains(&[(2, 600)], 10);
    let shape = case.front().shape().clone();
    for round in 0..shape.rounds() {
        for place in 0..shape.round_degree() {
            let lies = Lies { round: Some((round, place)), ..HONEST };
            assert_rejected(&case, &prove(&case, lies), Claim::Constraints, &format!("round {round}, value {place}"));
        }
    }
}

/// A lie carried into the columns' values passes the front: it is for the opening to find.
#[test]
fn lies_about_columns_are_left_to_the_opening() {
    let case = everything(9);
    let points = 5;
    let lies = [
        HONEST,
        Lies { lookup: (Start::Layer(3, 0), End::Columns), coefficients: Coefficients::Carry(100), ..HONEST },
        Lies { coefficients: Coefficients::WrongAndCarried(3, 155), ..HONEST },
        Lies { round: Some((3, 2)), ..HONEST },
    ];
    for (number, lies) in lies.into_iter().enumerate() {
        let proof = prove(&case, Lies { column: Some(points), ..lies });
        let point = case.judge(&case.front(), &proof).unwrap_or_else(|error| panic!("case {number}: {error}"));
        let honest = case.values_at(&point)[points].0[2];
        assert_eq!(proof.claims[points].main[2] == honest, number == 0, "case {number}");
        assert_eq!(proof.claims[0].main[1], case.values_at(&point)[0].0[1]);
        assert_ne!(honest, EF::ZERO);
    }
}
