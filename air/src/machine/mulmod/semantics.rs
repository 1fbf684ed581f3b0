//! What the call computes.

use ruint::aliases::{U256, U512};

/// Quotient and remainder of `a * b + c` by `m`, as little-endian dwords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Division {
    /// The quotient, which no one sees.
    pub quotient: [u64; 4],
    /// The remainder, which the call stores.
    pub remainder: [u64; 4],
}

/// Divides `a * b + c` by `m`, all little-endian dwords. `None` if `m` is zero, or the quotient 2^256 or more.
#[must_use]
pub fn divide([a, b, c, m]: [[u64; 4]; 4]) -> Option<Division> {
    if m == [0; 4] {
        return None;
    }
    // at most (2^256 - 1)^2 + 2^256 - 1 < 2^512
    let product: U512 = U256::from_limbs(a).widening_mul(U256::from_limbs(b));
    let (quotient, remainder) = product.wrapping_add(widen(c)).div_rem(widen(m));
    match (quotient.into_limbs(), remainder.into_limbs()) {
        ([q0, q1, q2, q3, 0, 0, 0, 0], [r0, r1, r2, r3, ..]) => Some(Division { quotient: [q0, q1, q2, q3], remainder: [r0, r1, r2, r3] }),
        _ => None,
    }
}

fn widen([d0, d1, d2, d3]: [u64; 4]) -> U512 {
    U512::from_limbs([d0, d1, d2, d3, 0, 0, 0, 0])
}
