//! The constraints at the out-of-domain point.
//!
//! Claim: at `zeta`, the batched constraints of each table are the quotient times the polynomial that vanishes on the table's domain. Since `zeta` is drawn after all commitments, they are then divisible by it: the constraints
//! hold on every row.

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::EF;

use super::folding::{interpolate, reversed};
use super::program::Leaf;
use super::proof::{BatchProof, TableValues};
use super::transcript::from_coefficients;
use super::{Challenges, StarkVerifier, field};
use crate::ops::{Checked, Ops};
use crate::reason::Reason;

/// Values at `zeta` that all tables of one height share.
struct Domain<O: Ops> {
    log_height: usize,
    /// `zeta^n`.
    power: O::Ext,
    /// `zeta^n - 1`.
    vanishing: O::Ext,
    is_first: O::Ext,
    is_last: O::Ext,
    is_transition: O::Ext,
}

/// What one table's constraints read.
struct Inputs<'a, O: Ops> {
    values: &'a TableValues<O>,
    public_values: &'a [O::Ext],
    domain: &'a Domain<O>,
    lookups: &'a Lookups<O>,
}

/// The lookups' challenges.
struct Lookups<O: Ops> {
    /// The base of each bus's denominators.
    buses: Vec<O::Ext>,
    beta: Option<O::Ext>,
}

impl StarkVerifier {
    /// Checks the constraints of every table.
    pub(super) fn check_tables<O: Ops>(
        &self,
        ops: &mut O,
        public_values: &[Vec<O::Ext>],
        proof: &BatchProof<O>,
        challenges: &Challenges<O>,
    ) -> Checked<O, ()> {
        let lookups = self.lookup_challenges(ops, challenges);
        let domains = self.domains(ops, &challenges.zeta)?;
        let tables = self.shape.relation.tables.iter().zip(&proof.tables).zip(public_values).zip(&self.programs);
        for (table, (((shape, values), public_values), program)) in tables.enumerate() {
            let Some(domain) = domains.iter().find(|domain| domain.log_height == shape.log_height) else {
                continue;
            };
            let inputs = Inputs { values, public_values, domain, lookups: &lookups };
            let sum = program.run(ops, &challenges.constraints, |ops, leaf| inputs.read(ops, leaf));
            let expected = ops.div(&sum, &domain.vanishing, Reason::OutOfDomain { table })?;
            let quotient = quotient(ops, &values.quotient, domain);
            ops.assert_equal(&expected, &quotient, Reason::Constraints { table })?;
        }
        Ok(())
    }

    /// Bases of the buses' denominators: `alpha + (i + 1) beta^width`.
    fn lookup_challenges<O: Ops>(&self, ops: &mut O, challenges: &Challenges<O>) -> Lookups<O> {
        let Some((alpha, beta)) = &challenges.lookup else {
            return Lookups { buses: Vec::new(), beta: None };
        };
        let width = self.buses.width;
        let mut step = beta.clone();
        // From the second-highest bit of the exponent down.
        for bit in (0..width.ilog2()).rev() {
            step = ops.mul(&step, &step);
            if width.wrapping_shr(bit) & 1 == 1 {
                step = ops.mul(&step, beta);
            }
        }
        let mut base = alpha.clone();
        let buses = (0..self.buses.count).map(|_| {
            base = ops.add(&base, &step);
            base.clone()
        });
        Lookups { buses: buses.collect(), beta: Some(beta.clone()) }
    }

    /// The selectors at every height of a table.
    fn domains<O: Ops>(&self, ops: &mut O, zeta: &O::Ext) -> Checked<O, Vec<Domain<O>>> {
        let one = ops.constant(EF::ONE);
        let to_first = ops.sub(zeta, &one);
        let mut power = zeta.clone();
        let mut log_power = 0_usize;
        let mut domains = Vec::with_capacity(self.ladders.len());
        for ladder in self.ladders.iter().rev() {
            for _ in log_power..ladder.log_height {
                power = ops.mul(&power, &power);
            }
            log_power = ladder.log_height;
            let vanishing = ops.sub(&power, &one);
            let last = ops.constant(field::root(log_power).inverse().into());
            let is_transition = ops.sub(zeta, &last);
            let table = self.shape.relation.tables.iter().position(|table| table.log_height == log_power).unwrap_or(0);
            let is_first = ops.div(&vanishing, &to_first, Reason::OutOfDomain { table })?;
            let is_last = ops.div(&vanishing, &is_transition, Reason::OutOfDomain { table })?;
            domains.push(Domain { log_height: log_power, power: power.clone(), vanishing, is_first, is_last, is_transition });
        }
        Ok(domains)
    }
}

impl<O: Ops> Inputs<'_, O> {
    fn read(&self, ops: &mut O, leaf: Leaf) -> O::Ext {
        let values = self.values;
        let value = match leaf {
            Leaf::MainLocal(column) => values.main_local.get(column),
            Leaf::MainNext(column) => values.main_next.get(column),
            Leaf::PreprocessedLocal(column) => values.preprocessed_local.get(column),
            Leaf::PreprocessedNext(column) => values.preprocessed_next.get(column),
            Leaf::PermutationLocal(column) => values.permutation_local.get(column),
            Leaf::PermutationNext(column) => values.permutation_next.get(column),
            Leaf::Public(index) => self.public_values.get(index),
            Leaf::Bus(bus) => self.lookups.buses.get(bus),
            Leaf::Beta => self.lookups.beta.as_ref(),
            Leaf::Terminal => values.terminal.as_ref(),
            Leaf::IsFirst => Some(&self.domain.is_first),
            Leaf::IsLast => Some(&self.domain.is_last),
            Leaf::IsTransition => Some(&self.domain.is_transition),
        };
        // The shape has all that a table's constraints read.
        value.cloned().unwrap_or_else(|| ops.constant(EF::ZERO))
    }
}

/// The quotient at `zeta`.
///
/// Of `m` chunks, chunk `k` agrees with the quotient on the coset of `31 w^k`, `w` of order `m n`. As a polynomial in `u = (zeta / 31)^n` over chunks, the quotient thus has the chunks' values at the `m`-th roots of unity.
fn quotient<O: Ops>(ops: &mut O, chunks: &[Vec<O::Ext>], domain: &Domain<O>) -> O::Ext {
    let values: Vec<O::Ext> = chunks.iter().map(|chunk| from_coefficients(ops, chunk)).collect();
    if let [value] = values.as_slice() {
        return value.clone();
    }
    let log_chunks = usize::try_from(values.len().max(1).ilog2()).unwrap_or(0);
    let ordered: Vec<O::Ext> = (0..values.len()).filter_map(|index| values.get(reversed(index, log_chunks)).cloned()).collect();
    let scale = ops.constant(field::inverse_shift_power(domain.log_height).into());
    let at = ops.mul(&domain.power, &scale);
    interpolate(ops, &ordered, &at)
}
