//! From the proof that is sent to one with full paths and rows.
//!
//! What is sent leaves out whatever follows from something else: digests that several paths share or that a path determines, and of each folding round's row the value that the query has come to. Nothing is checked here but the number
//! of digests; the verifier checks the expanded proof.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tern_field::{EF, F};
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::{Commitment, Proof};
use thiserror::Error;

use super::proof::{BatchProof, InputValues, QueryValues, RoundOpening, RoundValues, TableValues};
use super::{Challenges, StarkVerifier};
use crate::expected::Batch;
use crate::native::{Failure, Native, number};
use crate::ops::{HashMode, Item, Ops};
use crate::structure::CommitmentKind;

/// Why a proof of the right structure is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// A claim does not hold.
    #[error(transparent)]
    Claim(#[from] Failure),
    /// Too few or too many digests for the queries' paths.
    #[error("{kind} opening: expected {expected} digests, got {got}")]
    Digests {
        /// The commitment opened.
        kind: CommitmentKind,
        /// Digests that the paths need.
        expected: usize,
        /// Digests given.
        got: usize,
    },
}

/// An opened leaf of a tree.
struct Leaf<'a> {
    index: usize,
    digest: Digest,
    /// What is hashed into its ancestors: rows by the level, counted from the leaf.
    rows: Vec<(usize, &'a Vec<F>)>,
}

impl StarkVerifier {
    /// Expands a proof of this shape ([`crate::ProofShape::check`]), together with the challenges of its transcript.
    ///
    /// # Errors
    ///
    /// If a proof of work does not hold or the number of digests is wrong.
    pub fn expand(
        &self,
        preprocessed: &[Digest],
        seed: &Digest,
        public_values: &[Vec<EF>],
        proof: &Proof,
    ) -> Result<(BatchProof<Native>, Challenges<Native>), Invalid> {
        let ops = &mut Native;
        let mut expanded = shared_values(proof);
        let challenges = self.replay(ops, preprocessed, seed, public_values, &expanded)?;
        let indices: Vec<usize> = challenges.indices.iter().map(|bits| number(bits)).collect();
        expanded.queries = self.input_openings(proof, &indices)?;
        self.add_rounds(&mut expanded, &challenges, proof, &indices)?;
        Ok((expanded, challenges))
    }

    /// The queries' openings of the tables.
    fn input_openings(&self, proof: &Proof, indices: &[usize]) -> Result<Vec<QueryValues<Native>>, Invalid> {
        let mut queries: Vec<QueryValues<Native>> =
            indices.iter().map(|_| QueryValues { inputs: Vec::new(), rounds: Vec::new() }).collect();
        for (batch, opening) in self.shape.batches.iter().zip(&proof.opening_proof.input_openings) {
            let rows: Vec<Vec<Vec<F>>> = opening.opened_values.iter().map(|rows| joined_rows(batch, rows)).collect();
            let log_leaves = batch.groups.first().map_or(0, |group| group.log_length);
            let shift = self.shape.log_longest().saturating_sub(log_leaves);
            let leaves = indices.iter().zip(&rows).map(|(index, rows)| Leaf::of_tables(batch, shifted(*index, shift), rows));
            let paths = full_paths(batch.kind, batch.tree.path, &leaves.collect::<Vec<_>>(), &opening.opening_proof.sibling_hashes)?;
            for ((query, rows), path) in queries.iter_mut().zip(rows).zip(paths) {
                query.inputs.push(InputValues { rows, path });
            }
        }
        Ok(queries)
    }

    /// Adds the folding rounds' rows, filled up with the values that the queries come to, and their paths.
    fn add_rounds(
        &self,
        expanded: &mut BatchProof<Native>,
        challenges: &Challenges<Native>,
        proof: &Proof,
        indices: &[usize],
    ) -> Result<(), Invalid> {
        let ops = &mut Native;
        let shared = self.share(ops, expanded, challenges)?;
        let mut walks = Vec::with_capacity(indices.len());
        for (query, (values, index)) in expanded.queries.iter().zip(&challenges.indices).enumerate() {
            walks.push(self.start(ops, &shared, values, index, query)?);
        }
        let mut used = 0_usize;
        let rounds = self.shape.rounds.iter().zip(&proof.opening_proof.commit_phase_openings).enumerate();
        for (number, (round, opening)) in rounds {
            let mut rows = Vec::with_capacity(indices.len());
            for (query, ((walk, siblings), (bits, index))) in
                walks.iter_mut().zip(&opening.sibling_values).zip(challenges.indices.iter().zip(indices)).enumerate()
            {
                let place = shifted(*index, used).checked_rem(round.siblings.saturating_add(1)).unwrap_or(0);
                let mut row = siblings.clone();
                row.insert(place.min(row.len()), walk.value);
                self.step(ops, (&shared, challenges), walk, (number, &row), bits, query)?;
                rows.push(row);
            }
            used = used.saturating_add(round.log_arity);
            let leaves = indices.iter().zip(&rows).map(|(index, row)| Leaf::of_round(shifted(*index, used), row));
            let kind = CommitmentKind::Round(number);
            let paths = full_paths(kind, round.tree.path, &leaves.collect::<Vec<_>>(), &opening.opening_proof.sibling_hashes)?;
            for ((query, row), path) in expanded.queries.iter_mut().zip(rows).zip(paths) {
                query.rounds.push(RoundOpening { row, path });
            }
        }
        Ok(())
    }
}

impl<'a> Leaf<'a> {
    fn of_tables(batch: &Batch, index: usize, rows: &'a [Vec<F>]) -> Self {
        let log_leaves = batch.groups.first().map_or(0, |group| group.log_length);
        let levels = batch.groups.iter().map(|group| log_leaves.saturating_sub(group.log_length));
        let digest = rows.first().map_or([0; DIGEST_BYTES], |row| Native.hash_row(row));
        Self { index, digest, rows: levels.zip(rows).skip(1).collect() }
    }

    fn of_round(index: usize, row: &[EF]) -> Self {
        let items: Vec<Item<Native>> = row.iter().map(|value| Item::Ext(*value)).collect();
        Self { index, digest: Native.hash(HashMode::Plain, &items, super::query::LEAF_PADDING), rows: Vec::new() }
    }

    /// A node above this leaf, hashed with the rows of its level if there are any.
    fn with_rows(&self, level: usize, digest: Digest) -> Digest {
        let row = self.rows.iter().find(|(of_level, _)| *of_level == level);
        row.map_or(digest, |(_, row)| {
            let leaf = Native.hash_row(row);
            Native.pair(&digest, &leaf)
        })
    }
}

/// The full path of each leaf. At each level, the children that no leaf lies under are those sent, in order.
fn full_paths(kind: CommitmentKind, levels: usize, leaves: &[Leaf<'_>], sent: &[Digest]) -> Result<Vec<Vec<Digest>>, Invalid> {
    let mut paths: Vec<Vec<Digest>> = leaves.iter().map(|_| Vec::with_capacity(levels)).collect();
    let mut known: BTreeMap<usize, (Digest, &Leaf<'_>)> = BTreeMap::new();
    for leaf in leaves {
        known.entry(leaf.index).or_insert((leaf.digest, leaf));
    }
    let mut supply = sent.iter();
    let mut expected = 0_usize;
    for level in 0..levels {
        let missing: Vec<usize> = known.keys().map(|index| index ^ 1).filter(|sibling| !known.contains_key(sibling)).collect();
        expected = expected.saturating_add(missing.len());
        // With too few digests, zeros let the count go on: the proof is rejected below.
        let mut next = || supply.next().copied().unwrap_or([0; DIGEST_BYTES]);
        let siblings: BTreeMap<usize, Digest> = missing.into_iter().map(|index| (index, next())).collect();
        let digest_of = |index: usize| known.get(&index).map(|(digest, _)| digest).or_else(|| siblings.get(&index)).copied();
        for (path, leaf) in paths.iter_mut().zip(leaves) {
            path.extend(digest_of(shifted(leaf.index, level) ^ 1));
        }
        let mut parents: BTreeMap<usize, (Digest, &Leaf<'_>)> = BTreeMap::new();
        for (index, (digest, leaf)) in &known {
            let parent = shifted(*index, 1);
            if let (false, Some(sibling)) = (parents.contains_key(&parent), digest_of(index ^ 1)) {
                let node = Native.node(digest, &sibling, &(index & 1 == 1));
                parents.insert(parent, (leaf.with_rows(level.saturating_add(1), node), leaf));
            }
        }
        known = parents;
    }
    if expected != sent.len() {
        return Err(Invalid::Digests { kind, expected, got: sent.len() });
    }
    Ok(paths)
}

/// The rows of each height, one matrix after the other.
fn joined_rows(batch: &Batch, rows: &[Vec<F>]) -> Vec<Vec<F>> {
    let of_group = |matrices: &[usize]| matrices.iter().filter_map(|matrix| rows.get(*matrix)).flatten().copied().collect();
    batch.groups.iter().map(|group| of_group(&group.matrices)).collect()
}

fn shifted(index: usize, bits: usize) -> usize {
    index.wrapping_shr(u32::try_from(bits).unwrap_or(0))
}

fn digests(cap: &Commitment) -> Vec<Digest> {
    cap.roots().to_vec()
}

/// What a proof holds besides the queries' openings.
fn shared_values(proof: &Proof) -> BatchProof<Native> {
    let fri = &proof.opening_proof;
    let tables = proof.opened_values.instances.iter().zip(&proof.lookup_terminals).map(|(opened, terminal)| {
        let base = &opened.base_opened_values;
        let preprocessed = base.preprocessed.as_ref();
        TableValues {
            main_local: base.trace_local.clone(),
            main_next: base.trace_next.clone().unwrap_or_default(),
            preprocessed_local: preprocessed.map(|values| values.local.clone()).unwrap_or_default(),
            preprocessed_next: preprocessed.and_then(|values| values.next.clone()).unwrap_or_default(),
            quotient: base.quotient_chunks.clone(),
            permutation_local: opened.permutation_local.clone(),
            permutation_next: opened.permutation_next.clone(),
            terminal: terminal.as_ref().map(|terminal| terminal.0),
        }
    });
    let rounds = fri.commit_phase_commits.iter().zip(&fri.commit_pow_witnesses);
    BatchProof {
        main: digests(&proof.commitments.main),
        quotient: digests(&proof.commitments.quotient_chunks),
        permutation: proof.commitments.permutation.as_ref().map(digests).unwrap_or_default(),
        tables: tables.collect(),
        lookup_pow: proof.lookup_pow_witness.map(EF::from),
        ood_pow: proof.ood_pow_witness.into(),
        batch_pow: fri.batch_pow_witness.into(),
        rounds: rounds.map(|(cap, witness)| RoundValues { cap: digests(cap), pow: (*witness).into() }).collect(),
        final_polynomial: fri.final_poly.clone(),
        query_pow: fri.query_pow_witness.into(),
        queries: Vec::new(),
    }
}
