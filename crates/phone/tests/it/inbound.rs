//! A call comes in.

use crate::desk::{Desk, ended, has, id, names, problem, ringing};
use phone::event::{Agent, Media, MicrophoneFault, Peer, Relay, TransportEvent};
use phone::view::{AcceptView, EndedWhy, Fault, Status, Voice};
use phone::{Effect, Event};
use wire::{CallEvent, EndReason, Problem, ProblemKind, Uplink};

/// A desk where call `a` rings and its answer is ready.
fn rung() -> Desk {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    desk
}

/// A desk where call `a` is live, its sound flows.
fn live() -> Desk {
    let mut desk = rung();
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    desk.call("a", CallEvent::AnswerDelivered);
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    desk.transport("a", TransportEvent::Connected);
    desk
}

#[test]
fn a_call_that_another_took_and_that_is_over_does_not_ring_again() {
    let mut desk = rung();
    let late = ringing(&desk);
    desk.agent(Agent::Accept(id("a")));
    desk.call("a", CallEvent::AnsweredElsewhere { by: "Ben".to_owned() });
    desk.call("a", CallEvent::Ended { reason: EndReason::FarEndHungUp });
    desk.call("a", late);
    assert!(desk.incoming().is_empty());
}

#[test]
fn a_ring_is_heard_acknowledged_and_prepared_without_starting_ice() {
    let mut desk = Desk::open();
    desk.tell(crate::desk::unlocked());
    let event = ringing(&desk);
    let effects = desk.call("a", event);
    assert_eq!(names(&effects), ["open to answer", "ringtone", "send"]);
    assert!(has(&effects, |effect| matches!(
        effect,
        Effect::Send(_, Uplink::RingAck { audible: true, call }) if *call == id("a")
    )));
    assert_eq!(names(&desk.described("a")), [""; 0], "nothing is set while it rings");
    let cards = desk.incoming();
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0].who.name.as_deref(), Some("Asha Rao"));
    assert_eq!(cards[0].who.number.as_deref(), Some("+91 98000 00001"));
    assert_eq!(cards[0].country.map(|country| country.regions().collect()), Some(vec!["IN"]));
    assert_eq!(cards[0].since, desk.now, "by this browser's clock");
    assert_eq!(cards[0].expires, desk.now + 30_000);
}

#[test]
fn the_answer_goes_in_the_order_that_keeps_ice_fresh() {
    let mut desk = rung();
    assert_eq!(names(&desk.agent(Agent::Accept(id("a")))), ["silence", "open microphone"]);
    assert_eq!(names(&desk.microphone_ready()), ["post accept", "play remote"]);
    assert_eq!(desk.active().status, Status::Connecting);
    assert_eq!(names(&desk.call("a", CallEvent::AnswerDelivered)), ["set local"]);
    let effects = desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    assert_eq!(names(&effects), ["attach microphone"]);
    assert_eq!(desk.active().status, Status::Connecting, "no media path yet");
    desk.transport("a", TransportEvent::Connected);
    let card = desk.active();
    assert_eq!((card.status, card.talking_since), (Status::Connected, Some(desk.now)));
}

#[test]
fn the_post_waits_for_the_answer_too() {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.agent(Agent::Accept(id("a")));
    assert!(names(&desk.microphone_ready()).is_empty());
    assert_eq!(desk.incoming()[0].accept, AcceptView::Opening);
    let effects = desk.described("a");
    assert!(has(&effects, |effect| matches!(effect, Effect::PostAccept { sdp, .. } if sdp == "sdp of a")));
}

#[test]
fn the_reply_alone_starts_ice_and_sound() {
    let mut desk = rung();
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    let effects = desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    assert_eq!(names(&effects), ["set local", "attach microphone"]);
    assert_eq!(names(&desk.call("a", CallEvent::AnswerDelivered)), Vec::<&str>::new());
    assert_eq!(names(&desk.call("a", CallEvent::Accepted)), Vec::<&str>::new());
}

#[test]
fn a_refused_microphone_leaves_the_call_ringing() {
    let mut desk = rung();
    desk.agent(Agent::Accept(id("a")));
    let microphone = desk.world.microphone.expect("ordered");
    let refused = Media::MicrophoneFailed(microphone, MicrophoneFault::Refused);
    // A microphone that failed is not open.
    desk.world.microphone = None;
    let effects = desk.tell(Event::Media(refused));
    assert_eq!(names(&effects), ["ringtone"], "nothing is posted");
    assert_eq!(desk.incoming()[0].accept, AcceptView::Ready);
    assert_eq!(desk.faults(), [Fault::Microphone(MicrophoneFault::Refused)]);

    // Allowed meanwhile: the same button works, and the fault goes.
    desk.agent(Agent::Accept(id("a")));
    assert_eq!(names(&desk.microphone_ready()), ["post accept", "play remote"]);
    assert!(desk.faults().is_empty());
}

#[test]
fn the_slower_of_two_agents_is_told_who_won_and_when() {
    let mut desk = rung();
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    let mut lost = problem(ProblemKind::AnsweredElsewhere);
    lost.winner = Some("Ben".to_owned());
    lost.ms_ago = Some(400);
    let effects = desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Err(lost))));
    assert_eq!(names(&effects), ["release microphone", "close peer"]);
    let why = desk.ended().why;
    assert_eq!(why, EndedWhy::AnsweredElsewhere { by: "Ben".to_owned(), ms_ago: Some(400) });
    assert_eq!(phone::text::ended(&why).title, "Ben answered this call 0.4 s ago.");
}

#[test]
fn the_socket_may_say_who_won_before_the_reply_does() {
    let mut desk = rung();
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    desk.call("a", CallEvent::AnsweredElsewhere { by: "Ben".to_owned() });
    let mut lost = problem(ProblemKind::AnsweredElsewhere);
    (lost.winner, lost.ms_ago) = (Some("Ben".to_owned()), Some(90));
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Err(lost))));
    assert_eq!(desk.ended().why, EndedWhy::AnsweredElsewhere { by: "Ben".to_owned(), ms_ago: Some(90) });
}

#[test]
fn another_agents_answer_is_no_news_to_who_did_not_press() {
    let mut desk = rung();
    let effects = desk.call("a", CallEvent::AnsweredElsewhere { by: "Ben".to_owned() });
    assert_eq!(names(&effects), ["silence", "close peer"]);
    assert_eq!(desk.view().ended, None);
}

#[test]
fn an_accept_is_repeated_while_the_relay_is_away_until_the_ring_dies() {
    let mut desk = rung();
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    let away = || Event::Relay(Relay::AcceptReplied(id("a"), Err(phone::text::offline())));
    desk.tell(away());
    assert_eq!(names(&desk.pass(500)), ["post accept"]);
    desk.tell(away());
    desk.pass(1_000);
    desk.tell(away());
    // No reply any more: at the ring's end it is over, and said so.
    for _ in 0..20 {
        desk.pass(2_000);
        desk.tell(away());
    }
    assert_eq!(desk.view().active, None);
    assert_eq!(desk.ended().why, EndedWhy::WhileOffline);
}

#[test]
fn a_caller_who_gives_up_is_a_missed_call() {
    let mut desk = rung();
    let effects = desk.call("a", ended(EndReason::Missed));
    assert_eq!(names(&effects), ["silence", "close peer"]);
    assert!(desk.incoming().is_empty());
    let card = desk.ended();
    assert_eq!((card.why, card.call_back.as_deref()), (EndedWhy::Missed, Some("+919800000001")));
    // A copy that comes late does not ring.
    let event = ringing(&desk);
    assert_eq!(names(&desk.call("a", event)), ["ignored"]);
    desk.pass(60_000);
    assert_eq!(desk.view().ended, None, "the card goes");
    let event = ringing(&desk);
    assert_eq!(names(&desk.call("a", event)), ["ignored"], "still not");
}

#[test]
fn an_end_that_comes_before_its_ring_leaves_no_ghost() {
    let mut desk = Desk::open();
    desk.call("a", ended(EndReason::Missed));
    let event = ringing(&desk);
    assert_eq!(names(&desk.call("a", event)), ["ignored"]);
    assert!(desk.incoming().is_empty());
}

#[test]
fn a_ring_that_nobody_ends_ends_by_itself() {
    let mut desk = rung();
    // The socket goes on, only the word about this call is missing.
    for nonce in 0..10 {
        desk.pass(4_000);
        desk.frame(wire::Downlink::Ping { nonce });
    }
    assert!(desk.incoming().is_empty());
}

#[test]
fn a_rejected_call_is_closed_at_once_and_the_word_repeated() {
    let mut desk = rung();
    let effects = desk.agent(Agent::Reject(id("a")));
    assert_eq!(names(&effects), ["post reject", "silence", "close peer"]);
    assert_eq!(desk.view().ended, None, "who declined knows it");
    desk.tell(Event::Relay(Relay::RejectReplied(id("a"), Err(phone::text::offline()))));
    assert_eq!(names(&desk.pass(600)), ["post reject"]);
    desk.tell(Event::Relay(Relay::RejectReplied(id("a"), Ok(()))));
    assert!(desk.world.timers.keys().all(|timer| matches!(timer, phone::timer::TimerId::LinkSilent)));
}

#[test]
fn mute_sends_silence_and_nothing_stops() {
    let mut desk = live();
    assert_eq!(names(&desk.agent(Agent::ToggleMute(id("a")))), ["mute"]);
    assert_eq!(desk.active().voice, Voice::Muted);
    assert_eq!(names(&desk.agent(Agent::ToggleMute(id("a")))), ["unmute"]);
}

#[test]
fn hanging_up_closes_at_once_and_is_repeated_within_a_bound() {
    let mut desk = live();
    desk.now += 65_000;
    let effects = desk.agent(Agent::HangUp(id("a")));
    assert_eq!(names(&effects), ["post terminate", "release microphone", "close peer"]);
    let card = desk.ended();
    assert_eq!((card.why, card.talk_ms), (EndedWhy::HungUp, Some(65_000)));
    let mut posts = 1;
    for _ in 0..50 {
        desk.tell(Event::Relay(Relay::TerminateReplied(id("a"), Err(phone::text::offline()))));
        desk.frame(wire::Downlink::Ping { nonce: 1 });
        posts += names(&desk.pass(5_000)).iter().filter(|name| **name == "post terminate").count();
    }
    assert_eq!(posts, 6);
}

#[test]
fn the_far_end_hangs_up() {
    let mut desk = live();
    desk.now += 12_000;
    let effects = desk.call("a", ended(EndReason::FarEndHungUp));
    assert_eq!(names(&effects), ["release microphone", "close peer"], "no terminate is due");
    assert_eq!((desk.ended().why, desk.ended().talk_ms), (EndedWhy::FarEndHungUp, Some(12_000)));
    // A second copy changes nothing.
    assert_eq!(names(&desk.call("a", ended(EndReason::HungUp))), ["ignored"]);
    assert_eq!(desk.ended().why, EndedWhy::FarEndHungUp);
}

#[test]
fn a_closed_transport_is_a_hang_up_even_if_the_relay_says_nothing() {
    let mut desk = live();
    desk.transport("a", TransportEvent::Closed);
    assert_eq!(desk.active().status, Status::Reconnecting);
    let effects = desk.pass(1_500);
    assert_eq!(names(&effects), ["post terminate", "release microphone", "close peer"]);
    assert_eq!(desk.ended().why, EndedWhy::FarEndHungUp);
}

#[test]
fn a_lost_path_may_come_back() {
    let mut desk = live();
    desk.transport("a", TransportEvent::Disconnected);
    assert_eq!(desk.active().status, Status::Reconnecting);
    desk.transport("a", TransportEvent::Connected);
    assert_eq!(desk.active().status, Status::Connected);
    desk.transport("a", TransportEvent::Disconnected);
    for _ in 0..8 {
        desk.pass(4_000);
        desk.frame(wire::Downlink::Ping { nonce: 1 });
    }
    assert_eq!(desk.ended().why, EndedWhy::ConnectionLost);
}

#[test]
fn an_answered_call_without_a_path_ends_with_the_reason() {
    let mut desk = rung();
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    for _ in 0..6 {
        desk.pass(4_000);
        desk.frame(wire::Downlink::Ping { nonce: 1 });
    }
    assert_eq!(desk.ended().why, EndedWhy::NoMedia);
}

#[test]
fn a_peer_connection_that_breaks_while_it_rings_is_made_anew_on_accept() {
    let mut desk = rung();
    assert_eq!(names(&desk.peer("a", Peer::Broken { what: "no".to_owned() })), ["close peer"]);
    assert_eq!(desk.incoming()[0].accept, AcceptView::Ready);
    assert_eq!(names(&desk.agent(Agent::Accept(id("a")))), ["open to answer", "silence", "open microphone"]);
    desk.microphone_ready();
    assert_eq!(names(&desk.described("a")), ["post accept", "play remote"]);
}

#[test]
fn several_calls_ring_and_one_is_answered() {
    let mut desk = Desk::open();
    for call in ["a", "b", "c"] {
        let event = ringing(&desk);
        desk.call(call, event);
        desk.described(call);
        desk.now += 1_000;
    }
    let order: Vec<_> = desk.incoming().into_iter().map(|card| card.call).collect();
    assert_eq!(order, [id("a"), id("b"), id("c")], "oldest first");
    desk.agent(Agent::Accept(id("b")));
    desk.microphone_ready();
    desk.tell(Event::Relay(Relay::AcceptReplied(id("b"), Ok(()))));
    assert_eq!(desk.active().call, id("b"));
    let rest = desk.incoming();
    assert_eq!(rest.len(), 2);
    assert!(rest.iter().all(|card| card.accept == AcceptView::Holds));
    let effects = desk.agent(Agent::HangUp(id("b")));
    assert!(names(&effects).contains(&"ringtone"), "the others still ring");
}

#[test]
fn a_microphone_that_is_unplugged_is_replaced_and_stays_muted() {
    let mut desk = live();
    desk.agent(Agent::ToggleMute(id("a")));
    let microphone = desk.world.microphone.expect("open");
    assert_eq!(names(&desk.tell(Event::Media(Media::MicrophoneEnded(microphone)))), ["open microphone"]);
    assert_eq!(names(&desk.microphone_ready()), ["mute", "attach microphone"]);
    assert_eq!(desk.active().voice, Voice::Muted);
}

#[test]
fn without_another_microphone_the_call_goes_on_and_says_so() {
    let mut desk = live();
    let microphone = desk.world.microphone.expect("open");
    desk.tell(Event::Media(Media::MicrophoneEnded(microphone)));
    let next = desk.world.microphone.take().expect("asked for");
    let effects = desk.tell(Event::Media(Media::MicrophoneFailed(next, MicrophoneFault::Missing)));
    assert!(names(&effects).is_empty());
    assert_eq!(desk.active().status, Status::Connected);
    assert_eq!(desk.faults(), [Fault::MicrophoneLost]);
}

#[test]
fn an_accept_that_upstream_refuses_ends_with_its_words() {
    let mut desk = rung();
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    let refused = Problem::new(ProblemKind::UpstreamRefused, 502, "No.", "Ask.");
    let effects = desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Err(refused))));
    assert_eq!(names(&effects), ["post terminate", "release microphone", "close peer"]);
    assert_eq!(desk.ended().why, EndedWhy::Failed { title: "No.".to_owned(), detail: "Ask.".to_owned() });
}
