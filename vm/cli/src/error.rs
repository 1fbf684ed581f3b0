//! Why a command failed.

use std::io;
use std::path::PathBuf;

use tern_build::CreateError;
use tern_guest_evm::chains;
use tern_guest_evm::genesis::GenesisError;
use tern_guest_evm::json::JsonError;
use tern_guest_evm::rpc::AnswerError;
use tern_guest_evm::stateless::BuildError;
#[cfg(feature = "fetch")]
use tern_guest_evm::stateless::{RequestError, SszError};
#[cfg(feature = "serve")]
use tern_service::{ServeError, StoreError, TokenError};
use tern_verifier::block::{OutputError, PayloadOutputError};
use tern_verifier::{BlockRejection, KeyError, PayloadRejection, Rejection, Rules, Verdict};

#[cfg(feature = "fetch")]
use super::fetch::FetchError;
use super::project::{build_code, create_code};
#[cfg(feature = "cluster")]
use tern_cluster::ClusterError;
use tern_vm::elf::ElfError;
use tern_vm::exec::ExecError;
use tern_vm::prove::{ProveError, Shortage};
use tern_vm::spec::claims::ClaimsError;

/// Why a command failed; shown on standard error, or with its code under `error` with `--json`.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A folder cannot be made.
    #[error("cannot make the folder {}: {error}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Nothing says where many files go.
    #[error("this format has a file for each chip, and no folder for them is given")]
    NoFolder,
    /// A file is not a block with its witness.
    #[error("{}: {error}", path.display())]
    Block {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: JsonError,
    },
    /// A file is an execution witness, and nothing says of which block.
    #[error("{} is an execution witness without its block", path.display())]
    NoBlock {
        /// The file.
        path: PathBuf,
    },
    /// A file is not the answer of a node that it should be.
    #[error("{}: {error}", path.display())]
    Answer {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: AnswerError,
    },
    /// Nothing says under which rules a block stands.
    #[error("{}", unknown_chain(*chain_id))]
    UnknownChain {
        /// The chain's id, if there is one.
        chain_id: Option<u64>,
    },
    /// The chain is not the one that was named.
    #[error("the chain has id {chain_id}, not {expected} as {name}")]
    OtherChain {
        /// The argument.
        name: String,
        /// Id of the chain that it names.
        expected: u64,
        /// Id of the chain.
        chain_id: u64,
    },
    /// No block was fetched.
    #[cfg(feature = "fetch")]
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Nothing was proved on many machines.
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// No server can be started.
    #[cfg(feature = "cluster")]
    #[error("{0}")]
    Server(String),
    /// No known chain, and no file either.
    #[error("{name} is neither a known chain ({}) nor a genesis file that can be read: {error}", chain_names())]
    NoChain {
        /// The argument.
        name: String,
        /// Why it cannot be read.
        error: String,
    },
    /// A file is not a genesis file of a chain that can be validated.
    #[error("{}: {error}", path.display())]
    Genesis {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: GenesisError,
    },
    /// A file that begins with 0x does not hold hexadecimal digits.
    #[error("{}: bad hex: {error}", path.display())]
    Hex {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: hex::FromHexError,
    },
    /// A file is not a payload request.
    #[cfg(feature = "fetch")]
    #[error("{} is not a payload request in SSZ: {error}", path.display())]
    Ssz {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: SszError,
    },
    /// A payload request is not one of a block.
    #[cfg(feature = "fetch")]
    #[error("{}: {error}", path.display())]
    Request {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: RequestError,
    },
    /// The service did not start.
    #[cfg(feature = "serve")]
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// There are no traces.
    #[cfg(feature = "otel")]
    #[error(transparent)]
    Traces(#[from] tern_service::TracesError),
    /// A file holds no tokens.
    #[cfg(feature = "serve")]
    #[error("{}: {error}", path.display())]
    Tokens {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: TokenError,
    },
    /// There is no stateless input of a block.
    #[error("{}: {error}", path.display())]
    NoStatelessInput {
        /// The block's file.
        path: PathBuf,
        /// Why.
        error: BuildError,
    },
    /// A file is not a program of the machine.
    #[error("{}: {error}", path.display())]
    Elf {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: ElfError,
    },
    /// A program or key breaks a rule that the chips rely on.
    #[error("{}: {error}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Which rule.
        error: KeyError,
    },
    /// The device that is to prove cannot.
    #[error("{reason}")]
    Device {
        /// Which kind of failure.
        code: &'static str,
        /// What is wrong, and what can be done.
        reason: String,
    },
    /// No project was made.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// A project does not compile.
    #[error(transparent)]
    Compile(#[from] tern_build::BuildError),
    /// The guest did not run to its end.
    #[error(transparent)]
    Execute(#[from] ExecError),
    /// The guest's output is not a verdict about a block.
    #[error("the guest's output is not a verdict: {0}")]
    Output(#[from] OutputError),
    /// The guest's output is not a verdict about a payload request.
    #[error("the guest's output is not a verdict about a payload request: {0}")]
    PayloadOutput(#[from] PayloadOutputError),
    /// The guest ended with another exit code than 0.
    #[error("the guest halted with exit code {0}")]
    ExitCode(u32),
    /// The output is a file that is read.
    #[error("{} is read and would be overwritten", path.display())]
    Overwritten {
        /// The file.
        path: PathBuf,
    },
    /// Nobody takes what the command has to say.
    #[error("cannot write standard output: {0}")]
    Stdout(io::Error),
    /// No proof was made.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The proof is rejected.
    #[error("rejected: {0}")]
    Rejected(#[from] Rejection),
    /// The proof is rejected as one about a block.
    #[error("{}", block_rejected(.0))]
    BlockRejected(#[from] BlockRejection),
    /// The proof is rejected as one about a payload request.
    #[error("{}", payload_rejected(.0))]
    PayloadRejected(#[from] PayloadRejection),
    /// An argument is not a hash.
    #[error("{0} is not a hash: expected 0x and 64 hexadecimal digits")]
    NotAHash(String),
    /// The proved output differs from the expected file.
    #[error("rejected: the proved output ({got} bytes) differs from {} ({expected} bytes)", path.display())]
    OutputFile {
        /// The file.
        path: PathBuf,
        /// Its length.
        expected: usize,
        /// Length of the proved output.
        got: usize,
    },
    /// The sample generator refused.
    #[error("cannot make a sample block: {0}")]
    Sample(String),
    /// The figures of a layer cannot be computed.
    #[error("{0}")]
    Security(String),
    /// The record of circuits was written anew, and this program still has the old one.
    #[error("the circuits have changed: build again, and run `tern spec` once more")]
    NewCircuits,
    /// Pages of the specification name what the sources do not have.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// A list of attacks cannot be used.
    #[cfg(any(feature = "attack", test))]
    #[error("{}: {error}", path.display())]
    AttackList {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: tern_vm::attack::ListError,
    },
    /// A list of attacks is no text.
    #[cfg(any(feature = "attack", test))]
    #[error("{} is no list of attacks: it is not UTF-8", _0.display())]
    AttackText(PathBuf),
    /// No attack has this name.
    #[cfg(any(feature = "attack", test))]
    #[error("no attack is called {0}; `tern attack --list` names them")]
    NoAttack(String),
    /// The built-in attacks are on the built-in program.
    #[cfg(any(feature = "attack", test))]
    #[error(
        "the built-in attacks name records and rows of the built-in program; say what to do to this one with --fault, --file or --only"
    )]
    AttackWhat,
    /// A run cannot be attacked.
    #[cfg(any(feature = "attack", test))]
    #[error("{0}")]
    AttackTarget(#[from] tern_vm::attack::TargetError),
    /// Attacks did not end as they should.
    #[cfg(any(feature = "attack", test))]
    #[error("{wrong} attacks ended otherwise than they should, {errors} could not be run as the list says")]
    Attacks {
        /// Those that are accepted, or rejected by another check.
        wrong: usize,
        /// Those that name what there is not, or change nothing.
        errors: usize,
    },
    /// Generated pages are not current.
    #[error("{} differs from what `tern spec` writes", path.display())]
    Stale {
        /// The page.
        path: PathBuf,
    },
}

fn unknown_chain(chain_id: Option<u64>) -> String {
    match chain_id {
        Some(id) => format!("no rules are known for the chain with id {id}"),
        None => "no transaction of the block names a chain".to_owned(),
    }
}

fn chain_names() -> String {
    chains::names().collect::<Vec<_>>().join(", ")
}

/// The option that accepts a proof of the verdict "invalid".
const ALLOWS_INVALID: &str = "; --verdict invalid accepts that";

/// What is wrong, and the option that lets a caller have what he was refused, where there is one.
fn block_rejected(rejection: &BlockRejection) -> String {
    let hint = match rejection {
        BlockRejection::OtherRules { expected: Rules::Known, .. } => {
            "; --chain FILE or --chain-config HASH expects the rules of another chain, --any-chain accepts any"
        }
        BlockRejection::OtherVerdict { got: Verdict::Invalid, .. } => ALLOWS_INVALID,
        _ => "",
    };
    format!("rejected: {rejection}{hint}")
}

fn payload_rejected(rejection: &PayloadRejection) -> String {
    let is_other_verdict = matches!(rejection, PayloadRejection::OtherVerdict { got: Verdict::Invalid, .. });
    format!("rejected: {rejection}{}", if is_other_verdict { ALLOWS_INVALID } else { "" })
}

impl CliError {
    /// Which kind of failure: a word for programs, which stays the same from version to version.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "cannot_read",
            Self::Write { .. } | Self::Folder { .. } | Self::Stdout(_) => "cannot_write",
            Self::NoFolder => "no_folder",
            Self::Block { .. } => "not_a_block",
            Self::NoBlock { .. } => "no_block",
            Self::Answer { error, .. } => answer_code(error),
            Self::UnknownChain { .. } => "unknown_chain",
            Self::OtherChain { .. } => "other_chain",
            #[cfg(feature = "fetch")]
            Self::Fetch(error) => error.code(),
            #[cfg(feature = "cluster")]
            Self::Cluster(error) => cluster_code(error),
            #[cfg(feature = "cluster")]
            Self::Server(_) => "no_server",
            Self::NoChain { .. } | Self::Genesis { .. } => "not_a_chain",
            Self::Hex { .. } => "bad_hex",
            #[cfg(feature = "fetch")]
            Self::Ssz { .. } => "not_a_request",
            #[cfg(feature = "fetch")]
            Self::Request { error, .. } => request_code(error),
            #[cfg(feature = "serve")]
            Self::Serve(error) => serve_code(error),
            #[cfg(feature = "otel")]
            Self::Traces(_) => "no_traces",
            #[cfg(feature = "serve")]
            Self::Tokens { .. } => "no_tokens",
            Self::NoStatelessInput { .. } => "no_stateless_input",
            Self::Elf { .. } => "not_a_program",
            Self::Key { .. } => "bad_key",
            Self::Device { code, .. } => code,
            Self::Create(error) => create_code(error),
            Self::Compile(error) => build_code(error),
            Self::Execute(error) => execution_code(error),
            Self::Output(_) | Self::PayloadOutput(_) => "no_verdict",
            Self::ExitCode(_) => "guest_failed",
            Self::Overwritten { .. } => "output_is_input",
            Self::Prove(error) => proving_code(error),
            Self::Rejected(_) => "rejected",
            Self::BlockRejected(rejection) => block_code(rejection),
            Self::PayloadRejected(rejection) => payload_code(rejection),
            #[cfg(any(feature = "attack", test))]
            Self::AttackList { .. } | Self::AttackText(_) | Self::NoAttack(_) | Self::AttackWhat => "bad_attack",
            #[cfg(any(feature = "attack", test))]
            Self::AttackTarget(_) => "no_target",
            #[cfg(any(feature = "attack", test))]
            Self::Attacks { .. } => "attack_succeeded",
            Self::NotAHash(_) => "not_a_hash",
            Self::OutputFile { .. } => "other_output",
            Self::Sample(_) => "no_sample",
            Self::Security(_) => "internal",
            Self::Stale { .. } | Self::NewCircuits | Self::Claims(_) => "not_current",
        }
    }

    /// What can be done about it, where that is no matter of course.
    pub fn hint(&self) -> Option<String> {
        let error = match self {
            Self::NoBlock { .. } => {
                return Some("--block FILE gives it: an answer of debug_getRawBlock or eth_getBlockByNumber, or its RLP in hex".to_owned());
            }
            Self::NoFolder => return Some("-o DIR names one, which is made if it is missing".to_owned()),
            Self::UnknownChain { .. } => {
                return Some("--chain NAME says which: a public network, a genesis file, or a fork that is active from genesis".to_owned());
            }
            #[cfg(feature = "fetch")]
            Self::Fetch(error) => return error.hint().map(ToOwned::to_owned),
            #[cfg(feature = "cluster")]
            Self::Cluster(ClusterError::Prove(error)) => error,
            #[cfg(feature = "cluster")]
            Self::Cluster(ClusterError::Step { .. }) => {
                return Some("what is proved is kept: the same command takes it over and does the rest".to_owned());
            }
            #[cfg(feature = "cluster")]
            Self::Cluster(ClusterError::Connect { .. }) => {
                return Some("`tern cluster server` starts one; docs/cluster.md says how to run one elsewhere".to_owned());
            }
            Self::Prove(error) => error,
            _ => return None,
        };
        match error {
            ProveError::ExitCode { got, .. } => Some(format!("`tern prove --exit-code {got}` proves that the program halts so")),
            ProveError::Busy { .. } => Some("wait for that run, stop it, or name another output".to_owned()),
            ProveError::Memory(shortage) => Some(memory_hint(shortage)),
            ProveError::FinalCheck { .. } => Some("the same command takes over the parts; if it fails again, report it".to_owned()),
            _ => None,
        }
    }
}

/// Which kind of failure an answer of a node is.
pub(super) fn answer_code(error: &AnswerError) -> &'static str {
    match error {
        AnswerError::NotJson(_) | AnswerError::Json(_) => "bad_answer",
        AnswerError::Truncated(_) => "truncated_answer",
        AnswerError::Node { .. } => "node_error",
        AnswerError::Null => "no_answer",
        AnswerError::Hash { .. } => "other_hash",
        AnswerError::Rlp(_) | AnswerError::Missing(_) | AnswerError::Ommers | AnswerError::Transaction { .. } => "not_a_block",
    }
}

#[cfg(feature = "fetch")]
fn request_code(error: &RequestError) -> &'static str {
    match error {
        RequestError::Fork(_) => "unsupported_fork",
        RequestError::Payload(_) | RequestError::Build(_) => "invalid_block",
    }
}

#[cfg(feature = "serve")]
fn serve_code(error: &ServeError) -> &'static str {
    match error {
        ServeError::Open(_) => "no_token",
        ServeError::Listen { .. } => "cannot_listen",
        ServeError::Store(StoreError::Busy(_)) => "busy",
        ServeError::Store(_) => "cannot_write",
        ServeError::System(_) => "internal",
    }
}

fn block_code(rejection: &BlockRejection) -> &'static str {
    match rejection {
        BlockRejection::Proof(_) => "rejected",
        BlockRejection::NotABlock(_) => "not_a_block",
        BlockRejection::OtherVerdict { .. } => "other_verdict",
        BlockRejection::OtherRules { .. } => "other_rules",
        BlockRejection::OtherBlock { .. } => "other_block",
        BlockRejection::OtherState { .. } => "other_state",
    }
}

fn payload_code(rejection: &PayloadRejection) -> &'static str {
    match rejection {
        PayloadRejection::Proof(_) => "rejected",
        PayloadRejection::NotAPayload(_) => "not_a_payload",
        PayloadRejection::OtherVerdict { .. } => "other_verdict",
        PayloadRejection::OtherChain { .. } => "other_chain",
        PayloadRejection::OtherSchema { .. } => "other_schema",
        PayloadRejection::OtherRequest { .. } => "other_request",
    }
}

fn execution_code(error: &ExecError) -> &'static str {
    match error {
        ExecError::Trap(_) => "guest_trapped",
        ExecError::InputTooLarge { .. } => "input_too_large",
        ExecError::Reservation(_) => "too_little_memory",
        ExecError::LimitsTooSmall { .. } => "segments_too_small",
        ExecError::NoFunctionNames(_) => "no_function_names",
    }
}

fn proving_code(error: &ProveError) -> &'static str {
    match error {
        ProveError::Execute(error) => execution_code(error),
        ProveError::Key(_) => "bad_key",
        ProveError::Place { .. } | ProveError::Io { .. } => "cannot_write",
        ProveError::Busy { .. } => "busy",
        ProveError::ExitCode { .. } => "guest_failed",
        ProveError::Memory(_) => "too_little_memory",
        ProveError::TooLarge { .. } => "proof_too_large",
        ProveError::Lost { .. } => "parts_changed",
        ProveError::FinalCheck { .. } | ProveError::SelfCheck { .. } => "proof_does_not_verify",
        ProveError::Tree { .. }
        | ProveError::Setup(_)
        | ProveError::Backend { .. }
        | ProveError::Combiner(_)
        | ProveError::Combine { .. }
        | ProveError::Incomplete { .. } => "internal",
    }
}

#[cfg(feature = "cluster")]
fn cluster_code(error: &ClusterError) -> &'static str {
    match error {
        ClusterError::Connect { .. } | ClusterError::JetStream(_) | ClusterError::Request(_) => "no_server",
        ClusterError::File { .. } => "cannot_read",
        ClusterError::Step { .. } | ClusterError::Stopped => "step_failed",
        ClusterError::Dismissed(_) => "dismissed",
        ClusterError::Prove(error) => proving_code(error),
        ClusterError::Order(_) => "bad_job",
        _ => "internal",
    }
}

fn memory_hint(shortage: &Shortage) -> String {
    let smaller = match shortage.fitting {
        0 => "end other programs, take a machine with more memory, or make a chain of smaller segments \
              (--kind segments --segment-cycles 200000)"
            .to_owned(),
        fitting => format!("--jobs {fitting} fits"),
    };
    format!("{smaller}; --any-memory tries it nevertheless")
}
