//! The call log as the page needs it: far less than the upstream sends.

use wire::{Direction, Json, Read, UnixMillis};

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The rows.
    pub items: Vec<LogRow>,
    /// Rows in all, over all pages.
    pub total: u64,
    /// Rows per page as the relay took it.
    pub limit: u32,
}

impl Read for LogPage {
    fn read(json: &Json) -> Option<Self> {
        Some(Self {
            items: json.get("items").unwrap_or_default(),
            total: json.get("total").unwrap_or_default(),
            limit: json.get("limit").unwrap_or_default(),
        })
    }
}

/// As the upstream sends it: every member but `id` may be absent or null.
impl Read for LogRow {
    fn read(json: &Json) -> Option<Self> {
        /// Milliseconds in a second.
        const SECOND: u64 = 1_000;
        let text = |name| json.get::<String>(name);
        let instant = |name| text(name).as_deref().and_then(parse_rfc3339);
        // Not `duration_seconds`: in the reference's own sample it counts the ringing too.
        let talk_s = match (instant("answered_at"), instant("ended_at")) {
            (Some(answered), Some(ended)) => Some(ended.saturating_sub(answered) / SECOND),
            (Some(_) | None, None) | (None, Some(_)) => None,
        };
        Some(Self {
            id: text("id")?,
            direction: text("direction").as_deref().and_then(direction_named),
            from: text("from_number"),
            to: text("to_number"),
            status: match text("status") {
                None => RowStatus::Absent,
                Some(text) => LogStatus::named(&text).map_or(RowStatus::Other(text), RowStatus::Known),
            },
            started: instant("started_at").or_else(|| instant("created_at")),
            talk_s,
        })
    }
}
