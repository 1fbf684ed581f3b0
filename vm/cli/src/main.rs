//! The `tern` command line: blocks, any guest program, security figures and generated pages.

mod args;
#[cfg(any(feature = "attack", test))]
mod attack;
mod block;
mod chain;
#[cfg(feature = "cluster")]
mod cluster;
mod cost;
mod devices;
mod error;
mod estimate;
#[cfg(feature = "fetch")]
mod fetch;
mod files;
mod line;
mod log;
mod program;
mod progress;
mod project;
mod report;
mod security;
#[cfg(feature = "serve")]
mod serve;
mod spec;
mod text;
mod units;
mod weakest_layer;

use std::io::{self, Write};
use std::process::{self, ExitCode};
use std::thread;
use std::time::Instant;

use clap::Parser;
use tern_vm::large_blocks::LargeBlocks;

use args::{Block, Cli, Command, Spec};
use error::CliError;
use progress::say_line;
use report::{Failure, Report};

/// Exit status for wrong usage.
const WRONG_USAGE: u8 = 2;

#[global_allocator]
static ALLOCATOR: LargeBlocks = LargeBlocks;

/// Runs the command line: exit status 0 for success, 1 for failure or a rejected proof, 2 for wrong usage.
fn main() -> ExitCode {
    #[cfg(feature = "gpu")]
    devices::without_desktop();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let _log = match log::start(&cli) {
        Ok(log) => log,
        Err(error) => return finish(&Report::failure(Failure::from(&error)), cli.json),
    };
    if cli.end_with_stdin {
        thread::spawn(end_with_stdin);
    }
    let started = Instant::now();
    let mut report = run(&cli).unwrap_or_else(|error| Report::failure(Failure::from(&error)));
    report.wall_s = Some(started.elapsed().as_secs_f64());
    report.peak_rss_bytes = report::peak_rss_bytes();
    finish(&report, cli.json)
}

/// Says what the command has to say, and gives the exit status.
fn finish(report: &Report, is_json: bool) -> ExitCode {
    if is_json {
        report.closing.iter().for_each(|closing| say_line(closing));
        return print(&report.to_json(), exit_code(report));
    }
    let text = report.to_text();
    let printed = if text.is_empty() { exit_code(report) } else { print(&text, exit_code(report)) };
    if let Some(failure) = &report.error {
        say_line(&format!("error: {}", failure.message));
        failure.hint.iter().for_each(|hint| say_line(&format!("hint: {hint}")));
    }
    printed
}

/// Waits until whoever started this program closes its standard input, or is gone, and ends it then.
fn end_with_stdin() {
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    process::exit(1);
}

fn exit_code(report: &Report) -> ExitCode {
    if report.error.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Help, the version, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().take_while(|argument| argument != "--").any(|argument| argument == "--json");
    if error.use_stderr() && json {
        let text = error.render().to_string();
        let message = text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned();
        return print(&Report::failure(Failure::usage(message)).to_json(), ExitCode::from(WRONG_USAGE));
    }
    let printed = error.print().and_then(|()| io::stdout().flush());
    match printed {
        _ if error.use_stderr() => ExitCode::from(WRONG_USAGE),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stdout_failed(error),
    }
}

/// Writes to standard output, and gives the exit status: that of a failure if nobody takes it.
fn print(text: &str, status: ExitCode) -> ExitCode {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_or_else(stdout_failed, |()| status)
}

fn stdout_failed(error: io::Error) -> ExitCode {
    say_line(&format!("error: {}", CliError::Stdout(error)));
    ExitCode::FAILURE
}

fn run(cli: &Cli) -> Result<Report, CliError> {
    match &cli.command {
        Command::Block(Block::Validate { block, chain, raw }) => block::validate(block, chain, *raw),
        Command::Block(Block::Stateless { block, chain, output }) => block::stateless(block, chain, output),
        Command::Block(Block::Execute { block, chain, raw, guest, run }) => block::execute(block, chain, *raw, guest, run),
        Command::Block(Block::Prove { block, chain, raw, guest, prove }) => block::prove(block, chain, *raw, guest, prove),
        Command::Block(Block::Verify { proof, guest, expected, payload }) => block::verify(proof, guest, expected, payload),
        #[cfg(feature = "fetch")]
        Command::Block(Block::Fetch { block, node, request, output }) => match request {
            Some(request) => fetch::fetch_input(request, node, output),
            None => fetch::fetch(*block, node, output),
        },
        Command::Block(Block::Chain { chain }) => chain::chain(chain.as_deref()),
        Command::Block(Block::Sample { output, chain, blocks, txs, seed }) => block::sample(output, chain, *blocks, *txs, *seed),
        Command::Execute { elf, input, run } => program::execute(elf, input.as_deref(), run),
        Command::Prove { elf, input, exit_code, prove } => program::prove(elf, input.as_deref(), *exit_code, prove),
        Command::Verify { program, proof, exit_code, output } => program::verify(program, proof, *exit_code, output.as_deref()),
        Command::Vkey { elf, output } => program::vkey(elf, output.as_deref()),
        Command::New { directory, lang, runtime } => project::new(directory, *lang, runtime.as_deref()),
        Command::Build { directory, build } => project::build(directory, build),
        #[cfg(feature = "cluster")]
        Command::Cluster(command) => cluster::run(command),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::serve(args),
        Command::Devices => Ok(devices::devices()),
        Command::Security => security::security(),
        #[cfg(any(feature = "attack", test))]
        Command::Attack(args) => attack::attack(args),
        Command::Spec { command: Some(Spec::Export { format, output }), .. } => spec::export(*format, output.as_deref()),
        Command::Spec { check, command: None } => spec::spec(*check),
    }
}
