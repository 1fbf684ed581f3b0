//! Degrees of all chips' constraints and messages, measured: on a line through random rows, a
//! polynomial of degree `d` has vanishing differences of order `d + 1`.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use p3_air::{AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use crate::builder::{ChipBuilder, Label};
use crate::chip::System;
use crate::machine::MachineAir;
use crate::recursion::CircuitAir;

/// Points on the line; degrees up to one less can be told apart.
const POINTS: u32 = 12;

/// What `constrain` stated on one row, in order.
#[derive(Default)]
struct Statements {
    constraints: Vec<(Label, F)>,
    entries: Vec<(Label, F)>,
    counts: Vec<(Label, F)>,
}

struct Recorder<'a> {
    main: RowWindow<'a, F>,
    fixed: RowWindow<'a, F>,
    public_values: &'a [F],
    selectors: [F; 3],
    statements: Statements,
}

impl<'a> AirBuilder for Recorder<'a> {
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
        &self.fixed
    }

    fn is_first_row(&self) -> F {
        self.selectors[0]
    }

    fn is_last_row(&self) -> F {
        self.selectors[1]
    }

    fn is_transition(&self) -> F {
        self.selectors[2]
    }

    fn assert_zero<I: Into<F>>(&mut self, x: I) {
        self.check("unlabelled", x);
    }

    fn public_values(&self) -> &[F] {
        self.public_values
    }
}

impl ChipBuilder for Recorder<'_> {
    fn check(&mut self, label: Label, x: impl Into<F>) {
        self.statements.constraints.push((label, x.into()));
    }

    fn message(&mut self, label: Label, tuple: Vec<F>, count: F) {
        self.statements.entries.extend(tuple.into_iter().map(|entry| (label, entry)));
        self.statements.counts.push((label, count));
    }

    fn provide(&mut self, label: Label, tuple: Vec<F>, count: F) {
        self.message(label, tuple, count);
    }
}

/// The statements at a point of a fixed line, which leaves public values as they are: those are
/// constants of a proof.
fn at(air: &impl System, point: u32) -> Statements {
    let mut state = 1_u64;
    let mut next = move || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        F::from_u64(state >> 33)
    };
    let mut row = |width: usize| (0..width).map(|_| next() + F::from_u32(point) * next()).collect::<Vec<F>>();
    let (local, following) = (row(air.width()), row(air.width()));
    let (fixed, fixed_following) = (row(air.preprocessed_width()), row(air.preprocessed_width()));
    let selectors = row(3);
    let public_values = vec![F::from_u32(3); air.num_public_values()];
    let mut recorder = Recorder {
        main: RowWindow::from_two_rows(&local, &following),
        fixed: RowWindow::from_two_rows(&fixed, &fixed_following),
        public_values: &public_values,
        selectors: [selectors[0], selectors[1], selectors[2]],
        statements: Statements::default(),
    };
    air.constrain(&mut recorder);
    recorder.statements
}

/// Degree of the polynomial through `values` at 0, 1, 2, …
fn degree(mut values: Vec<F>) -> usize {
    let mut order = 0;
    while values.iter().any(|&value| value != F::ZERO) {
        values = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        order += 1;
    }
    order.max(1) - 1
}

/// The largest degree under each label.
fn degrees(statements: &[Statements], list: impl Fn(&Statements) -> &[(Label, F)]) -> BTreeMap<Label, usize> {
    let mut largest = BTreeMap::new();
    for (i, &(label, _)) in list(&statements[0]).iter().enumerate() {
        let degree = degree(statements.iter().map(|s| list(s)[i].1).collect());
        let entry: &mut usize = largest.entry(label).or_default();
        *entry = degree.max(*entry);
    }
    largest
}

/// Labels whose degree is above what `bound` says.
fn above<S: System>(bound: impl Fn(&S) -> usize, list: impl Fn(&Statements) -> &[(Label, F)]) -> Vec<(Label, usize)> {
    let of = |air: S| {
        let statements: Vec<Statements> = (0..POINTS).map(|point| at(&air, point)).collect();
        let bound = bound(&air);
        degrees(&statements, &list).into_iter().filter(move |&(_, degree)| degree > bound)
    };
    S::all().into_iter().flat_map(of).collect()
}

/// Constraints keep to the degree that their chip declares.
#[test]
fn constraints_keep_to_the_declared_degree() {
    assert_eq!(above(MachineAir::degree, |s| &s.constraints), []);
    assert_eq!(above(CircuitAir::degree, |s| &s.constraints), []);
}

/// Entries of messages are linear and counts at most quadratic. Only the two messages of a block's
/// halves that are in the order of a bit are quadratic.
#[test]
fn messages_are_nearly_linear() {
    assert_eq!(above(|_: &MachineAir| 1, |s| &s.entries), []);
    assert_eq!(above(|_: &MachineAir| 2, |s| &s.counts), []);
    assert_eq!(above(|_: &CircuitAir| 1, |s| &s.entries), [("compress::own", 2), ("compress::sibling", 2)]);
    assert_eq!(above(|_: &CircuitAir| 2, |s| &s.counts), []);
}

/// No declared degree is larger than that of the S-box: it is the degree of the whole zerocheck.
#[test]
fn the_largest_degree_is_the_sboxes() {
    let largest = MachineAir::all().iter().max_by_key(|air| air.degree()).map(|air| (air.name(), air.degree()));
    assert_eq!(largest, Some(("poseidon2", 7)));
}
