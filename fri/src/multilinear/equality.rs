//! The multilinear equality polynomial. Points are in the order of an index's bits, the lowest first.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

/// `eq(point, i)` for all `i < 2^point.len()`.
#[must_use]
pub fn table(point: &[EF]) -> Vec<EF> {
    prefix(point, 1 << point.len())
}

/// `eq(point, i)` for the indices below the power of two at or above `len`, which has at most as
/// many bits as the point.
#[must_use]
pub fn prefix(point: &[EF], len: usize) -> Vec<EF> {
    let bits = len.max(1).next_power_of_two().ilog2() as usize;
    let (low, high) = point.split_at(bits);
    let mut values = Vec::with_capacity(1 << bits);
    values.push(high.iter().map(|&coordinate| EF::ONE - coordinate).product());
    for &coordinate in low {
        let half = values.len();
        for i in 0..half {
            let product = values[i] * coordinate;
            values[i] -= product;
            values.push(product);
        }
    }
    values
}

/// `eq(a, b)` of two points.
pub fn at(a: &[EF], b: &[EF]) -> EF {
    a.iter().zip(b).map(|(&a, &b)| (a * b).double() + EF::ONE - a - b).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(len: usize) -> Vec<EF> {
        (0..len).map(|i| EF::from_usize(i * i + 17)).collect()
    }

    fn naive(point: &[EF], index: usize) -> EF {
        point.iter().enumerate().map(|(i, &x)| if index >> i & 1 == 1 { x } else { EF::ONE - x }).product()
    }

    #[test]
    fn tables_are_products() {
        for len in 0..6 {
            let point = point(len);
            let values = table(&point);
            assert_eq!(values.len(), 1 << len);
            assert!(values.iter().enumerate().all(|(i, &value)| value == naive(&point, i)));
            for used in 0..=1 << len {
                let values = prefix(&point, used);
                assert!(values.len() >= used && values.iter().enumerate().all(|(i, &value)| value == naive(&point, i)));
            }
            let bits: Vec<EF> = (0..len).map(|i| EF::from_bool(5 >> i & 1 == 1)).collect();
            assert_eq!(at(&point, &bits), naive(&point, 5 & ((1 << len) - 1)));
        }
    }
}
