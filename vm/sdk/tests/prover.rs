//! The library as a host program uses it.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tern_sdk::{Amount, Error, Expected, Program, Progress, ProveError, Prover, Rejection, Step, verify};
use tern_vm::testing::workload;

fn program() -> Program {
    Program::from_elf(&workload::elf()).expect("a program")
}

/// Small proofs, soon made.
fn prover() -> Prover {
    Prover::new().chain_of_segments()
}

#[test]
fn a_run_gives_output_and_counts() {
    let run = Prover::new().execute(&program(), workload::INPUT).expect("a run");
    assert_eq!((run.output.as_slice(), run.exit_code), (workload::INPUT, 0));
    assert_eq!((run.counters.keccak_calls, run.counters.sha256_calls), (1, 1));
    assert!(run.cycles > 0 && run.scopes.len() == 1);
}

#[test]
fn a_run_that_fails_is_an_error_with_what_it_said() {
    let panics = Program::from_elf(&workload::printing_elf("guest panicked: no more", 101)).expect("a program");
    let heard = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&heard);
    let listening = prover().on_print(move |text| sink.lock().expect("no panic").push_str(text));
    for error in [listening.execute(&panics, &[]).expect_err("a failed run"), listening.prove(&panics, &[]).expect_err("a failed run")] {
        assert!(matches!(&error, Error::ExitCode { expected: 0, got: 101, printed } if printed == "guest panicked: no more"), "{error}");
        assert!(error.to_string().ends_with("it said: guest panicked: no more"), "{error}");
    }
    assert_eq!(*heard.lock().expect("no panic"), "guest panicked: no more".repeat(2));
    // Who expects the failure gets it proved.
    let proof = prover().exit_code(101).prove(&panics, &[]).expect("a proof");
    assert!(matches!(verify(&proof.bytes, panics.key()), Err(Rejection::ExitCode { .. })));
    assert_eq!(tern_verifier::verify(&proof.bytes, panics.key(), &Expected { exit_code: 101 }).expect("verified").bytes, b"");
}

#[test]
fn runs_without_end_are_stopped() {
    let error = prover().cycle_limit(100).execute(&program(), workload::INPUT).expect_err("too many cycles");
    assert!(matches!(error, Error::Execute(_)), "{error}");
    let error = prover().cycle_limit(100).prove(&program(), workload::INPUT).expect_err("too many cycles");
    assert!(matches!(error, Error::Execute(_)), "{error}");
}

#[test]
fn what_is_no_program_is_refused() {
    assert!(matches!(Program::from_elf(b"no ELF file"), Err(Error::Elf(_))));
    assert!(matches!(Program::load("/nowhere/guest.elf"), Err(Error::Read { .. })));
}

/// Hears of steps, and panics once so many are done.
#[derive(Default, Clone)]
struct Steps {
    heard: Arc<Mutex<Vec<String>>>,
    panics_after: Option<usize>,
}

impl Progress for Steps {
    fn taken_over(&self, step: Step, _: &Amount) {
        self.heard.lock().expect("no panic").push(format!("has {step}"));
    }

    fn done(&self, step: Step, _: &Amount, _: Duration) {
        let heard = {
            let mut heard = self.heard.lock().expect("no panic");
            heard.push(format!("did {step}"));
            heard.len()
        };
        assert!(self.panics_after != Some(heard), "as if killed");
    }
}

#[test]
fn a_proof_in_a_file_goes_on_where_an_earlier_one_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, program) = (folder.path().join("proof"), program());
    let proving = |steps: &Steps| {
        let prover = prover().jobs(NonZeroUsize::MIN).segment_cycles(workload::SEGMENT_CYCLES).on_progress(steps.clone());
        prover.prove_to(&program, workload::INPUT, &path)
    };
    let killed = Steps { panics_after: Some(2), ..Steps::default() };
    catch_unwind(AssertUnwindSafe(|| proving(&killed))).expect_err("a panic");
    let steps = Steps::default();
    let summary = proving(&steps).expect("a proof");
    assert_eq!((summary.segments, summary.resumed), (3, 2));
    assert_eq!(*steps.heard.lock().expect("no panic"), ["has segment 0", "has segment 1", "did segment 2"]);
    let bytes = std::fs::read(&path).expect("the proof");
    assert_eq!(verify(&bytes, program.key()).expect("verified").bytes, workload::INPUT);
    // Something in the way of a proof is a typed error.
    let error = prover().prove_to(&program, workload::INPUT, folder.path()).expect_err("a folder");
    assert!(matches!(error, Error::Prove(ProveError::Place { .. })), "{error}");
}

#[test]
#[cfg(feature = "ethereum")]
fn the_block_guest_is_the_one_that_verifiers_know() {
    let key = include_bytes!("../../../guest-evm/elf/guest.vkey");
    assert_eq!(tern_sdk::ethereum::guest().key().to_file(), key);
}
