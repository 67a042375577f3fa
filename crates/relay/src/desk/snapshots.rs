//! Snapshots of the state, kept in the journal so that a start need not read all of it.
//!
//! A snapshot is a short cut and nothing else: one that is missing, of another version, of
//! another journal or otherwise of no use is left aside, and all records are read.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use switchboard::{STATE_VERSION, State};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, timeout};
use wire::UnixMillis;

use super::ledger::Ledger;
use crate::journal::{Journal, JournalError, Position};

/// Records after which a snapshot is kept, and so about the most that a start has to read.
/// They are read in less than a tenth of a second; with fifty agents it is some 160 calls,
/// so that even at the busiest there are minutes between two snapshots of a few MB.
pub const SNAPSHOT_EVERY: u64 = 10_000;

/// How long an orderly end waits for its snapshot. Without it the next start reads more.
const CLOSES_WITHIN: Duration = Duration::from_secs(3);

/// Why a snapshot is of no use.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Useless {
    /// It is of another version.
    #[error("it has version {found}; this relay knows {STATE_VERSION}")]
    Version {
        /// Its version.
        found: u32,
    },
    /// It is of a journal with other positions.
    #[error("it belongs to another journal")]
    Epoch,
    /// The journal's newest record is older.
    #[error("it stands at {position}, past the newest record ({newest})")]
    Ahead {
        /// Where it stands.
        position: Position,
        /// Where the newest record stands.
        newest: Position,
    },
    /// The journal has lost records and has others in their places.
    #[error("another record than its last stands at {position}")]
    Rewritten {
        /// Where it stands.
        position: Position,
    },
    /// It can't be understood.
    #[error("it can't be read")]
    Unreadable,
    /// The journal does not give it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What a snapshot begins with: one line. The state follows.
#[derive(Serialize, Deserialize)]
struct Head {
    version: u32,
    epoch: String,
    /// When the last record was decided that it is made of. A server that lost its newest
    /// records gives their positions to others.
    at: UnixMillis,
}

/// The state as of a position.
pub(super) struct Snapshot {
    /// Where its last record stands.
    pub(super) position: Position,
    /// When that was decided.
    pub(super) at: UnixMillis,
    pub(super) state: State,
}

impl Snapshot {
    /// The snapshot that the journal has, if any.
    pub(super) async fn read(journal: &dyn Journal) -> Result<Option<Self>, Useless> {
        let Some((position, bytes)) = journal.snapshot().await? else { return Ok(None) };
        let (at, state) = decoded(&bytes, journal.epoch())?;
        let newest = journal.newest().await?;
        if position > newest {
            return Err(Useless::Ahead { position, newest });
        }
        // It may be forgotten by now; then nothing can be said against the snapshot.
        let last = journal.read(position.saturating_sub(1), 1).await?.pop();
        if last.is_some_and(|last| last.position == position && last.at != at) {
            return Err(Useless::Rewritten { position });
        }
        Ok(Some(Self { position, at, state }))
    }

    /// Keeps it. A failure is told, and overcome by the next one.
    async fn keep(self, journal: Arc<dyn Journal>) {
        let begun = Instant::now();
        let position = self.position;
        let epoch = journal.epoch().to_owned();
        let kept = match spawn_blocking(move || encoded(self.at, &self.state, epoch)).await {
            Ok(Ok(bytes)) => {
                let size = bytes.len();
                journal.keep_snapshot(position, bytes).await.map(|()| size)
            }
            Ok(Err(error)) => Err(JournalError::Failed(error.to_string())),
            Err(error) => Err(JournalError::Failed(error.to_string())),
        };
        match kept {
            Ok(bytes) => {
                tracing::debug!(position, bytes, took_ms = millis(begun), "snapshot kept");
            }
            Err(error) => {
                tracing::warn!(position, %error, "no snapshot could be kept; a start has to read more");
            }
        }
    }
}

fn encoded(at: UnixMillis, state: &State, epoch: String) -> serde_json::Result<Bytes> {
    let mut bytes = serde_json::to_vec(&Head { version: STATE_VERSION, epoch, at })?;
    bytes.push(b'\n');
    serde_json::to_writer(&mut bytes, state)?;
    Ok(bytes.into())
}

fn decoded(bytes: &[u8], epoch: &str) -> Result<(UnixMillis, State), Useless> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Useless::Unreadable)?;
    let (head, state) = bytes.split_at(end);
    let head: Head = serde_json::from_slice(head).map_err(|_| Useless::Unreadable)?;
    if head.version != STATE_VERSION {
        return Err(Useless::Version { found: head.version });
    }
    if head.epoch != epoch {
        return Err(Useless::Epoch);
    }
    let state = serde_json::from_slice(state).map_err(|_| Useless::Unreadable)?;
    Ok((head.at, state))
}

/// Milliseconds since then, for logs.
pub(super) fn millis(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Keeps snapshots, one at a time. The desk only gives a copy of its state.
pub(super) struct Snapshots {
    journal: Arc<dyn Journal>,
    /// Records after which there is one.
    every: u64,
    keeping: JoinSet<()>,
}

impl Snapshots {
    /// Keeps one after `every` records.
    pub(super) fn new(journal: Arc<dyn Journal>, every: u64) -> Self {
        Self { journal, every, keeping: JoinSet::new() }
    }

    /// Begins to keep one when there was enough since the last.
    pub(super) fn keep_if_due(&mut self, ledger: &mut Ledger) {
        while self.keeping.try_join_next().is_some() {}
        if self.keeping.is_empty() && ledger.unsaved() >= self.every {
            self.keep(ledger);
        }
    }

    /// Begins to keep one.
    pub(super) fn keep(&mut self, ledger: &mut Ledger) {
        self.keeping.spawn(ledger.save().keep(self.journal.clone()));
    }

    /// Keeps a last one, unless there is nothing new. What takes too long is let go.
    pub(super) async fn close(&mut self, ledger: &mut Ledger) {
        let kept = async {
            while self.keeping.join_next().await.is_some() {}
            if ledger.unsaved() > 0 {
                self.keep(ledger);
            }
            while self.keeping.join_next().await.is_some() {}
        };
        if timeout(CLOSES_WITHIN, kept).await.is_err() {
            tracing::warn!("the last snapshot took too long; the next start has to read more");
        }
        self.keeping.shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use switchboard::{STATE_VERSION, Settings, State};

    use super::{Useless, decoded, encoded};

    #[test]
    fn what_is_of_no_use_is_told_apart() {
        let state = State::new(Settings::default());
        let bytes = encoded(7, &state, "here".into()).unwrap();
        assert_eq!(decoded(&bytes, "here"), Ok((7, state)));
        assert_eq!(decoded(&bytes, "there"), Err(Useless::Epoch));
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let next = STATE_VERSION + 1;
        let newer = text.replace(&format!("\"version\":{STATE_VERSION}"), &format!("\"version\":{next}"));
        assert_eq!(decoded(newer.as_bytes(), "here"), Err(Useless::Version { found: next }));
        for broken in ["", "\n", "{}", "{}\n{}", &text.replace("calls", "called"), &text[..text.len() - 1]] {
            assert_eq!(decoded(broken.as_bytes(), "here"), Err(Useless::Unreadable), "{broken}");
        }
    }
}
