//! What version 2 demands of rows: a zero row satisfies everything and says nothing, and a row's
//! statements depend on no other row.

use alloc::vec::Vec;

use p3_air::BaseAir;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;

use super::gate::provided;
use crate::builder::Label;
use crate::chip::System;
use crate::machine::MachineAir;
use crate::point::{Point, Statements};
use crate::recursion::CircuitAir;

/// What a chip states, in order.
#[derive(Default, PartialEq, Eq, Debug)]
struct Stated {
    constraints: Vec<(Label, F)>,
    messages: Vec<(Label, Vec<F>, F)>,
}

impl Statements for Stated {
    fn constraint(&mut self, label: Label, value: F) {
        self.constraints.push((label, value));
    }

    fn message(&mut self, label: Label, tuple: Vec<F>, count: F) {
        self.messages.push((label, tuple, count));
    }

    fn provided(&mut self, label: Label, tuple: Vec<F>, count: F) {
        self.messages.push((label, tuple, -count));
    }
}

fn random() -> impl FnMut() -> F {
    let mut state = 7_u64;
    move || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        F::from_u64(state >> 33)
    }
}

fn stated(air: &impl System, point: &Point) -> Stated {
    let mut stated = Stated::default();
    point.evaluate(air, &mut stated);
    stated
}

/// A chip's row in a table whose rows beside it, selectors and public values are anything.
fn at_row(air: &impl System, main: Vec<F>, fixed: Vec<F>) -> Stated {
    let mut point = Point::draw(air, random());
    (point.main[0], point.fixed[0]) = (main, fixed);
    stated(air, &point)
}

/// Whether every constraint holds and every message counts zero.
fn assert_silent(air: &impl System, stated: &Stated) {
    for (label, value) in &stated.constraints {
        assert_eq!(*value, F::ZERO, "{}: {label} on a row that is not committed", air.name());
    }
    for (label, _, count) in &stated.messages {
        assert_eq!(*count, F::ZERO, "{}: {label} is counted on a row that is not committed", air.name());
    }
}

fn assert_zero_rows_are_silent<S: System>() {
    for air in S::all() {
        assert_silent(&air, &at_row(&air, F::zero_vec(air.width()), F::zero_vec(air.preprocessed_width())));
    }
}

#[test]
fn zero_rows_say_nothing() {
    assert_zero_rows_are_silent::<MachineAir>();
    assert_zero_rows_are_silent::<CircuitAir>();
}

/// Rows of a fixed table that are not committed say nothing either; but for the segment's first
/// row, which speaks whatever is committed.
#[test]
fn rows_of_fixed_tables_say_nothing_by_themselves() {
    let is_fixed = |air: &MachineAir| air.preprocessed_width() > 0;
    let tables: Vec<_> = MachineAir::all().into_iter().filter(is_fixed).collect();
    assert_eq!(tables.iter().map(MachineAir::name).collect::<Vec<_>>(), ["segment", "byte_table", "bits_table"]);
    for air in &tables[1..] {
        let mut next = random();
        let fixed = (0..air.preprocessed_width()).map(|_| next()).collect();
        assert_silent(air, &at_row(air, F::zero_vec(air.width()), fixed));
    }
}

/// Beyond a fixed table's height its fixed columns are zero: whatever is committed there satisfies
/// the constraints and states nothing but what is true.
#[test]
fn rows_beyond_a_fixed_table_say_nothing_false() {
    for air in MachineAir::all().iter().filter(|air| air.preprocessed_width() > 0) {
        let mut next = random();
        let main = (0..air.width()).map(|_| next()).collect();
        let stated = at_row(air, main, F::zero_vec(air.preprocessed_width()));
        assert!(stated.constraints.iter().all(|(_, value)| *value == F::ZERO), "{}", air.name());
        for (label, tuple, count) in &stated.messages {
            let tuple: Vec<u32> = tuple.iter().map(F::as_canonical_u32).collect();
            let is_lookup = super::gate::is_lookup(tuple[0]);
            assert!(*count == F::ZERO || is_lookup && provided(&tuple) == Ok(()), "{label} states {tuple:?}");
        }
    }
}

fn assert_rows_stand_alone<S: System>() {
    for air in S::all() {
        assert!(air.main_next_row_columns().is_empty(), "{}", air.name());
        let mut next = random();
        let (one, mut other) = (Point::draw(&air, &mut next), Point::draw(&air, &mut next));
        (other.main[0], other.fixed[0]) = (one.main[0].clone(), one.fixed[0].clone());
        other.public_values = one.public_values.clone();
        assert_ne!(one.selectors, other.selectors);
        assert_eq!(stated(&air, &one), stated(&air, &other), "{} reads another row or a selector", air.name());
    }
}

#[test]
fn rows_stand_alone() {
    assert_rows_stand_alone::<MachineAir>();
    assert_rows_stand_alone::<CircuitAir>();
}

/// The bound on multiplicities: proofs have fewer than 2^28 committed cells, and seven times that
/// is below the field's order. So no message is counted `p` times if no row sends more than seven
/// messages for each of its cells. (The segment's first row, which may speak uncommitted, adds five
/// messages to more than a hundred millions to spare.)
#[test]
fn messages_are_few_for_the_columns() {
    fn check<S: System>() {
        for air in S::all() {
            let messages = stated(&air, &Point::draw(&air, random())).messages.len();
            assert!(messages <= 7 * air.width(), "{}: {messages} messages in {} columns", air.name(), air.width());
        }
    }
    assert!(7_u64 << 28 < u64::from(F::ORDER_U32));
    check::<MachineAir>();
    check::<CircuitAir>();
}
