//! Pages that come back, relays that start again.

use futures_util::FutureExt as _;
use vobiz::rest::Action;
use wire::{AgentName, CallEvent, Downlink, EndReason, Stage};

use super::{CALL, House, Page, answer_of, ended, until};
use crate::desk::Resume;
use crate::desk::attach::LIVE_QUEUE;
use crate::upstream::fake::{FakeUpstream, refused, row, timed_out};

async fn come_back(house: &House, agent: &str, epoch: Option<&str>, after: u64) -> Vec<Downlink> {
    let resume = Resume { epoch: epoch.map(str::to_owned), after };
    house.desk.attach(&agent.into(), Some(resume)).await.unwrap().first
}

#[tokio::test]
async fn a_page_gets_what_it_missed() {
    let house = House::new().await;
    let page = house.page("asha").await;
    let _ben = house.page("ben").await;
    let seen = page.seen;
    drop(page);
    house.ring(CALL).await;
    house.accept("ben", CALL).await.unwrap();
    let epoch = house.desk.epoch().to_owned();
    for told in [None, Some(epoch.as_str())] {
        let first = come_back(&house, "asha", told, seen).await;
        assert!(matches!(first[0], Downlink::Resumed { available: true, .. }), "{first:?}");
        assert!(first.len() <= 3, "only what is asha's: {first:?}");
    }
    for (told, after) in [(Some("another"), seen), (None, 3), (None, seen + 1_000_000), (None, u64::MAX)] {
        let first = come_back(&house, "asha", told, after).await;
        assert!(matches!(first[..], [Downlink::Snapshot { .. }]), "{first:?}");
    }
}

#[tokio::test]
async fn a_page_that_is_cut_off_between_two_facts_of_one_decision_loses_neither() {
    let house = House::new().await;
    let mut page = house.page("asha").await;
    house.upstream.next_initiate(Err(timed_out()));
    house.upstream.log_row(row("uuid-7", "wacid.out", "outbound", "ringing"));
    house.dial("asha", "attempt-1").await.unwrap();
    assert_eq!(page.kinds().await, ["dialing", "initiated"]);
    let between = page.seen;
    let first = come_back(&house, "asha", None, between).await;
    let [Downlink::Resumed { .. }, Downlink::Event { event, .. }] = &first[..] else { panic!("{first:?}") };
    assert_eq!(event, &CallEvent::FarEndRinging);
}

#[tokio::test]
async fn a_page_that_did_not_wait_takes_no_place() {
    let house = House::new().await;
    let before = house.desk.overview().await.unwrap().seq;
    let asha = "asha".into();
    // It is asked for, and not waited for.
    assert!(house.desk.attach(&asha, None).now_or_never().is_none());
    assert_eq!(house.desk.overview().await.unwrap().seq, before, "nothing is recorded of it");
}

#[tokio::test]
async fn a_socket_that_does_not_read_is_let_go() {
    let house = House::new().await;
    let mut page = house.page("asha").await;
    for call in 0..=LIVE_QUEUE {
        house.ring(&format!("wacid.{call}")).await;
    }
    let mut frames = 0;
    while page.attachment.live.recv().await.is_some() {
        frames += 1;
    }
    assert!(frames <= LIVE_QUEUE);
    let back = house.desk.attach(&"asha".into(), None).await.unwrap();
    let Downlink::Snapshot { calls, .. } = &back.first[0] else { panic!() };
    assert!(calls.len() >= LIVE_QUEUE, "everything still rings: {}", calls.len());
}

#[tokio::test]
async fn presence_is_remembered_and_reachability_is_not() {
    let house = House::new().await;
    let page = house.page("asha").await;
    let mut second = house.desk.attach(&"asha".into(), None).await.unwrap();
    house.desk.set_available(&"asha".into(), false).await.unwrap();
    assert_eq!(second.live.recv().await, Some(Downlink::Presence { available: false }));
    house.desk.set_available(&"asha".into(), true).await.unwrap();
    drop((page, second));
    let house = house.restart(FakeUpstream::new()).await;
    house.ring(CALL).await;
    let back = house.desk.attach(&"asha".into(), None).await.unwrap();
    assert!(matches!(back.first[0], Downlink::Snapshot { available: true, .. }));
    assert_eq!(Page::new(back).kinds().await, ["ringing"]);
}

#[tokio::test]
async fn a_ring_survives_a_restart_and_is_shown_again() {
    let house = House::new().await;
    let page = house.page("asha").await;
    house.ring(CALL).await;
    drop(page);
    let house = house.restart(FakeUpstream::new()).await;
    let back = house.desk.attach(&AgentName::from("asha"), None).await.unwrap();
    let Downlink::Snapshot { calls, .. } = &back.first[0] else { panic!() };
    assert!(matches!(&calls[0].stage, Stage::Ringing { offer, .. } if offer == "v=0\r\noffer\r\n"));
    house.accept("asha", CALL).await.unwrap();
    assert_eq!(Page::new(back).kinds().await, ["claimed", "accepted"]);
}

#[tokio::test]
async fn an_accept_that_a_dead_relay_left_is_taken_up_with_the_identical_description() {
    let house = House::with(FakeUpstream::hanging()).await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    let desk = house.desk.clone();
    let accepting = tokio::spawn(async move {
        desk.action(&"asha".into(), CALL, Action::Accept, Some(answer_of("asha"))).await
    });
    until(|| house.upstream.acts().len() == 1).await;
    let house = house.restart(FakeUpstream::new()).await;
    assert!(accepting.await.unwrap().is_err());
    until(|| !house.upstream.acts().is_empty()).await;
    assert_eq!(house.upstream.acts(), [(CALL.into(), Action::Accept, Some(answer_of("asha")))]);
    let back = house.page("asha").await;
    until(|| house.upstream.acts().len() == 1).await;
    house.hear("end", "call.terminate", ended(CALL, "USER_INITIATED")).await;
    let mut back = back;
    loop {
        if let CallEvent::Ended { reason } = back.next().await {
            assert_eq!(reason, EndReason::FarEndHungUp, "it was a live call");
            break;
        }
    }
}

#[tokio::test]
async fn an_accept_of_a_dead_relay_that_is_refused_now_may_have_been_taken_then() {
    let house = House::with(FakeUpstream::hanging()).await;
    let (_asha, _ben) = (house.page("asha").await, house.page("ben").await);
    house.ring(CALL).await;
    let desk = house.desk.clone();
    let accepting = tokio::spawn(async move {
        desk.action(&"asha".into(), CALL, Action::Accept, Some(answer_of("asha"))).await
    });
    until(|| house.upstream.acts().len() == 1).await;
    let upstream = FakeUpstream::new();
    upstream.next_action(Err(refused(400, r#"{"message":"nothing that is known"}"#)));
    let house = house.restart(upstream).await;
    assert!(accepting.await.unwrap().is_err());
    until(|| house.upstream.acts().len() == 2).await;
    let actions: Vec<Action> = house.upstream.acts().into_iter().map(|(_, action, _)| action).collect();
    assert_eq!(actions, [Action::Accept, Action::Terminate]);
}

#[tokio::test]
async fn a_hang_up_that_a_dead_relay_left_is_taken_up() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    let house = house.restart(FakeUpstream::hanging()).await;
    let desk = house.desk.clone();
    let ending =
        tokio::spawn(async move { desk.action(&"asha".into(), CALL, Action::Terminate, None).await });
    until(|| house.upstream.acts().len() == 1).await;
    let house = house.restart(FakeUpstream::new()).await;
    assert!(ending.await.unwrap().is_err());
    until(|| !house.upstream.acts().is_empty()).await;
    assert_eq!(house.upstream.acts(), [(CALL.into(), Action::Terminate, None)]);
    let over = house.act("asha", CALL, Action::Terminate, None).await.unwrap_err();
    assert_eq!(over.status, 410);
}
