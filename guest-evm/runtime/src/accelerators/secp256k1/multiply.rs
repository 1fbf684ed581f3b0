//! `u1 G + u2 R`.

use super::generator::{self, TABLE};
use super::point::{self, Accumulator};
use super::scalar::{recode, split};
use super::{BETA, Coordinates};
use crate::accelerators::field::{Modulus, Slot, Words, ZERO};

type F = Coordinates;

/// Bits of a signed window over the second point's scalars.
const WINDOW: u32 = 5;
const MULTIPLES: usize = 1 << (WINDOW - 2);

/// Odd multiples of a point, affine on the curve that `z` leads to: `(x z^2, y z^3)`.
struct Table {
    entries: [Entry; MULTIPLES],
    z: Slot,
}

struct Entry {
    minus_x: Slot,
    minus_beta_x: Slot,
    /// `y`, then `-y`.
    y: [Slot; 2],
}

/// Digits by position: of the parts of `u1` (by 1, by lambda), then of those of `u2`.
type Digits = [[i8; 4]; 257];

/// The coordinates (big-endian) of `u1 G + u2 R`; `None` for the point at infinity.
pub fn linear_combination(u1: &Slot, u2: &Slot, x: &Slot, y: &Slot) -> Option<[u8; 64]> {
    let table = Table::new(x, y);
    let mut digits: Digits = [[0; 4]; 257];
    let mut sum = Accumulator::new();
    if let Some(length) = split_digits(u1, u2, &mut digits) {
        run::<false>(&table, &digits[..length], &mut sum);
        if let Some(bytes) = affine(&sum, &table.z) {
            return Some(bytes);
        }
    }
    // Infinity, or a case that the addition formula does not cover.
    bit_digits(u1, u2, &mut digits);
    run::<true>(&table, &digits, &mut sum).then(|| affine(&sum, &table.z)).flatten()
}

/// Fills the digits of the split scalars and returns their number.
fn split_digits(u1: &Slot, u2: &Slot, digits: &mut Digits) -> Option<usize> {
    let (g1, g2) = split(u1)?;
    let (r1, r2) = split(u2)?;
    let mut length = 0;
    let parts = [(g1, generator::WINDOW), (g2, generator::WINDOW), (r1, WINDOW), (r2, WINDOW)];
    for (column, (part, width)) in parts.iter().enumerate() {
        recode(part, *width, |position, digit| {
            digits[position][column] = digit;
            length = length.max(position + 1);
        });
    }
    Some(length)
}

/// Fills the digits with the bits of the scalars.
#[cold]
fn bit_digits(u1: &Slot, u2: &Slot, digits: &mut Digits) {
    let (u1, u2) = (u1.get(), u2.get());
    let bit = |k: &Words, at: usize| (k.0[at / 64] >> (at % 64) & 1) as i8;
    *digits = core::array::from_fn(|at| if at < 256 { [bit(&u1, at), 0, bit(&u2, at), 0] } else { [0; 4] });
}

/// Evaluates the digits from the last to the first; false if the sum is known to be infinity.
///
/// If not `CHECKED`, the sum has `z` zero where it passed through an exception or is infinity.
fn run<const CHECKED: bool>(table: &Table, digits: &[[i8; 4]], sum: &mut Accumulator) -> bool {
    let mut started = false;
    for row in digits.iter().rev() {
        if started {
            sum.double();
        }
        if *row == [0; 4] {
            continue;
        }
        for (column, &digit) in row.iter().enumerate() {
            if digit == 0 {
                continue;
            }
            let term = Term { index: digit.unsigned_abs() as usize / 2, column, negative: digit < 0 };
            if !started {
                term.start(table, sum);
                started = true;
            } else if CHECKED {
                started = term.add_checked(table, sum);
            } else {
                term.add(table, sum);
            }
        }
    }
    started
}

/// One table entry to add: `(2 index + 1)` times the point of this column.
struct Term {
    index: usize,
    column: usize,
    negative: bool,
}

impl Term {
    #[inline(always)]
    fn add(&self, table: &Table, sum: &mut Accumulator) {
        // The accumulator wants -y of the point it adds, and adds to the negative of the sum if it is negated.
        let sign = usize::from(self.negative == sum.negated);
        if self.column < 2 {
            let entry = &TABLE[self.index];
            let minus_x = if self.column == 0 { &entry.minus_x } else { &entry.minus_beta_x };
            sum.add_scaled(minus_x, &entry.y[sign], &table.z);
        } else {
            let entry = &table.entries[self.index];
            let minus_x = if self.column == 2 { &entry.minus_x } else { &entry.minus_beta_x };
            sum.add(minus_x, &entry.y[sign]);
        }
    }

    /// Sets the sum to this term.
    fn start(&self, table: &Table, sum: &mut Accumulator) {
        let sign = usize::from(self.negative);
        let (x, y) = (Slot::zero(), Slot::zero());
        if self.column < 2 {
            let entry = &TABLE[self.index];
            let minus_x = if self.column == 0 { &entry.minus_x } else { &entry.minus_beta_x };
            x.mul::<F>(minus_x, F::MINUS_ONE);
            y.put(&entry.y[sign]);
            scale(&x, &y, &table.z);
        } else {
            let entry = &table.entries[self.index];
            let minus_x = if self.column == 2 { &entry.minus_x } else { &entry.minus_beta_x };
            x.mul::<F>(minus_x, F::MINUS_ONE);
            y.copy(&entry.y[sign]);
        }
        sum.set_affine(&x, &y);
    }

    /// Adds in every case; false if the sum has become infinity.
    #[cold]
    fn add_checked(&self, table: &Table, sum: &mut Accumulator) -> bool {
        let (x, y, z) = (sum.x.get(), sum.y.get(), sum.z.get());
        let negated = sum.negated;
        self.add(table, sum);
        if !sum.z.get().is_zero() {
            return true;
        }
        if !sum.slope.get().is_zero() {
            return false;
        }
        sum.x.put(&x);
        sum.y.put(&y);
        sum.z.put(&z);
        sum.negated = negated;
        sum.double();
        true
    }
}

/// `(x, y) = (x z^2, y z^3)`.
fn scale(x: &Slot, y: &Slot, z: &Slot) {
    let power = Slot::zero();
    power.mul::<F>(z, z);
    x.mul::<F>(x, &power);
    power.mul::<F>(&power, z);
    y.mul::<F>(y, &power);
}

impl Table {
    /// The odd multiples of an affine point, without an inversion: `2R` is affine on the curve that its own `Z` leads
    /// to, so adding it costs little, and the ratios of successive `Z` bring all multiples to the last one's.
    fn new(x: &Slot, y: &Slot) -> Self {
        let mut table = Self { entries: [const { Entry::new() }; MULTIPLES], z: Slot::zero() };
        let mut sum = Accumulator::new();
        sum.set_affine(x, y);
        sum.double();
        let twice_z = Slot::zero();
        twice_z.copy(&sum.z);
        // -(2R) is stored: negate x for the addition, and y is that of the negative already.
        let (minus_x, y_of_negative) = (Slot::zero(), Slot::zero());
        minus_x.mul::<F>(&sum.x, F::MINUS_ONE);
        y_of_negative.copy(&sum.y);
        let minus_of_that = Slot::zero();
        minus_of_that.mul::<F>(&y_of_negative, F::MINUS_ONE);

        let (first_x, first_y) = (Slot::zero(), Slot::zero());
        first_x.copy(x);
        first_y.copy(y);
        scale(&first_x, &first_y, &twice_z);
        sum.set_affine(&first_x, &first_y);
        let ratios = [const { Slot::zero() }; MULTIPLES];
        table.entries[0].hold(&sum);
        for (i, ratio) in ratios.iter().enumerate().skip(1) {
            sum.add(&minus_x, if sum.negated { &minus_of_that } else { &y_of_negative });
            ratio.copy(&sum.z_ratio);
            table.entries[i].hold(&sum);
        }
        table.z.mul::<F>(&sum.z, &twice_z);
        table.normalise(&ratios);
        table
    }

    /// Brings the entries, which hold `X` and `Y` over their own `Z`, to the last one's.
    ///
    /// `ratios[i]` is the quotient of `Z` of entry `i` and of the one before, in magnitude and sign.
    fn normalise(&mut self, ratios: &[Slot; MULTIPLES]) {
        let (ratio, minus_square, cube) = (Slot::zero(), Slot::zero(), Slot::zero());
        ratio.put(&Words([1, 0, 0, 0]));
        for i in (0..MULTIPLES).rev() {
            let Entry { minus_x, minus_beta_x, y: [y, minus_y] } = &self.entries[i];
            minus_square.mul::<F>(&ratio, F::MINUS_ONE);
            minus_square.mul::<F>(&minus_square, &ratio);
            minus_x.mul::<F>(minus_x, &minus_square);
            minus_beta_x.mul::<F>(minus_x, &BETA);
            cube.mul::<F>(&minus_square, &ratio);
            // Multiples alternate between themselves and their negatives.
            let (same, opposite) = if i % 2 == 0 { (y, minus_y) } else { (minus_y, y) };
            opposite.mul::<F>(y, &cube);
            same.mul_add::<F>(opposite, F::MINUS_ONE, &ZERO);
            ratio.mul::<F>(&ratio, &ratios[i]);
        }
    }
}

impl Entry {
    const fn new() -> Self {
        Self { minus_x: Slot::zero(), minus_beta_x: Slot::zero(), y: [const { Slot::zero() }; 2] }
    }

    /// Keeps `X` and `Y` as they are.
    fn hold(&self, sum: &Accumulator) {
        self.minus_x.copy(&sum.x);
        self.y[0].copy(&sum.y);
    }
}

/// The affine coordinates of a sum over a table's curve, big-endian; `None` if `z` is zero.
fn affine(sum: &Accumulator, table_z: &Slot) -> Option<[u8; 64]> {
    let (z, inverse, power) = (Slot::zero(), Slot::zero(), Slot::zero());
    z.mul::<F>(&sum.z, table_z);
    if z.get().is_zero() {
        return None;
    }
    point::invert(&z, &inverse);
    power.mul::<F>(&inverse, &inverse);
    sum.x.mul::<F>(&sum.x, &power);
    power.mul::<F>(&power, &inverse);
    sum.y.mul::<F>(&sum.y, &power);
    if sum.negated {
        sum.y.mul::<F>(&sum.y, F::MINUS_ONE);
    }
    let mut bytes = [0; 64];
    let (x_bytes, y_bytes) = bytes.split_at_mut(32);
    sum.x.get().write_be(x_bytes);
    sum.y.get().write_be(y_bytes);
    Some(bytes)
}
