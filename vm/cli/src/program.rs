//! Commands about any guest program.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tern_verifier::{Expected, Output, VerifyingKey};

use super::args::{Kind, ProfileBy, ProveArgs, RunArgs};
use super::error::CliError;
use super::files::Guest;
use super::progress::{GuestLines, ProveProgress, say_line};
use super::report::{Failure, Report, Seconds};
use super::units::{self, counted, printable};
use super::{cost, devices, files, weakest_layer};
use tern_vm::elf::Program;
use tern_vm::exec::{self, LastPrinted, RunSummary};
use tern_vm::profile;
use tern_vm::prove::{self, Claim, Combine, LOG_ROWS, Printer, ProvableProgram, Summary, limits_of, record_weights};
use tern_vm::recursion::Combiner;

/// `tern execute`.
pub fn execute(elf: &Path, input: Option<&Path>, args: &RunArgs) -> Result<Report, CliError> {
    args.check_outputs(&[Some(elf), input])?;
    let program = files::load_program(elf)?;
    let (run, mut report) = run(&program, &files::read_input(input)?, args)?;
    report.output = Some(hex::encode(&run.output));
    Ok(report)
}

/// `tern prove`.
pub fn prove(elf: &Path, input: Option<&Path>, exit_code: u32, how: &impl ProveRun) -> Result<Report, CliError> {
    files::check_output(how.output(), &[Some(elf), input])?;
    let guest = Guest::load(elf)?;
    let input = files::read_input(input)?;
    let (run, mut report) = how.prove_run(Claim::take(how.output())?, &guest, &input, exit_code)?;
    report.headline = Some(format!("proved: the program halts with exit code {exit_code} and writes {}", output_bytes(&run.output)));
    report.output = Some(hex::encode(&run.output));
    Ok(report)
}

/// `tern verify`.
pub fn verify(program: &Path, proof: &Path, exit_code: u32, output: Option<&Path>) -> Result<Report, CliError> {
    let key = files::load_key(program)?;
    let (proved, mut report) = verify_proof(&key, proof, exit_code)?;
    if let Some(path) = output {
        let expected = files::read(path)?;
        if expected != proved.bytes {
            return Err(CliError::OutputFile { path: path.to_owned(), expected: expected.len(), got: proved.bytes.len() });
        }
    }
    report.headline = Some(format!("verified: the program halts with exit code {exit_code} and writes {}", output_bytes(&proved.bytes)));
    report.output = Some(hex::encode(&proved.bytes));
    Ok(report)
}

/// `tern vkey`.
pub fn vkey(elf: &Path, output: Option<&Path>) -> Result<Report, CliError> {
    if let Some(path) = output {
        files::check_output(path, &[Some(elf)])?;
    }
    let key = files::provable(elf, files::load_program(elf)?)?.key;
    let mut report = Report { vkey: Some(hex::encode(key.digest())), ..Default::default() };
    if let Some(path) = output {
        files::write(path, files::key_bytes(&key))?;
        report.files.push(path.display().to_string());
    }
    Ok(report)
}

/// Runs a program in the machine and counts its segments. That the guest fails is part of the report.
pub fn run(program: &Program, input: &[u8], args: &RunArgs) -> Result<(RunSummary, Report), CliError> {
    let started = Instant::now();
    let (lines, last) = (Arc::new(GuestLines::new(None)), Arc::new(LastPrinted::default()));
    let how = options(args.cycle_limit, &last, lines.printer());
    let run = match &args.trace {
        Some(path) => traced(program, input, how, path),
        None => exec::run(program, input, how).map_err(CliError::from),
    };
    lines.finish();
    let run = run?;
    let seconds = started.elapsed().as_secs_f64();
    let mut report = report_of(&run);
    report.cycles_per_second = Some(run.cycles as f64 / seconds);
    let exit_code = run.halt.exit_code;
    report.headline = Some(format!("halted with exit code {exit_code} after {}", counted(run.cycles, "cycle")));
    if exit_code != 0 {
        report.error = Some(Failure::from(&CliError::ExitCode(exit_code)));
        report.printed = Some(last.text()).filter(|text| !text.is_empty());
    }
    if let Some((cost, shown)) = cost::of_run(program, input, args.cycle_limit)? {
        report.segments = Some(cost.segments.into());
        report.cost = Some(shown);
    }
    report.files.extend(args.trace.iter().map(|path| path.display().to_string()));
    if let Some(path) = &args.profile {
        let options = exec::Options { cycle_limit: args.cycle_limit, ..Default::default() };
        let stacks = match args.profile_by {
            ProfileBy::Cycles => profile::folded_stacks(program, input, options)?,
            ProfileBy::Cost => profile::folded_weights(program, input, options, &limits_of(LOG_ROWS), record_weights())?,
        };
        files::write(path, stacks)?;
        report.files.push(path.display().to_string());
    }
    Ok((run, report))
}

/// Runs a program and writes every instruction to a file, as far as the run gets.
fn traced(program: &Program, input: &[u8], how: exec::Options, path: &Path) -> Result<RunSummary, CliError> {
    let unwritable = |error| CliError::Write { path: path.to_owned(), error };
    let mut tracer = exec::Tracer::new(BufWriter::new(File::create(path).map_err(unwritable)?));
    let run = exec::run_observed(program, input, how, &mut tracer);
    tracer.finish().and_then(|mut file| file.flush()).map_err(unwritable)?;
    Ok(run?)
}

/// Makes a proof: on this machine, or on others.
pub trait ProveRun {
    /// Where the proof is written.
    fn output(&self) -> &Path;

    /// Proves a run that halts with this exit code, and reports on it.
    fn prove_run(&self, place: Claim, guest: &Guest, input: &[u8], exit_code: u32) -> Result<(RunSummary, Report), CliError>;
}

impl ProveRun for ProveArgs {
    fn output(&self) -> &Path {
        &self.output
    }

    fn prove_run(&self, place: Claim, guest: &Guest, input: &[u8], exit_code: u32) -> Result<(RunSummary, Report), CliError> {
        prove_here(place, &guest.program, input, exit_code, self)
    }
}

/// Proves on this machine.
fn prove_here(
    place: Claim,
    program: &ProvableProgram,
    input: &[u8],
    exit_code: u32,
    args: &ProveArgs,
) -> Result<(RunSummary, Report), CliError> {
    let started = Instant::now();
    let device = devices::chosen(&args.device)?;
    let combiner = match args.kind {
        Kind::Segments => None,
        Kind::Final => Some(Combiner::new(&program.key, device.clone()).map_err(|error| prove::ProveError::Combiner(error.to_string()))?),
    };
    let segment_log_rows = args.segment_log_rows(device.as_deref());
    let step_bytes = prove::full_segment_bytes(segment_log_rows).max(combiner.as_ref().map_or(0, Combine::step_bytes));
    let available = prove::available_memory();
    let progress = ProveProgress::new(args.progress_json);
    let options = prove::Options {
        jobs: args.jobs.unwrap_or_else(|| prove::default_jobs(step_bytes, available)),
        segment_log_rows,
        max_segment_cycles: args.segment_cycles.unwrap_or(u32::MAX),
        cycle_limit: args.cycle_limit,
        exit_code: Some(exit_code),
        memory: available.filter(|_| !args.any_memory),
        print: Some(progress.printer()),
        device: device.clone(),
    };
    let summary = match &combiner {
        None => prove::prove_in(place, program, input, &options, &progress),
        Some(combiner) => prove::prove_final_in(place, program, input, &options, &progress, combiner),
    };
    progress.finish();
    let summary = summary?;
    let wall = started.elapsed();
    if device.is_none() {
        cost::remember(summary.units, wall.saturating_sub(summary.times.execute).as_secs_f64());
    }
    let mut report = report_of_proof(&program.key, &args.output, &summary, wall);
    report.device = Some(device.as_ref().map_or_else(|| "cpu".to_owned(), |device| device.name().to_owned()));
    report.device_usage = device.as_deref().map(Into::into);
    report.redone = device.as_ref().map(|device| device.redone());
    Ok((summary.run, report))
}

/// What there is to say of a proof that was made.
pub fn report_of_proof(key: &VerifyingKey, output: &Path, summary: &Summary, wall: Duration) -> Report {
    let mut report = report_of(&summary.run);
    add_summary(&mut report, summary, wall);
    report.vkey = Some(hex::encode(key.digest()));
    add_security(&mut report);
    report.files.push(output.display().to_string());
    let kind = if summary.lifts > 0 { "final proof" } else { "chain of segments" };
    let (bytes, took) = (units::file_bytes(summary.proof_bytes), units::seconds(wall.as_secs_f64()));
    report.closing = Some(format!("{} written: {kind}, {bytes}, verified, in {took}", output.display()));
    report.parts_folder = staying(output, summary);
    report
}

/// The folder of the parts, if files of others are in it.
fn staying(output: &Path, summary: &Summary) -> Option<String> {
    let first = summary.staying.first()?.to_string_lossy();
    let folder = prove::PartStore::at(output).folder().display().to_string();
    let (count, others) = (summary.staying.len(), summary.staying.len() - 1);
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    let are = if count == 1 { "file is" } else { "files are" };
    say_line(&printable(&format!("{folder} stays: {count} other {are} in it ({first}{more})")));
    Some(folder)
}

/// Verifies a proof and reports on it.
pub fn verify_proof(key: &VerifyingKey, proof: &Path, exit_code: u32) -> Result<(Output, Report), CliError> {
    let bytes = files::read(proof)?;
    let started = Instant::now();
    let proved = tern_verifier::verify(&bytes, key, &Expected { exit_code })?;
    let mut report = Report {
        // Only a chain of segments tells their number.
        kind: Some(if proved.segments.is_some() { "segments" } else { "final" }),
        exit_code: Some(proved.exit_code),
        segments: proved.segments.map(Into::into),
        proof_bytes: Some(bytes.len() as u64),
        vkey: Some(hex::encode(key.digest())),
        ..Default::default()
    };
    report.block.insert("verify_s".into(), json!(started.elapsed().as_secs_f64()));
    add_security(&mut report);
    Ok((proved, report))
}

fn options(cycle_limit: u64, last: &Arc<LastPrinted>, printer: Printer) -> exec::Options {
    let last = Arc::clone(last);
    let print = move |text: &str| {
        last.add(text);
        printer(text);
    };
    exec::Options { cycle_limit, print: Some(Box::new(print)), ..Default::default() }
}

fn output_bytes(output: &[u8]) -> String {
    if output.is_empty() { "no output".to_owned() } else { format!("{} of output", counted(output.len() as u64, "byte")) }
}

/// The beginning of a hash, enough to tell it by.
pub fn abbreviated(hash: &str) -> &str {
    hash.get(..10).unwrap_or(hash)
}

fn report_of(run: &RunSummary) -> Report {
    let scope = |scope: &exec::ScopeTotal| json!({ "scope": scope.path, "calls": scope.calls, "cycles": scope.cycles });
    Report {
        exit_code: Some(run.halt.exit_code),
        cycles: Some(run.cycles),
        unaligned_accesses: Some(run.counters.unaligned_accesses),
        keccak_calls: Some(run.counters.keccak_calls),
        mulmod_calls: Some(run.counters.mulmod_calls),
        mulmod384_calls: Some(run.counters.mulmod384_calls),
        sha256_calls: Some(run.counters.sha256_calls),
        blake2f_calls: Some(run.counters.blake2f_calls),
        scopes: run.scopes.iter().map(scope).collect(),
        ..Default::default()
    }
}

fn add_summary(report: &mut Report, summary: &Summary, wall: Duration) {
    let cycles = summary.run.cycles as f64;
    report.segments = Some(summary.segments.into());
    report.segments_resumed = Some(summary.resumed.into());
    report.kind = Some(if summary.lifts > 0 { "final" } else { "segments" });
    report.lifts = (summary.lifts > 0).then_some(summary.lifts);
    report.joins = (summary.lifts > 0).then_some(summary.joins);
    report.seconds = Some(Seconds::from(&summary.times));
    report.cells_per_cycle = Some(summary.cells as f64 / cycles);
    report.padding = Some(1.0 - summary.cells as f64 / summary.matrix_cells as f64);
    report.cycles_per_second = Some(cycles / wall.as_secs_f64());
    report.proof_bytes = Some(summary.proof_bytes);
}

fn add_security(report: &mut Report) {
    report.conjectured_bits = Some(weakest_layer::CONJECTURED_BITS);
    report.proven_bits = Some(weakest_layer::PROVEN_BITS);
}
