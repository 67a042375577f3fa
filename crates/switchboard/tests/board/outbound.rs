//! Calls that agents make, event by event.

use crate::common::{Board, CALLEE, CHANNEL, START, answer, connect, failure, response, status, terminate};
use switchboard::command::UpstreamNews;
use switchboard::refusal::{Ignored, Standing};
use switchboard::settings::{DIAL_WINDOW_MS, LOOKUPS_AT_MS};
use switchboard::state::Stage;
use switchboard::{Due, Pending, Refusal, next_deadline, pending, snapshot};
use vobiz::log::{CallLog, Direction as LogDirection, Status};
use vobiz::meta::{Direction, StatusKind};
use wire::{CallEvent, EndReason};

const CALL: &str = "attempt-1";
const WACID: &str = "wacid.out";
const OUT: Direction = Direction::BusinessInitiated;

fn dialing() -> Board {
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.dial("asha", CALL).unwrap();
    board
}

fn talking() -> Board {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    board.hear(answer(WACID, Some(CALLEE))).unwrap();
    board.hear(status(WACID, Some(CALLEE), StatusKind::Accepted)).unwrap();
    board
}

fn row(status: Status) -> Box<CallLog> {
    let json = serde_json::json!({
        "id": "uuid-1", "channel_id": CHANNEL, "meta_call_id": WACID, "to_number": CALLEE,
        "answer_sdp": "v=0\r\na=setup:actpass\r\n",
    });
    let mut row: CallLog = serde_json::from_value(json).unwrap();
    row.direction = Some(LogDirection::Outbound);
    row.status = Some(status);
    Box::new(row)
}

#[test]
fn the_ordinary_way() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    assert_eq!(
        board.hear(status(WACID, Some(CALLEE), StatusKind::Ringing)).unwrap(),
        ["linked", "far_end_rang", "heard"]
    );
    assert_eq!(board.hear(answer(WACID, Some(CALLEE))).unwrap(), ["answer_received", "heard"]);
    board.pass(8_000);
    assert_eq!(board.hear(status(WACID, None, StatusKind::Accepted)).unwrap(), ["answered", "heard"]);
    assert_eq!(board.heard_by("asha"), ["dialing", "initiated", "far_end_ringing", "answer", "accepted"]);
    assert!(board.heard_by("ben").is_empty());
    let [call] = &snapshot(&board.state, &"asha".into(), board.now)[..] else { panic!() };
    assert_eq!(call.stage, wire::Stage::Accepted { at: board.now });
    assert_eq!(call.answer.as_deref(), Some("v=0\r\na=setup:active\r\n"));
    for name in [CALL, WACID, "uuid-1"] {
        assert_eq!(board.state.find(name).unwrap().id.as_str(), CALL);
    }
}

#[test]
fn webhooks_may_overtake_the_response_and_one_another() {
    let mut board = dialing();
    board.hear(status(WACID, Some(CALLEE), StatusKind::Accepted)).unwrap();
    board.hear(answer(WACID, Some(CALLEE))).unwrap();
    assert_eq!(
        board.hear(status(WACID, Some(CALLEE), StatusKind::Ringing)),
        Err(Refusal::Ignored(Ignored::NothingNew))
    );
    assert_eq!(board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap(), ["initiated"]);
    assert_eq!(board.heard_by("asha"), ["dialing", "accepted", "answer", "initiated"]);
    assert!(matches!(board.stage(CALL), Stage::Talking { answer: Some(_), .. }));
}

#[test]
fn an_answer_that_left_its_role_open_is_made_fit() {
    let board = talking();
    let sdp = board.told.iter().find_map(|(_, _, event)| {
        if let CallEvent::Answer { sdp } = event { Some(sdp.clone()) } else { None }
    });
    assert_eq!(sdp.as_deref(), Some("v=0\r\na=setup:active\r\n"));
}

#[test]
fn refused_unanswered_and_hung_up_are_told_apart() {
    let mut rejected = dialing();
    rejected.hear(status(WACID, Some(CALLEE), StatusKind::Rejected)).unwrap();
    assert_eq!(rejected.ended(CALL), Some(&EndReason::Rejected));
    assert_eq!(
        rejected.hear(terminate(WACID, OUT, Some(CALLEE))),
        Err(Refusal::Ignored(Ignored::NothingNew))
    );
    let mut unanswered = dialing();
    unanswered.hear(terminate(WACID, OUT, Some(CALLEE))).unwrap();
    assert_eq!(unanswered.ended(CALL), Some(&EndReason::Unanswered));
    let mut over = talking();
    over.hear(terminate(WACID, OUT, Some(CALLEE))).unwrap();
    assert_eq!(over.ended(CALL), Some(&EndReason::FarEndHungUp));
}

#[test]
fn a_refused_initiate_ends_with_its_words() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateRefused(failure())).unwrap();
    assert!(matches!(board.ended(CALL), Some(EndReason::Failed { code: Some(138_006), .. })));
    assert!(pending(&board.state, board.now).is_empty());
    // The next call of the pair is not mistaken for this one.
    board.dial("ben", "attempt-2").unwrap();
    board.hear(terminate(WACID, OUT, Some(CALLEE))).unwrap();
    assert_eq!(board.ended("attempt-2"), Some(&EndReason::Unanswered));
}

#[test]
fn a_call_that_is_cancelled_before_upstream_named_it_is_hung_up_once_it_does() {
    let mut board = dialing();
    board.terminate("asha", CALL).unwrap();
    assert_eq!(board.ended(CALL), Some(&EndReason::Cancelled));
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::FindInitiate { .. }]));
    board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
    assert_eq!(board.heard_by("asha"), ["dialing", "ended"]);
}

#[test]
fn a_late_end_of_a_cancelled_call_does_not_end_the_next_one() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    board.pass(5_000);
    board.terminate("asha", CALL).unwrap();
    board.pass(1_000);
    board.dial("asha", "attempt-2").unwrap();
    board.hear(terminate("wacid.first", OUT, Some(CALLEE))).unwrap();
    assert!(matches!(board.stage("attempt-2"), Stage::Dialing(_)));
    assert_eq!(board.state.find("wacid.first").unwrap().id.as_str(), CALL);
}

#[test]
fn an_unknown_outcome_is_looked_up_and_found() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateUncertain).unwrap();
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::FindInitiate { .. }]));
    let facts = board.news(CALL, UpstreamNews::Found(row(Status::Ringing))).unwrap();
    assert_eq!(facts, ["initiated", "linked", "looked_up", "answer_received", "far_end_rang"]);
    assert!(pending(&board.state, board.now).is_empty());
    assert_eq!(board.state.find("uuid-1").unwrap().id.as_str(), CALL);
}

#[test]
fn an_unknown_outcome_that_stays_unknown_ends_the_call_and_a_late_sign_of_life_hangs_it_up() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateUncertain).unwrap();
    board.news(CALL, UpstreamNews::InitiateLost(failure())).unwrap();
    assert!(matches!(board.ended(CALL), Some(EndReason::Failed { .. })));
    assert!(pending(&board.state, board.now).is_empty());
    assert_eq!(board.hear(status(WACID, Some(CALLEE), StatusKind::Ringing)).unwrap(), ["linked", "heard"]);
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
}

#[test]
fn a_lost_response_does_not_end_a_call_that_webhooks_tell_of() {
    let mut board = dialing();
    board.hear(answer(WACID, Some(CALLEE))).unwrap();
    board.news(CALL, UpstreamNews::InitiateLost(failure())).unwrap();
    assert!(matches!(board.stage(CALL), Stage::Dialing(_)));
    board.hear(status(WACID, None, StatusKind::Accepted)).unwrap();
    board.terminate("asha", CALL).unwrap();
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
}

#[test]
fn a_late_answer_is_looked_for_a_bounded_number_of_times() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    for at in LOOKUPS_AT_MS {
        assert_eq!(next_deadline(&board.state, board.now), Some(START + at));
        board.pass(START + at - board.now - 1);
        assert!(pending(&board.state, board.now).is_empty());
        board.pass(1);
        assert!(matches!(&pending(&board.state, board.now)[..], [Pending::LookUp { .. }]));
        board.news(CALL, UpstreamNews::NotFound).unwrap();
    }
    assert!(pending(&board.state, board.now).is_empty());
    assert_eq!(next_deadline(&board.state, board.now), Some(START + DIAL_WINDOW_MS));
    board.pass(DIAL_WINDOW_MS);
    assert_eq!(board.ended(CALL), Some(&EndReason::Unanswered));
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
}

#[test]
fn a_lost_word_of_the_pick_up_does_not_end_a_conversation() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    board.hear(answer(WACID, Some(CALLEE))).unwrap();
    board.hear(status(WACID, Some(CALLEE), StatusKind::Ringing)).unwrap();
    board.pass(5_000);
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::LookUp { .. }]));
    board.news(CALL, UpstreamNews::Found(row(Status::Accepted))).unwrap();
    board.pass(DIAL_WINDOW_MS);
    assert!(matches!(board.stage(CALL), Stage::Talking { .. }));
}

#[test]
fn a_refusal_that_comes_after_the_end_says_why_it_ended() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    board.hear(terminate(WACID, OUT, Some(CALLEE))).unwrap();
    assert_eq!(board.ended(CALL), Some(&EndReason::Unanswered));
    let rejected = status(WACID, Some(CALLEE), StatusKind::Rejected);
    assert_eq!(board.hear(rejected.clone()).unwrap(), ["end_explained", "heard"]);
    let Stage::Ended { reason: EndReason::Rejected, .. } = board.stage(CALL) else { panic!() };
    let last = board.told.last().map(|(agent, _, event)| (agent.as_str(), event.clone()));
    assert_eq!(last, Some(("asha", CallEvent::Ended { reason: EndReason::Rejected })));
    assert!(board.hear(rejected).is_err(), "said once");
}

#[test]
fn a_late_refusal_does_not_change_how_an_agent_ended_a_call() {
    let mut board = dialing();
    board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    board.hear(status(WACID, Some(CALLEE), StatusKind::Ringing)).unwrap();
    board.terminate("asha", CALL).unwrap();
    assert!(board.hear(status(WACID, Some(CALLEE), StatusKind::Rejected)).is_err());
    let Stage::Ended { reason: EndReason::Cancelled, .. } = board.stage(CALL) else { panic!() };
}

#[test]
fn the_log_tells_what_webhooks_did_not() {
    for (in_log, ended) in [
        (Status::Accepted, None),
        (Status::Rejected, Some(EndReason::Rejected)),
        (Status::Missed, Some(EndReason::Unanswered)),
        (Status::Terminated, Some(EndReason::Unanswered)),
    ] {
        let mut board = dialing();
        board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
        board.news(CALL, UpstreamNews::Found(row(in_log))).unwrap();
        assert_eq!(board.ended(CALL), ended.as_ref());
    }
}

#[test]
fn the_log_may_call_a_call_accepted_that_is_over() {
    for (status, ended) in
        [(Status::Accepted, EndReason::FarEndHungUp), (Status::Ringing, EndReason::Unanswered)]
    {
        let mut board = dialing();
        board.news(CALL, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
        let row = CallLog { ended_at: Some("2026-03-25T14:03:05Z".into()), ..*row(status) };
        board.news(CALL, UpstreamNews::Found(Box::new(row))).unwrap();
        assert_eq!(board.ended(CALL), Some(&ended));
    }
}

#[test]
fn one_call_for_each_pair() {
    let mut board = dialing();
    assert_eq!(
        board.dial("ben", "attempt-2"),
        Err(Refusal::AlreadyCalling { call: CALL.into(), owner: "asha".into() })
    );
    board.dial_to("ben", "attempt-3", "+919800000003").unwrap();
}

#[test]
fn a_repeated_attempt_is_recognised() {
    let mut board = dialing();
    assert_eq!(board.dial("asha", CALL), Err(Refusal::Repeated { call: CALL.into(), same: true }));
    assert_eq!(board.dial("ben", CALL), Err(Refusal::Repeated { call: CALL.into(), same: false }));
    assert_eq!(
        board.dial_to("asha", CALL, "+919800000003"),
        Err(Refusal::Repeated { call: CALL.into(), same: false })
    );
}

#[test]
fn calls_that_somebody_else_started_are_not_ours() {
    let mut board = dialing();
    let foreign = Some("+919800000009");
    for signal in [
        answer("wacid.x", foreign),
        status("wacid.x", foreign, StatusKind::Ringing),
        terminate("wacid.x", OUT, foreign),
    ] {
        assert_eq!(board.hear(signal), Err(Refusal::Ignored(Ignored::NotOurCall)));
    }
}

#[test]
fn without_a_number_only_a_single_call_can_be_meant() {
    let mut board = dialing();
    board.dial_to("ben", "attempt-2", "+919800000003").unwrap();
    assert_eq!(
        board.hear(status("wacid.x", None, StatusKind::Ringing)),
        Err(Refusal::Ignored(Ignored::NotOurCall))
    );
    board.hear(status(WACID, Some(CALLEE), StatusKind::Ringing)).unwrap();
    board.hear(status("wacid.x", None, StatusKind::Ringing)).unwrap();
    assert_eq!(board.state.find("wacid.x").unwrap().id.as_str(), "attempt-2");
}

#[test]
fn an_outbound_call_is_its_callers_alone() {
    let mut board = dialing();
    assert_eq!(board.accept("ben", CALL), Err(Refusal::WrongState(Standing::Outbound)));
    assert_eq!(board.decline("ben", CALL), Err(Refusal::WrongState(Standing::Outbound)));
    assert!(matches!(board.terminate("ben", CALL), Err(Refusal::Taken { .. })));
    board.hear(connect("wacid.in")).unwrap();
    assert!(matches!(board.stage("wacid.in"), Stage::Ringing(_)), "an inbound call beside it rings");
}
