//! The HTTP surface: parsing of paths and headers, status codes, problem details.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use wire::MAX_FULL_UPLOAD;
use wire::api::{PROBLEM_JSON, Problem, ProblemCode, RECEIPT_MEDIA_TYPE};

use crate::ingest::{Shared, ingest, internal};
use crate::ledger::{BackendError, Committed, Ledger};

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/health", get(health))
        .route("/v1/sessions/{sid}/full", put(put_full))
        .route("/v1/sessions/{sid}/receipt", get(receipt))
        .route("/v1/sessions/{sid}/result", get(result))
        .fallback(async || problem(ProblemCode::NotFound))
        .with_state(shared)
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    match with_ledger(shared, |ledger| ledger.count()).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(code) => problem(code),
    }
}

async fn put_full(
    State(shared): State<Arc<Shared>>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(session_id) = parse_id(&sid) else { return problem(ProblemCode::Malformed) };
    let Ok(body) = to_bytes(body, MAX_FULL_UPLOAD).await else { return problem(ProblemCode::TooLarge) };
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let answer = tokio::task::spawn_blocking(move || ingest(&shared, session_id, key.as_deref(), &body)).await;
    match answer {
        Ok(Ok(Committed::New(receipt))) => with_receipt(StatusCode::CREATED, receipt),
        Ok(Ok(Committed::Replay(receipt))) => with_receipt(StatusCode::OK, receipt),
        Ok(Err(code)) => problem(code),
        Err(_) => problem(ProblemCode::Internal),
    }
}

async fn receipt(State(shared): State<Arc<Shared>>, Path(sid): Path<String>) -> Response {
    let Some(session_id) = parse_id(&sid) else { return problem(ProblemCode::Malformed) };
    match with_ledger(shared, move |ledger| ledger.receipt(&session_id)).await {
        Ok(Some(receipt)) => with_receipt(StatusCode::OK, receipt),
        Ok(None) => problem(ProblemCode::NotFound),
        Err(code) => problem(code),
    }
}

async fn result(State(shared): State<Arc<Shared>>, Path(sid): Path<String>) -> Response {
    let Some(session_id) = parse_id(&sid) else { return problem(ProblemCode::Malformed) };
    match with_ledger(shared, move |ledger| ledger.result(&session_id)).await {
        Ok(Some(result)) => axum::Json(result).into_response(),
        Ok(None) => problem(ProblemCode::NotFound),
        Err(code) => problem(code),
    }
}

async fn with_ledger<T: Send + 'static>(
    shared: Arc<Shared>,
    ask: impl FnOnce(&Ledger) -> Result<T, BackendError> + Send + 'static,
) -> Result<T, ProblemCode> {
    match tokio::task::spawn_blocking(move || ask(&shared.ledger())).await {
        Ok(answer) => answer.map_err(|error| internal(&error)),
        Err(_) => Err(ProblemCode::Internal),
    }
}

fn parse_id(text: &str) -> Option<[u8; 16]> {
    uuid::Uuid::parse_str(text).ok().map(uuid::Uuid::into_bytes)
}

fn with_receipt(status: StatusCode, receipt: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, RECEIPT_MEDIA_TYPE)], receipt).into_response()
}

fn problem(code: ProblemCode) -> Response {
    let problem = Problem::from(code);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(problem)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(PROBLEM_JSON));
    response
}
