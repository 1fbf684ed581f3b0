//! What fails fails alone, with its reason.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::guest::{LAST_WORDS, Task};
use crate::http::events;
use crate::service::{Place, Service, TYPE, lives, signal, until};

/// Waits until a request has failed, and expects this reason; gives the error.
#[track_caller]
fn fails(service: &Service, root: &str, reason: &str) -> String {
    let status = service.wait(root, "failed");
    assert_eq!(status["reason"], reason, "{status}");
    let error = status["error"].as_str().expect("an error").to_owned();
    let event = events(service.address, &format!("?new_payload_request_root={root}")).next();
    let expected = json!({ "new_payload_request_root": root, "proof_type": TYPE, "reason": reason, "error": error });
    assert_eq!(event, Some(("proof_failure".to_owned(), expected)));
    assert_eq!(service.get(&format!("/v1/execution_proofs/{root}/{TYPE}")).status, 404);
    error
}

/// The service works as before.
#[track_caller]
fn still_proves(service: &Service, number: u64) {
    let root = service.submit(&Task::quick(number));
    service.wait(&root, "complete");
    assert_eq!(service.verify(&root, &service.proof(&root)), json!({ "status": "VALID" }));
}

#[test]
fn a_guest_that_panics_fails_alone() {
    let place = Place::new();
    let service = place.serve(&[]);
    let bad = service.submit(&Task { exit_code: 101, ..Task::quick(1) });
    let good = service.submit(&Task::quick(2));
    let error = fails(&service, &bad, "proving_error");
    assert!(error.contains("exit code 101") && error.contains(LAST_WORDS), "{error}");
    service.wait(&good, "complete");
    assert_eq!(service.metric("tern_proofs_total{outcome=\"proving_error\"}"), Some(1.0));
    // who asks again gets another try
    let again = service.submit(&Task { exit_code: 101, ..Task::quick(1) });
    assert_eq!(again, bad);
    fails(&service, &bad, "proving_error");
    assert_eq!(service.metric("tern_proofs_total{outcome=\"proving_error\"}"), Some(2.0));
}

#[test]
fn a_prover_that_is_killed_fails_alone() {
    let place = Place::new();
    let service = place.serve(&[]);
    let root = service.submit(&Task::endless(1));
    signal(service.wait_for_prover(&root), "KILL");
    let error = fails(&service, &root, "proving_error");
    assert!(error.contains("signal 9") && error.contains("memory"), "{error}");
    still_proves(&service, 2);
}

#[test]
fn a_prover_that_takes_too_much_memory_fails_alone() {
    let place = Place::new();
    // a verifier fits into it, and a prover does not
    let service = place.serve(&["--child-memory", "0.05"]);
    let root = service.submit(&Task { rounds: 1 << 22, ..Task::quick(1) });
    let error = fails(&service, &root, "proving_error");
    assert!(error.contains("GiB of memory, more than the 0.05 allowed"), "{error}");
    assert_eq!(service.get("/health").status, 200);
}

#[test]
fn a_proof_that_takes_too_long_fails_alone() {
    let place = Place::new();
    let service = place.serve(&["--proof-timeout", "1.5"]);
    let root = service.submit(&Task::endless(1));
    assert_eq!(fails(&service, &root, "proving_timeout"), "no proof within 1.5 s");
    until("its process is gone", || service.children().is_empty().then_some(()));
}

#[test]
fn a_prover_that_panics_or_lies_fails_alone() {
    let place = Place::new();
    let scripts = [
        ("echo \"thread 'main' panicked at prover.rs:1:\" >&2; echo 'out of luck' >&2; exit 101", "proving_error", "out of luck"),
        ("kill -s ABRT $$", "proving_error", "signal 6"),
        ("exit 3", "proving_error", "status 3"),
        (
            r#"echo '{"error":{"code":"too_little_memory","message":"no room","hint":"buy some"}}'; exit 1"#,
            "proving_error",
            "no room (buy some)",
        ),
        // a success without a proof, and one with a proof of nothing
        ("exit 0", "internal_error", "proof"),
        (r#"while [ "$1" != -o ]; do shift; done; echo nothing > "$2"; exit 0"#, "internal_error", "does not verify"),
        // more on both outputs than anyone keeps
        ("head -c 5000000 /dev/zero >&2; head -c 5000000 /dev/zero; exit 4", "proving_error", "status 4"),
    ];
    for ((script, reason, part), number) in scripts.into_iter().zip(1..) {
        let service = place.serve_with_worker(script, &[]);
        let root = service.submit(&Task::quick(number));
        let error = fails(&service, &root, reason);
        assert!(error.contains(part) && error.len() < 5000, "{script}: {error}");
        assert_eq!(service.get("/health").status, 200);
    }
    // what none of them did is done by a prover that does its work
    still_proves(&place.serve(&[]), 1);
}

#[test]
fn a_prover_that_cannot_be_run_says_so() {
    let place = Place::new();
    let service = place.serve(&["--worker", "/nowhere/tern"]);
    let root = service.submit(&Task::quick(1));
    let error = fails(&service, &root, "internal_error");
    assert!(error.contains("/nowhere/tern cannot be run"), "{error}");
}

#[test]
fn requests_are_cancelled_whether_they_wait_or_are_being_proved() {
    let place = Place::new();
    let service = place.serve(&[]);
    let [running, waiting] = [1, 2].map(|number| service.submit(&Task::endless(number)));
    let process = service.wait_for_prover(&running);
    let mut stream = events(service.address, "");
    let cancelled = |root: &str| {
        let data = json!({ "new_payload_request_root": root, "proof_type": TYPE, "reason": "proving_error", "error": "cancelled" });
        Some(("proof_failure".to_owned(), data))
    };
    for root in [&waiting, &running] {
        assert_eq!(service.delete(root).ok(), json!({ "new_payload_request_root": root, "state": "removed" }));
        assert_eq!(stream.next(), cancelled(root));
        assert_eq!(service.get(&format!("/v1/execution_proof_requests/{root}")).status, 404);
        assert!(!place.request(root).exists());
    }
    until("the prover is gone", || (!lives(process)).then_some(()));
    assert_eq!(service.metric("tern_proofs_total{outcome=\"cancelled\"}"), Some(2.0));
    // a proof that is there goes as well
    let done = service.submit(&Task::quick(3));
    service.wait(&done, "complete");
    service.delete(&done).ok();
    assert_eq!(service.get(&format!("/v1/execution_proofs/{done}/{TYPE}")).status, 404);
    // and one that was cancelled may come again
    assert_eq!(service.submit(&Task::endless(1)), running);
    service.wait_for_prover(&running);
}

#[test]
fn progress_is_shown() {
    let place = Place::new();
    let service = place.serve(&[]);
    let root = service.submit(&Task { rounds: 6_000_000, ..Task::quick(1) });
    let began = Instant::now();
    let progress = until("it is being proved", || {
        let status: Value = service.status(&root);
        assert!(status["state"] != "failed" && began.elapsed() < Duration::from_secs(300), "{status}");
        (status["state"] == "complete" || status["progress"]["phase"] == "proving").then(|| status["progress"].clone())
    });
    let [done, all] = [0, 1].map(|index| progress["segments"][index].as_u64().expect("a number"));
    assert!(done <= all && all >= 1, "{progress}");
    assert!(progress["share"].as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)), "{progress}");
    service.delete(&root).ok();
}
