//! A symbolic builder that keeps labels, degrees and tags.

use p3_air::symbolic::{AirLayout, BaseLeaf, SymbolicAirBuilder, SymbolicExpression};
use p3_air::{AirBuilder, BaseAir};
use tern_air::builder::{ChipBuilder, Label};
use tern_air::chip::TernAir;
use tern_field::F;

/// A constraint: its label and degree.
pub struct Constraint {
    pub label: Label,
    pub degree: usize,
}

/// A message: its label, tag, length with the tag, and the degree of its count.
pub struct Message {
    pub label: Label,
    pub tag: String,
    pub len: usize,
    pub count_degree: usize,
    pub provided: bool,
}

/// Everything that a chip states on a row.
pub struct Recorder {
    inner: SymbolicAirBuilder<F>,
    pub constraints: Vec<Constraint>,
    pub messages: Vec<Message>,
}

impl Recorder {
    /// Records a chip.
    pub fn of(air: &TernAir) -> Self {
        let layout = AirLayout {
            main_width: air.width(),
            preprocessed_width: air.preprocessed_width(),
            num_public_values: air.num_public_values(),
            ..Default::default()
        };
        let mut recorder = Self { inner: SymbolicAirBuilder::new(layout), constraints: Vec::new(), messages: Vec::new() };
        air.constrain(&mut recorder);
        recorder
    }

    fn record(&mut self, label: Label, tuple: &[SymbolicExpression<F>], count: &SymbolicExpression<F>, provided: bool) {
        let tag = tuple.first().map(tag_name).unwrap_or_default();
        self.messages.push(Message { label, tag, len: tuple.len(), count_degree: count.degree_multiple(), provided });
    }
}

/// The name of a constant tag; a tag that depends on selectors is shown by what it chooses between.
fn tag_name(tag: &SymbolicExpression<F>) -> String {
    use tern_air::bus;
    let names = [
        (bus::EXECUTION, "EXECUTION"),
        (bus::PROGRAM, "PROGRAM"),
        (bus::MEMORY, "MEMORY"),
        (bus::BITS, "BITS"),
        (bus::POWER, "POWER"),
        (bus::AND, "AND"),
        (bus::OR, "OR"),
        (bus::XOR, "XOR"),
        (bus::BYTES, "BYTES"),
        (bus::NODE, "NODE"),
        (bus::PERMUTATION, "PERMUTATION"),
        (bus::KECCAK, "KECCAK"),
        (bus::MULMOD, "MULMOD"),
        (bus::HALT, "HALT"),
    ];
    match tag {
        SymbolicExpression::Leaf(BaseLeaf::Constant(value)) => {
            names.iter().find(|(number, _)| F::new(*number) == *value).map_or_else(|| format!("{value}"), |(_, name)| (*name).into())
        }
        _ => "AND, OR or XOR".into(),
    }
}

impl AirBuilder for Recorder {
    type F = F;
    type Expr = <SymbolicAirBuilder<F> as AirBuilder>::Expr;
    type Var = <SymbolicAirBuilder<F> as AirBuilder>::Var;
    type PreprocessedWindow = <SymbolicAirBuilder<F> as AirBuilder>::PreprocessedWindow;
    type MainWindow = <SymbolicAirBuilder<F> as AirBuilder>::MainWindow;
    type PublicVar = <SymbolicAirBuilder<F> as AirBuilder>::PublicVar;
    type PeriodicVar = <SymbolicAirBuilder<F> as AirBuilder>::PeriodicVar;

    fn main(&self) -> Self::MainWindow {
        self.inner.main()
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }

    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }

    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }

    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }

    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.check("", x);
    }

    fn public_values(&self) -> &[Self::PublicVar] {
        self.inner.public_values()
    }
}

impl ChipBuilder for Recorder {
    fn check(&mut self, label: Label, x: impl Into<Self::Expr>) {
        self.constraints.push(Constraint { label, degree: x.into().degree_multiple() });
    }

    fn message(&mut self, label: Label, tuple: Vec<Self::Expr>, count: Self::Expr) {
        self.record(label, &tuple, &count, false);
    }

    fn provide(&mut self, label: Label, tuple: Vec<Self::Expr>, count: Self::Expr) {
        self.record(label, &tuple, &count, true);
    }
}
