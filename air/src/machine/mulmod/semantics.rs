//! What the calls compute.

use ruint::algorithms;

/// Quotient and remainder of `a * b + c` by `m`, as little-endian dwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division<const DWORDS: usize> {
    /// The quotient, which no one sees.
    pub quotient: [u64; DWORDS],
    /// The remainder, which the call stores.
    pub remainder: [u64; DWORDS],
}

impl<const DWORDS: usize> Division<DWORDS> {
    /// Quotient and remainder of zero.
    pub(super) const ZERO: Self = Self { quotient: [0; DWORDS], remainder: [0; DWORDS] };
}

/// Divides `a * b + c` by `m`, all little-endian dwords. `None` if `m` is zero, or the quotient has
/// more dwords.
#[must_use]
pub fn divide<const DWORDS: usize>([a, b, c, m]: [[u64; DWORDS]; 4]) -> Option<Division<DWORDS>> {
    if m == [0; DWORDS] {
        return None;
    }
    let mut numerator = [c, [0; DWORDS]];
    // of n bits each, at most (2^n - 1)^2 + 2^n - 1 < 2^(2 n)
    let is_longer = algorithms::addmul(numerator.as_flattened_mut(), &a, &b);
    debug_assert!(!is_longer, "a product and a sum of two lengths");
    let mut remainder = m;
    algorithms::div(numerator.as_flattened_mut(), &mut remainder);
    let [quotient, above] = numerator;
    (above == [0; DWORDS]).then_some(Division { quotient, remainder })
}
