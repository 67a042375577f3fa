#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{collections::HashMap, time::Duration};

use switchboard::{AgentFact, CallFact, Fact};
use tempfile::TempDir;

use super::{FORGET_AGENTS, FORGET_STREAMS, SCHEMA_VERSION, SqliteJournal, append, check, failure, open};
use crate::journal::{Appended, Journal as _, JournalError, Stream, suite};

struct File(TempDir);

impl File {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("journal.db")
    }
}

impl suite::Engine for File {
    type Journal = SqliteJournal;

    async fn open(&self) -> SqliteJournal {
        SqliteJournal::open(self.path()).await.unwrap()
    }
}

#[tokio::test]
async fn does_what_every_engine_must() {
    suite::all(File::new).await;
}

#[tokio::test]
async fn forgets_whole_calls_and_keeps_each_agents_newest_record() {
    let present =
        |available| Fact::Agent { agent: "asha".into(), what: AgentFact::presence(available, true) };
    let of = |call: &str, what| Fact::Call { call: call.into(), what };
    let over = || CallFact::Ended { reason: wire::EndReason::Missed, due: None };
    let facts = [
        (1, present(true)),
        (2, present(false)),
        (3, of("old", CallFact::FarEndRang)),
        (4, of("old", over())),
        (5, of("long", CallFact::FarEndRang)),
        (60, of("long", over())),
    ];
    let journal = SqliteJournal::open(File::new().path()).await.unwrap();
    let mut heads = HashMap::new();
    for (at, fact) in facts {
        let stream = Stream::of(&fact);
        let appended = journal.append(&stream, heads.get(&stream).copied(), at, &[fact]).await.unwrap();
        let Appended::At(position) = appended else { panic!("{appended:?}") };
        heads.insert(stream, position);
    }
    assert_eq!(journal.retain(Duration::from_millis(10), 60).await.unwrap(), 3);
    let left = journal.read(0, 10).await.unwrap().into_iter().flat_map(|record| record.facts);
    assert_eq!(
        left.collect::<Vec<_>>(),
        [present(false), of("long", CallFact::FarEndRang), of("long", over())]
    );
    assert_eq!(journal.retain(Duration::from_millis(10), 60).await.unwrap(), 0);
}

/// Beside `forgets_whole_calls…`: what is found has to be found by way of what is old alone,
/// because every start looks for it.
#[test]
fn what_is_old_is_found_without_a_look_at_everything() {
    let file = File::new();
    let (connection, _) = open(&file.path()).unwrap();
    for delete in [FORGET_STREAMS, FORGET_AGENTS] {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {delete}")).unwrap();
        let steps = plan.query_map(rusqlite::params![1, ""], |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        assert!(steps.iter().any(|step| step.contains("record_at")), "{steps:#?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:#?}");
    }
}

#[tokio::test]
async fn a_second_relay_is_kept_out() {
    let file = File::new();
    let first = SqliteJournal::open(file.path()).await.unwrap();
    assert_eq!(SqliteJournal::open(file.path()).await.unwrap_err(), JournalError::InUse);
    first.check().await.unwrap();
}

#[test]
fn a_full_disk_and_one_that_may_not_be_written_are_told_apart() {
    let says = |code| failure(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
    assert_eq!(says(rusqlite::ffi::SQLITE_FULL), JournalError::Full);
    assert_eq!(says(rusqlite::ffi::SQLITE_READONLY), JournalError::ReadOnly);
    assert!(matches!(says(rusqlite::ffi::SQLITE_IOERR_WRITE), JournalError::Failed(_)));
}

#[test]
fn a_check_finds_a_disk_without_room() {
    let file = File::new();
    let (mut connection, _) = open(&file.path()).unwrap();
    check(&connection).unwrap();
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    connection.pragma_update(None, "max_page_count", pages).unwrap();
    let facts = "x".repeat(100_000);
    assert_eq!(append(&mut connection, "call/a", None, 1, &facts), Err(JournalError::Full));
    connection.pragma_update(None, "query_only", true).unwrap();
    assert_eq!(check(&connection).map_err(failure), Err(JournalError::ReadOnly));
    assert_eq!(append(&mut connection, "call/a", None, 1, "[]"), Err(JournalError::ReadOnly));
}

#[tokio::test]
async fn a_newer_journal_is_left_alone() {
    let file = File::new();
    drop(SqliteJournal::open(file.path()).await.unwrap());
    let newer = SCHEMA_VERSION + 1;
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    connection.busy_timeout(super::BUSY_TIMEOUT).unwrap();
    connection.pragma_update(None, "user_version", newer).unwrap();
    drop(connection);
    assert_eq!(
        SqliteJournal::open(file.path()).await.unwrap_err(),
        JournalError::Newer { found: newer, known: SCHEMA_VERSION }
    );
}

/// The tables of version 1, as relays have made them.
const VERSION_1: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE record (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        stream   TEXT    NOT NULL,
        at       INTEGER NOT NULL,
        facts    TEXT    NOT NULL
    ) STRICT;
    CREATE INDEX record_stream ON record (stream, position);
    INSERT INTO meta (key, value) VALUES ('epoch', 'the-epoch');
    INSERT INTO record (stream, at, facts)
        VALUES ('call/a', 1, '[{\"call\":{\"call\":\"a\",\"fact\":\"looked_up\"}}]');
    PRAGMA user_version = 1;
";

#[tokio::test]
async fn an_older_journal_is_brought_up_to_date() {
    let file = File::new();
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    connection.execute_batch(VERSION_1).unwrap();
    drop(connection);
    for again in [false, true] {
        let journal = SqliteJournal::open(file.path()).await.unwrap();
        assert_eq!(journal.epoch(), "the-epoch");
        let records = journal.read(0, 10).await.unwrap();
        assert_eq!(records[0].facts, [Fact::Call { call: "a".into(), what: CallFact::LookedUp }]);
        assert_eq!(journal.snapshot().await.unwrap().is_some(), again);
        journal.keep_snapshot(1, "state".into()).await.unwrap();
    }
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    connection.busy_timeout(super::BUSY_TIMEOUT).unwrap();
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, SCHEMA_VERSION);
}

#[tokio::test]
async fn what_is_no_journal_is_said_to_be_none() {
    let file = File::new();
    std::fs::write(file.path(), "this is not a database, only a text of some length".repeat(40)).unwrap();
    assert!(matches!(SqliteJournal::open(file.path()).await, Err(JournalError::Open(_))));
    let nowhere = file.0.path().join("no/such/folder/journal.db");
    assert!(matches!(SqliteJournal::open(nowhere).await, Err(JournalError::Open(_))));
}

#[tokio::test]
async fn a_record_that_can_not_be_read_is_named() {
    let file = File::new();
    drop(SqliteJournal::open(file.path()).await.unwrap());
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    connection.busy_timeout(super::BUSY_TIMEOUT).unwrap();
    let broken = r#"[{"call":{"call":"a","fact":"of tomorrow"}}]"#;
    connection.execute("INSERT INTO record (stream, at, facts) VALUES ('call/a', 1, ?1)", [broken]).unwrap();
    drop(connection);
    let journal = SqliteJournal::open(file.path()).await.unwrap();
    assert_eq!(journal.read(0, 10).await, Err(JournalError::Unreadable(1)));
}
