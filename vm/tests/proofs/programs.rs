//! The programs that the executor runs in agreement with `qemu-riscv64`, proved and verified, many
//! to a segment.

use std::collections::BTreeSet;

use tern_air::isa::{Instruction, Opcode};
use tern_verifier::segments::{Expected, verify};
use tern_vm::elf::Program;
use tern_vm::exec::{Machine, Observer, Options, SegmentLimits, Table};
use tern_vm::prove::limits_of;
use tern_vm::testing::programs::{self, TestProgram};
use tern_vm::testing::workload;

use crate::support::{cut, provable, prove_cut};

const RANDOM_PROGRAMS: usize = 100;
/// Random programs in one program, whose segments end anywhere.
const RANDOM_TOGETHER: usize = 25;

/// Base-2 logarithm of the rows of the matrix that segments are cut for: joined programs have several.
const LOG_ROWS: usize = 14;

/// The opcodes that a run executes.
#[derive(Default)]
struct Seen(BTreeSet<Opcode>);

impl Observer for Seen {
    fn before(&mut self, _: &Machine, _: u32, instruction: Instruction) {
        self.0.insert(instruction.op);
    }
}

fn observe(program: &TestProgram) -> BTreeSet<Opcode> {
    let mut seen = Seen::default();
    let loaded = Program::from_elf(&program.elf()).expect("a program");
    let mut machine = Machine::new(&loaded, &[], Options::default()).expect("a machine");
    machine.run(&mut seen, 10_000_000).expect("a run without traps");
    assert!(machine.halt().is_some(), "{} does not halt", program.name);
    seen.0
}

/// Proves and verifies a program in segments that these limits cut, and says how many.
fn prove(program: &TestProgram, limits: &SegmentLimits) -> usize {
    let provable = provable(&program.elf());
    let (segments, proof) = prove_cut(&provable, &[], limits);
    let output =
        verify(&proof, &provable.key, &Expected { exit_code: 0 }).unwrap_or_else(|rejection| panic!("{}: {rejection}", program.name));
    assert!(output.bytes.is_empty(), "{}", program.name);
    assert_eq!(output.segments.map(|count| count as usize), Some(segments.len()), "{}", program.name);
    println!("{} segments: {}", segments.len(), program.name);
    segments.len()
}

/// The directed programs: those that can be joined, and those that must stay at their addresses.
fn directed() -> (Vec<TestProgram>, Vec<TestProgram>) {
    let mut programs = programs::directed();
    let usual = programs[0].text_start();
    let apart = programs.extract_if(.., |program| program.text_start() != usual || program.name.starts_with("pc bits")).collect();
    (programs, apart)
}

/// The joinable directed programs as one.
fn joined() -> TestProgram {
    let (joinable, _) = directed();
    assert!(joinable.len() >= 12, "{}", joinable.len());
    TestProgram::joined(&joinable).expect("one address")
}

#[test]
fn the_programs_execute_every_instruction() {
    let (joinable, apart) = directed();
    let opcodes: BTreeSet<_> = joinable.iter().chain(&apart).flat_map(observe).collect();
    assert_eq!(opcodes.len(), Opcode::COUNT);
    let random: BTreeSet<_> = programs::random(1, RANDOM_PROGRAMS).iter().flat_map(observe).collect();
    // all but fence, which changes nothing, and jalr, whose target would be random
    assert!(random.len() >= Opcode::COUNT - 2, "{random:?}");
}

#[test]
fn the_programs_fill_every_table() {
    let directed = cut(&provable(&joined().elf()), &[], &limits_of(LOG_ROWS));
    let workload = cut(&provable(&workload::elf()), workload::INPUT, &limits_of(LOG_ROWS));
    for table in Table::ALL {
        let rows: usize = directed.iter().chain(&workload).map(|segment| table.rows(&segment.events)).sum();
        assert!(rows > 0, "{table:?}");
        println!("{table:?}: {rows}");
    }
}

#[test]
fn directed_programs_are_proved() {
    assert!(prove(&joined(), &limits_of(LOG_ROWS)) > 1);
}

#[test]
fn directed_programs_all_over_the_address_space_are_proved() {
    let (_, apart) = directed();
    assert!(apart.len() >= 16);
    for program in apart {
        prove(&program, &limits_of(LOG_ROWS));
    }
}

#[test]
fn random_programs_are_proved() {
    for together in programs::random(1, RANDOM_PROGRAMS).chunks(RANDOM_TOGETHER) {
        let together = TestProgram::joined(together).expect("one address");
        assert!(prove(&together, &limits_of(LOG_ROWS)) > 1);
    }
}
