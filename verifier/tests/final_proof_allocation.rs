//! What a final proof claims about its lengths costs its verifier nothing: neither memory nor time
//! that its bytes do not pay for.

mod counting;

use std::time::{Duration, Instant};

use counting::peak;
use tern_field::DIGEST_LEN;
use tern_verifier::segments::{Expected, STATEMENT_BYTES};
use tern_verifier::{VerifyingKey, verify};

/// Where the length of the output stands.
const OUTPUT_LEN: usize = 4 + 3 + 32 + 32 + 4 * DIGEST_LEN;
/// Most memory that a valid proof takes: what the tables state, compress with its thousands of
/// expressions before all, the proof's values, a path for each query.
const VALID: usize = 2 << 20;
/// Enough for everything but the output that comes before the batch proof.
const HEADER: usize = 4 << 10;

#[test]
fn claimed_lengths_cost_nothing() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/");
    let read = |name: &str| std::fs::read(format!("{folder}{name}")).expect("a file of the vectors");
    let (proof, key) = (read("fibonacci.final"), VerifyingKey::from_file(&read("fibonacci.vkey")).expect("a key"));
    let check = |proof: &[u8], valid: bool| {
        let (mut time, mut accepted) = (Duration::ZERO, !valid);
        let peak = peak(|| {
            let start = Instant::now();
            accepted = verify(proof, &key, &Expected::default()).is_ok();
            time = start.elapsed();
        });
        assert_eq!(accepted, valid);
        (peak, time)
    };
    let (valid, whole) = check(&proof, true);
    println!("a valid proof of {} bytes: {} KiB, {whole:?}", proof.len(), valid >> 10);
    assert!(valid < VALID, "{valid} bytes");

    // The output's length: far more than there is, all that there is, and a little more than it has.
    let output = u32::from_le_bytes(proof[OUTPUT_LEN..OUTPUT_LEN + 4].try_into().expect("four bytes"));
    let left = u32::try_from(proof.len() - OUTPUT_LEN - 4).expect("a short proof");
    for (claimed, bound) in [(u32::MAX, HEADER), (1 << 31, HEADER), (left + 1, HEADER), (left, HEADER + proof.len()), (output + 1, HEADER)]
    {
        let mut changed = proof.clone();
        changed[OUTPUT_LEN..OUTPUT_LEN + 4].copy_from_slice(&claimed.to_le_bytes());
        let (peak, time) = check(&changed, false);
        assert!(peak <= bound, "{claimed} bytes of output: {peak} bytes");
        assert!(time < whole, "{claimed} bytes of output: {time:?}");
    }

    // The numbers of digests in paths are the only lengths behind it: wherever they stand, two such
    // bytes buy no memory.
    let batch = OUTPUT_LEN + 4 + usize::try_from(output).expect("a short output") + STATEMENT_BYTES;
    for at in (batch..proof.len() - 1).step_by(4_999).chain((proof.len() - 600..proof.len() - 1).step_by(7)) {
        let mut changed = proof.clone();
        changed[at..at + 2].fill(0xff);
        let (peak, _) = check(&changed, false);
        assert!(peak <= valid, "byte {at}: {peak} bytes, a valid proof takes {valid}");
    }
    // A file that grows without end is not read.
    let mut endless = proof;
    endless.resize(64 << 20, 0);
    let (peak, _) = check(&endless, false);
    assert!(peak <= valid, "{peak} bytes");
}
