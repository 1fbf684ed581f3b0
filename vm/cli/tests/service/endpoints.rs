//! Every endpoint, by the shapes of zkboost's `openapi.json`.

use serde_json::json;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::sample::{PARENT_TIMESTAMP, SLOT_SECONDS, SampleChain};
use tern_guest_evm::stateless::{Layout, decode};

use crate::guest::Task;
use crate::http::{events, send};
use crate::service::{Place, Service, TYPE};

#[test]
fn a_request_becomes_a_proof_that_verifies() {
    let place = Place::new();
    let service = place.serve(&[]);
    let mut all = events(service.address, "");
    assert_eq!(all.status, 200);
    assert!(all.head.contains("content-type: text/event-stream"), "{}", all.head);

    let root = service.submit(&Task::quick(1));
    let mut own = events(service.address, &format!("?new_payload_request_root={root}"));
    let expected = ("proof_complete".to_owned(), json!({ "new_payload_request_root": root, "proof_type": TYPE }));
    assert_eq!(all.next(), Some(expected.clone()));
    assert_eq!(own.next(), Some(expected.clone()));
    // who comes later is told as well
    assert_eq!(events(service.address, &format!("?new_payload_request_root={root}")).next(), Some(expected));

    let proof = service.proof(&root);
    let status = service.status(&root);
    assert_eq!((&status["state"], &status["proof_bytes"]), (&json!("complete"), &json!(proof.len())), "{status}");
    assert_eq!((&status["new_payload_request_root"], &status["proof_type"]), (&json!(root), &json!(TYPE)));
    assert!(status["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0) && status["submitted"].is_u64(), "{status}");
    assert_eq!(service.verify(&root, &proof), json!({ "status": "VALID" }));
    // nothing but the proof and the record is kept
    let mut kept: Vec<_> = std::fs::read_dir(place.request(&root)).expect("a folder").map(|entry| entry.unwrap().file_name()).collect();
    kept.sort();
    assert_eq!(kept, ["proof", "status.json"]);

    let mut bad = proof.clone();
    bad[1000] ^= 1;
    for (root, proof) in [(&root, &bad), (&format!("0x{}", "ab".repeat(32)), &proof), (&root, &proof[..100].to_vec()), (&root, &vec![])] {
        let answer = service.verify(root, proof);
        assert_eq!(answer["status"], "INVALID", "{answer}");
        assert!(answer["reason"].as_str().is_some_and(|reason| reason.len() > 10), "{answer}");
    }
    assert_eq!(service.metric("tern_verifications_total{outcome=\"valid\"}"), Some(1.0));
    assert_eq!(service.metric("tern_verifications_total{outcome=\"invalid\"}"), Some(4.0));
    assert_eq!(service.metric("tern_proofs_total{outcome=\"complete\"}"), Some(1.0));
    assert_eq!(service.metric("tern_requests_stored"), Some(1.0));
}

#[test]
fn health_types_and_metrics() {
    let place = Place::new();
    let service = place.serve(&[]);
    assert_eq!(service.get("/health").ok(), json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
    let types = |kind: &str, can_prove: bool| json!({ "proof_types": [{ "proof_type": TYPE, "kind": kind, "can_prove": can_prove, "can_verify": true }] });
    assert_eq!(service.get("/v1/proof_types").ok(), types("ere", true));
    assert_eq!(Service::start(&["--verify-only"]).get("/v1/proof_types").ok(), types("verifier", false));
    let metrics = service.get("/metrics");
    assert!(metrics.header("content-type").is_some_and(|value| value.starts_with("application/openmetrics-text")), "{}", metrics.head);
    let text = String::from_utf8(metrics.body).expect("UTF-8");
    assert!(text.ends_with("# EOF\n"), "{text}");
    let expected = format!("tern_build{{version=\"{}\"}} 1\n", env!("CARGO_PKG_VERSION"));
    for line in
        [&*expected, "tern_http_requests_total{endpoint=\"/health\",method=\"GET\",status=\"200\"} 1\n", "tern_requests_waiting 0\n"]
    {
        assert!(text.contains(line), "no {line:?} in {text}");
    }
}

#[test]
fn the_same_request_again_joins_the_one_that_is_there() {
    let place = Place::new();
    let service = place.serve(&[]);
    let (first, second) = (Task::endless(1), Task::endless(2));
    let roots = [service.submit(&first), service.submit(&second)];
    service.wait_for_prover(&roots[0]);
    // the one that is being proved, and the one that waits
    assert_eq!([service.submit(&first), service.submit(&second)], roots);
    assert_eq!(service.metric("tern_requests_waiting"), Some(1.0));
    assert_eq!(service.metric("tern_requests_running"), Some(1.0));
    assert_eq!(service.status(&roots[1])["position"], 0);
    for root in &roots {
        assert_eq!(service.delete(root).ok()["state"], "removed");
    }
    let quick = service.submit(&Task::quick(3));
    service.wait(&quick, "complete");
    service.submit(&Task::quick(3));
    assert_eq!(service.status(&quick)["state"], "complete");
    assert_eq!(service.metric("tern_proofs_total{outcome=\"complete\"}"), Some(1.0));
}

/// A block of mainnet's rules, of two transactions.
fn block() -> BlockFile {
    let config = tern_guest_evm::chains::by_name("mainnet").expect("mainnet");
    SampleChain { config: &config, timestamps: &[PARENT_TIMESTAMP + SLOT_SECONDS], txs: 2, blobs: 0, seed: 5 }
        .make()
        .expect("a block")
        .remove(0)
}

#[test]
fn a_block_file_is_made_an_input_of() {
    let place = Place::new();
    let service = place.serve(&[]);
    let file = block();
    let config = tern_guest_evm::chains::by_name("mainnet").expect("mainnet");
    let input = file.parts_on(&config).expect("parts").stateless_input().expect("an input");
    let expected = decode(&input).expect("an input").1.request.root(Layout::Progressive).to_string();
    let mut named = file;
    named.info = named.info.map(|info| tern_guest_evm::json::Info { chain: "mainnet".into(), chain_id: 1, ..info });
    let path = format!("/v1/execution_proof_requests?proof_types={TYPE}");
    let json = serde_json::to_vec(&named).expect("JSON");
    let answer = send(service.address, "POST", &path, &[("Content-Type", "application/json; charset=utf-8")], &json).ok();
    assert_eq!(answer["new_payload_request_root"], json!(expected));
    service.delete(&expected).ok();
}

/// Proves a block whole, and verifies it 200 times at once in a service that does nothing else. It
/// takes minutes.
#[test]
#[ignore = "proves a block"]
fn a_block_is_proved_from_end_to_end() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let service = Service::start(&["--data", data.to_str().expect("UTF-8"), "--chain", "mainnet"]);
    let config = tern_guest_evm::chains::by_name("mainnet").expect("mainnet");
    let parts = block().parts_on(&config).expect("parts");
    let input = parts.stateless_input().expect("an input");
    let root = service.post(&input).ok()["new_payload_request_root"].as_str().expect("a root").to_owned();
    let mut stream = events(service.address, &format!("?new_payload_request_root={root}"));
    service.wait(&root, "complete");
    assert_eq!(stream.next().map(|(name, _)| name), Some("proof_complete".to_owned()));
    let proof = service.proof(&root);
    assert!(proof.len() < 300 << 10, "{} bytes", proof.len());
    let verifier = Service::start(&["--verify-only", "--chain", "mainnet"]);
    crate::verifications::at_once(&verifier, &root, &proof, &json!({ "status": "VALID" }));
    let sepolia = Service::start(&["--verify-only", "--chain", "sepolia"]);
    assert_eq!(sepolia.verify(&root, &proof)["status"], "INVALID");
}
