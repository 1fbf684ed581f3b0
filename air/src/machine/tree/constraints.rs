//! Constraints of the tree chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use tern_field::DIGEST_LEN;
use tern_field::poseidon2::NODE_DOMAIN;

use super::TreeCols;
use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::layout::Columns;
use crate::memory::messages::{AFTER, BEFORE, node, permutation};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = TreeCols::of(main.current_slice());
    flags(builder, row);
    tokens(builder, row);
    digests(builder, row);
    frozen(builder, row);
    children(builder, row);
}

/// Flags are boolean, and a padding row has none.
fn flags<B: ChipBuilder>(builder: &mut B, row: &TreeCols<B::Var>) {
    let padding = B::Expr::ONE - row.is_real.into();
    builder.check_bool("tree::real_boolean", row.is_real);
    builder.check_bool("tree::changed_boolean", row.is_changed);
    builder.check("tree::padding_unchanged", padding.clone() * row.is_changed.into());
    for visited in row.visited {
        builder.check_bool("tree::visited_boolean", visited);
        builder.check("tree::padding_unvisited", padding.clone() * visited.into());
    }
}

/// The row takes the node's tokens.
fn tokens<B: ChipBuilder>(builder: &mut B, row: &TreeCols<B::Var>) {
    let (depth, index): (B::Expr, B::Expr) = (row.depth.into(), row.index.into());
    let before = node::<B>(BEFORE, depth.clone(), index.clone(), row.before);
    let after = node::<B>(AFTER, depth, index, row.after);
    builder.receive("tree::token_before", bus::NODE, before, row.is_real);
    builder.receive("tree::token_after", bus::NODE, after, row.is_real);
}

/// The node's digests are the compressions of its children's.
fn digests<B: ChipBuilder>(builder: &mut B, row: &TreeCols<B::Var>) {
    let mut compress = |label: Label, children: [[B::Var; DIGEST_LEN]; 2], parent: [B::Var; DIGEST_LEN], count: B::Var| {
        let inputs = children.into_iter().flatten().map(Into::into);
        let payload = permutation::<B>(NODE_DOMAIN, inputs, parent);
        builder.send(label, bus::PERMUTATION, payload, count);
    };
    compress("tree::compress_before", row.children_before, row.before, row.is_real);
    compress("tree::compress_after", row.children_after, row.after, row.is_changed);
}

/// What does not change, and what is not visited, is after the segment as it was before.
fn frozen<B: ChipBuilder>(builder: &mut B, row: &TreeCols<B::Var>) {
    let unchanged = B::Expr::ONE - row.is_changed.into();
    for (after, before) in row.after.into_iter().zip(row.before) {
        builder.check("tree::unchanged_node", unchanged.clone() * (after - before));
    }
    for side in 0..2 {
        let unvisited = B::Expr::ONE - row.visited[side].into();
        for (after, before) in row.children_after[side].into_iter().zip(row.children_before[side]) {
            builder.check("tree::unchanged_child", unchanged.clone() * (after - before));
            builder.check("tree::unvisited_child", unvisited.clone() * (after - before));
        }
    }
}

/// Each visited child gets its tokens.
fn children<B: ChipBuilder>(builder: &mut B, row: &TreeCols<B::Var>) {
    let labels = [["tree::left_before", "tree::left_after"], ["tree::right_before", "tree::right_after"]];
    let depth = row.depth.into() + B::Expr::ONE;
    for (side, [label_before, label_after]) in labels.into_iter().enumerate() {
        let index = row.index.into().double() + B::Expr::from_usize(side);
        let before = node::<B>(BEFORE, depth.clone(), index.clone(), row.children_before[side]);
        let after = node::<B>(AFTER, depth.clone(), index, row.children_after[side]);
        builder.send(label_before, bus::NODE, before, row.visited[side]);
        builder.send(label_after, bus::NODE, after, row.visited[side]);
    }
}
