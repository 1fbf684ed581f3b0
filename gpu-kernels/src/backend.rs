//! The device's part of the seam ([`tern_fri::multilinear::backend`]).

use std::sync::Arc;

use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::backend::{self, BackendError, LookupError, Relation, Statement, Usage};
use tern_fri::multilinear::fractions::{Claim, FractionsProof};
use tern_fri::multilinear::keccak::{self, Tie};
use tern_fri::multilinear::opening::{Claims, Form, RowWeights};
use tern_fri::multilinear::proof::OpeningProof;
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::zerocheck::{Challenges, Instance, Link, ZerocheckProof};

use crate::constraints::{self, Terms};
use crate::fractions::FractionsError;
use crate::gpu::Traffic;
use crate::matrix::{Columns, Fixed, Matrix};
use crate::messages::{self, Messages};
use crate::plan::largest_log_cells;
use crate::{Gpu, GpuError, fill, opening, work};

/// Proves on a device.
#[derive(Clone, Debug)]
pub struct Backend {
    gpu: Arc<Gpu>,
}

impl Backend {
    /// On this device.
    #[must_use]
    pub fn new(gpu: Gpu) -> Self {
        Self { gpu: Arc::new(gpu) }
    }

    /// The device.
    #[must_use]
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }
}

/// What all proofs of a relation share: their fixed columns, and kernels made of constraints and messages.
struct Prepared {
    gpu: Arc<Gpu>,
    fixed: Fixed,
    messages: Messages,
    constraints: constraints::Prepared,
    rows: fill::Kernels,
}

/// A proof in the making.
struct Session<'a> {
    prepared: &'a Prepared,
    relation: Relation<'a>,
    statement: Statement<'a>,
    matrix: Matrix,
}

fn failed(gpu: &Gpu) -> impl Fn(GpuError) -> BackendError {
    |error| BackendError { device: gpu.description().name.clone(), reason: error.to_string() }
}

impl backend::Backend for Backend {
    fn prepare(&self, relation: &Relation<'_>) -> Result<Box<dyn backend::Prepared>, BackendError> {
        let gpu = &self.gpu;
        let prepare = || {
            let terms = if gpu.is_compiled() { Terms::Compiled } else { Terms::Interpreted };
            let constraints = constraints::Prepared::new(gpu, relation.plans, terms)?;
            Ok(Prepared {
                fixed: Fixed::new(gpu, relation)?,
                messages: Messages::new(gpu, relation)?,
                constraints,
                rows: fill::Kernels::default(),
                gpu: Arc::clone(gpu),
            })
        };
        let prepared = prepare().map_err(failed(gpu))?;
        Ok(Box::new(prepared))
    }

    fn largest_log_cells(&self) -> usize {
        largest_log_cells(self.gpu.binding_bytes(), self.gpu.memory())
    }

    fn usage(&self) -> Usage {
        let Traffic { up, down, waits, dispatches } = self.gpu.traffic();
        Usage { bytes_up: up, bytes_down: down, waits, kernels: dispatches, peak_bytes: self.gpu.peak_bytes() }
    }
}

impl backend::Prepared for Prepared {
    fn commit<'a>(&'a self, relation: Relation<'a>, statement: Statement<'a>) -> Result<Box<dyn backend::Session + 'a>, BackendError> {
        let size = (statement.shape.log_rows, LOG_BLOCK);
        let tables = (&self.rows, statement.tables);
        let matrix = Matrix::commit(&self.gpu, relation.params, relation.layout, tables, size).map_err(failed(&self.gpu))?;
        Ok(Box::new(Session { prepared: self, relation, statement, matrix }))
    }
}

impl Session<'_> {
    fn columns(&self) -> Vec<Columns<'_>> {
        (0..self.relation.plans.len()).map(|table| self.prepared.fixed.columns(&self.matrix, table)).collect()
    }
}

impl backend::Session for Session<'_> {
    fn cap(&self) -> &[Digest] {
        self.matrix.cap()
    }

    fn work(&mut self, bits: usize, transcript: &mut Transcript) -> Result<F, BackendError> {
        work::work(&self.prepared.gpu, bits, transcript).map_err(failed(&self.prepared.gpu))
    }

    fn lookups(&mut self, challenges: [EF; 2], transcript: &mut Transcript) -> Result<(FractionsProof, Claim), LookupError> {
        let Prepared { gpu, messages, .. } = self.prepared;
        let proved = messages::prove(gpu, messages, &self.relation, &self.columns(), self.statement.public_values, challenges, transcript);
        proved.map_err(|error| match error {
            FractionsError::Unbalanced(error) => error.into(),
            FractionsError::Gpu(error) => failed(gpu)(error).into(),
        })
    }

    fn constraints(&mut self, challenges: &Challenges, link: &Link, transcript: &mut Transcript) -> Result<ZerocheckProof, BackendError> {
        let Prepared { gpu, constraints, .. } = self.prepared;
        let instances =
            self.relation.plans.iter().zip(self.statement.public_values).map(|(plan, public_values)| Instance { plan, public_values });
        let tables = instances.zip(self.columns()).map(|(instance, columns)| constraints::Table { instance, columns });
        let tables: Vec<constraints::Table<'_>> = tables.collect();
        constraints::prove(gpu, constraints, &tables, challenges, Some(link), transcript).map_err(failed(gpu))
    }

    fn keccak(&mut self, tie: &Tie, transcript: &mut Transcript) -> Result<(keccak::Proof<EF>, Vec<Form>), BackendError> {
        let Statement { tables, shape, .. } = self.statement;
        crate::keccak::prove_tables(&self.prepared.gpu, tie, tables, shape.block_variables, transcript).map_err(failed(&self.prepared.gpu))
    }

    fn open(
        &mut self,
        rows: &RowWeights,
        claims: &Claims<'_>,
        forms: &[Form],
        transcript: &mut Transcript,
    ) -> Result<OpeningProof, BackendError> {
        let Prepared { gpu, fixed, .. } = self.prepared;
        let matrices: Vec<&Matrix> = core::iter::once(&self.matrix).chain(fixed.committed()).collect();
        opening::open(gpu, self.statement.shape, &matrices, rows, claims, forms, transcript).map_err(failed(gpu))
    }
}
