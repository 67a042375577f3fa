//! Error bodies.
//!
//! How Vobiz wraps Meta's error is not documented, so it is a switch: its own words
//! beside the whole of Meta's object, Meta's object alone, or as a text.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::exchange::{CallError, Exchange, Refusal};
use crate::settings::ErrorBody;

/// Meta's type of an error about a parameter or a call.
const META_TYPE: &str = "OAuthException";

/// Seconds after which somebody may come again who waits for what has no time of its own,
/// such as the end of another call.
const SOON: u64 = 1;

/// An error reply.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    body: Body,
    /// Seconds after which the request may be made again.
    retry_after: Option<u64>,
}

/// What an error reply says, before its shape is chosen.
#[derive(Debug, Clone)]
enum Body {
    /// Vobiz's own words alone.
    Own { error: &'static str, message: String },
    /// One of Meta's errors.
    Meta(Value),
}

impl Problem {
    /// Vobiz's own error, without one of Meta's inside.
    pub(super) fn plain(status: StatusCode, error: &'static str, message: &str) -> Self {
        Self { status, body: Body::Own { error, message: message.to_owned() }, retry_after: None }
    }

    /// Credentials that do not allow it.
    pub(super) fn forbidden() -> Self {
        Self::plain(StatusCode::FORBIDDEN, "forbidden", "This account may not make or take calls")
    }

    /// More requests than the account may make; `wait` seconds later it may again.
    pub(super) fn too_many(wait: u64) -> Self {
        let words = "Too many requests; try again later";
        Self { retry_after: Some(wait), ..Self::plain(StatusCode::TOO_MANY_REQUESTS, "rate_limited", words) }
    }

    /// A reply that got lost: whether the request was carried out, it does not say.
    pub(super) fn lost() -> Self {
        Self::plain(StatusCode::BAD_GATEWAY, "upstream", "Meta did not answer")
    }

    /// Missing or wrong credentials.
    pub(super) fn unauthorized() -> Self {
        Self::plain(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "X-Auth-ID and X-Auth-Token, or a bearer token, are missing or wrong",
        )
    }

    /// A field that can't be used.
    pub(super) fn field(field: &str, what: impl std::fmt::Display) -> Self {
        Self::meta(StatusCode::BAD_REQUEST, 100, "Invalid parameter", &format!("{field}: {what}"))
    }

    fn meta(status: StatusCode, code: u32, message: &str, details: &str) -> Self {
        Self {
            status,
            body: Body::Meta(json!({
                "error": {
                    "message": format!("(#{code}) {message}"),
                    "type": META_TYPE,
                    "code": code,
                    "error_data": { "messaging_product": "whatsapp", "details": details },
                    "fbtrace_id": Uuid::new_v4().simple().to_string(),
                }
            })),
            retry_after: None,
        }
    }

    /// The reply in one of the shapes that are possible.
    pub(super) fn shaped(&self, shape: ErrorBody) -> Response {
        let body = match (&self.body, shape) {
            (Body::Own { error, message }, _) => json!({ "error": error, "message": message }),
            (Body::Meta(meta), ErrorBody::Meta) => meta.clone(),
            (Body::Meta(meta), ErrorBody::Wrapped) => json!({
                "error": "whatsapp_error",
                "message": meta["error"]["error_data"]["details"],
                "meta": meta,
            }),
            (Body::Meta(meta), ErrorBody::Text) => {
                json!({ "error": "whatsapp_error", "message": meta.to_string() })
            }
        };
        let mut reply = (self.status, Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            reply.headers_mut().insert(RETRY_AFTER, wait.into());
        }
        reply
    }
}

/// Puts errors into the shape that the settings ask for.
pub(super) async fn shape(State(exchange): State<Arc<Exchange>>, request: Request, next: Next) -> Response {
    let reply = next.run(request).await;
    match reply.extensions().get::<Problem>() {
        Some(problem) => problem.shaped(exchange.settings().switches.error_body),
        None => reply,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, retry_after) = match refusal {
            Refusal::NoSuchCall => (StatusCode::NOT_FOUND, None),
            Refusal::TooFast { wait } => (StatusCode::TOO_MANY_REQUESTS, Some(wait)),
            Refusal::TooManyCalls | Refusal::Code(138_002 | 138_005) => {
                (StatusCode::TOO_MANY_REQUESTS, Some(SOON))
            }
            Refusal::NotCallable
            | Refusal::NoPermission
            | Refusal::PermissionRevoked
            | Refusal::DailyLimit { .. }
            | Refusal::PairBusy
            | Refusal::Code(_)
            | Refusal::Sdp(_)
            | Refusal::SdpDiffers
            | Refusal::CallOver
            | Refusal::WrongAction(_) => (StatusCode::BAD_REQUEST, None),
        };
        let problem = Self::meta(status, refusal.code(), &refusal.to_string(), &refusal.details());
        Self { retry_after, ..problem }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(refusal) => refusal.into(),
            CallError::Broken(error) => {
                tracing::error!(%error, "a handset could not be made");
                Self::plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "the simulator has no handset to give",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut reply = self.shaped(ErrorBody::default());
        reply.extensions_mut().insert(self);
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_says_when_it_is_over() {
        let wait =
            |problem: Problem| problem.shaped(ErrorBody::default()).headers().get(RETRY_AFTER).cloned();
        assert_eq!(wait(Refusal::TooFast { wait: 42 }.into()), Some(42_u64.into()));
        assert_eq!(wait(Problem::too_many(17)), Some(17_u64.into()));
        assert_eq!(wait(Refusal::TooManyCalls.into()), Some(SOON.into()));
        assert_eq!(wait(Refusal::PairBusy.into()), None);
    }
}
