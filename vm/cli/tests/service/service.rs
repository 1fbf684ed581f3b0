//! Services that run until they are dropped or killed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::guest::{self, Task};
use crate::http::{Answer, send};

/// The proof type.
pub const TYPE: &str = "revm-tern";
/// Longest time that a test waits for something to happen.
const PATIENCE: Duration = Duration::from_secs(300);

/// Arguments of the prover for a small guest: one segment, and nothing after it.
const QUICK: [&str; 7] = ["--", "--kind", "segments", "--segment-rows", "16", "--device", "cpu"];

/// A folder with a guest and the data of a service.
pub struct Place {
    folder: TempDir,
    guest: PathBuf,
}

impl Place {
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let guest = guest::write(folder.path());
        Self { folder, guest }
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of a request.
    pub fn request(&self, root: &str) -> PathBuf {
        self.path("data/requests").join(root.trim_start_matches("0x"))
    }

    /// A service with the small guest.
    pub fn serve(&self, arguments: &[&str]) -> Service {
        let [data, guest] = [self.path("data"), self.guest.clone()].map(|path| path.to_str().expect("UTF-8").to_owned());
        Service::start(&[&["--data", &data, "--guest", &guest], arguments, &QUICK].concat())
    }

    /// The same with another program for the worker: a script of the shell.
    pub fn serve_with_worker(&self, script: &str, arguments: &[&str]) -> Service {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path("worker");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("writing a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("making it a program");
        self.serve(&[&["--worker", path.to_str().expect("UTF-8")], arguments].concat())
    }
}

/// A service that runs.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
    /// What it has said on standard error.
    said: Arc<Mutex<String>>,
}

impl Service {
    /// Starts `tern serve` on a free port.
    #[track_caller]
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("running tern");
        let mut stderr = BufReader::new(child.stderr.take().expect("standard error"));
        let mut lines = String::new();
        let address = loop {
            let start = lines.len();
            assert!(stderr.read_line(&mut lines).expect("a line") > 0, "not started: {lines}");
            // What it logs may come first.
            if let Some((_, rest)) = lines[start..].split_once("serving at http://") {
                break rest.split([',', '\n']).next().and_then(|address| address.parse().ok()).expect("an address");
            }
        };
        let said = Arc::new(Mutex::new(lines));
        let log = Arc::clone(&said);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                log.lock().expect("a log").push_str(&(line + "\n"));
            }
        });
        Self { child, address, said }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on standard error.
    pub fn said(&self) -> String {
        self.said.lock().expect("a log").clone()
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        send(self.address, "GET", path, &[], b"")
    }

    #[track_caller]
    pub fn delete(&self, root: &str) -> Answer {
        send(self.address, "DELETE", &format!("/v1/execution_proof_requests/{root}"), &[], b"")
    }

    /// Asks for a proof, with a stateless input.
    #[track_caller]
    pub fn post(&self, input: &[u8]) -> Answer {
        let headers = [("Content-Type", "application/octet-stream")];
        send(self.address, "POST", &format!("/v1/execution_proof_requests?proof_types={TYPE}"), &headers, input)
    }

    /// Asks for a proof of the small guest; gives the root.
    #[track_caller]
    pub fn submit(&self, task: &Task) -> String {
        let (input, root) = task.input();
        assert_eq!(self.post(&input).ok(), serde_json::json!({ "new_payload_request_root": root }));
        root
    }

    /// Where a request stands.
    #[track_caller]
    pub fn status(&self, root: &str) -> Value {
        self.get(&format!("/v1/execution_proof_requests/{root}")).ok()
    }

    #[track_caller]
    pub fn proof(&self, root: &str) -> Vec<u8> {
        let answer = self.get(&format!("/v1/execution_proofs/{root}/{TYPE}"));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.body
    }

    /// Whether a proof is valid, and why not.
    #[track_caller]
    pub fn verify(&self, root: &str, proof: &[u8]) -> Value {
        let path = format!("/v1/execution_proof_verifications?new_payload_request_root={root}&proof_type={TYPE}");
        send(self.address, "POST", &path, &[("Content-Type", "application/octet-stream")], proof).ok()
    }

    /// Waits until a request is in this state.
    #[track_caller]
    pub fn wait(&self, root: &str, state: &str) -> Value {
        let began = Instant::now();
        loop {
            let status = self.status(root);
            if status["state"] == state {
                return status;
            }
            let is_over = status["state"] == "failed" || status["state"] == "complete";
            assert!(!is_over && began.elapsed() < PATIENCE, "waiting for {state}: {status}\n{}", self.said());
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// The value of a metric, by its name with labels.
    #[track_caller]
    pub fn metric(&self, name: &str) -> Option<f64> {
        let answer = self.get("/metrics");
        let text = String::from_utf8(answer.body).expect("UTF-8");
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    /// The processes that it has started.
    pub fn children(&self) -> Vec<u32> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id())).expect("a process");
        let of = |task: PathBuf| fs::read_to_string(task.join("children")).unwrap_or_default();
        let all: Vec<String> = tasks.flatten().map(|task| of(task.path())).collect();
        all.iter().flat_map(|line| line.split_whitespace()).map(|id| id.parse().expect("a number")).collect()
    }

    /// Waits until a request is being proved by a process, and gives the process.
    #[track_caller]
    pub fn wait_for_prover(&self, root: &str) -> u32 {
        self.wait(root, "proving");
        until("a prover runs", || {
            let is_prover = |id: &u32| fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| contains(&line, b"prove"));
            self.children().into_iter().find(is_prover)
        })
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().expect("killing");
        self.child.wait().expect("waiting");
    }

    /// Tells it to end, and waits until it has; gives the exit status.
    pub fn stop(mut self) -> Option<i32> {
        signal(self.id(), "TERM");
        self.child.wait().expect("waiting").code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until there is something.
#[track_caller]
pub fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waiting until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal to one process.
pub fn signal(process: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &process.to_string()]).status().expect("running kill");
    assert!(status.success(), "no process {process}");
}

/// Whether a process is there. One that has ended, and that nobody has waited for, is not.
pub fn lives(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with(['Z', 'X']))
}

/// Runs `tern serve` that is expected not to start.
pub fn refused(arguments: &[&str]) -> Output {
    command(arguments).output().expect("running tern")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tern"));
    let is_told_where = arguments.contains(&"--listen");
    command.args(["--json", "serve"]).args(if is_told_where { &[][..] } else { &["--listen", "127.0.0.1:0"] }).args(arguments);
    for name in ["TERN_RPC", "TERN_RPC_HEADERS", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command.stderr(Stdio::piped());
    command
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
