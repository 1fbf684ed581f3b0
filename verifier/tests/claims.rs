//! Each claim about an opened proof fails with its own reason where the values are changed after the transcript: as if a prover had found a way around its challenges.

#[path = "../../fri/tests/common/mod.rs"]
mod common;

use common::{AIRS, LOG_HEIGHTS, Proved, prove};
use p3_batch_stark::verify_batch;
#[cfg(not(debug_assertions))]
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};
use p3_field::PrimeCharacteristicRing;
#[cfg(not(debug_assertions))]
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::params::SEGMENT_V1;
use tern_fri::{Params, Proof, RelationShape};
use tern_verifier::native::Native;
use tern_verifier::reason::PowSite;
use tern_verifier::stark::{BatchProof, Challenges};
use tern_verifier::{CommitmentKind, Invalid, ProofShape, Reason, StarkVerifier};

const SEED: Digest = [3; 32];

/// Proof of work at two sites and none at three; a last polynomial and folding by up to eight.
const PARAMS: Params = Params {
    name: "test-claims",
    num_queries: 3,
    query_pow_bits: 3,
    batch_pow_bits: 0,
    lookup_pow_bits: 2,
    ood_pow_bits: 0,
    commit_pow_bits: 0,
    cap_height: 1,
    ..SEGMENT_V1
};

/// A proof under the challenges of its own transcript.
struct Case {
    verifier: StarkVerifier,
    preprocessed: Vec<Digest>,
    public_values: Vec<Vec<EF>>,
    proved: Proved,
    proof: BatchProof<Native>,
    challenges: Challenges<Native>,
}

impl Case {
    fn new() -> Self {
        let proved = prove(&PARAMS, SEED, 17);
        let common = &proved.data.common;
        let relation = RelationShape::from_airs(&["counter", "bytes"], &AIRS, &LOG_HEIGHTS, &common.lookups).expect("the lists match");
        let shape = ProofShape::new(&PARAMS, relation).expect("the relation is provable");
        let verifier = StarkVerifier::new(&AIRS, &common.lookups, &shape).expect("the tables can be verified");
        let preprocessed = common.preprocessed.as_ref().expect("a table has preprocessed columns").commitment.roots().to_vec();
        let public_values = proved.public_values.iter().map(|values| values.iter().map(|value| EF::from(*value)).collect());
        let public_values: Vec<Vec<EF>> = public_values.collect();
        let (proof, challenges) = verifier.expand(&preprocessed, &SEED, &public_values, &proved.proof).expect("the proof has its lengths");
        Self { verifier, preprocessed, public_values, proved, proof, challenges }
    }

    /// The first claim that fails when the proof is changed after the transcript.
    fn after(&self, change: impl FnOnce(&mut BatchProof<Native>)) -> Option<Reason> {
        let mut proof = self.proof.clone();
        change(&mut proof);
        let result = self.verifier.check(&mut Native, &self.preprocessed, &self.public_values, &proof, &self.challenges);
        result.err().map(|failure| failure.reason())
    }

    /// The first claim that fails when the proof is changed before the transcript is replayed.
    fn before(&self, change: impl FnOnce(&mut BatchProof<Native>)) -> Option<Reason> {
        let mut proof = self.proof.clone();
        change(&mut proof);
        let result = self.verifier.verify(&mut Native, &self.preprocessed, &SEED, &self.public_values, &proof);
        result.err().map(|failure| failure.reason())
    }
}

#[test]
fn an_expanded_proof_verifies() {
    let case = Case::new();
    assert_eq!(case.after(|_| {}), None);
    assert_eq!(case.before(|_| {}), None);
    let Proved { config, data, public_values, proof } = &case.proved;
    verify_batch(config, &AIRS, proof, public_values, &data.common).expect("the reference agrees");
}

#[test]
fn claimed_values_are_those_of_the_codewords() {
    let case = Case::new();
    // Every claimed value of both tables, at both points.
    let mut rejected = 0;
    for table in 0..AIRS.len() {
        let lists = 5 + case.proof.tables[table].quotient.len();
        for list in 0..lists {
            let len = list_of(&case.proof, table, list).len();
            for index in 0..len {
                let reason = case.after(|proof| list_of_mut(proof, table, list)[index] += EF::ONE);
                // The first query's first row that the table's codeword has gone into holds another value.
                let folded = matches!(reason, Some(Reason::FoldedValue { query: 0, .. }));
                assert!(folded, "table {table}, list {list}, value {index}: {reason:?}");
                rejected += 1;
            }
        }
    }
    assert!(rejected > 50, "{rejected}");
}

/// One of a table's lists of claimed values.
fn list_of(proof: &BatchProof<Native>, table: usize, list: usize) -> &Vec<EF> {
    let values = &proof.tables[table];
    match list {
        0 => &values.main_local,
        1 => &values.main_next,
        2 => &values.preprocessed_local,
        3 => &values.permutation_local,
        4 => &values.permutation_next,
        chunk => &values.quotient[chunk - 5],
    }
}

fn list_of_mut(proof: &mut BatchProof<Native>, table: usize, list: usize) -> &mut Vec<EF> {
    let values = &mut proof.tables[table];
    match list {
        0 => &mut values.main_local,
        1 => &mut values.main_next,
        2 => &mut values.preprocessed_local,
        3 => &mut values.permutation_local,
        4 => &mut values.permutation_next,
        chunk => &mut values.quotient[chunk - 5],
    }
}

#[test]
fn opened_rows_are_committed() {
    let case = Case::new();
    let kinds = [CommitmentKind::Main, CommitmentKind::Quotient, CommitmentKind::Preprocessed, CommitmentKind::Permutation];
    for (input, kind) in kinds.into_iter().enumerate() {
        for query in 0..PARAMS.num_queries {
            let path = Some(Reason::Path { kind, query });
            for row in 0..case.proof.queries[query].inputs[input].rows.len() {
                assert_eq!(case.after(|proof| proof.queries[query].inputs[input].rows[row][0] += F::ONE), path);
            }
            for level in 0..case.proof.queries[query].inputs[input].path.len() {
                assert_eq!(case.after(|proof| proof.queries[query].inputs[input].path[level][7] ^= 1), path);
            }
        }
    }
    let at_caps = |change: fn(&mut BatchProof<Native>), kind| {
        let reason = case.after(change);
        assert!(matches!(reason, Some(Reason::Path { kind: got, .. }) if got == kind), "{reason:?}");
    };
    at_caps(|proof| proof.main.iter_mut().for_each(|digest| digest[0] ^= 1), CommitmentKind::Main);
    at_caps(|proof| proof.quotient.iter_mut().for_each(|digest| digest[0] ^= 1), CommitmentKind::Quotient);
    at_caps(|proof| proof.permutation.iter_mut().for_each(|digest| digest[0] ^= 1), CommitmentKind::Permutation);
    at_caps(|proof| proof.rounds[1].cap.iter_mut().for_each(|digest| digest[0] ^= 1), CommitmentKind::Round(1));
}

#[test]
fn folded_rows_hold_what_the_query_comes_to_and_are_committed() {
    let case = Case::new();
    for query in 0..PARAMS.num_queries {
        for round in 0..case.proof.rounds.len() {
            let opening = &case.proof.queries[query].rounds[round];
            let path = Reason::Path { kind: CommitmentKind::Round(round), query };
            let value = Reason::FoldedValue { query, round };
            let reasons: Vec<_> =
                (0..opening.row.len()).map(|index| case.after(|proof| proof.queries[query].rounds[round].row[index] += EF::ONE)).collect();
            // The query knows one value of the row; the others are bound by the commitment alone.
            assert_eq!(reasons.iter().filter(|reason| **reason == Some(value)).count(), 1, "{reasons:?}");
            assert_eq!(reasons.iter().filter(|reason| **reason == Some(path)).count(), opening.row.len() - 1, "{reasons:?}");
            for level in 0..opening.path.len() {
                assert_eq!(case.after(|proof| proof.queries[query].rounds[round].path[level][31] ^= 0x80), Some(path));
            }
        }
    }
    for index in 0..case.proof.final_polynomial.len() {
        let reason = case.after(|proof| proof.final_polynomial[index] += EF::ONE);
        assert_eq!(reason, Some(Reason::FinalPolynomial { query: 0 }));
    }
}

#[test]
fn constraints_and_terminals_hold() {
    let case = Case::new();
    let check = |public_values: &[Vec<EF>], proof: &BatchProof<Native>| {
        let result = case.verifier.check(&mut Native, &case.preprocessed, public_values, proof, &case.challenges);
        result.err().map(|failure| failure.reason())
    };
    assert_eq!(check(&[vec![EF::from_u32(18)], vec![]], &case.proof), Some(Reason::Constraints { table: 0 }));
    // The terminal is in the constraints of its table, and in the sum.
    for table in 0..AIRS.len() {
        let change = |proof: &mut BatchProof<Native>| proof.tables[table].terminal.iter_mut().for_each(|terminal| *terminal += EF::ONE);
        assert_eq!(case.after(change), Some(Reason::Constraints { table }));
    }
}

#[test]
fn proof_of_work_is_checked_where_it_stands() {
    let case = Case::new();
    let site = |change: fn(&mut BatchProof<Native>)| case.before(change);
    let lookup = site(|proof| proof.lookup_pow.iter_mut().for_each(|witness| *witness += EF::ONE));
    assert_eq!(lookup, Some(Reason::ProofOfWork(PowSite::Lookup)));
    assert_eq!(site(|proof| proof.query_pow += EF::ONE), Some(Reason::ProofOfWork(PowSite::Query)));
    assert_eq!(site(|proof| proof.ood_pow = EF::ONE), Some(Reason::IdleProofOfWork(PowSite::OutOfDomain)));
    assert_eq!(site(|proof| proof.batch_pow = EF::ONE), Some(Reason::IdleProofOfWork(PowSite::Batch)));
    assert_eq!(site(|proof| proof.rounds[1].pow = EF::ONE), Some(Reason::IdleProofOfWork(PowSite::Round(1))));
}

#[test]
fn lists_of_other_lengths_are_not_taken_for_the_shape() {
    let case = Case::new();
    let changes: [fn(&mut BatchProof<Native>); 8] = [
        |proof| assert!(proof.queries.pop().is_some()),
        |proof| assert!(proof.queries[1].inputs.pop().is_some()),
        |proof| assert!(proof.queries[1].rounds.pop().is_some()),
        |proof| assert!(proof.queries[0].inputs[0].path.pop().is_some()),
        |proof| assert!(proof.queries[0].rounds[0].row.pop().is_some()),
        |proof| assert!(proof.tables.pop().is_some()),
        |proof| assert!(proof.tables[1].permutation_next.pop().is_some()),
        |proof| assert!(proof.final_polynomial.pop().is_some()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert_eq!(case.after(change), Some(Reason::Shape), "change {number}");
    }
}

#[test]
fn too_few_and_too_many_digests_are_told_apart() {
    let case = Case::new();
    let mut proof = case.proved.proof;
    let verifier = &case.verifier;
    let digests = &mut proof.opening_proof.input_openings[1].opening_proof.sibling_hashes;
    let honest = digests.len();
    digests.push([0; 32]);
    let expand = |proof: &Proof| verifier.expand(&case.preprocessed, &SEED, &case.public_values, proof).err();
    assert_eq!(expand(&proof), Some(Invalid::Digests { kind: CommitmentKind::Quotient, expected: honest, got: honest + 1 }));
    let digests = &mut proof.opening_proof.input_openings[1].opening_proof.sibling_hashes;
    digests.truncate(honest - 1);
    assert_eq!(expand(&proof), Some(Invalid::Digests { kind: CommitmentKind::Quotient, expected: honest, got: honest - 1 }));
}

/// The prover's own checks, which builds with debug assertions have, do not let it make this proof.
#[cfg(not(debug_assertions))]
#[test]
fn unbalanced_messages_are_rejected_for_their_sum() {
    let case = Case::new();
    let config = &case.proved.config;
    let xs: Vec<F> = (17..).take(1 << LOG_HEIGHTS[0]).map(F::new).collect();
    let counter = RowMajorMatrix::new(xs.iter().flat_map(|x| [*x, x.square()]).collect(), 2);
    // The byte table does not provide what the counter looks up.
    let traces = [counter, RowMajorMatrix::new_col(F::zero_vec(1 << LOG_HEIGHTS[1]))];
    let values = [vec![F::new(17)], vec![]];
    let instances =
        AIRS.iter().zip(&traces).zip(&values).map(|((air, trace), values)| StarkInstance { air, trace, public_values: values.clone() });
    let instances: Vec<_> = instances.collect();
    let data = ProverData::from_instances(config, &instances).expect("the relation is provable");
    let proof = prove_batch(config, &instances, &data).expect("every table's constraints hold");
    let (proof, challenges) =
        case.verifier.expand(&case.preprocessed, &SEED, &case.public_values, &proof).expect("the proof has its lengths");
    let result = case.verifier.check(&mut Native, &case.preprocessed, &case.public_values, &proof, &challenges);
    assert_eq!(result.err().map(|failure| failure.reason()), Some(Reason::TerminalSum));
}
