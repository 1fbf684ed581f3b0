//! Shared by the tests over the data folder.

use std::path::{Path, PathBuf};

use tern_guest_evm::json::BlockFile;
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::{Verdict, validate};

/// The data folder: `TERN_DATA`, or `../shared/data` beside the workspace.
///
/// Where it is absent the caller's test is skipped, except in CI (`CI=true`), where that is a failure.
pub fn data_dir() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let dir = std::env::var_os("TERN_DATA").map_or_else(default, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_ci, "no test data at {}", dir.display());
    println!("skipped: no test data at {}", dir.display());
    None
}

/// Encodes a file's guest input and validates it.
pub fn validate_file(file: &BlockFile) -> Verdict {
    validate(&file.salted_guest_input(&TEST_SALT).unwrap())
}
