//! Errors as they leave: RFC 9457.

use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, UPGRADE},
    },
    response::{IntoResponse, Response},
};
use wire::{PROBLEM_MEDIA_TYPE, Problem, ProblemKind};

/// A request that did not work out.
#[derive(Debug)]
pub(crate) struct ApiError(Box<Parts>);

/// On the heap, since most requests work out and pay for the larger result too.
#[derive(Debug)]
struct Parts {
    problem: Problem,
    header: Option<(HeaderName, HeaderValue)>,
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Parts { problem, header: None }))
    }
}

impl ApiError {
    fn new(kind: ProblemKind, status: StatusCode, title: &str, detail: &str) -> Self {
        Problem::new(kind, status.as_u16(), title, detail).into()
    }

    /// A part of the request is not what it should be: `what` follows its name.
    pub(crate) fn invalid(field: &str, what: impl Into<String>) -> Self {
        Problem::invalid_field(field, what).into()
    }

    /// The body as a whole can't be read.
    pub(crate) fn unreadable(title: impl Into<String>, detail: &str) -> Self {
        let mut problem =
            Problem::new(ProblemKind::InvalidField, StatusCode::BAD_REQUEST.as_u16(), title, detail);
        problem.field = Some("body".to_owned());
        problem.into()
    }

    /// The body has another media type than JSON.
    pub(crate) fn not_json() -> Self {
        let mut error = Self::new(
            ProblemKind::InvalidField,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body is not JSON",
            "Send it with Content-Type: application/json.",
        );
        error.0.problem.field = Some("Content-Type".to_owned());
        error
    }

    /// The body is larger than `limit` bytes.
    pub(crate) fn too_large(limit: usize) -> Self {
        let mut error = Self::new(
            ProblemKind::TooLarge,
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is too large",
            &format!("At most {limit} bytes are taken here."),
        );
        error.0.problem.field = Some("body".to_owned());
        error
    }

    /// The body did not arrive in time.
    pub(crate) fn too_slow() -> Self {
        Self::new(
            ProblemKind::InvalidField,
            StatusCode::REQUEST_TIMEOUT,
            "The body did not arrive in time",
            "Check the network and send the request again.",
        )
    }

    /// Nobody is signed in, or no longer.
    pub(crate) fn signed_out() -> Self {
        Self::new(ProblemKind::SignedOut, StatusCode::UNAUTHORIZED, "You are signed out", "Sign in again.")
    }

    /// The same for an unknown name and a wrong password.
    pub(crate) fn wrong_credentials() -> Self {
        Self::new(
            ProblemKind::WrongCredentials,
            StatusCode::UNAUTHORIZED,
            "Username or password is wrong",
            "Check both and try again. If you don't know your password, ask your administrator.",
        )
    }

    /// The request was made by another site's page.
    pub(crate) fn foreign_origin() -> Self {
        Self::new(
            ProblemKind::ForeignOrigin,
            StatusCode::FORBIDDEN,
            "The request came from another site",
            "Open the softphone at its own address. Administrators: it must be the one in RELAY_ORIGIN.",
        )
    }

    /// Signed in, but without the role that it takes.
    pub(crate) fn not_allowed() -> Self {
        Self::new(
            ProblemKind::NotAllowed,
            StatusCode::FORBIDDEN,
            "This is for supervisors",
            "Ask your administrator for the role: `role = \"supervisor\"` in the agents file.",
        )
    }

    /// Too many tries; the next one in some seconds.
    pub(crate) fn too_many(title: &str, wait: std::time::Duration) -> Self {
        /// Rounded up, so that who waits just that long is not refused again.
        const ALMOST_A_SECOND: u64 = 999;
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let seconds = (millis.saturating_add(ALMOST_A_SECOND) / 1000).max(1);
        let detail = format!("Try again in {seconds} {}.", if seconds == 1 { "second" } else { "seconds" });
        let mut error =
            Self::new(ProblemKind::TooManyRequests, StatusCode::TOO_MANY_REQUESTS, title, &detail);
        error.0.problem.retry_after_s = Some(seconds);
        error
    }

    /// Nothing is there.
    pub(crate) fn not_found(title: &str) -> Self {
        Self::new(ProblemKind::NotFound, StatusCode::NOT_FOUND, title, "Check the address.")
    }

    /// Something is there, but not for this method.
    pub(crate) fn wrong_method() -> Self {
        Self::new(
            ProblemKind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED,
            "This address does not take that method",
            "Check the method.",
        )
    }

    /// Only files can be read there.
    pub(crate) fn read_only() -> Self {
        let mut error = Self::wrong_method();
        error.0.header = Some((ALLOW, HeaderValue::from_static("GET, HEAD")));
        error
    }

    /// The request was expected to ask for a WebSocket.
    pub(crate) fn upgrade_required() -> Self {
        let mut error = Self::new(
            ProblemKind::InvalidField,
            StatusCode::UPGRADE_REQUIRED,
            "This address takes WebSockets only",
            "Connect with a WebSocket.",
        );
        error.0.header = Some((UPGRADE, HeaderValue::from_static("websocket")));
        error
    }

    /// A webhook without a valid signature. Does not say which part was wrong.
    pub(crate) fn unsigned() -> Self {
        Self::new(
            ProblemKind::WrongCredentials,
            StatusCode::UNAUTHORIZED,
            "The signature is missing or wrong",
            "Sign the exact body with the secret that the webhook was registered with.",
        )
    }

    /// The relay can't do it now.
    pub(crate) fn unavailable(title: &str, detail: &str) -> Self {
        Self::new(ProblemKind::Unavailable, StatusCode::SERVICE_UNAVAILABLE, title, detail)
    }
}

/// What kind of problem a reply tells of, for the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told(pub(crate) ProblemKind);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Parts { problem, header } = *self.0;
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let kind = [(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_MEDIA_TYPE))];
        let mut response = (status, kind, body).into_response();
        if let Some(seconds) = problem.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(Told(problem.kind));
        response
    }
}
