//! What Prometheus is told.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::child::resident_bytes;

/// Upper bounds of the classes of seconds for answers and verifications.
const ANSWER_SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// The same for proofs.
const PROOF_SECONDS: [f64; 12] = [1.0, 5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1800.0, 3600.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    endpoint: String,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Endpoint {
    endpoint: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

type Seconds = Family<Endpoint, Histogram, fn() -> Histogram>;

/// All metrics of a service.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    answers: Family<Answer, Counter>,
    answer_seconds: Seconds,
    proofs: Family<Outcome, Counter>,
    proof_seconds: Histogram,
    proof_bytes: Histogram,
    verifications: Family<Outcome, Counter>,
    verification_seconds: Histogram,
    waiting: Gauge,
    running: Gauge,
    stored: Gauge,
    subscribers: Gauge,
    memory: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds: Seconds = Family::new_with_constructor(|| Histogram::new(ANSWER_SECONDS));
        let build: Family<Build, Gauge> = Family::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        let mut metrics = Self {
            registry: Registry::default(),
            answers: Family::default(),
            answer_seconds: seconds,
            proofs: Family::default(),
            proof_seconds: Histogram::new(PROOF_SECONDS),
            proof_bytes: Histogram::new((14..=26).map(|log| f64::from(1 << log))),
            verifications: Family::default(),
            verification_seconds: Histogram::new(ANSWER_SECONDS),
            waiting: Gauge::default(),
            running: Gauge::default(),
            stored: Gauge::default(),
            subscribers: Gauge::default(),
            memory: Gauge::default(),
        };
        metrics.register(build);
        metrics
    }
}

impl Metrics {
    fn register(&mut self, build: Family<Build, Gauge>) {
        let registry = &mut self.registry;
        registry.register("tern_build", "The version that runs", build);
        registry.register("tern_http_requests", "Answers, by endpoint, method and status", self.answers.clone());
        registry.register_with_unit(
            "tern_http_request_duration",
            "Time until the head of an answer",
            Unit::Seconds,
            self.answer_seconds.clone(),
        );
        registry.register(
            "tern_proofs",
            "Requests that ended, by outcome: complete, cancelled or a reason of failure",
            self.proofs.clone(),
        );
        registry.register_with_unit("tern_proof_duration", "Time that a proof took", Unit::Seconds, self.proof_seconds.clone());
        registry.register_with_unit("tern_proof_size", "Length of proofs", Unit::Bytes, self.proof_bytes.clone());
        registry.register("tern_verifications", "Proofs verified, by status: valid or invalid", self.verifications.clone());
        registry.register_with_unit(
            "tern_verification_duration",
            "Time that a verification took, without waiting",
            Unit::Seconds,
            self.verification_seconds.clone(),
        );
        registry.register("tern_requests_waiting", "Requests that wait", self.waiting.clone());
        registry.register("tern_requests_running", "Requests that are being proved", self.running.clone());
        registry.register("tern_requests_stored", "Requests that are done and kept", self.stored.clone());
        registry.register("tern_event_subscribers", "Open streams of events", self.subscribers.clone());
        registry.register_with_unit("process_resident_memory", "Resident memory of the service", Unit::Bytes, self.memory.clone());
    }

    /// An answer was given.
    pub fn answered(&self, endpoint: String, method: String, status: u16, took: Duration) {
        self.answer_seconds.get_or_create(&Endpoint { endpoint: endpoint.clone() }).observe(took.as_secs_f64());
        self.answers.get_or_create(&Answer { endpoint, method, status }).inc();
    }

    /// A proof was made.
    pub fn proved(&self, seconds: f64, bytes: u64) {
        self.proofs.get_or_create(&Outcome { outcome: "complete" }).inc();
        self.proof_seconds.observe(seconds);
        self.proof_bytes.observe(bytes as f64);
    }

    /// A request ended without a proof.
    pub fn failed(&self, outcome: &'static str) {
        self.proofs.get_or_create(&Outcome { outcome }).inc();
    }

    /// A proof was verified.
    pub fn verified(&self, is_valid: bool, took: Duration) {
        self.verifications.get_or_create(&Outcome { outcome: if is_valid { "valid" } else { "invalid" } }).inc();
        self.verification_seconds.observe(took.as_secs_f64());
    }

    /// How many requests there are.
    pub fn queue(&self, waiting: usize, running: usize, stored: usize) {
        for (gauge, count) in [(&self.waiting, waiting), (&self.running, running), (&self.stored, stored)] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// A stream of events was opened; it counts until what is given back is dropped.
    pub fn subscribed(&self) -> Subscribed {
        self.subscribers.inc();
        Subscribed(self.subscribers.clone())
    }

    /// All of it, in the text of OpenMetrics.
    pub fn text(&self) -> String {
        if let Some(bytes) = resident_bytes(std::process::id()) {
            self.memory.set(bytes as f64);
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

/// A stream of events that is open.
#[derive(Debug)]
pub struct Subscribed(Gauge);

impl Drop for Subscribed {
    fn drop(&mut self) {
        self.0.dec();
    }
}
