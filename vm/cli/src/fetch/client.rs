//! Calls of JSON-RPC over HTTP: bounded in time and size, and sent again where that may help.

use std::io::Read;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tern_guest_evm::rpc::{self, AnswerError};
use ureq::http::header::{CONTENT_TYPE, LOCATION};
use ureq::http::{HeaderName, HeaderValue, Response, StatusCode, Uri};
use ureq::{Agent, Body};

use super::args::NodeArgs;
use super::error::FetchError;
use super::progress::FetchProgress;
use crate::units::printable;

/// Time before a request is sent again, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest time before a request is sent again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Most bytes that are read of a refusal.
const REFUSAL_BYTES: u64 = 1 << 16;
/// Most characters of a refusal that are shown.
const SHOWN: usize = 200;

/// A node.
pub struct Client<'a> {
    agent: Agent,
    url: &'a Uri,
    headers: &'a [(HeaderName, HeaderValue)],
    timeout: Duration,
    retries: u32,
    /// Most bytes of an answer.
    max_size: u64,
    progress: &'a FetchProgress,
}

/// A call: the method and its parameters.
pub type Call = (&'static str, Value);

impl<'a> Client<'a> {
    /// The node that the arguments name.
    pub fn new(args: &'a NodeArgs, progress: &'a FetchProgress) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(args.timeout))
            .http_status_as_error(false)
            // Whatever a header is to prove, it proves to one server.
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A connection that the server has closed meanwhile would look like a failure.
            .max_idle_connections(0)
            .user_agent(concat!("tern/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.new_agent(),
            url: &args.rpc,
            headers: &args.headers,
            timeout: args.timeout,
            retries: args.retries,
            max_size: args.max_size << 20,
            progress,
        }
    }

    /// Host and port. The rest of the URL may hold a key.
    pub fn place(&self) -> String {
        self.url.authority().map(ToString::to_string).unwrap_or_default()
    }

    /// What `read` finds in the answer to a call.
    pub fn call<T>(&self, call: &Call, read: impl Fn(&[u8]) -> Result<T, AnswerError>) -> Result<T, FetchError> {
        let (method, ref params) = *call;
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let (mut left, mut pause) = (self.retries, FIRST_PAUSE);
        loop {
            match self.send(method, &request) {
                Err(error) if left > 0 && is_passing(&error) => {
                    self.progress.step(&format!("{error}; trying again in {} s ({left} left)", pause.as_secs_f64()));
                    sleep(pause);
                    pause = LONGEST_PAUSE.min(pause * 2);
                    left -= 1;
                }
                answer => return read(&answer?).map_err(|error| FetchError::Answer { method, error }),
            }
        }
    }

    /// What `read` finds in the first of these answers that is one: a node may lack some of the methods.
    pub fn first<T>(&self, what: &'static str, calls: &[Call], read: impl Fn(&[u8]) -> Result<T, AnswerError>) -> Result<T, FetchError> {
        let mut tried = Vec::new();
        for call in calls {
            match self.call(call, &read) {
                Err(error) if is_refusal(&error) => tried.push(error),
                answer => return answer,
            }
        }
        Err(FetchError::NoAnswer { what, tried })
    }

    /// Sends a request once.
    fn send(&self, method: &'static str, request: &str) -> Result<Vec<u8>, FetchError> {
        let mut post = self.agent.post(self.url).header(CONTENT_TYPE, "application/json");
        for (name, value) in self.headers {
            post = post.header(name, value);
        }
        let mut response = post.send(request).map_err(|error| self.error(method, error))?;
        if response.status().is_success() {
            return self.read_body(method, &mut response, self.max_size);
        }
        let status = response.status();
        let refusal = match self.read_body(method, &mut response, REFUSAL_BYTES) {
            // Some nodes send what went wrong in JSON-RPC, and a status of HTTP with it.
            Ok(body) if !is_busy(status) && matches!(rpc::read::<Value>(&body), Err(AnswerError::Node { .. })) => return Ok(body),
            Ok(body) => printable(&String::from_utf8_lossy(&body)),
            Err(_) => String::new(),
        };
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let said = location.unwrap_or(&refusal).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
        Err(FetchError::Http { method, status: status.as_u16(), said })
    }

    fn read_body(&self, method: &'static str, response: &mut Response<Body>, limit: u64) -> Result<Vec<u8>, FetchError> {
        let too_large = || FetchError::TooLarge { method, limit };
        if response.body().content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut reader = response.body_mut().as_reader();
        let mut body = Vec::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            let read = reader.read(&mut chunk).map_err(|error| self.error(method, error.into()))?;
            if read == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&chunk[..read]);
            if body.len() as u64 > limit {
                return Err(too_large());
            }
            self.progress.received(method, body.len());
        }
    }

    fn error(&self, method: &'static str, error: ureq::Error) -> FetchError {
        let place = self.place();
        match error {
            ureq::Error::Timeout(_) => FetchError::Timeout { place, method, timeout: self.timeout },
            // Bad data on a connection is what TLS says of a server that does not speak it.
            ureq::Error::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => {
                FetchError::Connection { place, reason: error.to_string() }
            }
            error @ (ureq::Error::HostNotFound | ureq::Error::ConnectionFailed) => {
                FetchError::Connection { place, reason: error.to_string() }
            }
            error => FetchError::Protocol { place, reason: error.to_string() },
        }
    }
}

/// Whether the same request may succeed a little later.
fn is_passing(error: &FetchError) -> bool {
    match error {
        FetchError::Connection { .. } => true,
        FetchError::Http { status, .. } => StatusCode::from_u16(*status).is_ok_and(is_busy),
        _ => false,
    }
}

fn is_busy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Whether the server is well, but does not answer this call.
pub fn is_refusal(error: &FetchError) -> bool {
    match error {
        FetchError::Answer { error: AnswerError::Node { .. } | AnswerError::Null, .. } => true,
        // Proxies refuse methods so.
        FetchError::Http { status, .. } => matches!(status, 400 | 403 | 404 | 405 | 422 | 501),
        _ => false,
    }
}
