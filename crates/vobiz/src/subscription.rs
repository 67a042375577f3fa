//! `/webhooks`: where Vobiz sends events.

use serde::{Deserialize, Serialize};

/// Path of the subscriptions, below the base URL.
pub const WEBHOOKS_PATH: &str = "/webhooks";

/// Body of `POST /webhooks`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscribeRequest {
    /// Where to deliver.
    pub url: String,
    /// Key of the signature. It never comes back.
    pub secret: String,
}

impl std::fmt::Debug for SubscribeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubscribeRequest").field("url", &self.url).field("secret", &"(redacted)").finish()
    }
}

/// A registered address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Vobiz' identifier of the subscription.
    pub id: String,
    /// Where events go.
    pub url: String,
    /// Values are not documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// Answer of `GET /webhooks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionList {
    /// The registered addresses.
    #[serde(default)]
    pub items: Vec<Subscription>,
}
