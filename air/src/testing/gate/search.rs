//! Finds attacks: a change that a chosen statement rejects, and further changes until nothing else does.
//!
//! From an honest row, one cell that the statement depends on is given a wrong value. While another
//! statement fails, one of its cells is given the value for which it holds (statements are mostly
//! linear in one cell); a few cells are tried, in depth first order, with a limit on the work.
//! Cells further to the right come first, since what is computed mostly stands to the right of what
//! it is computed from.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32, TwoAdicField};
use p3_matrix::Matrix;
use tern_field::F;

use super::evaluate::{Message, Outcome, Place, Subject, Verdict, is_lookup, provided};
use super::{Attack, Cell, Change, Statement, Table, Weakness};
use crate::bus;
use crate::chip::System;
use crate::recursion::bus as recursion;

/// Changes in one attack.
const DEPTH: usize = 120;
/// Changes that are tried for one failing statement, and evaluations of rows from one first change:
/// few, then more.
const EFFORTS: [(usize, usize); 2] = [(3, 800), (24, 6000)];

/// The statements of a chip by the cells in them.
pub struct Finder<'a, S> {
    subject: &'a Subject<'a, S>,
    constraints: BTreeMap<usize, Vec<Place>>,
    messages: BTreeMap<usize, Vec<Place>>,
}

impl<'a, S: System> Finder<'a, S> {
    pub fn new(subject: &'a Subject<'a, S>) -> Self {
        let (mut constraints, mut messages) = (BTreeMap::<usize, Vec<Place>>::new(), BTreeMap::<usize, Vec<Place>>::new());
        for (place, [in_constraints, in_messages]) in subject.occurrences().into_iter().rev() {
            in_constraints.into_iter().for_each(|i| constraints.entry(i).or_default().push(place));
            in_messages.into_iter().for_each(|i| messages.entry(i).or_default().push(place));
        }
        Self { subject, constraints, messages }
    }

    /// An attack on a weakness, from one of these tables.
    pub fn find(&self, weakness: Weakness, tables: &[Table]) -> Option<Attack> {
        let in_table = |(index, table): (usize, &Table)| {
            let attack = |changes| Attack { weakness, table: index, changes };
            let trials = EFFORTS.iter().flat_map(|&effort| table.rows.iter().map(move |&row| (row, effort)));
            trials.map(|(row, effort)| Trial::new(self, table, row, weakness, effort)).find_map(Trial::run).map(attack)
        };
        tables.iter().enumerate().find_map(in_table)
    }

    fn places(&self, statement: Statement) -> &[Place] {
        let places = match statement {
            Statement::Constraint(i) => self.constraints.get(&i),
            Statement::Message(i) => self.messages.get(&i),
        };
        places.map_or(&[], Vec::as_slice)
    }
}

/// The search for an attack on one weakness that begins on one row.
struct Trial<'a, S> {
    finder: &'a Finder<'a, S>,
    honest: &'a Table,
    table: Table,
    row: usize,
    weakness: Weakness,
    /// Outcomes of rows: in the honest table, and now.
    before: BTreeMap<usize, Outcome>,
    now: BTreeMap<usize, Outcome>,
    changes: Vec<Cell>,
    breadth: usize,
    effort: usize,
    /// Evaluations that are left from this first change.
    work: usize,
}

impl<'a, S: System> Trial<'a, S> {
    fn new(finder: &'a Finder<'a, S>, honest: &'a Table, row: usize, weakness: Weakness, (breadth, effort): (usize, usize)) -> Self {
        let (before, now) = (BTreeMap::new(), BTreeMap::new());
        let mut trial =
            Self { finder, honest, table: honest.clone(), row, weakness, before, now, changes: vec![], breadth, effort, work: effort };
        trial.refresh(row);
        trial
    }

    /// The statement that is to reject the attack.
    const fn target(&self) -> Statement {
        match self.weakness {
            Weakness::Dropped(statement) => statement,
            Weakness::Widened(i, _) => Statement::Message(i),
        }
    }

    fn run(mut self) -> Option<Vec<Change>> {
        let places = self.finder.places(self.target()).to_vec();
        for place in places.into_iter().rev() {
            let cell = self.cell(self.row, place);
            for value in self.wrong_values(cell) {
                self.work = self.effort;
                let old = self.set(cell, value);
                if value != old && self.repair() {
                    return Some(self.minimal());
                }
                self.unset(cell, old);
            }
        }
        None
    }

    /// Values for the first cell.
    fn wrong_values(&mut self, cell: Cell) -> Vec<F> {
        let honest = self.value(cell);
        let mut values: Vec<F> = match self.target() {
            Statement::Message(i) => self.edges(i, cell),
            Statement::Constraint(_) => vec![],
        };
        if !matches!(self.weakness, Weakness::Widened(..)) {
            // One more or less; the same by 2^8, 2^16; and what is one more once it is multiplied by that.
            let units = [0, 8, 16].map(|bits| F::from_u32(1 << bits));
            let offsets = units.into_iter().chain(units[1..].iter().map(|unit| unit.inverse())).flat_map(|unit| [unit, -unit]);
            values.extend([F::ZERO, F::ONE, F::TWO, F::NEG_ONE].into_iter().chain(offsets.map(|offset| honest + offset)));
            values.push(honest + F::from_u32(0x0123_4567));
        }
        values
    }

    /// The values of a cell for which a lookup is just beyond its range.
    fn edges(&mut self, message: usize, cell: Cell) -> Vec<F> {
        let tuple = self.now[&self.row].messages[message].tuple.clone();
        let ends: Vec<(usize, u32)> = match (tuple[0], self.weakness) {
            (bus::BITS, _) => beyond(2, tuple[2], 1 << tuple[1].min(20)),
            (bus::BYTES, Weakness::Widened(_, field)) => beyond(1 + field, tuple[1 + field], 256),
            (bus::BYTES, _) => [1, 2].into_iter().flat_map(|i| beyond(i, tuple[i], 256)).collect(),
            (recursion::U16, _) => beyond(1, tuple[1], 1 << 16),
            (recursion::TOP, _) => vec![(1, recursion::MAX_TOP + 1), (1, recursion::MAX_TOP + 2)],
            (tag, _) if is_lookup(tag) => (1..tuple.len()).flat_map(|i| [(i, tuple[i] + 1), (i, 256)]).collect(),
            _ => vec![],
        };
        let row = self.row;
        ends.into_iter().filter_map(|(i, value)| self.solve(cell, F::from_u32(value), |trial| trial.element(row, message, i))).collect()
    }

    fn element(&self, row: usize, message: usize, i: usize) -> F {
        F::from_u32(self.now[&row].messages[message].tuple.get(i).copied().unwrap_or_default())
    }

    /// The value of a cell for which something that is linear in it takes a value.
    fn solve(&mut self, cell: Cell, value: F, of: impl Fn(&Self) -> F + Copy) -> Option<F> {
        let at_old = of(self);
        let old = self.set(cell, self.value(cell) + F::ONE);
        let slope = of(self) - at_old;
        self.unset(cell, old);
        let solution = old + (value - at_old) * slope.try_inverse()?;
        let solved = self.with(cell, solution, of) == value;
        solved.then_some(solution)
    }

    /// Changes further cells until only the target rejects.
    fn repair(&mut self) -> bool {
        let verdict = self.verdict();
        if verdict.needs().contains(&self.weakness) {
            return true;
        }
        if self.work == 0 || self.changes.len() >= DEPTH || !self.target_rejects(&verdict) {
            return false;
        }
        let Some((row, statement)) = self.next_failure() else { return false };
        for (_, cell, value) in self.candidates(row, statement) {
            let old = self.set(cell, value);
            if self.repair() {
                return true;
            }
            self.unset(cell, old);
            if self.work == 0 {
                return false;
            }
        }
        false
    }

    /// Changes after which a failing statement holds, those first that leave the fewest others failing.
    fn candidates(&mut self, row: usize, statement: Statement) -> Vec<(usize, Cell, F)> {
        let mut candidates = vec![];
        for place in self.finder.places(statement).to_vec() {
            let cell = self.cell(row, place);
            if self.changes.contains(&cell) {
                continue;
            }
            for value in self.cures(row, statement, cell) {
                if let Some(failures) = self.with(cell, value, Self::failures) {
                    candidates.push((failures, cell, value));
                }
            }
            if self.work == 0 || candidates.len() >= 4 * self.breadth {
                break;
            }
        }
        candidates.sort_by_key(|&(failures, ..)| failures);
        candidates.truncate(self.breadth);
        candidates
    }

    /// Number of constraints and lookups that fail, if the target still rejects.
    fn failures(&self) -> Option<usize> {
        let verdict = self.verdict();
        self.target_rejects(&verdict).then(|| verdict.failing.len() + verdict.unprovided.len())
    }

    /// Whether the target still rejects, as far as one can say before the rest holds.
    fn target_rejects(&self, verdict: &Verdict) -> bool {
        match self.weakness {
            Weakness::Dropped(Statement::Constraint(i)) => verdict.failing.contains(&i),
            Weakness::Dropped(Statement::Message(i)) => verdict.unprovided.contains_key(&i) || verdict.changed.contains(&i),
            Weakness::Widened(i, field) => verdict.unprovided.get(&i).is_some_and(|widths| widths.contains(&Some(field))),
        }
    }

    /// A statement other than the target that rejects.
    fn next_failure(&self) -> Option<(usize, Statement)> {
        let target = self.target();
        for (&row, outcome) in &self.now {
            let failing = outcome.constraints.iter().enumerate().filter(|(_, x)| **x != F::ZERO).map(|(i, _)| Statement::Constraint(i));
            let absent = |message: &Message| self.finder.subject.looks_up(message) && provided(&message.tuple).is_err();
            let unprovided = outcome.messages.iter().enumerate().filter(|(_, m)| absent(m)).map(|(i, _)| Statement::Message(i));
            if let Some(statement) = failing.chain(unprovided).find(|&statement| statement != target) {
                return Some((row, statement));
            }
        }
        None
    }

    /// Values of a cell for which a statement holds.
    fn cures(&mut self, row: usize, statement: Statement, cell: Cell) -> Vec<F> {
        match statement {
            Statement::Constraint(i) => {
                let holds = move |trial: &Self| trial.now[&row].constraints[i];
                let values = [0, 1, 2].map(|x| self.with(cell, F::from_u32(x), holds));
                let mut roots = roots(values);
                roots.retain(|&root| self.with(cell, root, holds) == F::ZERO);
                roots
            }
            Statement::Message(i) => {
                let tuple = self.now[&row].messages[i].tuple.clone();
                let solve = |(element, value): (usize, u32)| self.solve(cell, F::from_u32(value), |trial| trial.element(row, i, element));
                elements_wanted(&tuple).into_iter().filter_map(solve).collect()
            }
        }
    }

    fn with<T>(&mut self, cell: Cell, value: F, of: impl Fn(&Self) -> T) -> T {
        let old = self.set(cell, value);
        let result = of(self);
        self.unset(cell, old);
        result
    }

    /// The changes without those that are not needed.
    fn minimal(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = self.changes.iter().map(|&cell| Change { cell, value: self.value(cell) }).collect();
        let mut i = 0;
        while i < changes.len() && changes.len() < 40 {
            let mut fewer = changes.clone();
            fewer.remove(i);
            if self.finder.subject.verdict(self.honest, &fewer).needs().contains(&self.weakness) {
                changes = fewer;
            } else {
                i += 1;
            }
        }
        changes.sort();
        changes
    }

    fn verdict(&self) -> Verdict {
        let mut verdict = Verdict::default();
        for (row, outcome) in &self.now {
            self.finder.subject.judge(&self.before[row], outcome, &mut verdict);
        }
        verdict
    }

    /// The cell that stands at a place of a row's statements.
    fn cell(&self, row: usize, place: Place) -> Cell {
        match place {
            Place::Local(column) => Cell::Main(row, column),
            Place::Next(column) => Cell::Main((row + 1) % self.table.main.height(), column),
            Place::Public(i) => Cell::Public(i),
        }
    }

    fn value(&self, cell: Cell) -> F {
        match cell {
            Cell::Main(row, column) => self.table.main.values[row * self.table.main.width + column],
            Cell::Public(i) => self.table.public[i],
        }
    }

    /// Changes a cell and returns its old value.
    fn set(&mut self, cell: Cell, value: F) -> F {
        let old = self.value(cell);
        self.changes.push(cell);
        self.write(cell, value);
        old
    }

    /// Undoes the last change.
    fn unset(&mut self, cell: Cell, old: F) {
        self.changes.pop();
        self.write(cell, old);
    }

    fn write(&mut self, cell: Cell, value: F) {
        match cell {
            Cell::Main(row, column) => {
                let width = self.table.main.width;
                self.table.main.values[row * width + column] = value;
            }
            Cell::Public(i) => self.table.public[i] = value,
        }
        for row in self.finder.subject.rows_of(&self.table, cell) {
            self.refresh(row);
        }
    }

    fn refresh(&mut self, row: usize) {
        self.work = self.work.saturating_sub(1);
        let (subject, honest) = (self.finder.subject, self.honest);
        self.before.entry(row).or_insert_with(|| subject.outcome(honest, row));
        self.now.insert(row, subject.outcome(&self.table, row));
    }
}

/// Where the polynomial of degree at most 2 with these values at 0, 1 and 2 is zero; nowhere if it
/// is constant.
fn roots([zero, one, two]: [F; 3]) -> Vec<F> {
    let a = (two - one - one + zero).halve();
    let b = one - zero - a;
    if a == F::ZERO {
        return b.try_inverse().map(|inverse| -zero * inverse).into_iter().collect();
    }
    let Some(root) = square_root(b.square() - F::from_u32(4) * a * zero) else { return vec![] };
    let scale = a.double().inverse();
    let mut roots = vec![(root - b) * scale, (-root - b) * scale];
    roots.dedup();
    roots
}

/// A square root, by the algorithm of Tonelli and Shanks: the group of units has order `2^27 * 15`.
fn square_root(x: F) -> Option<F> {
    let twos = F::TWO_ADICITY;
    let mut generator = F::two_adic_generator(twos);
    let mut root = x.exp_u64(8);
    let mut residue = x.exp_u64(15);
    for bit in 1..twos {
        // The residue is a power of the generator squared as often as it has bits left.
        if residue.exp_power_of_2(twos - 1 - bit) == F::NEG_ONE {
            root *= generator;
            residue *= generator.square();
        }
        generator = generator.square();
    }
    (root.square() == x).then_some(root)
}

/// Values of an element that are beyond the end of its range, but not by more than a bit: a unit of
/// the next limb more, the first, the last.
fn beyond(element: usize, value: u32, end: u32) -> Vec<(usize, u32)> {
    [value.wrapping_add(end), end, end + 1, end.saturating_mul(2) - 1].map(|value| (element, value)).to_vec()
}

/// What is left of a value, small or negative, without units of the next limb.
fn within(value: u32, end: u32) -> Option<u32> {
    let (value, order) = (i64::from(value), i64::from(F::ORDER_U32));
    let value = if 2 * value < order { value } else { value - order };
    (value.abs() < 1 << 26).then(|| value.rem_euclid(i64::from(end)) as u32)
}

/// Elements of a lookup, and values of them with which it stands in its table or comes nearer to it.
fn elements_wanted(tuple: &[u32]) -> Vec<(usize, u32)> {
    let bytes = |tuple: &[u32]| tuple[1] < 256 && tuple[2] < 256;
    match *tuple {
        [bus::BITS, k, v] => within(v, 1 << k.min(16)).into_iter().chain([0, 1, (1 << k.min(16)) - 1]).map(|v| (2, v)).collect(),
        [bus::BYTES, a, b] => {
            let beyond = [(1, a), (2, b)].into_iter().filter(|&(_, x)| x > 255);
            beyond.flat_map(|(i, x)| within(x, 256).into_iter().chain([0, 1, 255]).map(move |v| (i, v))).collect()
        }
        [bus::POWER, k, _] if k <= 16 => vec![(2, 1 << k)],
        [bus::AND, a, b, _] if bytes(tuple) => vec![(3, a & b)],
        [bus::OR, a, b, _] if bytes(tuple) => vec![(3, a | b)],
        [bus::XOR | recursion::XOR, a, b, c] if bytes(tuple) => vec![(3, a ^ b), (2, a ^ c), (1, b ^ c)],
        [recursion::XOR_12, a, b, ..] if bytes(tuple) => vec![(3, (a ^ b) >> 4), (4, (a ^ b) & 15)],
        [recursion::XOR_7, a, b, ..] if bytes(tuple) => vec![(3, (a ^ b) >> 7), (4, (a ^ b) & 127)],
        [recursion::U16 | recursion::TOP, v] => within(v, 1 << 16).into_iter().chain([0, 1]).map(|v| (1, v)).collect(),
        _ => vec![],
    }
}

#[test]
fn roots_are_roots() {
    for (a, b) in [(0, 0), (3, 3), (5, 0x7000_0000), (123_456, 77)].map(|(a, b)| (F::from_u32(a), F::from_u32(b))) {
        let product = |x: F| F::from_u32(11) * (x - a) * (x - b);
        let mut expected = [a, b];
        expected.sort();
        let mut found = roots([F::ZERO, F::ONE, F::TWO].map(product));
        found.sort();
        assert_eq!(found.first(), expected.first());
        assert_eq!(found.last(), expected.last());
    }
    assert_eq!(roots([F::ONE, F::TWO, F::from_u32(3)]), [F::NEG_ONE]);
    assert_eq!(roots([F::ONE; 3]), []);
    // 31 generates the group of units, so it has no square root.
    assert_eq!(square_root(F::from_u32(31)), None);
}
