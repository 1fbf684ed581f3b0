//! Commands about Ethereum blocks.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tern_guest_evm::json::{BlockFile, Parts};
use tern_guest_evm::rpc::{self, AnswerError, RawWitness};
use tern_guest_evm::salt::{self, Salt};
use tern_guest_evm::sample::{self, PARENT_TIMESTAMP, SLOT_SECONDS, SampleChain, sample_block};
use tern_verifier::block::{
    BlockOutput, ExpectedBlock, ExpectedPayload, Hash, PAYLOAD_OUTPUT_BYTES, PayloadOutput, Rules, Verdict, parse_hash,
};
use tern_verifier::{Chain, VerifyingKey};

use super::args::{
    BlockArgs, ChainArgs, ExpectedBlockArgs, ExpectedPayloadArgs, ExpectedVerdict, GuestArgs, RawArgs, RunArgs, VerifyGuestArgs,
};
use super::error::CliError;
use super::files::Guest;
use super::program::ProveRun;
use super::report::Report;
use super::{chain, files, program};
use tern_vm::elf::Program;
use tern_vm::exec::RunSummary;
use tern_vm::prove::Claim;

/// The block guest in this program.
pub(super) const GUEST_ELF: &[u8] = include_bytes!("../../../guest-evm/elf/guest.elf");

/// Its verifying key, which takes too long to compute at every start. `tern spec` writes it.
const GUEST_KEY: &[u8] = include_bytes!("../../../guest-evm/elf/guest.vkey");

/// `tern block validate`.
pub fn validate(block: &BlockArgs, chain: &ChainArgs, raw: RawArgs) -> Result<Report, CliError> {
    let answer = tern_guest_evm::answer(&Source::read(block, chain, raw)?.input(&salt::random()));
    let mut report = Report::default();
    add_output(&mut report, &answer.public_output())?;
    report.reason = answer.reason();
    Ok(report)
}

/// `tern block stateless`.
pub fn stateless(block: &BlockArgs, chain: &ChainArgs, output: &Path) -> Result<Report, CliError> {
    files::check_output(output, &[Some(&*block.file), block.block.as_deref(), chain.file()])?;
    let input = read_block(block, chain)?.stateless_input();
    let input = input.map_err(|error| CliError::NoStatelessInput { path: block.file.clone(), error })?;
    files::write(output, input)?;
    Ok(Report { files: vec![output.display().to_string()], ..Default::default() })
}

/// `tern block execute`.
pub fn execute(block: &BlockArgs, chain: &ChainArgs, raw: RawArgs, guest: &GuestArgs, args: &RunArgs) -> Result<Report, CliError> {
    args.check_outputs(&[Some(&*block.file), block.block.as_deref(), chain.file(), guest.guest.as_deref()])?;
    let input = Source::read(block, chain, raw)?.input(&salt::random());
    let (run, mut report) = program::run(&load_guest(guest)?, &input, args)?;
    if report.error.is_none() {
        add_verdict(&mut report, &run, &input)?;
    }
    Ok(report)
}

/// `tern block prove`.
pub fn prove(block: &BlockArgs, chain: &ChainArgs, raw: RawArgs, guest: &GuestArgs, how: &impl ProveRun) -> Result<Report, CliError> {
    files::check_output(how.output(), &[Some(&*block.file), block.block.as_deref(), chain.file(), guest.guest.as_deref()])?;
    let block = Source::read(block, chain, raw)?;
    let guest = match &guest.guest {
        Some(path) => Guest::load(path)?,
        None => Guest::parse(Path::new(BUILT_IN), GUEST_ELF.to_vec())?,
    };
    let place = Claim::take(how.output())?;
    // A resumed run needs the input, and with it the salt, of the first one.
    let input = block.input(&place.store().salt(salt::random)?);
    let (run, mut report) = how.prove_run(place, &guest, &input, 0)?;
    add_verdict(&mut report, &run, &input)?;
    let verdict = report.verdict.unwrap_or_default();
    let about = match (&report.block_hash, report.block.get("request_root").and_then(Value::as_str)) {
        (None, Some(root)) => format!("payload request {}", program::abbreviated(root)),
        (hash, _) => format!("block {}", hash.as_deref().map_or("?", program::abbreviated)),
    };
    report.closing = report.closing.map(|closing| format!("{closing}; {about}… is {verdict}"));
    Ok(report)
}

/// `tern block verify`.
pub fn verify(
    proof: &Path,
    guest: &VerifyGuestArgs,
    expected: &ExpectedBlockArgs,
    payload: &ExpectedPayloadArgs,
) -> Result<Report, CliError> {
    let expected_payload = expected_payload(expected, payload)?;
    let expected = expected_block(expected)?;
    let key = match &guest.guest {
        Some(path) => files::load_key(path)?,
        None => guest_key()?,
    };
    let (proved, mut report) = program::verify_proof(&key, proof, 0)?;
    match expected_payload {
        Some(expected) => add_payload(&mut report, &expected.check(&proved.bytes)?),
        None => add_block(&mut report, &expected.check(&proved.bytes)?),
    }
    Ok(report)
}

/// `tern block sample`.
pub fn sample(output: &Path, chain: &ChainArgs, blocks: u16, txs: usize, seed: u64) -> Result<Report, CliError> {
    files::check_output(output, &[chain.file()])?;
    let made = match chain.chain.as_deref() {
        None if blocks == 1 => sample_block(txs, seed).map(|block| vec![block]),
        argument => {
            let config = argument.map_or_else(|| chain::synthetic(sample::CHAIN_ID), chain::config)?;
            let timestamps: Vec<u64> = (1..=u64::from(blocks)).map(|block| PARENT_TIMESTAMP + block * SLOT_SECONDS).collect();
            SampleChain { config: &config, timestamps: &timestamps, txs, blobs: 0, seed }.make()
        }
    };
    let mut report = Report::default();
    for (block, number) in made.map_err(|error| CliError::Sample(error.to_string()))?.iter().zip(1..) {
        let json = serde_json::to_string_pretty(block).map_err(|error| CliError::Sample(error.to_string()))?;
        let path = if blocks == 1 { output.to_owned() } else { numbered(output, number) };
        files::write(&path, json)?;
        report.files.push(path.display().to_string());
        report.block_hash = block.info.as_ref().and_then(|info| info.hash.clone());
    }
    Ok(report)
}

/// The path with a number before its extension.
fn numbered(path: &Path, number: u16) -> PathBuf {
    let part = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, extension) = (part(path.file_stem()), part(path.extension()));
    let dot = if extension.is_empty() { "" } else { "." };
    path.with_file_name(format!("{stem}-{number}{dot}{extension}"))
}

fn expected_block(args: &ExpectedBlockArgs) -> Result<ExpectedBlock, CliError> {
    let rules = match (&args.chain, &args.chain_config) {
        (Some(chain), _) => chain::rules(chain)?,
        (None, Some(hash)) => Rules::Config(hash_argument(hash)?),
        (None, None) if args.any_chain => Rules::Any,
        (None, None) => Rules::Known,
    };
    let block_hash = args.block_hash.as_deref().map(hash_argument).transpose()?;
    let pre_state_root = args.pre_state_root.as_deref().map(hash_argument).transpose()?;
    Ok(ExpectedBlock { rules, block_hash, pre_state_root, verdict: verdict(args.verdict) })
}

/// None if the proof is to be one about a block.
fn expected_payload(args: &ExpectedBlockArgs, payload: &ExpectedPayloadArgs) -> Result<Option<ExpectedPayload>, CliError> {
    let expected = ExpectedPayload {
        request_root: payload.request_root.as_deref().map(hash_argument).transpose()?,
        chain_id: args.chain.as_deref().and_then(Chain::from_name).map(Chain::id),
        schema_id: payload.schema,
        verdict: verdict(args.verdict),
    };
    Ok(payload.raw.then_some(expected))
}

const fn verdict(expected: ExpectedVerdict) -> Verdict {
    match expected {
        ExpectedVerdict::Valid => Verdict::Valid,
        ExpectedVerdict::Invalid => Verdict::Invalid,
    }
}

/// The key of the block guest in this program.
pub(super) fn guest_key() -> Result<VerifyingKey, CliError> {
    VerifyingKey::from_file(GUEST_KEY).map_err(|error| CliError::Key { path: BUILT_IN.into(), error })
}

/// What the guest's input comes from.
enum Source {
    Block(Box<Parts>),
    /// The input itself, without a salt.
    Raw(Vec<u8>),
}

impl Source {
    fn read(block: &BlockArgs, chain: &ChainArgs, RawArgs { raw }: RawArgs) -> Result<Self, CliError> {
        if raw { Ok(Self::Raw(files::read_binary_or_hex(&block.file)?)) } else { Ok(Self::Block(Box::new(read_block(block, chain)?))) }
    }

    fn input(self, salt: &Salt) -> Vec<u8> {
        match self {
            Self::Block(parts) => parts.encode(salt),
            Self::Raw(input) => input,
        }
    }
}

fn read_block(args: &BlockArgs, chain: &ChainArgs) -> Result<Parts, CliError> {
    if let Some(block) = &args.block {
        return read_raw_block(&args.file, block, chain.chain.as_deref());
    }
    let config = chain.chain.as_deref().map(chain::config).transpose()?;
    let path = args.file.clone();
    let json = files::read(&path)?;
    let parts = BlockFile::parse(&json).and_then(|block| config.as_ref().map_or_else(|| block.parts(), |config| block.parts_on(config)));
    parts.map_err(|error| match RawWitness::read(&json) {
        Ok(_) => CliError::NoBlock { path },
        Err(error @ AnswerError::Node { .. }) => CliError::Answer { path, error },
        Err(_) => CliError::Block { path, error },
    })
}

/// Puts a witness together with its block, as nodes gave both.
fn read_raw_block(witness: &Path, block: &Path, chain: Option<&str>) -> Result<Parts, CliError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| CliError::Answer { path, error }
    };
    let raw = rpc::read_block(&files::read(block)?).map_err(at(block))?;
    // A block without transactions is of no chain in particular.
    let chain_id = match (rpc::chain_id(&raw), chain) {
        (Some(id), _) => id,
        (None, Some(name)) => chain::config(name)?.chain_id,
        (None, None) => return Err(CliError::UnknownChain { chain_id: None }),
    };
    let (config, _) = chain::of_id(chain, chain_id)?;
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

/// Adds the verdict that the guest wrote, and, where it is "invalid", the reason that the same
/// validator gives natively.
fn add_verdict(report: &mut Report, run: &RunSummary, input: &[u8]) -> Result<(), CliError> {
    report.output = Some(hex::encode(&run.output));
    add_output(report, &run.output)?;
    if report.verdict == Some(INVALID) {
        report.reason = tern_guest_evm::answer(input).reason();
    }
    Ok(())
}

/// Adds an output of either kind. They differ in length.
pub(super) fn add_output(report: &mut Report, output: &[u8]) -> Result<(), CliError> {
    if output.len() == PAYLOAD_OUTPUT_BYTES {
        add_payload(report, &PayloadOutput::decode(output)?);
    } else {
        add_block(report, &BlockOutput::decode(output)?);
    }
    Ok(())
}

fn add_payload(report: &mut Report, payload: &PayloadOutput) {
    report.verdict = Some(verdict_word(payload.verdict));
    let fields = [
        ("request_root", json!(show(&payload.request_root))),
        ("chain", json!(payload.chain().map_or("unknown", Chain::name))),
        ("chain_id", json!(payload.chain_id)),
        ("schema_id", json!(format!("{:#06x}", payload.schema_id))),
    ];
    report.block.extend(fields.map(|(key, value)| (key.to_owned(), value)));
}

const INVALID: &str = "invalid";

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "valid",
        Verdict::Invalid => INVALID,
    }
}

fn add_block(report: &mut Report, block: &BlockOutput) {
    report.verdict = Some(verdict_word(block.verdict));
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
        ("gas_used", json!(block.gas_used)),
    ];
    report.block.extend(fields.map(|(key, value)| (key.to_owned(), value)));
}

fn hash_argument(text: &str) -> Result<Hash, CliError> {
    parse_hash(text).ok_or_else(|| CliError::NotAHash(text.to_owned()))
}

pub(super) fn show(hash: &Hash) -> String {
    format!("0x{}", hex::encode(hash))
}
