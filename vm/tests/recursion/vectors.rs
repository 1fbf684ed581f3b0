//! Writes the frozen final proof that the verifier's tests read (`verifier/tests/vectors`).

use std::num::NonZeroUsize;
use std::path::Path;

use tern_air::isa::Opcode;
use tern_verifier::segments::{Expected, Output};
use tern_vm::elf::Program;
use tern_vm::exec::ecall;
use tern_vm::prove::{Options, ProvableProgram, prove_final};
use tern_vm::recursion::Combiner;
use tern_vm::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier/tests/vectors");
const TEXT: u32 = 0x1_0000;
const DATA: u32 = 0x2000_0000;
/// Number of the Fibonacci number that the program writes.
const INDEX: u64 = 90;
const FIBONACCI: u64 = 2_880_067_194_370_816_120;

/// Computes a Fibonacci number modulo 2^64 in a loop, writes its eight bytes and halts with exit code 0.
pub fn fibonacci(index: u64) -> Vec<u8> {
    let mut code = Asm::new(TEXT);
    code.li(5, 0).li(6, 1).li(7, index);
    let again = code.label();
    code.bind(again).register(Opcode::Add, 8, 5, 6).mv(5, 6).mv(6, 8);
    code.immediate(Opcode::Addi, 7, 7, -1).branch(Opcode::Bne, 7, 0, again);
    code.li(9, DATA.into()).store(Opcode::Sd, 5, 9, 0);
    call(&mut code, ecall::WRITE_OUTPUT, &[DATA.into(), 8]);
    let (number, _) = (0..index).fold((0_u64, 1_u64), |(a, b), _| (b, a.wrapping_add(b)));
    let digest = *blake3::hash(&number.to_le_bytes()).as_bytes();
    let words = digest.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
    let arguments: Vec<u64> = [0].into_iter().chain(words).collect();
    call(&mut code, ecall::HALT, &arguments);
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let data = ElfSegment::new(DATA.into(), PF_R | PF_W, vec![0; 4096]);
    ElfFile::new(TEXT.into(), vec![text, data]).bytes()
}

fn call(code: &mut Asm, number: u64, arguments: &[u64]) {
    for (register, &argument) in (10..).zip(arguments) {
        code.li(register, argument);
    }
    code.li(17, number).ecall();
}

#[test]
#[ignore = "writes files, only for a new version of the proof format or of the circuits"]
fn write_final_proof() {
    let program = ProvableProgram::new(Program::from_elf(&fibonacci(INDEX)).expect("a program of the machine"))
        .expect("a program that can be proved");
    let combiner = Combiner::new(&program.key).expect("a combiner");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("proof");
    let options = Options { jobs: NonZeroUsize::MIN, ..Options::default() };
    prove_final(&program, &[], &path, &options, &(), &combiner).expect("a proof");
    let proof = std::fs::read(&path).expect("a proof file");
    let output = Output { bytes: FIBONACCI.to_le_bytes().to_vec(), exit_code: 0, segments: None };
    assert_eq!(tern_verifier::verify(&proof, &program.key, &Expected::default()), Ok(output.clone()));
    let write = |name: &str, bytes: &[u8]| std::fs::write(Path::new(FOLDER).join(name), bytes).expect("a file");
    write("fibonacci.final", &proof);
    write("fibonacci.vkey", &program.key.to_file());
    write("fibonacci.output", &output.bytes);
}
