//! The journal in a SQLite file: one machine, one relay.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};
use switchboard::Fact;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time;
use uuid::Uuid;
use wire::UnixMillis;

use super::{
    AGENT_PREFIX, Answer, Appended, Following, Journal, JournalError, Position, Record, Stream, check_size,
    check_snapshot,
};

/// Version of the tables. A relay reads older ones by migrating them and refuses newer.
const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// What makes the tables of each version of those before, from no tables to
/// [`SCHEMA_VERSION`].
const MIGRATIONS: [&str; 2] = [RECORDS, QUICK_START];

/// `AUTOINCREMENT` keeps a position from being given twice, even after pruning.
const RECORDS: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE record (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        stream   TEXT    NOT NULL,
        at       INTEGER NOT NULL,
        facts    TEXT    NOT NULL
    ) STRICT;
    CREATE INDEX record_stream ON record (stream, position);
";

/// What keeps a start short, however long the journal is: a snapshot (one row at most), and
/// a way to what is old that does not lead past everything.
const QUICK_START: &str = "
    CREATE TABLE snapshot (
        one      INTEGER PRIMARY KEY CHECK (one = 1),
        position INTEGER NOT NULL,
        state    BLOB    NOT NULL
    ) STRICT;
    CREATE INDEX record_at ON record (at);
";

/// How long an open waits for a process that is just ending.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);

/// Most requests that wait for the writer. Who comes later waits to be let in.
const QUEUE: usize = 256;

/// Records that a follower reads at once.
const FOLLOW_BATCH: usize = 256;

/// Pause of a follower after a failure.
const FOLLOW_PAUSE: Duration = Duration::from_millis(500);

/// A journal in a SQLite file. One thread writes; what it has answered is on the disk
/// (write-ahead log, `synchronous=FULL`). The file is locked for as long as it is open.
#[derive(Debug)]
pub struct SqliteJournal {
    jobs: mpsc::Sender<Job>,
    epoch: String,
    /// Where the newest record stands, as far as one was kept since the start.
    kept: watch::Sender<Position>,
}

enum Job {
    Append {
        stream: String,
        expected: Option<Position>,
        at: UnixMillis,
        facts: String,
        reply: oneshot::Sender<Result<Appended, JournalError>>,
    },
    Read {
        after: Position,
        limit: usize,
        reply: oneshot::Sender<Result<Vec<Record>, JournalError>>,
    },
    Newest {
        reply: oneshot::Sender<Result<Position, JournalError>>,
    },
    Prune {
        before: UnixMillis,
        reply: oneshot::Sender<Result<u64, JournalError>>,
    },
    Check {
        reply: oneshot::Sender<Result<(), JournalError>>,
    },
    KeepSnapshot {
        position: Position,
        snapshot: Bytes,
        reply: oneshot::Sender<Result<(), JournalError>>,
    },
    Snapshot {
        reply: oneshot::Sender<Result<Option<(Position, Bytes)>, JournalError>>,
    },
}

impl SqliteJournal {
    /// Opens the journal at `path`, and makes it where there is none.
    ///
    /// # Errors
    ///
    /// When the file can't be opened, is in use, or was written by a newer relay.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, JournalError> {
        let path = path.into();
        let (opened, opening) = oneshot::channel();
        let (jobs, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || run(&path, opened, queue))
            .map_err(|error| JournalError::Open(error.to_string()))?;
        let epoch = opening.await.map_err(|_| JournalError::Closed)??;
        Ok(Self { jobs, epoch, kept: watch::Sender::new(0) })
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> Job,
    ) -> Result<T, JournalError> {
        ask(&self.jobs, job).await
    }
}

async fn ask<T>(
    jobs: &mpsc::Sender<Job>,
    job: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> Job,
) -> Result<T, JournalError> {
    let (reply, answer) = oneshot::channel();
    jobs.send(job(reply)).await.map_err(|_| JournalError::Closed)?;
    answer.await.map_err(|_| JournalError::Closed)?
}

impl Journal for SqliteJournal {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn append<'a>(
        &'a self,
        stream: &'a Stream,
        expected: Option<Position>,
        at: UnixMillis,
        facts: &'a [Fact],
    ) -> Answer<'a, Appended> {
        Box::pin(async move {
            check_size(facts)?;
            let facts =
                serde_json::to_string(facts).map_err(|error| JournalError::Failed(error.to_string()))?;
            let stream = stream.to_string();
            let appended = self.ask(|reply| Job::Append { stream, expected, at, facts, reply }).await?;
            if let Appended::At(position) = appended {
                self.kept.send_replace(position);
            }
            Ok(appended)
        })
    }

    fn read(&self, after: Position, limit: usize) -> Answer<'_, Vec<Record>> {
        Box::pin(self.ask(move |reply| Job::Read { after, limit, reply }))
    }

    fn follow(&self, after: Position) -> Following {
        let (jobs, kept) = (self.jobs.downgrade(), self.kept.subscribe());
        let follow = Follow { jobs, kept, after, read: VecDeque::new() };
        let records = stream::unfold(follow, async |mut follow| {
            let next = follow.next().await?;
            Some((next, follow))
        });
        Box::pin(records.fuse())
    }

    fn newest(&self) -> Answer<'_, Position> {
        Box::pin(self.ask(|reply| Job::Newest { reply }))
    }

    fn retain(&self, keep: Duration, now: UnixMillis) -> Answer<'_, u64> {
        let before = now.saturating_sub(u64::try_from(keep.as_millis()).unwrap_or(u64::MAX));
        Box::pin(self.ask(move |reply| Job::Prune { before, reply }))
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(self.ask(|reply| Job::Check { reply }))
    }

    fn keep_snapshot(&self, position: Position, snapshot: Bytes) -> Answer<'_, ()> {
        Box::pin(async move {
            check_snapshot(&snapshot)?;
            self.ask(|reply| Job::KeepSnapshot { position, snapshot, reply }).await
        })
    }

    fn snapshot(&self) -> Answer<'_, Option<(Position, Bytes)>> {
        Box::pin(self.ask(|reply| Job::Snapshot { reply }))
    }
}

/// Follows the journal for as long as it is open.
struct Follow {
    jobs: mpsc::WeakSender<Job>,
    kept: watch::Receiver<Position>,
    after: Position,
    read: VecDeque<Record>,
}

impl Follow {
    async fn next(&mut self) -> Option<Result<Record, JournalError>> {
        loop {
            if let Some(record) = self.read.pop_front() {
                self.after = record.position;
                return Some(Ok(record));
            }
            self.kept.borrow_and_update();
            let jobs = self.jobs.upgrade()?;
            let (after, limit) = (self.after, FOLLOW_BATCH);
            match ask(&jobs, |reply| Job::Read { after, limit, reply }).await {
                Ok(records) => self.read = records.into(),
                Err(JournalError::Closed) => return None,
                Err(error) => {
                    time::sleep(FOLLOW_PAUSE).await;
                    return Some(Err(error));
                }
            }
            drop(jobs);
            if self.read.is_empty() {
                self.kept.changed().await.ok()?;
            }
        }
    }
}

/// The writer's thread: ends when the last handle is gone.
fn run(path: &Path, opened: oneshot::Sender<Result<String, JournalError>>, mut queue: mpsc::Receiver<Job>) {
    let mut connection = match open(path) {
        Ok((connection, epoch)) => {
            if opened.send(Ok(epoch)).is_err() {
                return;
            }
            connection
        }
        Err(error) => {
            // Whoever asked has gone when this fails, and with them the need to know.
            let _ = opened.send(Err(error));
            return;
        }
    };
    while let Some(job) = queue.blocking_recv() {
        work(&mut connection, job);
    }
}

/// Does one job. An answer that nobody waits for any more is dropped.
fn work(connection: &mut Connection, job: Job) {
    match job {
        Job::Append { stream, expected, at, facts, reply } => {
            let _ = reply.send(append(connection, &stream, expected, at, &facts));
        }
        Job::Read { after, limit, reply } => {
            let _ = reply.send(read(connection, after, limit));
        }
        Job::Newest { reply } => {
            let newest = connection
                .query_row("SELECT coalesce(max(position), 0) FROM record", [], |row| row.get::<_, i64>(0));
            let _ = reply.send(newest.map(i64::unsigned_abs).map_err(failure));
        }
        Job::Prune { before, reply } => {
            let _ = reply.send(prune(connection, before).map_err(failure));
        }
        Job::Check { reply } => {
            let _ = reply.send(check(connection).map_err(failure));
        }
        Job::KeepSnapshot { position, snapshot, reply } => {
            let _ = reply.send(keep_snapshot(connection, position, &snapshot).map_err(failure));
        }
        Job::Snapshot { reply } => {
            let _ = reply.send(snapshot(connection).map_err(failure));
        }
    }
}

fn open(path: &Path) -> Result<(Connection, String), JournalError> {
    let opening = |error: rusqlite::Error| {
        let error = failure(error);
        if let JournalError::Failed(words) = error { JournalError::Open(words) } else { error }
    };
    let mut connection = Connection::open(path).map_err(opening)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(opening)?;
    // Two relays on one file would each decide for themselves: the second is refused.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(opening)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)).map_err(opening)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(opening)?;
    let epoch = migrate(&mut connection)
        .map_err(opening)?
        .map_err(|found| JournalError::Newer { found, known: SCHEMA_VERSION })?;
    Ok((connection, epoch))
}

/// Brings the tables to [`SCHEMA_VERSION`] and reads the epoch; a newer version's number
/// comes back as the inner error.
fn migrate(connection: &mut Connection) -> rusqlite::Result<Result<String, i64>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > SCHEMA_VERSION {
        return Ok(Err(version));
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    if version == 0 {
        transaction
            .execute("INSERT INTO meta (key, value) VALUES ('epoch', ?1)", [Uuid::new_v4().to_string()])?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    let epoch = transaction.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0))?;
    transaction.commit()?;
    Ok(Ok(epoch))
}

fn append(
    connection: &mut Connection,
    stream: &str,
    expected: Option<Position>,
    at: UnixMillis,
    facts: &str,
) -> Result<Appended, JournalError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
    let last = transaction
        .prepare_cached("SELECT position FROM record WHERE stream = ?1 ORDER BY position DESC LIMIT 1")
        .and_then(|mut query| query.query_row([stream], |row| row.get::<_, i64>(0)).optional())
        .map_err(failure)?
        .map(i64::unsigned_abs);
    if last != expected {
        return Ok(Appended::Conflict { last });
    }
    transaction
        .prepare_cached("INSERT INTO record (stream, at, facts) VALUES (?1, ?2, ?3)")
        .and_then(|mut insert| insert.execute(params![stream, at.cast_signed(), facts]))
        .map_err(failure)?;
    let position = transaction.last_insert_rowid().unsigned_abs();
    transaction.commit().map_err(failure)?;
    Ok(Appended::At(position))
}

fn read(connection: &Connection, after: Position, limit: usize) -> Result<Vec<Record>, JournalError> {
    let mut query = connection
        .prepare_cached(
            "SELECT position, at, facts FROM record WHERE position > ?1 ORDER BY position LIMIT ?2",
        )
        .map_err(failure)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query
        .query_map(params![after.cast_signed(), limit], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
        })
        .map_err(failure)?;
    rows.map(|row| {
        let (position, at, facts) = row.map_err(failure)?;
        let position = position.unsigned_abs();
        let facts: Vec<Fact> =
            serde_json::from_str(&facts).map_err(|_| JournalError::Unreadable(position))?;
        Ok(Record { position, at: at.unsigned_abs(), facts })
    })
    .collect()
}

/// Of calls and relays: those of which nothing newer is kept. `?1` is the time, `?2`
/// [`AGENT_PREFIX`].
const FORGET_STREAMS: &str = "
    DELETE FROM record WHERE substr(stream, 1, length(?2)) <> ?2 AND stream IN
        (SELECT stream FROM record WHERE stream IN (SELECT stream FROM record WHERE at < ?1)
         GROUP BY stream HAVING max(at) < ?1)
";

/// Of agents: all but the newest record, which says how things are. Parameters as before.
const FORGET_AGENTS: &str = "
    DELETE FROM record WHERE substr(stream, 1, length(?2)) = ?2 AND at < ?1 AND position <
        (SELECT max(newer.position) FROM record AS newer WHERE newer.stream = record.stream)
";

fn prune(connection: &mut Connection, before: UnixMillis) -> rusqlite::Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = before.cast_signed();
    let streams = transaction.execute(FORGET_STREAMS, params![before, AGENT_PREFIX])?;
    let agents = transaction.execute(FORGET_AGENTS, params![before, AGENT_PREFIX])?;
    transaction.commit()?;
    Ok(u64::try_from(streams + agents).unwrap_or(u64::MAX))
}

/// Writes beside the records, down to the disk, so that a full or read-only one is
/// noticed: what is taken back never gets there.
fn check(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('checked', datetime('now'))", [])
        .map(drop)
}

fn keep_snapshot(connection: &Connection, position: Position, snapshot: &[u8]) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO snapshot (one, position, state) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET position = excluded.position, state = excluded.state
             WHERE excluded.position >= snapshot.position
                 OR snapshot.position > (SELECT coalesce(max(position), 0) FROM record)",
        )?
        .execute(params![position.cast_signed(), snapshot])
        .map(drop)
}

fn snapshot(connection: &Connection) -> rusqlite::Result<Option<(Position, Bytes)>> {
    connection
        .prepare_cached("SELECT position, state FROM snapshot")?
        .query_row([], |row| {
            let state: Vec<u8> = row.get(1)?;
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), state.into()))
        })
        .optional()
}

fn failure(error: rusqlite::Error) -> JournalError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalError::InUse,
        Some(ErrorCode::DiskFull) => JournalError::Full,
        Some(ErrorCode::ReadOnly) => JournalError::ReadOnly,
        Some(_) | None => JournalError::Failed(error.to_string()),
    }
}
