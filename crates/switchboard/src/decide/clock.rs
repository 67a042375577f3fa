//! What time does, and what follows for calls from a change of an agent or of a relay.

use wire::{EndReason, UnixMillis};

use super::{CLOCK_BATCH, of_call};
use crate::fact::{CallFact, Due, Fact, Failure, RelayFact, RelayId};
use crate::pending::{lease_is_due, needs_taking_up, owner_gone_at};
use crate::routing::Floor;
use crate::settings::{DIAL_WINDOW_MS, LEASE_MS};
use crate::state::{Bell, Call, Ring, Stage, State};

pub(super) fn decide(state: &State, now: UnixMillis) -> Vec<Fact> {
    let mut floor = Floor::new(state, now);
    let mut facts = relays(state, now);
    let mut calls = 0;
    for call in state.open_calls().chain(state.unsettled_calls()) {
        let happens = with_taking_up(state, call, of_one(state, &floor, call, now));
        if happens.is_empty() {
            continue;
        }
        for what in &happens {
            if let CallFact::Rang { agents } = what {
                floor.note_rings(agents);
            }
        }
        facts.extend(of_call(&call.id, happens));
        calls += 1;
        if calls == CLOCK_BATCH {
            break;
        }
    }
    facts
}

/// What time does to relays: this one says that it is there, others are missed.
fn relays(state: &State, now: UnixMillis) -> Vec<Fact> {
    let Some(me) = &state.settings.relay else { return Vec::new() };
    let of = |relay: &RelayId, what| Fact::Relay { relay: relay.clone(), what };
    let missed = state.relays.iter().filter(|(relay, until)| *relay != me && **until <= now);
    let mut facts: Vec<Fact> = missed.map(|(relay, _)| of(relay, RelayFact::Gone)).collect();
    if lease_is_due(state, me, now) {
        facts.push(of(me, RelayFact::Alive { until: now.saturating_add(LEASE_MS) }));
    }
    facts
}

/// The work of a relay that is gone is taken up.
fn with_taking_up(state: &State, call: &Call, facts: Vec<CallFact>) -> Vec<CallFact> {
    match &state.settings.relay {
        Some(me) if facts.is_empty() && needs_taking_up(state, call) => {
            vec![CallFact::TakenUp { relay: me.clone() }]
        }
        Some(_) | None => facts,
    }
}

fn of_one(state: &State, floor: &Floor<'_>, call: &Call, now: UnixMillis) -> Vec<CallFact> {
    match &call.stage {
        Stage::Ringing(ring) => ringing(floor, call, ring, now),
        Stage::Dialing(_) if now >= call.since.saturating_add(DIAL_WINDOW_MS) => {
            vec![CallFact::Ended { reason: EndReason::Unanswered, due: Some(Due::Terminate) }]
        }
        Stage::Dialing(_) | Stage::Talking { .. }
            if owner_gone_at(state, call).is_some_and(|at| at <= now) =>
        {
            vec![CallFact::Ended { reason: owner_gone(), due: Some(Due::Terminate) }]
        }
        // The work under way upstream carries it on or ends it within its own bound.
        Stage::Answering { .. } | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => {
            Vec::new()
        }
    }
}

pub(super) fn owner_gone() -> EndReason {
    Failure {
        code: None,
        title: "The agent's page was gone".to_owned(),
        detail: "It did not come back, so the call was ended. Call the person back.".to_owned(),
    }
    .into()
}

fn ringing(floor: &Floor<'_>, call: &Call, ring: &Ring, now: UnixMillis) -> Vec<CallFact> {
    if now >= ring.expires {
        // Upstream ends it by itself about now; a reject would turn a missed call
        // into a refused one.
        return vec![CallFact::Ended { reason: EndReason::Missed, due: None }];
    }
    let plan = floor.plan(call.since, ring);
    let mut facts = Vec::new();
    if !plan.silence.is_empty() {
        facts.push(CallFact::Silenced { agents: plan.silence });
    }
    if !plan.pass.is_empty() {
        facts.push(CallFact::Passed { agents: plan.pass });
    }
    if !plan.ring.is_empty() {
        facts.push(CallFact::Rang { agents: plan.ring });
    }
    if plan.is_lost {
        facts.push(nobody_left(ring));
    }
    facts
}

/// The end of a call for which nobody is left.
pub(super) fn nobody_left(ring: &Ring) -> CallFact {
    let declined = ring.agents.values().any(|bell| *bell == Bell::Declined);
    let reason = if declined { EndReason::Declined } else { EndReason::Missed };
    CallFact::Ended { reason, due: Some(reject(ring)) }
}

/// How a caller is turned away: one whom upstream has connected with a prepared answer
/// can only be hung up on.
pub(super) fn reject(ring: &Ring) -> Due {
    let connected = ring.prepared.as_ref().is_some_and(|prepared| prepared.delivered);
    if connected { Due::Terminate } else { Due::Reject }
}
