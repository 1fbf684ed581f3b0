//! Constraints and messages at the values of one row's columns, from a builder that has nothing to
//! do with the verifier's.

use p3_air::{Air, AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use tern_field::{EF, F};

/// A message: its bus, its fields, its count.
#[derive(Clone, Debug)]
pub struct Message {
    pub bus: Bus,
    pub fields: Vec<EF>,
    pub count: EF,
}

/// A bus of all tables, or one of the table's own by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bus {
    Shared(String),
    Own(usize),
}

/// What a row comes to.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub constraints: Vec<EF>,
    /// On the table's own buses first.
    pub messages: Vec<Message>,
}

struct Evaluator<'a> {
    main: RowWindow<'a, EF>,
    preprocessed: RowWindow<'a, EF>,
    public_values: &'a [F],
    constraints: Vec<EF>,
    own: Vec<Vec<Message>>,
    shared: Vec<Message>,
}

/// Evaluates an AIR that reads one row only.
pub trait Evaluate {
    fn row(&self, main: &[EF], preprocessed: &[EF], public_values: &[F]) -> Row;
}

impl<A: for<'a> Evaluated<'a>> Evaluate for A {
    fn row(&self, main: &[EF], preprocessed: &[EF], public_values: &[F]) -> Row {
        self.evaluated(main, preprocessed, public_values)
    }
}

/// The same for one lifetime.
pub trait Evaluated<'a> {
    fn evaluated(&self, main: &'a [EF], preprocessed: &'a [EF], public_values: &'a [F]) -> Row;
}

impl<'a, A: Air<Evaluator<'a>>> Evaluated<'a> for A {
    fn evaluated(&self, main: &'a [EF], preprocessed: &'a [EF], public_values: &'a [F]) -> Row {
        let mut evaluator = Evaluator {
            main: RowWindow::from_two_rows(main, main),
            preprocessed: RowWindow::from_two_rows(preprocessed, preprocessed),
            public_values,
            constraints: vec![],
            own: vec![],
            shared: vec![],
        };
        self.eval(&mut evaluator);
        let messages = evaluator.own.into_iter().flatten().chain(evaluator.shared).collect();
        Row { constraints: evaluator.constraints, messages }
    }
}

impl<'a> AirBuilder for Evaluator<'a> {
    type F = F;
    type Expr = EF;
    type Var = EF;
    type PreprocessedWindow = RowWindow<'a, EF>;
    type MainWindow = RowWindow<'a, EF>;
    type PublicVar = F;
    type PeriodicVar = EF;

    fn main(&self) -> RowWindow<'a, EF> {
        self.main
    }

    fn preprocessed(&self) -> &RowWindow<'a, EF> {
        &self.preprocessed
    }

    fn is_first_row(&self) -> EF {
        panic!("reads a selector")
    }

    fn is_last_row(&self) -> EF {
        panic!("reads a selector")
    }

    fn is_transition(&self) -> EF {
        panic!("reads a selector")
    }

    fn assert_zero<I: Into<EF>>(&mut self, x: I) {
        self.constraints.push(x.into());
    }

    fn public_values(&self) -> &[F] {
        self.public_values
    }
}

impl InteractionBuilder for Evaluator<'_> {
    fn push_interaction<E: Into<EF>>(&mut self, bus: &str, fields: impl IntoIterator<Item = E>, count: impl Into<Count<EF>>) {
        let fields = fields.into_iter().map(Into::into).collect();
        self.shared.push(Message { bus: Bus::Shared(bus.into()), fields, count: count.into().into_parts().0 });
    }

    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<EF>, Count<EF>)>) {
        let bus = self.own.len();
        let message = |(fields, count): (Vec<EF>, Count<EF>)| Message { bus: Bus::Own(bus), fields, count: count.into_parts().0 };
        self.own.push(tuples.into_iter().map(message).collect());
    }

    fn num_global_interactions(&self) -> usize {
        self.shared.len()
    }

    fn num_local_interactions(&self) -> usize {
        self.own.len()
    }
}

/// A row of zeros.
pub fn zeros(width: usize) -> Vec<EF> {
    EF::zero_vec(width)
}
