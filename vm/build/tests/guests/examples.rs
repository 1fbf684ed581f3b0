//! The examples of `guest-evm/examples` and `guest-evm/c/examples`, one of each accelerator in
//! either language, on published inputs and outputs; and some of them proved.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;
use tern_build::{Language, Options, compile, create};
use tern_verifier::Expected;
use tern_vm::elf::Program;
use tern_vm::exec::{self, RunSummary};
use tern_vm::prove::{self, ProvableProgram};

use crate::compilers::{has_gcc, rust_options, sources};

/// Examples that are proved, in both languages: each calls another accelerator of the machine.
const PROVED: [&str; 5] = ["keccak256", "sha256", "blake2f", "secp256k1", "mulmod"];

/// A run of an example.
#[derive(Deserialize)]
struct Case {
    example: String,
    /// Who says that it gives this output.
    source: String,
    #[serde(with = "hex::serde")]
    input: Vec<u8>,
    #[serde(with = "hex::serde")]
    output: Vec<u8>,
    exit_code: u32,
}

fn cases() -> Vec<Case> {
    let text = fs::read_to_string(sources("guest-evm/examples/vectors.json")).expect("the cases");
    serde_json::from_str(&text).expect("cases")
}

fn names(cases: &[Case]) -> BTreeSet<&str> {
    cases.iter().map(|case| case.example.as_str()).collect()
}

fn run(program: &Program, input: &[u8]) -> RunSummary {
    exec::run(program, input, exec::Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs an example on its cases, and proves one of them if it is to be proved.
fn check(name: &str, elf: &[u8], cases: &[Case]) {
    let program = Program::from_elf(elf).expect("a program of the machine");
    let own: Vec<_> = cases.iter().filter(|case| case.example == name).collect();
    for case in &own {
        let summary = run(&program, &case.input);
        assert_eq!((summary.halt.exit_code, hex::encode(&summary.output)), (case.exit_code, hex::encode(&case.output)), "{}", case.source);
        println!("{name}: {} cycles ({})", summary.cycles, case.source);
    }
    if PROVED.contains(&name) {
        let case = own.iter().rfind(|case| case.exit_code == 0).expect("a run that succeeds");
        prove(program, case);
    }
}

fn prove(program: Program, case: &Case) {
    let provable = ProvableProgram::new(program).expect("a program that can be proved");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("proof");
    let options = prove::Options { segment_log_rows: 16, exit_code: Some(0), ..Default::default() };
    prove::prove(&provable, &case.input, &path, &options, &()).unwrap_or_else(|error| panic!("{}: {error}", case.example));
    let proof = fs::read(path).expect("the proof");
    let proved = tern_verifier::verify(&proof, &provable.key, &Expected { exit_code: 0 }).expect("a valid proof");
    assert_eq!(proved.bytes, case.output, "{}", case.example);
    println!("{}: proved, {} bytes", case.example, proof.len());
}

#[test]
fn examples_in_rust() {
    let Some(options) = rust_options() else { return };
    let cases = cases();
    for name in names(&cases) {
        let options = Options { bin: Some(name.to_owned()), locked: true, ..options.clone() };
        let compiled = compile(&sources("guest-evm/examples"), &options).unwrap_or_else(|error| panic!("{name}: {error}"));
        check(name, &compiled.bytes, &cases);
    }
}

#[test]
fn examples_in_c() {
    if !has_gcc() {
        return;
    }
    let cases = cases();
    let folder = tempfile::tempdir().expect("a folder");
    for name in names(&cases) {
        let project = folder.path().join(name);
        create(&project, Language::C, None).unwrap_or_else(|error| panic!("{error}"));
        fs::remove_dir_all(project.join("src")).expect("a folder");
        fs::create_dir(project.join("src")).expect("a folder");
        let source = format!("{name}.c");
        fs::copy(sources("guest-evm/c/examples").join(&source), project.join("src").join(&source)).expect("a file");
        let compiled = compile(&project, &Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        check(name, &compiled.bytes, &cases);
    }
}

/// Each source is a case's, but for those that are no example of an accelerator.
#[test]
fn every_example_has_cases() {
    let cases = cases();
    let others = ["counter", "digest", "fibonacci", "plain", "selftest", "typed"];
    for folder in ["guest-evm/examples/src/bin", "guest-evm/c/examples"] {
        let stem = |entry: fs::DirEntry| entry.path().file_stem().expect("a name").to_string_lossy().into_owned();
        let sources: BTreeSet<_> = fs::read_dir(sources(folder)).expect("the sources").map(|entry| stem(entry.expect("a file"))).collect();
        let expected: BTreeSet<_> = sources.iter().map(String::as_str).filter(|name| !others.contains(name)).collect();
        assert_eq!(expected, names(&cases), "{folder}");
    }
}

/// The typed example: a value in postcard's encoding, and inputs that are none, natively and in the
/// machine alike.
#[test]
fn typed_input_and_output() {
    let Some(options) = rust_options() else { return };
    let options = Options { bin: Some("typed".into()), locked: true, ..options };
    let compiled = compile(&sources("guest-evm/examples"), &options).unwrap_or_else(|error| panic!("{error}"));
    let program = Program::from_elf(&compiled.bytes).expect("a program of the machine");
    let ended = |input: &[u8]| {
        let summary = run(&program, input);
        (summary.halt.exit_code, summary.output)
    };
    // lengths, then varints: balances 5 and 300; 200 from the second to the first
    let ledger = [2, 5, 0xac, 0x02, 1, 1, 0, 0xc8, 0x01];
    assert_eq!(ended(&ledger), (0, vec![2, 0xcd, 0x01, 100]));
    assert_eq!(ended(&ledger[..8]), (1, vec![]), "cut short");
    assert_eq!(ended(&[&ledger[..], &[0]].concat()), (1, vec![]), "a byte too many");
    assert_eq!(ended(&[2, 5, 7, 1, 1, 0, 8]), (1, vec![]), "more than there is");
    assert_eq!(ended(&[2, 5, 7, 1, 1, 2, 3]), (1, vec![]), "no such account");
    assert_eq!(ended(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), (1, vec![]), "a false length");
}
