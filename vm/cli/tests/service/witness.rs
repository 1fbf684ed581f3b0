//! Payload requests alone, whose witness a node has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tern_guest_evm::json::{BlockFile, Info};
use tern_guest_evm::sample::{PARENT_TIMESTAMP, SLOT_SECONDS, SampleChain};
use tern_guest_evm::stateless::{Layout, decode};

use crate::answers::{Node, envelope};
use crate::node::{Reply, Server};
use crate::service::{Place, Service, TYPE, until};

/// A block of mainnet's rules, its stateless input, the payload request in it, and the request's root.
fn block() -> (BlockFile, Vec<u8>, Vec<u8>, String) {
    let config = tern_guest_evm::chains::by_name("mainnet").expect("mainnet");
    let chain = SampleChain { config: &config, timestamps: &[PARENT_TIMESTAMP + SLOT_SECONDS], txs: 3, blobs: 1, seed: 9 };
    let mut file = chain.make().expect("a block").remove(0);
    let input = file.parts_on(&config).expect("parts").stateless_input().expect("an input");
    file.info = file.info.map(|info| Info { chain: "mainnet".into(), chain_id: 1, ..info });
    let root = decode(&input).expect("an input").1.request.root(Layout::Progressive).to_string();
    let offset = |at: usize| u32::from_le_bytes(*input[2 + at..].first_chunk().expect("an offset")) as usize + 2;
    let request = input[offset(0)..offset(4)].to_vec();
    (file, input, request, root)
}

/// A node that has the witness once it is told so.
fn node(file: &BlockFile, has_it: &Arc<AtomicBool>) -> Server {
    let (witness, has_it) = (envelope(&Node::Reth.witness(file)), Arc::clone(has_it));
    Server::new(move |method, _| match method {
        "eth_chainId" => Reply::Json(envelope(&json!("0x1"))),
        "debug_executionWitness" if has_it.load(Ordering::SeqCst) => Reply::Json(witness.clone()),
        _ => Reply::error(-32000, "block not found"),
    })
}

fn submit(service: &Service, request: &[u8], root: &str) {
    assert_eq!(service.post(request).ok(), json!({ "new_payload_request_root": root }));
}

#[test]
fn the_witness_is_fetched_as_soon_as_the_node_has_it() {
    let (file, input, request, root) = block();
    let has_it = Arc::<AtomicBool>::default();
    let server = node(&file, &has_it);
    let place = Place::new();
    let service = place.serve(&["--rpc", &server.url, "--header", "Authorization: Bearer node-key"]);
    submit(&service, &request, &root);
    until("the witness is fetched", || (service.status(&root)["progress"]["phase"] == "fetching the witness").then_some(()));
    until("the node was asked", || server.calls().iter().any(|(method, _)| method == "debug_executionWitness").then_some(()));
    assert!(server.requests().iter().all(|head| head.to_ascii_lowercase().contains("authorization: bearer node-key")));
    // the node learns of the block
    has_it.store(true, Ordering::SeqCst);
    let fetched = until("the input is there", || std::fs::read(place.request(&root).join("input.ssz")).ok());
    let (fetched, expected) = (decode(&fetched).expect("an input"), decode(&input).expect("an input"));
    assert_eq!((fetched.0, &fetched.1.request), (expected.0, &expected.1.request));
    assert_eq!(fetched.1.public_keys, expected.1.public_keys);
    // what the small guest does with a real input is nonsense
    service.delete(&root).ok();
}

#[test]
fn a_node_that_never_has_the_witness_is_a_failure_of_its_own() {
    let (file, _, request, root) = block();
    let server = node(&file, &Arc::default());
    let place = Place::new();
    let service = place.serve(&["--rpc", &server.url, "--witness-timeout", "3"]);
    submit(&service, &request, &root);
    let status = service.wait(&root, "failed");
    assert_eq!(status["reason"], "witness_timeout", "{status}");
    let error = status["error"].as_str().expect("an error");
    assert!(error.starts_with("no witness within 3 s") && error.contains("block not found"), "{error}");
    drop(service);
    // no node at all
    let service = place.serve(&["--rpc", "http://127.0.0.1:1", "--witness-timeout", "1"]);
    submit(&service, &request, &root);
    assert_eq!(service.wait(&root, "failed")["reason"], "witness_timeout");
}

/// The built-in guest and its validator: what is not valid is found out natively, before anything
/// is proved.
#[test]
fn an_invalid_payload_is_not_proved() {
    let (_, input, request, root) = block();
    let folder = tempfile::TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let server = Server::new(|method, _| match method {
        "eth_chainId" => Reply::Json(envelope(&json!("0x1"))),
        _ => Reply::error(-32000, "block not found"),
    });
    let service = Service::start(&["--data", data.to_str().expect("UTF-8"), "--rpc", &server.url]);
    // without a trie node
    let (schema, mut whole) = decode(&input).expect("an input");
    whole.witness.state.remove(0);
    let answer = service.post(&whole.encode(schema)).ok();
    assert_eq!(answer["new_payload_request_root"], json!(root));
    let status = service.wait(&root, "failed");
    assert_eq!(status["reason"], "proving_error");
    assert!(status["error"].as_str().is_some_and(|error| error.starts_with("the payload is not shown to be valid: ")), "{status}");
    // a payload whose block has another hash, alone
    let mut other = request.clone();
    other[44 + 404] ^= 1;
    let root = service.post(&other).ok()["new_payload_request_root"].as_str().expect("a root").to_owned();
    let status = service.wait(&root, "failed");
    assert_eq!((&status["reason"], &status["proof_type"]), (&json!("proving_error"), &json!(TYPE)), "{status}");
    assert!(status["error"].as_str().is_some_and(|error| error.contains("hash")), "{status}");
}
