//! What is proved is never lost: runs that fail continue with the parts that they left behind, and
//! trust none of them.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use tern_air::machine::segment::Statement;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_verifier::final_proof::Header;
use tern_verifier::multilinear::programs::SegmentRelation;
use tern_verifier::segments::{Expected, Segment, read_statement, verify, write_statement};
use tern_verifier::wire::{Reader, Writer};
use tern_vm::exec::ExecError;
use tern_vm::prove::{
    Amount, Arity, Claim, Combine, Options, PartStore, PlannedSegment, Progress, ProvableProgram, ProveError, Span, Step, Summary, prove,
    prove_final,
};
use tern_vm::testing::proof_file::ProofFile;
use tern_vm::testing::workload;

use crate::chain::{chain, options};
use crate::support::{provable, read};

/// Segments taken over, by index.
#[derive(Default)]
struct TakenOver(Mutex<Vec<u32>>);

impl Progress for TakenOver {
    fn taken_over(&self, step: Step, _: &Amount) {
        let Step::Segment(index) = step else { panic!("{step} in a chain of segments") };
        self.0.lock().expect("no panic").push(index);
    }
}

/// A folder for one proof.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn proof(&self) -> PathBuf {
        self.folder.path().join("proof")
    }

    fn segments(&self) -> PathBuf {
        self.folder.path().join("proof.segments")
    }

    fn segment(&self, index: u32) -> PathBuf {
        self.segments().join(format!("segment-{index:06}"))
    }

    /// Leaves the segments of the chain here, as a run does that is stopped before its end.
    fn leave_all_segments(&self) {
        let store = PartStore::open(&self.proof()).expect("a folder for segments");
        for (index, segment) in (0..).zip(ProofFile::read(&chain().proof).segments) {
            store.save_segment(index, &segment).expect("a saved segment");
        }
    }

    fn prove(&self, program: &ProvableProgram) -> Result<Summary, ProveError> {
        prove(program, workload::INPUT, &self.proof(), &options(), &())
    }

    /// Proves the chain's program and says which segments were taken over.
    fn finish(&self) -> Vec<u32> {
        let taken_over = TakenOver::default();
        let summary = prove(&chain().program, workload::INPUT, &self.proof(), &options(), &taken_over).expect("a proof");
        let taken_over = taken_over.0.into_inner().expect("no panic");
        assert_eq!(summary.resumed as usize, taken_over.len());
        assert_verifies(&self.proof());
        assert!(!self.segments().exists(), "the segments are part of the proof now");
        taken_over
    }
}

fn assert_verifies(proof: &Path) {
    let output = verify(&read(proof), &chain().program.key, &Expected::default()).expect("a proof that verifies");
    assert_eq!(output.bytes, workload::INPUT);
}

#[test]
fn a_run_that_could_not_save_continues_where_it_was() {
    let place = Place::new();
    // what a segment is first written to cannot be a file
    let obstacle = place.segment(1).with_extension("tmp");
    fs::create_dir_all(&obstacle).expect("an obstacle");
    let error = place.prove(&chain().program).expect_err("no place for the second segment");
    assert!(matches!(&error, ProveError::Io { path, kept, .. } if *path == place.segment(1) && *kept == place.segments()), "{error}");
    assert!(error.to_string().contains(&format!("kept in {}", place.segments().display())), "{error}");
    assert!(!place.proof().exists());
    assert!(place.segment(0).exists() && !place.segment(1).exists());
    fs::remove_dir(&obstacle).expect("removing the obstacle");
    assert_eq!(place.finish(), [0]);
}

#[test]
fn a_proof_that_could_not_be_written_keeps_its_segments() {
    let place = Place::new();
    place.leave_all_segments();
    // what the proof is first written to cannot be a file
    let obstacle = place.segments().join("proof.tmp");
    fs::create_dir(&obstacle).expect("an obstacle");
    let error = place.prove(&chain().program).expect_err("no place for the proof");
    assert!(matches!(&error, ProveError::Io { path, kept, .. } if *path == place.proof() && *kept == place.segments()), "{error}");
    fs::remove_dir(&obstacle).expect("removing the obstacle");
    assert_eq!(place.finish(), [0, 1, 2]);
}

#[test]
fn segments_that_do_not_verify_are_proved_again() {
    let place = Place::new();
    place.leave_all_segments();
    let mut bytes = read(&place.segment(0));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(place.segment(0), &bytes).expect("a broken segment");
    let bytes = read(&place.segment(2));
    fs::write(place.segment(2), &bytes[..bytes.len() - 1]).expect("a truncated segment");
    assert_eq!(place.finish(), [1]);
}

#[test]
fn segments_of_another_run_are_proved_again() {
    let place = Place::new();
    place.leave_all_segments();
    let other = provable(&workload::elf_with(workload::ROUNDS, 5, 1));
    let summary = place.prove(&other).expect("a proof");
    assert_eq!((summary.segments, summary.resumed), (3, 0));
    let output = verify(&read(&place.proof()), &other.key, &Expected { exit_code: 5 }).expect("a proof that verifies");
    assert_eq!(output.exit_code, 5);
}

#[test]
fn a_panic_ends_the_run_and_keeps_its_segments() {
    /// Panics when the first segment is proved.
    struct Panics;
    impl Progress for Panics {
        fn done(&self, _: Step, _: &Amount, _: Duration) {
            panic!("on purpose");
        }
    }
    let place = Place::new();
    let run = || prove(&chain().program, workload::INPUT, &place.proof(), &options(), &Panics);
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    assert!(place.segment(0).exists());
    assert!(place.finish().contains(&0));
}

#[test]
fn a_run_that_does_not_end_proves_nothing() {
    let place = Place::new();
    let limited = Options { cycle_limit: 100, ..options() };
    let error = prove(&chain().program, workload::INPUT, &place.proof(), &limited, &()).expect_err("a cycle limit");
    assert!(matches!(error, ProveError::Execute(_)), "{error}");
    assert!(error.to_string().contains("the limit of 100 cycles is reached"), "{error}");
    assert!(!place.segments().exists());
}

#[test]
fn an_input_larger_than_its_region_is_refused() {
    let place = Place::new();
    // pages of zeros that nobody touches
    let input = vec![0; (1 << 31) - 31];
    let error = prove(&chain().program, &input, &place.proof(), &options(), &()).expect_err("one byte too many");
    assert!(matches!(error, ProveError::Execute(ExecError::InputTooLarge { bytes }) if bytes == input.len() as u64), "{error}");
    assert!(!place.segments().exists());
}

/// Combines by checking what a recursion proof would prove: segments verify, neighbours fit. The
/// final proof is refused if so told.
struct Checks(ProvableProgram, bool);

impl Checks {
    /// A run that combines the chain's segments, and what was taken over.
    fn finish(place: &Place) -> (Summary, Vec<Step>) {
        let (checks, steps) = (Self(chain().program.clone(), false), TakenOverSteps::default());
        let summary = prove_final(&checks.0, workload::INPUT, &place.proof(), &options(), &steps, &checks).expect("a proof");
        assert!(!place.segments().exists(), "the parts are part of the proof now");
        (summary, steps.0.into_inner().expect("no panic"))
    }
}

impl Combine for Checks {
    const ARITY: Arity = Arity { segments: 2, nodes: 2 };
    type Node = Statement;
    type Error = String;

    fn lifts_together(&self, _: &[PlannedSegment]) -> bool {
        false
    }

    fn lift(&self, _: Span, segments: &[Segment<'_>]) -> Result<Statement, String> {
        let [segment] = segments else { return Err(format!("{} segments", segments.len())) };
        let relation = SegmentRelation::new(&SEGMENT_V2).map_err(|error| error.to_string())?;
        segment.verify(0, &relation, &self.0.key).map_err(|rejection| rejection.to_string())?;
        Ok(segment.statement.clone())
    }

    fn join(&self, _: Span, children: Vec<Statement>) -> Result<Statement, String> {
        let [left, right] = &children[..] else { return Err(format!("{} children", children.len())) };
        let fit = left.pc_out == right.pc_in && left.root_out == right.root_in && left.halt.is_none();
        let joined = Statement { pc_in: left.pc_in, root_in: left.root_in, ..right.clone() };
        if fit { Ok(joined) } else { Err("no neighbours".into()) }
    }

    fn wrap(&self, root: Statement) -> Result<Vec<u8>, String> {
        self.encode(&root)
    }

    fn verify_final(&self, proof: &[u8], exit_code: u32) -> Result<(), String> {
        let mut reader = Reader::new(proof);
        let header = Header::read(&mut reader).map_err(|rejection| rejection.to_string())?;
        let root = read_statement(&mut reader, 0).map_err(|rejection| rejection.to_string())?;
        let halts = root.halt.is_some_and(|halt| halt.exit_code == exit_code);
        if header.statement == root && halts && !self.1 { Ok(()) } else { Err("refused".into()) }
    }

    fn encode(&self, node: &Statement) -> Result<Vec<u8>, String> {
        let mut writer = Writer::default();
        write_statement(&mut writer, node);
        Ok(writer.into_bytes())
    }

    fn decode_and_verify(&self, bytes: &[u8], expected: &Statement) -> Result<Statement, String> {
        if bytes == self.encode(expected)? { Ok(expected.clone()) } else { Err("another node".into()) }
    }

    fn circuits(&self) -> [u8; 32] {
        [9; 32]
    }

    fn step_bytes(&self) -> u64 {
        0
    }

    fn circuit_bytes(&self) -> u64 {
        0
    }
}

/// Steps taken over.
#[derive(Default)]
struct TakenOverSteps(Mutex<Vec<Step>>);

impl Progress for TakenOverSteps {
    fn taken_over(&self, step: Step, _: &Amount) {
        self.0.lock().expect("no panic").push(step);
    }
}

#[test]
fn real_segments_are_combined_and_parts_taken_over() {
    let place = Place::new();
    place.leave_all_segments();
    let (summary, taken_over) = Checks::finish(&place);
    assert_eq!(taken_over, [0, 1, 2].map(Step::Segment));
    assert_eq!((summary.segments, summary.lifts, summary.joins, summary.resumed), (3, 3, 2, 3));
    let file = read(&place.proof());
    assert_eq!(summary.proof_bytes, file.len() as u64);
    let statements: Vec<_> = ProofFile::read(&chain().proof).segments.into_iter().map(|segment| segment.statement).collect();
    let whole = Statement { pc_in: statements[0].pc_in, root_in: statements[0].root_in, ..statements[2].clone() };
    let mut reader = Reader::new(&file);
    let header = Header::read(&mut reader).expect("a header");
    assert_eq!((header.key_digest, header.circuits), (chain().program.key.digest(), [9; 32]));
    assert_eq!((header.output.as_slice(), &header.statement), (workload::INPUT, &whole));
    assert_eq!(header.input_root, ProofFile::read(&chain().proof).header.input_root);
    // what the toy calls a batch proof
    assert_eq!(read_statement(&mut reader, 0).expect("a statement"), whole);
    assert_eq!(reader.left(), 0);

    // the first two joined, the third only proved: nothing is executed again
    place.leave_all_segments();
    let both = Statement { pc_in: statements[0].pc_in, root_in: statements[0].root_in, ..statements[1].clone() };
    let store = PartStore::open(&place.proof()).expect("a store");
    let checks = Checks(chain().program.clone(), false);
    let span = Span { first: 0, end: 2 };
    store.save_node(span, &checks.encode(&both).expect("bytes"), &[Span::one(0), Span::one(1)]).expect("a saved join");
    let (summary, taken_over) = Checks::finish(&place);
    assert_eq!(taken_over, [Step::Join(span), Step::Segment(2)]);
    assert_eq!((summary.segments, summary.lifts, summary.joins, summary.resumed), (3, 3, 2, 3));
    assert_eq!(read(&place.proof()), file);
}

#[test]
fn a_final_proof_that_does_not_verify_is_not_written() {
    let place = Place::new();
    place.leave_all_segments();
    fs::write(place.proof(), "an earlier proof").expect("a file");
    let checks = Checks(chain().program.clone(), true);
    let error = prove_final(&checks.0, workload::INPUT, &place.proof(), &options(), &(), &checks).expect_err("a refused proof");
    assert!(matches!(&error, ProveError::FinalCheck { reason, kept } if reason == "refused" && *kept == place.segments()), "{error}");
    assert_eq!(read(&place.proof()), b"an earlier proof");
    let (_, taken_over) = Checks::finish(&place);
    assert_eq!(taken_over, [Step::Join(Span { first: 0, end: 3 })]);
}

#[test]
fn files_of_others_stay_beside_the_parts() {
    let place = Place::new();
    place.leave_all_segments();
    let others = ["notes.txt", "segment-000000.bak"];
    others.iter().for_each(|name| fs::write(place.segments().join(name), "text").expect("a file"));
    let summary = place.prove(&chain().program).expect("a proof");
    assert_eq!((summary.resumed, summary.staying.as_slice()), (3, others.map(Into::into).as_slice()));
    assert_verifies(&place.proof());
    let mut left: Vec<_> = fs::read_dir(place.segments()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    left.sort();
    assert_eq!(left, others);
}

#[test]
fn a_place_that_another_run_has_is_not_touched() {
    let place = Place::new();
    place.leave_all_segments();
    let claim = Claim::take(&place.proof()).expect("a free place");
    let error = place.prove(&chain().program).expect_err("a place that is taken");
    assert!(matches!(error, ProveError::Busy { process: Some(process), .. } if process == std::process::id()), "{error}");
    drop(claim);
    assert_eq!(place.finish(), [0, 1, 2]);
}

#[test]
fn too_little_memory_is_said_before_anything_is_proved() {
    let place = Place::new();
    let limited = Options { memory: Some(1 << 26), ..options() };
    let error = prove(&chain().program, workload::INPUT, &place.proof(), &limited, &()).expect_err("too little memory");
    assert!(matches!(&error, ProveError::Memory(shortage) if shortage.available == 1 << 26 && shortage.jobs == 1), "{error}");
    assert!(!place.segments().exists());
    let enough = Options { memory: Some(1 << 36), ..options() };
    assert_eq!(prove(&chain().program, workload::INPUT, &place.proof(), &enough, &()).expect("a proof").segments, 3);
}

#[test]
fn a_run_that_ends_otherwise_than_expected_is_not_proved() {
    let place = Place::new();
    let expecting = Options { exit_code: Some(1), ..options() };
    let error = prove(&chain().program, workload::INPUT, &place.proof(), &expecting, &()).expect_err("another exit code");
    assert!(matches!(error, ProveError::ExitCode { expected: 1, got: 0 }), "{error}");
    assert!(!place.segments().exists() && !place.proof().exists());
}

#[test]
fn a_segment_missing_among_others_is_proved() {
    let place = Place::new();
    place.leave_all_segments();
    fs::remove_file(place.segment(1)).expect("a segment");
    let (summary, taken_over) = Checks::finish(&place);
    assert_eq!((summary.segments, summary.resumed), (3, 2));
    assert_eq!(taken_over, [0, 2].map(Step::Segment));
}
