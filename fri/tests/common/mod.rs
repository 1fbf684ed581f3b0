//! A relation small enough to prove in a test, with everything the proof format knows: two
//! heights, preprocessed columns, public values, next-row constraints and lookups.

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_fri::{Params, Proof, SegmentConfig, config};

/// Name of the bus that carries looked-up bytes.
const BUS: &str = "bytes";

/// Base-2 logarithm of the byte table's height.
pub const TABLE_LOG_HEIGHT: usize = 8;

/// Base-2 logarithm of the counter's height.
pub const COUNTER_LOG_HEIGHT: usize = 6;

#[derive(Clone, Copy, Debug)]
pub enum TestAir {
    /// Columns `x`, `x^2`: counts up from a public start and looks `x` up twice.
    Counter,
    /// A preprocessed column of bytes and how often each is looked up.
    ByteTable,
}

impl BaseAir<F> for TestAir {
    fn width(&self) -> usize {
        match self {
            Self::Counter => 2,
            Self::ByteTable => 1,
        }
    }

    fn num_public_values(&self) -> usize {
        match self {
            Self::Counter => 1,
            Self::ByteTable => 0,
        }
    }

    fn preprocessed_width(&self) -> usize {
        match self {
            Self::Counter => 0,
            Self::ByteTable => 1,
        }
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        match self {
            Self::Counter => None,
            Self::ByteTable => Some(RowMajorMatrix::new_col((0..1 << TABLE_LOG_HEIGHT).map(F::new).collect())),
        }
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        match self {
            Self::Counter => vec![0],
            Self::ByteTable => vec![],
        }
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        vec![]
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for TestAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local = main.current_slice();
        match self {
            Self::Counter => {
                let (x, square) = (local[0], local[1]);
                let next = main.next_slice()[0];
                let start = builder.public_values()[0];
                builder.assert_eq(x * x, square);
                builder.when_first_row().assert_eq(x, start);
                builder.when_transition().assert_eq(x + AB::Expr::ONE, next);
                builder.push_interaction(BUS, [x], 1);
                builder.push_interaction(BUS, [x], 1);
            }
            Self::ByteTable => {
                let count = local[0];
                let byte = builder.preprocessed().current_slice()[0];
                builder.push_interaction(BUS, [byte], Count::provided(-count.into()));
            }
        }
    }
}

/// The tables of the relation, in batch order.
pub const AIRS: [TestAir; 2] = [TestAir::Counter, TestAir::ByteTable];

/// Both tables' heights.
pub const LOG_HEIGHTS: [usize; 2] = [COUNTER_LOG_HEIGHT, TABLE_LOG_HEIGHT];

/// A proof of the relation with what a verifier needs.
pub struct Proved {
    pub config: SegmentConfig,
    pub data: ProverData<SegmentConfig>,
    pub public_values: Vec<Vec<F>>,
    pub proof: Proof,
}

/// Proves that the counter starts at `start`.
pub fn prove(params: &Params, seed: [u8; 32], start: u32) -> Proved {
    let config = config(params, seed);
    let xs: Vec<F> = (start..).take(1 << COUNTER_LOG_HEIGHT).map(F::new).collect();
    let mut counts = vec![F::ZERO; 1 << TABLE_LOG_HEIGHT];
    for x in &xs {
        counts[x.as_canonical_u32() as usize] += F::TWO;
    }
    let counter = RowMajorMatrix::new(xs.iter().flat_map(|x| [*x, x.square()]).collect(), 2);
    let traces = [counter, RowMajorMatrix::new_col(counts)];
    let public_values = vec![vec![F::new(start)], vec![]];
    let instances: Vec<_> = AIRS
        .iter()
        .zip(&traces)
        .zip(&public_values)
        .map(|((air, trace), values)| StarkInstance { air, trace, public_values: values.clone() })
        .collect();
    let data = ProverData::from_instances(&config, &instances).expect("the relation is provable");
    let proof = prove_batch(&config, &instances, &data).expect("the relation holds");
    Proved { config, data, public_values, proof }
}
