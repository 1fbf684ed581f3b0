//! What a service leaves when it ends, in any way, the next one takes up: nothing is lost, and
//! nothing done twice.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::json;

use crate::guest::Task;
use crate::service::{Place, Service, lives, until};

/// Tells a file from any other, also one with the same bytes.
fn identity(path: &Path) -> (u64, i64, i64) {
    let metadata = fs::metadata(path).expect("a file");
    (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
}

fn complete(service: &Service) -> u64 {
    service.metric("tern_proofs_total{outcome=\"complete\"}").unwrap_or_default() as u64
}

/// Twenty requests, and the service killed three times while they are proved.
#[test]
fn twenty_requests_outlive_kills_and_each_is_proved_once() {
    const REQUESTS: u64 = 20;
    let place = Place::new();
    let mut service = place.serve(&[]);
    let roots: Vec<String> = (0..REQUESTS).map(|number| service.submit(&Task::quick(number))).collect();
    let mut done: HashMap<&String, (u64, i64, i64)> = HashMap::new();
    for _ in 0..3 {
        until("some are proved", || (complete(&service) >= 4).then_some(()));
        let is_complete = |root: &&String| service.status(root)["state"] == "complete";
        for root in roots.iter().filter(is_complete) {
            done.entry(root).or_insert_with(|| identity(&place.request(root).join("proof")));
        }
        let provers = service.children();
        service.kill();
        until("the provers are gone with it", || provers.iter().all(|process| !lives(*process)).then_some(()));
        service = place.serve(&[]);
        for root in &roots {
            let state = service.status(root)["state"].clone();
            assert!(
                state == "complete" || !done.contains_key(root) && ["queued", "proving"].contains(&state.as_str().expect("a state")),
                "{state}"
            );
        }
    }
    for root in &roots {
        service.wait(root, "complete");
        assert_eq!(service.verify(root, &service.proof(root)), json!({ "status": "VALID" }));
    }
    assert!(done.len() >= 12, "{} were done before the last kill", done.len());
    // those that were done before a kill are the same files
    for (root, before) in done {
        assert_eq!(identity(&place.request(root).join("proof")), before, "{root} was proved again");
    }
    assert_eq!(service.metric("tern_requests_stored"), Some(REQUESTS as f64));
}

/// The parts that are proved are taken over.
#[test]
fn a_proof_goes_on_where_it_was() {
    let place = Place::new();
    let service = place.serve(&[]);
    let root = service.submit(&Task { rounds: 4_000_000, ..Task::quick(1) });
    let parts = place.request(&root).join("proof.segments");
    let saved = until("parts are saved", || {
        let names = fs::read_dir(&parts).ok()?.flatten().map(|entry| entry.file_name().into_string().expect("UTF-8"));
        let names: Vec<_> = names.filter(|name| name.starts_with("segment-") && !name.contains('.')).collect();
        (names.len() >= 2).then_some(names)
    });
    let files: Vec<_> = saved.iter().map(|name| identity(&parts.join(name))).collect();
    let prover = service.wait_for_prover(&root);
    service.kill();
    until("the prover is gone", || (!lives(prover)).then_some(()));

    let service = place.serve(&[]);
    service.wait_for_prover(&root);
    let more = until("more is proved", || {
        let status = service.status(&root);
        let done = status["progress"]["segments"][0].as_u64()?;
        (done > saved.len() as u64).then_some(done)
    });
    assert!(more > saved.len() as u64);
    let now: Vec<_> = saved.iter().map(|name| identity(&parts.join(name))).collect();
    assert_eq!(now, files, "a part was proved again");
    service.delete(&root).ok();
}

#[test]
fn a_service_that_is_told_to_end_ends_its_provers_and_keeps_the_requests() {
    let place = Place::new();
    let service = place.serve(&[]);
    let [first, second] = [1, 2].map(|number| service.submit(&Task::endless(number)));
    let process = service.wait_for_prover(&first);
    let mut stream = crate::http::events(service.address, "");
    assert_eq!(service.stop(), Some(0));
    assert_eq!(stream.next(), None);
    assert!(!lives(process));

    let service = place.serve(&[]);
    service.wait_for_prover(&first);
    assert_eq!(service.status(&second)["state"], "queued");
    let record: serde_json::Value = serde_json::from_slice(&fs::read(place.request(&first).join("status.json")).unwrap()).unwrap();
    assert_eq!(record["starts"], 1, "being told to end counts for nothing");
}

/// It may be what ends the service.
#[test]
fn a_request_that_is_never_finished_is_given_up() {
    let place = Place::new();
    let mut service = place.serve(&[]);
    let root = service.submit(&Task::endless(1));
    for _ in 0..5 {
        let process = service.wait_for_prover(&root);
        service.kill();
        until("the prover is gone", || (!lives(process)).then_some(()));
        service = place.serve(&[]);
    }
    let status = service.wait(&root, "failed");
    assert_eq!(status["reason"], "internal_error");
    assert!(status["error"].as_str().is_some_and(|error| error.starts_with("given up")), "{status}");
    let quick = service.submit(&Task::quick(2));
    service.wait(&quick, "complete");
}

#[test]
fn the_oldest_proofs_go_where_there_are_too_many() {
    let place = Place::new();
    let service = place.serve(&["--max-stored", "2"]);
    let roots: Vec<String> = (0..4).map(|number| service.submit(&Task::quick(number))).collect();
    service.wait(&roots[3], "complete");
    let status: Vec<u16> = roots.iter().map(|root| service.get(&format!("/v1/execution_proof_requests/{root}")).status).collect();
    assert_eq!(status, [404, 404, 200, 200]);
    assert_eq!(fs::read_dir(place.path("data/requests")).expect("a folder").count(), 2);
}
