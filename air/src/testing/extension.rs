//! Closed forms of fixed columns against all rows, and what they cost.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};

use crate::extension::Arithmetic;

/// Native arithmetic that counts products; those with a constant apart are counted as sums, as they
/// are in a circuit.
#[derive(Default, Debug)]
pub struct Counting {
    /// Products of two values that are no constants.
    pub products: usize,
    /// All other operations.
    pub others: usize,
}

/// An element, and whether it is a constant.
#[derive(Clone, Copy, Debug)]
pub struct Value(pub EF, bool);

impl Value {
    /// A value that is no constant.
    pub const fn new(value: EF) -> Self {
        Self(value, false)
    }
}

impl Arithmetic for Counting {
    type Element = Value;

    fn constant(&mut self, value: F) -> Value {
        Value(value.into(), true)
    }

    fn add(&mut self, a: &Value, b: &Value) -> Value {
        self.others += 1;
        Value(a.0 + b.0, a.1 && b.1)
    }

    fn sub(&mut self, a: &Value, b: &Value) -> Value {
        self.others += 1;
        Value(a.0 - b.0, a.1 && b.1)
    }

    fn mul(&mut self, a: &Value, b: &Value) -> Value {
        if a.1 || b.1 {
            self.others += 1
        } else {
            self.products += 1
        }
        Value(a.0 * b.0, a.1 && b.1)
    }

    /// One step, as in a circuit.
    fn mul_add(&mut self, a: &Value, b: &Value, c: &Value) -> Value {
        if a.1 || b.1 {
            self.others += 1
        } else {
            self.products += 1
        }
        Value(a.0 * b.0 + c.0, a.1 && b.1 && c.1)
    }
}

/// A point whose coordinates look random.
pub fn point(coordinates: usize, seed: u64) -> Vec<EF> {
    let mut random = crate::recursion::testing::Random(seed);
    (0..coordinates).map(|_| random.extension()).collect()
}

/// The extensions of a matrix's columns at a point, from all rows; rows beyond it are zero, and
/// rows beyond the point are left out.
pub fn brute_force(matrix: &RowMajorMatrix<F>, point: &[EF]) -> Vec<EF> {
    let height = matrix.values.len() / matrix.width;
    let mut weights = alloc::vec![EF::ONE];
    for (i, &x) in point.iter().enumerate() {
        if 1 << i >= height {
            // Rows with this bit are beyond the matrix.
            weights.iter_mut().for_each(|weight| *weight *= EF::ONE - x);
            continue;
        }
        let set: Vec<EF> = weights.iter().map(|&weight| weight * x).collect();
        weights.iter_mut().zip(&set).for_each(|(weight, &set)| *weight -= set);
        weights.extend(set);
    }
    let mut sums = EF::zero_vec(matrix.width);
    for (row, &weight) in matrix.values.chunks_exact(matrix.width).zip(&weights) {
        sums.iter_mut().zip(row).for_each(|(sum, &cell)| *sum += weight * cell);
    }
    sums
}

/// Asserts that closed forms agree with the rows at points of several lengths, at least one shorter
/// than the table, and gives the products and other operations at 22 coordinates.
pub fn assert_closed_forms(
    matrix: &RowMajorMatrix<F>,
    lengths: &[usize],
    at: impl Fn(&mut Counting, &[Value]) -> Vec<Value>,
) -> [usize; 2] {
    let evaluate = |point: &[EF]| {
        let mut ops = Counting::default();
        let values: Vec<EF> = at(&mut ops, &point.iter().copied().map(Value::new).collect::<Vec<_>>()).into_iter().map(|x| x.0).collect();
        (values, [ops.products, ops.others])
    };
    for &length in lengths {
        let point = point(length, length as u64);
        assert_eq!(evaluate(&point).0, brute_force(matrix, &point), "{length} coordinates");
    }
    evaluate(&point(22, 1)).1
}
