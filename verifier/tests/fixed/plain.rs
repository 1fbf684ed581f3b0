//! Proofs without committed fixed columns.

use tern_fri::multilinear::prove::Prover;

use super::airs::Toy;
use super::circuit::{Case, LOOKUPS, PARAMS, ROW_VARIABLES, Rows, SEED};

/// A proof is what it was: another would be one of another protocol.
#[test]
fn proofs_are_as_they_were() {
    let case = Case::new(Rows(0, 700), Rows(0, 3), Rows(0, 0));
    let airs: Vec<Toy> = case.airs[LOOKUPS..].to_vec();
    let tables = case.tables[LOOKUPS..].to_vec();
    let proof = Prover::new(&PARAMS, airs, ROW_VARIABLES).prove(&SEED, &tables, &[vec![], vec![]]).expect("a proof");
    let front = format!("{:?}{:?}{:?}{:?}{:?}", proof.cap, proof.heights, proof.lookup_work, proof.root, proof.layers);
    let rest = format!("{:?}{:?}{:?}{:?}{:?}", proof.skip, proof.rounds, proof.rest, proof.forms, proof.opening);
    let digest = blake3::hash((front + &rest).as_bytes()).to_hex();
    assert_eq!(digest.as_str(), "f9b7510e24d5b37316bd05563c9cfd38489976114515cef778c2b5f3960ca4d7");
}
