//! Proofs without committed fixed columns.

use tern_fri::multilinear::prove::Prover;

use super::airs::Toy;
use super::circuit::{Case, LOOKUPS, PARAMS, ROW_VARIABLES, Rows, SEED};

/// A proof is the same as before fixed columns could be committed to.
#[test]
fn proofs_are_as_they_were() {
    let case = Case::new(Rows(0, 700), Rows(0, 3), Rows(0, 0));
    let airs: Vec<Toy> = case.airs[LOOKUPS..].to_vec();
    let tables = case.tables[LOOKUPS..].to_vec();
    let proof = Prover::new(&PARAMS, airs, ROW_VARIABLES).prove(&SEED, &tables, &[vec![], vec![]]).expect("a proof");
    let front = format!("{:?}{:?}{:?}{:?}{:?}", proof.cap, proof.heights, proof.lookup_work, proof.root, proof.layers);
    let rest = format!("{:?}{:?}{:?}{:?}", proof.skip, proof.rounds, proof.columns, proof.opening);
    let digest = blake3::hash((front + &rest).as_bytes()).to_hex();
    assert_eq!(digest.as_str(), "e51e4ec1b2708e810176c5d55476c582fb9f16d0e8d9e9581c661b32c8fdc941");
}
