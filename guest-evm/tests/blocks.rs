//! The real blocks, and blocks with one thing changed.

mod common;
#[path = "common/files.rs"]
mod files;

use common::{data_dir, validate_file};
use files::files;
use tern_guest_evm::json::BlockFile;

#[test]
fn real_and_tampered_blocks_get_their_expected_verdicts() {
    let Some(data) = data_dir() else { return };
    let mut checked = 0;
    let mut wrong = Vec::new();
    for path in files(&data.join("blocks")).into_iter().chain(files(&data.join("blocks-negative"))) {
        let file = BlockFile::parse(&std::fs::read(&path).unwrap()).unwrap();
        let info = file.info.clone().unwrap();
        let verdict = validate_file(&file);
        println!("{}: {:?}", path.display(), verdict.reason.as_ref().map(ToString::to_string));
        let expected = match info.expect.as_deref() {
            Some("accept") => true,
            Some("reject") => false,
            other => panic!("{}: info.expect is {other:?}", path.display()),
        };
        if verdict.is_valid() != expected {
            wrong.push(format!("{}: {:?}", path.display(), verdict.reason));
        }
        if let Some(hash) = info.hash {
            assert_eq!(format!("{}", verdict.output.block_hash), hash);
        }
        checked += 1;
    }
    assert_eq!(checked, 28, "10 blocks and 18 tampered ones");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
