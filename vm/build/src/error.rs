//! Why a project cannot be made or compiled, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why [`create`](crate::create) made no project.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Something has this name already. Nothing in it was changed.
    #[error("{} exists: choose another name, or remove it", .0.display())]
    Exists(PathBuf),
    /// The name is none for a program.
    #[error("\"{name}\" cannot be a program's name: {reason}")]
    Name {
        /// The path's last part.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The guest runtime is not where it was when this program was compiled, or where it was said
    /// to be.
    #[error("no guest runtime in {}: name the folder guest-evm/runtime of Tern's sources with --runtime PATH", .0.display())]
    NoRuntime(PathBuf),
    /// Projects in C hold their runtime.
    #[error("--runtime is for projects in Rust: one in C has its runtime in lib/libtern.a")]
    RuntimeInC,
    /// The runtime's path cannot stand in a manifest.
    #[error("the path of the guest runtime is not UTF-8: {}", .0.display())]
    RuntimePath(PathBuf),
    /// A file or folder cannot be written.
    #[error("{}: {error}", path.display())]
    Io {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Why [`compile`](crate::compile) made no program.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder holds no project.
    #[error("{} is no guest project: it has neither Cargo.toml nor tern.ld (tern new makes one)", .0.display())]
    NoProject(PathBuf),
    /// The manifest is one of a workspace alone.
    #[error("{} has no package of its own: name the folder of one of the workspace's packages", .0.display())]
    NoPackage(PathBuf),
    /// The package has only a library.
    #[error("the package {0} has no program: add src/main.rs")]
    NoProgram(String),
    /// The package has several programs, and none was named.
    #[error("the package has several programs: choose one with --bin ({})", .0.join(", "))]
    SeveralPrograms(Vec<String>),
    /// The package has no program of this name.
    #[error("the package has no program {name}, only: {}", others.join(", "))]
    NoSuchProgram {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        others: Vec<String>,
    },
    /// A project in C has one program.
    #[error("--bin and --locked are for projects in Rust, and {} is one in C", .0.display())]
    RustOption(PathBuf),
    /// There is no cargo, or no rustc.
    #[error("{0} is not installed: install rustup (https://rustup.rs), which brings it")]
    NoRust(&'static str),
    /// The compiler named by the options does not run.
    #[error("the compiler {} does not run: {error}", path.display())]
    Rustc {
        /// The compiler.
        path: PathBuf,
        /// Why.
        error: String,
    },
    /// The compiler has no sources of its libraries, which are compiled for the machine.
    #[error(
        "the Rust compiler has no sources of its libraries in {}: type \"rustup component add rust-src\" in the project's folder, \
         or name a compiler that has them in TERN_RUSTC", .0.display()
    )]
    NoLibrarySources(PathBuf),
    /// The linker of the toolchain is missing.
    #[error("no rust-lld in {}: install the toolchain with rustup, whose toolchains have it", .0.display())]
    NoLinker(PathBuf),
    /// There is no C or C++ compiler.
    #[error("{0} is not installed: on Debian and Ubuntu, type \"apt-get install gcc-riscv64-unknown-elf\"")]
    NoC(&'static str),
    /// The project in C has no sources.
    #[error("no C or C++ source in {}", .0.display())]
    NoSources(PathBuf),
    /// The program has no beginning.
    #[error("the program has no entry point: {0}")]
    NoEntry(&'static str),
    /// A compiler found errors.
    #[error("{command} failed{}", messages_after(.messages))]
    Failed {
        /// The command, without its arguments.
        command: String,
        /// The end of what it said; empty where that was passed on.
        messages: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

fn messages_after(messages: &str) -> String {
    if messages.is_empty() { String::new() } else { format!(":\n{}", messages.trim_end()) }
}
