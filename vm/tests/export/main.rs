//! What `tern spec export` writes, read by a program that shares nothing with this one: `reader.py` knows `spec/export.md` and the file, and computes degrees, counts and digests from it.

mod stated;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;
use tern_air::chip::System;
use tern_air::machine::MachineAir;
use tern_air::recursion::CircuitAir;
use tern_air::relation;
use tern_verifier::final_proof::Circuits;

use stated::Stated;

const PYTHON: &str = "python3";

/// What the reader says of a constraint system.
#[derive(Deserialize)]
struct SystemSummary {
    digest: String,
    chips: BTreeMap<String, ChipSummary>,
}

/// What it says of a chip.
#[derive(Deserialize, PartialEq, Eq, Debug)]
struct ChipSummary {
    constraint_degrees: Vec<usize>,
    multiplicity_degrees: Vec<usize>,
    constraints: BTreeMap<String, usize>,
    messages: BTreeMap<String, usize>,
}

impl ChipSummary {
    /// What the chip itself says.
    fn of(air: &impl System) -> Self {
        let stated = Stated::of(air);
        let degrees = |list: &[(&str, usize)]| list.iter().map(|(_, degree)| *degree).collect();
        let labels = |list: &[(&str, usize)]| {
            let mut counts = BTreeMap::new();
            list.iter().for_each(|(label, _)| *counts.entry((*label).to_owned()).or_default() += 1);
            counts
        };
        Self {
            constraint_degrees: degrees(&stated.constraints),
            multiplicity_degrees: degrees(&stated.messages),
            constraints: labels(&stated.constraints),
            messages: labels(&stated.messages),
        }
    }
}

/// Whether there is an interpreter; its absence is an error where `CI=true`.
fn has_python() -> bool {
    let found = Command::new(PYTHON).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{PYTHON} is not installed");
        println!("skipped: {PYTHON} is not installed");
    }
    found
}

/// What the reader makes of a document.
fn read(json: &str) -> Result<BTreeMap<String, SystemSummary>, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export/reader.py");
    // Without `-B` the interpreter leaves its bytecode in the repository.
    let mut command = Command::new(PYTHON);
    let mut reader = command.arg("-B").arg(script).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the reader");
    let mut input = reader.stdin.take().expect("its input");
    input.write_all(json.as_bytes()).expect("writing the document");
    drop(input);
    let output = reader.wait_with_output().expect("the reader's end");
    if !output.status.success() {
        return Err(output.status.to_string());
    }
    Ok(serde_json::from_slice(&output.stdout).expect("a summary"))
}

fn check<S: System>(summary: &SystemSummary, digest: [u8; 32]) {
    assert_eq!(summary.digest, hex::encode(digest));
    assert_eq!(summary.chips.len(), S::all().len());
    for air in S::all() {
        assert_eq!(summary.chips[air.name()], ChipSummary::of(&air), "{}", air.name());
    }
}

/// The digest covers every label, every constraint and message in order, and the closed forms of fixed columns.
#[test]
fn a_reader_finds_degrees_counts_and_digests() {
    if !has_python() {
        return;
    }
    let json = tern_vm::spec::relation_json(&Circuits::recorded().expect("the record"));
    let systems = read(&json).expect("a summary");
    assert_eq!(systems.len(), 2);
    check::<MachineAir>(&systems["machine"], relation::machine_digest());
    check::<CircuitAir>(&systems["recursion"], relation::circuit_digest());

    // One constant more or less is another relation.
    let constant = r#"["const",65535]"#;
    assert!(json.contains(constant));
    let systems = read(&json.replacen(constant, r#"["const",65534]"#, 1)).expect("a summary");
    assert_ne!(systems["machine"].digest, hex::encode(relation::machine_digest()));
    assert!(read(&json.replacen(r#""version":1"#, r#""version":2"#, 1)).is_err());
}
