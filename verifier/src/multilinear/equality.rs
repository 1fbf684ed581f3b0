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
