//! Running and proving.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tern_vm::exec::{self, Counters, LastPrinted, RunSummary, ScopeTotal};
use tern_vm::prove::{
    self, Claim, Combine, Cost, Device, Options, Printer, Progress, ProveError, Summary, available_memory, default_jobs, default_log_rows,
    full_segment_bytes,
};
use tern_vm::recursion::Combiner;

use crate::{Error, Program, speed};

/// A run without a proof.
#[derive(Clone, Debug)]
pub struct Execution {
    /// All that the program wrote.
    pub output: Vec<u8>,
    /// Its exit code.
    pub exit_code: u32,
    /// Instructions executed.
    pub cycles: u64,
    /// Calls of accelerators, and unaligned accesses.
    pub counters: Counters,
    /// Cycles by named scope, in the order in which the scopes were first opened.
    pub scopes: Vec<ScopeTotal>,
    /// The end of what the program printed.
    pub printed: String,
}

/// A proof in memory.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The proof as a verifier takes it.
    pub bytes: Vec<u8>,
    /// What was proved, and what it took.
    pub summary: Summary,
}

/// Runs and proves programs. Every method that takes and returns it changes one setting.
///
/// One prover can serve any number of programs and threads; memory is checked for each proof alone.
pub struct Prover {
    jobs: Option<NonZeroUsize>,
    segment_rows: Option<usize>,
    segment_cycles: u32,
    cycle_limit: u64,
    exit_code: u32,
    checks_memory: bool,
    chain: bool,
    device: Option<Arc<Device>>,
    print: Option<Printer>,
    progress: Arc<dyn Progress + Send + Sync>,
    /// The recursion prover of the program that was proved last, with its circuits.
    combiner: Mutex<Option<([u8; 32], Arc<Combiner>)>>,
}

impl Default for Prover {
    fn default() -> Self {
        Self {
            jobs: None,
            segment_rows: None,
            segment_cycles: u32::MAX,
            cycle_limit: u64::MAX,
            exit_code: 0,
            checks_memory: true,
            chain: false,
            device: None,
            print: None,
            progress: Arc::new(()),
            combiner: Mutex::default(),
        }
    }
}

impl Prover {
    /// A prover on the CPU that makes final proofs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Steps done at the same time. By default as many as memory and cores allow.
    #[must_use]
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = Some(jobs);
        self
    }

    /// Base-2 logarithm of the rows of the matrix that segments are cut for, 16 to 22; by default
    /// 21, or as many as the device has room for. One less halves memory, and makes twice as many
    /// proofs to combine.
    #[must_use]
    pub fn segment_rows(mut self, log_rows: usize) -> Self {
        self.segment_rows = Some(log_rows);
        self
    }

    /// Most instructions in a segment; by default as many as fit.
    #[must_use]
    pub fn segment_cycles(mut self, cycles: u32) -> Self {
        self.segment_cycles = cycles;
        self
    }

    /// Most instructions of a run; one that has not ended by then fails. By default there is no limit.
    #[must_use]
    pub fn cycle_limit(mut self, cycles: u64) -> Self {
        self.cycle_limit = cycles;
        self
    }

    /// The exit code that a run must have to be a success: 0 by default. Nothing is proved about a
    /// run that ends with another.
    #[must_use]
    pub fn exit_code(mut self, exit_code: u32) -> Self {
        self.exit_code = exit_code;
        self
    }

    /// Proves even if less memory seems to be available than that takes. By default such a proof is
    /// refused with [`ProveError::Memory`].
    #[must_use]
    pub fn any_memory(mut self) -> Self {
        self.checks_memory = false;
        self
    }

    /// Stops at a chain of segment proofs: megabytes, which take a tenth to half of the time less.
    #[must_use]
    pub fn chain_of_segments(mut self) -> Self {
        self.chain = true;
        self
    }

    /// Proves on a device; what it fails to prove the CPU does.
    #[must_use]
    pub fn device(mut self, device: Arc<Device>) -> Self {
        self.device = Some(device);
        self
    }

    /// Receives what guests print, as they print it. By default that goes nowhere, but for the end
    /// of it, which errors show.
    #[must_use]
    pub fn on_print(mut self, print: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.print = Some(Arc::new(print));
        self
    }

    /// Hears how proving goes on, from several threads.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Progress + Send + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Runs a program without a proof.
    ///
    /// # Errors
    ///
    /// [`Error::Execute`] if it traps or reaches the limit of cycles, [`Error::ExitCode`] if it
    /// ends otherwise than expected.
    pub fn execute(&self, program: &Program, input: &[u8]) -> Result<Execution, Error> {
        let printed = Arc::new(LastPrinted::default());
        let printer = printer(&printed, self.print.clone());
        let print: exec::PrintSink = Box::new(move |text| printer(text));
        let options = exec::Options { cycle_limit: self.cycle_limit, print: Some(print), ..Default::default() };
        let run = exec::run(&program.provable().program, input, options)?;
        let RunSummary { halt, output, cycles, counters, scopes } = run;
        let (exit_code, printed) = (halt.exit_code, printed.text());
        if exit_code != self.exit_code {
            return Err(Error::ExitCode { expected: self.exit_code, got: exit_code, printed });
        }
        Ok(Execution { output, exit_code, cycles, counters, scopes, printed })
    }

    /// What proving a run would cost, in units that are proportional to the time; see [`Cost`].
    /// Executes it.
    ///
    /// # Errors
    ///
    /// If the run does not end, or cannot be proved.
    pub fn estimate(&self, program: &Program, input: &[u8]) -> Result<Cost, Error> {
        Cost::of_run(program.provable(), input, self.segment_log_rows(), self.cycle_limit).map_err(|error| match error {
            ProveError::Execute(error) => Error::Execute(error),
            error => Error::Prove(error),
        })
    }

    /// Proves a run, and returns the proof, which has been verified. Its parts are kept in a
    /// temporary folder meanwhile.
    ///
    /// # Errors
    ///
    /// As [`prove_to`](Self::prove_to), or [`Error::Folder`].
    pub fn prove(&self, program: &Program, input: &[u8]) -> Result<Proof, Error> {
        let folder = tempfile::tempdir().map_err(Error::Folder)?;
        let path = folder.path().join("proof");
        let summary = self.prove_to(program, input, &path)?;
        let bytes = std::fs::read(&path).map_err(|error| Error::Read { path, error })?;
        Ok(Proof { bytes, summary })
    }

    /// Proves a run, and writes the proof, which has been verified, to `path`.
    ///
    /// What is proved on the way is kept in `<path>.segments` until then: after a kill at any
    /// moment the same call takes it over and does the rest.
    ///
    /// # Errors
    ///
    /// [`Error::ExitCode`] if the run ends otherwise than expected: nothing is proved then. Else
    /// [`Error::Prove`]; what is proved stays on disk.
    pub fn prove_to(&self, program: &Program, input: &[u8], path: impl AsRef<Path>) -> Result<Summary, Error> {
        self.prove_in(Claim::take(path.as_ref())?, program, input)
    }

    /// [`prove_to`](Self::prove_to) at a place that is taken already.
    pub(crate) fn prove_in(&self, place: Claim, program: &Program, input: &[u8]) -> Result<Summary, Error> {
        speed::warn_once();
        let program = program.provable();
        let printed = Arc::new(LastPrinted::default());
        let combiner = if self.chain { None } else { Some(self.combiner(program)?) };
        let segment_log_rows = self.segment_log_rows();
        let step_bytes = full_segment_bytes(segment_log_rows).max(combiner.as_ref().map_or(0, |combiner| combiner.step_bytes()));
        let available = available_memory();
        let options = Options {
            jobs: self.jobs.unwrap_or_else(|| default_jobs(step_bytes, available)),
            segment_log_rows,
            max_segment_cycles: self.segment_cycles,
            cycle_limit: self.cycle_limit,
            exit_code: Some(self.exit_code),
            memory: available.filter(|_| self.checks_memory),
            print: Some(printer(&printed, self.print.clone())),
            device: self.device.clone(),
        };
        let proved = match &combiner {
            None => prove::prove_in(place, program, input, &options, &*self.progress),
            Some(combiner) => prove::prove_final_in(place, program, input, &options, &*self.progress, &**combiner),
        };
        proved.map_err(|error| match error {
            ProveError::ExitCode { expected, got } => Error::ExitCode { expected, got, printed: printed.text() },
            ProveError::Execute(error) => Error::Execute(error),
            error => Error::Prove(error),
        })
    }

    fn segment_log_rows(&self) -> usize {
        self.segment_rows.unwrap_or_else(|| default_log_rows(self.device.as_deref()))
    }

    fn combiner(&self, program: &prove::ProvableProgram) -> Result<Arc<Combiner>, Error> {
        let key = program.key.digest();
        let mut last = self.combiner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, combiner)) = last.as_ref().filter(|(of, _)| *of == key) {
            return Ok(Arc::clone(combiner));
        }
        let made = Combiner::new(&program.key, self.device.clone()).map_err(|error| ProveError::Combiner(error.to_string()))?;
        let made = Arc::new(made);
        *last = Some((key, Arc::clone(&made)));
        Ok(made)
    }
}

/// Keeps the end of what a guest prints, and passes it on.
fn printer(kept: &Arc<LastPrinted>, then: Option<Printer>) -> Printer {
    let kept = Arc::clone(kept);
    Arc::new(move |text| {
        kept.add(text);
        then.iter().for_each(|print| print(text));
    })
}
