//! The zerocheck ([`tern_fri::multilinear::zerocheck`]) on a device: sums over rows and folds are
//! made here, and all rounds but the skip round and the last ones played.
//!
//! - [`Prepared`] has what all proofs of a relation share: kernels and programs.
//! - `skip` makes the sums of the skip round. Cells (forms of columns) are stored for a chunk of
//!   rows at a time, on the subgroup and the cosets that each is needed on; kernels that are
//!   generated, or one that interprets, make the terms of these.
//! - `rounds` folds cells at the skip round's challenge and plays the other rounds, in which terms
//!   are interpreted, for all tables at once; their challenges are drawn here (`live`). The host
//!   plays the last ones.

mod kernels;
mod live;
mod prepared;
mod rounds;
mod schedule;
mod skip;

use core::ops::Range;

use p3_field::{BasedVectorSpace, PrimeField32};
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::zerocheck::{Challenges, Instance, Link, Played, Point, Protocol, SKIP_BITS, ZerocheckProof, lagrange};

use prepared::Interpreted;
pub use prepared::{Prepared, Terms};

use crate::kernel::GROUP;
use crate::matrix::Columns;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Base-2 logarithm of the points of the skipped domain.
const LOG_POINTS: usize = SKIP_BITS;

/// Points of the skipped domain.
const POINTS: usize = 1 << LOG_POINTS;

/// Rows of a block.
const BLOCK: usize = 1 << LOG_BLOCK;

/// Rows of a vector.
const LANES: usize = BLOCK / POINTS;

/// Columns, and rows of them, that one workgroup copies.
const COPIED_COLUMNS: usize = 32;
const COPIED_ROWS: usize = 64;

/// A table.
pub struct Table<'a> {
    /// What it states.
    pub instance: Instance<'a>,
    /// Its columns: the main ones, then the fixed ones.
    pub columns: Columns<'a>,
}

impl Table<'_> {
    const fn blocks(&self) -> usize {
        self.columns.rows / BLOCK
    }
}

/// How work is divided. Proofs do not depend on it.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Most words of what is kept for a while.
    scratch: usize,
    /// Most workgroups that share a sum.
    groups: usize,
    /// Most invocations of kernels that interpret.
    invocations: usize,
    /// With so few vectors of all tables the host goes on.
    host_vectors: usize,
}

const SIZES: Sizes = Sizes { scratch: 64 << 20, groups: 64, invocations: 1 << 16, host_vectors: 64 };

/// As [`tern_fri::multilinear::zerocheck::prove`], of tables on a device: the same proof. The host
/// waits after the skip round and before the last ones.
///
/// # Errors
///
/// If the device fails.
///
/// # Panics
///
/// When there are fewer than nine row variables, tables have more rows than these allow, or the
/// link's messages are not the tables'; and if a coordinate of the point is zero, which a drawn one
/// is not.
pub fn prove(
    gpu: &Gpu,
    prepared: &Prepared,
    tables: &[Table<'_>],
    challenges: &Challenges,
    link: Option<&Link>,
    transcript: &mut Transcript,
) -> Result<ZerocheckProof, GpuError> {
    prove_with(gpu, prepared, tables, (challenges, link), transcript, &SIZES)
}

fn prove_with(
    gpu: &Gpu,
    prepared: &Prepared,
    tables: &[Table<'_>],
    (challenges, link): (&Challenges, Option<&Link>),
    transcript: &mut Transcript,
    sizes: &Sizes,
) -> Result<ZerocheckProof, GpuError> {
    assert!(tables.iter().all(|table| table.columns.rows <= BLOCK.max(1 << challenges.tau.len())), "rows of the variables");
    let protocol = Protocol::new(tables.iter().map(|table| table.instance).collect(), challenges, link);
    let scratch = sizes.scratch.min(gpu.binding_bytes() as usize / size_of::<u32>());
    let run = Run::new(gpu, prepared, tables, Sizes { scratch, ..*sizes })?;
    let (sums, rests) = run.skip(&protocol)?;
    let skip = protocol.skip(&sums);
    transcript.observe_extension(&skip);
    let point = transcript.challenge();
    let folded = run.fold(&rests, &lagrange(point))?;
    drop(rests);
    let Played { rounds, challenges, forms, rest } = run.rounds(folded, protocol.turns(&skip, point), transcript)?;
    Ok(ZerocheckProof { skip, rounds, forms, rest, point: Point { skip: point, rest: challenges } })
}

/// A proof in the making.
struct Run<'a> {
    gpu: &'a Gpu,
    prepared: &'a Prepared,
    tables: &'a [Table<'a>],
    sizes: Sizes,
    /// Where all tables' columns are, and the place of each table's first.
    columns: Words,
    first_columns: Vec<usize>,
}

impl<'a> Run<'a> {
    fn new(gpu: &'a Gpu, prepared: &'a Prepared, tables: &'a [Table<'a>], sizes: Sizes) -> Result<Self, GpuError> {
        let (mut columns, mut first_columns) = (Vec::new(), Vec::new());
        for table in tables {
            first_columns.push(columns.len());
            let words = table.columns.columns.iter();
            columns.extend(
                words.flat_map(|column| [u32::from(column.is_fixed), column.start as u32, column.stride as u32, column.rows as u32]),
            );
        }
        Ok(Self { gpu, prepared, tables, sizes, columns: gpu.upload_words(&columns)?, first_columns })
    }

    /// The blocks of a table, in chunks for which cells may be stored `sets` times as often as
    /// [`prepared::Table::stored`] tells.
    fn chunks(&self, table: usize) -> Vec<Range<usize>> {
        let blocks = self.tables[table].blocks();
        let of_row: usize = self.prepared.tables[table].stored.iter().sum();
        let most = (self.sizes.scratch / (of_row * BLOCK).max(1)).max(1);
        (0..blocks).step_by(most).map(|first| first..blocks.min(first + most)).collect()
    }

    /// The cells of a chunk's rows, one after the other, in memory for them on so many sets of points.
    fn cells(&self, table: usize, chunk: &Range<usize>, sets: usize) -> Result<Words, GpuError> {
        let own = &self.prepared.tables[table];
        let rows = chunk.len() * BLOCK;
        let values = self.gpu.words(own.stored[..sets].iter().sum::<usize>() * rows)?;
        let Columns { main, fixed, .. } = self.tables[table].columns;
        let copied = own.copied.len() / 2;
        if copied > 0 {
            let params = [chunk.start * BLOCK, rows, own.copied.start, copied, self.first_columns[table]].map(|number| number as u32);
            let workgroups = copied.div_ceil(COPIED_COLUMNS) * rows / COPIED_ROWS;
            let given = [main, fixed, &self.columns, &self.prepared.code, &values];
            self.gpu.dispatch(&kernel!("columns", "copy_columns"), &params, &given, GROUP * workgroups)?;
        }
        if !own.cells.words.is_empty() {
            let invocations = rows.min(self.sizes.invocations).next_multiple_of(GROUP);
            let slots = self.gpu.words(own.cells.slots * invocations)?;
            let Interpreted { words, slots: of_one } = &own.cells;
            let params = [chunk.start * BLOCK, rows, words.start, words.end, invocations, *of_one, self.first_columns[table]];
            let given = [main, fixed, &self.columns, &self.prepared.code, &slots, &values];
            let kernel = kernel!("columns", "interpret_base", "interpret", "interpret_rows");
            self.gpu.dispatch(&kernel, &params.map(|number| number as u32), &given, invocations)?;
        }
        Ok(values)
    }
}

/// Words that kernels read: elements of the challenge field lie one after the other.
#[derive(Default)]
struct Data(Vec<u32>);

impl Data {
    /// Appends elements, and gives the place of the first.
    fn ext(&mut self, elements: &[EF]) -> u32 {
        let first = self.0.len();
        self.0.extend(elements.iter().flat_map(|element| element.as_basis_coefficients_slice().iter().map(F::to_unique_u32)));
        first as u32
    }

    fn base(&mut self, elements: &[F]) -> u32 {
        let first = self.0.len();
        self.0.extend(elements.iter().map(F::to_unique_u32));
        first as u32
    }
}

#[cfg(test)]
mod tests;
