//! Running attacks: stage by stage what an honest prover does, with the changes of each stage.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use p3_field::PrimeCharacteristicRing;
use tern_air::machine::segment::Statement;
use tern_field::{EF, F};
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::prove::Lies;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::segments::Header;
use tern_verifier::{Expected, Rejection, VerifyingKey};

use super::cells::{self, Tables};
use super::change::{CellChange, Change, Lie, RecordChange, RowsChange, StatementChange};
use super::check::{of_rejected, of_rejection};
use super::execute::{Executed, of_row, with_faults};
use super::file::{self, ChainFile};
use super::list::{Attack, Base};
use super::target::Target;
use super::{AttackError, Outcome, Tried, last, records, recursion, words};
use crate::prove::ExecutedSegment;
use crate::testing::fields::encode_with_heights;

impl Target {
    /// Runs an attack.
    ///
    /// # Errors
    ///
    /// If the list names what there is not, or the attack changes nothing.
    pub fn attack(&self, attack: &Attack) -> Result<Tried, AttackError> {
        match attack.on {
            Base::Chain => ChainAttack::new(self.run_of(attack.program)?, &attack.changes).run(),
            Base::Final => last::attack(&attack.changes),
            Base::Recursion => recursion::attack(&attack.changes),
        }
    }
}

/// Why there is nothing to verify, or the attack cannot be run.
enum Stop {
    Prover(String),
    Error(AttackError),
}

impl From<AttackError> for Stop {
    fn from(error: AttackError) -> Self {
        Self::Error(error)
    }
}

pub(super) fn outcome_of(result: Result<(), Rejection>) -> Outcome {
    match result {
        Ok(()) => Outcome::Accepted,
        Err(rejection) => Outcome::Rejected { check: of_rejection(&rejection), message: rejection.to_string() },
    }
}

pub(super) fn outcome_of_proof(result: Result<(), Rejected>) -> Outcome {
    match result {
        Ok(()) => Outcome::Accepted,
        Err(rejected) => Outcome::Rejected { check: of_rejected(&rejected), message: rejected.to_string() },
    }
}

/// An attack on a chain of segments.
struct ChainAttack<'a> {
    target: &'a Target,
    changes: Vec<Change>,
    changed: Vec<String>,
}

/// What the verifier gets, and what it has.
struct Sent {
    file: ChainFile,
    /// A proof that has no encoding, with what it is said to prove.
    unwritable: Option<(Statement, Proof)>,
    bytes: Option<Vec<u8>>,
    key: VerifyingKey,
    expected: Expected,
}

impl<'a> ChainAttack<'a> {
    fn new(target: &'a Target, changes: &[Change]) -> Self {
        Self { target, changes: changes.to_vec(), changed: Vec::new() }
    }

    fn run(mut self) -> Result<Tried, AttackError> {
        let outcome = match self.prove_and_send() {
            Ok(sent) => self.judge(sent)?,
            Err(Stop::Prover(reason)) => Outcome::Stopped { reason },
            Err(Stop::Error(error)) => return Err(error),
        };
        Ok(Tried { outcome, changed: self.changed })
    }

    /// Executes, proves and assembles.
    fn prove_and_send(&mut self) -> Result<Sent, Stop> {
        let (executed, first_changed) = self.execute()?;
        let mut sent = self.assemble(&executed);
        let mut first_step = 0;
        let other_key = self.changes.iter().any(|change| matches!(change, Change::ProverKey(_)));
        for (index, segment) in executed.segments.iter().enumerate() {
            let steps = first_step..first_step + u64::from(segment.cycles);
            let changes: Vec<Change> = self.changes.iter().filter(|change| is_of(change, index, &steps)).cloned().collect();
            let is_other = other_key || index >= first_changed;
            if is_other || !changes.is_empty() {
                self.prove_segment(segment, steps.start, &changes, is_other, &mut sent)?;
            }
            first_step = steps.end;
        }
        self.edit_proofs(&mut sent)?;
        self.edit_file(&mut sent)?;
        Ok(sent)
    }

    /// The run, with faults if there are any, and the first segment that is another than the honest run's.
    fn execute(&mut self) -> Result<(Executed, usize), Stop> {
        let target = self.target;
        let (mut faults, mut first, mut of_rows) = (Vec::new(), usize::MAX, Vec::new());
        for change in &self.changes {
            let segment = match change {
                Change::Record(RecordChange { segment, step: None, .. }) | Change::Statement(StatementChange { segment, .. }) => *segment,
                Change::Record(RecordChange { step: Some(step), .. }) => target.segment_of(*step),
                Change::Cell(CellChange { segment, .. }) | Change::Rows(RowsChange { segment, .. }) | Change::Lie(Lie { segment, .. }) => {
                    *segment
                }
                Change::Fault(fault) => {
                    of_rows.extend(of_row(target, fault)?);
                    let of_row_alone = fault.field.starts_with("cell.") || fault.field.starts_with("record.");
                    if !of_row_alone {
                        first = first.min(target.segment_of(fault.step));
                        faults.push(fault);
                    }
                    continue;
                }
                _ => continue,
            };
            target.check_segment(segment)?;
        }
        let run = match &faults[..] {
            [] => target.honest.clone(),
            faults => with_faults(target, faults)?.map_err(|error| Stop::Prover(error.to_string()))?,
        };
        self.changes.extend(of_rows);
        Ok((run, first))
    }

    /// The file with what was executed, and the proofs of the honest run.
    fn assemble(&self, executed: &Executed) -> Sent {
        let target = self.target;
        let proof = |index: usize| target.proofs.get(index).cloned().unwrap_or_default();
        let segment = |(index, segment): (usize, &ExecutedSegment)| (segment.statement.clone(), proof(index));
        let segments: Vec<_> = executed.segments.iter().enumerate().map(segment).collect();
        let header = Header { output: executed.output.clone(), segments: segments.len() as u32, ..target.header() };
        let (key, expected) = (target.program.key.clone(), Expected { exit_code: executed.exit_code });
        Sent { file: ChainFile { header, segments }, unwritable: None, bytes: None, key, expected }
    }

    /// Proves a segment with all changes that are made before it is proved. `is_other` if what is
    /// changed is not in it, but in the run or in the transcript.
    fn prove_segment(
        &mut self,
        honest: &ExecutedSegment,
        first_step: u64,
        changes: &[Change],
        is_other: bool,
        sent: &mut Sent,
    ) -> Result<(), Stop> {
        let prover = &self.target.prover;
        let mut segment = honest.clone();
        for change in changes {
            match change {
                Change::Record(change) => records::apply(&mut segment, first_step, change)?,
                Change::Statement(change) => edit_stated(&mut segment, change)?,
                _ => {}
            }
        }
        let filled = catch_unwind(AssertUnwindSafe(|| prover.tables(&segment)));
        let mut tables = filled.map_err(|_| Stop::Prover("the fill of the tables panics at the changed record".to_owned()))?;
        let values = prover.values(&segment.statement);
        for change in changes {
            match change {
                Change::Cell(change) => self.changed.push(cells::apply(&mut tables, &values, change)?),
                Change::Rows(change) => cells::reorder(&mut tables, change)?,
                _ => {}
            }
        }
        let honest_tables = prover.tables(honest);
        let is_lied_about = changes.iter().any(|change| matches!(change, Change::Lie(_)));
        if !is_other && !is_lied_about && tables == honest_tables && segment.statement == honest.statement {
            return Err(AttackError::NothingChanged.into());
        }
        let key = self.prover_key()?;
        let proof = self.prove_tables(&key, &tables, &honest_tables, &values, changes)?;
        let proof = prover.relation.verifier.encode(&proof).map_err(|error| Stop::Prover(error.to_string()))?;
        if let Some(sent) = sent.file.segments.get_mut(segment.index as usize) {
            *sent = (segment.statement, proof);
        }
        Ok(())
    }

    /// The key that the prover binds its transcript to.
    fn prover_key(&self) -> Result<VerifyingKey, AttackError> {
        let mut key = self.target.program.key.clone();
        for change in &self.changes {
            if let Change::ProverKey(change) = change
                && let Some(edit) = change.edit()
            {
                words::edit_key(&mut key, &change.field, change.part, edit)?;
            }
        }
        Ok(key)
    }

    fn prove_tables(
        &self,
        key: &VerifyingKey,
        tables: &Tables,
        honest: &Tables,
        values: &[Vec<F>],
        changes: &[Change],
    ) -> Result<Proof, Stop> {
        let mut lies = Lies::default();
        for change in changes {
            if let Change::Lie(Lie { layers, form, keccak, .. }) = change {
                lies.forged_layers = layers.or(lies.forged_layers);
                lies.argued = keccak.then_some(honest.as_slice()).or(lies.argued);
                if let Some(name) = form {
                    lies.form = Some((self.form_of(name)?, 0, EF::ONE));
                }
            }
        }
        let prove = || self.target.prover.prove(key, tables, values, &lies);
        let panicked = |_| Stop::Prover("the prover panics at the changed tables".to_owned());
        catch_unwind(AssertUnwindSafe(prove)).map_err(panicked)?.map_err(Stop::Prover)
    }

    /// The table of a chip that has forms of main columns alone.
    fn form_of(&self, name: &str) -> Result<usize, AttackError> {
        let table = cells::chip(name)? as usize;
        let usable = !cells::has_fixed(table) && self.target.prover.prover.forms(table) > 0;
        if usable { Ok(table) } else { Err(AttackError::Form { chip: name.to_owned() }) }
    }

    /// Changes values of proofs that are made.
    fn edit_proofs(&self, sent: &mut Sent) -> Result<(), Stop> {
        let verifier = &self.target.prover.relation.verifier;
        let mut proofs: BTreeMap<usize, (Proof, Vec<usize>)> = BTreeMap::new();
        for change in &self.changes {
            let segment = match change {
                Change::Proof(change) => change.segment,
                Change::Bytes(change) if change.field.is_some() => change.segment,
                _ => continue,
            };
            let segments = sent.file.segments.len();
            let (_, bytes) = sent.file.segments.get(segment).ok_or(AttackError::NoSegment { got: segment, segments })?;
            let decode = || verifier.decode(bytes).map_err(|error| AttackError::Honest(error.to_string()));
            if let Change::Proof(change) = change {
                let (proof, _) = match proofs.entry(segment) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => {
                        let proof = decode()?;
                        let heights = proof.heights.clone();
                        entry.insert((proof, heights))
                    }
                };
                file::edit_proof(proof, change)?;
            } else if let Change::Bytes(change) = change {
                let at = file::place_of(verifier, &decode()?, change.field.as_deref().unwrap_or_default())?;
                file::edit_bytes(&mut sent.file.segments[segment].1, change, Some(at))?;
            }
        }
        for (segment, (proof, heights)) in proofs {
            match encode_with_heights(verifier, &proof, &heights) {
                Ok(bytes) => sent.file.segments[segment].1 = bytes,
                Err(_) => sent.unwritable = Some((sent.file.segments[segment].0.clone(), proof)),
            }
        }
        Ok(())
    }

    /// Changes what the verifier is sent, and what it has.
    fn edit_file(&self, sent: &mut Sent) -> Result<(), Stop> {
        let target = self.target;
        for change in &self.changes {
            match change {
                Change::Claim(change) => {
                    let segments = sent.file.segments.len();
                    let (statement, _) =
                        sent.file.segments.get_mut(change.segment).ok_or(AttackError::NoSegment { got: change.segment, segments })?;
                    if let Some(edit) = change.edit() {
                        words::edit_statement(statement, &change.field, change.part, edit)?;
                    }
                }
                Change::Header(change) => sent.file.edit_header(change)?,
                Change::Segments(change) => {
                    let of = |index: &usize| Ok(sent.file.segments[target.check_segment(*index)?].clone());
                    let order = change.order.as_ref().map(|order| order.iter().map(of).collect::<Result<Vec<_>, AttackError>>());
                    let proofs = change.proofs.as_ref().map(|proofs| proofs.iter().map(of).collect::<Result<Vec<_>, AttackError>>());
                    if let Some(segments) = order.transpose()? {
                        sent.file.header.segments = segments.len() as u32;
                        sent.file.segments = segments;
                    }
                    if let Some(proofs) = proofs.transpose()? {
                        sent.file.segments.iter_mut().zip(proofs).for_each(|((_, own), (_, other))| *own = other);
                    }
                }
                Change::Foreign(change) => {
                    let index = target.check_segment(change.segment)?;
                    let other = ChainFile::honest(target.foreign()?).segments;
                    let (statement, proof) = other.into_iter().nth(index).ok_or(AttackError::NoSegment { got: index, segments: 0 })?;
                    let own = &mut sent.file.segments[index];
                    *own = (if change.proof_only { own.0.clone() } else { statement }, proof);
                }
                Change::Key(change) => {
                    if let Some(edit) = change.edit() {
                        words::edit_key(&mut sent.key, &change.field, change.part, edit)?;
                    }
                    if change.relabel {
                        sent.file.header.key_digest = sent.key.digest();
                    }
                }
                Change::Expect(change) => sent.expected.exit_code = change.exit_code,
                _ => {}
            }
        }
        for change in &self.changes {
            if let Change::Bytes(change) = change
                && change.field.is_none()
            {
                file::edit_bytes(sent.bytes.get_or_insert_with(|| sent.file.to_bytes()), change, None)?;
            }
        }
        Ok(())
    }

    /// Lets the verifier judge what is sent.
    fn judge(&self, sent: Sent) -> Result<Outcome, AttackError> {
        let target = self.target;
        if let Some((statement, proof)) = &sent.unwritable {
            return Ok(outcome_of_proof(target.prover.judge(statement, proof)));
        }
        let bytes = sent.bytes.unwrap_or_else(|| sent.file.to_bytes());
        if bytes == ChainFile::honest(target).to_bytes() && sent.key == target.program.key && sent.expected == target.expected() {
            return Err(AttackError::NothingChanged);
        }
        Ok(outcome_of(tern_verifier::verify(&bytes, &sent.key, &sent.expected).map(drop)))
    }
}

/// Whether a change is made before a segment is proved that has this number and executes these
/// instructions.
fn is_of(change: &Change, index: usize, steps: &Range<u64>) -> bool {
    match change {
        Change::Record(RecordChange { step: Some(step), .. }) => steps.contains(step),
        Change::Record(RecordChange { segment, .. })
        | Change::Statement(StatementChange { segment, .. })
        | Change::Cell(CellChange { segment, .. })
        | Change::Rows(RowsChange { segment, .. })
        | Change::Lie(Lie { segment, .. }) => *segment == index,
        _ => false,
    }
}

fn edit_stated(segment: &mut ExecutedSegment, change: &StatementChange) -> Result<(), AttackError> {
    match (change.field.as_str(), change.edit()) {
        ("cycles", Some(edit)) => words::edit_cycles(&mut segment.cycles, edit),
        (field, Some(edit)) => words::edit_statement(&mut segment.statement, field, change.part, edit),
        (_, None) => Ok(()),
    }
}
