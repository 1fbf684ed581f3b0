//! `tern spec`: the generated pages of the specification.

use std::path::{Path, PathBuf};
use std::{fs, io};

use tern_verifier::final_proof::{Circuits, RECORD};
use tern_verifier::multilinear::circuit::{self, System};

use super::args::ExportFormat;
use super::error::CliError;
use super::report::Report;
use super::{block, files, security};
use tern_vm::prove::ProveError;
use tern_vm::spec::{NOTICE, claims, lean_files, pages, picus_files, relation_html, relation_json};

/// Where the pages are, from the root of the repository.
const FOLDER: &str = "spec/generated";

/// The verifying key of the block guest.
const GUEST_KEY: &str = "guest-evm/elf/guest.vkey";

/// The figures of the weakest layer, which take too long to compute for every report.
const WEAKEST_LAYER: &str = "vm/cli/src/weakest_layer.rs";

/// The circuits of recursion that the verifier knows.
const CIRCUITS: &str = "verifier/src/final_proof/circuits.bin";

/// What the tables of these circuits state.
const SYSTEM: &str = "verifier/src/multilinear/circuit.bin";

/// Writes every page, or checks that every page is current and there is no other. Works in the
/// repository that the current folder lies in.
pub fn spec(check: bool) -> Result<Report, CliError> {
    let root = repository()?;
    let folder = &root.join(FOLDER);
    let mut report = Report::default();
    let system = System::of_chips().map_err(|error| ProveError::Combiner(error.to_string()))?;
    bring_up_to_date(&root.join(SYSTEM), &system.to_bytes(), check, &mut report)?;
    if system.to_bytes() != circuit::RECORD {
        return Err(CliError::NewCircuits);
    }
    let circuits = tern_vm::recursion::record(&mut |_| ()).map_err(|error| ProveError::Combiner(error.to_string()))?;
    bring_up_to_date(&root.join(CIRCUITS), &circuits.to_bytes(), check, &mut report)?;
    // All else is about the circuits that this program knows.
    if circuits.to_bytes() != RECORD {
        return Err(CliError::NewCircuits);
    }
    let guest = Path::new(block::BUILT_IN);
    let key = files::provable(guest, files::parse_program(guest, block::GUEST_ELF)?)?.key;
    bring_up_to_date(&root.join(GUEST_KEY), &files::key_bytes(&key), check, &mut report)?;
    bring_up_to_date(&root.join(WEAKEST_LAYER), security::weakest_layer_source()?.as_bytes(), check, &mut report)?;
    let mut pages = pages(&circuits);
    pages.push(("claims.md".to_owned(), format!("{NOTICE}{}", claims::page(&root)?)));
    for (name, text) in &pages {
        bring_up_to_date(&folder.join(name), text.as_bytes(), check, &mut report)?;
    }
    let known: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    without_others(folder, &known, check)?;
    Ok(report)
}

/// Writes the relation, for the circuits that this program knows.
pub fn export(format: ExportFormat, output: Option<&Path>) -> Result<Report, CliError> {
    let written: fn(&Circuits) -> String = match format {
        ExportFormat::Json => relation_json,
        ExportFormat::Html => relation_html,
        ExportFormat::Lean => return export_files(lean_files(), output),
        ExportFormat::Picus => return export_files(picus_files(), output),
    };
    output.map_or(Ok(()), files::check_place)?;
    let circuits = Circuits::recorded().map_err(|error| ProveError::Combiner(error.to_string()))?;
    let text = written(&circuits);
    let Some(path) = output else {
        return Ok(Report { document: Some(text.trim_end().to_owned()), ..Default::default() });
    };
    files::write(path, &text)?;
    Ok(Report { files: vec![path.display().to_string()], ..Default::default() })
}

/// Writes files to a folder, which is made if it is missing.
fn export_files(texts: Vec<(String, String)>, folder: Option<&Path>) -> Result<Report, CliError> {
    let folder = folder.ok_or(CliError::NoFolder)?;
    if !folder.is_dir() {
        fs::create_dir(folder).map_err(|error| CliError::Folder { path: folder.to_owned(), error })?;
    }
    let mut report = Report::default();
    for (name, text) in texts {
        let path = folder.join(name);
        files::write(&path, text)?;
        report.files.push(path.display().to_string());
    }
    Ok(report)
}

/// The nearest folder, from the current one upwards, that has what is generated.
fn repository() -> Result<PathBuf, CliError> {
    let here = std::env::current_dir().map_err(|error| CliError::Read { path: PathBuf::from("."), error })?;
    let has_all = |folder: &&Path| [FOLDER, CIRCUITS].iter().all(|path| folder.join(path).exists());
    let missing = || CliError::Read { path: here.join(FOLDER), error: io::ErrorKind::NotFound.into() };
    here.ancestors().find(has_all).map(Path::to_owned).ok_or_else(missing)
}

/// Removes pages that are written no more, or checks that there is no file but the known ones. A
/// file that was not written by this command is never removed.
fn without_others(folder: &Path, known: &[&str], check: bool) -> Result<(), CliError> {
    let entries = fs::read_dir(folder).map_err(|error| CliError::Read { path: folder.to_owned(), error })?;
    for entry in entries.flatten().filter(|entry| !known.iter().any(|name| entry.file_name() == *name)) {
        let path = entry.path();
        if check {
            return Err(CliError::Stale { path });
        }
        if fs::read(&path).is_ok_and(|text| text.starts_with(NOTICE.as_bytes())) {
            fs::remove_file(&path).map_err(|error| CliError::Write { path, error })?;
        }
    }
    Ok(())
}

/// Writes a generated file if it is not as it would be written, or checks that it is.
fn bring_up_to_date(path: &Path, bytes: &[u8], check: bool, report: &mut Report) -> Result<(), CliError> {
    let found = fs::read(path).or_else(missing_is_empty).map_err(|error| CliError::Read { path: path.to_owned(), error })?;
    if found == bytes {
        return Ok(());
    }
    if check {
        return Err(CliError::Stale { path: path.to_owned() });
    }
    files::write(path, bytes)?;
    report.files.push(path.display().to_string());
    Ok(())
}

fn missing_is_empty(error: io::Error) -> io::Result<Vec<u8>> {
    if error.kind() == io::ErrorKind::NotFound { Ok(Vec::new()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_others_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
        write("known.md", "anything");
        write("old.md", &format!("{NOTICE}# A chip that was"));
        write("notes.md", "my notes");
        assert!(matches!(without_others(folder.path(), &["known.md"], true), Err(CliError::Stale { .. })));
        without_others(folder.path(), &["known.md"], false).expect("pages that can be removed");
        let left = |name: &str| folder.path().join(name).exists();
        assert_eq!(["known.md", "old.md", "notes.md"].map(left), [true, false, true]);
        assert!(matches!(without_others(folder.path(), &["known.md"], true), Err(CliError::Stale { .. })));
        assert!(without_others(folder.path(), &["known.md", "notes.md"], true).is_ok());
    }
}
