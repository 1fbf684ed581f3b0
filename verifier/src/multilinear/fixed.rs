//! The matrix of fixed columns that are committed to.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::F;
use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::shape::{LOG_BLOCK, UnusableShape};
use tern_fri::multilinear::{FixedShape, Layout, Params};

use super::batch::power_of_two;
use super::front::{Front, FrontShape, TableShape};

/// What does not depend on the key.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    /// The matrix's shape, without which its commitment is no key.
    pub(super) shape: FixedShape,
    /// Where the columns lie.
    pub(super) layout: Layout,
    /// The heights in blocks.
    pub(super) heights: Vec<F>,
}

impl Fixed {
    /// Prepares it.
    ///
    /// # Errors
    ///
    /// If these tables have no such matrix, or the parameters do not allow it.
    pub(super) fn new(params: &Params, front: &Front, shape: FixedShape) -> Result<Self, UnusableShape> {
        let widths: Vec<usize> = front.shape().tables.iter().map(|table| table.preprocessed).collect();
        let layout = shape.layout(params, &widths, front.shape().log_rows)?;
        let heights = shape.heights().into_iter().map(F::from_usize).collect();
        Ok(Self { shape, layout, heights })
    }

    /// The messages that the matrix's rows can send, wherever main columns are stored.
    ///
    /// Those of a fixed count declare no bound. That such counts are right rests on each message
    /// being taken by fewer rows than the characteristic; so every message is counted once, besides
    /// its bound.
    pub(super) fn messages(&self, shape: &FrontShape) -> u64 {
        let of_table = |fixed: &FixedTable| {
            let messages = |table: &TableShape| table.count_weight.saturating_add(u64::try_from(table.messages).unwrap_or(u64::MAX));
            let rows = u64::try_from(fixed.height).unwrap_or(u64::MAX).saturating_mul(power_of_two(LOG_BLOCK));
            rows.saturating_mul(shape.tables.get(fixed.table).map_or(0, messages))
        };
        self.shape.tables.iter().map(of_table).fold(0, u64::saturating_add)
    }
}
