//! What the sumchecks of the layers sum over.

use core::ops::{Add, Sub};

use p3_field::PrimeCharacteristicRing;

use super::super::permutation::LANES;
use super::super::shape::Layer;
use super::grid::Multiply;

/// What formulas compute with: elements, or what records them.
pub trait Element: Copy + Add<Output = Self> + Sub<Output = Self> {
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
}

impl<E: PrimeCharacteristicRing + Copy> Element for E {
    const ZERO: Self = <Self as PrimeCharacteristicRing>::ZERO;
    const ONE: Self = <Self as PrimeCharacteristicRing>::ONE;
}

/// A sum of weighted terms, each a product of columns or a sum of such products.
pub trait Formula {
    /// Columns that it reads.
    const COLUMNS: usize;
    /// Its terms.
    const TERMS: usize;
    /// Their degree.
    const DEGREE: usize;
    /// Weights, which come before the columns where these have them beside them: [`Self::TERMS`],
    /// or none.
    const WEIGHTS: usize = Self::TERMS;

    /// The terms.
    fn terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]);

    /// The parts of the terms that have the full degree.
    fn leading_terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        Self::terms::<E, P>(columns, terms);
    }
}

/// Most terms that a formula has.
pub(super) const MAX_TERMS: usize = LANES;

/// The sum of the terms, times the weights if there are any. `terms` is room for them.
#[inline(always)]
pub(super) fn value<M: Formula, E: PrimeCharacteristicRing + Copy, P: Multiply<E>>(
    weights: &[E],
    columns: &[E],
    terms: &mut [E; MAX_TERMS],
) -> E {
    M::terms::<E, P>(columns, terms);
    sum::<M, E, P>(weights, terms)
}

/// The part of [`value`] that has the full degree.
#[inline(always)]
pub(super) fn leading<M: Formula, E: PrimeCharacteristicRing + Copy, P: Multiply<E>>(
    weights: &[E],
    columns: &[E],
    terms: &mut [E; MAX_TERMS],
) -> E {
    M::leading_terms::<E, P>(columns, terms);
    sum::<M, E, P>(weights, terms)
}

#[inline(always)]
fn sum<M: Formula, E: PrimeCharacteristicRing + Copy, P: Multiply<E>>(weights: &[E], terms: &[E; MAX_TERMS]) -> E {
    let mut sum = E::ZERO;
    if M::WEIGHTS == 0 {
        terms[..M::TERMS].iter().for_each(|term| sum += *term);
    } else {
        weights[..M::TERMS].iter().zip(terms).for_each(|(weight, term)| sum += P::times(weight, term));
    }
    sum
}

/// Twice chi, of the 25 lanes `B`.
pub struct Chi;

impl Formula for Chi {
    const COLUMNS: usize = LANES;
    const TERMS: usize = LANES;
    const DEGREE: usize = Layer::Chi.degree();

    #[inline(always)]
    fn terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        for (row, terms) in columns.as_chunks::<5>().0.iter().zip(terms.as_chunks_mut::<5>().0) {
            for x in 0..5 {
                let (next, after) = (row[(x + 1) % 5], row[(x + 2) % 5]);
                terms[x] = P::times(&row[x], &(E::ONE + after - next + P::times(&next, &after)));
            }
        }
    }

    #[inline(always)]
    fn leading_terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        for (row, terms) in columns.as_chunks::<5>().0.iter().zip(terms.as_chunks_mut::<5>().0) {
            for x in 0..5 {
                terms[x] = P::times(&row[x], &P::times(&row[(x + 1) % 5], &row[(x + 2) % 5]));
            }
        }
    }
}

/// Theta, of the 25 lanes `A`, the parities `C`, and the parities at the bit below.
pub struct Theta;

impl Formula for Theta {
    const COLUMNS: usize = LANES + 10;
    const TERMS: usize = LANES;
    const DEGREE: usize = Layer::Theta.degree();

    #[inline(always)]
    fn terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        let (lanes, parities) = columns.split_at(LANES);
        for x in 0..5 {
            let flips = flips::<E, P>(parities, x);
            for y in 0..5 {
                terms[x + 5 * y] = P::times(&lanes[x + 5 * y], &flips);
            }
        }
    }
}

/// The sign by which theta flips the lanes at `x`.
#[inline(always)]
fn flips<E: Element, P: Multiply<E>>(parities: &[E], x: usize) -> E {
    P::times(&parities[(x + 4) % 5], &parities[5 + (x + 1) % 5])
}

/// Theta, of the weighted sums of the five lanes at each `x`, the parities `C`, and the parities at
/// the bit below.
pub struct ThetaSums;

impl Formula for ThetaSums {
    const COLUMNS: usize = 15;
    const TERMS: usize = 5;
    const DEGREE: usize = Layer::Theta.degree();
    const WEIGHTS: usize = 0;

    #[inline(always)]
    fn terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        let (sums, parities) = columns.split_at(5);
        for x in 0..5 {
            terms[x] = P::times(&sums[x], &flips::<E, P>(parities, x));
        }
    }
}

/// The parities of the 25 lanes `A`.
pub struct Products;

impl Formula for Products {
    const COLUMNS: usize = LANES;
    const TERMS: usize = 5;
    const DEGREE: usize = Layer::Parity.degree();

    #[inline(always)]
    fn terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        for x in 0..5 {
            terms[x] = P::times(
                &P::times(&columns[x], &columns[x + 5]),
                &P::times(&columns[x + 10], &P::times(&columns[x + 15], &columns[x + 20])),
            );
        }
    }
}

/// The 25 lanes themselves.
pub struct Linear;

impl Formula for Linear {
    const COLUMNS: usize = LANES;
    const TERMS: usize = LANES;
    const DEGREE: usize = 1;

    #[inline(always)]
    fn terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        terms[..LANES].copy_from_slice(columns);
    }
}

/// The parities of the 25 lanes, and one more column.
pub struct Parity;

impl Formula for Parity {
    const COLUMNS: usize = LANES + 1;
    const TERMS: usize = 6;
    const DEGREE: usize = Layer::Parity.degree();

    #[inline(always)]
    fn terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        Products::terms::<E, P>(columns, terms);
        terms[5] = columns[LANES];
    }

    #[inline(always)]
    fn leading_terms<E: Element, P: Multiply<E>>(columns: &[E], terms: &mut [E]) {
        Products::terms::<E, P>(columns, terms);
        terms[5] = E::ZERO;
    }
}
