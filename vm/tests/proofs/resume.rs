//! What is proved is never lost: runs that fail continue with the segments that they left behind, and trust none of them.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tern_air::shape::Shape;
use tern_verifier::segments::{Expected, verify};
use tern_vm::exec::ExecError;
use tern_vm::prove::{Options, Progress, ProvableProgram, ProveError, SegmentStore, Summary, prove};

use crate::chain::{chain, options};
use crate::support::{ProofFile, provable, read};
use crate::workload;

/// Segments taken over, by index.
#[derive(Default)]
struct TakenOver(Mutex<Vec<u32>>);

impl Progress for TakenOver {
    fn proved(&self, index: u32, _: u32, _: &Shape, resumed: bool) {
        if resumed {
            self.0.lock().expect("no panic").push(index);
        }
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
        let store = SegmentStore::open(&self.proof()).expect("a folder for segments");
        for (index, segment) in (0..).zip(ProofFile::read(&chain().proof).segments) {
            store.save(index, &segment).expect("a saved segment");
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
    let obstacle = place.folder.path().join("proof.tmp");
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
        fn proved(&self, _: u32, _: u32, _: &Shape, _: bool) {
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
