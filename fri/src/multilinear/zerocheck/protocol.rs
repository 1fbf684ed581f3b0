//! What follows from sums over rows, whatever computes them: the polynomials that are sent, and the
//! challenges.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use tern_field::{EF, F};

use super::super::packed::LANE_BITS;
use super::super::polynomial::{Interpolation, evaluate};
use super::super::{Transcript, equality};
use super::domain::{Domain, POINTS, SKIP_BITS};
use super::plan::Weights;
use super::rounds::{Folded, Rounds};
use super::{Challenges, Instance, Link};

/// What tables state, with their weights for drawn challenges: before the skip round.
pub struct Protocol<'a> {
    instances: Vec<Instance<'a>>,
    weights: Vec<Weights>,
    domain: Domain,
    degree: usize,
    /// Of the bits that are not skipped.
    tau: &'a [EF],
}

impl<'a> Protocol<'a> {
    /// Prepares the weights.
    ///
    /// # Panics
    ///
    /// When there are fewer than nine row variables, or the link's messages are not the tables'.
    #[must_use]
    pub fn new(instances: Vec<Instance<'a>>, challenges: &'a Challenges, link: Option<&Link>) -> Self {
        assert!(challenges.tau.len() >= SKIP_BITS + LANE_BITS, "blocks of rows");
        assert!(link.is_none_or(|link| link.slots.len() == instances.len()), "messages of every table");
        let weights = instances.iter().zip(challenges.beta.powers()).enumerate();
        let weights =
            weights.map(|(i, (table, scale))| Weights::new(*table, challenges, scale, link.map(|link| (link, &link.slots[i][..]))));
        Self {
            weights: weights.collect(),
            domain: Domain::new(instances.iter().map(|table| table.plan.term_degree()).max().unwrap_or(0)),
            degree: instances.iter().map(|table| table.plan.degree()).max().unwrap_or(0),
            tau: &challenges.tau[SKIP_BITS..],
            instances,
        }
    }

    /// Each table's weights.
    #[must_use]
    pub fn weights(&self) -> &[Weights] {
        &self.weights
    }

    pub(super) const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The equality weights of so many blocks of 512 rows, and perhaps more.
    #[must_use]
    pub fn block_weights(&self, blocks: usize) -> Vec<EF> {
        equality::prefix(&self.tau[..self.tau.len() - LANE_BITS], blocks)
    }

    /// The equality weights of a vector's lanes.
    #[must_use]
    pub fn lane_weights(&self) -> Vec<EF> {
        equality::table(&self.tau[self.tau.len() - LANE_BITS..])
    }

    /// The coefficients of the skip round's polynomial. Of each table come its sums over all used
    /// rows, times the weights of blocks and lanes, and the sum of its used blocks' weights. The
    /// sums are, for each class of terms, those of the weighted terms at the points of `D` (any if
    /// the class is zero on rows) and of the cosets after it, as many in all as the class's degree;
    /// then those of the rests on `D`. There are none of a table without rows.
    #[must_use]
    pub fn skip(&self, sums: &[(Vec<EF>, EF)]) -> Vec<EF> {
        let mut sum = EF::zero_vec(self.degree * (POINTS - 1) + 1);
        for ((values, weight), weights) in sums.iter().zip(&self.weights) {
            let polynomial = self.table_polynomial(weights, values, *weight);
            sum.iter_mut().zip(polynomial).for_each(|(sum, coefficient)| *sum += coefficient);
        }
        sum[0] += self.zero();
        sum
    }

    /// The coefficients of a table's part, without what rows of zeros come to.
    fn table_polynomial(&self, weights: &Weights, mut values: &[EF], weight: EF) -> Vec<EF> {
        if values.is_empty() {
            return Vec::new();
        }
        let largest = weights.classes.first().map_or(1, |class| class.degree);
        let mut polynomial = EF::zero_vec(largest * POINTS);
        let mut add =
            |values: &[EF]| polynomial.iter_mut().zip(self.domain.coefficients(values)).for_each(|(sum, coefficient)| *sum += coefficient);
        for class in &weights.classes {
            let (class_values, rest) = values.split_at(class.degree * POINTS);
            let mut class_values = class_values.to_vec();
            let (on_rows, evaluated) = class_values.split_at_mut(if class.on_rows { 0 } else { POINTS });
            on_rows.fill(EF::ZERO);
            evaluated.iter_mut().for_each(|value| *value -= class.offset * weight);
            add(&class_values);
            values = rest;
        }
        add(values);
        polynomial
    }

    /// The other rounds, after the skip round's polynomial was sent and a point drawn.
    #[must_use]
    pub fn turns(self, skip: &[EF], point: EF) -> Turns<'a> {
        Turns {
            zero: self.zero(),
            instances: self.instances,
            weights: self.weights,
            tau: self.tau,
            degree: self.degree,
            claim: evaluate(skip, point),
            prefix: EF::ONE,
            messages: Vec::new(),
            challenges: Vec::new(),
        }
    }

    /// All tables' constraints and messages at rows of zeros.
    fn zero(&self) -> EF {
        self.weights.iter().map(|weights| weights.zero).sum()
    }
}

/// What the rounds send, their challenges, and what they leave.
pub struct Played {
    /// The values that are sent.
    pub rounds: Vec<Vec<EF>>,
    /// The point.
    pub challenges: Vec<EF>,
    /// The forms' values there, a table each.
    pub forms: Vec<Vec<EF>>,
    /// The rests' value, of all tables together.
    pub rest: EF,
}

/// The rounds after the skip.
///
/// The equality factors are kept outside (Gruen, <https://eprint.iacr.org/2024/108>): a round's
/// polynomial is a constant times the factor of the round's variable times a polynomial `t` of the
/// degree of the constraints, whose value at one follows from the claim.
pub struct Turns<'a> {
    instances: Vec<Instance<'a>>,
    weights: Vec<Weights>,
    /// Of the variables, those of vectors first.
    tau: &'a [EF],
    degree: usize,
    /// All tables' constraints and messages at rows of zeros.
    zero: EF,
    /// The claim without the equality factors of bound variables.
    claim: EF,
    /// Those factors.
    prefix: EF,
    messages: Vec<Vec<EF>>,
    challenges: Vec<EF>,
}

/// Adds a table's part of `t` at `0, 2, 3, …` from its sums: of the terms at nodes, of which the whole
/// polynomial follows or which are these, and of the rests at zero and one.
fn extend(whole: Option<&Interpolation>, sums: &[EF], values: &mut [EF]) {
    let (terms, linear) = sums.split_at(sums.len() - 2);
    let polynomial = whole.map(|interpolation| interpolation.coefficients(terms));
    for (i, value) in values.iter_mut().enumerate() {
        let x = EF::from_usize(if i == 0 { 0 } else { i + 1 });
        *value += linear[0] + x * (linear[1] - linear[0]);
        *value += polynomial.as_ref().map_or_else(|| terms.get(i).copied().unwrap_or(EF::ZERO), |polynomial| evaluate(polynomial, x));
    }
}

/// `eq` of two coordinates.
fn factor(tau: EF, x: EF) -> EF {
    EF::ONE - tau + x * (tau.double() - EF::ONE)
}

impl<'a> Turns<'a> {
    /// A table's statement and weights.
    #[must_use]
    pub fn table(&self, table: usize) -> (Instance<'a>, &Weights) {
        (self.instances[table], &self.weights[table])
    }

    /// Rounds that were played.
    #[must_use]
    pub const fn played(&self) -> usize {
        self.challenges.len()
    }

    /// Rounds whose variables are those of vectors; those of lanes follow.
    #[must_use]
    pub const fn vector_rounds(&self) -> usize {
        self.tau.len() - LANE_BITS
    }

    /// The equality weights of so many pairs of vectors in a round, and perhaps more.
    #[must_use]
    pub fn pair_weights(&self, round: usize, pairs: usize) -> Vec<EF> {
        equality::prefix(&self.tau[round + 1..self.vector_rounds()], pairs)
    }

    /// The equality weights of lanes, or of pairs of lanes after some rounds on them.
    #[must_use]
    pub fn lane_weights(&self, bound: usize) -> Vec<EF> {
        equality::table(&self.tau[self.vector_rounds() + bound..])
    }

    /// The nodes at which a table's terms are evaluated: all that the polynomial needs, or if it is
    /// of the largest degree all but one.
    #[must_use]
    pub fn nodes(&self, table: usize) -> Vec<usize> {
        let (instance, weights) = self.table(table);
        let term_degree = instance.plan.term_degree();
        let is_needed = |node: &usize| term_degree < self.degree || *node != 1;
        if weights.terms.values().is_empty() { Vec::new() } else { (0..=term_degree).filter(is_needed).collect() }
    }

    /// Sends a round's polynomial and draws the challenge. Of each table come its sums over all
    /// pairs of rows between which the round's variable lies, times their weights: of the terms'
    /// weighted sum, less its value at rows of zeros, at each of [`Turns::nodes`], then of the
    /// rests at zero and one. There are none of a table without rows.
    pub fn play(&mut self, sums: &[Vec<EF>], transcript: &mut Transcript) -> EF {
        let mut values = vec![self.zero; self.values()];
        for (table, sums) in sums.iter().enumerate().filter(|(_, sums)| !sums.is_empty()) {
            extend(self.whole(table).as_ref(), sums, &mut values);
        }
        self.send(values, transcript)
    }

    /// How many values of `t` the sums give: at `0, 2, 3, …`.
    #[must_use]
    pub fn values(&self) -> usize {
        self.degree.max(1)
    }

    /// What each of a table's sums adds to each of these.
    #[must_use]
    pub fn value_weights(&self, table: usize) -> Vec<Vec<F>> {
        let (whole, count) = (self.whole(table), self.nodes(table).len() + 2);
        let of_sum = |sum: usize| {
            let sums: Vec<EF> = (0..count).map(|other| EF::from_bool(other == sum)).collect();
            let mut values = EF::zero_vec(self.values());
            extend(whole.as_ref(), &sums, &mut values);
            values.iter().map(|value| value.as_basis_coefficients_slice()[0]).collect()
        };
        (0..count).map(of_sum).collect()
    }

    /// What the rounds begin with that is left of the skip: the claim, the equality factors of bound
    /// variables, and all tables' constraints and messages at rows of zeros.
    pub const fn start(&self) -> [EF; 3] {
        [self.claim, self.prefix, self.zero]
    }

    /// The equality's coordinate of a round's variable.
    pub fn coordinate(&self, round: usize) -> EF {
        self.tau[round]
    }

    /// The nodes at which a round's polynomial is sent.
    #[must_use]
    pub fn sent(&self) -> Vec<F> {
        (0..=self.degree + 1).filter(|node| *node != 1).map(F::from_usize).collect()
    }

    /// The matrix that makes the coefficients of a round's polynomial of its values at `0, 1, 2, …`,
    /// row by row.
    #[must_use]
    pub fn interpolation(&self) -> Vec<Vec<F>> {
        Interpolation::at_numbers(self.values() + 1).matrix()
    }

    /// A table's polynomial from its terms' sums, if it has them at all nodes.
    fn whole(&self, table: usize) -> Option<Interpolation> {
        let nodes = || self.nodes(table).into_iter().map(F::from_usize).collect::<Vec<_>>();
        (self.instances[table].plan.term_degree() < self.degree).then(|| Interpolation::new(&nodes()))
    }

    /// Sends a round's polynomial, given `t` at `0, 2, 3, …`, and draws the challenge.
    fn send(&mut self, mut values: Vec<EF>, transcript: &mut Transcript) -> EF {
        let tau = self.tau[self.challenges.len()];
        let at_one = (self.claim - (EF::ONE - tau) * values[0]) * tau.inverse();
        values.insert(1, at_one);
        let polynomial = Interpolation::at_numbers(values.len()).coefficients(&values);
        let message: Vec<EF> =
            self.sent().into_iter().map(EF::from).map(|x| self.prefix * factor(tau, x) * evaluate(&polynomial, x)).collect();
        transcript.observe_extension(&message);
        let challenge = transcript.challenge();
        (self.claim, self.prefix) = (evaluate(&polynomial, challenge), self.prefix * factor(tau, challenge));
        self.messages.push(message);
        self.challenges.push(challenge);
        challenge
    }

    /// The rounds that are left, on the host, given each table's cells with the variables of the
    /// rounds so far bound.
    #[must_use]
    pub const fn with(self, folded: Vec<Folded>) -> Rounds<'a> {
        Rounds::new(self, folded)
    }

    /// After the last round: each table's only row, its cells and then the rest if there is one, or
    /// nothing.
    pub(super) fn finish(self, rows: impl Iterator<Item = Option<Vec<EF>>>) -> Played {
        let mut rest = EF::ZERO;
        let forms = self.instances.iter().zip(rows).map(|(table, row)| {
            let cells = table.plan.cells();
            let mut values = row.unwrap_or_else(|| EF::zero_vec(cells));
            rest += values.get(cells).copied().unwrap_or_default();
            values.truncate(table.plan.forms().len());
            values
        });
        let forms = forms.collect();
        Played { rounds: self.messages, challenges: self.challenges, forms, rest }
    }
}
