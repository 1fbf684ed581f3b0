//! The real blocks, and blocks with one thing changed, validated in the machine.

use std::path::{Path, PathBuf};

use tern_guest_evm::PublicOutput;
use tern_guest_evm::json::BlockFile;
use tern_vm::elf::Program;
use tern_vm::exec::{Options, run};

use crate::support::read;

const GUEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-evm/elf/guest.elf");

/// The data folder: `TERN_DATA`, or `../shared/data` beside the workspace. Its absence is an error where `CI=true`.
fn data_folder() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("TERN_DATA").map_or_else(default, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no test data at {}", folder.display());
    println!("skipped: no test data at {}", folder.display());
    None
}

/// The files in a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// Validates a block in the machine; the verdict natively must be the same in every field.
fn validate(guest: &Program, path: &Path) {
    let name = path.display();
    let block = BlockFile::parse(&read(path)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let input = block.guest_input().unwrap_or_else(|error| panic!("{name}: {error}"));
    let summary = run(guest, &input, Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(summary.halt.exit_code, 0, "{name}");
    let output = PublicOutput::decode(&summary.output).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(output, tern_guest_evm::validate(&input).output, "{name}");
    let info = block.info.unwrap_or_else(|| panic!("{name}: no info"));
    let expected = match info.expect.as_deref() {
        Some("accept") => true,
        Some("reject") => false,
        other => panic!("{name}: info.expect is {other:?}"),
    };
    assert_eq!(output.valid, expected, "{name}");
    if let Some(hash) = info.hash {
        assert_eq!(output.block_hash.to_string(), hash, "{name}");
    }
    println!("{name}: valid: {}, {} cycles, {:?}", output.valid, summary.cycles, summary.counters);
}

fn validate_folder(name: &str, count: usize) {
    let Some(data) = data_folder() else { return };
    let guest = Program::from_elf(&read(Path::new(GUEST))).expect("the block guest");
    let files = files(&data.join(name));
    assert_eq!(files.len(), count);
    for path in files {
        validate(&guest, &path);
    }
}

#[test]
fn real_blocks_get_their_verdicts_in_the_machine() {
    validate_folder("blocks", 10);
}

#[test]
fn tampered_blocks_get_their_verdicts_in_the_machine() {
    validate_folder("blocks-negative", 18);
}
