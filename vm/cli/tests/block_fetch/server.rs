//! A server of HTTP/1.1 on the loopback address that answers as a test tells it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Status 200 and this body.
    Json(Vec<u8>),
    /// Another status and this body.
    Status(u16, String),
    /// Bytes that need not be HTTP.
    Bytes(Vec<u8>),
    /// Closes the connection.
    Close,
    /// Says nothing for so long.
    Hang(Duration),
    /// A byte now and then, without an end.
    Trickle,
    /// This body, with the announcement of a longer one.
    Short(Vec<u8>),
    /// Four MiB, with or without saying so.
    Huge { is_announced: bool },
}

impl Reply {
    /// An error of JSON-RPC.
    pub fn error(code: i64, message: &str) -> Self {
        Self::Json(Self::error_body(code, message))
    }

    /// The body of an error of JSON-RPC.
    pub fn error_body(code: i64, message: &str) -> Vec<u8> {
        json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": code, "message": message } }).to_string().into_bytes()
    }
}

/// A server that runs until the test's process ends.
pub struct Server {
    /// Where it listens.
    pub url: String,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    calls: Vec<(String, Value)>,
    requests: Vec<String>,
}

impl Server {
    /// Answers every call, by method and parameters, with what `answer` gives.
    pub fn new(answer: impl Fn(&str, &Value) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (log, answer) = (Arc::<Mutex<Log>>::default(), Arc::new(answer));
        let own = Arc::clone(&log);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&own), Arc::clone(&answer));
                // The client may close the connection at any time.
                thread::spawn(move || drop(serve(stream, &log, &*answer)));
            }
        });
        Self { url, log }
    }

    /// The same server under another URL.
    pub fn at(self, url: String) -> Self {
        Self { url, ..self }
    }

    /// Methods and parameters so far.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.log.lock().expect("a log").calls.clone()
    }

    /// Request lines and headers so far.
    pub fn requests(&self) -> Vec<String> {
        self.log.lock().expect("a log").requests.clone()
    }
}

fn serve(stream: TcpStream, log: &Mutex<Log>, answer: &dyn Fn(&str, &Value) -> Reply) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(|length| length.trim().parse().expect("a length")));
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let request: Value = serde_json::from_slice(&body)?;
    let method = request["method"].as_str().unwrap_or_default();
    {
        let mut log = log.lock().expect("a log");
        log.calls.push((method.to_owned(), request["params"].clone()));
        log.requests.push(head);
    }
    reply(stream, answer(method, &request["params"]))
}

fn reply(mut stream: TcpStream, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, length: usize| {
        format!("HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")
    };
    match reply {
        Reply::Json(body) => {
            stream.write_all(head(200, body.len()).as_bytes())?;
            stream.write_all(&body)
        }
        Reply::Status(status, body) => {
            stream.write_all(head(status, body.len()).as_bytes())?;
            stream.write_all(body.as_bytes())
        }
        Reply::Bytes(bytes) => stream.write_all(&bytes),
        Reply::Close => Ok(()),
        Reply::Hang(time) => {
            thread::sleep(time);
            Ok(())
        }
        Reply::Trickle => {
            stream.write_all(head(200, 1_000_000).as_bytes())?;
            loop {
                stream.write_all(b" ")?;
                thread::sleep(Duration::from_millis(100));
            }
        }
        Reply::Short(body) => {
            stream.write_all(head(200, body.len() + 1000).as_bytes())?;
            stream.write_all(&body)
        }
        Reply::Huge { is_announced } => {
            let body = vec![b' '; 4 << 20];
            match is_announced {
                true => stream.write_all(head(200, body.len()).as_bytes())?,
                false => stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?,
            }
            stream.write_all(&body)
        }
    }
}
