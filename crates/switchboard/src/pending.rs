//! What is due upstream, and when time matters.

use vobiz::{Number, Uuid};
use wire::{CallId, UnixMillis};

use crate::fact::{Due, RelayId};
use crate::routing::Floor;
use crate::settings::{
    DIAL_WINDOW_MS, LEASE_RENEWAL_MS, LOOKUPS_AT_MS, OWNER_GONE_LONGEST_MS, OWNER_GONE_MS,
};
use crate::state::{Attempt, Call, Dial, Origin, Prepared, Reach, Ring, Stage, State};

/// A request of the upstream that facts call for and that no fact has confirmed. Each
/// may be repeated by whoever takes it up after a restart; an initiate is not among
/// them, because it may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// Accept with an agent's answer.
    Accept {
        /// Which call.
        call: CallId,
        /// Its channel.
        channel: Uuid,
        /// The agent's answer.
        sdp: String,
        /// Until when the caller waits.
        expires: UnixMillis,
    },
    /// Deliver the answer of the only agent for whom it rings, before it is accepted.
    PreAccept {
        /// Which call.
        call: CallId,
        /// Its channel.
        channel: Uuid,
        /// The agent's answer.
        sdp: String,
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
    /// Look in the logs whether a call is live whose owner's page is out of sight.
    FindLife {
        /// Which call.
        call: CallId,
        /// Its channel.
        channel: Uuid,
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
            | Self::PreAccept { call, .. }
            | Self::FindInitiate { call, .. }
            | Self::LookUp { call, .. }
            | Self::FindLife { call, .. }
            | Self::Settle { call, .. } => call,
        }
    }
}

/// What is due upstream as of `now`, and this relay's to do; at most one thing for each
/// call.
pub fn pending(state: &State, now: UnixMillis) -> Vec<Pending> {
    let calls = state.open_calls().chain(state.unsettled_calls());
    calls.filter(|call| state.works_on(call)).filter_map(|call| of_call(state, call, now)).collect()
}

/// The next moment at which time alone makes a difference: at once (a moment that is
/// past) when [`Command::Clock`](crate::Command::Clock) would yield facts now, or when
/// something becomes [`pending`].
pub fn next_deadline(state: &State, now: UnixMillis) -> Option<UnixMillis> {
    let floor = Floor::new(state, now);
    let of_calls = state.open_calls().filter_map(|call| deadline(state, &floor, call, now));
    let calls = state.open_calls().chain(state.unsettled_calls());
    let left = calls.filter(|call| needs_taking_up(state, call)).map(|_| now);
    of_calls.chain(left).chain(of_relays(state, now)).min()
}

/// When this relay has to say that it is there, or may find that another is not.
fn of_relays(state: &State, now: UnixMillis) -> Option<UnixMillis> {
    let me = state.settings.relay.as_ref()?;
    let missed = state.relays.iter().filter(|(relay, _)| *relay != me).map(|(_, until)| *until);
    let renewal = state.relays.get(me).map_or(now, |until| until.saturating_sub(LEASE_RENEWAL_MS));
    missed.chain([renewal]).min()
}

/// Whether this relay has to say that it is there.
pub(crate) fn lease_is_due(state: &State, me: &RelayId, now: UnixMillis) -> bool {
    state.relays.get(me).is_none_or(|until| until.saturating_sub(LEASE_RENEWAL_MS) <= now)
}

/// Whether whoever did a call's work is gone, so that this relay has to take it up.
pub(crate) fn needs_taking_up(state: &State, call: &Call) -> bool {
    let Some(me) = &state.settings.relay else { return false };
    let is_left = call.worker.as_ref().is_none_or(|worker| !state.relays.contains_key(worker));
    is_left && call.worker.as_ref() != Some(me) && state.relays.contains_key(me) && has_work(state, call)
}

/// Whether something is, or will be, to be done upstream.
fn has_work(state: &State, call: &Call) -> bool {
    match &call.stage {
        Stage::Answering { .. } | Stage::Dialing(_) | Stage::Ended { due: Some(_), .. } => true,
        Stage::Ringing(ring) => ring.prepared.is_some(),
        Stage::Talking { .. } => owner_gone_since(state, call).is_some(),
        Stage::Ended { due: None, .. } => false,
    }
}

/// When a call ends because its owner's page is gone. While they talk, that takes a look at
/// the log first, so this is only the bound for it.
pub(crate) fn owner_gone_at(state: &State, call: &Call) -> Option<UnixMillis> {
    let bound = if is_talking(call) { OWNER_GONE_LONGEST_MS } else { OWNER_GONE_MS };
    Some(owner_gone_since(state, call)?.saturating_add(bound))
}

/// When the log is to be asked for a sign of life of a conversation whose owner's page is
/// out of sight.
pub(crate) fn find_life_at(state: &State, call: &Call) -> Option<UnixMillis> {
    let since = owner_gone_since(state, call).filter(|_| is_talking(call))?;
    Some(since.max(call.found_live).saturating_add(OWNER_GONE_MS))
}

fn is_talking(call: &Call) -> bool {
    match &call.stage {
        Stage::Talking { .. } => true,
        Stage::Ringing(_) | Stage::Answering { .. } | Stage::Dialing(_) | Stage::Ended { .. } => false,
    }
}

/// Since when an owner's page is out of sight without an excuse.
fn owner_gone_since(state: &State, call: &Call) -> Option<UnixMillis> {
    let (owner, claimed) = match &call.stage {
        Stage::Talking { owner, since, .. } => (owner, *since),
        Stage::Dialing(dial) => (&dial.owner, call.since),
        Stage::Ringing(_) | Stage::Answering { .. } | Stage::Ended { .. } => return None,
    };
    match state.agent(owner).reach {
        Reach::Gone { since, excused: false } => Some(since.max(claimed)),
        Reach::Gone { excused: true, .. } | Reach::Attached { .. } => None,
    }
}

fn of_call(state: &State, call: &Call, now: UnixMillis) -> Option<Pending> {
    let (id, channel) = (call.id.clone(), call.channel?);
    match (&call.stage, &call.origin) {
        (Stage::Answering { sdp, ring, .. }, _) => {
            Some(Pending::Accept { call: id, channel, sdp: sdp.clone(), expires: ring.expires })
        }
        (
            Stage::Ringing(Ring { prepared: Some(Prepared { sdp, delivered: false, .. }), .. }),
            Origin::Inbound,
        ) => Some(Pending::PreAccept { call: id, channel, sdp: sdp.clone() }),
        (Stage::Dialing(_), Origin::Outbound { to, attempt: Attempt::Asked | Attempt::Uncertain, .. }) => {
            Some(Pending::FindInitiate { call: id, channel, to: to.clone() })
        }
        (Stage::Dialing(dial), Origin::Outbound { to, .. }) if lookup_at(call, dial)? <= now => {
            Some(Pending::LookUp { call: id, channel, to: to.clone() })
        }
        (Stage::Talking { .. }, _) if find_life_at(state, call)? <= now => {
            Some(Pending::FindLife { call: id, channel })
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
    LOOKUPS_AT_MS.iter().map(|after| call.since.saturating_add(*after)).find(|at| *at > dial.looked_up)
}

fn deadline(state: &State, floor: &Floor<'_>, call: &Call, now: UnixMillis) -> Option<UnixMillis> {
    match &call.stage {
        Stage::Ringing(ring) => {
            let plan = floor.plan(call.since, ring);
            if !plan.is_empty() {
                return Some(now);
            }
            Some(plan.next.map_or(ring.expires, |next| next.min(ring.expires)))
        }
        Stage::Dialing(dial) => {
            let window = call.since.saturating_add(DIAL_WINDOW_MS);
            let end = owner_gone_at(state, call).map_or(window, |at| at.min(window));
            // A lookup that is due already is pending and no longer a matter of time.
            let lookup = lookup_at(call, dial).filter(|at| *at > now);
            Some(lookup.map_or(end, |at| at.min(end)))
        }
        Stage::Talking { .. } => {
            let look = find_life_at(state, call).filter(|at| *at > now);
            look.into_iter().chain(owner_gone_at(state, call)).min()
        }
        Stage::Answering { .. } | Stage::Ended { .. } => None,
    }
}
