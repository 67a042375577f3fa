//! Journals that fail, upstreams that hesitate.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use switchboard::Fact;
use switchboard::command::UpstreamNews;
use tokio::time::Instant;
use vobiz::fault::Fault;
use vobiz::log::Direction;
use vobiz::rest::Action;
use wire::{CallEvent, EndReason, ProblemKind};

use super::{CALL, House, Page, connect, ended, envelope, settings, until};
use crate::desk::work::{self, Tools};
use crate::desk::{Desk, DeskError, DeskSettings};
use crate::journal::{
    Answer, Appended, Following, Journal, JournalError, Position, Record, SqliteJournal, Stream,
};
use crate::upstream::fake::{CHANNEL, FakeUpstream, accepted_and_over, channel, refused, row, timed_out};
use crate::upstream::{ActionNames, Uncertainty, UpstreamError};

/// A journal on a disk that can fill up.
struct Disk {
    journal: SqliteJournal,
    full: Arc<AtomicBool>,
}

impl Journal for Disk {
    fn epoch(&self) -> &str {
        self.journal.epoch()
    }

    fn append<'a>(
        &'a self,
        stream: &'a Stream,
        expected: Option<Position>,
        at: wire::UnixMillis,
        facts: &'a [Fact],
    ) -> Answer<'a, Appended> {
        if self.full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(JournalError::Full) });
        }
        self.journal.append(stream, expected, at, facts)
    }

    fn read(&self, after: Position, limit: usize) -> Answer<'_, Vec<Record>> {
        self.journal.read(after, limit)
    }

    fn is_shared(&self) -> bool {
        self.journal.is_shared()
    }

    fn follow(&self, after: Position) -> Following {
        self.journal.follow(after)
    }

    fn newest(&self) -> Answer<'_, Position> {
        self.journal.newest()
    }

    fn retain(&self, keep: Duration, now: wire::UnixMillis) -> Answer<'_, u64> {
        self.journal.retain(keep, now)
    }

    fn check(&self) -> Answer<'_, ()> {
        if self.full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(JournalError::Full) });
        }
        self.journal.check()
    }

    fn keep_snapshot(&self, position: Position, snapshot: Bytes) -> Answer<'_, ()> {
        if self.full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(JournalError::Full) });
        }
        self.journal.keep_snapshot(position, snapshot)
    }

    fn snapshot(&self) -> Answer<'_, Option<(Position, Bytes)>> {
        self.journal.snapshot()
    }
}

async fn on_a_disk() -> (House, Arc<AtomicBool>) {
    let folder = tempfile::tempdir().unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let journal = SqliteJournal::open(folder.path().join("journal.db")).await.unwrap();
    let upstream = Arc::new(FakeUpstream::new());
    let disk = Arc::new(Disk { journal, full: full.clone() });
    let desk = Desk::open(disk, upstream.clone(), settings()).await.unwrap();
    desk.learn_channels(vec![channel()]).await.unwrap();
    (House { desk, upstream, folder }, full)
}

#[tokio::test]
async fn a_full_disk_refuses_new_calls_and_lets_live_ones_be_ended() {
    let (house, full) = on_a_disk().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "accepted"]);
    full.store(true, Ordering::SeqCst);
    assert_eq!(house.desk.health().await, Err(DeskError::Journal(JournalError::Full)));
    let problem = house.dial("asha", "attempt-1").await.unwrap_err();
    assert_eq!((problem.status, problem.kind), (503, ProblemKind::Unavailable));
    let webhook = house.desk.webhook(envelope("x", "call.connect", connect("wacid.new"))).await;
    assert_eq!(webhook, Err(DeskError::Journal(JournalError::Full)), "it must be delivered again");
    assert_eq!(house.upstream.initiates(), 0);
    house.act("asha", CALL, Action::Terminate, None).await.unwrap();
    assert_eq!(house.upstream.acts().last().unwrap().1, Action::Terminate);
    full.store(false, Ordering::SeqCst);
    assert_eq!(asha.next().await, CallEvent::Ended { reason: EndReason::HungUp });
    assert_eq!(house.desk.health().await, Ok(()));
    house.ring("wacid.new").await;
    assert_eq!(asha.kinds().await, ["ringing"]);
    let hang_ups = house.upstream.acts().iter().filter(|(_, action, _)| *action == Action::Terminate).count();
    assert_eq!(hang_ups, 1);
}

#[tokio::test]
async fn an_accept_that_times_out_is_repeated_identically() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.upstream.next_action(Err(timed_out()));
    house.accept("asha", CALL).await.unwrap();
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "accepted"]);
    let acts = house.upstream.acts();
    assert_eq!(acts.len(), 2);
    assert_eq!(acts[0], acts[1], "the identical request");
}

#[tokio::test]
async fn an_accept_that_times_out_but_took_effect_is_not_repeated() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    house.upstream.next_action(Err(timed_out()));
    house.upstream.log_row(row("log-1", CALL, "inbound", "accepted"));
    house.accept("asha", CALL).await.unwrap();
    assert_eq!(house.upstream.acts().len(), 1);
}

#[tokio::test]
async fn an_accept_of_a_call_that_the_log_knows_to_be_over_is_too_late() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.upstream.next_action(Err(timed_out()));
    house.upstream.log_row(accepted_and_over("log-1", CALL, "inbound"));
    let problem = house.accept("asha", CALL).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::CallState);
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "ended"]);
}

#[tokio::test]
async fn a_hang_up_of_a_call_that_the_log_knows_to_be_over_is_done() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    house.upstream.log_row(accepted_and_over("log-1", CALL, "inbound"));
    house.upstream.next_action(Err(refused(400, r#"{"message":"nothing that is known"}"#)));
    house.act("asha", CALL, Action::Terminate, None).await.unwrap();
}

#[tokio::test]
async fn an_accept_is_tried_while_the_caller_waits() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    let busy = UpstreamError::Refused {
        status: 429,
        fault: Fault::default(),
        retry_after: Some(Duration::from_secs(1)),
    };
    let errors = [
        timed_out(),
        busy,
        UpstreamError::Unreachable,
        UpstreamError::Unknown(Uncertainty::ServerError(503)),
        UpstreamError::Unknown(Uncertainty::Interrupted),
    ];
    for error in errors {
        house.upstream.next_action(Err(error));
    }
    house.accept("asha", CALL).await.unwrap();
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "accepted"]);
    let acts = house.upstream.acts();
    assert_eq!(acts.len(), 6);
    assert!(acts.iter().all(|act| *act == acts[0]), "the identical request");
}

#[tokio::test]
async fn an_accept_is_given_up_when_the_caller_waits_no_longer() {
    let window = Duration::from_secs(2);
    let settings = DeskSettings { accept_window_ms: 2_000, ..settings() };
    let house = House::of(FakeUpstream::new(), settings).await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    let begun = Instant::now();
    for _ in 0..100 {
        house.upstream.next_action(Err(timed_out()));
    }
    let problem = house.accept("asha", CALL).await.unwrap_err();
    assert_eq!(problem.title, "Vobiz did not answer in time");
    assert!(begun.elapsed() < window + Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "ended"]);
    until(|| house.upstream.acts().last().is_some_and(|act| act.1 == Action::Terminate)).await;
}

/// Asha's accept comes to nothing, and nobody else may answer what it may have begun.
async fn ends_without_a_second_ring(house: &House, mut asha: Page, mut ben: Page) {
    let problem = house.accept("asha", CALL).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::UpstreamUnknown);
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "ended"]);
    assert_eq!(ben.kinds().await, ["ringing", "answered_elsewhere"]);
    until(|| house.upstream.acts().last().is_some_and(|act| act.1 == Action::Terminate)).await;
}

#[tokio::test]
async fn an_accept_that_may_have_arrived_is_not_answered_by_anybody_else() {
    let settings = DeskSettings { accept_window_ms: 2_000, ..settings() };
    let house = House::of(FakeUpstream::new(), settings).await;
    let (asha, ben) = (house.page("asha").await, house.page("ben").await);
    house.ring(CALL).await;
    house.upstream.next_action(Err(timed_out()));
    for _ in 0..100 {
        house.upstream.next_action(Err(UpstreamError::Unreachable));
    }
    ends_without_a_second_ring(&house, asha, ben).await;
}

#[tokio::test]
async fn an_accept_that_may_have_arrived_is_not_undone_by_a_refused_repetition() {
    let house = House::new().await;
    let (asha, ben) = (house.page("asha").await, house.page("ben").await);
    house.ring(CALL).await;
    house.upstream.next_action(Err(timed_out()));
    house.upstream.next_action(Err(refused(400, r#"{"message":"nothing that is known"}"#)));
    ends_without_a_second_ring(&house, asha, ben).await;
}

#[tokio::test]
async fn an_accept_is_given_up_at_once_when_the_caller_has_gone() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    for _ in 0..100 {
        house.upstream.next_action(Err(timed_out()));
    }
    let accepting = house.accept("asha", CALL);
    let gone = async {
        until(|| house.upstream.acts().len() == 2).await;
        house.hear("2", "call.terminate", ended(CALL, "USER_INITIATED")).await;
        Instant::now()
    };
    let (accepted, gone) = tokio::join!(accepting, gone);
    assert!(gone.elapsed() < Duration::from_secs(1), "{:?}", gone.elapsed());
    assert_eq!(accepted.unwrap_err().kind, ProblemKind::CallState);
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "ended"]);
    assert!(house.upstream.acts().iter().all(|(_, action, _)| *action == Action::Accept));
}

#[tokio::test]
async fn an_accept_that_does_not_come_through_can_be_hung_up() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    for _ in 0..2 {
        house.upstream.next_action(Err(timed_out()));
    }
    let accepting = house.accept("asha", CALL);
    let hung_up = async {
        until(|| house.upstream.acts().len() == 2).await;
        house.act("asha", CALL, Action::Terminate, None).await
    };
    let (accepted, hung_up) = tokio::join!(accepting, hung_up);
    assert_eq!(accepted.unwrap_err().kind, ProblemKind::CallState);
    hung_up.unwrap();
    assert_eq!(house.upstream.acts()[2].1, Action::Terminate);
    assert_eq!(house.upstream.acts().len(), 3, "no try after the hang-up");
}

#[tokio::test]
async fn a_hang_up_of_a_call_that_is_over_upstream_is_done() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    house.upstream.next_action(Err(refused(400, r#"{"message":"call has ended"}"#)));
    house.act("asha", CALL, Action::Terminate, None).await.unwrap();
    assert_eq!(house.upstream.acts().len(), 2);
}

#[tokio::test]
async fn one_bad_answer_of_the_log_does_not_hide_a_live_call() {
    for error in [UpstreamError::Unreachable, UpstreamError::Unknown(Uncertainty::ServerError(503))] {
        let upstream = Arc::new(FakeUpstream::new());
        upstream.log_row(row("log-1", CALL, "inbound", "accepted"));
        upstream.next_log_fails(error);
        let (desk, _) = tokio::sync::mpsc::channel(1);
        let tools = Tools { upstream, memory: Arc::default(), desk: desk.downgrade() };
        let wacid = Some(CALL.to_owned());
        let names = ActionNames { channel: CHANNEL, direction: Direction::Inbound, wacid, initiated: None };
        let finished = work::look_up(tools, names, None).await;
        assert!(matches!(&finished.news[..], [UpstreamNews::Found(_)]), "{:?}", finished.news);
    }
}

#[tokio::test]
async fn a_webhook_waits_until_it_is_known_whose_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(folder.path().join("journal.db")).await.unwrap();
    let desk = Desk::open(Arc::new(journal), Arc::new(FakeUpstream::new()), settings()).await.unwrap();
    desk.set_available(&"asha".into(), true).await.unwrap();
    let mut asha = Page::new(desk.attach(&"asha".into(), None).await.unwrap());
    let early = desk.webhook(envelope("1", "call.connect", connect(CALL)));
    let learn = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        desk.learn_channels(vec![channel()]).await.unwrap();
    };
    let (heard, ()) = tokio::join!(early, learn);
    heard.unwrap();
    assert_eq!(asha.kinds().await, ["ringing"]);
    drop(folder);
}
