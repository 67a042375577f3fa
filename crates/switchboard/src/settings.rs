//! What an operator decides, and the times that the upstream's behaviour dictates.

use std::collections::BTreeMap;

use vobiz::Uuid;

use crate::fact::RelayId;

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

/// How long one agent rings alone, in milliseconds, where one is asked after the other:
/// about three of the caller's ringing tones.
pub const TURN_MS: u64 = 12_000;

/// When all ring, however many have not had their turn, in milliseconds since the call
/// came: two turns, which leaves something of the shortest window that the upstream gives
/// (30 s).
pub const ALL_RING_AFTER_MS: u64 = 24_000;

/// How long a page may take to say that it shows a ring, in milliseconds. One that does
/// not is hidden, frozen or half gone: the ring does not count.
pub const SHOWN_WITHIN_MS: u64 = 4_000;

/// How long a caller waits at least when nobody takes calls, in milliseconds: somebody
/// may be reloading a page, or just be coming.
pub const NOBODY_AFTER_MS: u64 = 10_000;

/// How long the owner of a call may be out of sight, in milliseconds, before the
/// upstream's log is asked for a sign of life, and again after each. The page tries to come
/// back at least every five seconds, and the upstream ends a call by itself after 30 s
/// without our media (vobiz-whatsapp notes, section 3): what is live there after this long
/// has had media since the page was last seen. A call without that sign is ended.
pub const OWNER_GONE_MS: u64 = 45_000;

/// How long a call may go on without its owner's page, in milliseconds, whatever the log
/// says: nobody can hang up there, and a row of the log may never be closed.
pub const OWNER_GONE_LONGEST_MS: u64 = 3_600_000;

/// For how long a relay vouches for itself and its sockets, in milliseconds, where
/// several share a journal: three tries to say so, and no ring goes to a killed relay's
/// agents for longer.
pub const LEASE_MS: u64 = 15_000;

/// How long before its end a relay renews that, in milliseconds.
pub const LEASE_RENEWAL_MS: u64 = 10_000;

/// How long an ended call is remembered, in milliseconds, so that a late or doubled
/// webhook finds it over. Six hours are far beyond any delivery's retries.
pub const ENDED_KEPT_MS: u64 = 6 * 3_600_000;

/// When an outbound call that was not picked up yet is looked up in the upstream's log, in
/// milliseconds since it was dialled. The word of the answer, of the pick-up or of the end
/// may be lost, and whoever has picked up hears nothing until that is noticed: often while
/// most people pick up, seldom later, and never beyond [`DIAL_WINDOW_MS`].
pub const LOOKUPS_AT_MS: [u64; 11] =
    [5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000, 80_000, 100_000];

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
    /// Who rings.
    pub routing: Routing,
    /// What becomes of a caller for whom nobody is left.
    pub when_nobody: WhenNobody,
    /// How long an agent has for the work after a conversation, in milliseconds; 0 for
    /// none.
    pub wrap_up_ms: u64,
    /// This relay, where several share a journal; without one, there is no other.
    pub relay: Option<RelayId>,
}

/// Who rings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Routing {
    /// Everybody who is free; the first to accept has the call.
    #[default]
    RingAll,
    /// Whoever has waited longest, for [`TURN_MS`]; then the next; then all.
    LongestIdle,
}

/// What becomes of a caller for whom nobody is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WhenNobody {
    /// Upstream is told to reject the call.
    #[default]
    Reject,
    /// It rings on: somebody may come.
    Ring,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lines: BTreeMap::new(),
            only_line: None,
            accept_window_ms: ACCEPT_WINDOW_MS,
            routing: Routing::default(),
            when_nobody: WhenNobody::default(),
            wrap_up_ms: 0,
            relay: None,
        }
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
