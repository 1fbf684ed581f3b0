//! Honest proofs are accepted, whatever the heights of main and of fixed columns.

use tern_fri::multilinear::opening::CommitError;
use tern_fri::multilinear::prepare::{FixedError, FixedMatrix};
use tern_fri::multilinear::prove::{ProveError, Prover};
use tern_verifier::multilinear::BatchVerifier;
use tern_verifier::multilinear::batch::{Rejected, UnusableTables};
use tern_verifier::multilinear::front::Front;

use super::airs::{Toy, Toys};
use super::circuit::{Case, Circuit, GATE, PARAMS, ROW_VARIABLES, Rows, SEED, constants, verifier};

/// Rows of gates, constants, more constants, and the logarithm of the matrices' rows.
fn cases() -> Vec<(Case, usize)> {
    let rows = [
        // As many main rows as fixed ones; fewer; none.
        (Rows(600, 600), Rows(5, 5), Rows(2, 2), 10),
        (Rows(1_030, 20), Rows(700, 3), Rows(40, 0), 11),
        (Rows(700, 0), Rows(1_500, 0), Rows(3, 0), 11),
        // More main rows; no fixed row of a table.
        (Rows(10, 2_000), Rows(600, 900), Rows(1, 2), 12),
        (Rows(0, 1_100), Rows(300, 0), Rows(0, 7), 10),
        // More rows than either matrix needs.
        (Rows(3, 3), Rows(3, 3), Rows(3, 3), 13),
    ];
    rows.into_iter().map(|(gates, first, more, log_rows)| (Case::new(gates, first, more), log_rows)).collect()
}

#[test]
fn tables_of_any_heights() {
    for (number, (case, log_rows)) in cases().into_iter().enumerate() {
        let circuit = Circuit::new(&case.airs, log_rows);
        let proof = circuit.prove(&case);
        assert_eq!(circuit.judge(&proof), Ok(()), "case {number}");
        assert_eq!(proof.forms.iter().map(Vec::len).collect::<Vec<_>>(), [5, 0, 0, 0, 1, 0]);
    }
}

/// One key for proofs of several heights of main columns.
#[test]
fn a_circuit_has_many_proofs() {
    let circuit = Circuit::new(&Case::new(Rows(600, 0), Rows(90, 0), Rows(4, 0)).airs, 11);
    for main in [0, 1, 599, 601, 1_500] {
        let case = Case::new(Rows(600, main), Rows(90, main / 2), Rows(4, 600 - main.min(600)));
        assert_eq!(circuit.judge(&circuit.prove(&case)), Ok(()), "{main} main rows");
    }
}

/// The number of rows is the key's: main columns that need more have no proof.
#[test]
fn main_columns_fit_beside_the_fixed_ones() {
    let case = Case::new(Rows(600, 4_000), Rows(90, 0), Rows(4, 0));
    let circuit = Circuit::new(&case.airs, 10);
    let refused = circuit.prover.prove(&SEED, &case.tables, &case.public_values()).expect_err("too many cells");
    assert!(matches!(refused, ProveError::Shape(_)), "{refused}");
    // More rows than a table has.
    let case = Case::new(Rows(600, 8_193), Rows(90, 0), Rows(4, 0));
    let refused = circuit.prover.prove(&SEED, &case.tables, &case.public_values()).expect_err("too many rows");
    assert_eq!(refused, ProveError::Rows { table: GATE, row_variables: ROW_VARIABLES, got: 8_193 });
}

#[test]
fn columns_that_cannot_be_committed_to() {
    let case = Case::new(Rows(600, 0), Rows(5_000, 0), Rows(4, 0));
    let commit = |tables: &[usize], size| FixedMatrix::new(&PARAMS, &case.airs, tables, ROW_VARIABLES, size).err();
    assert_eq!(commit(&[0, 1], (11, 4)), None);
    assert_eq!(commit(&[0, 3], (11, 4)), Some(FixedError::Missing(3)));
    assert_eq!(commit(&[0, 9], (11, 4)), Some(FixedError::Missing(9)));
    for (tables, size) in [(&[0, 1][..], (10, 4)), (&[0, 1], (11, 5)), (&[0, 1], (20, 4)), (&[1, 0], (11, 4)), (&[], (11, 4))] {
        assert!(matches!(commit(tables, size), Some(FixedError::Shape(_))), "{tables:?}, {size:?}");
    }
    let wide: Vec<_> = case.airs.iter().map(|_| Toy::Gate(Some(constants(3, 1)))).collect();
    let refused = FixedMatrix::new(&PARAMS, &wide, &[1], ROW_VARIABLES, (11, 4)).err();
    assert_eq!(refused, Some(FixedError::Commit(CommitError::Width { table: 0, expected: 2, got: 3 })));
}

/// Without a matrix, a system must have closed forms of all fixed columns, and a table that is
/// committed to none.
#[test]
fn either_closed_forms_or_a_commitment() {
    let case = Case::new(Rows(6, 0), Rows(5, 0), Rows(4, 0));
    let system = BatchVerifier::new(&PARAMS, &case.airs, Toys(case.airs.clone()), ROW_VARIABLES);
    assert_eq!(system.err(), Some(UnusableTables::ClosedForms { table: 0, expected: 2, got: 0 }));
    let shape = |tables: &[usize]| {
        let matrix = FixedMatrix::new(&PARAMS, &case.airs, tables, ROW_VARIABLES, (11, 4)).expect("a matrix");
        verifier(&case.airs, matrix.shape().clone()).err()
    };
    assert_eq!(shape(&[0, 1, 2]), None);
    assert_eq!(shape(&[0, 1]), Some(UnusableTables::ClosedForms { table: 2, expected: 3, got: 0 }));
    assert_eq!(shape(&[0, 1, 2, 5]), Some(UnusableTables::ClosedForms { table: 5, expected: 0, got: 2 }));
    // Tables that state something of other columns than are committed to.
    let mismatched = |stated: &[usize], matrix: &[usize]| {
        let statements = Front::statements(&case.airs, |table| stated.contains(&table)).expect("toys");
        let matrix = FixedMatrix::new(&PARAMS, &case.airs, matrix, ROW_VARIABLES, (11, 4)).expect("a matrix");
        let fixed = Some(matrix.shape().clone());
        BatchVerifier::of_statements(&PARAMS, &statements, Toys(case.airs.clone()), ROW_VARIABLES, fixed).err()
    };
    assert_eq!(mismatched(&[0, 1, 2], &[0, 1, 2]), None);
    assert_eq!(mismatched(&[0, 1, 2, 5], &[0, 1, 2]), Some(UnusableTables::Committed { table: 5, expected: false }));
    assert_eq!(mismatched(&[0, 1], &[0, 1, 2]), Some(UnusableTables::Committed { table: 2, expected: true }));
    // Proofs of a system without committed columns have no key.
    let airs = case.airs[3..].to_vec();
    let tables = [Case::new(Rows(0, 0), Rows(0, 0), Rows(0, 0)).tables[3].clone(), case.tables[4].clone(), case.tables[5].clone()];
    let public_values = vec![vec![]; 3];
    let proof = Prover::new(&PARAMS, airs.clone(), ROW_VARIABLES).prove(&SEED, &tables, &public_values).expect("a proof");
    let verifier = BatchVerifier::new(&PARAMS, &airs, Toys(airs.clone()), ROW_VARIABLES).expect("closed forms");
    assert_eq!(verifier.verify(&SEED, &public_values, &proof), Ok(()));
    assert_eq!(verifier.verify_under(&[[0; 32]], &SEED, &public_values, &proof), Err(Rejected::Shape));
}
