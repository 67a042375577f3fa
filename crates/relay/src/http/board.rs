//! `GET /api/board`: for supervisors, how everything stands.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use wire::{Board, BoardAgent, Problem};

use super::{ApiError, Shared};
use crate::clock;

/// Answers with everything, or that nothing has changed.
pub(super) async fn board(State(state): State<Shared>, headers: HeaderMap) -> Result<Response, ApiError> {
    let overview = state.desk.overview().await.map_err(Problem::from)?;
    let tag = format!("\"{}-{}\"", state.desk.epoch(), overview.seq);
    let tag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
    if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let agents = state.agents.iter().map(|agent| {
        let known = overview.agents.iter().find(|(name, ..)| *name == agent.username);
        BoardAgent {
            username: agent.username.clone(),
            name: agent.name.clone(),
            role: agent.role,
            available: known.is_some_and(|(_, available, _)| *available),
            reachable: known.is_some_and(|(.., reachable)| *reachable),
        }
    });
    let agents = agents.collect();
    let board = Board { seq: overview.seq, now: clock::now(), agents, calls: overview.calls };
    Ok(([(header::ETAG, tag)], Json(board)).into_response())
}
