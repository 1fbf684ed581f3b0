//! Commands about Ethereum blocks.

use std::path::Path;

use alloy_primitives::{B256, keccak256};
use serde_json::json;
use tern_guest_evm::PublicOutput;
use tern_guest_evm::chains;
use tern_guest_evm::forks::ChainConfig;
use tern_guest_evm::input::encode_config;
use tern_guest_evm::json::{BlockFile, Parts};
use tern_guest_evm::salt;
use tern_guest_evm::sample::sample_block;

use super::args::{GuestArgs, ProveArgs, RunArgs};
use super::error::CliError;
use super::report::Report;
use super::{files, program};
use crate::elf::Program;
use crate::exec::RunSummary;
use crate::prove::PartStore;

/// The block guest in this program.
const GUEST_ELF: &[u8] = include_bytes!("../../../guest-evm/elf/guest.elf");

/// `tern block validate`.
pub fn validate(block: &Path) -> Result<Report, CliError> {
    let verdict = tern_guest_evm::validate(&read_block(block)?.encode(&salt::random()));
    let mut report = Report::default();
    add_output(&mut report, &verdict.output);
    report.reason = verdict.reason.map(|reason| reason.to_string());
    Ok(report)
}

/// `tern block execute`.
pub fn execute(block: &Path, guest: &GuestArgs, args: &RunArgs) -> Result<Report, CliError> {
    let input = read_block(block)?.encode(&salt::random());
    let (run, mut report) = program::run(&load_guest(guest)?, &input, args)?;
    add_verdict(&mut report, &run, &input)?;
    Ok(report)
}

/// `tern block prove`.
pub fn prove(block: &Path, guest: &GuestArgs, args: &ProveArgs) -> Result<Report, CliError> {
    let block = read_block(block)?;
    // A resumed run needs the input, and with it the salt, of the first one.
    let input = block.encode(&PartStore::open(&args.output)?.salt(salt::random)?);
    let guest = files::provable(guest_path(guest), load_guest(guest)?)?;
    let (run, mut report) = program::prove_run(&guest, &input, args)?;
    add_verdict(&mut report, &run, &input)?;
    Ok(report)
}

/// `tern block verify`.
pub fn verify(proof: &Path, guest: &GuestArgs, block_hash: Option<&str>) -> Result<Report, CliError> {
    let expected = block_hash.map(parse_hash).transpose()?;
    let key = match &guest.guest {
        Some(path) => files::load_key(path)?,
        None => files::provable(guest_path(guest), load_guest(guest)?)?.key,
    };
    let (proved, mut report) = program::verify_proof(&key, proof, 0)?;
    let output = PublicOutput::decode(&proved.bytes)?;
    if let Some(expected) = expected.filter(|expected| *expected != output.block_hash.0) {
        return Err(CliError::BlockHash { expected: show(&expected), got: output.block_hash.to_string() });
    }
    add_output(&mut report, &output);
    Ok(report)
}

/// `tern block sample`.
pub fn sample(output: &Path, txs: usize, seed: u64) -> Result<Report, CliError> {
    let block = sample_block(txs, seed).map_err(|error| CliError::Sample(error.to_string()))?;
    let json = serde_json::to_string_pretty(&block).map_err(|error| CliError::Sample(error.to_string()))?;
    files::write(output, json)?;
    let block_hash = block.info.and_then(|info| info.hash);
    Ok(Report { block_hash, files: vec![output.display().to_string()], ..Default::default() })
}

fn read_block(path: &Path) -> Result<Parts, CliError> {
    let json = files::read(path)?;
    let parts = BlockFile::parse(&json).and_then(|block| block.parts());
    parts.map_err(|error| CliError::Block { path: path.to_owned(), error })
}

fn load_guest(guest: &GuestArgs) -> Result<Program, CliError> {
    match &guest.guest {
        Some(path) => files::load_program(path),
        None => files::parse_program(guest_path(guest), GUEST_ELF),
    }
}

fn guest_path(guest: &GuestArgs) -> &Path {
    guest.guest.as_deref().unwrap_or(Path::new("the built-in block guest"))
}

/// Adds the verdict that the guest wrote, and, where it is "invalid", the reason that the same validator gives natively.
fn add_verdict(report: &mut Report, run: &RunSummary, input: &[u8]) -> Result<(), CliError> {
    if run.halt.exit_code != 0 {
        return Err(CliError::ExitCode(run.halt.exit_code));
    }
    let output = PublicOutput::decode(&run.output)?;
    add_output(report, &output);
    if !output.valid {
        report.reason = tern_guest_evm::validate(input).reason.map(|reason| reason.to_string());
    }
    Ok(())
}

fn add_output(report: &mut Report, output: &PublicOutput) {
    report.verdict = Some(if output.valid { "valid" } else { "invalid" });
    report.block_hash = Some(output.block_hash.to_string());
    let known = chains::by_id(output.chain_id).is_some_and(|config| config_hash(&config) == output.config_hash);
    let fields = [
        ("chain_id", json!(output.chain_id)),
        ("chain_config_known", json!(known)),
        ("chain_config_hash", json!(output.config_hash.to_string())),
        ("parent_hash", json!(output.parent_hash.to_string())),
        ("pre_state_root", json!(output.pre_state_root.to_string())),
        ("post_state_root", json!(output.post_state_root.to_string())),
    ];
    report.block.extend(fields.map(|(key, value)| (key.to_owned(), value)));
}

/// The hash that the guest states for a configuration.
fn config_hash(config: &ChainConfig) -> B256 {
    keccak256(encode_config(config))
}

fn parse_hash(text: &str) -> Result<[u8; 32], CliError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash).map_err(|_| CliError::NotAHash(text.to_owned()))?;
    Ok(hash)
}

fn show(hash: &[u8; 32]) -> String {
    format!("0x{}", hex::encode(hash))
}
