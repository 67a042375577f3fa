//! Starts from a snapshot.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use switchboard::{Fact, STATE_VERSION};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use vobiz::rest::Action;
use wire::{AgentName, CallEvent, Downlink, EndReason, Stage};

use super::{CALL, House, Page, SOON, answer_of, channel, settings};
use crate::desk::{Desk, DeskSettings, Resume, SNAPSHOT_EVERY};
use crate::journal::nats::server::Nats;
use crate::journal::{
    Answer, Appended, Following, Journal, JournalError, NatsJournal, Position, Record, SqliteJournal, Stream,
};
use crate::secret::Secret;
use crate::upstream::fake::FakeUpstream;

/// A journal that counts what is read, and may be unable to keep snapshots.
struct Watched {
    journal: Arc<dyn Journal>,
    read: Arc<AtomicUsize>,
    keeps_no_snapshot: Arc<AtomicBool>,
}

impl Journal for Watched {
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
        self.journal.append(stream, expected, at, facts)
    }

    fn read(&self, after: Position, limit: usize) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            let records = self.journal.read(after, limit).await?;
            self.read.fetch_add(records.len(), Ordering::SeqCst);
            Ok(records)
        })
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
        self.journal.check()
    }

    fn keep_snapshot(&self, position: Position, snapshot: Bytes) -> Answer<'_, ()> {
        if self.keeps_no_snapshot.load(Ordering::SeqCst) {
            return Box::pin(async { Err(JournalError::Full) });
        }
        self.journal.keep_snapshot(position, snapshot)
    }

    fn snapshot(&self) -> Answer<'_, Option<(Position, Bytes)>> {
        self.journal.snapshot()
    }
}

async fn sqlite(folder: &TempDir) -> Arc<SqliteJournal> {
    Arc::new(SqliteJournal::open(folder.path().join("journal.db")).await.unwrap())
}

/// A desk on this journal, and how many records its start has read.
async fn start(journal: Arc<dyn Journal>, every: u64) -> (House, usize) {
    let read = Arc::new(AtomicUsize::new(0));
    let watched = Watched { journal, read: read.clone(), keeps_no_snapshot: Arc::default() };
    let house = begin(Arc::new(watched), every).await;
    (house, read.load(Ordering::SeqCst))
}

async fn begin(journal: Arc<dyn Journal>, every: u64) -> House {
    let upstream = Arc::new(FakeUpstream::new());
    let settings = DeskSettings { snapshot_every: every, ..settings() };
    let desk = Desk::open(journal, upstream.clone(), settings).await.unwrap();
    desk.learn_channels(vec![channel()]).await.unwrap();
    House { desk, upstream, folder: tempfile::tempdir().unwrap() }
}

/// Two agents, one of whom talks while another call rings for the other.
async fn busy(house: &House) -> (Page, Page) {
    let (asha, ben) = (house.page("asha").await, house.page("ben").await);
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    house.ring("wacid.rings").await;
    (asha, ben)
}

/// The relay is killed: nothing more is said by it.
async fn kill(house: House) {
    let House { desk, upstream, folder } = house;
    drop((desk, folder));
    // Its tasks hold the upstream for as long as there are any.
    super::until(|| Arc::strong_count(&upstream) == 1).await;
}

async fn snapshot_at(journal: &dyn Journal, position: Position) {
    let until = Instant::now() + SOON;
    while journal.snapshot().await.unwrap().is_none_or(|(kept, _)| kept < position) {
        assert!(Instant::now() < until, "no snapshot is kept");
        sleep(Duration::from_millis(5)).await;
    }
}

/// What was going on goes on.
async fn goes_on(house: &House) {
    let back = house.desk.attach(&AgentName::from("ben"), None).await.unwrap();
    let Downlink::Snapshot { calls, available: true, .. } = &back.first[0] else { panic!("{back:?}") };
    assert!(
        calls
            .iter()
            .any(|call| matches!(&call.stage, Stage::Ringing { offer, .. } if offer == "v=0\r\noffer\r\n"))
    );
    let asha = house.desk.attach(&AgentName::from("asha"), None).await.unwrap();
    let Downlink::Snapshot { calls, available: true, .. } = &asha.first[0] else { panic!("{asha:?}") };
    assert!(
        calls.iter().any(|call| call.call.as_str() == CALL && matches!(call.stage, Stage::Accepted { .. }))
    );
    house.act("asha", CALL, Action::Terminate, None).await.unwrap();
    house.accept("ben", "wacid.rings").await.unwrap();
    let acts = house.upstream.acts();
    assert_eq!(acts[0], (CALL.into(), Action::Terminate, None));
    assert_eq!(acts.last().unwrap(), &("wacid.rings".into(), Action::Accept, Some(answer_of("ben"))));
    let mut ben = Page::new(back);
    assert_eq!(ben.kinds().await, ["claimed", "accepted"]);
}

#[tokio::test]
async fn a_start_after_an_orderly_end_reads_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let (house, _) = start(sqlite(&folder).await, SNAPSHOT_EVERY).await;
    let pages = busy(&house).await;
    house.desk.close().await;
    drop((house, pages));
    let (house, read) = start(sqlite(&folder).await, SNAPSHOT_EVERY).await;
    assert_eq!(read, 1, "the one at which it stands");
    goes_on(&house).await;
}

#[tokio::test]
async fn a_start_after_a_kill_reads_what_came_after_the_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let journal = sqlite(&folder).await;
    let (house, _) = start(journal.clone(), 4).await;
    let pages = busy(&house).await;
    let all = journal.newest().await.unwrap();
    snapshot_at(journal.as_ref(), all - 4).await;
    kill(house).await;
    drop(pages);
    let (kept, _) = journal.snapshot().await.unwrap().unwrap();
    let (all, before) = (journal.newest().await.unwrap(), all);
    assert!(kept > 0 && all == before);
    let (house, read) = start(journal, SNAPSHOT_EVERY).await;
    assert_eq!(read as u64, all - kept + 1, "from the one at which it stands");
    goes_on(&house).await;
}

#[tokio::test]
async fn a_relay_on_a_server_begins_with_the_others_snapshot() {
    let nats = Nats::start().unwrap();
    let open = async || {
        let servers = [Secret::new(nats.address())];
        Arc::new(NatsJournal::open_as("SOFTPHONE", &servers, 1).await.unwrap())
    };
    let (house, _) = start(open().await, SNAPSHOT_EVERY).await;
    let pages = busy(&house).await;
    house.desk.close().await;
    drop((house, pages));
    let (house, read) = start(open().await, SNAPSHOT_EVERY).await;
    assert_eq!(read, 1, "the one at which it stands");
    goes_on(&house).await;
}

#[tokio::test]
async fn a_page_that_missed_something_before_the_snapshot_is_told_all_anew() {
    let folder = tempfile::tempdir().unwrap();
    let journal = sqlite(&folder).await;
    let (house, _) = start(journal.clone(), SNAPSHOT_EVERY).await;
    let page = house.page("asha").await;
    let before = page.seen;
    drop(page);
    house.ring(CALL).await;
    house.desk.close().await;
    let at_the_end = house.desk_newest(&journal).await;
    drop(house);
    let (house, _) = start(journal, SNAPSHOT_EVERY).await;
    let come_back = async |after| {
        let resume = Resume { epoch: None, after };
        house.desk.attach(&"asha".into(), Some(resume)).await.unwrap().first
    };
    let first = come_back(before).await;
    let [Downlink::Snapshot { calls, .. }] = &first[..] else { panic!("a gap: {first:?}") };
    assert_eq!(calls[0].call.as_str(), CALL);
    // What came after the snapshot is replayed.
    house.hear("end", "call.terminate", super::ended(CALL, "USER_INITIATED")).await;
    let first = come_back(at_the_end).await;
    assert!(matches!(first[0], Downlink::Resumed { .. }), "{first:?}");
    let told = |frame: &Downlink| matches!(frame, Downlink::Event { event: CallEvent::Ended { .. }, .. });
    assert!(first.iter().any(told), "{first:?}");
}

impl House {
    /// The newest number that a page can have seen.
    async fn desk_newest(&self, journal: &Arc<SqliteJournal>) -> u64 {
        let numbering = crate::desk::push::Numbering::of(journal.epoch());
        numbering.number(journal.newest().await.unwrap(), crate::journal::MAX_FACTS)
    }
}

#[tokio::test]
async fn a_snapshot_that_is_of_no_use_costs_only_time() {
    let folder = tempfile::tempdir().unwrap();
    let journal = sqlite(&folder).await;
    let (house, _) = start(journal.clone(), SNAPSHOT_EVERY).await;
    let pages = busy(&house).await;
    house.desk.close().await;
    drop((house, pages));
    let (_, sound) = journal.snapshot().await.unwrap().unwrap();
    let text = String::from_utf8(sound.to_vec()).unwrap();
    let other = |version: u32| {
        text.replacen(&format!("\"version\":{STATE_VERSION}"), &format!("\"version\":{version}"), 1)
    };
    let (head, state) = text.split_once('\n').unwrap();
    let mut head: serde_json::Value = serde_json::from_str(head).unwrap();
    head["at"] = 1.into();
    let useless: [(Position, String); 6] = [
        (0, String::new()),
        (0, text[..text.len() / 2].to_owned()),
        (0, other(STATE_VERSION + 1)),
        (0, text.replacen(journal.epoch(), "another-epoch", 1)),
        (0, format!("{head}\n{state}")),
        (1_000, text.clone()),
    ];
    for (past_newest, snapshot) in useless {
        let newest = journal.newest().await.unwrap();
        journal.keep_snapshot(newest + past_newest, Bytes::from(snapshot.clone())).await.unwrap();
        let all = journal.read(0, 1_000).await.unwrap().len();
        let (house, read) = start(journal.clone(), SNAPSHOT_EVERY).await;
        assert!(read == all || read == all + 1, "{read} of {all}");
        let ben = house.desk.attach(&"ben".into(), None).await.unwrap();
        assert!(matches!(&ben.first[0], Downlink::Snapshot { calls, .. } if calls.len() == 1), "{ben:?}");
        // There is one of use from now on.
        let until = Instant::now() + SOON;
        while journal.snapshot().await.unwrap().is_none_or(|(_, kept)| kept == snapshot) {
            assert!(Instant::now() < until, "none is kept");
            sleep(Duration::from_millis(5)).await;
        }
        kill(house).await;
        drop(ben);
    }
    let (house, _) = start(journal, SNAPSHOT_EVERY).await;
    goes_on(&house).await;
}

#[tokio::test]
async fn a_snapshot_that_can_not_be_kept_hinders_nothing_and_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let journal = sqlite(&folder).await;
    let keeps_none = Arc::new(AtomicBool::new(true));
    let watched =
        Watched { journal: journal.clone(), read: Arc::default(), keeps_no_snapshot: keeps_none.clone() };
    let house = begin(Arc::new(watched), 3).await;
    let mut asha = house.page("asha").await;
    for call in ["wacid.1", "wacid.2", "wacid.3"] {
        house.ring(call).await;
        house.hear(call, "call.terminate", super::ended(call, "USER_INITIATED")).await;
    }
    assert_eq!(journal.snapshot().await, Ok(None));
    keeps_none.store(false, Ordering::SeqCst);
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    house.act("asha", CALL, Action::Terminate, None).await.unwrap();
    loop {
        if asha.next().await == (CallEvent::Ended { reason: EndReason::HungUp }) {
            break;
        }
    }
    snapshot_at(journal.as_ref(), 1).await;
}
