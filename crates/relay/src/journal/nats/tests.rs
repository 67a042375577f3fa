#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use std::sync::Mutex;
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::stream::{Config, Info};
use async_nats::{HeaderMap, jetstream::ErrorCode};
use futures_util::StreamExt as _;
use serde::de::IgnoredAny;
use serde_json::json;
use switchboard::{CallFact, Fact, RelayFact, RelayId};
use tokio::time::{Instant, sleep, timeout};

use super::{NatsJournal, server::Nats};
use crate::journal::{Appended, Following, Journal as _, JournalError, MAX_FACTS, Position, Stream, suite};
use crate::secret::Secret;

/// Longest wait for something that should happen soon.
const SOON: Duration = Duration::from_secs(20);

async fn open(nats: &Nats, stream: &str) -> Result<NatsJournal, JournalError> {
    NatsJournal::open_as(stream, &[Secret::new(nats.address())], 1).await
}

/// A journal of its own on a server for all.
struct Place<'a> {
    nats: &'a Nats,
    stream: String,
}

impl suite::Engine for Place<'_> {
    type Journal = NatsJournal;

    async fn open(&self) -> NatsJournal {
        open(self.nats, &self.stream).await.unwrap()
    }
}

#[tokio::test]
async fn does_what_every_engine_must() {
    let nats = Nats::start().unwrap();
    let count = Mutex::new(0);
    suite::all(|| {
        let mut count = count.lock().unwrap();
        *count += 1;
        Place { nats: &nats, stream: format!("PLACE{count}") }
    })
    .await;
}

fn stream(call: &str) -> Stream {
    Stream::Call(call.into())
}

fn fact(call: &str) -> Fact {
    Fact::Call { call: call.into(), what: CallFact::LookedUp }
}

async fn keep(
    journal: &NatsJournal,
    call: &str,
    expected: Option<Position>,
) -> Result<Appended, JournalError> {
    journal.append(&stream(call), expected, 1, &[fact(call)]).await
}

/// Keeps it as soon as that is possible.
async fn keep_soon(journal: &NatsJournal, call: &str) -> Position {
    let until = Instant::now() + SOON;
    loop {
        match keep(journal, call, None).await {
            Ok(Appended::At(position)) => return position,
            Ok(Appended::Conflict { last: Some(position) }) => return position,
            kept => assert!(Instant::now() < until, "{kept:?}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn next(following: &mut Following) -> Position {
    let next = async {
        loop {
            match following.next().await {
                Some(Ok(record)) => return record.position,
                Some(Err(_)) => {}
                None => panic!("it ended"),
            }
        }
    };
    timeout(SOON, next).await.unwrap()
}

#[tokio::test]
async fn relays_on_one_server_share_a_journal_and_its_numbering() {
    let nats = Nats::start().unwrap();
    let (a, b) = tokio::join!(open(&nats, "SHARED"), open(&nats, "SHARED"));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(!a.epoch().is_empty());
    assert_eq!(a.epoch(), b.epoch());
    let mut seen_by_b = b.follow(0);
    let Ok(Appended::At(first)) = keep(&a, "wacid.HBg+/==", None).await else { panic!() };
    assert_eq!(next(&mut seen_by_b).await, first);
    assert_eq!(keep(&b, "wacid.HBg+/==", None).await, Ok(Appended::Conflict { last: Some(first) }));
    assert!(matches!(keep(&b, "wacid.HBg+/==", Some(first)).await, Ok(Appended::At(_))));
    let other = open(&nats, "OTHER").await.unwrap();
    assert_ne!(other.epoch(), a.epoch());
    assert_eq!(other.newest().await.unwrap(), 0);
}

#[tokio::test]
async fn a_server_that_is_gone_is_said_to_be_and_loses_nothing() {
    let mut nats = Nats::start().unwrap();
    let journal = open(&nats, "GONE").await.unwrap();
    let mut following = journal.follow(0);
    let Ok(Appended::At(first)) = keep(&journal, "a", None).await else { panic!() };
    assert_eq!(next(&mut following).await, first);
    nats.kill();
    let begun = Instant::now();
    while keep(&journal, "b", None).await != Err(JournalError::Unreachable) {
        assert!(begun.elapsed() < SOON, "nobody noticed");
    }
    assert_eq!(journal.check().await, Err(JournalError::Unreachable));
    assert_eq!(journal.read(0, 10).await, Err(JournalError::Unreachable));
    nats.resume().unwrap();
    let second = keep_soon(&journal, "b").await;
    let back = Instant::now();
    assert_eq!(next(&mut following).await, second, "the follower goes on where it was");
    assert!(back.elapsed() < Duration::from_secs(5), "it is told of the new connection");
    assert_eq!(journal.read(0, 10).await.unwrap().len(), 2);
    journal.check().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_ends_the_start_with_words() {
    let mut nats = Nats::start().unwrap();
    nats.kill();
    let begun = Instant::now();
    assert_eq!(open(&nats, "NOWHERE").await.unwrap_err(), JournalError::Unreachable);
    assert!(begun.elapsed() < super::CONNECTS_WITHIN + super::CONNECT_TRY);
}

#[tokio::test]
async fn a_message_that_is_sent_twice_is_kept_once() {
    let nats = Nats::start().unwrap();
    let journal = open(&nats, "TWICE").await.unwrap();
    let subject = journal.names.subject(&stream("a"));
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, "one-and-the-same");
    let send = || journal.publish(subject.clone(), headers.clone(), r#"{"at":1,"facts":[]}"#.into());
    let (first, again) = (send().await.unwrap().unwrap(), send().await.unwrap().unwrap());
    assert_eq!((again.sequence, again.duplicate), (first.sequence, true));
    // Should the server see the conflict first, the relay recognises its own message.
    assert_eq!(journal.conflict(&subject, "one-and-the-same").await, Ok(Appended::At(first.sequence)));
    let other = journal.conflict(&subject, "another").await;
    assert_eq!(other, Ok(Appended::Conflict { last: Some(first.sequence) }));
}

#[tokio::test]
async fn a_journal_that_may_not_grow_says_that_it_is_full() {
    let nats = Nats::start().unwrap();
    let journal = open(&nats, "FULL").await.unwrap();
    let config = journal.info().await.unwrap().config;
    journal.change(Config { max_messages: 1, ..config }).await.unwrap();
    assert!(matches!(keep(&journal, "a", None).await, Ok(Appended::At(_))));
    assert_eq!(keep(&journal, "b", None).await, Err(JournalError::Full));
}

#[tokio::test]
async fn a_record_that_can_not_be_read_is_named() {
    let nats = Nats::start().unwrap();
    let journal = open(&nats, "STRANGE").await.unwrap();
    let subject = journal.names.subject(&stream("a"));
    let strange = r#"{"at":1,"facts":[{"call":{"call":"a","fact":"of tomorrow"}}]}"#;
    let kept = journal.publish(subject, HeaderMap::new(), strange.into()).await.unwrap().unwrap();
    assert_eq!(journal.read(0, 10).await, Err(JournalError::Unreadable(kept.sequence)));
    let told = timeout(SOON, journal.follow(0).next()).await.unwrap();
    assert_eq!(told, Some(Err(JournalError::Unreadable(kept.sequence))));
}

#[tokio::test]
async fn replicas_and_retention_are_the_configured_ones() {
    let nats = Nats::start().unwrap();
    let servers = [Secret::new(nats.address())];
    // One server can't keep three copies; it says so.
    let three = NatsJournal::open_as("COPIES", &servers, 3).await;
    assert!(matches!(three, Err(JournalError::Failed(_))), "{three:?}");
    let journal = open(&nats, "COPIES").await.unwrap();
    let epoch = journal.epoch().to_owned();
    let day = Duration::from_hours(24);
    journal.retain(day, 0).await.unwrap();
    let info = journal.info().await.unwrap();
    assert_eq!((info.config.num_replicas, info.config.max_age), (1, day));
    drop(journal);
    assert_eq!(open(&nats, "COPIES").await.unwrap().epoch(), epoch, "a change leaves the numbering");
}

#[tokio::test]
async fn a_long_journal_is_read_quickly() {
    const RECORDS: usize = 20_000;
    let nats = Nats::start().unwrap();
    let journal = open(&nats, "LONG").await.unwrap();
    let appends = (0..RECORDS).map(|call| {
        let (journal, call) = (journal.clone(), call.to_string());
        async move { keep(&journal, &call, None).await }
    });
    let kept = futures_util::stream::iter(appends).buffer_unordered(256);
    assert!(kept.all(|kept| async move { matches!(kept, Ok(Appended::At(_))) }).await);
    let begun = Instant::now();
    let (mut after, mut facts) = (0, 0);
    loop {
        let records = journal.read(after, 1_000).await.unwrap();
        let Some(last) = records.last() else { break };
        (after, facts) =
            (last.position, facts + records.iter().map(|record| record.facts.len()).sum::<usize>());
    }
    assert_eq!(facts, RECORDS);
    println!("{RECORDS} records read in {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn too_many_facts_are_refused() {
    let nats = Nats::start().unwrap();
    let journal = open(&nats, "SIZE").await.unwrap();
    let facts = vec![fact("a"); MAX_FACTS + 1];
    assert_eq!(journal.append(&stream("a"), None, 1, &facts).await, Err(JournalError::Size));
    let unknown = journal.api::<Info>("STREAM.INFO.NONE".to_owned(), &json!({})).await.unwrap();
    assert_eq!(unknown.unwrap_err().error_code(), ErrorCode::STREAM_NOT_FOUND);
}

#[tokio::test]
async fn a_snapshot_counts_in_its_own_numbering_only_and_leaves_nothing_behind() {
    let nats = Nats::start().unwrap();
    let journal = open(&nats, "SNAPSHOTS").await.unwrap();
    for call in ["a", "b"] {
        keep(&journal, call, None).await.unwrap();
    }
    journal.keep_snapshot(2, "old".into()).await.unwrap();
    let gone = journal.api::<IgnoredAny>("STREAM.DELETE.SNAPSHOTS".to_owned(), &json!({})).await;
    gone.unwrap().unwrap();
    let journal = open(&nats, "SNAPSHOTS").await.unwrap();
    for call in ["a", "b", "c"] {
        keep(&journal, call, None).await.unwrap();
    }
    journal.keep_snapshot(1, "new".into()).await.unwrap();
    assert_eq!(journal.snapshot().await, Ok(Some((1, "new".into()))));

    // A relay that ends in between leaves pieces.
    let piece = journal.names.snapshot_piece("left", 0);
    journal.publish(piece, HeaderMap::new(), "left".into()).await.unwrap().unwrap();
    journal.keep_snapshot(3, "newer".into()).await.unwrap();
    let info = journal.api::<Info>("STREAM.INFO.SNAPSHOTS_SNAPSHOT".to_owned(), &json!({})).await;
    assert_eq!(info.unwrap().unwrap().state.messages, 2, "one piece, and what names it");

    // What is not whole, or says nothing, is said to be so, and can be replaced.
    for broken in [r#"{"epoch":"","position":1,"name":"none","pieces":1}"#, "nothing"] {
        let head = journal.names.snapshot_head();
        journal.publish(head, HeaderMap::new(), broken.into()).await.unwrap().unwrap();
        assert!(matches!(journal.snapshot().await, Err(JournalError::Failed(_))));
        journal.keep_snapshot(1, "again".into()).await.unwrap();
        assert_eq!(journal.snapshot().await, Ok(Some((1, "again".into()))));
    }
}

#[tokio::test]
async fn who_is_behind_misses_nothing_while_relays_say_that_they_are_there() {
    /// More than a reader is sent ahead.
    const CALLS: usize = 2_000;
    let nats = Nats::start().unwrap();
    let journal = open(&nats, "BEHIND").await.unwrap();
    let relay = RelayId("r1".into());
    let mut alive = None;
    let mut says = async |until| {
        let fact = Fact::Relay { relay: relay.clone(), what: RelayFact::Alive { until } };
        let kept = journal.append(&Stream::Relay(relay.clone()), alive, 1, &[fact]).await.unwrap();
        let Appended::At(position) = kept else { panic!("{kept:?}") };
        alive = Some(position);
    };
    says(0).await;
    for number in 0..CALLS {
        keep(&journal, &number.to_string(), None).await.unwrap();
    }
    let mut following = journal.follow(0);
    let mut calls = Vec::new();
    while calls.len() < CALLS {
        let record = timeout(SOON, following.next()).await.unwrap().unwrap().unwrap();
        if let Fact::Call { call, .. } = &record.facts[0] {
            if calls.len() % 100 == 0 {
                says(calls.len() as u64 + 1).await;
            }
            calls.push(call.to_string());
        }
    }
    assert!(calls.iter().enumerate().all(|(number, call)| *call == number.to_string()), "some were skipped");

    // Of all that the relay said the newest is kept.
    let until = Instant::now() + SOON;
    loop {
        let records = journal.read(0, 2 * CALLS).await.unwrap();
        let said = records.iter().filter(|record| matches!(record.facts[0], Fact::Relay { .. })).count();
        assert_eq!(records.len() - said, CALLS);
        if said == 1 {
            break;
        }
        assert!(Instant::now() < until, "{said} are left");
        sleep(Duration::from_millis(20)).await;
    }
}
