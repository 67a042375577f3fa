//! What every engine of the journal must do. An engine's tests call these with a way to
//! open the same journal again.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{future::Future, time::Duration};

use bytes::Bytes;
use futures_util::StreamExt as _;
use switchboard::{CallFact, Fact};
use tokio::time::{Instant, sleep, timeout};
use wire::EndReason;

use super::{Appended, Following, Journal, JournalError, MAX_FACTS, MAX_SNAPSHOT, Position, Stream};
use crate::clock;

/// Longest wait for something that should happen soon.
const SOON: Duration = Duration::from_secs(20);

/// Opens the journal under test: always the same one, after it was dropped, too.
pub(super) trait Engine {
    /// The engine.
    type Journal: Journal;
    /// Opens it.
    fn open(&self) -> impl Future<Output = Self::Journal>;
}

/// Runs all of them, each on a journal of its own.
pub(super) async fn all<E: Engine>(new: impl Fn() -> E) {
    keeps_in_order(&new()).await;
    first_wins(&new()).await;
    is_all_or_nothing(&new()).await;
    survives_being_closed(&new()).await;
    reads_in_parts(&new()).await;
    follows(&new()).await;
    forgets_what_is_old(&new()).await;
    one_of_many_wins(&new()).await;
    keeps_a_snapshot(&new()).await;
    keeps_large_snapshots(&new()).await;
    keeps_one_whole_snapshot_of_many(&new()).await;
}

fn of(call: &str, what: CallFact) -> Fact {
    Fact::Call { call: call.into(), what }
}

fn stream(call: &str) -> Stream {
    Stream::Call(call.into())
}

fn ended() -> CallFact {
    CallFact::Ended { reason: EndReason::Missed, due: None }
}

async fn keep(journal: &impl Journal, call: &str, expected: Option<u64>, at: u64, what: CallFact) -> u64 {
    match journal.append(&stream(call), expected, at, &[of(call, what)]).await.unwrap() {
        Appended::At(position) => position,
        Appended::Conflict { last } => panic!("conflict at {last:?}"),
    }
}

async fn keeps_in_order(engine: &impl Engine) {
    let journal = engine.open().await;
    assert!(journal.read(0, 10).await.unwrap().is_empty());
    let first = keep(&journal, "a", None, 1, CallFact::FarEndRang).await;
    let other = keep(&journal, "b", None, 2, CallFact::LookedUp).await;
    let second = keep(&journal, "a", Some(first), 3, CallFact::Answered).await;
    assert!(0 < first && first < other && other < second);
    let records = journal.read(0, 10).await.unwrap();
    assert_eq!(records.iter().map(|record| record.position).collect::<Vec<_>>(), [first, other, second]);
    assert_eq!(records.iter().map(|record| record.at).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(records[2].facts, [of("a", CallFact::Answered)]);
    journal.check().await.unwrap();
    assert_eq!(journal.read(0, 10).await.unwrap().len(), 3, "a check leaves nothing");
}

async fn first_wins(engine: &impl Engine) {
    let journal = engine.open().await;
    let first = keep(&journal, "a", None, 1, CallFact::FarEndRang).await;
    let again = journal.append(&stream("a"), None, 2, &[of("a", CallFact::Answered)]).await.unwrap();
    assert_eq!(again, Appended::Conflict { last: Some(first) });
    let ahead = journal.append(&stream("b"), Some(first), 2, &[of("b", CallFact::Answered)]).await.unwrap();
    assert_eq!(ahead, Appended::Conflict { last: None });
    assert_eq!(journal.read(0, 10).await.unwrap().len(), 1, "a conflict leaves nothing");
}

async fn is_all_or_nothing(engine: &impl Engine) {
    let journal = engine.open().await;
    let facts = vec![of("a", CallFact::LookedUp); MAX_FACTS];
    journal.append(&stream("a"), None, 1, &facts).await.unwrap();
    let records = journal.read(0, 10).await.unwrap();
    assert_eq!((records.len(), records[0].facts.len()), (1, MAX_FACTS));
    for wrong in [vec![], vec![of("a", CallFact::LookedUp); MAX_FACTS + 1]] {
        assert_eq!(journal.append(&stream("c"), None, 1, &wrong).await, Err(JournalError::Size));
    }
}

async fn survives_being_closed(engine: &impl Engine) {
    let journal = engine.open().await;
    let epoch = journal.epoch().to_owned();
    let claimed = CallFact::Claimed { agent: "asha".into(), sdp: "v=0\r\nß '\"\r\n".into() };
    let first = keep(&journal, "a", None, 1, claimed.clone()).await;
    drop(journal);
    let journal = engine.open().await;
    assert_eq!(journal.epoch(), epoch);
    assert_eq!(journal.read(0, 10).await.unwrap()[0].facts, [of("a", claimed)]);
    keep(&journal, "a", Some(first), 2, ended()).await;
}

async fn reads_in_parts(engine: &impl Engine) {
    let journal = engine.open().await;
    for call in ["a", "b", "c", "d", "e"] {
        keep(&journal, call, None, 1, CallFact::LookedUp).await;
    }
    let mut after = 0;
    let mut seen = 0;
    loop {
        let records = journal.read(after, 2).await.unwrap();
        let Some(last) = records.last() else { break };
        assert!(records.len() <= 2 && last.position > after);
        (after, seen) = (last.position, seen + records.len());
    }
    assert_eq!(seen, 5);
}

async fn next(following: &mut Following) -> Position {
    loop {
        match timeout(SOON, following.next()).await {
            Ok(Some(Ok(record))) => return record.position,
            // Failures are overcome.
            Ok(Some(Err(_))) => {}
            ended => panic!("nothing came: {ended:?}"),
        }
    }
}

async fn follows(engine: &impl Engine) {
    let journal = engine.open().await;
    assert_eq!(journal.newest().await.unwrap(), 0);
    let first = keep(&journal, "a", None, 1, CallFact::FarEndRang).await;
    let (mut from_start, mut from_now) = (journal.follow(0), journal.follow(first));
    assert_eq!(next(&mut from_start).await, first, "what is there already");
    let second = keep(&journal, "b", None, 2, CallFact::LookedUp).await;
    let third = keep(&journal, "a", Some(first), 3, CallFact::Answered).await;
    for following in [&mut from_start, &mut from_now] {
        assert_eq!([next(following).await, next(following).await], [second, third], "what comes");
    }
    assert_eq!(journal.newest().await.unwrap(), third);
}

/// Also: what is forgotten never has its number given again.
async fn forgets_what_is_old(engine: &impl Engine) {
    let journal = engine.open().await;
    let now = clock::now();
    let first = keep(&journal, "a", None, now, ended()).await;
    journal.retain(Duration::from_hours(24), clock::now()).await.unwrap();
    assert_eq!(journal.read(0, 10).await.unwrap().len(), 1, "nothing is old yet");
    let begun = Instant::now();
    loop {
        journal.retain(Duration::from_millis(200), clock::now()).await.unwrap();
        if journal.read(0, 10).await.unwrap().is_empty() {
            break;
        }
        assert!(begun.elapsed() < SOON, "it is not forgotten");
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(journal.newest().await.unwrap(), 0);
    drop(journal);
    let journal = engine.open().await;
    assert!(keep(&journal, "b", None, clock::now(), ended()).await > first);
}

async fn one_of_many_wins(engine: &impl Engine) {
    let journal = std::sync::Arc::new(engine.open().await);
    let offered = keep(journal.as_ref(), "a", None, 1, CallFact::FarEndRang).await;
    let claims = (0..8).map(|agent| {
        let journal = journal.clone();
        tokio::spawn(async move {
            let claim =
                CallFact::Claimed { agent: format!("agent-{agent}").as_str().into(), sdp: "v=0".into() };
            journal.append(&stream("a"), Some(offered), 2, &[of("a", claim)]).await.unwrap()
        })
    });
    let mut won = 0;
    for claim in claims.collect::<Vec<_>>() {
        won += usize::from(matches!(claim.await.unwrap(), Appended::At(_)));
    }
    assert_eq!(won, 1);
}

async fn has_snapshot(journal: &impl Journal, position: Position, snapshot: &[u8]) {
    let (stands_at, kept) = journal.snapshot().await.unwrap().unwrap();
    assert_eq!(stands_at, position);
    assert!(kept == snapshot, "another one, of {} bytes", kept.len());
}

async fn keeps_a_snapshot(engine: &impl Engine) {
    let journal = engine.open().await;
    assert_eq!(journal.snapshot().await, Ok(None));
    let first = keep(&journal, "a", None, clock::now(), CallFact::FarEndRang).await;
    let second = keep(&journal, "b", None, clock::now(), CallFact::FarEndRang).await;
    let keep_snapshot = async |position, text: &'static str| {
        journal.keep_snapshot(position, Bytes::from(text)).await.unwrap();
    };
    keep_snapshot(first, "first").await;
    has_snapshot(&journal, first, b"first").await;
    keep_snapshot(second, "second").await;
    keep_snapshot(first, "older").await;
    has_snapshot(&journal, second, b"second").await;
    keep_snapshot(second, "anew").await;
    has_snapshot(&journal, second, b"anew").await;
    keep_snapshot(second + 100, "of nothing that is there").await;
    keep_snapshot(first, "of what is").await;
    has_snapshot(&journal, first, b"of what is").await;
    assert_eq!(journal.newest().await, Ok(second), "it is no record");
    journal.retain(Duration::from_hours(24), clock::now()).await.unwrap();
    drop(journal);
    has_snapshot(&engine.open().await, first, b"of what is").await;
}

/// Larger than what a server takes at once.
async fn keeps_large_snapshots(engine: &impl Engine) {
    /// In bytes: six times as much, and a bit.
    const SIZE: usize = 6 * 1024 * 1024 + 1;
    let journal = engine.open().await;
    let position = keep(&journal, "a", None, 1, CallFact::FarEndRang).await;
    // No byte stands where it stood in the one before.
    let snapshot = |begins: usize| -> Vec<u8> { (begins..begins + SIZE).map(|n| (n % 251) as u8).collect() };
    for begins in [0, 1, 2] {
        journal.keep_snapshot(position, snapshot(begins).into()).await.unwrap();
        has_snapshot(&journal, position, &snapshot(begins)).await;
    }
    let too_large = vec![0; MAX_SNAPSHOT + 1];
    assert_eq!(journal.keep_snapshot(position, too_large.into()).await, Err(JournalError::SnapshotSize));
}

async fn keeps_one_whole_snapshot_of_many(engine: &impl Engine) {
    let journal = std::sync::Arc::new(engine.open().await);
    let position = keep(journal.as_ref(), "a", None, 1, CallFact::FarEndRang).await;
    let keeps = (1..=4).map(|relay| {
        let journal = journal.clone();
        tokio::spawn(async move {
            for _ in 0..5 {
                journal.keep_snapshot(position, snapshot_of(relay)).await.unwrap();
                // To read one while others are replaced without end is a matter of luck.
                if let Ok(read) = journal.snapshot().await {
                    is_whole(&read.unwrap().1);
                }
            }
        })
    });
    for keeping in keeps.collect::<Vec<_>>() {
        keeping.await.unwrap();
    }
    is_whole(&journal.snapshot().await.unwrap().unwrap().1);
}

/// Each relay's has a length of its own, so that each has its own number of pieces for an
/// engine that needs some.
fn snapshot_of(relay: u8) -> Bytes {
    vec![relay; usize::from(relay) * 400 * 1024].into()
}

fn is_whole(snapshot: &Bytes) {
    let first = snapshot.first().copied().unwrap();
    assert!(*snapshot == snapshot_of(first), "of several, {} bytes", snapshot.len());
}
