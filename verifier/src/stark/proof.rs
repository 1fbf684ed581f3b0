//! The values of a batch proof, for any interpreter.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::TableShape;
use tern_fri::hash::{DIGEST_BYTES, Digest};

use crate::expected::{Batch, ProofShape, Round, Tree};
use crate::native::Native;
use crate::ops::Ops;
use crate::structure::CommitmentKind;

/// A batch proof with every Merkle path in full. The lengths of all lists follow from a [`ProofShape`]; heights are not part of it.
#[derive(Clone)]
pub struct BatchProof<O: Ops> {
    /// Commitment to the main columns.
    pub main: Vec<O::Digest>,
    /// Commitment to the quotient chunks.
    pub quotient: Vec<O::Digest>,
    /// Commitment to the lookup columns; empty without lookups.
    pub permutation: Vec<O::Digest>,
    /// What is claimed of each table.
    pub tables: Vec<TableValues<O>>,
    /// Proof-of-work witness before the lookup challenges, a base element; none without lookups.
    pub lookup_pow: Option<O::Ext>,
    /// Proof-of-work witness before the out-of-domain point, a base element.
    pub ood_pow: O::Ext,
    /// Proof-of-work witness before the batching challenge, a base element.
    pub batch_pow: O::Ext,
    /// FRI's folding rounds.
    pub rounds: Vec<RoundValues<O>>,
    /// Coefficients of FRI's last polynomial, the constant first.
    pub final_polynomial: Vec<O::Ext>,
    /// Proof-of-work witness before the query indices, a base element.
    pub query_pow: O::Ext,
    /// The openings at each query's index.
    pub queries: Vec<QueryValues<O>>,
}

/// Values of one table at the out-of-domain point; lists of what is not opened are empty.
#[derive(Clone)]
pub struct TableValues<O: Ops> {
    /// Main columns at `zeta`.
    pub main_local: Vec<O::Ext>,
    /// Main columns at `zeta g`.
    pub main_next: Vec<O::Ext>,
    /// Preprocessed columns at `zeta`.
    pub preprocessed_local: Vec<O::Ext>,
    /// Preprocessed columns at `zeta g`.
    pub preprocessed_next: Vec<O::Ext>,
    /// Each quotient chunk's five base columns at `zeta`.
    pub quotient: Vec<Vec<O::Ext>>,
    /// The base columns of the lookup columns at `zeta`, five for each.
    pub permutation_local: Vec<O::Ext>,
    /// The same at `zeta g`.
    pub permutation_next: Vec<O::Ext>,
    /// The table's share of the sum over all messages; none without lookups.
    pub terminal: Option<O::Ext>,
}

/// The part of a folding round that all queries share.
#[derive(Clone)]
pub struct RoundValues<O: Ops> {
    /// Commitment to the folded codeword.
    pub cap: Vec<O::Digest>,
    /// Proof-of-work witness before the round's challenge, a base element.
    pub pow: O::Ext,
}

/// Openings at one query's index.
#[derive(Clone)]
pub struct QueryValues<O: Ops> {
    /// One for each commitment to tables, in the order main, quotient, preprocessed, permutation; those without matrices are left out.
    pub inputs: Vec<InputValues<O>>,
    /// One for each folding round.
    pub rounds: Vec<RoundOpening<O>>,
}

/// The opening of one commitment to tables.
#[derive(Clone)]
pub struct InputValues<O: Ops> {
    /// For each height of a matrix, the tallest first, the rows of the matrices of that height one after the other, in the order of the tables.
    pub rows: Vec<O::Row>,
    /// Siblings from the leaf to the commitment.
    pub path: Vec<O::Digest>,
}

/// The opening of one folding round's codeword.
#[derive(Clone)]
pub struct RoundOpening<O: Ops> {
    /// All values of the row, the one that the query knows among them.
    pub row: Vec<O::Ext>,
    /// Siblings from the leaf to the commitment.
    pub path: Vec<O::Digest>,
}

/// Takes the values of a proof from one interpreter to another.
pub trait Importer<From: Ops, To: Ops> {
    /// An element of the base field, which stands as an extension element.
    fn base(&mut self, value: &From::Ext) -> To::Ext;
    /// An element of the challenge field.
    fn ext(&mut self, value: &From::Ext) -> To::Ext;
    /// A digest.
    fn digest(&mut self, value: &From::Digest) -> To::Digest;
    /// A row.
    fn row(&mut self, value: &From::Row) -> To::Row;

    /// Elements of the challenge field.
    fn exts(&mut self, values: &[From::Ext]) -> Vec<To::Ext> {
        values.iter().map(|value| self.ext(value)).collect()
    }

    /// Digests.
    fn digests(&mut self, values: &[From::Digest]) -> Vec<To::Digest> {
        values.iter().map(|value| self.digest(value)).collect()
    }
}

impl<O: Ops> BatchProof<O> {
    /// The same proof in another interpreter; values are taken in the order of the fields' declarations.
    pub fn import<T: Ops>(&self, importer: &mut impl Importer<O, T>) -> BatchProof<T> {
        BatchProof {
            main: importer.digests(&self.main),
            quotient: importer.digests(&self.quotient),
            permutation: importer.digests(&self.permutation),
            tables: self.tables.iter().map(|table| table.import(importer)).collect(),
            lookup_pow: self.lookup_pow.as_ref().map(|witness| importer.base(witness)),
            ood_pow: importer.base(&self.ood_pow),
            batch_pow: importer.base(&self.batch_pow),
            rounds: self
                .rounds
                .iter()
                .map(|round| RoundValues { cap: importer.digests(&round.cap), pow: importer.base(&round.pow) })
                .collect(),
            final_polynomial: importer.exts(&self.final_polynomial),
            query_pow: importer.base(&self.query_pow),
            queries: self.queries.iter().map(|query| query.import(importer)).collect(),
        }
    }
}

impl<O: Ops> BatchProof<O> {
    /// Whether every list has the length that the shape gives it; the lengths of rows of tables are not looked at.
    pub(crate) fn fits(&self, shape: &ProofShape) -> bool {
        let cap = |kind| shape.batches.iter().find(|batch| batch.kind == kind).map_or(0, |batch| batch.tree.cap);
        let caps = [
            (&self.main, CommitmentKind::Main),
            (&self.quotient, CommitmentKind::Quotient),
            (&self.permutation, CommitmentKind::Permutation),
        ];
        let tables = &shape.relation.tables;
        caps.into_iter().all(|(digests, kind)| digests.len() == cap(kind))
            && all(&self.tables, tables, TableValues::fits)
            && self.lookup_pow.is_some() == shape.relation.has_lookups()
            && all(&self.rounds, &shape.rounds, |values, round| values.cap.len() == round.tree.cap)
            && self.final_polynomial.len() == shape.final_poly_len()
            && self.queries.len() == shape.params.num_queries
            && self.queries.iter().all(|query| query.fits(shape))
    }
}

impl<O: Ops> TableValues<O> {
    fn fits(&self, table: &TableShape) -> bool {
        let next = |reads: bool, width: usize| if reads { width } else { 0 };
        let lists = [
            (&self.main_local, table.main_width),
            (&self.main_next, next(table.reads_next_main, table.main_width)),
            (&self.preprocessed_local, table.preprocessed_width),
            (&self.preprocessed_next, next(table.reads_next_preprocessed, table.preprocessed_width)),
            (&self.permutation_local, table.permutation_width()),
            (&self.permutation_next, table.permutation_width()),
        ];
        lists.into_iter().all(|(values, width)| values.len() == width)
            && self.quotient.len() == table.quotient_chunks()
            && self.quotient.iter().all(|chunk| chunk.len() == EXTENSION_DEGREE)
            && self.terminal.is_some() == (table.lookup_columns > 0)
    }
}

impl<O: Ops> QueryValues<O> {
    fn fits(&self, shape: &ProofShape) -> bool {
        let of_batch =
            |input: &InputValues<O>, batch: &Batch| input.rows.len() == batch.groups.len() && input.path.len() == batch.tree.path;
        let of_round = |opening: &RoundOpening<O>, round: &Round| {
            opening.row.len() == round.siblings.saturating_add(1) && opening.path.len() == round.tree.path
        };
        all(&self.inputs, &shape.batches, of_batch) && all(&self.rounds, &shape.rounds, of_round)
    }
}

/// Whether two lists have one length and all pairs pass.
fn all<A, B>(values: &[A], shapes: &[B], fits: impl Fn(&A, &B) -> bool) -> bool {
    values.len() == shapes.len() && values.iter().zip(shapes).all(|(values, shape)| fits(values, shape))
}

impl<O: Ops> TableValues<O> {
    fn import<T: Ops>(&self, importer: &mut impl Importer<O, T>) -> TableValues<T> {
        TableValues {
            main_local: importer.exts(&self.main_local),
            main_next: importer.exts(&self.main_next),
            preprocessed_local: importer.exts(&self.preprocessed_local),
            preprocessed_next: importer.exts(&self.preprocessed_next),
            quotient: self.quotient.iter().map(|chunk| importer.exts(chunk)).collect(),
            permutation_local: importer.exts(&self.permutation_local),
            permutation_next: importer.exts(&self.permutation_next),
            terminal: self.terminal.as_ref().map(|terminal| importer.ext(terminal)),
        }
    }
}

impl<O: Ops> QueryValues<O> {
    fn import<T: Ops>(&self, importer: &mut impl Importer<O, T>) -> QueryValues<T> {
        let input = |importer: &mut _, input: &InputValues<O>| import_input(importer, input);
        QueryValues {
            inputs: self.inputs.iter().map(|values| input(importer, values)).collect(),
            rounds: self.rounds.iter().map(|round| import_round(importer, round)).collect(),
        }
    }
}

fn import_input<O: Ops, T: Ops>(importer: &mut impl Importer<O, T>, input: &InputValues<O>) -> InputValues<T> {
    InputValues { rows: input.rows.iter().map(|row| importer.row(row)).collect(), path: importer.digests(&input.path) }
}

fn import_round<O: Ops, T: Ops>(importer: &mut impl Importer<O, T>, round: &RoundOpening<O>) -> RoundOpening<T> {
    RoundOpening { row: importer.exts(&round.row), path: importer.digests(&round.path) }
}

impl BatchProof<Native> {
    /// The proof of a shape whose every value is zero. It proves nothing: circuits are built from it.
    #[must_use]
    pub fn zero(shape: &ProofShape) -> Self {
        let tables = shape.relation.tables.iter().map(|table| {
            let next = |reads: bool, width: usize| zeros(if reads { width } else { 0 });
            TableValues {
                main_local: zeros(table.main_width),
                main_next: next(table.reads_next_main, table.main_width),
                preprocessed_local: zeros(table.preprocessed_width),
                preprocessed_next: next(table.reads_next_preprocessed, table.preprocessed_width),
                quotient: vec![zeros(EXTENSION_DEGREE); table.quotient_chunks()],
                permutation_local: zeros(table.permutation_width()),
                permutation_next: zeros(table.permutation_width()),
                terminal: (table.lookup_columns > 0).then_some(EF::ZERO),
            }
        });
        let cap = |kind| shape.batches.iter().find(|batch| batch.kind == kind).map_or_else(Vec::new, |batch| zero_cap(batch.tree));
        Self {
            main: cap(CommitmentKind::Main),
            quotient: cap(CommitmentKind::Quotient),
            permutation: cap(CommitmentKind::Permutation),
            tables: tables.collect(),
            lookup_pow: shape.relation.has_lookups().then_some(EF::ZERO),
            ood_pow: EF::ZERO,
            batch_pow: EF::ZERO,
            rounds: shape.rounds.iter().map(|round| RoundValues { cap: zero_cap(round.tree), pow: EF::ZERO }).collect(),
            final_polynomial: zeros(shape.final_poly_len()),
            query_pow: EF::ZERO,
            queries: vec![zero_query(shape); shape.params.num_queries],
        }
    }
}

fn zero_query(shape: &ProofShape) -> QueryValues<Native> {
    let rounds =
        shape.rounds.iter().map(|round| RoundOpening { row: zeros(round.siblings.saturating_add(1)), path: zero_path(round.tree) });
    QueryValues { inputs: shape.batches.iter().map(zero_input).collect(), rounds: rounds.collect() }
}

fn zero_input(batch: &Batch) -> InputValues<Native> {
    let rows = batch.groups.iter().map(|group| vec![F::ZERO; group.width]);
    InputValues { rows: rows.collect(), path: zero_path(batch.tree) }
}

fn zeros(len: usize) -> Vec<EF> {
    vec![EF::ZERO; len]
}

fn zero_cap(tree: Tree) -> Vec<Digest> {
    vec![[0; DIGEST_BYTES]; tree.cap]
}

fn zero_path(tree: Tree) -> Vec<Digest> {
    vec![[0; DIGEST_BYTES]; tree.path]
}
