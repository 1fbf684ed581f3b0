//! Running the command in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use tern_vm::elf::Program;
use tern_vm::prove::{Options, ProvableProgram, prove};
use tern_vm::testing::workload;

/// A guest that computes Fibonacci numbers.
pub const FIBONACCI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guest-evm/elf/fibonacci.elf");

/// A folder to run commands in.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), bytes).expect("writing a file");
        self.path(name)
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::new(self.command(arguments).output().expect("running tern"))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tern"));
        command.args(arguments).current_dir(self.0.path());
        command
    }

    /// Runs `tern` in a shell, as `"$@"` of the script.
    pub fn run_in_shell(&self, script: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new("bash");
        command.args(["-c", script, "bash", env!("CARGO_BIN_EXE_tern")]).args(arguments).current_dir(self.0.path());
        Outcome::new(command.output().expect("running a shell"))
    }

    /// The names of all files and folders in it, by name.
    pub fn names(&self, inside: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(inside)).expect("a folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

/// What a command did.
pub struct Outcome {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    pub fn new(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { status: output.status.code().expect("an exit status"), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    #[track_caller]
    pub fn success(self) -> Self {
        assert_eq!(self.status, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    /// The one object on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.trim_end().lines().count(), 1, "{}", self.stdout);
        serde_json::from_str(&self.stdout).expect("JSON")
    }

    /// Code and message of a failure with `--json`.
    #[track_caller]
    pub fn failure(&self) -> (String, String) {
        let json = self.json();
        let text = |key: &str| json["error"][key].as_str().unwrap_or_else(|| panic!("no {key} in {json}")).to_owned();
        (text("code"), text("message"))
    }

    /// Asserts a failure whose text has all of `parts`.
    #[track_caller]
    pub fn fails_with(&self, parts: &[&str]) {
        assert_eq!(self.status, 1, "{}{}", self.stdout, self.stderr);
        assert!(self.stdout.is_empty(), "{}", self.stdout);
        for part in parts {
            assert!(self.stderr.starts_with("error: ") && self.stderr.contains(part), "no {part:?} in {}", self.stderr);
        }
    }
}

/// The file at `path`.
pub fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The proof of the workload's run in segments of [`workload::SEGMENT_CYCLES`], made when first needed.
pub fn workload_proof() -> &'static [u8] {
    static PROOF: OnceLock<Vec<u8>> = OnceLock::new();
    PROOF.get_or_init(|| {
        let program = Program::from_elf(&workload::elf()).expect("a program of the machine");
        let program = ProvableProgram::new(program).expect("a program that can be proved");
        let folder = Folder::new();
        let options = Options { max_segment_cycles: workload::SEGMENT_CYCLES, ..Options::default() };
        prove(&program, workload::INPUT, &folder.path("proof"), &options, &()).expect("a proof");
        read(&folder.path("proof"))
    })
}
