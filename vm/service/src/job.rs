//! The work on a request: the witness, a look at the payload, the proof, and whether it is one.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tern_verifier::{ExpectedPayload, Verdict, VerifyingKey, verify_payload};

use crate::child::{self, Allowance, End, Exit, Stop, StopReason};
use crate::config::{Config, Node, Worker};
use crate::queue::{Job, Outcome, Queue};
use crate::store::{Failure, FailureReason};

/// Time before a node is asked for a witness again: it may not have the block yet.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// Longest time until a process of a service that was killed is gone, and time between two tries.
const LEAVING: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Longest time that a native validation, or the making of an input, may take.
const VALIDATION: Duration = Duration::from_secs(120);
/// Codes of `tern block fetch` for what may be different a moment later.
const PASSING: [&str; 8] =
    ["no_such_block", "method_missing", "no_connection", "timed_out", "http_error", "incomplete_witness", "no_answer", "node_error"];

/// Why a job has no proof.
enum Ended {
    Stopped(StopReason),
    Failed(Failure),
}

/// Works on requests until the service ends.
pub fn work(queue: &Queue, config: &Config, worker: &Worker) {
    while let Some(job) = queue.next() {
        let span = tracing::info_span!("proof", root = %job.root);
        let outcome = span.in_scope(|| match prove(&job, config, worker) {
            Ok(proof_bytes) => Outcome::Proved { proof_bytes },
            Err(Ended::Failed(failure)) => Outcome::Failed(failure),
            Err(Ended::Stopped(reason)) => Outcome::Stopped(reason),
        });
        queue.finish(job.root, outcome);
    }
}

/// Makes `statelessInputBytes` of a block file, both in files.
///
/// # Errors
///
/// Why there are none, in words.
pub fn input_of_block(worker: &Worker, block: &Path, input: &Path) -> Result<(), String> {
    let mut command = tern(worker);
    command.args(["block", "stateless"]).arg(block).arg("-o").arg(input);
    let allowance = Allowance { memory: worker.memory, until: Some(Instant::now() + VALIDATION) };
    match child::run(&mut command, &Stop::default(), allowance, |_| ()) {
        Ok(End::Exited(exit)) if exit.status.success() => Ok(()),
        Ok(End::Exited(exit)) => Err(exit.reason()),
        Ok(End::TooMuchMemory(bytes)) => Err(too_much_memory(bytes, worker)),
        Ok(End::TimedOut | End::Stopped(_)) => Err(format!("no input after {} s", VALIDATION.as_secs())),
        Err(error) => Err(not_started(worker, &error)),
    }
}

/// Length of the proof, once it is there and verified.
fn prove(job: &Job, config: &Config, worker: &Worker) -> Result<u64, Ended> {
    if !job.folder.input().exists() {
        job.say(json!({ "phase": "fetching the witness" }));
        fetch(job, worker)?;
    }
    // A proof may be there from before the service ended.
    if !job.folder.proof().exists() {
        // Another guest may follow other rules than this validator.
        if worker.guest.is_none() {
            job.say(json!({ "phase": "validating" }));
            validate(job, worker)?;
        }
        job.say(json!({ "phase": "executing" }));
        make(job, worker)?;
    }
    check(job, config)
}

/// Fetches the witness. A node gets a payload at about the time that the service does, and may need
/// a while.
fn fetch(job: &Job, worker: &Worker) -> Result<(), Ended> {
    let Some(node) = &worker.node else {
        return Err(failed(FailureReason::InternalError, "the service was started without a node that has the witness (--rpc)".to_owned()));
    };
    let until = Instant::now() + worker.witness_timeout;
    let mut last = "no answer".to_owned();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut command = fetch_command(job, worker, node, left);
        // The client's own limit says more about what is wrong.
        let allowance = Allowance { memory: worker.memory, until: Some(until + Duration::from_secs(1)) };
        match run(&mut command, job, worker, allowance)? {
            None => {}
            Some(exit) if exit.status.success() => return Ok(()),
            Some(exit) if exit.code().is_some_and(|code| PASSING.contains(&code)) => last = exit.reason(),
            Some(exit) => return Err(failed(FailureReason::ProvingError, exit.reason())),
        }
        pause(job, ASK_AGAIN.min(until.saturating_duration_since(Instant::now())))?;
        if Instant::now() >= until {
            let error = format!("no witness within {} s: {last}", worker.witness_timeout.as_secs_f64());
            return Err(failed(FailureReason::WitnessTimeout, error));
        }
    }
}

fn fetch_command(job: &Job, worker: &Worker, node: &Node, left: Duration) -> Command {
    let mut command = tern(worker);
    command.args(["block", "fetch", "--request"]).arg(job.folder.request()).arg("-o").arg(job.folder.input());
    command.arg("--retries=0").arg(format!("--timeout={}", left.as_secs_f64().max(0.1)));
    if let Some(chain) = &node.chain {
        command.arg("--chain").arg(chain);
    }
    // What may hold keys is not to be seen in the list of processes.
    command.env("TERN_RPC", &node.url);
    if !node.headers.is_empty() {
        command.env("TERN_RPC_HEADERS", &node.headers);
    }
    command
}

/// Looks natively whether the payload is valid, before minutes are spent on a proof that it is not.
fn validate(job: &Job, worker: &Worker) -> Result<(), Ended> {
    let mut command = tern(worker);
    command.args(["block", "validate", "--raw"]).arg(job.folder.input());
    let allowance = Allowance { memory: worker.memory, until: Some(Instant::now() + VALIDATION) };
    let exit = match run(&mut command, job, worker, allowance)? {
        Some(exit) => exit,
        None => return Err(failed(FailureReason::ProvingTimeout, format!("not validated within {} s", VALIDATION.as_secs()))),
    };
    match &exit.report {
        Some(report) if exit.status.success() && report["verdict"] == "valid" => Ok(()),
        Some(report) if exit.status.success() => {
            let reason = report["reason"].as_str().unwrap_or("no reason is given");
            Err(failed(FailureReason::ProvingError, format!("the payload is not shown to be valid: {reason}")))
        }
        _ => Err(failed(FailureReason::ProvingError, format!("validating: {}", exit.reason()))),
    }
}

/// Makes the proof.
fn make(job: &Job, worker: &Worker) -> Result<(), Ended> {
    let began = Instant::now();
    let allowance = Allowance { memory: worker.memory, until: worker.proof_timeout.map(|timeout| began + timeout) };
    loop {
        match run(&mut prove_command(job, worker), job, worker, allowance)? {
            Some(exit) if exit.status.success() => return Ok(()),
            // A process of a service that was killed takes a moment to see that it is gone.
            Some(exit) if exit.code() == Some("busy") && began.elapsed() < LEAVING => pause(job, LOOK_AGAIN)?,
            Some(exit) => return Err(failed(FailureReason::ProvingError, exit.reason())),
            None => {
                let seconds = worker.proof_timeout.unwrap_or_default().as_secs_f64();
                return Err(failed(FailureReason::ProvingTimeout, format!("no proof within {seconds} s")));
            }
        }
    }
}

fn prove_command(job: &Job, worker: &Worker) -> Command {
    let mut command = tern(worker);
    command.args(["block", "prove", "--progress-json", "--raw"]).arg(job.folder.input()).arg("-o").arg(job.folder.proof());
    if let Some(guest) = &worker.guest {
        command.arg("--guest").arg(guest);
    }
    command.args(&worker.arguments);
    command
}

/// Verifies the proof as a receiver would.
fn check(job: &Job, config: &Config) -> Result<u64, Ended> {
    let path = job.folder.proof();
    let proof = read_bounded(&path, config.limits.max_proof)
        .map_err(|error| failed(FailureReason::InternalError, format!("{}: {error}", path.display())))?;
    match verify(&proof, &config.key, job.root.0, config.chain_id) {
        Ok(()) => Ok(proof.len() as u64),
        Err(rejection) => {
            // It would be taken for a finished one.
            let _ = fs::remove_file(&path);
            let error = format!("the proof that was made does not verify: {rejection}");
            Err(failed(FailureReason::InternalError, error))
        }
    }
}

/// Verifies that a proof shows the payload of the request with this root to be valid.
///
/// # Errors
///
/// Why it does not, in words.
pub fn verify(proof: &[u8], key: &VerifyingKey, root: [u8; 32], chain_id: Option<u64>) -> Result<(), String> {
    let expected = ExpectedPayload { request_root: Some(root), chain_id, schema_id: None, verdict: Verdict::Valid };
    verify_payload(proof, key, &expected).map(drop).map_err(|rejection| rejection.to_string())
}

fn read_bounded(path: &Path, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(std::io::Error::other(format!("a proof of more than {limit} bytes"))) } else { Ok(bytes) }
}

/// Runs a process for a job. None if its time is up.
fn run(command: &mut Command, job: &Job, worker: &Worker, allowance: Allowance) -> Result<Option<Exit>, Ended> {
    let end = child::run(command, &job.stop, allowance, |progress: Value| job.say(progress));
    match end.map_err(|error| failed(FailureReason::InternalError, not_started(worker, &error)))? {
        End::Exited(exit) => Ok(Some(exit)),
        End::Stopped(reason) => Err(Ended::Stopped(reason)),
        End::TimedOut => Ok(None),
        End::TooMuchMemory(bytes) => Err(failed(FailureReason::ProvingError, too_much_memory(bytes, worker))),
    }
}

/// The worker, which knows nothing of the node unless told so.
fn tern(worker: &Worker) -> Command {
    let mut command = Command::new(&worker.program);
    command.args(["--json", "--end-with-stdin"]).env_remove("TERN_RPC").env_remove("TERN_RPC_HEADERS");
    command
}

fn pause(job: &Job, time: Duration) -> Result<(), Ended> {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if let Some(reason) = job.stop.asked() {
            return Err(Ended::Stopped(reason));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn failed(reason: FailureReason, error: String) -> Ended {
    Ended::Failed(Failure { reason, error })
}

fn too_much_memory(bytes: u64, worker: &Worker) -> String {
    let gibibytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let limit = gibibytes(worker.memory.unwrap_or_default());
    format!("the process took {:.2} GiB of memory, more than the {limit:.2} allowed (--child-memory), and was ended", gibibytes(bytes))
}

fn not_started(worker: &Worker, error: &std::io::Error) -> String {
    format!("{} cannot be run: {error}", worker.program.display())
}
