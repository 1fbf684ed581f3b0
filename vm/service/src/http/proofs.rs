//! Proofs: those that were made, and those that are to be verified.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::requests::{is_bytes, parse_root, path, query};
use super::{ApiError, Service, aside};
use crate::config::PROOF_TYPE;
use crate::job;

#[derive(Debug, Deserialize)]
pub struct Claim {
    new_payload_request_root: Option<String>,
    proof_type: Option<String>,
}

/// `GET /v1/execution_proofs/{root}/{proof_type}`: a proof.
pub async fn download(
    State(service): State<Arc<Service>>,
    parts: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, ApiError> {
    let queue = Arc::clone(service.queue()?);
    let (root, proof_type) = path(parts)?;
    let root = parse_root(&root)?;
    known_type(&proof_type)?;
    let missing = || ApiError::new(StatusCode::NOT_FOUND, "no_proof", format!("there is no proof of type {PROOF_TYPE} for {root}"));
    let place = aside(move || queue.proof(root)).await?.ok_or_else(missing)?;
    // It may go at any moment, as the oldest of too many.
    let file = File::open(place).await.map_err(|_| missing())?;
    let length = file.metadata().await.map_err(|_| missing())?.len();
    let headers = [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_LENGTH, length.to_string())];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

/// `POST /v1/execution_proof_verifications`: whether a proof shows the payload of the request with
/// this root to be valid.
pub async fn verify(
    State(service): State<Arc<Service>>,
    claim: Result<Query<Claim>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    let claim = query(claim)?;
    let missing = |name: &str| ApiError::bad_request("missing_parameter", format!("the parameter {name} is missing"));
    let root = parse_root(&claim.new_payload_request_root.ok_or_else(|| missing("new_payload_request_root"))?)?;
    known_type(&claim.proof_type.ok_or_else(|| missing("proof_type"))?)?;
    is_bytes(&headers)?;
    let proof = service.bodies.read(&headers, body, service.config.limits.max_proof).await?;
    let closed = |_| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "closing", "the service is stopping");
    let turn = Arc::clone(&service.verifications).acquire_owned().await.map_err(closed)?;
    let config = Arc::clone(&service.config);
    let (verdict, took) = aside(move || {
        let began = Instant::now();
        let verdict = job::verify(proof.bytes(), &config.key, root.0, config.chain_id);
        // Neither the turn nor the memory is given back before: a client that goes away ends nothing.
        drop((turn, proof));
        (verdict, began.elapsed())
    })
    .await?;
    service.metrics.verified(verdict.is_ok(), took);
    Ok(Json(match verdict {
        Ok(()) => json!({ "status": "VALID" }),
        Err(reason) => json!({ "status": "INVALID", "reason": reason }),
    }))
}

/// `GET /v1/proof_types`: what can be made and verified here.
pub async fn types(State(service): State<Arc<Service>>) -> Json<Value> {
    let can_prove = service.queue.is_some();
    // The kinds of zkboost, whose clients know no others: what proves, and what verifies only.
    let kind = if can_prove { "ere" } else { "verifier" };
    Json(json!({ "proof_types": [{ "proof_type": PROOF_TYPE, "kind": kind, "can_prove": can_prove, "can_verify": true }] }))
}

fn known_type(proof_type: &str) -> Result<(), ApiError> {
    match proof_type {
        PROOF_TYPE => Ok(()),
        _ => Err(ApiError::new(StatusCode::NOT_FOUND, "unknown_proof_type", format!("unknown proof type; this service has {PROOF_TYPE}"))),
    }
}
