//! Traces, as a collector receives them: by `--features otel`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::http::send;
use crate::service::{Service, refused};

/// A collector: gives its URL, and the head and body of what it is sent.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/v1/traces", listener.local_addr().expect("an address"));
    let (sender, received) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|read| read > 0) && !head.ends_with("\r\n\r\n") {}
            let lower = head.to_ascii_lowercase();
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            if reader.read_exact(&mut body).is_ok() {
                let _ = sender.send((lower, body));
            }
            let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    (url, received)
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_request_becomes_a_span_of_the_trace_that_it_names() {
    let (url, received) = collector();
    let service = Service::start(&["--verify-only", "--otlp", &url]);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let header = format!("00-{trace}-b7ad6b7169203331-01");
    assert_eq!(send(service.address, "GET", "/v1/proof_types", &[("traceparent", &header)], b"").status, 200);
    // what is left is sent at the end
    assert_eq!(service.stop(), Some(0));
    let (head, body) = received.recv_timeout(Duration::from_secs(60)).expect("traces");
    assert!(head.starts_with("post /v1/traces ") && head.contains("content-type: application/x-protobuf"), "{head}");
    for part in [
        &hex::decode(trace).expect("hex")[..],
        &hex::decode("b7ad6b7169203331").expect("hex"),
        b"GET /v1/proof_types",
        b"http.route",
        b"tern",
    ] {
        assert!(contains(&body, part), "no {} in {}", String::from_utf8_lossy(part), String::from_utf8_lossy(&body));
    }
}

#[test]
fn a_collector_that_is_not_there_hinders_nothing_and_one_that_cannot_be_is_refused() {
    let service = Service::start(&["--verify-only", "--otlp", "http://127.0.0.1:1/v1/traces"]);
    assert_eq!(service.get("/health").status, 200);
    assert_eq!(service.stop(), Some(0));
    let output = refused(&["--verify-only", "--otlp", "not a URL"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((output.status.code(), json["error"]["code"].as_str()), (Some(1), Some("no_traces")), "{json}");
}
