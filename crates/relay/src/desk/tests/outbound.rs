//! Calls that agents make.

use vobiz::Number;
use vobiz::rest::Action;
use wire::{CallEvent, EndReason, ProblemKind};

use super::{CALLEE, CHANNEL, House, ended, far_end, far_end_answer, sdp, until};
use crate::upstream::fake::{FakeUpstream, accepted_and_over, refused, row, timed_out};

const WACID: &str = "wacid.out";

#[tokio::test]
async fn from_dialling_to_hanging_up() {
    let house = House::new().await;
    let (mut asha, mut ben) = (house.page("asha").await, house.page("ben").await);
    let response = house.dial("asha", "attempt-1").await.unwrap();
    assert_eq!(response.call_id, "uuid-1");
    house.hear("1", "call.status_change", far_end(WACID, "RINGING")).await;
    house.hear("2", "call.connect", far_end_answer(WACID)).await;
    house.hear("3", "call.status_change", far_end(WACID, "ACCEPTED")).await;
    assert_eq!(asha.kinds().await, ["dialing", "initiated", "far_end_ringing"]);
    assert_eq!(asha.next().await, CallEvent::Answer { sdp: "v=0\r\na=setup:active\r\n".into() });
    assert_eq!(asha.kinds().await, ["accepted"]);
    house.act("asha", "uuid-1", Action::Terminate, None).await.unwrap();
    assert_eq!(house.upstream.acts(), [("uuid-1".into(), Action::Terminate, None)]);
    assert_eq!(asha.next().await, CallEvent::Ended { reason: EndReason::HungUp });
    assert!(ben.is_quiet());
}

#[tokio::test]
async fn webhooks_overtake_the_response() {
    let house = House::with(FakeUpstream::hanging()).await;
    let mut asha = house.page("asha").await;
    let dialled = async { house.dial("asha", "attempt-1").await.unwrap() };
    let overtaken = async {
        assert_eq!(asha.kinds().await, ["dialing"]);
        house.hear("1", "call.connect", far_end_answer(WACID)).await;
        house.hear("2", "call.status_change", far_end(WACID, "ACCEPTED")).await;
        assert_eq!(asha.kinds().await, ["answer", "accepted"]);
        house.upstream.release(1);
        assert_eq!(asha.kinds().await, ["initiated"]);
    };
    let (response, ()) = tokio::join!(dialled, overtaken);
    assert_eq!(response.call_id, "uuid-1");
}

#[tokio::test]
async fn a_repeated_attempt_calls_once_and_gets_the_same_answer() {
    let house = House::with(FakeUpstream::hanging()).await;
    let both = async { tokio::join!(house.dial("asha", "attempt-1"), house.dial("asha", "attempt-1")) };
    let release = async {
        until(|| house.upstream.initiates() == 1).await;
        house.upstream.release(1);
    };
    let ((first, second), ()) = tokio::join!(both, release);
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(house.dial("asha", "attempt-1").await.unwrap().call_id, "uuid-1");
    let foreign = house.dial("ben", "attempt-1").await.unwrap_err();
    assert_eq!(foreign.field.as_deref(), Some("Idempotency-Key"));
    assert_eq!(house.upstream.initiates(), 1);
}

#[tokio::test]
async fn a_refusal_reaches_the_agent_in_words_and_again_when_repeated() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.upstream.next_initiate(Err(refused(400, r#"{"error":{"code":138006,"message":"no permission"}}"#)));
    let problem = house.dial("asha", "attempt-1").await.unwrap_err();
    assert_eq!((problem.kind, problem.code), (ProblemKind::UpstreamRefused, Some(138_006)));
    assert_eq!(problem.title, "This person has not given permission to be called");
    assert_eq!(asha.kinds().await, ["dialing", "ended"]);
    let again = house.dial("asha", "attempt-1").await.unwrap_err();
    assert_eq!((again.code, again.title.as_str()), (Some(138_006), problem.title.as_str()));
    assert_eq!(house.upstream.initiates(), 1);
    house.dial("asha", "attempt-2").await.unwrap();
}

#[tokio::test]
async fn an_unknown_outcome_is_looked_up_and_never_tried_again() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.upstream.next_initiate(Err(timed_out()));
    house.upstream.log_row(row("uuid-old", "wacid.old", "outbound", "terminated"));
    house.upstream.log_row(accepted_and_over("uuid-older", "wacid.older", "outbound"));
    house.upstream.log_row(row("uuid-7", WACID, "outbound", "ringing"));
    let response = house.dial("asha", "attempt-1").await.unwrap();
    assert_eq!(response.call_id, "uuid-7");
    assert_eq!(asha.kinds().await, ["dialing", "initiated", "far_end_ringing"]);
    house.act("asha", WACID, Action::Terminate, None).await.unwrap();
    assert_eq!(house.upstream.acts(), [("uuid-7".into(), Action::Terminate, None)]);
    assert_eq!(house.upstream.initiates(), 1);
}

#[tokio::test]
async fn a_restart_in_the_middle_of_an_initiate_looks_it_up() {
    let house = House::with(FakeUpstream::hanging()).await;
    let desk = house.desk.clone();
    let dialling = tokio::spawn(async move {
        let to = Number::parse(CALLEE).unwrap();
        desk.initiate(&"asha".into(), "attempt-1".into(), CHANNEL, to, sdp("actpass")).await
    });
    until(|| house.upstream.initiates() == 1).await;
    let upstream = FakeUpstream::new();
    upstream.log_row(row("uuid-7", WACID, "outbound", "accepted"));
    let house = house.restart(upstream).await;
    assert_eq!(dialling.await.unwrap().unwrap_err().title, "The softphone is restarting");
    let mut asha = house.page("asha").await;
    assert_eq!(asha.kinds().await, ["initiated", "accepted"]);
    assert_eq!(house.upstream.initiates(), 0);
}

#[tokio::test]
async fn cancelling_before_upstream_has_answered_hangs_up_when_it_does() {
    let house = House::with(FakeUpstream::hanging()).await;
    let mut asha = house.page("asha").await;
    let dialled = house.dial("asha", "attempt-1");
    let cancelled = async {
        assert_eq!(asha.kinds().await, ["dialing"]);
        house.act("asha", "attempt-1", Action::Terminate, None).await.unwrap();
        assert_eq!(asha.next().await, CallEvent::Ended { reason: EndReason::Cancelled });
        house.upstream.release(2);
    };
    let (response, ()) = tokio::join!(dialled, cancelled);
    response.unwrap();
    until(|| !house.upstream.acts().is_empty()).await;
    assert_eq!(house.upstream.acts(), [("uuid-1".into(), Action::Terminate, None)]);
}

#[tokio::test]
async fn one_call_for_each_person_and_no_foreign_channel() {
    let house = House::new().await;
    house.dial("asha", "attempt-1").await.unwrap();
    let second = house.dial("ben", "attempt-2").await.unwrap_err();
    assert_eq!((second.status, second.code), (409, Some(138_003)));
    assert_eq!(second.title, "Asha Rao is calling this person already");
    let to = Number::parse("+919800000003").unwrap();
    let foreign = vobiz::Uuid::from_u128(9);
    let problem = house.desk.initiate(&"ben".into(), "a".into(), foreign, to.clone(), sdp("actpass")).await;
    assert_eq!(problem.unwrap_err().field.as_deref(), Some("channel_id"));
    let problem = house.desk.initiate(&"ben".into(), "a".into(), CHANNEL, to, "v=0".into()).await;
    assert_eq!(problem.unwrap_err().field.as_deref(), Some("sdp_offer"));
    assert_eq!(house.upstream.initiates(), 1);
}

#[tokio::test]
async fn the_person_declines() {
    let house = House::new().await;
    let mut asha = house.page("asha").await;
    house.dial("asha", "attempt-1").await.unwrap();
    house.hear("1", "call.status_change", far_end(WACID, "REJECTED")).await;
    house.hear("2", "call.terminate", ended(WACID, "BUSINESS_INITIATED")).await;
    assert_eq!(asha.kinds().await, ["dialing", "initiated"]);
    assert_eq!(asha.next().await, CallEvent::Ended { reason: EndReason::Rejected });
    assert!(asha.is_quiet());
}
