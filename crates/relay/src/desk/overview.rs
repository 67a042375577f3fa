//! What a supervisor sees: who can be reached, what rings and who talks. No session
//! descriptions: to see a call is not to be able to take it.

use switchboard::State;
use switchboard::state::{Call, Origin, Presence, Stage};
use wire::{AgentName, BoardCall, BoardPresence, BoardStage, Direction, UnixMillis};

/// All calls and agents at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The newest event's number then; it grows with every change.
    pub seq: u64,
    /// Agents of whom anything is known: what they do, and whether they can be reached.
    pub agents: Vec<(AgentName, BoardPresence, bool)>,
    /// The calls that are not over, the oldest first.
    pub calls: Vec<BoardCall>,
}

impl Overview {
    /// The state as a supervisor sees it.
    pub(super) fn of(state: &State, seq: u64, now: UnixMillis) -> Self {
        let agents = state
            .agents()
            .map(|(name, agent)| (name.clone(), presence(state.presence(name, now)), agent.is_attached()))
            .collect();
        let mut calls: Vec<BoardCall> = state.open_calls().filter_map(shown).collect();
        calls.sort_by(|one, other| (one.since, &one.call).cmp(&(other.since, &other.call)));
        Self { seq, agents, calls }
    }
}

fn presence(presence: Presence) -> BoardPresence {
    match presence {
        Presence::Away => BoardPresence::Away,
        Presence::Available => BoardPresence::Available,
        Presence::OnCall => BoardPresence::OnCall,
        Presence::WrapUp { until } => BoardPresence::WrapUp { until },
    }
}

fn shown(call: &Call) -> Option<BoardCall> {
    let stage = match &call.stage {
        Stage::Ringing(ring) => BoardStage::Ringing {
            agents: ring
                .agents
                .iter()
                .filter(|(_, bell)| bell.rings())
                .map(|(agent, _)| agent.clone())
                .collect(),
            expires: ring.expires,
        },
        Stage::Answering { .. } => BoardStage::Answering,
        Stage::Dialing(dial) if dial.rings => BoardStage::FarEndRinging,
        Stage::Dialing(_) => BoardStage::Dialing,
        Stage::Talking { since, .. } => BoardStage::Talking { since: *since },
        Stage::Ended { .. } => return None,
    };
    Some(BoardCall {
        call: call.id.clone(),
        direction: match call.origin {
            Origin::Outbound { .. } => Direction::Outbound,
            Origin::Inbound | Origin::Unheard => Direction::Inbound,
        },
        party: call.party.clone(),
        business: call.business.clone(),
        since: call.since,
        owner: call.owner().cloned(),
        stage,
    })
}
