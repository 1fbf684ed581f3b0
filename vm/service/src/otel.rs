//! Traces by OpenTelemetry, sent over OTLP (HTTP, protobuf).

use std::io::Read;
use std::time::Duration;

use axum::http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// Longest time that the collector may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes that are read of its answer.
const MOST_BYTES: u64 = 1 << 20;

/// Why there are no traces.
#[derive(Debug, thiserror::Error)]
#[error("no traces: {0}")]
pub struct TracesError(#[from] ExporterBuildError);

/// Traces that are sent until this is dropped.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends the spans of the service to a collector: its whole URL, such as
    /// `http://localhost:4318/v1/traces`.
    ///
    /// # Errors
    ///
    /// If that is no URL.
    pub fn to(url: &str) -> Result<Self, TracesError> {
        let agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false).build().new_agent();
        let exporter =
            SpanExporter::builder().with_http().with_http_client(Client(agent)).with_endpoint(url).with_timeout(TIMEOUT).build()?;
        let resource = Resource::builder().with_service_name("tern").build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// The layer that takes the spans.
    #[must_use]
    pub fn layer<S: tracing::Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let layer: OpenTelemetryLayer<S, SdkTracer> = tracing_opentelemetry::layer().with_tracer(self.0.tracer("tern"));
        layer.with_filter(Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::INFO))
    }
}

impl Drop for Traces {
    /// Sends what is left.
    fn drop(&mut self) {
        let _ = self.0.shutdown();
    }
}

/// Puts a span into the trace that a request's headers name (W3C Trace Context), if they do.
pub fn continue_trace(span: &Span, headers: &HeaderMap) {
    let context = TraceContextPropagator::new().extract(&Headers(headers));
    // Where no traces are sent, there is nothing to put it into.
    let _ = span.set_parent(context);
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}

/// Sends over HTTP from the thread that gathers the spans, which may wait.
#[derive(Debug)]
struct Client(ureq::Agent);

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let response = self.0.run(Request::from_parts(head, &body[..]))?;
        let (head, body) = response.into_parts();
        let mut bytes = Vec::new();
        body.into_reader().take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(Response::from_parts(head, bytes.into()))
    }
}
