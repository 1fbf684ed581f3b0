//! Compiling a project, whatever its language.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{BuildError, Language, c, rust, tool};

/// Folder of everything that compiling writes, within the project (in a Rust workspace, within its
/// root).
pub(crate) const TARGET_FOLDER: &str = "target/tern";

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which program, where a Rust package has several.
    pub bin: Option<String>,
    /// Whether `Cargo.lock` has to be there and up to date.
    pub locked: bool,
    /// A Rust compiler that has the sources of its libraries, instead of rustup's.
    pub rustc: Option<PathBuf>,
    /// Whether what compilers say goes to standard error as they say it. If not, an error has it.
    pub echo: bool,
}

/// A compiled guest program.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Where the ELF file lies.
    pub elf: PathBuf,
    /// Its contents.
    pub bytes: Vec<u8>,
    /// What it was compiled from.
    pub language: Language,
}

impl Compiled {
    /// The SHA-256 digest of the file.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }
}

/// Compiles the project in a folder into `target/tern/NAME.elf` there.
///
/// # Errors
///
/// [`BuildError`] says what is missing and what to do about it. A program that compiles may still
/// be none for the machine, for instance if it holds floating-point instructions; loading it tells.
pub fn compile(directory: &Path, options: &Options) -> Result<Compiled, BuildError> {
    let absolute = directory.canonicalize().map_err(|error| BuildError::Io { path: directory.to_owned(), error })?;
    let (elf, language) = if absolute.join("Cargo.toml").is_file() {
        (rust::compile(&absolute, options)?, Language::Rust)
    } else if absolute.join("tern.ld").is_file() {
        if options.bin.is_some() || options.locked {
            return Err(BuildError::RustOption(directory.to_owned()));
        }
        (c::compile(&absolute, options.echo)?, Language::C)
    } else {
        return Err(BuildError::NoProject(directory.to_owned()));
    };
    let bytes = tool::read(&elf)?;
    Ok(Compiled { elf, bytes, language })
}
