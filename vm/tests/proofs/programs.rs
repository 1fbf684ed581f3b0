//! The programs that the executor runs in agreement with `qemu-riscv64`, proved and verified, many to a segment.

use std::collections::BTreeSet;

use tern_air::isa::{Family, Instruction, Opcode};
use tern_verifier::segments::{Expected, verify};
use tern_vm::elf::Program;
use tern_vm::exec::{Machine, Observer, Options, Table};
use tern_vm::prove::limits_of;
use tern_vm::testing::programs::{self, TestProgram};

use crate::support::{cut, provable, prove_filling, shape};
use crate::workload;

const RANDOM_PROGRAMS: usize = 100;
/// Random programs in one program, whose segments end anywhere.
const RANDOM_TOGETHER: usize = 25;

/// What a run executes.
#[derive(Default)]
struct Seen {
    opcodes: BTreeSet<Opcode>,
    divisions: usize,
}

impl Observer for Seen {
    fn before(&mut self, _: &Machine, _: u32, instruction: Instruction) {
        self.opcodes.insert(instruction.op);
        self.divisions += usize::from(instruction.op.family() == Family::DivRem);
    }
}

fn observe(program: &TestProgram) -> Seen {
    let mut seen = Seen::default();
    let loaded = Program::from_elf(&program.elf()).expect("a program");
    let mut machine = Machine::new(&loaded, &[], Options::default()).expect("a machine");
    machine.run(&mut seen, 10_000_000).expect("a run without traps");
    assert!(machine.halt().is_some(), "{} does not halt", program.name);
    seen
}

/// Proves and verifies a program in segments of a shape.
fn prove(program: &TestProgram, shape_name: &str) {
    let provable = provable(&program.elf());
    let (segments, proof) = prove_filling(&provable, &[], shape(shape_name));
    let output =
        verify(&proof, &provable.key, &Expected { exit_code: 0 }).unwrap_or_else(|rejection| panic!("{}: {rejection}", program.name));
    assert!(output.bytes.is_empty(), "{}", program.name);
    assert_eq!(output.segments.map(|count| count as usize), Some(segments.len()), "{}", program.name);
    println!("{} segments of shape {shape_name}: {}", segments.len(), program.name);
}

/// The directed programs: those that can be joined, and those that must stay at their addresses.
fn directed() -> (Vec<TestProgram>, Vec<TestProgram>) {
    let mut programs = programs::directed();
    let usual = programs[0].text_start();
    let apart = programs.extract_if(.., |program| program.text_start() != usual || program.name.starts_with("pc bits")).collect();
    (programs, apart)
}

/// The joinable directed programs with divisions, of which the larger shapes hold few, and those without, each as one program.
fn joined() -> [TestProgram; 2] {
    let (mut without, _) = directed();
    let with: Vec<_> = without.extract_if(.., |program| observe(program).divisions > 0).collect();
    assert!(with.len() >= 2 && without.len() >= 10, "{} and {}", with.len(), without.len());
    [with, without].map(|programs| TestProgram::joined(&programs).expect("one address"))
}

#[test]
fn the_programs_execute_every_instruction() {
    let (joinable, apart) = directed();
    let opcodes: BTreeSet<_> = joinable.iter().chain(&apart).flat_map(|program| observe(program).opcodes).collect();
    assert_eq!(opcodes.len(), Opcode::COUNT);
    let random: BTreeSet<_> = programs::random(1, RANDOM_PROGRAMS).iter().flat_map(|program| observe(program).opcodes).collect();
    // all but fence, which changes nothing, and jalr, whose target would be random
    assert!(random.len() >= Opcode::COUNT - 2, "{random:?}");
}

#[test]
fn the_programs_fill_every_table() {
    let [with, without] = joined().map(|program| cut(&provable(&program.elf()), &[], &limits_of(shape("small"))));
    let workload = cut(&provable(&workload::elf()), workload::INPUT, &limits_of(shape("tiny")));
    for table in Table::ALL {
        let rows: usize = with.iter().chain(&without).chain(&workload).map(|task| table.rows(&task.events)).sum();
        assert!(rows > 0, "{table:?}");
        println!("{table:?}: {rows}");
    }
}

#[test]
fn directed_programs_with_divisions_are_proved() {
    prove(&joined()[0], "tiny");
}

#[test]
fn directed_programs_without_divisions_are_proved() {
    prove(&joined()[1], "small");
}

#[test]
fn directed_programs_all_over_the_address_space_are_proved() {
    let (_, apart) = directed();
    assert!(apart.len() >= 16);
    for program in apart {
        prove(&program, "tiny");
    }
}

#[test]
fn random_programs_are_proved() {
    for together in programs::random(1, RANDOM_PROGRAMS).chunks(RANDOM_TOGETHER) {
        prove(&TestProgram::joined(together).expect("one address"), "tiny");
    }
}
