//! Proving programs and taking proofs apart.

use std::path::Path;

use tern_verifier::segments::Header;
use tern_vm::elf::Program;
use tern_vm::exec::{self, SegmentExecutor, SegmentLimits};
use tern_vm::prove::{ExecutedSegment, ProvableProgram, ProvedSegment, SegmentProver};
use tern_vm::testing::proof_file::ProofFile;

/// Loads a program and computes its key.
pub fn provable(elf: &[u8]) -> ProvableProgram {
    let program = Program::from_elf(elf).expect("a program of the machine");
    ProvableProgram::new(program).expect("a program that can be proved")
}

/// Cuts a run into segments.
pub fn cut(program: &ProvableProgram, input: &[u8], limits: &SegmentLimits) -> Vec<ExecutedSegment> {
    let mut memory = program.memory(input);
    let mut executor = SegmentExecutor::new(&program.program, input, exec::Options::default()).expect("a machine");
    let mut segments = Vec::new();
    while let Some(record) = executor.next_segment(limits).expect("a run without traps") {
        segments.push(ExecutedSegment::new(record, &mut memory).expect("a segment"));
    }
    segments
}

/// Proves a run in segments that these limits cut, and returns them and the proof's bytes.
pub fn prove_cut(program: &ProvableProgram, input: &[u8], limits: &SegmentLimits) -> (Vec<ProvedSegment>, Vec<u8>) {
    let prover = SegmentProver::new(&program.key, None).expect("tables that fit the parameters");
    let proved: Vec<_> = cut(program, input, limits).into_iter().map(|segment| prover.prove(segment).expect("a proof")).collect();
    let output = exec::run(&program.program, input, exec::Options::default()).expect("a run without traps").output;
    let header =
        Header { key_digest: program.key.digest(), input_root: program.memory(input).input_root(), output, segments: proved.len() as u32 };
    let segments = proved.iter().map(ProvedSegment::as_segment).collect();
    let bytes = ProofFile { header, segments }.to_bytes();
    (proved, bytes)
}

/// The file at `path`.
pub fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
