//! The programs of recursion: what a circuit checks, and the statement that it makes public.
//!
//! | program | checks | states |
//! |---|---|---|
//! | [`lift`] | segments that follow each other in a chain, at least one | the chain from the first's start to the last's end |
//! | [`join`] | neighbours in a chain, of at least one proof of a circuit on the key list | the same |
//!
//! Each returns the digest of its statement ([`ChainStatement::digest`]), which is the public value
//! of the circuit's proof. Statements, chaining and key lists are those of [`crate::programs`]. A
//! proof's heights are values, so one circuit serves segments of any heights whose cells take up a
//! matrix of as many rows.

mod node;
mod segment;
mod shape;

pub use node::{Node, NodeRelation, join};
pub use segment::{Segment, SegmentRelation, lift, segment_seed};
pub use shape::NodeShape;

use super::batch::{BatchValues, BatchVerifier, FixedColumns};
use super::opening::OpeningVerifier;
use crate::ops::{Checked, MultilinearOps};
use crate::programs::ChainStatement;

/// Verifies proofs whose dense matrix has as many rows as the opening's.
fn verify<O: MultilinearOps, S: FixedColumns>(
    ops: &mut O,
    (verifier, opening): (&BatchVerifier<S>, &OpeningVerifier),
    key: &[O::Digest],
    seed: &O::Digest,
    public_values: &[alloc::vec::Vec<O::Ext>],
    values: &BatchValues<O>,
) -> Checked<O, ()> {
    let replayed = verifier.replay(ops, opening, key, seed, public_values, values)?;
    verifier.check(ops, opening, public_values, values, &replayed)
}

/// Checks that statements follow each other, and gives the digest of the whole chain's; none
/// without statements.
fn chained<'a, O: MultilinearOps + 'a>(
    ops: &mut O,
    statements: impl IntoIterator<Item = &'a ChainStatement<O>>,
) -> Checked<O, Option<O::Digest>> {
    let mut statements = statements.into_iter();
    let Some(first) = statements.next() else { return Ok(None) };
    let mut last = first;
    for (position, next) in (1..).zip(statements) {
        last.check_followed_by(ops, next, position)?;
        last = next;
    }
    Ok(Some(first.up_to(last).digest(ops)))
}
