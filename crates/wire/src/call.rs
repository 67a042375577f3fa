//! What a call is called, who is on it, and how it ends.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The relay's own name of a call: the same on every relay, tab and restart.
///
/// Inbound it is Meta's `wacid.…`, outbound the page's attempt key. Upstream's other
/// identifiers are aliases that only the relay keeps.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub String);

/// By hand, so that its code is there once and not at each of the many places in the page where
/// a call's name is taken along.
impl Clone for CallId {
    #[inline(never)]
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl CallId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for CallId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who called whom, seen from the business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A person called the business.
    Inbound,
    /// The business called a person.
    Outbound,
}

/// The person at the far end. Each part may be missing: a person with a username
/// may call without showing a number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// E.164 with its `+`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The profile's display name, else the username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Why a call is over, seen from the business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// An agent hung up.
    HungUp,
    /// The far end hung up after the call was answered.
    FarEndHungUp,
    /// An inbound caller gave up, or its accept window ran out, before any agent answered.
    Missed,
    /// Every agent who could answer declined.
    Declined,
    /// The person called refused.
    Rejected,
    /// The person called did not answer.
    Unanswered,
    /// The agent ended an outbound call before it was answered.
    Cancelled,
    /// Something broke; `code` is Meta's where there is one.
    Failed {
        /// Meta's code, such as 138021.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u32>,
        /// What happened, for an agent.
        title: String,
        /// What to do, for an agent.
        detail: String,
    },
}
