//! What `tern spec export` writes, read by programs that share nothing with this one: `reader.py`
//! knows `spec/export.md` and the file, and computes degrees, counts and digests from it; `lean.py`
//! and `picus.py` read those formats back and compare them with the JSON. `page.py` drives the page
//! in a browser (`.ci/verifier-packages`).

mod stated;

use std::collections::BTreeMap;
use std::fs;
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

/// What one of the readers of other formats says of its files, beside the relation as JSON.
fn read_files(script: &str, files: &[(String, String)]) -> Result<BTreeMap<String, usize>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let relation = folder.path().join("relation.json");
    let texts = folder.path().join("files");
    fs::create_dir(&texts).expect("a folder");
    fs::write(&relation, tern_vm::spec::relation_json(&Circuits::recorded().expect("the record"))).expect("the relation");
    for (name, text) in files {
        fs::write(texts.join(name), text).expect("a file");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export").join(script);
    let output = Command::new(PYTHON).arg("-B").arg(script).arg(relation).arg(texts).output().expect("the reader");
    let error = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(error.lines().last().unwrap_or_default().to_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).expect("a summary"))
}

/// Files of which one has this in the place of that.
fn changed(files: &[(String, String)], name: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let mut files = files.to_vec();
    let (_, text) = files.iter_mut().find(|(file, _)| file == name).expect("the file");
    assert!(text.contains(from), "{name} has {from}");
    *text = text.replacen(from, to, 1);
    files
}

fn count(check: impl Fn(&Stated) -> usize) -> usize {
    let machine = MachineAir::all();
    let recursion = CircuitAir::all();
    machine.iter().map(|air| check(&Stated::of(air))).chain(recursion.iter().map(|air| check(&Stated::of(air)))).sum()
}

fn check<S: System>(summary: &SystemSummary, digest: [u8; 32]) {
    assert_eq!(summary.digest, hex::encode(digest));
    assert_eq!(summary.chips.len(), S::all().len());
    for air in S::all() {
        assert_eq!(summary.chips[air.name()], ChipSummary::of(&air), "{}", air.name());
    }
}

/// The digest covers every label, every constraint and message in order, and the closed forms of
/// fixed columns.
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

#[test]
fn lean_files_say_what_the_export_says() {
    if !has_python() {
        return;
    }
    let files = tern_vm::spec::lean_files();
    let summary = read_files("lean.py", &files).expect("a summary");
    assert_eq!(summary["files"], MachineAir::all().len() + CircuitAir::all().len());
    assert_eq!(summary["constraints"], count(|stated| stated.constraints.len()));
    assert_eq!(summary["messages"], count(|stated| stated.messages.len()));

    // Other numbers, columns, signs or words are noticed.
    for (from, to) in
        [("65536", "65537"), ("(column := 3)", "(column := 4)"), (" - ", " + "), (" = 0\n", " = 1\n"), ("(row := row)", "(row := 0)")]
    {
        assert!(read_files("lean.py", &changed(&files, "DivRem.lean", from, to)).is_err(), "{to} in the place of {from}");
    }
    let without_one: Vec<_> = files[1..].to_vec();
    assert!(read_files("lean.py", &without_one).is_err());
}

#[test]
fn picus_programs_say_what_the_export_says() {
    if !has_python() {
        return;
    }
    let files = tern_vm::spec::picus_files();
    let summary = read_files("picus.py", &files).expect("a summary");
    let stated: Vec<Stated> = MachineAir::all().iter().map(Stated::of).collect();
    assert_eq!(summary["files"], stated.iter().filter(|stated| !stated.constraints.is_empty()).count());
    assert_eq!(summary["constraints"], stated.iter().map(|stated| stated.constraints.len()).sum::<usize>());
    assert!(summary["lookups"] > 0 && summary["inputs"] > 0 && summary["outputs"] > 0);

    let changes = [
        ("shift.picus", " 65536)", " 65537)"),
        ("shift.picus", "(input in_execute_count)", "(output in_execute_count)"),
        ("bitwise.picus", "(=> (= is_real 1)", "(=> (= is_real 0)"),
        ("bitwise.picus", "(* 2 (*", "(* 1 (*"),
        ("div_rem.picus", "(< ", "(<= "),
        ("add_sub.picus", "(end-module)\n", "(assert (= 0 1))\n(end-module)\n"),
    ];
    for (name, from, to) in changes {
        assert!(read_files("picus.py", &changed(&files, name, from, to)).is_err(), "{name}: {to} in the place of {from}");
    }
}
