//! The host's part of the seam ([`super::backend`]).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::iter;

use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};

use super::Transcript;
use super::backend::{BackendError, LookupError, Relation, Session, Statement};
use super::fractions::{self, Claim, FractionsProof, Memory};
use super::keccak::prover::prove_tables;
use super::keccak::{self, Tie};
use super::lookups::{Columns, placed};
use super::opening::{self, Claims, CommitError, Committed, Form, RowWeights};
use super::prepare::FixedMatrix;
use super::proof::OpeningProof;
use super::prove::{Lies, ProverAir};
use super::shape::LOG_BLOCK;
use super::source::of_cells;
use super::zerocheck::{self, Challenges, Link, Table, ZerocheckProof};
use crate::hash::Digest;

/// A proof in the making on the host.
pub(super) struct Host<'a, A> {
    airs: &'a [A],
    relation: Relation<'a>,
    statement: Statement<'a>,
    /// The cells of the statement's tables.
    cells: &'a [RowMajorMatrix<F>],
    committed: Committed,
    lies: Lies<'a>,
}

impl<'a, A: ProverAir> Host<'a, A> {
    /// Commits to a proof's tables, which have these cells.
    pub(super) fn commit(
        airs: &'a [A],
        relation: Relation<'a>,
        statement: Statement<'a>,
        cells: &'a [RowMajorMatrix<F>],
        lies: Lies<'a>,
    ) -> Result<Box<dyn Session + 'a>, CommitError> {
        let size = (statement.shape.log_rows, LOG_BLOCK);
        let committed = Committed::new(relation.params, relation.layout, cells, size)?;
        Ok(Box::new(Self { airs, relation, statement, cells, committed, lies }))
    }

    /// Each table with its public values and its fixed columns.
    fn tables(&self) -> impl Iterator<Item = (&'a RowMajorMatrix<F>, &'a [F], Option<&'a RowMajorMatrix<F>>)> {
        let fixed = self.relation.fixed;
        self.cells.iter().zip(self.statement.public_values).zip(fixed).map(|((table, values), fixed)| (table, &values[..], fixed.as_ref()))
    }
}

impl<A: ProverAir> Session for Host<'_, A> {
    fn cap(&self) -> &[Digest] {
        self.committed.cap()
    }

    fn work(&mut self, bits: usize, transcript: &mut Transcript) -> Result<F, BackendError> {
        Ok(transcript.work(bits))
    }

    fn lookups(&mut self, [alpha, beta]: [EF; 2], transcript: &mut Transcript) -> Result<(FractionsProof, Claim), LookupError> {
        let fingerprints = self.relation.lookups.with_challenges(alpha, beta);
        // Nothing of the lookups is left when they are proved.
        let mut memory = Memory::default();
        let blocks = self.tables().zip(self.airs).enumerate().flat_map(|(table, ((main, public_values, fixed), air))| {
            fingerprints.blocks_in(table, air, &Columns { main, fixed, public_values }, &mut memory)
        });
        let blocks = tracing::info_span!("messages").in_scope(|| placed(blocks.collect()));
        match self.lies.forged_layers {
            Some(forged) => Ok(fractions::prove_lying(blocks, self.relation.row_variables, transcript, forged)),
            None => Ok(fractions::prove_in(blocks, self.relation.row_variables, transcript, &mut memory)?),
        }
    }

    fn constraints(&mut self, challenges: &Challenges, link: &Link, transcript: &mut Transcript) -> Result<ZerocheckProof, BackendError> {
        let table = |((main, public_values, preprocessed), plan)| Table { plan, main, preprocessed, public_values };
        let tables: Vec<Table<'_>> = self.tables().zip(self.relation.plans).map(table).collect();
        Ok(zerocheck::prove(&tables, challenges, Some(link), transcript))
    }

    fn keccak(&mut self, tie: &Tie, transcript: &mut Transcript) -> Result<(keccak::Proof<EF>, Vec<Form>), BackendError> {
        let tables = of_cells(self.lies.argued.unwrap_or(self.cells));
        Ok(prove_tables(tie, &tables, self.statement.shape.block_variables, transcript))
    }

    fn open(
        &mut self,
        rows: &RowWeights,
        claims: &Claims<'_>,
        forms: &[Form],
        transcript: &mut Transcript,
    ) -> Result<OpeningProof, BackendError> {
        let fixed = self.relation.fixed_matrix.map(FixedMatrix::committed);
        let matrices: Vec<&Committed> = iter::once(&self.committed).chain(fixed).collect();
        Ok(opening::open(self.statement.shape, &matrices, rows, claims, forms, transcript))
    }
}
