//! Relays that share a journal.

use std::sync::Arc;
use std::time::Duration;

use switchboard::RelayId;
use tokio::{
    runtime::Runtime,
    time::{Instant, sleep, timeout},
};
use vobiz::rest::Action;
use wire::{CallEvent, Downlink, ProblemKind};

use super::{CALL, House, Page, SOON, answer_of, channel, ended, far_end, far_end_answer, settings, until};
use crate::desk::{Desk, DeskSettings, Resume};
use crate::journal::{NatsJournal, nats::server::Nats};
use crate::secret::Secret;
use crate::upstream::fake::FakeUpstream;

async fn house(nats: &Nats, upstream: Arc<FakeUpstream>, name: &str) -> House {
    at(nats.address(), upstream, name).await
}

async fn at(address: String, upstream: Arc<FakeUpstream>, name: &str) -> House {
    let journal = NatsJournal::open_as("SOFTPHONE", &[Secret::new(address)], 1).await.unwrap();
    let settings = DeskSettings { relay: Some(RelayId(name.to_owned())), ..settings() };
    let desk = Desk::open(Arc::new(journal), upstream.clone(), settings).await.unwrap();
    desk.learn_channels(vec![channel()]).await.unwrap();
    House { desk, upstream, folder: tempfile::tempdir().unwrap() }
}

/// Two relays on one server, and the upstream of both.
async fn pair(upstream: FakeUpstream) -> (House, House, Nats) {
    let nats = Nats::start().unwrap();
    let upstream = Arc::new(upstream);
    (house(&nats, upstream.clone(), "a").await, house(&nats, upstream, "b").await, nats)
}

/// A relay that can be ended without a word, as a kill does: by the end of all its tasks.
pub(super) struct Mortal {
    pub(super) house: House,
    /// Taken only by the end.
    tasks: Option<Runtime>,
}

impl Mortal {
    pub(super) async fn new(nats: &Nats, upstream: Arc<FakeUpstream>, name: &str) -> Self {
        let tasks = Runtime::new().unwrap();
        let (address, name) = (nats.address(), name.to_owned());
        let house = tasks.spawn(async move { at(address, upstream, &name).await }).await.unwrap();
        Self { house, tasks: Some(tasks) }
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        if let Some(tasks) = self.tasks.take() {
            tasks.shutdown_background();
        }
    }
}

#[tokio::test]
async fn a_call_that_came_here_is_answered_there() {
    let (a, b, _nats) = pair(FakeUpstream::new()).await;
    let mut page = b.page("asha").await;
    a.ring(CALL).await;
    assert_eq!(page.kinds().await, ["ringing"]);
    b.accept("asha", CALL).await.unwrap();
    assert_eq!(page.kinds().await, ["claimed", "accepted"]);
    // The same delivery, and the end, at whichever relay.
    b.ring(CALL).await;
    a.hear("end", "call.terminate", ended(CALL, "USER_INITIATED")).await;
    assert_eq!(page.kinds().await, ["ended"]);
    assert!(page.is_quiet());
    let acts: Vec<Action> = b.upstream.acts().into_iter().map(|(_, action, _)| action).collect();
    assert_eq!(acts, [Action::Accept], "once");
}

#[tokio::test]
async fn two_agents_at_two_relays_have_one_winner() {
    let (a, b, _nats) = pair(FakeUpstream::new()).await;
    let (mut asha, mut ben) = (a.page("asha").await, b.page("ben").await);
    for round in 0..10 {
        let call = format!("wacid.{round}");
        if round % 2 == 0 {
            a.ring(&call).await
        } else {
            b.ring(&call).await
        }
        assert_eq!((asha.kinds().await, ben.kinds().await), (["ringing".to_owned()], ["ringing".to_owned()]));
        let (one, other) = tokio::join!(a.accept("asha", &call), b.accept("ben", &call));
        let (loser, winner) = match (one, other) {
            (Ok(()), Err(problem)) => (problem, "Asha Rao"),
            (Err(problem), Ok(())) => (problem, "Ben Okafor"),
            both => panic!("{both:?}"),
        };
        assert_eq!((loser.kind, loser.status), (ProblemKind::AnsweredElsewhere, 409));
        assert_eq!(loser.winner.as_deref(), Some(winner));
        assert!(loser.ms_ago.is_some());
        let (won, lost) = if winner == "Asha Rao" { (&mut asha, &mut ben) } else { (&mut ben, &mut asha) };
        assert_eq!(won.kinds().await, ["claimed", "accepted"]);
        assert!(matches!(lost.next().await, CallEvent::AnsweredElsewhere { by } if by == winner));
        // Both are free again.
        b.hear(&format!("end-{round}"), "call.terminate", ended(&call, "USER_INITIATED")).await;
        assert_eq!(won.kinds().await, ["ended"]);
    }
}

#[tokio::test]
async fn a_page_resumes_at_the_other_relay() {
    let (a, b, _nats) = pair(FakeUpstream::new()).await;
    let mut page = a.page("asha").await;
    b.ring(CALL).await;
    assert_eq!(page.kinds().await, ["ringing"]);
    let seen = page.seen;
    a.accept("asha", CALL).await.unwrap();
    drop(page);
    assert_eq!(a.desk.epoch(), b.desk.epoch());
    let resume = Resume { epoch: Some(a.desk.epoch().to_owned()), after: seen };
    let back = b.desk.attach(&"asha".into(), Some(resume)).await.unwrap();
    assert!(matches!(back.first[0], Downlink::Resumed { .. }), "{:?}", back.first);
    let mut told: Vec<Downlink> = back.first.clone();
    let mut page = Page::new(back);
    while told.len() < 3 {
        told.push(timeout(SOON, page.attachment.live.recv()).await.unwrap().unwrap());
    }
    let events: Vec<CallEvent> = told
        .into_iter()
        .filter_map(|frame| if let Downlink::Event { event, .. } = frame { Some(event) } else { None })
        .collect();
    assert_eq!(events, [CallEvent::Claimed, CallEvent::Accepted]);
    // A page that comes back at once is ahead of a relay that has not read so far.
    for round in 0..20 {
        a.desk.set_available(&"asha".into(), round % 2 == 0).await.unwrap();
        let Downlink::Snapshot { seq, .. } =
            a.desk.attach(&"ben".into(), None).await.unwrap().first[0].clone()
        else {
            panic!()
        };
        let resume = Resume { epoch: None, after: seq };
        let back = b.desk.attach(&"ben".into(), Some(resume)).await.unwrap();
        assert!(matches!(back.first[0], Downlink::Resumed { .. }), "round {round}: {:?}", back.first);
    }
}

#[tokio::test]
async fn an_answer_to_an_outbound_call_may_come_anywhere() {
    let (a, b, _nats) = pair(FakeUpstream::new()).await;
    let mut page = a.page("asha").await;
    a.dial("asha", "attempt-1").await.unwrap();
    // This relay has perhaps not read of the call yet.
    b.hear("answer", "call.connect", far_end_answer("wacid.out")).await;
    b.hear("up", "call.status", far_end("wacid.out", "ACCEPTED")).await;
    assert_eq!(page.kinds().await, ["dialing", "initiated", "answer", "accepted"]);
    // The same attempt at the other relay, as a balancer may send it, is the same call.
    let again = b.dial("asha", "attempt-1").await.unwrap();
    assert_eq!(again.to.as_deref(), Some(super::CALLEE));
    assert_eq!(a.upstream.initiates(), 1);
    // And either relay can end it.
    b.act("asha", "wacid.out", Action::Terminate, None).await.unwrap();
    assert_eq!(page.kinds().await, ["ended"]);
}

#[tokio::test]
async fn the_work_of_a_killed_relay_is_taken_up() {
    let nats = Nats::start().unwrap();
    let upstream = Arc::new(FakeUpstream::hanging());
    let a = Mortal::new(&nats, upstream.clone(), "a").await;
    let b = house(&nats, upstream.clone(), "b").await;
    let mut page = b.page("asha").await;
    b.ring(CALL).await;
    assert_eq!(page.kinds().await, ["ringing"]);
    // The accept reaches the relay that is about to die, and upstream hesitates.
    let desk = a.house.desk.clone();
    let accept = tokio::spawn(async move {
        desk.action(&"asha".into(), CALL, Action::Accept, Some(answer_of("asha"))).await
    });
    until(|| upstream.acts().len() == 1).await;
    assert_eq!(page.kinds().await, ["claimed"]);
    drop(a);
    accept.abort();
    // The page repeats it at the other one, which does not do it twice while the first
    // one may still be at it.
    let killed = Instant::now();
    let desk = b.desk.clone();
    let again = tokio::spawn(async move {
        desk.action(&"asha".into(), CALL, Action::Accept, Some(answer_of("asha"))).await
    });
    upstream.release(10);
    let waited = timeout(Duration::from_secs(30), again).await.unwrap().unwrap();
    waited.unwrap();
    assert!(killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
    assert_eq!(page.kinds().await, ["accepted"]);
    let bodies: Vec<Option<String>> = upstream.acts().into_iter().map(|(_, _, sdp)| sdp).collect();
    assert!(bodies.iter().all(|sdp| sdp.as_deref() == Some(answer_of("asha").as_str())), "one answer");
}

#[tokio::test]
async fn a_repetition_at_the_other_relay_waits_for_the_first_ones_outcome() {
    let (a, b, _nats) = pair(FakeUpstream::hanging()).await;
    let _page = a.page("asha").await;
    a.ring(CALL).await;
    let accept = |desk: Desk| {
        tokio::spawn(async move {
            desk.action(&"asha".into(), CALL, Action::Accept, Some(answer_of("asha"))).await
        })
    };
    let first = accept(a.desk.clone());
    until(|| a.upstream.acts().len() == 1).await;
    let again = accept(b.desk.clone());
    // Long enough to be asked; the upstream has not answered yet.
    sleep(Duration::from_millis(200)).await;
    assert!(!again.is_finished());
    a.upstream.release(1);
    for asked in [first, again] {
        timeout(SOON, asked).await.unwrap().unwrap().unwrap();
    }
    assert_eq!(a.upstream.acts().len(), 1, "done once");
    // And so does the attempt to call.
    let dial = |house: &House| {
        let desk = house.desk.clone();
        let to = vobiz::Number::parse(super::CALLEE).unwrap();
        tokio::spawn(async move {
            let offer = super::sdp("actpass");
            desk.initiate(&"asha".into(), "attempt-1".to_owned(), super::CHANNEL, to, offer).await
        })
    };
    let first = dial(&a);
    until(|| a.upstream.initiates() == 1).await;
    let again = dial(&b);
    sleep(Duration::from_millis(200)).await;
    a.upstream.release(1);
    let (first, again) = (timeout(SOON, first).await.unwrap(), timeout(SOON, again).await.unwrap());
    assert_eq!(first.unwrap().unwrap(), again.unwrap().unwrap());
    assert_eq!(a.upstream.initiates(), 1);
}

#[tokio::test]
async fn the_agents_of_a_killed_relay_are_out_of_reach() {
    let nats = Nats::start().unwrap();
    let upstream = Arc::new(FakeUpstream::new());
    let a = Mortal::new(&nats, upstream.clone(), "a").await;
    let b = house(&nats, upstream.clone(), "b").await;
    let mut asha = b.page("asha").await;
    let _ben = a.house.page("ben").await;
    drop(a);
    // Once it is missed, the only one left has the say: who declines, declines for all.
    // Before that, the caller waits for a page to show the ring.
    let killed = Instant::now();
    for round in 0.. {
        let call = format!("wacid.{round}");
        b.ring(&call).await;
        while !matches!(asha.next().await, CallEvent::Ringing { .. }) {}
        b.act("asha", &call, Action::Reject, None).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        let rejected = (call, Action::Reject, None);
        if upstream.acts().contains(&rejected) {
            break;
        }
        assert!(killed.elapsed() < Duration::from_secs(25), "it is never missed");
    }
    assert!(killed.elapsed() > Duration::from_secs(5), "it was missed before its time");
}

#[tokio::test]
async fn a_relay_that_starts_knows_what_the_others_have() {
    let (a, b, nats) = pair(FakeUpstream::new()).await;
    let _page = a.page("asha").await;
    b.ring(CALL).await;
    let c = house(&nats, a.upstream.clone(), "c").await;
    c.accept("asha", CALL).await.unwrap();
    let health = async {
        loop {
            let health = c.desk.journal();
            if health.position > 0 && health.lag() == 0 && health.error.is_none() {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, health).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_away_refuses_new_calls_and_ends_nothing() {
    let (a, b, mut nats) = pair(FakeUpstream::new()).await;
    let mut page = a.page("asha").await;
    b.ring(CALL).await;
    a.accept("asha", CALL).await.unwrap();
    assert_eq!(page.kinds().await, ["ringing", "claimed", "accepted"]);
    nats.kill();
    let problem = loop {
        if let Err(problem) = a.dial("asha", "attempt-1").await {
            break problem;
        }
    };
    assert_eq!((problem.kind, problem.status), (ProblemKind::Unavailable, 503));
    assert!(a.desk.health().await.is_err());
    // Hanging up works all the same.
    a.act("asha", CALL, Action::Terminate, None).await.unwrap();
    nats.resume().unwrap();
    assert_eq!(page.kinds().await, ["ended"]);
    let begun = Instant::now();
    while a.desk.health().await.is_err() {
        assert!(begun.elapsed() < SOON);
        sleep(Duration::from_millis(20)).await;
    }
}
