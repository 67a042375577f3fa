//! The bodies of the three calling endpoints.
//!
//! Field order is the reference's own: a serialised request is byte for byte what
//! the reference shows.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::number::Number;
use crate::open_enum::open_enum;

/// Path of `POST` initiate, below the base URL.
pub const CALLS_PATH: &str = "/calls/whatsapp";
/// Path of `POST` action, below the base URL.
pub const ACTION_PATH: &str = "/calls/whatsapp/action";
/// Path of `GET` logs, below the base URL.
pub const LOGS_PATH: &str = "/calls/whatsapp/logs";
/// Header with the account's identifier, `MA_…`.
pub const AUTH_ID_HEADER: &str = "X-Auth-ID";
/// Header with the account's secret token.
pub const AUTH_TOKEN_HEADER: &str = "X-Auth-Token";

/// Body of `POST /calls/whatsapp`: call a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiateRequest {
    /// The business channel that calls.
    pub channel_id: Uuid,
    /// The person to call.
    pub to: Number,
    /// The caller's SDP offer.
    pub sdp_offer: String,
}

/// Answer `201` to an initiate. It carries no SDP: the far end's answer comes by webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiateResponse {
    /// Vobiz' own identifier of the call, a UUID by the reference.
    pub call_id: String,
    /// The business' number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The person called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `initiated` by the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `outbound` by the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
}

open_enum! {
    /// What to do with a call.
    Action {
        /// Set up ICE and DTLS early, without answering.
        PreAccept = "pre_accept",
        /// Answer; with the same SDP as the `pre_accept` before it.
        Accept = "accept",
        /// Refuse a ringing call.
        Reject = "reject",
        /// End a call.
        Terminate = "terminate",
    }
}

impl Action {
    /// Whether the reference wants an SDP answer with this action.
    pub fn carries_sdp(&self) -> bool {
        matches!(self, Self::PreAccept | Self::Accept)
    }
}

/// Body of `POST /calls/whatsapp/action`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRequest {
    /// The business channel of the call.
    pub channel_id: Uuid,
    /// The call. Which of its identifiers is meant is not documented for inbound calls.
    pub call_id: String,
    /// What to do.
    pub action: Action,
    /// The SDP answer, for [`Action::PreAccept`] and [`Action::Accept`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdp: Option<String>,
}

/// Answer `200` to an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionResponse {
    /// The call, named as in the request.
    pub call_id: String,
    /// The action done.
    pub action: Action,
    /// Whether it was done.
    pub success: bool,
}
