//! What an opening costs. (That it is right is tested where it is verified.)

use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::dft::WidthDft;
use tern_fri::multilinear::opening::{Committed, RowWeights, open};
use tern_fri::multilinear::params::ALL;
use tern_fri::multilinear::{Layout, OpeningShape, Transcript, equality};

/// Tables like a segment's: a quarter of the cells in narrow ones.
const WIDTHS: [usize; 8] = [2_661, 36, 451, 60, 27, 90, 141, 20];

/// `TERN_LOG_ROWS` sets the size.
#[test]
#[ignore = "a measurement"]
fn opening_costs() {
    let log_rows: usize = std::env::var("TERN_LOG_ROWS").ok().and_then(|log| log.parse().ok()).unwrap_or(17);
    for params in ALL {
        let layout = Layout::new(&WIDTHS, params.log_width);
        let cells = 1 << (log_rows + params.log_width);
        let share = |table: usize| if table == 0 { 3 } else { 1 };
        let tables: Vec<RowMajorMatrix<F>> = WIDTHS
            .iter()
            .enumerate()
            .map(|(table, &width)| {
                let height = cells * share(table) / 10 / width.next_multiple_of(4);
                RowMajorMatrix::new((0..height * width).map(|i| F::from_u32((i as u32).wrapping_mul(0x9e37_79b9) >> 2)).collect(), width)
            })
            .collect();
        let heights: Vec<usize> = tables.iter().map(|table| table.values.len() / table.width).collect();
        let shape = OpeningShape { params: *params, log_rows, block: Vec::new(), block_variables: 22, layouts: vec![layout.clone()] };
        let dft = WidthDft::default();
        let mut seconds = Vec::new();
        let mut step = |name: &'static str, since: Instant| seconds.push((name, since.elapsed().as_secs_f64()));
        let start = Instant::now();
        let committed = Committed::new(params, &layout, &tables, (log_rows, 0), &dft).expect("tables that fit");
        step("commit", start);
        let point: Vec<EF> = (0..22).map(|i| EF::from_u32(77 + i)).collect();
        let weights = equality::table(&point);
        let claims = tables.iter().flat_map(|table| {
            (0..table.width)
                .map(|column| {
                    let cells = table.values.iter().skip(column).step_by(table.width);
                    cells.zip(&weights).map(|(&cell, &weight)| weight * cell).sum::<EF>()
                })
                .collect::<Vec<_>>()
        });
        let claims: Vec<EF> = claims.collect();
        let mut transcript = Transcript::new(&params.to_bytes(), &[0; 32]);
        let start = Instant::now();
        let proof = open(&shape, &[&committed], &RowWeights { block: Vec::new(), point }, &claims, &mut transcript);
        step("open", start);
        let bytes =
            proof.rows.iter().map(|rows| rows.leaves.iter().map(|row| 4 * row.len()).sum::<usize>() + 32 * rows.path.len()).sum::<usize>()
                + proof
                    .leaves
                    .iter()
                    .map(|word| word.leaves.iter().map(|leaf| 20 * leaf.len()).sum::<usize>() + 32 * word.path.len())
                    .sum::<usize>()
                + 40 * proof.rounds.len()
                + 20 * proof.last.len()
                + proof.words.iter().map(|cap| 32 * cap.len()).sum::<usize>();
        let used = layout.cells(&heights);
        println!("{}: {used} cells of {cells}, {bytes} bytes without claims, {seconds:.3?}", params.name);
    }
}
