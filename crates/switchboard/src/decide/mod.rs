//! What happens, or why nothing does. One file for each sender of commands.

mod agent;
mod clock;
mod upstream;
mod webhook;

use wire::{CallId, UnixMillis};

use crate::command::Command;
use crate::fact::{CallFact, Fact};
use crate::refusal::Refusal;
use crate::state::State;

/// Most calls whose facts one [`Command::Clock`] yields. A longer list is worked off by
/// the next ones, so that no decision blocks others for long.
pub(crate) const CLOCK_BATCH: usize = 256;

/// What happens on a command, as facts. An empty list means: it is so already.
///
/// The facts of an agent's, a webhook's or an upstream command all concern one call or
/// one agent; those of [`Command::Clock`] may concern several calls, and each call's are
/// complete by themselves.
///
/// # Errors
///
/// Why nothing happens, with what the asker should know.
pub fn decide(state: &State, command: Command, now: UnixMillis) -> Result<Vec<Fact>, Refusal> {
    match command {
        Command::Agent { agent, wish } => agent::decide(state, agent, wish, now),
        Command::Webhook { event, signal } => webhook::decide(state, event, signal, now),
        Command::Upstream { call, news } => upstream::decide(state, call, news),
        Command::Clock => Ok(clock::decide(state, now)),
    }
}

/// Facts of one call.
fn of_call(call: &CallId, facts: impl IntoIterator<Item = CallFact>) -> Vec<Fact> {
    facts.into_iter().map(|what| Fact::Call { call: call.clone(), what }).collect()
}
