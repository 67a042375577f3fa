//! Who waits for the upstream's answer.

use std::collections::HashMap;

use vobiz::rest::InitiateResponse;
use wire::{CallId, Problem};

use super::request::{ActReply, DialReply};
use super::work::Task;

/// Everybody who waits, by what they wait for.
#[derive(Default)]
pub(super) struct Waiting {
    acts: HashMap<(CallId, Task), Vec<ActReply>>,
    dials: HashMap<CallId, Vec<DialReply>>,
}

impl Waiting {
    /// Waits for an action's task.
    pub(super) fn act(&mut self, call: CallId, task: Task, reply: ActReply) {
        self.acts.entry((call, task)).or_default().push(reply);
    }

    /// Waits for an initiate.
    pub(super) fn dial(&mut self, call: CallId, reply: DialReply) {
        self.dials.entry(call).or_default().push(reply);
    }

    /// Answers those who wait for an action. Who has gone is not missed.
    pub(super) fn acted(&mut self, call: &CallId, task: Task, result: &Result<(), Problem>) {
        for reply in self.acts.remove(&(call.clone(), task)).unwrap_or_default() {
            let _ = reply.send(result.clone());
        }
    }

    /// What is waited for.
    pub(super) fn open(&self) -> (Vec<(CallId, Task)>, Vec<CallId>) {
        (self.acts.keys().cloned().collect(), self.dials.keys().cloned().collect())
    }

    /// Answers those who wait for an initiate.
    pub(super) fn dialed(&mut self, call: &CallId, result: &Result<InitiateResponse, Problem>) {
        for reply in self.dials.remove(call).unwrap_or_default() {
            let _ = reply.send(result.clone());
        }
    }
}
