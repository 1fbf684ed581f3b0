//! Requests for proofs.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::stateless::{Layout, PayloadRequest, Schema, decode};

use super::{ApiError, Service, aside};
use crate::config::{Config, PROOF_TYPE};
use crate::job;
use crate::queue::{Queue, Refusal, write_input};
use crate::root::Root;
use crate::store::{Kind, Staged};

#[derive(Debug, Deserialize)]
pub struct Wanted {
    proof_types: Option<String>,
}

/// `POST /v1/execution_proof_requests`: asks for the proof of a payload.
pub async fn submit(
    State(service): State<Arc<Service>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    check_types(&query(wanted)?.proof_types.unwrap_or_default())?;
    let queue = Arc::clone(service.queue()?);
    let is_json = match media_type(&headers)? {
        Media::Json => true,
        Media::Bytes => false,
    };
    let body = service.bodies.read(&headers, body, service.config.limits.max_body).await?;
    let closed = |_| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "closing", "the service is stopping");
    let turns = if is_json { &service.conversions } else { &service.readings };
    // Not given back before the work is done: a client that goes away ends nothing.
    let turn = Arc::clone(turns).acquire_owned().await.map_err(closed)?;
    let config = Arc::clone(&service.config);
    let root = aside(move || {
        let root = if is_json { submit_block(&queue, &config, body.bytes()) } else { submit_bytes(&queue, &config, body.bytes()) };
        drop(turn);
        root
    });
    let root = root.await??;
    Ok(Json(json!({ "new_payload_request_root": root })))
}

/// `GET /v1/execution_proof_requests/{root}`: where a request stands.
pub async fn status(State(service): State<Arc<Service>>, root: Result<Path<String>, PathRejection>) -> Result<Json<Value>, ApiError> {
    let (queue, root) = (Arc::clone(service.queue()?), parse_root(&path(root)?)?);
    aside(move || queue.status(root)).await?.map(Json).ok_or_else(|| no_request(root))
}

/// `DELETE /v1/execution_proof_requests/{root}`: gives a request up, and removes it with its proof.
pub async fn cancel(State(service): State<Arc<Service>>, root: Result<Path<String>, PathRejection>) -> Result<Json<Value>, ApiError> {
    let (queue, root) = (Arc::clone(service.queue()?), parse_root(&path(root)?)?);
    match aside(move || queue.cancel(root)).await? {
        Ok(true) => Ok(Json(json!({ "new_payload_request_root": root, "state": "removed" }))),
        Ok(false) => Err(no_request(root)),
        Err(_) => Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "still_running", "the prover was told to stop and has not yet")),
    }
}

/// Takes a payload request alone, or one with its witness. The first bytes tell them apart: an
/// offset, and a schema's id.
fn submit_bytes(queue: &Queue, config: &Config, bytes: &[u8]) -> Result<Root, ApiError> {
    if starts_with_schema(bytes) {
        return submit_input(queue, config, bytes);
    }
    let request = PayloadRequest::read(bytes).map_err(|error| ApiError::bad_request("bad_ssz", format!("invalid SSZ body: {error}")))?;
    let root = Root(request.root().0);
    if config.proving.as_ref().is_some_and(|proving| proving.worker.node.is_none()) {
        let message =
            "this service has no node to ask for the witness (--rpc): send statelessInputBytes, or a block file as application/json";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "no_witness", message));
    }
    put(queue, root, Kind::Request, request.as_bytes())
}

fn submit_input(queue: &Queue, config: &Config, bytes: &[u8]) -> Result<Root, ApiError> {
    let root = root_of_input(config, bytes)?;
    put(queue, root, Kind::Input, bytes)
}

/// Takes a block with its witness, in JSON. It is made an input of by the worker, as the block may
/// have to be run for it.
fn submit_block(queue: &Queue, config: &Config, json: &[u8]) -> Result<Root, ApiError> {
    let bad = |error: String| ApiError::bad_request("bad_block", error);
    let worker = &config.proving.as_ref().ok_or_else(super::verify_only)?.worker;
    BlockFile::parse(json).map_err(|error| bad(error.to_string()))?;
    let staged = queue.stage().map_err(refused)?;
    let block = staged.folder().request();
    crate::store::write(&block, json).map_err(|error| refused(error.into()))?;
    job::input_of_block(worker, &block, &staged.folder().input()).map_err(bad)?;
    let input = std::fs::read(staged.folder().input()).map_err(|error| refused(error.into()))?;
    std::fs::remove_file(&block).map_err(|error| refused(error.into()))?;
    let root = root_of_input(config, &input)?;
    submit_staged(queue, root, Kind::Input, &input, &staged)
}

/// The root of an input's request, if it can be proved here.
fn root_of_input(config: &Config, bytes: &[u8]) -> Result<Root, ApiError> {
    let (_, input) = decode(bytes).map_err(|error| ApiError::bad_request("bad_ssz", format!("invalid SSZ body: {error}")))?;
    if let Some(expected) = config.chain_id.filter(|expected| *expected != input.chain_id) {
        let message = format!("the payload is of the chain with id {}, and this service takes those of {expected}", input.chain_id);
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "other_chain", message));
    }
    Ok(Root(input.request.root(Layout::Progressive).0))
}

fn put(queue: &Queue, root: Root, kind: Kind, bytes: &[u8]) -> Result<Root, ApiError> {
    if !queue.admits(root).map_err(refused)? {
        return Ok(root);
    }
    let staged = queue.stage().map_err(refused)?;
    submit_staged(queue, root, kind, bytes, &staged)
}

fn submit_staged(queue: &Queue, root: Root, kind: Kind, bytes: &[u8], staged: &Staged) -> Result<Root, ApiError> {
    write_input(staged, kind, bytes).and_then(|()| queue.submit(root, staged)).map_err(refused)?;
    Ok(root)
}

fn starts_with_schema(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(|id| Schema::from_id(u16::from_be_bytes(*id)).is_ok())
}

fn refused(refusal: Refusal) -> ApiError {
    let message = refusal.to_string();
    match refusal {
        Refusal::Full(_) => ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "queue_full", message),
        Refusal::Closing => ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "closing", message),
        Refusal::Store(_) => ApiError::new(StatusCode::INSUFFICIENT_STORAGE, "not_stored", message),
    }
}

fn no_request(root: Root) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no_request", format!("there is no request with the root {root}"))
}

/// Checks the proof types that are asked for: there is one.
fn check_types(types: &str) -> Result<(), ApiError> {
    let types: Vec<&str> = types.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if types.is_empty() {
        return Err(ApiError::bad_request("no_proof_type", format!("proof_types must name at least one: {PROOF_TYPE}")));
    }
    if let Some(unknown) = types.iter().find(|name| **name != PROOF_TYPE) {
        let shown: String = unknown.chars().take(50).collect();
        return Err(ApiError::bad_request("unknown_proof_type", format!("unknown proof type {shown:?}; this service has {PROOF_TYPE}")));
    }
    match types.len() {
        1 => Ok(()),
        _ => Err(ApiError::bad_request("duplicate_proof_type", "a proof type is named twice")),
    }
}

enum Media {
    Bytes,
    Json,
}

fn media_type(headers: &HeaderMap) -> Result<Media, ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(Media::Bytes) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/octet-stream" => Ok(Media::Bytes),
        "application/json" => Ok(Media::Json),
        _ => Err(unsupported("application/octet-stream for SSZ, or application/json for a block file")),
    }
}

/// Checks that a body is said to be bytes, or not said to be anything.
pub fn is_bytes(headers: &HeaderMap) -> Result<(), ApiError> {
    match media_type(headers) {
        Ok(Media::Bytes) => Ok(()),
        _ => Err(unsupported("application/octet-stream")),
    }
}

fn unsupported(expected: &str) -> ApiError {
    let message = format!("the header Content-Type must be {expected}");
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
}

/// The parameters of a request.
pub fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, ApiError> {
    query.map(|Query(value)| value).map_err(|rejection| ApiError::bad_request("bad_query", rejection.body_text()))
}

/// The variable parts of a path.
pub fn path<T>(path: Result<Path<T>, PathRejection>) -> Result<T, ApiError> {
    path.map(|Path(parts)| parts).map_err(|rejection| ApiError::bad_request("bad_path", rejection.body_text()))
}

/// The root that a text is.
pub fn parse_root(text: &str) -> Result<Root, ApiError> {
    text.parse().map_err(|error: crate::root::NotARoot| ApiError::bad_request("bad_root", error.to_string()))
}
