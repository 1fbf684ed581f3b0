//! Toy tables with fixed columns.

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_verifier::multilinear::batch::FixedColumns;
use tern_verifier::ops::MultilinearOps;

/// Base-2 logarithm of the rows of the table of squares.
pub const LOG_SQUARES: usize = 10;

/// A table. Fixed columns that are committed to are known to the prover only.
#[derive(Clone, Debug)]
pub enum Toy {
    /// Fixed `flag, k`, main `x, y, taken`: `y = k x` where the flag is set; sends `(x, y)` there,
    /// and takes `(x, y)` where `taken` is one.
    Gate(Option<RowMajorMatrix<F>>),
    /// Fixed `count, x, y`, main a column that is zero: sends `(x, y)` so many times.
    Constants(Option<RowMajorMatrix<F>>),
    /// Main `x, y, count`: takes `(x, y)` so many times.
    Sink,
    /// Main `x, square, flag`: looks `(x, square)` up.
    Lookups,
    /// Fixed `i, i^2` in closed form, main `count`: provides squares.
    Squares,
    /// Fixed `k`, main a column that is zero: sends `k` and a number so many times over.
    Many(usize),
}

/// The fixed columns `i, i^2` of the first `2^LOG_SQUARES` rows.
fn squares() -> RowMajorMatrix<F> {
    let rows = (0..1_u64 << LOG_SQUARES).flat_map(|i| [F::from_u64(i), F::from_u64(i * i)]);
    RowMajorMatrix::new(rows.collect(), 2)
}

impl BaseAir<F> for Toy {
    fn width(&self) -> usize {
        match self {
            Self::Gate(_) | Self::Sink | Self::Lookups => 3,
            Self::Constants(_) | Self::Squares | Self::Many(_) => 1,
        }
    }

    fn preprocessed_width(&self) -> usize {
        match self {
            Self::Gate(_) | Self::Squares => 2,
            Self::Constants(_) => 3,
            Self::Sink | Self::Lookups => 0,
            Self::Many(_) => 1,
        }
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        match self {
            Self::Gate(fixed) | Self::Constants(fixed) => fixed.clone(),
            Self::Squares => Some(squares()),
            Self::Sink | Self::Lookups | Self::Many(_) => None,
        }
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for Toy {
    fn eval(&self, builder: &mut AB) {
        let main: Vec<AB::Expr> = builder.main().current_slice().iter().map(|column| (*column).into()).collect();
        let fixed: Vec<AB::Expr> = match BaseAir::<F>::preprocessed_width(self) {
            0 => vec![],
            _ => builder.preprocessed().current_slice().iter().map(|column| (*column).into()).collect(),
        };
        match (self, main.as_slice(), fixed.as_slice()) {
            (Self::Gate(_), [x, y, taken], [flag, k]) => {
                builder.assert_zero(flag.clone() * (y.clone() - k.clone() * x.clone()));
                builder.assert_bool(taken.clone());
                builder.push_interaction("points", [x.clone(), y.clone()], Count::bounded(flag.clone(), 1));
                builder.push_interaction("points", [x.clone(), y.clone()], Count::bounded(-taken.clone(), 1));
            }
            (Self::Constants(_), [unused], [count, x, y]) => {
                builder.assert_zero(unused.clone());
                builder.push_interaction("points", [x.clone(), y.clone()], Count::provided(count.clone()));
            }
            (Self::Sink, [x, y, count], []) => {
                builder.push_interaction("points", [x.clone(), y.clone()], Count::provided(-count.clone()));
            }
            (Self::Lookups, [x, square, flag], []) => {
                builder.assert_bool(flag.clone());
                builder.push_interaction("squares", [x.clone(), square.clone()], Count::bounded(flag.clone(), 1));
            }
            (Self::Squares, [count], [i, square]) => {
                builder.push_interaction("squares", [i.clone(), square.clone()], Count::provided(-count.clone()));
            }
            (Self::Many(messages), [unused], [k]) => {
                builder.assert_zero(unused.clone());
                for number in 0..*messages {
                    builder.push_interaction("many", [k.clone(), AB::Expr::from_usize(number)], Count::provided(k.clone()));
                }
            }
            _ => unreachable!("rows have the tables' widths"),
        }
    }
}

/// The closed forms of a list of toys.
#[derive(Clone, Debug)]
pub struct Toys(pub Vec<Toy>);

impl FixedColumns for Toys {
    fn fixed_at<O: MultilinearOps>(&self, ops: &mut O, table: usize, point: &[O::Ext]) -> Option<Vec<O::Ext>> {
        matches!(self.0.get(table), Some(Toy::Squares)).then(|| {
            let [zero, one] = [0, 1].map(|x| ops.constant(F::from_u32(x).into()));
            let (bits, above) = point.split_at(LOG_SQUARES);
            let within = above.iter().fold(one.clone(), |product, bit| {
                let unset = ops.sub(&one, bit);
                ops.mul(&product, &unset)
            });
            // With the bits so far of the number `i`, `2^k` more: `(i + 2^k)^2 - i^2 = 2^(k+1) i + 4^k`.
            let (mut number, mut square) = (zero.clone(), zero);
            for (k, bit) in bits.iter().enumerate() {
                let [power, twice, fourth] = [1 << k, 2 << k, 1 << (2 * k)].map(|x| ops.constant(F::from_u64(x).into()));
                let step = ops.mul_add(&twice, &number, &fourth);
                square = ops.mul_add(bit, &step, &square);
                number = ops.mul_add(bit, &power, &number);
            }
            vec![ops.mul(&number, &within), ops.mul(&square, &within)]
        })
    }
}
