//! Elements of the base field as words of a recipe: code over any algebra is recorded as it is.

use core::iter::{Product, Sum};
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use p3_field::{Algebra, PrimeCharacteristicRing, PrimeField32};
use tern_field::F;

use super::{Name, Operation};

/// A field element by its Montgomery word, which may not be known yet.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a>(pub Name<'a>);

/// The Montgomery words of one, two, and minus one.
const ONE: u32 = 0x0fff_fffe;
const TWO: u32 = 0x1fff_fffc;
const NEG_ONE: u32 = F::ORDER_U32 - ONE;

impl Element<'_> {
    fn of(self, operation: Operation, other: Self) -> Self {
        Self(self.0.of(operation, other.0))
    }
}

impl Default for Element<'_> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<F> for Element<'_> {
    fn from(element: F) -> Self {
        Self(Name::Number(element.to_unique_u32()))
    }
}

macro_rules! operators {
    ($($trait:ident::$method:ident, $assign:ident::$assign_method:ident = $operation:ident),+) => {$(
        impl $trait for Element<'_> {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                self.of(Operation::$operation, other)
            }
        }

        impl $trait<F> for Element<'_> {
            type Output = Self;

            fn $method(self, other: F) -> Self {
                self.of(Operation::$operation, other.into())
            }
        }

        impl $assign for Element<'_> {
            fn $assign_method(&mut self, other: Self) {
                *self = self.of(Operation::$operation, other);
            }
        }

        impl $assign<F> for Element<'_> {
            fn $assign_method(&mut self, other: F) {
                *self = self.of(Operation::$operation, other.into());
            }
        }
    )+};
}

operators!(
    Add::add,
    AddAssign::add_assign = FieldPlus,
    Sub::sub,
    SubAssign::sub_assign = FieldMinus,
    Mul::mul,
    MulAssign::mul_assign = FieldTimes
);

impl Neg for Element<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl Sum for Element<'_> {
    fn sum<I: Iterator<Item = Self>>(elements: I) -> Self {
        elements.fold(Self::ZERO, Add::add)
    }
}

impl Product for Element<'_> {
    fn product<I: Iterator<Item = Self>>(elements: I) -> Self {
        elements.fold(Self::ONE, Mul::mul)
    }
}

impl PrimeCharacteristicRing for Element<'_> {
    type PrimeSubfield = F;

    const ZERO: Self = Self(Name::Number(0));
    const ONE: Self = Self(Name::Number(ONE));
    const TWO: Self = Self(Name::Number(TWO));
    const NEG_ONE: Self = Self(Name::Number(NEG_ONE));

    fn from_prime_subfield(element: F) -> Self {
        element.into()
    }

    fn halve(&self) -> Self {
        *self * F::ONE.halve()
    }
}

impl Algebra<F> for Element<'_> {}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Recipe, Recorder};
    use super::*;
    use alloc::vec::Vec;

    /// Something of everything, of two elements.
    fn something<R: Algebra<F> + Copy>([a, b]: [R; 2]) -> [R; 9] {
        let mut c = a;
        c *= b;
        c += F::from_u32(7);
        c -= a;
        [
            a + b,
            a - b,
            a * b,
            -a,
            c,
            (a + F::NEG_ONE).cube().square() * F::TWO,
            a.halve() - R::TWO,
            a.div_2exp_u64(27) * R::NEG_ONE,
            [a, b, c].into_iter().sum(),
        ]
    }

    #[test]
    fn elements_are_recorded() {
        assert_eq!([F::ONE, F::TWO, F::NEG_ONE].map(|element| element.to_unique_u32()), [ONE, TWO, NEG_ONE]);
        let recorder = Recorder::default();
        let words = recorder.record(2);
        let cells = something([Element(words[0]), Element(words[1])]).map(|element| Cell::Element(recorder.number_of(element.0)));
        let recipe: Recipe = recorder.recipe(2, cells.to_vec(), Vec::new());
        let elements = [F::ZERO, F::ONE, F::NEG_ONE, F::from_u32(12_345_678)];
        for a in elements {
            for b in elements {
                let record = [a, b].map(|element| element.to_unique_u32());
                let values = recipe.values(&record);
                let made: Vec<F> = recipe.cells.iter().map(|cell| cell.of(&values)).collect();
                assert_eq!(made, something([a, b]), "{a} {b}");
            }
        }
    }
}
