//! ere's compiler for Tern: compiles a guest's folder as `tern build` does, in Rust (rustup with
//! `rust-src`) or in C.

use std::path::Path;

use ere_compiler_core::{Compiler, Elf};
use tern_build::{BuildError, Options, compile};

/// Compiles guests, whatever their language: a folder with a `Cargo.toml`, or one in C with a
/// `tern.ld`.
#[derive(Clone, Copy, Debug, Default)]
pub struct TernCompiler;

/// Why there is no ELF file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An argument that this compiler does not know.
    #[error("unknown argument {0:?}: expected `--bin NAME` or `--locked`")]
    Argument(String),
    /// What is missing for compiling, or what the compiler said.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl Compiler for TernCompiler {
    type Error = Error;

    /// Arguments: `--bin NAME`, the program to compile where a Rust package has several, and
    /// `--locked`.
    fn compile(&self, guest_directory: impl AsRef<Path>, args: &[String]) -> Result<Elf, Error> {
        let options = options(args)?;
        Ok(Elf(compile(guest_directory.as_ref(), &options)?.bytes))
    }
}

fn options(args: &[String]) -> Result<Options, Error> {
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--locked" => options.locked = true,
            "--bin" => options.bin = Some(rest.next().ok_or_else(|| Error::Argument(argument.clone()))?.clone()),
            _ => return Err(Error::Argument(argument.clone())),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_those_of_the_command_and_no_others() {
        let read = |args: &[&str]| options(&args.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>());
        let given = read(&["--locked", "--bin", "guest"]).expect("known arguments");
        assert_eq!((given.locked, given.bin.as_deref()), (true, Some("guest")));
        for wrong in [&["--bin"][..], &["--release"], &["guest"]] {
            assert!(matches!(read(wrong), Err(Error::Argument(argument)) if argument == wrong[0]));
        }
    }

    #[test]
    fn a_folder_that_is_no_guest_is_an_error_that_says_so() {
        let error = TernCompiler.compile(env!("CARGO_MANIFEST_DIR").to_owned() + "/src", &[]).expect_err("no guest");
        assert!(matches!(error, Error::Build(BuildError::NoProject(_))), "{error}");
    }
}
