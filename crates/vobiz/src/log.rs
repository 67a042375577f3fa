//! `GET /calls/whatsapp/logs`: the account's call log.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::open_enum::open_enum;

/// Rows per page when the query names none.
pub const DEFAULT_LIMIT: u32 = 25;

open_enum! {
    /// Who called whom, seen from the business.
    Direction {
        /// A person called the business.
        Inbound = "inbound",
        /// The business called a person.
        Outbound = "outbound",
    }
}

open_enum! {
    /// How far a call came.
    Status {
        /// Asked for, nothing heard yet.
        Initiated = "initiated",
        /// The far end rings.
        Ringing = "ringing",
        /// ICE and DTLS are being set up before the answer.
        PreAccepted = "pre_accepted",
        /// Answered.
        Accepted = "accepted",
        /// Refused.
        Rejected = "rejected",
        /// Over after it was answered.
        Terminated = "terminated",
        /// Could not be set up.
        Failed = "failed",
        /// Nobody answered.
        Missed = "missed",
    }
}

/// One row of the log. Every field but `id` may be absent or null by the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallLog {
    /// Vobiz' identifier of the row, a UUID by the reference.
    pub id: String,
    /// The account, `MA_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The business channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<Uuid>,
    /// Meta's identifier of the call, `wacid.…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta_call_id: Option<String>,
    /// Who called whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The caller, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_number: Option<String>,
    /// The person called, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_number: Option<String>,
    /// How far the call came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// `voice` by the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_type: Option<String>,
    /// The caller's SDP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_sdp: Option<String>,
    /// The answerer's SDP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_sdp: Option<String>,
    /// Not described by the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ice_candidates: Option<Value>,
    /// Seconds; in the reference's sample they run from `started_at`, not from the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u64>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// RFC 3339, UTC; absent when nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<String>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Why the call ended; values are not documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hangup_cause: Option<String>,
    /// Not described by the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Fields that the reference did not name when this was written.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl CallLog {
    /// Whether the call is over. The status alone does not say it: the reference's own sample
    /// is `accepted` and has an end.
    pub fn is_over(&self) -> bool {
        let has_end = self.ended_at.as_deref().is_some_and(|at| !at.is_empty());
        has_end
            || matches!(
                self.status,
                Some(Status::Rejected | Status::Terminated | Status::Failed | Status::Missed)
            )
    }
}

/// One page of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogPage {
    /// The rows.
    #[serde(default)]
    pub items: Vec<CallLog>,
    /// Rows in all, over all pages.
    #[serde(default)]
    pub total: u64,
    /// This page, from 1.
    pub page: u32,
    /// Rows per page.
    pub limit: u32,
    /// Whether a further page follows.
    #[serde(default)]
    pub has_more: bool,
}
