//! Credentials of the REST endpoints: the header pair or the bearer token.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use vobiz::rest::{AUTH_ID_HEADER, AUTH_TOKEN_HEADER, CALLS_PATH};

use super::problem::Problem;
use crate::exchange::Exchange;
use crate::options::Credentials;
use crate::settings::{Access, CredentialKinds};

/// Lets a request through only with valid credentials that allow what it asks for.
pub(super) async fn required(
    State(exchange): State<Arc<Exchange>>,
    request: Request,
    next: Next,
) -> Response {
    let switches = exchange.settings().switches;
    if !shown(&request, &exchange.options().credentials, switches.credentials) {
        return Problem::unauthorized().into_response();
    }
    if switches.access == Access::Forbidden && request.uri().path().contains(CALLS_PATH) {
        return Problem::forbidden().into_response();
    }
    next.run(request).await
}

fn shown(request: &Request, credentials: &Credentials, kinds: CredentialKinds) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let pair = header(AUTH_ID_HEADER) == Some(credentials.auth_id.as_str())
        && header(AUTH_TOKEN_HEADER) == Some(credentials.auth_token.as_str());
    let bearer = header(AUTHORIZATION.as_str())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|token| token == credentials.bearer);
    match kinds {
        CredentialKinds::Both => pair || bearer,
        CredentialKinds::Pair => pair,
        CredentialKinds::Bearer => bearer,
    }
}
