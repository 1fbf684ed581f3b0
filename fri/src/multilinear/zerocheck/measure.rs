//! What a cell costs: `cargo test --release measure -- --ignored --nocapture`, on one thread with
//! `RAYON_NUM_THREADS=1`.

use alloc::vec::Vec;
use std::println;

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};

use super::super::Transcript;
use super::super::fractions::measure::computed;
use super::{Challenges, Plan, Table, Zerocheck};

/// Columns, rows, and the variables of rows.
const WIDTH: usize = 36;
const ROWS: usize = 1 << 18;
const ROW_VARIABLES: usize = 22;

/// As a chip: 22 constraints of degree two, three of degree three and two of degree four, which
/// zeros satisfy.
struct Chip;

/// A row that satisfies them.
fn row(number: usize, mut noise: impl FnMut() -> F) -> [F; WIDTH] {
    let mut row = [F::ZERO; WIDTH];
    row[..14].fill_with(&mut noise);
    let zeros = if number.is_multiple_of(2) { [0, 2, 6, 10] } else { [1, 2, 5, 9] };
    zeros.iter().for_each(|column| row[*column] = F::ZERO);
    for column in 14..WIDTH {
        row[column] = row[column - 13] + row[column - 12];
    }
    row
}

impl BaseAir<F> for Chip {
    fn width(&self) -> usize {
        WIDTH
    }
}

impl<B: AirBuilder<F = F>> Air<B> for Chip {
    fn eval(&self, builder: &mut B) {
        let window = builder.main();
        let row = window.current_slice();
        for i in 0..22 {
            builder.assert_zero(row[i] * (row[i + 1] + row[i + 2] - row[i + 14]));
        }
        for i in 0..3 {
            builder.assert_zero(row[i] * row[i + 9] * (row[i + 17] - row[i + 21]));
        }
        for i in 0..2 {
            builder.assert_zero(row[i] * row[i + 5] * row[i + 6] * (row[i + 7] + row[i + 8]));
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn measure() {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        F::from_u64(state >> 20)
    };
    let mut ext = || EF::from_basis_coefficients_fn(|_| noise());
    let tau: Vec<EF> = (0..ROW_VARIABLES).map(|_| ext()).collect();
    let challenges = Challenges { alpha: ext(), beta: ext(), eta: ext(), tau };
    let main = RowMajorMatrix::new((0..ROWS).flat_map(|number| row(number, &mut noise)).collect(), WIDTH);
    let plan = Plan::new(&Chip, false);
    let tables = [Table { plan: &plan, main: &main, preprocessed: None, public_values: &[] }];
    for round in 0..5 {
        let mut times = Vec::from([computed()]);
        let mut zerocheck = Zerocheck::new(&tables, &challenges, None);
        let skip = zerocheck.skip();
        times.push(computed());
        let mut transcript = Transcript::new(b"measurement", &[0; 32]);
        transcript.observe_extension(&skip);
        let rounds = zerocheck.bind(&skip, transcript.challenge());
        times.push(computed());
        let _ = rounds.play(&mut transcript);
        times.push(computed());
        println!("round {round}, {} cells, ends with {:?}", ROWS * WIDTH, transcript.challenge());
        for (name, pair) in ["skip", "fold", "later rounds"].iter().zip(times.windows(2)) {
            println!("  {name:>16} {:6.2} ns a cell", (pair[1] - pair[0]) as f64 / (ROWS * WIDTH) as f64);
        }
    }
}
