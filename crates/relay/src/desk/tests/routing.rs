//! What the switchboard's routing makes the desk do.

use std::time::Duration;

use switchboard::{Routing, WhenNobody};
use tokio::time::timeout;
use vobiz::fault::Fault;
use vobiz::rest::Action;
use wire::{CallEvent, Downlink, EndReason};

use super::{CALL, DeskSettings, House, Page, answer_of, connect, open, settings, until};
use crate::upstream::UpstreamError;
use crate::upstream::fake::{FakeUpstream, refused};

async fn house(change: impl FnOnce(&mut DeskSettings)) -> House {
    let folder = tempfile::tempdir().unwrap();
    let upstream = std::sync::Arc::new(FakeUpstream::new());
    let mut settings = settings();
    change(&mut settings);
    let desk = open(&folder, upstream.clone(), settings).await;
    House { desk, upstream, folder }
}

#[tokio::test]
async fn one_rings_and_the_next_when_the_first_declines() {
    let house = house(|settings| settings.routing = Routing::LongestIdle).await;
    let (mut asha, mut ben) = (house.page("asha").await, house.page("ben").await);
    house.ring(CALL).await;
    assert_eq!(asha.kinds().await, ["ringing"]);
    assert!(ben.is_quiet());
    house.act("asha", CALL, Action::Reject, None).await.unwrap();
    assert_eq!(ben.kinds().await, ["ringing"]);
    house.accept("ben", CALL).await.unwrap();
    assert_eq!(ben.kinds().await, ["claimed", "accepted"]);
}

#[tokio::test]
async fn the_only_agents_answer_goes_up_while_it_rings_and_is_accepted_as_it_is() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.desk.prepared(&"asha".into(), &CALL.into(), "no answer at all".into()).await;
    house.desk.prepared(&"asha".into(), &CALL.into(), answer_of("asha")).await;
    assert_eq!(asha.kinds().await, ["ringing", "answer_delivered"]);
    let sdp = Some(answer_of("asha"));
    assert_eq!(house.upstream.acts(), [(CALL.into(), Action::PreAccept, sdp.clone())]);
    house.accept("asha", CALL).await.unwrap();
    assert_eq!(asha.kinds().await, ["claimed", "accepted"]);
    assert_eq!(house.upstream.acts()[1..], [(CALL.into(), Action::Accept, sdp)]);
}

#[tokio::test]
async fn an_accept_waits_for_an_answer_that_is_on_its_way_up() {
    let house = House::with(FakeUpstream::hanging()).await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.desk.prepared(&"asha".into(), &CALL.into(), answer_of("asha")).await;
    until(|| house.upstream.acts().len() == 1).await;
    let desk = house.desk.clone();
    let accepting = tokio::spawn(async move {
        desk.action(&"asha".into(), CALL, Action::Accept, Some(answer_of("asha"))).await
    });
    assert_eq!(asha.kinds().await, ["ringing", "claimed"]);
    house.upstream.release(2);
    accepting.await.unwrap().unwrap();
    let actions: Vec<Action> = house.upstream.acts().into_iter().map(|(_, action, _)| action).collect();
    assert_eq!(actions, [Action::PreAccept, Action::Accept]);
}

#[tokio::test]
async fn an_accept_does_not_wait_for_an_upstream_that_takes_no_early_answer() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    let retry_after = Some(Duration::from_secs(30));
    let busy = UpstreamError::Refused { status: 429, fault: Fault::default(), retry_after };
    house.upstream.next_action(Err(busy));
    house.desk.prepared(&"asha".into(), &CALL.into(), answer_of("asha")).await;
    until(|| house.upstream.acts().len() == 1).await;
    timeout(Duration::from_secs(2), house.accept("asha", CALL)).await.unwrap().unwrap();
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "accepted"]);
    let actions: Vec<Action> = house.upstream.acts().into_iter().map(|(_, action, _)| action).collect();
    assert_eq!(actions, [Action::PreAccept, Action::Accept], "the accept brings the answer");
}

#[tokio::test]
async fn an_answer_that_a_dead_relay_was_handing_up_is_handed_up_by_the_next() {
    let house = House::with(FakeUpstream::hanging()).await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    house.desk.prepared(&"asha".into(), &CALL.into(), answer_of("asha")).await;
    until(|| house.upstream.acts().len() == 1).await;
    let house = house.restart(FakeUpstream::new()).await;
    until(|| !house.upstream.acts().is_empty()).await;
    assert_eq!(house.upstream.acts(), [(CALL.into(), Action::PreAccept, Some(answer_of("asha")))]);
}

#[tokio::test]
async fn an_answer_that_upstream_refuses_rings_the_others_again() {
    let house = House::new().await;
    let (mut asha, mut ben) = (house.page("asha").await, house.page("ben").await);
    house.ring(CALL).await;
    house.upstream.next_action(Err(refused(400, r#"{"error":{"code":100}}"#)));
    let problem = house.accept("asha", CALL).await.unwrap_err();
    assert_eq!((problem.status, problem.code), (422, Some(100)));
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "ended"]);
    assert_eq!(ben.kinds().await, ["ringing", "answered_elsewhere", "ringing"]);
    house.accept("ben", CALL).await.unwrap();
    assert_eq!(ben.kinds().await, ["claimed", "accepted"]);
}

#[tokio::test]
async fn a_caller_may_be_left_to_ring_when_the_last_declines() {
    let house = house(|settings| {
        settings.when_nobody = WhenNobody::Ring;
        settings.accept_window_ms = 300;
    })
    .await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.act("asha", CALL, Action::Reject, None).await.unwrap();
    assert_eq!(asha.kinds().await, ["ringing", "declined_here"]);
    let ended = tokio::time::Instant::now() + std::time::Duration::from_millis(300);
    tokio::time::sleep_until(ended).await;
    let late = house.accept("asha", CALL).await.unwrap_err();
    assert_eq!(late.title, "The caller is gone");
    assert!(house.upstream.acts().is_empty(), "upstream ends it by itself");
}

#[tokio::test]
async fn the_work_after_a_call_is_told_and_remembered() {
    let house = house(|settings| settings.wrap_up_ms = 60_000).await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    house.act("asha", CALL, Action::Terminate, None).await.unwrap();
    loop {
        if let Downlink::WrapUp { .. } = asha.attachment.live.recv().await.unwrap() {
            break;
        }
    }
    let back = house.desk.attach(&"asha".into(), None).await.unwrap();
    assert!(
        matches!(back.first[..], [Downlink::Snapshot { .. }, Downlink::WrapUp { .. }]),
        "{:?}",
        back.first
    );
    house.desk.ready(&"asha".into()).await.unwrap();
    let back = house.desk.attach(&"asha".into(), None).await.unwrap();
    assert!(matches!(back.first[..], [Downlink::Snapshot { .. }]));
}

#[tokio::test]
async fn a_webhook_that_comes_again_with_a_new_id_changes_nothing() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    let again = connect(CALL);
    house.hear("1", "call.connect", again.clone()).await;
    assert_eq!(asha.kinds().await, ["ringing"]);
    house.accept("asha", CALL).await.unwrap();
    house.hear("2", "call.connect", again.clone()).await;
    assert_eq!(asha.kinds().await, ["claimed", "accepted"]);
    let end = super::ended(CALL, "USER_INITIATED");
    house.hear("3", "call.terminate", end.clone()).await;
    assert_eq!(asha.next().await, CallEvent::Ended { reason: EndReason::FarEndHungUp });
    for (id, kind, value) in [("4", "call.terminate", end), ("5", "call.connect", again)] {
        house.hear(id, kind, value).await;
    }
    assert!(asha.is_quiet());
    // Neither does a relay that has started again since.
    let house = house.restart(FakeUpstream::new()).await;
    let mut asha = Page::new(house.desk.attach(&"asha".into(), None).await.unwrap());
    house.hear("6", "call.connect", connect(CALL)).await;
    assert!(asha.is_quiet());
    assert!(house.upstream.asked().is_empty());
}
