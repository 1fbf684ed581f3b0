//! The messages' plan and the link from the fractions to the columns.
//!
//! Message `s` of row `x` is the fraction `count / D` with the fingerprint `D = alpha + (b + 1) beta^w - sum of beta^k field_k`, for a bus numbered `b` and the fields of the longest message, `w`. Its place among the
//! fractions is `(s, x)`: the first coordinates of a point are the message's, the others the row's. Messages are numbered through all tables; places without a message hold `0 / 1`. Without a univariate skip, as in
//! `p3-multi-stark`, the message's highest bit comes first. With one the lowest does: then the tree adds neighbours first, which are mostly messages of one table and so of as many used rows, and a level has half as many fractions as the one
//! below.
//!
//! GKR leaves `N(q)` and `D(q)` at a point `q`. With a challenge `theta` they are one claim, `N(q) + theta (D(q) - 1)`, in which places without a message count nothing, and which the zerocheck reduces to columns.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::gkr;
use super::proof::LookupProof;
use super::shape::UnusableAir;
use super::sumcheck;
use crate::multilinear::equality::powers;
use crate::multilinear::transcript::Transcript;
use crate::ops::{Checked, MultilinearOps};

/// A message as a table declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// The bus's name; for a bus that is the table's own, its position among the table's.
    pub(super) bus: Bus,
    /// Number of fields, constant zeros included.
    pub(super) width: usize,
    /// Positions of the fields that are not constant zeros.
    pub(super) fields: Vec<usize>,
}

/// A bus as a table knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bus {
    Shared(String),
    Own(usize),
}

/// The messages of all tables.
#[derive(Clone, Debug, Default)]
pub(super) struct LookupPlan {
    /// Number and width of each bus, by the table that owns it, if one does, and its name there.
    buses: BTreeMap<(Option<usize>, Bus), (usize, usize)>,
    /// Fields of the longest message.
    width: usize,
    /// A list for each table.
    tables: Vec<Vec<Message>>,
}

/// A message: its values come as the count, then the fields that are not constant zeros.
#[derive(Clone, Debug)]
struct Message {
    bus: usize,
    /// Positions of those fields.
    fields: Vec<usize>,
}

/// The claim that ties the fractions to the columns, and what it is made of.
pub(super) struct Link<O: MultilinearOps> {
    /// GKR's point: a message's coordinates, then the row's.
    pub(super) point: Vec<O::Ext>,
    /// `N(q) + theta (D(q) - 1)`.
    pub(super) claim: O::Ext,
    theta: O::Ext,
    /// `alpha + (b + 1) beta^w - 1` for each bus.
    bases: Vec<O::Ext>,
    /// The powers of `beta` up to the `w`-th.
    powers: Vec<O::Ext>,
}

impl LookupPlan {
    /// Fields of the longest message.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Adds the next table's messages. Buses are numbered in the order in which they are first named.
    pub(super) fn add(&mut self, messages: &[Declared]) -> Result<(), UnusableAir> {
        let table = self.tables.len();
        let mut planned = Vec::with_capacity(messages.len());
        for message in messages {
            let owner = matches!(message.bus, Bus::Own(_)).then_some(table);
            let next = self.buses.len();
            let (bus, expected) = *self.buses.entry((owner, message.bus.clone())).or_insert((next, message.width));
            if expected != message.width {
                let bus = if let Bus::Shared(name) = &message.bus { name.clone() } else { String::new() };
                return Err(UnusableAir::BusWidth { bus, expected, got: message.width });
            }
            self.width = self.width.max(message.width);
            planned.push(Message { bus, fields: message.fields.clone() });
        }
        self.tables.push(planned);
        Ok(())
    }

    /// The messages' counts among a table's values.
    pub(super) fn counts<'a, E>(&'a self, table: usize, values: &'a [E]) -> impl Iterator<Item = &'a E> {
        let messages = self.tables.get(table).into_iter().flatten();
        messages.scan(values, |rest, message| {
            let (count, after) = rest.split_first()?;
            (_, *rest) = after.split_at_checked(message.fields.len()).unwrap_or_default();
            Some(count)
        })
    }

    /// Draws the fingerprints' challenges, checks the layers and draws `theta`.
    pub(super) fn reduce<O: MultilinearOps>(
        &self,
        ops: &mut O,
        transcript: &mut Transcript<O>,
        proof: &LookupProof<O>,
    ) -> Checked<O, Link<O>> {
        let (alpha, beta) = (transcript.challenge(ops), transcript.challenge(ops));
        let opened = gkr::verify(ops, transcript, proof)?;
        let theta = transcript.challenge(ops);
        let one = ops.constant(EF::ONE);
        let powers = powers(ops, &beta, self.width.saturating_add(1));
        let power = powers.last().unwrap_or(&one);
        let mut base = ops.sub(&alpha, &one);
        let bases = self.buses.iter().map(|_| {
            base = ops.add(&base, power);
            base.clone()
        });
        let bases = bases.collect();
        let shifted = ops.sub(&opened.denominator, &one);
        let claim = ops.mul_add(&theta, &shifted, &opened.numerator);
        Ok(Link { point: opened.point, claim, theta, bases, powers })
    }

    /// The claim from the messages' values: the multilinear extension of `count + theta (D - 1)` at a message's coordinates, the highest bit's first. `values` holds each table's, a message after the other.
    pub(super) fn link_value<'a, O: MultilinearOps>(
        &self,
        ops: &mut O,
        link: &Link<O>,
        coordinates: &[O::Ext],
        values: impl Iterator<Item = &'a [O::Ext]>,
    ) -> O::Ext
    where
        O::Ext: 'a,
    {
        let zero = ops.constant(EF::ZERO);
        let mut terms = Vec::new();
        for (messages, values) in self.tables.iter().zip(values) {
            let mut values = values.iter();
            let mut next = || values.next().unwrap_or(&zero);
            for message in messages {
                let count = next();
                let base = link.bases.get(message.bus).unwrap_or(&zero).clone();
                let shifted = message.fields.iter().fold(base, |denominator, field| {
                    let power = link.powers.get(*field).unwrap_or(&zero);
                    ops.sub_mul(power, next(), &denominator)
                });
                terms.push(ops.mul_add(&link.theta, &shifted, count));
            }
        }
        sumcheck::extension_value(ops, terms, coordinates)
    }
}
