//! Writes the frozen final proof that the verifier's tests read (`verifier/tests/vectors`).

use std::num::NonZeroUsize;
use std::path::Path;

use tern_verifier::segments::{Expected, Output};
use tern_vm::elf::Program;
use tern_vm::prove::{Options, ProvableProgram, prove_final};
use tern_vm::recursion::Combiner;
use tern_vm::testing::fibonacci;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier/tests/vectors");
/// Number of the Fibonacci number that the program writes.
const INDEX: u64 = 90;
const FIBONACCI: u64 = 2_880_067_194_370_816_120;

#[test]
#[ignore = "writes files, only for a new version of the proof format or of the circuits"]
fn write_final_proof() {
    let program = ProvableProgram::new(Program::from_elf(&fibonacci(INDEX)).expect("a program of the machine"))
        .expect("a program that can be proved");
    let combiner = Combiner::new(&program.key, None).expect("a combiner");
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
