//! What is sent, and how often.

use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::answers::Node;
use crate::server::{Reply, Server};
use crate::support::{fetch_into, good, sample, tern, text};

#[test]
fn a_busy_server_is_asked_again_and_a_broken_one_is_not() {
    for (reply, retries, calls, succeeds) in [
        (Reply::Status(503, "busy".into()), "2", 2, true),
        (Reply::Status(429, "slow down".into()), "1", 2, true),
        (Reply::Close, "1", 2, true),
        (Reply::Status(503, "busy".into()), "0", 1, false),
        (Reply::Status(500, "broken".into()), "3", 1, false),
        (Reply::Status(401, "no key".into()), "3", 1, false),
    ] {
        let answer = good(Node::Reth, &sample(), true);
        let count = std::sync::atomic::AtomicUsize::new(0);
        let shown = format!("{reply:?}");
        let server = Server::new(move |method, params| {
            let is_first = method == "eth_chainId" && count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            if is_first { reply.clone() } else { answer(method, params) }
        });
        let folder = TempDir::new().expect("a folder");
        let run = fetch_into(&server, &folder.path().join("b"), &["--chain", "Osaka", "--retries", retries]);
        assert_eq!(run.status, Some(i32::from(!succeeds)), "{shown}: {}{}", run.json, run.stderr);
        assert_eq!(server.calls().iter().filter(|(method, _)| method == "eth_chainId").count(), calls, "{shown}");
        assert_eq!(run.stderr.contains("trying again in 0.5 s"), succeeds, "{}", run.stderr);
    }
}

#[test]
fn headers_are_sent_and_keys_are_not_shown() {
    let server = Server::new(good(Node::Reth, &sample(), true));
    let url = format!("{}/secret-key", server.url);
    let with_key = server.at(url);
    let folder = TempDir::new().expect("a folder");
    let run = fetch_into(&with_key, &folder.path().join("b"), &["--chain", "Osaka", "--header", "Authorization: Bearer secret-token"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(with_key.requests().iter().all(|request| request.contains("authorization: Bearer secret-token") || request.contains("Authorization: Bearer secret-token")));
    assert!(with_key.requests().iter().all(|request| request.starts_with("POST /secret-key ")));
    assert!(!run.stderr.contains("secret") && !run.json.to_string().contains("secret"));
    // The same from the environment, and what fails does not show it either.
    let refused = Server::new(|_, _| Reply::Status(401, String::new()));
    let output = Command::new(env!("CARGO_BIN_EXE_tern"))
        .args(["block", "fetch", "-o"])
        .arg(folder.path().join("c"))
        .env("TERN_RPC", format!("{}/secret-key", refused.url))
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("running tern");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.code() == Some(1) && stderr.contains("status 401") && !stderr.contains("secret"), "{stderr}");
}

#[test]
fn wrong_usage_is_refused_before_anything_is_sent() {
    let server = Server::new(good(Node::Reth, &sample(), true));
    let folder = TempDir::new().expect("a folder");
    let output = folder.path().join("b");
    for arguments in [
        &["12x"][..],
        &["0x"],
        &["0x00000000000000000000000000000000000000000000000000000000000000zz"],
        &["--timeout", "0"],
        &["--retries", "1000"],
        &["--max-size", "0"],
        &["--header", "no colon"],
        &["--header", "a: b\nc"],
    ] {
        let run = fetch_into(&server, &output, arguments);
        assert_eq!((run.status, &run.json["error"]["code"]), (Some(2), &json!("usage")), "{arguments:?}");
    }
    // Neither a chain nor a file.
    let run = fetch_into(&server, &output, &["--chain", "mainet"]);
    assert_eq!((run.status, &run.json["error"]["code"]), (Some(1), &json!("not_a_chain")));
    for url in ["localhost:8545", "ftp://localhost", "http://", "http://user:password@localhost"] {
        let run = tern(&["block", "fetch", "--rpc", url, "-o", &text(&output)]);
        assert_eq!(run.status, Some(2), "{url}: {}", run.json);
    }
    for place in [folder.path().to_owned(), folder.path().join("nowhere/b")] {
        let run = fetch_into(&server, &place, &[]);
        assert_eq!((run.status, &run.json["error"]["code"]), (Some(1), &json!("cannot_write")), "{}", run.json);
    }
    assert_eq!(server.calls(), []);
}
