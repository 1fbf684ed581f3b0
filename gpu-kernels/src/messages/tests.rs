use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::PackedValue;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_air::machine::MachineAir;
use tern_fri::multilinear::Layout;
use tern_fri::multilinear::fractions::{Block, Unbalanced};
use tern_fri::multilinear::lookups::{self, placed};
use tern_fri::multilinear::packed::unpack;
use tern_fri::multilinear::params::{Params, SEGMENT_V2};
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::source::of_cells;

use super::*;
use crate::fill::Kernels;
use crate::matrix::{Fixed, Matrix};
use crate::tests::{ext_noise, gpus, noise};

const PARAMS: Params = Params { log_width: 5, ..SEGMENT_V2 };

const WIDTH: usize = 11;
const ROW_VARIABLES: usize = 11;

/// Sends messages of all kinds, and receives them.
#[derive(Clone, Copy)]
enum Toy {
    Plain,
    /// With a fixed column that says which rows are used.
    Fixed,
    /// With a message of many fields that take many steps.
    Long,
    /// Without messages.
    Silent,
}

const LONG: usize = 16;

impl BaseAir<F> for Toy {
    fn width(&self) -> usize {
        WIDTH
    }

    fn num_public_values(&self) -> usize {
        2
    }

    fn preprocessed_width(&self) -> usize {
        if matches!(self, Self::Fixed) { 2 } else { 0 }
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        matches!(self, Self::Fixed).then(|| RowMajorMatrix::new(noise(70, 2 * 600), 2))
    }
}

impl<B: AirBuilder<F = F> + InteractionBuilder> Air<B> for Toy {
    fn eval(&self, builder: &mut B) {
        let main = builder.main();
        let x: Vec<B::Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
        let fixed: Vec<B::Expr> = match self {
            Self::Fixed => builder.preprocessed().current_slice().iter().map(|column| (*column).into()).collect(),
            _ => vec![],
        };
        let public: Vec<B::Expr> = builder.public_values().iter().map(|value| (*value).into()).collect();
        let constant = |value: u32| B::Expr::from(F::from_u32(value));
        builder.assert_zero(x[0].clone() * (x[0].clone() - F::ONE));
        let mut both = |bus: &str, fields: Vec<B::Expr>, count: B::Expr| {
            builder.push_interaction(bus, fields.clone(), Count::provided(count.clone()));
            builder.push_interaction(bus, fields, Count::provided(-count));
        };
        match self {
            Self::Plain => {
                both("first", vec![constant(3), x[1].clone() + public[1].clone(), constant(5), x[2].clone() * x[3].clone()], x[0].clone());
                both("second", vec![], x[4].clone() * x[5].clone());
                both("first", vec![constant(1), constant(2)], x[10].clone());
                both("third", vec![x[0].clone() * F::from_u8(7) + x[9].clone() * x[9].clone() + F::TWO], x[1].clone() - x[2].clone());
                for i in 0..8 {
                    both("second", (0..9).map(|k| x[(i + k) % WIDTH].clone()).collect(), x[i].clone());
                }
            }
            Self::Fixed => {
                both("first", vec![fixed[0].clone(), fixed[1].clone() * x[8].clone(), public[0].clone()], x[7].clone() + fixed[1].clone());
                both("first", vec![x[1].clone()], fixed[0].clone());
            }
            Self::Long => {
                both("second", vec![x[3].clone()], x[0].clone());
                let power =
                    |i: usize| (0..12).fold(x[i % WIDTH].clone(), |power, k| power * (x[(i + k) % WIDTH].clone() + constant(i as u32)));
                both("long", (0..LONG).map(power).collect(), x[6].clone());
                both("second", vec![x[3].clone(), x[4].clone()], x[0].clone());
            }
            Self::Silent => {}
        }
    }
}

/// Everything of a relation but its tables.
struct Parts {
    airs: Vec<Toy>,
    plans: Vec<Plan>,
    lookups: Lookups,
    layout: Layout,
    fixed: Vec<Option<RowMajorMatrix<F>>>,
}

impl Parts {
    fn new(airs: &[Toy]) -> Self {
        Self {
            plans: airs.iter().map(|air| Plan::new(air, false)).collect(),
            lookups: Lookups::new(airs),
            layout: Layout::new(&vec![WIDTH; airs.len()], PARAMS.log_width),
            fixed: airs.iter().map(BaseAir::preprocessed_trace).collect(),
            airs: airs.to_vec(),
        }
    }

    fn relation(&self) -> Relation<'_> {
        Relation {
            params: &PARAMS,
            layout: &self.layout,
            plans: &self.plans,
            lookups: &self.lookups,
            fixed: &self.fixed,
            fixed_matrix: None,
            row_variables: ROW_VARIABLES,
        }
    }

    /// The host's fractions.
    fn blocks(&self, tables: &[RowMajorMatrix<F>], public_values: &[Vec<F>], [alpha, beta]: [EF; 2]) -> Vec<Block> {
        let fingerprints = self.lookups.with_challenges(alpha, beta);
        let block = |(table, air): (usize, &Toy)| {
            let columns =
                lookups::Columns { main: &tables[table], fixed: self.fixed[table].as_ref(), public_values: &public_values[table] };
            fingerprints.blocks(table, air, &columns)
        };
        placed(self.airs.iter().enumerate().flat_map(block).collect())
    }
}

fn table(seed: u64, rows: usize) -> RowMajorMatrix<F> {
    RowMajorMatrix::new(noise(seed, rows * WIDTH), WIDTH)
}

/// Each row's fraction, in whole blocks.
fn rows(block: &Block) -> (Vec<F>, Vec<EF>, EF) {
    let mut numerators = Packed::unpack_slice(&block.numerators).to_vec();
    let mut denominators = unpack(&block.denominators);
    let rows = numerators.len().next_multiple_of(1 << LOG_BLOCK);
    numerators.resize(rows, F::ZERO);
    denominators.resize(rows, block.padding);
    (numerators, denominators, block.padding)
}

#[test]
fn fractions_and_proofs_are_the_cpus() {
    let parts = Parts::new(&[Toy::Plain, Toy::Silent, Toy::Fixed, Toy::Long, Toy::Plain]);
    let tables = [table(1, 1500), table(2, 100), table(3, 70), table(4, 513), table(5, 0)];
    let public_values: Vec<Vec<F>> = (0..5).map(|seed| noise(20 + seed, 2)).collect();
    let challenges = [ext_noise(30, 1)[0], ext_noise(31, 1)[0]];
    let expected = parts.blocks(&tables, &public_values, challenges);
    let transcript = || Transcript::new(b"messages", &[1; 32]);
    let proof = tern_fri::multilinear::fractions::prove(expected.clone(), ROW_VARIABLES, &mut transcript());
    let relation = parts.relation();
    for gpu in gpus() {
        let main =
            Matrix::commit(&gpu, &PARAMS, &parts.layout, (&Kernels::default(), &of_cells(&tables)), (13, LOG_BLOCK)).expect("a matrix");
        // Rows are taken in several chunks.
        let messages = Messages { max_computed: 5000, ..Messages::new(&gpu, &relation).expect("memory") };
        let fixed = Fixed::new(&gpu, &relation).expect("columns");
        let columns: Vec<Columns<'_>> = (0..tables.len()).map(|table| fixed.columns(&main, table)).collect();
        let fractions = messages.fractions(&gpu, relation.lookups, &columns, &public_values, challenges).expect("fractions");
        let got = fractions.messages(&gpu).expect("fractions");
        assert_eq!(got.len(), expected.len());
        for (number, (got, expected)) in got.iter().zip(&expected).enumerate() {
            assert!(rows(got) == rows(expected), "block {number}");
        }
        let got = prove(&gpu, &messages, &relation, &columns, &public_values, challenges, &mut transcript());
        assert_eq!(got, proof.clone().map_err(FractionsError::from));
        assert!(got.is_ok());
    }
}

#[test]
fn what_is_not_received_is_refused() {
    struct Sender;

    impl BaseAir<F> for Sender {
        fn width(&self) -> usize {
            WIDTH
        }
    }

    impl<B: AirBuilder<F = F> + InteractionBuilder> Air<B> for Sender {
        fn eval(&self, builder: &mut B) {
            let main = builder.main();
            let row = main.current_slice();
            let (field, count): (B::Expr, B::Expr) = (row[0].into(), row[1].into());
            builder.push_interaction("bus", [field], Count::provided(count));
        }
    }

    let (airs, tables) = ([Sender], [table(1, 20)]);
    let (plans, lookups, layout) = ([Plan::new(&Sender, false)], Lookups::new(&airs), Layout::new(&[WIDTH], PARAMS.log_width));
    let relation = Relation {
        params: &PARAMS,
        layout: &layout,
        plans: &plans,
        lookups: &lookups,
        fixed: &[None],
        fixed_matrix: None,
        row_variables: ROW_VARIABLES,
    };
    for gpu in gpus() {
        let main = Matrix::commit(&gpu, &PARAMS, &layout, (&Kernels::default(), &of_cells(&tables)), (9, LOG_BLOCK)).expect("a matrix");
        let messages = Messages::new(&gpu, &relation).expect("memory");
        let fixed = Fixed::new(&gpu, &relation).expect("columns");
        let columns = [fixed.columns(&main, 0)];
        let mut transcript = Transcript::new(b"messages", &[1; 32]);
        let challenges = [ext_noise(30, 1)[0], ext_noise(31, 1)[0]];
        let got = prove(&gpu, &messages, &relation, &columns, &[vec![]], challenges, &mut transcript);
        assert_eq!(got, Err(Unbalanced.into()));
    }
}

/// Of a machine's chips, on rows of noise.
#[test]
fn fractions_of_chips_are_the_cpus() {
    let airs = MachineAir::all();
    let plans: Vec<Plan> = airs.iter().map(|air| Plan::new(air, false)).collect();
    let widths: Vec<usize> = airs.iter().map(BaseAir::<F>::width).collect();
    let (layout, lookups) = (Layout::new(&widths, SEGMENT_V2.log_width), Lookups::new(&airs));
    let fixed: Vec<_> = airs.iter().map(BaseAir::<F>::preprocessed_trace).collect();
    let relation = Relation {
        params: &SEGMENT_V2,
        layout: &layout,
        plans: &plans,
        lookups: &lookups,
        fixed: &fixed,
        fixed_matrix: None,
        row_variables: 17,
    };
    let tables: Vec<RowMajorMatrix<F>> = widths.iter().map(|&width| RowMajorMatrix::new(noise(width as u64, 40 * width), width)).collect();
    let public_values: Vec<Vec<F>> = airs.iter().map(|air| noise(3, BaseAir::<F>::num_public_values(air))).collect();
    let challenges = [ext_noise(30, 1)[0], ext_noise(31, 1)[0]];
    let fingerprints = lookups.with_challenges(challenges[0], challenges[1]);
    let block = |(table, air): (usize, &MachineAir)| {
        let columns = lookups::Columns { main: &tables[table], fixed: fixed[table].as_ref(), public_values: &public_values[table] };
        fingerprints.blocks(table, air, &columns)
    };
    let expected = placed(airs.iter().enumerate().flat_map(block).collect());
    for gpu in gpus() {
        let main =
            Matrix::commit(&gpu, &SEGMENT_V2, &layout, (&Kernels::default(), &of_cells(&tables)), (15, LOG_BLOCK)).expect("a matrix");
        let messages = Messages::new(&gpu, &relation).expect("memory");
        let fixed = Fixed::new(&gpu, &relation).expect("columns");
        let columns: Vec<Columns<'_>> = (0..tables.len()).map(|table| fixed.columns(&main, table)).collect();
        let fractions = messages.fractions(&gpu, &lookups, &columns, &public_values, challenges).expect("fractions");
        let got = fractions.messages(&gpu).expect("fractions");
        assert!(got.iter().map(rows).eq(expected.iter().map(rows)));
    }
}
