//! `/healthz`, `/readyz`, `/metrics`: for operators and their machines.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{ApiError, Shared};

/// The process is alive.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// It can do its work: the journal can be written, and upstream told its channels.
pub(super) async fn ready(State(state): State<Shared>) -> Response {
    let journal = match state.desk.health().await {
        Ok(()) => "ok".to_owned(),
        Err(problem) => problem.to_string(),
    };
    let upstream = state.channels.standing().to_string();
    let is_ready = journal == "ok" && upstream == "ok";
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": is_ready, "journal": journal, "upstream": upstream }))).into_response()
}

/// Counters in Prometheus' text format.
pub(super) async fn metrics(State(state): State<Shared>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    match state.metrics.text(state.sockets.count(), state.desk.journal().lag()) {
        Ok(text) => (kind, text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics can't be written");
            ApiError::unavailable("The metrics can't be written", "The log says why.").into_response()
        }
    }
}
