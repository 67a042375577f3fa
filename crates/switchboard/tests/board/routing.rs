//! Who rings, and what becomes of a caller whom nobody answers.

use crate::common::{Board, connect, failure, response, settings, status, terminate};
use switchboard::command::{AcceptFate, AgentWish, UpstreamNews};
use switchboard::settings::{
    ACCEPT_WINDOW_MS, ALL_RING_AFTER_MS, NOBODY_AFTER_MS, OWNER_GONE_LONGEST_MS, OWNER_GONE_MS,
    SHOWN_WITHIN_MS, TURN_MS,
};
use switchboard::state::{Presence, Stage};
use switchboard::{Due, Pending, Refusal, Routing, Settings, WhenNobody, pending};
use vobiz::log::{CallLog, Status};
use vobiz::meta::{Direction, StatusKind};
use wire::EndReason;

const CALL: &str = "wacid.in";
const OTHER: &str = "wacid.other";
const IN: Direction = Direction::UserInitiated;

fn one_by_one() -> Settings {
    Settings { routing: Routing::LongestIdle, ..settings() }
}

/// Agents who began to wait one second after the other, the first named first.
fn queue(settings: Settings, agents: &[&str]) -> Board {
    let mut board = Board::of(settings, &[]);
    for agent in agents {
        board.wish(agent, AgentWish::Reachable(true)).unwrap();
        board.wish(agent, AgentWish::Available(true)).unwrap();
        board.pass(1_000);
    }
    board
}

fn talk(board: &mut Board, agent: &str, call: &str) {
    board.accept(agent, call).unwrap();
    board.news(call, UpstreamNews::AcceptTaken).unwrap();
}

#[test]
fn one_after_the_other_rings_then_all() {
    let mut board = queue(one_by_one(), &["cleo", "asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    assert_eq!(board.ringing(CALL), ["cleo"], "who has waited longest");
    board.shown("cleo", CALL);
    board.pass(TURN_MS - 1);
    assert_eq!(board.ringing(CALL), ["cleo"]);
    board.pass(1);
    assert_eq!(board.ringing(CALL), ["asha"]);
    assert_eq!(board.heard_by("cleo"), ["ringing", "silenced"]);
    board.shown("asha", CALL);
    board.pass(ALL_RING_AFTER_MS - TURN_MS);
    assert_eq!(board.ringing(CALL), ["asha", "ben", "cleo"]);
    assert_eq!(board.heard_by("cleo"), ["ringing", "silenced", "ringing"]);
    assert_eq!(board.heard_by("asha"), ["ringing"], "whose ring just goes on");
}

#[test]
fn a_declined_turn_goes_on_at_once_and_the_last_rejects() {
    let mut board = queue(one_by_one(), &["asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    board.decline("asha", CALL).unwrap();
    assert_eq!(board.ringing(CALL), ["ben"]);
    assert_eq!(board.decline("ben", CALL).unwrap(), ["declined", "ended"]);
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Reject, .. }]));
}

#[test]
fn a_page_that_does_not_show_the_ring_or_is_not_heard_loses_its_turn() {
    for audible in [None, Some(false)] {
        let mut board = queue(one_by_one(), &["asha", "ben"]);
        board.hear(connect(CALL)).unwrap();
        if let Some(audible) = audible {
            board.wish("asha", AgentWish::RingShown { call: CALL.into(), audible }).unwrap();
        }
        board.pass(SHOWN_WITHIN_MS - 1);
        assert_eq!(board.ringing(CALL), ["asha"]);
        board.pass(1);
        assert_eq!(board.ringing(CALL), ["ben"]);
    }
}

#[test]
fn whoever_let_a_turn_go_by_waits_behind_the_others() {
    let mut board = queue(one_by_one(), &["asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    board.pass(SHOWN_WITHIN_MS);
    board.hear(terminate(CALL, IN, None)).unwrap();
    board.hear(connect(OTHER)).unwrap();
    assert_eq!(board.ringing(OTHER), ["ben"]);
}

#[test]
fn callers_who_come_together_are_not_all_put_to_the_same_agent() {
    let mut board = queue(one_by_one(), &["asha", "ben", "cleo"]);
    for call in [CALL, OTHER, "wacid.third"] {
        board.hear(connect(call)).unwrap();
    }
    let rung = [CALL, OTHER, "wacid.third"].map(|call| board.ringing(call).join(" "));
    assert_eq!(rung, ["asha", "ben", "cleo"]);
    // Nor when time puts them on together.
    board.hear(terminate("wacid.third", IN, None)).unwrap();
    board.wish("dev", AgentWish::Reachable(true)).unwrap();
    board.wish("dev", AgentWish::Available(true)).unwrap();
    board.pass(SHOWN_WITHIN_MS);
    let rung: std::collections::BTreeSet<String> =
        [CALL, OTHER].map(|call| board.ringing(call).join(" ")).into();
    assert_eq!(rung, ["cleo", "dev"].map(str::to_owned).into());
}

#[test]
fn whoever_talked_last_waits_longest() {
    let mut board = queue(one_by_one(), &["asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    talk(&mut board, "asha", CALL);
    board.pass(60_000);
    board.terminate("asha", CALL).unwrap();
    board.hear(connect(OTHER)).unwrap();
    assert_eq!(board.ringing(OTHER), ["ben"]);
}

#[test]
fn who_is_on_a_call_rings_only_when_nobody_else_is_there() {
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    talk(&mut board, "asha", CALL);
    assert_eq!(board.state.presence(&"asha".into(), board.now), Presence::OnCall);
    board.hear(connect(OTHER)).unwrap();
    assert_eq!(board.ringing(OTHER), ["ben"]);
    board.decline("ben", OTHER).unwrap();
    assert_eq!(board.ringing(OTHER), ["asha"], "better than nobody");
    board.wish("cleo", AgentWish::Reachable(true)).unwrap();
    board.wish("cleo", AgentWish::Available(true)).unwrap();
    assert_eq!(board.ringing(OTHER), ["asha", "cleo"], "until it is sure that cleo is there");
    board.shown("cleo", OTHER);
    assert_eq!(board.ringing(OTHER), ["cleo"]);
}

#[test]
fn the_work_after_a_call_ends_by_the_agent_or_by_itself() {
    let board = || {
        let mut board = Board::of(Settings { wrap_up_ms: 20_000, ..settings() }, &["asha", "ben"]);
        board.hear(connect(CALL)).unwrap();
        talk(&mut board, "asha", CALL);
        board.terminate("asha", CALL).unwrap();
        let until = board.now + 20_000;
        assert_eq!(board.state.presence(&"asha".into(), board.now), Presence::WrapUp { until });
        board
    };
    let mut by_itself = board();
    by_itself.pass(15_000);
    by_itself.hear(connect(OTHER)).unwrap();
    by_itself.shown("ben", OTHER);
    assert_eq!(by_itself.ringing(OTHER), ["ben"]);
    by_itself.pass(5_000);
    assert_eq!(by_itself.ringing(OTHER), ["asha", "ben"]);
    for done in [AgentWish::Ready, AgentWish::Available(true)] {
        let mut by_agent = board();
        assert_eq!(by_agent.wish("asha", done).unwrap(), ["presence"]);
        by_agent.hear(connect(OTHER)).unwrap();
        assert_eq!(by_agent.ringing(OTHER), ["asha", "ben"]);
    }
}

#[test]
fn a_caller_for_whom_nobody_is_left_is_rejected_after_a_moment() {
    let mut board = Board::new();
    board.hear(connect(CALL)).unwrap();
    board.pass(NOBODY_AFTER_MS - 1);
    assert!(matches!(board.stage(CALL), Stage::Ringing(_)), "somebody may be coming");
    board.pass(1);
    assert_eq!(board.ended(CALL), Some(&EndReason::Missed));
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Reject, .. }]));
}

#[test]
fn a_ring_that_no_page_shows_counts_for_nothing() {
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    board.decline("ben", CALL).unwrap();
    board.pass(SHOWN_WITHIN_MS);
    assert_eq!(board.ended(CALL), Some(&EndReason::Declined));
}

#[test]
fn a_caller_may_be_left_to_ring() {
    let mut board = Board::of(Settings { when_nobody: WhenNobody::Ring, ..settings() }, &["asha"]);
    board.hear(connect(CALL)).unwrap();
    board.decline("asha", CALL).unwrap();
    board.pass(ACCEPT_WINDOW_MS - 1);
    assert!(matches!(board.stage(CALL), Stage::Ringing(_)));
    board.pass(1);
    assert_eq!(board.ended(CALL), Some(&EndReason::Missed));
    assert!(pending(&board.state, board.now).is_empty(), "upstream ends it by itself");
}

#[test]
fn a_refused_answer_rings_the_others_again() {
    let refused = || UpstreamNews::AcceptFailed { fate: AcceptFate::Refused, failure: failure() };
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    board.accept("asha", CALL).unwrap();
    assert_eq!(board.news(CALL, refused()).unwrap(), ["accept_refused"]);
    assert_eq!(board.heard_by("asha"), ["ringing", "claimed", "ended"]);
    assert_eq!(board.heard_by("ben"), ["ringing", "answered_elsewhere", "ringing"]);
    board.accept("ben", CALL).unwrap();
    // Nobody is left to answer.
    assert_eq!(board.news(CALL, refused()).unwrap(), ["ended"]);
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Reject, .. }]));
}

#[test]
fn the_only_agents_answer_goes_up_while_it_rings() {
    let prepared = || AgentWish::Prepared { call: CALL.into(), sdp: "answer of asha".into() };
    let mut board = Board::with_agents(&["asha"]);
    board.hear(connect(CALL)).unwrap();
    board.shown("asha", CALL);
    assert_eq!(board.wish("asha", prepared()).unwrap(), ["prepared"]);
    let [Pending::PreAccept { sdp, .. }] = &pending(&board.state, board.now)[..] else { panic!() };
    assert_eq!(sdp, "answer of asha");
    board.delivered(CALL).unwrap();
    assert_eq!(board.heard_by("asha"), ["ringing", "answer_delivered"]);
    // Whoever comes now can't answer: a call takes one answer.
    board.wish("ben", AgentWish::Reachable(true)).unwrap();
    board.wish("ben", AgentWish::Available(true)).unwrap();
    assert!(board.heard_by("ben").is_empty());
    assert_eq!(board.accept("ben", CALL), Err(Refusal::Reserved { owner: "asha".into() }));
    board.accept("asha", CALL).unwrap();
    let [Pending::Accept { sdp, .. }] = &pending(&board.state, board.now)[..] else { panic!() };
    assert_eq!(sdp, "answer of asha");
}

#[test]
fn an_answer_that_arrives_with_the_click_binds_the_call_to_it() {
    let prepared = AgentWish::Prepared { call: CALL.into(), sdp: "answer of asha".into() };
    let mut board = Board::with_agents(&["asha"]);
    board.hear(connect(CALL)).unwrap();
    board.wish("asha", prepared).unwrap();
    board.accept("asha", CALL).unwrap();
    board.delivered(CALL).unwrap();
    let refused = UpstreamNews::AcceptFailed { fate: AcceptFate::Refused, failure: failure() };
    assert_eq!(board.news(CALL, refused).unwrap(), ["ended"]);
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
}

#[test]
fn an_early_answer_that_is_too_late_leaves_the_word_to_the_accept() {
    let prepared = AgentWish::Prepared { call: CALL.into(), sdp: "answer of asha".into() };
    let mut board = Board::with_agents(&["asha"]);
    board.hear(connect(CALL)).unwrap();
    board.wish("asha", prepared).unwrap();
    board.accept("asha", CALL).unwrap();
    assert!(board.news(CALL, UpstreamNews::PrepareFailed { over: true }).is_err());
    assert_eq!(board.news(CALL, UpstreamNews::AcceptTaken).unwrap(), ["upstream_accepted"]);
}

#[test]
fn an_answer_waits_where_somebody_else_could_take_the_call() {
    let prepared = || AgentWish::Prepared { call: CALL.into(), sdp: "answer of asha".into() };
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    assert!(board.wish("asha", prepared()).unwrap().is_empty());
    board.decline("ben", CALL).unwrap();
    assert_eq!(board.wish("asha", prepared()).unwrap(), ["prepared"]);
    board.delivered(CALL).unwrap();
    assert_eq!(board.decline("asha", CALL).unwrap(), ["declined", "ended"]);
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
}

#[test]
fn a_prepared_answer_that_fails_is_brought_anew() {
    let mut board = Board::with_agents(&["asha"]);
    board.hear(connect(CALL)).unwrap();
    board.wish("asha", AgentWish::Prepared { call: CALL.into(), sdp: "answer of asha".into() }).unwrap();
    assert_eq!(board.news(CALL, UpstreamNews::PrepareFailed { over: false }).unwrap(), ["prepare_failed"]);
    assert!(pending(&board.state, board.now).is_empty());
    board.accept("asha", CALL).unwrap();
    let [Pending::Accept { sdp, .. }] = &pending(&board.state, board.now)[..] else { panic!() };
    assert_eq!(sdp, "answer of asha");
}

#[test]
fn the_call_of_an_owner_who_is_gone_is_ended() {
    let mut board = Board::with_agents(&["asha"]);
    board.hear(connect(CALL)).unwrap();
    talk(&mut board, "asha", CALL);
    board.pass(100_000);
    board.wish("asha", AgentWish::Reachable(false)).unwrap();
    board.pass(OWNER_GONE_MS - 1);
    board.wish("asha", AgentWish::Reachable(true)).unwrap();
    board.wish("asha", AgentWish::Reachable(false)).unwrap();
    board.pass(OWNER_GONE_MS - 1);
    // What another tab's request says does not bring the page back.
    board.wish("asha", AgentWish::Available(false)).unwrap();
    assert!(matches!(board.stage(CALL), Stage::Talking { .. }));
    assert!(pending(&board.state, board.now).is_empty());
    board.pass(1);
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::FindLife { .. }]));
    board.news(CALL, UpstreamNews::NotFound).unwrap();
    assert!(matches!(board.ended(CALL), Some(EndReason::Failed { .. })));
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
}

/// What the log says of [`CALL`].
fn logged(status: Status) -> UpstreamNews {
    logged_over(status, None)
}

/// The same, with the time of its end.
fn logged_over(status: Status, ended_at: Option<&str>) -> UpstreamNews {
    let row = serde_json::json!({ "id": "log-1", "meta_call_id": CALL, "ended_at": ended_at });
    UpstreamNews::Found(Box::new(CallLog { status: Some(status), ..serde_json::from_value(row).unwrap() }))
}

#[test]
fn a_conversation_without_its_page_goes_on_while_upstream_shows_it_live() {
    let mut board = Board::with_agents(&["asha"]);
    board.hear(connect(CALL)).unwrap();
    talk(&mut board, "asha", CALL);
    board.wish("asha", AgentWish::Reachable(false)).unwrap();
    for _ in 1..OWNER_GONE_LONGEST_MS / OWNER_GONE_MS {
        board.pass(OWNER_GONE_MS);
        assert!(matches!(&pending(&board.state, board.now)[..], [Pending::FindLife { .. }]));
        assert_eq!(board.news(CALL, logged(Status::Accepted)).unwrap(), ["found_live"]);
        assert!(pending(&board.state, board.now).is_empty());
    }
    assert!(matches!(board.stage(CALL), Stage::Talking { .. }));
    board.pass(OWNER_GONE_MS);
    assert!(matches!(board.ended(CALL), Some(EndReason::Failed { .. })), "but not for ever");
}

#[test]
fn the_log_ends_a_conversation_whose_page_and_whose_last_webhook_are_lost() {
    let end = Some("2026-03-25T14:03:05Z");
    // One reading of the log leaves a call that is over `accepted`.
    for says_over in [logged(Status::Terminated), logged_over(Status::Accepted, end)] {
        let mut board = Board::with_agents(&["asha"]);
        board.hear(connect(CALL)).unwrap();
        talk(&mut board, "asha", CALL);
        board.wish("asha", AgentWish::Reachable(false)).unwrap();
        board.pass(OWNER_GONE_MS);
        board.news(CALL, says_over).unwrap();
        assert_eq!(board.ended(CALL), Some(&EndReason::FarEndHungUp));
        assert!(pending(&board.state, board.now).is_empty(), "upstream knows");
    }
}

#[test]
fn what_the_log_says_when_the_page_is_back_is_no_news() {
    let mut board = Board::with_agents(&["asha"]);
    board.hear(connect(CALL)).unwrap();
    talk(&mut board, "asha", CALL);
    board.wish("asha", AgentWish::Reachable(false)).unwrap();
    board.pass(OWNER_GONE_MS);
    board.wish("asha", AgentWish::Reachable(true)).unwrap();
    assert!(board.news(CALL, UpstreamNews::NotFound).is_err());
    assert!(matches!(board.stage(CALL), Stage::Talking { .. }));
}

#[test]
fn a_session_that_runs_out_does_not_end_a_conversation() {
    let mut board = Board::with_agents(&["asha"]);
    board.dial("asha", "attempt").unwrap();
    board.news("attempt", UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    board.hear(status("wacid.out", Some(crate::common::CALLEE), StatusKind::Accepted)).unwrap();
    board.wish("asha", AgentWish::Excused).unwrap();
    board.wish("asha", AgentWish::Reachable(false)).unwrap();
    board.pass(10 * OWNER_GONE_MS);
    assert!(matches!(board.stage("attempt"), Stage::Talking { .. }));
    board.wish("asha", AgentWish::Reachable(true)).unwrap();
    board.wish("asha", AgentWish::Reachable(false)).unwrap();
    board.pass(OWNER_GONE_MS);
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::FindLife { .. }]));
}
