//! The messages of the memory tree.

use tern_field::{DIGEST_LEN, F};

use crate::builder::ChipBuilder;

/// Kind of a token that carries a node's digest at the start of the segment.
pub const BEFORE: u32 = 0;
/// Kind of a token that carries a node's digest at the end of the segment.
pub const AFTER: u32 = 1;

/// The payload of a [`NODE`](crate::bus::NODE) message.
pub fn node<B: ChipBuilder>(kind: u32, depth: B::Expr, index: B::Expr, digest: [B::Var; DIGEST_LEN]) -> impl Iterator<Item = B::Expr> {
    [B::constant(kind), depth, index].into_iter().chain(digest.into_iter().map(Into::into))
}

/// The payload of a [`PERMUTATION`](crate::bus::PERMUTATION) message; `inputs` are 18.
pub fn permutation<B: ChipBuilder>(
    domain: F,
    inputs: impl Iterator<Item = B::Expr>,
    digest: [B::Var; DIGEST_LEN],
) -> impl Iterator<Item = B::Expr> {
    core::iter::once(B::Expr::from(domain)).chain(inputs).chain(digest.into_iter().map(Into::into))
}
