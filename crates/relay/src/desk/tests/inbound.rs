//! Calls that people make to the business.

use switchboard::{CallFact, Fact};
use vobiz::rest::Action;
use wire::{CallEvent, CallQuality, EndReason, ProblemKind};

use super::{CALL, House, Page, answer_of, connect, ended, open, settings, until};
use crate::journal::{Journal as _, SqliteJournal};
use crate::upstream::fake::{FakeUpstream, refused, row};

#[tokio::test]
async fn rings_both_and_connects_the_first_with_one_request() {
    let house = House::new().await;
    let (mut asha, mut ben) = (house.page("asha").await, house.page("ben").await);
    house.ring(CALL).await;
    let CallEvent::Ringing { from, offer, .. } = asha.next().await else { panic!() };
    assert_eq!((from.number.as_deref(), offer.as_str()), (Some("+919800000001"), "v=0\r\noffer\r\n"));
    assert_eq!(ben.kinds().await, ["ringing"]);
    house.desk.ring_ack(&"asha".into(), &CALL.into(), true).await;
    house.accept("asha", CALL).await.unwrap();
    assert_eq!(asha.kinds().await, ["claimed", "accepted"]);
    assert_eq!(ben.next().await, CallEvent::AnsweredElsewhere { by: "Asha Rao".into() });
    assert_eq!(house.upstream.acts(), [(CALL.into(), Action::Accept, Some(answer_of("asha")))]);
    house.hear("end", "call.terminate", ended(CALL, "USER_INITIATED")).await;
    assert_eq!(asha.next().await, CallEvent::Ended { reason: EndReason::FarEndHungUp });
    assert!(ben.is_quiet());
}

#[tokio::test]
async fn a_connection_to_upstream_stands_before_anybody_clicks() {
    let house = House::new().await;
    house.ring("wacid.0").await;
    assert_eq!(house.upstream.channel_lists(), 0, "nobody is here who could click");
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    assert_eq!(asha.kinds().await, ["ringing"]);
    until(|| house.upstream.channel_lists() == 1).await;
}

#[tokio::test]
async fn of_two_who_accept_at_once_one_wins_and_the_other_learns_who() {
    let house = House::new().await;
    let (_asha, _ben) = (house.page("asha").await, house.page("ben").await);
    for round in 0..20 {
        let call = format!("wacid.{round}");
        house.ring(&call).await;
        let (asha, ben) = tokio::join!(house.accept("asha", &call), house.accept("ben", &call));
        let (winner, lost) = match (asha, ben) {
            (Ok(()), Err(lost)) => ("Asha Rao", lost),
            (Err(lost), Ok(())) => ("Ben Okafor", lost),
            both => panic!("one must win: {both:?}"),
        };
        assert_eq!((lost.status, lost.kind), (409, ProblemKind::AnsweredElsewhere));
        assert_eq!(lost.winner.as_deref(), Some(winner));
        assert!(lost.ms_ago.is_some());
    }
    let accepts = house.upstream.acts().iter().filter(|(_, action, _)| *action == Action::Accept).count();
    assert_eq!(accepts, 20, "each call went up once");
}

#[tokio::test]
async fn a_second_tab_can_not_answer_again_and_a_repeated_request_can() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    house.accept("asha", CALL).await.unwrap();
    let other = house.act("asha", CALL, Action::Accept, Some(answer_of("another tab"))).await.unwrap_err();
    assert_eq!((other.status, other.kind), (409, ProblemKind::CallState));
    assert_eq!(house.upstream.acts().len(), 1);
}

#[tokio::test]
async fn the_last_to_decline_rejects_upstream() {
    let house = House::new().await;
    let (mut asha, mut ben) = (house.page("asha").await, house.page("ben").await);
    house.ring(CALL).await;
    house.act("asha", CALL, Action::Reject, None).await.unwrap();
    assert_eq!(asha.kinds().await, ["ringing", "declined_here"]);
    assert!(house.upstream.acts().is_empty());
    house.act("ben", CALL, Action::Reject, None).await.unwrap();
    assert_eq!(ben.kinds().await, ["ringing", "declined_here"]);
    until(|| !house.upstream.acts().is_empty()).await;
    assert_eq!(house.upstream.acts(), [(CALL.into(), Action::Reject, None)]);
    let late = house.accept("asha", CALL).await.unwrap_err();
    assert_eq!((late.status, late.kind), (410, ProblemKind::CallState));
}

#[tokio::test]
async fn hanging_up_waits_for_upstream() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    house.act("asha", CALL, Action::Terminate, None).await.unwrap();
    assert_eq!(house.upstream.acts().last().unwrap(), &(CALL.into(), Action::Terminate, None));
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "accepted", "ended"]);
    let twice = house.act("asha", CALL, Action::Terminate, None).await.unwrap_err();
    assert_eq!(twice.status, 410);
}

#[tokio::test]
async fn doubled_and_early_webhooks_make_no_ghost() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.hear("1", "call.terminate", ended(CALL, "USER_INITIATED")).await;
    house.hear("2", "call.connect", connect(CALL)).await;
    house.ring("wacid.other").await;
    house.ring("wacid.other").await;
    house.hear("3", "call.connect", connect("wacid.other")).await;
    house.hear("4", "message.inbound", serde_json::json!({ "messages": [] })).await;
    house
        .hear("5", "call.of_tomorrow", serde_json::json!({ "calls": [{ "id": "x", "event": "parked" }] }))
        .await;
    assert_eq!(asha.kinds().await, ["ringing"]);
    assert!(asha.is_quiet());
}

#[tokio::test]
async fn a_ring_dies_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = std::sync::Arc::new(FakeUpstream::new());
    let desk =
        open(&folder, upstream.clone(), super::DeskSettings { accept_window_ms: 300, ..settings() }).await;
    let house = House { desk, upstream, folder };
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    assert_eq!(asha.kinds().await, ["ringing"]);
    assert_eq!(asha.next().await, CallEvent::Ended { reason: EndReason::Missed });
    assert_eq!(house.accept("asha", CALL).await.unwrap_err().title, "The caller is gone");
    assert!(house.upstream.acts().is_empty());
}

#[tokio::test]
async fn who_becomes_available_while_it_rings_rings_too() {
    let house = House::new().await;
    house.ring(CALL).await;
    let mut asha = house.page("asha").await;
    assert_eq!(asha.kinds().await, ["ringing"]);
}

#[tokio::test]
async fn a_caller_who_is_gone_upstream_is_a_missed_call() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house.upstream.next_action(Err(refused(410, "{}")));
    let problem = house.accept("asha", CALL).await.unwrap_err();
    assert_eq!((problem.status, problem.title.as_str()), (410, "The caller is gone"));
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "ended"]);
}

#[tokio::test]
async fn an_answer_that_upstream_refuses_is_told_and_the_caller_is_not_left_ringing() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.ring(CALL).await;
    house
        .upstream
        .next_action(Err(refused(400, r#"{"error":{"code":100,"error_data":{"details":"bad sdp"}}}"#)));
    let problem = house.accept("asha", CALL).await.unwrap_err();
    assert_eq!((problem.status, problem.code), (422, Some(100)));
    assert!(problem.detail.contains("bad sdp"), "{problem:?}");
    assert_eq!(asha.kinds().await, ["ringing", "claimed", "ended"]);
    until(|| house.upstream.acts().len() == 2).await;
    assert_eq!(house.upstream.acts()[1].1, Action::Reject);
}

#[tokio::test]
async fn the_name_that_upstream_takes_is_found_out_once() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    for call in ["wacid.first", "wacid.second"] {
        house.upstream.does_not_know(call);
        house.upstream.log_row(row(&format!("log-{call}"), call, "inbound", "ringing"));
        house.ring(call).await;
        house.accept("asha", call).await.unwrap();
    }
    let names: Vec<String> = house.upstream.acts().into_iter().map(|(call, ..)| call).collect();
    assert_eq!(names, ["wacid.first", "log-wacid.first", "log-wacid.second"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_anything_goes_up() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    for (action, sdp, field) in [
        (Action::Accept, None, "sdp"),
        (Action::Accept, Some("v=0".to_owned()), "sdp"),
        (Action::PreAccept, Some(answer_of("asha")), "action"),
        (Action::from("dance"), None, "action"),
    ] {
        let problem = house.act("asha", CALL, action, sdp).await.unwrap_err();
        assert_eq!((problem.status, problem.field.as_deref()), (422, Some(field)));
    }
    assert_eq!(house.act("asha", "wacid.none", Action::Reject, None).await.unwrap_err().status, 404);
    assert!(house.upstream.asked().is_empty());
}

#[tokio::test]
async fn every_tab_of_an_agent_hears_the_same() {
    let house = House::new().await;
    let mut first = house.page("asha").await;
    let mut second = Page::new(house.desk.attach(&"asha".into(), None).await.unwrap());
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    let told = ["ringing", "claimed", "accepted"];
    assert_eq!(first.kinds().await, told);
    assert_eq!(second.kinds().await, told);
}

#[tokio::test]
async fn how_the_line_was_is_kept_with_the_call() {
    let house = House::new().await;
    let _asha = house.page("asha").await;
    house.ring(CALL).await;
    house.accept("asha", CALL).await.unwrap();
    house.hear("end", "call.terminate", ended(CALL, "USER_INITIATED")).await;
    let quality = CallQuality { seconds: 72, mos_tenths: 43, ..CallQuality::default() };
    house.desk.report(&"asha".into(), &CALL.into(), quality).await;
    house.desk.close().await;
    let journal = SqliteJournal::open(house.folder.path().join("journal.db")).await.unwrap();
    let records = journal.read(0, 1_000).await.unwrap();
    let kept = records.iter().flat_map(|record| &record.facts).last().cloned();
    let what = CallFact::Reported { quality };
    assert_eq!(kept, Some(Fact::Call { call: CALL.into(), what }));
}
