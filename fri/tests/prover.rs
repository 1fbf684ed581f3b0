//! The prover makes Plonky3's proofs, byte for byte.

mod common;

use std::time::Instant;

use common::{AIRS, LOG_HEIGHTS, prove};
use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_batch_stark::{ProverData, StarkInstance, prove_batch, verify_batch};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_fri::params::{ALL, SEGMENT_V1};
use tern_fri::prover::{BatchProver, ProvableAir, ProveError};
use tern_fri::{Params, config};

const SEED: [u8; 32] = [3; 32];

/// A table with as many columns and messages as wanted, and messages that cancel row by row.
#[derive(Clone, Copy, Debug)]
struct WideAir {
    width: usize,
    /// Pairs of a message sent and the same message received on the next row's side.
    pairs: usize,
    degree_hint: usize,
    reads_next: bool,
}

impl BaseAir<F> for WideAir {
    fn width(&self) -> usize {
        self.width
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        if self.reads_next { vec![0] } else { vec![] }
    }

    fn max_constraint_degree(&self) -> Option<usize> {
        Some(self.degree_hint)
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for WideAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local: Vec<AB::Var> = main.current_slice().to_vec();
        let next = main.next_slice()[0];
        // Column 0 is boolean, the others count up from a multiple of the row.
        builder.assert_bool(local[0]);
        for pair in local[1..].windows(2) {
            builder.assert_eq(pair[0] + AB::Expr::ONE, pair[1]);
        }
        if self.reads_next {
            builder.when_transition().assert_zero((local[0] + next) * (AB::Expr::ONE - local[0] - next));
        }
        for pair in 0..self.pairs {
            let at = |k: usize| local[1 + (pair + k) % (self.width - 1)];
            let tuple: Vec<AB::Expr> = vec![
                AB::Expr::from_u32(pair as u32 % 3),
                at(0).into(),
                at(1) * AB::Expr::from_u32(3) + at(2),
                AB::Expr::ZERO,
                at(3) * local[0],
            ];
            let bus = if pair % 4 == 3 { "second" } else { "first" };
            builder.push_interaction(bus, tuple.clone(), Count::bounded(local[0].into(), 1));
            builder.push_interaction(bus, tuple, Count::bounded(-local[0].into(), 1));
        }
    }
}

fn wide_trace(air: &WideAir, log_height: usize) -> RowMajorMatrix<F> {
    let rows = 0..1_u32 << log_height;
    let values = rows.flat_map(|row| {
        let flag = F::from_bool(row % 2 == 1);
        let counts = (0..air.width as u32 - 1).map(move |i| F::new(row * 7 + i));
        std::iter::once(flag).chain(counts)
    });
    RowMajorMatrix::new(values.collect(), air.width)
}

/// Proves with both provers and returns both times in seconds, Plonky3's first.
fn compare<A>(params: &Params, airs: &[A], traces: &[RowMajorMatrix<F>], public_values: &[Vec<F>]) -> [f64; 2]
where
    A: ProvableAir
        + Clone
        + for<'a> Air<p3_batch_stark::folder::ProverConstraintFolderWithLookups<'a, Config>>
        + for<'a> Air<p3_batch_stark::folder::VerifierConstraintFolderWithLookups<'a, Config>>,
{
    let config = config(params, SEED);
    let traces_by_reference: Vec<_> = traces.iter().collect();
    let instances = StarkInstance::new_multiple(airs, &traces_by_reference, public_values);
    let data = ProverData::from_instances(&config, &instances).expect("the relation is provable");
    let start = Instant::now();
    let reference = prove_batch(&config, &instances, &data).expect("the relation holds");
    let reference_time = start.elapsed().as_secs_f64();
    let prover = BatchProver::new(params, &config, airs, &data).expect("the lookups are messages");
    let traces = traces.to_vec();
    let start = Instant::now();
    let proof = prover.prove(traces, public_values).expect("the relation holds");
    let time = start.elapsed().as_secs_f64();
    verify_batch(&config, airs, &proof, public_values, &data.common).expect("the proof holds");
    let bytes = |proof| postcard::to_allocvec(proof).expect("proofs serialise");
    assert!(bytes(&proof) == bytes(&reference), "the proofs differ");
    [reference_time, time]
}

type Config = tern_fri::SegmentConfig;

#[test]
fn proofs_equal_plonky3s() {
    let proved = prove(&SEGMENT_V1, SEED, 17);
    let rows = 17..17 + (1 << LOG_HEIGHTS[0]);
    let counter: Vec<F> = rows.clone().flat_map(|x| [F::new(x), F::new(x * x)]).collect();
    let counts = (0..1_u32 << LOG_HEIGHTS[1]).map(|byte| F::from_u32(2 * u32::from(rows.contains(&byte)))).collect();
    let traces = [RowMajorMatrix::new(counter, 2), RowMajorMatrix::new_col(counts)];
    compare(&SEGMENT_V1, &AIRS, &traces, &proved.public_values);
    verify_batch(&proved.config, &AIRS, &proved.proof, &proved.public_values, &proved.data.common).expect("the proof holds");
}

#[test]
fn proofs_equal_plonky3s_for_every_packing() {
    for degree_hint in [2, 3, 5] {
        for pairs in [0, 1, 5] {
            let air = |width, reads_next| WideAir { width, pairs, degree_hint, reads_next };
            let airs = [air(9, true), air(40, false), air(12, true)];
            let heights = [4, 7, 7];
            let traces: Vec<_> = airs.iter().zip(heights).map(|(air, height)| wide_trace(air, height)).collect();
            compare(&SEGMENT_V1, &airs, &traces, &[vec![], vec![], vec![]]);
        }
    }
}

/// Other rates, caps and last polynomials; several tables of one height, at one point and at two.
#[test]
fn proofs_equal_plonky3s_under_every_parameter_set() {
    for params in ALL {
        let air = |width, reads_next| WideAir { width, pairs: 2, degree_hint: 3, reads_next };
        let airs = [air(9, true), air(33, false), air(12, true), air(5, false)];
        let heights = [8, 9, 9, 11];
        let traces: Vec<_> = airs.iter().zip(heights).map(|(air, height)| wide_trace(air, height)).collect();
        // Proofs of work are tried in the order of their elements by both, and cost seconds at full strength.
        let params = Params { lookup_pow_bits: 1, ood_pow_bits: 1, batch_pow_bits: 2, commit_pow_bits: 2, query_pow_bits: 3, ..*params };
        compare(&params, &airs, &traces, &[vec![], vec![], vec![], vec![]]);
    }
}

#[test]
fn traces_of_other_sizes_are_refused() {
    let proved = prove(&SEGMENT_V1, SEED, 17);
    let prover = BatchProver::new(&SEGMENT_V1, &proved.config, &AIRS, &proved.data).expect("messages only");
    let trace = |rows: usize, width: usize| RowMajorMatrix::new(F::zero_vec(rows * width), width);
    let values = &proved.public_values;
    let result = prover.prove(vec![trace(64, 2)], values);
    assert!(matches!(result, Err(ProveError::Count { .. })));
    let result = prover.prove(vec![trace(64, 3), trace(256, 1)], values);
    assert!(matches!(result, Err(ProveError::Trace { table: 0, .. })));
    let result = prover.prove(vec![trace(64, 2), trace(8, 1)], values);
    assert!(matches!(result, Err(ProveError::Trace { table: 1, .. })));
    let result = prover.prove(vec![trace(64, 2), trace(256, 1)], &[vec![], vec![]]);
    assert!(matches!(result, Err(ProveError::Count { .. })));
}

#[test]
#[ignore = "a measurement"]
fn speed() {
    let air = WideAir { width: 60, pairs: 10, degree_hint: 3, reads_next: false };
    for log_height in [16, 18] {
        let traces = [wide_trace(&air, log_height)];
        let [reference, ours] = compare(&SEGMENT_V1, &[air], &traces, &[vec![]]);
        println!("2^{log_height} rows, 60 columns, 20 messages: {reference:.2} s, {ours:.2} s");
    }
}
