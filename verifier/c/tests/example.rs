//! The header says what the crate does, and the example, compiled by the C compiler, gets the
//! documented statuses.
//!
//! `.ci/verifier-packages` runs the same example on accepted proofs.

use std::ffi::OsString;
use std::fs;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tern_verifier::VerifyingKey;
use tern_verifier::block::{BlockOutput, Chain};
use tern_verifier::package::Class;
use tern_verifier::segments::{KIND_SEGMENTS, PARAMS_SEGMENT_V2};
use tern_verifier_c as c;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");
const MAINNET_BLOCK: &str = "0xc19ed13283a0ccd0015cf8baf764f89b7e4ce60c452913f666b2381d4d6f3198";

/// Name and number of every status.
const STATUSES: [(&str, i32); 15] = [
    ("TERN_OK", c::TERN_OK),
    ("TERN_KEY", c::TERN_KEY),
    ("TERN_NOT_A_PROOF", c::TERN_NOT_A_PROOF),
    ("TERN_UNSUPPORTED", c::TERN_UNSUPPORTED),
    ("TERN_MALFORMED", c::TERN_MALFORMED),
    ("TERN_PROGRAM", c::TERN_PROGRAM),
    ("TERN_EXIT_CODE", c::TERN_EXIT_CODE),
    ("TERN_FALSE", c::TERN_FALSE),
    ("TERN_ARGUMENT", c::TERN_ARGUMENT),
    ("TERN_INTERNAL", c::TERN_INTERNAL),
    ("TERN_NOT_A_BLOCK", c::TERN_NOT_A_BLOCK),
    ("TERN_INVALID_BLOCK", c::TERN_INVALID_BLOCK),
    ("TERN_OTHER_RULES", c::TERN_OTHER_RULES),
    ("TERN_OTHER_BLOCK", c::TERN_OTHER_BLOCK),
    ("TERN_OTHER_STATE", c::TERN_OTHER_STATE),
];

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(CRATE).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names before the first opening parenthesis, in lines with `marker`.
fn functions(text: &str, marker: &str) -> Vec<String> {
    let name = |line: &str| {
        let head = line.split_once('(').filter(|_| line.contains(marker))?.0;
        let name = head.rsplit([' ', '*']).next()?;
        name.starts_with("tern_").then(|| name.to_owned())
    };
    let mut names: Vec<String> = text.lines().filter_map(name).collect();
    names.sort();
    names
}

#[test]
fn the_header_has_the_statuses_and_functions_of_the_crate() {
    let header = text("include/tern_verifier.h");
    let defined: Vec<(String, i32)> = header
        .lines()
        .filter_map(|line| line.strip_prefix("#define TERN_")?.split_once(' '))
        .filter_map(|(name, rest)| Some((format!("TERN_{name}"), rest.split_whitespace().next()?.parse().ok()?)))
        .collect();
    assert_eq!(defined, STATUSES.map(|(name, status)| (name.to_owned(), status)));
    let classes = [Class::False, Class::NotABlock, Class::InvalidBlock, Class::OtherRules, Class::OtherBlock, Class::OtherState];
    assert_eq!(
        classes.map(|class| class as i32),
        [c::TERN_FALSE, c::TERN_NOT_A_BLOCK, c::TERN_INVALID_BLOCK, c::TERN_OTHER_RULES, c::TERN_OTHER_BLOCK, c::TERN_OTHER_STATE]
    );

    let declarations: String = header.lines().filter(|line| line.ends_with(';')).collect::<Vec<_>>().join("\n");
    let declared = functions(&declarations, "tern_");
    let exported = functions(&text("src/lib.rs"), " extern \"C\" fn ");
    assert_eq!(exported.len(), 14);
    assert_eq!(exported, declared);
}

/// The library that cargo has just built for this test: the newest beside the test itself.
fn library() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.parent().expect("the test is in a folder");
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libtern_verifier_c") && name.ends_with(".a")
    };
    let libraries = fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("an entry").path()).filter(ours);
    let age = |path: &PathBuf| fs::metadata(path).and_then(|data| data.modified()).expect("a file has an age");
    libraries.max_by_key(age).expect("cargo has built the static library")
}

/// Compiles an example in a folder of its own.
fn compile(folder: &Path, name: &str) -> PathBuf {
    let program = folder.join(name);
    let compiler = std::env::var_os("CC").unwrap_or_else(|| OsString::from("cc"));
    let mut command = Command::new(compiler);
    command.args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1", "-I"]).arg(Path::new(CRATE).join("include"));
    command.arg(Path::new(CRATE).join(format!("examples/{name}.c"))).arg(library()).args(["-lpthread", "-ldl", "-lm", "-o"]).arg(&program);
    let output = command.output().expect("a C compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

fn run(program: &Path, files: [&Path; 2], arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, .. } = Command::new(program).args(files).args(arguments).output().expect("the example runs");
    (status.code(), String::from_utf8(stdout).expect("text"))
}

#[test]
fn the_example_compiles_and_reports_the_documented_statuses() {
    let folder = std::env::temp_dir().join(format!("tern-verifier-c-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let program = compile(&folder, "example");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("a file");
        path
    };
    let key_bytes = fs::read(Path::new(CRATE).join("../web/evm-guest.vkey")).expect("the block guest's key");
    let digest = VerifyingKey::from_file(&key_bytes).expect("a key").digest();
    let (key, no_key) = (file("key", &key_bytes), file("no-key", &key_bytes[1..]));
    let header = |version: u8, digest: &[u8; 32]| [b"TERN".as_slice(), &[version, KIND_SEGMENTS, PARAMS_SEGMENT_V2], digest].concat();
    let version = tern_verifier::segments::VERSION;
    let cases = [
        (&no_key, header(version, &digest), c::TERN_KEY, "verifying key"),
        (&key, b"\x7fELF and more".to_vec(), c::TERN_NOT_A_PROOF, "not a Tern proof"),
        (&key, header(99, &digest), c::TERN_UNSUPPORTED, "unsupported version"),
        (&key, header(1, &digest), c::TERN_UNSUPPORTED, "unsupported version"),
        (&key, header(version, &digest), c::TERN_MALFORMED, "truncated at byte 39"),
        (&key, vec![], c::TERN_MALFORMED, "truncated at byte 0"),
    ];
    for (key, proof, status, reason) in cases {
        let (code, shown) = run(&program, [key, &file("proof", &proof)], &[]);
        assert_eq!(code, Some(status), "{shown}");
        assert!(shown.contains(&format!("rejected ({status}): ")) && shown.contains(reason), "{shown}");
    }
    assert_eq!(run(&program, [&key, &folder.join("absent")], &[]).0, Some(100));
    for wrong in [&["payload", "0x12", "1", "0x1501"][..], &["payload", MAINNET_BLOCK], &["block", "any", "0x12"]] {
        assert_eq!(run(&program, [&key, &key], wrong).0, Some(100), "{wrong:?}");
    }
    blocks_get_the_documented_statuses(&program);
    a_rollup_follows_its_chain(&compile(&folder, "rollup"));
    fs::remove_dir_all(&folder).expect("the folder is ours");
}

/// The frozen proofs about blocks, by the example.
fn blocks_get_the_documented_statuses(program: &Path) {
    let vectors = Path::new(CRATE).join("../tests/vectors");
    let invented = "0xf4daa929547ed81ee00c994ba40842606ebc14276d76e85be81bb6e3fef75c01";
    let cases: [(&str, &[&str], i32, &str); 11] = [
        ("block-mainnet.final", &["mainnet", MAINNET_BLOCK], c::TERN_OK, "valid block, chain id 1 (mainnet)\n"),
        ("block-mainnet.final", &["known"], c::TERN_OK, "state after e9f95533d7f83b736fa4f972e04077bb2bc20dae511a9a1da270ff1411f5dfb1\n"),
        ("block-mainnet.final", &["hoodi"], c::TERN_OTHER_RULES, "under the rules of mainnet, not of hoodi"),
        ("block-mainnet.final", &["mainnet", invented], c::TERN_OTHER_BLOCK, MAINNET_BLOCK),
        ("block-invented.final", &["mainnet"], c::TERN_OTHER_RULES, "with chain id 1, which no known chain has"),
        ("block-invented.final", &["known"], c::TERN_OTHER_RULES, invented),
        ("block-invented.final", &[invented], c::TERN_OK, "chain id 1 (no known chain's rules)"),
        ("block-invalid.final", &["any"], c::TERN_INVALID_BLOCK, "\"invalid\""),
        ("fibonacci.final", &["any"], c::TERN_PROGRAM, "another program"),
        ("v1/block-mainnet.final", &["mainnet", MAINNET_BLOCK], c::TERN_UNSUPPORTED, "unsupported version"),
        ("block-mainnet.final", &["mainet"], c::TERN_ARGUMENT, "names no rules"),
    ];
    for (proof, rules, status, part) in cases {
        let arguments: Vec<&str> = ["block"].iter().chain(rules).copied().collect();
        let (code, shown) = run(program, [&vectors.join("block.vkey"), &vectors.join(proof)], &arguments);
        assert!(code == Some(status) && shown.contains(part), "{proof} {rules:?}: {code:?} {shown}");
        assert!(shown.starts_with(concat!("verifier ", env!("CARGO_PKG_VERSION"), ", proof format 2\n")), "{shown}");
    }
    let (key, proof) = (vectors.join("fibonacci.vkey"), vectors.join("fibonacci.final"));
    assert_eq!(run(program, [&key, &proof], &["block", "any"]).0, Some(c::TERN_NOT_A_BLOCK));
    // None of them is about a payload request; `.ci/verifier-packages` proves one that is.
    for (key, proof, status, part) in [
        ("block.vkey", "block-mainnet.final", c::TERN_NOT_A_BLOCK, "expected 43 bytes, got 192"),
        ("fibonacci.vkey", "fibonacci.final", c::TERN_NOT_A_BLOCK, "expected 43 bytes, got 8"),
        ("fibonacci.vkey", "block-mainnet.final", c::TERN_PROGRAM, "another program"),
    ] {
        for arguments in [&["payload"][..], &["payload", MAINNET_BLOCK, "1", "0x1501"]] {
            let (code, shown) = run(program, [&vectors.join(key), &vectors.join(proof)], arguments);
            assert!(code == Some(status) && shown.contains(part), "{proof}: {code:?} {shown}");
        }
    }
}

/// The two blocks of a chain of its own, by the rollup's example. What is expected is what the
/// guest wrote in the machine.
fn a_rollup_follows_its_chain(program: &Path) {
    let vectors = Path::new(CRATE).join("../tests/vectors");
    let expected = fs::read_to_string(vectors.join("rollup.expected")).expect("a frozen file");
    let field = |line: &str, name: &str| -> String {
        let rest = line.split_once(&format!("\"{name}\":")).expect("the field").1;
        rest.split([',', '}']).next().expect("a value").trim_matches('"').to_owned()
    };
    let [first, second] = expected.lines().collect::<Vec<_>>()[..] else { panic!("two lines") };
    let (rules, before) = (field(first, "chain_config_hash"), field(first, "pre_state_root"));
    let hashes = [first, second].map(|line| field(line, "block_hash"));
    let proofs = [1, 2].map(|block| vectors.join(format!("rollup-{block}.final")).display().to_string());
    let follow = |rules: &str, before: &str, blocks: &[(&str, &str)]| {
        let blocks = blocks.iter().flat_map(|(hash, proof)| [*hash, *proof]);
        let arguments = [rules, before].into_iter().chain(blocks);
        let output = Command::new(program).arg(vectors.join("block.vkey")).args(arguments).output().expect("the example runs");
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let [one, two] = [(&*hashes[0], &*proofs[0]), (&*hashes[1], &*proofs[1])];
    assert_eq!(field(first, "post_state_root"), field(second, "pre_state_root"));

    let gas: u64 = [first, second].iter().map(|line| field(line, "gas_used").parse::<u64>().expect("a number")).sum();
    let after = format!("state {}, gas used {gas}\n", &field(second, "post_state_root")[2..]);
    assert_eq!(follow(&rules, &before, &[one, two]), (Some(c::TERN_OK), after));

    let refused = |(status, shown): (Option<i32>, String), expected: i32, part: &str| {
        assert!(status == Some(expected) && shown.contains(part), "{status:?} {shown}");
        // What was not taken changes nothing.
        assert!(shown.ends_with(", gas used 0\n"), "{shown}");
    };
    refused(follow(&rules, &before, &[two]), c::TERN_OTHER_STATE, "executes the block on the state");
    refused(follow(&rules, &before, &[(one.0, two.1)]), c::TERN_OTHER_BLOCK, one.0);
    refused(follow("known", &before, &[one]), c::TERN_OTHER_RULES, "which no known chain has");
    refused(follow(&rules, &hashes[0], &[one]), c::TERN_OTHER_STATE, &hashes[0]);
}

/// What C reads of a block is what the crate says, field by field.
#[test]
fn blocks_are_laid_out_as_in_the_header() {
    let vectors = Path::new(CRATE).join("../tests/vectors");
    let [proof, key] = ["block-mainnet.final", "block.vkey"].map(|name| fs::read(vectors.join(name)).expect("a frozen file"));
    let mut outcome = std::ptr::null_mut();
    // SAFETY: buffers with their lengths, a text that ends with a zero byte; the outcome is used
    // before its one free.
    unsafe {
        let null = std::ptr::null();
        let status = c::tern_verify_block(proof.as_ptr(), proof.len(), key.as_ptr(), key.len(), c"known".as_ptr(), null, &mut outcome);
        assert_eq!(status, c::TERN_OK);
        let block = *c::tern_outcome_block(outcome);
        let mut len = 0;
        let output = c::tern_outcome_output(outcome, &mut len);
        let decoded = BlockOutput::decode(std::slice::from_raw_parts(output, len)).expect("the guest's output");
        assert_eq!((block.chain_id, block.valid, &block.chain[..8]), (1, 1, &b"mainnet\0"[..]));
        let hashes = [block.chain_config, block.block_hash, block.parent_hash, block.pre_state_root, block.post_state_root];
        assert_eq!(hashes.as_flattened(), &decoded.encode()[24..184]);
        assert_eq!(block.gas_used, decoded.gas_used);
        c::tern_outcome_free(outcome);

        // A proof that `tern_verify` accepts is about no block.
        assert_eq!(c::tern_verify(proof.as_ptr(), proof.len(), key.as_ptr(), key.len(), 0, &mut outcome), c::TERN_OK);
        assert!(c::tern_outcome_block(outcome).is_null());
        c::tern_outcome_free(outcome);
    }
    assert_eq!((offset_of!(c::Block, chain), offset_of!(c::Block, chain_config), size_of::<c::Block>()), (12, 32, 200));
    assert_eq!((offset_of!(c::Payload, chain), offset_of!(c::Payload, request_root), size_of::<c::Payload>()), (16, 36, 72));
    assert!(Chain::ALL.iter().all(|chain| chain.name().len() < c::CHAIN_BYTES));
}

#[test]
fn null_pointers_are_refused_or_ignored() {
    use std::ptr::{null, null_mut};
    // SAFETY: null stands where the functions allow it; the outcome is used only between
    // `tern_verify` and its one free.
    unsafe {
        let mut outcome = null_mut();
        assert_eq!(c::tern_verify(null(), 1, null(), 0, 0, &mut outcome), c::TERN_ARGUMENT);
        assert_eq!(c::tern_outcome_status(outcome), c::TERN_ARGUMENT);
        let mut len = 1;
        assert!(c::tern_outcome_output(outcome, &mut len).is_null() && len == 0);
        assert!(c::tern_outcome_program(outcome).is_null());
        c::tern_outcome_free(outcome);

        let byte = [0];
        assert_eq!(c::tern_verify(byte.as_ptr(), usize::MAX, null(), 0, 0, null_mut()), c::TERN_ARGUMENT);
        assert_eq!(c::tern_verify(null(), 0, null(), 0, 0, null_mut()), c::TERN_KEY);
        assert_eq!(c::tern_verify_block(null(), 1, null(), 0, c"any".as_ptr(), null(), null_mut()), c::TERN_ARGUMENT);
        assert_eq!(c::tern_verify_block(null(), 0, null(), 0, null(), null(), null_mut()), c::TERN_ARGUMENT);
        assert_eq!(c::tern_verify_block(null(), 0, null(), 0, c"\xff".as_ptr(), null(), null_mut()), c::TERN_ARGUMENT);
        assert_eq!(c::tern_verify_block(null(), 0, null(), 0, c"any".as_ptr(), [0; 32].as_ptr(), null_mut()), c::TERN_KEY);
        assert_eq!(c::tern_verify_payload(null(), 1, null(), 0, null(), null(), null(), null_mut()), c::TERN_ARGUMENT);
        assert_eq!(c::tern_verify_payload(null(), 0, null(), 0, [0; 32].as_ptr(), &1, &0x1501, null_mut()), c::TERN_KEY);
        assert!(c::tern_outcome_block(null()).is_null());
        assert!(c::tern_outcome_payload(null()).is_null());
        assert_eq!(c::tern_outcome_status(null()), c::TERN_ARGUMENT);
        assert_eq!(*c::tern_outcome_reason(null()), 0);
        assert!(c::tern_outcome_output(null(), null_mut()).is_null());
        assert_eq!(c::tern_outcome_kind(null()), 0);
        c::tern_outcome_free(null_mut());
    }
}
