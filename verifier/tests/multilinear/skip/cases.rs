//! Tables of many heights.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::super::airs::TestAir;
use super::Case;

fn f(x: u64) -> F {
    F::from_u64(x)
}

/// Rows of a table of powers, of which one in seven sends its point.
fn power_rows(degree: u32, rows: usize, seed: u64) -> Vec<[F; 4]> {
    let row = |i: u64| {
        let x = f(i * 31 + seed);
        [F::from_bool(i % 7 == 1), x, x.exp_u64(degree.into()), f(i + seed * 5)]
    };
    (0..rows as u64).map(row).collect()
}

/// Tables of powers of these degrees and heights, and what takes their points.
pub fn powers(tables: &[(u32, usize)], log_rows: usize) -> Case {
    let (mut airs, mut main, mut points) = (vec![], vec![], vec![]);
    for (number, (degree, rows)) in tables.iter().enumerate() {
        let rows = power_rows(*degree, *rows, number as u64 + 3);
        points.extend(rows.iter().filter(|row| row[0] == F::ONE).flat_map(|row| [row[1], row[2], F::ONE]));
        airs.push(TestAir::Power { degree: *degree });
        main.push(RowMajorMatrix::new(rows.concat(), 4));
    }
    airs.push(TestAir::Points);
    main.push(RowMajorMatrix::new(points, 3));
    let public_values = airs.iter().map(|_| vec![]).collect();
    Case::new(airs, log_rows, main, public_values)
}

/// Everything at once: heights of 0, 1, 512, 513 and 1,000, preprocessed columns, public values,
/// buses of a table's own.
pub fn everything(log_rows: usize) -> Case {
    let whole = 1 << log_rows;
    let height = |rows: usize| rows.min(whole);
    let mut case = powers(&[(5, height(513)), (1, 1), (3, 0), (4, height(1000)), (2, 512)], log_rows);
    let squares: Vec<F> = (0..height(513) as u64).flat_map(|i| [F::from_bool(i % 5 == 0), f(i % 512), f((i % 512) * (i % 512))]).collect();
    let mut counts = vec![F::ZERO; 512];
    squares.chunks(3).filter(|row| row[0] == F::ONE).for_each(|row| {
        counts[p3_field::PrimeField32::as_canonical_u32(&row[1]) as usize] += F::ONE;
    });
    let [p, q] = [f(11), f(13)];
    let public = (0..height(1000) as u64).flat_map(|i| if i % 3 == 0 { [F::ONE, p, p * p * q] } else { [F::ZERO, f(i), f(i * i + 1)] });
    let permutation = [(1, 8, 1, 9), (1, 9, 0, 0), (0, 4, 1, 8)].map(|(a, b, c, d)| [f(a), f(b), f(c), f(d)]);
    let more = [
        (TestAir::Squares, RowMajorMatrix::new(squares, 3), vec![]),
        (TestAir::SquareTable { log_rows: 9 }, RowMajorMatrix::new(counts, 1), vec![]),
        (TestAir::Public, RowMajorMatrix::new(public.collect(), 3), vec![p, q]),
        (TestAir::Permutation, RowMajorMatrix::new(permutation.concat(), 4), vec![]),
    ];
    let (mut airs, mut values) = (case.statement.airs, case.statement.public_values);
    for (air, trace, public_values) in more {
        airs.push(air);
        case.main.push(trace);
        values.push(public_values);
    }
    Case::new(airs, log_rows, case.main, values)
}

/// Tables without messages, of these widths and heights.
pub fn chains(tables: &[(usize, usize)], log_rows: usize) -> Case {
    let (mut airs, mut main) = (vec![], vec![]);
    for (width, rows) in tables {
        let row = |x: u64| std::iter::successors(Some(f(x)), |x| Some(x.square() + *x)).take(*width);
        let cells = (0..*rows as u64).flat_map(|x| row(if *width == 1 { x % 2 } else { x + 1 }));
        airs.push(TestAir::Chain { width: *width });
        main.push(RowMajorMatrix::new(cells.collect(), *width));
    }
    let public_values = airs.iter().map(|_| vec![]).collect();
    Case::new(airs, log_rows, main, public_values)
}

/// One message a row, so that no variable tells messages apart.
pub fn alone(rows: usize, log_rows: usize) -> Case {
    let cell = |i: u64| [[F::ONE, f(5 + i)], [F::ZERO, f(6 + i)], [F::NEG_ONE, f(5 + i)]].concat();
    let cells = (0..rows as u64 / 3).flat_map(|i| cell(i * i));
    Case::new(vec![TestAir::Alone], log_rows, vec![RowMajorMatrix::new(cells.collect(), 2)], vec![vec![]])
}
