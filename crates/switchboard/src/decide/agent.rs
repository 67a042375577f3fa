//! What an agent wants.

use vobiz::{Number, Uuid};
use wire::{AgentName, CallId, CallQuality, EndReason, UnixMillis};

use super::clock::nobody_left;
use super::of_call;
use crate::command::AgentWish;
use crate::fact::{AgentFact, CallFact, Due, Fact};
use crate::refusal::{Refusal, Standing};
use crate::routing::Floor;
use crate::settings::MAX_CALLS;
use crate::state::{Bell, Call, Origin, Prepared, Reach, Ring, Stage, State};

pub(super) fn decide(
    state: &State,
    agent: AgentName,
    wish: AgentWish,
    now: UnixMillis,
) -> Result<Vec<Fact>, Refusal> {
    match wish {
        AgentWish::Available(available) => Ok(available_or_not(state, agent, available)),
        AgentWish::Ready => Ok(ready(state, agent)),
        AgentWish::Reachable(reachable) => Ok(reachable_or_not(state, agent, reachable, false)),
        AgentWish::Excused => Ok(reachable_or_not(state, agent, false, true)),
        AgentWish::RingShown { call, audible } => ring_shown(named(state, &call)?, agent, audible),
        AgentWish::Report { call, quality } => Ok(reported(named(state, &call)?, &agent, quality)),
        AgentWish::Prepared { call, sdp } => Ok(prepared(state, named(state, &call)?, agent, sdp, now)),
        AgentWish::Accept { call, sdp } => accept(named(state, &call)?, agent, sdp, now),
        AgentWish::Decline { call } => decline(state, named(state, &call)?, agent, now),
        AgentWish::Terminate { call } => terminate(named(state, &call)?, &agent),
        AgentWish::Dial { attempt, channel, to } => dial(state, agent, attempt, channel, to),
    }
}

fn named<'a>(state: &'a State, name: &str) -> Result<&'a Call, Refusal> {
    state.find(name).ok_or(Refusal::NoSuchCall)
}

fn available_or_not(state: &State, agent: AgentName, available: bool) -> Vec<Fact> {
    let known = state.agent(&agent);
    let ready = available && known.wrapping.is_some();
    if known.available == available && !ready {
        return Vec::new();
    }
    vec![presence(state, agent, |what| {
        let AgentFact::Presence { available: takes_calls, ready: is_ready, .. } = what;
        (*takes_calls, *is_ready) = (available, ready);
    })]
}

fn ready(state: &State, agent: AgentName) -> Vec<Fact> {
    if state.agent(&agent).wrapping.is_none() {
        return Vec::new();
    }
    vec![presence(state, agent, |what| {
        let AgentFact::Presence { ready, .. } = what;
        *ready = true;
    })]
}

/// Whether **this** relay has a socket of the agent.
fn reachable_or_not(state: &State, agent: AgentName, here: bool, excuse: bool) -> Vec<Fact> {
    let fact = presence(state, agent.clone(), |what| {
        let AgentFact::Presence { reachable, seats, excused, .. } = what;
        match &state.settings.relay {
            Some(me) if here => drop(seats.insert(me.clone())),
            Some(me) => drop(seats.remove(me)),
            None => *reachable = here,
        }
        *reachable = if state.settings.relay.is_some() { !seats.is_empty() } else { here };
        *excused = excuse && !*reachable;
    });
    let Fact::Agent { what, .. } = &fact else { return Vec::new() };
    let AgentFact::Presence { reachable, seats, excused, .. } = what;
    let known = state.agent(&agent);
    let before = match known.reach {
        Reach::Attached { .. } => (true, false),
        Reach::Gone { excused, .. } => (false, excused),
    };
    // An excuse stays until the agent is back.
    if (*reachable, *excused || before.1) == before && *seats == known.seats {
        return Vec::new();
    }
    vec![fact]
}

/// All of an agent's presence, with a change.
fn presence(state: &State, agent: AgentName, change: impl FnOnce(&mut AgentFact)) -> Fact {
    let known = state.agent(&agent);
    let excused = match known.reach {
        Reach::Attached { .. } => false,
        Reach::Gone { excused, .. } => excused,
    };
    let mut what = AgentFact::Presence {
        available: known.available,
        reachable: known.is_attached(),
        seats: known.seats.clone(),
        excused,
        ready: false,
    };
    change(&mut what);
    Fact::Agent { agent, what }
}

fn ring_shown(call: &Call, agent: AgentName, audible: bool) -> Result<Vec<Fact>, Refusal> {
    let bell = match &call.stage {
        Stage::Ringing(ring) => ring.agents.get(&agent).copied(),
        Stage::Answering { .. } | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => None,
    };
    match bell {
        Some(Bell::Ringing { .. }) => Ok(of_call(&call.id, [CallFact::RingShown { agent, audible }])),
        Some(Bell::Shown { audible: before, .. }) if before != audible => {
            Ok(of_call(&call.id, [CallFact::RingShown { agent, audible }]))
        }
        // What a page shows a moment too late is nobody's fault and no news.
        Some(Bell::Shown { .. } | Bell::Passed | Bell::Declined) | None => Ok(Vec::new()),
    }
}

/// Kept once, of the call's owner.
fn reported(call: &Call, agent: &AgentName, quality: CallQuality) -> Vec<Fact> {
    if call.owner() == Some(agent) && !call.is_reported {
        of_call(&call.id, [CallFact::Reported { quality }])
    } else {
        Vec::new()
    }
}

/// An answer goes up while it rings only where nobody else could still answer.
fn prepared(state: &State, call: &Call, agent: AgentName, sdp: String, now: UnixMillis) -> Vec<Fact> {
    let Some(ring) = call.ring().filter(|ring| now < ring.expires && ring.prepared.is_none()) else {
        return Vec::new();
    };
    let mut ringing = ring.agents.iter().filter(|(_, bell)| bell.rings()).map(|(name, _)| name);
    let is_theirs = ringing.next() == Some(&agent) && ringing.next().is_none();
    if !is_theirs || !Floor::new(state, now).is_only(&agent, ring) {
        return Vec::new();
    }
    of_call(&call.id, [CallFact::Prepared { agent, sdp }])
}

fn accept(call: &Call, agent: AgentName, sdp: String, now: UnixMillis) -> Result<Vec<Fact>, Refusal> {
    match (&call.stage, &call.origin) {
        (Stage::Ended { reason, at, .. }, _) => Err(over(reason, *at)),
        (_, Origin::Outbound { .. }) => Err(Refusal::WrongState(Standing::Outbound)),
        (Stage::Ringing(ring), _) if now >= ring.expires => Err(over(&EndReason::Missed, ring.expires)),
        (Stage::Ringing(ring), _) => match &ring.prepared {
            // The far end has that agent's answer and takes no other.
            Some(Prepared { agent: other, .. }) if *other != agent => {
                Err(Refusal::Reserved { owner: other.clone() })
            }
            Some(_) | None => Ok(of_call(&call.id, [CallFact::Claimed { agent, sdp }])),
        },
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
        // Also an agent whose turn has just gone by means it.
        Some(Bell::Ringing { .. } | Bell::Shown { .. } | Bell::Passed) => {}
    }
    let mut then: Ring = ring.clone();
    then.agents.insert(agent.clone(), Bell::Declined);
    let mut facts = vec![CallFact::Declined { agent }];
    if Floor::new(state, now).plan(call.since, &then).is_lost {
        facts.push(nobody_left(&then));
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
