//! Filling the tree chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::TreeCols;
use crate::fill::fill_rows;
use crate::lookups::Lookups;
use crate::memory::NodeEvent;

/// Fills a table of `height` rows. It looks nothing up in the preprocessed tables.
///
/// # Panics
///
/// If there are more nodes than rows.
pub fn fill(nodes: &[NodeEvent], height: usize) -> RowMajorMatrix<F> {
    fill_rows(nodes, height, &mut Lookups::default(), |node, row, _| fill_row(node, row))
}

fn fill_row(event: &NodeEvent, row: &mut TreeCols<F>) {
    row.is_real = F::ONE;
    row.is_changed = F::from_bool(event.node.is_change());
    row.visited = event.visited.map(F::from_bool);
    row.depth = F::from_u32(event.depth);
    row.index = F::from_u32(event.index);
    row.before = event.node.before;
    row.after = event.node.after;
    row.children_before = event.children.map(|child| child.before);
    row.children_after = event.children.map(|child| child.after);
}
