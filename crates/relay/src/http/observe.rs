//! A request id, one line in the log, one count.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;
use vobiz::Uuid;
use wire::ProblemKind;

use super::{Shared, problem::Told};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id (or keeps the one that a proxy gave), and tells how it went.
pub(super) async fn observe(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    // The pattern, not the path: bounded, and without anybody's data.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let id = request_id(&request);
    let span = tracing::error_span!(
        "request",
        id = %id.to_str().unwrap_or_default(),
        // Known once the body is read.
        call = tracing::field::Empty
    );
    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status();
    let problem = response.extensions().get::<Told>().map(|told| told.0);
    if problem == Some(ProblemKind::AnsweredElsewhere) {
        state.metrics.claim_lost();
    }
    let problem = problem.map(tracing::field::debug);
    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let label = route.as_deref().unwrap_or("(app)");
    state.metrics.request(label, status.as_u16());
    span.in_scope(|| match (route.is_some(), status.as_u16()) {
        (_, 500..) => tracing::warn!(%method, route = label, status = status.as_u16(), ms, problem),
        (true, _) => tracing::info!(%method, route = label, status = status.as_u16(), ms, problem),
        (false, _) => tracing::debug!(%method, route = label, status = status.as_u16(), ms, problem),
    });
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

fn request_id(request: &Request) -> HeaderValue {
    /// As long as a UUID with room for a prefix.
    const LONGEST: usize = 64;
    let given = request.headers().get(REQUEST_ID).filter(|id| {
        let bytes = id.as_bytes();
        !bytes.is_empty()
            && bytes.len() <= LONGEST
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    });
    match given {
        Some(id) => id.clone(),
        None => HeaderValue::from_str(&Uuid::new_v4().to_string()).unwrap_or(HeaderValue::from_static("-")),
    }
}
