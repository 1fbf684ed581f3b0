//! Small tables with everything that a proof of version 2 can have, their proofs, and these in a circuit.

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::prove::Prover;
use tern_fri::multilinear::{Params, Proof};
use tern_verifier::import::Importer;
use tern_verifier::multilinear::batch::{BatchValues, FixedColumns};
use tern_verifier::multilinear::{BatchVerifier, OpeningVerifier};
use tern_verifier::native::{Failure, Native};
use tern_verifier::ops::{MultilinearOps, Ops};
use tern_vm::recursion::{CircuitBuilder, Run};

/// Few queries and little work: one is as good as a hundred.
pub const TOY: Params = Params {
    name: "test-toy-v2",
    log_width: 3,
    num_queries: 3,
    log_last: 3,
    cap_height: 2,
    lookup_pow_bits: 3,
    column_pow_bits: 1,
    row_pow_bits: 0,
    query_pow_bits: 2,
    ..SEGMENT_V2
};

/// The same without work, behind which other claims would not be reached.
pub const IDLE: Params = Params { name: "test-toy-idle-v2", lookup_pow_bits: 0, column_pow_bits: 0, query_pow_bits: 0, ..TOY };

/// Base-2 logarithm of the largest height.
const ROW_VARIABLES: usize = 11;

/// Rows of the table of numbers.
const NUMBERS: u32 = 512;

pub const SEED: Digest = [7; 32];

/// A table.
#[derive(Clone, Copy, Debug)]
pub enum Toy {
    /// `flag, x, y`: `y = x^3`; sends `(x, y)` where the flag is set.
    Cubes,
    /// `x, y, count`: takes `(x, y)`.
    Points,
    /// `flag, x, y` with a public value `p`: where the flag is set, `y = p x^2`, and `x` is a number.
    Scaled,
    /// Fixed `i` in row `i`; `count`: provides numbers.
    Numbers,
}

pub const TOYS: [Toy; 4] = [Toy::Cubes, Toy::Points, Toy::Scaled, Toy::Numbers];

impl BaseAir<F> for Toy {
    fn width(&self) -> usize {
        if matches!(self, Self::Numbers) { 1 } else { 3 }
    }

    fn preprocessed_width(&self) -> usize {
        usize::from(matches!(self, Self::Numbers))
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        matches!(self, Self::Numbers).then(|| RowMajorMatrix::new((0..NUMBERS).map(F::from_u32).collect(), 1))
    }

    fn num_public_values(&self) -> usize {
        usize::from(matches!(self, Self::Scaled))
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for Toy {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let row: Vec<AB::Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
        match (self, row.as_slice()) {
            (Self::Cubes, [flag, x, y]) => {
                builder.assert_bool(flag.clone());
                builder.assert_eq(y.clone(), x.clone() * x.clone() * x.clone());
                builder.push_interaction("points", [x.clone(), y.clone()], Count::bounded(flag.clone(), 1));
            }
            (Self::Points, [x, y, count]) => {
                builder.push_interaction("points", [x.clone(), y.clone()], Count::provided(-count.clone()));
            }
            (Self::Scaled, [flag, x, y]) => {
                let p: AB::Expr = builder.public_values()[0].into();
                builder.assert_bool(flag.clone());
                builder.assert_zero(flag.clone() * (y.clone() - p * x.clone() * x.clone()));
                builder.push_interaction("numbers", [x.clone()], Count::bounded(flag.clone(), 1));
            }
            (Self::Numbers, [count]) => {
                let number: AB::Expr = builder.preprocessed().current_slice()[0].into();
                builder.push_interaction("numbers", [number], Count::provided(-count.clone()));
            }
            _ => unreachable!("the row has the table's width"),
        }
    }
}

/// The fixed columns in closed form.
#[derive(Clone, Copy, Debug)]
pub struct Toys;

impl FixedColumns for Toys {
    fn fixed_at<O: MultilinearOps>(&self, ops: &mut O, table: usize, point: &[O::Ext]) -> Option<Vec<O::Ext>> {
        if !matches!(TOYS[table], Toy::Numbers) {
            return None;
        }
        let (own, above) = point.split_at(NUMBERS.ilog2() as usize);
        let mut value = ops.constant(EF::ZERO);
        for bit in own.iter().rev() {
            let two = ops.constant(EF::TWO);
            value = ops.mul_add(&value, &two, bit);
        }
        for bit in above {
            value = ops.sub_mul(&value, bit, &value);
        }
        Some(vec![value])
    }
}

/// The tables for a public value, and the public values of each.
pub fn tables(p: F) -> (Vec<RowMajorMatrix<F>>, Vec<Vec<F>>) {
    let flag = |set: bool| F::from_bool(set);
    let cubes: Vec<[F; 3]> = (0..600).map(|i| F::from_u32(i + 3)).map(|x| [flag(x == F::from_u8(5)), x, x.cube()]).collect();
    let points = [[F::from_u8(5), F::from_u8(125), F::ONE]];
    let scaled: Vec<[F; 3]> = (0..40).map(F::from_u32).map(|x| [flag(x != F::TWO), x, p * x.square()]).collect();
    let counts = (0..40).map(|i| flag(i != 2)).collect();
    let tables = vec![
        RowMajorMatrix::new(cubes.concat(), 3),
        RowMajorMatrix::new(points.concat(), 3),
        RowMajorMatrix::new(scaled.concat(), 3),
        RowMajorMatrix::new(counts, 1),
    ];
    (tables, vec![vec![], vec![], vec![p], vec![]])
}

/// Proves the tables for a public value.
pub fn prove(params: &Params, p: F) -> (Proof, Vec<Vec<F>>) {
    let (tables, public_values) = tables(p);
    let proof = Prover::new(params, TOYS.to_vec(), ROW_VARIABLES).prove(&SEED, &tables, &public_values).expect("tables that fit");
    (proof, public_values)
}

/// What verifies proofs of tables of certain heights, on values and in circuits.
pub struct Case<S> {
    pub verifier: BatchVerifier<S>,
    pub opening: OpeningVerifier,
    pub seed: Digest,
}

/// Values of a proof and what it is about.
#[derive(Clone)]
pub struct Stated<O: MultilinearOps> {
    pub values: BatchValues<O>,
    pub public_values: Vec<Vec<O::Ext>>,
}

impl Case<Toys> {
    pub fn of_heights(params: &Params, heights: &[usize]) -> Self {
        let verifier = BatchVerifier::new(params, &TOYS, Toys, ROW_VARIABLES).expect("usable tables");
        Self::new(verifier, SEED, heights)
    }
}

impl<S: FixedColumns> Case<S> {
    pub fn new(verifier: BatchVerifier<S>, seed: Digest, heights: &[usize]) -> Self {
        let opening = verifier.opening(heights).expect("a usable shape");
        Self { verifier, opening, seed }
    }

    /// The values of a proof, with a full path for each query.
    pub fn values(&self, proof: &Proof, public_values: &[Vec<F>]) -> Stated<Native> {
        let public_values: Vec<Vec<EF>> =
            public_values.iter().map(|values| values.iter().map(|value| EF::from(*value)).collect()).collect();
        let values = self.verifier.full_values(&[], &self.seed, &public_values, proof).expect("a valid transcript");
        Stated { values, public_values }
    }

    /// Values of zeros, with the argument about Keccak or without.
    pub fn zero(&self, has_calls: bool) -> Stated<Native> {
        let tables = &self.verifier.front_shape().tables;
        Stated {
            values: self.verifier.zero_values(&self.opening, has_calls),
            public_values: tables.iter().map(|table| vec![EF::ZERO; table.public_values]).collect(),
        }
    }

    /// The verdict on values.
    pub fn native(&self, stated: &Stated<Native>) -> Result<(), Failure> {
        self.verify(&mut Native, &self.seed, stated.clone())
    }

    /// Runs the verifier.
    pub fn verify<O: MultilinearOps>(&self, ops: &mut O, seed: &O::Digest, stated: Stated<O>) -> Result<(), O::Error> {
        let Stated { values, public_values } = stated;
        let replayed = self.verifier.replay(ops, &self.opening, &[], seed, &public_values, &values)?;
        self.verifier.check(ops, &self.opening, &public_values, &values, &replayed)
    }

    /// The verifier in a circuit.
    pub fn run(&self, stated: &Stated<Native>) -> Run {
        let mut builder = CircuitBuilder::new();
        let seed = builder.constant_digest(self.seed);
        let stated = stated.import(&mut builder);
        let Ok(()) = self.verify(&mut builder, &seed, stated);
        builder.finish()
    }
}

impl Stated<Native> {
    /// Takes the values into another interpreter.
    pub fn import<O: MultilinearOps>(&self, importer: &mut impl Importer<Native, O>) -> Stated<O> {
        let public_values = self.public_values.iter().map(|values| values.iter().map(|value| importer.base(value)).collect()).collect();
        Stated { values: self.values.import(importer), public_values }
    }
}
