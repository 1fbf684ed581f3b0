//! Servers, workers and coordinators as processes, which are killed.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::Value;
use tern_vm::testing::workload;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(900);

/// A process and what it says on standard error.
pub struct Process {
    pub name: String,
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    fn start(name: &str, mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("running tern");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (stderr, read) = (child.stderr.take().expect("standard error"), Arc::clone(&lines));
        let of = name.to_owned();
        let reader = spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                println!("{of}: {line}");
                read.lock().expect("no panic").push(line);
            }
        });
        Self { name: name.to_owned(), child, lines, reader: Some(reader) }
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic").clone()
    }

    pub fn says(&self, parts: &[&str]) -> bool {
        self.lines().iter().any(|line| parts.iter().all(|part| line.contains(part)))
    }

    /// Kills it, as the system does when memory is short, and gives what it had said.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("killing it");
        self.end()
    }

    /// Ends it as a service manager does.
    pub fn terminate(mut self) -> Vec<String> {
        Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        self.end()
    }

    fn end(&mut self) -> Vec<String> {
        self.child.wait().expect("its end");
        self.reader.take().expect("read to its end only once").join().expect("no panic");
        self.lines()
    }

    /// What it printed, when it has ended well.
    pub fn json(mut self) -> Value {
        let mut text = String::new();
        self.child.stdout.take().expect("standard output").read_to_string(&mut text).expect("UTF-8");
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "{}: {text}", self.name);
        serde_json::from_str(&text).expect("JSON")
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a process").is_some()
    }
}

/// A test that fails leaves nothing running.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is there.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "no {what}");
        sleep(Duration::from_millis(3));
    }
}

/// A server, and a folder with a program that is to be proved.
pub struct Site {
    folder: tempfile::TempDir,
    port: u16,
    server: Option<Process>,
    _alone: MutexGuard<'static, ()>,
}

/// Three workers that lift need the memory of most machines: one site after the other.
static SITES: Mutex<()> = Mutex::new(());

impl Site {
    /// None, with a printed reason, where there is no server's program: an error where everything
    /// is to be tested.
    pub fn new(rounds: u32) -> Option<Self> {
        if let Err(error) = tern_cluster::server::find() {
            assert!(std::env::var("CI").is_err(), "{error}");
            println!("skipped: {error}");
            return None;
        }
        let alone = SITES.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("workload.elf"), workload::elf_with(rounds, 0, 1)).expect("a file");
        std::fs::write(folder.path().join("input"), workload::INPUT).expect("a file");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let mut site = Self { folder, port, server: None, _alone: alone };
        site.start_server();
        Some(site)
    }

    pub fn start_server(&mut self) {
        let arguments = ["cluster", "server", "--data", "nats", "--port", &self.port.to_string()];
        self.server = Some(Process::start("server", self.command(&arguments)));
        wait_for("server", || TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    pub fn kill_server(&mut self) {
        drop(self.server.take().expect("a server").kill());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tern"));
        command.args(arguments).current_dir(self.folder.path()).env("TERN_NATS", format!("nats://127.0.0.1:{}", self.port));
        command
    }

    pub fn worker(&self, name: &str) -> Process {
        self.worker_on("cpu", name)
    }

    pub fn worker_on(&self, device: &str, name: &str) -> Process {
        Process::start(name, self.command(&["cluster", "worker", "--device", device, "--jobs", "1", "--any-memory", "--name", name]))
    }

    pub fn workers(&self) -> Vec<Process> {
        ["a", "b", "c"].map(|name| self.worker(name)).into()
    }

    /// Starts to prove the program in segments of the usual size of the tests.
    pub fn coordinator(&self, kind: &str) -> Process {
        let cycles = workload::SEGMENT_CYCLES.to_string();
        let arguments = ["cluster", "prove", "workload.elf", "--input", "input", "-o", "proof", "--lease", "2", "--json"];
        Process::start("coordinator", self.command(&[&arguments[..], &["--kind", kind, "--segment-cycles", &cycles]].concat()))
    }

    /// Runs a command to its end, and gives what it printed.
    pub fn run(&self, arguments: &[&str]) -> Value {
        Process::start(arguments[0], self.command(arguments)).json()
    }
}

/// Steps that workers began, and those that they ended, by what they said.
pub fn steps(said: &[String], did: &str) -> Vec<String> {
    let step = |line: &String| line.split_once(" of job ").filter(|(_, rest)| rest.contains(did)).map(|(step, _)| step.to_owned());
    let mut steps: Vec<String> = said.iter().filter_map(step).collect();
    steps.sort();
    steps
}
