//! The messages' plan and the link from the fractions to the columns.
//!
//! Message `s` of row `x` is the fraction `count / D` with the fingerprint
//! `D = alpha + (b + 1) beta^w - sum of beta^k field_k`, for a bus numbered `b` and the fields of
//! the longest message, `w`. Its place among the fractions is `(s, x)`: the first coordinates of a
//! point are the message's, the others the row's. Messages are numbered through all tables; places
//! without a message hold `0 / 1`. Without a univariate skip, as in `p3-multi-stark`, the message's
//! highest bit comes first. With one the lowest does: then the tree adds neighbours first, which
//! are mostly messages of one table and so of as many used rows, and a level has half as many
//! fractions as the one below.
//!
//! GKR leaves `N(q)` and `D(q)` at a point `q`. With a challenge `theta` they are one claim,
//! `N(q) + theta (D(q) - 1)`, in which places without a message count nothing, and which the
//! zerocheck reduces to columns.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::gkr;
use super::proof::LookupProof;
use super::shape::UnusableAir;
use crate::multilinear::equality::{inner_product, powers};
use crate::multilinear::transcript::Transcript;
use crate::ops::{Checked, MultilinearOps};

/// A message as a table declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// The bus's name; for a bus that is the table's own, its position among the table's.
    pub(super) bus: Bus,
    /// Number of fields.
    pub(super) width: usize,
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

/// A message: its values come as the count, then the fields.
#[derive(Clone, Debug)]
struct Message {
    bus: usize,
    fields: usize,
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
            planned.push(Message { bus, fields: message.width });
        }
        self.tables.push(planned);
        Ok(())
    }

    /// The messages' counts among a table's values.
    pub(super) fn counts<'a, E>(&'a self, table: usize, values: &'a [E]) -> impl Iterator<Item = &'a E> {
        let messages = self.tables.get(table).into_iter().flatten();
        messages.scan(values, |rest, message| {
            let (count, after) = rest.split_first()?;
            (_, *rest) = after.split_at_checked(message.fields).unwrap_or_default();
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

    /// The claim `sum of eq(message) (count + theta (D - 1))` times `scale`, as a linear form in
    /// the messages' parts: each table's weights of the parts, and what does not depend on them.
    /// `coordinates` are the messages', the highest bit's first. Parts for which there is no need
    /// of a weight have any.
    pub(super) fn weights<O: MultilinearOps>(
        &self,
        ops: &mut O,
        link: &Link<O>,
        scale: &O::Ext,
        coordinates: &[O::Ext],
        is_needed: impl Fn(usize, usize) -> bool,
    ) -> (Vec<Vec<O::Ext>>, O::Ext) {
        let zero = ops.constant(EF::ZERO);
        let count = self.tables.iter().fold(0_usize, |sum, messages| sum.saturating_add(messages.len()));
        let mut slots = prefix(ops, scale, coordinates, count).into_iter();
        let mut by_bus = alloc::vec![zero.clone(); link.bases.len()];
        let mut tables = Vec::with_capacity(self.tables.len());
        for (table, messages) in self.tables.iter().enumerate() {
            let mut parts = Vec::new();
            for (message, weight) in messages.iter().zip(&mut slots) {
                let of_fingerprint = ops.mul(&link.theta, &weight);
                if let Some(sum) = by_bus.get_mut(message.bus) {
                    *sum = ops.add(sum, &of_fingerprint);
                }
                let negated = ops.sub(&zero, &of_fingerprint);
                parts.push(weight);
                for power in link.powers.iter().take(message.fields) {
                    let weight = if is_needed(table, parts.len()) { ops.mul(&negated, power) } else { zero.clone() };
                    parts.push(weight);
                }
            }
            tables.push(parts);
        }
        let constant = inner_product(ops, &by_bus, &link.bases);
        (tables, constant)
    }
}

/// The first of the products of `scale` with the equality polynomial of a point, whose first
/// coordinate belongs to the highest bit of a place.
fn prefix<O: MultilinearOps>(ops: &mut O, scale: &O::Ext, point: &[O::Ext], count: usize) -> Vec<O::Ext> {
    let mut table = alloc::vec![scale.clone()];
    for (left, coordinate) in (0..point.len()).rev().zip(point) {
        let width = u32::try_from(left).ok().and_then(|bits| 1_usize.checked_shl(bits)).unwrap_or(usize::MAX);
        let mut next = Vec::with_capacity(table.len().saturating_mul(2));
        for value in &table {
            let one = ops.mul(value, coordinate);
            next.extend([ops.sub(value, &one), one]);
        }
        next.truncate(count.div_ceil(width));
        table = next;
    }
    table
}
