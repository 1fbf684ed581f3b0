//! A guest on ere's platform, compiled and run through ere's traits. Takes rustup's component `rust-src`.

use ere_compiler_core::Compiler;
use ere_compiler_tern::TernCompiler;
use ere_prover_core::{Input, ProverResource, zkVMProver};
use ere_prover_tern::TernProver;

#[test]
fn a_guest_is_compiled_and_does_what_it_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest");
    let elf = TernCompiler.compile(folder, &[]).unwrap_or_else(|error| panic!("{error}"));
    let prover = TernProver::new(&elf, &ProverResource::Cpu).expect("a program of the machine");
    let (values, report) = prover.execute(&Input::new().with_stdin(b"drawkcab".to_vec())).expect("a run");
    assert_eq!(values.as_ref(), b"backward");
    let regions: Vec<(&str, bool)> =
        report.region_cycles.iter().map(|(name, cycles)| (name.as_str(), (1..report.total_num_cycles).contains(cycles))).collect();
    assert_eq!(regions, [("reverse", true), ("write", true)]);
}
