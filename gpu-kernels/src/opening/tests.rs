use p3_matrix::dense::RowMajorMatrix;
use tern_field::EF;
use tern_fri::multilinear::Layout;
use tern_fri::multilinear::opening::{self, Committed, Vectors};
use tern_fri::multilinear::params::{Params, SEGMENT_V2};
use tern_fri::multilinear::shape::{LOG_BLOCK, ROW_BLOCK};
use tern_fri::multilinear::source::of_cells;

use super::rows::ROW_WORDS;
use super::*;
use crate::fill::Kernels;
use crate::gpu::Traffic;
use crate::tests::{ext_noise, gpus, noise};

const PARAMS: Params = Params {
    log_width: 4,
    max_column_variables: 8,
    log_blowup: 1,
    num_queries: 3,
    log_arity: 3,
    log_last: 2,
    cap_height: 2,
    column_pow_bits: 2,
    row_pow_bits: 3,
    query_pow_bits: 11,
    ..SEGMENT_V2
};

/// Tables of one matrix: their widths and rows.
type Tables = [(usize, usize)];

/// What is opened.
struct Case {
    shape: OpeningShape,
    tables: Vec<Vec<RowMajorMatrix<F>>>,
    rows: RowWeights,
    values: Vec<EF>,
    forms: Vec<Form>,
}

fn row_weights(seed: u64, block_variables: usize) -> RowWeights {
    let block = ROW_BLOCK.iter().zip(seed..).map(|(bits, seed)| ext_noise(seed, 1 << bits)).collect();
    RowWeights { block, blocks: ext_noise(seed + 9, 2 * block_variables).as_chunks().0.to_vec() }
}

impl Case {
    /// Of one or two matrices with their widths, and with so many further forms.
    fn new(params: Params, matrices: &[(usize, &Tables)], forms: usize) -> Self {
        let layout =
            |(log_width, tables): &(usize, &Tables)| Layout::new(&tables.iter().map(|(width, _)| *width).collect::<Vec<_>>(), *log_width);
        let heights = |tables: &Tables| tables.iter().map(|(_, rows)| rows.div_ceil(1 << LOG_BLOCK)).collect::<Vec<_>>();
        let block_variables =
            matrices.iter().flat_map(|(_, tables)| heights(tables)).max().unwrap_or(0).max(1).next_power_of_two().ilog2() as usize + 1;
        let shapes = matrices
            .iter()
            .map(|matrix| OpeningShape::of_tables(&params, &layout(matrix), &heights(matrix.1), LOG_BLOCK + block_variables));
        let log_rows = shapes.map(|shape| shape.log_rows).max().unwrap_or(0);
        let shape =
            OpeningShape { params, log_rows, block: ROW_BLOCK.to_vec(), block_variables, layouts: matrices.iter().map(layout).collect() };
        shape.check().expect("a shape");
        let table = |&(width, rows): &(usize, usize)| RowMajorMatrix::new(noise(rows as u64, width * rows), width);
        let tables = matrices.iter().map(|(_, tables)| tables.iter().map(table).collect()).collect();
        let form = |i: usize| {
            let table = i % matrices[0].1.len();
            Form { table, columns: ext_noise(i as u64, matrices[0].1[table].0), rows: row_weights(20 + i as u64, block_variables) }
        };
        Self { shape, tables, rows: row_weights(3, block_variables), values: ext_noise(4, 7), forms: (0..forms).map(form).collect() }
    }

    fn with_claims<T>(&self, open: impl FnOnce(&Claims<'_>, &mut Transcript) -> T) -> (T, EF) {
        let mut transcript = Transcript::new(b"opening", &[1; 32]);
        let count = self.shape.columns();
        let columns = |weights: &[EF]| {
            let columns: Vec<EF> = ext_noise(8, count).iter().zip(weights.iter().cycle()).map(|(&a, &b)| a * b).collect();
            self.shape.each_column(&columns)
        };
        let proof = open(&Claims { values: &self.values, columns: &columns }, &mut transcript);
        (proof, transcript.challenge())
    }

    fn on_host(&self) -> (OpeningProof, EF) {
        let size = (self.shape.log_rows, LOG_BLOCK);
        let matrices = self.shape.layouts.iter().zip(&self.tables);
        let matrices: Vec<Committed> =
            matrices.map(|(layout, tables)| Committed::new(&self.shape.params, layout, tables, size).expect("a matrix")).collect();
        let matrices: Vec<&Committed> = matrices.iter().collect();
        self.with_claims(|claims, transcript| opening::open(&self.shape, &matrices, &self.rows, claims, &self.forms, transcript))
    }

    /// On a device; also what went between it and the host.
    fn on(&self, gpu: &Gpu) -> ((OpeningProof, EF), Traffic) {
        let Self { shape, rows, forms, .. } = self;
        let matrices = shape.layouts.iter().zip(&self.tables);
        let commit = |(layout, tables): (&Layout, &Vec<RowMajorMatrix<F>>)| {
            Matrix::commit(gpu, &shape.params, layout, (&Kernels::default(), &of_cells(tables)), (shape.log_rows, LOG_BLOCK))
                .expect("a matrix")
        };
        let matrices: Vec<Matrix> = matrices.map(commit).collect();
        let matrices: Vec<&Matrix> = matrices.iter().collect();
        let before = gpu.traffic();
        let opened =
            self.with_claims(|claims, transcript| open(gpu, shape, &matrices, rows, claims, forms, transcript).expect("an opening"));
        let after = gpu.traffic();
        let spent = Traffic {
            up: after.up - before.up,
            down: after.down - before.down,
            waits: after.waits - before.waits,
            dispatches: after.dispatches - before.dispatches,
        };
        (opened, spent)
    }
}

#[test]
fn openings_are_the_cpus() {
    let wide = Params { log_width: 7, log_blowup: 2, log_arity: 4, ..PARAMS };
    // Commitments of three chunks, of one and a block, and of one; and no work.
    let capped = |cap_height, row_pow_bits| Params { cap_height, row_pow_bits, column_pow_bits: 0, log_arity: 2, ..PARAMS };
    let cases = [
        Case::new(PARAMS, &[(4, &[(4, 512)])], 0),
        Case::new(PARAMS, &[(4, &[(36, 700), (5, 40), (0, 0), (13, 1100)])], 0),
        Case::new(PARAMS, &[(4, &[(36, 700), (5, 40), (13, 1100)])], 2),
        Case::new(PARAMS, &[(4, &[(20, 1000), (3, 2000)]), (4, &[(7, 513), (1, 1)])], 1),
        Case::new(PARAMS, &[(4, &[(20, 1000), (3, 2000)]), (2, &[(7, 513), (1, 1)])], 4),
        Case::new(PARAMS, &[(4, &[(2, 0)]), (3, &[(7, 513), (1, 0)])], 0),
        Case::new(wide, &[(7, &[(36, 1300), (250, 600), (3, 40)]), (6, &[(64, 1000)])], 2),
        Case::new(capped(6, 0), &[(4, &[(36, 700), (13, 1100)])], 1),
        Case::new(capped(5, 12), &[(4, &[(36, 700), (13, 1100)])], 0),
        Case::new(capped(4, 1), &[(4, &[(36, 700), (13, 1100)])], 0),
    ];
    for case in &cases {
        let expected = case.on_host();
        for gpu in gpus() {
            let (opened, _) = case.on(&gpu);
            assert!(opened == expected, "{:?}", case.shape);
        }
    }
}

/// One for all rounds, one for the queries' proof of work, and one for what is opened.
#[test]
fn waits_are_few() {
    let params = Params { log_arity: 4, log_width: 7, log_blowup: 2, column_pow_bits: 11, row_pow_bits: 11, ..PARAMS };
    let case = Case::new(params, &[(7, &[(100, 1 << 13), (30, 1 << 12), (9, 1 << 14), (60, 1 << 13)])], 1);
    let expected = case.on_host();
    let works = case.shape.worked_rounds() as u64 + 1;
    for gpu in gpus() {
        let (opened, traffic) = case.on(&gpu);
        assert!(opened == expected);
        assert!(case.shape.log_rows == 14 && traffic.waits == 3 && traffic.dispatches <= 120 + 8 * works, "{traffic:?}");
        assert!(traffic.down < 300_000 && traffic.up < 200_000, "{traffic:?}");
    }
}

/// The host plays rounds again; it refuses other challenges, and witnesses that do not pass.
#[test]
fn rounds_are_checked() {
    for gpu in gpus() {
        for bits in [0, 5] {
            let vectors = Vectors { values: ext_noise(1, 64), weights: ext_noise(2, 64) };
            let mut host = Transcript::new(b"rounds", &[2; 32]);
            let mut rounds = Rounds::new(&gpu, 2).expect("rounds");
            rounds.begin(&gpu, &host).expect("a state");
            let message = vectors.message();
            let sums: Vec<u32> = message.into_iter().flat_map(crate::fractions::ext_words).collect();
            let sums = gpu.upload_words(&sums).expect("sums");
            (0..2).for_each(|_| assert!(rounds.play(&gpu, (&sums, 1), None, bits).is_ok()));
            let record = gpu.read_all(&[rounds.record()]).expect("a record");
            let played = rounds.played(&record).expect("rounds");
            assert!(played.iter().all(|round| round.message == message));
            // Another challenge, polynomial or witness in the record.
            let first_challenge = ROW_WORDS + 1;
            for word in [0, ROW_WORDS, first_challenge] {
                let mut other = record.clone();
                other[word] ^= 1;
                let mut transcript = host.clone();
                let round = rounds.played(&other).expect("elements").remove(0);
                assert_eq!(round.again(&mut transcript).is_ok(), word == ROW_WORDS && bits == 0, "word {word}");
            }
            assert!(played[1].again(&mut host.clone()).is_err(), "a round of another state");
            for round in &played {
                assert!(round.again(&mut host).is_ok());
            }
        }
    }
}
