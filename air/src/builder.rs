//! The builder that chips are written against, and its adapter to Plonky3's.
//!
//! A chip states constraints with a label and sends and receives tagged messages ([`crate::bus`]).
//! The same `constrain` function serves the prover and verifier (through [`Adapter`], which drops
//! the labels), the mutation tests and the bus checker ([`crate::check`]), and the generated pages
//! of `spec/` (a symbolic builder behind [`Adapter`]).

use alloc::vec::Vec;

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use tern_field::F;

use crate::bus;

/// The two buses of a constraint system, as `p3-lookup` knows them: frequent messages, and longer
/// ones. `p3-batch-stark` wants one width on a bus, so messages are padded to these; the few long
/// messages do not make the many short ones longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buses {
    /// Names of the narrow and of the wide bus.
    pub names: [&'static str; 2],
    /// Their widths, tags included.
    pub widths: [usize; 2],
}

/// The buses of [`crate::machine::MachineAir`].
pub const BUSES: Buses =
    Buses { names: ["tern", "tern-wide"], widths: [bus::message_len(bus::PROGRAM), bus::message_len(bus::PERMUTATION)] };

/// A label: `chip::claim`.
pub type Label = &'static str;

/// What a chip's constraints may do. Builders may ask where in the sources a statement is made:
/// every method here is `track_caller`.
pub trait ChipBuilder: AirBuilder<F = F> {
    /// Asserts that `x` is zero on every row.
    #[track_caller]
    fn check(&mut self, label: Label, x: impl Into<Self::Expr>);

    /// Adds `tuple` (tag first) to the bus `count` times; `|count| <= 1` on every row.
    #[track_caller]
    fn message(&mut self, label: Label, tuple: Vec<Self::Expr>, count: Self::Expr);

    /// Adds `tuple` to the bus `-count` times, where the table only provides what others query (any count).
    #[track_caller]
    fn provide(&mut self, label: Label, tuple: Vec<Self::Expr>, count: Self::Expr);

    /// Adds a message `count` times, where `count` is a preprocessed column, so that no bound is
    /// needed: any integer, negative where the message is taken.
    #[track_caller]
    fn fixed(&mut self, label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        let tuple = tagged::<Self>(tag, payload);
        self.provide(label, tuple, -count.into());
    }

    /// Asserts `x = y`.
    #[track_caller]
    fn check_eq(&mut self, label: Label, x: impl Into<Self::Expr>, y: impl Into<Self::Expr>) {
        self.check(label, x.into() - y.into());
    }

    /// Asserts `x = 0` or `x = 1`.
    #[track_caller]
    fn check_bool(&mut self, label: Label, x: impl Into<Self::Expr>) {
        let x = x.into();
        self.check(label, x.clone() * (x - Self::Expr::ONE));
    }

    /// Sends a message where `count` (boolean) is one.
    #[track_caller]
    fn send(&mut self, label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        let tuple = tagged::<Self>(tag, payload);
        self.message(label, tuple, count.into());
    }

    /// Receives a message where `count` (boolean) is one.
    #[track_caller]
    fn receive(&mut self, label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        let tuple = tagged::<Self>(tag, payload);
        self.message(label, tuple, -count.into());
    }

    /// A constant.
    fn constant(x: u32) -> Self::Expr {
        Self::Expr::from_u32(x)
    }
}

/// A message with its tag. That its length is the tag's is asserted here in debug builds only,
/// since provers evaluate this for every row; in all builds [`crate::messages::check_messages`]
/// sees to it before proofs are verified.
fn tagged<B: ChipBuilder>(tag: u32, payload: impl IntoIterator<Item = B::Expr>) -> Vec<B::Expr> {
    let tuple: Vec<B::Expr> = core::iter::once(B::Expr::from_u32(tag)).chain(payload).collect();
    debug_assert_eq!(tuple.len(), crate::bus::message_len(tag), "tag {tag}");
    tuple
}

/// Turns one of Plonky3's builders into a [`ChipBuilder`]: drops labels and pads tuples to their
/// bus's width.
pub struct Adapter<'a, AB> {
    inner: &'a mut AB,
    buses: &'static Buses,
}

impl<'a, AB> Adapter<'a, AB> {
    /// Wraps a builder for chips that are connected by these buses.
    pub fn new(inner: &'a mut AB, buses: &'static Buses) -> Self {
        Self { inner, buses }
    }
}

impl<AB: AirBuilder> AirBuilder for Adapter<'_, AB> {
    type F = AB::F;
    type Expr = AB::Expr;
    type Var = AB::Var;
    type PreprocessedWindow = AB::PreprocessedWindow;
    type MainWindow = AB::MainWindow;
    type PublicVar = AB::PublicVar;
    type PeriodicVar = AB::PeriodicVar;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.inner.main()
    }

    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }

    #[inline]
    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }

    #[inline]
    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }

    #[inline]
    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }

    #[inline]
    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.inner.assert_zero(x);
    }

    #[inline]
    fn assert_zeros<const N: usize, I: Into<Self::Expr>>(&mut self, array: [I; N]) {
        self.inner.assert_zeros(array);
    }

    #[inline]
    fn public_values(&self) -> &[Self::PublicVar] {
        self.inner.public_values()
    }

    #[inline]
    fn periodic_values(&self) -> &[Self::PeriodicVar] {
        self.inner.periodic_values()
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> Adapter<'_, AB> {
    /// Pushes a message of a known tag, padded as [`padded`] pads. Nothing is collected: builders
    /// that leave messages out pay nothing for them.
    #[inline]
    fn push(&mut self, tag: u32, payload: impl IntoIterator<Item = AB::Expr>, count: Count<AB::Expr>) {
        let len = crate::bus::message_len(tag);
        let bus = usize::from(len > self.buses.widths[0]);
        let padding = core::iter::repeat_with(|| AB::Expr::ZERO).take(self.buses.widths[bus].saturating_sub(len));
        let fields = padding.chain(core::iter::once(AB::Expr::from_u32(tag))).chain(payload);
        self.inner.push_interaction(self.buses.names[bus], fields, count);
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> ChipBuilder for Adapter<'_, AB> {
    #[inline]
    fn check(&mut self, _label: Label, x: impl Into<Self::Expr>) {
        self.inner.assert_zero(x);
    }

    #[inline]
    fn fixed(&mut self, _label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        let taken = -count.into();
        self.push(tag, payload, Count::provided(-taken));
    }

    #[inline]
    fn send(&mut self, _label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        self.push(tag, payload, Count::bounded(count.into(), 1));
    }

    #[inline]
    fn receive(&mut self, _label: Label, tag: u32, payload: impl IntoIterator<Item = Self::Expr>, count: impl Into<Self::Expr>) {
        self.push(tag, payload, Count::bounded(-count.into(), 1));
    }

    fn message(&mut self, _label: Label, tuple: Vec<Self::Expr>, count: Self::Expr) {
        let (bus, tuple) = padded(tuple, self.buses);
        self.inner.push_interaction(bus, tuple, Count::bounded(count, 1));
    }

    fn provide(&mut self, _label: Label, tuple: Vec<Self::Expr>, count: Self::Expr) {
        let (bus, tuple) = padded(tuple, self.buses);
        self.inner.push_interaction(bus, tuple, Count::provided(-count));
    }
}

/// A message's bus, and the message with zeros in front of it to the bus's width. A tag fixes the
/// length, so all messages of a tag are on one bus and equally padded; why padding makes no two
/// messages equal: [`crate::bus`]. That there is room is asserted as in [`tagged`].
fn padded<E: PrimeCharacteristicRing>(tuple: Vec<E>, buses: &Buses) -> (&'static str, Vec<E>) {
    let bus = usize::from(tuple.len() > buses.widths[0]);
    let (name, width) = (buses.names[bus], buses.widths[bus]);
    debug_assert!(tuple.len() <= width, "a message of {} elements", tuple.len());
    let mut padded = Vec::with_capacity(width);
    padded.resize(width.saturating_sub(tuple.len()), E::ZERO);
    padded.extend(tuple);
    (name, padded)
}
