//! Everything that is refused, each with a status and a kind of its own.

use serde_json::json;

use crate::guest::Task;
use crate::http::{Answer, events, send, send_raw};
use crate::service::{Place, Service, TYPE, refused};

const ROOT: &str = "0x1212121212121212121212121212121212121212121212121212121212121212";
const BYTES: (&str, &str) = ("Content-Type", "application/octet-stream");

#[track_caller]
fn is(answer: &Answer, status: u16, kind: &str) {
    let (got, got_kind, message) = answer.error();
    assert_eq!((got, &*got_kind), (status, kind), "{message}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let place = Place::new();
    let service = place.serve(&["--chain", "mainnet"]);
    let at = service.address;
    let requests = format!("/v1/execution_proof_requests?proof_types={TYPE}");
    let post = |path: &str, headers: &[(&str, &str)], body: &[u8]| send(at, "POST", path, headers, body);
    is(&service.get("/v1/nothing"), 404, "unknown_route");
    is(&service.get("/"), 404, "unknown_route");
    is(&service.get("/v1/execution_proof_requests/%ff"), 400, "bad_path");
    is(&service.get("/v1/execution_proofs/%ff/%ff"), 400, "bad_path");
    let wrong = send(at, "PUT", &requests, &[], b"");
    is(&wrong, 405, "wrong_method");
    assert_eq!(wrong.header("allow"), Some("POST,GET,HEAD"));
    is(&send(at, "INVENTED", "/health", &[], b""), 405, "wrong_method");
    // proof types
    for (query, kind) in [
        ("", "no_proof_type"),
        ("?proof_types=", "no_proof_type"),
        ("?proof_types=,%20,", "no_proof_type"),
        ("?proof_types=reth-zisk", "unknown_proof_type"),
        ("?proof_types=revm-tern,revm-tern", "duplicate_proof_type"),
        ("?proof_types=a&proof_types=b", "bad_query"),
    ] {
        is(&post(&format!("/v1/execution_proof_requests{query}"), &[BYTES], b""), 400, kind);
    }
    // bodies
    is(&post(&requests, &[("Content-Type", "application/x-www-form-urlencoded")], b"a=b"), 415, "unsupported_media_type");
    is(&post(&requests, &[("Content-Type", "text/plain")], b"a"), 415, "unsupported_media_type");
    for body in [&b""[..], b"\x2c", b"\x14\x01", &[0x14, 0x01, 0, 0, 0, 0], &[0xff; 1000], &[0; 64]] {
        is(&post(&requests, &[BYTES], body), 400, "bad_ssz");
        is(&post(&requests, &[], body), 400, "bad_ssz");
    }
    is(&post(&requests, &[("Content-Type", "application/json")], b"{"), 400, "bad_block");
    is(&post(&requests, &[("Content-Type", "application/json")], b"{}"), 400, "bad_block");
    let block =
        json!({ "info": { "chainId": 1, "chain": "mainnet" }, "block": "0xc0", "witness": { "state": [], "codes": [], "headers": [] } });
    is(&post(&requests, &[("Content-Type", "application/json")], block.to_string().as_bytes()), 400, "bad_block");
    // an input that is cut, at any place
    let (input, _) = Task::quick(1).input();
    for length in (0..input.len() - 130).step_by(7) {
        is(&post(&requests, &[BYTES], &input[..length]), 400, "bad_ssz");
    }
    // a request without its witness, and no node
    let request = &input[2 + 20..][..input.len() - 22 - 130 - 12];
    is(&post(&requests, &[BYTES], request), 422, "no_witness");
    // another chain
    let mut other = input.clone();
    let chain_id = 2 + 8;
    assert_eq!(other[chain_id], 1);
    other[chain_id] = 2;
    is(&post(&requests, &[BYTES], &other), 422, "other_chain");
    // roots and proofs
    for root in ["0x12", "12", "nothing", &ROOT[2..]] {
        is(&service.get(&format!("/v1/execution_proof_requests/{root}")), 400, "bad_root");
        is(&service.get(&format!("/v1/execution_proofs/{root}/{TYPE}")), 400, "bad_root");
        is(&service.get(&format!("/v1/execution_proof_requests?new_payload_request_root={root}")), 400, "bad_root");
        is(&service.delete(root), 400, "bad_root");
    }
    is(&service.get(&format!("/v1/execution_proof_requests/{ROOT}")), 404, "no_request");
    is(&service.delete(ROOT), 404, "no_request");
    is(&service.get(&format!("/v1/execution_proofs/{ROOT}/{TYPE}")), 404, "no_proof");
    is(&service.get(&format!("/v1/execution_proofs/{ROOT}/reth-zisk")), 404, "unknown_proof_type");
    let verifications = "/v1/execution_proof_verifications";
    is(&post(verifications, &[BYTES], b""), 400, "missing_parameter");
    is(&post(&format!("{verifications}?new_payload_request_root={ROOT}"), &[BYTES], b""), 400, "missing_parameter");
    is(&post(&format!("{verifications}?new_payload_request_root={ROOT}&proof_type=reth-zisk"), &[BYTES], b""), 404, "unknown_proof_type");
    let good = format!("{verifications}?new_payload_request_root={ROOT}&proof_type={TYPE}");
    is(&post(&good, &[("Content-Type", "application/json")], b"{}"), 415, "unsupported_media_type");
    // nothing of it is left
    assert_eq!(std::fs::read_dir(place.path("data/requests")).expect("a folder").count(), 0);
    assert_eq!(std::fs::read_dir(place.path("data/new")).expect("a folder").count(), 0);
}

#[test]
fn oversized_bodies_are_refused_before_they_are_read() {
    let place = Place::new();
    let service = place.serve(&["--max-body", "1", "--max-proof", "1"]);
    let requests = format!("/v1/execution_proof_requests?proof_types={TYPE}");
    let verifications = format!("/v1/execution_proof_verifications?new_payload_request_root={ROOT}&proof_type={TYPE}");
    for path in [requests, verifications] {
        // announced, and not sent at all
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\nConnection: close\r\n\r\n");
        is(&send_raw(service.address, head.as_bytes()), 413, "body_too_large");
        // sent in pieces, without a word about the length
        let mut pieces = format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n").into_bytes();
        for _ in 0..17 {
            pieces.extend([b"10000\r\n", &*vec![0; 1 << 16], b"\r\n"].concat());
        }
        is(&send_raw(service.address, &pieces), 413, "body_too_large");
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\nConnection: close\r\n\r\n");
        assert_eq!(send_raw(service.address, head.as_bytes()).status, 400);
    }
    assert_eq!(service.get("/health").status, 200);
}

#[test]
fn who_has_no_token_is_refused() {
    let place = Place::new();
    std::fs::write(place.path("tokens"), "# two\n0123456789abcdef\nfedcba9876543210\n").expect("writing");
    let service = place.serve(&["--token-file", place.path("tokens").to_str().expect("UTF-8")]);
    let with = |path: &str, header: &str| send(service.address, "GET", path, &[("Authorization", header)], b"");
    assert_eq!(service.get("/health").status, 200);
    for path in ["/v1/proof_types", "/metrics", "/v1/nothing"] {
        let refused = service.get(path);
        is(&refused, 401, "no_token");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer realm=\"tern\""));
        is(&with(path, "Bearer 0123456789abcdee"), 401, "wrong_token");
        is(&with(path, "Basic 0123456789abcdef"), 401, "no_token");
    }
    for token in ["0123456789abcdef", "fedcba9876543210"] {
        assert_eq!(with("/v1/proof_types", &format!("Bearer {token}")).status, 200);
    }
    assert!(!service.said().contains("0123456789abcdef"));
}

#[test]
fn web_pages_are_refused_without_a_token() {
    let service = Service::start(&["--verify-only"]);
    is(&send(service.address, "GET", "/v1/proof_types", &[("Origin", "https://example.org")], b""), 403, "cross_origin");
}

#[test]
fn a_service_that_verifies_only_takes_no_requests() {
    let service = Service::start(&["--verify-only"]);
    let path = format!("/v1/execution_proof_requests?proof_types={TYPE}");
    is(&send(service.address, "POST", &path, &[BYTES], &Task::quick(1).input().0), 400, "verify_only");
    is(&service.get("/v1/execution_proof_requests"), 400, "verify_only");
    is(&service.get(&format!("/v1/execution_proof_requests/{ROOT}")), 400, "verify_only");
    is(&service.get(&format!("/v1/execution_proofs/{ROOT}/{TYPE}")), 400, "verify_only");
}

#[test]
fn a_full_queue_says_when_to_come_again() {
    let place = Place::new();
    let service = place.serve(&["--max-queued", "2", "--max-subscribers", "1"]);
    let roots = [1, 2].map(|number| service.submit(&Task::endless(number)));
    let full = service.post(&Task::quick(3).input().0);
    is(&full, 503, "queue_full");
    assert_eq!(full.header("retry-after"), Some("10"));
    // one that is there is joined nevertheless
    assert_eq!(service.submit(&Task::endless(2)), roots[1]);
    service.delete(&roots[1]).ok();
    let third = service.submit(&Task::quick(3));
    service.delete(&roots[0]).ok();
    service.wait(&third, "complete");

    let open = events(service.address, "");
    assert_eq!(open.status, 200);
    is(&service.get("/v1/execution_proof_requests"), 503, "too_many_subscribers");
}

#[test]
fn services_that_cannot_be_are_not_started() {
    let place = Place::new();
    let _running = place.serve(&[]);
    let data = place.path("data");
    let data = data.to_str().expect("UTF-8");
    std::fs::write(place.path("short"), "short\n").expect("writing");
    let short = place.path("short");
    for (arguments, status, code) in [
        (&["--data", data][..], 1, "busy"),
        (&["--verify-only", "--listen", "0.0.0.0:0"], 1, "no_token"),
        (&["--verify-only", "--listen", &_running.address.to_string()], 1, "cannot_listen"),
        (&["--verify-only", "--token-file", short.to_str().expect("UTF-8")], 1, "no_tokens"),
        (&["--verify-only", "--token-file", "/nowhere"], 1, "cannot_read"),
        (&["--verify-only", "--guest", "/nowhere"], 1, "cannot_read"),
        (&["--verify-only", "--data", data], 2, "usage"),
        (&[], 2, "usage"),
        (&["--data", data, "--jobs", "0"], 2, "usage"),
        (&["--data", data, "--chain", "invented"], 2, "usage"),
    ] {
        let output = refused(arguments);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((output.status.code(), &json["error"]["code"]), (Some(status), &json!(code)), "{arguments:?}: {json}");
    }
    // everyone may use one that says so
    drop(Service::start(&["--verify-only", "--no-token"]));
}
