//! Sessions that several relays share.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use wire::UnixMillis;

use super::store::{Answer, Kept, SessionStore, StoreError};
use crate::journal::{JournalError, NatsJournal, nats::Shelf};

/// Name of the shelf.
const SHELF: &str = "SESSIONS";

/// On the journal's NATS server.
#[derive(Debug)]
pub(crate) struct NatsSessions {
    shelf: Shelf,
    /// How far it is read.
    read: AtomicU64,
}

impl NatsSessions {
    /// Opens the shelf, on which a session stays for `keep`.
    pub(crate) async fn open(journal: &NatsJournal, keep: Duration) -> Result<Self, StoreError> {
        let shelf = journal.shelf(SHELF, keep).await.map_err(failure)?;
        Ok(Self { shelf, read: AtomicU64::new(0) })
    }

    async fn read_on(&self, now: UnixMillis) -> Result<Vec<Kept>, StoreError> {
        let values = self.shelf.after(self.read.load(Ordering::Relaxed)).await.map_err(failure)?;
        if let Some((place, _)) = values.last() {
            self.read.fetch_max(*place, Ordering::Relaxed);
        }
        let kept = values.iter().filter_map(|(_, value)| serde_json::from_slice::<Kept>(value).ok());
        Ok(kept.filter(|kept| kept.until() > now).collect())
    }
}

impl SessionStore for NatsSessions {
    fn load(&self, now: UnixMillis) -> Answer<'_, Vec<Kept>> {
        Box::pin(self.read_on(now))
    }

    fn news(&self, now: UnixMillis) -> Answer<'_, Vec<Kept>> {
        Box::pin(self.read_on(now))
    }

    fn put(&self, kept: Kept, _: UnixMillis) -> Answer<'_, ()> {
        Box::pin(async move {
            // That a session is over has a name of its own: a relay that has not heard of
            // it and renews the session must not undo it.
            let name = match &kept {
                Kept::Session(session) if session.is_over => format!("over/{}", session.id),
                Kept::Session(_) | Kept::Ended { .. } => kept.key(),
            };
            let value = serde_json::to_vec(&kept).map_err(|error| StoreError(error.to_string()))?;
            self.shelf.put(&name, value).await.map_err(failure)
        })
    }
}

fn failure(error: JournalError) -> StoreError {
    StoreError(error.to_string())
}
