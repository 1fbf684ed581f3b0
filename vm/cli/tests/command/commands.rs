//! The command line as its users meet it: exit statuses, JSON, and errors that name what is wrong
//! and where.

use std::path::Path;

use serde_json::Value;
use tern_guest_evm::PublicOutput;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::sample::sample_block;
use tern_verifier::segments::Header;
use tern_verifier::wire::Reader;
use tern_vm::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X, workload};

use crate::support::{FIBONACCI, Folder, read, workload_proof};

/// Asserts that an object has keys, in any order and among others.
#[track_caller]
fn assert_keys(object: &Value, keys: &[&str]) {
    for key in keys {
        assert!(object.get(key).is_some_and(|value| !value.is_null()), "no {key} in {object}");
    }
}

/// A synthetic block with its witness.
fn sample() -> BlockFile {
    sample_block(3, 7).expect("a block")
}

fn write_block(folder: &Folder, name: &str, block: &BlockFile) {
    folder.file(name, serde_json::to_vec(block).expect("JSON"));
}

#[test]
fn wrong_usage_has_status_two_and_every_command_has_an_example() {
    let folder = Folder::new();
    for wrong in [&[][..], &["frobnicate"], &["block"], &["block", "prove", "x.json"], &["prove", "x.elf", "-o", "p", "--jobs", "0"]] {
        let outcome = folder.run(wrong);
        assert_eq!(outcome.status, 2, "{wrong:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.is_empty());
    }
    let block = ["validate", "execute", "prove", "verify", "sample"].map(|command| vec!["block", command, "--help"]);
    let plain = ["new", "build", "execute", "prove", "verify", "vkey", "security", "spec"].map(|command| vec![command, "--help"]);
    for arguments in block.iter().chain(&plain).chain([&vec!["spec", "export", "--help"]]) {
        let outcome = folder.run(arguments).success();
        let example = format!("tern {}", arguments[..arguments.len() - 1].join(" "));
        assert!(outcome.stderr.is_empty(), "{}", outcome.stderr);
        let (_, examples) = outcome.stdout.split_once("Example").unwrap_or_else(|| panic!("{arguments:?}: no example"));
        assert!(examples.contains(&example), "{examples}");
        assert!(outcome.stdout.contains("--json"), "{}", outcome.stdout);
    }
}

#[test]
fn a_guest_is_executed_with_its_input() {
    let folder = Folder::new();
    folder.file("ten", 10u32.to_le_bytes());
    let outcome = folder.run(&["execute", FIBONACCI, "--input", "ten", "--profile", "stacks", "--json"]).success();
    let json = outcome.json();
    assert_keys(
        &json,
        &["cycles", "segments", "unaligned_accesses", "cycles_per_second", "wall_s", "peak_rss_bytes", "sha256_calls", "blake2f_calls"],
    );
    assert_eq!((&json["exit_code"], &json["mulmod_calls"], &json["keccak_calls"]), (&0.into(), &10.into(), &1.into()));
    assert_eq!(json["mulmod384_calls"], 0);
    // the tenth Fibonacci number, and its digest
    let number = [vec![55], vec![0; 31]].concat();
    let digest = alloy_primitives::keccak256(&number);
    assert_eq!(json["output"], hex::encode([number.as_slice(), digest.as_slice()].concat()));
    let stacks = String::from_utf8(read(&folder.path("stacks"))).expect("UTF-8");
    let profiled: u64 =
        stacks.lines().map(|line| line.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok()).expect("a count")).sum();
    assert_eq!(json["cycles"], profiled);

    // without input the guest refuses
    let outcome = folder.run(&["execute", FIBONACCI, "--json"]);
    assert_eq!((outcome.status, &outcome.json()["exit_code"]), (1, &2.into()));
    assert_eq!(outcome.failure(), ("guest_failed".into(), "the guest halted with exit code 2".into()));
    // for people
    let outcome = folder.run(&["execute", FIBONACCI, "--input", "ten"]).success();
    let first = outcome.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("halted with exit code 0 after ") && first.ends_with(" cycles"), "{}", outcome.stdout);
}

#[test]
fn a_run_is_proved_and_verified_by_program_or_key() {
    let folder = Folder::new();
    folder.file("workload.elf", workload::elf_with(4, 7, 1));
    folder.file("input", workload::INPUT);
    folder.file("other", b"what comes out is something else");
    let outcome = folder
        .run(&["prove", "workload.elf", "--input", "input", "-o", "proof", "--kind", "segments", "--exit-code", "7", "--json"])
        .success();
    let json = outcome.json();
    assert_keys(
        &json,
        &["cycles", "segments", "cells_per_cycle", "cycles_per_second", "proof_bytes", "peak_rss_bytes", "wall_s", "proven_bits"],
    );
    assert_eq!((&json["exit_code"], &json["output"]), (&7.into(), &hex::encode(workload::INPUT).into()));
    assert_security(&json);
    assert_eq!(json["proof_bytes"], read(&folder.path("proof")).len());

    let key = folder.run(&["vkey", "workload.elf", "-o", "key", "--json"]).success().json();
    for program in ["workload.elf", "key"] {
        let outcome = folder.run(&["verify", program, "proof", "--exit-code", "7", "--output", "input", "--json"]).success();
        assert_eq!(outcome.json()["vkey"], key["vkey"]);
        assert_eq!(outcome.json()["output"], hex::encode(workload::INPUT));
    }
    // rejections
    folder.run(&["verify", "key", "proof"]).fails_with(&["rejected", "exit code 7, expected 0"]);
    let other_output = folder.run(&["verify", "key", "proof", "--exit-code", "7", "--output", "other"]);
    other_output.fails_with(&["rejected", "other"]);
    folder.run(&["verify", FIBONACCI, "proof"]).fails_with(&["rejected: proof of another program"]);
    folder.run(&["block", "verify", "proof"]).fails_with(&["rejected: proof of another program"]);
    let proof = read(&folder.path("proof"));
    folder.file("proof", &proof[..proof.len() - 1]);
    let outcome = folder.run(&["verify", "key", "proof", "--exit-code", "7", "--json"]);
    assert_eq!(outcome.status, 1);
    let (code, message) = outcome.failure();
    assert!(code == "rejected" && message.starts_with("rejected: malformed proof: truncated at byte"), "{code}: {message}");
    assert_keys(&outcome.json(), &["wall_s"]);
    folder.run(&["verify", "input", "proof"]).fails_with(&["input: neither an ELF file nor a verifying key"]);
}

#[test]
fn devices_are_listed_and_chosen_by_name() {
    let folder = Folder::new();
    let listed = folder.run(&["devices", "--json"]);
    assert_eq!((listed.status, listed.stderr.as_str()), (0, ""));
    assert_eq!(listed.json()["devices"][0]["device"], "cpu");
    let prove = |device: &[&str]| {
        let arguments = [&["prove", FIBONACCI, "-o", "proof", "--json"], device].concat();
        folder.run(&arguments)
    };
    let unknown = prove(&["--device", "no such device"]);
    assert_eq!(unknown.status, 1);
    let error = &unknown.json()["error"];
    let code = if cfg!(feature = "gpu") { "unknown_device" } else { "no_gpu" };
    assert_eq!(error["code"], code);
    assert!(error["message"].as_str().expect("a message").contains("no such device"), "{error}");
    let wrong = [["--device-memory", "0"], ["--device-memory", "much"], ["--device-patience", "0"], ["--device-kernels", "none"]];
    for wrong in wrong {
        assert_eq!(prove(&wrong).status, 2, "{wrong:?}");
    }
    assert_eq!(folder.names("."), Vec::<String>::new(), "nothing is written");
}

#[test]
fn a_full_disk_keeps_what_is_proved() {
    let folder = Folder::new();
    folder.file("workload.elf", workload::elf());
    folder.file("input", workload::INPUT);
    let limits = workload::SEGMENT_CYCLES.to_string();
    let arguments =
        ["prove", "workload.elf", "--input", "input", "-o", "proof", "--kind", "segments", "--segment-cycles", &limits, "--json"];
    // files may grow to half of the proof, which is more than a segment
    let blocks = (workload_proof().len() / 2 / 1024).to_string();
    let script = format!(r#"trap "" XFSZ; ulimit -f {blocks}; exec "$@""#);
    let outcome = folder.run_in_shell(&script, &arguments);
    assert_eq!(outcome.status, 1, "{}{}", outcome.stdout, outcome.stderr);
    let (code, error) = outcome.failure();
    assert!(code == "cannot_write" && error.starts_with("proof: ") && error.contains("kept in proof.segments"), "{error}");
    assert_eq!(folder.names("proof.segments"), ["segment-000000", "segment-000001", "segment-000002"]);
    assert!(!folder.path("proof").exists());
    let json = folder.run(&arguments).success().json();
    assert_eq!((&json["segments"], &json["segments_resumed"]), (&3.into(), &3.into()));
    assert_eq!(read(&folder.path("proof")).len(), workload_proof().len());
    folder.run(&["verify", "workload.elf", "proof"]).success();
}

#[test]
fn programs_that_do_not_end_or_break_a_rule_name_the_place() {
    let folder = Folder::new();
    let elf = |code: &Asm| {
        let mut file = ElfFile::new(code.start().into(), vec![ElfSegment::new(code.start().into(), PF_R | PF_X, code.bytes())]);
        file.symbols.push(("spin".into(), code.start().into(), 4 * code.words().len() as u64));
        file.bytes()
    };
    let mut code = Asm::new(0x1_0000);
    let again = code.label();
    code.nop().bind(again).jal(0, again);
    folder.file("loop.elf", elf(&code));
    let place = ["the limit of 1000 cycles is reached", "pc 0x00010004", "spin", "cycle 1000"];
    folder.run(&["execute", "loop.elf", "--cycle-limit", "1000"]).fails_with(&place);
    folder.run(&["prove", "loop.elf", "-o", "proof", "--cycle-limit", "1000"]).fails_with(&place);
    assert!(!folder.path("proof").exists() && !folder.path("proof.segments").exists());

    let mut code = Asm::new(0x1_0000);
    code.nop().word(0);
    folder.file("illegal.elf", elf(&code));
    folder.run(&["execute", "illegal.elf"]).fails_with(&["illegal instruction 0x00000000", "pc 0x00010004", "spin", "cycle 1"]);
}

#[test]
fn files_that_are_no_programs_are_named() {
    let folder = Folder::new();
    let good = workload::elf();
    let mut wrong_class = good.clone();
    wrong_class[4] = 1;
    folder.file("class.elf", wrong_class);
    folder.file("cut.elf", &good[..good.len() / 2]);
    folder.file("text.elf", "no ELF file");
    let text = ElfSegment::new(0x1_0000, PF_R | PF_W | PF_X, vec![0x13, 0, 0, 0]);
    folder.file("writable.elf", ElfFile::new(0x1_0000, vec![text]).bytes());
    let text = ElfSegment::new(0x1_0000, PF_R | PF_X, vec![0; 16]);
    folder.file("overlap.elf", ElfFile::new(0x1_0000, vec![text.clone(), text]).bytes());
    for command in ["execute", "vkey"] {
        for (file, part) in [
            ("class.elf", "ELF class 1: expected 2"),
            ("cut.elf", "the file ends at byte"),
            ("text.elf", "not an ELF file"),
            ("writable.elf", "both writable and executable"),
            ("overlap.elf", "overlap at 0x10000"),
        ] {
            folder.run(&[command, file]).fails_with(&[&format!("{file}: "), part]);
        }
        folder.run(&[command, "absent.elf"]).fails_with(&["cannot read absent.elf: No such file"]);
    }
    folder.run(&["execute", FIBONACCI, "--input", "absent"]).fails_with(&["cannot read absent"]);
    folder.run(&["vkey", FIBONACCI, "-o", "absent/key"]).fails_with(&["cannot write absent/key"]);
}

#[test]
fn a_sample_block_is_valid_natively_and_in_the_machine() {
    let folder = Folder::new();
    let json = folder.run(&["block", "sample", "-o", "block.json", "--txs", "3", "--seed", "7", "--json"]).success().json();
    let hash = json["block_hash"].clone();
    assert_eq!(hash, sample().info.and_then(|info| info.hash).expect("a hash"));
    for command in ["validate", "execute"] {
        let json = folder.run(&["block", command, "block.json", "--json"]).success().json();
        assert_eq!((&json["verdict"], &json["block_hash"]), (&"valid".into(), &hash));
        assert_eq!(json.get("reason"), None);
        assert_keys(&json, &["chain_id", "pre_state_root", "post_state_root", "wall_s"]);
        if command == "execute" {
            assert_keys(&json, &["cycles", "segments", "unaligned_accesses", "keccak_calls", "mulmod_calls", "cycles_per_second"]);
        }
    }
}

#[test]
fn files_that_are_no_blocks_are_named() {
    let folder = Folder::new();
    let json = serde_json::to_string(&sample()).expect("JSON");
    folder.file("cut.json", &json[..json.len() / 2]);
    folder.file("foreign.json", r#"{"jsonrpc": "2.0", "id": 1, "result": null}"#);
    folder.file("list.json", format!("[{json}]"));
    let mut bad_hex = sample();
    bad_hex.witness.state[1].push('g');
    write_block(&folder, "hex.json", &bad_hex);
    let mut no_prefix = sample();
    no_prefix.block = no_prefix.block.replacen("0x", "", 1);
    write_block(&folder, "prefix.json", &no_prefix);
    let mut bad_header = sample();
    bad_header.witness.headers[0].truncate(40);
    write_block(&folder, "header.json", &bad_header);
    let mut fork = sample();
    fork.info.as_mut().expect("info").fork_exact = Some("Paris".into());
    write_block(&folder, "fork.json", &fork);
    for (file, part) in [
        ("cut.json", "not a block file: EOF while parsing"),
        ("foreign.json", "missing field `block`"),
        ("list.json", "not a block file"),
        ("hex.json", "witness.state[1]: bad hex"),
        ("prefix.json", "block: bad hex: no 0x prefix"),
        ("header.json", "witness.headers[0]: bad header RLP"),
        ("fork.json", "info.forkExact: unknown fork \"Paris\""),
    ] {
        folder.run(&["block", "validate", file]).fails_with(&[&format!("{file}: "), part]);
        folder.run(&["block", "execute", file]).fails_with(&[&format!("{file}: "), part]);
        folder.run(&["block", "prove", file, "-o", "proof"]).fails_with(&[&format!("{file}: "), part]);
    }
    folder.run(&["block", "validate", "absent.json"]).fails_with(&["cannot read absent.json"]);
    folder.run(&["block", "verify", "absent.proof"]).fails_with(&["cannot read absent.proof"]);
    folder.run(&["block", "verify", "cut.json", "--block-hash", "0x12"]).fails_with(&["0x12 is not a hash"]);
    folder.run(&["block", "verify", "cut.json"]).fails_with(&["rejected: not a Tern proof"]);
    assert!(!Path::new(&folder.path("proof.segments")).exists());
}

#[test]
fn broken_blocks_and_witnesses_get_the_verdict_invalid() {
    let folder = Folder::new();
    let good = sample();
    let mut truncated = good.clone();
    truncated.block.truncate(truncated.block.len() - 2);
    let mut trailing = good.clone();
    trailing.block.push_str("00");
    let mut no_block = good.clone();
    no_block.block = "0x".into();
    let mut no_nodes = good.clone();
    no_nodes.witness.state.clear();
    let mut no_headers = good.clone();
    no_headers.witness.headers.clear();
    let mut no_codes = good.clone();
    no_codes.witness.codes.clear();
    for (name, block) in [
        ("truncated", truncated),
        ("trailing", trailing),
        ("no_block", no_block),
        ("no_nodes", no_nodes),
        ("no_headers", no_headers),
        ("no_codes", no_codes),
    ] {
        let file = format!("{name}.json");
        write_block(&folder, &file, &block);
        let verdicts = ["validate", "execute"].map(|command| folder.run(&["block", command, &file, "--json"]).success().json());
        for json in &verdicts {
            assert_eq!(json["verdict"], "invalid", "{name}: {json}");
            assert!(json["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{name}: {json}");
            assert_eq!(json["post_state_root"], format!("0x{}", "0".repeat(64)), "{name}");
        }
        assert_eq!(verdicts[0]["reason"], verdicts[1]["reason"], "{name}");
        assert_eq!(verdicts[1]["exit_code"], 0, "{name}");
        println!("{name}: {}", verdicts[0]["reason"]);
    }
}

#[test]
fn a_missing_node_makes_a_block_invalid_or_was_not_needed() {
    let folder = Folder::new();
    let good = sample();
    write_block(&folder, "good.json", &good);
    let expected = folder.run(&["block", "validate", "good.json", "--json"]).success().json();
    let mut needed = 0;
    for index in 0..good.witness.state.len() {
        let mut block = good.clone();
        block.witness.state.remove(index);
        write_block(&folder, "block.json", &block);
        let json = folder.run(&["block", "validate", "block.json", "--json"]).success().json();
        if json["verdict"] == "valid" {
            assert_eq!(json["post_state_root"], expected["post_state_root"]);
        } else {
            assert!(json["reason"].as_str().is_some_and(|reason| reason.contains("incomplete witness")), "{json}");
            needed += 1;
        }
    }
    assert!(needed * 2 > good.witness.state.len(), "{needed} of {} nodes are needed", good.witness.state.len());
}

#[test]
fn the_verdict_invalid_is_proved_and_verified() {
    let folder = Folder::new();
    let mut block = sample();
    let end = block.block.len() - 2;
    block.block.truncate(end);
    write_block(&folder, "block.json", &block);
    let json = folder.run(&["block", "prove", "block.json", "-o", "proof", "--kind", "segments", "--json"]).success().json();
    assert_eq!(json["verdict"], "invalid");
    assert_keys(&json, &["reason", "block_hash", "cycles", "segments", "cells_per_cycle", "cycles_per_second", "proof_bytes"]);
    let asked = ["block", "verify", "proof", "--any-chain", "--verdict", "invalid"];
    let verified = folder.run(&[&asked[..], &["--json"]].concat()).success().json();
    assert_eq!((&verified["verdict"], &verified["block_hash"]), (&json["verdict"], &json["block_hash"]));
    let other = format!("0x{}", "11".repeat(32));
    folder.run(&[&asked[..], &["--block-hash", &other]].concat()).fails_with(&["rejected: the proof holds, but is about block", &other]);
    // who does not ask for it gets no such proof for a success
    folder.run(&["block", "verify", "proof", "--any-chain"]).fails_with(&["rejected: the proof holds, but its verdict", "\"invalid\""]);
    // the other verdict about the same block
    let proof = read(&folder.path("proof"));
    let mut reader = Reader::new(&proof);
    let mut header = Header::read(&mut reader).expect("a header");
    let segments = &proof[proof.len() - reader.left()..];
    let output = PublicOutput::decode(&header.output).expect("a verdict");
    header.output = PublicOutput { valid: true, ..output }.encode().to_vec();
    folder.file("proof", [&header.to_bytes().expect("a header"), segments].concat());
    folder.run(&["block", "verify", "proof"]).fails_with(&["rejected: the output's digest is"]);
}

/// Both figures of the weakest layer, as README.md gives them.
fn assert_security(json: &Value) {
    let bits = ["conjectured_bits", "proven_bits"].map(|key| json[key].as_f64().map(|bits| format!("{bits:.1}")));
    assert_eq!(bits, ["138.2", "128.2"].map(|bits| Some(bits.to_owned())), "{json}");
}

#[test]
fn security_states_both_figures_of_the_weakest_layer() {
    let folder = Folder::new();
    let json = folder.run(&["security", "--json"]).success().json();
    assert_security(&json);
    assert_keys(&json, &["layers"]);
    assert!(folder.run(&["security"]).success().stdout.contains("segment, segment-v2:"));
}

#[test]
#[ignore = "proves a whole block guest: minutes"]
fn a_sample_block_is_proved_and_verified() {
    let folder = Folder::new();
    let json = folder.run(&["block", "sample", "-o", "block.json", "--txs", "1", "--json"]).success().json();
    let hash = json["block_hash"].as_str().expect("a hash").to_owned();
    let json = folder.run(&["block", "prove", "block.json", "-o", "proof", "--json"]).success().json();
    assert_eq!((&json["verdict"], &json["block_hash"]), (&"valid".into(), &Value::from(hash.as_str())));
    folder.run(&["block", "verify", "proof", "--block-hash", &hash]).fails_with(&["which no known chain has, not of a known chain"]);
    let json = folder.run(&["block", "verify", "proof", "--any-chain", "--block-hash", &hash, "--json"]).success().json();
    assert_eq!((&json["verdict"], &json["block_hash"]), (&"valid".into(), &Value::from(hash.as_str())));
    assert_keys(&json, &["conjectured_bits", "proven_bits", "proof_bytes", "wall_s"]);
}
