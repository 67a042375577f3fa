//! What is due upstream, and when time matters.

use vobiz::{Number, Uuid};
use wire::{CallId, UnixMillis};

use crate::fact::Due;
use crate::routing::{Hope, hope, to_ring, to_silence};
use crate::settings::{ANSWER_LOOKUPS_AT_MS, DIAL_WINDOW_MS, PICK_UP_LOOKUPS_AT_MS};
use crate::state::{Attempt, Call, Dial, Origin, Stage, State};

/// A request of the upstream that facts call for and that no fact has confirmed. Each
/// may be repeated by whoever takes it up after a restart; an initiate is not among
/// them, because it may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// Deliver an agent's answer, then accept with the identical description.
    Accept {
        /// Which call.
        call: CallId,
        /// Its channel.
        channel: Uuid,
        /// The agent's answer.
        sdp: String,
        /// Whether the far end has the answer: only the accept is left.
        delivered: bool,
    },
    /// Find out in the logs what became of an initiate.
    FindInitiate {
        /// Which call.
        call: CallId,
        /// Its channel.
        channel: Uuid,
        /// Who was called.
        to: Number,
    },
    /// Look in the logs for what no webhook brought: an answer, a pick-up, an end.
    LookUp {
        /// Which call.
        call: CallId,
        /// Its channel.
        channel: Uuid,
        /// Who was called.
        to: Number,
    },
    /// Tell upstream that a call is over here.
    Settle {
        /// Which call.
        call: CallId,
        /// Its channel.
        channel: Uuid,
        /// How.
        due: Due,
    },
}

impl Pending {
    /// The call it is about.
    pub fn call(&self) -> &CallId {
        match self {
            Self::Accept { call, .. }
            | Self::FindInitiate { call, .. }
            | Self::LookUp { call, .. }
            | Self::Settle { call, .. } => call,
        }
    }
}

/// What is due upstream as of `now`; at most one thing for each call.
pub fn pending(state: &State, now: UnixMillis) -> Vec<Pending> {
    let unsettled = state.unsettled.iter().filter_map(|id| state.call(id));
    state.open_calls().chain(unsettled).filter_map(|call| of_call(call, now)).collect()
}

/// The next moment at which time alone makes a difference: at once (a moment that is
/// past) when [`Command::Clock`](crate::Command::Clock) would yield facts now, or when
/// something becomes [`pending`].
pub fn next_deadline(state: &State, now: UnixMillis) -> Option<UnixMillis> {
    state.open_calls().filter_map(|call| deadline(state, call, now)).min()
}

fn of_call(call: &Call, now: UnixMillis) -> Option<Pending> {
    let (id, channel) = (call.id.clone(), call.channel?);
    match (&call.stage, &call.origin) {
        (Stage::Answering { sdp, delivered, .. }, _) => {
            Some(Pending::Accept { call: id, channel, sdp: sdp.clone(), delivered: *delivered })
        }
        (Stage::Dialing(_), Origin::Outbound { to, attempt: Attempt::Asked | Attempt::Uncertain, .. }) => {
            Some(Pending::FindInitiate { call: id, channel, to: to.clone() })
        }
        (Stage::Dialing(dial), Origin::Outbound { to, .. }) if lookup_at(call, dial)? <= now => {
            Some(Pending::LookUp { call: id, channel, to: to.clone() })
        }
        (Stage::Ended { due: Some(due), .. }, _) if call.has_upstream_name() => {
            Some(Pending::Settle { call: id, channel, due: *due })
        }
        (
            Stage::Ended { due: Some(_), .. },
            Origin::Outbound { to, attempt: Attempt::Asked | Attempt::Uncertain, .. },
        ) => Some(Pending::FindInitiate { call: id, channel, to: to.clone() }),
        (
            Stage::Ringing(_) | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. },
            Origin::Inbound | Origin::Outbound { .. } | Origin::Unheard,
        ) => None,
    }
}

/// When the logs are to be asked next about a call that was not picked up.
fn lookup_at(call: &Call, dial: &Dial) -> Option<UnixMillis> {
    let for_answer = ANSWER_LOOKUPS_AT_MS.iter().filter(|_| dial.answer.is_none());
    for_answer
        .chain(&PICK_UP_LOOKUPS_AT_MS)
        .map(|after| call.since.saturating_add(*after))
        .find(|at| *at > dial.looked_up)
}

fn deadline(state: &State, call: &Call, now: UnixMillis) -> Option<UnixMillis> {
    match &call.stage {
        Stage::Ringing(ring) => {
            if !to_ring(state, &ring.agents).is_empty() || !to_silence(state, ring).is_empty() {
                return Some(now);
            }
            Some(match hope(state, &ring.agents) {
                Hope::Lost => now,
                Hope::Until(until) => until.min(ring.expires),
                Hope::Open => ring.expires,
            })
        }
        Stage::Dialing(dial) => {
            let end = call.since.saturating_add(DIAL_WINDOW_MS);
            // A lookup that is due already is pending and no longer a matter of time.
            let lookup = lookup_at(call, dial).filter(|at| *at > now);
            Some(lookup.map_or(end, |at| at.min(end)))
        }
        Stage::Answering { .. } | Stage::Talking { .. } | Stage::Ended { .. } => None,
    }
}
