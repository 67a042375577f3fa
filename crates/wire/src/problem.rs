//! Errors as RFC 9457 `application/problem+json`.

use serde::{Deserialize, Serialize};

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What kind of thing went wrong; the `type` member, RFC 9457 section 3.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A field of the request is wrong; `field` names it.
    #[serde(rename = "/problems/invalid-field")]
    InvalidField,
    /// The body is too large.
    #[serde(rename = "/problems/too-large")]
    TooLarge,
    /// User name or password is wrong.
    #[serde(rename = "/problems/wrong-credentials")]
    WrongCredentials,
    /// Not signed in, or no longer.
    #[serde(rename = "/problems/signed-out")]
    SignedOut,
    /// The request came from another site.
    #[serde(rename = "/problems/foreign-origin")]
    ForeignOrigin,
    /// The agent's role does not allow it.
    #[serde(rename = "/problems/not-allowed")]
    NotAllowed,
    /// Too many tries; `retry_after_s` says when to come back.
    #[serde(rename = "/problems/too-many-requests")]
    TooManyRequests,
    /// There is no such thing.
    #[serde(rename = "/problems/not-found")]
    NotFound,
    /// Another agent has the call; `winner` names them.
    #[serde(rename = "/problems/answered-elsewhere")]
    AnsweredElsewhere,
    /// The call is over, or not in a state for this.
    #[serde(rename = "/problems/call-state")]
    CallState,
    /// Upstream refused; `code` is Meta's where there is one.
    #[serde(rename = "/problems/upstream-refused")]
    UpstreamRefused,
    /// Upstream did not answer, or answered nonsense. What became of the request is unknown.
    #[serde(rename = "/problems/upstream-unknown")]
    UpstreamUnknown,
    /// The relay can't do it now (journal, configuration).
    #[serde(rename = "/problems/unavailable")]
    Unavailable,
    /// The relay can't be reached; made by the page itself.
    #[serde(rename = "/problems/offline")]
    Offline,
    /// A kind made by a newer relay.
    #[serde(other, rename = "about:blank")]
    Unknown,
}

/// What went wrong, for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of thing.
    #[serde(rename = "type")]
    pub kind: ProblemKind,
    /// What happened, one sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What it means and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The field of the request that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Meta's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// Display name of the agent who has the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<String>,
    /// How long ago they took it, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms_ago: Option<u64>,
    /// Seconds to wait before the next try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

impl Problem {
    /// A problem with nothing but the common members.
    pub fn new(kind: ProblemKind, status: u16, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title: title.into(),
            status,
            detail: detail.into(),
            field: None,
            code: None,
            winner: None,
            ms_ago: None,
            retry_after_s: None,
        }
    }

    /// A field of the request is wrong.
    pub fn invalid_field(field: &str, what: impl Into<String>) -> Self {
        let mut problem = Self::new(
            ProblemKind::InvalidField,
            422,
            format!("The field {field} {}", what.into()),
            "Correct it and send the request again.",
        );
        problem.field = Some(field.to_owned());
        problem
    }
}
