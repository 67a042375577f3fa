//! Who is signed in, and what the page needs to make calls.

use serde::{Deserialize, Serialize};

use crate::UnixMillis;

/// An agent's user name, as in the agents file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentName(pub String);

impl AgentName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for AgentName {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// What an agent may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Makes and takes calls.
    #[default]
    Agent,
    /// Sees who is available and talks, too.
    Supervisor,
}

/// Answer of `POST /api/login` and `GET /api/session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// User name.
    pub username: AgentName,
    /// Display name.
    pub name: String,
    /// What the agent may do.
    pub role: Role,
    /// When the session ends if it is not renewed.
    pub expires: UnixMillis,
    /// The business numbers that can call.
    pub channels: Vec<ChannelInfo>,
    /// For the page's peer connections.
    pub ice_servers: Vec<IceServer>,
}

/// A business number, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelInfo {
    /// The `channel_id` of calls.
    pub id: String,
    /// E.164; absent while the upstream has not told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// `RTCIceServer`, <https://www.w3.org/TR/webrtc/#dom-rtciceserver>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceServer {
    /// `stun:` and `turn:` addresses.
    pub urls: Vec<String>,
    /// For TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// For TURN; given to the browser, so it should be short-lived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// Answer of `GET /api/sessions`: where the agent is signed in.
///
/// `DELETE /api/sessions` signs out everywhere, the asking session included;
/// `DELETE /api/sessions/{id}` ends one. Both answer 204; sockets of an ended session get
/// [`Downlink::SignedOut`](crate::Downlink::SignedOut).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    /// The newest first.
    pub sessions: Vec<SessionInfo>,
}

/// One of an agent's sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// To end it by.
    pub id: String,
    /// When it began.
    pub since: UnixMillis,
    /// When it was renewed last: some minutes may have passed since it was used.
    pub seen: UnixMillis,
    /// What the browser calls itself (`User-Agent`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Where it began from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// It is the one that asks.
    pub current: bool,
    /// A page of it is open.
    pub connected: bool,
}

/// Answer of `GET /api/sign-in`: how people can sign in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInWays {
    /// By name and password (`POST /api/login`).
    pub password: bool,
    /// By a provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<SignInProvider>,
}

/// An OpenID Connect provider that people can sign in by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInProvider {
    /// What to call it, on a button.
    pub name: String,
    /// Where the browser has to go, as a whole page. It comes back to `/`, signed in, or to
    /// `/?sign_in_problem=…` ([`SIGN_IN_PROBLEM`]).
    pub url: String,
}

/// Name of the query's pair that tells why nobody is signed in; its value is
/// [`SignInProblem::as_str`].
pub const SIGN_IN_PROBLEM: &str = "sign_in_problem";

/// Why nobody is signed in after a visit to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    /// They said no there, or were not let in.
    Denied,
    /// It took too long, or was not begun in this browser.
    Expired,
    /// They are known there, but are no agent here.
    NoAgent,
    /// Something broke; the relay's log says what.
    Failed,
}

impl SignInProblem {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Denied, Self::Expired, Self::NoAgent, Self::Failed];

    /// As it stands in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::NoAgent => "no_agent",
            Self::Failed => "failed",
        }
    }
}
