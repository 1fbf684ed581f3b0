//! No output, and no reason either, depends on the salt.

#[path = "common/data.rs"]
mod data;
#[path = "common/files.rs"]
mod files;

use std::sync::Mutex;

use alloy_primitives::U256;
use alloy_primitives::map::U256Map;
use data::data_dir;
use files::files;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::salt::{self, Salt};
use tern_guest_evm::sample::{SampleChain, sample_block};
use tern_guest_evm::{chains, validate};

/// Four of which no two take one of the 64 sets of keys that a process makes.
const SALTS: [Salt; 4] = [[0; 32], [1; 32], [0x5a; 32], [0xfe; 32]];

/// Threads share the keys of new maps: only one test at a time may install them.
static INSTALLING: Mutex<()> = Mutex::new(());

#[test]
fn the_salts_differ() {
    let _only = INSTALLING.lock();
    let orders = SALTS.map(|salt| {
        salt::install(&salt);
        let map: U256Map<()> = (0..100u64).map(|key| (U256::from(key), ())).collect();
        map.into_keys().collect::<Vec<_>>()
    });
    for (index, order) in orders.iter().enumerate() {
        assert!(!orders[..index].contains(order), "{index}");
    }
}

/// The output and reason under the first salt; under the others both must be the same.
fn check(name: &str, file: &BlockFile) {
    let verdicts = SALTS.map(|salt| {
        let verdict = validate(&file.salted_guest_input(&salt).unwrap());
        (verdict.public_output(), verdict.reason)
    });
    for (salt, verdict) in SALTS.iter().zip(&verdicts) {
        assert_eq!(*verdict, verdicts[0], "{name} under salt {:02x}", salt[0]);
    }
}

#[test]
fn real_tampered_and_found_blocks_give_one_output_under_every_salt() {
    let _only = INSTALLING.lock();
    let Some(data) = data_dir() else { return };
    let mut checked = 0;
    for folder in ["blocks", "blocks-negative", "blocks-findings"] {
        for path in files(&data.join(folder)) {
            check(&path.display().to_string(), &BlockFile::parse(&std::fs::read(&path).unwrap()).unwrap());
            checked += 1;
        }
    }
    assert_eq!(checked, 34);
}

#[test]
fn eest_cases_give_one_output_under_every_salt() {
    let _only = INSTALLING.lock();
    let Some(data) = data_dir() else { return };
    let mut checked = 0;
    for path in files(&data.join("eest-plain")) {
        for case in BlockFile::parse_list(&std::fs::read(&path).unwrap()).unwrap() {
            check(case.name.as_deref().unwrap(), &case);
            checked += 1;
        }
    }
    assert_eq!(checked, 993);
}

#[test]
fn cut_witnesses_give_one_reason_under_every_salt() {
    let _only = INSTALLING.lock();
    check_cut(&sample_block(12, 5).unwrap());
}

/// With several parts missing, the reason is the first that is missed.
fn check_cut(file: &BlockFile) {
    for step in 2..12 {
        let mut cut = file.clone();
        let mut place = 0;
        cut.witness.state.retain(|_| {
            place += 1;
            place % step != 0
        });
        check(&format!("every {step}th node missing"), &cut);
    }
}

#[test]
fn block_access_lists_are_the_same_under_every_salt() {
    let _only = INSTALLING.lock();
    let config = chains::from_genesis(77, "Amsterdam").unwrap();
    let chain = SampleChain { config: &config, timestamps: &[12, 24], txs: 12, blobs: 1, seed: 6 };
    for mut file in chain.make().unwrap() {
        file.info.as_mut().unwrap().chain = chains::SYNTHETIC.into();
        assert_eq!(validate(&file.guest_input().unwrap()).reason, None);
        check("Amsterdam", &file);
        check_cut(&file);
    }
}
