//! Where sessions are kept, so that one that was ended stays ended: over a restart, and
//! at every relay that shares the store.
//!
//! The journal is not that place: it keeps what happened to calls for weeks, while a
//! session is of no interest any more once its cookie has run out.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use tokio::task;
use vobiz::Uuid;
use wire::{AgentName, UnixMillis};

/// One thing that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kept {
    /// A session.
    Session(Known),
    /// All sessions of an agent that began by then are over.
    Ended {
        /// Whose.
        agent: AgentName,
        /// Began by then.
        by: UnixMillis,
        /// When the last of them would have ended anyway.
        until: UnixMillis,
    },
}

/// What is known of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Its name.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) agent: AgentName,
    /// When it began.
    pub(crate) since: UnixMillis,
    /// When it was renewed last.
    pub(crate) seen: UnixMillis,
    /// When it ends whatever happens.
    pub(crate) until: UnixMillis,
    /// What the browser calls itself, shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<String>,
    /// Where it began from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// Ended before its time.
    #[serde(default)]
    pub(crate) is_over: bool,
}

impl Kept {
    /// The name that it is kept by: what is kept under it later takes its place.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Session(session) => format!("session/{}", session.id),
            Self::Ended { agent, .. } => format!("ended/{}", agent.as_str()),
        }
    }

    /// When it is of no interest any more.
    pub(super) fn until(&self) -> UnixMillis {
        match self {
            Self::Session(session) => session.until,
            Self::Ended { until, .. } => *until,
        }
    }
}

/// The store can't do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sessions can't be kept: {0}")]
pub struct StoreError(pub(crate) String);

/// What a store's request ends with, some time later.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Keeps sessions.
pub(crate) trait SessionStore: Send + Sync + 'static {
    /// Everything that is of interest now.
    fn load(&self, now: UnixMillis) -> Answer<'_, Vec<Kept>>;

    /// What other relays have kept since this was asked last, or since the load.
    fn news(&self, _now: UnixMillis) -> Answer<'_, Vec<Kept>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Keeps something in place of what had the same name. **Durable when it returns.**
    /// What is of no interest any more at `now` may be forgotten.
    fn put(&self, kept: Kept, now: UnixMillis) -> Answer<'_, ()>;
}

/// In a SQLite file beside the journal: one machine, one relay.
#[derive(Debug, Clone)]
pub(crate) struct SqliteSessions {
    connection: Arc<Mutex<Connection>>,
}

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS kept (
        key   TEXT    PRIMARY KEY,
        until INTEGER NOT NULL,
        value TEXT    NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS kept_until ON kept (until);
";
/// How long an open waits for a process that is just ending.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);

impl SqliteSessions {
    /// The file for the sessions of a relay with this journal.
    pub(crate) fn beside(journal: &Path) -> PathBuf {
        journal.with_extension("sessions.db")
    }

    /// Opens the file, and makes it where there is none.
    pub(crate) async fn open(path: PathBuf) -> Result<Self, StoreError> {
        let opened = task::spawn_blocking(move || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "full")?;
            connection.execute_batch(SCHEMA)?;
            Ok(connection)
        });
        let connection = Arc::new(Mutex::new(flat(opened.await)?));
        Ok(Self { connection })
    }

    async fn ask<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = self.connection.clone();
        flat(
            task::spawn_blocking(move || act(&connection.lock().unwrap_or_else(PoisonError::into_inner)))
                .await,
        )
    }
}

fn flat<T>(done: Result<rusqlite::Result<T>, task::JoinError>) -> Result<T, StoreError> {
    done.map_err(|error| StoreError(error.to_string()))?.map_err(|error| StoreError(error.to_string()))
}

impl SessionStore for SqliteSessions {
    fn load(&self, now: UnixMillis) -> Answer<'_, Vec<Kept>> {
        Box::pin(async move {
            let texts: Vec<String> = self
                .ask(move |connection| {
                    let mut query = connection.prepare("SELECT value FROM kept WHERE until > ?1")?;
                    query.query_map(params![signed(now)], |row| row.get(0))?.collect()
                })
                .await?;
            // A newer relay's kinds are not for this one.
            Ok(texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
        })
    }

    fn put(&self, kept: Kept, now: UnixMillis) -> Answer<'_, ()> {
        Box::pin(async move {
            let value = serde_json::to_string(&kept).map_err(|error| StoreError(error.to_string()))?;
            self.ask(move |connection| {
                connection.execute("DELETE FROM kept WHERE until <= ?1", params![signed(now)])?;
                connection.execute(
                    "INSERT OR REPLACE INTO kept (key, until, value) VALUES (?1, ?2, ?3)",
                    params![kept.key(), signed(kept.until()), value],
                )?;
                Ok(())
            })
            .await
        })
    }
}

/// SQLite's integers are signed; no real time is beyond them.
fn signed(at: UnixMillis) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
