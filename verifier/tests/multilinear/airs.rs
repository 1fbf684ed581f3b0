//! Tables for the tests: toys, Tern's chips, and what takes the messages that a few chips leave.

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_air::machine::MachineAir;
use tern_air::recursion::CircuitAir;
use tern_field::F;

/// Any table of the tests.
#[derive(Clone, Debug)]
pub enum TestAir {
    /// `flag, x, y, unused`: `flag` is boolean, `y = x^degree`; sends `(x, y)` on the bus `points`
    /// where the flag is set.
    Power { degree: u32 },
    /// `x, y, count`: takes `(x, y)` on the bus `points` `count` times. No constraint.
    Points,
    /// `flag, x, square`: looks up `(x, square)` on the bus `squares`. One constraint.
    Squares,
    /// Preprocessed `i, i^2` for each row `i`, in our order of rows, of `2^log_rows`; main `count`.
    /// A constraint that reads both.
    SquareTable { log_rows: usize },
    /// `flag, a, b` with public values `p, q`: where the flag is set, `a = p` and `b = a^2 q`;
    /// sends and takes `(p, a b, 0, b)` on the bus `wide`.
    Public,
    /// `flag, x, other flag, y`: that the `x` and the `y` are a permutation, on two buses of its
    /// own, of one and of two fields.
    Permutation,
    /// `m, x`: one message, whose counts `m` of -1, 0 and 1 cancel.
    Alone,
    /// `x` and `width - 1` further columns, each the square of the one before it plus it. No messages.
    Chain { width: usize },
    /// A chip.
    Chip(MachineAir),
    /// A chip of recursion.
    Recursion(CircuitAir),
    /// The columns of a message and how often it is taken, on a bus of that width.
    Sink { bus: &'static str, width: usize },
}

impl BaseAir<F> for TestAir {
    fn width(&self) -> usize {
        match self {
            Self::Power { .. } | Self::Permutation => 4,
            Self::Points | Self::Squares | Self::Public => 3,
            Self::SquareTable { .. } => 1,
            Self::Alone => 2,
            Self::Chain { width } => *width,
            Self::Chip(chip) => chip.width(),
            Self::Recursion(chip) => chip.width(),
            Self::Sink { width, .. } => width + 1,
        }
    }

    fn preprocessed_width(&self) -> usize {
        match self {
            Self::SquareTable { .. } => 2,
            Self::Chip(chip) => chip.preprocessed_width(),
            Self::Recursion(chip) => chip.preprocessed_width(),
            _ => 0,
        }
    }

    /// In `p3-multi-stark`'s order of rows.
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        match self {
            Self::SquareTable { log_rows } => {
                let rows = (0..1_u64 << log_rows).flat_map(|i| [F::from_u64(i), F::from_u64(i * i)]);
                Some(super::oracle::reversed(&RowMajorMatrix::new(rows.collect(), 2)))
            }
            Self::Chip(chip) => chip.preprocessed_trace().map(|trace| super::oracle::reversed(&trace)),
            _ => None,
        }
    }

    fn num_public_values(&self) -> usize {
        match self {
            Self::Public => 2,
            Self::Chip(chip) => chip.num_public_values(),
            Self::Recursion(chip) => chip.num_public_values(),
            _ => 0,
        }
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        if let Self::Chip(chip) = self { chip.main_next_row_columns() } else { Vec::new() }
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }

    fn max_constraint_degree(&self) -> Option<usize> {
        if let Self::Chip(chip) = self { chip.max_constraint_degree() } else { None }
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for TestAir {
    fn eval(&self, builder: &mut AB) {
        match self {
            Self::Chip(chip) => return chip.eval(builder),
            Self::Recursion(chip) => return chip.eval(builder),
            _ => {}
        }
        let main = builder.main();
        let row: Vec<AB::Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
        match (self, row.as_slice()) {
            (Self::Power { degree }, [flag, x, y, _]) => {
                builder.assert_bool(flag.clone());
                builder.assert_eq(y.clone(), (1..*degree).fold(x.clone(), |power, _| power * x.clone()));
                builder.push_interaction("points", [x.clone(), y.clone()], Count::bounded(flag.clone(), 1));
            }
            (Self::Points, [x, y, count]) => {
                builder.push_interaction("points", [x.clone(), y.clone()], Count::provided(-count.clone()));
            }
            (Self::Squares, [flag, x, square]) => {
                builder.assert_bool(flag.clone());
                builder.push_interaction("squares", [x.clone(), square.clone()], Count::bounded(flag.clone(), 1));
            }
            (Self::SquareTable { .. }, [count]) => {
                let [i, square] = core::array::from_fn(|k| builder.preprocessed().current_slice()[k].into());
                builder.assert_zero(count.clone() * (square.clone() - i.clone() * i.clone()));
                builder.push_interaction("squares", [i, square], Count::provided(-count.clone()));
            }
            (Self::Public, [flag, a, b]) => {
                let [p, q]: [AB::Expr; 2] = core::array::from_fn(|k| builder.public_values()[k].into());
                builder.assert_bool(flag.clone());
                builder.assert_zero(flag.clone() * (a.clone() - p.clone()));
                builder.assert_zero(flag.clone() * (b.clone() - a.clone() * a.clone() * q));
                let message = [p, a.clone() * b.clone(), AB::Expr::ZERO, b.clone()];
                builder.push_interaction("wide", message.clone(), Count::bounded(flag.clone(), 1));
                builder.push_interaction("wide", message, Count::bounded(-flag.clone(), 1));
            }
            (Self::Permutation, [flag, x, other, y]) => {
                builder.assert_bool(flag.clone());
                builder.assert_bool(other.clone());
                let sent = |fields| (fields, Count::bounded(flag.clone(), 1));
                let taken = |fields| (fields, Count::bounded(-other.clone(), 1));
                builder.push_local_interaction([sent(vec![x.clone()]), taken(vec![y.clone()])]);
                let pair = |x: &AB::Expr| vec![x.clone() * x.clone(), x.clone()];
                builder.push_local_interaction([sent(pair(x)), taken(pair(y))]);
            }
            (Self::Alone, [count, x]) => {
                builder.assert_eq(count.clone() * count.clone() * count.clone(), count.clone());
                builder.push_interaction("alone", [x.clone()], Count::bounded(count.clone(), 1));
            }
            (Self::Chain { .. }, columns) => {
                for pair in columns.windows(2) {
                    builder.assert_eq(pair[1].clone(), pair[0].clone() * pair[0].clone() + pair[0].clone());
                }
                if let [only] = columns {
                    builder.assert_bool(only.clone());
                }
            }
            (Self::Sink { bus, .. }, [tuple @ .., count]) => {
                builder.push_interaction(bus, tuple.to_vec(), Count::provided(-count.clone()));
            }
            _ => unreachable!("the row has the table's width"),
        }
    }
}
