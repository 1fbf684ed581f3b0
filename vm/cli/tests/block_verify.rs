//! `tern block verify` on the verifier's frozen proofs: what it accepts, what it says, and with
//! which exit status. And what the verifier knows of the block guest without depending on it: key,
//! chains, output.

use std::path::{Path, PathBuf};
use std::process::Command;

use alloy_primitives::{B256, keccak256};
use serde_json::Value;
use tern_guest_evm::input::encode_config;
use tern_guest_evm::output::{OUTPUT_BYTES, SCHEMA_VERSION};
use tern_guest_evm::sample::sample_block;
use tern_guest_evm::stateless::{self, StatelessError, StatelessOutput};
use tern_guest_evm::{PublicOutput, chains};
use tern_verifier::block::{self, BlockOutput, Chain, PayloadOutput, Verdict};
use tern_verifier::security::{Layer, layers};
use tern_vm::elf::Program;
use tern_vm::prove::ProvableProgram;

const INVENTED_CONFIG: &str = "0xf4daa929547ed81ee00c994ba40842606ebc14276d76e85be81bb6e3fef75c01";
const INVENTED_BLOCK: &str = "0x429072b072eb47c7063938fb0a0380dacf2c9f82a670028c00749d521dfc1d12";
const MAINNET_CONFIG: &str = "0x2e76abd1af1cec4974b51d44a5f7af41912c0c36f754a1cd9b13b49be9340e95";
const MAINNET_BLOCK: &str = "0xc19ed13283a0ccd0015cf8baf764f89b7e4ce60c452913f666b2381d4d6f3198";

fn vector(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "verifier", "tests", "vectors", name].iter().collect()
}

/// Exit status, standard output and standard error of `tern` with these arguments.
fn tern(arguments: &[&str], files: &[&Path]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tern")).args(arguments).args(files).output().expect("running tern");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// `tern block verify` of a frozen proof with the key of the guest that it is of.
fn verify(proof: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let key = vector("block.vkey");
    let command = ["block", "verify", "--guest", key.to_str().expect("a path in UTF-8")];
    tern(&[&command, arguments].concat(), &[&vector(proof)])
}

#[track_caller]
fn accepted(proof: &str, arguments: &[&str]) -> Value {
    let (status, stdout, stderr) = verify(proof, &[arguments, &["--json"]].concat());
    assert_eq!(status, Some(0), "{stderr}{stdout}");
    serde_json::from_str(&stdout).expect("one object")
}

#[track_caller]
fn rejected(proof: &str, arguments: &[&str], parts: &[&str]) {
    let (status, stdout, stderr) = verify(proof, arguments);
    assert_eq!((status, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(stderr.starts_with("error: rejected: "), "{stderr}");
    for part in parts {
        assert!(stderr.contains(part), "no {part:?} in {stderr}");
    }
}

#[test]
fn a_block_of_mainnet_is_accepted_and_named() {
    for arguments in [
        &[][..],
        &["--chain", "mainnet"],
        &["--chain-config", MAINNET_CONFIG],
        &["--any-chain"],
        &["--chain", "mainnet", "--block-hash", MAINNET_BLOCK],
    ] {
        let json = accepted("block-mainnet.final", arguments);
        assert_eq!((&json["verdict"], &json["block_hash"]), (&"valid".into(), &MAINNET_BLOCK.into()));
        assert_eq!((&json["chain"], &json["chain_id"], &json["chain_config_known"]), (&"mainnet".into(), &1.into(), &true.into()));
    }
    let (_, shown, _) = verify("block-mainnet.final", &[]);
    for part in ["mainnet", MAINNET_BLOCK, MAINNET_CONFIG] {
        assert!(shown.contains(part), "{shown}");
    }
    rejected("block-mainnet.final", &["--chain", "sepolia"], &["under the rules of mainnet, not of sepolia"]);
    rejected("block-mainnet.final", &["--chain-config", INVENTED_CONFIG], &["under the rules of mainnet", INVENTED_CONFIG]);
    rejected("block-mainnet.final", &["--block-hash", INVENTED_BLOCK], &[&format!("about block {MAINNET_BLOCK}, not {INVENTED_BLOCK}")]);
    rejected("block-mainnet.final", &["--verdict", "invalid"], &["is \"valid\", not \"invalid\""]);
}

#[test]
fn an_invented_block_with_chain_id_1_is_refused_unless_its_rules_are_asked_for() {
    let found = format!("under the rules of the chain configuration {INVENTED_CONFIG} with chain id 1, which no known chain has");
    let known = "not of a known chain (mainnet, sepolia, holesky, hoodi); --chain FILE or --chain-config HASH";
    rejected("block-invented.final", &[], &[&found, known, "--any-chain"]);
    rejected("block-invented.final", &["--block-hash", INVENTED_BLOCK], &[&found, known]);
    rejected("block-invented.final", &["--chain", "mainnet"], &[&found, "not of mainnet"]);
    rejected("block-invented.final", &["--chain-config", MAINNET_CONFIG], &[&found, MAINNET_CONFIG]);
    for arguments in [&["--any-chain"][..], &["--chain-config", INVENTED_CONFIG]] {
        let json = accepted("block-invented.final", arguments);
        assert_eq!((&json["chain"], &json["chain_id"], &json["chain_config_known"]), (&"unknown".into(), &1.into(), &false.into()));
    }
}

#[test]
fn a_proof_of_the_verdict_invalid_is_refused_unless_it_is_asked_for() {
    for arguments in [&[][..], &["--any-chain"], &["--chain", "mainnet"]] {
        rejected("block-invalid.final", arguments, &["is \"invalid\", not \"valid\"", "--verdict invalid accepts that"]);
    }
    let json = accepted("block-invalid.final", &["--verdict", "invalid"]);
    assert_eq!((&json["verdict"], &json["chain"]), (&"invalid".into(), &"mainnet".into()));
    rejected("block-invalid.final", &["--verdict", "invalid", "--chain", "hoodi"], &["not of hoodi"]);
}

#[test]
fn keys_and_proofs_are_not_mistaken_for_each_other() {
    rejected("block.vkey", &[], &["this is a verifying key, not a proof"]);
    let (proof, key) = (vector("block-mainnet.final"), vector("block.vkey"));
    let (status, _, stderr) = tern(&["verify"], &[&proof, &key]);
    assert!(status == Some(1) && stderr.contains("this is a proof, not a verifying key"), "{stderr}");
    let (status, _, stderr) = tern(&["verify"], &[&key, &key]);
    assert!(status == Some(1) && stderr.contains("this is a verifying key, not a proof"), "{stderr}");
    let (status, _, stderr) = tern(&["verify"], &[&key, &proof]);
    assert_eq!(status, Some(0), "{stderr}");
}

#[test]
fn expectations_that_make_no_sense_are_wrong_usage() {
    for arguments in [
        &["--chain", "mainnet", "--any-chain"][..],
        &["--chain", "mainnet", "--chain-config", MAINNET_CONFIG],
        &["--any-chain", "--chain-config", MAINNET_CONFIG],
        &["--verdict", "perhaps"],
        &["--raw", "--block-hash", MAINNET_BLOCK],
        &["--raw", "--any-chain"],
        &["--raw", "--schema", "5377"],
        &["--request-root", MAINNET_BLOCK],
        &["--schema", "0x1501"],
    ] {
        let (status, stdout, _) = verify("block-mainnet.final", arguments);
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{arguments:?}");
    }
    for arguments in [&["--chain-config", "0x12"][..], &["--block-hash", "0x12"], &["--raw", "--request-root", "0x12"]] {
        let (status, _, stderr) = verify("block-mainnet.final", arguments);
        assert!(status == Some(1) && stderr.contains("0x12 is not a hash"), "{stderr}");
    }
}

/// Key and figures are read, not computed: most of the process's time is the verification's own. It
/// is processor time, so a busy machine changes nothing.
#[test]
fn the_process_takes_little_more_time_than_verification() {
    let key = vector("block.vkey");
    let run = || {
        let command = ["-c", "\"$@\" && times", "sh", env!("CARGO_BIN_EXE_tern"), "block", "verify", "--json", "--guest"];
        let output = Command::new("sh").args(command).arg(&key).arg(vector("block-mainnet.final")).output().expect("a shell");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let (json, times) = text.split_once('\n').expect("a report, then times");
        let json: Value = serde_json::from_str(json).expect("one object");
        // The last line: user and system time of the shell's children, such as 0m0.015s.
        let of_children = times.lines().last().expect("two lines of times").split_whitespace();
        let seconds = |time: &str| time.trim_end_matches('s').split_once('m').map(|(_, seconds)| seconds.parse::<f64>().expect("seconds"));
        let process: f64 = of_children.map(|time| seconds(time).expect("minutes and seconds")).sum();
        (process, json["verify_s"].as_f64().expect("a time"))
    };
    let runs: Vec<(f64, f64)> = (0..5).map(|_| run()).collect();
    let fewest = |pick: fn(&(f64, f64)) -> f64| runs.iter().map(pick).fold(f64::INFINITY, f64::min);
    let (process, verification) = (fewest(|run| run.0), fewest(|run| run.1));
    println!("{process:.4} s of processor time, {verification:.4} s of it to verify");
    assert!(process < 2.5 * verification, "{runs:?}");
}

fn guest(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "guest-evm", "elf", name].iter().collect();
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// If this fails, the ELF file has changed: `cargo run --release -- spec` writes its key.
#[test]
fn the_recorded_key_is_that_of_the_guest() {
    let program = Program::from_elf(&guest("guest.elf")).expect("a program");
    let key = ProvableProgram::new(program).expect("a provable program").key;
    assert_eq!(key.to_file(), guest("guest.vkey"));
    // It is the key that the command expects.
    let digest: String = key.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    let (_, stdout, _) = tern(&["block", "verify", "--json"], &[&vector("fibonacci.final")]);
    assert!(stdout.contains(&format!("proof of another program: expected key {digest}")), "{stdout}");
}

/// If this fails, parameters, chips or circuits have changed: `cargo run --release -- spec` writes
/// the figures.
#[test]
fn the_recorded_figures_are_those_of_the_weakest_layer() {
    let layers = layers().expect("circuits that fit their parameters");
    let fewest = |bits: fn(&Layer) -> f64| layers.iter().map(bits).fold(f64::INFINITY, f64::min);
    let json = accepted("block-mainnet.final", &[]);
    let bits = |name: &str| json[name].as_f64().expect("a number");
    assert!((bits("conjectured_bits") - fewest(|layer| layer.conjectured.bits)).abs() < 1e-9, "{json}");
    assert!((bits("proven_bits") - fewest(Layer::proven_bits)).abs() < 1e-9, "{json}");
}

#[test]
fn verifiers_know_the_configurations_of_the_chains() {
    for chain in Chain::ALL {
        let config = chains::by_id(chain.id()).unwrap_or_else(|| panic!("no configuration of {chain}"));
        assert_eq!(B256::from(*chain.config_hash()), keccak256(encode_config(&config)), "{chain}");
    }
}

#[test]
fn verifiers_read_what_the_guest_writes() {
    assert_eq!((OUTPUT_BYTES, SCHEMA_VERSION), (block::OUTPUT_BYTES, block::OUTPUT_VERSION));
    for (valid, verdict) in [(true, Verdict::Valid), (false, Verdict::Invalid)] {
        let output = PublicOutput {
            chain_id: 0x0102_0304_0506_0708,
            valid,
            config_hash: B256::repeat_byte(1),
            block_hash: B256::repeat_byte(2),
            parent_hash: B256::repeat_byte(3),
            pre_state_root: B256::repeat_byte(4),
            post_state_root: B256::repeat_byte(5),
            gas_used: 6,
        };
        let expected = BlockOutput {
            chain_id: 0x0102_0304_0506_0708,
            verdict,
            chain_config: [1; 32],
            block_hash: [2; 32],
            parent_hash: [3; 32],
            pre_state_root: [4; 32],
            post_state_root: [5; 32],
            gas_used: 6,
        };
        assert_eq!(BlockOutput::decode(&output.encode()), Ok(expected));
        assert_eq!(PublicOutput::decode(&expected.encode()), Ok(output));
    }
}

/// A folder with files that are written in the test.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("writing a file");
    }
    folder
}

/// The chain of `tern block sample`, in geth's form.
const SAMPLE_GENESIS: &str = r#"{"config": {"chainId": 1337, "cancunTime": 0, "pragueTime": 0, "osakaTime": 0,
    "depositContractAddress": "0x00000000219ab540356cBB839Cbe05303d7705Fa",
    "blobSchedule": {"cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 3338477},
                     "prague": {"target": 6, "max": 9, "baseFeeUpdateFraction": 5007716}}}, "alloc": {}}"#;

#[test]
fn chains_show_their_schedules_and_hashes() {
    let (status, stdout, stderr) = tern(&["block", "chain", "--json"], &[]);
    assert_eq!(status, Some(0), "{stderr}");
    let json: Value = serde_json::from_str(&stdout).expect("one object");
    let known = json["chains"].as_array().expect("a list");
    for (chain, shown) in Chain::ALL.into_iter().zip(known) {
        assert_eq!((&shown["chain"], &shown["chain_id"]), (&chain.name().into(), &chain.id().into()));
        assert_eq!(shown["chain_config_hash"], B256::from(*chain.config_hash()).to_string());
        let names: Vec<_> = shown["forks"].as_array().expect("a list").iter().map(|fork| fork["name"].as_str().expect("a name")).collect();
        assert_eq!(names[..5], ["Cancun", "Prague", "Osaka", "BPO1", "BPO2"]);
    }
    assert_eq!(known.len(), Chain::ALL.len());
    let (_, text, _) = tern(&["block", "chain", "--chain", "mainnet"], &[]);
    for part in
        ["mainnet, chain id 1\n", MAINNET_CONFIG, "BPO2      from 1767747671  rules of Osaka  14 to 21 blobs, update fraction 11684671"]
    {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let folder = folder(&[("genesis.json", SAMPLE_GENESIS)]);
    let (status, stdout, stderr) = tern(&["block", "chain", "--json", "--chain"], &[&folder.path().join("genesis.json")]);
    assert_eq!(status, Some(0), "{stderr}");
    let json: Value = serde_json::from_str(&stdout).expect("one object");
    let own = &json["chains"][0];
    assert_eq!((&own["chain"], &own["chain_config_known"], &own["forks"][0]["rules"]), (&"unknown".into(), &false.into(), &"Osaka".into()));
}

#[test]
fn blocks_are_judged_under_the_chain_that_is_named() {
    let own = SAMPLE_GENESIS.replace("1337", "31337");
    let later = SAMPLE_GENESIS.replace("\"osakaTime\": 0", "\"osakaTime\": 1800000013");
    let bad = SAMPLE_GENESIS.replace("osakaTime", "parisTime");
    let folder = folder(&[("genesis.json", SAMPLE_GENESIS), ("other.json", &own), ("later.json", &later), ("bad.json", &bad)]);
    let path = |name: &str| folder.path().join(name);
    let (status, _, stderr) = tern(&["block", "sample", "--txs", "2", "-o"], &[&path("block.json")]);
    assert_eq!(status, Some(0), "{stderr}");
    let validate = |chain: Option<&str>| {
        let chain = chain.map(|name| ["--chain".to_owned(), path(name).to_str().expect("UTF-8").to_owned()]);
        let chain: Vec<&str> = chain.iter().flatten().map(String::as_str).collect();
        tern(&[&["block", "validate", "--json"], chain.as_slice()].concat(), &[&path("block.json")])
    };
    let object = |(status, stdout, stderr): (Option<i32>, String, String)| -> Value {
        assert_eq!(status, Some(0), "{stderr}{stdout}");
        serde_json::from_str(&stdout).expect("one object")
    };
    let named = object(validate(None));
    let given = object(validate(Some("genesis.json")));
    assert_eq!((&given["verdict"], &given["chain_config_hash"]), (&"valid".into(), &named["chain_config_hash"]));
    // Osaka comes with the next block only: the same block is valid under Prague, and that is
    // another configuration.
    let under_prague = object(validate(Some("later.json")));
    assert_eq!(under_prague["verdict"], "valid");
    assert_ne!(under_prague["chain_config_hash"], named["chain_config_hash"]);
    for (name, code, text) in [
        ("other.json", "not_a_block", "the block is of the chain with id 1337, the given configuration of the one with id 31337"),
        ("bad.json", "not_a_chain", "config.parisTime schedules a fork that this validator does not know"),
        ("nothing.json", "not_a_chain", "is neither a known chain (mainnet, sepolia, holesky, hoodi) nor a genesis file that can be read"),
        ("block.json", "not_a_chain", "not a genesis file"),
    ] {
        let (status, stdout, _) = validate(Some(name));
        let json: Value = serde_json::from_str(&stdout).expect("one object");
        assert_eq!((status, &json["error"]["code"]), (Some(1), &code.into()), "{stdout}");
        assert!(json["error"]["message"].as_str().expect("a text").contains(text), "{stdout}");
    }
    let (status, stdout, _) = tern(&["block", "validate", "--json", "--chain", "mainnet"], &[&path("block.json")]);
    assert!(status == Some(1) && stdout.contains("of the one with id 1"), "{stdout}");
}

#[test]
fn a_proof_is_expected_under_the_rules_of_a_genesis_file() {
    let invented = SAMPLE_GENESIS.replace("1337", "1");
    let folder = folder(&[("genesis.json", &invented), ("other.json", SAMPLE_GENESIS)]);
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let json = accepted("block-invented.final", &["--chain", &path("genesis.json")]);
    assert_eq!((&json["verdict"], &json["chain_config_hash"]), (&"valid".into(), &INVENTED_CONFIG.into()));
    rejected("block-invented.final", &["--chain", &path("other.json")], &[INVENTED_CONFIG, "not of the chain configuration 0x"]);
    rejected("block-mainnet.final", &["--chain", &path("genesis.json")], &["under the rules of mainnet", INVENTED_CONFIG]);
    let (status, _, stderr) = verify("block-mainnet.final", &["--chain", "mainet"]);
    assert!(status == Some(1) && stderr.contains("mainet is neither a known chain"), "{stderr}");
}

#[test]
fn verifiers_read_what_the_guest_writes_about_payload_requests() {
    assert_eq!(stateless::output::OUTPUT_BYTES, block::PAYLOAD_OUTPUT_BYTES);
    for (is_valid, verdict) in [(true, Verdict::Valid), (false, Verdict::Invalid)] {
        let (chain_id, schema_id) = (0x0102_0304_0506_0708, 0x1501);
        let output = StatelessOutput { request_root: B256::repeat_byte(1), is_valid, chain_id, schema_id };
        let expected = PayloadOutput { request_root: [1; 32], verdict, chain_id, schema_id };
        assert_eq!(PayloadOutput::decode(&output.encode()), Ok(expected));
    }
}

#[test]
fn stateless_inputs_are_made_and_validated_natively() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let block = sample_block(3, 7).expect("a block");
    std::fs::write(place("block.json"), serde_json::to_vec(&block).expect("JSON")).expect("a file");
    let (status, _, stderr) = tern(&["block", "stateless", "-o"], &[&place("input.ssz"), &place("block.json")]);
    assert_eq!(status, Some(0), "{stderr}");
    let input = std::fs::read(place("input.ssz")).expect("a file");
    std::fs::write(place("input.hex"), format!("0x{}\n", hex::encode(&input))).expect("a file");
    let verdict = stateless::validate(&input);
    // No known chain has the sample's id: its input is decoded, and not valid.
    assert!(matches!(verdict.reason, Some(StatelessError::UnknownChain(_))));
    for name in ["input.ssz", "input.hex"] {
        let (status, stdout, stderr) = tern(&["block", "validate", "--json", "--raw"], &[&place(name)]);
        assert_eq!(status, Some(0), "{stderr}");
        let json: Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!(json["verdict"], "invalid");
        assert_eq!(json["request_root"], verdict.output.request_root.to_string());
        assert_eq!(json["chain_id"], verdict.output.chain_id);
        assert_eq!(json["schema_id"], format!("{:#06x}", verdict.output.schema_id));
        assert_eq!(json["reason"], verdict.reason.as_ref().map(ToString::to_string).expect("a reason"));
        assert_eq!(json.get("block_hash"), None);
    }
    std::fs::write(place("bad.hex"), "0x1x").expect("a file");
    let (status, _, stderr) = tern(&["block", "validate", "--raw"], &[&place("bad.hex")]);
    assert_eq!(status, Some(1));
    assert!(stderr.contains("bad hex"), "{stderr}");
    std::fs::write(place("other"), "no input at all").expect("a file");
    let (status, stdout, _) = tern(&["block", "validate", "--raw"], &[&place("other")]);
    assert_eq!(status, Some(0));
    assert!(stdout.starts_with("invalid") && stdout.contains("not a stateless input: unknown schema id"), "{stdout}");
}

#[test]
fn a_proof_about_a_block_is_none_about_a_payload_request() {
    rejected("block-mainnet.final", &["--raw"], &["not that of the block guest about a payload request", "expected 43 bytes, got 192"]);
}
