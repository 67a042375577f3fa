//! Times of WhatsApp's side and of the upstream.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vobiz::rest::Action;

use super::millis;

/// How long the business may take to accept; Meta gives about 30 to 60 s.
pub const DEFAULT_ACCEPT_WINDOW: Duration = Duration::from_secs(45);

/// How long a called person's phone rings before WhatsApp gives up.
pub const DEFAULT_RING_WINDOW: Duration = Duration::from_secs(45);

/// How long after an initiate the far end's answer is reported, and that it rings.
const USUAL_ANSWER_DELAY: Duration = Duration::from_millis(150);
const USUAL_RINGING_DELAY: Duration = Duration::from_millis(250);

/// Without media for this long from the pick-up on a call ends (138021).
pub const FIRST_MEDIA_LIMIT: Duration = Duration::from_secs(20);

/// Without media for this long later on a call ends (138022).
pub const MEDIA_GAP_LIMIT: Duration = Duration::from_secs(30);

/// Timing of WhatsApp's side of a call; in milliseconds when written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// How long the business may take to accept.
    #[serde(rename = "accept_window_ms", with = "millis")]
    pub accept_window: Duration,
    /// How long a called person's phone rings.
    #[serde(rename = "ring_window_ms", with = "millis")]
    pub ring_window: Duration,
    /// From an initiate to the answer's webhook.
    #[serde(rename = "answer_delay_ms", with = "millis")]
    pub answer_delay: Duration,
    /// From an initiate to the ringing webhook.
    #[serde(rename = "ringing_delay_ms", with = "millis")]
    pub ringing_delay: Duration,
    /// Without media from the pick-up on.
    #[serde(rename = "first_media_limit_ms", with = "millis")]
    pub first_media_limit: Duration,
    /// Without media later on.
    #[serde(rename = "media_gap_limit_ms", with = "millis")]
    pub media_gap_limit: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            accept_window: DEFAULT_ACCEPT_WINDOW,
            ring_window: DEFAULT_RING_WINDOW,
            answer_delay: USUAL_ANSWER_DELAY,
            ringing_delay: USUAL_RINGING_DELAY,
            first_media_limit: FIRST_MEDIA_LIMIT,
            media_gap_limit: MEDIA_GAP_LIMIT,
        }
    }
}

/// How long the upstream takes before it carries a request out and replies; in
/// milliseconds when written. What an agent does in between, such as sending
/// media before the accept's reply, happens before the accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delays {
    /// `POST /calls/whatsapp`.
    #[serde(rename = "initiate_ms", with = "millis")]
    pub initiate: Duration,
    /// The action of this name, as the ones below.
    #[serde(rename = "pre_accept_ms", with = "millis")]
    pub pre_accept: Duration,
    /// See above.
    #[serde(rename = "accept_ms", with = "millis")]
    pub accept: Duration,
    /// See above.
    #[serde(rename = "reject_ms", with = "millis")]
    pub reject: Duration,
    /// See above.
    #[serde(rename = "terminate_ms", with = "millis")]
    pub terminate: Duration,
    /// `GET /calls/whatsapp/logs`.
    #[serde(rename = "logs_ms", with = "millis")]
    pub logs: Duration,
}

impl Delays {
    /// The delay of an action.
    pub(crate) fn of(&self, action: &Action) -> Duration {
        match action {
            Action::PreAccept => self.pre_accept,
            Action::Accept => self.accept,
            Action::Reject => self.reject,
            Action::Terminate => self.terminate,
            Action::Other(_) | _ => Duration::ZERO,
        }
    }
}
