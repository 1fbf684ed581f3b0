//! Time to verify proofs of both kinds: `cargo bench -p tern-verifier`.

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, criterion_group, criterion_main};
use tern_verifier::{Expected, ExpectedBlock, Rules, VerifyingKey, verify, verify_block};

fn file(parts: &[&str]) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR")].iter().chain(parts).collect();
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn final_proofs(c: &mut Criterion) {
    let key = VerifyingKey::from_file(&file(&["..", "guest-evm", "elf", "guest.vkey"])).expect("a key");
    let proof = file(&["tests", "vectors", "rollup-1.final"]);
    let mut group = c.benchmark_group("final proof");
    group.bench_function("verify", |b| b.iter(|| verify(black_box(&proof), &key, &Expected::default()).expect("verified")));
    let expected = ExpectedBlock::valid(Rules::Any);
    group.bench_function("verify_block", |b| b.iter(|| verify_block(black_box(&proof), &key, &expected).expect("verified")));
    // What most forgeries cost: a proof that is wrong in its last query.
    let mut wrong = proof.clone();
    *wrong.last_mut().expect("bytes") ^= 1;
    group.bench_function("reject", |b| b.iter(|| verify(black_box(&wrong), &key, &Expected::default()).expect_err("rejected")));
    group.finish();
}

fn keys(c: &mut Criterion) {
    let bytes = file(&["..", "guest-evm", "elf", "guest.vkey"]);
    c.bench_function("key from file", |b| b.iter(|| VerifyingKey::from_file(black_box(&bytes)).expect("a key")));
}

criterion_group!(benches, final_proofs, keys);
criterion_main!(benches);
