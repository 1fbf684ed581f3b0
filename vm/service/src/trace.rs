//! Spans of requests.

use axum::http::HeaderMap;
use tracing::Span;
use tracing::field::Empty;

/// The span of a request, by the names of OpenTelemetry's conventions; where traces are sent, in
/// the trace that its headers name.
pub fn request(method: &str, endpoint: &str, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        "request",
        otel.name = %format_args!("{method} {endpoint}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = endpoint,
        http.response.status_code = Empty
    );
    #[cfg(feature = "otel")]
    crate::otel::continue_trace(&span, headers);
    #[cfg(not(feature = "otel"))]
    let _ = headers;
    span
}
