//! The programs of recursion: what a circuit checks, and the statement that it makes public.
//!
//! | program | checks | states |
//! |---|---|---|
//! | [`lift`] | one segment proof | the segment's statement |
//! | [`join`] | neighbours in a chain, of at least two recursion proofs | the chain from the first's start to the last's end |
//! | [`wrap`] | one recursion proof | the same |
//!
//! Each returns the digest of its statement ([`ChainStatement::digest`]), which is the public value of the circuit's proof. Like everything that is generic over [`Ops`](crate::ops::Ops), programs run on values too: the tests do.

mod chain;
mod child;
mod keys;
mod lift;
mod relation;
mod statement;

pub use chain::{join, wrap};
pub use child::Child;
pub use keys::{KEY_LIST_DEPTH, KeyList, Membership, leaf};
pub use lift::{LiftCircuit, Lifted, lift};
pub use relation::{RecursionRelation, recursion_seed};
pub use statement::ChainStatement;
