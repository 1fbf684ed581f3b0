//! The univariate skip: a slow prover, honest proofs, changed ones and lies.

pub mod cases;
mod cheating;
mod fast;
mod honest;
pub mod slow;
mod tampering;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_verifier::multilinear::Transcript;
use tern_verifier::multilinear::front::{ColumnProof, Front};
use tern_verifier::native::{Failure, Native};

use super::airs::TestAir;
use super::challenger::transcript_params;
use super::oracle::Statement;
use super::slow_prover::{Tables, columns};

/// A statement and its tables' used rows.
#[derive(Clone)]
pub struct Case {
    pub statement: Statement,
    pub main: Vec<RowMajorMatrix<F>>,
    pub fixed: Vec<RowMajorMatrix<F>>,
}

/// Where a front leaves the columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub skip: EF,
    /// Bits 9, …, n - 1, 0, 1, 2, 3.
    pub rest: Vec<EF>,
}

impl Case {
    /// From the used rows, in our order, of tables of `2^log_rows`.
    pub fn new(airs: Vec<TestAir>, log_rows: usize, main: Vec<RowMajorMatrix<F>>, public_values: Vec<Vec<F>>) -> Self {
        use p3_air::BaseAir;
        let fixed = airs.iter().map(|air| {
            let none = RowMajorMatrix::new(vec![], air.preprocessed_width());
            air.preprocessed_trace().map_or(none, |trace| super::oracle::reversed(&trace))
        });
        let fixed = fixed.collect();
        Self { statement: Statement::new(airs, log_rows, public_values), main, fixed }
    }

    pub fn front(&self) -> Front {
        Front::with_skip(&self.statement.airs, self.statement.log_rows, 0).expect("tables that can be verified")
    }

    /// All rows of all columns.
    pub fn tables(&self) -> Tables {
        let all = |traces: &[RowMajorMatrix<F>]| traces.iter().map(|trace| padded_columns(trace, self.statement.log_rows)).collect();
        Tables { main: all(&self.main), fixed: all(&self.fixed) }
    }

    pub fn public_values(&self) -> Vec<Vec<EF>> {
        self.statement.public_values.iter().map(|values| values.iter().map(|value| (*value).into()).collect()).collect()
    }

    /// Our verdict.
    pub fn judge(&self, front: &Front, proof: &ColumnProof<Native>) -> Result<Point, Failure> {
        let ops = &mut Native;
        let (params, seed) = transcript_params();
        let mut transcript = Transcript::new(ops, params, &seed);
        let reduction = front.verify(ops, &mut transcript, &self.public_values(), proof)?;
        Ok(Point { skip: *reduction.skip_point().expect("a skip"), rest: reduction.row_point().to_vec() })
    }

    /// The columns' values at a point, by their definition.
    pub fn values_at(&self, point: &Point) -> Vec<(Vec<EF>, Vec<EF>)> {
        let lagrange = slow::lagrange(point.skip);
        let weight = |row: usize| {
            let rest = slow::rest_bits(self.statement.log_rows).zip(&point.rest);
            rest.fold(lagrange[row >> 4 & 31], |weight, (bit, x)| weight * if row >> bit & 1 == 1 { *x } else { EF::ONE - *x })
        };
        let weights: Vec<EF> = (0..1 << self.statement.log_rows).map(weight).collect();
        let value = |column: &Vec<F>| -> EF { column.iter().zip(&weights).map(|(cell, weight)| *weight * *cell).sum() };
        let values = |columns: &[Vec<F>]| columns.iter().map(value).collect::<Vec<EF>>();
        let tables = self.tables();
        tables.main.iter().zip(&tables.fixed).map(|(main, fixed)| (values(main), values(fixed))).collect()
    }
}

fn padded_columns(trace: &RowMajorMatrix<F>, log_rows: usize) -> Vec<Vec<F>> {
    let mut columns = columns(trace);
    for column in &mut columns {
        assert!(column.len() <= 1 << log_rows);
        column.resize(1 << log_rows, F::ZERO);
    }
    columns
}
