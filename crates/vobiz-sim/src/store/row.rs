//! One call as the log knows it.

use std::sync::Arc;

use uuid::Uuid;
use vobiz::log::{CallLog, Direction, Status};

use crate::clock::rfc3339;
use crate::settings::LogSdp;

/// The only kind of call there is.
const VOICE: &str = "voice";

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Vobiz's identifier.
    pub(crate) id: Uuid,
    /// Meta's identifier.
    pub(crate) wacid: String,
    pub(crate) account: String,
    pub(crate) channel: Uuid,
    pub(crate) direction: Direction,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) status: Status,
    /// Unix seconds.
    pub(crate) started: u64,
    /// Unix seconds of the pick-up.
    pub(crate) answered: Option<u64>,
    /// Unix seconds.
    pub(crate) ended: Option<u64>,
    pub(crate) cause: Option<&'static str>,
    pub(crate) offer: Option<Arc<str>>,
    pub(crate) answer: Option<Arc<str>>,
}

impl Row {
    /// The row as the endpoint writes it; what is not known is left out, as in
    /// the reference's sample.
    pub(crate) fn to_wire(&self, sdp: LogSdp) -> CallLog {
        let said = |text: &Option<Arc<str>>| match sdp {
            LogSdp::Present => text.as_deref().map(str::to_owned),
            LogSdp::Absent => None,
        };
        let last_change = self.ended.or(self.answered).unwrap_or(self.started);
        CallLog {
            id: self.id.to_string(),
            account_id: Some(self.account.clone()),
            channel_id: Some(self.channel),
            meta_call_id: Some(self.wacid.clone()),
            direction: Some(self.direction.clone()),
            from_number: Some(self.from.clone()),
            to_number: Some(self.to.clone()),
            status: Some(self.status.clone()),
            call_type: Some(VOICE.to_owned()),
            offer_sdp: said(&self.offer),
            answer_sdp: said(&self.answer),
            ice_candidates: None,
            duration_seconds: self.duration(),
            started_at: Some(rfc3339(self.started)),
            answered_at: self.answered.map(rfc3339),
            ended_at: self.ended.map(rfc3339),
            hangup_cause: self.cause.map(str::to_owned),
            metadata: None,
            created_at: Some(rfc3339(self.started)),
            updated_at: Some(rfc3339(last_change)),
            extra: serde_json::Map::new(),
        }
    }

    /// Counted from the start of the call, as in the reference's sample, and
    /// only for a call that was picked up and is over.
    fn duration(&self) -> Option<u64> {
        self.answered?;
        Some(self.ended?.saturating_sub(self.started))
    }
}
