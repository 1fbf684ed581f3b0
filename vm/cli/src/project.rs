//! Commands about projects of guest programs: new ones, and their ELF files.

use std::path::Path;

use serde_json::json;
use tern_build::{BuildError, CreateError, Language, Options, compile, create};

use super::args::{BuildArgs, NewLanguage};
use super::error::CliError;
use super::files;
use super::report::Report;

/// `tern new`.
pub fn new(directory: &Path, language: NewLanguage, runtime: Option<&Path>) -> Result<Report, CliError> {
    let language = match language {
        NewLanguage::Rust => Language::Rust,
        NewLanguage::C => Language::C,
    };
    create(directory, language, runtime)?;
    let project = directory.display().to_string();
    let mut report = Report {
        headline: Some(format!("made {project}, a guest project in {}: {project}/README.md says how to build and run it", name(language))),
        ..Default::default()
    };
    report.block.insert("project".into(), json!(project));
    report.block.insert("language".into(), json!(name(language)));
    Ok(report)
}

/// `tern build`.
pub fn build(directory: &Path, args: &BuildArgs) -> Result<Report, CliError> {
    let BuildArgs { bin, locked, rustc } = args.clone();
    let compiled = compile(directory, &Options { bin, locked, rustc, echo: true })?;
    let key = files::provable(&compiled.elf, files::load_program(&compiled.elf)?)?.key;
    let elf = compiled.elf.display().to_string();
    let mut report = Report {
        headline: Some(format!("built {elf} from {}", name(compiled.language))),
        vkey: Some(hex::encode(key.digest())),
        files: vec![elf.clone()],
        ..Default::default()
    };
    report.block.insert("elf".into(), json!(elf));
    report.block.insert("elf_bytes".into(), json!(compiled.bytes.len()));
    report.block.insert("sha256".into(), json!(hex::encode(compiled.sha256())));
    report.block.insert("language".into(), json!(name(compiled.language)));
    Ok(report)
}

fn name(language: Language) -> &'static str {
    match language {
        Language::Rust => "Rust",
        Language::C => "C",
    }
}

/// Which kind of failure of `tern new` it is.
pub fn create_code(error: &CreateError) -> &'static str {
    match error {
        CreateError::Exists(_) => "exists",
        CreateError::Name { .. } => "bad_name",
        CreateError::NoRuntime(_) | CreateError::RuntimePath(_) => "no_runtime",
        CreateError::RuntimeInC => "usage",
        CreateError::Io { .. } => "cannot_write",
    }
}

/// Which kind of failure of `tern build` it is.
pub fn build_code(error: &BuildError) -> &'static str {
    match error {
        BuildError::NoProject(_) | BuildError::NoPackage(_) => "not_a_project",
        BuildError::NoProgram(_) | BuildError::NoSuchProgram { .. } | BuildError::SeveralPrograms(_) | BuildError::NoSources(_) => {
            "no_program"
        }
        BuildError::RustOption(_) => "usage",
        BuildError::NoRust(_) | BuildError::Rustc { .. } | BuildError::NoLinker(_) | BuildError::NoC(_) => "no_compiler",
        BuildError::NoLibrarySources(_) => "no_library_sources",
        BuildError::NoEntry(_) => "no_entry_point",
        BuildError::Failed { .. } => "does_not_compile",
        BuildError::Io { .. } => "cannot_write",
    }
}
