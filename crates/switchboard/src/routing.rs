//! Who rings.
//!
//! Only agents ring who take calls and have a page that can be reached. **Free** agents
//! come first; those who have a call or its paperwork (**engaged**) ring only while no
//! free one can be expected to answer. A ring counts while its page shows it, or has
//! still time to say so ([`SHOWN_WITHIN_MS`]), or is away and may come back
//! ([`RECONNECT_GRACE_MS`]).
//!
//! - *Ring-all*: every free agent at once.
//! - *Longest-idle*: one free agent after the other, whoever has waited longest and has no
//!   other ring to answer first,
//!   [`TURN_MS`] each; a page that does not show the ring, or shows it without a sound,
//!   loses its turn early. When everybody had a turn, or after [`ALL_RING_AFTER_MS`],
//!   all ring.
//!
//! Once an answer was prepared, the call is that agent's alone to take or to decline: a
//! call takes one answer.
//!
//! A further way to route gets its place here: everything else asks only for a [`Plan`].

use std::collections::{BTreeMap, BTreeSet};

use wire::{AgentName, UnixMillis};

use crate::settings::{
    ALL_RING_AFTER_MS, NOBODY_AFTER_MS, RECONNECT_GRACE_MS, Routing, SHOWN_WITHIN_MS, TURN_MS, WhenNobody,
};
use crate::state::{Agent, Bell, Reach, Ring, State};

/// What has to change about a ring now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// For whom it stops, because they take no calls any more, or others are free.
    pub(crate) silence: Vec<AgentName>,
    /// Whose turn went by.
    pub(crate) pass: Vec<AgentName>,
    /// For whom it begins.
    pub(crate) ring: Vec<AgentName>,
    /// Nobody is left, and the caller is to be told.
    pub(crate) is_lost: bool,
    /// When time alone changes the plan next, at the earliest.
    pub(crate) next: Option<UnixMillis>,
}

impl Plan {
    /// Whether nothing has to change.
    pub(crate) fn is_empty(&self) -> bool {
        self.silence.is_empty() && self.pass.is_empty() && self.ring.is_empty() && !self.is_lost
    }
}

/// All agents, as of a moment.
pub(crate) struct Floor<'a> {
    state: &'a State,
    /// Those who have a call.
    on_call: BTreeSet<&'a AgentName>,
    /// How many calls ring for whom.
    rung: BTreeMap<AgentName, usize>,
    now: UnixMillis,
}

impl<'a> Floor<'a> {
    pub(crate) fn new(state: &'a State, now: UnixMillis) -> Self {
        let on_call = state.open_calls().filter_map(|call| call.owner()).collect();
        let mut floor = Self { state, on_call, rung: BTreeMap::new(), now };
        for ring in state.open_calls().filter_map(|call| call.ring()) {
            floor.note_rings(ring.agents.iter().filter(|(_, bell)| bell.rings()).map(|(name, _)| name));
        }
        floor
    }

    /// These ring for one more call: so the next call asks others first.
    pub(crate) fn note_rings<'b>(&mut self, agents: impl IntoIterator<Item = &'b AgentName>) {
        for agent in agents {
            *self.rung.entry(agent.clone()).or_default() += 1;
        }
    }

    /// What has to change about a ring that began at `since`.
    pub(crate) fn plan(&self, since: UnixMillis, ring: &Ring) -> Plan {
        let mut planning = Planning { floor: self, since, ring, plan: Plan::default() };
        planning.silence_the_away();
        match (&ring.prepared, self.state.settings.routing) {
            (Some(prepared), _) => planning.ring_again_for(&prepared.agent),
            (None, Routing::RingAll) => planning.ring_all(),
            (None, Routing::LongestIdle) => planning.ring_longest_idle(),
        }
        planning.give_up();
        planning.plan
    }

    /// Whether no agent but this one could take a call now.
    pub(crate) fn is_only(&self, agent: &AgentName, ring: &Ring) -> bool {
        self.state.agents().all(|(name, other)| {
            let may_come = match other.reach {
                Reach::Attached { .. } => true,
                Reach::Gone { since, .. } => self.now < since.saturating_add(RECONNECT_GRACE_MS),
            };
            let declined = matches!(ring.agents.get(name), Some(Bell::Declined));
            name == agent || !other.available || !may_come || declined
        })
    }

    fn is_free(&self, name: &AgentName, agent: &Agent) -> bool {
        agent.available && !self.on_call.contains(name) && self.state.wrap_up(agent, self.now).is_none()
    }
}

/// Far beyond every deadline.
const ALWAYS: UnixMillis = UnixMillis::MAX;

struct Planning<'a> {
    floor: &'a Floor<'a>,
    since: UnixMillis,
    ring: &'a Ring,
    plan: Plan,
}

impl<'a> Planning<'a> {
    fn bells(&self) -> impl Iterator<Item = (&'a AgentName, Bell, &'a Agent)> + use<'a> {
        let state = self.floor.state;
        self.ring.agents.iter().map(move |(name, bell)| (name, *bell, state.agent(name)))
    }

    fn silence_the_away(&mut self) {
        let away = self.bells().filter(|(_, bell, agent)| bell.rings() && !agent.available);
        self.plan.silence = away.map(|(name, ..)| name.clone()).collect();
    }

    /// Until when a bell can be expected to be answered, if at all.
    fn counts_until(&self, bell: Bell, agent: &Agent) -> Option<UnixMillis> {
        if !agent.available {
            return None;
        }
        let until = match (bell, agent.reach) {
            (Bell::Passed | Bell::Declined, _) => return None,
            (_, Reach::Gone { since, .. }) => since.saturating_add(RECONNECT_GRACE_MS),
            (Bell::Ringing { since }, Reach::Attached { since: attached }) => {
                since.max(attached).saturating_add(SHOWN_WITHIN_MS)
            }
            (Bell::Shown { .. }, Reach::Attached { .. }) => ALWAYS,
        };
        (until > self.floor.now).then_some(until)
    }

    /// Until when nobody else is asked, where one is asked after the other.
    fn turn_until(&self, bell: Bell, agent: &Agent) -> Option<UnixMillis> {
        let counts = self.counts_until(bell, agent)?;
        let turn = match bell {
            Bell::Ringing { since } | Bell::Shown { since, audible: true } => since.saturating_add(TURN_MS),
            Bell::Shown { since, audible: false } => since.saturating_add(SHOWN_WITHIN_MS),
            Bell::Passed | Bell::Declined => return None,
        };
        let until = turn.min(counts);
        (until > self.floor.now).then_some(until)
    }

    fn wake(&mut self, at: UnixMillis) {
        if at > self.floor.now && at < ALWAYS {
            self.plan.next = Some(self.plan.next.map_or(at, |next| next.min(at)));
        }
    }

    /// Everybody who is free, or all who take calls while no free one counts.
    fn ring_all(&mut self) {
        let (mut free_counts, mut free_shows) = (false, false);
        let free = self.bells().filter(|(name, _, agent)| self.floor.is_free(name, agent));
        let counts: Vec<(Bell, UnixMillis)> =
            free.filter_map(|(_, bell, agent)| Some((bell, self.counts_until(bell, agent)?))).collect();
        for (bell, until) in counts {
            free_counts = true;
            free_shows |= matches!(bell, Bell::Shown { .. });
            self.wake(until);
        }
        self.plan.ring = self.silent_agents(true);
        if free_shows {
            let engaged = self.bells().filter(|(name, bell, agent)| {
                bell.rings() && agent.available && !self.floor.is_free(name, agent)
            });
            let engaged: Vec<AgentName> = engaged.map(|(name, ..)| name.clone()).collect();
            self.plan.silence.extend(engaged);
        } else if !free_counts && self.plan.ring.is_empty() {
            self.plan.ring = self.silent_agents(false);
        }
        self.wake_at_ends_of_wrap_up();
    }

    /// Whoever prepared an answer was silenced, and takes calls again: nobody else can take
    /// this one.
    fn ring_again_for(&mut self, agent: &AgentName) {
        if self.could_ring(agent, self.floor.state.agent(agent)) {
            self.plan.ring = vec![agent.clone()];
        }
    }

    /// Whether it could begin to ring for them.
    fn could_ring(&self, name: &AgentName, agent: &Agent) -> bool {
        let rings = matches!(
            self.ring.agents.get(name),
            Some(Bell::Ringing { .. } | Bell::Shown { .. } | Bell::Declined)
        );
        agent.can_ring() && !rings
    }

    /// Those for whom it could begin to ring, the free ones or the others.
    fn silent_agents(&self, free: bool) -> Vec<AgentName> {
        let silent =
            self.floor.state.agents().filter(|(name, agent)| {
                self.could_ring(name, agent) && self.floor.is_free(name, agent) == free
            });
        silent.map(|(name, _)| name.clone()).collect()
    }

    /// One after the other, then all.
    fn ring_longest_idle(&mut self) {
        let all_at = self.since.saturating_add(ALL_RING_AFTER_MS);
        let rings = self.bells().filter(|(_, bell, _)| bell.rings()).count();
        if self.floor.now >= all_at || rings > 1 {
            return self.ring_all();
        }
        self.wake(all_at);
        let free = self.bells().filter(|(name, _, agent)| self.floor.is_free(name, agent));
        let turn = free.filter_map(|(_, bell, agent)| self.turn_until(bell, agent)).max();
        if let Some(until) = turn {
            return self.wake(until);
        }
        let fresh = self.silent_agents(true).into_iter().filter(|name| !self.ring.agents.contains_key(name));
        let next = fresh.min_by_key(|name| {
            // Who has a ring to answer already comes after all who have none.
            let rings = self.floor.rung.get(name).copied().unwrap_or_default();
            (rings, self.floor.state.agent(name).idle_since, name.clone())
        });
        let Some(next) = next else { return self.ring_all() };
        let over = self.bells().filter(|(_, bell, agent)| bell.rings() && agent.available);
        self.plan.pass = over.map(|(name, ..)| name.clone()).collect();
        self.plan.ring = vec![next];
    }

    fn wake_at_ends_of_wrap_up(&mut self) {
        let state = self.floor.state;
        for (name, agent) in state.agents() {
            let rings = self.ring.agents.get(name).is_some_and(|bell| bell.rings());
            if let Some(until) = state.wrap_up(agent, self.floor.now).filter(|_| agent.can_ring() && !rings) {
                self.wake(until);
            }
        }
    }

    /// Whether, and until when, there is hope that somebody answers.
    fn give_up(&mut self) {
        if self.floor.state.settings.when_nobody == WhenNobody::Ring || !self.plan.ring.is_empty() {
            return;
        }
        let declined = self.bells().any(|(_, bell, _)| bell == Bell::Declined);
        let patience = if declined { 0 } else { self.since.saturating_add(NOBODY_AFTER_MS) };
        let until = self.may_come_back().chain(self.may_answer()).fold(patience, UnixMillis::max);
        if until <= self.floor.now {
            self.plan.is_lost = true;
        } else {
            self.wake(until);
        }
    }

    fn may_answer(&self) -> impl Iterator<Item = UnixMillis> {
        self.bells().filter_map(|(_, bell, agent)| self.counts_until(bell, agent))
    }

    /// Agents whose page is away for a moment and for whom it does not ring yet.
    fn may_come_back(&self) -> impl Iterator<Item = UnixMillis> {
        let is_open = self.ring.prepared.is_none();
        self.floor.state.agents().filter_map(move |(name, agent)| {
            match (agent.reach, self.ring.agents.get(name)) {
                (Reach::Gone { since, .. }, None | Some(Bell::Passed)) if agent.available && is_open => {
                    Some(since.saturating_add(RECONNECT_GRACE_MS))
                }
                _ => None,
            }
        })
    }
}
