//! What attacks change, as it stands in a list.

use serde::Deserialize;

pub use super::edit::{Edit, Number, number};
use super::list::Base;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The executor's state in the middle of the run, which then goes on from there.
    Fault(Fault),
    /// A record of the executor or of the memory tree, before tables are filled.
    Record(RecordChange),
    /// What a segment is proved to state.
    Statement(StatementChange),
    /// A cell of a table, after it is filled.
    Cell(CellChange),
    /// The order of a table's rows.
    Rows(RowsChange),
    /// A lie in the transcript, with which all later messages agree.
    Lie(Lie),
    /// The key that the prover binds its transcript to.
    ProverKey(KeyChange),
    /// A value of a proof that is made.
    Proof(ProofChange),
    /// What stands in the file as a segment's or the whole run's statement, whatever was proved.
    Claim(StatementChange),
    /// What stands before the statements.
    Header(HeaderChange),
    /// Which segments are in the file, and in which order.
    Segments(SegmentsChange),
    /// A segment of a run of another program.
    Foreign(ForeignChange),
    /// The file's bytes.
    Bytes(BytesChange),
    /// The key that the verifier has.
    Key(KeyChange),
    /// The exit code that the verifier expects.
    Expect(ExpectChange),
    /// The proofs that recursion combines.
    Children(ChildrenChange),
}

macro_rules! edited {
    ($($name:ident),*) => {$(
        impl $name {
            /// What happens to the value, if exactly one thing is said.
            #[must_use]
            pub const fn edit(&self) -> Option<Edit> {
                match (self.set, self.add, self.flip) {
                    (Some(Number(value)), None, None) => Some(Edit::Set(value)),
                    (None, Some(Number(value)), None) => Some(Edit::Add(value)),
                    (None, None, Some(bit)) => Some(Edit::Flip(bit)),
                    _ => None,
                }
            }
        }
    )*};
}

edited!(RecordChange, StatementChange, CellChange, HeaderChange, KeyChange);

/// A fault in the executor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fault {
    /// The instruction, counted from the run's first.
    pub step: u64,
    /// What is changed: `rd`, `next_pc`, `word`, `register.N`, `memory`, or `record.FIELD` or
    /// `cell.COLUMN` of the instruction's row alone.
    pub field: String,
    /// What it becomes.
    pub value: Number,
    /// Which dword of memory, by its byte address.
    pub address: Option<Number>,
}

/// A changed record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RecordChange {
    /// The list, by its table.
    pub list: String,
    /// The segment; the first, if absent.
    #[serde(default)]
    pub segment: usize,
    /// Which record of the segment's list, from 0.
    pub index: Option<usize>,
    /// The record of this instruction, counted from the run's first.
    pub step: Option<u64>,
    /// The field.
    pub field: Option<String>,
    /// Which of the field's parts, if it has several.
    #[serde(default)]
    pub part: usize,
    /// See [`Edit::Set`].
    pub set: Option<Number>,
    /// See [`Edit::Add`].
    pub add: Option<Number>,
    /// See [`Edit::Flip`].
    pub flip: Option<u32>,
    /// What happens to the whole record, instead of a field.
    pub whole: Option<Whole>,
}

/// What happens to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whole {
    /// It is left out.
    Dropped,
    /// It is there twice.
    Repeated,
}

/// A changed statement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StatementChange {
    /// The segment; the first, if absent. A final proof has one statement.
    #[serde(default)]
    pub segment: usize,
    /// `pc_in`, `pc_out`, `root_in`, `root_out`, `exit_code`, `output_digest`, `cycles`; or
    /// `halted`, 0 or 1.
    pub field: String,
    /// Which of the field's parts, if it has several.
    #[serde(default)]
    pub part: usize,
    /// See [`Edit::Set`].
    pub set: Option<Number>,
    /// See [`Edit::Add`].
    pub add: Option<Number>,
    /// See [`Edit::Flip`].
    pub flip: Option<u32>,
}

/// A changed cell.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CellChange {
    /// The chip, or `any` with a seed.
    pub chip: String,
    /// The column by its path, such as `result[0]`; any, if a seed is given.
    pub column: Option<String>,
    /// The segment; the first, if absent.
    #[serde(default)]
    pub segment: usize,
    /// The row, from 0.
    pub row: Option<usize>,
    /// See [`Edit::Set`].
    pub set: Option<Number>,
    /// See [`Edit::Add`]; in the field.
    pub add: Option<Number>,
    /// See [`Edit::Flip`]; of the canonical representative.
    pub flip: Option<u32>,
    /// What is not said is drawn from this seed.
    pub seed: Option<u64>,
    /// Lookups of fixed tables, decoding and compressions are counted as before, instead of as the
    /// changed row makes them.
    #[serde(default)]
    pub uncounted: bool,
}

/// Rows in another order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RowsChange {
    /// The chip.
    pub chip: String,
    /// The segment; the first, if absent.
    #[serde(default)]
    pub segment: usize,
    /// What happens to its rows.
    pub order: Order,
}

/// Orders of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The last comes first.
    Reversed,
}

/// A lie in the transcript.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lie {
    /// The segment; the first, if absent.
    #[serde(default)]
    pub segment: usize,
    /// Messages are claimed to cancel, and the fractions of so many layers of their sum are forged
    /// to bear it out.
    pub layers: Option<usize>,
    /// A claimed form of this chip's columns is larger by one, and the claim about the rests makes
    /// up for it.
    pub form: Option<String>,
    /// Keccak's argument is made about the honest tables, whatever is committed to.
    #[serde(default)]
    pub keccak: bool,
}

/// A changed value of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProofChange {
    /// The segment; the first, if absent. A final proof has one.
    #[serde(default)]
    pub segment: usize,
    /// The field by its path, with a star for each position in a list: `/layers/*/halves/*`.
    pub field: String,
    /// Which of all numbers of the field; from the last on, if it is negative.
    #[serde(default)]
    pub place: i64,
    /// What it becomes; it is changed by one or by a bit, if absent.
    pub set: Option<Number>,
    /// The length of the list changes instead.
    pub length: Option<Length>,
}

/// Changes of lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// The last entry is left out.
    Shorter,
    /// The last entry is there twice.
    Longer,
}

/// A changed header.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HeaderChange {
    /// `output`, `input_root`, `key_digest`; `count` of a chain, `circuits` of a final proof.
    pub field: String,
    /// Which of the field's parts, if it has several.
    #[serde(default)]
    pub part: usize,
    /// See [`Edit::Set`].
    pub set: Option<Number>,
    /// See [`Edit::Add`].
    pub add: Option<Number>,
    /// See [`Edit::Flip`].
    pub flip: Option<u32>,
    /// The length of the output changes instead.
    pub length: Option<Length>,
}

/// Other segments.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SegmentsChange {
    /// The segments that the file has, by their numbers.
    pub order: Option<Vec<usize>>,
    /// The proofs that stand with the statements, by the numbers of their segments.
    pub proofs: Option<Vec<usize>>,
}

/// A segment of another program's run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ForeignChange {
    /// The segment whose place it takes.
    pub segment: usize,
    /// The statement stays.
    #[serde(default)]
    pub proof_only: bool,
}

/// Changed bytes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BytesChange {
    /// Where; from the end on, if it is negative. A field of a proof is found by `field` instead.
    pub at: Option<i64>,
    /// The first element of this field of the segment's or the final proof, by its path.
    pub field: Option<String>,
    /// The segment, with `field`; the first, if absent.
    #[serde(default)]
    pub segment: usize,
    /// The byte there changes in this bit.
    pub flip: Option<u32>,
    /// The characteristic is added to the element there, four bytes.
    #[serde(default)]
    pub add_modulus: bool,
    /// All from there on is cut off.
    #[serde(default)]
    pub cut: bool,
    /// So many zeros are appended.
    pub append: Option<usize>,
}

/// A changed key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeyChange {
    /// `entry`, `ro_start`, `ro_end`, `text_start`, `text_end`, `image_root`.
    pub field: String,
    /// Which of the field's parts, if it has several.
    #[serde(default)]
    pub part: usize,
    /// See [`Edit::Set`].
    pub set: Option<Number>,
    /// See [`Edit::Add`].
    pub add: Option<Number>,
    /// See [`Edit::Flip`].
    pub flip: Option<u32>,
    /// The header names the changed key.
    #[serde(default)]
    pub relabel: bool,
}

/// Another expectation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectChange {
    /// The exit code.
    pub exit_code: u32,
}

/// Proofs that recursion combines.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChildrenChange {
    /// What combines them.
    pub step: RecursionStep,
    /// The children, by their numbers in the chain.
    pub order: Vec<usize>,
    /// The child that is changed, by its place in `order`.
    pub child: Option<usize>,
    /// What of it is changed.
    pub change: Option<ChildChange>,
    /// Which of several, where there are.
    #[serde(default)]
    pub part: usize,
}

/// Steps of recursion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecursionStep {
    /// Segments are checked in a circuit.
    Lift,
    /// Proofs of circuits are.
    Join,
}

/// What of a child is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChildChange {
    /// An element of its statement, under its proof.
    Statement,
    /// The digest of the key that its statement names.
    KeyDigest,
    /// The key list that its statement names.
    ListRoot,
    /// A value of its proof.
    Proof,
    /// The commitment to its circuit.
    Circuit,
    /// A bit of its circuit's place on the list.
    Position,
    /// A digest beside the path to its circuit's place on the list.
    Path,
}

impl Change {
    /// Its kind, as a list names it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Fault(_) => "fault",
            Self::Record(_) => "record",
            Self::Statement(_) => "statement",
            Self::Cell(_) => "cell",
            Self::Rows(_) => "rows",
            Self::Lie(_) => "lie",
            Self::ProverKey(_) => "prover-key",
            Self::Proof(_) => "proof",
            Self::Claim(_) => "claim",
            Self::Header(_) => "header",
            Self::Segments(_) => "segments",
            Self::Foreign(_) => "foreign",
            Self::Bytes(_) => "bytes",
            Self::Key(_) => "key",
            Self::Expect(_) => "expect",
            Self::Children(_) => "children",
        }
    }

    /// Whether it makes sense for what is attacked.
    pub(super) const fn fits(&self, base: Base) -> bool {
        match (self, base) {
            (Self::Children(_), base) => matches!(base, Base::Recursion),
            (_, Base::Recursion) => false,
            (Self::Proof(_) | Self::Claim(_) | Self::Header(_) | Self::Bytes(_) | Self::Key(_) | Self::Expect(_), _) => true,
            (_, base) => matches!(base, Base::Chain),
        }
    }

    /// What it needs, if it does not have that, or has too much.
    pub(super) fn incomplete(&self) -> Option<&'static str> {
        const EDIT: &str = "exactly one of `set`, `add` and `flip`";
        let edit = |edit: Option<Edit>| edit.is_none().then_some(EDIT);
        let one = |given: &[bool], needs| (given.iter().filter(|given| **given).count() != 1).then_some(needs);
        match self {
            Self::Record(change) => match (&change.whole, change.edit(), &change.field) {
                (Some(_), None, None) | (None, Some(_), Some(_)) => {
                    one(&[change.index.is_some(), change.step.is_some()], "exactly one of `index` and `step`")
                }
                _ => Some("`whole`, or `field` with exactly one of `set`, `add` and `flip`"),
            },
            Self::Statement(change) | Self::Claim(change) => edit(change.edit()),
            Self::Cell(change) if change.seed.is_some() => None,
            Self::Cell(change) if change.column.is_none() || change.row.is_none() => Some("`seed`, or both `column` and `row`"),
            Self::Cell(change) => edit(change.edit()),
            Self::Key(change) | Self::ProverKey(change) => edit(change.edit()),
            Self::Header(change) if change.length.is_some() => {
                (change.edit().is_some() || change.field != "output").then_some("no edit beside `length`, which is that of the output")
            }
            Self::Header(change) => edit(change.edit()),
            Self::Proof(change) => (change.set.is_some() && change.length.is_some()).then_some("one of `set` and `length`, not both"),
            Self::Lie(lie) => one(&[lie.layers.is_some(), lie.form.is_some(), lie.keccak], "exactly one of `layers`, `form` and `keccak`"),
            Self::Segments(change) => one(&[change.order.is_some(), change.proofs.is_some()], "exactly one of `order` and `proofs`")
                .or_else(|| {
                    change.order.iter().chain(&change.proofs).any(|list| list.len() > MOST_SEGMENTS).then_some("fewer segments: at most 64")
                }),
            Self::Bytes(change) => {
                let what = [change.flip.is_some(), change.add_modulus, change.cut, change.append.is_some()];
                one(&what, "exactly one of `flip`, `add-modulus`, `cut` and `append`").or_else(|| {
                    let places = [change.at.is_some(), change.field.is_some(), change.append.is_some()];
                    one(&places, "one of `at` and `field`, or `append` without either")
                })
            }
            Self::Children(change) if change.child.is_some() != change.change.is_some() => Some("both `child` and `change`, or neither"),
            Self::Children(change) => (!(1..=change.step.most()).contains(&change.order.len()))
                .then_some("an `order` of one or two children of a lift, or one to three of a join"),
            Self::Fault(_) | Self::Rows(_) | Self::Foreign(_) | Self::Expect(_) => None,
        }
    }
}

/// Most segments that a change puts into a file.
const MOST_SEGMENTS: usize = 64;

impl RecursionStep {
    /// Most children.
    const fn most(self) -> usize {
        match self {
            Self::Lift => 2,
            Self::Join => 3,
        }
    }
}
