//! The guest that verifies a proof of another program, on the verifier's frozen proofs.

use std::fs;

use tern_build::compile;
use tern_verifier::VerifyingKey;
use tern_vm::elf::Program;
use tern_vm::exec::{self, RunSummary};

use crate::compilers::{rust_options, sources};

fn vector(name: &str) -> Vec<u8> {
    fs::read(sources("verifier/tests/vectors").join(name)).expect("a frozen proof")
}

#[test]
fn a_guest_verifies_a_proof_of_another_program() {
    let Some(options) = rust_options() else { return };
    let compiled = compile(&sources("guest-evm/verify-proof"), &options).unwrap_or_else(|error| panic!("{error}"));
    let program = Program::from_elf(&compiled.bytes).expect("a program of the machine");
    let run = |key: &[u8], proof: &[u8]| -> RunSummary {
        let input = [&(key.len() as u32).to_le_bytes(), key, proof].concat();
        exec::run(&program, &input, exec::Options::default()).expect("a run without traps")
    };
    let (key, proof) = (vector("fibonacci.vkey"), vector("fibonacci.final"));
    let proved = run(&key, &proof);
    let digest = VerifyingKey::from_file(&key).expect("a key").digest();
    assert_eq!((proved.halt.exit_code, proved.output), (0, [&digest[..], &vector("fibonacci.output")].concat()));
    println!("verified in {} cycles; the guest has {} bytes", proved.cycles, compiled.bytes.len());
    // Another program's key, a changed proof, a key that is cut off: no output.
    let mut changed = proof.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for (key, proof) in [(&vector("block.vkey"), &proof), (&key, &changed), (&key[..20].to_vec(), &Vec::new())] {
        let refused = run(key, proof);
        assert_eq!((refused.halt.exit_code, refused.output.as_slice()), (1, &[][..]));
    }
}
