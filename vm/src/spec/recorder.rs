//! A symbolic builder that keeps what a chip states: labels, expressions, directions.

use core::panic::Location;

use p3_air::symbolic::{BaseLeaf, SymbolicAirBuilder, SymbolicExpression};
use tern_air::builder::{ChipBuilder, Label};
use tern_air::symbolic::builder_of;
use tern_field::F;

use super::chips::Documented;

/// An expression in a row's columns and the public values.
pub type Expr = SymbolicExpression<F>;

/// What a chip states about a row.
pub enum Statement {
    /// An expression that is zero.
    Constraint(Constraint),
    /// A tuple that is counted.
    Message(Message),
}

/// A constraint: its label, what is zero, and where the sources say so.
pub struct Constraint {
    pub label: Label,
    pub expr: Expr,
    pub at: &'static Location<'static>,
}

/// A message: its label, the names of its tag, its tuple with the tag, how often it is put on the
/// bus, how it says so, and where.
pub struct Message {
    pub label: Label,
    pub tag: &'static str,
    pub tuple: Vec<Expr>,
    pub multiplicity: Expr,
    pub direction: Direction,
    pub at: &'static Location<'static>,
}

/// How a message is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Put on the bus at most once.
    Send,
    /// Taken off the bus at most once.
    Receive,
    /// Counted -1, 0 or 1 times.
    Either,
    /// Taken off the bus as often as the trace says.
    Provide,
    /// Put on or taken off as often as a fixed column says.
    Fixed,
}

impl Direction {
    /// The name in the pages and in the export.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receive => "receive",
            Self::Either => "either",
            Self::Provide => "provides",
            Self::Fixed => "fixed",
        }
    }

    /// Whether a chip owes a proof that its multiplicity is -1, 0 or 1.
    pub const fn is_bounded(self) -> bool {
        matches!(self, Self::Send | Self::Receive | Self::Either)
    }
}

/// Everything that a chip states on a row.
pub struct Recorder {
    inner: SymbolicAirBuilder<F>,
    /// The name of a tag.
    tag_name: fn(&Expr) -> &'static str,
    /// In the order in which the chip makes them.
    pub statements: Vec<Statement>,
}

impl Statement {
    /// Its label.
    pub const fn label(&self) -> Label {
        match self {
            Self::Constraint(constraint) => constraint.label,
            Self::Message(message) => message.label,
        }
    }

    /// Where the sources make it.
    pub const fn at(&self) -> &'static Location<'static> {
        match self {
            Self::Constraint(constraint) => constraint.at,
            Self::Message(message) => message.at,
        }
    }
}

impl Recorder {
    /// Records a chip.
    pub fn of<A: Documented>(air: &A) -> Self {
        let inner = builder_of(air);
        let mut recorder = Self { inner, tag_name: tag_name::<A>, statements: Vec::new() };
        air.constrain(&mut recorder);
        recorder
    }

    /// The constraints, in order.
    pub fn constraints(&self) -> impl Iterator<Item = &Constraint> {
        self.statements.iter().filter_map(|statement| match statement {
            Statement::Constraint(constraint) => Some(constraint),
            Statement::Message(_) => None,
        })
    }

    /// The messages, in order.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.statements.iter().filter_map(|statement| match statement {
            Statement::Constraint(_) => None,
            Statement::Message(message) => Some(message),
        })
    }

    #[track_caller]
    fn record(&mut self, label: Label, tuple: Vec<Expr>, multiplicity: Expr, direction: Direction) {
        let tag = tuple.first().map(self.tag_name).unwrap_or_default();
        self.statements.push(Statement::Message(Message { label, tag, tuple, multiplicity, direction, at: Location::caller() }));
    }
}

/// The name of a constant tag; a tag that depends on columns is shown by what it chooses between.
fn tag_name<A: Documented>(tag: &Expr) -> &'static str {
    match tag {
        SymbolicExpression::Leaf(BaseLeaf::Constant(value)) => {
            let named = A::TAGS.iter().find(|(number, _)| F::new(*number) == *value);
            named.map_or_else(|| unreachable!("tag {value} has a name"), |(_, name)| name)
        }
        _ => A::CHOSEN,
    }
}

/// A tuple from its tag and payload.
fn tagged(tag: u32, payload: impl IntoIterator<Item = Expr>) -> Vec<Expr> {
    core::iter::once(Expr::from(F::new(tag))).chain(payload).collect()
}

tern_air::symbolic_builder!(Recorder);

impl ChipBuilder for Recorder {
    fn check(&mut self, label: Label, x: impl Into<Self::Expr>) {
        self.statements.push(Statement::Constraint(Constraint { label, expr: x.into(), at: Location::caller() }));
    }

    fn message(&mut self, label: Label, tuple: Vec<Self::Expr>, count: Self::Expr) {
        self.record(label, tuple, count, Direction::Either);
    }

    fn provide(&mut self, label: Label, tuple: Vec<Self::Expr>, count: Self::Expr) {
        self.record(label, tuple, -count, Direction::Provide);
    }

    fn fixed(&mut self, label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        self.record(label, tagged(tag, payload), count.into(), Direction::Fixed);
    }

    fn send(&mut self, label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        self.record(label, tagged(tag, payload), count.into(), Direction::Send);
    }

    fn receive(&mut self, label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        self.record(label, tagged(tag, payload), -count.into(), Direction::Receive);
    }
}
