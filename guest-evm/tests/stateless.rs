//! EIP-8025's inputs: roots by another library, real blocks, public keys, and everything that is no input.

#[path = "common/data.rs"]
mod data;
#[path = "common/files.rs"]
mod files;

use std::path::Path;
use std::sync::OnceLock;

use alloy_primitives::{B256, hex};
use data::data_dir;
use files::files;
use proptest::prelude::*;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::sample::sample_block;
use tern_guest_evm::stateless::input::PUBLIC_KEY_BYTES;
use tern_guest_evm::stateless::ssz::SszError;
use tern_guest_evm::stateless::{self, BuildError, Layout, Schema, StatelessError, StatelessInput, StatelessOutput, StatelessVerdict};
use tern_guest_evm::{Answer, Invalid, answer};

fn vector_file(name: &str) -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

struct Vector {
    input: Vec<u8>,
    root: B256,
    chain_id: u64,
}

/// Inputs with their roots by eth-remerkleable (`vectors/stateless.py`).
fn vectors() -> &'static [Vector] {
    static VECTORS: OnceLock<Vec<Vector>> = OnceLock::new();
    VECTORS.get_or_init(|| {
        let file = vector_file("stateless.json");
        let vectors = file.as_array().unwrap().iter().map(|vector| Vector {
            input: hex::decode(vector["input"].as_str().unwrap()).unwrap(),
            root: vector["root"].as_str().unwrap().parse().unwrap(),
            chain_id: vector["chainId"].as_str().unwrap().parse().unwrap(),
        });
        vectors.collect()
    })
}

/// A sample block's input, and under which configuration it is valid: no known chain has it.
fn sample() -> &'static (BlockFile, Vec<u8>) {
    static SAMPLE: OnceLock<(BlockFile, Vec<u8>)> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let file = sample_block(6, 3).unwrap();
        let input = file.parts().unwrap().stateless_input().unwrap();
        (file, input)
    })
}

/// Validates the input under the configuration of a block file, whatever the chain id says.
fn check(file: &BlockFile, schema: Schema, input: &StatelessInput<'_>) -> Result<(), StatelessError> {
    let root = input.request.root(Layout::Progressive);
    stateless::check(schema, input, &root, &file.parts().unwrap().config)
}

/// An output says what was decoded, or nothing.
fn assert_consistent(bytes: &[u8], verdict: &StatelessVerdict) {
    assert_eq!(verdict.output.is_valid, verdict.reason.is_none());
    match stateless::decode(bytes) {
        Ok((schema, input)) => {
            assert_eq!(input.encode(schema), bytes, "two encodings of one input");
            assert_eq!(verdict.output.request_root, input.request.root(Layout::Progressive));
            assert_eq!((verdict.output.chain_id, verdict.output.schema_id), (input.chain_id, schema.id()));
        }
        Err(error) => assert_undecodable(verdict, error),
    }
}

fn assert_undecodable(verdict: &StatelessVerdict, error: SszError) {
    assert_eq!(verdict.output.encode(), [0; 43]);
    assert_eq!(verdict.reason, Some(StatelessError::Undecodable(error)));
}

#[test]
fn roots_and_encodings_are_those_of_another_library() {
    assert_eq!(vectors().len(), 9);
    for (index, Vector { input, root, chain_id }) in vectors().iter().enumerate() {
        let (schema, decoded) = stateless::decode(input).unwrap();
        assert_eq!(schema, Schema::AMSTERDAM);
        assert_eq!(decoded.request.root(Layout::Progressive), *root, "{index}");
        assert_eq!(decoded.encode(schema), *input, "{index}");
        let verdict = stateless::validate(input);
        assert_eq!(verdict.reason, Some(StatelessError::UnknownChain(*chain_id)));
        let output = [root.as_slice(), &[0], &chain_id.to_le_bytes(), &[0x01, 0x15]].concat();
        assert_eq!(verdict.output.encode(), *output, "{index}");
    }
}

#[test]
fn real_blocks_are_valid_as_stateless_inputs() {
    let Some(data) = data_dir() else { return };
    let roots = vector_file("stateless_blocks.json");
    let mut checked = 0;
    for path in files(&data.join("blocks")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let parts = BlockFile::parse(&std::fs::read(&path).unwrap()).unwrap().parts().unwrap();
        let bytes = parts.stateless_input().unwrap();
        let verdict = stateless::validate(&bytes);
        let schema = u16::from_be_bytes([bytes[0], bytes[1]]);
        let expected = StatelessOutput {
            request_root: roots[name].as_str().unwrap().parse().unwrap(),
            is_valid: true,
            chain_id: parts.config.chain_id,
            schema_id: schema,
        };
        assert_eq!(verdict, StatelessVerdict { output: expected, reason: None }, "{name}");
        assert_consistent(&bytes, &verdict);
        checked += 1;
    }
    assert_eq!(checked, 10);
}

#[test]
fn tampered_blocks_get_their_expected_verdicts() {
    let Some(data) = data_dir() else { return };
    let (mut checked, mut without_input) = (0, 0);
    for path in files(&data.join("blocks-negative")) {
        let file = BlockFile::parse(&std::fs::read(&path).unwrap()).unwrap();
        let is_valid = file.info.as_ref().unwrap().expect.as_deref() == Some("accept");
        match file.parts().unwrap().stateless_input() {
            Ok(bytes) => assert_eq!(stateless::validate(&bytes).output.is_valid, is_valid, "{}", path.display()),
            Err(error) => {
                println!("{}: {error}", path.display());
                assert!(!is_valid);
                without_input += 1;
            }
        }
        checked += 1;
    }
    println!("{without_input} of {checked} have no stateless input");
    assert_eq!(checked, 18);
}

#[test]
fn eest_cases_get_their_expected_verdicts_as_stateless_inputs() {
    let Some(data) = data_dir() else { return };
    let (mut checked, mut without_input) = (0, 0);
    for path in files(&data.join("eest-plain")) {
        for case in BlockFile::parse_list(&std::fs::read(&path).unwrap()).unwrap() {
            let is_valid = case.expect.as_deref() == Some("accept");
            let name = case.name.as_deref().unwrap();
            match case.parts().unwrap().stateless_input() {
                Ok(bytes) => {
                    let (schema, input) = stateless::decode(&bytes).unwrap();
                    let result = check(&case, schema, &input);
                    assert_eq!(result.is_ok(), is_valid, "{name}: {result:?}");
                }
                // Some cases replace a system contract by one whose requests have no such length.
                Err(error) => {
                    assert!(!is_valid || matches!(error, BuildError::RequestLength(..)), "{name}: {error}");
                    println!("{name}: {error}");
                    without_input += 1;
                }
            }
            checked += 1;
        }
    }
    println!("{without_input} of {checked} have no stateless input");
    assert_eq!(checked, 993);
    assert_eq!(without_input, 25);
}

#[test]
fn public_keys_must_be_those_of_the_signers() {
    let (file, bytes) = sample();
    let (schema, input) = stateless::decode(bytes).unwrap();
    let own = input.public_keys.unwrap();
    let with = |keys: Option<&[[u8; PUBLIC_KEY_BYTES]]>| check(file, schema, &StatelessInput { public_keys: keys, ..input.clone() });
    assert_eq!(with(Some(own)), Ok(()));
    assert_eq!(with(None), Ok(()), "recovered");

    let count = |keys| Err(StatelessError::PublicKeyCount { keys, transactions: own.len() });
    assert_eq!(with(Some(&[])), count(0));
    assert_eq!(with(Some(&own[1..])), count(own.len() - 1));
    assert_eq!(with(Some(&[own, &own[..1]].concat())), count(own.len() + 1));

    let second = own.iter().position(|key| *key != own[0]).unwrap();
    let wrong = Err(StatelessError::Block(Invalid::PublicKey(second)));
    let mut compressed_tag = own[second];
    compressed_tag[0] = 2;
    let mut negated = own[second];
    // y becomes p - y, whose point verifies no signature of the key but has its x.
    negated[33..].copy_from_slice(&(SECP256K1_P - alloy_primitives::U256::from_be_slice(&own[second][33..])).to_be_bytes::<32>());
    let mut empty = [0; PUBLIC_KEY_BYTES];
    empty[0] = 4;
    for key in [own[0], compressed_tag, negated, empty, [0; PUBLIC_KEY_BYTES]] {
        let mut keys = own.to_vec();
        keys[second] = key;
        assert_eq!(with(Some(&keys)), wrong, "{key:02x?}");
    }
}

const SECP256K1_P: alloy_primitives::U256 = alloy_primitives::U256::from_limbs([0xffff_fffe_ffff_fc2f, u64::MAX, u64::MAX, u64::MAX]);

#[test]
fn a_request_that_is_not_the_blocks_is_refused() {
    let (file, bytes) = sample();
    let (schema, input) = stateless::decode(bytes).unwrap();
    let refusal = |change: &dyn Fn(&mut StatelessInput<'_>)| {
        let mut changed = input.clone();
        change(&mut changed);
        check(file, schema, &changed).unwrap_err()
    };
    assert!(matches!(refusal(&|input| input.request.payload.gas_used += 1), StatelessError::BlockHash { .. }));
    assert!(matches!(refusal(&|input| input.request.parent_beacon_block_root = &[7; 32]), StatelessError::BlockHash { .. }));
    assert_eq!(refusal(&|input| input.request.versioned_hashes = &[[1; 32]]), StatelessError::VersionedHashes);
    assert_eq!(refusal(&|input| input.request.payload.slot_number = 1), StatelessError::UnusedField("slot number"));
    assert_eq!(refusal(&|input| input.request.payload.block_access_list = &[0xc0]), StatelessError::UnusedField("block access list"));
    assert_eq!(refusal(&|input| input.request.payload.base_fee_per_gas = &[0xff; 32]), StatelessError::BaseFee);
    assert_eq!(refusal(&|input| input.request.payload.transactions[2] = &[]), StatelessError::EmptyTransaction(2));
    assert!(matches!(refusal(&|input| input.witness.headers.clear()), StatelessError::Block(Invalid::Header(_))));
    assert!(matches!(refusal(&|input| input.witness.headers.insert(0, &[0xc0])), StatelessError::Block(Invalid::HeaderRlp(..))));
}

#[test]
fn the_schema_must_be_that_of_the_chains_fork() {
    let Some(data) = data_dir() else { return };
    let file = BlockFile::parse(&std::fs::read(data.join("blocks/mainnet_22615247_prague.json")).unwrap()).unwrap();
    let mut bytes = file.parts().unwrap().stateless_input().unwrap();
    assert_eq!(bytes[..2], [0x11, 0x01]);
    for fork in [0x10, 0x12, 0x13, 0x14, 0x15] {
        bytes[0] = fork;
        let verdict = stateless::validate(&bytes);
        let got = u16::from_be_bytes([fork, 1]);
        assert_eq!(verdict.reason, Some(StatelessError::OtherFork { got, expected: Some(0x1101) }));
        assert_eq!((verdict.output.schema_id, verdict.output.chain_id), (got, 1));
        assert_ne!(verdict.output.request_root, B256::ZERO);
    }
}

#[test]
fn what_is_no_input_is_undecodable() {
    let bytes = vectors()[5].input.clone();
    let with_offset = |at: usize, offset: u32| {
        let mut changed = bytes.clone();
        changed[at..at + 4].copy_from_slice(&offset.to_le_bytes());
        changed
    };
    let witness = u32::from_le_bytes(*bytes[6..].first_chunk().unwrap());
    let shifted = [&bytes[..2], &[21], &bytes[3..6], &(witness + 1).to_le_bytes(), &bytes[10..], &[0xff]].concat();
    let foreign = [&bytes[..2], b"Here stands something that is no SSZ at all, but long enough."].concat();
    let cases: [(&str, Vec<u8>); 12] = [
        ("empty", vec![]),
        ("half a schema id", vec![0x15]),
        ("other revision", [&[0x15, 0x02], &bytes[2..]].concat()),
        ("later fork", [&[0x16, 0x01], &bytes[2..]].concat()),
        ("earlier fork", [&[0x0f, 0x01], &bytes[2..]].concat()),
        ("schema id alone", vec![0x15, 0x01]),
        ("no schema id", bytes[2..].to_vec()),
        ("no witness", bytes[..2 + witness as usize].to_vec()),
        ("first offset inside the fixed part", with_offset(2, 1)),
        ("offset that goes back", with_offset(6, 19)),
        ("shifted offsets", shifted),
        ("foreign bytes", foreign),
    ];
    for (name, case) in cases {
        let verdict = stateless::validate(&case);
        assert!(matches!(verdict.reason, Some(StatelessError::Undecodable(_))), "{name}: {:?}", verdict.reason);
        assert_eq!(verdict.output.encode(), [0; 43], "{name}");
        assert_eq!(answer(&case).public_output(), [0; 43], "{name}");
    }
}

#[test]
fn limits_hold_exactly() {
    let (schema, input) = stateless::decode(&vectors()[1].input).unwrap();
    let decodes = |change: &dyn Fn(&mut StatelessInput<'_>)| {
        let mut changed = input.clone();
        change(&mut changed);
        stateless::decode(&changed.encode(schema)).map(drop)
    };
    static ZEROS: [u8; (1 << 16) + 1] = [0; (1 << 16) + 1];
    let over = |what, limit: usize| Err(SszError::Limit { what, limit, got: limit + 1 });
    type Lengthen = fn(&mut StatelessInput<'_>, usize);
    let cases: [(&str, usize, Lengthen); 5] = [
        ("extra data", 32, |input, size| input.request.payload.extra_data = &ZEROS[..size]),
        ("trie nodes", 1 << 10, |input, size| input.witness.state.push(&ZEROS[..size])),
        ("codes", 1 << 16, |input, size| input.witness.codes.push(&ZEROS[..size])),
        ("headers", 1 << 10, |input, size| input.witness.headers.push(&ZEROS[..size])),
        ("headers", 256, |input, size| input.witness.headers = vec![&[]; size]),
    ];
    for (what, limit, set) in cases {
        assert_eq!(decodes(&|input| set(input, limit)), Ok(()), "{what}");
        assert_eq!(decodes(&|input| set(input, limit + 1)), over(what, limit));
    }
}

#[test]
fn every_truncation_gets_an_output() {
    for Vector { input, .. } in &vectors()[..7] {
        for len in 0..input.len() {
            let verdict = stateless::validate(&input[..len]);
            assert_consistent(&input[..len], &verdict);
            assert!(!verdict.output.is_valid);
        }
    }
}

#[test]
fn every_other_offset_gets_an_output() {
    // Wherever the offsets are, each is tried, and so is every other word.
    let input = &vectors()[5].input;
    for at in 2..input.len() - 4 {
        let word = u32::from_le_bytes(*input[at..].first_chunk().unwrap());
        for other in [0, 3, word.wrapping_sub(1), word.wrapping_add(1), word.wrapping_add(4), input.len() as u32, u32::MAX] {
            let mut changed = input.clone();
            changed[at..at + 4].copy_from_slice(&other.to_le_bytes());
            assert_consistent(&changed, &stateless::validate(&changed));
        }
    }
}

#[test]
fn answers_are_by_the_kind_of_the_input() {
    let (file, bytes) = sample();
    let statement = file.guest_input().unwrap();
    let Answer::Statement(verdict) = answer(&statement) else { panic!("a statement") };
    assert!(verdict.is_valid());
    assert_eq!(answer(&statement).public_output(), verdict.public_output());
    assert_eq!(answer(bytes), Answer::Stateless(stateless::validate(bytes)));
    assert_eq!(answer(&statement[..8]).public_output().len(), 192);
    assert_eq!(answer(&statement[..7]).public_output(), [0; 43]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn mutated_inputs_get_an_output(
        vector in 0usize..9,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        insert in prop::collection::vec(any::<u8>(), 0..5),
    ) {
        let mut bytes = vectors()[vector].input.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            let at = cut.index(bytes.len());
            bytes.splice(at..at, insert);
        }
        assert_consistent(&bytes, &stateless::validate(&bytes));
    }

    #[test]
    fn mutated_requests_are_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (file, bytes) = sample();
        let (_, input) = stateless::decode(bytes).unwrap();
        // The witness may hold more than is needed, and is no part of the root.
        let witness = u32::from_le_bytes(*bytes[6..].first_chunk().unwrap()) as usize;
        let mut changed = bytes.clone();
        let at = 22 + at.index(witness - 20);
        changed[at] = byte;
        prop_assume!(changed != *bytes);
        if let Ok((schema, other)) = stateless::decode(&changed) {
            prop_assert_ne!(other.request.root(Layout::Progressive), input.request.root(Layout::Progressive));
            prop_assert!(check(file, schema, &other).is_err(), "a change at {at}");
        }
    }

    #[test]
    fn arbitrary_bytes_get_an_output(bytes in prop::collection::vec(any::<u8>(), 0..300), prefixed in any::<bool>()) {
        let bytes = if prefixed { [&[0x15, 0x01, 20, 0, 0, 0], bytes.as_slice()].concat() } else { bytes };
        assert_consistent(&bytes, &stateless::validate(&bytes));
    }
}
