//! The endpoints.

mod body;
mod connections;
mod error;
mod events;
mod proofs;
mod requests;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::sync::{Semaphore, watch};
use tokio::task;

use crate::config::Config;
use crate::metrics::Metrics;
use crate::queue::Queue;
use crate::trace;
use body::Bodies;

pub use connections::accept;
pub use error::ApiError;

/// What the endpoints work with.
#[derive(Debug)]
pub struct Service {
    /// How the service runs.
    pub config: Arc<Config>,
    /// The queue; none where nothing is proved.
    pub queue: Option<Arc<Queue>>,
    /// What Prometheus is told.
    pub metrics: Arc<Metrics>,
    /// Memory for bodies.
    bodies: Bodies,
    /// One permit for each verification that may be computed now.
    verifications: Arc<Semaphore>,
    /// One permit for each stream of events that may be open.
    subscribers: Arc<Semaphore>,
    /// One permit for each body of SSZ that may be decoded now: that can take four times its memory.
    readings: Arc<Semaphore>,
    /// One permit for each block file that may be made an input of now.
    conversions: Arc<Semaphore>,
    /// True once the service ends.
    ending: watch::Receiver<bool>,
}

impl Service {
    /// A service that ends when `ending` says so.
    #[must_use]
    pub fn new(config: Arc<Config>, queue: Option<Arc<Queue>>, metrics: Arc<Metrics>, ending: watch::Receiver<bool>) -> Self {
        let limits = &config.limits;
        Self {
            bodies: Bodies::new(limits.body_memory.max(limits.max_body).max(limits.max_proof)),
            verifications: Arc::new(Semaphore::new(limits.verifications.get())),
            subscribers: Arc::new(Semaphore::new(limits.max_subscribers)),
            readings: Arc::new(Semaphore::new(2)),
            conversions: Arc::new(Semaphore::new(1)),
            config,
            queue,
            metrics,
            ending,
        }
    }

    /// The queue, where the service proves.
    fn queue(&self) -> Result<&Arc<Queue>, ApiError> {
        self.queue.as_ref().ok_or_else(verify_only)
    }
}

fn verify_only() -> ApiError {
    ApiError::bad_request("verify_only", "this service verifies proofs and makes none")
}

/// All endpoints, with what is done for each of them.
pub fn router(service: Arc<Service>) -> Router {
    let requests = post(requests::submit).get(events::stream);
    Router::new()
        .route("/v1/execution_proof_requests", requests)
        .route("/v1/execution_proof_requests/{root}", get(requests::status).delete(requests::cancel))
        .route("/v1/execution_proofs/{root}/{proof_type}", get(proofs::download))
        .route("/v1/execution_proof_verifications", post(proofs::verify))
        .route("/v1/proof_types", get(proofs::types))
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&service), around))
        .with_state(service)
}

/// What is done for every request: who may send it, how long the answer takes, and a line in the log.
async fn around(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let endpoint = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str).to_owned();
    let method = known_method(request.method());
    let span = trace::request(&method, &endpoint, request.headers());
    let refused = if endpoint == "/health" { Ok(()) } else { service.config.access.check(request.headers()) };
    let response = match refused {
        Ok(()) => tracing::Instrument::instrument(next.run(request), span.clone()).await,
        Err(error) => error.into_response(),
    };
    let (status, took) = (response.status().as_u16(), began.elapsed());
    span.record("http.response.status_code", status);
    span.in_scope(|| tracing::info!(%method, endpoint, status, seconds = took.as_secs_f64(), "answered"));
    service.metrics.answered(endpoint, method, status, took);
    response
}

/// The method's name; clients can invent any.
fn known_method(method: &Method) -> String {
    let known = [Method::GET, Method::POST, Method::DELETE, Method::HEAD, Method::PUT, Method::PATCH, Method::OPTIONS];
    if known.contains(method) { method.to_string() } else { "other".to_owned() }
}

async fn health(State(service): State<Arc<Service>>) -> Response {
    let status = if *service.ending.borrow() { (StatusCode::SERVICE_UNAVAILABLE, "stopping") } else { (StatusCode::OK, "ok") };
    (status.0, Json(json!({ "status": status.1, "version": env!("CARGO_PKG_VERSION") }))).into_response()
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    (headers, service.metrics.text()).into_response()
}

async fn unknown_route() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "unknown_route", "there is nothing at this path")
}

async fn wrong_method() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong_method",
        "this path does not take this method; the header Allow names those that it takes",
    )
}

/// Does what may take a while, or waits for the disk, away from the threads that serve connections.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    let span = tracing::Span::current();
    let done = task::spawn_blocking(move || span.in_scope(work)).await;
    done.map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", format!("a fault of the service: {error}")))
}
