//! Credentials of the REST endpoints: the header pair or the bearer token.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use vobiz::rest::{AUTH_ID_HEADER, AUTH_TOKEN_HEADER};

use super::problem::Problem;
use crate::exchange::Exchange;
use crate::options::Credentials;

/// Lets a request through only with valid credentials.
pub(super) async fn required(
    State(exchange): State<Arc<Exchange>>,
    request: Request,
    next: Next,
) -> Response {
    if shown(&request, &exchange.options().credentials) {
        next.run(request).await
    } else {
        Problem::unauthorized().into_response()
    }
}

fn shown(request: &Request, credentials: &Credentials) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let pair = header(AUTH_ID_HEADER) == Some(credentials.auth_id.as_str())
        && header(AUTH_TOKEN_HEADER) == Some(credentials.auth_token.as_str());
    let bearer = header(AUTHORIZATION.as_str())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|token| token == credentials.bearer);
    pair || bearer
}
