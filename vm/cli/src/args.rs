//! Arguments and help texts.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};

#[cfg(any(feature = "attack", test))]
use super::attack::AttackArgs;
use super::chain;
#[cfg(feature = "cluster")]
use super::cluster::Cluster;
use super::devices::AUTO;
use super::error::CliError;
#[cfg(feature = "fetch")]
use super::fetch::{BlockId, NodeArgs, parse_block_id};
use super::files;
#[cfg(feature = "serve")]
use super::serve::ServeArgs;
use tern_vm::prove::{Device, MIN_LOG_ROWS, default_log_rows};

/// A RISC-V zkVM that proves Ethereum blocks.
#[derive(Debug, Parser)]
#[command(name = "tern", version, propagate_version = true)]
#[command(
    after_help = "Examples:\n  tern block sample -o block.json\n  tern block prove block.json -o block.proof\n  tern block verify block.proof --any-chain"
)]
pub struct Cli {
    /// Print one JSON object on standard output; progress goes to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// End when standard input does: a program that starts this one is not survived by it
    #[arg(long, global = true, hide = true)]
    pub end_with_stdin: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ethereum blocks: fetch, validate, execute, prove, verify, or make an example
    #[command(subcommand)]
    #[command(after_help = "Examples:\n  tern block sample -o block.json\n  tern block validate block.json")]
    Block(Block),
    /// Run a guest program in the machine
    ///
    /// What it prints goes to standard error. Its exit code, if it is not 0, is a failure of this command.
    #[command(after_help = "Example:\n  tern execute guest.elf --input input.bin --profile stacks.folded --trace trace.txt")]
    Execute {
        /// The guest program, an ELF64 file for RV64IM
        elf: PathBuf,
        /// File with the private input; empty if absent
        #[arg(long)]
        input: Option<PathBuf>,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Prove a run of a guest program
    ///
    /// Every part is kept in PROOF.segments until the proof is whole. A run that was stopped
    /// continues with them.
    #[command(
        after_help = "Examples:\n  tern prove guest.elf --input input.bin -o run.proof\n  tern prove guest.elf -o run.proof --kind segments"
    )]
    Prove {
        /// The guest program, an ELF64 file for RV64IM
        elf: PathBuf,
        /// File with the private input; empty if absent
        #[arg(long)]
        input: Option<PathBuf>,
        /// Exit code that the run must have; of any other nothing is proved
        #[arg(long, value_name = "CODE", default_value_t = 0)]
        exit_code: u32,
        #[command(flatten)]
        prove: ProveArgs,
    },
    /// Verify the proof of a run of a guest program
    #[command(after_help = "Examples:\n  tern verify guest.elf run.proof\n  tern verify guest.vkey run.proof --output expected.bin")]
    Verify {
        /// The guest program: its ELF file, or the verifying key that `tern vkey -o` wrote
        program: PathBuf,
        /// The proof
        proof: PathBuf,
        /// Exit code that the run must have
        #[arg(long, default_value_t = 0)]
        exit_code: u32,
        /// File that the proved output must equal
        #[arg(long)]
        output: Option<PathBuf>,
    },
    /// Compute the verifying key of a guest program
    #[command(after_help = "Example:\n  tern vkey guest.elf -o guest.vkey")]
    Vkey {
        /// The guest program, an ELF64 file for RV64IM
        elf: PathBuf,
        /// Write the key to this file
        #[arg(short, long)]
        output: Option<PathBuf>,
    },
    /// Make a project of a guest program, in a new folder
    ///
    /// It builds, runs and is tested natively and in the machine; its README says how.
    #[command(after_help = "Examples:\n  tern new hello\n  tern new --lang c hello-c")]
    New {
        /// The folder to make; its name becomes the program's
        directory: PathBuf,
        /// Language of the program
        #[arg(long, value_enum, default_value_t = NewLanguage::Rust)]
        lang: NewLanguage,
        /// Folder of the crate tern-guest, guest-evm/runtime in Tern's sources
        /// [default: in those that this program was built from]
        #[arg(long, value_name = "PATH")]
        runtime: Option<PathBuf>,
    },
    /// Compile a project of a guest program: its ELF file, the file's digest and the program's
    /// verifying key
    ///
    /// The same sources and compilers give the same file, wherever the project lies.
    #[command(after_help = "Examples:\n  tern build\n  tern build hello --locked\n  TERN_RUSTC=/opt/rustc/bin/rustc tern build hello")]
    Build {
        /// The project's folder
        #[arg(default_value = ".")]
        directory: PathBuf,
        #[command(flatten)]
        build: BuildArgs,
    },
    /// Prove on many machines: a coordinator and workers, with a NATS server between them
    #[cfg(feature = "cluster")]
    #[command(subcommand)]
    #[command(
        after_help = "Examples:\n  tern cluster server --data /var/lib/tern-nats\n  tern cluster worker --nats nats://127.0.0.1:4222\n  \
                      tern cluster prove block.json -o block.proof --nats nats://127.0.0.1:4222"
    )]
    Cluster(Cluster),
    /// Serve proofs of Ethereum payloads, and their verification, over HTTP
    ///
    /// Requests are kept in a folder, and survive the end of the service at any moment. Each proof
    /// is made by a process of its own.
    #[cfg(feature = "serve")]
    #[command(
        after_help = "Examples:\n  tern serve --data /var/lib/tern\n  tern serve --data /var/lib/tern --rpc http://localhost:8545 --chain mainnet --jobs 1 -- --device gpu\n  \
                      tern serve --verify-only\n  tern serve --data /var/lib/tern --listen 0.0.0.0:3000 --token-file /etc/tern/tokens"
    )]
    Serve(Box<ServeArgs>),
    /// List what can prove: the CPU, and GPUs with their backend, driver and limits
    #[command(after_help = "Examples:\n  tern devices\n  tern devices --json")]
    Devices,
    /// Show the security of every layer: each error term, conjectured and proven bits
    #[command(after_help = "Example:\n  tern security --json")]
    Security,
    /// Prove with malicious changes, and see the verifier reject what comes out
    ///
    /// Exit status 1 if a change is accepted, rejected by another check than the list says, or
    /// changes nothing.
    #[cfg(any(feature = "attack", test))]
    #[command(
        after_help = "Examples:\n  tern attack\n  tern attack --list\n  tern attack --only cell-result --json\n  tern attack --file attacks.toml\n  \
                      tern attack guest.elf --input input.bin --fault step=120,field=rd,value=0x2a\n\nspec/attacks.md says how a list is written and a report read."
    )]
    Attack(Box<AttackArgs>),
    /// Write the generated pages of the specification to spec/generated, or check that they are current
    #[command(
        after_help = "Examples:\n  tern spec --check\n  tern spec export --format json -o relation.json",
        args_conflicts_with_subcommands = true
    )]
    Spec {
        /// Change nothing; fail if a page is not current
        #[arg(long)]
        check: bool,
        /// What else to do with the specification
        #[command(subcommand)]
        command: Option<Spec>,
    },
}

/// Languages of new projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewLanguage {
    /// Rust, on the crate tern-guest
    Rust,
    /// C or C++, on a static library
    C,
}

/// How a project is compiled.
#[derive(Args, Clone, Debug)]
pub struct BuildArgs {
    /// Which program, where a Rust package has several
    #[arg(long, value_name = "NAME")]
    pub bin: Option<String>,
    /// Fail if Cargo.lock is missing or would change
    #[arg(long)]
    pub locked: bool,
    /// A Rust compiler that has the sources of its libraries, instead of rustup's with the
    /// component rust-src
    #[arg(long, value_name = "PATH", env = "TERN_RUSTC")]
    pub rustc: Option<PathBuf>,
}

/// Commands about the specification.
#[derive(Debug, Subcommand)]
pub enum Spec {
    /// Write the relation for other tools and for readers: every column, constraint and message of
    /// every chip, with labels
    #[command(
        after_help = "Examples:\n  tern spec export --format json -o relation.json\n  tern spec export --format html -o relation.html\n  tern spec export --format lean -o lean\n  tern spec export --format picus -o picus\n\nspec/export.md describes every format."
    )]
    Export {
        /// How to write it
        #[arg(long, value_enum, default_value_t = ExportFormat::Json)]
        format: ExportFormat,
        /// Write it to this file, or to files in this folder [default: standard output, for json and html]
        #[arg(short, long)]
        output: Option<PathBuf>,
    },
}

/// How the relation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object
    Json,
    /// One page to browse in
    Html,
    /// A Lean file for each chip
    Lean,
    /// A program for Picus for each chip of the machine
    Picus,
}

/// Commands about Ethereum blocks.
#[derive(Debug, Subcommand)]
pub enum Block {
    /// Validate a block natively, from its witness: verdict and reason
    #[command(
        after_help = "Examples:\n  tern block validate block.json\n  tern block validate --raw input.ssz\n\nThe verdict \"invalid\" is an answer: the exit status is 0."
    )]
    Validate {
        #[command(flatten)]
        block: BlockArgs,
        #[command(flatten)]
        chain: ChainArgs,
        #[command(flatten)]
        raw: RawArgs,
    },
    /// Make EIP-8025's `statelessInputBytes` from a block with its witness
    #[command(after_help = "Example:\n  tern block stateless block.json -o input.ssz\n  tern block validate --raw input.ssz")]
    Stateless {
        #[command(flatten)]
        block: BlockArgs,
        #[command(flatten)]
        chain: ChainArgs,
        /// Where to write the bytes
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Validate a block in the machine: verdict, cycles, segments, accelerator calls, unaligned accesses
    #[command(after_help = "Example:\n  tern block execute block.json --profile stacks.folded")]
    Execute {
        #[command(flatten)]
        block: BlockArgs,
        #[command(flatten)]
        chain: ChainArgs,
        #[command(flatten)]
        raw: RawArgs,
        #[command(flatten)]
        guest: GuestArgs,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Prove the verdict about a block
    ///
    /// Every part is kept in PROOF.segments until the proof is whole. A run that was stopped
    /// continues with them.
    #[command(
        after_help = "Examples:\n  tern block prove block.json -o block.proof\n  tern block prove block.json -o block.proof --kind segments"
    )]
    Prove {
        #[command(flatten)]
        block: BlockArgs,
        #[command(flatten)]
        chain: ChainArgs,
        #[command(flatten)]
        raw: RawArgs,
        #[command(flatten)]
        guest: GuestArgs,
        #[command(flatten)]
        prove: ProveArgs,
    },
    /// Verify that a proof shows a block to be valid: which block, under which rules, or why not
    ///
    /// The rules must be those of a known chain: mainnet, sepolia, holesky or hoodi, with the fork
    /// schedule that this version knows, or those of a genesis file.
    #[command(
        after_help = "Examples:\n  tern block verify block.proof --chain mainnet --block-hash 0x1234…\n  tern block verify block.proof --any-chain\n\n\
                      A proof says that a block is valid after its parent, not that it is part of the chain: compare its hash."
    )]
    Verify {
        /// The proof
        proof: PathBuf,
        #[command(flatten)]
        guest: VerifyGuestArgs,
        #[command(flatten)]
        expected: ExpectedBlockArgs,
        #[command(flatten)]
        payload: ExpectedPayloadArgs,
    },
    /// Fetch a block with its witness from a node, validate it, and keep what validation needs
    ///
    /// Takes reth, geth, Nethermind and Erigon: any node with debug_executionWitness, and
    /// debug_getRawBlock or eth_getBlockByNumber.
    #[cfg(feature = "fetch")]
    #[command(
        after_help = "Examples:\n  tern block fetch --rpc http://localhost:8545 -o block.json\n  tern block fetch --rpc https://node.example/KEY 24647140 -o block.json\n  \
                      tern block fetch --rpc http://localhost:8545 --chain Osaka 0x12 -o block.json\n  \
                      tern block fetch --rpc http://localhost:8545 --request request.ssz -o input.ssz"
    )]
    Fetch {
        /// The block: its number, decimal or 0x…, its hash, or "latest"
        #[arg(value_name = "NUMBER|HASH|latest", default_value = "latest", value_parser = parse_block_id)]
        block: BlockId,
        #[command(flatten)]
        node: NodeArgs,
        /// A payload request as the consensus layer has it, SSZ: the block is its payload's, and
        /// what is written is the `statelessInputBytes` of both
        #[arg(long, value_name = "FILE", conflicts_with = "block")]
        request: Option<PathBuf>,
        /// Where to write the block; a file that is there is replaced once the block is whole
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Show the fork schedule of a chain and the hash of its configuration, which proofs state
    #[command(after_help = "Examples:\n  tern block chain\n  tern block chain --chain genesis.json --json")]
    Chain {
        /// A known chain (mainnet, sepolia, holesky, hoodi), or a genesis file in geth's form
        /// [default: all known chains]
        #[arg(long, value_name = "NAME|FILE")]
        chain: Option<String>,
    },
    /// Make a synthetic block with its witness: funded accounts, transfers, a token contract, withdrawals
    #[command(after_help = "Example:\n  tern block sample -o block.json --txs 20")]
    Sample {
        /// Where to write the block; of several, each gets its number before the extension
        #[arg(short, long)]
        output: PathBuf,
        #[command(flatten)]
        chain: ChainArgs,
        /// Number of blocks, each the parent of the next
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
        blocks: u16,
        /// Number of transactions
        #[arg(long, default_value_t = 10)]
        txs: usize,
        /// Seed of everything random in it
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
}

/// A block with its witness.
#[derive(Debug, Args)]
pub struct BlockArgs {
    /// Block with its witness, JSON; or, with --block, its witness alone: an answer of
    /// debug_executionWitness
    #[arg(value_name = "BLOCK")]
    pub file: PathBuf,
    /// The witness's block: an answer of debug_getRawBlock or eth_getBlockByNumber, or its RLP in hex
    #[arg(long, value_name = "FILE")]
    pub block: Option<PathBuf>,
}

/// Under which rules a block is judged.
#[derive(Debug, Args)]
pub struct ChainArgs {
    /// The chain whose rules hold, whatever the block file says: mainnet, sepolia, holesky or
    /// hoodi, or a genesis file in geth's form; with --block also a fork that is active from
    /// genesis
    /// [default: that of the file, or the one for which the block's transactions are signed]
    #[arg(long, value_name = "NAME|FILE")]
    pub chain: Option<String>,
}

impl ChainArgs {
    /// The genesis file, if there is one.
    pub fn file(&self) -> Option<&Path> {
        self.chain.as_deref().and_then(chain::file)
    }
}

/// What kind of file the block is in.
#[derive(Clone, Copy, Debug, Args)]
pub struct RawArgs {
    /// The file holds EIP-8025's `statelessInputBytes`, binary or as hexadecimal digits behind 0x,
    /// instead of JSON
    #[arg(long, conflicts_with_all = ["block", "chain"])]
    pub raw: bool,
}

/// What is expected of a proved payload request.
#[derive(Debug, Args)]
pub struct ExpectedPayloadArgs {
    /// The proof is about a payload request of EIP-8025, from a run with --raw
    #[arg(long, conflicts_with_all = ["block_hash", "pre_state_root", "chain_config", "any_chain"])]
    pub raw: bool,
    /// Root that the payload request must have
    #[arg(long, value_name = "HASH", requires = "raw")]
    pub request_root: Option<String>,
    /// Schema under which it must be, such as 0x1501
    #[arg(long, value_name = "ID", requires = "raw", value_parser = schema_id)]
    pub schema: Option<u16>,
}

fn schema_id(text: &str) -> Result<u16, String> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 4);
    digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).ok_or_else(|| "expected 0x and 4 hexadecimal digits".to_owned())
}

/// Which block guest to use.
#[derive(Debug, Args)]
pub struct GuestArgs {
    /// Another build of the block guest than the one in this program
    #[arg(long, value_name = "ELF")]
    pub guest: Option<PathBuf>,
}

/// Which block guest a proof must be of.
#[derive(Debug, Args)]
pub struct VerifyGuestArgs {
    /// Another build of the block guest than the one in this program: its ELF file, or its verifying key
    #[arg(long, value_name = "ELF|KEY")]
    pub guest: Option<PathBuf>,
}

/// What is expected of a proved block.
#[derive(Debug, Args)]
pub struct ExpectedBlockArgs {
    /// Hash that the block must have
    #[arg(long, value_name = "HASH")]
    pub block_hash: Option<String>,
    /// Root of the state on which the block must have been executed
    #[arg(long, value_name = "ROOT")]
    pub pre_state_root: Option<String>,
    /// Chain under whose rules the block must be: mainnet, sepolia, holesky or hoodi, or a genesis
    /// file in geth's form [default: any of the four]
    #[arg(long, value_name = "NAME|FILE")]
    pub chain: Option<String>,
    /// Hash of the chain configuration under which the block must be, instead of a known chain's
    #[arg(long, value_name = "HASH", conflicts_with = "chain")]
    pub chain_config: Option<String>,
    /// Accept any rules, also such as the proof's maker invented: under some, any block is valid
    #[arg(long, conflicts_with_all = ["chain", "chain_config"])]
    pub any_chain: bool,
    /// Verdict that must be proved; "invalid" says that one input did not show the block to be
    /// valid, which can be proved of any block
    #[arg(long, value_enum, default_value_t = ExpectedVerdict::Valid)]
    pub verdict: ExpectedVerdict,
}

/// Verdicts about a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExpectedVerdict {
    /// The block is valid
    Valid,
    /// The block was not shown to be valid
    Invalid,
}

/// How to run.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Write folded stacks by guest symbol to this file, for flame graphs
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// What the stacks count: instructions, or what these cost to prove, in tenths of units
    #[arg(long, value_enum, default_value_t = ProfileBy::Cycles, requires = "profile")]
    pub profile_by: ProfileBy,
    /// Write every instruction to this file: a line each with step, address, word, mnemonic, and
    /// what it writes
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Stop a program that has not halted after this many instructions
    #[arg(long, default_value_t = 1 << 36, value_parser = clap::value_parser!(u64).range(1..), value_name = "CYCLES")]
    pub cycle_limit: u64,
}

impl RunArgs {
    /// Checks that no file is written that is read.
    pub fn check_outputs(&self, inputs: &[Option<&Path>]) -> Result<(), CliError> {
        [&self.profile, &self.trace].into_iter().flatten().try_for_each(|output| files::check_output(output, inputs))
    }
}

/// What a profile counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileBy {
    /// Instructions
    Cycles,
    /// What the records that they make cost to prove
    Cost,
}

/// What proves.
#[derive(Debug, Args)]
pub struct DeviceArgs {
    /// What proves: "cpu", "gpu" for the first GPU, "auto" for a GPU if there is one and else the
    /// CPU, or a GPU by its number in `tern devices` or a part of its name
    #[arg(long, default_value = AUTO, value_name = "auto|cpu|gpu|NAME")]
    pub device: String,
    /// Memory that the GPU may use, in GiB [default: as much as it has]
    #[arg(long, value_name = "GIB", value_parser = device_memory)]
    pub device_memory: Option<u64>,
    /// How long the GPU may take for what it was given at once before it counts as hung, in seconds: a
    /// slow one with large segments may need more
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(1..=86_400))]
    pub device_patience: u64,
    /// How a GPU computes constraints: "interpreted" starts at once, "compiled" is faster after a
    /// first use in which the driver compiles for minutes
    #[arg(long, value_enum, default_value_t = Kernels::Interpreted)]
    pub device_kernels: Kernels,
    /// Write how long each of the GPU's kernels took, by its own clock, to this file: a JSON object a
    /// line, the longest first. Measuring takes time itself
    #[arg(long, value_name = "FILE")]
    pub device_times: Option<PathBuf>,
}

/// How to prove.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// Where to write the proof
    #[arg(short, long)]
    pub output: PathBuf,
    /// What to make
    #[arg(long, value_enum, default_value_t = Kind::Final)]
    pub kind: Kind,
    /// Proofs to make at the same time, each in memory of its own
    /// [default: as many as memory allows, at most one for two cores]
    #[arg(long, value_parser = jobs)]
    pub jobs: Option<NonZeroUsize>,
    /// Base-2 logarithm of the rows of a segment's matrix of 128 columns: each more halves what is
    /// to be combined, and doubles the memory that a segment takes
    /// [default: 21, or as many as the GPU has room for]
    #[arg(long, value_parser = clap::value_parser!(u32).range(MIN_LOG_ROWS as i64..=22), value_name = "LOG_ROWS")]
    pub segment_rows: Option<u32>,
    /// Most instructions in a segment: fewer need less memory and take longer to prove
    /// [default: as many as a segment holds]
    #[arg(long, value_parser = segment_cycles, value_name = "CYCLES")]
    pub segment_cycles: Option<u32>,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Prove even if too little memory is free
    #[arg(long)]
    pub any_memory: bool,
    /// Stop a program that has not halted after this many instructions
    #[arg(long, default_value_t = 1 << 36, value_parser = clap::value_parser!(u64).range(1..), value_name = "CYCLES")]
    pub cycle_limit: u64,
    /// Say progress in JSON: every second a line on standard error, an object with the key "progress"
    #[arg(long)]
    pub progress_json: bool,
}

/// How a GPU computes constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kernels {
    /// One kernel for all
    Interpreted,
    /// Kernels for each chip
    Compiled,
}

impl ProveArgs {
    /// Base-2 logarithm of the rows that segments are cut for.
    pub fn segment_log_rows(&self, device: Option<&Device>) -> usize {
        self.segment_rows.map_or_else(|| default_log_rows(device), |rows| rows as usize)
    }
}

/// Kinds of proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// One small proof, whatever the length of the run: segments, lifted, joined and wrapped
    Final,
    /// A chain of segment proofs: megabytes, sooner there
    Segments,
}

/// Fewest instructions of a segment that is not its last.
const MIN_SEGMENT_CYCLES: u32 = 256;

pub fn segment_cycles(text: &str) -> Result<u32, String> {
    let cycles = text.parse().map_err(|_| "expected a number of instructions".to_owned())?;
    if cycles >= MIN_SEGMENT_CYCLES {
        return Ok(cycles);
    }
    Err(format!("a segment of fewer than {MIN_SEGMENT_CYCLES} instructions takes as long to prove as one of {MIN_SEGMENT_CYCLES}"))
}

/// Bytes, from GiB.
fn device_memory(text: &str) -> Result<u64, String> {
    let gibibytes: f64 = text.parse().map_err(|_| "expected a number of GiB".to_owned())?;
    if (0.25..=65_536.0).contains(&gibibytes) {
        return Ok((gibibytes * f64::from(1 << 30)) as u64);
    }
    Err("expected at least 0.25 GiB".to_owned())
}

pub fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let jobs: usize = text.parse().map_err(|_| "expected a number of proofs".to_owned())?;
    let jobs = NonZeroUsize::new(jobs).ok_or("nothing is proved without a job")?;
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    if jobs.get() <= cores { Ok(jobs) } else { Err(format!("this machine has {cores} cores, and more jobs than cores only take memory")) }
}
