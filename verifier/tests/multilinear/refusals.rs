//! Tables that the front cannot verify are refused when it is prepared.

use std::borrow::Cow;

use p3_air::{Air, AirBuilder, BaseAir, BoundaryEnd, BoundaryPublic, ExtensionBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, IndexedLookupBuilder, InteractionBuilder, InteractionSymbolicBuilder};
use tern_field::{EF, F};
use tern_fri::multilinear::forms::ExpressionError;
use tern_verifier::multilinear::front::{Front, UnusableAir, UnusableTable};

/// A table of two columns with one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odd {
    Sound,
    DeclaresNextRow,
    ReadsNextRow,
    SendsNextRow,
    ReadsFixedNextRow,
    FirstRow,
    LastRow,
    Transition,
    BoundaryCells,
    Exclusive,
    Indexed,
    Extension,
    NoFields,
    ConstantConstraint,
    ConstantMessage,
    NoColumns,
    Nothing,
    Periodic,
    Width(usize),
    OwnWidths,
}

const CELLS: [BoundaryPublic; 1] = [BoundaryPublic::new(0, BoundaryEnd::First, 0)];

impl BaseAir<F> for Odd {
    fn width(&self) -> usize {
        if *self == Self::NoColumns { 0 } else { 2 }
    }

    fn preprocessed_width(&self) -> usize {
        1
    }

    fn num_public_values(&self) -> usize {
        1
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        if *self == Self::DeclaresNextRow { vec![1] } else { vec![] }
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        vec![]
    }

    fn public_boundary_io(&self) -> &[BoundaryPublic] {
        if *self == Self::BoundaryCells { &CELLS } else { &[] }
    }

    fn num_periodic_columns(&self) -> usize {
        usize::from(*self == Self::Periodic)
    }

    fn periodic_columns(&self) -> Cow<'_, [Vec<F>]> {
        if *self == Self::Periodic { Cow::Owned(vec![vec![F::ONE, F::TWO]]) } else { Cow::Borrowed(&[]) }
    }
}

type Builder = InteractionSymbolicBuilder<F, EF>;
type Expr = <Builder as AirBuilder>::Expr;

impl Air<Builder> for Odd {
    fn eval(&self, builder: &mut Builder) {
        if *self == Self::NoColumns {
            return builder.assert_zero(builder.preprocessed().current_slice()[0]);
        }
        let main = builder.main();
        let [x, y]: [Expr; 2] = core::array::from_fn(|i| main.current_slice()[i].into());
        let next: Expr = main.next_slice()[1].into();
        let fixed_next: Expr = builder.preprocessed().next_slice()[0].into();
        let one = || Count::bounded(Expr::ONE, 1);
        if !matches!(self, Self::Nothing | Self::ConstantConstraint | Self::ConstantMessage) {
            builder.assert_zero(x.clone() * y.clone());
        }
        match *self {
            Self::ReadsNextRow => builder.assert_eq(x, next),
            Self::SendsNextRow => builder.push_interaction("bus", [next], one()),
            Self::ReadsFixedNextRow => builder.assert_eq(x, fixed_next),
            Self::FirstRow => builder.assert_zero(builder.is_first_row() * x),
            Self::LastRow => builder.assert_zero(builder.is_last_row() * x),
            Self::Transition => builder.assert_zero(builder.is_transition() * x),
            Self::Exclusive => {
                builder.push_exclusive_interaction("bus", [(x.clone(), one(), vec![y.clone()]), (y, one(), vec![x])]);
            }
            Self::Indexed => builder.push_indexed_read("table", 0, [1]),
            Self::Extension => builder.assert_zero_ext(<Builder as ExtensionBuilder>::ExprEF::from(x)),
            Self::NoFields => builder.push_interaction("bus", [Expr::ZERO; 0], one()),
            Self::ConstantConstraint => builder.assert_zero(Expr::ZERO),
            Self::ConstantMessage => builder.push_interaction("bus", [Expr::ONE], one()),
            Self::Periodic => builder.assert_zero(Expr::from(builder.periodic_values()[0]) * x),
            Self::Width(width) => builder.push_interaction("bus", vec![x; width], one()),
            Self::OwnWidths => {
                builder.push_local_interaction([(vec![x.clone()], one()), (vec![x, y], one())]);
            }
            _ => {}
        }
    }
}

#[test]
fn what_has_no_place_in_the_format() {
    let cases = [
        (Odd::DeclaresNextRow, UnusableTable::NextRow),
        (Odd::ReadsNextRow, UnusableTable::NextRow),
        (Odd::SendsNextRow, UnusableTable::NextRow),
        (Odd::ReadsFixedNextRow, UnusableTable::NextRow),
        (Odd::FirstRow, UnusableTable::Selector),
        (Odd::LastRow, UnusableTable::Selector),
        (Odd::Transition, UnusableTable::Selector),
        (Odd::BoundaryCells, UnusableTable::BoundaryCells),
        (Odd::Exclusive, UnusableTable::ExclusiveMessages),
        (Odd::Indexed, UnusableTable::IndexedLookups),
        (Odd::Extension, UnusableTable::ExtensionConstraints),
        (Odd::NoFields, UnusableTable::EmptyMessage),
        (Odd::ConstantConstraint, UnusableTable::Constant),
        (Odd::ConstantMessage, UnusableTable::Constant),
        (Odd::NoColumns, UnusableTable::Empty),
        (Odd::Nothing, UnusableTable::Empty),
        (Odd::Periodic, UnusableTable::Expression(ExpressionError::Periodic)),
    ];
    for (odd, error) in cases {
        let got = Front::new(&[Odd::Sound, odd], 4, 0).expect_err("refused");
        assert_eq!(got, UnusableAir::Table { table: 1, error }, "{odd:?}");
        assert!(!got.to_string().is_empty());
    }
    assert!(Front::new(&[Odd::Sound, Odd::Width(3), Odd::Width(3)], 4, 0).is_ok());
}

#[test]
fn messages_of_different_lengths_on_one_bus() {
    let got = Front::new(&[Odd::Width(3), Odd::Sound, Odd::Width(2)], 4, 0).expect_err("refused");
    assert_eq!(got, UnusableAir::BusWidth { bus: "bus".into(), expected: 3, got: 2 });
    let got = Front::new(&[Odd::OwnWidths], 4, 0).expect_err("refused");
    assert_eq!(got, UnusableAir::BusWidth { bus: String::new(), expected: 1, got: 2 });
}

#[test]
fn sizes() {
    assert_eq!(Front::new(&[] as &[Odd], 4, 0).expect_err("refused"), UnusableAir::NoTables);
    for log_rows in [0, 31, usize::MAX] {
        assert_eq!(Front::new(&[Odd::Sound], log_rows, 0).expect_err("refused"), UnusableAir::Rows(log_rows));
    }
    assert!(Front::new(&[Odd::Sound], 1, 0).is_ok() && Front::new(&[Odd::Sound], 30, 0).is_ok());
    for log_rows in 1..9 {
        assert_eq!(Front::with_skip(&[Odd::Sound], log_rows, 0).expect_err("refused"), UnusableAir::RowsWithSkip(log_rows));
    }
    for log_rows in [0, 31] {
        assert_eq!(Front::with_skip(&[Odd::Sound], log_rows, 0).expect_err("refused"), UnusableAir::Rows(log_rows));
    }
    assert!(Front::with_skip(&[Odd::Sound], 9, 0).is_ok() && Front::with_skip(&[Odd::Sound], 30, 0).is_ok());
}
