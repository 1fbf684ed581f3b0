//! Lifting a segment's proof.

use alloc::vec::Vec;

use tern_air::chip::ChipId;
use tern_air::relation;
use tern_air::shape::Shape;
use tern_fri::hash::{DIGEST_BYTES, Digest};

use super::ChainStatement;
use crate::native::Native;
use crate::ops::{Checked, HashMode, Item, Ops};
use crate::segments::{SEED_CONTEXT, preprocessed_digests};
use crate::stark::{BatchProof, Importer, StarkVerifier};

/// What is fixed in the circuit that lifts segments of one shape.
pub struct LiftCircuit<'a> {
    /// The verifier of segment proofs of the shape.
    pub stark: &'a StarkVerifier,
    /// The shape.
    pub shape: &'static Shape,
}

/// A segment's proof and what it states.
pub struct Lifted<O: Ops> {
    /// The segment's statement, with its program and the key list.
    pub statement: ChainStatement<O>,
    /// The proof.
    pub proof: BatchProof<O>,
}

impl Lifted<Native> {
    /// The same in another interpreter.
    pub fn import<T: Ops>(&self, importer: &mut impl Importer<Native, T>) -> Lifted<T> {
        Lifted { statement: self.statement.import(importer), proof: self.proof.import(importer) }
    }
}

/// Checks a segment's proof and returns the digest of its statement. The key list's root is only handed on.
///
/// # Errors
///
/// The first claim that does not hold.
pub fn lift<O: Ops>(ops: &mut O, circuit: &LiftCircuit<'_>, segment: &Lifted<O>) -> Checked<O, O::Digest> {
    let statement = &segment.statement;
    let seed = seed(ops, circuit.shape, &statement.key_digest);
    let public_values: Vec<Vec<O::Ext>> = ChipId::ALL
        .iter()
        .map(|chip| match chip {
            ChipId::Leaf => statement.bounds.clone(),
            ChipId::Segment => statement.segment_values(),
            _ => Vec::new(),
        })
        .collect();
    let preprocessed: Vec<O::Digest> = preprocessed_digests().iter().map(|digest| ops.constant_digest(*digest)).collect();
    circuit.stark.verify(ops, &preprocessed, &seed, &public_values, &segment.proof)?;
    Ok(statement.digest(ops))
}

/// What a segment's transcript starts from, besides the parameters: [`crate::segments::seed`].
fn seed<O: Ops>(ops: &mut O, shape: &Shape, key_digest: &O::Digest) -> O::Digest {
    let heights: Digest = *blake3::hash(&shape.log_heights).as_bytes();
    let (relation, heights) = (ops.constant_digest(relation::digest()), ops.constant_digest(heights));
    let items = [relation, key_digest.clone(), heights].map(Item::Digest);
    ops.hash(HashMode::DeriveKey(SEED_CONTEXT), &items, DIGEST_BYTES)
}
