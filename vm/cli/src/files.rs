//! Reading and writing files, programs and keys.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use tern_verifier::VerifyingKey;

use super::error::CliError;
use tern_vm::elf::Program;
use tern_vm::prove::{ProvableProgram, write_whole};

/// First bytes of an ELF file.
pub const ELF_MAGIC: &[u8] = b"\x7fELF";

/// The user's folder for what can be made again.
pub fn cache() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || folder("LOCALAPPDATA").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    folder("XDG_CACHE_HOME").or_else(home).map(|cache| cache.join("tern"))
}

/// Reads a file whole.
pub fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    fs::read(path).map_err(|error| CliError::Read { path: path.to_owned(), error })
}

/// Reads a file that holds bytes, or 0x and their hexadecimal digits.
pub fn read_binary_or_hex(path: &Path) -> Result<Vec<u8>, CliError> {
    let bytes = read(path)?;
    match bytes.strip_prefix(b"0x") {
        Some(digits) => hex::decode(digits.trim_ascii_end()).map_err(|error| CliError::Hex { path: path.to_owned(), error }),
        None => Ok(bytes),
    }
}

/// Writes a file whole.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), CliError> {
    fs::write(path, bytes).map_err(|error| CliError::Write { path: path.to_owned(), error })
}

/// Writes a file whole or not at all: a file that is there stays until then.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    // What a link leads to is replaced, not the link; and a device is no file.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
        return write(path, bytes);
    }
    let mut unfinished = target.as_os_str().to_owned();
    unfinished.push(format!(".{}.unfinished", process::id()));
    let renamed = || fs::rename(&unfinished, &target).inspect_err(|_| drop(fs::remove_file(&unfinished)));
    let written = write_whole(unfinished.as_ref(), |file| file.write_all(bytes)).and_then(|()| renamed());
    written.map_err(|error| CliError::Write { path: path.to_owned(), error })
}

/// Checks early that there is a folder for a file, and none in its place.
pub fn check_place(path: &Path) -> Result<(), CliError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let problem = match () {
        () if path.is_dir() => ErrorKind::IsADirectory,
        () if !folder.is_dir() => ErrorKind::NotFound,
        () => return Ok(()),
    };
    Err(CliError::Write { path: path.to_owned(), error: problem.into() })
}

/// Checks that a file that will be written is none of those that are read.
pub fn check_output(output: &Path, inputs: &[Option<&Path>]) -> Result<(), CliError> {
    let Ok(own) = fs::metadata(output) else { return Ok(()) };
    let same = |input: &&Path| fs::metadata(input).is_ok_and(|other| (other.dev(), other.ino()) == (own.dev(), own.ino()));
    if own.is_file() && inputs.iter().copied().flatten().any(|input| same(&input)) {
        return Err(CliError::Overwritten { path: output.to_owned() });
    }
    Ok(())
}

/// The private input: a file, or nothing.
pub fn read_input(path: Option<&Path>) -> Result<Vec<u8>, CliError> {
    path.map_or(Ok(Vec::new()), read)
}

/// Loads a program from an ELF file.
pub fn load_program(path: &Path) -> Result<Program, CliError> {
    parse_program(path, &read(path)?)
}

/// Loads a program from the bytes of an ELF file; `path` is for errors.
pub fn parse_program(path: &Path, elf: &[u8]) -> Result<Program, CliError> {
    Program::from_elf(elf).map_err(|error| CliError::Elf { path: path.to_owned(), error })
}

/// A program with its key.
pub fn provable(path: &Path, program: Program) -> Result<ProvableProgram, CliError> {
    ProvableProgram::new(program).map_err(|error| CliError::Key { path: path.to_owned(), error })
}

/// A program that is to be proved.
pub struct Guest {
    /// Its file's bytes, for other machines.
    #[cfg(feature = "cluster")]
    pub elf: Vec<u8>,
    /// It and its key.
    pub program: ProvableProgram,
}

impl Guest {
    /// Loads a program from an ELF file.
    pub fn load(path: &Path) -> Result<Self, CliError> {
        Self::parse(path, read(path)?)
    }

    /// Loads a program from the bytes of an ELF file; `path` is for errors.
    pub fn parse(path: &Path, elf: Vec<u8>) -> Result<Self, CliError> {
        let program = provable(path, parse_program(path, &elf)?)?;
        Ok(Self {
            #[cfg(feature = "cluster")]
            elf,
            program,
        })
    }
}

/// The verifying key in a key file, or of the program in an ELF file.
pub fn load_key(path: &Path) -> Result<VerifyingKey, CliError> {
    let bytes = read(path)?;
    if bytes.starts_with(ELF_MAGIC) {
        return Ok(provable(path, parse_program(path, &bytes)?)?.key);
    }
    VerifyingKey::from_file(&bytes).map_err(|error| CliError::Key { path: path.to_owned(), error })
}

/// The bytes of a key file.
pub fn key_bytes(key: &VerifyingKey) -> Vec<u8> {
    key.to_file()
}
