//! This relay among others that share its journal.

use switchboard::Command;
use switchboard::command::{AgentWish, RelayWish};
use wire::AgentName;

use super::Actor;
use crate::clock;
use crate::desk::error::DeskError;
use crate::desk::outcome::{acted, initiated};
use crate::desk::work::Task;
use crate::journal::JournalError;

impl Actor {
    /// Where several relays share the journal, this one says that it is there. Where there
    /// is only one, the sockets of the one before it are gone.
    pub(super) async fn arrive(&mut self) -> Result<(), DeskError> {
        if self.settings.relay.is_some() {
            let _ = self.ledger.commit(&Command::Relay(RelayWish::Alive), clock::now()).await?;
            return Ok(());
        }
        let attached: Vec<AgentName> = self
            .ledger
            .state()
            .agents()
            .filter(|(_, agent)| agent.is_attached())
            .map(|(name, _)| name.clone())
            .collect();
        for agent in attached {
            let wish = AgentWish::Reachable(false);
            let _ = self.ledger.commit(&Command::Agent { agent, wish }, clock::now()).await?;
        }
        Ok(())
    }

    /// Other relays' facts were folded in. Some of them may be what somebody here waits
    /// for.
    pub(super) fn heard(&mut self, followed: Result<(), JournalError>) {
        if let Err(error) = followed {
            tracing::debug!(%error, "the journal could not be followed");
        }
        self.tell();
        let (acts, dials) = self.waiting.open();
        for (call, task) in acts {
            if !self.busy.contains(&(call.clone(), task))
                && let Some(result) = self.ledger.state().call(&call).and_then(|call| acted(call, task))
            {
                self.waiting.acted(&call, task, &result);
            }
        }
        for call in dials {
            if !self.busy.contains(&(call.clone(), Task::Initiate))
                && let Some(answer) = self.ledger.state().call(&call).and_then(initiated)
            {
                self.waiting.dialed(&call, &answer);
            }
        }
    }
}
