//! Checking segments' proofs.

use alloc::vec::Vec;

use tern_air::machine::MachineChip;
use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::Statement;
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::multilinear::{Params, Proof};

use super::super::batch::{BatchValues, BatchVerifier, Rejected, UnusableTables};
use super::super::claim::Claim;
use super::super::machine::{self, Machine};
use super::super::opening::OpeningVerifier;
use super::{chained, verify};
use crate::import::Importer;
use crate::native::Native;
use crate::ops::{Checked, HashMode, Item, MultilinearOps, Ops};
use crate::programs::ChainStatement;
use crate::reason::Reason;

/// Context of the seed of a segment proof's transcript.
const SEED_CONTEXT: &str = "Tern segment, version 2";

/// What segments' proofs under a parameter set prove.
#[derive(Clone, Debug)]
pub struct SegmentRelation {
    /// Their verifier.
    pub verifier: BatchVerifier<Machine>,
}

/// A segment's proof and what it states.
pub struct Segment<O: MultilinearOps> {
    /// The segment's statement, with its program and the key list.
    pub statement: ChainStatement<O>,
    /// The proof.
    pub values: BatchValues<O>,
}

/// What a segment's transcript starts from, besides the parameters: the machine and where Keccak's
/// argument stands, and the digest of the program's key.
pub fn segment_seed<O: Ops>(ops: &mut O, key_digest: &O::Digest) -> O::Digest {
    let relation = ops.constant_digest(machine::system_digest());
    let items = [relation, key_digest.clone()].map(Item::Digest);
    ops.hash(HashMode::DeriveKey(SEED_CONTEXT), &items, DIGEST_BYTES)
}

/// The public values of the machine's tables.
fn public_values<O: MultilinearOps>(statement: &ChainStatement<O>) -> Vec<Vec<O::Ext>> {
    let of = |chip: &MachineChip| match chip {
        MachineChip::Leaf => statement.bounds.clone(),
        MachineChip::Segment => statement.segment_values(),
        _ => Vec::new(),
    };
    MachineChip::ALL.iter().map(of).collect()
}

impl SegmentRelation {
    /// Prepares the verification of segments.
    ///
    /// # Errors
    ///
    /// Never for this crate's parameter sets.
    pub fn new(params: &Params) -> Result<Self, UnusableTables> {
        machine::verifier(params).map(|verifier| Self { verifier })
    }

    /// A proof's values and statement, for programs; nothing is checked but what the transcript's
    /// steps check.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the proof up to the queries.
    pub fn values(&self, statement: ChainStatement<Native>, proof: &Proof) -> Result<Segment<Native>, Rejected> {
        let seed = segment_seed(&mut Native, &statement.key_digest);
        let values = self.verifier.full_values(&[], &seed, &public_values(&statement), proof)?;
        Ok(Segment { statement, values })
    }

    /// Verifies a proof.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn verify(&self, statement: &ChainStatement<Native>, proof: &Proof) -> Result<(), Rejected> {
        let seed = segment_seed(&mut Native, &statement.key_digest);
        self.verifier.verify_values(&[], &seed, &public_values(statement), proof)
    }

    /// Verifies a proof of a segment of the program with this key. No circuits are involved, so
    /// that no list of them is named.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn verify_statement(&self, key_digest: Digest, bounds: &Bounds, statement: &Statement, proof: &Proof) -> Result<(), Rejected> {
        self.verify(&ChainStatement::of(key_digest, bounds, [0; DIGEST_BYTES], statement), proof)
    }

    /// What a segment's transcript starts from.
    #[must_use]
    pub fn seed(key_digest: &Digest) -> Digest {
        segment_seed(&mut Native, key_digest)
    }
}

impl Segment<Native> {
    /// The same in another interpreter.
    pub fn import<T: MultilinearOps>(&self, importer: &mut impl Importer<Native, T>) -> Segment<T> {
        Segment { statement: self.statement.import(importer), values: self.values.import(importer) }
    }
}

/// Checks segments, each of which continues the chain of those before it, and returns the digest of
/// the whole chain's statement; none without segments. The key list's root is only handed on.
/// `openings` are those of the segments' matrices.
///
/// # Errors
///
/// The first claim that does not hold.
pub fn lift<O: MultilinearOps>(
    ops: &mut O,
    relation: &SegmentRelation,
    openings: &[OpeningVerifier],
    segments: &[Segment<O>],
) -> Checked<O, Option<O::Digest>> {
    ops.require(openings.len() == segments.len(), Reason::Multilinear(Claim::Shape))?;
    for (opening, segment) in openings.iter().zip(segments.iter()) {
        let seed = segment_seed(ops, &segment.statement.key_digest);
        let public_values = public_values(&segment.statement);
        verify(ops, (&relation.verifier, opening), &[], &seed, &public_values, &segment.values)?;
    }
    chained(ops, segments.iter().map(|segment| &segment.statement))
}
