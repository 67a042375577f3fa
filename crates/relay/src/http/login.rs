//! `/api/login`, `/api/logout`, `/api/session`: one's own session.

use std::time::Instant;

use axum::{
    Extension, Json,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::PrivateCookieJar;
use vobiz::Uuid;
use wire::Session;

use super::{
    ApiError, Shared,
    body::Fields,
    guard::{Signed, client_address, who},
};
use crate::{
    auth::{Device, HasherBusy},
    clock,
    config::Agent,
    metrics::Login,
};

/// Largest body of a login: a name and a password, with room to spare.
const MAX_BODY: usize = 4 * 1024;

/// `POST /api/login`.
pub(super) async fn login(State(state): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let address = client_address(request.extensions(), request.headers());
    let device = Device::of(request.headers(), address);
    let mut fields = Fields::read(request, MAX_BODY).await?;
    let username = fields.text("username")?.trim().to_owned();
    let password = fields.text("password")?;
    if username.is_empty() {
        return Err(ApiError::invalid("username", "is empty."));
    }
    if password.is_empty() {
        return Err(ApiError::invalid("password", "is empty."));
    }
    state.throttle.begin(Instant::now(), &username, address).map_err(|wait| {
        state.metrics.login(Login::Throttled);
        ApiError::too_many("Too many attempts to sign in", wait)
    })?;
    let checked = state.hasher.check(&state.agents, &username, password).await;
    let Some(agent) = checked.map_err(busy)? else {
        state.metrics.login(Login::Wrong);
        // Not the name: people type passwords into the wrong field.
        tracing::warn!(%address, "sign-in refused");
        return Err(ApiError::wrong_credentials());
    };
    state.throttle.succeeded(&username, address);
    state.metrics.login(Login::Right);
    let (cookie, signed) = sign_in(&state, agent, device).await;
    Ok((cookie, Json(session(&state, &signed))).into_response())
}

/// Begins a session for somebody who has proven to be this agent.
pub(super) async fn sign_in(
    state: &Shared,
    agent: &Agent,
    device: Device,
) -> (Option<PrivateCookieJar>, Signed) {
    let now = clock::now();
    let claims = state.sessions.begin(agent, Uuid::new_v4(), device, now).await;
    tracing::info!(agent = %agent.username.as_str(), "signed in");
    (state.sessions.seal(&claims, now), Signed { agent: agent.clone(), claims })
}

/// `POST /api/logout`. Right for somebody who is signed out already, too.
pub(super) async fn logout(State(state): State<Shared>, request: Request) -> Response {
    let now = clock::now();
    if let Some((signed, _)) = who(&state, request.headers(), now) {
        if let Err(error) = state.sessions.sign_out(&signed.claims, now).await {
            tracing::error!(%error, "a sign-out could not be kept; it holds until the relay restarts");
        }
        state.sockets.sign_out(signed.claims.id);
        tracing::info!(agent = %signed.agent.username.as_str(), "signed out");
    }
    (state.sessions.clear(), StatusCode::NO_CONTENT).into_response()
}

/// `GET /api/session`.
pub(super) async fn current(
    State(state): State<Shared>,
    Extension(signed): Extension<Signed>,
) -> Json<Session> {
    Json(session(&state, &signed))
}

fn session(state: &Shared, signed: &Signed) -> Session {
    Session {
        username: signed.agent.username.clone(),
        name: signed.agent.name.clone(),
        role: signed.agent.role,
        expires: state.sessions.expires(&signed.claims),
        channels: state.channels.shown(),
        ice_servers: state.ice_servers.clone(),
    }
}

fn busy(_: HasherBusy) -> ApiError {
    ApiError::unavailable("Too many people are signing in", "Try again in a few seconds.")
}
