//! Honest proofs of toys: both verifiers accept.

use p3_field::{Field, PackedValue, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_verifier::multilinear::front::Front;

use super::airs::TestAir;
use super::oracle::{Statement, assert_accepted, padded};

fn f(x: u64) -> F {
    F::from_u64(x)
}

/// Least number of row variables with which `p3-multi-stark` proves lookups: its vectors are full.
pub fn least_with_lookups() -> usize {
    3.max(<F as Field>::Packing::WIDTH.ilog2() as usize)
}

/// Tables of powers, and what takes their points: three rows each.
pub fn powers(degrees: &[u32], log_rows: usize) -> (Statement, Vec<RowMajorMatrix<F>>) {
    let mut airs: Vec<TestAir> = degrees.iter().map(|degree| TestAir::Power { degree: *degree }).collect();
    let (mut traces, mut points) = (vec![], vec![]);
    for degree in degrees {
        let rows = [3, 7, 1_000_000_007].map(|x| [F::ONE, f(x), f(x).exp_u64((*degree).into()), f(x + 5)]);
        points.extend(rows.iter().flat_map(|row| [row[1], row[2], F::ONE]));
        // A row that sends nothing.
        let idle = [F::ZERO, f(9), f(9).exp_u64((*degree).into()), f(77)];
        traces.push(padded([rows.as_flattened(), &idle].concat(), 4, log_rows));
    }
    airs.push(TestAir::Points);
    // Powers of more tables than have rows are taken by several tables.
    let tables = points.len().div_ceil(3 << log_rows);
    airs.extend((1..tables).map(|_| TestAir::Points));
    traces.extend(points.chunks(3 << log_rows).map(|rows| padded(rows.to_vec(), 3, log_rows)));
    let public_values = airs.iter().map(|_| vec![]).collect();
    (Statement::new(airs, log_rows, public_values), traces)
}

/// Everything at once: preprocessed columns, public values, buses of a table's own, several widths.
pub fn everything(log_rows: usize) -> (Statement, Vec<RowMajorMatrix<F>>) {
    let (mut statement, mut traces) = powers(&[5, 1], log_rows);
    let squares = [2, 5, 5].map(|x| [F::ONE, f(x), f(x * x)]);
    let mut counts = vec![F::ZERO; 6];
    (counts[2], counts[5]) = (F::ONE, F::TWO);
    let [p, q] = [f(11), f(13)];
    let public = [[F::ONE, p, p * p * q], [F::ZERO, f(1), f(2)], [F::ONE, p, p * p * q]];
    let permutation = [(1, 8, 1, 9), (1, 9, 0, 0), (0, 4, 1, 8)].map(|(a, b, c, d)| [f(a), f(b), f(c), f(d)]);
    let more = [
        (TestAir::Squares, padded(squares.concat(), 3, log_rows), vec![]),
        (TestAir::SquareTable { log_rows }, padded(counts, 1, log_rows), vec![]),
        (TestAir::Public, padded(public.concat(), 3, log_rows), vec![p, q]),
        (TestAir::Permutation, padded(permutation.concat(), 4, log_rows), vec![]),
    ];
    for (air, trace, values) in more {
        statement.airs.push(air);
        traces.push(trace);
        statement.public_values.push(values);
    }
    (statement, traces)
}

/// Tables without messages.
pub fn chains(widths: &[usize], log_rows: usize) -> (Statement, Vec<RowMajorMatrix<F>>) {
    let airs: Vec<TestAir> = widths.iter().map(|width| TestAir::Chain { width: *width }).collect();
    let rows = |width: usize| {
        let row = |x: u64| std::iter::successors(Some(f(x)), |x| Some(x.square() + *x)).take(width);
        (0..5).flat_map(|x| row(if width == 1 { x % 2 } else { x + 1 })).collect()
    };
    let traces = widths.iter().map(|width| padded(rows(*width), *width, log_rows)).collect();
    (Statement::new(airs, log_rows, widths.iter().map(|_| vec![]).collect()), traces)
}

/// One message a row, so that no variable tells messages apart.
pub fn alone(log_rows: usize) -> (Statement, Vec<RowMajorMatrix<F>>) {
    let rows = [[F::ONE, f(5)], [F::ZERO, f(6)], [F::NEG_ONE, f(5)]];
    (Statement::new(vec![TestAir::Alone], log_rows, vec![vec![]]), vec![padded(rows.concat(), 2, log_rows)])
}

fn accept((statement, traces): (Statement, Vec<RowMajorMatrix<F>>)) {
    let proof = statement.prove(&traces);
    assert_accepted(&statement, &traces, &proof);
}

#[test]
fn constraints_of_every_degree() {
    for degree in 1..=5 {
        accept(powers(&[degree], least_with_lookups()));
    }
    for log_rows in least_with_lookups()..=8 {
        accept(powers(&[1, 2, 3, 4, 5], log_rows));
    }
}

#[test]
fn preprocessed_columns_and_public_values() {
    for log_rows in least_with_lookups()..=8 {
        accept(everything(log_rows));
    }
}

#[test]
fn without_messages() {
    for log_rows in 3..=8 {
        accept(chains(&[1], log_rows));
        accept(chains(&[4], log_rows));
        accept(chains(&[2, 1, 5], log_rows));
    }
}

#[test]
fn a_single_message() {
    for log_rows in least_with_lookups()..=8 {
        accept(alone(log_rows));
    }
}

#[test]
fn proof_of_work_before_the_lookups() {
    for bits in [1, 6, 10] {
        let (mut statement, traces) = everything(least_with_lookups());
        statement.work_bits = bits;
        accept((statement, traces));
    }
}

#[test]
fn shapes() {
    let (statement, _) = everything(5);
    let front = Front::new(&statement.airs, 5, 3).expect("usable");
    let shape = front.shape();
    // Two powers, points, squares, their table, two of the public values' table, four of the permutation's.
    assert_eq!(shape.tables.iter().map(|table| table.messages).collect::<Vec<_>>(), [1, 1, 1, 1, 1, 2, 4]);
    assert_eq!((shape.messages(), shape.message_variables(), shape.lookup_variables(), shape.rounds()), (11, 4, 9, 9));
    assert_eq!(shape.tables.iter().map(|table| table.degree).collect::<Vec<_>>(), [5, 2, 1, 2, 3, 3, 2]);
    assert_eq!((shape.round_degree(), shape.lookup_work_bits), (6, 3));
    assert_eq!(shape.tables.iter().map(|table| table.count_weight).collect::<Vec<_>>(), [1, 1, 0, 1, 0, 2, 4]);
    assert!(shape.counts_fit(&[1 << 20; 7]));
    assert!(!shape.counts_fit(&[1 << 28; 7]) && !shape.counts_fit(&[1; 6]));
    let (statement, _) = chains(&[2], 6);
    let front = Front::new(&statement.airs, 6, 0).expect("usable");
    assert_eq!((front.shape().lookup_variables(), front.shape().rounds(), front.shape().round_degree()), (0, 6, 3));
}
