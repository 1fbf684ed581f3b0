//! A server, workers and a coordinator in this process.

use std::ffi::{OsStr, OsString};
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use tern_cluster::{
    ClusterError, CoordinatorOptions, DoSteps, Fetch, Link, LocalSteps, Order, Say, StepName, Stop, Version, Worked, WorkerOptions,
    WorkerReport, prove, server, work,
};
use tern_vm::elf::Program;
use tern_vm::prove::{self, Claim, Options, ProvableProgram, Summary};
use tern_vm::testing::workload;

/// Seconds until a step that nobody works on any more is handed out again.
pub const LEASE: Duration = Duration::from_secs(2);

/// Who may use a server that is locked.
pub const USER: &str = "tern";
pub const PASSWORD: &str = "open sesame";

/// A server of its own, with a folder of its own.
pub struct Server {
    folder: tempfile::TempDir,
    port: u16,
    process: Child,
    /// Arguments besides the usual ones.
    more: Vec<OsString>,
}

impl Server {
    /// Starts one. None, with a printed reason, where the program is missing: an error where
    /// everything is to be tested.
    pub fn start() -> Option<Self> {
        Self::start_with(Vec::new())
    }

    /// Starts one that wants a password, and speaks TLS with this certificate only.
    pub fn start_locked(certificate: &Path, key: &Path) -> Option<Self> {
        let flags: [&OsStr; 9] = ["--tls", "--tlscert", "", "--tlskey", "", "--user", USER, "--pass", PASSWORD].map(OsStr::new);
        let mut flags = flags.map(OsStr::to_owned);
        (flags[2], flags[4]) = (certificate.into(), key.into());
        Self::start_with(flags.into())
    }

    fn start_with(more: Vec<OsString>) -> Option<Self> {
        if let Err(error) = server::find() {
            assert!(std::env::var("CI").is_err(), "{error}");
            println!("skipped: {error}");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let folder = tempfile::tempdir().expect("a folder");
        let process = start(folder.path(), port, &more);
        Some(Self { folder, port, process, more })
    }

    pub fn link(&self) -> Link {
        Link { url: self.address("nats://"), ..Link::default() }
    }

    /// The address with a scheme, and with what stands before the host.
    pub fn address(&self, before: &str) -> String {
        format!("{before}127.0.0.1:{}", self.port)
    }

    /// Kills it, as a loss of power does.
    pub fn kill(&mut self) {
        self.process.kill().expect("killing the server");
        self.process.wait().expect("the end of the server");
    }

    /// Starts it again, on what it kept.
    pub fn restart(&mut self) {
        self.process = start(self.folder.path(), self.port, &self.more);
    }

    /// Starts it again, on an empty folder.
    pub fn restart_empty(&mut self) {
        self.folder = tempfile::tempdir().expect("a folder");
        self.restart();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start(folder: &Path, port: u16, more: &[OsString]) -> Child {
    let mut command = server::command(folder, "127.0.0.1", port).expect("a server");
    let process = command.args(more).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("running the server");
    let until = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "the server does not listen");
        sleep(Duration::from_millis(20));
    }
    process
}

/// What people were told.
#[derive(Clone, Default)]
pub struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    pub fn say(&self) -> Say {
        let said = Arc::clone(&self.0);
        Arc::new(move |text| {
            println!("{text}");
            said.lock().expect("no panic").push(text.to_owned());
        })
    }

    pub fn count(&self, part: &str) -> usize {
        self.0.lock().expect("no panic").iter().filter(|text| text.contains(part)).count()
    }

    pub fn has(&self, part: &str) -> bool {
        self.0.lock().expect("no panic").iter().any(|text| text.contains(part))
    }

    #[track_caller]
    pub fn wait_for(&self, part: &str) {
        let until = Instant::now() + Duration::from_secs(120);
        while !self.has(part) {
            assert!(Instant::now() < until, "nobody said {part:?}: {:?}", self.0);
            sleep(Duration::from_millis(10));
        }
    }
}

type Before = Box<dyn Fn(&Order) -> Result<(), ClusterError> + Send + Sync>;
type After = Box<dyn Fn(&Order, Vec<u8>) -> Vec<u8> + Send + Sync>;

/// Steps of this machine that are counted, and with which something may be wrong.
pub struct Steps {
    inner: LocalSteps,
    pub begun: Arc<Mutex<Vec<StepName>>>,
    pub before: Before,
    pub after: After,
}

impl Steps {
    pub fn new(begun: &Arc<Mutex<Vec<StepName>>>) -> Self {
        Self { inner: LocalSteps::new(None), begun: Arc::clone(begun), before: Box::new(|_| Ok(())), after: Box::new(|_, proof| proof) }
    }
}

impl DoSteps for Steps {
    type Prepared = <LocalSteps as DoSteps>::Prepared;

    fn prepare(&self, order: &Order, fetch: Fetch<'_>) -> Result<Self::Prepared, ClusterError> {
        self.inner.prepare(order, fetch)
    }

    fn make(&self, order: &Order, prepared: Self::Prepared) -> Result<Vec<u8>, ClusterError> {
        self.begun.lock().expect("no panic").push(order.step);
        (self.before)(order)?;
        self.inner.make(order, prepared).map(|proof| (self.after)(order, proof))
    }
}

/// A worker on a thread.
pub struct Worker {
    pub said: Said,
    stop: Stop,
    thread: JoinHandle<Result<Worked, ClusterError>>,
}

impl Worker {
    pub fn start(link: &Link, name: &str, steps: Steps) -> Self {
        Self::start_of(link, name, steps, Version::own().expect("a version"))
    }

    pub fn start_of(link: &Link, name: &str, steps: Steps, version: Version) -> Self {
        let options =
            WorkerOptions { link: link.clone(), name: name.into(), device: "cpu".into(), jobs: NonZeroUsize::MIN, memory: None, version };
        let (said, stop) = (Said::default(), Stop::default());
        let (say, stopping) = (said.say(), stop.clone());
        let thread = spawn(move || work(&options, steps, &stopping, &say));
        Self { said, stop, thread }
    }

    /// Ends it, and says what it did.
    pub fn end(self) -> Result<Worked, ClusterError> {
        self.stop.stop();
        self.thread.join().expect("no panic")
    }

    /// What it did when it ended by itself.
    pub fn ended(self) -> Result<Worked, ClusterError> {
        self.thread.join().expect("no panic")
    }
}

/// A run that is to be proved, in several small segments.
pub struct Run {
    pub elf: Vec<u8>,
    pub program: ProvableProgram,
    pub options: Options,
}

impl Run {
    /// The workload in `segments` segments, or one more.
    pub fn of_segments(segments: u32) -> Self {
        let elf = workload::elf_with(workload::ROUNDS * segments / 3, 0, 1);
        let program = ProvableProgram::new(Program::from_elf(&elf).expect("a program")).expect("a program that can be proved");
        let options = Options {
            jobs: NonZeroUsize::new(16).expect("a number"),
            max_segment_cycles: workload::SEGMENT_CYCLES,
            exit_code: Some(0),
            ..Options::default()
        };
        Self { elf, program, options }
    }

    /// The proof as one machine makes it.
    pub fn alone(&self) -> Vec<u8> {
        let place = Place::new();
        let options = Options { jobs: NonZeroUsize::MIN, ..self.options.clone() };
        prove::prove(&self.program, workload::INPUT, &place.proof(), &options, &()).expect("a proof");
        place.read()
    }

    /// Proves it by workers.
    pub fn prove(&self, server: &Link, place: &Place, is_final: bool, said: &Said) -> Result<(Summary, Vec<WorkerReport>), ClusterError> {
        self.prove_with(coordinator(server), place, is_final, said)
    }

    pub fn prove_with(
        &self,
        coordinator: CoordinatorOptions,
        place: &Place,
        is_final: bool,
        said: &Said,
    ) -> Result<(Summary, Vec<WorkerReport>), ClusterError> {
        let claim = Claim::take(&place.proof()).expect("a free place");
        prove(claim, &self.program, &self.elf, workload::INPUT, is_final, &self.options, &coordinator, &(), &said.say())
    }
}

pub fn coordinator(link: &Link) -> CoordinatorOptions {
    CoordinatorOptions { lease: LEASE, ..CoordinatorOptions::new(link.clone()).expect("options") }
}

/// A folder for a proof.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn proof(&self) -> PathBuf {
        self.0.path().join("proof")
    }

    pub fn parts(&self) -> PathBuf {
        self.0.path().join("proof.segments")
    }

    pub fn read(&self) -> Vec<u8> {
        std::fs::read(self.proof()).expect("a proof")
    }
}
