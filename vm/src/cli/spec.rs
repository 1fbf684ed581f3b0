//! `tern spec`: the generated pages of the specification.

use std::path::Path;
use std::{fs, io};

use super::error::CliError;
use super::report::Report;
use super::{block, files, security};
use crate::prove::{ProveError, preprocessed_commitment};
use crate::spec::pages;

/// Where the pages are, from the root of the repository.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/generated");

/// The commitment to the preprocessed tables that the verifier holds.
const PREPROCESSED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier/src/segments/preprocessed.bin");

/// The verifying key of the block guest.
const GUEST_KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-evm/elf/guest.vkey");

/// The figures of the weakest layer, which take too long to compute for every report.
const WEAKEST_LAYER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/weakest_layer.rs");

/// The circuits of recursion that the verifier knows.
const CIRCUITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier/src/final_proof/circuits.bin");

/// Writes every page, or checks that every page is current and there is no other.
pub fn spec(check: bool) -> Result<Report, CliError> {
    let folder = Path::new(FOLDER);
    if !check {
        fs::create_dir_all(folder).map_err(|error| CliError::Write { path: folder.to_owned(), error })?;
    }
    let mut report = Report::default();
    let commitment = preprocessed_commitment().map_err(|reason| ProveError::Backend { segment: 0, reason })?;
    bring_up_to_date(Path::new(PREPROCESSED), &commitment, check, &mut report)?;
    let circuits = crate::recursion::record(&mut |_| ()).map_err(|error| ProveError::Combiner(error.to_string()))?;
    bring_up_to_date(Path::new(CIRCUITS), &circuits, check, &mut report)?;
    let guest = Path::new(block::BUILT_IN);
    let key = files::provable(guest, files::parse_program(guest, block::GUEST_ELF)?)?.key;
    bring_up_to_date(Path::new(GUEST_KEY), &files::key_bytes(&key), check, &mut report)?;
    bring_up_to_date(Path::new(WEAKEST_LAYER), security::weakest_layer_source()?.as_bytes(), check, &mut report)?;
    let pages = pages();
    for (name, text) in &pages {
        bring_up_to_date(&folder.join(name), text.as_bytes(), check, &mut report)?;
    }
    let entries = fs::read_dir(folder).map_err(|error| CliError::Read { path: folder.to_owned(), error })?;
    for entry in entries.flatten() {
        if !pages.iter().any(|(name, _)| entry.file_name() == name.as_str()) {
            if check {
                return Err(CliError::Stale { path: entry.path() });
            }
            fs::remove_file(entry.path()).map_err(|error| CliError::Write { path: entry.path(), error })?;
        }
    }
    Ok(report)
}

/// Writes a generated file, or checks that it is as it would be written.
fn bring_up_to_date(path: &Path, bytes: &[u8], check: bool, report: &mut Report) -> Result<(), CliError> {
    if check {
        let found = fs::read(path).or_else(missing_is_empty).map_err(|error| CliError::Read { path: path.to_owned(), error })?;
        if found != bytes {
            return Err(CliError::Stale { path: path.to_owned() });
        }
    } else {
        files::write(path, bytes)?;
    }
    report.files.push(path.display().to_string());
    Ok(())
}

fn missing_is_empty(error: io::Error) -> io::Result<Vec<u8>> {
    if error.kind() == io::ErrorKind::NotFound { Ok(Vec::new()) } else { Err(error) }
}
