//! The `tern` command line: blocks, any guest program, security figures and generated pages.

mod args;
mod block;
mod error;
mod estimate;
mod files;
mod program;
mod progress;
mod report;
mod security;
mod spec;
mod weakest_layer;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use tracing_subscriber::fmt::format::FmtSpan;

use args::{Block, Cli, Command};
use error::CliError;
use report::Report;

/// Runs the command line: exit status 0 for success, 1 for failure or a rejected proof, 2 for wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("TERN_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_span_events(FmtSpan::CLOSE).init();
    let started = Instant::now();
    let result = run(&cli);
    let mut report = match &result {
        Ok(report) => report.clone(),
        Err(error) => Report::failure(error),
    };
    report.wall_s = Some(started.elapsed().as_secs_f64());
    report.peak_rss_bytes = report::peak_rss_bytes();
    let shown = if cli.json { report.to_json() } else { report.to_text() };
    // A closed pipe is not worth a panic: there is nobody left to tell.
    let _ = match &result {
        Err(error) if !cli.json => writeln!(io::stderr(), "error: {error}"),
        _ => writeln!(io::stdout(), "{shown}"),
    };
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(cli: &Cli) -> Result<Report, CliError> {
    match &cli.command {
        Command::Block(Block::Validate { block }) => block::validate(block),
        Command::Block(Block::Execute { block, guest, run }) => block::execute(block, guest, run),
        Command::Block(Block::Prove { block, guest, prove }) => block::prove(block, guest, prove),
        Command::Block(Block::Verify { proof, guest, expected }) => block::verify(proof, guest, expected),
        Command::Block(Block::Sample { output, txs, seed }) => block::sample(output, *txs, *seed),
        Command::Execute { elf, input, run } => program::execute(elf, input.as_deref(), run),
        Command::Prove { elf, input, prove } => program::prove(elf, input.as_deref(), prove),
        Command::Verify { program, proof, exit_code, output } => program::verify(program, proof, *exit_code, output.as_deref()),
        Command::Vkey { elf, output } => program::vkey(elf, output.as_deref()),
        Command::Security => security::security(),
        Command::Spec { check } => spec::spec(*check),
    }
}
