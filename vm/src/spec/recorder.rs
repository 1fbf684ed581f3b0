//! A symbolic builder that keeps labels, degrees and tags.

use p3_air::AirBuilder;
use p3_air::symbolic::{AirLayout, BaseLeaf, SymbolicAirBuilder, SymbolicExpression};
use tern_air::builder::{ChipBuilder, Label};
use tern_field::F;

use super::chips::Documented;

/// A constraint: its label and degree.
pub struct Constraint {
    pub label: Label,
    pub degree: usize,
}

/// A message: its label, tag, length with the tag, and the degree of its count.
pub struct Message {
    pub label: Label,
    pub tag: &'static str,
    pub len: usize,
    pub count_degree: usize,
    /// How it counts, where that is not by a bounded count: `provides`, or `fixed` by the circuit.
    pub how: &'static str,
}

/// Everything that a chip states on a row.
pub struct Recorder {
    inner: SymbolicAirBuilder<F>,
    /// The name of a tag.
    tag_name: fn(&SymbolicExpression<F>) -> &'static str,
    pub constraints: Vec<Constraint>,
    pub messages: Vec<Message>,
}

impl Recorder {
    /// Records a chip.
    pub fn of<A: Documented>(air: &A) -> Self {
        let layout = AirLayout {
            main_width: air.width(),
            preprocessed_width: air.preprocessed_width(),
            num_public_values: air.num_public_values(),
            ..Default::default()
        };
        let inner = SymbolicAirBuilder::new(layout);
        let mut recorder = Self { inner, tag_name: tag_name::<A>, constraints: Vec::new(), messages: Vec::new() };
        air.constrain(&mut recorder);
        recorder
    }

    fn record(&mut self, label: Label, tuple: &[SymbolicExpression<F>], count: &SymbolicExpression<F>, how: &'static str) {
        let tag = tuple.first().map(self.tag_name).unwrap_or_default();
        self.messages.push(Message { label, tag, len: tuple.len(), count_degree: count.degree_multiple(), how });
    }
}

/// The name of a constant tag; a tag that depends on columns is shown by what it chooses between.
fn tag_name<A: Documented>(tag: &SymbolicExpression<F>) -> &'static str {
    match tag {
        SymbolicExpression::Leaf(BaseLeaf::Constant(value)) => {
            let named = A::TAGS.iter().find(|(number, _)| F::new(*number) == *value);
            named.map_or_else(|| unreachable!("tag {value} has a name"), |(_, name)| name)
        }
        _ => A::CHOSEN,
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
        self.record(label, &tuple, &count, "");
    }

    fn provide(&mut self, label: Label, tuple: Vec<Self::Expr>, count: Self::Expr) {
        self.record(label, &tuple, &count, "provides");
    }

    fn fixed(&mut self, label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        let tuple: Vec<_> = core::iter::once(Self::Expr::from(F::new(tag))).chain(payload).collect();
        self.record(label, &tuple, &count.into(), "fixed");
    }
}
