//! A prover without any of the tricks: every sum is taken as it is written. It can lie, and carry a
//! lie on through everything that follows.

use std::collections::HashMap;

use p3_air::BaseAir;
use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_multi_stark::MultiStarkProof;
use p3_multi_stark::fractional_gkr::{FractionGkrLayerProof, FractionGkrProof, SplitFraction};
use p3_sumcheck::OpeningEvals;
use p3_sumcheck::generic_degree::GenericDegreeProof;
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;

use super::airs::TestAir;
use super::challenger::transcript_params;
use super::evaluate::{Bus, Evaluate, Row};
use super::oracle::{Proof, Statement, reversed};
use super::pcs::{Committed, Opened, evaluate};

/// Where a lie begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing is changed; what the tables come to may be a lie already.
    Tables,
    /// In the first round polynomial of this layer, at the value of this number.
    Layer(usize, usize),
    /// In this round polynomial of the zerocheck.
    Round(usize, usize),
}

/// Where a lie is given up: this check gets true values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Layer(usize),
    Columns,
    /// Never: the last column of this table gets a false value.
    Never(usize),
}

pub type Fractions = (Vec<EF>, Vec<EF>);

/// Columns, a table each; a row's position has the first coordinate of a point as its highest bit.
pub struct Tables {
    pub main: Vec<Vec<Vec<F>>>,
    pub fixed: Vec<Vec<Vec<F>>>,
}

pub fn columns(trace: &RowMajorMatrix<F>) -> Vec<Vec<F>> {
    (0..trace.width()).map(|column| trace.values.iter().skip(column).step_by(trace.width()).copied().collect()).collect()
}

impl Tables {
    /// The rows of all tables, with the columns' first variables bound to a point and the others to
    /// a vertex; the variable between them to `x`.
    pub fn rows(&self, statement: &Statement, at: impl Fn(&[F]) -> EF) -> Vec<Row> {
        let values = |columns: &[Vec<F>]| columns.iter().map(|column| at(column)).collect::<Vec<_>>();
        let tables = statement.airs.iter().zip(&self.main).zip(&self.fixed).zip(&statement.public_values);
        tables.map(|(((air, main), fixed), public)| air.row(&values(main), &values(fixed), public)).collect()
    }
}

/// `eq` of two coordinates.
pub fn eq1(a: EF, b: EF) -> EF {
    a * b + (EF::ONE - a) * (EF::ONE - b)
}

pub fn eq(a: &[EF], b: &[EF]) -> EF {
    a.iter().zip(b).map(|(a, b)| eq1(*a, *b)).product()
}

/// The vertex's coordinates, the highest bit first.
pub fn vertex(index: usize, len: usize) -> Vec<EF> {
    (0..len).rev().map(|bit| EF::from_bool(index >> bit & 1 == 1)).collect()
}

/// The value at `x` of the polynomial with these values at 0, 1, 2, …, by Lagrange's formula.
fn interpolate(values: &[EF], x: EF) -> EF {
    let node = EF::from_usize;
    let term = |(i, value): (usize, &EF)| {
        let others = (0..values.len()).filter(|j| *j != i);
        others.fold(*value, |term, j| term * (x - node(j)) * (node(i) - node(j)).inverse())
    };
    values.iter().enumerate().map(term).sum()
}

/// One round: sends the values, with an error at one of them if there is a lie to begin, and gives
/// what is claimed at the challenge.
pub fn round(transcript: &mut Transcript, claim: &mut EF, mut sent: Vec<EF>, lie: Option<usize>) -> (Vec<EF>, EF) {
    if let Some(place) = lie {
        sent[place] += EF::from_u32(12345);
    }
    transcript.observe_extension(&sent);
    let challenge = transcript.challenge();
    let values: Vec<EF> = [sent[0], *claim - sent[0]].into_iter().chain(sent[1..].iter().copied()).collect();
    *claim = interpolate(&values, challenge);
    (sent, challenge)
}

/// The nodes whose values a proof holds.
pub fn nodes(degree: usize) -> impl Iterator<Item = EF> {
    (0..=degree).filter(|node| *node != 1).map(EF::from_usize)
}

/// The proof of a statement about tables in our order of rows.
pub fn prove(statement: &Statement, traces: &[RowMajorMatrix<F>], start: Start, end: End) -> Proof {
    let fixed = |air: &TestAir| air.preprocessed_trace().map_or(vec![], |trace| columns(&trace));
    let tables =
        Tables { main: traces.iter().map(|trace| columns(&reversed(trace))).collect(), fixed: statement.airs.iter().map(fixed).collect() };
    let mut hasher = blake3::Hasher::new();
    tables.main.iter().flatten().flatten().for_each(|value| {
        hasher.update(&p3_field::PrimeField32::as_canonical_u32(value).to_le_bytes());
    });
    let commitment = Committed(hasher.finalize().into());
    let (params, seed) = transcript_params();
    let mut transcript = Transcript::new(params, &seed);
    transcript.observe_digests(statement.preprocessed().as_slice());
    transcript.observe_digests(&[commitment.0]);
    statement.public_values.iter().for_each(|values| transcript.observe_base(values));
    let lookup = Lookup::new(statement, &tables, Order::Highest, &mut transcript, start, end);
    let (sumcheck, main, fixed) = zerocheck(statement, &tables, &mut transcript, lookup.as_ref(), (start, end));
    let opened = |tables: &[Vec<Vec<F>>], values: Vec<Vec<EF>>| {
        let tables: Vec<_> = tables.iter().filter(|columns| !columns.is_empty()).cloned().collect();
        Opened { tables, values: values.into_iter().filter(|v| !v.is_empty()).map(|v| OpeningEvals::new(v, vec![])).collect() }
    };
    let p3 = MultiStarkProof {
        commitment,
        lookup: lookup.map(|lookup| lookup.proof),
        indexed: None,
        bus: None,
        sumcheck,
        opening: opened(&tables.main, main),
        preprocessed_opening: statement.preprocessed().map(|_| opened(&tables.fixed, fixed)),
    };
    Proof { p3, work: F::ZERO }
}

/// The lookups' part, and what the zerocheck takes from it.
pub struct Lookup {
    pub proof: FractionGkrProof<EF>,
    pub point: Vec<EF>,
    pub claim: EF,
    pub messages: Messages,
    pub order: Order,
    pub theta: EF,
}

/// How a message becomes a fraction.
pub struct Messages {
    pub alpha: EF,
    pub beta: EF,
    pub width: usize,
    /// Buses in the order in which they are met, with the owner of one that is a table's own.
    pub buses: Vec<(Option<usize>, Bus)>,
}

impl Messages {
    /// For tables that send the messages of these rows.
    pub fn new(rows: &[Row], alpha: EF, beta: EF) -> Self {
        let mut buses = vec![];
        for (table, row) in rows.iter().enumerate() {
            row.messages.iter().map(|message| key(table, &message.bus)).for_each(|bus| {
                if !buses.contains(&bus) {
                    buses.push(bus);
                }
            });
        }
        let width = rows.iter().flat_map(|row| &row.messages).map(|message| message.fields.len()).max().expect("a message");
        Self { alpha, beta, width, buses }
    }

    /// The fractions of one row of all tables.
    fn fractions(&self, rows: &[Row]) -> Vec<(EF, EF)> {
        let tables = rows.iter().enumerate();
        let of_table = |(table, row): (usize, &Row)| {
            let fraction = |message: &super::evaluate::Message| {
                let bus = key(table, &message.bus);
                let number = self.buses.iter().position(|known| *known == bus).expect("a known bus");
                let prefix = self.alpha + self.beta.exp_u64(self.width as u64) * EF::from_usize(number + 1);
                let payload: EF = message.fields.iter().enumerate().map(|(k, field)| self.beta.exp_u64(k as u64) * *field).sum();
                (message.count, prefix - payload)
            };
            row.messages.iter().map(fraction).collect::<Vec<_>>()
        };
        tables.flat_map(of_table).collect()
    }
}

pub fn key(table: usize, bus: &Bus) -> (Option<usize>, Bus) {
    (matches!(bus, Bus::Own(_)).then_some(table), bus.clone())
}

/// Which bit of a message comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Highest,
    Lowest,
}

impl Order {
    /// The place of a message, its number's bits in this order.
    pub fn place(self, slot: usize, variables: usize) -> usize {
        match self {
            Self::Highest => slot,
            Self::Lowest => (0..variables).filter(|bit| slot >> bit & 1 == 1).map(|bit| 1 << (variables - 1 - bit)).sum(),
        }
    }
}

impl Lookup {
    pub fn new(statement: &Statement, tables: &Tables, order: Order, transcript: &mut Transcript, start: Start, end: End) -> Option<Self> {
        let rows = 1 << statement.log_rows;
        let all: Vec<Vec<Row>> = (0..rows).map(|row| tables.rows(statement, |column| column[row].into())).collect();
        let count = all[0].iter().map(|row| row.messages.len()).sum::<usize>();
        if count == 0 {
            return None;
        }
        let messages = Messages::new(&all[0], transcript.challenge(), transcript.challenge());
        let leaves = count.next_power_of_two() * rows;
        let variables = count.next_power_of_two().ilog2() as usize;
        let mut level: Fractions = (EF::zero_vec(leaves), vec![EF::ONE; leaves]);
        for (x, row) in all.iter().enumerate() {
            for (slot, (numerator, denominator)) in messages.fractions(row).into_iter().enumerate() {
                let place = order.place(slot, variables) * rows + x;
                (level.0[place], level.1[place]) = (numerator, denominator);
            }
        }
        let mut levels = vec![level];
        while levels[levels.len() - 1].0.len() > 1 {
            let (n, d) = &levels[levels.len() - 1];
            let half = n.len() / 2;
            let numerators = (0..half).map(|i| n[i] * d[i + half] + n[i + half] * d[i]).collect();
            levels.push((numerators, (0..half).map(|i| d[i] * d[i + half]).collect()));
        }
        levels.reverse();
        let root_denominator = levels[0].1[0];
        transcript.observe_extension(&[root_denominator]);
        let mut above = (vec![], EF::ZERO, root_denominator);
        let mut layers = vec![];
        for (layer, level) in levels[1..].iter().enumerate() {
            let lie = if let Start::Layer(at, place) = start { (at == layer).then_some(place) } else { None };
            let carries = end != End::Layer(layer);
            let (proof, next) = play_layer(transcript, &above, level, lie, carries);
            layers.push(proof);
            above = next;
        }
        let theta = transcript.challenge();
        let (point, numerator, denominator) = above;
        let claim = numerator + theta * (denominator - EF::ONE);
        Some(Self { proof: FractionGkrProof { root_denominator, layers }, point, claim, messages, order, theta })
    }

    /// The link at the values of a row: the messages' fractions, weighted for the point.
    pub fn link(&self, rows: &[Row], log_rows: usize) -> EF {
        let variables = self.point.len() - log_rows;
        let fractions = self.messages.fractions(rows).into_iter().enumerate();
        let weighted = |(slot, (n, d)): (usize, (EF, EF))| {
            eq(&vertex(self.order.place(slot, variables), variables), &self.point[..variables]) * (n + self.theta * (d - EF::ONE))
        };
        fractions.map(weighted).sum()
    }
}

/// One layer: the two halves of a level are the children.
fn play_layer(
    transcript: &mut Transcript,
    (point, numerator, denominator): &(Vec<EF>, EF, EF),
    level: &Fractions,
    lie: Option<usize>,
    carries: bool,
) -> (FractionGkrLayerProof<EF>, (Vec<EF>, EF, EF)) {
    let lambda = transcript.challenge();
    let mut claim = *numerator + lambda * *denominator;
    let half = level.0.len() / 2;
    let mut halves = [&level.0[..half], &level.1[..half], &level.0[half..], &level.1[half..]].map(<[EF]>::to_vec);
    let gate = |n0: EF, d0: EF, n1: EF, d1: EF| n0 * d1 + n1 * d0 + lambda * d0 * d1;
    let (mut coordinates, mut round_polys) = (vec![], vec![]);
    for i in 0..point.len() {
        let rest = point.len() - i - 1;
        let value = |x: EF| -> EF {
            let at = |values: &[EF], j: usize| values[j] + x * (values[j + (1 << rest)] - values[j]);
            let term = |j: usize| {
                let weight = eq(&point[i + 1..], &vertex(j, rest));
                weight * gate(at(&halves[0], j), at(&halves[1], j), at(&halves[2], j), at(&halves[3], j))
            };
            eq(&point[..i], &coordinates) * eq1(point[i], x) * (0..1 << rest).map(term).sum::<EF>()
        };
        let sent = nodes(3).map(value).collect();
        let (sent, r) = round(transcript, &mut claim, sent, lie.filter(|_| i == 0));
        round_polys.push([sent[0], sent[1], sent[2]]);
        coordinates.push(r);
        for values in &mut halves {
            *values = (0..1 << rest).map(|j| values[j] + r * (values[j + (1 << rest)] - values[j])).collect();
        }
    }
    let [mut n0, d0, n1, d1] = halves.map(|values| values[0]);
    let weight = eq(point, &coordinates);
    if carries {
        // Nothing is added where the claim is true.
        n0 += (claim * weight.inverse() - gate(n0, d0, n1, d1)) * d1.inverse();
    }
    transcript.observe_extension(&[n0, d0, n1, d1]);
    let branch = transcript.challenge();
    coordinates.insert(0, branch);
    let next = (coordinates, n0 + branch * (n1 - n0), d0 + branch * (d1 - d0));
    (FractionGkrLayerProof { round_polys, claims: SplitFraction { n0, d0, n1, d1 } }, next)
}

type Sumcheck = (GenericDegreeProof<F, EF>, Vec<Vec<EF>>, Vec<Vec<EF>>);

fn zerocheck(
    statement: &Statement,
    tables: &Tables,
    transcript: &mut Transcript,
    lookup: Option<&Lookup>,
    (start, end): (Start, End),
) -> Sumcheck {
    let n = statement.log_rows;
    let [alpha, beta] = core::array::from_fn(|_| transcript.challenge());
    let eta = lookup.map_or(EF::ZERO, |_| transcript.challenge());
    let tau: Vec<EF> = lookup.map_or_else(|| (0..n).map(|_| transcript.challenge()).collect(), |lookup| lookup.point.clone());
    let composition = |rows: &[Row]| -> EF {
        let batched = |row: &Row| row.constraints.iter().fold(EF::ZERO, |sum, value| sum * alpha + *value);
        let constraints = rows.iter().rev().fold(EF::ZERO, |sum, row| sum * beta + batched(row));
        constraints + lookup.map_or(EF::ZERO, |lookup| eta * lookup.link(rows, n))
    };
    let degree = tern_verifier::multilinear::front::Front::new(&statement.airs, n, 0).expect("usable").shape().round_degree();
    let claimed_sum = lookup.map_or(EF::ZERO, |lookup| eta * lookup.claim);
    transcript.observe_extension(&[claimed_sum]);
    let mut claim = claimed_sum;
    let dormant = tau.len() - n;
    let (mut point, mut round_polys) = (Vec::<EF>::new(), vec![]);
    let mut sums: HashMap<usize, EF> = HashMap::new();
    for i in 0..tau.len() {
        // Rows that are summed over: their variables come after those of the messages.
        let rest = n.min(tau.len() - i - usize::from(i >= dormant));
        let bound = point[dormant.min(i)..].to_vec();
        let sum = |x: Option<EF>| -> EF {
            let term = |j: usize| {
                let at: Vec<EF> = bound.iter().copied().chain(x).chain(vertex(j, rest)).collect();
                eq(&tau[tau.len() - rest..], &vertex(j, rest)) * composition(&tables.rows(statement, |column| evaluate(column, &at)))
            };
            (0..1 << rest).map(term).sum()
        };
        let whole = if i < dormant { *sums.entry(0).or_insert_with(|| sum(None)) } else { EF::ZERO };
        let value = |x| eq(&tau[..i], &point) * eq1(tau[i], x) * if i < dormant { whole } else { sum(Some(x)) };
        let sent = nodes(degree).map(value).collect();
        let lie = if let Start::Round(at, place) = start { (at == i).then_some(place) } else { None };
        let (sent, r) = round(transcript, &mut claim, sent, lie);
        round_polys.push(sent);
        point.push(r);
    }
    let rows = &point[dormant..];
    let at = |tables: &[Vec<Vec<F>>]| -> Vec<Vec<EF>> {
        tables.iter().map(|columns| columns.iter().map(|column| evaluate(column, rows)).collect()).collect()
    };
    let (mut main, fixed) = (at(&tables.main), at(&tables.fixed));
    if let End::Never(table) = end {
        // The composition is linear in this value.
        let last = main[table].len() - 1;
        let honest = main[table][last];
        let mut with = |value: EF| {
            main[table][last] = value;
            let parts = statement.airs.iter().zip(&main).zip(&fixed).zip(&statement.public_values);
            composition(&parts.map(|(((air, main), fixed), public)| air.row(main, fixed, public)).collect::<Vec<_>>())
        };
        let (low, high) = (with(honest), with(honest + EF::ONE));
        let wanted = claim * eq(&tau, &point).inverse();
        main[table][last] = honest + (wanted - low) * (high - low).inverse();
    }
    (GenericDegreeProof { claimed_sum, round_polys, pow_witnesses: vec![] }, main, fixed)
}
