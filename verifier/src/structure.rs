//! Every length in a proof, compared with the one that is expected.
//!
//! After [`ProofShape::check`] no part of a proof can be missing, repeated or of another size. The only
//! length left open is the number of digests that the queries' paths do not share, which depends on the
//! queries: it is bounded here and pinned when the paths are checked.

use core::fmt;

use tern_field::{EF, EXTENSION_DEGREE};
use tern_fri::{Commitment, Proof, TableShape};
use thiserror::Error;

use crate::expected::{Batch, ProofShape, Round, Tree};

/// What a commitment commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitmentKind {
    /// Main columns.
    Main,
    /// Quotient chunks.
    Quotient,
    /// Preprocessed columns; the commitment itself is in the verifying key.
    Preprocessed,
    /// Lookup columns.
    Permutation,
    /// Masks of a hiding proof, which no proof here has.
    Random,
    /// The codeword of a folding round.
    Round(usize),
}

impl fmt::Display for CommitmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main => f.write_str("main"),
            Self::Quotient => f.write_str("quotient"),
            Self::Preprocessed => f.write_str("preprocessed"),
            Self::Permutation => f.write_str("permutation"),
            Self::Random => f.write_str("random"),
            Self::Round(round) => write!(f, "folding round {round}"),
        }
    }
}

/// A list with one entry for each table, commitment or round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Opened values, one set for each table.
    OpenedTables,
    /// Lookup terminals, one for each table.
    Terminals,
    /// Heights, one for each table.
    Heights,
    /// Openings of the commitments to tables.
    InputOpenings,
    /// Commitments of the folding rounds.
    RoundCommitments,
    /// Proof-of-work witnesses of the folding rounds.
    RoundWitnesses,
    /// Openings of the folding rounds.
    RoundOpenings,
    /// Coefficients of the last polynomial.
    FinalPolynomial,
}

/// Values opened at the out-of-domain point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Main columns of the current row.
    MainLocal,
    /// Main columns of the next row.
    MainNext,
    /// Preprocessed columns of the current row.
    PreprocessedLocal,
    /// Preprocessed columns of the next row.
    PreprocessedNext,
    /// Lookup columns of the current row.
    PermutationLocal,
    /// Lookup columns of the next row.
    PermutationNext,
    /// One quotient chunk.
    QuotientChunk(usize),
    /// Masks of a hiding proof.
    Random,
}

/// Why a proof does not have the expected shape.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StructureError {
    /// A list has too few or too many entries.
    #[error("{list:?}: expected {expected} entries, got {got}")]
    ListLength {
        /// The list.
        list: List,
        /// Entries expected.
        expected: usize,
        /// Entries given.
        got: usize,
    },
    /// The proof claims another height for a table.
    #[error("table {table}: expected 2^{expected} rows, got 2^{got}")]
    Height {
        /// Position of the table.
        table: usize,
        /// Logarithm expected.
        expected: usize,
        /// Logarithm given.
        got: usize,
    },
    /// A commitment is missing or one too many.
    #[error("{kind} commitment: expected one: {expected}, got one: {got}")]
    CommitmentPresence {
        /// The commitment.
        kind: CommitmentKind,
        /// Whether there must be one.
        expected: bool,
        /// Whether there is one.
        got: bool,
    },
    /// A commitment has the wrong number of digests.
    #[error("{kind} commitment: expected {expected} digests, got {got}")]
    CommitmentLength {
        /// The commitment.
        kind: CommitmentKind,
        /// Digests expected.
        expected: usize,
        /// Digests given.
        got: usize,
    },
    /// Values at the out-of-domain point are missing or too many.
    #[error("table {table}, {opening:?}: expected an opening: {expected}, got one: {got}")]
    OpeningPresence {
        /// Position of the table.
        table: usize,
        /// The values.
        opening: Opening,
        /// Whether there must be any.
        expected: bool,
        /// Whether there are any.
        got: bool,
    },
    /// The wrong number of values at the out-of-domain point.
    #[error("table {table}, {opening:?}: expected {expected} values, got {got}")]
    OpeningWidth {
        /// Position of the table.
        table: usize,
        /// The values.
        opening: Opening,
        /// Values expected.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// The wrong number of quotient chunks.
    #[error("table {table}: expected {expected} quotient chunks, got {got}")]
    QuotientChunks {
        /// Position of the table.
        table: usize,
        /// Chunks expected.
        expected: usize,
        /// Chunks given.
        got: usize,
    },
    /// A lookup terminal is missing or one too many.
    #[error("table {table}: expected a lookup terminal: {expected}, got one: {got}")]
    TerminalPresence {
        /// Position of the table.
        table: usize,
        /// Whether there must be one.
        expected: bool,
        /// Whether there is one.
        got: bool,
    },
    /// The lookups' proof-of-work witness is missing or one too many.
    #[error("lookup proof of work: expected a witness: {expected}, got one: {got}")]
    LookupWitnessPresence {
        /// Whether there must be one.
        expected: bool,
        /// Whether there is one.
        got: bool,
    },
    /// A commitment is opened at the wrong number of queries.
    #[error("{kind} opening: expected {expected} queries, got {got}")]
    Queries {
        /// The commitment opened.
        kind: CommitmentKind,
        /// Queries expected.
        expected: usize,
        /// Queries given.
        got: usize,
    },
    /// A query opens the wrong number of matrices.
    #[error("{kind} opening, query {query}: expected {expected} matrices, got {got}")]
    Matrices {
        /// The commitment opened.
        kind: CommitmentKind,
        /// The query.
        query: usize,
        /// Matrices expected.
        expected: usize,
        /// Matrices given.
        got: usize,
    },
    /// A query opens a row of the wrong width.
    #[error("{kind} opening, query {query}, matrix {matrix}: expected {expected} values, got {got}")]
    RowWidth {
        /// The commitment opened.
        kind: CommitmentKind,
        /// The query.
        query: usize,
        /// The matrix; 0 in a folding round.
        matrix: usize,
        /// Values expected.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// More digests than all paths together can have.
    #[error("{kind} opening: expected at most {most} digests, got {got}")]
    PathDigests {
        /// The commitment opened.
        kind: CommitmentKind,
        /// The largest number.
        most: usize,
        /// Digests given.
        got: usize,
    },
}

impl ProofShape {
    /// Compares every length in a proof with the expected one.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn check(&self, proof: &Proof) -> Result<(), StructureError> {
        self.check_commitments(proof)?;
        self.check_tables(proof)?;
        let witness = proof.lookup_pow_witness.is_some();
        if witness != self.relation.has_lookups() {
            return Err(StructureError::LookupWitnessPresence { expected: self.relation.has_lookups(), got: witness });
        }
        self.check_input_openings(proof)?;
        self.check_rounds(proof)?;
        let coefficients = proof.opening_proof.final_poly.len();
        check_list(List::FinalPolynomial, self.final_poly_len(), coefficients)
    }

    fn check_commitments(&self, proof: &Proof) -> Result<(), StructureError> {
        let commitments = &proof.commitments;
        let in_proof = [
            (CommitmentKind::Main, Some(&commitments.main)),
            (CommitmentKind::Quotient, Some(&commitments.quotient_chunks)),
            (CommitmentKind::Permutation, commitments.permutation.as_ref()),
            (CommitmentKind::Random, commitments.random.as_ref()),
        ];
        for (kind, commitment) in in_proof {
            let batch = self.batches.iter().find(|batch| batch.kind == kind);
            match (batch, commitment) {
                (Some(batch), Some(commitment)) => check_cap(kind, batch.tree, commitment)?,
                (None, None) => {}
                (batch, commitment) => {
                    return Err(StructureError::CommitmentPresence { kind, expected: batch.is_some(), got: commitment.is_some() });
                }
            }
        }
        Ok(())
    }

    fn check_tables(&self, proof: &Proof) -> Result<(), StructureError> {
        let tables = &self.relation.tables;
        let instances = &proof.opened_values.instances;
        check_list(List::OpenedTables, tables.len(), instances.len())?;
        check_list(List::Heights, tables.len(), proof.degree_bits.len())?;
        check_list(List::Terminals, tables.len(), proof.lookup_terminals.len())?;
        let claims = proof.degree_bits.iter().zip(&proof.lookup_terminals);
        for (table, ((shape, opened), (height, terminal))) in tables.iter().zip(instances).zip(claims).enumerate() {
            if *height != shape.log_height {
                return Err(StructureError::Height { table, expected: shape.log_height, got: *height });
            }
            let expected = shape.lookup_columns > 0;
            if terminal.is_some() != expected {
                return Err(StructureError::TerminalPresence { table, expected, got: terminal.is_some() });
            }
            check_openings(table, shape, opened)?;
        }
        Ok(())
    }

    fn check_input_openings(&self, proof: &Proof) -> Result<(), StructureError> {
        let openings = &proof.opening_proof.input_openings;
        check_list(List::InputOpenings, self.batches.len(), openings.len())?;
        for (batch, opening) in self.batches.iter().zip(openings) {
            let Batch { kind, widths, tree, .. } = batch;
            self.check_queries(*kind, opening.opened_values.len())?;
            for (query, rows) in opening.opened_values.iter().enumerate() {
                if rows.len() != widths.len() {
                    return Err(StructureError::Matrices { kind: *kind, query, expected: widths.len(), got: rows.len() });
                }
                for (matrix, (width, row)) in widths.iter().zip(rows).enumerate() {
                    check_row(*kind, query, matrix, *width, row.len())?;
                }
            }
            self.check_paths(*kind, *tree, opening.opening_proof.sibling_hashes.len())?;
        }
        Ok(())
    }

    fn check_rounds(&self, proof: &Proof) -> Result<(), StructureError> {
        let fri = &proof.opening_proof;
        let expected = self.rounds.len();
        let commitments = &fri.commit_phase_commits;
        check_list(List::RoundCommitments, expected, commitments.len())?;
        check_list(List::RoundWitnesses, expected, fri.commit_pow_witnesses.len())?;
        let openings = &fri.commit_phase_openings;
        check_list(List::RoundOpenings, expected, openings.len())?;
        for (index, (round, (commitment, opening))) in self.rounds.iter().zip(commitments.iter().zip(openings)).enumerate() {
            let Round { siblings, tree, .. } = round;
            let kind = CommitmentKind::Round(index);
            check_cap(kind, *tree, commitment)?;
            self.check_queries(kind, opening.sibling_values.len())?;
            for (query, values) in opening.sibling_values.iter().enumerate() {
                check_row(kind, query, 0, *siblings, values.len())?;
            }
            self.check_paths(kind, *tree, opening.opening_proof.sibling_hashes.len())?;
        }
        Ok(())
    }

    fn check_queries(&self, kind: CommitmentKind, got: usize) -> Result<(), StructureError> {
        let expected = self.params.num_queries;
        if got == expected {
            return Ok(());
        }
        Err(StructureError::Queries { kind, expected, got })
    }

    fn check_paths(&self, kind: CommitmentKind, tree: Tree, got: usize) -> Result<(), StructureError> {
        let most = self.params.num_queries.saturating_mul(tree.path);
        if got <= most {
            return Ok(());
        }
        Err(StructureError::PathDigests { kind, most, got })
    }
}

/// The values of one table at the out-of-domain point.
type OpenedTable = p3_batch_stark::proof::OpenedValuesWithLookups<EF>;

fn check_openings(table: usize, shape: &TableShape, opened: &OpenedTable) -> Result<(), StructureError> {
    let base = &opened.base_opened_values;
    let optional = |opening, expected: Option<usize>, got: Option<usize>| match (expected, got) {
        (Some(expected), Some(got)) => check_width(table, opening, expected, got),
        (None, None) => Ok(()),
        (expected, got) => Err(StructureError::OpeningPresence { table, opening, expected: expected.is_some(), got: got.is_some() }),
    };
    let when = |condition: bool, width: usize| condition.then_some(width);
    let len = |values: &Option<alloc::vec::Vec<EF>>| values.as_ref().map(alloc::vec::Vec::len);

    let preprocessed = base.preprocessed.as_ref();
    let has_preprocessed = shape.preprocessed_width > 0;
    let reads_next = has_preprocessed && shape.reads_next_preprocessed;
    check_width(table, Opening::MainLocal, shape.main_width, base.trace_local.len())?;
    optional(Opening::MainNext, when(shape.reads_next_main, shape.main_width), len(&base.trace_next))?;
    optional(Opening::PreprocessedLocal, when(has_preprocessed, shape.preprocessed_width), preprocessed.map(|values| values.local.len()))?;
    optional(Opening::PreprocessedNext, when(reads_next, shape.preprocessed_width), preprocessed.and_then(|values| len(&values.next)))?;
    optional(Opening::Random, None, len(&base.random))?;

    let lookups = shape.permutation_width();
    let (local, next) = (&opened.permutation_local, &opened.permutation_next);
    check_width(table, Opening::PermutationLocal, lookups, local.len())?;
    check_width(table, Opening::PermutationNext, lookups, next.len())?;

    let chunks = &base.quotient_chunks;
    if chunks.len() != shape.quotient_chunks() {
        return Err(StructureError::QuotientChunks { table, expected: shape.quotient_chunks(), got: chunks.len() });
    }
    for (index, chunk) in chunks.iter().enumerate() {
        let opening = Opening::QuotientChunk(index);
        check_width(table, opening, EXTENSION_DEGREE, chunk.len())?;
    }
    Ok(())
}

fn check_width(table: usize, opening: Opening, expected: usize, got: usize) -> Result<(), StructureError> {
    if got == expected {
        return Ok(());
    }
    Err(StructureError::OpeningWidth { table, opening, expected, got })
}

fn check_row(kind: CommitmentKind, query: usize, matrix: usize, expected: usize, got: usize) -> Result<(), StructureError> {
    if got == expected {
        return Ok(());
    }
    Err(StructureError::RowWidth { kind, query, matrix, expected, got })
}

fn check_list(list: List, expected: usize, got: usize) -> Result<(), StructureError> {
    if got == expected {
        return Ok(());
    }
    Err(StructureError::ListLength { list, expected, got })
}

fn check_cap(kind: CommitmentKind, tree: Tree, commitment: &Commitment) -> Result<(), StructureError> {
    if commitment.num_roots() == tree.cap {
        return Ok(());
    }
    Err(StructureError::CommitmentLength { kind, expected: tree.cap, got: commitment.num_roots() })
}
