//! A small circuit of toys with tables that satisfy it.

use std::collections::BTreeMap;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_fri::hash::Digest;
use tern_fri::multilinear::params::RECURSION_V2;
use tern_fri::multilinear::prepare::FixedMatrix;
use tern_fri::multilinear::prove::Prover;
use tern_fri::multilinear::{FixedShape, Params, Proof};
use tern_verifier::multilinear::BatchVerifier;
use tern_verifier::multilinear::batch::{Rejected, UnusableTables};

use super::airs::{Toy, Toys};

/// Few queries and little work.
pub const PARAMS: Params = Params {
    name: "test",
    log_width: 4,
    max_column_variables: 5,
    num_queries: 12,
    cap_height: 2,
    log_last: 2,
    lookup_pow_bits: 3,
    column_pow_bits: 2,
    row_pow_bits: 3,
    query_pow_bits: 4,
    ..RECURSION_V2
};

pub const ROW_VARIABLES: usize = 13;

/// What all else that is fixed would hash to.
pub const SEED: [u8; 32] = [7; 32];

/// Positions of tables.
pub const GATE: usize = 0;
pub const CONSTANTS: usize = 1;
pub const MORE: usize = 2;
/// The first of those without.
pub const LOOKUPS: usize = 4;

/// The tables whose fixed columns are committed to.
pub const COMMITTED: [usize; 3] = [GATE, CONSTANTS, MORE];

/// Fixed and main rows of a table.
#[derive(Clone, Copy, Debug)]
pub struct Rows(pub usize, pub usize);

/// A circuit with tables.
#[derive(Clone)]
pub struct Case {
    pub airs: Vec<Toy>,
    pub tables: Vec<RowMajorMatrix<F>>,
}

fn f(x: usize) -> F {
    F::from_usize(x)
}

/// Fixed columns of constants, which are sent up to three times.
pub fn constants(rows: usize, start: usize) -> RowMajorMatrix<F> {
    RowMajorMatrix::new((0..rows).flat_map(|i| [f(i % 4), f(start + i), f(start + i * i)]).collect(), 3)
}

/// Fixed columns of gates.
pub fn gates(rows: usize) -> RowMajorMatrix<F> {
    RowMajorMatrix::new((0..rows).flat_map(|i| [F::ONE, f(3 + i % 5)]).collect(), 2)
}

impl Case {
    /// Tables of so many rows.
    pub fn new(gate: Rows, first: Rows, more: Rows) -> Self {
        Self::of(gates(gate.0), constants(first.0, 1_000), constants(more.0, 900_000), [gate.1, first.1, more.1])
    }

    /// Tables for these fixed columns, with so many rows of main columns: gates, constants twice, a
    /// sink, lookups, squares.
    pub fn of(gates: RowMajorMatrix<F>, first: RowMajorMatrix<F>, more: RowMajorMatrix<F>, main: [usize; 3]) -> Self {
        let mut sent: BTreeMap<[F; 2], F> = BTreeMap::new();
        let mut send = |x: F, y: F, count: F| *sent.entry([x, y]).or_default() += count;
        let mut constants: Vec<[F; 2]> = vec![];
        for row in first.values.chunks_exact(3).chain(more.values.chunks_exact(3)) {
            send(row[1], row[2], row[0]);
            constants.extend(core::iter::repeat_n([row[1], row[2]], row[0].as_canonical_u32() as usize));
        }
        // Gates with main columns; gates without, which send zeros; rows without a gate, which take
        // constants.
        let mut gate: Vec<F> = vec![];
        for (i, row) in gates.values.chunks_exact(2).enumerate() {
            let [flag, k] = [row[0], row[1]];
            let x = if i < main[0] { f(i + 2) } else { F::ZERO };
            send(x, k * x, flag);
            gate.extend(if i < main[0] { vec![x, k * x, F::ZERO] } else { vec![] });
        }
        for i in gates.values.len() / 2..main[0] {
            let [x, y] = constants.pop().unwrap_or([f(5), f(i)]);
            let taken = F::from_bool(sent.get(&[x, y]).is_some_and(|count| *count != F::ZERO));
            gate.extend([x, y, taken]);
            *sent.entry([x, y]).or_default() -= taken;
        }
        let sink = sent.into_iter().filter(|(_, count)| *count != F::ZERO).flat_map(|([x, y], count)| [x, y, count]).collect();
        let lookups: Vec<[usize; 3]> = (0..40_usize).map(|i| [i * 7 % 100, (i * 7 % 100).pow(2), 1]).collect();
        let mut counts = F::zero_vec(100);
        lookups.iter().for_each(|row| counts[row[0]] += F::ONE);
        let zeros = |rows: usize| RowMajorMatrix::new(F::zero_vec(rows), 1);
        let lookups = lookups.as_flattened().iter().map(|&x| f(x)).collect();
        Self {
            airs: vec![
                Toy::Gate(Some(gates)),
                Toy::Constants(Some(first)),
                Toy::Constants(Some(more)),
                Toy::Sink,
                Toy::Lookups,
                Toy::Squares,
            ],
            tables: vec![
                RowMajorMatrix::new(gate, 3),
                zeros(main[1]),
                zeros(main[2]),
                RowMajorMatrix::new(sink, 3),
                RowMajorMatrix::new(lookups, 3),
                RowMajorMatrix::new(counts, 1),
            ],
        }
    }

    /// Public values, of which there are none.
    pub fn public_values(&self) -> Vec<Vec<F>> {
        vec![vec![]; self.airs.len()]
    }
}

/// A circuit's prover and verifier.
pub struct Circuit {
    pub prover: Prover<Toy>,
    pub verifier: BatchVerifier<Toys>,
    pub key: Vec<Digest>,
}

impl Circuit {
    /// Commits to the fixed columns in a matrix of `2^log_rows` rows of 16 cells.
    pub fn new(airs: &[Toy], log_rows: usize) -> Self {
        Self::pretending(airs, airs, log_rows)
    }

    /// The prover's fixed columns are others than those that are committed to.
    pub fn pretending(airs: &[Toy], fixed: &[Toy], log_rows: usize) -> Self {
        let matrix = FixedMatrix::new(&PARAMS, fixed, &COMMITTED, ROW_VARIABLES, (log_rows, 4)).expect("a matrix");
        let key = matrix.cap().to_vec();
        let verifier = verifier(airs, matrix.shape().clone()).expect("a circuit");
        Self { prover: Prover::with_fixed(&PARAMS, airs.to_vec(), ROW_VARIABLES, matrix), verifier, key }
    }

    pub fn prove(&self, case: &Case) -> Proof {
        self.prover.prove(&SEED, &case.tables, &case.public_values()).expect("a proof")
    }

    pub fn judge(&self, proof: &Proof) -> Result<(), Rejected> {
        self.judge_under(&self.key, proof)
    }

    pub fn judge_under(&self, key: &[Digest], proof: &Proof) -> Result<(), Rejected> {
        self.verifier.verify_under(key, &SEED, &vec![vec![]; proof.forms.len()], proof)
    }
}

/// A verifier, who does not know the fixed columns.
pub fn verifier(airs: &[Toy], shape: FixedShape) -> Result<BatchVerifier<Toys>, UnusableTables> {
    let forget = |air: &Toy| match air {
        Toy::Gate(_) => Toy::Gate(None),
        Toy::Constants(_) => Toy::Constants(None),
        other => other.clone(),
    };
    let airs: Vec<Toy> = airs.iter().map(forget).collect();
    BatchVerifier::with_fixed(&PARAMS, &airs, Toys(airs.clone()), ROW_VARIABLES, shape)
}
