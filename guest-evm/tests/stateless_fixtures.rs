//! The EIP-8025 cases of tests-zkevm v0.3.3 (Amsterdam), whose schema is older than the EIP's.

#[path = "common/data.rs"]
mod data;
#[path = "common/files.rs"]
mod files;

use data::data_dir;
use files::files;
use tern_guest_evm::stateless::{Layout, StatelessInput};

struct Case {
    name: String,
    input: Vec<u8>,
    output: Vec<u8>,
}

fn cases() -> Option<Vec<Case>> {
    let data = data_dir()?;
    let mut cases = Vec::new();
    for path in files(&data.join("eest-zkevm-amsterdam")) {
        let file: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for (name, test) in file.as_object().unwrap() {
            for block in test["blocks"].as_array().unwrap() {
                let bytes = |field: &str| hex::decode(&block[field].as_str().unwrap()[2..]).unwrap();
                cases.push(Case { name: name.clone(), input: bytes("statelessInputBytes"), output: bytes("statelessOutputBytes") });
            }
        }
    }
    assert_eq!(cases.len(), 85);
    Some(cases)
}

#[test]
fn payload_roots_and_chain_ids_are_those_of_the_fixtures() {
    for case in cases().into_iter().flatten() {
        let input = StatelessInput::decode(&case.input, Layout::Plain).unwrap();
        assert_eq!(input.request.root(Layout::Plain).as_slice(), &case.output[..32], "{}", case.name);
        assert_eq!(input.chain_id.to_le_bytes(), case.output[33..], "{}", case.name);
    }
}
