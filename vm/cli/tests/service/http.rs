//! A client of HTTP/1.1 that sends what it is told, also what no library would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longest time that a test waits for an answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The head, with names of headers in lower case.
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body, as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body of a success, as JSON.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Status, kind and message of an error, which is as every error is.
    #[track_caller]
    pub fn error(&self) -> (u16, String, String) {
        let json = self.json();
        assert_eq!(json["code"], self.status, "{json}");
        let text = |key: &str| json[key].as_str().unwrap_or_else(|| panic!("no {key} in {json}")).to_owned();
        (self.status, text("kind"), text("message"))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }
}

/// Sends a request and waits for the answer.
#[track_caller]
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str("\r\n");
    send_raw(address, &[head.as_bytes(), body].concat())
}

/// Sends bytes and waits for the answer to them.
#[track_caller]
pub fn send_raw(address: SocketAddr, bytes: &[u8]) -> Answer {
    let stream = connect(address);
    // A server that refuses a body may close before it is sent.
    let _ = (&stream).write_all(bytes);
    let mut reader = BufReader::new(stream);
    let (status, head) = read_head(&mut reader);
    let mut body = Vec::new();
    let _ = reader.read_to_end(&mut body);
    Answer { status, head, body }
}

/// Opens a stream of events and reads its head.
#[track_caller]
pub fn events(address: SocketAddr, query: &str) -> Events {
    let stream = connect(address);
    write!(&stream, "GET /v1/execution_proof_requests{query} HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("sending");
    let mut reader = BufReader::new(stream);
    let (status, head) = read_head(&mut reader);
    Events { status, head, reader }
}

/// A stream of events.
pub struct Events {
    pub status: u16,
    pub head: String,
    reader: BufReader<TcpStream>,
}

impl Events {
    /// The next event: its name and its data. None at the end of the stream.
    pub fn next(&mut self) -> Option<(String, Value)> {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).expect("an event in time") == 0 {
                return None;
            }
            // Between them are lengths of chunks and empty lines.
            if let Some(event) = line.strip_prefix("event:") {
                name = event.trim().to_owned();
            } else if let Some(data) = line.strip_prefix("data:") {
                return Some((name, serde_json::from_str(data).expect("JSON")));
            }
        }
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    stream
}

#[track_caller]
fn read_head(reader: &mut impl BufRead) -> (u16, String) {
    let mut head = String::new();
    while reader.read_line(&mut head).expect("the head of an answer") > 0 && !head.ends_with("\r\n\r\n") {}
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status in {head:?}"));
    let lower = head.lines().map(|line| match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}\n", name.to_ascii_lowercase()),
        None => format!("{line}\n"),
    });
    (status, lower.collect())
}
