//! The shape of a front: what fixes every length in a proof and every step of the transcript.

use alloc::string::String;
use alloc::vec::Vec;

use tern_fri::multilinear::forms::ExpressionError;
use thiserror::Error;

/// Largest base-2 logarithm of the number of rows.
pub const MAX_LOG_ROWS: usize = 30;

/// Row bits that a univariate skip binds in one round.
pub const SKIP_BITS: usize = 5;

/// Least number of row variables with a univariate skip: those of a block of skipped bits and lanes.
pub const LEAST_LOG_ROWS_WITH_SKIP: usize = 9;

/// The shape of a front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontShape {
    /// Row variables `n` of every table: each has `2^n` rows, of which those that are not used are zero.
    pub log_rows: usize,
    /// Row bits that the zerocheck binds in its first round, by a polynomial in one variable: none,
    /// or [`SKIP_BITS`]. Without, it is `p3-multi-stark`'s.
    pub skip_bits: usize,
    /// Bits of proof of work before the lookups' challenges.
    pub lookup_work_bits: usize,
    /// The tables, in the order of the proof.
    pub tables: Vec<TableShape>,
}

/// What one table contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableShape {
    /// Main columns.
    pub main: usize,
    /// Preprocessed columns.
    pub preprocessed: usize,
    /// Linear forms of its columns whose values are claimed.
    pub forms: usize,
    /// Public values.
    pub public_values: usize,
    /// Messages that a row sends or takes.
    pub messages: usize,
    /// Largest degree of a constraint (without a skip at least what the AIR declares) or of a field
    /// or count of a message, in the columns.
    pub degree: usize,
    /// Sum of the bounds on the magnitude of the counts of a row's messages, those of providing
    /// tables left out. Whoever knows how many rows are used must see to
    /// [`FrontShape::counts_fit`].
    pub count_weight: u64,
}

impl FrontShape {
    /// Messages of one row of each table.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.tables.iter().fold(0, |sum, table| sum.saturating_add(table.messages))
    }

    /// Variables that tell messages apart: `ceil(log2 m)` for `m` messages.
    #[must_use]
    pub fn message_variables(&self) -> usize {
        self.messages().checked_next_power_of_two().map_or(0, |count| usize::try_from(count.trailing_zeros()).unwrap_or(0))
    }

    /// Variables of the lookups' fractions, and so their layers: those of the messages, then those
    /// of the rows. None without messages.
    #[must_use]
    pub fn lookup_variables(&self) -> usize {
        if self.messages() == 0 { 0 } else { self.message_variables().saturating_add(self.log_rows) }
    }

    /// Rounds of the zerocheck, the skip left out. With a skip, one for each row variable that it
    /// does not bind. Without, a message variable each, in which nothing but the lookups' claim is
    /// bound, then a row variable each.
    #[must_use]
    pub fn rounds(&self) -> usize {
        if self.skip_bits == 0 { self.log_rows.max(self.lookup_variables()) } else { self.log_rows.saturating_sub(self.skip_bits) }
    }

    /// Largest degree of a constraint or message.
    #[must_use]
    pub fn degree(&self) -> usize {
        self.tables.iter().fold(0, |degree, table| degree.max(table.degree))
    }

    /// Degree of the zerocheck's round polynomials, and so the number of values that the proof has of each.
    #[must_use]
    pub fn round_degree(&self) -> usize {
        self.degree().saturating_add(1)
    }

    /// Coefficients of the skip round's polynomial, of degree [`FrontShape::degree`] in columns of
    /// degree `2^skip_bits - 1`. None without a skip.
    #[must_use]
    pub fn skip_coefficients(&self) -> usize {
        if self.skip_bits == 0 { 0 } else { self.degree().saturating_mul(self.skip_domain().saturating_sub(1)).saturating_add(1) }
    }

    /// Claims that an opening binds: of the rests together, and of each form.
    #[must_use]
    pub fn claims(&self) -> usize {
        self.tables.iter().fold(1, |sum, table| sum.saturating_add(table.forms))
    }

    /// Points of the skip's domain.
    pub(super) fn skip_domain(&self) -> usize {
        u32::try_from(self.skip_bits).ok().and_then(|bits| 1_usize.checked_shl(bits)).unwrap_or(0)
    }

    /// Whether no message's count can wrap around the characteristic `p` when table `i` has
    /// `rows[i]` rows in use: `sum of count_weight * rows < p` (LogUp's condition). False unless
    /// there is a number of rows for each table.
    #[must_use]
    pub fn counts_fit(&self, rows: &[u64]) -> bool {
        let counts = self.tables.iter().zip(rows).map(|(table, rows)| u128::from(table.count_weight).saturating_mul(u128::from(*rows)));
        let sum = counts.fold(0_u128, u128::saturating_add);
        rows.len() == self.tables.len() && sum < u128::from(<tern_field::F as p3_field::PrimeField32>::ORDER_U32)
    }

    /// Whether there is a list of public values for each table, of the table's length.
    #[must_use]
    pub(super) fn fits_public_values<T>(&self, values: &[Vec<T>]) -> bool {
        values.len() == self.tables.len() && values.iter().zip(&self.tables).all(|(values, table)| values.len() == table.public_values)
    }
}

/// Checks that there are tables, and a number of rows that the verifier's arithmetic is made for.
pub(super) fn check_size(tables: usize, log_rows: usize, skip_bits: usize) -> Result<(), UnusableAir> {
    if tables == 0 {
        return Err(UnusableAir::NoTables);
    }
    if log_rows == 0 || log_rows > MAX_LOG_ROWS {
        return Err(UnusableAir::Rows(log_rows));
    }
    if skip_bits > 0 && log_rows < LEAST_LOG_ROWS_WITH_SKIP {
        return Err(UnusableAir::RowsWithSkip(log_rows));
    }
    Ok(())
}

/// Tables that cannot be verified: a fault of the caller, not of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnusableAir {
    /// There is no table.
    #[error("expected at least one table")]
    NoTables,
    /// Too few or too many rows.
    #[error("expected 2^1 to 2^{MAX_LOG_ROWS} rows, got 2^{0}")]
    Rows(usize),
    /// Too few rows for a univariate skip.
    #[error("expected 2^{LEAST_LOG_ROWS_WITH_SKIP} rows or more with a univariate skip, got 2^{0}")]
    RowsWithSkip(usize),
    /// One table is at fault.
    #[error("table {table}: {error}")]
    Table {
        /// Position of the table.
        table: usize,
        /// What is wrong with it.
        error: UnusableTable,
    },
    /// Messages of different lengths on one bus, which could have one fingerprint.
    #[error("expected messages of {expected} fields on the bus {bus}, got {got}")]
    BusWidth {
        /// Name of the bus; empty for one that is a table's own.
        bus: String,
        /// Fields of its first message.
        expected: usize,
        /// Fields of the other message.
        got: usize,
    },
}

/// A table that the front cannot verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnusableTable {
    /// A constraint or message reads the next row, or the table declares that it does.
    #[error("reads the next row")]
    NextRow,
    /// A constraint or message reads the selector of first, last or other rows.
    #[error("reads a selector of rows")]
    Selector,
    /// The table binds cells of its first or last row to public values.
    #[error("binds cells to public values")]
    BoundaryCells,
    /// A constraint or message reads a column or public value that the table does not declare.
    #[error("reads a column or public value that it does not have")]
    Missing,
    /// Messages of which a row sends at most one.
    #[error("sends exclusive messages")]
    ExclusiveMessages,
    /// Lookups by index.
    #[error("looks up by index")]
    IndexedLookups,
    /// Constraints in the challenge field.
    #[error("has constraints in the challenge field")]
    ExtensionConstraints,
    /// A message has no fields.
    #[error("has a message without fields")]
    EmptyMessage,
    /// The constraints, or the messages, read nothing.
    #[error("has constraints, or messages, that are constant")]
    Constant,
    /// There are no main columns, or neither constraints nor messages.
    #[error("has no columns, or neither constraints nor messages")]
    Empty,
    /// The constraints cannot be captured.
    #[error("{0}")]
    Expression(#[from] ExpressionError),
}
