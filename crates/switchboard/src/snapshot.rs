//! All that one agent's page needs to know.

use wire::{AgentName, CallSnapshot, Direction, UnixMillis};

use crate::state::{Call, Origin, Stage, State};

/// The calls that ring for this agent or are theirs, as of `now`.
pub fn snapshot(state: &State, agent: &AgentName, now: UnixMillis) -> Vec<CallSnapshot> {
    state.open_calls().filter_map(|call| of_call(call, agent, now)).collect()
}

fn of_call(call: &Call, agent: &AgentName, now: UnixMillis) -> Option<CallSnapshot> {
    let (stage, answer) = match &call.stage {
        Stage::Ringing(ring) => {
            let rings = ring.agents.get(agent).is_some_and(|bell| bell.rings());
            if !rings || now >= ring.expires {
                return None;
            }
            (wire::Stage::Ringing { offer: ring.offer.clone(), expires: ring.expires }, None)
        }
        Stage::Answering { owner, .. } if owner == agent => (wire::Stage::Answering, None),
        Stage::Dialing(dial) if dial.owner == *agent => {
            let stage = if dial.rings { wire::Stage::FarEndRinging } else { wire::Stage::Dialing };
            (stage, dial.answer.clone())
        }
        Stage::Talking { owner, since, answer, .. } if owner == agent => {
            let far_end = match call.origin {
                Origin::Outbound { .. } => answer.clone(),
                Origin::Inbound | Origin::Unheard => None,
            };
            (wire::Stage::Accepted { at: *since }, far_end)
        }
        Stage::Answering { .. } | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => {
            return None;
        }
    };
    let direction = match call.origin {
        Origin::Outbound { .. } => Direction::Outbound,
        Origin::Inbound | Origin::Unheard => Direction::Inbound,
    };
    Some(CallSnapshot {
        call: call.id.clone(),
        direction,
        party: call.party.clone(),
        business: call.business.clone(),
        since: call.since,
        stage,
        answer,
    })
}
