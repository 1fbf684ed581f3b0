//! Points of `y^2 = x^3 + ax + b` over a field.

/// What curve arithmetic needs of a field, and of the one curve over it.
pub trait Field: Copy + PartialEq {
    const ZERO: Self;
    const ONE: Self;
    fn add(&self, other: &Self) -> Self;
    fn sub(&self, other: &Self) -> Self;
    fn mul(&self, other: &Self) -> Self;
    /// `self * factor` for a small number.
    fn times(&self, factor: u64) -> Self;
    /// `1 / self`, zero for zero.
    fn invert(&self) -> Self;
    /// `3x^2 + a z^4`, where `a` belongs to the curve over this field.
    fn tangent(x: &Self, z: &Self) -> Self;

    fn square(&self) -> Self {
        self.mul(self)
    }

    fn negate(&self) -> Self {
        Self::ZERO.sub(self)
    }

    fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

/// An affine point; `None` is infinity.
pub type Affine<F> = Option<(F, F)>;

/// Jacobian coordinates: `(x / z^2, y / z^3)`, infinity where `z` is zero.
#[derive(Clone, Copy, Debug)]
pub struct Jacobian<F> {
    x: F,
    y: F,
    z: F,
}

impl<F: Field> Jacobian<F> {
    const INFINITY: Self = Self { x: F::ONE, y: F::ONE, z: F::ZERO };

    /// `dbl-2009-l` of the Explicit-Formulas Database, for any `a`.
    fn double(&self) -> Self {
        let b = self.y.square();
        let d = self.x.mul(&b).times(4);
        let e = F::tangent(&self.x, &self.z);
        let x = e.square().sub(&d.times(2));
        let y = e.mul(&d.sub(&x)).sub(&b.square().times(8));
        Self { x, y, z: self.y.mul(&self.z).times(2) }
    }

    /// Adds an affine point, in every case.
    fn add(&self, (x2, y2): &(F, F)) -> Self {
        if self.z.is_zero() {
            return Self { x: *x2, y: *y2, z: F::ONE };
        }
        let zz = self.z.square();
        let h = x2.mul(&zz).sub(&self.x);
        let r = y2.mul(&zz.mul(&self.z)).sub(&self.y);
        if h.is_zero() {
            return if r.is_zero() { self.double() } else { Self::INFINITY };
        }
        let hh = h.square();
        let hhh = hh.mul(&h);
        let v = self.x.mul(&hh);
        let x = r.square().sub(&hhh).sub(&v.times(2));
        let y = r.mul(&v.sub(&x)).sub(&self.y.mul(&hhh));
        Self { x, y, z: self.z.mul(&h) }
    }

    /// The same point, affine.
    pub fn to_affine(self) -> Affine<F> {
        if self.z.is_zero() {
            return None;
        }
        let inverse = self.z.invert();
        let square = inverse.square();
        Some((self.x.mul(&square), self.y.mul(&square.mul(&inverse))))
    }
}

/// The sum of two points.
pub fn add<F: Field>(a: &Affine<F>, b: &Affine<F>) -> Affine<F> {
    let (Some(a), Some(b)) = (a, b) else {
        return a.or(*b);
    };
    Jacobian::INFINITY.add(a).add(b).to_affine()
}

/// `scalar` (little-endian dwords) times a point, by the scalar's non-adjacent form.
pub fn multiply<F: Field>(point: &Affine<F>, scalar: &[u64; 4]) -> Affine<F> {
    let (x, y) = (*point)?;
    let negative = (x, y.negate());
    let mut digits = [0i8; 257];
    non_adjacent_form(scalar, &mut digits);
    let mut sum = Jacobian::INFINITY;
    for digit in digits.iter().rev() {
        sum = sum.double();
        match digit {
            1 => sum = sum.add(&(x, y)),
            -1 => sum = sum.add(&negative),
            _ => {}
        }
    }
    sum.to_affine()
}

/// `a` times one point and `b` times another (little-endian dwords), by Shamir's trick.
pub fn combine<F: Field>(a: &[u64; 4], p: &Affine<F>, b: &[u64; 4], q: &Affine<F>) -> Affine<F> {
    let both = add(p, q);
    let mut sum = Jacobian::INFINITY;
    for at in (0..256).rev() {
        sum = sum.double();
        let bit = |scalar: &[u64; 4]| scalar[at / 64] >> (at % 64) & 1 == 1;
        let term = match (bit(a), bit(b)) {
            (true, true) => &both,
            (true, false) => p,
            (false, true) => q,
            (false, false) => &None,
        };
        if let Some(term) = term {
            sum = sum.add(term);
        }
    }
    sum.to_affine()
}

/// Digits in -1, 0, 1, no two neighbours of which are not zero.
fn non_adjacent_form(scalar: &[u64; 4], digits: &mut [i8; 257]) {
    let bit = |at: usize| scalar.get(at / 64).map_or(0, |word| word >> (at % 64) & 1) as i8;
    let mut carry = 0;
    for (at, digit) in digits.iter_mut().enumerate() {
        let low = bit(at) + carry;
        // Odd with the next bit set: -1, and carry.
        let odd = low & 1;
        *digit = if odd == 1 && bit(at + 1) == 1 { -1 } else { odd };
        carry = (low - *digit) / 2;
    }
}
