//! Changed proofs, other keys, and provers that pretend other fixed columns.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::{FixedShape, Proof};
use tern_verifier::Reason;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::{Claim, WorkSite};

use super::circuit::{CONSTANTS, Case, Circuit, GATE, MORE, Rows, constants, gates, verifier};

const LOG_ROWS: usize = 11;

fn case() -> Case {
    Case::new(Rows(1_030, 700), Rows(700, 3), Rows(40, 0))
}

/// The claim that is false, if one is.
fn claim(rejected: &Rejected) -> Option<Claim> {
    match rejected {
        Rejected::Claim(failure) => match failure.reason() {
            Reason::Multilinear(claim) => Some(claim),
            reason => panic!("a claim of version 1: {reason}"),
        },
        _ => None,
    }
}

/// Whether a proof fails at the lookups or their proof of work, because challenges are others.
fn at_the_lookups(rejected: &Rejected) -> bool {
    matches!(claim(rejected), Some(Claim::Work(WorkSite::Lookup) | Claim::LookupLayer { .. }))
}

fn in_the_opening(rejected: &Rejected) -> bool {
    let claimed = matches!(
        claim(rejected),
        Some(
            Claim::Work(_)
                | Claim::WeightedSum
                | Claim::Path { .. }
                | Claim::Combination { .. }
                | Claim::Fold { .. }
                | Claim::LastPolynomial { .. }
        )
    );
    claimed || matches!(rejected, Rejected::Excess(_))
}

#[test]
fn every_part_is_checked() {
    let case = case();
    let circuit = Circuit::new(&case.airs, LOG_ROWS);
    let proof = circuit.prove(&case);
    assert_eq!(circuit.judge(&proof), Ok(()));
    let reject = |change: &dyn Fn(&mut Proof)| {
        let mut changed = proof.clone();
        change(&mut changed);
        circuit.judge(&changed).expect_err("a changed proof")
    };
    for digest in 0..proof.cap.len() {
        assert!(at_the_lookups(&reject(&|proof| proof.cap[digest][3] ^= 1)));
    }
    for table in 0..proof.heights.len() {
        assert!(at_the_lookups(&reject(&|proof| proof.heights[table] += 1)));
        let rejected = reject(&|proof| proof.heights[table] = 1 << 20);
        assert!(matches!(rejected, Rejected::Heights(_)), "{rejected}");
    }
    assert!(at_the_lookups(&reject(&|proof| proof.lookup_work += F::ONE)));
    assert_eq!(claim(&reject(&|proof| proof.root += EF::ONE)), Some(Claim::LookupLayer { layer: 0 }));
    for layer in 0..proof.layers.len() {
        assert_eq!(claim(&reject(&|proof| proof.layers[layer].halves[3] += EF::ONE)), Some(Claim::LookupLayer { layer }));
        for round in 0..layer {
            assert_eq!(claim(&reject(&|proof| proof.layers[layer].rounds[round][1] += EF::ONE)), Some(Claim::LookupLayer { layer }));
        }
    }
    for place in 0..proof.skip.len() {
        assert_eq!(claim(&reject(&|proof| proof.skip[place] += EF::ONE)), Some(Claim::Skip));
    }
    // From here on other values lead to other challenges of the opening, whose proofs of work are
    // looked at before the constraints.
    let late = |rejected: &Rejected| claim(rejected) == Some(Claim::Constraints) || in_the_opening(rejected);
    for round in 0..proof.rounds.len() {
        assert!(late(&reject(&|proof| proof.rounds[round][0] += EF::ONE)));
    }
    assert!(late(&reject(&|proof| proof.rest += EF::ONE)));
    for table in 0..proof.forms.len() {
        for form in 0..proof.forms[table].len() {
            assert!(late(&reject(&|proof| proof.forms[table][form] += EF::ONE)));
        }
    }
    for round in 0..proof.opening.rounds.len() {
        assert!(in_the_opening(&reject(&|proof| proof.opening.rounds[round][1] += EF::ONE)));
    }
    for work in 0..proof.opening.works.len() {
        assert!(in_the_opening(&reject(&|proof| proof.opening.works[work] += F::ONE)));
    }
    for word in 0..proof.opening.words.len() {
        assert!(in_the_opening(&reject(&|proof| proof.opening.words[word][0][9] ^= 1)));
    }
    assert!(in_the_opening(&reject(&|proof| proof.opening.last[0] += EF::ONE)));
    assert!(in_the_opening(&reject(&|proof| proof.opening.query_work += F::ONE)));
    for matrix in 0..2 {
        let oracle = |rejected: &Rejected| matches!(claim(rejected), Some(Claim::Path { oracle, .. }) if oracle == matrix);
        assert!(oracle(&reject(&|proof| proof.opening.rows[matrix].leaves[1][2] += F::ONE)));
        assert!(oracle(&reject(&|proof| proof.opening.rows[matrix].path[2][0] ^= 1)));
    }
    assert!(in_the_opening(&reject(&|proof| proof.opening.leaves[0].leaves[0][1] += EF::ONE)));
    assert!(circuit.verifier.verify_under(&circuit.key, &[1; 32], &case.public_values(), &proof).is_err());
}

#[test]
fn lists_of_another_length() {
    let case = case();
    let circuit = Circuit::new(&case.airs, LOG_ROWS);
    let proof = circuit.prove(&case);
    macro_rules! lengths {
        ($($list:tt)+) => {
            for change in 0..3 {
                let mut changed = proof.clone();
                let list = &mut changed.$($list)+;
                match change {
                    0 => _ = list.pop(),
                    1 => list.extend(list.last().cloned()),
                    _ => list.clear(),
                }
                assert_eq!(circuit.judge(&changed), Err(Rejected::Shape), "{}", stringify!($($list)+));
            }
        };
    }
    lengths!(forms);
    lengths!(forms[0]);
    lengths!(heights);
    lengths!(layers);
    lengths!(skip);
    lengths!(rounds);
    lengths!(opening.rows);
    lengths!(opening.rounds);
    lengths!(opening.works);
    // The first list's values in the second.
    let mut changed = proof.clone();
    let moved = changed.forms[4].pop();
    changed.forms[0].extend(moved);
    assert_eq!(circuit.judge(&changed), Err(Rejected::Shape));
    let longer = [&circuit.key[..], &circuit.key[..1]].concat();
    for key in [&circuit.key[1..], &longer, &[]] {
        assert_eq!(circuit.judge_under(key, &proof), Err(Rejected::Shape));
    }
}

#[test]
fn another_key_is_rejected() {
    let case = case();
    let circuit = Circuit::new(&case.airs, LOG_ROWS);
    let proof = circuit.prove(&case);
    for digest in 0..circuit.key.len() {
        let mut key = circuit.key.clone();
        key[digest][31] ^= 128;
        assert!(at_the_lookups(&circuit.judge_under(&key, &proof).expect_err("another key")));
    }
    // That of another circuit of the same shape, which the same tables do not satisfy, and of one
    // that they do.
    for (gate, constant) in [(0, 1), (1_029, 0)] {
        let mut fixed = [gates(1_030), constants(700, 1_000)];
        fixed[0].values[2 * gate + 1] += F::from_usize(1 - constant);
        fixed[1].values[0] += F::from_usize(constant);
        let [gates, first] = fixed;
        let other = Circuit::new(&Case::of(gates, first, constants(40, 900_000), [700, 3, 0]).airs, LOG_ROWS);
        assert_ne!(other.key, circuit.key);
        assert!(at_the_lookups(&other.judge(&proof).expect_err("another circuit's proof")));
    }
    // In more rows.
    let other = Circuit::new(&case.airs, LOG_ROWS + 1);
    assert_eq!(other.judge(&other.prove(&case)), Ok(()));
    assert_eq!(other.judge(&proof), Err(Rejected::Shape));
}

/// The tables satisfy the circuit that the prover pretends, and he keeps to the transcript of the
/// true one: his claims about fixed columns are not those of the key.
#[test]
fn pretended_fixed_columns_are_found_by_the_opening() {
    let committed = case().airs;
    let honest = Circuit::new(&committed, LOG_ROWS);
    let mut pretended = vec![];
    // A gate of another factor; one that is not there; a constant of another value; one that is
    // sent more often.
    for (table, cell) in [(GATE, 2 * 10 + 1), (GATE, 2 * 20), (CONSTANTS, 3 * 5 + 2), (CONSTANTS, 3 * 699), (MORE, 3 * 7)] {
        let mut fixed = [gates(1_030), constants(700, 1_000), constants(40, 900_000)];
        fixed[table].values[cell] += if (table, cell) == (GATE, 40) { F::NEG_ONE } else { F::ONE };
        let [gates, first, more] = fixed;
        pretended.push(Case::of(gates, first, more, [700, 3, 0]));
    }
    for (number, case) in pretended.iter().enumerate() {
        let circuit = Circuit::pretending(&case.airs, &committed, LOG_ROWS);
        assert_eq!(circuit.key, honest.key);
        let proof = circuit.prove(case);
        assert_eq!(claim(&honest.judge(&proof).expect_err("a lie")), Some(Claim::WeightedSum), "lie {number}");
        // Under the key of what he pretends all is well.
        let other = Circuit::new(&case.airs, LOG_ROWS);
        assert_eq!(other.judge(&other.prove(case)), Ok(()));
    }
}

/// Constants of a block more in one table and of a block less in the next are the same cells, of
/// which both circuits have proofs.
#[test]
fn heights_are_the_keys() {
    let all = constants(1_536, 5_000).values;
    let case = |first: usize| {
        let [low, high] = [&all[..3 * 512 * first], &all[3 * 512 * first..]].map(|cells| RowMajorMatrix::new(cells.to_vec(), 3));
        Case::of(gates(10), low, high, [20, 4, 5])
    };
    let circuits = [1, 2].map(|first| Circuit::new(&case(first).airs, LOG_ROWS));
    let proofs = [1, 2].map(|first| circuits[first - 1].prove(&case(first)));
    assert_eq!(circuits[0].key, circuits[1].key);
    for (own, circuit) in circuits.iter().enumerate() {
        assert_eq!(circuit.judge(&proofs[own]), Ok(()));
        assert!(at_the_lookups(&circuit.judge(&proofs[1 - own]).expect_err("other heights")));
    }
    // Heights of no matrix.
    let matrix = |heights: [usize; 3]| {
        let tables = [GATE, CONSTANTS, MORE].into_iter().zip(heights);
        let tables = tables.map(|(table, height)| FixedTable { table, height }).collect();
        verifier(&case(1).airs, FixedShape { log_rows: LOG_ROWS, log_width: 4, tables }).is_ok()
    };
    assert!(matrix([1, 1, 2]) && matrix([8, 7, 1]));
    assert!(!matrix([8, 7, 2]) && !matrix([17, 0, 0]) && !matrix([usize::MAX, usize::MAX, 1]));
}
