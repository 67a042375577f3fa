//! `/api/sessions`: where an agent is signed in, and how to end that.

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use vobiz::Uuid;
use wire::{SessionInfo, SessionList};

use super::{ApiError, Shared, Signed};
use crate::{auth::StoreError, clock};

/// `GET /api/sessions`: one's own, the newest first.
pub(super) async fn list(
    State(state): State<Shared>,
    Extension(signed): Extension<Signed>,
) -> Json<SessionList> {
    let now = clock::now();
    let mut sessions = Vec::new();
    for known in state.sessions.of(&signed.agent.username, now) {
        let connected = state.sockets.has(&known.id);
        let current = known.id == signed.claims.id;
        if !connected && !current && state.sessions.has_idled_out(known.seen, now) {
            continue;
        }
        sessions.push(SessionInfo {
            id: known.id.to_string(),
            since: known.since,
            seen: known.seen,
            device: known.device,
            address: known.address,
            current,
            connected,
        });
    }
    Json(SessionList { sessions })
}

/// `DELETE /api/sessions`: signs out everywhere, here too.
pub(super) async fn end_all(
    State(state): State<Shared>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, ApiError> {
    let agent = &signed.agent.username;
    let kept = state.sessions.sign_out_everywhere(agent, clock::now()).await;
    state.sockets.sign_out_where(|agent, id, since| state.sessions.was_ended(agent, id, since));
    kept.map_err(not_kept)?;
    tracing::info!(agent = agent.as_str(), "signed out everywhere");
    Ok((state.sessions.clear(), StatusCode::NO_CONTENT).into_response())
}

/// `DELETE /api/sessions/{id}`: ends one of one's own.
pub(super) async fn end_one(
    State(state): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = Uuid::parse_str(&id).map_err(|_| ApiError::invalid("id", "must be a UUID."))?;
    let kept = state.sessions.sign_out_one(&signed.agent.username, id, clock::now()).await;
    match kept {
        Ok(false) => Err(ApiError::not_found("You have no such session")),
        Ok(true) => {
            state.sockets.sign_out(id);
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => {
            state.sockets.sign_out(id);
            Err(not_kept(error))
        }
    }
}

fn not_kept(error: StoreError) -> ApiError {
    tracing::error!(%error, "a sign-out could not be kept; it holds until the relay restarts");
    ApiError::unavailable(
        "The sign-out could not be recorded",
        "It holds until the softphone restarts. Try again, and tell your administrator if it happens again.",
    )
}
