//! Commands about any guest program.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tern_air::events::SegmentEvents;
use tern_verifier::{Expected, Output, VerifyingKey};

use super::args::{Kind, ProveArgs, RunArgs};
use super::error::CliError;
use super::progress::ProveProgress;
use super::report::{Report, Seconds};
use super::{files, weakest_layer};
use crate::elf::Program;
use crate::exec::{self, RunSummary, SegmentExecutor};
use crate::prove::{self, Combine, ProvableProgram, Summary, largest_shape, limits_of};
use crate::recursion::Combiner;

/// `tern execute`.
pub fn execute(elf: &Path, input: Option<&Path>, args: &RunArgs) -> Result<Report, CliError> {
    let program = files::load_program(elf)?;
    let (run, mut report) = run(&program, &files::read_input(input)?, args)?;
    report.output = Some(hex::encode(&run.output));
    Ok(report)
}

/// `tern prove`.
pub fn prove(elf: &Path, input: Option<&Path>, args: &ProveArgs) -> Result<Report, CliError> {
    let program = files::provable(elf, files::load_program(elf)?)?;
    let (run, mut report) = prove_run(&program, &files::read_input(input)?, args)?;
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
    report.output = Some(hex::encode(&proved.bytes));
    Ok(report)
}

/// `tern vkey`.
pub fn vkey(elf: &Path, output: Option<&Path>) -> Result<Report, CliError> {
    let key = files::provable(elf, files::load_program(elf)?)?.key;
    let mut report = Report { vkey: Some(hex::encode(key.digest())), ..Default::default() };
    if let Some(path) = output {
        files::write(path, files::key_bytes(&key))?;
        report.files.push(path.display().to_string());
    }
    Ok(report)
}

/// Runs a program in the machine and counts its segments.
pub fn run(program: &Program, input: &[u8], args: &RunArgs) -> Result<(RunSummary, Report), CliError> {
    let started = Instant::now();
    let run = exec::run(program, input, options(args.cycle_limit))?;
    let seconds = started.elapsed().as_secs_f64();
    let mut report = report_of(&run);
    report.cycles_per_second = Some(run.cycles as f64 / seconds);
    report.segments = Some(count_segments(program, input, args.cycle_limit)?);
    if let Some(path) = &args.profile {
        let stacks = crate::profile::folded_stacks(program, input, options(args.cycle_limit))?;
        files::write(path, stacks)?;
        report.files.push(path.display().to_string());
    }
    Ok((run, report))
}

/// Proves a run and reports on it.
pub fn prove_run(program: &ProvableProgram, input: &[u8], args: &ProveArgs) -> Result<(RunSummary, Report), CliError> {
    let combiner = match args.kind {
        Kind::Segments => None,
        Kind::Final => Some(Combiner::new(&program.key).map_err(|error| prove::ProveError::Combiner(error.to_string()))?),
    };
    let step_bytes = prove::segment_bytes().max(combiner.as_ref().map_or(0, Combine::step_bytes));
    let options = prove::Options {
        jobs: args.jobs.unwrap_or_else(|| prove::default_jobs(step_bytes)),
        max_segment_cycles: args.segment_cycles,
        cycle_limit: args.cycle_limit,
    };
    let progress = ProveProgress::new();
    let started = Instant::now();
    let summary = match &combiner {
        None => prove::prove(program, input, &args.output, &options, &progress),
        Some(combiner) => prove::prove_final(program, input, &args.output, &options, &progress, combiner),
    };
    progress.finish();
    let summary = summary?;
    if combiner.is_some() {
        // Segments and parts of the chain were verified when they were made; this is what others will verify.
        tern_verifier::verify(&files::read(&args.output)?, &program.key, &Expected { exit_code: summary.run.halt.exit_code })?;
    }
    let mut report = report_of(&summary.run);
    add_summary(&mut report, &summary, started.elapsed());
    report.vkey = Some(hex::encode(program.key.digest()));
    add_security(&mut report);
    report.files.push(args.output.display().to_string());
    Ok((summary.run, report))
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

fn options(cycle_limit: u64) -> exec::Options {
    exec::Options { cycle_limit, print: Some(Box::new(|text| eprint!("{text}"))), ..Default::default() }
}

fn report_of(run: &RunSummary) -> Report {
    let scope = |scope: &exec::ScopeTotal| json!({ "scope": scope.path, "calls": scope.calls, "cycles": scope.cycles });
    Report {
        exit_code: Some(run.halt.exit_code),
        cycles: Some(run.cycles),
        unaligned_accesses: Some(run.counters.unaligned_accesses),
        keccak_calls: Some(run.counters.keccak_calls),
        mulmod_calls: Some(run.counters.mulmod_calls),
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
    report.cycles_per_second = Some(cycles / wall.as_secs_f64());
    report.proof_bytes = Some(summary.proof_bytes);
}

/// Segments that the run is cut into, by cutting it.
fn count_segments(program: &Program, input: &[u8], cycle_limit: u64) -> Result<u64, CliError> {
    let limits = limits_of(largest_shape());
    let options = exec::Options { cycle_limit, ..Default::default() };
    let mut executor = SegmentExecutor::new(program, input, options)?;
    let mut segments = 0;
    while let Some(record) = executor.next_segment(&limits)? {
        tracing::info!(segments, cycles = record.cycles, tree_nodes = record.tree_nodes, rows = ?rows(&record.events), "segment");
        executor.recycle(record.events);
        segments += 1;
    }
    Ok(segments)
}

/// Records by kind, for choosing shapes.
fn rows(events: &SegmentEvents) -> Vec<(exec::Table, usize)> {
    exec::Table::ALL.iter().map(|&table| (table, table.rows(events))).collect()
}

fn add_security(report: &mut Report) {
    report.conjectured_bits = Some(weakest_layer::CONJECTURED_BITS);
    report.proven_bits = Some(weakest_layer::PROVEN_BITS);
}
