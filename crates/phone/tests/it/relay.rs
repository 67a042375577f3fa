//! The session and the socket: found, lost, and found again.

use phone::event::{Agent, Page, Relay, TransportEvent};
use phone::secret::Secret;
use phone::view::{Banner, EndedWhy, LinkView, SessionView, SignInNotice, Status, Truth};
use phone::{Effect, Event};
use wire::{CallEvent, Direction, Downlink, ProblemKind, Stage, Uplink};

use crate::desk::{Desk, has, id, known, names, problem, ringing, session};

/// A desk where call `a` is live.
fn live() -> Desk {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    desk.transport("a", TransportEvent::Connected);
    desk
}

fn sign_in() -> Event {
    let password = Secret::new("secret".to_owned());
    Event::Agent(Agent::SignIn { username: "asha".to_owned(), password })
}

#[test]
fn a_page_without_a_session_shows_the_form_and_opens_no_socket() {
    let mut desk = Desk::closed();
    assert_eq!(desk.view().session, SessionView::Checking { problem: None });
    desk.tell(Event::Relay(Relay::SessionChecked(Err(problem(ProblemKind::SignedOut)))));
    assert_eq!(desk.view().session, SessionView::SignedOut { busy: false, notice: None });
    assert_eq!(desk.world.link, None);

    desk.tell(sign_in());
    assert_eq!(desk.view().session, SessionView::SignedOut { busy: true, notice: None });
    assert_eq!(names(&desk.tell(sign_in())), ["ignored"], "one at a time");
    let wrong = problem(ProblemKind::WrongCredentials);
    desk.tell(Event::Relay(Relay::SignInReplied(Err(wrong.clone()))));
    let notice = Some(SignInNotice::Failed(wrong));
    assert_eq!(desk.view().session, SessionView::SignedOut { busy: false, notice });

    desk.tell(sign_in());
    let effects = desk.tell(Event::Relay(Relay::SignInReplied(Ok(session()))));
    assert_eq!(names(&effects), ["open link", "fetch log"]);
}

#[test]
fn no_debug_shows_the_password() {
    assert!(!format!("{:?}", sign_in()).contains("secret"));
}

#[test]
fn a_relay_that_is_away_at_the_start_is_asked_again() {
    let mut desk = Desk::closed();
    for _ in 0..20 {
        desk.tell(Event::Relay(Relay::SessionChecked(Err(phone::text::offline()))));
        assert!(matches!(desk.view().session, SessionView::Checking { problem: Some(_) }));
        assert_eq!(names(&desk.pass(8_000)), ["check session"], "never later than that");
    }
    desk.tell(Event::Relay(Relay::SessionChecked(Ok(session()))));
    assert!(matches!(desk.view().session, SessionView::SignedIn { .. }));
}

#[test]
fn pings_are_answered_and_silence_is_loss() {
    let mut desk = Desk::open();
    let effects = desk.frame(Downlink::Ping { nonce: 7 });
    assert!(has(&effects, |effect| matches!(effect, Effect::Send(_, Uplink::Pong { nonce: 7 }))));
    assert_eq!(names(&desk.pass(11_999)), Vec::<&str>::new());
    assert_eq!(names(&desk.pass(1)), ["close link"]);
    assert!(matches!(desk.view().link, LinkView::Waiting { .. }));
    assert_eq!(desk.view().banners, [Banner::Offline { on_call: false }]);
    assert_eq!(desk.view().presence.truth, Truth::Unreachable);
}

#[test]
fn it_comes_back_for_ever_never_later_than_five_seconds() {
    let mut desk = Desk::open();
    let link = desk.link;
    desk.tell(Event::Relay(Relay::SocketLost(link)));
    for _ in 0..50 {
        let effects = desk.pass(5_000);
        assert!(names(&effects).contains(&"open link"), "{:?}", names(&effects));
        let link = desk.world.link.expect("ordered");
        desk.tell(Event::Relay(Relay::SocketLost(link)));
    }
    desk.pass(5_000);
    desk.connect(vec![]);
    assert_eq!(desk.view().link, LinkView::Up);
    assert!(desk.view().banners.is_empty());
}

#[test]
fn a_try_is_bounded_and_an_old_socket_is_ignored() {
    let mut desk = Desk::open();
    let old = desk.link;
    desk.tell(Event::Relay(Relay::SocketLost(old)));
    desk.pass(300);
    let trying = desk.world.link.expect("ordered");
    assert_ne!(trying, old);
    assert_eq!(names(&desk.tell(Event::Relay(Relay::SocketOpened(old)))), ["ignored"]);
    let effects = desk.pass(5_000);
    assert_eq!(names(&effects)[..2], ["check session", "close link"], "{:?}", names(&effects));
}

#[test]
fn what_was_missed_is_asked_for() {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    let link = desk.link;
    desk.tell(Event::Relay(Relay::SocketLost(link)));
    let effects = desk.pass(300);
    let seq = desk.seq;
    assert!(has(
        &effects,
        |effect| matches!(effect, Effect::OpenLink { after: Some(after), .. } if *after == seq)
    ));
    assert_eq!(desk.incoming().len(), 1, "it rings on meanwhile");
}

#[test]
fn the_network_coming_back_hurries() {
    let mut desk = Desk::open();
    let link = desk.link;
    desk.tell(Event::Relay(Relay::SocketLost(link)));
    assert_eq!(names(&desk.tell(Event::Page(Page::Online))), ["open link"]);
}

#[test]
fn a_live_call_does_not_notice_that_the_relay_is_gone() {
    let mut desk = live();
    let link = desk.link;
    desk.tell(Event::Relay(Relay::SocketLost(link)));
    desk.pass(4_000);
    assert_eq!(desk.active().status, Status::Connected);
    assert_eq!(desk.view().banners, [Banner::Offline { on_call: true }]);
    let calls = vec![known(&desk, "a", Direction::Inbound, Stage::Accepted { at: desk.now })];
    let effects = desk.connect(calls);
    assert!(!names(&effects).iter().any(|name| name.contains("peer") || name.contains("microphone")));
    assert_eq!(desk.active().status, Status::Connected);
}

#[test]
fn an_expired_session_keeps_the_call_and_asks_to_sign_in() {
    let mut desk = live();
    let effects = desk.frame(Downlink::SignedOut);
    assert_eq!(names(&effects), ["close link"]);
    let notice = Some(SignInNotice::Expired);
    assert_eq!(desk.view().session, SessionView::SignedOut { busy: false, notice });
    assert_eq!(desk.active().status, Status::Connected);
    // Hung up without a session: said again once there is one.
    desk.agent(Agent::HangUp(id("a")));
    desk.tell(Event::Relay(Relay::TerminateReplied(id("a"), Err(problem(ProblemKind::SignedOut)))));
    desk.tell(sign_in());
    desk.tell(Event::Relay(Relay::SignInReplied(Ok(session()))));
    let calls = vec![known(&desk, "a", Direction::Inbound, Stage::Accepted { at: desk.now })];
    assert!(names(&desk.connect(calls)).contains(&"post terminate"));
}

#[test]
fn signing_out_is_refused_on_a_call_and_forgets_everything_else() {
    let mut desk = live();
    desk.agent(Agent::SignOut);
    assert!(matches!(desk.view().session, SessionView::SignedIn { .. }));
    desk.agent(Agent::HangUp(id("a")));
    let event = ringing(&desk);
    desk.call("b", event);
    let effects = desk.agent(Agent::SignOut);
    assert_eq!(names(&effects), ["silence", "close peer", "close link"]);
    assert!(effects.contains(&Effect::SignOut));
    assert!(desk.view().recents.is_empty());
    assert!(desk.incoming().is_empty());
}

#[test]
fn a_call_that_the_relay_does_not_know_any_more_is_over() {
    let mut desk = live();
    let event = ringing(&desk);
    desk.call("b", event);
    let effects = desk.snapshot(vec![]);
    assert_eq!(names(&effects), ["release microphone", "close peer", "close peer"]);
    assert_eq!(desk.ended().why, EndedWhy::WhileOffline);
}

#[test]
fn an_initiate_that_is_on_its_way_survives_a_snapshot() {
    let mut desk = Desk::open();
    desk.agent(Agent::Redial { attempt: id("x"), number: "+919800000001".to_owned() });
    desk.described("x");
    desk.microphone_ready();
    desk.snapshot(vec![]);
    assert_eq!(desk.active().status, Status::Calling);
    let mut answered = known(&desk, "x", Direction::Outbound, Stage::FarEndRinging);
    answered.answer = Some("answer".to_owned());
    assert_eq!(names(&desk.snapshot(vec![answered])), ["set remote", "ringback"]);
}

#[test]
fn a_ring_from_the_snapshot_rings_and_one_taken_in_another_tab_is_named() {
    let mut desk = Desk::open();
    let (offer, expires) = ("offer".to_owned(), desk.now + 30_000);
    let calls = vec![
        known(&desk, "a", Direction::Inbound, Stage::Ringing { offer, expires }),
        known(&desk, "b", Direction::Inbound, Stage::Accepted { at: desk.now }),
    ];
    let effects = desk.snapshot(calls);
    assert_eq!(names(&effects), ["open to answer", "ringtone", "send"]);
    assert!(matches!(&desk.view().banners[..], [Banner::CallElsewhere { call, .. }] if *call == id("b")));
    assert_eq!(names(&desk.agent(Agent::HangUp(id("b")))), ["post terminate"]);
}

#[test]
fn a_call_claimed_in_another_tab_stops_ringing_here() {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    assert_eq!(names(&desk.call("a", CallEvent::Claimed)), ["silence", "close peer"]);
    assert!(matches!(&desk.view().banners[..], [Banner::CallElsewhere { .. }]));
}

#[test]
fn the_switch_shows_what_the_relay_says() {
    let mut desk = Desk::open();
    assert_eq!(desk.view().presence.truth, Truth::Reachable);
    let effects = desk.agent(Agent::SetAvailable(false));
    assert!(has(&effects, |effect| matches!(
        effect,
        Effect::Send(_, Uplink::Available { available: false })
    )));
    assert_eq!(desk.view().presence.truth, Truth::Changing);
    desk.frame(Downlink::Presence { available: false });
    assert_eq!(desk.view().presence.truth, Truth::Away);
    // Moved while the relay is away: said again when it is back.
    let link = desk.link;
    desk.tell(Event::Relay(Relay::SocketLost(link)));
    desk.agent(Agent::SetAvailable(false));
    desk.pass(500);
    let effects = desk.connect(vec![]);
    assert!(has(&effects, |effect| matches!(
        effect,
        Effect::Send(_, Uplink::Available { available: false })
    )));
}
