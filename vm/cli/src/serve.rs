//! `tern serve`: the service.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Duration;

use clap::Args;
use tern_service::{Access, Config, Limits, Node, Proving, ServeError, Tokens, Worker};
use tern_verifier::Chain;

use super::block::guest_key;
use super::error::CliError;
use super::files;
use super::progress::say_line;
use super::report::Report;

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Folder of requests and proofs, made where there is none
    #[arg(long, value_name = "FOLDER", required_unless_present = "verify_only")]
    data: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// File of bearer tokens, one to a line, of which requests must have one; /health needs none
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Take requests without a token also from other machines
    #[arg(long, conflicts_with = "token_file")]
    no_token: bool,
    /// Verify proofs, and make none
    #[arg(long, conflicts_with_all = ["data", "arguments"])]
    verify_only: bool,
    /// Another build of the block guest than the one in this program: its ELF file or, with
    /// --verify-only, also its verifying key
    #[arg(long, value_name = "ELF|KEY")]
    guest: Option<PathBuf>,
    /// Take payloads of this chain only: mainnet, sepolia, holesky or hoodi [default: of all four]
    #[arg(long, value_name = "NAME", value_parser = chain)]
    chain: Option<Chain>,
    /// JSON-RPC endpoint of a node that has the witnesses of payloads that come alone, with the
    /// `debug` namespace
    #[arg(long, env = "TERN_RPC", hide_env_values = true, value_name = "URL")]
    rpc: Option<String>,
    /// Send this header with every request to the node; in the variable, one to a line
    #[arg(
        long = "header",
        env = "TERN_RPC_HEADERS",
        hide_env_values = true,
        value_name = "NAME: VALUE",
        value_delimiter = '\n',
        requires = "rpc"
    )]
    headers: Vec<String>,
    /// Most seconds until the node has a witness
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    witness_timeout: Duration,
    /// Most seconds that a proof may take [default: as many as it needs]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    proof_timeout: Option<Duration>,
    /// Proofs to make at the same time, each by a process of its own that uses all cores
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    /// Most GiB of memory that a proof's process may take [default: no limit]
    #[arg(long, value_name = "GIB", value_parser = gibibytes)]
    child_memory: Option<u64>,
    /// Most requests that wait or are being proved
    #[arg(long, value_name = "N", default_value_t = 64)]
    max_queued: usize,
    /// Most requests that are done and kept, with their proofs; the oldest go
    #[arg(long, value_name = "N", default_value_t = 1024)]
    max_stored: usize,
    /// Most MiB that the body of a request may have
    #[arg(long, value_name = "MIB", default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=2048))]
    max_body: u32,
    /// Most MiB that a proof to verify may have
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=2048))]
    max_proof: u32,
    /// Most MiB that bodies may take in memory at the same time; others wait
    /// [default: twice the longest body, or half a GiB]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    body_memory: Option<u32>,
    /// Most connections at the same time; others wait
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    max_connections: u32,
    /// Most streams of events at the same time
    #[arg(long, value_name = "N", default_value_t = 64)]
    max_subscribers: u32,
    /// Verifications to compute at the same time [default: as many as there are cores]
    #[arg(long, value_name = "N")]
    verifications: Option<NonZeroUsize>,
    /// Send traces to this collector of OpenTelemetry, by OTLP over HTTP, such as
    /// http://localhost:4318/v1/traces
    #[cfg(feature = "otel")]
    #[arg(long, value_name = "URL")]
    pub otlp: Option<String>,
    /// Program that makes the proofs instead of this one
    #[arg(long, value_name = "PROGRAM", hide = true)]
    worker: Option<PathBuf>,
    /// More arguments of `tern block prove`, such as "--device gpu" or "--jobs 1"
    #[arg(last = true, value_name = "PROVE ARGUMENTS")]
    arguments: Vec<OsString>,
}

/// `tern serve`.
pub fn serve(args: &ServeArgs) -> Result<Report, CliError> {
    let proving = args.data.as_deref().map(|data| args.proving(data)).transpose()?;
    let what = match &args.data {
        Some(data) => format!("proofs in {}", data.display()),
        None => "verification only".to_owned(),
    };
    let config = Config {
        listen: args.listen,
        access: args.access()?,
        key: args.guest.as_deref().map_or_else(guest_key, files::load_key)?,
        chain_id: args.chain.map(Chain::id),
        limits: args.limits(),
        proving,
    };
    tern_service::serve(config, |address| say_line(&format!("serving at http://{address}, {what}")))?;
    Ok(Report { text: Some("stopped".to_owned()), ..Report::default() })
}

impl ServeArgs {
    fn access(&self) -> Result<Access, CliError> {
        let Some(path) = &self.token_file else {
            return Ok(if self.no_token { Access::Anyone } else { Access::Local });
        };
        let text = String::from_utf8_lossy(&files::read(path)?).into_owned();
        let tokens = Tokens::parse(&text).map_err(|error| CliError::Tokens { path: path.clone(), error })?;
        Ok(Access::Tokens(tokens))
    }

    fn limits(&self) -> Limits {
        let bytes = |mebibytes: u32| (mebibytes as usize) << 20;
        Limits {
            max_body: bytes(self.max_body),
            body_memory: bytes(self.body_memory.unwrap_or(512.max(2 * self.max_body.max(self.max_proof)))),
            max_proof: bytes(self.max_proof),
            max_connections: self.max_connections as usize,
            max_subscribers: self.max_subscribers as usize,
            verifications: self.verifications.or(available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
        }
    }

    fn proving(&self, data: &Path) -> Result<Proving, CliError> {
        let this = std::env::current_exe().map_err(ServeError::System)?;
        let node = |url: &String| Node {
            url: url.clone(),
            headers: self.headers.join("\n"),
            chain: self.chain.map(|chain| chain.name().to_owned()),
        };
        Ok(Proving {
            data: data.to_owned(),
            jobs: self.jobs,
            max_queued: self.max_queued,
            max_stored: self.max_stored,
            worker: Worker {
                program: self.worker.clone().unwrap_or(this),
                guest: self.guest.clone(),
                arguments: self.arguments.clone(),
                node: self.rpc.as_ref().map(node),
                memory: self.child_memory,
                proof_timeout: self.proof_timeout,
                witness_timeout: self.witness_timeout,
            },
        })
    }
}

fn chain(text: &str) -> Result<Chain, String> {
    let names: Vec<_> = Chain::ALL.iter().map(|chain| chain.name()).collect();
    Chain::from_name(text).ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    if (0.1..=86_400.0).contains(&seconds) { Ok(Duration::from_secs_f64(seconds)) } else { Err("expected 0.1 to 86400 seconds".to_owned()) }
}

fn gibibytes(text: &str) -> Result<u64, String> {
    let gibibytes: f64 = text.parse().map_err(|_| "expected a number of GiB".to_owned())?;
    if (0.01..=65_536.0).contains(&gibibytes) {
        Ok((gibibytes * f64::from(1 << 30)) as u64)
    } else {
        Err("expected at least 0.01 GiB".to_owned())
    }
}
