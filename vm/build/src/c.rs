//! Compiling a guest in C or C++: GCC for bare RISC-V, with the project's headers, library and
//! linker script.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::BuildError;
use crate::compile::TARGET_FOLDER;
use crate::tool::{self, NotRun};

const GCC: &str = "riscv64-unknown-elf-gcc";
const GXX: &str = "riscv64-unknown-elf-g++";

const MACHINE: [&str; 3] = ["-march=rv64im", "-mabi=lp64", "-mcmodel=medany"];
const COMPILE: [&str; 7] = ["-ffreestanding", "-O2", "-Wall", "-Wextra", "-Iinclude", "-ffunction-sections", "-fdata-sections"];
const LINK: [&str; 7] = ["-nostdlib", "-static", "-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,--fatal-warnings", "-T", "tern.ld"];

/// Compiles the project in a folder, given by its absolute path, and returns its ELF file.
pub fn compile(directory: &Path, echo: bool) -> Result<PathBuf, BuildError> {
    let mut sources = Vec::new();
    find_sources(directory, Path::new("src"), &mut sources)?;
    // the order decides the program's layout
    sources.sort();
    if sources.is_empty() {
        return Err(BuildError::NoSources(directory.join("src")));
    }
    let target = Path::new(TARGET_FOLDER);
    let objects =
        sources.iter().map(|source| compile_source(directory, source, &target.join("objects"), echo)).collect::<Result<Vec<_>, _>>()?;
    let name = directory.file_name().unwrap_or(OsStr::new("guest"));
    let elf = target.join(name).with_added_extension("elf");
    let mut link = Command::new(GCC);
    link.current_dir(directory).args(MACHINE).args(LINK).arg("-o").arg(&elf).args(objects).args(["lib/libtern.a", "-lgcc"]);
    run(&mut link, GCC, echo)?;
    Ok(directory.join(elf))
}

/// Adds the sources in a folder and those in it, by their paths within the project.
fn find_sources(directory: &Path, folder: &Path, sources: &mut Vec<PathBuf>) -> Result<(), BuildError> {
    let path = directory.join(folder);
    let failed = |error| BuildError::Io { path: path.clone(), error };
    for entry in std::fs::read_dir(&path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let within = folder.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            find_sources(directory, &within, sources)?;
        } else if compiler_of(&within).is_some() {
            sources.push(within);
        }
    }
    Ok(())
}

/// The compiler for a source, and its flags.
fn compiler_of(source: &Path) -> Option<(&'static str, &'static [&'static str])> {
    match source.extension()?.to_str()? {
        "c" => Some((GCC, &["-std=c11"])),
        "S" => Some((GCC, &[])),
        "cc" | "cpp" => Some((GXX, &["-std=c++17", "-fno-exceptions", "-fno-rtti"])),
        _ => None,
    }
}

fn compile_source(directory: &Path, source: &Path, objects: &Path, echo: bool) -> Result<PathBuf, BuildError> {
    let object = objects.join(source).with_added_extension("o");
    tool::make_folder(directory.join(&object).parent().unwrap_or(directory))?;
    let (compiler, flags) = compiler_of(source).unwrap_or((GCC, &[]));
    let mut command = Command::new(compiler);
    // paths within the project are the same everywhere
    command.current_dir(directory).args(MACHINE).args(COMPILE).args(flags).arg("-c").arg("-o").arg(&object).arg(source);
    run(&mut command, compiler, echo)?;
    Ok(object)
}

fn run(command: &mut Command, name: &'static str, echo: bool) -> Result<(), BuildError> {
    let failed = |messages| BuildError::Failed { command: name.into(), messages };
    // for messages in English
    let ended = tool::run(command.env("LC_ALL", "C"), echo).map_err(|error| match error {
        NotRun::Missing => BuildError::NoC(name),
        NotRun::Other(error) => failed(error.to_string()),
    })?;
    if ended.is_success {
        return Ok(());
    }
    if ended.stderr.contains("undefined reference to `main'") || ended.stderr.contains("undefined reference to 'main'") {
        return Err(BuildError::NoEntry("define int main(void) in one of its sources"));
    }
    Err(failed(if echo { String::new() } else { ended.stderr }))
}
