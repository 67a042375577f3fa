//! What time does, and what follows for calls from a change of an agent.

use wire::{EndReason, UnixMillis};

use super::{CLOCK_BATCH, of_call};
use crate::fact::{CallFact, Due, Fact};
use crate::routing::{Hope, hope, to_ring, to_silence};
use crate::settings::DIAL_WINDOW_MS;
use crate::state::{Call, Ring, Stage, State};

pub(super) fn decide(state: &State, now: UnixMillis) -> Vec<Fact> {
    state
        .open_calls()
        .map(|call| (call, of_one(state, call, now)))
        .filter(|(_, facts)| !facts.is_empty())
        .take(CLOCK_BATCH)
        .flat_map(|(call, facts)| of_call(&call.id, facts))
        .collect()
}

fn of_one(state: &State, call: &Call, now: UnixMillis) -> Vec<CallFact> {
    match &call.stage {
        Stage::Ringing(ring) => ringing(state, ring, now),
        Stage::Dialing(_) if now >= call.since.saturating_add(DIAL_WINDOW_MS) => {
            vec![CallFact::Ended { reason: EndReason::Unanswered, due: Some(Due::Terminate) }]
        }
        // Nothing here ends a call in which people talk, or one that the work under
        // way upstream will carry on or end within its own bound.
        Stage::Dialing(_) | Stage::Answering { .. } | Stage::Talking { .. } | Stage::Ended { .. } => {
            Vec::new()
        }
    }
}

fn ringing(state: &State, ring: &Ring, now: UnixMillis) -> Vec<CallFact> {
    if now >= ring.expires {
        // Upstream ends it by itself about now; a reject would turn a missed call
        // into a refused one.
        return vec![CallFact::Ended { reason: EndReason::Missed, due: None }];
    }
    let mut facts = Vec::new();
    let silent = to_silence(state, ring);
    if !silent.is_empty() {
        facts.push(CallFact::Silenced { agents: silent });
    }
    let agents = to_ring(state, &ring.agents);
    if !agents.is_empty() {
        facts.push(CallFact::Rang { agents });
    }
    let lost = match hope(state, &ring.agents) {
        Hope::Lost => true,
        Hope::Until(until) => until <= now,
        Hope::Open => false,
    };
    if lost {
        facts.push(CallFact::Ended { reason: EndReason::Declined, due: Some(Due::Reject) });
    }
    facts
}
