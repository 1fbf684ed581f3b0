//! What a chip states, as symbolic expressions.

use p3_air::symbolic::{SymbolicAirBuilder, SymbolicExpression};
use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use tern_air::builder::{ChipBuilder, Label};
use tern_air::chip::System;
use tern_air::symbolic::builder_of;

/// An expression over a row's columns.
pub type Expr = SymbolicExpression<F>;

/// A message whose count is declared to be -1, 0 or 1.
pub struct Bounded {
    pub label: Label,
    pub count: Expr,
}

/// Everything that a chip states about a row, but for what the messages hold.
pub struct Stated {
    inner: SymbolicAirBuilder<F>,
    pub constraints: Vec<(Label, Expr)>,
    pub bounded: Vec<Bounded>,
    /// Messages of any count: provided, or fixed by the circuit.
    pub unbounded: usize,
}

impl Stated {
    /// Records a chip.
    pub fn of(air: &impl System) -> Self {
        let mut stated = Self { inner: builder_of(air), constraints: Vec::new(), bounded: Vec::new(), unbounded: 0 };
        air.constrain(&mut stated);
        stated.fixed_flags(air);
        stated
    }
}

impl Stated {
    /// Of a table whose fixed columns are the same in every proof one sees which are 0 or 1 on
    /// every row. Beyond the table they are zero.
    fn fixed_flags(&mut self, air: &impl System) {
        let Some(fixed) = air.preprocessed_trace() else { return };
        let columns = self.inner.preprocessed().current_slice().to_vec();
        for (i, column) in columns.into_iter().enumerate() {
            if fixed.values.iter().skip(i).step_by(fixed.width).all(|&x| x == F::ZERO || x == F::ONE) {
                self.check_bool("fixed", column);
            }
        }
    }
}

tern_air::symbolic_builder!(Stated);

impl ChipBuilder for Stated {
    fn check(&mut self, label: Label, x: impl Into<Expr>) {
        self.constraints.push((label, x.into()));
    }

    fn message(&mut self, label: Label, _tuple: Vec<Expr>, count: Expr) {
        self.bounded.push(Bounded { label, count });
    }

    fn provide(&mut self, _label: Label, _tuple: Vec<Expr>, _count: Expr) {
        self.unbounded += 1;
    }
}
