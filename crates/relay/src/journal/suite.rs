//! What every engine of the journal must do. An engine's tests call these with a way to
//! open the same journal again.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::future::Future;

use switchboard::{AgentFact, CallFact, Fact};
use wire::EndReason;

use super::{Appended, Journal, JournalError, MAX_FACTS, Stream};

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
    prunes_what_is_over(&new()).await;
    numbers_never_repeat(&new()).await;
    one_of_many_wins(&new()).await;
}

fn of(call: &str, what: CallFact) -> Fact {
    Fact::Call { call: call.into(), what }
}

fn stream(call: &str) -> Stream {
    Stream::Call(call.into())
}

fn present(available: bool) -> Fact {
    Fact::Agent { agent: "asha".into(), what: AgentFact::presence(available, true) }
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

async fn prunes_what_is_over(engine: &impl Engine) {
    let journal = engine.open().await;
    let asha = Stream::Agent("asha".into());
    let Appended::At(on) = journal.append(&asha, None, 1, &[present(true)]).await.unwrap() else { panic!() };
    journal.append(&asha, Some(on), 2, &[present(false)]).await.unwrap();
    let old = keep(&journal, "old", None, 3, CallFact::FarEndRang).await;
    keep(&journal, "old", Some(old), 4, ended()).await;
    let long = keep(&journal, "long", None, 5, CallFact::FarEndRang).await;
    keep(&journal, "long", Some(long), 60, ended()).await;
    assert_eq!(journal.prune(50).await.unwrap(), 3);
    let left: Vec<Fact> =
        journal.read(0, 10).await.unwrap().into_iter().flat_map(|record| record.facts).collect();
    assert_eq!(left, [present(false), of("long", CallFact::FarEndRang), of("long", ended())]);
    assert_eq!(journal.prune(50).await.unwrap(), 0);
}

async fn numbers_never_repeat(engine: &impl Engine) {
    let journal = engine.open().await;
    let first = keep(&journal, "a", None, 1, ended()).await;
    journal.prune(100).await.unwrap();
    drop(journal);
    let journal = engine.open().await;
    assert!(keep(&journal, "b", None, 101, ended()).await > first);
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
