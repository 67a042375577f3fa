//! A start: from the snapshot, if there is one of use, and the records after it.

use tokio::time::Instant;

use super::Actor;
use crate::desk::error::DeskError;
use crate::desk::snapshots::millis;

impl Actor {
    /// Reads the journal and begins to follow it. `pruned` is for the log.
    pub(super) async fn start_up(&mut self, pruned: u64) -> Result<(), DeskError> {
        let begun = Instant::now();
        let restored = self.ledger.restore().await;
        let from = *restored.as_ref().unwrap_or(&0);
        // What was told before is not known here: who missed some of it is told all anew.
        self.push.begin_after(self.ledger.newest());
        while self.ledger.read_on().await? {
            self.tell();
        }
        let replayed = self.ledger.unsaved();
        self.ledger.follow();
        self.arrive().await?;
        self.tell();
        match restored {
            Ok(_) => self.snapshots.keep_if_due(&mut self.ledger),
            Err(error) => {
                tracing::warn!(%error, "the journal's snapshot is of no use; all records were read");
                self.snapshots.keep(&mut self.ledger);
            }
        }
        let open_calls = self.ledger.state().open_calls().count();
        let took_ms = millis(begun);
        tracing::info!(pruned, from, replayed, open_calls, took_ms, "journal replayed");
        Ok(())
    }
}
