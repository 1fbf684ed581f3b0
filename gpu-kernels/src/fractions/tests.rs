use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::fractions::{self, Block, Unbalanced};
use tern_fri::multilinear::packed::ROWS;

use super::*;
use crate::gpu::Fault;
use crate::tests::{ext_noise, gpus, noise};

/// A message's fractions on whole vectors of rows, and the denominator beyond them.
struct Message {
    numerators: Vec<F>,
    denominators: Vec<EF>,
    padding: EF,
}

/// Messages on so many rows each, of which the last row that there is makes the sum zero.
fn messages(rows: &[usize], seed: u64) -> Vec<Message> {
    let message = |(number, &rows): (usize, &usize)| {
        let (seed, len) = (seed * 1000 + number as u64, rows.next_multiple_of(ROWS));
        let padding = ext_noise(seed + 500, 3)[2];
        let mut message = Message { numerators: noise(seed, rows), denominators: ext_noise(seed, rows), padding };
        message.denominators.iter_mut().filter(|d| **d == EF::ZERO).for_each(|d| *d = padding);
        message.numerators.resize(len, F::ZERO);
        message.denominators.resize(len, padding);
        message
    };
    let mut messages: Vec<Message> = rows.iter().enumerate().map(message).collect();
    if let Some(last) = rows.iter().rposition(|&rows| rows > 0) {
        messages[last].numerators[rows[last] - 1] = F::ZERO;
        let sum: EF = messages.iter().flat_map(|m| m.numerators.iter().zip(&m.denominators)).map(|(n, d)| d.inverse() * *n).sum();
        if sum != EF::ZERO {
            messages[last].numerators[rows[last] - 1] = F::ONE;
            messages[last].denominators[rows[last] - 1] = -sum.inverse();
        }
    }
    let count = messages.len().max(1).next_power_of_two();
    messages.resize_with(count, || Message { numerators: vec![], denominators: vec![], padding: EF::ONE });
    messages
}

fn blocks(messages: &[Message]) -> Vec<Block> {
    messages.iter().map(|m| Block::of_messages(&m.numerators, &m.denominators, m.padding)).collect()
}

fn upload(gpu: &Gpu, messages: &[Message]) -> Array {
    let array = Array::of_messages(gpu, messages.iter().map(|m| (m.numerators.len(), m.padding))).expect("memory");
    let numerators = messages.iter().flat_map(|m| &m.numerators).copied();
    let coordinate = |d: usize| messages.iter().flat_map(|m| &m.denominators).map(move |e| e.as_basis_coefficients_slice()[d]);
    let words: Vec<u32> = numerators.chain((0..5).flat_map(coordinate)).map(|word: F| word.to_unique_u32()).collect();
    gpu.write(array.words(), 0, words.len(), |i| words[i]).expect("memory");
    array
}

fn transcript() -> Transcript {
    Transcript::new(b"fractions", &[3; 32])
}

fn check(gpus: &[Gpu], rows: &[usize], row_variables: usize, limits: Limits) {
    let messages = messages(rows, row_variables as u64);
    let (mut on_host, mut expected_next) = (transcript(), None);
    let expected = fractions::prove(blocks(&messages), row_variables, &mut on_host).expect("a sum of zero");
    expected_next.get_or_insert(on_host.challenge());
    for gpu in gpus {
        let mut transcript = transcript();
        let got = prove(gpu, upload(gpu, &messages), row_variables, &limits, &mut transcript).expect("a proof");
        assert_eq!(got, expected, "{rows:?}, 2^{row_variables} rows, {limits:?}");
        assert_eq!(Some(transcript.challenge()), expected_next);
    }
}

/// Everything that can be is the device's, and workgroups take several tiles early.
const SMALL: Limits = Limits { fractions: 0, groups: 2 };

#[test]
fn proofs_are_the_cpus() {
    let gpus = gpus();
    for limits in [SMALL, Limits { fractions: 100, ..SMALL }, Limits { fractions: 1000, ..Limits::default() }] {
        check(&gpus, &[1000], 10, limits);
        check(&gpus, &[300], 12, limits);
        check(&gpus, &[40, 700], 10, limits);
        check(&gpus, &[16, 0], 8, limits);
        check(&gpus, &[100, 0, 933], 11, limits);
        check(&gpus, &[513, 0, 1193, 500, 7, 16, 0, 900], 11, limits);
        check(&gpus, &[5, 16, 3, 2, 1, 12, 1, 4, 7, 8], 4, limits);
        check(&gpus, &[64, 0, 1, 500, 512, 31, 40, 80, 100, 512, 3, 17, 0, 0, 290, 5, 6, 7, 100, 130], 9, limits);
    }
}

#[test]
fn small_proofs_are_the_hosts() {
    let gpus = gpus();
    for limits in [SMALL, Limits::default()] {
        check(&gpus, &[0], 4, limits);
        check(&gpus, &[0, 0, 0], 7, limits);
        check(&gpus, &[16], 4, limits);
        check(&gpus, &[16, 3], 5, limits);
        check(&gpus, &[100, 30, 50], 7, limits);
    }
}

#[test]
fn workgroups_take_several_tiles() {
    let gpus = gpus();
    check(&gpus, &[8192, 5000], 13, Limits { groups: 4, ..Limits::default() });
    check(&gpus, &[3000, 0, 1 << 13, 1500, 4096, 7000, 100, 1], 14, Limits { fractions: 300, groups: 3 });
}

#[test]
fn other_sums_are_refused() {
    let mut messages = messages(&[40, 70, 200], 8);
    messages[1].numerators[3] += F::ONE;
    for gpu in gpus() {
        for limits in [SMALL, Limits::default()] {
            let got = prove(&gpu, upload(&gpu, &messages), 8, &limits, &mut transcript());
            assert_eq!(got, Err(Unbalanced.into()));
        }
    }
}

/// The host waits for the levels of few fractions, and for what the device has played.
#[test]
fn waits_are_few() {
    let messages = messages(&[1 << 13; 16], 8);
    for gpu in gpus() {
        let leaves = upload(&gpu, &messages);
        let before = gpu.traffic();
        prove(&gpu, leaves, 13, &Limits::default(), &mut transcript()).expect("a proof");
        let after = gpu.traffic();
        assert_eq!((after.waits - before.waits, after.dispatches - before.dispatches), (2, 99));
        let (up, down) = (after.up - before.up, after.down - before.down);
        assert!(up < 200_000 && down < 200_000, "{up} up, {down} down");
    }
}

/// What a device gets wrong in rounds that it plays by itself gives another proof, which does not
/// verify, or other challenges than the host draws.
#[test]
fn other_challenges_are_refused() {
    let messages = messages(&[1 << 9; 4], 9);
    let mut refused = 0;
    for gpu in gpus() {
        let before = gpu.traffic().dispatches;
        prove(&gpu, upload(&gpu, &messages), 9, &SMALL, &mut transcript()).expect("a proof");
        for dispatches in 1..=gpu.traffic().dispatches - before {
            let leaves = upload(&gpu, &messages);
            gpu.fail_after(Fault::Flip, dispatches);
            let error = prove(&gpu, leaves, 9, &SMALL, &mut transcript()).err();
            refused += usize::from(error.is_some_and(|error| error.to_string().contains("the device drew")));
        }
    }
    assert!(refused > 0 || gpus().is_empty(), "rounds in which something was flipped");
}
