//! `/api/sign-in` and `/api/oidc/…`: ways to sign in, and the one by a provider.

use axum::{
    Json,
    extract::{RawQuery, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use wire::{SIGN_IN_PROBLEM, SignInProblem, SignInProvider, SignInWays};

use super::{ApiError, Shared, guard::client_address, login::sign_in, query::Pairs};
use crate::{
    auth::{Device, Pending, Provider},
    clock,
    config::Agent,
    metrics::Login,
};

/// Where a browser has to go to sign in by the provider.
pub(super) const START_PATH: &str = "/api/oidc/start";
/// Longest code that is redeemed, in bytes; those of known providers have some hundreds.
const MAX_CODE: usize = 2_048;

/// `GET /api/sign-in`.
pub(super) async fn ways(State(state): State<Shared>) -> Json<SignInWays> {
    let provider = state
        .provider
        .as_ref()
        .map(|provider| SignInProvider { name: provider.name().to_owned(), url: START_PATH.to_owned() });
    let password = state.agents.iter().any(|agent| agent.password_hash.is_some());
    Json(SignInWays { password, provider })
}

/// `GET /api/oidc/start`: sends the browser to the provider.
pub(super) async fn start(State(state): State<Shared>) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    match provider.begin().await {
        Ok((url, pending)) => {
            let cookie = state.sessions.seal_pending(&pending);
            Ok((cookie, see_other(&url)).into_response())
        }
        Err(error) => {
            tracing::error!(%error, "nobody can sign in by the provider");
            Ok(back_with(SignInProblem::Failed).into_response())
        }
    }
}

/// `GET /api/oidc/callback`: the browser is back.
pub(super) async fn callback(
    State(state): State<Shared>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    let pending = state.sessions.unseal_pending(request.headers(), clock::now());
    let address = client_address(request.extensions(), request.headers());
    let device = Device::of(request.headers(), address);
    let found = match told(query.as_deref().unwrap_or_default(), pending) {
        Ok((pending, code)) => who(&state, provider, pending, code).await,
        Err(problem) => Err(problem),
    };
    let forget = state.sessions.clear_pending();
    match found {
        Ok(agent) => {
            state.metrics.login(Login::Right);
            let (cookie, _) = sign_in(&state, &agent, device).await;
            Ok((forget, cookie, see_other("/")).into_response())
        }
        Err(problem) => {
            state.metrics.login(Login::Wrong);
            tracing::warn!(%address, ?problem, "sign-in by the provider refused");
            Ok((forget, back_with(problem)).into_response())
        }
    }
}

/// The sign-in that was begun in this browser, and the code for it.
fn told(query: &str, pending: Option<Pending>) -> Result<(Pending, String), SignInProblem> {
    let mut pairs = Pairs::parse(query).map_err(|_| SignInProblem::Failed)?;
    let pending = pending.ok_or(SignInProblem::Expired)?;
    // Only who began here knows it; nothing that comes without it is believed.
    if pairs.text("state").as_deref() != Some(pending.state.as_str()) {
        return Err(SignInProblem::Expired);
    }
    match (pairs.text("code"), pairs.text("error")) {
        (Some(code), None) if code.len() <= MAX_CODE => Ok((pending, code)),
        (None, Some(error)) if error == "access_denied" => Err(SignInProblem::Denied),
        _ => Err(SignInProblem::Failed),
    }
}

async fn who(
    state: &Shared,
    provider: &Provider,
    pending: Pending,
    code: String,
) -> Result<Agent, SignInProblem> {
    let name = provider.finish(pending, code).await.map_err(|error| {
        tracing::warn!(%error, "sign-in by the provider failed");
        SignInProblem::Failed
    })?;
    let agent = state.agents.iter().find(|agent| provider.names(&name, agent.username.as_str()));
    agent.cloned().ok_or(SignInProblem::NoAgent)
}

fn provider(state: &Shared) -> Result<&Provider, ApiError> {
    state.provider.as_ref().ok_or_else(|| ApiError::not_found("Nobody signs in by a provider here"))
}

fn back_with(problem: SignInProblem) -> Response {
    see_other(&format!("/?{SIGN_IN_PROBLEM}={}", problem.as_str()))
}

fn see_other(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(url) => (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response(),
        Err(_) => ApiError::unavailable("The provider's address can't be used", "Tell your administrator.")
            .into_response(),
    }
}
