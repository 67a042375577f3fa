//! What is done before it is asked for: the offer, the microphone, the answer.

use crate::desk::{Desk, has, id, names, ringing};
use phone::event::{Agent, Media, MicrophoneFault, Page, Peer, Relay, TransportEvent};
use phone::view::{Fault, Status};
use phone::{Effect, Event};
use wire::{CallEvent, Uplink};

const NUMBER: &str = "+919800000001";

fn type_in(desk: &mut Desk, text: &str) -> Vec<Effect> {
    desk.agent(Agent::NumberTyped(text.to_owned()))
}

/// A desk with a number in the field and an offer under the key `s`.
fn prepared() -> Desk {
    let mut desk = Desk::open();
    assert_eq!(names(&type_in(&mut desk, NUMBER)), ["name attempt"]);
    let effects = desk.tell(Event::Page(Page::AttemptNamed(id("s"))));
    assert_eq!(names(&effects), ["open to offer"]);
    assert!(names(&desk.described("s")).is_empty());
    desk
}

/// A desk where the microphone waits open.
fn warm() -> Desk {
    let mut desk = Desk::open();
    let effects = desk.tell(Event::Media(Media::MicrophoneAllowed(true)));
    assert_eq!(names(&effects), ["open microphone"]);
    assert!(names(&desk.microphone_ready()).is_empty());
    desk
}

#[test]
fn the_offer_is_ready_when_call_is_pressed() {
    let mut desk = prepared();
    desk.tell(Event::Media(Media::MicrophoneAllowed(true)));
    desk.microphone_ready();
    let effects = desk.agent(Agent::Dial { attempt: id("x") });
    assert_eq!(names(&effects), ["post initiate"], "nothing is waited for");
    assert_eq!(desk.active().call, id("s"), "under the key that the offer was made for");
    desk.call("s", CallEvent::Answer { sdp: "answer".to_owned() });
    desk.call("s", CallEvent::Accepted);
    desk.transport("s", TransportEvent::Connected);
    assert_eq!(desk.active().status, Status::Connected);
    assert_eq!(desk.world.peers.len(), 1);
}

#[test]
fn there_is_one_offer_and_it_goes_with_the_number() {
    let mut desk = prepared();
    assert!(names(&type_in(&mut desk, "+919800000002")).is_empty(), "another number, the same offer");
    assert_eq!(names(&type_in(&mut desk, "+91")), ["close peer"]);
    assert!(desk.world.peers.is_empty());
    // A name that comes too late opens nothing.
    type_in(&mut desk, NUMBER);
    type_in(&mut desk, "");
    assert_eq!(names(&desk.tell(Event::Page(Page::AttemptNamed(id("t"))))), ["ignored"]);
}

#[test]
fn an_offer_that_nobody_uses_is_closed() {
    let mut desk = prepared();
    desk.pass(50_000);
    assert_eq!(desk.world.peers.len(), 1);
    assert!(names(&desk.pass(11_000)).contains(&"close peer"));
    // Call still calls.
    assert_eq!(names(&desk.agent(Agent::Dial { attempt: id("x") }))[0], "open to offer");
}

#[test]
fn a_broken_offer_is_not_tried_again_and_again() {
    let mut desk = prepared();
    assert_eq!(names(&desk.peer("s", Peer::Broken { what: "no".to_owned() })), ["close peer"]);
    desk.pass(5_000);
    assert_eq!(names(&type_in(&mut desk, "+919800000002")), ["name attempt"]);
}

#[test]
fn signing_out_and_answering_let_the_offer_go() {
    let mut desk = prepared();
    desk.agent(Agent::SignOut);
    assert!(desk.world.peers.is_empty());
    let mut desk = prepared();
    let event = ringing(&desk);
    desk.call("a", event);
    assert_eq!(desk.world.peers.len(), 2);
    desk.agent(Agent::Accept(id("a")));
    assert_eq!(desk.world.peers.len(), 1);
}

#[test]
fn a_link_fills_the_field_and_calls_nobody() {
    let mut desk = Desk::open();
    let effects = desk.tell(Event::Page(Page::Dialled("tel:+91 98000-00001".to_owned())));
    assert_eq!(names(&effects), ["name attempt"]);
    let dialler = desk.view().dialler;
    assert_eq!((dialler.text.as_str(), dialler.linked), ("+91 98000 00001", true));
    assert_eq!(desk.view().active, None);
    type_in(&mut desk, "+91");
    assert!(!desk.view().dialler.linked, "from now on it is the agent's own");
}

#[test]
fn an_empty_field_gets_the_last_number_and_the_next_press_calls() {
    let mut desk = Desk::open();
    desk.agent(Agent::Dial { attempt: id("w") });
    assert!(matches!(desk.faults()[..], [Fault::Number(_)]), "nobody was called yet");
    desk.agent(Agent::Redial { attempt: id("x"), number: NUMBER.to_owned() });
    desk.described("x");
    desk.microphone_ready();
    desk.agent(Agent::HangUp(id("x")));
    desk.agent(Agent::Dial { attempt: id("y") });
    assert_eq!(desk.view().dialler.text, "+91 98000 00001");
    assert_eq!(desk.view().active, None);
    desk.agent(Agent::Dial { attempt: id("y") });
    assert_eq!(desk.active().call, id("y"));
}

#[test]
fn a_microphone_that_waits_open_is_not_waited_for() {
    let mut desk = warm();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    assert_eq!(names(&desk.agent(Agent::Accept(id("a")))), ["post accept", "silence", "play remote"]);
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    assert_eq!(names(&desk.agent(Agent::HangUp(id("a")))), ["post terminate", "close peer"]);
    assert!(desk.world.microphone.is_some(), "it waits for the next");
    assert_eq!(names(&desk.agent(Agent::SetAvailable(false))), ["send", "release microphone"]);
}

#[test]
fn the_setting_and_the_permission_decide_about_the_light() {
    let mut desk = warm();
    let mut settings = desk.view().settings;
    settings.keep_microphone = false;
    assert_eq!(names(&desk.agent(Agent::ChangeSettings(settings))), ["release microphone"]);
    assert_eq!(phone::settings::Settings::read(&settings.print()), settings);
    settings.keep_microphone = true;
    assert_eq!(names(&desk.agent(Agent::ChangeSettings(settings))), ["open microphone"]);
    let effects = desk.tell(Event::Media(Media::MicrophoneAllowed(false)));
    assert_eq!(names(&effects), ["release microphone"]);
}

#[test]
fn what_is_done_to_its_sound_counts_at_once_for_one_that_waits() {
    let mut desk = warm();
    let mut settings = desk.view().settings;
    settings.processing.noise_suppression = false;
    let effects = desk.agent(Agent::ChangeSettings(settings));
    assert_eq!(names(&effects), ["release microphone", "open microphone"]);
}

#[test]
fn one_that_can_not_be_held_open_is_said_once() {
    let mut desk = warm();
    let microphone = desk.world.microphone.expect("open");
    assert_eq!(names(&desk.tell(Event::Media(Media::MicrophoneEnded(microphone)))), ["open microphone"]);
    let next = desk.world.microphone.take().expect("asked for");
    let failed = Media::MicrophoneFailed(next, MicrophoneFault::Missing);
    assert!(names(&desk.tell(Event::Media(failed))).is_empty(), "not tried again and again");
    assert_eq!(desk.faults(), [Fault::Microphone(MicrophoneFault::Missing)]);
}

#[test]
fn an_answer_that_was_handed_on_connects_while_it_rings() {
    let mut desk = warm();
    let event = ringing(&desk);
    desk.call("a", event);
    assert_eq!(names(&desk.call("a", CallEvent::AnswerDelivered)), ["ignored"], "there is none yet");
    desk.described("a");
    assert_eq!(names(&desk.call("a", CallEvent::AnswerDelivered)), ["set local"]);
    desk.transport("a", TransportEvent::Connected);
    assert!(desk.world.heard.is_empty(), "no sound before the accept");
    let effects = desk.agent(Agent::Accept(id("a")));
    assert_eq!(names(&effects), ["post accept", "silence", "play remote"]);
    let effects = desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    assert_eq!(names(&effects), ["attach microphone"]);
    assert_eq!(desk.active().status, Status::Connected, "at once");
}

#[test]
fn the_answer_is_handed_on_when_the_pointer_rests_on_accept() {
    let mut desk = warm();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    desk.agent(Agent::Reach { call: id("a"), there: true });
    desk.pass(99);
    desk.agent(Agent::Reach { call: id("a"), there: false });
    assert_eq!(names(&desk.pass(1_000)), [""; 0], "it only passed over it");
    assert_eq!(names(&desk.agent(Agent::Reach { call: id("a"), there: true })), [""; 0]);
    let effects = desk.pass(100);
    assert!(has(&effects, |effect| matches!(
        effect,
        Effect::Send(_, Uplink::Prepared { call, sdp }) if *call == id("a") && sdp == "sdp of a"
    )));
    assert_eq!(names(&effects), ["play remote", "send"], "the loudspeaker takes its time to open");
    assert_eq!(names(&desk.pass(1_000)), [""; 0], "once");
    assert_eq!(names(&desk.agent(Agent::Accept(id("a")))), ["post accept", "silence"]);
}

#[test]
fn an_answer_that_is_made_late_is_handed_on_all_the_same() {
    let mut desk = warm();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.agent(Agent::Reach { call: id("a"), there: true });
    assert_eq!(names(&desk.pass(100)), [""; 0], "there is none yet");
    assert_eq!(names(&desk.described("a")), ["play remote", "send"]);
}

#[test]
fn who_turns_out_to_have_no_microphone_hands_no_answer_on() {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    desk.agent(Agent::Reach { call: id("a"), there: true });
    desk.pass(20);
    desk.agent(Agent::Accept(id("a")));
    let microphone = desk.world.microphone.take().expect("asked for");
    desk.tell(Event::Media(Media::MicrophoneFailed(microphone, MicrophoneFault::Missing)));
    let effects = desk.pass(1_000);
    assert!(!has(&effects, |effect| matches!(effect, Effect::Send(_, Uplink::Prepared { .. }))));
}

#[test]
fn who_clicks_at_once_does_not_wait_for_an_answer_that_was_handed_on() {
    let mut desk = warm();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    desk.agent(Agent::Reach { call: id("a"), there: true });
    desk.pass(20);
    assert_eq!(names(&desk.agent(Agent::Accept(id("a")))), ["post accept", "silence", "play remote"]);
    assert_eq!(names(&desk.pass(1_000)), [""; 0]);
}

#[test]
fn a_path_that_fails_while_it_rings_declines() {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    desk.call("a", CallEvent::AnswerDelivered);
    let effects = desk.transport("a", TransportEvent::Failed);
    assert!(names(&effects).contains(&"post reject"));
}
