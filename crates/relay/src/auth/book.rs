//! The book of sessions: which there are, and which were ended before their time.
//!
//! A session is valid by its seal alone, so a relay that never heard of one takes it all
//! the same; the book only says which are over, and shows an agent their own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use vobiz::Uuid;
use wire::{AgentName, UnixMillis};

use super::store::{Kept, Known, SessionStore, StoreError};

/// Sessions that are remembered for each agent, ended ones included. Beyond it the
/// older half is ended for good by one line of the book, so that signing in and out all
/// day costs no memory.
const MAX_PER_AGENT: usize = 200;

/// The sessions of all agents.
pub(super) struct Book {
    store: Arc<dyn SessionStore>,
    pages: Mutex<HashMap<AgentName, Page>>,
}

/// One agent's sessions.
#[derive(Debug, Default)]
struct Page {
    sessions: HashMap<Uuid, Known>,
    /// Whatever began by then is over.
    ended_by: UnixMillis,
    /// Until when that matters.
    until: UnixMillis,
}

impl Book {
    /// Reads the store.
    pub(super) async fn open(store: Arc<dyn SessionStore>, now: UnixMillis) -> Result<Self, StoreError> {
        let kept = store.load(now).await?;
        let book = Self { store, pages: Mutex::default() };
        kept.iter().for_each(|kept| book.note(kept));
        Ok(book)
    }

    /// Takes in what other relays have kept.
    pub(super) async fn refresh(&self, now: UnixMillis) -> Result<(), StoreError> {
        self.store.news(now).await?.iter().for_each(|kept| self.note(kept));
        Ok(())
    }

    /// Keeps a session, new or renewed.
    pub(super) async fn keep(&self, session: Known, now: UnixMillis) -> Result<(), StoreError> {
        let overfull = {
            let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            pages.entry(session.agent.clone()).or_default().make_room(&session, now)
        };
        if let Some((by, until)) = overfull {
            self.put(Kept::Ended { agent: session.agent.clone(), by, until }, now).await?;
        }
        self.put(Kept::Session(session), now).await
    }

    /// Ends one session of an agent. Whether there is such a one; it is over here at once,
    /// even if it can't be kept.
    pub(super) async fn end(&self, agent: &AgentName, id: Uuid, now: UnixMillis) -> Result<bool, StoreError> {
        let found = {
            let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            pages.get(agent).and_then(|page| page.sessions.get(&id)).cloned()
        };
        match found {
            Some(session) => {
                self.put(Kept::Session(Known { is_over: true, ..session }), now).await.map(|()| true)
            }
            None => Ok(false),
        }
    }

    /// Ends all sessions of an agent that began by now.
    pub(super) async fn end_all(
        &self,
        agent: &AgentName,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.put(Kept::Ended { agent: agent.clone(), by: now, until }, now).await
    }

    /// Whether a session was ended before its time.
    pub(super) fn is_over(&self, agent: &AgentName, id: Uuid, since: UnixMillis) -> bool {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(agent).is_some_and(|page| {
            since <= page.ended_by || page.sessions.get(&id).is_some_and(|session| session.is_over)
        })
    }

    /// The sessions of an agent that are not over, the newest first.
    pub(super) fn of(&self, agent: &AgentName, now: UnixMillis) -> Vec<Known> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sessions: Vec<Known> = pages.get(agent).map_or_else(Vec::new, |page| {
            let live =
                |session: &&Known| !session.is_over && session.since > page.ended_by && session.until > now;
            page.sessions.values().filter(live).cloned().collect()
        });
        sessions.sort_by_key(|session| std::cmp::Reverse((session.since, session.id)));
        sessions
    }

    async fn put(&self, kept: Kept, now: UnixMillis) -> Result<(), StoreError> {
        self.note(&kept);
        self.store.put(kept, now).await
    }

    fn note(&self, kept: &Kept) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        match kept {
            Kept::Session(session) => {
                let page = pages.entry(session.agent.clone()).or_default();
                let was_over = page.sessions.get(&session.id).is_some_and(|known| known.is_over);
                // Over stays over, whatever arrives late.
                let session = Known { is_over: session.is_over || was_over, ..session.clone() };
                page.sessions.insert(session.id, session);
            }
            Kept::Ended { agent, by, until } => pages.entry(agent.clone()).or_default().end_by(*by, *until),
        }
    }
}

impl Page {
    fn end_by(&mut self, by: UnixMillis, until: UnixMillis) {
        self.ended_by = self.ended_by.max(by);
        self.until = self.until.max(until);
        self.sessions.retain(|_, session| session.since > self.ended_by);
    }

    /// Makes room for a session: what has run out goes; if that is not enough, says by
    /// when sessions have to have begun to be ended, and until when that matters.
    fn make_room(&mut self, new: &Known, now: UnixMillis) -> Option<(UnixMillis, UnixMillis)> {
        if self.sessions.len() < MAX_PER_AGENT || self.sessions.contains_key(&new.id) {
            return None;
        }
        self.sessions.retain(|_, session| session.until > now);
        if self.sessions.len() < MAX_PER_AGENT {
            return None;
        }
        let mut begun: Vec<UnixMillis> = self.sessions.values().map(|session| session.since).collect();
        begun.sort_unstable();
        // Never the new one itself.
        let by = begun.get(MAX_PER_AGENT / 2).copied()?.min(new.since.saturating_sub(1));
        Some((by, new.until))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::sync::Arc;

    use tempfile::TempDir;
    use vobiz::Uuid;

    use super::{
        super::store::{Known, SessionStore, SqliteSessions},
        Book, MAX_PER_AGENT,
    };

    const DAY: u64 = 86_400_000;

    async fn book(folder: &TempDir) -> Book {
        let store = SqliteSessions::open(folder.path().join("sessions.db")).await.unwrap();
        Book::open(Arc::new(store), 1).await.unwrap()
    }

    fn session(number: u128, since: u64) -> Known {
        Known {
            id: Uuid::from_u128(number),
            agent: "asha".into(),
            since,
            seen: since,
            until: since + DAY,
            device: None,
            address: None,
            is_over: false,
        }
    }

    #[tokio::test]
    async fn what_was_ended_stays_ended_over_a_restart() {
        let folder = TempDir::new().unwrap();
        let agent = "asha".into();
        let first = book(&folder).await;
        for (number, since) in [(1, 10), (2, 20), (3, 30)] {
            first.keep(session(number, since), since).await.unwrap();
        }
        assert!(first.end(&agent, Uuid::from_u128(2), 40).await.unwrap());
        assert!(!first.end(&agent, Uuid::from_u128(9), 40).await.unwrap());
        assert!(!first.end(&"ben".into(), Uuid::from_u128(1), 40).await.unwrap(), "not his");
        drop(first);

        let second = book(&folder).await;
        assert!(second.is_over(&agent, Uuid::from_u128(2), 20));
        assert_eq!(second.of(&agent, 50), [session(3, 30), session(1, 10)]);
        // A renewal that arrives late does not bring it back.
        second.keep(session(2, 20), 50).await.unwrap();
        assert!(second.is_over(&agent, Uuid::from_u128(2), 20));

        second.end_all(&agent, 60 + DAY, 60).await.unwrap();
        drop(second);
        let third = book(&folder).await;
        assert_eq!(third.of(&agent, 70), []);
        // Also for a session that no book has ever heard of.
        assert!(third.is_over(&agent, Uuid::from_u128(99), 60));
        assert!(!third.is_over(&agent, Uuid::from_u128(99), 61));
        assert!(!third.is_over(&"ben".into(), Uuid::from_u128(99), 60));
    }

    #[tokio::test]
    async fn signing_in_all_day_costs_no_memory() {
        let folder = TempDir::new().unwrap();
        let book = book(&folder).await;
        let agent = "asha".into();
        for number in 1..=2 * MAX_PER_AGENT as u64 + 50 {
            book.keep(session(number.into(), number), number).await.unwrap();
        }
        assert!(book.of(&agent, 1_000).len() <= MAX_PER_AGENT);
        assert!(book.is_over(&agent, Uuid::from_u128(1), 1));
        let newest = u128::from(2 * MAX_PER_AGENT as u64 + 50);
        assert!(!book.is_over(&agent, Uuid::from_u128(newest), 450));
    }

    #[tokio::test]
    async fn what_has_run_out_is_not_kept() {
        let folder = TempDir::new().unwrap();
        let store = SqliteSessions::open(folder.path().join("sessions.db")).await.unwrap();
        let book = Book::open(Arc::new(store.clone()), 1).await.unwrap();
        book.keep(session(1, 10), 10).await.unwrap();
        assert_eq!(store.load(11).await.unwrap().len(), 1);
        book.keep(session(2, 10 + 2 * DAY), 10 + 2 * DAY).await.unwrap();
        assert_eq!(store.load(0).await.unwrap().len(), 1, "the first is gone from the disk, too");
    }
}
