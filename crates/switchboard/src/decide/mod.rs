//! What happens, or why nothing does. One file for each sender of commands.

mod agent;
mod clock;
mod upstream;
mod webhook;

use wire::{CallId, UnixMillis};

use crate::command::{Command, RelayWish};
use crate::fact::{CallFact, Fact, RelayFact};
use crate::refusal::Refusal;
use crate::settings::LEASE_MS;
use crate::state::State;

/// Most calls whose facts one [`Command::Clock`] yields. A longer list is worked off by
/// the next ones, so that no decision blocks others for long.
pub(crate) const CLOCK_BATCH: usize = 256;

/// What happens on a command, as facts. An empty list means: it is so already.
///
/// The facts of an agent's, a webhook's or an upstream command all concern one call or
/// one agent; those of [`Command::Clock`] may concern several calls and relays, and each
/// one's are complete by themselves.
///
/// # Errors
///
/// Why nothing happens, with what the asker should know.
pub fn decide(state: &State, command: Command, now: UnixMillis) -> Result<Vec<Fact>, Refusal> {
    let facts = match command {
        Command::Agent { agent, wish } => agent::decide(state, agent, wish, now)?,
        Command::Webhook { event, signal } => webhook::decide(state, event, signal, now)?,
        Command::Upstream { call, news } => upstream::decide(state, call, news, now)?,
        Command::Relay(wish) => relay(state, wish, now),
        Command::Clock => clock::decide(state, now),
    };
    Ok(with_workers(state, facts))
}

fn relay(state: &State, wish: RelayWish, now: UnixMillis) -> Vec<Fact> {
    let Some(me) = state.settings.relay.clone() else { return Vec::new() };
    let what = match wish {
        RelayWish::Alive => RelayFact::Alive { until: now.saturating_add(LEASE_MS) },
        RelayWish::Leaving if state.relays.contains_key(&me) => RelayFact::Gone,
        RelayWish::Leaving => return Vec::new(),
    };
    vec![Fact::Relay { relay: me, what }]
}

/// What a decision causes upstream is done by the relay that decided: so it is done
/// once, and by the one that knows who waits for it.
fn with_workers(state: &State, facts: Vec<Fact>) -> Vec<Fact> {
    let Some(me) = &state.settings.relay else { return facts };
    let mut with = Vec::with_capacity(facts.len());
    for fact in facts {
        let work = match &fact {
            Fact::Call { call, what } if causes_work(what) => Some(call.clone()),
            Fact::Call { .. } | Fact::Agent { .. } | Fact::Relay { .. } => None,
        };
        with.push(fact);
        if let Some(call) = work
            && state.call(&call).and_then(|call| call.worker.as_ref()) != Some(me)
        {
            with.push(Fact::Call { call, what: CallFact::TakenUp { relay: me.clone() } });
        }
    }
    with
}

fn causes_work(what: &CallFact) -> bool {
    match what {
        CallFact::Claimed { .. }
        | CallFact::Prepared { .. }
        | CallFact::Dialed { .. }
        | CallFact::Ended { due: Some(_), .. } => true,
        CallFact::Heard { .. }
        | CallFact::Offered { .. }
        | CallFact::Rang { .. }
        | CallFact::RingShown { .. }
        | CallFact::Silenced { .. }
        | CallFact::Passed { .. }
        | CallFact::Declined { .. }
        | CallFact::PrepareFailed
        | CallFact::AnswerDelivered
        | CallFact::UpstreamAccepted
        | CallFact::AcceptRefused { .. }
        | CallFact::Initiated { .. }
        | CallFact::InitiateUncertain
        | CallFact::InitiateRefused
        | CallFact::InitiateGivenUp
        | CallFact::Linked { .. }
        | CallFact::AnswerReceived { .. }
        | CallFact::LookedUp
        | CallFact::FoundLive
        | CallFact::FarEndRang
        | CallFact::Answered
        | CallFact::TakenUp { .. }
        | CallFact::Ended { due: None, .. }
        | CallFact::EndExplained { .. }
        | CallFact::Reported { .. }
        | CallFact::Settled { .. } => false,
    }
}

/// Facts of one call.
fn of_call(call: &CallId, facts: impl IntoIterator<Item = CallFact>) -> Vec<Fact> {
    facts.into_iter().map(|what| Fact::Call { call: call.clone(), what }).collect()
}
