//! Bad input of every kind: a typed error or the verdict "invalid", never a panic.

mod common;

use std::sync::OnceLock;

use common::{data_dir, validate_file};
use proptest::prelude::*;
use tern_guest_evm::forks::ScheduleError;
use tern_guest_evm::input::{CONFIG_START, INPUT_VERSION, Input, InputError};
use tern_guest_evm::json::{BlockFile, JsonError};
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::sample::sample_block;
use tern_guest_evm::{Invalid, Verdict, validate};

/// Where the block begins: the sample's schedule has one fork.
const BODY: usize = CONFIG_START + 48 + 40;

fn sample() -> &'static (BlockFile, Vec<u8>) {
    static SAMPLE: OnceLock<(BlockFile, Vec<u8>)> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let file = sample_block(10, 9).unwrap();
        let input = file.salted_guest_input(&TEST_SALT).unwrap();
        (file, input)
    })
}

fn sample_hash() -> &'static str {
    sample().0.info.as_ref().unwrap().hash.as_deref().unwrap()
}

/// A verdict is consistent: valid with no reason, or invalid with one and no post-state.
fn assert_consistent(verdict: &Verdict) {
    assert_eq!(verdict.is_valid(), verdict.reason.is_none());
    assert_eq!(verdict.is_valid(), !verdict.output.post_state_root.is_zero());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn truncated_input_is_refused(cut in any::<prop::sample::Index>()) {
        let (_, input) = sample();
        let verdict = validate(&input[..cut.index(input.len())]);
        let is_truncated = matches!(verdict.reason, Some(Invalid::Input(InputError::Truncated { .. })));
        prop_assert!(is_truncated, "{:?}", verdict.reason);
        assert_consistent(&verdict);
    }

    #[test]
    fn mutated_input_gets_a_verdict(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        more in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let (_, input) = sample();
        let mut changed = input.clone();
        for (at, byte) in std::iter::once((at, byte)).chain(more) {
            let at = at.index(changed.len());
            changed[at] = byte;
        }
        let verdict = validate(&changed);
        assert_consistent(&verdict);
        // Some header fields (randao, extra data) are free: then it is another block. So is the salt.
        let is_same = verdict.output.block_hash.to_string() == sample_hash();
        if is_same && changed[BODY..] != input[BODY..] {
            prop_assert!(!verdict.is_valid(), "a change at {} was accepted", at.index(changed.len()));
        }
    }

    #[test]
    fn mutated_blocks_get_a_verdict(
        at in any::<prop::sample::Index>(),
        insert in prop::collection::vec(any::<u8>(), 0..4),
        remove in 0usize..4,
    ) {
        // A change that keeps the input's frame intact reaches deeper.
        let (file, _) = sample();
        let mut parts = file.parts().unwrap();
        let start = at.index(parts.block.len());
        let end = (start + remove).min(parts.block.len());
        let old = parts.block.clone();
        parts.block.splice(start..end, insert);
        let verdict = validate(&parts.encode(&TEST_SALT));
        assert_consistent(&verdict);
        if verdict.output.block_hash.to_string() == sample_hash() {
            prop_assert_eq!(verdict.is_valid(), parts.block == old);
        }
    }

    #[test]
    fn arbitrary_blocks_get_a_verdict(block in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut parts = sample().0.parts().unwrap();
        parts.block = block;
        let verdict = validate(&parts.encode(&TEST_SALT));
        prop_assert!(!verdict.is_valid());
        assert_consistent(&verdict);
    }

    #[test]
    fn mutated_json_is_an_error_or_gets_a_verdict(at in any::<prop::sample::Index>(), byte in 32u8..127) {
        let mut json = serde_json::to_vec(&sample().0).unwrap();
        let at = at.index(json.len());
        json[at] = byte;
        if let Ok(input) = BlockFile::parse(&json).and_then(|file| file.guest_input()) {
            assert_consistent(&validate(&input));
        }
    }

    #[test]
    fn truncated_json_is_an_error(cut in any::<prop::sample::Index>()) {
        let json = serde_json::to_vec(&sample().0).unwrap();
        let parsed = BlockFile::parse(&json[..cut.index(json.len())]);
        prop_assert!(matches!(parsed, Err(JsonError::Json(_))));
    }
}

#[test]
fn lengths_beyond_the_input_are_refused_without_allocating() {
    let (_, input) = sample();
    let frame = [BODY, BODY + 8 + block_size(input)];
    for at in frame {
        for length in [u64::MAX, u64::MAX / 2, 1 << 40, input.len() as u64] {
            let mut changed = input.clone();
            changed[at..at + 8].copy_from_slice(&length.to_le_bytes());
            let reason = Input::parse(&changed).unwrap_err();
            assert!(matches!(reason, InputError::Truncated { .. }), "{at} {length}: {reason}");
        }
    }
}

fn block_size(input: &[u8]) -> usize {
    Input::parse(input).unwrap().block.len().next_multiple_of(8)
}

#[test]
fn foreign_input_names_what_is_wrong() {
    let (_, input) = sample();
    let change = |at: usize, bytes: &[u8]| {
        let mut changed = input.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        Input::parse(&changed).map(|_| ())
    };
    assert_eq!(change(0, &[1]), Err(InputError::InputVersion(1)));
    assert_eq!(change(0, &[INPUT_VERSION as u8]), Ok(()));
    assert_eq!(change(8, &[0xaa; CONFIG_START - 8]), Ok(()), "any salt will do");
    let change = |at: usize, bytes: &[u8]| change(CONFIG_START + at, bytes);
    assert_eq!(change(0, &[7]), Err(InputError::Version(7)));
    assert_eq!(change(36, &[1]), Err(InputError::Padding(CONFIG_START + 40)));
    let refused = |error: ScheduleError| Err(InputError::Schedule(error));
    for count in [0, 65, 1 << 40, u64::MAX] {
        assert_eq!(change(40, &count.to_le_bytes()), refused(ScheduleError::Count(count)));
    }
    for id in [0u64, 9, 1 << 32 | 3] {
        assert_eq!(change(48, &id.to_le_bytes()), refused(ScheduleError::UnknownRules { index: 0, id }));
    }
    // More blobs aimed at than allowed; none allowed; an update fraction of zero. The fork is Osaka.
    for (at, number) in [(64, 10u64), (72, 0), (72, 1 << 20 | 1), (80, 0)] {
        let error = change(at, &number.to_le_bytes());
        assert!(matches!(error, Err(InputError::Schedule(ScheduleError::Blobs { index: 0, .. }))), "{error:?}");
    }
    let longer = [input.as_slice(), &[0; 8]].concat();
    assert_eq!(Input::parse(&longer).map(|_| ()), Err(InputError::Trailing(8)));
}

#[test]
fn foreign_json_says_where_it_is_wrong() {
    let (file, _) = sample();
    let error = |change: &dyn Fn(&mut BlockFile)| {
        let mut changed = file.clone();
        change(&mut changed);
        changed.guest_input().unwrap_err().to_string()
    };
    assert_eq!(error(&|file| file.block = "f90".into()), "block: bad hex: no 0x prefix",);
    assert!(error(&|file| file.witness.state[3] = "0xabc".into()).starts_with("witness.state[3]: bad hex"));
    assert!(error(&|file| file.witness.codes[0] = "0xzz".into()).starts_with("witness.codes[0]: bad hex"));
    assert!(error(&|file| file.witness.headers[0] = "0xc0".into()).starts_with("witness.headers[0]: bad header RLP"));
    assert_eq!(error(&|file| file.info = None), "missing field info or fork");
    assert!(error(&|file| file.info.as_mut().unwrap().fork_exact = Some("Berlin".into())).contains("unknown fork \"Berlin\""));
    assert!(error(&|file| file.info.as_mut().unwrap().chain = "mainnet".into()).contains("no configuration for chain 1337"));
    let missing = BlockFile::parse(br#"{"info": {"chainId": 1}, "block": "0x"}"#).unwrap_err();
    assert!(missing.to_string().contains("missing field `witness`"), "{missing}");
    assert!(matches!(BlockFile::parse(b"<html>"), Err(JsonError::Json(_))));
}

#[test]
fn a_fork_that_contradicts_the_schedule_is_refused() {
    let Some(data) = data_dir() else { return };
    let json = std::fs::read(data.join("blocks/mainnet_21688509_cancun.json")).unwrap();
    let mut file = BlockFile::parse(&json).unwrap();
    file.info.as_mut().unwrap().fork_exact = Some("Prague".into());
    assert!(matches!(file.guest_input(), Err(JsonError::ForkMismatch { .. })));
}

#[test]
fn every_part_of_a_real_witness_counts() {
    let Some(data) = data_dir() else { return };
    let json = std::fs::read(data.join("blocks/mainnet_21688509_cancun.json")).unwrap();
    let file = BlockFile::parse(&json).unwrap();
    let mut cut = file.clone();
    cut.witness.headers.clear();
    let reason = validate_file(&cut).reason.unwrap();
    assert!(reason.is_incomplete_witness(), "{reason}");
    cut = file.clone();
    cut.witness.codes.clear();
    let reason = validate_file(&cut).reason.unwrap();
    assert!(reason.is_incomplete_witness(), "{reason}");
    cut = file;
    cut.witness.state.clear();
    let reason = validate_file(&cut).reason.unwrap();
    assert!(reason.is_incomplete_witness(), "{reason}");
}

#[test]
fn nested_lists_do_not_recurse() {
    // A tower of ten thousand lists, as block, as header and as trie node.
    let mut tower = vec![0xc0];
    for _ in 0..10_000 {
        let mut outer = Vec::new();
        alloy_rlp::Header { list: true, payload_length: tower.len() }.encode(&mut outer);
        outer.extend_from_slice(&tower);
        tower = outer;
    }
    let (file, _) = sample();
    for part in 0..3 {
        let mut parts = file.parts().unwrap();
        match part {
            0 => parts.block = tower.clone(),
            1 => parts.headers[0] = tower.clone(),
            _ => parts.nodes[0] = tower.clone(),
        }
        let verdict = validate(&parts.encode(&TEST_SALT));
        assert_consistent(&verdict);
        assert!(!verdict.is_valid());
    }
}
