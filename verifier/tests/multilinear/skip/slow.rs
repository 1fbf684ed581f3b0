//! The zerocheck with a skip, every sum taken as it is written, over all `2^n` rows. It can lie,
//! and carry a lie on through everything that follows.

use p3_field::{Field, PrimeCharacteristicRing, TwoAdicField};
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_verifier::multilinear::front::{ColumnProof, ColumnValues};
use tern_verifier::native::Native;

use super::super::challenger::transcript_params;
use super::super::evaluate::{Evaluate, Row};
use super::super::oracle::{Statement, our_lookup};
use super::super::slow_prover::{End, Lookup, Order, Start, Tables, eq, eq1, nodes, round, vertex};
use super::{Case, Point};

/// What a prover does with the skip round's coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coefficients {
    /// They are those of the tables.
    Honest,
    /// This one is changed so that the sum is what is claimed.
    Carry(usize),
    /// This one is wrong.
    Wrong(usize),
    /// The first is wrong, and the second makes up for it in the sum.
    WrongAndCarried(usize, usize),
}

/// Lies.
#[derive(Clone, Copy, Debug)]
pub struct Lies {
    /// In the lookups.
    pub lookup: (Start, End),
    pub coefficients: Coefficients,
    /// In a value of a later round.
    pub round: Option<(usize, usize)>,
    /// In the last column of a table, so that what the sumcheck leaves is true.
    pub column: Option<usize>,
}

/// No lie.
pub const HONEST: Lies = Lies { lookup: (Start::Tables, End::Columns), coefficients: Coefficients::Honest, round: None, column: None };

/// The bits of a row that are not skipped, in the order of binding.
pub fn rest_bits(log_rows: usize) -> impl Iterator<Item = usize> {
    (9..log_rows).chain(0..4)
}

/// All bits in the order of binding.
pub fn all_bits(log_rows: usize) -> impl Iterator<Item = usize> {
    (4..9).chain(rest_bits(log_rows))
}

/// The row whose bits are those of a position, the highest for the first of `bits`.
fn row_at(position: usize, bits: impl Iterator<Item = usize>, count: usize) -> usize {
    bits.enumerate().fold(0, |row, (i, bit)| row | (position >> (count - 1 - i) & 1) << bit)
}

/// The Lagrange polynomials of the subgroup of order 32 at `x`.
pub fn lagrange(x: EF) -> Vec<EF> {
    let point = |j: u64| F::two_adic_generator(5).exp_u64(j);
    let others = |j: u64| (0..32).filter(move |i| *i != j);
    let polynomial = |j: u64| {
        let denominator: F = others(j).map(|i| point(j) - point(i)).product();
        others(j).map(|i| x - EF::from(point(i))).product::<EF>() * denominator.inverse()
    };
    (0..32).map(polynomial).collect()
}

/// The coefficients of the polynomial with these values at 0, 1, 2, …, by Newton's formula.
pub fn coefficients(values: &[EF]) -> Vec<EF> {
    let mut differences = values.to_vec();
    for order in 1..values.len() {
        for i in (order..values.len()).rev() {
            differences[i] = (differences[i] - differences[i - 1]) * F::from_usize(order).inverse();
        }
    }
    let mut polynomial: Vec<EF> = vec![];
    for (i, difference) in differences.iter().enumerate().rev() {
        // polynomial (X - i) + difference
        polynomial.insert(0, EF::ZERO);
        for k in 0..polynomial.len() - 1 {
            let next = polynomial[k + 1];
            polynomial[k] -= next * F::from_usize(i);
        }
        polynomial[0] += *difference;
    }
    polynomial
}

/// The sum over the domain, with the weights of the point, of a power of the variable.
fn power_sum(skipped: &[EF], power: usize) -> EF {
    let point = |j: usize| EF::from(F::two_adic_generator(5).exp_u64((j * power) as u64));
    let weight = |j: usize| skipped.iter().enumerate().map(|(b, q)| eq1(*q, EF::from_usize(j >> b & 1))).product::<EF>();
    (0..32).map(|j| weight(j) * point(j)).sum()
}

/// What the zerocheck says, and its challenges.
pub struct Zerocheck {
    pub skip: Vec<EF>,
    pub rounds: Vec<Vec<EF>>,
    pub point: Point,
    /// Main and preprocessed columns.
    pub columns: Vec<(Vec<EF>, Vec<EF>)>,
}

/// The zerocheck's challenges and what it starts from.
#[derive(Clone)]
pub struct Challenges {
    pub alpha: EF,
    pub beta: EF,
    pub eta: EF,
    /// Of the rows.
    pub tau: Vec<EF>,
    pub claim: EF,
}

/// A front of these tables.
pub fn prove(case: &Case, lies: Lies) -> ColumnProof<Native> {
    let (lookup, challenges, mut transcript) = start(case, lies);
    let zerocheck = zerocheck(case, lookup.as_ref(), &challenges, &mut transcript, lies);
    proof(lookup.as_ref(), zerocheck)
}

/// An honest front and one that lies in the skip round's coefficients.
pub fn lie_in_coefficients(case: &Case, coefficients: Coefficients) -> (ColumnProof<Native>, ColumnProof<Native>) {
    (prove(case, HONEST), prove(case, Lies { coefficients, ..HONEST }))
}

/// The parts of a front together.
pub fn proof(lookup: Option<&Lookup>, zerocheck: Zerocheck) -> ColumnProof<Native> {
    let columns = zerocheck.columns.into_iter().map(|(main, preprocessed)| ColumnValues { main, preprocessed }).collect();
    let lookup = lookup.map(|lookup| our_lookup(&lookup.proof, F::ZERO));
    ColumnProof { lookup, skip: zerocheck.skip, rounds: zerocheck.rounds, claims: columns }
}

/// Everything before the skip round.
pub fn start(case: &Case, lies: Lies) -> (Option<Lookup>, Challenges, Transcript) {
    let (params, seed) = transcript_params();
    let mut transcript = Transcript::new(params, &seed);
    let n = case.statement.log_rows;
    case.statement.public_values.iter().for_each(|values| transcript.observe_base(values));
    let reordered = |tables: Vec<Vec<Vec<F>>>| -> Vec<Vec<Vec<F>>> {
        let column = |column: Vec<F>| (0..1 << n).map(|position| column[row_at(position, all_bits(n), n)]).collect();
        tables.into_iter().map(|columns| columns.into_iter().map(column).collect()).collect()
    };
    let tables = case.tables();
    let tables = Tables { main: reordered(tables.main), fixed: reordered(tables.fixed) };
    let lookup = Lookup::new(&case.statement, &tables, Order::Lowest, &mut transcript, lies.lookup.0, lies.lookup.1);
    let [alpha, beta] = core::array::from_fn(|_| transcript.challenge());
    let (eta, tau) = match &lookup {
        Some(lookup) => (transcript.challenge(), lookup.point[lookup.point.len() - n..].to_vec()),
        None => (EF::ZERO, (0..n).map(|_| transcript.challenge()).collect()),
    };
    let claim = lookup.as_ref().map_or(EF::ZERO, |lookup| eta * lookup.claim);
    transcript.observe_extension(&[claim]);
    (lookup, Challenges { alpha, beta, eta, tau, claim }, transcript)
}

/// The value of all tables' constraints and messages.
fn composition(challenges: &Challenges, lookup: Option<&Lookup>, rows: &[Row]) -> EF {
    let batched = |row: &Row| row.constraints.iter().fold(EF::ZERO, |sum, value| sum * challenges.alpha + *value);
    let constraints = rows.iter().rev().fold(EF::ZERO, |sum, row| sum * challenges.beta + batched(row));
    constraints + lookup.map_or(EF::ZERO, |lookup| challenges.eta * lookup.link(rows, challenges.tau.len()))
}

fn rows_of(statement: &Statement, main: &[Vec<EF>], fixed: &[Vec<EF>]) -> Vec<Row> {
    let tables = statement.airs.iter().zip(main).zip(fixed).zip(&statement.public_values);
    tables.map(|(((air, main), fixed), public)| air.row(main, fixed, public)).collect()
}

/// A column's value at a point of the domain's variable, for one vertex of the others.
fn at_vertex(column: &[F], lagrange: &[EF], row: usize) -> EF {
    lagrange.iter().enumerate().map(|(j, weight)| *weight * column[row | j << 4]).sum()
}

/// The skip round's polynomial.
fn skip_polynomial(case: &Case, tables: &Tables, lookup: Option<&Lookup>, challenges: &Challenges) -> Vec<EF> {
    let n = case.statement.log_rows;
    let degree = 31 * case.front().shape().degree();
    let value = |x: usize| -> EF {
        let lagrange = lagrange(EF::from_usize(x));
        let term = |position: usize| {
            let row = row_at(position, rest_bits(n), n - 5);
            let rows = tables.rows(&case.statement, |column| at_vertex(column, &lagrange, row));
            eq(&challenges.tau[5..], &vertex(position, n - 5)) * composition(challenges, lookup, &rows)
        };
        (0..1 << (n - 5)).map(term).sum()
    };
    coefficients(&(0..=degree).map(value).collect::<Vec<EF>>())
}

/// The columns at `r0`, by position.
fn bound(case: &Case, tables: &[Vec<Vec<F>>], r0: EF) -> Vec<Vec<Vec<EF>>> {
    let n = case.statement.log_rows;
    let lagrange = lagrange(r0);
    let column = |column: &Vec<F>| -> Vec<EF> {
        (0..1 << (n - 5)).map(|position| at_vertex(column, &lagrange, row_at(position, rest_bits(n), n - 5))).collect()
    };
    tables.iter().map(|columns| columns.iter().map(column).collect()).collect()
}

/// A column's value with its first coordinate bound to `x` and the others to a vertex.
fn between(column: &[EF], vertex: usize, x: EF) -> EF {
    let (low, high) = (column[vertex], column[vertex + column.len() / 2]);
    low + x * (high - low)
}

fn change(coefficients: &mut [EF], lie: Coefficients, challenges: &Challenges) {
    let error = EF::from_u32(54321);
    let skipped = &challenges.tau[..5];
    if let Coefficients::Wrong(place) | Coefficients::WrongAndCarried(place, _) = lie {
        coefficients[place] += error;
    }
    if let Coefficients::Carry(place) | Coefficients::WrongAndCarried(_, place) = lie {
        let sum: EF = coefficients.iter().enumerate().map(|(c, value)| *value * power_sum(skipped, c % 32)).sum();
        coefficients[place] += (challenges.claim - sum) * power_sum(skipped, place % 32).inverse();
    }
}

/// The zerocheck after its challenges.
pub fn zerocheck(case: &Case, lookup: Option<&Lookup>, challenges: &Challenges, transcript: &mut Transcript, lies: Lies) -> Zerocheck {
    let (statement, n) = (&case.statement, case.statement.log_rows);
    let tables = case.tables();
    let mut skip = skip_polynomial(case, &tables, lookup, challenges);
    change(&mut skip, lies.coefficients, challenges);
    transcript.observe_extension(&skip);
    let r0 = transcript.challenge();
    let mut claim = skip.iter().rev().fold(EF::ZERO, |value, coefficient| value * r0 + *coefficient);
    let (mut main, mut fixed) = (bound(case, &tables.main, r0), bound(case, &tables.fixed, r0));
    let tau = &challenges.tau[5..];
    let degree = case.front().shape().round_degree();
    let (mut point, mut rounds) = (Vec::<EF>::new(), vec![]);
    for i in 0..tau.len() {
        let rest = tau.len() - i - 1;
        let value = |x: EF| {
            let term = |j: usize| {
                let at = |tables: &[Vec<Vec<EF>>]| -> Vec<Vec<EF>> {
                    tables.iter().map(|columns| columns.iter().map(|column| between(column, j, x)).collect()).collect()
                };
                let rows = rows_of(statement, &at(&main), &at(&fixed));
                eq(&tau[i + 1..], &vertex(j, rest)) * composition(challenges, lookup, &rows)
            };
            eq(&tau[..i], &point) * eq1(tau[i], x) * (0..1 << rest).map(term).sum::<EF>()
        };
        let sent = nodes(degree).map(value).collect();
        let lie = lies.round.and_then(|(at, place)| (at == i).then_some(place));
        let (sent, r) = round(transcript, &mut claim, sent, lie);
        rounds.push(sent);
        point.push(r);
        for column in main.iter_mut().chain(&mut fixed).flatten() {
            *column = (0..1 << rest).map(|j| between(column, j, r)).collect();
        }
    }
    let last = |tables: Vec<Vec<Vec<EF>>>| -> Vec<Vec<EF>> { tables.into_iter().map(|columns| columns.concat()).collect() };
    let (mut main, fixed) = (last(main), last(fixed));
    if let Some(table) = lies.column {
        // The composition is linear in this value.
        let last = main[table].len() - 1;
        let honest = main[table][last];
        let mut with = |value: EF| {
            main[table][last] = value;
            composition(challenges, lookup, &rows_of(statement, &main, &fixed))
        };
        let (low, high) = (with(honest), with(honest + EF::ONE));
        let wanted = claim * eq(tau, &point).inverse();
        main[table][last] = honest + (wanted - low) * (high - low).inverse();
    }
    debug_assert_eq!(n, tau.len() + 5);
    Zerocheck { skip, rounds, point: Point { skip: r0, rest: point }, columns: main.into_iter().zip(fixed).collect() }
}
