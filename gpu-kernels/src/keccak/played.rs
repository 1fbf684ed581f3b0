//! What a device has played, as the host asks for it.

use p3_field::BasedVectorSpace;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::keccak::prover::{LayerPasses, PositionPasses};
use tern_fri::multilinear::keccak::{Layer, SKIP};

use super::places::Places;
use crate::gpu::ext_elements;
use crate::{GpuError, rounds};

/// A layer that a device has played.
pub struct Played<'a> {
    record: &'a [F],
    places: Places,
    /// Variables of positions that are bound.
    bound: usize,
}

impl<'a> Played<'a> {
    /// A layer of a record.
    pub const fn new(record: &'a [F], places: Places) -> Self {
        Self { record, places, bound: 0 }
    }

    /// Elements of the record whose coordinates follow each other.
    fn elements(&self, first: usize, count: usize) -> Vec<EF> {
        ext_elements(&self.record[first..first + EXTENSION_DEGREE * count])
    }

    /// Elements of the record whose coordinates are apart by their number.
    fn apart(&self, first: usize, count: usize) -> Vec<EF> {
        (first..first + count).map(|place| EF::from_basis_coefficients_fn(|d| self.record[place + d * count])).collect()
    }

    /// Checks that the device drew the host's challenge.
    fn check(&self, place: usize, challenge: EF) -> Result<(), GpuError> {
        rounds::check(self.elements(place, 1)[0], challenge)
    }

    /// The same of what batches the claims.
    ///
    /// # Errors
    ///
    /// If it drew another.
    pub fn check_batch(&self, challenge: EF) -> Result<(), GpuError> {
        self.check(self.places.batch(), challenge)
    }
}

impl LayerPasses for Played<'_> {
    type Error = GpuError;
    type Positions = Self;

    fn first_values(&mut self) -> Result<Vec<Vec<EF>>, GpuError> {
        let mut values = self.apart(self.places.first_values(), self.places.points());
        let linear = values.split_off(SKIP * self.places.layer.degree());
        Ok(if self.places.layer == Layer::Parity { vec![values, linear] } else { vec![values] })
    }

    fn bind_first(&mut self, challenge: EF) -> Result<(), GpuError> {
        self.check(self.places.first_challenge(), challenge)
    }

    fn values(&mut self, variable: usize) -> Result<Vec<EF>, GpuError> {
        Ok(self.apart(self.places.values(variable), self.places.layer.degree()))
    }

    fn bind(&mut self, variable: usize, challenge: EF) -> Result<(), GpuError> {
        self.check(self.places.challenge(variable), challenge)
    }

    fn positions(self, _: &[EF]) -> Result<Self, GpuError> {
        Ok(self)
    }
}

impl PositionPasses for Played<'_> {
    type Error = GpuError;

    fn values(&self) -> Result<Vec<EF>, GpuError> {
        Ok(self.elements(self.places.position_values(self.bound), 1 + self.places.layer.degree()))
    }

    fn bind(&mut self, challenge: EF) -> Result<(), GpuError> {
        self.check(self.places.position_challenge(self.bound), challenge)?;
        self.bound += 1;
        Ok(())
    }

    fn evaluations(self) -> Result<Vec<EF>, GpuError> {
        Ok(self.elements(self.places.claims(), self.places.layer.claims()))
    }
}
