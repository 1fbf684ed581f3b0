//! Malicious provers: each attack really proves, with a malicious change, and the verifier really
//! judges what comes out.
//!
//! An [`Attack`] is an entry of a list ([`list`]): what it changes, at which stage of proving, and
//! the check that should reject it. The prover of this module checks nothing of its own: it goes on
//! with tables that break constraints and messages that do not cancel, so that the *verifier* has
//! to notice. `spec/attacks.md` says how a list is written and a report read.

mod cells;
pub mod change;
pub mod check;
mod corners;
mod edit;
mod execute;
mod file;
mod gaps;
mod last;
pub mod list;
mod prover;
mod records;
mod recursion;
mod run;
mod target;
mod words;

pub use change::Change;
pub use execute::FaultError;
pub use list::{Attack, Base, ListError, built_in, parse};
pub use target::{Target, TargetError};

/// How an attack ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The verifier rejects what was proved.
    Rejected {
        /// The check, one of [`check::CHECKS`].
        check: &'static str,
        /// What the verifier says.
        message: String,
    },
    /// The prover could not complete the attack: there is nothing to verify.
    Stopped {
        /// Why.
        reason: String,
    },
    /// The verifier accepts what was proved.
    Accepted,
}

/// An attack that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How it ended.
    pub outcome: Outcome,
    /// What was changed, where the list leaves that to chance.
    pub changed: Vec<String>,
}

/// What is wrong with a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A false proof is accepted.
    #[error("ACCEPTED: the verifier takes a proof with a malicious change")]
    Accepted,
    /// A control is not accepted.
    #[error("a control, which changes what is free, is not accepted")]
    Control,
    /// Another check rejects than the one that should.
    #[error("expected `{expected}` to reject it, got `{got}`")]
    OtherCheck {
        /// The list's.
        expected: String,
        /// The one that did.
        got: &'static str,
    },
}

impl Attack {
    /// What is wrong with an outcome, if anything is.
    #[must_use]
    pub fn finding(&self, outcome: &Outcome) -> Option<Finding> {
        let got = match outcome {
            Outcome::Accepted => return (!self.control).then_some(Finding::Accepted),
            _ if self.control => return Some(Finding::Control),
            Outcome::Rejected { check, .. } => check,
            Outcome::Stopped { .. } => check::PROVER,
        };
        let expected = self.reject.as_ref().filter(|expected| **expected != got)?;
        Some(Finding::OtherCheck { expected: expected.clone(), got })
    }
}

/// An attack that cannot be run as its list says. None of these is a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttackError {
    /// Whatever is changed, tables, statement and file are what they were.
    #[error("it changes nothing: what it names is in no table and no statement, or is already so")]
    NothingChanged,
    /// There is no such list of records.
    #[error("there is no list of records {list:?}; known are {}", records::LISTS.join(", "))]
    List {
        /// Its name.
        list: String,
    },
    /// A list has no such record.
    #[error("segment {segment} has no such record of {list}: it has {records}, counted from 0, or none of the step that is named")]
    NoRecord {
        /// The list.
        list: String,
        /// The segment.
        segment: usize,
        /// Its length.
        records: usize,
    },
    /// There is no such field.
    #[error("{of} has no field {field:?}; it has {known}")]
    Field {
        /// The record, statement or the like.
        of: String,
        /// The field's name.
        field: String,
        /// Those that there are.
        known: String,
    },
    /// A field has fewer parts.
    #[error("{of}.{field} has {parts} parts, counted from 0; there is no part {got}")]
    Part {
        /// The record, statement or the like.
        of: String,
        /// The field.
        field: String,
        /// Its parts.
        parts: usize,
        /// The part that was named.
        got: usize,
    },
    /// A value that a field cannot have.
    #[error("{of}.{field} cannot have this value")]
    Value {
        /// The record, chip or the like.
        of: String,
        /// The field.
        field: String,
    },
    /// There is no such chip.
    #[error("there is no chip {chip:?}; known are {known}")]
    Chip {
        /// Its name.
        chip: String,
        /// Those that there are.
        known: String,
    },
    /// A chip has no such column, or several.
    #[error("{chip} has not exactly one column {column:?}; it has {known}")]
    Column {
        /// The chip.
        chip: String,
        /// The column.
        column: String,
        /// Those that there are.
        known: String,
    },
    /// A table has fewer rows.
    #[error("{chip} has {rows} rows in the segment, counted from 0; there is no row {row}")]
    NoRow {
        /// The chip.
        chip: String,
        /// The row.
        row: usize,
        /// Used rows.
        rows: usize,
    },
    /// There is no such segment.
    #[error("the run has {segments} segments, counted from 0; there is no segment {got}")]
    NoSegment {
        /// The segment that was named.
        got: usize,
        /// Those of the run.
        segments: usize,
    },
    /// A proof has no such field, or fewer numbers in it.
    #[error("the proof has no number or list {place} of a field {field:?}; its fields are {known}")]
    ProofField {
        /// The path.
        field: String,
        /// The place.
        place: i64,
        /// Those that there are.
        known: String,
    },
    /// A form of a chip cannot be lied about.
    #[error("{chip} has no form that a prover can lie about: it has fixed columns, or no forms")]
    Form {
        /// The chip.
        chip: String,
    },
    /// The run is of a program of the user's, of which there is no other.
    #[error("only of the built-in program is there another that differs in one instruction")]
    NoOther,
    /// The file is shorter.
    #[error("the file has {len} bytes; there is no byte {at}")]
    NoByte {
        /// Where.
        at: i64,
        /// Length of the file.
        len: usize,
    },
    /// A fault names what cannot be changed.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// The honest proof itself cannot be made.
    #[error("the honest proof cannot be made: {0}")]
    Honest(String),
}
