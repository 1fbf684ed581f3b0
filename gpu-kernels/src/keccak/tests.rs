//! Proofs against the host's.

use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::keccak::permutation::{LANES, State};
use tern_fri::multilinear::keccak::prover::{self, Witness, draw_output_point, limb_evaluation};
use tern_fri::multilinear::keccak::{LIMBS, Shape, Tie, bit_row};
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::source::of_cells;

use super::{prove, prove_tables};
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
    let (start, waits) = (Instant::now(), gpu.traffic().waits);
    let expected = prover::prove(&witness, &point, output, of_host);
    let on_host = start.elapsed();
    let proved = prove(gpu, &witness, &point, output, of_device).expect("a proof");
    println!("{calls} calls, {shape:?}: {on_host:?} on the host, {:?}, {:?}", start.elapsed() - on_host, gpu.traffic());
    assert_eq!(gpu.traffic().waits - waits, u64::from(shape.skip), "{calls} calls, {shape:?}: waits");
    assert!(proved.0 == expected.0, "{calls} calls, {shape:?}: proof");
    assert_eq!(proved.1, expected.1, "{calls} calls, {shape:?}: claims");
    let [of_host, of_device] = transcripts.map(|mut transcript| transcript.challenge());
    assert_eq!(of_device, of_host, "{calls} calls, {shape:?}: transcript");
}

#[test]
fn proofs_of_tables_are_the_hosts() {
    let tie = Tie { calls: 0, real: 0, input: 1, output: 1 + LIMBS, bits: 1, log_calls: LOG_BLOCK };
    let states = inputs(2);
    let mut calls = vec![F::ZERO; 4 * (1 + 2 * LIMBS)];
    (0..2).for_each(|call| calls[call * (1 + 2 * LIMBS)] = F::ONE);
    let mut bits = vec![F::ZERO; LANES * (bit_row(1, 1, 63) + 1)];
    for (call, state) in states.iter().enumerate() {
        for (part, z) in (0..2).flat_map(|part| (0..64).map(move |z| (part, z))) {
            let row = &mut bits[bit_row(call, part, z) * LANES..][..LANES];
            row.iter_mut().zip(state).for_each(|(bit, word)| *bit = F::from_bool((word >> z & 1 == 1) != (part == 1 && z == 5)));
        }
    }
    let tables = [RowMajorMatrix::new(calls, 1 + 2 * LIMBS), RowMajorMatrix::new(bits, LANES)];
    let transcript = || Transcript::new(b"keccak on a device", &[2; 32]);
    let mut of_host = transcript();
    let (expected, forms) = prover::prove_tables(&tie, &of_cells(&tables), 7, &mut of_host);
    let end = of_host.challenge();
    for gpu in gpus() {
        let mut of_device = transcript();
        let (proof, own) = prove_tables(&gpu, &tie, &of_cells(&tables), 7, &mut of_device).expect("a proof");
        assert!(proof == expected && of_device.challenge() == end);
        assert_eq!(own, forms);
    }
}

/// With few blocks: in some rounds all pairs of groups are alike.
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
