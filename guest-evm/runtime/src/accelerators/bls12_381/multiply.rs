//! Sums of multiples of points (Straus 1964), with scalars split by the endomorphism.
//!
//! In base `U` a scalar below the groups' order has four digits. The endomorphism of the second group multiplies by `U`,
//! so a multiple is a sum of four multiples by digits of 64 bits (Galbraith, Lin, Scott 2009); that of the first group
//! multiplies by `U^2`, and pairs of digits make two multipliers of 128 bits (Gallant, Lambert, Vanstone 2001). Signed
//! windows of the multipliers of many points share the doublings. Buckets (Pippenger) would save little: checking that a point
//! belongs to its group costs more than adding its multiple.

use alloc::vec::Vec;

use super::fp::U;
use super::group::{Group, R};
use super::point::{Affine, Jacobian, Scratch, normalise};
use crate::accelerators::field::{ONE, Words, ZERO, mul_add_mod};
use crate::accelerators::secp256k1::scalar::{Signed, recode};

/// Bits of a signed window.
const WINDOW: u32 = 4;
/// Odd multiples of a point: 1, 3, 5, 7.
const MULTIPLES: usize = 1 << (WINDOW - 2);
/// Positions of windows' lowest bits.
const POSITIONS: usize = 129;
/// Points whose doublings are shared, at most: what they need is a bounded part of memory.
const CHUNK: usize = 64;

/// A sum of multiples that takes them one by one.
pub struct Sum<F> {
    total: Jacobian<F>,
    points: Vec<Affine<F>>,
    scalars: Vec<Words>,
}

impl<F: Group> Sum<F> {
    pub fn new() -> Self {
        Self { total: Jacobian::infinity(), points: Vec::new(), scalars: Vec::new() }
    }

    /// Adds a point of the group times a scalar, big-endian and of any value.
    pub fn add_multiple(&mut self, point: Option<Affine<F>>, scalar: &[u8; 32]) {
        let scalar = Words(mul_add_mod(&Words::from_be(scalar).0, &ONE.0, &ZERO.0, &R.0));
        let Some(point) = point else {
            return;
        };
        if scalar.is_zero() {
            return;
        }
        self.points.push(point);
        self.scalars.push(scalar);
        if self.points.len() == CHUNK {
            self.flush();
        }
    }

    pub fn finish(mut self) -> Jacobian<F> {
        self.flush();
        self.total
    }

    fn flush(&mut self) {
        if self.points.is_empty() {
            return;
        }
        let table = table(&self.points);
        let mut schedule = Schedule::new();
        for (i, scalar) in self.scalars.iter().enumerate() {
            let digits = digits(scalar);
            for (k, digits) in digits.chunks_exact(F::LEAP).enumerate() {
                let magnitude = digits.iter().rev().fold(0, |sum, &digit| sum * u128::from(U) + u128::from(digit));
                schedule.add(magnitude, (i * digits_per_scalar::<F>() + k) * MULTIPLES);
            }
        }
        self.total.add(&schedule.run(&table), &Scratch::new());
        self.points.clear();
        self.scalars.clear();
    }
}

/// Into how many multipliers a scalar is split.
const fn digits_per_scalar<F: Group>() -> usize {
    4 / F::LEAP
}

/// A point as additions want it.
struct Entry<F> {
    minus_x: F,
    /// `y`, then `-y`.
    y: [F; 2],
}

/// The odd multiples of each point and of its images, one after the other.
fn table<F: Group>(points: &[Affine<F>]) -> Vec<Entry<F>> {
    let mut multiples = Vec::with_capacity(points.len() * MULTIPLES);
    let scratch = Scratch::new();
    for point in points {
        let twice = Jacobian::from_affine(point);
        twice.double(&scratch);
        let mut last = Jacobian::from_affine(point);
        for _ in 1..MULTIPLES {
            let next = Jacobian::infinity();
            next.copy(&last);
            next.add(&twice, &scratch);
            multiples.push(core::mem::replace(&mut last, next));
        }
        multiples.push(last);
    }
    // The groups' order is a large prime, so none of these is infinity.
    let affine = normalise(&multiples);
    let mut table = Vec::with_capacity(affine.len() * digits_per_scalar::<F>());
    for multiples in affine.chunks_exact(MULTIPLES) {
        let start = table.len();
        table.extend(multiples.iter().map(Entry::new));
        for k in 1..digits_per_scalar::<F>() {
            for i in 0..MULTIPLES {
                let image = table[start + (k - 1) * MULTIPLES + i].leap();
                table.push(image);
            }
        }
    }
    table
}

impl<F: Group> Entry<F> {
    fn zero() -> Self {
        Self { minus_x: F::zero(), y: [F::zero(), F::zero()] }
    }

    fn new(point: &Affine<F>) -> Self {
        let entry = Self::zero();
        entry.minus_x.negate(&point.x);
        entry.y[0].copy(&point.y);
        entry.y[1].negate(&point.y);
        entry
    }

    /// The image under the endomorphism, which is linear in each coordinate.
    fn leap(&self) -> Self {
        let entry = Self::zero();
        F::leap(&entry.minus_x, &entry.y[0], &self.minus_x, &self.y[0]);
        entry.y[1].negate(&entry.y[0]);
        entry
    }
}

/// Which table entries are added between which doublings: a list for each position.
struct Schedule {
    /// The last term of each list, counted from one; zero for none.
    heads: [u32; POSITIONS],
    terms: Vec<Term>,
}

struct Term {
    /// The term before in its list, as in `heads`.
    next: u32,
    entry: u32,
    negative: bool,
}

impl Schedule {
    fn new() -> Self {
        Self { heads: [0; POSITIONS], terms: Vec::new() }
    }

    /// Adds the multiple of a point whose odd multiples start at `entry` in the table.
    fn add(&mut self, magnitude: u128, entry: usize) {
        recode(&Signed { magnitude, negative: false }, WINDOW, |position, digit| {
            let entry = (entry + digit.unsigned_abs() as usize / 2) as u32;
            self.terms.push(Term { next: self.heads[position], entry, negative: digit < 0 });
            self.heads[position] = self.terms.len() as u32;
        });
    }

    fn run<F: Group>(&self, table: &[Entry<F>]) -> Jacobian<F> {
        let (sum, scratch) = (Jacobian::infinity(), Scratch::new());
        let mut started = false;
        for &head in self.heads.iter().rev() {
            if started {
                sum.double(&scratch);
            }
            let mut at = head;
            while let Some(term) = (at as usize).checked_sub(1).map(|at| &self.terms[at]) {
                let Entry { minus_x, y: [y, minus_y] } = &table[term.entry as usize];
                sum.add_affine(minus_x, if term.negative { y } else { minus_y }, &scratch);
                started = true;
                at = term.next;
            }
        }
        sum
    }
}

/// The digits of a scalar below [`R`] in base [`U`], lowest first.
fn digits(scalar: &Words) -> [u64; 4] {
    let mut rest = scalar.0;
    core::array::from_fn(|_| divide_by_u(&mut rest))
}

/// Divides by [`U`] and returns the remainder.
fn divide_by_u(value: &mut [u64; 4]) -> u64 {
    let mut remainder = 0;
    for word in value.iter_mut().rev() {
        (*word, remainder) = divide_step(remainder, *word);
    }
    remainder
}

/// Quotient and remainder of `(high, low)` by [`U`], where `high` is below it (Möller, Granlund 2011, algorithm 4).
#[inline(always)]
fn divide_step(high: u64, low: u64) -> (u64, u64) {
    const RECIPROCAL: u64 = (u128::MAX / U as u128 - (1 << 64)) as u64;
    let estimate = u128::from(RECIPROCAL) * u128::from(high) + (u128::from(high) << 64 | u128::from(low));
    let mut quotient = ((estimate >> 64) as u64).wrapping_add(1);
    let mut remainder = low.wrapping_sub(quotient.wrapping_mul(U));
    if remainder > estimate as u64 {
        quotient = quotient.wrapping_sub(1);
        remainder = remainder.wrapping_add(U);
    }
    if remainder >= U {
        quotient = quotient.wrapping_add(1);
        remainder -= U;
    }
    (quotient, remainder)
}
