//! What an opening costs. (That it is right is tested where it is verified.)

use p3_field::{BasedVectorSpace, PackedFieldExtension, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::multilinear::fractions::{self, Block};
use tern_fri::multilinear::opening::{Committed, RowWeights, equality_factor, open};
use tern_fri::multilinear::packed::{LANES, Packed, PackedExt};
use tern_fri::multilinear::params::ALL;
use tern_fri::multilinear::{Layout, OpeningShape, Params, Transcript, equality};

/// Tables like a segment's: a quarter of the cells in narrow ones.
const WIDTHS: [usize; 8] = [2_661, 36, 451, 60, 27, 90, 141, 20];

/// Seconds of processor time that this process has used, without the system's: first touches of memory are the machine's matter.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux system");
    let after_name = stat.rsplit_once(')').expect("a name").1;
    let ticks: Vec<f64> = after_name.split_whitespace().skip(11).take(1).map(|ticks| ticks.parse().expect("ticks")).collect();
    ticks.iter().sum::<f64>() / 100.0
}

/// Processor time of committing and opening. `TERN_LOG_ROWS` sets the size.
#[test]
#[ignore = "a measurement"]
fn opening_costs() {
    let log_rows: usize = std::env::var("TERN_LOG_ROWS").ok().and_then(|log| log.parse().ok()).unwrap_or(17);
    for params in ALL {
        // Grinding aside: it takes as long for any size.
        let params = &Params { column_pow_bits: 0, row_pow_bits: 0, query_pow_bits: 0, ..*params };
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
        let mut seconds = Vec::new();
        let mut step = |name: &'static str, since: f64| seconds.push((name, cpu() - since));
        let start = cpu();
        let committed = Committed::new(params, &layout, &tables, (log_rows, 0)).expect("tables that fit");
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
        let start = cpu();
        let proof = open(
            &shape,
            &[&committed],
            &RowWeights { block: Vec::new(), blocks: point.into_iter().map(equality_factor).collect() },
            &claims,
            &[],
            &mut transcript,
        );
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

/// Processor time of proving the sum of fractions. `TERN_LOG_FRACTIONS` sets their number.
#[test]
#[ignore = "a measurement"]
fn fractions_cost() {
    let log: usize = std::env::var("TERN_LOG_FRACTIONS").ok().and_then(|log| log.parse().ok()).unwrap_or(20);
    let blocks = 64;
    let rows = (1 << log) / blocks;
    let mut state = EF::from_basis_coefficients_fn(|i| F::from_usize(i + 3));
    let step = state;
    let mut next = || {
        state *= step;
        state
    };
    let blocks: Vec<Block> = (0..blocks)
        .map(|_| Block {
            numerators: vec![Packed::ZERO; rows / LANES],
            denominators: (0..rows / LANES).map(|_| PackedExt::from_ext_slice(&(0..LANES).map(|_| next()).collect::<Vec<_>>())).collect(),
            padding: EF::ONE,
        })
        .collect();
    let mut transcript = Transcript::new(&[], &[0; 32]);
    let start = cpu();
    let (proof, _) = fractions::prove(blocks, 22, &mut transcript).expect("a sum of zero");
    let seconds = cpu() - start;
    println!("2^{log} fractions, {} layers: {:.1} ns each", proof.layers.len(), seconds * 1e9 / (1_u64 << log) as f64);
}
