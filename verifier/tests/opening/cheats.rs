//! Provers that cheat with consistent hashes are rejected by the check that is meant to, and
//! changed proofs by some check.

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_fri::multilinear::Params;
use tern_verifier::multilinear::{Claim, WorkSite};

use crate::reference::{Cheat, prove};
use crate::tables::{Instance, Opening, Rejected, changed, verify};

/// Two words.
const PARAMS: Params = Params { log_last: 2, num_queries: 16, ..crate::tables::PARAMS };

fn instance(params: Params, seed: u64) -> Instance {
    Instance::in_blocks(params, 10, (&[1, 2], 5), &[(4, &[(7, 200), (36, 93), (3, 250)]), (3, &[(5, 250), (3, 77)])], seed)
}

#[test]
fn cheating_provers_are_rejected_by_the_check_that_is_meant_to() {
    for seed in 0..4 {
        let instance = instance(PARAMS, seed);
        let verdict = |cheat| verify(&instance.shape, &prove(&instance, cheat));
        assert_eq!(verdict(Cheat::None), Ok(()));
        assert!(matches!(verdict(Cheat::Carried), Err(Rejected::Claim(Claim::LastPolynomial { .. }))));
        assert!(matches!(verdict(Cheat::CarriedIntoLastWord), Err(Rejected::Claim(Claim::Fold { .. } | Claim::Combination { .. }))));
        assert_eq!(verdict(Cheat::WrongClaim), Err(Rejected::Claim(Claim::WeightedSum)));
        assert!(matches!(verdict(Cheat::HighDegree), Err(Rejected::Claim(Claim::LastPolynomial { .. }))));
        assert!(matches!(verdict(Cheat::OtherFirstWord), Err(Rejected::Claim(Claim::Combination { .. }))));
    }
}

#[test]
fn weak_or_early_work_is_rejected() {
    let instance = instance(PARAMS, 3);
    let (columns, count) = (instance.shape.column_variables(), instance.shape.worked_rounds());
    for i in 0..=count {
        let site = match i {
            _ if i == count => WorkSite::Query,
            _ if i < columns => WorkSite::Column(i),
            _ => WorkSite::Row(i - columns),
        };
        assert_eq!(verify(&instance.shape, &prove(&instance, Cheat::WeakWork(i))), Err(Rejected::Claim(Claim::Work(site))));
        if i < count {
            // Once in 2^bits, work done before is work done after.
            let verdict = verify(&instance.shape, &prove(&instance, Cheat::EarlyWork(i)));
            assert!(verdict.is_err(), "{site}");
        }
    }
}

/// It is the queries that reject: with one query, a word that differs in few places is accepted now
/// and then.
#[test]
fn one_query_lets_some_through() {
    let params = Params { num_queries: 1, ..PARAMS };
    let verdict = |params, seed| {
        let instance = instance(params, seed);
        verify(&instance.shape, &prove(&instance, Cheat::Corrupted))
    };
    let accepted = (0..16).filter(|&seed| verdict(params, seed).is_ok()).count();
    assert!((1..16).contains(&accepted), "{accepted} of 16");
    assert!(matches!(verdict(PARAMS, 0), Err(Rejected::Claim(Claim::Combination { .. }))));
}

#[test]
fn wrong_heights_are_rejected() {
    let instance = instance(PARAMS, 9);
    let opening = instance.prove();
    assert_eq!(verify(&instance.shape, &opening), Ok(()));
    for matrix in 0..opening.heights.len() {
        for table in 0..opening.heights[matrix].len() {
            let height = opening.heights[matrix][table];
            for other in [height - 1, height + 1, 0, 32].into_iter().filter(|other| (0..=32).contains(other) && *other != height) {
                let mut opening = opening.clone();
                opening.heights[matrix][table] = other;
                let verdict = verify(&instance.shape, &opening);
                assert_eq!(verdict, Err(Rejected::Claim(Claim::WeightedSum)), "matrix {matrix}, table {table}: {other} for {height}");
            }
            for other in [33, 63, 64, 1 << 20, 2_013_265_920] {
                let mut opening = opening.clone();
                opening.heights[matrix][table] = other;
                assert_eq!(verify(&instance.shape, &opening), Err(Rejected::Claim(Claim::Heights { matrix })));
            }
        }
    }
    // Each fits, but not all together.
    let full = Instance::new(PARAMS, 6, 8, &[(4, &[(16, 32), (16, 30)])], 1);
    let mut opening = full.prove();
    assert_eq!(verify(&full.shape, &opening), Ok(()));
    opening.heights[0][0] = 35;
    assert_eq!(verify(&full.shape, &opening), Err(Rejected::Claim(Claim::Heights { matrix: 0 })));
}

/// Each value of a proof, changed alone.
#[test]
fn every_changed_value_is_rejected() {
    let instance = instance(PARAMS, 5).with_forms(&[1, 0, 1]);
    let honest = instance.prove();
    assert_eq!(verify(&instance.shape, &honest), Ok(()));
    let mut count = 0;
    let mut reject = |change: &dyn Fn(&mut Opening)| {
        let mut opening = honest.clone();
        change(&mut opening);
        count += 1;
        verify(&instance.shape, &opening).expect_err("a changed proof")
    };
    for i in 0..honest.claims.len() {
        reject(&|opening| opening.claims[i] += EF::ONE);
    }
    for i in 0..honest.rows.blocks.len() {
        for value in 0..2 {
            assert_eq!(reject(&|opening| opening.rows.blocks[i][value] += EF::ONE), Rejected::Claim(Claim::WeightedSum));
        }
    }
    assert_eq!(reject(&|opening| opening.sum += EF::ONE), Rejected::Claim(Claim::WeightedSum));
    assert_eq!(reject(&|opening| opening.forms.clear()), Rejected::Claim(Claim::WeightedSum));
    assert_eq!(reject(&|opening| opening.forms[0].table = 7), Rejected::Claim(Claim::Shape));
    for form in 0..honest.forms.len() {
        assert_eq!(reject(&|opening| drop(opening.forms.remove(form))), Rejected::Claim(Claim::WeightedSum));
        for column in 0..honest.forms[form].columns.len() {
            assert_eq!(reject(&|opening| opening.forms[form].columns[column] += EF::ONE), Rejected::Claim(Claim::WeightedSum));
        }
        for value in 0..2 {
            assert_eq!(reject(&|opening| opening.forms[form].rows.block[0][value] += EF::ONE), Rejected::Claim(Claim::WeightedSum));
            assert_eq!(reject(&|opening| opening.forms[form].rows.blocks[3][value] += EF::ONE), Rejected::Claim(Claim::WeightedSum));
        }
    }
    for factor in 0..honest.rows.block.len() {
        for i in 0..honest.rows.block[factor].len() {
            assert_eq!(reject(&|opening| opening.rows.block[factor][i] += EF::ONE), Rejected::Claim(Claim::WeightedSum));
        }
    }
    for round in 0..honest.proof.rounds.len() {
        for place in 0..2 {
            reject(&|opening| opening.proof.rounds[round][place] += EF::ONE);
        }
    }
    for i in 0..honest.proof.works.len() {
        let site =
            if i < instance.shape.column_variables() { WorkSite::Column(i) } else { WorkSite::Row(i - instance.shape.column_variables()) };
        let rejected = reject(&|opening| opening.proof.works[i] = changed(opening.proof.works[i]));
        assert!(rejected == Rejected::Claim(Claim::Work(site)) || matches!(rejected, Rejected::Claim(_) | Rejected::Excess(_)));
    }
    for (word, cap) in honest.proof.words.iter().enumerate() {
        for digest in 0..cap.len() {
            reject(&|opening| opening.proof.words[word][digest][7] ^= 4);
        }
    }
    for i in 0..honest.proof.last.len() {
        reject(&|opening| opening.proof.last[i] += EF::ONE);
    }
    reject(&|opening| opening.proof.query_work = changed(opening.proof.query_work));
    for (matrix, opened) in honest.proof.rows.iter().enumerate() {
        for (leaf, row) in opened.leaves.iter().enumerate() {
            for (cell, &value) in row.iter().enumerate() {
                let rejected = reject(&|opening| opening.proof.rows[matrix].leaves[leaf][cell] = changed(value));
                assert!(matches!(rejected, Rejected::Claim(Claim::Path { oracle, .. }) if oracle == matrix));
            }
        }
        for digest in 0..opened.path.len() {
            let rejected = reject(&|opening| opening.proof.rows[matrix].path[digest][31] ^= 128);
            assert!(matches!(rejected, Rejected::Claim(Claim::Path { oracle, .. }) if oracle == matrix));
        }
    }
    for (word, opened) in honest.proof.leaves.iter().enumerate() {
        for (leaf, values) in opened.leaves.iter().enumerate() {
            for place in 0..values.len() {
                let rejected = reject(&|opening| opening.proof.leaves[word].leaves[leaf][place] += EF::ONE);
                let place_or_path = match rejected {
                    Rejected::Claim(Claim::Path { oracle, .. }) => oracle == 2 + word,
                    Rejected::Claim(Claim::Combination { .. }) => word == 0,
                    Rejected::Claim(Claim::Fold { word: before, .. }) => before + 1 == word,
                    _ => false,
                };
                assert!(place_or_path);
            }
        }
        for digest in 0..opened.path.len() {
            let rejected = reject(&|opening| opening.proof.leaves[word].path[digest][0] ^= 1);
            assert!(matches!(rejected, Rejected::Claim(Claim::Path { oracle, .. }) if oracle == 2 + word));
        }
    }
    println!("{count} changed proofs rejected");
    assert!(count > 1_000);
}

/// Each list of a proof one shorter, one longer and empty.
#[test]
fn lists_of_other_lengths_are_rejected() {
    let instance = instance(PARAMS, 5);
    let honest = instance.prove();
    let reject = |change: &dyn Fn(&mut Opening)| {
        let mut opening = honest.clone();
        change(&mut opening);
        verify(&instance.shape, &opening).expect_err("lists of another length")
    };
    macro_rules! lengths {
        ($($list:tt)+) => {
            let (shorter, longer, empty) = (
                reject(&|opening| _ = opening.proof.$($list)+.pop()),
                reject(&|opening| opening.proof.$($list)+.extend_from_within(..1)),
                reject(&|opening| opening.proof.$($list)+.clear()),
            );
            for rejected in [shorter, longer, empty] {
                assert!(matches!(rejected, Rejected::Shape | Rejected::Excess(_)), "{rejected:?}");
            }
        };
    }
    lengths!(rounds);
    lengths!(works);
    lengths!(words);
    lengths!(words[0]);
    lengths!(last);
    lengths!(rows);
    lengths!(rows[1].leaves);
    lengths!(rows[1].leaves[2]);
    lengths!(rows[0].path);
    lengths!(leaves);
    lengths!(leaves[1].leaves);
    lengths!(leaves[1].leaves[0]);
    lengths!(leaves[0].path);
}
