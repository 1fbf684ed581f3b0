//! Lengths that the arithmetic relies on are checked by itself, also where nothing has looked at
//! them before: a circuit takes values that somebody else has expanded.

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_fri::hash::Digest;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::{Layout, OpeningShape, Params};
use tern_verifier::Reason;
use tern_verifier::multilinear::opening::{Claims, Forms, OpeningChallenges, OpeningValues, RowWeights};
use tern_verifier::multilinear::{Claim, OpeningVerifier, Transcript};
use tern_verifier::native::Native;

use crate::tables::{Instance, PARAMS, native_forms, native_rows};

/// What is checked, expanded.
struct Checked {
    verifier: OpeningVerifier,
    commitments: Vec<Vec<Digest>>,
    heights: Vec<Vec<EF>>,
    rows: RowWeights<Native>,
    claims: Vec<EF>,
    forms: Forms<Native>,
    values: OpeningValues<Native>,
}

impl Checked {
    fn new() -> Self {
        let params = Params { log_last: 2, num_queries: 3, ..PARAMS };
        let instance = Instance::in_blocks(params, 10, (&[1, 2], 5), &[(4, &[(7, 200), (36, 93)]), (3, &[(5, 250), (3, 77)])], 1);
        let instance = instance.with_forms(&[1, 0, 1]);
        let opening = instance.prove();
        let heights = opening.heights.iter().map(|heights| heights.iter().map(|&height| EF::from_usize(height)).collect()).collect();
        let mut checked = Self {
            verifier: OpeningVerifier::new(instance.shape.clone()).expect("a usable shape"),
            commitments: opening.caps.clone(),
            heights,
            rows: native_rows(&opening.rows),
            claims: opening.claims.clone(),
            forms: native_forms(&opening.forms, opening.sum).expect("forms"),
            values: OpeningValues::without_queries(&opening.proof),
        };
        let challenges = checked.replay();
        checked.values.queries = checked.verifier.expand(&opening.proof, &challenges).expect("leaves and digests");
        checked
    }

    /// What is claimed, for a use of it.
    fn with_claims<T>(&self, then: impl FnOnce(&Claims<'_, Native>) -> T) -> T {
        let Self { commitments, heights, rows, claims, forms, .. } = self;
        then(&Claims {
            commitments,
            heights,
            rows,
            values: claims,
            columns: &|_, weights| self.verifier.shape().each_column(weights),
            forms: Some(forms),
        })
    }

    fn replay(&self) -> OpeningChallenges<Native> {
        let ops = &mut Native;
        let mut transcript = Transcript::new(ops, &self.verifier.shape().params.to_bytes(), &[3; 32]);
        self.commitments.iter().for_each(|cap| transcript.observe_digests(cap));
        self.with_claims(|claims| self.verifier.replay(ops, &mut transcript, claims, &self.values)).expect("proofs of work")
    }

    fn verdict(&self, challenges: &OpeningChallenges<Native>) -> Result<(), Reason> {
        let verdict = self.with_claims(|claims| self.verifier.check(&mut Native, claims, &self.values, challenges));
        verdict.map_err(|failure| failure.reason())
    }
}

#[test]
fn every_length_is_checked() {
    let honest = Checked::new();
    let challenges = honest.replay();
    assert_eq!(honest.verdict(&challenges), Ok(()));
    let mut count = 0;
    macro_rules! lengths {
        ($($list:tt)+) => {
            for change in 0..3 {
                let mut checked = Checked::new();
                let list = &mut checked.$($list)+;
                match change {
                    0 => _ = list.pop(),
                    1 => list.extend(list.last().cloned()),
                    _ => list.clear(),
                }
                assert_eq!(checked.verdict(&challenges), Err(Reason::Multilinear(Claim::Shape)), "{} {change}", stringify!($($list)+));
                count += 1;
            }
        };
    }
    lengths!(commitments);
    lengths!(commitments[0]);
    lengths!(commitments[1]);
    lengths!(heights);
    lengths!(heights[0]);
    lengths!(heights[1]);
    lengths!(rows.block);
    lengths!(rows.block[0]);
    lengths!(rows.block[1]);
    lengths!(rows.blocks);
    lengths!(forms.forms[0].columns);
    lengths!(forms.forms[1].rows.block);
    lengths!(forms.forms[1].rows.block[1]);
    lengths!(forms.forms[2].rows.blocks);
    lengths!(claims);
    lengths!(values.rounds);
    lengths!(values.works);
    lengths!(values.words);
    lengths!(values.words[0]);
    lengths!(values.words[1]);
    lengths!(values.last);
    lengths!(values.queries);
    lengths!(values.queries[1].rows);
    lengths!(values.queries[1].rows[0].0);
    lengths!(values.queries[1].rows[1].0);
    lengths!(values.queries[1].rows[0].1);
    lengths!(values.queries[2].rows[1].1);
    lengths!(values.queries[1].leaves);
    lengths!(values.queries[1].leaves[0].0);
    lengths!(values.queries[1].leaves[1].0);
    lengths!(values.queries[1].leaves[0].1);
    lengths!(values.queries[2].leaves[1].1);
    assert_eq!(count, 96);
}

/// A height or a proof of work is an element of the base field.
#[test]
fn numbers_of_the_challenge_field_are_rejected() {
    let honest = Checked::new();
    let challenges = honest.replay();
    let generator =
        EF::from(tern_field::F::TWO) + <EF as p3_field::BasedVectorSpace<tern_field::F>>::ith_basis_element(1).expect("five coordinates");
    let mut checked = Checked::new();
    checked.heights[1][0] += generator;
    assert_eq!(checked.verdict(&challenges), Err(Reason::Multilinear(Claim::Heights { matrix: 1 })));
}

#[test]
fn shapes_that_the_arithmetic_is_not_made_for_are_refused() {
    let shape = |params: Params, log_rows, block: &[usize], block_variables, widths: &[usize]| OpeningShape {
        params,
        log_rows,
        block: block.to_vec(),
        block_variables,
        layouts: widths.iter().map(|&log_width| Layout::new(&[5, 36], log_width)).collect(),
    };
    let usable = |shape: OpeningShape| OpeningVerifier::new(shape).is_ok();
    for params in [SEGMENT_V2, RECURSION_V2, FINAL_V2] {
        assert!(usable(shape(params, params.max_log_rows, &[1, 1, 1, 1, 5], 13, &[params.log_width])));
        assert!(usable(shape(params, params.max_log_rows, &[], 22, &[params.log_width])));
        assert!(!usable(shape(params, params.max_log_rows + 1, &[], 22, &[params.log_width])));
        assert!(!usable(shape(params, 12, &[], 22, &[params.log_width - 1])));
        assert!(!usable(shape(params, 12, &[], 22, &[])));
        assert!(!usable(shape(params, 12, &[], 30, &[params.log_width])));
        assert!(!usable(shape(params, 8, &[1, 1, 1, 1, 5], 2, &[params.log_width])));
        let fixed = shape(params, 12, &[], 22, &[params.log_width, 5]);
        assert_eq!(usable(fixed), params.max_column_variables > params.log_width);
    }
    assert!(!usable(shape(RECURSION_V2, 12, &[], 22, &[7, 8])));
    assert!(!usable(shape(RECURSION_V2, 12, &[], 22, &[7, 1])));
    assert!(!usable(shape(RECURSION_V2, 12, &[], 22, &[7, 5, 5])));
    assert!(!usable(shape(SEGMENT_V2, 22, &[], 26, &[7])));
    assert!(!usable(OpeningShape { layouts: vec![Layout::new(&[], 7)], ..shape(SEGMENT_V2, 12, &[], 22, &[7]) }));
}
