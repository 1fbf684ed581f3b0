//! Many verifications at the same time.

use std::fs;
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use crate::service::Service;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../verifier/tests/vectors");
/// Verifications at once.
const MANY: usize = 200;
/// Most bytes by which they may make a service grow: all proofs, with what their connections and
/// the verifier need.
const GROWTH: u64 = 128 << 20;

/// Resident memory of a service.
fn memory(service: &Service) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", service.id())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    1024 * line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
}

/// Sends 200 verifications at once, and expects this answer to each and little memory.
#[track_caller]
pub fn at_once(service: &Service, root: &str, proof: &[u8], expected: &Value) {
    assert_eq!(service.verify(root, proof), *expected);
    let (before, began) = (memory(service), Instant::now());
    thread::scope(|scope| {
        let answers: Vec<_> = (0..MANY).map(|_| scope.spawn(|| service.verify(root, proof))).collect();
        for answer in answers {
            assert_eq!(answer.join().expect("an answer"), *expected);
        }
    });
    let (after, took) = (memory(service), began.elapsed());
    println!("{MANY} verifications in {:.2} s; memory {before} bytes before, {after} after", took.as_secs_f64());
    assert!(after < before + GROWTH, "memory grew from {before} to {after} bytes");
    assert_eq!(service.get("/health").status, 200);
}

/// The proof is whole and holds, and it is of a program that says nothing about payloads: the
/// verifier does all of its work.
#[test]
fn two_hundred_at_once_take_little_memory() {
    let service = Service::start(&["--verify-only", "--guest", &format!("{VECTORS}/fibonacci.vkey")]);
    let proof = fs::read(format!("{VECTORS}/fibonacci.final")).expect("a proof");
    let reason = "the proof holds, but its output is not that of the block guest about a payload request: expected 43 bytes, got 8";
    at_once(&service, &format!("0x{}", "12".repeat(32)), &proof, &json!({ "status": "INVALID", "reason": reason }));
    assert_eq!(service.metric("tern_verifications_total{outcome=\"invalid\"}"), Some(MANY as f64 + 1.0));
    println!("a service that verifies only: {} bytes", memory(&service));
}

#[test]
fn bodies_wait_for_memory_and_none_is_lost() {
    // room for one body of a MiB at a time
    let service = Service::start(&["--verify-only", "--max-proof", "1", "--max-body", "1", "--body-memory", "1", "--verifications", "1"]);
    let garbage = vec![0xa5; 1 << 20];
    thread::scope(|scope| {
        let answers: Vec<_> = (0..40).map(|_| scope.spawn(|| service.verify(&format!("0x{}", "12".repeat(32)), &garbage))).collect();
        for answer in answers {
            assert_eq!(answer.join().expect("an answer")["status"], "INVALID");
        }
    });
}

#[test]
fn more_connections_than_are_open_wait() {
    let service = Service::start(&["--verify-only", "--max-connections", "2"]);
    thread::scope(|scope| {
        let answers: Vec<_> = (0..50).map(|_| scope.spawn(|| service.get("/health").status)).collect();
        for answer in answers {
            assert_eq!(answer.join().expect("an answer"), 200);
        }
    });
}
