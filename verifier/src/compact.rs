//! Batch proofs in the fewest bytes: nothing is written that the shape already says.
//!
//! The parts follow in one order and have no lengths:
//!
//! 1. commitments: main, quotient, lookups, each folding round;
//! 2. for each table, the values at the out-of-domain point: main (local, next), preprocessed (local, next), quotient chunks, lookups (local, next), terminal;
//! 3. proof-of-work witnesses: lookups, out-of-domain point, batching, each folding round, queries; one of 0 bits, which must be zero, is left out;
//! 4. FRI's last polynomial;
//! 5. for each commitment to tables, in the order of opening: the rows, query by query and matrix by matrix, then the digests of the paths;
//! 6. for each folding round: the siblings, query by query, then the digests of the paths.
//!
//! An element is four bytes as in a leaf, an element of the challenge field five of those, a digest 32 bytes. Digests of paths are preceded by their number in two
//! bytes, little-endian: the only length in a proof, which the queries fix. Every proof has one encoding.

use alloc::vec::Vec;

use p3_batch_stark::proof::{BatchCommitments, BatchOpenedValues, BatchProof, OpenedValuesWithLookups};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_fri::{BatchMultiOpening, CommitPhaseMultiStep, FriProof};
use p3_lookup::LookupTerminal;
use p3_uni_stark::{OpenedValues, PreprocessedOpenedValues};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::config::Paths;
use tern_fri::hash::{DIGEST_BYTES, Digest, element_bytes, element_from_bytes};
use tern_fri::{Commitment, Proof, ProofSize, TableShape};
use thiserror::Error;

use crate::expected::{Batch, ProofShape, Round, Tree};
use crate::structure::{CommitmentKind, StructureError};
use crate::wire::{Reader, WireError};

/// Bytes of the number of digests in the paths of one commitment.
const COUNT_BYTES: usize = 2;

/// Why bytes are no proof of the expected shape.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompactError {
    /// No proof of this shape has this length. Nothing has been read.
    #[error("expected between {least} and {most} bytes, got {got}")]
    Length {
        /// Length of a proof without a digest in its paths.
        least: usize,
        /// Length of a proof whose paths share nothing.
        most: usize,
        /// Length given.
        got: usize,
    },
    /// The bytes end early, or an element is not canonical.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// More digests than all paths together can have.
    #[error("{kind} opening: expected at most {most} digests, got {got}")]
    PathDigests {
        /// The commitment opened.
        kind: CommitmentKind,
        /// The largest number.
        most: usize,
        /// Digests announced.
        got: usize,
    },
    /// The proof ends before the bytes do.
    #[error("expected the proof to end with the bytes, got {got} bytes more")]
    TrailingBytes {
        /// Bytes after the proof.
        got: usize,
    },
}

/// Encodes a proof of `shape`.
///
/// # Errors
///
/// If the proof has another shape.
pub fn encode(shape: &ProofShape, proof: &Proof) -> Result<Vec<u8>, StructureError> {
    shape.check(proof)?;
    let mut out = Encoder(Vec::new());
    let fri = &proof.opening_proof;
    let commitments = [Some(&proof.commitments.main), Some(&proof.commitments.quotient_chunks), proof.commitments.permutation.as_ref()];
    for cap in commitments.into_iter().flatten().chain(&fri.commit_phase_commits) {
        out.digests(cap.roots());
    }
    for (table, terminal) in proof.opened_values.instances.iter().zip(&proof.lookup_terminals) {
        out.table(table, terminal.as_ref());
    }
    let params = shape.params();
    let rounds = fri.commit_pow_witnesses.iter().map(|witness| (params.commit_pow_bits, *witness));
    let lookups = proof.lookup_pow_witness.map(|witness| (params.lookup_pow_bits, witness));
    let first = [(params.ood_pow_bits, proof.ood_pow_witness), (params.batch_pow_bits, fri.batch_pow_witness)];
    let last = (params.query_pow_bits, fri.query_pow_witness);
    for (_, witness) in lookups.into_iter().chain(first).chain(rounds).chain([last]).filter(|(bits, _)| *bits > 0) {
        out.element(witness);
    }
    out.extensions(&fri.final_poly);
    for opening in &fri.input_openings {
        for row in opening.opened_values.iter().flatten() {
            row.iter().for_each(|element| out.element(*element));
        }
        out.paths(&opening.opening_proof);
    }
    for opening in &fri.commit_phase_openings {
        for values in &opening.sibling_values {
            out.extensions(values);
        }
        out.paths(&opening.opening_proof);
    }
    Ok(out.0)
}

/// Decodes a proof of `shape`.
///
/// Memory is bounded by a small multiple of the length of the bytes, which is compared with the shape before anything is read. The result passes [`ProofShape::check`].
///
/// # Errors
///
/// If the bytes are not the one encoding of a proof of this shape.
pub fn decode(shape: &ProofShape, bytes: &[u8]) -> Result<Proof, CompactError> {
    let (least, most) = lengths(shape);
    if !(least..=most).contains(&bytes.len()) {
        return Err(CompactError::Length { least, most, got: bytes.len() });
    }
    let mut decoder = Decoder { reader: Reader::new(bytes), shape };
    let proof = decoder.proof()?;
    match decoder.reader.left() {
        0 => Ok(proof),
        got => Err(CompactError::TrailingBytes { got }),
    }
}

/// Fewest and most bytes of a proof.
fn lengths(shape: &ProofShape) -> (usize, usize) {
    let trees = || shape.batches.iter().map(|batch| batch.tree).chain(shape.rounds.iter().map(|round| round.tree));
    let counts = trees().count().saturating_mul(COUNT_BYTES);
    let least = ProofSize::new(shape.params(), shape.relation()).without_paths().saturating_add(counts);
    let digests = trees().fold(0_usize, |sum, tree| sum.saturating_add(most_digests(shape, tree)));
    (least, least.saturating_add(digests.saturating_mul(DIGEST_BYTES)))
}

/// Digests in the paths of one commitment if they share nothing.
fn most_digests(shape: &ProofShape, tree: Tree) -> usize {
    shape.params().num_queries.saturating_mul(tree.path)
}

struct Encoder(Vec<u8>);

impl Encoder {
    fn table(&mut self, table: &OpenedValuesWithLookups<EF>, terminal: Option<&LookupTerminal<EF>>) {
        let base = &table.base_opened_values;
        self.extensions(&base.trace_local);
        self.extensions(base.trace_next.as_deref().unwrap_or_default());
        if let Some(values) = &base.preprocessed {
            self.extensions(&values.local);
            self.extensions(values.next.as_deref().unwrap_or_default());
        }
        for chunk in &base.quotient_chunks {
            self.extensions(chunk);
        }
        self.extensions(&table.permutation_local);
        self.extensions(&table.permutation_next);
        if let Some(LookupTerminal(value)) = terminal {
            self.extensions(&[*value]);
        }
    }

    fn element(&mut self, element: F) {
        self.0.extend_from_slice(&element_bytes(element));
    }

    fn extensions(&mut self, values: &[EF]) {
        for value in values {
            let coefficients: &[F] = value.as_basis_coefficients_slice();
            coefficients.iter().for_each(|element| self.element(*element));
        }
    }

    fn digests(&mut self, digests: &[Digest]) {
        self.0.extend_from_slice(digests.as_flattened());
    }

    fn paths(&mut self, paths: &Paths) {
        // The shape's parameters are frozen ones, whose paths have far fewer than 2^16 digests; a longer list would not decode.
        let count = u16::try_from(paths.sibling_hashes.len()).unwrap_or(u16::MAX);
        self.0.extend_from_slice(&count.to_le_bytes());
        self.digests(&paths.sibling_hashes);
    }
}

struct Decoder<'a> {
    reader: Reader<'a>,
    shape: &'a ProofShape,
}

impl Decoder<'_> {
    fn proof(&mut self) -> Result<Proof, CompactError> {
        let shape = self.shape;
        let params = shape.params();
        let main = self.commitment(CommitmentKind::Main)?;
        let quotient_chunks = self.commitment(CommitmentKind::Quotient)?;
        let permutation = self.commitment(CommitmentKind::Permutation)?;
        let round_caps = shape.rounds.iter().map(|round| self.cap(round.tree)).collect::<Result<_, _>>()?;
        let (instances, lookup_terminals) = self.tables()?;
        let lookup_pow_witness = shape.relation().has_lookups().then(|| self.witness(params.lookup_pow_bits)).transpose()?;
        let ood_pow_witness = self.witness(params.ood_pow_bits)?;
        let batch_pow_witness = self.witness(params.batch_pow_bits)?;
        let commit_pow_witnesses = shape.rounds.iter().map(|_| self.witness(params.commit_pow_bits)).collect::<Result<_, _>>()?;
        let query_pow_witness = self.witness(params.query_pow_bits)?;
        let final_poly = self.extensions(shape.final_poly_len())?;
        let input_openings = shape.batches.iter().map(|batch| self.input(batch)).collect::<Result<_, _>>()?;
        let rounds = shape.rounds.iter().enumerate();
        let commit_phase_openings = rounds.map(|(index, round)| self.round(index, round)).collect::<Result<_, _>>()?;
        let commitments = BatchCommitments {
            main: main.unwrap_or_else(no_commitment),
            permutation,
            quotient_chunks: quotient_chunks.unwrap_or_else(no_commitment),
            random: None,
        };
        Ok(BatchProof {
            commitments,
            opened_values: BatchOpenedValues { instances },
            opening_proof: FriProof {
                batch_pow_witness,
                commit_phase_commits: round_caps,
                commit_pow_witnesses,
                input_openings,
                commit_phase_openings,
                final_poly,
                query_pow_witness,
            },
            lookup_terminals,
            degree_bits: shape.relation().tables.iter().map(|table| table.log_height).collect(),
            lookup_pow_witness,
            ood_pow_witness,
        })
    }

    /// The commitment of one kind, where the shape has it. Every relation has main columns and quotient chunks.
    fn commitment(&mut self, kind: CommitmentKind) -> Result<Option<Commitment>, CompactError> {
        let batch = self.shape.batches.iter().find(|batch| batch.kind == kind);
        batch.map(|batch| self.cap(batch.tree)).transpose()
    }

    fn cap(&mut self, tree: Tree) -> Result<Commitment, CompactError> {
        self.digests(tree.cap).map(Commitment::from)
    }

    fn tables(&mut self) -> Result<Tables, CompactError> {
        let mut instances = Vec::new();
        let mut terminals = Vec::new();
        for table in &self.shape.relation().tables {
            instances.push(self.table(table)?);
            let terminal = (table.lookup_columns > 0).then(|| self.extension().map(LookupTerminal)).transpose()?;
            terminals.push(terminal);
        }
        Ok((instances, terminals))
    }

    fn table(&mut self, table: &TableShape) -> Result<OpenedValuesWithLookups<EF>, CompactError> {
        let trace_local = self.extensions(table.main_width)?;
        let trace_next = table.reads_next_main.then(|| self.extensions(table.main_width)).transpose()?;
        let preprocessed = (table.preprocessed_width > 0).then(|| self.preprocessed(table)).transpose()?;
        let chunks = 0..table.quotient_chunks();
        let quotient_chunks = chunks.map(|_| self.extensions(EXTENSION_DEGREE)).collect::<Result<_, _>>()?;
        let base_opened_values = OpenedValues { trace_local, trace_next, preprocessed, quotient_chunks, random: None };
        let permutation_local = self.extensions(table.permutation_width())?;
        let permutation_next = self.extensions(table.permutation_width())?;
        Ok(OpenedValuesWithLookups { base_opened_values, permutation_local, permutation_next })
    }

    fn preprocessed(&mut self, table: &TableShape) -> Result<PreprocessedOpenedValues<EF>, CompactError> {
        let local = self.extensions(table.preprocessed_width)?;
        let next = table.reads_next_preprocessed.then(|| self.extensions(table.preprocessed_width)).transpose()?;
        Ok(PreprocessedOpenedValues { local, next })
    }

    fn input(&mut self, batch: &Batch) -> Result<InputOpening, CompactError> {
        let queries = 0..self.shape.params().num_queries;
        let mut rows = || batch.widths.iter().map(|width| self.elements(*width)).collect::<Result<_, _>>();
        let opened_values = queries.map(|_| rows()).collect::<Result<_, _>>()?;
        Ok(InputOpening { opened_values, opening_proof: self.paths(batch.kind, batch.tree)? })
    }

    fn round(&mut self, index: usize, round: &Round) -> Result<RoundOpening, CompactError> {
        let queries = 0..self.shape.params().num_queries;
        let sibling_values = queries.map(|_| self.extensions(round.siblings)).collect::<Result<_, _>>()?;
        Ok(RoundOpening { sibling_values, opening_proof: self.paths(CommitmentKind::Round(index), round.tree)? })
    }

    fn paths(&mut self, kind: CommitmentKind, tree: Tree) -> Result<Paths, CompactError> {
        let got = usize::from(u16::from_le_bytes(self.reader.array()?));
        let most = most_digests(self.shape, tree);
        if got > most {
            return Err(CompactError::PathDigests { kind, most, got });
        }
        Ok(Paths { sibling_hashes: self.digests(got)? })
    }

    /// A proof-of-work witness; one of 0 bits is zero and not in the bytes.
    fn witness(&mut self, bits: usize) -> Result<F, CompactError> {
        if bits == 0 { Ok(F::ZERO) } else { self.element() }
    }

    fn digests(&mut self, count: usize) -> Result<Vec<Digest>, CompactError> {
        let bytes = self.reader.bytes(count.saturating_mul(DIGEST_BYTES))?;
        let (digests, _) = bytes.as_chunks::<DIGEST_BYTES>();
        Ok(digests.to_vec())
    }

    fn element(&mut self) -> Result<F, CompactError> {
        let offset = self.reader.offset();
        let bytes = self.reader.array()?;
        let not_canonical = WireError::NotCanonical { offset, value: u32::from_le_bytes(bytes) };
        element_from_bytes(bytes).ok_or(CompactError::Wire(not_canonical))
    }

    fn elements(&mut self, count: usize) -> Result<Vec<F>, CompactError> {
        (0..count).map(|_| self.element()).collect()
    }

    fn extension(&mut self) -> Result<EF, CompactError> {
        let mut coefficients = [F::ZERO; EXTENSION_DEGREE];
        for coefficient in &mut coefficients {
            *coefficient = self.element()?;
        }
        Ok(EF::from_basis_coefficients_fn(|i| coefficients.get(i).copied().unwrap_or_default()))
    }

    fn extensions(&mut self, count: usize) -> Result<Vec<EF>, CompactError> {
        (0..count).map(|_| self.extension()).collect()
    }
}

/// Values at the out-of-domain point and terminals of all tables.
type Tables = (Vec<OpenedValuesWithLookups<EF>>, Vec<Option<LookupTerminal<EF>>>);

/// The openings of one commitment to tables.
type InputOpening = BatchMultiOpening<F, tern_fri::config::ValMmcs>;

/// The openings of one folded codeword.
type RoundOpening = CommitPhaseMultiStep<EF, tern_fri::config::ChallengeMmcs>;

/// Stands for a commitment that no shape leaves out.
fn no_commitment() -> Commitment {
    Commitment::from([[0; DIGEST_BYTES]].to_vec())
}
