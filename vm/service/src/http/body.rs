//! Bodies of requests, bounded each and all together.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::ApiError;

/// Bytes of memory to a permit.
const UNIT: usize = 1 << 10;
/// Longest time until there is memory for a body.
const WAIT: Duration = Duration::from_secs(30);
/// Time in which a body must come, and one second more for so many bytes.
const PATIENCE: Duration = Duration::from_secs(30);
const BYTES_PER_SECOND: usize = 64 << 10;

/// Memory for the bodies that are read at the same time.
#[derive(Debug)]
pub struct Bodies {
    free: Arc<Semaphore>,
}

/// A body, and the memory that it takes until this is dropped.
#[derive(Debug)]
pub struct Held {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl Held {
    /// Its bytes. What takes them takes the whole, so that the memory counts until they are gone.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Bodies {
    /// Room for so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(bytes.div_ceil(UNIT).min(Semaphore::MAX_PERMITS))) }
    }

    /// Reads a body of at most `limit` bytes, once there is room for it. One that does not say its
    /// length takes room for the longest.
    pub async fn read(&self, headers: &HeaderMap, body: Body, limit: usize) -> Result<Held, ApiError> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        let most = length.unwrap_or(limit);
        let units = u32::try_from(most.div_ceil(UNIT).max(1)).unwrap_or(u32::MAX);
        let full = || ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many requests are being received: try again later");
        let permit = timeout(WAIT, Arc::clone(&self.free).acquire_many_owned(units)).await;
        let permit = permit.ok().and_then(Result::ok).ok_or_else(full)?;
        let patience = PATIENCE + Duration::from_secs((most / BYTES_PER_SECOND) as u64);
        let late = || ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", "the body did not come in time");
        let bytes = timeout(patience, read(body, length.unwrap_or_default(), limit)).await.map_err(|_| late())??;
        Ok(Held { bytes, _permit: permit })
    }
}

async fn read(mut body: Body, length: usize, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::with_capacity(length);
    while let Some(frame) = body.frame().await {
        let broken = |error| ApiError::bad_request("broken_body", format!("the body ends before it is whole: {error}"));
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", format!("the body has more than {limit} bytes"))
}
