use std::fmt::Write as _;
use std::process::Command;

use tern_air::isa;

use super::{HALFWORDS, Row, WORDS, name};

const TOOLS: [&str; 2] = ["riscv64-unknown-elf-as", "riscv64-unknown-elf-objdump"];

/// Every row with a word of its instruction: a word's operands are all zeros, a halfword's all
/// ones, since many compressed instructions have none that are zero.
fn rows() -> impl Iterator<Item = (&'static Row, u32)> {
    let words = WORDS.iter().map(|row| (row, row.matches));
    words.chain(HALFWORDS.iter().map(|row| (row, row.matches | !row.mask & 0xffff)))
}

#[test]
fn rows_are_told_apart_and_are_none_of_the_machines() {
    for (row, word) in rows() {
        assert_eq!(row.matches & !row.mask, 0, "{}", row.name);
        assert_eq!(name(word), Some(row.name), "{word:#x}");
        assert_eq!(name(row.matches | !row.mask), Some(row.name), "{word:#x}");
        assert_eq!(isa::decode(word), None, "{}", row.name);
    }
}

/// Whether binutils are there; their absence is an error where `CI=true`.
fn has_tools() -> bool {
    let found = TOOLS.iter().all(|tool| Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success()));
    if !found {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{TOOLS:?} are not installed");
        println!("skipped: {TOOLS:?} are not installed");
    }
    found
}

fn stdout(command: &mut Command) -> String {
    let output = command.output().expect("a tool that runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The names are those that binutils give the same words.
#[test]
fn names_agree_with_binutils() {
    if !has_tools() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (source, object) = (folder.path().join("words.s"), folder.path().join("words.o"));
    let mut text = String::new();
    for (_, word) in rows() {
        let bytes = if word & 3 == 3 { 4 } else { 2 };
        writeln!(text, ".insn {bytes}, {word:#x}").expect("writing to a string");
    }
    std::fs::write(&source, text).expect("a file");
    let march = "-march=rv64imafdc_zicsr_zifencei_zba_zbb_zbs";
    stdout(Command::new(TOOLS[0]).args([march, "-mabi=lp64", "-o"]).args([&object, &source]));
    let listing = stdout(Command::new(TOOLS[1]).args(["-d", "-M", "no-aliases"]).arg(&object));
    // address, word, name, operands
    let names: Vec<&str> = listing.lines().filter_map(|line| line.split('\t').nth(2)).collect();
    assert_eq!(names.len(), rows().count(), "{listing}");
    for ((row, word), got) in rows().zip(names) {
        assert_eq!(got, row.name, "{word:#x}");
    }
}
