//! Commands about Ethereum blocks.

use std::path::Path;

use serde_json::json;
use tern_guest_evm::PublicOutput;
use tern_guest_evm::json::{BlockFile, Parts};
use tern_guest_evm::rpc::{self, AnswerError, RawWitness};
use tern_guest_evm::salt;
use tern_guest_evm::sample::sample_block;
use tern_verifier::block::{BlockOutput, ExpectedBlock, Hash, Rules, Verdict, parse_hash};
use tern_verifier::{Chain, VerifyingKey};

use super::args::{BlockArgs, ExpectedBlockArgs, ExpectedVerdict, GuestArgs, ProveArgs, RunArgs, VerifyGuestArgs};
use super::chain::{self, ChainName};
use super::error::CliError;
use super::report::Report;
use super::{files, program};
use crate::elf::Program;
use crate::exec::RunSummary;
use crate::prove::Claim;

/// The block guest in this program.
pub(super) const GUEST_ELF: &[u8] = include_bytes!("../../../guest-evm/elf/guest.elf");

/// Its verifying key, which takes too long to compute at every start. `tern spec` writes it.
const GUEST_KEY: &[u8] = include_bytes!("../../../guest-evm/elf/guest.vkey");

/// `tern block validate`.
pub fn validate(block: &BlockArgs) -> Result<Report, CliError> {
    let verdict = tern_guest_evm::validate(&read_block(block)?.encode(&salt::random()));
    let mut report = Report::default();
    add_output(&mut report, &verdict.output);
    report.reason = verdict.reason.map(|reason| reason.to_string());
    Ok(report)
}

/// `tern block execute`.
pub fn execute(block: &BlockArgs, guest: &GuestArgs, args: &RunArgs) -> Result<Report, CliError> {
    args.check_outputs(&[Some(&*block.file), block.raw.as_deref(), guest.guest.as_deref()])?;
    let input = read_block(block)?.encode(&salt::random());
    let (run, mut report) = program::run(&load_guest(guest)?, &input, args)?;
    if report.error.is_none() {
        add_verdict(&mut report, &run, &input)?;
    }
    Ok(report)
}

/// `tern block prove`.
pub fn prove(block: &BlockArgs, guest: &GuestArgs, args: &ProveArgs) -> Result<Report, CliError> {
    files::check_output(&args.output, &[Some(&*block.file), block.raw.as_deref(), guest.guest.as_deref()])?;
    let block = read_block(block)?;
    let guest = files::provable(guest_path(guest), load_guest(guest)?)?;
    let place = Claim::take(&args.output)?;
    // A resumed run needs the input, and with it the salt, of the first one.
    let input = block.encode(&place.store().salt(salt::random)?);
    let (run, mut report) = program::prove_run(place, &guest, &input, 0, args)?;
    add_verdict(&mut report, &run, &input)?;
    let verdict = report.verdict.unwrap_or_default();
    let hash = report.block_hash.as_deref().map_or("?", program::abbreviated);
    report.closing = report.closing.map(|closing| format!("{closing}; block {hash}… is {verdict}"));
    Ok(report)
}

/// `tern block verify`.
pub fn verify(proof: &Path, guest: &VerifyGuestArgs, expected: &ExpectedBlockArgs) -> Result<Report, CliError> {
    let expected = expected_block(expected)?;
    let key = match &guest.guest {
        Some(path) => files::load_key(path)?,
        None => guest_key()?,
    };
    let (proved, mut report) = program::verify_proof(&key, proof, 0)?;
    let block = expected.check(&proved.bytes)?;
    add_block(&mut report, &block);
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

fn expected_block(args: &ExpectedBlockArgs) -> Result<ExpectedBlock, CliError> {
    let rules = match (&args.chain, &args.chain_config) {
        (Some(name), _) => Chain::from_name(name).map(Rules::Chain).unwrap_or_else(|| unreachable!("clap lets known names through only")),
        (None, Some(hash)) => Rules::Config(hash_argument(hash)?),
        (None, None) if args.any_chain => Rules::Any,
        (None, None) => Rules::Known,
    };
    let verdict = match args.verdict {
        ExpectedVerdict::Valid => Verdict::Valid,
        ExpectedVerdict::Invalid => Verdict::Invalid,
    };
    let block_hash = args.block_hash.as_deref().map(hash_argument).transpose()?;
    Ok(ExpectedBlock { rules, block_hash, verdict })
}

/// The key of the block guest in this program.
fn guest_key() -> Result<VerifyingKey, CliError> {
    VerifyingKey::from_file(GUEST_KEY).map_err(|error| CliError::Key { path: BUILT_IN.into(), error })
}

fn read_block(args: &BlockArgs) -> Result<Parts, CliError> {
    if let Some(block) = &args.raw {
        return read_raw_block(&args.file, block, args.chain);
    }
    let path = args.file.clone();
    let json = files::read(&path)?;
    let parts = BlockFile::parse(&json).and_then(|block| block.parts());
    parts.map_err(|error| match RawWitness::read(&json) {
        Ok(_) => CliError::NoBlock { path },
        Err(error @ AnswerError::Node { .. }) => CliError::Answer { path, error },
        Err(_) => CliError::Block { path, error },
    })
}

/// Puts a witness together with its block, as nodes gave both.
fn read_raw_block(witness: &Path, block: &Path, chain: Option<ChainName>) -> Result<Parts, CliError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| CliError::Answer { path, error }
    };
    let raw = rpc::read_block(&files::read(block)?).map_err(at(block))?;
    let chain_id = match (rpc::chain_id(&raw), chain) {
        (Some(id), _) => id,
        (None, Some(ChainName::Known(chain))) => chain.id(),
        (None, _) => return Err(CliError::UnknownChain { chain_id: None }),
    };
    let (config, _) = chain::rules(chain, chain_id)?;
    let witness = RawWitness::read(&files::read(witness)?).map_err(at(witness))?;
    witness.parts(config, raw).map_err(at(block))
}

fn load_guest(guest: &GuestArgs) -> Result<Program, CliError> {
    match &guest.guest {
        Some(path) => files::load_program(path),
        None => files::parse_program(guest_path(guest), GUEST_ELF),
    }
}

fn guest_path(guest: &GuestArgs) -> &Path {
    guest.guest.as_deref().unwrap_or(Path::new(BUILT_IN))
}

/// What errors call the block guest in this program.
pub(super) const BUILT_IN: &str = "the built-in block guest";

/// Adds the verdict that the guest wrote, and, where it is "invalid", the reason that the same validator gives natively.
fn add_verdict(report: &mut Report, run: &RunSummary, input: &[u8]) -> Result<(), CliError> {
    let output = PublicOutput::decode(&run.output)?;
    add_output(report, &output);
    if !output.valid {
        report.reason = tern_guest_evm::validate(input).reason.map(|reason| reason.to_string());
    }
    Ok(())
}

pub(super) fn add_output(report: &mut Report, output: &PublicOutput) {
    // What the guest writes is what verifiers read.
    match BlockOutput::decode(&output.encode()) {
        Ok(block) => add_block(report, &block),
        Err(error) => unreachable!("guest and verifier disagree about the output: {error}"),
    }
}

fn add_block(report: &mut Report, block: &BlockOutput) {
    report.verdict = Some(if block.is_valid() { "valid" } else { "invalid" });
    report.block_hash = Some(show(&block.block_hash));
    let chain = block.chain();
    let fields = [
        ("chain", json!(chain.map_or("unknown", Chain::name))),
        ("chain_id", json!(block.chain_id)),
        ("chain_config_known", json!(chain.is_some())),
        ("chain_config_hash", json!(show(&block.chain_config))),
        ("parent_hash", json!(show(&block.parent_hash))),
        ("pre_state_root", json!(show(&block.pre_state_root))),
        ("post_state_root", json!(show(&block.post_state_root))),
    ];
    report.block.extend(fields.map(|(key, value)| (key.to_owned(), value)));
}

fn hash_argument(text: &str) -> Result<Hash, CliError> {
    parse_hash(text).ok_or_else(|| CliError::NotAHash(text.to_owned()))
}

fn show(hash: &Hash) -> String {
    format!("0x{}", hex::encode(hash))
}
