//! `tern cluster`: proving on many machines.

use std::num::NonZeroUsize;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tern_cluster::{CoordinatorOptions, Link, LocalSteps, Say, Status, Stop, Version, WorkerOptions, server};

use super::args::{BlockArgs, ChainArgs, DeviceArgs, GuestArgs, Kind, RawArgs, jobs, segment_cycles};
use super::error::CliError;
use super::files::{self, ELF_MAGIC, Guest};
use super::program::{self, ProveRun};
use super::progress::{ProveProgress, say_line};
use super::report::Report;
use super::units::{counted, printable};
use super::{block, devices};
use tern_vm::exec::RunSummary;
use tern_vm::prove::{self, Claim, LOG_ROWS, MIN_LOG_ROWS};

/// Bytes of a GiB.
const GIB: u64 = 1 << 30;

/// Commands about many machines.
#[derive(Debug, Subcommand)]
pub enum Cluster {
    /// Prove a block, or a run of a guest program, by the workers of a server
    ///
    /// Executes, plans, hands out steps, and verifies every proof that comes back. Every part is
    /// kept in PROOF.segments until the proof is whole, as with `tern prove`: a run that was
    /// stopped continues, and so does `tern prove`.
    #[command(after_help = "Examples:\n  tern cluster prove block.json -o block.proof --nats nats://127.0.0.1:4222\n  \
                      tern cluster prove guest.elf --input input.bin -o run.proof --nats tls://nats.example --creds tern.creds")]
    Prove(Box<ClusterProveArgs>),
    /// Prove what coordinators hand out, until stopped
    ///
    /// At SIGTERM it gives back what it is doing, which another worker gets at once.
    #[command(
        after_help = "Examples:\n  tern cluster worker --nats nats://127.0.0.1:4222\n  tern cluster worker --nats nats://nats.example --device gpu --name rack3"
    )]
    Worker {
        #[command(flatten)]
        link: LinkArgs,
        #[command(flatten)]
        device: DeviceArgs,
        /// Steps to do at the same time, each in memory of its own
        /// [default: as many as memory allows, at most one for two cores]
        #[arg(long, value_parser = jobs)]
        jobs: Option<NonZeroUsize>,
        /// What reports call this worker [default: the machine's name and the process]
        #[arg(long)]
        name: Option<String>,
        /// Take steps even if too little memory is free for them
        #[arg(long)]
        any_memory: bool,
    },
    /// Show who is on a server, and what waits
    #[command(after_help = "Example:\n  tern cluster status --nats nats://127.0.0.1:4222 --json")]
    Status {
        #[command(flatten)]
        link: LinkArgs,
    },
    /// Start a NATS server with JetStream on this machine, in the foreground: Debian's nats-server
    #[command(after_help = "Example:\n  tern cluster server --data /var/lib/tern-nats")]
    Server {
        /// Where it keeps work and proofs
        #[arg(long, value_name = "FOLDER")]
        data: PathBuf,
        /// Address on which it listens: with any but the loopback address, give it users or
        /// certificates of your own (docs/cluster.md)
        #[arg(long, default_value = "127.0.0.1")]
        host: String,
        /// Port on which it listens
        #[arg(long, default_value_t = 4222)]
        port: u16,
    },
    /// Remove everything of a job from a server, if its coordinator will not come back
    #[command(after_help = "Example:\n  tern cluster forget 0123456789abcdef01234567 --nats nats://127.0.0.1:4222")]
    Forget {
        /// The job, as `tern cluster status` and workers name it
        job: String,
        #[command(flatten)]
        link: LinkArgs,
    },
}

/// How to reach the server.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// The NATS server: nats://[USER:PASSWORD@]HOST[:PORT] or tls://…; several of one cluster,
    /// separated by commas
    #[arg(long, value_name = "URL", env = "TERN_NATS", hide_env_values = true)]
    pub nats: String,
    /// File of credentials (.creds)
    #[arg(long, value_name = "FILE")]
    pub creds: Option<PathBuf>,
    /// Certificates of the authority that signed the server's, PEM, if the system does not know it
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
}

impl LinkArgs {
    fn link(&self) -> Link {
        Link { url: self.nats.clone(), credentials: self.creds.clone(), ca: self.tls_ca.clone() }
    }
}

/// What to prove by workers, and how.
#[derive(Debug, Args)]
pub struct ClusterProveArgs {
    /// A block with its witness, JSON, as `tern block prove` takes it, or a guest program, an ELF64
    /// file for RV64IM
    #[arg(value_name = "BLOCK_OR_ELF")]
    pub file: PathBuf,
    /// File with a guest program's private input; empty if absent
    #[arg(long)]
    pub input: Option<PathBuf>,
    /// Exit code that a guest program's run must have; of any other nothing is proved
    #[arg(long, value_name = "CODE", default_value_t = 0)]
    pub exit_code: u32,
    /// The block of a witness: an answer of debug_getRawBlock or eth_getBlockByNumber, or its RLP in hex
    #[arg(long, value_name = "FILE")]
    pub block: Option<PathBuf>,
    #[command(flatten)]
    pub chain: ChainArgs,
    #[command(flatten)]
    pub raw: RawArgs,
    #[command(flatten)]
    pub guest: GuestArgs,
    #[command(flatten)]
    pub link: LinkArgs,
    /// Where to write the proof
    #[arg(short, long)]
    pub output: PathBuf,
    /// What to make
    #[arg(long, value_enum, default_value_t = Kind::Final)]
    pub kind: Kind,
    /// Base-2 logarithm of the rows of a segment's matrix: it has to fit the workers' memory
    #[arg(long, value_parser = clap::value_parser!(u32).range(MIN_LOG_ROWS as i64..=22), value_name = "LOG_ROWS", default_value_t = LOG_ROWS as u32)]
    pub segment_rows: u32,
    /// Most instructions in a segment [default: as many as a segment holds]
    #[arg(long, value_parser = segment_cycles, value_name = "CYCLES")]
    pub segment_cycles: Option<u32>,
    /// Stop a program that has not halted after this many instructions
    #[arg(long, default_value_t = 1 << 36, value_parser = clap::value_parser!(u64).range(1..), value_name = "CYCLES")]
    pub cycle_limit: u64,
    /// Steps that are handed out at the same time: at least as many as all workers do
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024), value_name = "STEPS")]
    pub in_flight: u16,
    /// Seconds without a sign of life from its worker after which a step is handed out again
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(2..=3600), value_name = "SECONDS")]
    pub lease: u16,
    /// Seconds after which a step is handed out again even if its worker lives
    #[arg(long, default_value_t = 1800, value_parser = clap::value_parser!(u32).range(10..), value_name = "SECONDS")]
    pub step_limit: u32,
    /// Failures of one step that end the run; what is proved stays
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub attempts: u32,
    /// Wrong proofs after which a worker is sent away
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100), value_name = "PROOFS")]
    pub wrong_proofs: u32,
}

/// Runs a command.
pub fn run(command: &Cluster) -> Result<Report, CliError> {
    match command {
        Cluster::Prove(args) => prove(args),
        Cluster::Worker { link, device, jobs, name, any_memory } => worker(link, device, *jobs, name.as_deref(), *any_memory),
        Cluster::Status { link } => Ok(status(&tern_cluster::status(&link.link(), &Version::own()?, &said())?)),
        Cluster::Server { data, host, port } => serve(data, host, *port),
        Cluster::Forget { job, link } => {
            tern_cluster::forget(&link.link(), job, &Version::own()?, &said())?;
            Ok(Report { headline: Some(format!("job {job} is removed from the server")), ..Report::default() })
        }
    }
}

fn said() -> Say {
    Arc::new(|text| say_line(&printable(text)))
}

fn prove(args: &ClusterProveArgs) -> Result<Report, CliError> {
    if files::read(&args.file)?.starts_with(ELF_MAGIC) {
        return program::prove(&args.file, args.input.as_deref(), args.exit_code, args);
    }
    let block = BlockArgs { file: args.file.clone(), block: args.block.clone() };
    block::prove(&block, &args.chain, args.raw, &args.guest, args)
}

impl ProveRun for ClusterProveArgs {
    fn output(&self) -> &Path {
        &self.output
    }

    fn prove_run(&self, place: Claim, guest: &Guest, input: &[u8], exit_code: u32) -> Result<(RunSummary, Report), CliError> {
        let started = Instant::now();
        let progress = Arc::new(ProveProgress::new(false));
        let options = prove::Options {
            jobs: NonZeroUsize::new(self.in_flight.into()).unwrap_or(NonZeroUsize::MIN),
            segment_log_rows: self.segment_rows as usize,
            max_segment_cycles: self.segment_cycles.unwrap_or(u32::MAX),
            cycle_limit: self.cycle_limit,
            exit_code: Some(exit_code),
            print: Some(progress.printer()),
            ..prove::Options::default()
        };
        let coordinator = CoordinatorOptions {
            lease: Duration::from_secs(self.lease.into()),
            step_limit: Duration::from_secs(self.step_limit.into()),
            attempts: self.attempts,
            wrong_limit: self.wrong_proofs,
            ..CoordinatorOptions::new(self.link.link())?
        };
        let (is_final, shown) = (self.kind == Kind::Final, Arc::clone(&progress));
        let say: Say = Arc::new(move |text| shown.say(&printable(text)));
        let proved = tern_cluster::prove(place, &guest.program, &guest.elf, input, is_final, &options, &coordinator, &*progress, &say);
        progress.finish();
        let (summary, workers) = proved?;
        let mut report = program::report_of_proof(&guest.program.key, &self.output, &summary, started.elapsed());
        report.block.insert("workers".into(), json!(workers));
        Ok((summary.run, report))
    }
}

fn worker(
    link: &LinkArgs,
    device: &DeviceArgs,
    jobs: Option<NonZeroUsize>,
    name: Option<&str>,
    any_memory: bool,
) -> Result<Report, CliError> {
    let device = devices::chosen(device)?;
    let available = prove::available_memory();
    let jobs = jobs.unwrap_or_else(|| prove::default_jobs(prove::full_segment_bytes(LOG_ROWS), available));
    let options = WorkerOptions {
        link: link.link(),
        name: name.map_or_else(own_name, ToOwned::to_owned),
        device: device.as_ref().map_or_else(|| "cpu".to_owned(), |device| device.name().to_owned()),
        jobs,
        memory: available.filter(|_| !any_memory).map(|bytes| bytes / jobs.get() as u64),
        version: Version::own()?,
    };
    let room = options.memory.map_or_else(String::new, |bytes| format!(", {:.1} GiB for each", bytes as f64 / GIB as f64));
    say_line(&printable(&format!("worker {} on {}: {} at a time{room}", options.name, options.device, counted(jobs.get() as u64, "step"))));
    let stop = Stop::at_signals()?;
    let worked = tern_cluster::work(&options, LocalSteps::new(device), &stop, &said())?;
    let mut report = Report { headline: Some(format!("ended after {}", counted(worked.done, "step"))), ..Report::default() };
    report.block.insert("done".into(), json!(worked.done));
    report.block.insert("failed".into(), json!(worked.failed));
    Ok(report)
}

/// The machine's name, and the number of this process.
fn own_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "worker" } else { host.trim() };
    format!("{host}-{}", std::process::id())
}

fn status(status: &Status) -> Report {
    let mut lines = vec![format!("{}, {}", counted(status.workers.len() as u64, "worker"), counted(status.jobs.len() as u64, "job"))];
    for worker in &status.workers {
        let steps: Vec<String> = worker.working.iter().map(|working| format!("{} of job {}", working.step, working.job)).collect();
        let doing = if steps.is_empty() { "idle".to_owned() } else { steps.join(", ") };
        lines.push(format!("{}: {doing}; {} done; version {}", worker.worker, worker.done, worker.version));
    }
    for job in &status.jobs {
        lines.push(format!("job {} ({}): {} done, {} handed out; version {}", job.job, job.proof, job.done, job.handed_out, job.version));
    }
    for queue in &status.queues {
        lines.push(format!("{:<8} {} waiting, {} in work", queue.class.word(), queue.waiting, queue.in_work));
    }
    let text = lines.iter().map(|line| printable(line)).collect::<Vec<String>>().join("\n");
    let fields = match json!(status) {
        Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    };
    Report { text: Some(text), block: fields, ..Report::default() }
}

/// Becomes the server.
fn serve(data: &Path, host: &str, port: u16) -> Result<Report, CliError> {
    let mut command = server::command(data, host, port).map_err(|error| CliError::Server(error.to_string()))?;
    Err(CliError::Server(format!("{} cannot be run: {}", server::PROGRAM, command.exec())))
}
