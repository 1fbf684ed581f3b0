//! Finding the test data.

use std::path::{Path, PathBuf};

/// The data folder: `TERN_DATA`, or `../shared/data` beside the workspace.
///
/// Where it is absent the caller's test is skipped, except in CI (`CI=true`), where that is a failure.
pub fn data_dir() -> Option<PathBuf> {
    let dir = std::env::var_os("TERN_DATA").map_or_else(beside_workspace, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_ci, "no test data at {}", dir.display());
    println!("skipped: no test data at {}", dir.display());
    None
}

fn beside_workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = package.ancestors().find(|folder| folder.join("Cargo.lock").exists()).unwrap_or(package);
    workspace.join("../shared/data")
}
