//! The multilinear equality polynomial. Points are in the order of an index's bits, the lowest first.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use crate::ops::Ops;

/// `1 - x`.
pub(crate) fn complement<O: Ops>(ops: &mut O, x: &O::Ext) -> O::Ext {
    let one = ops.constant(EF::ONE);
    ops.sub(&one, x)
}

/// For each coordinate the values of its equality factor at zero and one: `1 - x` and `x`.
pub(crate) fn factors<O: Ops>(ops: &mut O, point: &[O::Ext]) -> Vec<[O::Ext; 2]> {
    point.iter().map(|coordinate| [complement(ops, coordinate), coordinate.clone()]).collect()
}

/// The equality polynomial of two points of the same number of coordinates: the product of
/// `a b + (1 - a)(1 - b)`.
pub(crate) fn equality<O: Ops>(ops: &mut O, a: &[O::Ext], b: &[O::Ext]) -> O::Ext {
    let one = ops.constant(EF::ONE);
    a.iter().zip(b).fold(one.clone(), |product, (a, b)| {
        // 1 - a + (2a - 1) b
        let rest = ops.sub(&one, a);
        let slope = ops.sub(a, &rest);
        let factor = ops.mul_add(&slope, b, &rest);
        ops.mul(&product, &factor)
    })
}

/// The tables of `eq(point[..k], i)`, `i < 2^k`, for `k` from zero to the point's length.
pub(crate) fn tables<O: Ops>(ops: &mut O, point: &[O::Ext]) -> Vec<Vec<O::Ext>> {
    let mut table = alloc::vec![ops.constant(EF::ONE)];
    let mut tables = alloc::vec![table.clone()];
    for coordinate in point {
        let ones: Vec<O::Ext> = table.iter().map(|value| ops.mul(value, coordinate)).collect();
        let zeros: Vec<O::Ext> = table.iter().zip(&ones).map(|(value, one)| ops.sub(value, one)).collect();
        table = zeros;
        table.extend(ones);
        tables.push(table.clone());
    }
    tables
}

/// The table of `eq(point, i)`, `i < 2^point.len()`.
pub(crate) fn table<O: Ops>(ops: &mut O, point: &[O::Ext]) -> Vec<O::Ext> {
    tables(ops, point).pop().unwrap_or_default()
}

/// The sum of the products of two lists.
pub(crate) fn inner_product<O: Ops>(ops: &mut O, a: &[O::Ext], b: &[O::Ext]) -> O::Ext {
    let zero = ops.constant(EF::ZERO);
    a.iter().zip(b).fold(zero, |sum, (a, b)| ops.mul_add(a, b, &sum))
}

/// `1, x, x^2, …`: `count` of them.
pub(crate) fn powers<O: Ops>(ops: &mut O, x: &O::Ext, count: usize) -> Vec<O::Ext> {
    let mut power = ops.constant(EF::ONE);
    let mut powers = Vec::with_capacity(count);
    for _ in 0..count {
        let next = ops.mul(&power, x);
        powers.push(core::mem::replace(&mut power, next));
    }
    powers
}

#[cfg(test)]
mod tests {
    use p3_field::BasedVectorSpace;
    use tern_field::F;

    use super::*;
    use crate::native::Native;

    #[test]
    fn a_table_is_in_the_order_of_indices() {
        let point: Vec<EF> = (2..5).map(|number| EF::from_basis_coefficients_fn(|index| F::from_usize(10 * number + index))).collect();
        let bit = |index: usize, (bit, x): (usize, &EF)| if index >> bit & 1 == 1 { *x } else { EF::ONE - *x };
        let expected: Vec<EF> = (0..8).map(|index| point.iter().enumerate().map(|pair| bit(index, pair)).product()).collect();
        assert_eq!(table(&mut Native, &point), expected);
    }
}
