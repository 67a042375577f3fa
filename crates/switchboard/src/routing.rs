//! Who rings.
//!
//! Ring-all: every agent who takes calls and can be reached rings at once, the first
//! to accept has the call. A further way to route gets its place here: everything
//! else asks only these functions.

use std::collections::BTreeMap;

use wire::{AgentName, UnixMillis};

use crate::settings::RECONNECT_GRACE_MS;
use crate::state::{Bell, Reach, Ring, State};

/// Who has to ring for a call that nobody rings for yet.
pub(crate) fn first_ring(state: &State) -> Vec<AgentName> {
    to_ring(state, &BTreeMap::new())
}

/// Who has to begin to ring, beside those for whom it rings or who declined.
pub(crate) fn to_ring(state: &State, rung: &BTreeMap<AgentName, Bell>) -> Vec<AgentName> {
    state
        .agents()
        .filter(|(name, agent)| agent.can_ring() && !rung.contains_key(*name))
        .map(|(name, _)| name.clone())
        .collect()
}

/// For whom it has to stop ringing, because they take no calls any more.
pub(crate) fn to_silence(state: &State, ring: &Ring) -> Vec<AgentName> {
    ring.agents
        .iter()
        .filter(|(name, bell)| bell.rings() && !state.agent(name).available)
        .map(|(name, _)| name.clone())
        .collect()
}

/// Who may still answer a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hope {
    /// Somebody may; or nobody has declined, so the caller is left to ring.
    Open,
    /// Only agents whose page is away and may come back until then.
    Until(UnixMillis),
    /// Nobody: at least one has declined, and no other is left.
    Lost,
}

/// Who may still answer this ring, as of what is known now.
pub(crate) fn hope(state: &State, rung: &BTreeMap<AgentName, Bell>) -> Hope {
    let declined = rung.values().any(|bell| !bell.rings());
    if !declined || !to_ring(state, rung).is_empty() {
        return Hope::Open;
    }
    let mut hope = Hope::Lost;
    for name in rung.iter().filter(|(_, bell)| bell.rings()).map(|(name, _)| name) {
        let agent = state.agent(name);
        match agent.reach {
            _ if !agent.available => {}
            Reach::Attached => return Hope::Open,
            Reach::Gone { since } => {
                let until = since.saturating_add(RECONNECT_GRACE_MS);
                hope = match hope {
                    Hope::Until(later) => Hope::Until(later.max(until)),
                    Hope::Open | Hope::Lost => Hope::Until(until),
                };
            }
        }
    }
    hope
}
