//! The fast prover says what the slow one says.

use p3_air::BaseAir;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_multi_stark::fractional_gkr::FractionGkrProof;
use tern_air::layout::Columns;
use tern_air::lookups::{ByteLookup, Lookups};
use tern_air::machine::MachineAir;
use tern_air::recursion::CircuitAir;
use tern_air::recursion::byte_table::ByteLookups;
use tern_air::recursion::compress::{CompressPreCols, Compression};
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::zerocheck::{Challenges, Link, Plan, Slot, Table, ZerocheckProof, prove, root_weights};

use super::super::airs::TestAir;
use super::super::chips::{Filled, instructions, memory, memory_tree, statement};
use super::super::evaluate::{Evaluate, Row, zeros};
use super::super::slow_prover::{Lookup, Messages, Order, eq, key, vertex};
use super::Case;
use super::cases::{alone, chains, everything, powers};
use super::honest::assert_accepted;
use super::slow::{self, HONEST, start};

/// Numbers that look random.
fn noise(seed: u64) -> impl Iterator<Item = F> {
    let step = |state: &u64| Some(state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f));
    std::iter::successors(Some(seed), step).skip(1).map(|state| F::from_u64(state >> 20))
}

fn ext(noise: &mut impl Iterator<Item = F>) -> EF {
    EF::from_basis_coefficients_fn(|_| noise.next().expect("noise does not end"))
}

/// Rows of zeros of all tables.
fn zero_rows(case: &Case) -> Vec<Row> {
    let tables = case.statement.airs.iter().zip(&case.statement.public_values);
    tables.map(|(air, values)| air.row(&zeros(air.width()), &zeros(air.preprocessed_width()), values)).collect()
}

/// What the fast prover needs of the lookups.
fn link(case: &Case, lookup: &Lookup) -> Link {
    let messages = &lookup.messages;
    let powers = messages.beta.powers().collect_n(messages.width + 1);
    let base = |bus: usize| messages.alpha + powers[messages.width] * F::from_usize(bus + 1) - EF::ONE;
    let variables = lookup.point.len() - case.statement.log_rows;
    let mut number = 0;
    let mut slot = |table: usize, bus: &super::super::evaluate::Bus| {
        let weight = eq(&vertex(lookup.order.place(number, variables), variables), &lookup.point[..variables]);
        number += 1;
        let bus = messages.buses.iter().position(|known| *known == key(table, bus)).expect("a known bus");
        Slot { weight, bus }
    };
    let slots = zero_rows(case).iter().enumerate().map(|(table, row)| row.messages.iter().map(|m| slot(table, &m.bus)).collect()).collect();
    Link { theta: lookup.theta, bases: (0..messages.buses.len()).map(base).collect(), powers, slots }
}

fn plans(case: &Case) -> Vec<Plan> {
    case.statement.airs.iter().map(|air| Plan::new(air, false)).collect()
}

fn fast(case: &Case, plans: &[Plan], challenges: &Challenges, link: Option<&Link>, transcript: &mut Transcript) -> ZerocheckProof {
    let tables = plans.iter().enumerate().map(|(i, plan)| Table {
        plan,
        main: &case.main[i],
        preprocessed: (case.fixed[i].width > 0).then_some(&case.fixed[i]),
        public_values: &case.statement.public_values[i],
    });
    prove(&tables.collect::<Vec<_>>(), challenges, link, transcript)
}

/// Both provers on the same challenges.
fn assert_same(case: &Case, lookup: Option<&Lookup>, challenges: &slow::Challenges, transcript: &Transcript) -> slow::Zerocheck {
    let (mut for_slow, mut for_fast) = (transcript.clone(), transcript.clone());
    let slow = slow::zerocheck(case, lookup, challenges, &mut for_slow, HONEST);
    let plans = plans(case);
    let degrees: Vec<usize> = case.front().shape().tables.iter().map(|table| table.degree).collect();
    assert_eq!(plans.iter().map(Plan::degree).collect::<Vec<_>>(), degrees);
    let slow::Challenges { alpha, beta, eta, tau, .. } = challenges.clone();
    let (challenges, link) = (Challenges { alpha, beta, eta, tau }, lookup.map(|lookup| link(case, lookup)));
    let fast = fast(case, &plans, &challenges, link.as_ref(), &mut for_fast);
    assert_eq!(slow.skip, fast.skip);
    assert_eq!(slow.rounds, fast.rounds);
    assert_eq!((slow.point.skip, &slow.point.rest), (fast.point.skip, &fast.point.rest));
    let mut rest = EF::ZERO;
    let roots = root_weights(&plans, &challenges, link.as_ref());
    for (table, ((plan, (main, _)), (values, roots))) in plans.iter().zip(&slow.columns).zip(fast.forms.iter().zip(&roots)).enumerate() {
        assert_eq!(*values, plan.forms().values(main), "table {table}");
        let weights = plan.forms().column_weights(&EF::zero_vec(values.len()), roots);
        rest += main.iter().zip(weights).map(|(value, weight)| *value * weight).sum::<EF>();
    }
    assert_eq!(fast.rest, rest);
    assert_eq!(for_slow.challenge(), for_fast.challenge());
    slow
}

/// The whole front, whose lookups the slow prover proves.
fn check(case: &Case) {
    let (lookup, challenges, transcript) = start(case, HONEST);
    let played = assert_same(case, lookup.as_ref(), &challenges, &transcript);
    assert_accepted(case, &slow::proof(lookup.as_ref(), played));
}

/// The zerocheck alone: the lookups' point and weights are any.
fn check_alone(case: &Case) {
    let mut noise = noise(7);
    let mut next = || ext(&mut noise);
    let n = case.statement.log_rows;
    let rows = zero_rows(case);
    let count: usize = rows.iter().map(|row| row.messages.len()).sum();
    let variables = count.next_power_of_two().ilog2() as usize;
    let lookup = Lookup {
        proof: FractionGkrProof { root_denominator: EF::ONE, layers: vec![] },
        point: (0..variables + n).map(|_| next()).collect(),
        claim: EF::ZERO,
        messages: Messages::new(&rows, next(), next()),
        order: Order::Lowest,
        theta: next(),
    };
    let tau = lookup.point[variables..].to_vec();
    let challenges = slow::Challenges { alpha: next(), beta: next(), eta: next(), tau, claim: EF::ZERO };
    assert_same(case, Some(&lookup), &challenges, &Transcript::new(b"alone", &[1; 32]));
}

#[test]
fn toys_with_messages() {
    for n in 9..=11 {
        check(&everything(n));
    }
    check(&alone(30, 9));
    check(&alone(1023, 10));
}

#[test]
fn toys_of_every_degree() {
    for degree in 1..=5 {
        check(&powers(&[(degree, 100)], 9));
        check(&powers(&[(degree, 600), (6 - degree, 40)], 10));
    }
}

#[test]
fn toys_without_messages() {
    for case in [chains(&[(1, 5)], 9), chains(&[(3, 0), (2, 513), (1, 1000)], 10), chains(&[(2, 0)], 9), chains(&[(4, 1)], 12)] {
        check(&case);
    }
}

/// The rows up to the last that is not zero.
fn used(trace: RowMajorMatrix<F>) -> RowMajorMatrix<F> {
    let rows = trace.values.iter().rposition(|cell| *cell != F::ZERO).map_or(0, |last| last / trace.width + 1);
    RowMajorMatrix::new(trace.values[..rows * trace.width].to_vec(), trace.width)
}

fn chips(filled: Vec<Filled>) -> Case {
    let (statement, traces) = statement(filled, 9);
    Case::new(statement.airs, statement.log_rows, traces.into_iter().map(used).collect(), statement.public_values)
}

#[test]
fn chips_of_instructions() {
    check(&chips(instructions()));
}

#[test]
fn chips_of_memory() {
    check(&chips(memory()));
}

#[test]
fn chips_of_the_memory_tree() {
    check(&chips(memory_tree()));
}

#[test]
fn the_byte_table() {
    let mut lookups = Lookups::default();
    lookups.byte(ByteLookup::Xor, 200, 100);
    lookups.byte(ByteLookup::Bytes, 1, 255);
    let chip = MachineAir::ByteTable(Default::default());
    let main = used(tern_air::machine::byte_table::fill(&lookups));
    assert!(main.height() < 1 << 16);
    check_alone(&Case::new(vec![TestAir::Chip(chip)], 16, vec![main], vec![vec![]]));
}

#[test]
fn chips_of_recursion() {
    let mut noise = noise(9);
    let words = |noise: &mut dyn Iterator<Item = F>| -> [u32; 8] {
        core::array::from_fn(|_| p3_field::PrimeField32::as_canonical_u32(&noise.next().expect("noise does not end")))
    };
    let compressions: Vec<Compression> = (0..90)
        .map(|i| Compression {
            cv: words(&mut noise),
            own: words(&mut noise),
            sibling: words(&mut noise),
            swapped: false,
            counter: i,
            len: 64,
            flags: 11,
        })
        .collect();
    let alu = |_| {
        let [a, b, c] = core::array::from_fn(|_| ext(&mut noise));
        [a, b, c, a * b + c].iter().flat_map(|x| x.as_basis_coefficients_slice().to_vec()).collect::<Vec<F>>()
    };
    let alu = RowMajorMatrix::new((0..700).flat_map(alu).collect(), 20);
    let (mut airs, mut main, mut fixed) = (vec![], vec![], vec![]);
    let counted = &mut ByteLookups::default();
    for air in CircuitAir::all() {
        // The byte table has more rows.
        let trace = match air {
            CircuitAir::Alu(_) => alu.clone(),
            CircuitAir::Compress(_) => tern_air::recursion::compress::fill(&compressions, 90, counted),
            CircuitAir::ByteTable(_) => continue,
            _ => RowMajorMatrix::new(F::zero_vec(3 * air.width()), air.width()),
        };
        // What the circuit says of the other chips is zero as well.
        let rows = if matches!(air, CircuitAir::Alu(_) | CircuitAir::Compress(_)) { trace.height() } else { 0 };
        let mut of_circuit = RowMajorMatrix::new(noise_by_row(air.preprocessed_width(), rows), air.preprocessed_width());
        if matches!(air, CircuitAir::Compress(_)) {
            of_circuit.values.chunks_mut(of_circuit.width).for_each(|row| CompressPreCols::of_mut(row).real = F::ONE);
        }
        fixed.push(of_circuit);
        main.push(trace);
        airs.push(TestAir::Recursion(air));
    }
    let public_values = airs.iter().map(|air| vec![F::ZERO; air.num_public_values()]).collect();
    let mut case = Case::new(airs, 10, main, public_values);
    case.fixed = fixed;
    check_alone(&case);
}

fn noise_by_row(width: usize, rows: usize) -> Vec<F> {
    noise(11).take(width * rows).collect()
}
