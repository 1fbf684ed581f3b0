//! The EIP-8025 cases of tests-zkevm v0.3.3 (Amsterdam), whose schema is older than the EIP's.

#[path = "common/data.rs"]
mod data;
#[path = "common/files.rs"]
mod files;

use data::data_dir;
use files::files;
use tern_guest_evm::chains;
use tern_guest_evm::forks::Fork;
use tern_guest_evm::stateless::{self, Layout, Schema, StatelessError, StatelessInput};

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

/// The rules of Amsterdam are not there yet, so no block of it is valid; but its header's hash is the payload's.
#[test]
fn payloads_have_the_headers_of_the_fixtures() {
    let config = chains::from_genesis(1, Fork::Bpo2);
    let (mut agreeing, mut differing) = (Vec::new(), Vec::new());
    for case in cases().into_iter().flatten() {
        let input = StatelessInput::decode(&case.input, Layout::Plain).unwrap();
        let result = stateless::check(Schema::AMSTERDAM, &input, &input.request.root(Layout::Plain), &config);
        let expected = case.output[32] == 1;
        let is_of_the_front_end = !matches!(result, Ok(()) | Err(StatelessError::Block(_)));
        assert!(!(expected && is_of_the_front_end), "{}: {result:?}", case.name);
        let list = if result.is_ok() == expected { &mut agreeing } else { &mut differing };
        list.push(format!("{}: {result:?}", case.name));
    }
    println!("success agrees in {}:\n{}", agreeing.len(), agreeing.join("\n"));
    println!("success differs in {}:\n{}", differing.len(), differing.join("\n"));
}
