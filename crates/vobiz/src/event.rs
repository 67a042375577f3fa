//! The webhook envelope.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::meta::{self, Signal};
use crate::open_enum::open_enum;

open_enum! {
    /// What an event tells of.
    EventType {
        /// A call begins: carries the far end's SDP.
        CallConnect = "call.connect",
        /// The far end rings, has answered or has refused.
        CallStatusChange = "call.status_change",
        /// A call is over.
        CallTerminate = "call.terminate",
        /// A text message; not ours.
        MessageInbound = "message.inbound",
        /// A text message's delivery; not ours.
        MessageStatus = "message.status",
    }
}

impl EventType {
    /// Whether the event is about a call.
    pub fn is_call(&self) -> bool {
        match self {
            Self::CallConnect | Self::CallStatusChange | Self::CallTerminate => true,
            Self::MessageInbound | Self::MessageStatus => false,
            Self::Other(text) => text.starts_with("call."),
        }
    }
}

/// What Vobiz posts to a registered address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// The same on every delivery of the same event.
    pub event_id: String,
    /// What it tells of.
    pub event_type: EventType,
    /// The account, `MA_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<String>,
    /// Meta's JSON: the whole object or the inner `value`; the documentation has both.
    #[serde(default)]
    pub payload: Value,
}

impl Envelope {
    /// What the payload says about calls, in its order.
    pub fn signals(&self) -> Vec<Signal> {
        meta::signals(&self.payload)
    }
}
