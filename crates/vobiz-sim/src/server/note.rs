//! Notes every REST request for the console: what was asked, by whom, and what
//! the answer was.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use vobiz::rest::{AUTH_ID_HEADER, AUTH_TOKEN_HEADER};

use super::MAX_BODY;
use super::problem::Problem;
use crate::clock::unix_millis_finely;
use crate::exchange::Exchange;
use crate::journal::RequestNote;

/// Longest text of a field that is noted.
const MAX_FIELD: usize = 60;

/// Fields of a body that are noted.
const MAX_FIELDS: usize = 6;

/// Lets a request through and notes it.
pub(super) async fn noted(State(exchange): State<Arc<Exchange>>, request: Request, next: Next) -> Response {
    let (started, at) = (Instant::now(), unix_millis_finely());
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        let message = format!("the body may have {MAX_BODY} bytes");
        return Problem::plain(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &message).into_response();
    };
    let (method, who, brief) = (parts.method.to_string(), masked(&parts.headers), brief(&body));
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    exchange.journal().request(RequestNote {
        number: 0,
        at,
        method,
        path,
        who,
        brief,
        status: response.status().as_u16(),
        took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    });
    response
}

/// Who asks; of a secret only that there was one.
fn masked(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(AUTH_ID_HEADER), text(AUTH_TOKEN_HEADER), text(AUTHORIZATION.as_str())) {
        (Some(id), Some(_), _) => format!("{} ••••", clipped(id)),
        (Some(id), None, _) => format!("{} without a token", clipped(id)),
        (None, _, Some(_)) => "Bearer ••••".into(),
        (None, _, None) => "nobody".into(),
    }
}

/// The body's short fields; descriptions and secrets only by their length.
fn brief(body: &[u8]) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_slice::<Value>(body) else {
        return if body.is_empty() { String::new() } else { format!("{} bytes", body.len()) };
    };
    let shown = fields.iter().filter(|(name, _)| *name != "channel_id").map(|(name, value)| match value {
        Value::String(text) if name.contains("sdp") || name == "secret" => {
            format!("{}: {} characters", clipped(name), text.len())
        }
        Value::String(text) => format!("{}: {}", clipped(name), clipped(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            format!("{}: {}", clipped(name), clipped(&value.to_string()))
        }
    });
    shown.take(MAX_FIELDS).collect::<Vec<_>>().join(" · ")
}

fn clipped(text: &str) -> String {
    text.chars().take(MAX_FIELD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_noted() {
        let mut headers = HeaderMap::new();
        headers.insert("x-auth-id", axum::http::HeaderValue::from_static("MA_X"));
        headers.insert("x-auth-token", axum::http::HeaderValue::from_static("hush"));
        assert_eq!(masked(&headers), "MA_X ••••");
        let brief = brief(br#"{"to":"+9198","sdp_offer":"v=0 hush","secret":"hush"}"#);
        assert!(brief.contains("to: +9198") && !brief.contains("hush"), "{brief}");
    }
}
