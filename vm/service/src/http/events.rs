//! The stream of events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio_stream::wrappers::BroadcastStream;

use super::requests::{parse_root, query};
use super::{ApiError, Service};
use crate::config::PROOF_TYPE;
use crate::queue::Event;

/// Time between two signs of life.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Debug, Deserialize)]
pub struct Filter {
    new_payload_request_root: Option<String>,
}

/// `GET /v1/execution_proof_requests`: what becomes of all requests, or of one.
///
/// Of one that has ended already, that comes first. A stream that falls too far behind ends, so
/// that its reader opens another and misses nothing.
pub async fn stream(
    State(service): State<Arc<Service>>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Sse<impl Stream<Item = Result<Message, Infallible>>>, ApiError> {
    let queue = service.queue()?;
    let root = query(filter)?.new_payload_request_root.as_deref().map(parse_root).transpose()?;
    let full = |_| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_subscribers", "too many streams of events are open");
    let permit = Arc::clone(&service.subscribers).try_acquire_owned().map_err(full)?;
    let open = (permit, service.metrics.subscribed());
    // First the stream, then the look at what is over: nothing can fall between.
    let live = BroadcastStream::new(queue.subscribe());
    let queue = Arc::clone(queue);
    let over = super::aside(move || root.and_then(|root| queue.ended(root))).await?;
    let mut ending = service.ending.clone();
    let live = live
        .take_while(|event| std::future::ready(event.is_ok()))
        .filter_map(|event| std::future::ready(event.ok()))
        .filter(move |event| std::future::ready(root.is_none_or(|root| event.root == root)))
        .take_until(async move { drop(ending.wait_for(|is_ending| *is_ending).await) });
    let events = stream::iter(over).chain(live).map(move |event| {
        let _ = &open;
        Ok(message(&event))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn message(event: &Event) -> Message {
    let mut data = json!({ "new_payload_request_root": event.root, "proof_type": PROOF_TYPE });
    let Some(failure) = &event.failure else {
        return Message::default().event("proof_complete").data(data.to_string());
    };
    data["reason"] = json!(failure.reason);
    data["error"] = json!(failure.error);
    Message::default().event("proof_failure").data(data.to_string())
}
