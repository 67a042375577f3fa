//! Bodies that the page sends: Vobiz' own shapes, with what the page need not know
//! left out.

use serde::{Deserialize, Serialize};

/// Path of `POST` initiate on the relay.
pub const PAGE_CALLS_PATH: &str = "/api/calls/whatsapp";
/// Path of `POST` action on the relay.
pub const PAGE_ACTION_PATH: &str = "/api/calls/whatsapp/action";
/// Path of `GET` logs on the relay.
pub const PAGE_LOGS_PATH: &str = "/api/calls/whatsapp/logs";

/// Body of `POST /api/login`.
#[derive(Clone, Serialize, Deserialize)]
pub struct LoginBody {
    /// As in the agents file.
    pub username: String,
    /// In clear; the connection is what protects it.
    pub password: String,
}

/// Body of `POST /api/calls/whatsapp`. Texts are checked by the relay, so that a
/// wrong one can be answered with its field's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiateBody {
    /// The business channel; the relay's first one when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// The person to call, E.164 with its `+`.
    pub to: String,
    /// The page's SDP offer.
    pub sdp_offer: String,
}

/// Body of `POST /api/calls/whatsapp/action`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionBody {
    /// The business channel; the call's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// The call, by any of its names.
    pub call_id: String,
    /// `pre_accept`, `accept`, `reject` or `terminate`.
    pub action: String,
    /// The SDP answer, for `pre_accept` and `accept`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdp: Option<String>,
}
