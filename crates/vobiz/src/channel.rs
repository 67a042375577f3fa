//! `GET /channels/whatsapp`: the account's business numbers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Path of the channel list, below the base URL.
pub const CHANNELS_PATH: &str = "/channels/whatsapp";

/// A business number on WhatsApp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Vobiz' identifier, the `channel_id` of every call.
    pub id: Uuid,
    /// The account, `MA_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// WhatsApp Business account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waba_id: Option<String>,
    /// Meta's identifier of the number: what webhooks carry instead of a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
    /// The number, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Values are not documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Fields that the reference did not name when this was written.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Answer of `GET /channels/whatsapp`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelList {
    /// The channels.
    #[serde(default)]
    pub items: Vec<Channel>,
}
