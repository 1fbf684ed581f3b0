//! A recursion proof that another one checks.

use alloc::vec::Vec;

use super::{ChainStatement, Membership, RecursionRelation};
use crate::native::Native;
use crate::ops::{Checked, Ops};
use crate::stark::{BatchProof, Importer};

/// A recursion proof of a circuit on the key list, and what it states.
pub struct Child<O: Ops> {
    /// What it states.
    pub statement: ChainStatement<O>,
    /// The commitment to the preprocessed columns of the proof's circuit.
    pub preprocessed: Vec<O::Digest>,
    /// Where that circuit stands in the list.
    pub membership: Membership<O>,
    /// The proof.
    pub proof: BatchProof<O>,
}

impl<O: Ops> Child<O> {
    /// Asserts that the proof is of a circuit on the list that its statement names, and that it proves the statement. `position` tells children apart in errors.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn check(&self, ops: &mut O, relation: &RecursionRelation, position: usize) -> Checked<O, ()> {
        self.membership.check(ops, position, &self.preprocessed, &self.statement.list_root)?;
        let digest = self.statement.digest(ops);
        let public_values = RecursionRelation::public_values(ops, &digest);
        let seed = ops.constant_digest(relation.seed);
        relation.stark.verify(ops, &self.preprocessed, &seed, &public_values, &self.proof)
    }
}

impl Child<Native> {
    /// The same in another interpreter.
    pub fn import<T: Ops>(&self, importer: &mut impl Importer<Native, T>) -> Child<T> {
        Child {
            statement: self.statement.import(importer),
            preprocessed: importer.digests(&self.preprocessed),
            membership: self.membership.import(importer),
            proof: self.proof.import(importer),
        }
    }
}
