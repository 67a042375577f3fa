//! What agents' pages are told of a fact.

use wire::{AgentName, CallEvent, Party};

use crate::fact::{CallFact, Fact};
use crate::state::{Call, Ring, Stage, State};

/// Who is told what, when `fact` happens to `state`: to be asked **before** the fact is
/// folded in, because the end of a ring concerns those for whom it rang. At most one
/// event for each agent. `name_of` gives an agent's display name.
pub fn project(
    state: &State,
    fact: &Fact,
    name_of: &dyn Fn(&AgentName) -> String,
) -> Vec<(AgentName, CallEvent)> {
    let Fact::Call { call: id, what } = fact else {
        return Vec::new();
    };
    if let CallFact::Dialed { agent, to, .. } = what {
        let party = Party { number: Some(to.to_string()), name: None };
        return vec![(agent.clone(), CallEvent::Dialing { to: party })];
    }
    let Some(call) = state.call(id) else {
        return Vec::new();
    };
    match what {
        CallFact::Rang { agents } => rang(call, agents),
        CallFact::Silenced { agents } | CallFact::Passed { agents } => {
            agents.iter().map(|agent| (agent.clone(), CallEvent::Silenced)).collect()
        }
        CallFact::Declined { agent } => vec![(agent.clone(), CallEvent::DeclinedHere)],
        CallFact::Claimed { agent, .. } => claimed(call, agent, name_of),
        CallFact::AnswerDelivered => match ring(call).and_then(|ring| ring.prepared.as_ref()) {
            Some(prepared) => vec![(prepared.agent.clone(), CallEvent::AnswerDelivered)],
            None => to_owner(call, CallEvent::AnswerDelivered),
        },
        // Over for this agent; the others hear it ring again.
        CallFact::AcceptRefused { failure } => {
            to_owner(call, CallEvent::Ended { reason: failure.clone().into() })
        }
        CallFact::UpstreamAccepted | CallFact::Answered => to_owner(call, CallEvent::Accepted),
        CallFact::Initiated { .. } => to_owner(call, CallEvent::Initiated),
        CallFact::AnswerReceived { sdp } => to_owner(call, CallEvent::Answer { sdp: sdp.clone() }),
        CallFact::FarEndRang => to_owner(call, CallEvent::FarEndRinging),
        CallFact::Ended { reason, .. } => {
            let ended = CallEvent::Ended { reason: reason.clone() };
            match ring(call) {
                Some(ring) => ringing(ring).map(|agent| (agent.clone(), ended.clone())).collect(),
                None => to_owner(call, ended),
            }
        }
        // Whoever was told of the end learns the reason.
        CallFact::EndExplained { reason } => {
            let ended = |owner: &AgentName| (owner.clone(), CallEvent::Ended { reason: reason.clone() });
            call.owner().map(ended).into_iter().collect()
        }
        CallFact::Heard { .. }
        | CallFact::Offered { .. }
        | CallFact::RingShown { .. }
        | CallFact::Dialed { .. }
        | CallFact::Prepared { .. }
        | CallFact::PrepareFailed
        | CallFact::TakenUp { .. }
        | CallFact::InitiateUncertain
        | CallFact::InitiateRefused
        | CallFact::InitiateGivenUp
        | CallFact::Linked { .. }
        | CallFact::LookedUp
        | CallFact::FoundLive
        | CallFact::Reported { .. }
        | CallFact::Settled { .. } => Vec::new(),
    }
}

fn rang(call: &Call, agents: &[AgentName]) -> Vec<(AgentName, CallEvent)> {
    let Some(ring) = ring(call) else {
        return Vec::new();
    };
    let event = CallEvent::Ringing {
        from: call.party.clone(),
        to: call.business.clone(),
        offer: ring.offer.clone(),
        since: call.since,
        expires: ring.expires,
    };
    agents.iter().map(|agent| (agent.clone(), event.clone())).collect()
}

fn claimed(
    call: &Call,
    winner: &AgentName,
    name_of: &dyn Fn(&AgentName) -> String,
) -> Vec<(AgentName, CallEvent)> {
    let Some(ring) = ring(call) else {
        return Vec::new();
    };
    let lost = CallEvent::AnsweredElsewhere { by: name_of(winner) };
    let losers = ringing(ring).filter(|agent| *agent != winner).map(|agent| (agent.clone(), lost.clone()));
    std::iter::once((winner.clone(), CallEvent::Claimed)).chain(losers).collect()
}

/// To whoever has the call; nobody is told what happens to a call that is over.
fn to_owner(call: &Call, event: CallEvent) -> Vec<(AgentName, CallEvent)> {
    match &call.stage {
        Stage::Ringing(_) | Stage::Ended { .. } => Vec::new(),
        Stage::Answering { owner, .. } | Stage::Talking { owner, .. } => vec![(owner.clone(), event)],
        Stage::Dialing(dial) => vec![(dial.owner.clone(), event)],
    }
}

fn ring(call: &Call) -> Option<&Ring> {
    match &call.stage {
        Stage::Ringing(ring) => Some(ring),
        Stage::Answering { .. } | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => None,
    }
}

fn ringing(ring: &Ring) -> impl Iterator<Item = &AgentName> {
    ring.agents.iter().filter(|(_, bell)| bell.rings()).map(|(agent, _)| agent)
}
