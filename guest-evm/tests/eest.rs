//! The execution-spec-tests: single-block cases with the whole pre-state as witness.

mod common;
#[path = "common/files.rs"]
mod files;

use std::path::PathBuf;

use common::{data_dir, validate_file};
use files::files;
use tern_guest_evm::Invalid;
use tern_guest_evm::json::BlockFile;

/// Cases whose verdict may differ from the fixture's, each with the reason. There are none.
const ALLOWED: &[(&str, &str)] = &[];

#[test]
fn eest_cases_get_their_expected_verdicts() {
    let Some(data) = data_dir() else { return };
    let cases = run(&files(&data.join("eest-plain")));
    assert_eq!(cases, 993, "cases in eest-plain");
}

#[test]
fn worst_case_blocks_are_valid() {
    let Some(data) = data_dir() else { return };
    assert_eq!(run(&files(&data.join("eest-benchmark-plain"))), 56, "cases in eest-benchmark-plain");
}

/// Validates every case of every file; returns their number.
fn run(paths: &[PathBuf]) -> usize {
    let mut count = 0;
    let mut disagreements = Vec::new();
    for path in paths {
        for case in BlockFile::parse_list(&std::fs::read(path).unwrap()).unwrap() {
            let name = case.name.clone().unwrap();
            let verdict = validate_file(&case);
            let expected = case.expect.as_deref() == Some("accept");
            count += 1;
            let is_allowed = ALLOWED.iter().any(|(allowed, _)| name == *allowed);
            if verdict.is_valid() != expected && !is_allowed {
                disagreements.push(format!(
                    "{name}\n    {}\n    expected {:?} {:?}, got {:?}",
                    path.display(),
                    case.expect,
                    case.exception,
                    verdict.reason.map(|reason| reason.to_string()),
                ));
            } else if let (false, Some(reason)) = (expected, verdict.reason) {
                // A rule must refuse the block, not a state that went astray.
                let went_astray = matches!(reason, Invalid::WrongHash { field: "state root", .. });
                let exception = case.exception.unwrap_or_default();
                assert!(!went_astray && !reason.is_incomplete_witness(), "{name}: {reason}");
                println!("{exception}: {reason}");
            }
        }
    }
    println!("{} of {count} cases agree", count - disagreements.len());
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
    count
}
