//! The header says what the crate does, and the example, compiled by the C compiler, gets the documented statuses.
//!
//! `.ci/verifier-packages` runs the same example on accepted proofs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tern_verifier::VerifyingKey;
use tern_verifier::package::Class;
use tern_verifier_c as c;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// Name and number of every status.
const STATUSES: [(&str, i32); 10] = [
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
];

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(CRATE).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names that follow `before` and end at an opening parenthesis.
fn functions(text: &str, before: &str) -> Vec<String> {
    let name = |line: &str| {
        let start = line.split_once(before)?.1;
        let end = start.find('(')?;
        let name = format!("tern_{}", &start[..end]);
        name.chars().all(|char| char.is_ascii_lowercase() || char == '_').then_some(name)
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
    assert_eq!(c::TERN_FALSE, Class::False as i32);

    let declarations: String = header.lines().filter(|line| line.ends_with(';')).collect::<Vec<_>>().join("\n");
    let declared = functions(&declarations, "tern_");
    let exported = functions(&text("src/lib.rs"), "pub unsafe extern \"C\" fn tern_");
    assert_eq!(exported.len(), 7);
    assert_eq!(exported, declared.iter().map(|name| name.replace("tern_outcome *tern_", "tern_")).collect::<Vec<_>>());
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

/// Compiles the example in a folder of its own.
fn compile(folder: &Path) -> PathBuf {
    let program = folder.join("example");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| OsString::from("cc"));
    let mut command = Command::new(compiler);
    command.args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1", "-I"]).arg(Path::new(CRATE).join("include"));
    command.arg(Path::new(CRATE).join("examples/example.c")).arg(library()).args(["-lpthread", "-ldl", "-lm", "-o"]).arg(&program);
    let output = command.output().expect("a C compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

fn run(program: &Path, files: [&Path; 2]) -> (Option<i32>, String) {
    let Output { status, stdout, .. } = Command::new(program).args(files).output().expect("the example runs");
    (status.code(), String::from_utf8(stdout).expect("text"))
}

#[test]
fn the_example_compiles_and_reports_the_documented_statuses() {
    let folder = std::env::temp_dir().join(format!("tern-verifier-c-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let program = compile(&folder);
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("a file");
        path
    };
    let key_bytes = fs::read(Path::new(CRATE).join("../web/evm-guest.vkey")).expect("the block guest's key");
    let digest = VerifyingKey::from_file(&key_bytes).expect("a key").digest();
    let (key, no_key) = (file("key", &key_bytes), file("no-key", &key_bytes[1..]));
    let header = |version: u8, digest: &[u8; 32]| [b"TERN".as_slice(), &[version, 1, 1], digest].concat();
    let version = tern_verifier::segments::VERSION;
    let cases = [
        (&no_key, header(version, &digest), c::TERN_KEY, "verifying key"),
        (&key, b"\x7fELF and more".to_vec(), c::TERN_NOT_A_PROOF, "not a Tern proof"),
        (&key, header(99, &digest), c::TERN_UNSUPPORTED, "unsupported version"),
        (&key, header(version, &digest), c::TERN_MALFORMED, "truncated at byte 39"),
        (&key, vec![], c::TERN_MALFORMED, "truncated at byte 0"),
    ];
    for (key, proof, status, reason) in cases {
        let (code, shown) = run(&program, [key, &file("proof", &proof)]);
        assert_eq!(code, Some(status), "{shown}");
        assert!(shown.starts_with(&format!("rejected ({status}): ")) && shown.contains(reason), "{shown}");
    }
    assert_eq!(run(&program, [&key, &folder.join("absent")]).0, Some(100));
    fs::remove_dir_all(&folder).expect("the folder is ours");
}

#[test]
fn null_pointers_are_refused_or_ignored() {
    use std::ptr::{null, null_mut};
    // SAFETY: null stands where the functions allow it; the outcome is used only between `tern_verify` and its one free.
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
        assert_eq!(c::tern_outcome_status(null()), c::TERN_ARGUMENT);
        assert_eq!(*c::tern_outcome_reason(null()), 0);
        assert!(c::tern_outcome_output(null(), null_mut()).is_null());
        assert_eq!(c::tern_outcome_kind(null()), 0);
        c::tern_outcome_free(null_mut());
    }
}
