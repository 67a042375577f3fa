//! Facts into state. Total: a fact that does not fit (such as of a call that was
//! forgotten) changes nothing, so that any journal can be replayed.

use std::collections::{BTreeMap, BTreeSet};

use wire::{AgentName, CallId, EndReason, Party, UnixMillis};

use crate::fact::{AgentFact, CallFact, Due, Fact, Outcome, RelayFact, RelayId};
use crate::settings::ENDED_KEPT_MS;
use crate::state::{Agent, Attempt, Bell, Call, Dial, Origin, Prepared, Reach, Ring, Stage, State};

/// Makes the next state: `fact` happened at `at`. Also forgets the calls whose end is
/// longer ago than [`ENDED_KEPT_MS`].
pub fn fold(state: &mut State, fact: &Fact, at: UnixMillis) {
    forget(state, at);
    match fact {
        Fact::Agent { agent, what } => agent_fact(state, agent, what, at),
        Fact::Relay { relay, what } => relay_fact(state, relay, *what, at),
        Fact::Call { call, what } => call_fact(state, call, what, at),
    }
}

fn forget(state: &mut State, at: UnixMillis) {
    while state.ended.front().is_some_and(|(ended, _)| ended.saturating_add(ENDED_KEPT_MS) < at) {
        let Some((_, id)) = state.ended.pop_front() else { return };
        state.unsettled.remove(&id);
        state.unlinked.remove(&id);
        if let Some(call) = state.calls.remove(&id) {
            for name in call.wacid.as_deref().into_iter().chain(call.initiated_id()) {
                state.aliases.remove(name);
            }
        }
    }
}

fn agent_fact(state: &mut State, name: &AgentName, fact: &AgentFact, at: UnixMillis) {
    let AgentFact::Presence { available, reachable, seats, excused, ready } = fact;
    // A relay that counts as gone has no sockets, whatever was said of it a moment later.
    let live: BTreeSet<RelayId> =
        seats.iter().filter(|relay| state.relays.contains_key(relay)).cloned().collect();
    let reachable = if seats.is_empty() { *reachable } else { !live.is_empty() };
    let before = state.agent(name);
    let begins = *available && !before.available;
    let agent = Agent {
        available: *available,
        reach: reach(before.reach, reachable, *excused, at),
        idle_since: if begins { at } else { before.idle_since },
        wrapping: before.wrapping.filter(|_| !ready && *available),
        seats: live,
    };
    state.agents.insert(name.clone(), agent);
}

fn reach(before: Reach, reachable: bool, excused: bool, at: UnixMillis) -> Reach {
    match (reachable, before) {
        (true, Reach::Attached { since }) => Reach::Attached { since },
        (true, Reach::Gone { .. }) => Reach::Attached { since: at },
        (false, Reach::Gone { since, .. }) => Reach::Gone { since, excused },
        (false, Reach::Attached { .. }) => Reach::Gone { since: at, excused },
    }
}

fn relay_fact(state: &mut State, relay: &RelayId, fact: RelayFact, at: UnixMillis) {
    match fact {
        RelayFact::Alive { until } => {
            state.relays.insert(relay.clone(), until);
        }
        RelayFact::Gone => {
            state.relays.remove(relay);
            for agent in state.agents.values_mut() {
                if agent.seats.remove(relay) && agent.seats.is_empty() {
                    agent.reach = reach(agent.reach, false, false, at);
                }
            }
        }
    }
}

fn call_fact(state: &mut State, id: &CallId, fact: &CallFact, at: UnixMillis) {
    match fact {
        CallFact::Offered { channel, party, business, offer, expires, user_id: _ } => {
            let ring =
                Ring { offer: offer.clone(), expires: *expires, agents: BTreeMap::new(), prepared: None };
            begin(
                state,
                Call {
                    channel: Some(*channel),
                    party: party.clone(),
                    business: business.clone(),
                    wacid: Some(id.0.clone()),
                    ..blank(id, at, Origin::Inbound, Stage::Ringing(ring))
                },
            );
        }
        CallFact::Dialed { agent, channel, to, business } => {
            let origin = Origin::Outbound { owner: agent.clone(), to: to.clone(), attempt: Attempt::Asked };
            let dial = Dial { owner: agent.clone(), rings: false, answer: None, looked_up: 0 };
            state.unlinked.insert(id.clone());
            begin(
                state,
                Call {
                    channel: Some(*channel),
                    party: Party { number: Some(to.to_string()), name: None },
                    business: business.clone(),
                    ..blank(id, at, origin, Stage::Dialing(dial))
                },
            );
        }
        CallFact::Ended { reason, due } => end(state, id, reason, *due, at),
        CallFact::Initiated { response } => {
            state.aliases.insert(response.call_id.clone(), id.clone());
        }
        CallFact::Linked { wacid } => {
            state.aliases.insert(wacid.clone(), id.clone());
            state.unlinked.remove(id);
        }
        CallFact::InitiateRefused => {
            state.unlinked.remove(id);
        }
        CallFact::Settled { .. } => {
            state.unsettled.remove(id);
        }
        // Whoever let a turn go by waits behind the others.
        CallFact::Passed { agents } => {
            for name in agents {
                if let Some(agent) = state.agents.get_mut(name) {
                    agent.idle_since = at;
                }
            }
        }
        CallFact::Heard { .. }
        | CallFact::Rang { .. }
        | CallFact::RingShown { .. }
        | CallFact::Silenced { .. }
        | CallFact::Declined { .. }
        | CallFact::Prepared { .. }
        | CallFact::PrepareFailed
        | CallFact::Claimed { .. }
        | CallFact::AnswerDelivered
        | CallFact::UpstreamAccepted
        | CallFact::AcceptRefused { .. }
        | CallFact::TakenUp { .. }
        | CallFact::InitiateUncertain
        | CallFact::InitiateGivenUp
        | CallFact::AnswerReceived { .. }
        | CallFact::LookedUp
        | CallFact::FoundLive
        | CallFact::FarEndRang
        | CallFact::EndExplained { .. }
        | CallFact::Reported { .. }
        | CallFact::Answered => {}
    }
    if let Some(call) = state.calls.get_mut(id) {
        advance(call, fact, at);
    }
}

/// A name is given once: a call that has begun does not begin again.
fn begin(state: &mut State, call: Call) {
    if !state.calls.contains_key(&call.id) {
        state.open.insert(call.id.clone());
        state.calls.insert(call.id.clone(), call);
    }
}

fn blank(id: &CallId, since: UnixMillis, origin: Origin, stage: Stage) -> Call {
    Call {
        id: id.clone(),
        channel: None,
        party: Party::default(),
        business: None,
        since,
        wacid: None,
        origin,
        stage,
        worker: None,
        found_live: 0,
        is_reported: false,
        heard: BTreeSet::new(),
    }
}

fn end(state: &mut State, id: &CallId, reason: &EndReason, due: Option<Due>, at: UnixMillis) {
    let over = |owner| Stage::Ended { owner, reason: reason.clone(), at, due };
    match state.calls.get_mut(id) {
        // Over is over: the first end stays.
        Some(call) if call.is_over() => return,
        Some(call) => {
            let owner = call.owner().cloned();
            let talked = matches!(call.stage, Stage::Talking { .. });
            call.stage = over(owner.clone());
            call.heard.clear();
            if let Some(agent) = owner.and_then(|owner| state.agents.get_mut(&owner)) {
                agent.idle_since = at;
                agent.wrapping = if talked { Some(at) } else { agent.wrapping };
            }
        }
        None => {
            state.calls.insert(id.clone(), blank(id, at, Origin::Unheard, over(None)));
        }
    }
    state.open.remove(id);
    state.ended.push_back((at, id.clone()));
    if due.is_some() {
        state.unsettled.insert(id.clone());
    }
}

/// The facts that concern nothing but the call itself.
fn advance(call: &mut Call, fact: &CallFact, at: UnixMillis) {
    match fact {
        CallFact::Heard { keys } => call.heard.extend(keys.iter().cloned()),
        CallFact::Linked { wacid } => call.wacid = Some(wacid.clone()),
        CallFact::Rang { agents } => {
            for agent in agents {
                bell(call, |bells| {
                    let bell = bells.entry(agent.clone()).or_insert(Bell::Passed);
                    if *bell == Bell::Passed {
                        *bell = Bell::Ringing { since: at };
                    }
                });
            }
        }
        CallFact::RingShown { agent, audible } => shown(call, agent, *audible),
        CallFact::Passed { agents } => {
            for agent in agents {
                set_bell(call, agent, Bell::Passed);
            }
        }
        CallFact::Declined { agent } => set_bell(call, agent, Bell::Declined),
        CallFact::Prepared { agent, sdp } => {
            if let Stage::Ringing(ring) = &mut call.stage {
                ring.prepared = Some(Prepared { agent: agent.clone(), sdp: sdp.clone(), delivered: false });
            }
        }
        CallFact::PrepareFailed => {
            if let Stage::Ringing(ring) = &mut call.stage {
                ring.prepared = None;
            }
        }
        CallFact::Silenced { agents } => bell(call, |bells| {
            bells.retain(|agent, _| !agents.contains(agent));
        }),
        CallFact::Claimed { agent, sdp } => claim(call, agent, sdp, at),
        CallFact::AnswerDelivered => delivered(call),
        CallFact::AcceptRefused { .. } => {
            if let Stage::Answering { owner, ring, .. } = &call.stage {
                call.stage = Stage::Ringing(ring.clone().without(owner));
            }
        }
        CallFact::TakenUp { relay } => call.worker = Some(relay.clone()),
        CallFact::UpstreamAccepted => accepted(call, at),
        CallFact::Initiated { response } => set_attempt(call, Attempt::Taken(response.clone())),
        CallFact::InitiateUncertain => set_attempt(call, Attempt::Uncertain),
        CallFact::InitiateRefused => set_attempt(call, Attempt::Refused),
        CallFact::InitiateGivenUp => set_attempt(call, Attempt::Lost),
        CallFact::AnswerReceived { sdp } => far_end_answer(call, sdp),
        CallFact::LookedUp => dial(call, |dial| dial.looked_up = at),
        CallFact::FoundLive => call.found_live = at,
        CallFact::Reported { .. } => call.is_reported = true,
        CallFact::EndExplained { reason: why } => {
            if let Stage::Ended { reason, .. } = &mut call.stage {
                reason.clone_from(why);
            }
        }
        CallFact::FarEndRang => dial(call, |dial| dial.rings = true),
        CallFact::Answered => answered(call, at),
        CallFact::Settled { outcome: Outcome::Done | Outcome::AlreadyOver | Outcome::GaveUp } => {
            if let Stage::Ended { due, .. } = &mut call.stage {
                *due = None;
            }
        }
        CallFact::Offered { .. } | CallFact::Dialed { .. } | CallFact::Ended { .. } => {}
    }
}

fn bell(call: &mut Call, change: impl FnOnce(&mut BTreeMap<AgentName, Bell>)) {
    if let Stage::Ringing(ring) = &mut call.stage {
        change(&mut ring.agents);
    }
}

fn set_bell(call: &mut Call, agent: &AgentName, to: Bell) {
    bell(call, |bells| {
        if let Some(bell) = bells.get_mut(agent) {
            *bell = to;
        }
    });
}

fn shown(call: &mut Call, agent: &AgentName, is_audible: bool) {
    bell(call, |bells| {
        if let Some(bell) = bells.get_mut(agent)
            && let Bell::Ringing { since } | Bell::Shown { since, .. } = *bell
        {
            *bell = Bell::Shown { since, audible: is_audible };
        }
    });
}

fn claim(call: &mut Call, owner: &AgentName, sdp: &str, at: UnixMillis) {
    if let Stage::Ringing(ring) = &call.stage {
        let prepared = ring.prepared.as_ref();
        let delivered = prepared.is_some_and(|prepared| prepared.delivered && prepared.sdp == sdp);
        call.stage = Stage::Answering {
            owner: owner.clone(),
            since: at,
            sdp: sdp.to_owned(),
            delivered,
            ring: ring.clone(),
        };
    }
}

fn delivered(call: &mut Call) {
    match &mut call.stage {
        Stage::Answering { delivered, .. } => *delivered = true,
        Stage::Ringing(Ring { prepared: Some(prepared), .. }) => prepared.delivered = true,
        Stage::Ringing(_) | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => {}
    }
}

fn accepted(call: &mut Call, at: UnixMillis) {
    if let Stage::Answering { owner, since, sdp, .. } = &mut call.stage {
        call.stage = Stage::Talking {
            owner: owner.clone(),
            since: at,
            claimed: *since,
            answer: Some(std::mem::take(sdp)),
        };
    }
}

fn answered(call: &mut Call, at: UnixMillis) {
    if let Stage::Dialing(dial) = &mut call.stage {
        call.stage = Stage::Talking {
            owner: dial.owner.clone(),
            since: at,
            claimed: call.since,
            answer: dial.answer.take(),
        };
    }
}

/// The first answer counts; it may come after the pick-up.
fn far_end_answer(call: &mut Call, sdp: &str) {
    let answer = match &mut call.stage {
        Stage::Dialing(dial) => &mut dial.answer,
        Stage::Talking { answer, .. } => answer,
        Stage::Ringing(_) | Stage::Answering { .. } | Stage::Ended { .. } => return,
    };
    answer.get_or_insert_with(|| sdp.to_owned());
}

fn dial(call: &mut Call, change: impl FnOnce(&mut Dial)) {
    if let Stage::Dialing(dial) = &mut call.stage {
        change(dial);
    }
}

fn set_attempt(call: &mut Call, to: Attempt) {
    if let Origin::Outbound { attempt, .. } = &mut call.origin {
        *attempt = to;
    }
}
