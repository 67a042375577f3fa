//! `GET /api/board`: for supervisors, how everything stands.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use wire::{Board, BoardAgent, BoardCall, BoardPresence, Problem};

use super::{ApiError, Shared};
use crate::clock;

/// Answers with everything, or that nothing has changed.
pub(super) async fn board(State(state): State<Shared>, headers: HeaderMap) -> Result<Response, ApiError> {
    let overview = state.desk.overview().await.map_err(Problem::from)?;
    let agents = state.agents.iter().map(|agent| {
        let known = overview.agents.iter().find(|(name, ..)| *name == agent.username);
        BoardAgent {
            username: agent.username.clone(),
            name: agent.name.clone(),
            role: agent.role,
            presence: known.map_or(BoardPresence::Away, |(_, presence, _)| *presence),
            reachable: known.is_some_and(|(.., reachable)| *reachable),
        }
    });
    let agents: Vec<BoardAgent> = agents.collect();
    let tag = tag(&agents, &overview.calls);
    if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let board = Board { seq: overview.seq, now: clock::now(), agents, calls: overview.calls };
    Ok(([(header::ETAG, tag)], Json(board)).into_response())
}

/// Of what is shown and not of the journal's position: time alone ends an agent's wrap-up.
fn tag(agents: &[BoardAgent], calls: &[BoardCall]) -> HeaderValue {
    let shown = serde_json::to_vec(&(agents, calls)).unwrap_or_default();
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(shown)));
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}
