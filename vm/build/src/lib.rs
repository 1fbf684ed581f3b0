//! Makes and compiles projects of guest programs, in Rust and in C.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use tern_build::{Language, Options, compile, create};
//!
//! let folder = Path::new("hello");
//! create(folder, Language::Rust, None)?;
//! let compiled = compile(folder, &Options::default())?;
//! println!("{}: {} bytes", compiled.elf.display(), compiled.bytes.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Compiling takes a compiler for the machine: rustup's with the component `rust-src`, or
//! `riscv64-unknown-elf-gcc`. Its output is the same bytes wherever the project lies, as long as
//! compiler, sources and `Cargo.lock` are the same.

mod c;
mod compile;
mod create;
mod error;
mod rust;
mod tool;

pub use compile::{Compiled, Options, compile};
pub use create::create;
pub use error::{BuildError, CreateError};

/// The language of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust: the folder has a `Cargo.toml`.
    Rust,
    /// C or C++: the folder has a `tern.ld` and no `Cargo.toml`.
    C,
}
