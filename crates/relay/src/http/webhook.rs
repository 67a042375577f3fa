//! `POST /webhooks/vobiz`: nothing is believed before its signature.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode},
};
use vobiz::{
    event::Envelope,
    meta::Signal,
    signature::{EVENT_HEADER, SIGNATURE_HEADER, verify},
};
use wire::Problem;

use super::{ApiError, Shared, body};
use crate::{logging, metrics::Webhook};

/// Largest body. A call's event with its SDP has about 5 kB.
const MAX_BODY: usize = 1024 * 1024;

/// Takes one delivery. 200 means that its facts are durable.
pub(super) async fn receive(
    State(state): State<Shared>,
    request: Request<Body>,
) -> Result<StatusCode, ApiError> {
    let headers = request.headers().clone();
    let raw = body::read(request, MAX_BODY).await?;
    if !is_signed(&state, &headers, &raw) {
        state.metrics.webhook(Webhook::Unsigned);
        return Err(ApiError::unsigned());
    }
    let envelope: Envelope = serde_json::from_slice(&raw).map_err(|error| {
        state.metrics.webhook(Webhook::Malformed);
        let place = format!("line {}, column {}", error.line(), error.column());
        ApiError::unreadable(
            format!("The body is not a webhook event: {place}"),
            "An object with event_id, event_type and payload is expected.",
        )
    })?;
    let told = headers.get(EVENT_HEADER).and_then(|value| value.to_str().ok());
    if told.is_some_and(|told| !told.eq_ignore_ascii_case(envelope.event_type.as_str())) {
        // The signed body counts; the header is not signed.
        tracing::warn!(event = %envelope.event_type, "a webhook's header names another event type");
    }
    if !envelope.event_type.is_call() {
        state.metrics.webhook(Webhook::NotOurs);
        return Ok(StatusCode::OK);
    }
    let signals = envelope.signals();
    // Meta's batches are about one call nearly always; then the first names it.
    if let Some(call) = signals.iter().find_map(Signal::call_id) {
        logging::about(call);
    }
    take(&state, envelope).await
}

async fn take(state: &Shared, envelope: Envelope) -> Result<StatusCode, ApiError> {
    match state.desk.webhook(envelope).await {
        Ok(()) => {
            state.metrics.webhook(Webhook::Taken);
            Ok(StatusCode::OK)
        }
        Err(error) => {
            state.metrics.webhook(Webhook::Failed);
            tracing::warn!(%error, "a webhook could not be kept; it will be delivered again");
            Err(Problem::from(error).into())
        }
    }
}

/// Without a configured secret nothing is signed.
fn is_signed(state: &Shared, headers: &HeaderMap, raw: &[u8]) -> bool {
    let (Some(secret), Some(signature)) = (&state.webhook_secret, headers.get(SIGNATURE_HEADER)) else {
        return false;
    };
    signature.to_str().is_ok_and(|signature| verify(secret.expose().as_bytes(), raw, signature))
}
