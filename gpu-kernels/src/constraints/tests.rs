//! Zerochecks on a device against the host's.

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_air::machine::MachineAir;
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::zerocheck::{self, Challenges, Instance, Link, Plan, Slot, ZerocheckProof};

use super::{BLOCK, Prepared, SIZES, Sizes, Table, prove_with};
use crate::Gpu;
use crate::matrix::{Column, Columns};
use crate::memory::Words;
use crate::tests::{ext_noise, gpus, noise};

/// Row variables.
const VARIABLES: usize = 13;

/// Chips of several kinds.
#[derive(Clone, Copy)]
enum Toy {
    /// Forms, rests, fixed columns, public values and messages, to degree three.
    Mixed,
    /// Constraints of every degree to five, without rests.
    Degrees,
    /// Rests only.
    Linear,
    /// Nothing.
    Nothing,
}

impl<T> BaseAir<T> for Toy {
    fn width(&self) -> usize {
        match self {
            Self::Mixed => 8,
            Self::Degrees => 11,
            Self::Linear => 3,
            Self::Nothing => 2,
        }
    }

    fn preprocessed_width(&self) -> usize {
        if matches!(self, Self::Mixed) { 3 } else { 0 }
    }

    fn num_public_values(&self) -> usize {
        if matches!(self, Self::Mixed) { 2 } else { 0 }
    }
}

impl<B: AirBuilder<F = F> + InteractionBuilder> Air<B> for Toy {
    fn eval(&self, builder: &mut B) {
        let main = builder.main();
        let x: Vec<B::Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
        match self {
            Self::Mixed => {
                let fixed: Vec<B::Expr> = builder.preprocessed().current_slice().iter().map(|column| (*column).into()).collect();
                let public: Vec<B::Expr> = builder.public_values().iter().map(|value| (*value).into()).collect();
                let sum = x[0].clone() + x[1].clone() * F::from_u8(3) - x[2].clone();
                builder.assert_zero(sum.clone() * (sum.clone() - F::ONE) + x[3].clone() - x[4].clone());
                builder.assert_zero((sum.clone() * F::TWO + public[0].clone()) * x[5].clone());
                builder.assert_zero((x[5].clone() * x[6].clone() + x[7].clone()) * F::from_u8(3) - x[0].clone());
                builder.assert_zero(sum.clone() * x[5].clone() * (x[6].clone() - F::from_u8(5)));
                builder.assert_zero(x[3].clone() - x[2].clone());
                builder.assert_zero(fixed[0].clone() * x[1].clone() + fixed[2].clone() * public[1].clone());
                let fields = [x[6].clone() * x[6].clone() + x[0].clone(), B::Expr::ZERO, x[7].clone() + public[0].clone()];
                builder.push_interaction("bus", fields, Count::bounded(fixed[2].clone(), 1));
                let fields = [x[6].clone() + F::ONE, B::Expr::TWO];
                builder.push_interaction("bus", fields, Count::bounded(x[0].clone() * x[1].clone(), 1));
            }
            Self::Degrees => {
                for degree in 2..=5 {
                    for first in 0..degree {
                        builder.assert_zero((0..degree).map(|i| x[first + i].clone()).product::<B::Expr>());
                    }
                }
                builder.push_interaction("bus", [x[10].clone()], Count::bounded(x[9].clone(), 1));
            }
            Self::Linear => {
                builder.assert_zero(x[0].clone() - x[1].clone());
                builder.push_interaction("bus", [x[2].clone(), B::Expr::ONE], Count::bounded(x[1].clone() + F::ONE, 1));
            }
            Self::Nothing => {}
        }
    }
}

/// A table on the host.
struct Filled {
    plan: Plan,
    is_committed: bool,
    main: RowMajorMatrix<F>,
    fixed: Option<RowMajorMatrix<F>>,
    public_values: Vec<F>,
}

impl Filled {
    fn new(plan: Plan, is_committed: bool, [width, fixed_width, publics]: [usize; 3], [rows, fixed_rows]: [usize; 2]) -> Self {
        let matrix = |seed: usize, width: usize, rows: usize| RowMajorMatrix::new(noise(seed as u64, width * rows), width);
        Self {
            is_committed,
            main: matrix(rows, width, rows),
            fixed: (fixed_width > 0).then(|| matrix(rows + 1, fixed_width, fixed_rows)),
            public_values: noise(7, publics),
            plan,
        }
    }

    fn toy(toy: Toy, is_committed: bool, rows: [usize; 2]) -> Self {
        let sizes = [BaseAir::<F>::width(&toy), BaseAir::<F>::preprocessed_width(&toy), BaseAir::<F>::num_public_values(&toy)];
        Self::new(Plan::new(&toy, is_committed && sizes[1] > 0), is_committed, sizes, rows)
    }
}

/// Tables' columns in two arrays, in some order.
struct OnDevice {
    main: Words,
    fixed: Words,
    columns: Vec<Vec<Column>>,
}

impl OnDevice {
    fn new(gpu: &Gpu, tables: &[Filled]) -> Self {
        let (mut main, mut fixed) = (noise(1, 3), noise(2, 5));
        let mut columns = Vec::new();
        for table in tables {
            let mut own = Vec::new();
            for (is_fixed, matrix) in [(false, Some(&table.main)), (true, table.fixed.as_ref())] {
                let Some(matrix) = matrix else { continue };
                let (cells, padding) = (if is_fixed { &mut fixed } else { &mut main }, usize::from(table.is_committed));
                let (start, rows) = (cells.len(), matrix.values.len() / matrix.width.max(1));
                for row in matrix.values.chunks(matrix.width) {
                    cells.extend(row);
                    // What is beside a table is not its own.
                    cells.extend(noise(3, padding));
                }
                own.extend((0..matrix.width).map(|i| Column { is_fixed, start: start + i, stride: matrix.width + padding, rows }));
            }
            columns.push(own);
        }
        Self { main: gpu.upload(&main).expect("memory"), fixed: gpu.upload(&fixed).expect("memory"), columns }
    }

    fn tables<'a>(&'a self, tables: &'a [Filled]) -> Vec<Table<'a>> {
        let table = |(table, columns): (&'a Filled, &'a Vec<Column>)| {
            let highest = columns.iter().map(|column| column.rows).max().unwrap_or(0);
            let columns = Columns { main: &self.main, fixed: &self.fixed, columns: columns.clone(), rows: highest.next_multiple_of(BLOCK) };
            Table { instance: Instance { plan: &table.plan, public_values: &table.public_values }, columns }
        };
        tables.iter().zip(&self.columns).map(table).collect()
    }
}

fn challenges() -> Challenges {
    let tau = ext_noise(12, 2 * VARIABLES).into_iter().filter(|x| *x != EF::ZERO).take(VARIABLES).collect();
    let [alpha, beta, eta] = ext_noise(11, 3).try_into().expect("three");
    Challenges { alpha, beta, eta, tau }
}

fn link(tables: &[Filled]) -> Link {
    let slots =
        |table: &Filled| ext_noise(table.main.width as u64, table.plan.messages()).into_iter().map(|weight| Slot { weight, bus: 1 });
    let slots = tables.iter().map(|table| slots(table).collect()).collect();
    Link { theta: ext_noise(13, 1)[0], powers: ext_noise(14, 40), bases: ext_noise(15, 2), slots }
}

fn on_host(tables: &[Filled], challenges: &Challenges, link: Option<&Link>) -> (ZerocheckProof, EF) {
    let tables = tables.iter().map(|Filled { plan, main, fixed, public_values, .. }| zerocheck::Table {
        plan,
        main,
        preprocessed: fixed.as_ref(),
        public_values,
    });
    let tables: Vec<zerocheck::Table<'_>> = tables.collect();
    let mut transcript = Transcript::new(b"test", &[0; 32]);
    let proof = zerocheck::prove(&tables, challenges, link, &mut transcript);
    (proof, transcript.challenge())
}

fn assert_same(gpu: &Gpu, tables: &[Filled], sizes: &[Sizes], has_link: bool) {
    let (challenges, link) = (challenges(), has_link.then(|| link(tables)));
    let expected = on_host(tables, &challenges, link.as_ref());
    let on_device = OnDevice::new(gpu, tables);
    let plans: Vec<Plan> = tables.iter().map(|table| table.plan.clone()).collect();
    let prepared = Prepared::new(gpu, &plans).expect("memory");
    for sizes in sizes {
        let mut transcript = Transcript::new(b"test", &[0; 32]);
        let before = gpu.traffic();
        let given = (&challenges, link.as_ref());
        let proof = prove_with(gpu, &prepared, &on_device.tables(tables), given, &mut transcript, sizes).expect("a proof");
        let after = gpu.traffic();
        assert_eq!(proof.skip, expected.0.skip);
        assert_eq!(proof.rounds, expected.0.rounds);
        assert_eq!((proof, transcript.challenge()), expected);
        eprintln!("{} dispatches, {} waits", after.dispatches - before.dispatches, after.waits - before.waits);
    }
}

const SMALL: Sizes = Sizes { scratch: 1, groups: 3, invocations: 256, host_vectors: 0 };

#[test]
fn proofs_are_the_hosts() {
    for gpu in gpus() {
        for is_committed in [false, true] {
            let toy = |toy, rows| Filled::toy(toy, is_committed, rows);
            let tables = [
                toy(Toy::Mixed, [700, 1300]),
                toy(Toy::Nothing, [600, 0]),
                toy(Toy::Degrees, [2560, 0]),
                toy(Toy::Mixed, [0, 0]),
                toy(Toy::Linear, [1, 0]),
                toy(Toy::Degrees, [0, 0]),
                toy(Toy::Mixed, [1025, 40]),
            ];
            assert_same(&gpu, &tables, &[SIZES, SMALL, Sizes { host_vectors: 3, ..SMALL }], true);
            assert_same(&gpu, &tables[..2], &[SMALL], false);
        }
    }
}

#[test]
fn tables_may_all_be_empty() {
    for gpu in gpus() {
        assert_same(&gpu, &[Filled::toy(Toy::Mixed, false, [0, 0])], &[SIZES, SMALL], true);
    }
}

/// Proofs about chips, on rows that satisfy nothing.
fn assert_chips(gpu: &Gpu, mut is_wanted: impl FnMut(&str) -> bool) {
    for air in MachineAir::all().into_iter().filter(|air| is_wanted(air.name())) {
        let start = std::time::Instant::now();
        let sizes = [BaseAir::<F>::width(&air), BaseAir::<F>::preprocessed_width(&air), BaseAir::<F>::num_public_values(&air)];
        let tables = [Filled::new(Plan::new(&air, false), false, sizes, [1100, 520])];
        assert_same(gpu, &tables, &[SIZES, Sizes { host_vectors: 0, ..SIZES }], true);
        eprintln!("{}: {:?}", air.name(), start.elapsed());
    }
}

#[test]
fn proofs_about_chips_are_the_hosts() {
    for gpu in gpus() {
        assert_chips(&gpu, |name| ["branch", "segment", "bits_table"].contains(&name));
    }
}

#[test]
#[ignore = "takes minutes on a software adapter, to compile all kernels"]
fn proofs_about_all_chips_are_the_hosts() {
    gpus().iter().for_each(|gpu| assert_chips(gpu, |_| true));
}
