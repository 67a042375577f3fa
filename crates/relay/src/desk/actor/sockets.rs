//! Sockets that come and go.

use switchboard::command::AgentWish;
use switchboard::{Command, snapshot};
use tokio::time::Instant;
use wire::{AgentName, CallEvent, Downlink};

use super::Actor;
use crate::clock;
use crate::desk::attach::{Attachment, Guard, Resume};
use crate::desk::ledger::Told;

impl Actor {
    /// A socket comes: what its page has to be sent first, and the place.
    pub(super) fn attach(&mut self, agent: &AgentName, resume: Option<&Resume>) -> Attachment {
        let state = self.ledger.state();
        let (now, available) = (clock::now(), state.agent(agent).available);
        let missed = resume.and_then(|resume| {
            self.push.missed(agent, resume, &self.epoch, self.ledger.numbering(), self.ledger.newest())
        });
        let mut first: Vec<Downlink> = match missed {
            Some(missed) => std::iter::once(Downlink::Resumed { now, available }).chain(missed).collect(),
            None => vec![Downlink::Snapshot {
                seq: self.ledger.newest(),
                now,
                available,
                calls: snapshot(state, agent, now),
            }],
        };
        if let Some(until) = state.wrap_up(state.agent(agent), now) {
            first.push(Downlink::WrapUp { until });
        }
        let (socket, live) = self.push.add(agent);
        Attachment { first, live, guard: Guard::new(self.tools.desk.clone(), agent.clone(), socket) }
    }

    /// Tells the sockets what has happened.
    pub(super) fn tell(&mut self) {
        for told in self.ledger.take_told() {
            match told {
                Told::Event { agent, seq, at, call, event } => {
                    if matches!(event, CallEvent::Ringing { .. }) && self.push.reaches(&agent) {
                        self.warm.up(&self.tools.upstream, Instant::now());
                    }
                    self.push.event(agent, seq, at, call, event);
                }
                Told::Presence { agent, available } => {
                    self.push.send(&agent, &Downlink::Presence { available });
                }
                Told::WrapUp { agent, until } => self.push.send(&agent, &Downlink::WrapUp { until }),
                Told::SeatsLost => self.seats_lost = true,
            }
        }
    }

    /// Makes the state say whether the agent has a socket.
    pub(super) async fn note_reach(&mut self, agent: AgentName, excused: bool) {
        let reachable = self.push.reaches(&agent);
        let wish = if excused && !reachable { AgentWish::Excused } else { AgentWish::Reachable(reachable) };
        self.record(Command::Agent { agent, wish }, None).await;
    }
}
