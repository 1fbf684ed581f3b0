//! Each claim about an opened proof fails with its own reason where the values are changed after
//! the transcript: as if a prover had found a way around its challenges.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::multilinear::prove::Lies;
use tern_verifier::Reason;
use tern_verifier::multilinear::batch::{BatchValues, Rejected, Replayed};
use tern_verifier::multilinear::front::FormValues;
use tern_verifier::multilinear::{Claim, OpeningVerifier, WorkSite};
use tern_verifier::native::{Failure, Native};

use super::circuit::{Case, Circuit, PARAMS, Rows, SEED};

/// The dense matrices: of main columns, and of fixed columns.
const MATRICES: usize = 2;

/// Linear forms of the toys' columns: the gates' flag, factor, value, product and bit, and the flag
/// of lookups.
const FORMS: usize = 6;

/// A proof under the challenges of its own transcript.
struct Opened {
    circuit: Circuit,
    opening: OpeningVerifier,
    public_values: Vec<Vec<EF>>,
    values: BatchValues<Native>,
    replayed: Replayed<Native>,
}

impl Opened {
    fn new() -> Self {
        let case = Case::new(Rows(1_030, 700), Rows(700, 3), Rows(40, 0));
        let circuit = Circuit::new(&case.airs, 11);
        let opening = circuit.verifier.fixed_opening().expect("a circuit");
        let public_values = vec![vec![]; case.airs.len()];
        let proof = circuit.prove(&case);
        let values = circuit.verifier.full_values(&circuit.key, &SEED, &public_values, &proof).expect("the proof has its lengths");
        let replayed = circuit.verifier.replay(&mut Native, &opening, &circuit.key, &SEED, &public_values, &values);
        Self { replayed: replayed.expect("an honest proof"), circuit, opening, public_values, values }
    }

    /// The first claim that fails when the values are changed after the transcript.
    fn after(&self, change: impl FnOnce(&mut BatchValues<Native>)) -> Option<Claim> {
        let mut values = self.values.clone();
        change(&mut values);
        claim(self.circuit.verifier.check(&mut Native, &self.opening, &self.public_values, &values, &self.replayed))
    }

    /// The first claim that fails when what the transcript has observed of the front's claims is
    /// taken for something else.
    fn claiming(&self, change: impl FnOnce(&mut FormValues<Native>)) -> Option<Claim> {
        let (verifier, public_values) = (&self.circuit.verifier, &self.public_values);
        let replayed = verifier.replay(&mut Native, &self.opening, &self.circuit.key, &SEED, public_values, &self.values);
        let mut replayed = replayed.expect("an honest proof");
        change(&mut replayed.claims);
        claim(verifier.check(&mut Native, &self.opening, public_values, &self.values, &replayed))
    }

    /// The first claim that fails when the values are changed before the transcript is replayed.
    fn before(&self, change: impl FnOnce(&mut BatchValues<Native>)) -> Option<Claim> {
        let mut values = self.values.clone();
        change(&mut values);
        let verifier = &self.circuit.verifier;
        let replayed = verifier.replay(&mut Native, &self.opening, &self.circuit.key, &SEED, &self.public_values, &values);
        claim(replayed.and_then(|replayed| verifier.check(&mut Native, &self.opening, &self.public_values, &values, &replayed)))
    }
}

fn claim(result: Result<(), Failure>) -> Option<Claim> {
    result.err().map(|failure| match failure.reason() {
        Reason::Multilinear(claim) => claim,
        other => panic!("not a claim of a batch proof: {other:?}"),
    })
}

#[test]
fn an_expanded_proof_verifies() {
    let opened = Opened::new();
    assert_eq!(opened.after(|_| {}), None);
    assert_eq!(opened.before(|_| {}), None);
}

#[test]
fn claimed_values_satisfy_constraints_and_messages() {
    let opened = Opened::new();
    let mut changed = 0;
    assert_eq!(opened.claiming(|claims| claims.rest += EF::TWO), Some(Claim::Constraints));
    for (table, forms) in opened.values.front.claims.tables.iter().enumerate() {
        for form in 0..forms.len() {
            let claim = opened.claiming(|claims| claims.tables[table][form] += EF::TWO);
            assert_eq!(claim, Some(Claim::Constraints), "table {table}, form {form}");
            changed += 1;
        }
    }
    assert_eq!(changed, FORMS);
    // What the transcript has observed counts, whatever the values are later.
    assert_eq!(opened.after(|values| values.front.claims.rest += EF::TWO), None);
}

/// A form's value is a lie that the value of the rests makes up for, before the opening's first
/// challenge: constraints and messages agree with it, and the opening finds it.
#[test]
fn claims_that_make_up_for_each_other_are_found_by_the_opening() {
    let case = Case::new(Rows(1_030, 700), Rows(700, 3), Rows(40, 0));
    let circuit = Circuit::new(&case.airs, 11);
    let honest = circuit.prove(&case);
    let mut lies = 0;
    for (table, forms) in honest.forms.iter().enumerate() {
        for (form, value) in forms.iter().enumerate() {
            let lie = (table, form, EF::TWO);
            let proof = circuit
                .prover
                .prove_lying(&SEED, &case.tables, &case.public_values(), &Lies { form: Some(lie), ..Lies::default() })
                .expect("a proof");
            assert_eq!(proof.forms[table][form], *value + EF::TWO);
            assert_ne!(proof.rest, honest.rest);
            match circuit.judge(&proof) {
                Err(Rejected::Claim(failure)) => assert_eq!(failure.reason(), Reason::Multilinear(Claim::WeightedSum)),
                verdict => panic!("table {table}, form {form}: {verdict:?}"),
            }
            lies += 1;
        }
    }
    assert_eq!(lies, FORMS);
}

#[test]
fn rounds_and_the_last_polynomial_lead_to_the_claims() {
    let opened = Opened::new();
    for round in 0..opened.values.opening.rounds.len() {
        for value in 0..2 {
            assert_eq!(opened.after(|values| values.opening.rounds[round][value] += EF::ONE), Some(Claim::WeightedSum));
        }
    }
    for coefficient in 0..opened.values.opening.last.len() {
        assert_eq!(opened.after(|values| values.opening.last[coefficient] += EF::ONE), Some(Claim::WeightedSum));
    }
}

#[test]
fn opened_rows_are_committed() {
    let opened = Opened::new();
    for query in 0..PARAMS.num_queries {
        for oracle in 0..MATRICES {
            let path = Some(Claim::Path { oracle, query });
            let (row, digests) = &opened.values.opening.queries[query].rows[oracle];
            for cell in 0..row.len() {
                assert_eq!(opened.after(|values| values.opening.queries[query].rows[oracle].0[cell] += F::ONE), path);
            }
            for level in 0..digests.len() {
                assert_eq!(opened.after(|values| values.opening.queries[query].rows[oracle].1[level][7] ^= 1), path);
            }
        }
    }
    for word in 0..opened.values.opening.words.len() {
        let reason = opened.after(|values| values.opening.words[word].iter_mut().for_each(|digest| digest[0] ^= 1));
        assert_eq!(reason, Some(Claim::Path { oracle: MATRICES + word, query: 0 }));
    }
}

#[test]
fn leaves_hold_what_the_query_comes_to_and_are_committed() {
    let opened = Opened::new();
    for query in 0..PARAMS.num_queries {
        for word in 0..opened.values.opening.words.len() {
            let path = Claim::Path { oracle: MATRICES + word, query };
            let value = word.checked_sub(1).map_or(Claim::Combination { query }, |word| Claim::Fold { word, query });
            let (leaf, digests) = &opened.values.opening.queries[query].leaves[word];
            let change = |place: usize| opened.after(|values| values.opening.queries[query].leaves[word].0[place] += EF::ONE);
            let reasons: Vec<_> = (0..leaf.len()).map(change).collect();
            // The query knows one value of the leaf; the others are bound by the commitment alone.
            assert_eq!(reasons.iter().filter(|reason| **reason == Some(value)).count(), 1, "{reasons:?}");
            assert_eq!(reasons.iter().filter(|reason| **reason == Some(path)).count(), leaf.len() - 1, "{reasons:?}");
            for level in 0..digests.len() {
                assert_eq!(opened.after(|values| values.opening.queries[query].leaves[word].1[level][31] ^= 0x80), Some(path));
            }
        }
    }
}

#[test]
fn proof_of_work_is_checked_where_it_stands() {
    let opened = Opened::new();
    // Once in so many times as the bits tell, another witness works as well.
    let fails = |site: WorkSite, place: &dyn Fn(&mut BatchValues<Native>) -> &mut EF| {
        let claims = (1..=4).map(|step| opened.before(|values| *place(values) += EF::from_u32(step)));
        assert!(claims.into_iter().any(|claim| claim == Some(Claim::Work(site))), "{site}");
    };
    fails(WorkSite::Lookup, &|values| &mut values.front.lookup.as_mut().expect("lookups").work);
    let columns = opened.opening.shape().column_variables();
    for work in 0..opened.values.opening.works.len() {
        let site = work.checked_sub(columns).map_or(WorkSite::Column(work), WorkSite::Row);
        fails(site, &|values| &mut values.opening.works[work]);
    }
    fails(WorkSite::Query, &|values| &mut values.opening.query_work);
}

/// A change in a list's length.
type Change = fn(&mut BatchValues<Native>);

#[test]
fn lists_of_other_lengths_are_not_taken_for_the_shape() {
    let opened = Opened::new();
    let changes: [Change; 9] = [
        |values| assert!(values.opening.queries.pop().is_some()),
        |values| assert!(values.opening.queries[1].rows.pop().is_some()),
        |values| assert!(values.opening.queries[1].leaves.pop().is_some()),
        |values| assert!(values.opening.queries[0].rows[1].1.pop().is_some()),
        |values| assert!(values.opening.queries[0].rows[0].0.pop().is_some()),
        |values| assert!(values.opening.queries[0].leaves[0].0.pop().is_some()),
        |values| assert!(values.opening.queries[0].leaves[1].1.pop().is_some()),
        |values| assert!(values.opening.words[0].pop().is_some()),
        |values| assert!(values.opening.last.pop().is_some()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert_eq!(opened.after(change), Some(Claim::Shape), "change {number}");
        assert!(opened.before(change).is_some(), "change {number}");
    }
    let before: [Change; 5] = [
        |values| assert!(values.front.claims.tables.pop().is_some()),
        |values| assert!(values.front.claims.tables[0].pop().is_some()),
        |values| assert!(values.front.skip.pop().is_some()),
        |values| assert!(values.front.rounds[2].pop().is_some()),
        |values| assert!(values.front.lookup.as_mut().expect("lookups").layers.pop().is_some()),
    ];
    for (number, change) in before.into_iter().enumerate() {
        assert_eq!(opened.before(change), Some(Claim::Shape), "change {number}");
    }
}
