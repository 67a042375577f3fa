//! More than one call: hold, resume, swap, and what each far end hears.

use crate::desk::{Desk, ended, has, id, names, ringing};
use phone::event::{Agent, Peer, Relay, TransportEvent};
use phone::view::{AcceptView, Fault, KeysView, LineView, Status, Voice};
use phone::{Effect, Event};
use wire::{CallEvent, EndReason};

/// Call `call` rings and its answer is ready.
fn rings(desk: &mut Desk, call: &str) {
    let event = ringing(desk);
    desk.call(call, event);
    desk.described(call);
}

/// Call `call` is answered and its sound flows.
fn answered(desk: &mut Desk, call: &str) -> Vec<Effect> {
    let effects = desk.agent(Agent::Accept(id(call)));
    if desk.world.opening() {
        desk.microphone_ready();
    }
    desk.tell(Event::Relay(Relay::AcceptReplied(id(call), Ok(()))));
    desk.transport(call, TransportEvent::Connected);
    effects
}

/// A desk where call `a` is live.
fn talking() -> Desk {
    let mut desk = Desk::open();
    rings(&mut desk, "a");
    answered(&mut desk, "a");
    desk
}

fn held(desk: &Desk) -> Vec<(String, Status)> {
    desk.view().held.iter().map(|card| (card.call.to_string(), card.status)).collect()
}

#[test]
fn a_held_call_hears_a_tone_and_is_not_heard() {
    let mut desk = talking();
    assert_eq!(desk.active().line, LineView::Open);
    assert_eq!(names(&desk.agent(Agent::ToggleHold(id("a")))), ["hold tone", "stop remote"]);
    let card = desk.active();
    assert_eq!((card.status, card.line), (Status::OnHold, LineView::Held));
    assert!(card.talking_since.is_some(), "the call goes on");
    assert!(desk.world.microphone.is_some());

    let effects = desk.agent(Agent::ToggleHold(id("a")));
    assert_eq!(names(&effects), ["end hold tone", "attach microphone", "play remote"]);
    assert_eq!((desk.active().status, desk.active().line), (Status::Connected, LineView::Open));
}

#[test]
fn a_muted_call_is_muted_after_the_hold() {
    let mut desk = talking();
    desk.agent(Agent::ToggleMute(id("a")));
    desk.agent(Agent::ToggleHold(id("a")));
    assert_eq!(names(&desk.agent(Agent::ToggleHold(id("a"))))[0], "mute");
    assert_eq!(desk.active().voice, Voice::Muted);
}

#[test]
fn a_lost_path_is_said_on_hold_too() {
    let mut desk = talking();
    desk.agent(Agent::ToggleHold(id("a")));
    desk.transport("a", TransportEvent::Disconnected);
    assert_eq!(desk.active().status, Status::Reconnecting);
}

#[test]
fn the_second_accept_holds_the_first_call() {
    let mut desk = talking();
    rings(&mut desk, "b");
    assert_eq!(desk.incoming()[0].accept, AcceptView::Holds);
    let effects = answered(&mut desk, "b");
    assert_eq!(names(&effects), ["post accept", "hold tone", "play remote"]);
    assert_eq!(desk.active().call, id("b"));
    assert_eq!(held(&desk), [("a".to_owned(), Status::OnHold)]);

    // Swapped: neither ever hears the other.
    let effects = desk.agent(Agent::ToggleHold(id("a")));
    assert_eq!(names(&effects), ["hold tone", "end hold tone", "attach microphone", "play remote"]);
    assert_eq!(desk.active().call, id("a"));
    assert_eq!(held(&desk), [("b".to_owned(), Status::OnHold)]);

    // The call in front ends; the other waits until it is asked for.
    desk.agent(Agent::HangUp(id("a")));
    assert_eq!(desk.view().active, None);
    assert_eq!(held(&desk), [("b".to_owned(), Status::OnHold)]);
    assert!(desk.world.microphone.is_some());
    desk.agent(Agent::ToggleHold(id("b")));
    assert_eq!((desk.active().call, desk.active().status), (id("b"), Status::Connected));
    desk.agent(Agent::HangUp(id("b")));
    assert_eq!(desk.world.microphone, None, "the light is off");
    assert!(desk.world.holding.is_empty());
}

#[test]
fn a_held_call_is_hung_up_beside_the_other() {
    let mut desk = talking();
    rings(&mut desk, "b");
    answered(&mut desk, "b");
    let effects = desk.agent(Agent::HangUp(id("a")));
    assert_eq!(names(&effects), ["post terminate", "close peer"]);
    assert_eq!(desk.active().call, id("b"));
    assert_eq!(desk.view().held, []);
}

#[test]
fn a_held_far_end_may_hang_up() {
    let mut desk = talking();
    rings(&mut desk, "b");
    answered(&mut desk, "b");
    desk.call("a", ended(EndReason::FarEndHungUp));
    assert_eq!(desk.view().held, []);
    assert_eq!(desk.active().call, id("b"));
    assert!(desk.world.playing.is_some());
}

#[test]
fn a_call_that_is_being_made_waits_behind_the_one_that_is_answered() {
    let mut desk = Desk::open();
    desk.agent(Agent::Redial { attempt: id("x"), number: "+919800000001".to_owned() });
    desk.described("x");
    desk.microphone_ready();
    desk.call("x", CallEvent::FarEndRinging);
    rings(&mut desk, "b");
    answered(&mut desk, "b");
    assert_eq!(held(&desk), [("x".to_owned(), Status::Ringing)]);
    assert_eq!(desk.world.tone, phone::effect::Tone::Silence);
    // Whoever answers now is not heard by the agent's other caller, and hears the tone.
    let effects = desk.call("x", CallEvent::Accepted);
    assert_eq!(names(&effects), ["hold tone"]);
    assert_eq!(held(&desk)[0].0, "x");
}

#[test]
fn somebody_else_is_called_while_a_call_waits() {
    let mut desk = talking();
    desk.agent(Agent::Redial { attempt: id("y"), number: "+919800000002".to_owned() });
    assert_eq!(desk.faults(), [Fault::OnACall], "not by one click beside a talk");
    desk.agent(Agent::ToggleHold(id("a")));
    desk.agent(Agent::Redial { attempt: id("y"), number: "+919800000002".to_owned() });
    assert_eq!(names(&desk.described("y")), ["post initiate"], "the microphone is open already");
    assert_eq!(desk.active().call, id("y"));
    assert_eq!(held(&desk), [("a".to_owned(), Status::OnHold)]);
}

#[test]
fn the_others_ring_on_and_ring_out_loud_while_the_call_waits() {
    let mut desk = talking();
    rings(&mut desk, "b");
    assert_eq!(desk.world.tone, phone::effect::Tone::Silence, "not into the talk");
    assert_eq!(names(&desk.agent(Agent::ToggleHold(id("a"))))[0], "ringtone");
}

#[test]
fn digits_go_where_they_are_taken() {
    let mut desk = talking();
    let digit = || phone::digit::Digit::new('1').expect("a digit");
    assert_eq!(names(&desk.agent(Agent::SendDigit(id("a"), digit()))), ["send digit"]);
    desk.peer("a", Peer::Keys(false));
    assert_eq!(desk.active().keys, KeysView::Refused);
    assert_eq!(names(&desk.agent(Agent::SendDigit(id("a"), digit()))), ["ignored"]);
    desk.peer("a", Peer::Keys(true));
    assert_eq!(desk.active().keys, KeysView::Taken);
}

#[test]
fn only_a_live_call_is_held() {
    let mut desk = Desk::open();
    rings(&mut desk, "a");
    assert_eq!(names(&desk.agent(Agent::ToggleHold(id("a")))), ["ignored"]);
    assert!(!has(&desk.agent(Agent::ToggleHold(id("z"))), |effect| matches!(
        effect,
        Effect::SendHoldTone(_)
    )));
}
