//! One round of the sumcheck of a product of two vectors. A missing last neighbour is zero.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

/// The two vectors: values of rows, and their weights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vectors {
    /// The values.
    pub values: Vec<EF>,
    /// As many weights.
    pub weights: Vec<EF>,
}

impl Vectors {
    /// Rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value at zero and the coefficient of degree two of the polynomial that the round sends.
    pub fn message(&self) -> [EF; 2] {
        message(&self.values, &self.weights)
    }

    /// The sum of the products.
    pub(super) fn inner_product(&self) -> EF {
        inner_product(&self.values, &self.weights)
    }

    /// Takes the rows from a place on.
    pub(super) fn split_off(&mut self, len: usize) -> Self {
        Self { values: self.values.split_off(len), weights: self.weights.split_off(len) }
    }

    /// Binds the lowest bit.
    pub fn fold(&mut self, challenge: EF) {
        self.values = folded(&self.values, challenge);
        self.weights = folded(&self.weights, challenge);
    }
}

/// Elements that one task takes.
const TASK: usize = 1 << 12;

/// The value at zero and the coefficient of degree two of the polynomial that the round sends.
pub(super) fn message(values: &[EF], weights: &[EF]) -> [EF; 2] {
    let tasks = values.par_chunks(TASK).zip(weights.par_chunks(TASK));
    let sums = tasks.map(|(values, weights)| {
        values.chunks(2).zip(weights.chunks(2)).fold([EF::ZERO; 2], |[at_zero, leading], (values, weights)| {
            let ([v, v1], [w, w1]) = (pair(values), pair(weights));
            [at_zero + v * w, leading + (v1 - v) * (w1 - w)]
        })
    });
    sums.collect::<Vec<_>>().into_iter().fold([EF::ZERO; 2], |[a, b], [c, d]| [a + c, b + d])
}

/// The sum of the products.
fn inner_product(values: &[EF], weights: &[EF]) -> EF {
    let tasks = values.par_chunks(TASK).zip(weights.par_chunks(TASK));
    tasks
        .map(|(values, weights)| values.iter().zip(weights).map(|(&value, &weight)| value * weight).sum::<EF>())
        .collect::<Vec<_>>()
        .into_iter()
        .sum()
}

/// The vector with its lowest bit bound.
pub(super) fn folded(values: &[EF], challenge: EF) -> Vec<EF> {
    let fold = |values: &[EF]| {
        let [zero, one] = pair(values);
        zero + challenge * (one - zero)
    };
    values.par_chunks(2).map(fold).collect()
}

/// The vector whose lowest bit tells the two apart.
pub(super) fn interleaved(zeros: &[EF], ones: &[EF]) -> Vec<EF> {
    let value = |values: &[EF], i: usize| values.get(i).copied().unwrap_or(EF::ZERO);
    let mut values = EF::zero_vec(2 * zeros.len().max(ones.len()));
    values.par_chunks_exact_mut(2).enumerate().for_each(|(i, pair)| pair.copy_from_slice(&[value(zeros, i), value(ones, i)]));
    values
}

fn pair(values: &[EF]) -> [EF; 2] {
    [values[0], values.get(1).copied().unwrap_or(EF::ZERO)]
}
