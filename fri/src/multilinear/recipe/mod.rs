//! How a device makes a table's rows of records: a straight line of steps on 32-bit words, recorded
//! from code that is written over [`Word`], the same that fills the table on the host.

mod element;

pub use element::Element;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::ops::{BitAnd, BitOr, BitXor, Shl, Shr};

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;
use tern_field::word::Word;

use crate::hash::element_from_bytes;

/// A step's number.
pub type Number = u32;

/// What a word is, of words that were there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A word of the record.
    Record(u32),
    /// A number.
    Constant(u32),
    /// Of two words.
    Of(Operation, [Number; 2]),
    /// The second word if the first is one, the third if it is zero.
    Select([Number; 3]),
}

impl Step {
    /// What it is for a record, with the values of the steps that it is of.
    ///
    /// # Panics
    ///
    /// If it is a word that the record does not have.
    #[must_use]
    pub fn value(self, record: &[u32], value: impl Fn(Number) -> u32) -> u32 {
        match self {
            Self::Record(word) => record[word as usize],
            Self::Constant(number) => number,
            Self::Of(operation, [a, b]) => operation.of(value(a), value(b)),
            Self::Select([condition, one, zero]) => value(condition).select(value(one), value(zero)),
        }
    }
}

/// What is made of two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// The sum modulo 2^32.
    Plus,
    /// The difference modulo 2^32.
    Minus,
    /// The product modulo 2^32.
    Times,
    /// The bits that both have.
    And,
    /// The bits that any has.
    Or,
    /// The bits that one has.
    Xor,
    /// The first, shifted left by the second, which is below 32.
    Left,
    /// The same to the right.
    Right,
    /// One if they are equal, else zero.
    Equals,
    /// One if the first is the smaller, else zero.
    IsBelow,
    /// The sum of field elements, by Montgomery words.
    FieldPlus,
    /// The difference of such.
    FieldMinus,
    /// The product of such.
    FieldTimes,
}

impl Operation {
    /// What it makes of two numbers.
    #[must_use]
    pub fn of(self, a: u32, b: u32) -> u32 {
        match self {
            Self::Plus => a.plus(b),
            Self::Minus => a.minus(b),
            Self::Times => a.times(b),
            Self::And => a & b,
            Self::Or => a | b,
            Self::Xor => a ^ b,
            Self::Left => a.wrapping_shl(b),
            Self::Right => a.wrapping_shr(b),
            Self::Equals => a.equals(b),
            Self::IsBelow => a.is_below(b),
            Self::FieldPlus => (element(a) + element(b)).to_unique_u32(),
            Self::FieldMinus => (element(a) - element(b)).to_unique_u32(),
            Self::FieldTimes => (element(a) * element(b)).to_unique_u32(),
        }
    }

    /// Whether the order of the words is nothing to it.
    const fn is_symmetric(self) -> bool {
        matches!(self, Self::Plus | Self::Times | Self::And | Self::Or | Self::Xor | Self::Equals | Self::FieldPlus | Self::FieldTimes)
    }
}

/// A lookup of a row in a table of which main columns count lookups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Position of the table.
    pub table: usize,
    /// Its main columns.
    pub width: usize,
    /// The column that counts it.
    pub column: Number,
    /// The row.
    pub row: Number,
    /// Whether it is counted: one or zero.
    pub active: Number,
}

/// The element with this Montgomery word; zero if there is none.
fn element(word: u32) -> F {
    element_from_bytes(word.to_le_bytes()).unwrap_or_default()
}

/// What a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The remainder of a step, which is a number.
    Number(Number),
    /// The element whose Montgomery word a step is.
    Element(Number),
}

impl Cell {
    /// Its step.
    #[must_use]
    pub const fn step(self) -> Number {
        match self {
            Self::Number(step) | Self::Element(step) => step,
        }
    }

    /// The cell, of the values of all steps.
    pub fn of(self, values: &[u32]) -> F {
        let value = values[self.step() as usize];
        match self {
            Self::Number(_) => F::from_u32(value),
            Self::Element(_) => element(value),
        }
    }
}

/// How rows are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// Words of a record.
    pub words: usize,
    /// The steps; each is of steps before it.
    pub steps: Vec<Step>,
    /// A row's main columns.
    pub cells: Vec<Cell>,
    /// What a row looks up.
    pub lookups: Vec<Lookup>,
    /// The first steps of parts, but of the first part: where few steps before are used behind.
    pub cuts: Vec<Number>,
}

impl Recipe {
    /// That of rows which are their own records, of numbers.
    #[must_use]
    pub fn copy(width: usize) -> Self {
        let numbers = 0..width as u32;
        Self {
            words: width,
            steps: numbers.clone().map(Step::Record).collect(),
            cells: numbers.map(Cell::Number).collect(),
            ..Self::default()
        }
    }

    /// What its steps are for a record.
    ///
    /// # Panics
    ///
    /// If a step is of a word that the record does not have.
    #[must_use]
    pub fn values(&self, record: &[u32]) -> Vec<u32> {
        let mut values: Vec<u32> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            values.push(step.value(record, |number| values[number as usize]));
        }
        values
    }
}

/// Records steps.
#[derive(Debug, Default)]
pub struct Recorder {
    steps: RefCell<Vec<Step>>,
    known: RefCell<BTreeMap<Step, Number>>,
    cuts: RefCell<Vec<Number>>,
}

/// A word that is not known yet, or a number.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a> {
    /// A number.
    Number(u32),
    /// A step.
    Step(&'a Recorder, Number),
}

impl Recorder {
    /// The words of a record.
    pub fn record(&self, words: usize) -> Vec<Name<'_>> {
        (0..words as u32).map(|word| self.step(Step::Record(word))).collect()
    }

    fn step(&self, step: Step) -> Name<'_> {
        Name::Step(self, self.number(step))
    }

    fn number(&self, step: Step) -> Number {
        *self.known.borrow_mut().entry(step).or_insert_with(|| {
            let mut steps = self.steps.borrow_mut();
            steps.push(step);
            steps.len() as u32 - 1
        })
    }

    /// The step that a word is.
    pub fn number_of(&self, name: Name<'_>) -> Number {
        match name {
            Name::Number(number) => self.number(Step::Constant(number)),
            Name::Step(_, number) => number,
        }
    }

    /// Begins a new part, in which no step is taken from before that can be made anew of those that
    /// names are of.
    pub fn cut(&self) {
        self.known.borrow_mut().clear();
        self.cuts.borrow_mut().push(self.steps.borrow().len() as u32);
    }

    /// What was recorded, of which rows with these cells are made.
    #[must_use]
    pub fn recipe(&self, words: usize, cells: Vec<Cell>, lookups: Vec<Lookup>) -> Recipe {
        Recipe { words, steps: self.steps.borrow().clone(), cells, lookups, cuts: self.cuts.borrow().clone() }
    }
}

impl From<u32> for Name<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl<'a> Name<'a> {
    fn of(self, operation: Operation, other: Self) -> Self {
        let recorder = match (self, other) {
            (Self::Number(a), Self::Number(b)) => return Self::Number(operation.of(a, b)),
            (Self::Step(recorder, _), _) | (_, Self::Step(recorder, _)) => recorder,
        };
        if let Some(known) = operation.known(self, other) {
            return known;
        }
        let mut of = [self, other].map(|name| recorder.number_of(name));
        if operation.is_symmetric() {
            of.sort_unstable();
        }
        recorder.step(Step::Of(operation, of))
    }
}

impl Operation {
    /// The result where one of the two words says it alone.
    const fn known<'a>(self, a: Name<'a>, b: Name<'a>) -> Option<Name<'a>> {
        match (self, a, b) {
            (Self::FieldPlus | Self::FieldMinus, a, Name::Number(0)) | (Self::FieldPlus, Name::Number(0), a) => Some(a),
            (Self::Plus | Self::Minus | Self::Or | Self::Xor | Self::Left | Self::Right, a, Name::Number(0))
            | (Self::Plus | Self::Or | Self::Xor, Name::Number(0), a)
            | (Self::Times, a, Name::Number(1))
            | (Self::And, a, Name::Number(u32::MAX)) => Some(a),
            (Self::Times | Self::And, _, Name::Number(0)) | (Self::Times | Self::And | Self::Left | Self::Right, Name::Number(0), _) => {
                Some(Name::Number(0))
            }
            _ => None,
        }
    }
}

macro_rules! operators {
    ($($trait:ident::$method:ident = $operation:ident),+) => {$(
        impl $trait for Name<'_> {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                self.of(Operation::$operation, other)
            }
        }
    )+};
}

operators!(BitAnd::bitand = And, BitOr::bitor = Or, BitXor::bitxor = Xor, Shl::shl = Left, Shr::shr = Right);

impl Word for Name<'_> {
    fn plus(self, other: Self) -> Self {
        self.of(Operation::Plus, other)
    }

    fn minus(self, other: Self) -> Self {
        self.of(Operation::Minus, other)
    }

    fn times(self, other: Self) -> Self {
        self.of(Operation::Times, other)
    }

    fn equals(self, other: Self) -> Self {
        self.of(Operation::Equals, other)
    }

    fn is_below(self, other: Self) -> Self {
        self.of(Operation::IsBelow, other)
    }

    fn select(self, one: Self, zero: Self) -> Self {
        match (self, one, zero) {
            (Self::Number(condition), ..) => {
                if condition == 1 {
                    one
                } else {
                    zero
                }
            }
            (_, Self::Number(a), Self::Number(b)) if a == b => one,
            (_, Self::Number(1), Self::Number(0)) => self,
            (Self::Step(recorder, _), ..) => recorder.step(Step::Select([self, one, zero].map(|name| recorder.number_of(name)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something of everything, of two words.
    fn something<W: Word>([a, b]: [W; 2]) -> [W; 12] {
        let small = b.bits(0, 5);
        let is_below = a.is_below(b);
        [
            a.plus(b),
            a.minus(b),
            a.times(b),
            a & b,
            a | b,
            a ^ b,
            a << small,
            a >> small,
            a.equals(b),
            is_below.select(a, b),
            is_below.then(a.plus(W::from(0)).times(W::from(1)) & W::from(u32::MAX)),
            W::from(7).times(W::from(3)).select(a, W::from(5)) ^ is_below.select(W::from(1), W::from(0)) ^ is_below.select(b, b),
        ]
    }

    #[test]
    fn recorded_steps_make_what_the_code_makes() {
        let recorder = Recorder::default();
        let words = recorder.record(2);
        let cells = something([words[0], words[1]]).map(|name| Cell::Number(recorder.number_of(name))).to_vec();
        let recipe = recorder.recipe(2, cells, Vec::new());
        assert!(recipe.steps.len() < 24, "{} steps", recipe.steps.len());
        let words = [0, 1, 5, 31, 0x8000_0000, 0xffff_fffe, u32::MAX];
        for a in words {
            for b in words {
                let values = recipe.values(&[a, b]);
                let made: Vec<u32> = recipe.cells.iter().map(|cell| values[cell.step() as usize]).collect();
                assert_eq!(made, something([a, b]), "{a} {b}");
            }
        }
    }

    #[test]
    fn rows_may_be_their_own_records() {
        assert_eq!(Recipe::copy(3).values(&[7, 8, 9]), [7, 8, 9]);
    }
}
