//! Programs.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tern_verifier::VerifyingKey;
use tern_vm::elf;
use tern_vm::prove::ProvableProgram;

use crate::Error;

/// A program of the machine, with its verifying key. Cheap to clone.
#[derive(Clone)]
pub struct Program(Arc<ProvableProgram>);

impl Program {
    /// Loads a program from an ELF file's bytes, and computes its key.
    ///
    /// # Errors
    ///
    /// [`Error::Elf`] or [`Error::Key`] if the machine cannot run or prove it.
    pub fn from_elf(elf: &[u8]) -> Result<Self, Error> {
        let program = elf::Program::from_elf(elf)?;
        Ok(Self(Arc::new(ProvableProgram::new(program)?)))
    }

    /// Loads a program from an ELF file.
    ///
    /// # Errors
    ///
    /// As [`from_elf`](Self::from_elf), or [`Error::Read`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let elf = std::fs::read(path).map_err(|error| Error::Read { path: path.to_owned(), error })?;
        Self::from_elf(&elf)
    }

    /// Compiles the project of a guest, as `tern build` does, and loads it. Needs a compiler for
    /// the machine.
    ///
    /// # Errors
    ///
    /// As [`from_elf`](Self::from_elf), or [`Error::Build`].
    #[cfg(feature = "compile")]
    pub fn compile(directory: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_elf(&tern_build::compile(directory.as_ref(), &tern_build::Options::default())?.bytes)
    }

    /// The key that its proofs are verified against.
    #[must_use]
    pub fn key(&self) -> &VerifyingKey {
        &self.0.key
    }

    pub(crate) fn provable(&self) -> &ProvableProgram {
        &self.0
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.program.fmt(f)
    }
}
