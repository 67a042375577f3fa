//! Whether calls can come: what the relay is told of it, and when it ends by itself.

use phone::event::{Agent, Media, Page, Relay, Sound};
use phone::view::{Away, Fault, Truth};
use phone::{Effect, Event};
use wire::{Downlink, Uplink};

use crate::desk::{AHEAD, Desk, id, known, ringing, unlocked};

/// What the relay is told of rings.
fn acks(effects: &[Effect]) -> Vec<(&str, bool)> {
    let said = effects.iter().filter_map(|effect| match effect {
        Effect::Send(_, Uplink::RingAck { call, audible }) => Some((call.as_str(), *audible)),
        _ => None,
    });
    said.collect()
}

fn sent(effects: &[Effect], wanted: &Uplink) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Send(_, frame) if frame == wanted))
}

#[test]
fn a_ring_is_acknowledged_again_when_it_becomes_audible_and_on_a_new_socket() {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    assert_eq!(acks(&desk.call("a", event)), [("a", false)]);
    assert_eq!(acks(&desk.tell(unlocked())), [("a", true)]);
    assert_eq!(acks(&desk.tell(unlocked())), [], "once is enough");
    assert_eq!(acks(&desk.tell(Event::Media(Media::Sound(Sound::Blocked)))), [("a", false)]);
    desk.tell(Event::Relay(Relay::SocketLost(desk.link)));
    desk.tell(Event::Page(Page::Online));
    let link = desk.world.link.expect("a new socket");
    desk.link = link;
    let effects = desk.tell(Event::Relay(Relay::SocketOpened(link)));
    assert_eq!(acks(&effects), [("a", false)], "by a new socket, even one that only resumes");
    desk.agent(Agent::Reject(id("a")));
    assert_eq!(acks(&desk.tell(unlocked())), [], "it rings no more");
}

#[test]
fn work_after_a_call_ends_by_its_time_or_by_a_click() {
    let mut desk = Desk::open();
    desk.tell(unlocked());
    let until = desk.now + AHEAD + 9_000;
    desk.frame(Downlink::WrapUp { until });
    assert_eq!(desk.view().presence.truth, Truth::WrapUp);
    assert!(desk.view().presence.available);
    desk.pass(8_999);
    assert_eq!(desk.view().presence.truth, Truth::WrapUp);
    desk.pass(1);
    assert_eq!(desk.view().presence.truth, Truth::Reachable);

    desk.frame(Downlink::WrapUp { until: desk.now + AHEAD + 9_000 });
    assert!(sent(&desk.agent(Agent::EndWrapUp), &Uplink::Ready));
    assert_eq!(desk.view().presence.truth, Truth::Reachable);
    assert!(!sent(&desk.agent(Agent::EndWrapUp), &Uplink::Ready), "only once");
}

#[test]
fn who_was_out_of_reach_for_long_is_away_until_they_say_otherwise() {
    let away = |desk: &Desk| desk.faults().contains(&Fault::SetAway(Away::Unreachable));
    let mut desk = Desk::open();
    desk.tell(Event::Relay(Relay::SocketLost(desk.link)));
    desk.pass(120_000);
    assert!(desk.view().presence.available, "a restart of the relay is no reason");
    desk.pass(200_000);
    assert!(!desk.view().presence.available);
    assert!(away(&desk));
    desk.tell(Event::Page(Page::Online));
    let effects = desk.connect(vec![]);
    assert!(sent(&effects, &Uplink::Available { available: false }));
    desk.frame(Downlink::Presence { available: false });
    assert_eq!(desk.view().presence.truth, Truth::Away);
    desk.agent(Agent::SetAvailable(true));
    assert!(!away(&desk));
    desk.pass(10_000);
    assert!(desk.view().presence.available, "it stays");
}

#[test]
fn a_short_absence_changes_nothing() {
    let mut desk = Desk::open();
    desk.tell(Event::Relay(Relay::SocketLost(desk.link)));
    desk.pass(60_000);
    desk.tell(Event::Page(Page::Online));
    let effects = desk.connect(vec![known(&desk, "a", wire::Direction::Inbound, wire::Stage::Answering)]);
    assert!(!sent(&effects, &Uplink::Available { available: false }));
    assert!(desk.faults().is_empty());
}
