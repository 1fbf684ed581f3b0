//! The executor against `qemu-riscv64` (Debian's `qemu-user`): the same words, the same final
//! registers and memory.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tern_vm::elf::Program;
use tern_vm::exec::{Machine, Options};
use tern_vm::testing::programs::{self, MEMORY_BYTES, MEMORY_START, TestProgram};

const QEMU: &str = "qemu-riscv64";
const RANDOM_PROGRAMS: usize = 200;

/// Whether the emulator is there; its absence is an error where `CI=true`.
fn has_qemu() -> bool {
    let found = Command::new(QEMU).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{QEMU} is not installed");
        println!("skipped: {QEMU} is not installed");
    }
    found
}

fn emulate(program: &TestProgram) -> Vec<u8> {
    let mut file =
        tempfile::Builder::new().prefix("tern-").permissions(Permissions::from_mode(0o700)).tempfile().expect("a temporary file");
    file.write_all(&program.linux_elf()).expect("writing the program");
    let output = Command::new(QEMU).arg(file.path()).output().expect("running the emulator");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {} {errors}", program.name, output.status);
    output.stdout
}

fn execute(program: &TestProgram) -> Vec<u8> {
    let loaded = Program::from_elf(&program.elf()).unwrap_or_else(|e| panic!("{}: {e}", program.name));
    let mut machine = Machine::new(&loaded, &[], Options::default()).expect("a machine");
    machine.run(&mut (), 10_000_000).unwrap_or_else(|e| panic!("{}: {e}", program.name));
    assert_eq!(machine.halt().map(|halt| halt.exit_code), Some(0), "{}", program.name);
    machine.memory().bytes(MEMORY_START.into(), MEMORY_BYTES.into()).expect("the results").to_vec()
}

fn compare(programs: &[TestProgram]) {
    if !has_qemu() {
        return;
    }
    for program in programs {
        let (expected, actual) = (emulate(program), execute(program));
        assert_eq!(expected.len(), actual.len(), "{}", program.name);
        let difference = expected.chunks(8).zip(actual.chunks(8)).position(|(e, a)| e != a);
        if let Some(dword) = difference {
            let (e, a) = (&expected[8 * dword..8 * dword + 8], &actual[8 * dword..8 * dword + 8]);
            panic!("{}: dword {:#x} is {a:02x?}, not {e:02x?}", program.name, MEMORY_START as usize + 8 * dword);
        }
        assert!(actual.iter().any(|&byte| byte != 0), "{} left nothing to compare", program.name);
    }
    println!("{} programs agree", programs.len());
}

#[test]
fn directed_programs_agree() {
    compare(&programs::directed());
}

#[test]
fn random_programs_agree() {
    compare(&programs::random(1, RANDOM_PROGRAMS));
}
