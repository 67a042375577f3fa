//! Error bodies.
//!
//! How Vobiz wraps Meta's error is not documented; this is one believable way:
//! its own words beside the whole of Meta's object.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::exchange::{CallError, Refusal};

/// Meta's type of an error about a parameter or a call.
const META_TYPE: &str = "OAuthException";

/// An error reply.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    body: Value,
}

impl Problem {
    /// Vobiz's own error, without one of Meta's inside.
    pub(super) fn plain(status: StatusCode, error: &str, message: &str) -> Self {
        Self { status, body: json!({ "error": error, "message": message }) }
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
            body: json!({
                "error": "whatsapp_error",
                "message": details,
                "meta": {
                    "error": {
                        "message": format!("(#{code}) {message}"),
                        "type": META_TYPE,
                        "code": code,
                        "error_data": { "messaging_product": "whatsapp", "details": details },
                        "fbtrace_id": Uuid::new_v4().simple().to_string(),
                    }
                }
            }),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::NoSuchCall => StatusCode::NOT_FOUND,
            Refusal::TooManyCalls | Refusal::Code(138_002 | 138_005) => StatusCode::TOO_MANY_REQUESTS,
            Refusal::NotCallable
            | Refusal::NoPermission
            | Refusal::PairBusy
            | Refusal::Code(_)
            | Refusal::Sdp(_)
            | Refusal::SdpDiffers
            | Refusal::CallOver
            | Refusal::WrongAction(_) => StatusCode::BAD_REQUEST,
        };
        Self::meta(status, refusal.code(), &refusal.to_string(), &refusal.details())
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
        (self.status, Json(self.body)).into_response()
    }
}
