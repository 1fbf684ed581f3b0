//! A program run, proved and verified through ere's traits alone.

use ere_compiler_core::Elf;
use ere_prover_core::codec::{Decode, Encode};
use ere_prover_core::{CommonError, Input, ProverResource, RemoteProverConfig, zkVMProver, zkVMVerifier};
use ere_prover_tern::{Error, TernProver};
use ere_verifier_tern::{TernProgramVk, TernProof, TernVerifier};

/// The program that computes the n-th Fibonacci number.
fn fibonacci() -> Elf {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../guest-evm/elf/fibonacci.elf");
    Elf(std::fs::read(path).expect("the program is in the repository"))
}

fn prover() -> TernProver {
    TernProver::new(&fibonacci(), &ProverResource::Cpu).expect("a prover")
}

fn input(n: u32) -> Input {
    Input::new().with_stdin(n.to_le_bytes().to_vec())
}

#[test]
fn a_run_is_executed_proved_and_verified() {
    let prover = prover();
    let (executed, execution) = prover.execute(&input(90)).expect("a run");
    assert_eq!(u64::from_le_bytes(executed[..8].try_into().expect("a number")), 2_880_067_194_370_816_120);
    let (proved, proof, proving) = prover.prove(&input(90)).expect("a proof");
    assert_eq!((&proved, proving.total_num_cycles), (&executed, Some(execution.total_num_cycles)));
    assert_eq!(prover.verify(&proof).expect("it holds"), executed);

    // Key and proof as they go over a wire, to a verifier that has nothing else.
    let key = TernProgramVk::decode_from_slice(&prover.program_vk().encode_to_vec().expect("bytes")).expect("a key");
    let sent = TernProof::decode_from_slice(&proof.encode_to_vec().expect("bytes")).expect("a proof");
    let verifier = TernVerifier::new(key);
    assert_eq!(verifier.verify(&sent).expect("it holds"), executed);
    let mut changed = sent;
    let middle = changed.0.len() / 2;
    changed.0[middle] ^= 1;
    assert!(verifier.verify(&changed).is_err());
    assert_eq!((prover.name(), prover.sdk_version()), ("tern", tern_version()));
}

fn tern_version() -> &'static str {
    ere_verifier_tern::SDK_VERSION
}

#[test]
fn what_there_is_not_is_an_error() {
    let with_proofs = input(1).with_serialized_proofs(Vec::new());
    assert!(matches!(prover().execute(&with_proofs), Err(Error::Common(CommonError::UnsupportedInput(_)))));
    assert!(matches!(prover().prove(&with_proofs), Err(Error::Common(CommonError::UnsupportedInput(_)))));
    let network = ProverResource::Network(RemoteProverConfig::default());
    let refused = TernProver::new(&fibonacci(), &network);
    assert!(matches!(refused, Err(Error::Common(CommonError::UnsupportedProverResourceKind { .. }))));
    let no_program = TernProver::new(&Elf(vec![0; 64]), &ProverResource::Cpu);
    assert!(matches!(no_program, Err(Error::Sdk(tern_sdk::Error::Elf(_)))));
    // The program wants four bytes.
    assert!(matches!(prover().execute(&Input::new()), Err(Error::Sdk(_))));
}
