//! Frozen proofs about blocks: what is accepted of whom, and that everything else is refused with a
//! reason of its own.
//!
//! `vectors/README.md` says what the files are.

use tern_verifier::block::{
    BlockOutput, BlockRejection, Chain, ExpectedBlock, ExpectedPayload, Hash, OUTPUT_BYTES, OutputError, PAYLOAD_OUTPUT_BYTES,
    PayloadOutput, PayloadOutputError, PayloadRejection, Rules, UnknownRules, Verdict, parse_hash, verify_block, verify_payload,
};
use tern_verifier::package::{self, Class};
use tern_verifier::segments::{Expected, Rejection};
use tern_verifier::{KeyError, VerifyingKey, verify};

/// Hash of the configuration under which the invented block is valid: chain id 1, Osaka from genesis.
const INVENTED_CONFIG: &str = "0xf4daa929547ed81ee00c994ba40842606ebc14276d76e85be81bb6e3fef75c01";
const INVENTED_BLOCK: &str = "0x429072b072eb47c7063938fb0a0380dacf2c9f82a670028c00749d521dfc1d12";
const MAINNET_BLOCK: &str = "0xc19ed13283a0ccd0015cf8baf764f89b7e4ce60c452913f666b2381d4d6f3198";
const MAINNET_POST_STATE: &str = "0xe9f95533d7f83b736fa4f972e04077bb2bc20dae511a9a1da270ff1411f5dfb1";

fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn key() -> VerifyingKey {
    VerifyingKey::from_file(&file("block.vkey")).expect("a key")
}

fn hash(text: &str) -> Hash {
    parse_hash(text).expect("a hash")
}

/// What is said of the proof if `expected` is expected. The packages' call must say the same.
#[track_caller]
fn outcome(name: &str, expected: &ExpectedBlock) -> Result<BlockOutput, BlockRejection> {
    let proof = file(name);
    let outcome = verify_block(&proof, &key(), expected);
    match (&outcome, package::verify_block(&proof, &file("block.vkey"), expected)) {
        (Ok(block), Ok((verified, same))) => {
            assert_eq!((block, &block.encode()), (&same, &verified.output));
            assert_eq!((verified.kind, verified.exit_code, verified.key_digest), (2, 0, key().digest()));
        }
        (Err(rejection), Err(refusal)) => assert_eq!(rejection.to_string(), refusal.reason),
        (one, other) => panic!("{one:?} and {other:?}"),
    }
    outcome
}

#[track_caller]
fn rejection(name: &str, expected: &ExpectedBlock) -> BlockRejection {
    outcome(name, expected).expect_err("a rejection")
}

#[test]
fn a_block_of_mainnet_is_accepted_as_one() {
    let expected = ExpectedBlock::valid(Chain::Mainnet).with_hash(hash(MAINNET_BLOCK));
    let block = outcome("block-mainnet.final", &expected).expect("an accepted block");
    assert_eq!((block.chain(), block.chain_id, block.verdict), (Some(Chain::Mainnet), 1, Verdict::Valid));
    assert_eq!(block.chain_config, *Chain::Mainnet.config_hash());
    assert_eq!((block.block_hash, block.post_state_root), (hash(MAINNET_BLOCK), hash(MAINNET_POST_STATE)));
    for rules in [Rules::Known, Rules::Any, Rules::Config(*Chain::Mainnet.config_hash())] {
        assert_eq!(outcome("block-mainnet.final", &ExpectedBlock::valid(rules)), Ok(block));
    }
    for rules in [Rules::Chain(Chain::Sepolia), Rules::Chain(Chain::Hoodi), Rules::Config(hash(INVENTED_CONFIG))] {
        let other = BlockRejection::OtherRules { expected: rules, got: *Chain::Mainnet.config_hash(), chain_id: 1 };
        assert_eq!(rejection("block-mainnet.final", &ExpectedBlock::valid(rules)), other);
    }
    let other = hash(INVENTED_BLOCK);
    let rejected = rejection("block-mainnet.final", &ExpectedBlock::valid(Chain::Mainnet).with_hash(other));
    assert_eq!(rejected, BlockRejection::OtherBlock { expected: other, got: hash(MAINNET_BLOCK) });
    assert_eq!(rejected.to_string(), format!("the proof holds, but is about block {MAINNET_BLOCK}, not {INVENTED_BLOCK}"));
    let invalid = ExpectedBlock { verdict: Verdict::Invalid, ..expected };
    let rejected = rejection("block-mainnet.final", &invalid);
    assert_eq!(rejected, BlockRejection::OtherVerdict { expected: Verdict::Invalid, got: Verdict::Valid, block_hash: hash(MAINNET_BLOCK) });
}

/// Chain id 1 and the verdict "valid", under rules that its maker wrote: no block of mainnet.
#[test]
fn an_invented_block_with_chain_id_1_is_no_block_of_mainnet() {
    for rules in [Rules::Known, Rules::Chain(Chain::Mainnet), Rules::Chain(Chain::Sepolia)] {
        for expected in [ExpectedBlock::valid(rules), ExpectedBlock::valid(rules).with_hash(hash(INVENTED_BLOCK))] {
            let rejected = rejection("block-invented.final", &expected);
            assert_eq!(rejected, BlockRejection::OtherRules { expected: rules, got: hash(INVENTED_CONFIG), chain_id: 1 });
            let text = rejected.to_string();
            let found = format!("under the rules of the chain configuration {INVENTED_CONFIG} with chain id 1, which no known chain has");
            assert!(text.contains(&found) && text.ends_with(&format!("not of {rules}")), "{text}");
        }
    }
    for rules in [Rules::Any, Rules::Config(hash(INVENTED_CONFIG))] {
        let block = outcome("block-invented.final", &ExpectedBlock::valid(rules)).expect("who asks for these rules gets them");
        assert_eq!((block.chain(), block.chain_id, block.block_hash), (None, 1, hash(INVENTED_BLOCK)));
    }
}

#[test]
fn a_proof_of_the_verdict_invalid_shows_no_block() {
    for rules in [Rules::Chain(Chain::Mainnet), Rules::Known, Rules::Any] {
        let rejected = rejection("block-invalid.final", &ExpectedBlock::valid(rules));
        let BlockRejection::OtherVerdict { expected: Verdict::Valid, got: Verdict::Invalid, .. } = rejected else {
            panic!("{rejected:?}");
        };
        assert!(rejected.to_string().contains("is \"invalid\", not \"valid\": the input of that run does not show"), "{rejected}");
    }
    // Who asks for it gets it, under the rules that he names.
    let expected = |rules| ExpectedBlock { verdict: Verdict::Invalid, ..ExpectedBlock::valid(rules) };
    let block = outcome("block-invalid.final", &expected(Rules::Chain(Chain::Mainnet))).expect("the verdict");
    assert_eq!((block.is_valid(), block.post_state_root), (false, [0; 32]));
    assert!(matches!(rejection("block-invalid.final", &expected(Rules::Chain(Chain::Sepolia))), BlockRejection::OtherRules { .. }));
}

#[test]
fn proofs_that_do_not_hold_or_are_not_about_blocks_are_refused() {
    let expected = ExpectedBlock::valid(Rules::Any);
    let fibonacci = verify_block(&file("fibonacci.final"), &key(), &expected).expect_err("a rejection");
    assert!(matches!(fibonacci, BlockRejection::Proof(Rejection::Program { .. })), "{fibonacci}");
    // With its own key the proof holds.
    let fibonacci_key = VerifyingKey::from_file(&file("fibonacci.vkey")).expect("a key");
    let fibonacci = verify_block(&file("fibonacci.final"), &fibonacci_key, &expected);
    assert_eq!(fibonacci, Err(BlockRejection::NotABlock(OutputError::Length { expected: OUTPUT_BYTES, got: 8 })));
    // Another verdict, chain id, configuration or hash in the proof's output.
    let proof = file("block-invented.final");
    let output = 4 + 3 + 32 + 32 + 36 + 4;
    for offset in [8, 16, 24, 56, 88, 120, 152, 183] {
        let mut changed = proof.clone();
        changed[output + offset] ^= 1;
        let rejected = verify_block(&changed, &key(), &expected).expect_err("a rejection");
        assert!(matches!(rejected, BlockRejection::Proof(Rejection::Output { .. })), "{rejected}");
    }
}

#[test]
fn classes_tell_the_refusals_apart() {
    let classes = [
        ("block-invalid.final", ExpectedBlock::valid(Rules::Any), Class::InvalidBlock, 11),
        ("block-invented.final", ExpectedBlock::valid(Chain::Mainnet), Class::OtherRules, 12),
        ("block-invented.final", ExpectedBlock::valid(Rules::Any).with_hash([7; 32]), Class::OtherBlock, 13),
        ("fibonacci.final", ExpectedBlock::valid(Rules::Any), Class::Program, 5),
        ("block.vkey", ExpectedBlock::valid(Rules::Any), Class::NotAProof, 2),
    ];
    for (name, expected, class, number) in classes {
        let refusal = package::verify_block(&file(name), &file("block.vkey"), &expected).expect_err("a refusal");
        assert_eq!((refusal.class, class as u8), (class, number), "{}", refusal.reason);
    }
    let no_block = package::verify_block(&file("fibonacci.final"), &file("fibonacci.vkey"), &ExpectedBlock::valid(Rules::Any));
    assert_eq!((no_block.expect_err("a refusal").class, Class::NotABlock as u8), (Class::NotABlock, 10));
}

#[test]
fn keys_and_proofs_are_not_mistaken_for_each_other() {
    let (proof, key_file) = (file("block-invented.final"), file("block.vkey"));
    assert_eq!(VerifyingKey::from_file(&proof), Err(KeyError::Proof));
    assert_eq!(KeyError::Proof.to_string(), "this is a proof, not a verifying key");
    for kind in [1, 2] {
        let mut other = proof.clone();
        other[5] = kind;
        assert_eq!(VerifyingKey::from_file(&other), Err(KeyError::Proof));
    }
    assert_eq!(verify(&key_file, &key(), &Expected::default()), Err(Rejection::KeyFile));
    assert_eq!(tern_verifier::final_proof::verify(&key_file, &key(), &Expected::default()), Err(Rejection::KeyFile));
    assert_eq!(tern_verifier::segments::verify(&key_file, &key(), &Expected::default()), Err(Rejection::KeyFile));
    assert_eq!(Rejection::KeyFile.to_string(), "this is a verifying key, not a proof");
    // Neither the one nor the other.
    for bytes in [&b"TERN"[..], b"TERNKEY2 and more", b"\x7fELF and more", b""] {
        assert_eq!(VerifyingKey::from_file(bytes), Err(KeyError::NotAKey), "{bytes:?}");
        assert!(verify(bytes, &key(), &Expected::default()).is_err_and(|rejection| rejection != Rejection::KeyFile), "{bytes:?}");
    }
}

#[test]
fn outputs_that_no_block_guest_writes_are_refused() {
    let block = outcome("block-mainnet.final", &ExpectedBlock::valid(Rules::Any)).expect("a block");
    let bytes = block.encode();
    assert_eq!(BlockOutput::decode(&bytes), Ok(block));
    for len in (0..OUTPUT_BYTES).chain([OUTPUT_BYTES + 1, OUTPUT_BYTES + 8, OUTPUT_BYTES + 32]) {
        let mut other = bytes.clone();
        other.resize(len, 0);
        assert_eq!(BlockOutput::decode(&other), Err(OutputError::Length { expected: OUTPUT_BYTES, got: len }));
    }
    let with = |at: usize, byte| {
        let mut other = bytes.clone();
        other[at] = byte;
        BlockOutput::decode(&other)
    };
    assert_eq!(with(0, 1), Err(OutputError::Version { expected: 2, got: 1 }));
    assert_eq!(with(7, 1), Err(OutputError::Version { expected: 2, got: 2 | 1 << 56 }));
    assert_eq!(with(16, 2), Err(OutputError::Verdict { got: 2 }));
    assert_eq!(with(23, 1), Err(OutputError::Verdict { got: 1 | 1 << 56 }));
    // A known configuration with another chain id is no configuration of a known chain.
    assert_eq!(with(8, 2).map(|block| (block.chain_id, block.chain())), Ok((2, None)));
}

#[test]
fn rules_have_names() {
    for chain in Chain::ALL {
        assert_eq!(chain.name().parse(), Ok(Rules::Chain(chain)));
        assert_eq!(Chain::from_name(chain.name()), Some(chain));
    }
    assert_eq!(("known".parse(), "any".parse()), (Ok(Rules::Known), Ok(Rules::Any)));
    let digits = &INVENTED_CONFIG[2..];
    for text in [INVENTED_CONFIG, digits, &digits.to_uppercase()] {
        assert_eq!(text.parse(), Ok(Rules::Config(hash(INVENTED_CONFIG))));
    }
    let plus = format!("+{}", &digits[1..]);
    for text in ["", "0x", "Mainnet", "mainet", "1", &digits[1..], &format!("{digits}00"), &format!("0x0x{digits}"), &plus, "žž"] {
        assert_eq!(text.parse::<Rules>(), Err(UnknownRules(text.to_owned())));
    }
    assert_eq!(Rules::Known.to_string(), "a known chain (mainnet, sepolia, holesky, hoodi)");
}

/// An output of 43 bytes: root 07…, success, chain id 1, schema 0x1501.
fn payload_output() -> [u8; PAYLOAD_OUTPUT_BYTES] {
    let mut output = [7; PAYLOAD_OUTPUT_BYTES];
    output[32..].copy_from_slice(&[1, 1, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x15]);
    output
}

#[test]
fn outputs_about_payload_requests_are_read_exactly() {
    let output = payload_output();
    let payload = PayloadOutput::decode(&output).expect("an output");
    assert_eq!(payload, PayloadOutput { request_root: [7; 32], verdict: Verdict::Valid, chain_id: 1, schema_id: 0x1501 });
    assert_eq!(payload.chain(), Some(Chain::Mainnet));
    for len in (0..PAYLOAD_OUTPUT_BYTES).chain([PAYLOAD_OUTPUT_BYTES + 1, OUTPUT_BYTES]) {
        let mut other = output.to_vec();
        other.resize(len, 0);
        assert_eq!(PayloadOutput::decode(&other), Err(PayloadOutputError::Length(len)));
    }
    for verdict in 2..=u8::MAX {
        let mut other = output;
        other[32] = verdict;
        assert_eq!(PayloadOutput::decode(&other), Err(PayloadOutputError::Verdict(verdict)));
    }
    let nothing = PayloadOutput::decode(&[0; PAYLOAD_OUTPUT_BYTES]).expect("an output");
    assert_eq!((nothing.verdict, nothing.chain(), nothing.schema_id), (Verdict::Invalid, None, 0));
}

#[test]
fn payload_requests_are_what_is_expected_or_refused() {
    let output = payload_output();
    let expected = ExpectedPayload::valid([7; 32], 1, 0x1501);
    assert!(expected.check(&output).is_ok());
    let any = ExpectedPayload::any_valid();
    assert!(any.check(&output).is_ok());
    let refusal = |expected: ExpectedPayload| expected.check(&output).expect_err("a rejection");
    assert_eq!(refusal(ExpectedPayload { chain_id: Some(2), ..expected }), PayloadRejection::OtherChain { expected: 2, got: 1 });
    let schema_id = Some(0x1401);
    assert_eq!(refusal(ExpectedPayload { schema_id, ..expected }), PayloadRejection::OtherSchema { expected: 0x1401, got: 0x1501 });
    let request_root = Some([8; 32]);
    assert_eq!(refusal(ExpectedPayload { request_root, ..expected }), PayloadRejection::OtherRequest { expected: [8; 32], got: [7; 32] });
    let refused = refusal(ExpectedPayload { verdict: Verdict::Invalid, ..expected });
    assert!(matches!(refused, PayloadRejection::OtherVerdict { got: Verdict::Valid, .. }));
    let undecodable = any.check(&[0; PAYLOAD_OUTPUT_BYTES]);
    assert!(matches!(undecodable, Err(PayloadRejection::OtherVerdict { got: Verdict::Invalid, .. })), "{undecodable:?}");
}

#[test]
fn a_proof_about_a_block_is_none_about_a_payload_request() {
    let any = ExpectedPayload::any_valid();
    let refused = verify_payload(&file("block-mainnet.final"), &key(), &any);
    assert_eq!(refused, Err(PayloadRejection::NotAPayload(PayloadOutputError::Length(OUTPUT_BYTES))));
    let broken = verify_payload(&[], &key(), &any);
    assert!(matches!(broken, Err(PayloadRejection::Proof(_))), "{broken:?}");
}

/// Those who are given a proof and a key alone accept what is valid under the rules of a known chain.
#[test]
fn without_an_expectation_only_known_chains_and_valid_blocks_are_accepted() {
    let known = |proof: &str, key: &str| package::verify_known(&file(proof), &file(key)).map_err(|refusal| refusal.class);
    let accepted = known("block-mainnet.final", "block.vkey").expect("an accepted block");
    assert_eq!(BlockOutput::decode(&accepted.output).expect("an output").block_hash, hash(MAINNET_BLOCK));
    for (proof, key, class) in [
        ("block-invented.final", "block.vkey", Class::OtherRules),
        ("rollup-1.final", "block.vkey", Class::OtherRules),
        ("block-invalid.final", "block.vkey", Class::InvalidBlock),
        ("fibonacci.final", "fibonacci.vkey", Class::NotABlock),
        ("fibonacci.final", "block.vkey", Class::Program),
        ("block-mainnet.final", "fibonacci.vkey", Class::Program),
        ("v1/block-mainnet.final", "block.vkey", Class::Unsupported),
        ("block.vkey", "block.vkey", Class::NotAProof),
        ("block-mainnet.final", "block-mainnet.final", Class::Key),
    ] {
        assert_eq!(known(proof, key), Err(class), "{proof} {key}");
    }
}
