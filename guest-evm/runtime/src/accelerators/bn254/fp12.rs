//! The field of pairing values: the extension of Fp2 by `w^6 = xi`, written as six coefficients.

use super::fp2::Fp2;
use crate::accelerators::curve::Field;

/// `sum of c_i w^i`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fp12(pub [Fp2; 6]);

/// `xi^(i (p - 1) / 6)`: what the Frobenius map makes of `w^i` beside conjugating its coefficient.
pub const FROBENIUS: [Fp2; 6] = [
    Fp2::ONE,
    Fp2::hex(
        "1284b71c2865a7dfe8b99fdd76e68b605c521e08292f2176d60b35dadcc9e470",
        "246996f3b4fae7e6a6327cfe12150b8e747992778eeec7e5ca5cf05f80f362ac",
    ),
    Fp2::hex(
        "2fb347984f7911f74c0bec3cf559b143b78cc310c2c3330c99e39557176f553d",
        "16c9e55061ebae204ba4cc8bd75a079432ae2a1d0b7c9dce1665d51c640fcba2",
    ),
    Fp2::hex(
        "063cf305489af5dcdc5ec698b6e2f9b9dbaae0eda9c95998dc54014671a0135a",
        "07c03cbcac41049a0704b5a7ec796f2b21807dc98fa25bd282d37f632623b0e3",
    ),
    Fp2::hex(
        "05b54f5e64eea80180f3c0b75a181e84d33365f7be94ec72848a1f55921ea762",
        "2c145edbe7fd8aee9f3a80b03b0b1c923685d2ea1bdec763c13b4711cd2b8126",
    ),
    Fp2::hex(
        "0183c1e74f798649e93a3661a4353ff4425c459b55aa1bd32ea2c810eab7692f",
        "12acf2ca76fd0675a27fb246c7729f7db080cb99678e2ac024c6b8ee6e0c2c4b",
    ),
];

impl Fp12 {
    pub const ONE: Self = Self([Fp2::ONE, Fp2::ZERO, Fp2::ZERO, Fp2::ZERO, Fp2::ZERO, Fp2::ZERO]);

    pub fn mul(&self, other: &Self) -> Self {
        let mut product = Self([Fp2::ZERO; 6]);
        product.add_products(self, &other.0, &[0, 1, 2, 3, 4, 5]);
        product
    }

    /// By `line[0] + line[1] w + line[2] w^3`.
    pub fn mul_line(&self, line: &[Fp2; 3]) -> Self {
        let mut product = Self([Fp2::ZERO; 6]);
        product.add_products(self, line, &[0, 1, 3]);
        product
    }

    /// Adds `a` times the sum of `coefficients[k] w^powers[k]`.
    #[inline(always)]
    fn add_products(&mut self, a: &Self, coefficients: &[Fp2], powers: &[usize]) {
        let minus_c1 = a.0.map(|coefficient| coefficient.c1.negate());
        for (b, power) in coefficients.iter().zip(powers) {
            let wrapped = b.times_xi();
            for (i, (coefficient, minus_c1)) in a.0.iter().zip(&minus_c1).enumerate() {
                let (at, factor) = if i + power < 6 { (i + power, b) } else { (i + power - 6, &wrapped) };
                self.0[at].accumulate(coefficient, minus_c1, factor);
            }
        }
    }

    /// `self^(p^6)`, the inverse of an element of norm one.
    pub fn conjugate(&self) -> Self {
        let [a, b, c, d, e, f] = &self.0;
        Self([*a, b.negate(), *c, d.negate(), *e, f.negate()])
    }

    /// `self^p`.
    pub fn frobenius(&self) -> Self {
        let mut power = *self;
        for (coefficient, factor) in power.0.iter_mut().zip(&FROBENIUS) {
            *coefficient = coefficient.conjugate().mul(factor);
        }
        power
    }

    /// The square of any element.
    pub fn square(&self) -> Self {
        let a = &self.0;
        let minus_c1 = a.map(|coefficient| coefficient.c1.negate());
        let twice = a.map(|coefficient| coefficient.times(2));
        let mut square = Self([Fp2::ZERO; 6]);
        for j in 0..6 {
            // Products with higher coefficients count twice; from w^6 on they wrap.
            let (wrapped, wrapped_twice) = (a[j].times_xi(), twice[j].times_xi());
            for i in 0..=j {
                let factors = if i == j { [&a[j], &wrapped] } else { [&twice[j], &wrapped_twice] };
                let (at, factor) = if i + j < 6 { (i + j, factors[0]) } else { (i + j - 6, factors[1]) };
                square.0[at].accumulate(&a[i], &minus_c1[i], factor);
            }
        }
        square
    }

    /// The square of an element of the cyclotomic subgroup (Granger, Scott 2009): with `s = w^3` and the three parts
    /// `A + B w + C w^2` over `Fp2[s]`, it is `3A^2 - 2A' + (3s C^2 + 2B') w + (3B^2 - 2C') w^2`, where `'` negates `s`.
    pub fn square_cyclotomic(&self) -> Self {
        let [a0, b0, c0, a1, b1, c1] = &self.0;
        let (square_a0, square_a1) = square_pair(a0, a1);
        let (square_b0, square_b1) = square_pair(b0, b1);
        let (square_c0, square_c1) = square_pair(c0, c1);
        let less = |square: &Fp2, part: &Fp2| square.times(3).sub(&part.times(2));
        let more = |square: &Fp2, part: &Fp2| square.times(3).add(&part.times(2));
        Self([
            less(&square_a0, a0),
            more(&square_c1.times_xi(), b0),
            less(&square_b0, c0),
            more(&square_a1, a1),
            less(&square_c0, b1),
            more(&square_b1, c1),
        ])
    }

    /// `1 / self`, by the norm over `Fp2[w^2]` and then over `Fp2`.
    pub fn invert(&self) -> Self {
        let conjugate = self.conjugate();
        // In Fp2[v] with v = w^2: only even coefficients are left.
        let norm = self.mul(&conjugate).0;
        let (a, b, c) = (norm[0], norm[2], norm[4]);
        let x = a.square().sub(&b.mul(&c).times_xi());
        let y = c.square().times_xi().sub(&a.mul(&b));
        let z = b.square().sub(&a.mul(&c));
        let determinant = a.mul(&x).add(&c.mul(&y).add(&b.mul(&z)).times_xi()).invert();
        let zero = Fp2::ZERO;
        let inverse = [x, y, z].map(|part| part.mul(&determinant));
        conjugate.mul(&Self([inverse[0], zero, inverse[1], zero, inverse[2], zero]))
    }
}

/// `(a + b s)^2` for `s^2 = xi`.
#[inline(always)]
fn square_pair(a: &Fp2, b: &Fp2) -> (Fp2, Fp2) {
    let twice = a.mul(b).times(2);
    (a.mul_add(a, &b.square().times_xi()), twice)
}
