//! Preprocessed columns of the chip of halves.

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use crate::columns;
use crate::recursion::half::HalfPreCols;

/// What the circuit fixes of a row. All zero on padding rows.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HalfFixed<T> {
    /// Whether the circuit uses the row: 0 or 1.
    pub real: T,
    /// What it does with it.
    pub circuit: HalfPreCols<T>,
}

columns!(HalfFixed);

impl HalfFixed<F> {
    /// A row that is used.
    #[must_use]
    pub const fn used(circuit: HalfPreCols<F>) -> Self {
        Self { real: F::ONE, circuit }
    }
}
