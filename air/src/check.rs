//! A checker for single tables: which labels fail on which rows, and what a table leaves on the bus.
//!
//! It evaluates the same `constrain` functions as the prover, on concrete rows, and judges mutated
//! tables in tests.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use p3_air::{AirBuilder, RowWindow};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::{ChipBuilder, Label};
use crate::chip::System;

/// What a table leaves on the bus: the net count of every message, zeros left out.
pub type Balance = BTreeMap<Vec<u32>, i64>;

/// Result of checking one table.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Labels that fail, with the first row on which each fails.
    pub failures: BTreeMap<Label, usize>,
    /// What the table leaves on the bus.
    pub balance: Balance,
    /// Messages whose count is neither -1, 0 nor 1, with the first such row.
    pub overcounted: BTreeMap<Label, usize>,
}

/// Checks every row of a table.
///
/// # Panics
///
/// If the table has another width than the chip.
pub fn check(air: &impl System, trace: &RowMajorMatrix<F>, public_values: &[F]) -> Report {
    let preprocessed = air.preprocessed_trace().unwrap_or_else(|| RowMajorMatrix::new(vec![], 0));
    let rows = 0..trace.height();
    let mut report = Report::default();
    for row in rows {
        check_row(air, trace, &preprocessed, public_values, row, &mut report);
    }
    report.balance.retain(|_, count| *count != 0);
    report
}

fn check_row(
    air: &impl System,
    trace: &RowMajorMatrix<F>,
    preprocessed: &RowMajorMatrix<F>,
    public_values: &[F],
    row: usize,
    report: &mut Report,
) {
    assert_eq!(trace.width, air.width(), "width of {}", air.name());
    let height = trace.height();
    let next = (row + 1) % height;
    let slice = |m: &RowMajorMatrix<F>, r: usize| m.values[r * m.width..(r + 1) * m.width].to_vec();
    let (local, next_row) = (slice(trace, row), slice(trace, next));
    let (fixed, fixed_next) =
        if preprocessed.width == 0 { (vec![], vec![]) } else { (slice(preprocessed, row), slice(preprocessed, next)) };
    let mut builder = RowChecker {
        main: RowWindow::from_two_rows(&local, &next_row),
        preprocessed: RowWindow::from_two_rows(&fixed, &fixed_next),
        public_values,
        row,
        height,
        report,
    };
    air.constrain(&mut builder);
}

/// Adds up what several tables leave on the bus.
pub fn total(balances: impl IntoIterator<Item = Balance>) -> Balance {
    let mut sum = Balance::new();
    for (tuple, count) in balances.into_iter().flatten() {
        *sum.entry(tuple).or_default() += count;
    }
    sum.retain(|_, count| *count != 0);
    sum
}

macro_rules! concrete_builder {
    ($name:ident, $first:expr, $last:expr) => {
        impl<'a> AirBuilder for $name<'a> {
            type F = F;
            type Expr = F;
            type Var = F;
            type PreprocessedWindow = RowWindow<'a, F>;
            type MainWindow = RowWindow<'a, F>;
            type PublicVar = F;
            type PeriodicVar = F;

            fn main(&self) -> Self::MainWindow {
                self.main
            }

            fn preprocessed(&self) -> &Self::PreprocessedWindow {
                &self.preprocessed
            }

            fn is_first_row(&self) -> F {
                F::from_bool($first(self))
            }

            fn is_last_row(&self) -> F {
                F::from_bool($last(self))
            }

            fn is_transition(&self) -> F {
                F::from_bool(!$last(self))
            }

            fn assert_zero<I: Into<F>>(&mut self, x: I) {
                self.check("unlabelled", x);
            }

            fn public_values(&self) -> &[F] {
                self.public_values
            }
        }
    };
}

#[cfg(test)]
pub(crate) use concrete_builder;

struct RowChecker<'a> {
    main: RowWindow<'a, F>,
    preprocessed: RowWindow<'a, F>,
    public_values: &'a [F],
    row: usize,
    height: usize,
    report: &'a mut Report,
}

concrete_builder!(RowChecker, |b: &RowChecker<'_>| b.row == 0, |b: &RowChecker<'_>| b.row + 1 == b.height);

impl RowChecker<'_> {
    fn post(&mut self, tuple: &[F], count: i64) {
        if count != 0 {
            let tuple = tuple.iter().map(PrimeField32::as_canonical_u32).collect();
            *self.report.balance.entry(tuple).or_default() += count;
        }
    }
}

impl ChipBuilder for RowChecker<'_> {
    fn check(&mut self, label: Label, x: impl Into<F>) {
        if x.into() != F::ZERO {
            self.report.failures.entry(label).or_insert(self.row);
        }
    }

    fn message(&mut self, label: Label, tuple: Vec<F>, count: F) {
        let count = match count {
            F::ZERO => 0,
            F::ONE => 1,
            F::NEG_ONE => -1,
            _ => {
                self.report.overcounted.entry(label).or_insert(self.row);
                i64::from(count.as_canonical_u32())
            }
        };
        self.post(&tuple, count);
    }

    fn provide(&mut self, _label: Label, tuple: Vec<F>, count: F) {
        self.post(&tuple, -signed(count));
    }
}

/// The integer of least magnitude that a count stands for.
fn signed(count: F) -> i64 {
    let (count, order) = (i64::from(count.as_canonical_u32()), i64::from(F::ORDER_U32));
    if 2 * count < order { count } else { count - order }
}
