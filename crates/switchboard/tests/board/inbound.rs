//! Calls that people make to the business, event by event.

use crate::common::{Board, CALLER, START, connect, failure, terminate, terminate_with_code};
use switchboard::command::{AcceptFate, AgentWish, UpstreamNews};
use switchboard::refusal::{Ignored, Standing};
use switchboard::settings::{ACCEPT_WINDOW_MS, RECONNECT_GRACE_MS};
use switchboard::state::Stage;
use switchboard::{Due, Outcome, Pending, Refusal, pending, snapshot};
use vobiz::meta::{Direction, Signal};
use wire::{CallEvent, CallQuality, EndReason};

const CALL: &str = "wacid.in";
const IN: Direction = Direction::UserInitiated;

fn ringing() -> Board {
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.hear(connect(CALL)).unwrap();
    board
}

fn talking() -> Board {
    let mut board = ringing();
    board.accept("asha", CALL).unwrap();
    board.news(CALL, UpstreamNews::AcceptTaken).unwrap();
    board
}

#[test]
fn rings_everybody_who_takes_calls_and_can_be_reached() {
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.wish("cleo", AgentWish::Available(true)).unwrap();
    board.wish("dev", AgentWish::Reachable(true)).unwrap();
    assert_eq!(board.hear(connect(CALL)).unwrap(), ["offered", "rang", "heard"]);
    assert_eq!(board.heard_by("asha"), ["ringing"]);
    assert_eq!(board.heard_by("ben"), ["ringing"]);
    assert!(board.heard_by("cleo").is_empty() && board.heard_by("dev").is_empty());
    let (_, _, event) = &board.told[0];
    let CallEvent::Ringing { from, to, offer, since, expires } = event else { panic!("{event:?}") };
    assert_eq!((from.number.as_deref(), from.name.as_deref()), (Some(CALLER), Some("Asha Rao")));
    assert_eq!((to.as_deref(), offer.as_str()), (Some("+911140001234"), "offer"));
    assert_eq!((*since, *expires), (START, START + ACCEPT_WINDOW_MS));
}

#[test]
fn who_comes_while_it_rings_rings_too() {
    let mut board = Board::new();
    board.hear(connect(CALL)).unwrap();
    board.pass(3_000);
    board.wish("asha", AgentWish::Available(true)).unwrap();
    assert!(board.heard_by("asha").is_empty());
    board.wish("asha", AgentWish::Reachable(true)).unwrap();
    assert_eq!(board.heard_by("asha"), ["ringing"]);
    assert_eq!(snapshot(&board.state, &"asha".into(), board.now).len(), 1);
}

#[test]
fn who_takes_no_calls_any_more_is_left_alone_and_may_come_back() {
    let mut board = ringing();
    board.wish("asha", AgentWish::Available(false)).unwrap();
    assert_eq!(board.heard_by("asha"), ["ringing", "silenced"]);
    assert!(snapshot(&board.state, &"asha".into(), board.now).is_empty());
    board.wish("ben", AgentWish::Available(false)).unwrap();
    assert!(matches!(board.stage(CALL), Stage::Ringing(_)), "nobody declined: the caller may wait");
    board.wish("asha", AgentWish::Available(true)).unwrap();
    assert_eq!(board.heard_by("asha"), ["ringing", "silenced", "ringing"]);
}

#[test]
fn the_first_accept_wins_and_the_second_learns_who_and_when() {
    let mut board = ringing();
    assert_eq!(board.accept("asha", CALL).unwrap(), ["claimed"]);
    board.pass(700);
    assert_eq!(
        board.accept("ben", CALL),
        Err(Refusal::Taken { winner: "asha".into(), since: board.now - 700 })
    );
    assert_eq!(board.heard_by("asha"), ["ringing", "claimed"]);
    assert_eq!(board.heard_by("ben"), ["ringing", "answered_elsewhere"]);
    assert_eq!(board.terminate("ben", CALL), Err(Refusal::Taken { winner: "asha".into(), since: START }));
}

#[test]
fn accepting_twice_is_once_but_with_another_answer_it_is_refused() {
    let mut board = ringing();
    board.accept("asha", CALL).unwrap();
    assert!(board.accept("asha", CALL).unwrap().is_empty());
    let other = AgentWish::Accept { call: CALL.into(), sdp: "answer of another tab".into() };
    assert_eq!(board.wish("asha", other.clone()), Err(Refusal::OtherAnswer));
    board.news(CALL, UpstreamNews::AcceptTaken).unwrap();
    assert!(board.accept("asha", CALL).unwrap().is_empty());
    assert_eq!(board.wish("asha", other), Err(Refusal::OtherAnswer));
}

#[test]
fn an_answer_goes_up_with_the_accept() {
    let mut board = ringing();
    board.accept("asha", CALL).unwrap();
    let due = |board: &Board| pending(&board.state, board.now);
    let [Pending::Accept { sdp, .. }] = &due(&board)[..] else { panic!() };
    assert_eq!(sdp, "answer of asha");
    board.news(CALL, UpstreamNews::AcceptTaken).unwrap();
    assert!(due(&board).is_empty());
    assert_eq!(board.heard_by("asha"), ["ringing", "claimed", "accepted"]);
}

#[test]
fn an_accept_whose_fate_is_unknown_ends_the_call_honestly() {
    let mut board = ringing();
    board.accept("asha", CALL).unwrap();
    board.news(CALL, UpstreamNews::AcceptFailed { fate: AcceptFate::Unknown, failure: failure() }).unwrap();
    assert!(matches!(board.ended(CALL), Some(EndReason::Failed { code: Some(138_006), .. })));
    // It may have been taken, and what was accepted can't be rejected any more.
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
}

#[test]
fn an_accept_that_comes_too_late_upstream_is_a_missed_call() {
    let mut board = ringing();
    board.accept("asha", CALL).unwrap();
    board.news(CALL, UpstreamNews::AcceptFailed { fate: AcceptFate::Over, failure: failure() }).unwrap();
    assert_eq!(board.ended(CALL), Some(&EndReason::Missed));
    assert!(pending(&board.state, board.now).is_empty());
}

#[test]
fn declining_concerns_only_whoever_does() {
    let mut board = ringing();
    assert_eq!(board.decline("asha", CALL).unwrap(), ["declined"]);
    assert!(board.decline("asha", CALL).unwrap().is_empty());
    assert_eq!(board.heard_by("asha"), ["ringing", "declined_here"]);
    assert_eq!(board.heard_by("ben"), ["ringing"]);
    assert_eq!(board.accept("ben", CALL).unwrap(), ["claimed"]);
    assert_eq!(board.heard_by("asha"), ["ringing", "declined_here"], "who declined is not told who won");
}

#[test]
fn the_last_to_decline_rejects_the_caller() {
    let mut board = ringing();
    board.decline("asha", CALL).unwrap();
    assert_eq!(board.decline("ben", CALL).unwrap(), ["declined", "ended"]);
    assert_eq!(board.ended(CALL), Some(&EndReason::Declined));
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Reject, .. }]));
    board.news(CALL, UpstreamNews::Settled(Outcome::Done)).unwrap();
    assert!(pending(&board.state, board.now).is_empty());
    assert!(matches!(board.accept("asha", CALL), Err(Refusal::Over { reason: EndReason::Declined, .. })));
}

#[test]
fn an_agent_whose_page_reloads_still_counts_for_a_moment() {
    let mut board = ringing();
    board.wish("ben", AgentWish::Reachable(false)).unwrap();
    board.pass(1_000);
    assert_eq!(board.decline("asha", CALL).unwrap(), ["declined"]);
    board.pass(2_000);
    board.wish("ben", AgentWish::Reachable(true)).unwrap();
    assert_eq!(snapshot(&board.state, &"ben".into(), board.now).len(), 1);
    board.wish("ben", AgentWish::Reachable(false)).unwrap();
    board.pass(RECONNECT_GRACE_MS - 1);
    assert!(matches!(board.stage(CALL), Stage::Ringing(_)));
    board.pass(1);
    assert_eq!(board.ended(CALL), Some(&EndReason::Declined));
}

#[test]
fn who_is_not_rung_can_neither_decline_nor_end_a_call() {
    let mut board = ringing();
    assert_eq!(board.decline("cleo", CALL), Err(Refusal::NoSuchCall));
    assert_eq!(board.terminate("asha", CALL), Err(Refusal::WrongState(Standing::Ringing)));
    assert_eq!(board.accept("asha", "wacid.unheard-of"), Err(Refusal::NoSuchCall));
}

#[test]
fn a_ring_dies_by_itself() {
    let mut board = ringing();
    board.shown("asha", CALL);
    board.pass(ACCEPT_WINDOW_MS - 1);
    assert!(matches!(board.stage(CALL), Stage::Ringing(_)));
    board.pass(1);
    assert_eq!(board.ended(CALL), Some(&EndReason::Missed));
    assert_eq!(board.heard_by("asha"), ["ringing", "ended"]);
    assert!(pending(&board.state, board.now).is_empty());
}

#[test]
fn an_accept_at_the_very_end_is_refused_even_before_the_clock_was_asked() {
    let mut board = ringing();
    board.now += ACCEPT_WINDOW_MS;
    assert!(matches!(board.accept("asha", CALL), Err(Refusal::Over { reason: EndReason::Missed, .. })));
    assert!(snapshot(&board.state, &"asha".into(), board.now).is_empty());
}

#[test]
fn the_caller_gives_up() {
    let mut board = ringing();
    board.hear(terminate(CALL, IN, None)).unwrap();
    assert_eq!(board.ended(CALL), Some(&EndReason::Missed));
    assert_eq!(board.heard_by("ben"), ["ringing", "ended"]);
}

#[test]
fn an_end_that_comes_first_leaves_no_ghost_ring() {
    let mut board = Board::with_agents(&["asha"]);
    assert_eq!(board.hear(terminate(CALL, IN, None)).unwrap(), ["ended", "heard"]);
    assert_eq!(board.hear(connect(CALL)), Err(Refusal::Ignored(Ignored::NothingNew)));
    assert!(board.told.is_empty());
}

#[test]
fn the_far_end_hangs_up_and_a_second_end_changes_nothing() {
    let mut board = talking();
    board.hear(terminate(CALL, IN, Some(CALLER))).unwrap();
    assert_eq!(board.ended(CALL), Some(&EndReason::FarEndHungUp));
    let told = board.told.len();
    let mut again = terminate(CALL, IN, Some(CALLER));
    if let Signal::Terminate { head, .. } = &mut again {
        head.timestamp = Some(START / 1000 + 99);
    }
    assert_eq!(board.hear(again), Err(Refusal::Ignored(Ignored::NothingNew)));
    assert_eq!(board.told.len(), told);
}

#[test]
fn the_owner_hangs_up() {
    let mut board = talking();
    board.terminate("asha", CALL).unwrap();
    assert_eq!(board.ended(CALL), Some(&EndReason::HungUp));
    assert!(matches!(&pending(&board.state, board.now)[..], [Pending::Settle { due: Due::Terminate, .. }]));
    assert!(matches!(board.terminate("asha", CALL), Err(Refusal::Over { reason: EndReason::HungUp, .. })));
    // The webhook of our own hang-up.
    assert_eq!(board.hear(terminate(CALL, IN, None)), Err(Refusal::Ignored(Ignored::NothingNew)));
}

#[test]
fn meta_says_what_broke() {
    let mut board = talking();
    board.hear(terminate_with_code(CALL, IN, 138_021)).unwrap();
    let Some(EndReason::Failed { code, title, .. }) = board.ended(CALL) else { panic!() };
    assert_eq!((*code, title.as_str()), (Some(138_021), "No sound reached WhatsApp"));
}

#[test]
fn a_repeated_webhook_is_known_by_its_id_and_by_what_it_says() {
    let mut board = ringing();
    assert_eq!(board.hear(connect(CALL)), Err(Refusal::Ignored(Ignored::Duplicate)));
    let command =
        switchboard::Command::Webhook { event: "event-1#0".into(), signal: terminate(CALL, IN, None) };
    assert_eq!(board.run(command), Err(Refusal::Ignored(Ignored::Duplicate)));
    assert_eq!(board.heard_by("asha"), ["ringing"]);
}

#[test]
fn a_caller_without_a_number_rings_all_the_same() {
    let mut board = Board::with_agents(&["asha"]);
    let mut signal = connect(CALL);
    if let Signal::Connect { head, .. } = &mut signal {
        head.person.number = None;
        head.person.name = None;
        head.person.username = Some("eko".into());
        head.person.user_id = Some("US.1349".into());
    }
    board.hear(signal).unwrap();
    let call = board.state.find(CALL).unwrap();
    assert_eq!((call.party.number.as_deref(), call.party.name.as_deref()), (None, Some("eko")));
}

#[test]
fn what_does_not_concern_us_is_ignored() {
    let mut board = Board::with_agents(&["asha"]);
    let mut foreign = connect(CALL);
    if let Signal::Connect { head, .. } = &mut foreign {
        head.phone_number_id = Some("555".into());
    }
    assert_eq!(board.hear(foreign), Err(Refusal::Ignored(Ignored::NotOurLine)));
    let mut mute = connect(CALL);
    if let Signal::Connect { sdp, .. } = &mut mute {
        *sdp = None;
    }
    assert_eq!(board.hear(mute), Err(Refusal::Ignored(Ignored::NoOffer)));
    let mut stale = connect(CALL);
    if let Signal::Connect { head, .. } = &mut stale {
        head.timestamp = Some(START / 1000 - 24 * 3600);
    }
    assert_eq!(board.hear(stale), Err(Refusal::Ignored(Ignored::Stale)));
    let unknown = Signal::Unknown(serde_json::json!({ "event": "tomorrow" }));
    assert_eq!(board.hear(unknown), Err(Refusal::Ignored(Ignored::NotUnderstood)));
    assert!(board.journal.iter().all(|(at, _)| *at == START) && board.facts().is_empty());
}

#[test]
fn a_shown_ring_is_noted_once() {
    let mut board = ringing();
    let shown = |audible| AgentWish::RingShown { call: CALL.into(), audible };
    assert_eq!(board.wish("asha", shown(false)).unwrap(), ["ring_shown"]);
    assert!(board.wish("asha", shown(false)).unwrap().is_empty());
    assert_eq!(board.wish("asha", shown(true)).unwrap(), ["ring_shown"]);
    assert!(board.wish("cleo", shown(true)).unwrap().is_empty());
}

#[test]
fn how_the_line_was_is_kept_once_and_from_the_owner_only() {
    let mut board = talking();
    let report = || AgentWish::Report { call: CALL.into(), quality: CallQuality::default() };
    board.hear(terminate(CALL, IN, None)).unwrap();
    assert!(board.wish("ben", report()).unwrap().is_empty());
    assert_eq!(board.wish("asha", report()).unwrap(), ["reported"]);
    assert!(board.wish("asha", report()).unwrap().is_empty());
}
