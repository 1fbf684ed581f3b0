//! What the rows' constraints say about values, as clauses: *if these values are known, that one is*.
//!
//! Two witnesses of one circuit that agree on a clause's premises agree on its conclusion. Each
//! clause below says why.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use tern_air::recursion::CircuitChip;
use tern_field::{EF, F};

use super::fixed::{Fixed, Port, Row, Value};

/// Why a clause holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whether the row writes the conclusion, as a function of what it reads.
    pub computes: bool,
    /// What the row is.
    pub kind: Kind,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An equation.
    Arithmetic,
    /// That values are the same in other places: copies, coordinates, words, limbs.
    Copy,
    /// A function that cannot be inverted: a word's bits, an entry of a list.
    Function,
    /// A hash, from what is hashed; or to what is hashed, which holds unless there is a collision
    /// of BLAKE3.
    Hash,
}

/// A circuit's clauses.
#[derive(Debug, Default)]
pub struct Clauses {
    /// The conclusion of each, and where its premises end in [`Self::premises`].
    clauses: Vec<(Rule, Value, usize)>,
    premises: Vec<Value>,
}

impl Clauses {
    /// The clauses of a circuit's rows.
    pub fn of(fixed: &Fixed) -> Self {
        let mut clauses = Self::default();
        let largest = largest(fixed);
        let entries = entries(fixed);
        for (_, _, row) in &fixed.rows {
            match row {
                Row::Alu(ports) => clauses.alu(fixed, ports),
                Row::Pack { element, coordinates } => clauses.same(&[*element], coordinates),
                Row::Half { half, words, canonical } => {
                    if let Some(half) = half {
                        clauses.half(*half, words, *canonical);
                    }
                }
                Row::Compress { read, bit, out } => clauses.compress(read, *bit, *out),
                Row::Challenge { half, bits } => {
                    // One word of the half; its bits are boolean, and add up to limbs that its writer has
                    // looked up.
                    bits.iter().for_each(|port| clauses.add(Kind::Function, *port, [*half]));
                }
                Row::Cap { halves, limbs, index, first, .. } => {
                    let largest = index.and_then(|index| largest.get(&index).copied());
                    clauses.cap(halves, limbs, index.map(|index| (index, *first, largest)), &entries);
                }
            }
        }
        clauses.digits(fixed);
        clauses
    }

    /// What is known if these values are: by index. `rules` says which clauses count.
    pub fn close(&self, given: impl IntoIterator<Item = Value>, len: usize, rules: fn(Rule) -> bool) -> Vec<bool> {
        let mut known = vec![false; len];
        let uses = self.uses(len, rules);
        let mut missing: Vec<usize> = (0..self.clauses.len()).map(|clause| self.premises(clause).len()).collect();
        let mut queue: Vec<usize> = given.into_iter().map(Value::index).filter(|index| *index < len).collect();
        queue.extend(
            (0..missing.len())
                .filter(|clause| missing[*clause] == 0 && rules(self.clauses[*clause].0))
                .map(|clause| self.clauses[clause].1.index()),
        );
        while let Some(value) = queue.pop() {
            if core::mem::replace(&mut known[value], true) {
                continue;
            }
            for &clause in &uses[value] {
                missing[clause] -= 1;
                if missing[clause] == 0 {
                    queue.push(self.clauses[clause].1.index());
                }
            }
        }
        known
    }

    /// The clauses that have each value among their premises.
    fn uses(&self, len: usize, rules: fn(Rule) -> bool) -> Vec<Vec<usize>> {
        let mut uses = vec![Vec::new(); len];
        for (clause, (rule, ..)) in self.clauses.iter().enumerate() {
            if rules(*rule) {
                self.premises(clause).iter().for_each(|value| uses[value.index()].push(clause));
            }
        }
        uses
    }

    fn premises(&self, clause: usize) -> &[Value] {
        let start = clause.checked_sub(1).map_or(0, |before| self.clauses[before].2);
        &self.premises[start..self.clauses[clause].2]
    }

    fn add(&mut self, kind: Kind, conclusion: Port, premises: impl IntoIterator<Item = Value>) {
        self.push(Rule { computes: conclusion.writes, kind }, conclusion.value, premises);
    }

    fn push(&mut self, rule: Rule, conclusion: Value, premises: impl IntoIterator<Item = Value>) {
        let start = self.premises.len();
        for premise in premises {
            if !self.premises[start..].contains(&premise) {
                self.premises.push(premise);
            }
        }
        if self.premises[start..].contains(&conclusion) {
            self.premises.truncate(start);
            return;
        }
        self.clauses.push((rule, conclusion, self.premises.len()));
    }
}

/// Table by table.
impl Clauses {
    /// `a b + c = d`. A sum and a summand follow from the rest. A factor follows if the other one is not
    /// zero, which is so where it is such a constant, or where the product is one. A row with a free cell
    /// says nothing.
    fn alu(&mut self, fixed: &Fixed, ports: &[Option<Port>; 4]) {
        let [Some(a), Some(b), Some(c), Some(d)] = *ports else { return };
        let constant = |port: Port| match port.value {
            Value::Wire(address) => fixed.constants.get(&address).copied(),
            Value::Half(_) => None,
        };
        let product = constant(c).zip(constant(d)).map(|(c, d)| d - c);
        let has_nonzero_product = product.is_some_and(|product| product != EF::ZERO);
        let is_nonzero = |port| constant(port).is_some_and(|value| value != EF::ZERO);
        let is_copy = [a, b].map(constant).contains(&Some(EF::ONE)) && constant(c) == Some(EF::ZERO);
        let kind = if is_copy { Kind::Copy } else { Kind::Arithmetic };
        self.add(kind, d, [a, b, c].map(|port| port.value));
        self.add(kind, c, [a, b, d].map(|port| port.value));
        for (factor, other) in [(a, b), (b, a)] {
            if has_nonzero_product || is_nonzero(other) {
                self.add(kind, factor, [other, c, d].map(|port| port.value));
            }
        }
    }

    /// A number that is asserted to be a sum of bits, each times another power of two, has no
    /// others: the sum is below the characteristic.
    fn digits(&mut self, fixed: &Fixed) {
        /// Numbers of so many bits are below `p`.
        const UNIQUE: usize = 30;
        let is = |port: Port, value: EF| matches!(port.value, Value::Wire(address) if fixed.constants.get(&address) == Some(&value));
        // The bits of a wire, the lowest first.
        let mut bits: BTreeMap<Value, Vec<Value>> = fixed
            .constants
            .iter()
            .filter(|(_, value)| **value == EF::ZERO)
            .map(|(address, _)| (Value::Wire(*address), Vec::new()))
            .collect();
        // Steps are made in the order of their rows, after the rows that say of each bit that it is one.
        for (_, _, row) in &fixed.rows {
            let Row::Alu([Some(a), Some(b), Some(c), Some(d)]) = row else { continue };
            if a.value == b.value && a.value == d.value && is(*c, EF::ZERO) {
                bits.entry(a.value).or_insert_with(|| vec![a.value]);
            } else if is(*b, EF::TWO)
                && let (Some(above), Some([bit])) = (bits.get(&a.value), bits.get(&c.value).map(Vec::as_slice))
                && above.len() < UNIQUE
                && !above.contains(bit)
            {
                let number: Vec<Value> = core::iter::once(*bit).chain(above.iter().copied()).collect();
                if d.writes {
                    bits.insert(d.value, number);
                } else {
                    number.into_iter().for_each(|bit| self.push(Rule { computes: true, kind: Kind::Function }, bit, [d.value]));
                }
            }
        }
    }

    /// Both sides are the same cells.
    fn same(&mut self, one: &[Port], two: &[Port]) {
        if two.is_empty() {
            return;
        }
        for (from, to) in [(one, two), (two, one)] {
            to.iter().for_each(|port| self.add(Kind::Copy, *port, from.iter().map(|port| port.value)));
        }
    }

    /// Bytes give words modulo `p`. Words give bytes only where each is below `p`.
    fn half(&mut self, half: Port, words: &[Port], canonical: bool) {
        words.iter().for_each(|word| self.add(Kind::Copy, *word, [half.value]));
        if canonical && !words.is_empty() {
            self.add(Kind::Copy, half, words.iter().map(|word| word.value));
        }
    }

    /// BLAKE3's compression is a function, without collisions that anyone knows. What was exchanged
    /// by a bit is known with the bit.
    fn compress(&mut self, read: &[Value; 3], bit: Option<Value>, out: Option<Port>) {
        let Some(out) = out else { return };
        self.add(Kind::Hash, out, read.iter().copied().chain(bit));
        for value in read {
            self.push(Rule { computes: false, kind: Kind::Hash }, *value, [out.value].into_iter().chain(bit));
        }
    }

    /// All halves of the row are one digest, and the limbs are that digest's. An entry that is read follows
    /// from its index and from every entry that this may be: one row provides each.
    fn cap(
        &mut self,
        halves: &[Option<Port>; 2],
        limbs: &[Port],
        index: Option<(Value, u32, Option<u64>)>,
        entries: &BTreeMap<u32, Vec<Value>>,
    ) {
        let halves: Vec<Port> = halves.iter().flatten().copied().collect();
        for half in &halves {
            self.same(&[*half], limbs);
            for other in halves.iter().filter(|other| other.value != half.value) {
                self.push(Rule { computes: false, kind: Kind::Copy }, other.value, [half.value]);
            }
        }
        let Some((index, first, Some(largest))) = index else { return };
        let list = (0..=largest).map(|offset| match entries.get(&(first + offset as u32)).map(Vec::as_slice) {
            Some([entry]) => Some(*entry),
            _ => None,
        });
        if let (Some(list), Some(half)) = (list.collect::<Option<Vec<_>>>(), halves.first()) {
            self.add(Kind::Function, *half, list.into_iter().chain([index]));
        }
    }
}

/// The halves that rows provide as entries of lists, by number.
fn entries(fixed: &Fixed) -> BTreeMap<u32, Vec<Value>> {
    let mut entries: BTreeMap<u32, Vec<Value>> = BTreeMap::new();
    for (_, _, row) in &fixed.rows {
        if let Row::Cap { halves: [Some(one), _], provides: true, first, .. } = row {
            entries.entry(*first).or_default().push(one.value);
        }
    }
    entries
}

/// Wires that hold an integer, with the largest that they can hold: constants, bits, and sums of
/// products of such.
fn largest(fixed: &Fixed) -> BTreeMap<Value, u64> {
    /// Sums stay far below `p`.
    const LIMIT: u64 = 1 << 30;
    let mut largest = BTreeMap::new();
    for (address, value) in &fixed.constants {
        let [first, rest @ ..]: &[F] = value.as_basis_coefficients_slice() else { continue };
        if rest.iter().all(|coordinate| *coordinate == F::ZERO) {
            largest.insert(Value::Wire(*address), u64::from(first.as_canonical_u32()));
        }
    }
    for (_, _, row) in &fixed.rows {
        match row {
            // Constrained to be boolean in the row, and on the wire.
            Row::Challenge { bits, .. } => largest.extend(bits.iter().map(|bit| (bit.value, 1))),
            Row::Compress { bit: Some(bit), .. } => drop(largest.insert(*bit, 1)),
            // x x + 0 = x.
            Row::Alu([Some(a), Some(b), Some(c), Some(d)])
                if a.value == b.value && a.value == d.value && largest.get(&c.value) == Some(&0) =>
            {
                // It may be said of a constant, too.
                largest.entry(a.value).or_insert(1);
            }
            _ => {}
        }
    }
    // Sums are made in the order of their rows.
    for (chip, _, row) in &fixed.rows {
        if let (CircuitChip::Alu, Row::Alu([Some(a), Some(b), Some(c), Some(d)])) = (chip, row)
            && let [Some(a), Some(b), Some(c)] = [a, b, c].map(|port| largest.get(&port.value).copied())
            && let Some(sum) = a.checked_mul(b).and_then(|product| product.checked_add(c)).filter(|sum| *sum < LIMIT)
        {
            largest.entry(d.value).or_insert(sum);
        }
    }
    largest
}

/// Wires that hold an element of the base field: they are words, coordinates, limbs or bits somewhere, or a
/// copy of such.
pub fn base(fixed: &Fixed) -> BTreeSet<Value> {
    let mut base: BTreeSet<Value> = largest(fixed).into_keys().collect();
    for (_, _, row) in &fixed.rows {
        let wires = match row {
            Row::Pack { coordinates, .. } => coordinates,
            Row::Half { words, .. } => words,
            Row::Cap { limbs, .. } => limbs,
            _ => continue,
        };
        base.extend(wires.iter().map(|port| port.value));
    }
    let is = |port: &Port, value: EF| matches!(port.value, Value::Wire(address) if fixed.constants.get(&address) == Some(&value));
    for (_, _, row) in &fixed.rows {
        match row {
            // x * 1 + 0 = y.
            Row::Alu([Some(x), Some(one), Some(zero), Some(y)]) if is(one, EF::ONE) && is(zero, EF::ZERO) && base.contains(&y.value) => {
                base.insert(x.value);
            }
            _ => {}
        }
    }
    base
}
