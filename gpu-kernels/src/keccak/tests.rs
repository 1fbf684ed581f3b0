//! Proofs against the host's.

use std::time::Instant;

use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::keccak::Shape;
use tern_fri::multilinear::keccak::permutation::State;
use tern_fri::multilinear::keccak::prover::{self, Witness, draw_output_point, limb_evaluation};

use super::prove;
use crate::Gpu;
use crate::tests::gpus;

fn inputs(calls: usize) -> Vec<State> {
    let word = |i: usize| (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(i as u32 % 64);
    (0..calls).map(|call| core::array::from_fn(|lane| word(25 * call + lane))).collect()
}

/// The device's proof is the host's.
fn check(gpu: &Gpu, shape: Shape, calls: usize) {
    let witness = Witness::new(shape, &inputs(calls));
    let transcript = || Transcript::new(b"keccak on a device", &[1; 32]);
    let mut transcripts = [transcript(), transcript()];
    let [point, _] = transcripts.each_mut().map(|transcript| draw_output_point(&shape, transcript));
    let output = limb_evaluation(&point, witness.outputs());
    let [of_host, of_device] = &mut transcripts;
    let start = Instant::now();
    let expected = prover::prove(&witness, &point, output, of_host);
    let on_host = start.elapsed();
    let proved = prove(gpu, &witness, &point, output, of_device).expect("a proof");
    println!("{calls} calls, {shape:?}: {on_host:?} on the host, {:?}, {:?}", start.elapsed() - on_host, gpu.traffic());
    assert!(proved.0 == expected.0, "{calls} calls, {shape:?}: proof");
    assert_eq!(proved.1, expected.1, "{calls} calls, {shape:?}: claims");
    let [of_host, of_device] = transcripts.map(|mut transcript| transcript.challenge());
    assert_eq!(of_device, of_host, "{calls} calls, {shape:?}: transcript");
}

/// Few blocks are the host's after the first rounds.
#[test]
fn small_proofs_are_the_hosts() {
    for gpu in gpus() {
        for (log_calls, calls) in [(9, 1), (9, 16), (4, 3), (5, 0)] {
            check(&gpu, Shape { log_calls, skip: true }, calls);
        }
        check(&gpu, Shape { log_calls: 9, skip: false }, 3);
    }
}

/// With padding, and with blocks that stand for others.
#[test]
fn padded_proofs_are_the_hosts() {
    for gpu in gpus() {
        for (log_calls, calls) in [(9, 17), (9, 40)] {
            check(&gpu, Shape { log_calls, skip: true }, calls);
        }
    }
}

#[test]
fn full_proofs_are_the_hosts() {
    for gpu in gpus() {
        check(&gpu, Shape { log_calls: 7, skip: true }, 128);
    }
}

#[test]
#[ignore = "slow on software"]
fn large_proofs_are_the_hosts() {
    for gpu in gpus() {
        check(&gpu, Shape { log_calls: 10, skip: true }, 1024);
    }
}
