//! Checking proofs of circuits.

use alloc::vec::Vec;

use tern_air::recursion::CircuitChip;
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::multilinear::{FixedShape, Params, Proof};

use super::super::batch::{BatchValues, BatchVerifier, Rejected, UnusableTables};
use super::super::circuit::{Circuit, System};
use super::super::opening::OpeningVerifier;
use super::{chained, verify};
use crate::import::Importer;
use crate::native::Native;
use crate::ops::{Checked, HashMode, Item, MultilinearOps, Ops};
use crate::programs::{ChainStatement, Membership};

/// Context of the seed of a circuit proof's transcript.
const SEED_CONTEXT: &str = "Tern circuit, version 2";

/// Context of a circuit's leaf in a key list.
const LEAF_CONTEXT: &str = "Tern circuit list, version 2";

/// What proofs of circuits of one shape prove: that a circuit's assertions hold, and that its
/// public value is a digest. Which circuit it is, is said by the commitment to its fixed columns.
#[derive(Clone, Debug)]
pub struct NodeRelation {
    /// Their verifier.
    pub verifier: BatchVerifier<Circuit>,
    /// The opening of their two matrices.
    pub opening: OpeningVerifier,
    /// What their transcript starts from, besides the parameters.
    pub seed: Digest,
}

/// A proof of a circuit on the key list, and what it states.
pub struct Node<O: MultilinearOps> {
    /// What it states.
    pub statement: ChainStatement<O>,
    /// The commitment to the circuit's fixed columns.
    pub key: Vec<O::Digest>,
    /// Where the circuit stands in the list.
    pub membership: Membership<O>,
    /// The proof.
    pub values: BatchValues<O>,
}

impl NodeRelation {
    /// The relation of circuits whose fixed columns have this shape, with tables of at most
    /// `2^row_variables` rows.
    ///
    /// # Errors
    ///
    /// If there are no such proofs.
    pub fn new(params: &Params, row_variables: usize, shape: &FixedShape) -> Result<Self, UnusableTables> {
        let system = System::recorded()?;
        let verifier = system.verifier(params, row_variables, shape.clone())?;
        let opening = verifier.fixed_opening()?;
        Ok(Self { verifier, opening, seed: seed(&system.relation, row_variables, shape) })
    }

    /// The leaf in a key list of the circuit with this key. It binds what the key is read under as
    /// well: the parameter set, and by the seed the chips and the shape of the fixed columns. A
    /// list may hold circuits of other shapes, whose leaves are then others.
    pub fn leaf<O: Ops>(&self, ops: &mut O, key: &[O::Digest]) -> O::Digest {
        let parameters = blake3::hash(&self.opening.shape().params.to_bytes());
        let read_under = [*parameters.as_bytes(), self.seed].map(|digest| ops.constant_digest(digest));
        let items: Vec<Item<O>> = read_under.into_iter().chain(key.iter().cloned()).map(Item::Digest).collect();
        ops.hash(HashMode::DeriveKey(LEAF_CONTEXT), &items, DIGEST_BYTES)
    }

    /// The public values of every table, for a proof that states `digest`: its limbs, at the table
    /// of constants and public values.
    pub fn public_values<O: Ops>(ops: &mut O, digest: &O::Digest) -> Vec<Vec<O::Ext>> {
        let of = |chip: &CircuitChip| if *chip == CircuitChip::Interface { ops.limbs(digest) } else { Vec::new() };
        CircuitChip::ALL.iter().map(of).collect()
    }

    /// Verifies a proof of the circuit with this key that states `digest`.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn verify(&self, key: &[Digest], digest: &Digest, proof: &Proof) -> Result<(), Rejected> {
        let public_values = Self::public_values(&mut Native, digest);
        self.verifier.verify_values(key, &self.seed, &public_values, proof)
    }

    /// A proof's values, for programs; nothing is checked but what the transcript's steps check.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the proof up to the queries.
    pub fn values(&self, key: &[Digest], digest: &Digest, proof: &Proof) -> Result<BatchValues<Native>, Rejected> {
        let public_values = Self::public_values(&mut Native, digest);
        self.verifier.full_values(key, &self.seed, &public_values, proof)
    }
}

/// The digest of the chips' relation and of the shape of fixed columns.
fn seed(relation: &Digest, row_variables: usize, shape: &FixedShape) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key(SEED_CONTEXT);
    hasher.update(relation);
    let tables = shape.tables.iter().flat_map(|fixed| [fixed.table, fixed.height]);
    for number in [row_variables, shape.log_rows, shape.log_width].into_iter().chain(tables) {
        hasher.update(&u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes());
    }
    hasher.finalize().into()
}

impl<O: MultilinearOps> Node<O> {
    /// Asserts that the proof is of a circuit on the list that its statement names, and that it
    /// proves the statement. `position` tells children apart in errors.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn check(&self, ops: &mut O, relation: &NodeRelation, position: usize) -> Checked<O, ()> {
        let leaf = relation.leaf(ops, &self.key);
        self.membership.check(ops, position, leaf, &self.statement.list_root)?;
        let digest = self.statement.digest(ops);
        let public_values = NodeRelation::public_values(ops, &digest);
        let seed = ops.constant_digest(relation.seed);
        verify(ops, (&relation.verifier, &relation.opening), &self.key, &seed, &public_values, &self.values)
    }
}

impl Node<Native> {
    /// The same in another interpreter.
    pub fn import<T: MultilinearOps>(&self, importer: &mut impl Importer<Native, T>) -> Node<T> {
        Node {
            statement: self.statement.import(importer),
            key: importer.digests(&self.key),
            membership: self.membership.import(importer),
            values: self.values.import(importer),
        }
    }
}

/// Checks the children, each of which continues the chain of those before it, and returns the
/// digest of the whole chain's statement; none without children.
///
/// # Errors
///
/// The first claim that does not hold.
pub fn join<O: MultilinearOps>(ops: &mut O, relation: &NodeRelation, children: &[Node<O>]) -> Checked<O, Option<O::Digest>> {
    for (position, child) in children.iter().enumerate() {
        child.check(ops, relation, position)?;
    }
    chained(ops, children.iter().map(|child| &child.statement))
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use tern_fri::multilinear::fixed::FixedTable;
    use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2};

    use super::super::super::circuit::committed;
    use super::*;

    fn shape() -> FixedShape {
        let tables = committed().into_iter().map(|table| FixedTable { table, height: 2 }).collect();
        FixedShape { log_rows: 17, log_width: 4, tables }
    }

    /// What a key is read under is part of the seed and of the leaf: each number alone makes another.
    #[test]
    fn seeds_and_leaves_are_those_of_what_a_key_is_read_under() -> Result<(), UnusableTables> {
        let mut relations = Vec::new();
        let mut add = |params: &Params, row_variables: usize, change: &dyn Fn(&mut FixedShape)| {
            let mut shape = shape();
            change(&mut shape);
            NodeRelation::new(params, row_variables, &shape).map(|relation| relations.push(relation))
        };
        add(&RECURSION_V2, 18, &|_| ())?;
        add(&RECURSION_V2, 19, &|_| ())?;
        add(&RECURSION_V2, 18, &|shape| shape.log_rows = 18)?;
        add(&RECURSION_V2, 18, &|shape| shape.log_width = 5)?;
        for table in 0..shape().tables.len() {
            add(&RECURSION_V2, 18, &|shape| shape.tables.iter_mut().skip(table).take(1).for_each(|table| table.height = 3))?;
        }
        let seeds: BTreeSet<Digest> = relations.iter().map(|relation| relation.seed).collect();
        assert_eq!(seeds.len(), relations.len());
        relations.push(NodeRelation::new(&FINAL_V2, 18, &shape())?);
        let key = [[7; DIGEST_BYTES]];
        let leaves: BTreeSet<Digest> = relations.iter().map(|relation| relation.leaf(&mut Native, &key)).collect();
        assert_eq!(leaves.len(), relations.len());
        Ok(())
    }
}
