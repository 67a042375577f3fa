//! Facts into state. Total: a fact that does not fit (such as of a call that was
//! forgotten) changes nothing, so that any journal can be replayed.

use std::collections::{BTreeMap, BTreeSet};

use wire::{AgentName, CallId, EndReason, Party, UnixMillis};

use crate::fact::{AgentFact, CallFact, Due, Fact, Outcome};
use crate::settings::ENDED_KEPT_MS;
use crate::state::{Agent, Attempt, Bell, Call, Dial, Origin, Reach, Ring, Stage, State};

/// Makes the next state: `fact` happened at `at`. Also forgets the calls whose end is
/// longer ago than [`ENDED_KEPT_MS`].
pub fn fold(state: &mut State, fact: &Fact, at: UnixMillis) {
    forget(state, at);
    match fact {
        Fact::Agent { agent, what } => agent_fact(state, agent, *what, at),
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

fn agent_fact(state: &mut State, name: &AgentName, fact: AgentFact, at: UnixMillis) {
    let AgentFact::Presence { available, reachable } = fact;
    let before = state.agent(name).reach;
    let reach = match (reachable, before) {
        (true, _) => Reach::Attached,
        (false, Reach::Gone { since }) => Reach::Gone { since },
        (false, Reach::Attached) => Reach::Gone { since: at },
    };
    state.agents.insert(name.clone(), Agent { available, reach });
}

fn call_fact(state: &mut State, id: &CallId, fact: &CallFact, at: UnixMillis) {
    match fact {
        CallFact::Offered { channel, party, business, offer, expires, user_id: _ } => {
            let ring = Ring { offer: offer.clone(), expires: *expires, agents: BTreeMap::new() };
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
        CallFact::Heard { .. }
        | CallFact::Rang { .. }
        | CallFact::RingShown { .. }
        | CallFact::Silenced { .. }
        | CallFact::Declined { .. }
        | CallFact::Claimed { .. }
        | CallFact::AnswerDelivered
        | CallFact::UpstreamAccepted
        | CallFact::InitiateUncertain
        | CallFact::InitiateGivenUp
        | CallFact::AnswerReceived { .. }
        | CallFact::LookedUp
        | CallFact::FarEndRang
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
        heard: BTreeSet::new(),
    }
}

fn end(state: &mut State, id: &CallId, reason: &EndReason, due: Option<Due>, at: UnixMillis) {
    let over = |owner| Stage::Ended { owner, reason: reason.clone(), at, due };
    match state.calls.get_mut(id) {
        // Over is over: the first end stays.
        Some(call) if call.is_over() => return,
        Some(call) => {
            call.stage = over(call.owner().cloned());
            call.heard.clear();
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
                    bells.entry(agent.clone()).or_insert(Bell::Ringing);
                });
            }
        }
        CallFact::RingShown { agent, audible } => set_bell(call, agent, Bell::Shown { audible: *audible }),
        CallFact::Declined { agent } => set_bell(call, agent, Bell::Declined),
        CallFact::Silenced { agents } => bell(call, |bells| {
            bells.retain(|agent, _| !agents.contains(agent));
        }),
        CallFact::Claimed { agent, sdp } => claim(call, agent, sdp, at),
        CallFact::AnswerDelivered => {
            if let Stage::Answering { delivered, .. } = &mut call.stage {
                *delivered = true;
            }
        }
        CallFact::UpstreamAccepted => accepted(call, at),
        CallFact::Initiated { response } => set_attempt(call, Attempt::Taken(response.clone())),
        CallFact::InitiateUncertain => set_attempt(call, Attempt::Uncertain),
        CallFact::InitiateRefused => set_attempt(call, Attempt::Refused),
        CallFact::InitiateGivenUp => set_attempt(call, Attempt::Lost),
        CallFact::AnswerReceived { sdp } => far_end_answer(call, sdp),
        CallFact::LookedUp => dial(call, |dial| dial.looked_up = at),
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

fn claim(call: &mut Call, owner: &AgentName, sdp: &str, at: UnixMillis) {
    if let Stage::Ringing(_) = call.stage {
        call.stage =
            Stage::Answering { owner: owner.clone(), since: at, sdp: sdp.to_owned(), delivered: false };
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
