//! Blocks on which earlier validators were wrong or slow.

mod common;
#[path = "common/files.rs"]
mod files;

use common::{data_dir, validate_file};
use files::files;
use tern_guest_evm::Invalid;
use tern_guest_evm::json::BlockFile;

#[test]
fn findings_get_their_expected_verdicts() {
    let Some(data) = data_dir() else { return };
    let paths = files(&data.join("blocks-findings"));
    for path in &paths {
        let file = BlockFile::parse(&std::fs::read(path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_valid = name.ends_with("__valid.json");
        assert!(is_valid || name.ends_with("__invalid.json"), "{name}");
        let verdict = validate_file(&file);
        println!("{}: {:?}", path.display(), verdict.reason.as_ref().map(ToString::to_string));
        assert_eq!(verdict.is_valid(), is_valid, "{}: {:?}", path.display(), verdict.reason);
        if let Some(reason) = verdict.reason {
            // Both invalid ones claim the gas that the earlier validators computed.
            assert!(matches!(reason, Invalid::WrongNumber { field: "gas used", .. }), "{}: {reason}", path.display());
        }
    }
    assert_eq!(paths.len(), 6);
}
