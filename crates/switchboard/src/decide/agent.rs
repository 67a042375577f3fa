//! What an agent wants.

use vobiz::{Number, Uuid};
use wire::{AgentName, CallId, EndReason, UnixMillis};

use super::of_call;
use crate::command::AgentWish;
use crate::fact::{AgentFact, CallFact, Due, Fact};
use crate::refusal::{Refusal, Standing};
use crate::routing::{Hope, hope};
use crate::settings::MAX_CALLS;
use crate::state::{Bell, Call, Origin, Reach, Stage, State};

pub(super) fn decide(
    state: &State,
    agent: AgentName,
    wish: AgentWish,
    now: UnixMillis,
) -> Result<Vec<Fact>, Refusal> {
    match wish {
        AgentWish::Available(available) => Ok(presence(state, agent, Some(available), None)),
        AgentWish::Reachable(reachable) => Ok(presence(state, agent, None, Some(reachable))),
        AgentWish::RingShown { call, audible } => ring_shown(named(state, &call)?, agent, audible),
        AgentWish::Accept { call, sdp } => accept(named(state, &call)?, agent, sdp, now),
        AgentWish::Decline { call } => decline(state, named(state, &call)?, agent, now),
        AgentWish::Terminate { call } => terminate(named(state, &call)?, &agent),
        AgentWish::Dial { attempt, channel, to } => dial(state, agent, attempt, channel, to),
    }
}

fn named<'a>(state: &'a State, name: &str) -> Result<&'a Call, Refusal> {
    state.find(name).ok_or(Refusal::NoSuchCall)
}

fn presence(state: &State, agent: AgentName, available: Option<bool>, reachable: Option<bool>) -> Vec<Fact> {
    let known = state.agent(&agent);
    let attached = known.reach == Reach::Attached;
    let (available, reachable) = (available.unwrap_or(known.available), reachable.unwrap_or(attached));
    if (available, reachable) == (known.available, attached) {
        return Vec::new();
    }
    vec![Fact::Agent { agent, what: AgentFact::Presence { available, reachable } }]
}

fn ring_shown(call: &Call, agent: AgentName, audible: bool) -> Result<Vec<Fact>, Refusal> {
    let bell = match &call.stage {
        Stage::Ringing(ring) => ring.agents.get(&agent).copied(),
        Stage::Answering { .. } | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => None,
    };
    match bell {
        Some(Bell::Ringing) => Ok(of_call(&call.id, [CallFact::RingShown { agent, audible }])),
        Some(Bell::Shown { audible: before }) if before != audible => {
            Ok(of_call(&call.id, [CallFact::RingShown { agent, audible }]))
        }
        // What a page shows a moment too late is nobody's fault and no news.
        Some(Bell::Shown { .. } | Bell::Declined) | None => Ok(Vec::new()),
    }
}

fn accept(call: &Call, agent: AgentName, sdp: String, now: UnixMillis) -> Result<Vec<Fact>, Refusal> {
    match (&call.stage, &call.origin) {
        (Stage::Ended { reason, at, .. }, _) => Err(over(reason, *at)),
        (_, Origin::Outbound { .. }) => Err(Refusal::WrongState(Standing::Outbound)),
        (Stage::Ringing(ring), _) if now >= ring.expires => Err(over(&EndReason::Missed, ring.expires)),
        (Stage::Ringing(_), _) => Ok(of_call(&call.id, [CallFact::Claimed { agent, sdp }])),
        (Stage::Answering { owner, since, .. } | Stage::Talking { owner, claimed: since, .. }, _)
            if *owner != agent =>
        {
            Err(Refusal::Taken { winner: owner.clone(), since: *since })
        }
        // The same request once more, as after a lost response: it is so already.
        (Stage::Answering { sdp: first, .. }, _) if *first == sdp => Ok(Vec::new()),
        (Stage::Talking { answer: Some(first), .. }, _) if *first == sdp => Ok(Vec::new()),
        (Stage::Answering { .. } | Stage::Talking { .. } | Stage::Dialing(_), _) => Err(Refusal::OtherAnswer),
    }
}

fn decline(state: &State, call: &Call, agent: AgentName, now: UnixMillis) -> Result<Vec<Fact>, Refusal> {
    let ring = match &call.stage {
        Stage::Ringing(ring) => ring,
        Stage::Ended { reason, at, .. } => return Err(over(reason, *at)),
        Stage::Dialing(_) => return Err(Refusal::WrongState(Standing::Outbound)),
        Stage::Answering { owner, since, .. } | Stage::Talking { owner, claimed: since, .. } => {
            return Err(if *owner == agent {
                Refusal::WrongState(Standing::Answered)
            } else {
                Refusal::Taken { winner: owner.clone(), since: *since }
            });
        }
    };
    match ring.agents.get(&agent) {
        // It does not ring for them: there is nothing that they could decline.
        None => return Err(Refusal::NoSuchCall),
        Some(Bell::Declined) => return Ok(Vec::new()),
        Some(Bell::Ringing | Bell::Shown { .. }) => {}
    }
    let mut bells = ring.agents.clone();
    bells.insert(agent.clone(), Bell::Declined);
    let mut facts = vec![CallFact::Declined { agent }];
    let lost = match hope(state, &bells) {
        Hope::Lost => true,
        Hope::Until(until) => until <= now,
        Hope::Open => false,
    };
    if lost {
        facts.push(CallFact::Ended { reason: EndReason::Declined, due: Some(Due::Reject) });
    }
    Ok(of_call(&call.id, facts))
}

fn terminate(call: &Call, agent: &AgentName) -> Result<Vec<Fact>, Refusal> {
    let (owner, since, reason) = match &call.stage {
        Stage::Ended { reason, at, .. } => return Err(over(reason, *at)),
        Stage::Ringing(_) => return Err(Refusal::WrongState(Standing::Ringing)),
        Stage::Answering { owner, since, .. } => (owner, *since, EndReason::HungUp),
        Stage::Talking { owner, claimed, .. } => (owner, *claimed, EndReason::HungUp),
        Stage::Dialing(dial) => (&dial.owner, call.since, EndReason::Cancelled),
    };
    if owner != agent {
        return Err(Refusal::Taken { winner: owner.clone(), since });
    }
    Ok(of_call(&call.id, [CallFact::Ended { reason, due: Some(Due::Terminate) }]))
}

fn dial(
    state: &State,
    agent: AgentName,
    attempt: CallId,
    channel: Uuid,
    to: Number,
) -> Result<Vec<Fact>, Refusal> {
    if let Some(call) = state.find(attempt.as_str()) {
        let same = match &call.origin {
            Origin::Outbound { owner, to: before, .. } => *owner == agent && *before == to,
            Origin::Inbound | Origin::Unheard => false,
        };
        return Err(Refusal::Repeated { call: call.id.clone(), same });
    }
    if state.calls.len() >= MAX_CALLS {
        return Err(Refusal::TooMany);
    }
    for call in state.open_calls().filter(|call| call.channel == Some(channel)) {
        match &call.origin {
            Origin::Outbound { owner, to: other, .. } if *other == to => {
                return Err(Refusal::AlreadyCalling { call: call.id.clone(), owner: owner.clone() });
            }
            Origin::Outbound { .. } | Origin::Inbound | Origin::Unheard => {}
        }
    }
    let business = state.settings.line_of(channel).and_then(|line| line.number.clone());
    Ok(of_call(&attempt, [CallFact::Dialed { agent, channel, to, business }]))
}

fn over(reason: &EndReason, since: UnixMillis) -> Refusal {
    Refusal::Over { reason: reason.clone(), since }
}
