//! Compiling a guest in Rust: cargo, with `core` and `alloc` compiled for the machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::compile::TARGET_FOLDER;
use crate::tool::{self, Ended, NotRun};
use crate::{BuildError, Options};

const TARGET: &str = include_str!("../../../guest-evm/guest-build/riscv64im-tern-elf.json");
const LINKER_SCRIPT: &str = include_str!("../../../guest-evm/guest-build/tern.ld");
const RUSTFLAGS: &str = include_str!("../../../guest-evm/guest-build/rustflags.txt");
const PROFILE: &str = include_str!("../../../guest-evm/guest-build/profile.env");

/// The target's name, which is that of its file.
const TARGET_NAME: &str = "riscv64im-tern-elf";

/// Variables, and beginnings of variables, that would change the program, or are about the program
/// that runs this.
const FOREIGN: [&str; 17] = [
    "CARGO",
    "CARGO_BIN_",
    "CARGO_BUILD_",
    "CARGO_CRATE_",
    "CARGO_ENCODED_",
    "CARGO_INCREMENTAL",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CARGO_UNSTABLE_",
    "RUSTC",
    "RUSTC_",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// A package and where it stands.
struct Package {
    name: String,
    programs: Vec<String>,
    /// The folder whose `Cargo.lock` and `target` it uses.
    workspace: PathBuf,
    /// The guest runtime's folder, if the package depends on it by path.
    runtime: Option<PathBuf>,
}

/// The compiler and what comes with it.
struct Toolchain {
    /// `None`: rustup's.
    rustc: Option<PathBuf>,
    /// The library sources.
    sources: PathBuf,
    /// The folder of `rust-lld`.
    linker: PathBuf,
}

/// Compiles the package in a folder, given by its absolute path, and returns its ELF file.
pub fn compile(directory: &Path, options: &Options) -> Result<PathBuf, BuildError> {
    let package = package(directory)?;
    let program = choose(&package, options.bin.as_deref())?;
    // commands run in the project's folder; a bare name is one of the PATH
    let rustc = options.rustc.as_deref().map(|path| if path.components().count() > 1 { absolute(path) } else { path.to_owned() });
    let toolchain = toolchain(directory, rustc.as_deref())?;
    let target = package.workspace.join(TARGET_FOLDER);
    tool::make_folder(&target)?;
    tool::write(&target.join(format!("{TARGET_NAME}.json")), TARGET.as_bytes())?;
    tool::write(&target.join("tern.ld"), LINKER_SCRIPT.as_bytes())?;

    let mut cargo = cargo(directory);
    cargo.args(["build", "--release", "--bin", program, "--target"]).arg(target.join(format!("{TARGET_NAME}.json")));
    cargo.arg("--target-dir").arg(&target).args(["-Zjson-target-spec", "-Zbuild-std=core,alloc,compiler_builtins"]);
    if options.locked {
        cargo.arg("--locked");
    }
    if let Some(runtime) = package.runtime.as_deref().filter(|runtime| !runtime.starts_with(&package.workspace)) {
        cargo.arg("--config").arg(alias(runtime, &target)?);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", rustflags(&package, &target, &toolchain)?).env("RUSTC_BOOTSTRAP", "1");
    cargo.envs(PROFILE.lines().filter_map(|line| line.split_once('='))).env("CARGO_INCREMENTAL", "0");
    cargo.env("PATH", path_with(&toolchain.linker));
    if let Some(rustc) = &toolchain.rustc {
        cargo.env("RUSTC", rustc);
    }
    let ended = run(&mut cargo, "cargo", options.echo)?;
    if !ended.is_success {
        return Err(failure(ended.stderr, options.echo));
    }
    let (built, elf) = (target.join(TARGET_NAME).join("release").join(program), target.join(format!("{program}.elf")));
    tool::write(&elf, &tool::read(&built)?)?;
    Ok(elf)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Asks cargo about the package in a folder.
fn package(directory: &Path) -> Result<Package, BuildError> {
    let ended = run(cargo(directory).args(["metadata", "--no-deps", "--format-version", "1"]), "cargo", false)?;
    if !ended.is_success {
        return Err(BuildError::Failed { command: "cargo metadata".into(), messages: ended.stderr });
    }
    let metadata: Value = serde_json::from_slice(&ended.stdout)
        .map_err(|error| BuildError::Failed { command: "cargo metadata".into(), messages: error.to_string() })?;
    let manifest = directory.join("Cargo.toml");
    let is_own = |package: &&Value| package["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest);
    let package = list(&metadata["packages"]).find(is_own).ok_or_else(|| BuildError::NoPackage(directory.to_owned()))?;
    let is_program = |target: &&Value| list(&target["kind"]).any(|kind| kind == "bin");
    let is_runtime = |dependency: &&Value| dependency["name"] == "tern-guest";
    Ok(Package {
        name: text(&package["name"]),
        programs: list(&package["targets"]).filter(is_program).map(|target| text(&target["name"])).collect(),
        workspace: text(&metadata["workspace_root"]).into(),
        runtime: list(&package["dependencies"]).find(is_runtime).and_then(|runtime| runtime["path"].as_str()).map(PathBuf::from),
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The program to build.
fn choose<'a>(package: &'a Package, wanted: Option<&str>) -> Result<&'a str, BuildError> {
    let others = || package.programs.clone();
    match (wanted, &package.programs[..]) {
        (_, []) => Err(BuildError::NoProgram(package.name.clone())),
        (None, [program]) => Ok(program),
        (None, _) => Err(BuildError::SeveralPrograms(others())),
        (Some(name), programs) => match programs.iter().find(|program| *program == name) {
            Some(program) => Ok(program),
            None => Err(BuildError::NoSuchProgram { name: name.to_owned(), others: others() }),
        },
    }
}

/// Finds the compiler's library sources, and the linker of rustup's toolchain.
fn toolchain(directory: &Path, rustc: Option<&Path>) -> Result<Toolchain, BuildError> {
    let rustup = sysroot(&mut clean("rustc", directory)).map_err(|failure| match failure {
        Failure::Missing => BuildError::NoRust("rustc"),
        Failure::Said(error) => BuildError::Rustc { path: "rustc".into(), error },
    })?;
    let own = match rustc {
        None => rustup.clone(),
        Some(path) => sysroot(&mut clean(path, directory)).map_err(|failure| match failure {
            Failure::Missing => BuildError::Rustc { path: path.to_owned(), error: "there is no such program".into() },
            Failure::Said(error) => BuildError::Rustc { path: path.to_owned(), error },
        })?,
    };
    let sources = own.join("lib/rustlib/src/rust");
    if !sources.join("library/core/src/lib.rs").is_file() {
        return Err(BuildError::NoLibrarySources(own));
    }
    let linker = std::fs::read_dir(rustup.join("lib/rustlib")).ok().into_iter().flatten().flatten();
    let linker = linker.map(|entry| entry.path().join("bin")).find(|bin| bin.join("rust-lld").is_file());
    let linker = linker.ok_or(BuildError::NoLinker(rustup))?;
    Ok(Toolchain { rustc: rustc.map(Path::to_owned), sources, linker })
}

/// Why a compiler does not tell where it lies.
enum Failure {
    Missing,
    Said(String),
}

/// Where a compiler has its libraries.
fn sysroot(rustc: &mut Command) -> Result<PathBuf, Failure> {
    match tool::run(rustc.args(["--print", "sysroot"]), false) {
        Ok(ended) if ended.is_success => Ok(String::from_utf8_lossy(&ended.stdout).trim_end().into()),
        Ok(ended) => Err(Failure::Said(ended.stderr.trim_end().to_owned())),
        Err(NotRun::Missing) => Err(Failure::Missing),
        Err(NotRun::Other(error)) => Err(Failure::Said(error.to_string())),
    }
}

/// What makes cargo find the runtime by way of the workspace.
///
/// Cargo names a package outside the workspace after its absolute path, and the program's bytes
/// depend on these names.
fn alias(runtime: &Path, target: &Path) -> Result<String, BuildError> {
    let link = target.join("tern-guest");
    let failed = |error| BuildError::Io { path: link.clone(), error };
    if std::fs::read_link(&link).is_ok_and(|old| old != runtime) {
        std::fs::remove_file(&link).map_err(failed)?;
    }
    if !link.is_symlink() {
        symlink(runtime, &link).map_err(failed)?;
    }
    Ok(format!("paths = [{}]", Value::from(utf8(&link)?)))
}

#[cfg(unix)]
fn symlink(original: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(windows)]
fn symlink(original: &Path, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(original, link)
}

/// The compiler's flags, as cargo takes them. Paths of this computer are replaced.
fn rustflags(package: &Package, target: &Path, toolchain: &Toolchain) -> Result<String, BuildError> {
    let mut flags = Vec::new();
    let mut replace = |path: &Path, by: &str| -> Result<(), BuildError> {
        flags.push(format!("--remap-path-prefix={}={by}", utf8(path)?));
        Ok(())
    };
    replace(&package.workspace, "/guest")?;
    replace(target, "/target")?;
    if let Some(runtime) = &package.runtime {
        replace(&target.join("tern-guest"), "/tern-guest")?;
        replace(runtime, "/tern-guest")?;
    }
    if let Some(home) = cargo_home() {
        replace(&home, "/cargo")?;
    }
    replace(&toolchain.sources, "/rust")?;
    if let Ok(sources) = toolchain.sources.canonicalize() {
        replace(&sources, "/rust")?;
    }
    // relative, so that it is the same everywhere: cargo links in the workspace's folder
    flags.push(format!("-Clink-arg=-T{TARGET_FOLDER}/tern.ld"));
    flags.extend(RUSTFLAGS.lines().map(str::to_owned));
    Ok(flags.join("\u{1f}"))
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

fn utf8(path: &Path) -> Result<&str, BuildError> {
    path.to_str().ok_or_else(|| BuildError::Io {
        path: path.to_owned(),
        error: std::io::Error::new(std::io::ErrorKind::InvalidInput, "cargo takes no path that is not UTF-8"),
    })
}

fn path_with(folder: &Path) -> OsString {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let all = [folder.to_owned()].into_iter().chain(std::env::split_paths(&paths));
    std::env::join_paths(all).unwrap_or(paths)
}

fn cargo(directory: &Path) -> Command {
    clean("cargo", directory)
}

/// A command in the project's folder, where rustup looks for the toolchain, without what would
/// change its results.
fn clean(program: impl AsRef<std::ffi::OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory);
    for (variable, _) in std::env::vars_os() {
        let Some(name) = variable.to_str() else { continue };
        let is_it = |foreign: &&str| if foreign.ends_with('_') { name.starts_with(*foreign) } else { name == *foreign };
        if FOREIGN.iter().any(is_it) {
            command.env_remove(&variable);
        }
    }
    command
}

fn run(command: &mut Command, name: &'static str, echo: bool) -> Result<Ended, BuildError> {
    tool::run(command, echo).map_err(|error| match error {
        NotRun::Missing => BuildError::NoRust(name),
        NotRun::Other(error) => BuildError::Failed { command: name.into(), messages: error.to_string() },
    })
}

/// What cargo's messages mean.
fn failure(messages: String, echo: bool) -> BuildError {
    if messages.contains("undefined symbol: tern_main") {
        return BuildError::NoEntry("add tern_guest::entry!(main) to it");
    }
    BuildError::Failed { command: "cargo build".into(), messages: if echo { String::new() } else { messages } }
}
