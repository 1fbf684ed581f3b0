//! What a proof of one relation under one set of parameters must look like.

use alloc::vec::Vec;

use tern_field::EXTENSION_DEGREE;
use tern_fri::hash::{DIGEST_BYTES, ELEMENT_BYTES};
use tern_fri::size::folding;
use tern_fri::{Params, RelationShape};
use thiserror::Error;

use crate::structure::CommitmentKind;

/// Base-2 logarithm of the largest multiplicative subgroup of BabyBear.
const TWO_ADICITY: usize = 27;

/// Largest proof of work in bits: no field element has more.
const MAX_POW_BITS: usize = 32;

/// Bytes of one encoded challenge-field element.
const EXTENSION_BYTES: usize = EXTENSION_DEGREE * ELEMENT_BYTES;

/// Bytes that the length of one list takes at most.
const LENGTH_BYTES: usize = 10;

/// The expected shape of a proof. A verifier fixes it before it reads a proof.
#[derive(Clone, Debug)]
pub struct ProofShape {
    pub(crate) params: Params,
    pub(crate) relation: RelationShape,
    /// Commitments to tables, in the order in which they are opened.
    pub(crate) batches: Vec<Batch>,
    /// FRI's commit phase.
    pub(crate) rounds: Vec<Round>,
}

/// One commitment to tables.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) kind: CommitmentKind,
    /// Widths of its matrices in base-field elements.
    pub(crate) widths: Vec<usize>,
    /// The same matrices by height, the tallest first.
    pub(crate) groups: Vec<Group>,
    pub(crate) tree: Tree,
}

/// The matrices of one height in a commitment.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// Base-2 logarithm of the length of their codewords.
    pub(crate) log_length: usize,
    /// Sum of their widths.
    pub(crate) width: usize,
    /// Their positions in the commitment.
    pub(crate) matrices: Vec<usize>,
}

/// One folding round.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    /// Base-2 logarithm of the arity.
    pub(crate) log_arity: usize,
    /// Values that a query opens beside the one it already knows.
    pub(crate) siblings: usize,
    pub(crate) tree: Tree,
}

/// A Merkle tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    /// Digests in the commitment.
    pub(crate) cap: usize,
    /// Digests from a leaf to the commitment.
    pub(crate) path: usize,
}

/// Why a relation cannot be proved under the parameters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnusableShape {
    /// There is nothing to prove.
    #[error("expected at least one table, got none")]
    NoTables,
    /// A parameter makes a proof meaningless or impossible.
    #[error("parameter {name}: expected {expected}, got {got}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
        /// Its value.
        got: usize,
    },
    /// A table is too short or too tall.
    #[error("table {table}: expected between 2^{min} and 2^{max} rows, got 2^{got}")]
    Height {
        /// Position of the table.
        table: usize,
        /// Smallest logarithm.
        min: usize,
        /// Largest logarithm.
        max: usize,
        /// The table's.
        got: usize,
    },
    /// A table has no main columns, which the commitment scheme cannot hold.
    #[error("table {table}: expected at least one main column, got none")]
    NoColumns {
        /// Position of the table.
        table: usize,
    },
    /// The constraints have too high a degree for the blowup.
    #[error("table {table}: expected at most 2^{max} quotient chunks, got 2^{got}")]
    QuotientChunks {
        /// Position of the table.
        table: usize,
        /// Largest logarithm: that of the blowup.
        max: usize,
        /// The table's.
        got: usize,
    },
}

impl ProofShape {
    /// Derives every length in a proof.
    ///
    /// # Errors
    ///
    /// When no such proof can exist.
    pub fn new(params: &Params, relation: RelationShape) -> Result<Self, UnusableShape> {
        check_params(params)?;
        check_tables(params, &relation)?;
        Ok(Self { batches: batches(params, &relation), rounds: rounds(params, &relation), params: *params, relation })
    }

    /// The relation that the proof is about.
    #[must_use]
    pub const fn relation(&self) -> &RelationShape {
        &self.relation
    }

    /// The parameters that the proof is made under.
    #[must_use]
    pub const fn params(&self) -> &Params {
        &self.params
    }

    /// Digests of the commitment to the preprocessed columns, 0 without such columns.
    #[must_use]
    pub fn preprocessed_digests(&self) -> usize {
        let batch = self.batches.iter().find(|batch| batch.kind == CommitmentKind::Preprocessed);
        batch.map_or(0, |batch| batch.tree.cap)
    }

    /// An upper bound of the encoded length of a proof, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        let mut size = Size::default();
        for table in &self.relation.tables {
            size.extension_list(table.main_width);
            size.extension_list(table.main_width);
            size.extension_list(table.preprocessed_width);
            size.extension_list(table.preprocessed_width);
            size.extension_list(table.permutation_width());
            size.extension_list(table.permutation_width());
            for _ in 0..table.quotient_chunks() {
                size.extension_list(EXTENSION_DEGREE);
            }
            // Terminal, height, the tags of optional parts and the count of chunks.
            size.extension_list(1);
            size.bytes(4_usize.saturating_mul(LENGTH_BYTES));
        }
        for batch in &self.batches {
            let row: usize = batch.widths.iter().fold(0, |sum, width| {
                let bytes = width.saturating_mul(ELEMENT_BYTES);
                sum.saturating_add(bytes).saturating_add(LENGTH_BYTES)
            });
            self.add_tree(&mut size, batch.tree, row);
        }
        for round in &self.rounds {
            let row = round.siblings.saturating_mul(EXTENSION_BYTES);
            self.add_tree(&mut size, round.tree, row);
        }
        size.extension_list(self.final_poly_len());
        // The lists at the top and the proof-of-work witnesses.
        size.bytes(LENGTH_BYTES.saturating_mul(16));
        size.0
    }

    /// Base-2 logarithm of the longest codeword's length.
    pub(crate) fn log_longest(&self) -> usize {
        self.relation.max_log_height().saturating_add(self.params.log_blowup)
    }

    /// Base-2 logarithm of the length of the codeword that the last polynomial stands for.
    pub(crate) const fn log_last(&self) -> usize {
        self.params.log_final_poly_len.saturating_add(self.params.log_blowup)
    }

    /// Coefficients of FRI's last polynomial.
    pub(crate) fn final_poly_len(&self) -> usize {
        power_of_two(self.params.log_final_poly_len)
    }

    /// Adds a commitment, the rows that the queries open, and their paths.
    fn add_tree(&self, size: &mut Size, tree: Tree, row_bytes: usize) {
        let query = row_bytes.saturating_add(LENGTH_BYTES).saturating_add(tree.path.saturating_mul(DIGEST_BYTES));
        size.bytes(tree.cap.saturating_mul(DIGEST_BYTES));
        size.bytes(query.saturating_mul(self.params.num_queries));
        size.bytes(LENGTH_BYTES.saturating_mul(4));
    }
}

/// A running sum of bytes.
#[derive(Default)]
struct Size(usize);

impl Size {
    fn bytes(&mut self, bytes: usize) {
        self.0 = self.0.saturating_add(bytes);
    }

    fn extension_list(&mut self, len: usize) {
        self.bytes(len.saturating_mul(EXTENSION_BYTES));
        self.bytes(LENGTH_BYTES);
    }
}

fn check_params(params: &Params) -> Result<(), UnusableShape> {
    let positive = [("log_blowup", params.log_blowup), ("num_queries", params.num_queries), ("max_log_arity", params.max_log_arity)];
    for (name, got) in positive {
        if got == 0 {
            return Err(UnusableShape::Parameter { name, expected: "more than 0", got });
        }
    }
    let below_two_adicity = [
        ("log_blowup", params.log_blowup),
        ("max_log_arity", params.max_log_arity),
        ("log_final_poly_len", params.log_final_poly_len),
        ("cap_height", params.cap_height),
    ];
    for (name, got) in below_two_adicity {
        if got >= TWO_ADICITY {
            return Err(UnusableShape::Parameter { name, expected: "less than 27", got });
        }
    }
    let work = [
        ("lookup_pow_bits", params.lookup_pow_bits),
        ("ood_pow_bits", params.ood_pow_bits),
        ("batch_pow_bits", params.batch_pow_bits),
        ("commit_pow_bits", params.commit_pow_bits),
        ("query_pow_bits", params.query_pow_bits),
    ];
    for (name, got) in work {
        if got > MAX_POW_BITS {
            return Err(UnusableShape::Parameter { name, expected: "at most 32", got });
        }
    }
    Ok(())
}

fn check_tables(params: &Params, relation: &RelationShape) -> Result<(), UnusableShape> {
    if relation.tables.is_empty() {
        return Err(UnusableShape::NoTables);
    }
    let max = TWO_ADICITY.saturating_sub(params.log_blowup);
    // A table whose codeword is shorter than the cap would not be covered by it.
    let covered = params.cap_height.saturating_sub(params.log_blowup);
    let min = params.min_log_height().max(covered);
    for (table, shape) in relation.tables.iter().enumerate() {
        if !(min..=max).contains(&shape.log_height) {
            return Err(UnusableShape::Height { table, min, max, got: shape.log_height });
        }
        if shape.main_width == 0 {
            return Err(UnusableShape::NoColumns { table });
        }
        if shape.log_quotient_chunks > params.log_blowup {
            return Err(UnusableShape::QuotientChunks { table, max: params.log_blowup, got: shape.log_quotient_chunks });
        }
    }
    Ok(())
}

/// The commitments to tables, in the order in which `p3-batch-stark` opens them.
fn batches(params: &Params, relation: &RelationShape) -> Vec<Batch> {
    let mut main = Builder::new(CommitmentKind::Main);
    let mut quotient = Builder::new(CommitmentKind::Quotient);
    let mut preprocessed = Builder::new(CommitmentKind::Preprocessed);
    let mut permutation = Builder::new(CommitmentKind::Permutation);
    for table in &relation.tables {
        let height = table.log_height;
        main.add(height, table.main_width);
        for _ in 0..table.quotient_chunks() {
            quotient.add(height, EXTENSION_DEGREE);
        }
        preprocessed.add(height, table.preprocessed_width);
        permutation.add(height, table.permutation_width());
    }
    [main, quotient, preprocessed, permutation]
        .into_iter()
        .filter(|builder| !builder.widths.is_empty())
        .map(|builder| builder.finish(params))
        .collect()
}

/// Collects the matrices of one commitment.
struct Builder {
    kind: CommitmentKind,
    widths: Vec<usize>,
    /// Heights of the tables, as logarithms.
    log_heights: Vec<usize>,
}

impl Builder {
    const fn new(kind: CommitmentKind) -> Self {
        Self { kind, widths: Vec::new(), log_heights: Vec::new() }
    }

    /// Adds a matrix; one without columns is not committed.
    fn add(&mut self, log_height: usize, width: usize) {
        if width > 0 {
            self.widths.push(width);
            self.log_heights.push(log_height);
        }
    }

    fn finish(self, params: &Params) -> Batch {
        let mut heights = self.log_heights.clone();
        heights.sort_unstable_by(|a, b| b.cmp(a));
        heights.dedup();
        let groups: Vec<Group> = heights.into_iter().map(|height| self.group(params, height)).collect();
        let log_leaves = groups.first().map_or(0, |group| group.log_length);
        Batch { kind: self.kind, groups, tree: tree(params, log_leaves), widths: self.widths }
    }

    fn group(&self, params: &Params, log_height: usize) -> Group {
        let of_height = self.log_heights.iter().enumerate().filter(|(_, height)| **height == log_height);
        let matrices: Vec<usize> = of_height.map(|(matrix, _)| matrix).collect();
        let widths = matrices.iter().filter_map(|matrix| self.widths.get(*matrix));
        let width = widths.fold(0_usize, |sum, width| sum.saturating_add(*width));
        Group { log_length: log_height.saturating_add(params.log_blowup), width, matrices }
    }
}

/// FRI's folding rounds: a round ends at every distinct height.
fn rounds(params: &Params, relation: &RelationShape) -> Vec<Round> {
    let mut current = relation.max_log_height().saturating_add(params.log_blowup);
    folding(params, relation)
        .into_iter()
        .map(|log_arity| {
            current = current.saturating_sub(log_arity);
            Round { log_arity, siblings: power_of_two(log_arity).saturating_sub(1), tree: tree(params, current) }
        })
        .collect()
}

fn tree(params: &Params, log_leaves: usize) -> Tree {
    let cap_height = params.cap_height.min(log_leaves);
    Tree { cap: power_of_two(cap_height), path: log_leaves.saturating_sub(cap_height) }
}

/// `2^log`, for logarithms that [`check_params`] and [`check_tables`] have bounded.
fn power_of_two(log: usize) -> usize {
    u32::try_from(log).ok().and_then(|log| 1_usize.checked_shl(log)).unwrap_or(usize::MAX)
}
