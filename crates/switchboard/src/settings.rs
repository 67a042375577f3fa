//! What an operator decides, and the times that the upstream's behaviour dictates.

use std::collections::BTreeMap;

use vobiz::Uuid;

/// How long an inbound call may ring, in milliseconds since its webhook arrived.
/// The upstream ends an unanswered call after "about 30 to 60 s" (vobiz-whatsapp
/// notes, section 3) without saying when; the middle keeps a ring from outliving its
/// call by much and from giving up on a caller who still waits.
pub const ACCEPT_WINDOW_MS: u64 = 45_000;

/// How long an outbound call may go unanswered, in milliseconds. The upstream ends
/// one after about a minute; this is the bound for when its word of that is lost.
pub const DIAL_WINDOW_MS: u64 = 120_000;

/// How long an agent whose last socket is gone still counts as ringing, in
/// milliseconds: a reload or a change of network takes a few seconds, and the page
/// tries again at least every five.
pub const RECONNECT_GRACE_MS: u64 = 10_000;

/// How long an ended call is remembered, in milliseconds, so that a late or doubled
/// webhook finds it over. Six hours are far beyond any delivery's retries.
pub const ENDED_KEPT_MS: u64 = 6 * 3_600_000;

/// When an outbound call is looked up in the upstream's log because the far end's answer
/// has not come, in milliseconds since it was dialled: five seconds after a webhook could
/// have come, then twice more.
pub const ANSWER_LOOKUPS_AT_MS: [u64; 3] = [5_000, 12_000, 30_000];

/// When an outbound call that nobody seems to pick up is looked up all the same, in
/// milliseconds since it was dialled: a lost word of the pick-up must not end a
/// conversation at [`DIAL_WINDOW_MS`].
pub const PICK_UP_LOOKUPS_AT_MS: [u64; 2] = [60_000, 100_000];

/// Most webhook keys that are kept for one call. A call has about six events; beyond
/// this a repetition is still recognised by what it says.
pub const MAX_HEARD: usize = 64;

/// Most calls that are kept at once, ended ones included. The upstream allows 1,000
/// concurrent calls for a number; this bounds memory against a flood of forged-looking
/// but correctly signed events.
pub const MAX_CALLS: usize = 50_000;

/// A business number that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Vobiz' `channel_id`.
    pub channel: Uuid,
    /// The number, E.164, as far as it is known.
    pub number: Option<String>,
}

/// What `decide` takes from its surroundings. Not part of the facts: they carry what
/// came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The lines by Meta's `phone_number_id`, which is all that webhooks carry.
    pub lines: BTreeMap<String, Line>,
    /// The line of a webhook whose `phone_number_id` is absent: the only one, where
    /// there is only one.
    pub only_line: Option<Line>,
    /// How long an inbound call may ring, in milliseconds.
    pub accept_window_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lines: BTreeMap::new(), only_line: None, accept_window_ms: ACCEPT_WINDOW_MS }
    }
}

impl Settings {
    /// The line that a webhook is about: by its `phone_number_id`, or the only one
    /// when nothing says more.
    pub fn line(&self, phone_number_id: Option<&str>) -> Option<&Line> {
        match phone_number_id {
            // Where upstream does not say which of Meta's numbers the only line is, there
            // is nothing to tell events apart by.
            Some(_) if self.lines.is_empty() => self.only_line.as_ref(),
            Some(id) => self.lines.get(id),
            None => self.only_line.as_ref(),
        }
    }

    /// The line of a channel.
    pub fn line_of(&self, channel: Uuid) -> Option<&Line> {
        self.lines.values().chain(&self.only_line).find(|line| line.channel == channel)
    }
}
