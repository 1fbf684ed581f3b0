//! Servers that fail: each failure has its code, and leaves no trace.

use std::io::Write as _;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tern_guest_evm::sample::sample_block;

use crate::answers::{Node, envelope};
use crate::server::{Reply, Server};
use crate::support::{contents, fetch_into, good, sample};

/// The command fails with this code, whether there was a file before or not, and leaves everything
/// as it was. Gives the last run's messages.
#[track_caller]
fn fails(server: &Server, arguments: &[&str], code: &str) -> String {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("block.json");
    let mut messages = String::new();
    for old in [None, Some("what was there")] {
        if let Some(old) = old {
            std::fs::write(&path, old).expect("writing");
        }
        let before = contents(folder.path());
        let run = fetch_into(server, &path, &[&["--chain", "Osaka", "--retries", "0"], arguments].concat());
        assert_eq!((run.status, &run.json["error"]["code"]), (Some(1), &json!(code)), "{}{}", run.json, run.stderr);
        assert_eq!(contents(folder.path()), before, "files changed");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        messages = format!("{} {}", run.json["error"]["message"], run.json["error"]["hint"]);
    }
    messages
}

/// A good node, but for one method.
fn but(method: &'static str, reply: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    let answer = good(Node::Reth, &sample(), true);
    Server::new(move |called, params| if called == method { reply() } else { answer(called, params) })
}

const WITNESS: &str = "debug_executionWitness";

#[test]
fn servers_that_fail_on_http_are_told_apart() {
    let told = fails(&but(WITNESS, || Reply::Status(401, "no key".into())), &[], "http_error");
    assert!(told.contains("status 401: no key") && told.contains("--header"), "{told}");
    let told = fails(&but(WITNESS, || Reply::Status(500, "<h1>oops</h1>".into())), &[], "http_error");
    assert!(told.contains("status 500"), "{told}");
    let told = fails(&but("eth_chainId", || Reply::Status(301, String::new())), &[], "http_error");
    assert!(told.contains("redirections are not followed"), "{told}");
    fails(&but("eth_chainId", || Reply::Status(404, "not here".into())), &[], "http_error");
    // A refusal of JSON-RPC stays one, whatever the status that comes with it.
    let refusal = || Reply::Status(500, String::from_utf8(Reply::error_body(-32000, "pruned history")).unwrap());
    let told = fails(&but("eth_chainId", refusal), &[], "node_error");
    assert!(told.contains("-32000: pruned history"), "{told}");
    let told = fails(&but("eth_chainId", || Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())), &[], "bad_server");
    assert!(told.contains("JSON-RPC endpoint"), "{told}");
}

#[test]
fn servers_that_give_no_answer_end_in_time() {
    let told = fails(&but(WITNESS, || Reply::Close), &[], "no_connection");
    assert!(told.contains("127.0.0.1"), "{told}");
    fails(&but("web3_clientVersion", || Reply::Close), &[], "no_connection");
    let begun = Instant::now();
    let told = fails(&but(WITNESS, || Reply::Hang(Duration::from_secs(30))), &["--timeout", "1"], "timed_out");
    assert!(told.contains("debug_executionWitness within 1 s") && told.contains("--timeout"), "{told}");
    // A trickle is no answer either.
    fails(&but(WITNESS, || Reply::Trickle), &["--timeout", "1"], "timed_out");
    assert!(begun.elapsed() < Duration::from_secs(20));
    fails(&but(WITNESS, || Reply::Short(b"{\"jsonrpc\":".to_vec())), &[], "no_connection");
    // Nobody listens there any more.
    let gone = Server::new(|_, _| Reply::Close).at("http://127.0.0.1:1".into());
    fails(&gone, &[], "no_connection");
    // A server without TLS, asked with it.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            thread::sleep(Duration::from_secs(1));
        }
    });
    fails(&Server::new(|_, _| Reply::Close).at(url), &["--timeout", "5"], "bad_server");
}

#[test]
fn answers_that_are_none_are_told_apart() {
    let told = fails(&but(WITNESS, || Reply::Json(b"<!DOCTYPE html><title>Welcome</title>".to_vec())), &[], "bad_answer");
    assert!(told.contains("<!DOCTYPE html>") && told.contains("not a web page"), "{told}");
    let answer = envelope(&Node::Reth.witness(&sample()));
    fails(&but(WITNESS, move || Reply::Json(answer[..answer.len() / 2].to_vec())), &[], "truncated_answer");
    fails(&but(WITNESS, || Reply::Json(envelope(&json!({ "state": "0x00" })))), &[], "bad_answer");
    fails(&but("eth_chainId", || Reply::Json(envelope(&json!([])))), &[], "bad_answer");
    fails(&but("debug_getRawBlock", || Reply::Json(envelope(&json!("0xc0")))), &[], "not_a_block");
    // Announced or not, what is too large is not read.
    for reply in [|| Reply::Huge { is_announced: true }, || Reply::Huge { is_announced: false }] {
        let told = fails(&but(WITNESS, reply), &["--max-size", "1"], "answer_too_large");
        assert!(told.contains("more than 1048576 bytes") && told.contains("--max-size"), "{told}");
    }
}

#[test]
fn nodes_that_lack_methods_or_blocks_are_told_apart() {
    let answer = good(Node::Reth, &sample(), false);
    let no_block = Server::new(move |method, params| match method {
        "eth_getBlockByNumber" => Reply::error(-32601, "method not found"),
        _ => answer(method, params),
    });
    let told = fails(&no_block, &[], "method_missing");
    assert!(told.contains("debug_getRawBlock: the node answered with error -32601") && told.contains("eth_getBlockByNumber: "), "{told}");
    let answer = good(Node::Reth, &sample(), true);
    let no_witness = Server::new(move |method, params| match method {
        _ if method.starts_with(WITNESS) => Reply::Status(403, "method not allowed".into()),
        _ => answer(method, params),
    });
    let told = fails(&no_witness, &[], "method_missing");
    assert!(told.contains("status 403") && told.contains("debug namespace"), "{told}");
    let answer = good(Node::Reth, &sample(), false);
    let no_such = Server::new(move |method, params| match method {
        "eth_getBlockByNumber" => Reply::Json(envelope(&Value::Null)),
        _ => answer(method, params),
    });
    fails(&no_such, &["5"], "no_such_block");
}

#[test]
fn other_blocks_and_other_chains_are_refused() {
    let other = sample_block(8, 4).expect("a block");
    let object = envelope(&json!(other.block));
    let info = sample().info.expect("info");
    let server = but("debug_getRawBlock", move || Reply::Json(object.clone()));
    let told = fails(&server, &[&info.hash.clone().unwrap()], "other_block");
    assert!(told.contains(&info.hash.unwrap()) && told.contains(other.info.unwrap().hash.as_deref().unwrap()), "{told}");
    let server = but("debug_getRawBlock", move || Reply::Json(envelope(&json!(other.block))));
    fails(&server, &["17"], "other_block");
    // An object that was changed on its way.
    let answer = good(Node::Geth, &sample(), false);
    let server = Server::new(move |method, params| match (method, answer(method, params)) {
        ("eth_getBlockByNumber", Reply::Json(json)) => {
            let mut json: Value = serde_json::from_slice(&json).unwrap();
            json["result"]["transactions"][2]["value"] = json!("0x99");
            Reply::Json(json.to_string().into_bytes())
        }
        (_, reply) => reply,
    });
    let told = fails(&server, &[], "other_hash");
    assert!(told.contains("transactionsRoot"), "{told}");
    let server = Server::new(good(Node::Reth, &sample(), true));
    for (chain, code) in [("mainnet", "other_chain"), ("Cancun", "invalid_block")] {
        let folder = TempDir::new().expect("a folder");
        let run = fetch_into(&server, &folder.path().join("b"), &["--chain", chain]);
        assert_eq!((run.status, &run.json["error"]["code"]), (Some(1), &json!(code)), "{}", run.json);
        assert!(contents(folder.path()).is_empty());
    }
    let folder = TempDir::new().expect("a folder");
    let run = fetch_into(&server, &folder.path().join("b"), &[]);
    assert_eq!((run.status, &run.json["error"]["code"]), (Some(1), &json!("unknown_chain")), "{}", run.json);
}

#[test]
fn a_witness_that_lacks_a_part_is_not_enough() {
    for part in ["state", "codes"] {
        let mut witness = Node::Reth.witness(&sample());
        witness[part].as_array_mut().expect("a list").remove(0);
        let answer = good(Node::Reth, &sample(), true);
        let server = Server::new(move |method, params| match method {
            _ if method.starts_with(WITNESS) => Reply::Json(envelope(&witness)),
            _ => answer(method, params),
        });
        let told = fails(&server, &[], "incomplete_witness");
        assert!(told.contains("incomplete witness: no ") && told.contains("another node"), "{told}");
    }
    // The parent's header is not there, and the node gives another one for it.
    let other = sample_block(1, 7).expect("a block").witness.headers[0].clone();
    let answer = good(Node::Maps, &sample(), true);
    let server = Server::new(move |method, params| match method {
        "debug_getRawHeader" => Reply::Json(envelope(&json!(other))),
        _ => answer(method, params),
    });
    fails(&server, &[], "other_block");
}
