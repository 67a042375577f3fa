//! The call log as the page needs it: far less than the upstream sends.

use serde::{Deserialize, Deserializer};
use wire::{Direction, UnixMillis};

use crate::route::direction_named;
use crate::time::parse_rfc3339;

/// A status that the log can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStatus {
    /// Asked for, nothing heard yet.
    Initiated,
    /// The far end rings.
    Ringing,
    /// Being set up before the answer.
    PreAccepted,
    /// Answered.
    Accepted,
    /// Refused.
    Rejected,
    /// Over after it was answered.
    Terminated,
    /// Could not be set up.
    Failed,
    /// Nobody answered.
    Missed,
}

impl LogStatus {
    /// All of them, in the reference's order.
    pub const ALL: [LogStatus; 8] = [
        Self::Initiated,
        Self::Ringing,
        Self::PreAccepted,
        Self::Accepted,
        Self::Rejected,
        Self::Terminated,
        Self::Failed,
        Self::Missed,
    ];

    /// The upstream's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::PreAccepted => "pre_accepted",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Terminated => "terminated",
            Self::Failed => "failed",
            Self::Missed => "missed",
        }
    }

    /// The status with the upstream's word, in any letter case.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(text))
    }
}

/// The status of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowStatus {
    /// One that the reference names.
    Known(LogStatus),
    /// One that it did not name when this was written.
    Other(String),
    /// None.
    Absent,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "RawRow")]
pub struct LogRow {
    /// The row's identifier.
    pub id: String,
    /// Who called whom.
    pub direction: Option<Direction>,
    /// The caller, E.164.
    pub from: Option<String>,
    /// The person called, E.164.
    pub to: Option<String>,
    /// How far the call came.
    pub status: RowStatus,
    /// When it began.
    pub started: Option<UnixMillis>,
    /// Talk time in seconds; absent when nobody answered.
    pub talk_s: Option<u64>,
}

impl LogRow {
    /// The far end's number: the one to call back.
    pub fn far_end(&self) -> Option<&str> {
        match self.direction? {
            Direction::Inbound => self.from.as_deref(),
            Direction::Outbound => self.to.as_deref(),
        }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LogPage {
    /// The rows.
    #[serde(default)]
    pub items: Vec<LogRow>,
    /// Rows in all, over all pages.
    #[serde(default)]
    pub total: u64,
    /// Rows per page as the relay took it.
    #[serde(default)]
    pub limit: u32,
}

/// A row as the upstream sends it: every field but `id` may be absent or null.
#[derive(Deserialize)]
struct RawRow {
    id: String,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    from_number: Option<String>,
    #[serde(default)]
    to_number: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default, deserialize_with = "instant")]
    started_at: Option<UnixMillis>,
    #[serde(default, deserialize_with = "instant")]
    answered_at: Option<UnixMillis>,
    #[serde(default, deserialize_with = "instant")]
    ended_at: Option<UnixMillis>,
    #[serde(default, deserialize_with = "instant")]
    created_at: Option<UnixMillis>,
}

impl From<RawRow> for LogRow {
    fn from(raw: RawRow) -> Self {
        /// Milliseconds in a second.
        const SECOND: u64 = 1_000;
        // Not `duration_seconds`: in the reference's own sample it counts the ringing too.
        let talk_s = match (raw.answered_at, raw.ended_at) {
            (Some(answered), Some(ended)) => Some(ended.saturating_sub(answered) / SECOND),
            (Some(_) | None, None) | (None, Some(_)) => None,
        };
        Self {
            id: raw.id,
            direction: raw.direction.as_deref().and_then(direction_named),
            from: raw.from_number,
            to: raw.to_number,
            status: match raw.status {
                None => RowStatus::Absent,
                Some(text) => LogStatus::named(&text).map_or(RowStatus::Other(text), RowStatus::Known),
            },
            started: raw.started_at.or(raw.created_at),
            talk_s,
        }
    }
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixMillis>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.as_deref().and_then(parse_rfc3339))
}
