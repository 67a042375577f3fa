//! A call goes out.

use crate::desk::{Desk, ended, has, id, names, problem};
use phone::event::{Agent, Media, MicrophoneFault, Relay, TransportEvent};
use phone::view::{EndedWhy, Fault, Status};
use phone::{Effect, Event};
use wire::{CallEvent, EndReason, Problem, ProblemKind};

/// A desk where call `x` is posted.
fn dialled() -> Desk {
    let mut desk = Desk::open();
    desk.agent(Agent::NumberTyped("+919800000001".to_owned()));
    desk.agent(Agent::Dial { attempt: id("x") });
    desk.described("x");
    desk.microphone_ready();
    desk
}

fn answer() -> CallEvent {
    CallEvent::Answer { sdp: "answer".to_owned() }
}

#[test]
fn a_call_from_the_number_to_the_first_sound() {
    let mut desk = Desk::open();
    desk.agent(Agent::NumberTyped("00 91 98000-00001".to_owned()));
    assert!(desk.view().dialler.can_call);
    let country = desk.view().dialler.country;
    assert_eq!(country.map(|country| country.regions().collect()), Some(vec!["IN"]));
    let effects = desk.agent(Agent::Dial { attempt: id("x") });
    assert_eq!(names(&effects), ["open to offer", "open microphone"]);
    assert_eq!(desk.active().status, Status::Calling);
    assert!(names(&desk.described("x")).is_empty());
    let effects = desk.microphone_ready();
    assert!(has(&effects, |effect| matches!(
        effect,
        Effect::PostInitiate { to, sdp, .. } if to == "+919800000001" && sdp == "sdp of x"
    )));
    // The answer overtakes the reply.
    assert_eq!(names(&desk.call("x", answer())), ["set remote"]);
    assert_eq!(names(&desk.call("x", CallEvent::FarEndRinging)), ["ringback"]);
    assert_eq!(desk.active().status, Status::Ringing);
    desk.tell(Event::Relay(Relay::InitiateReplied(id("x"), Ok(()))));
    assert_eq!(desk.active().status, Status::Ringing, "a late reply is no step back");
    desk.transport("x", TransportEvent::Connected);
    assert_eq!(desk.active().status, Status::Ringing, "the tunnel is up, nobody has answered");
    assert_eq!(desk.active().talking_since, None);
    let effects = desk.call("x", CallEvent::Accepted);
    assert_eq!(names(&effects), ["silence", "attach microphone", "play remote"]);
    assert_eq!(desk.active().status, Status::Connected);
    assert_eq!(desk.active().talking_since, Some(desk.now));
}

#[test]
fn answered_before_the_path_is_up_it_says_connecting() {
    let mut desk = dialled();
    desk.call("x", answer());
    desk.call("x", CallEvent::Accepted);
    assert_eq!(desk.active().status, Status::Connecting);
    desk.transport("x", TransportEvent::Connected);
    assert_eq!(desk.active().status, Status::Connected);
}

#[test]
fn answered_even_before_the_answer_came() {
    let mut desk = dialled();
    desk.call("x", CallEvent::Accepted);
    assert_eq!(names(&desk.call("x", answer())), ["set remote"]);
    assert_eq!(names(&desk.call("x", answer())), Vec::<&str>::new(), "once");
}

#[test]
fn a_refusal_is_shown_in_the_relays_words() {
    let mut desk = dialled();
    let refused = Problem::new(ProblemKind::UpstreamRefused, 403, "No permission.", "Ask for it.");
    let effects = desk.tell(Event::Relay(Relay::InitiateReplied(id("x"), Err(refused))));
    assert_eq!(names(&effects), ["release microphone", "close peer"]);
    let why = EndedWhy::Failed { title: "No permission.".to_owned(), detail: "Ask for it.".to_owned() };
    assert_eq!(desk.ended().why, why);
    assert_eq!(desk.ended().call_back.as_deref(), Some("+919800000001"));
}

#[test]
fn the_person_declines() {
    let mut desk = dialled();
    desk.call("x", CallEvent::FarEndRinging);
    let effects = desk.call("x", ended(EndReason::Rejected));
    assert_eq!(names(&effects), ["silence", "release microphone", "close peer"]);
    assert_eq!(desk.ended().why, EndedWhy::Rejected);
    assert_eq!(desk.ended().talk_ms, None);
}

#[test]
fn the_word_that_the_person_declined_may_come_after_that_of_the_end() {
    let mut desk = dialled();
    desk.call("x", CallEvent::FarEndRinging);
    desk.call("x", ended(EndReason::Unanswered));
    desk.call("x", ended(EndReason::Rejected));
    assert_eq!(desk.ended().why, EndedWhy::Rejected);
    assert_eq!(names(&desk.call("x", ended(EndReason::Unanswered))), ["ignored"], "once");
}

#[test]
fn an_initiate_is_repeated_with_the_same_key_and_only_while_nothing_is_heard() {
    let mut desk = dialled();
    let away = || Event::Relay(Relay::InitiateReplied(id("x"), Err(phone::text::offline())));
    desk.tell(away());
    let effects = desk.pass(500);
    assert!(has(&effects, |effect| matches!(effect, Effect::PostInitiate { call, .. } if *call == id("x"))));
    desk.call("x", CallEvent::Initiated);
    assert_eq!(names(&desk.tell(away())), ["ignored"], "the call is there, whatever the reply says");
    assert_eq!(desk.active().status, Status::Calling);
}

#[test]
fn an_initiate_in_doubt_is_not_repeated_but_ended() {
    let mut desk = dialled();
    let doubt = problem(ProblemKind::UpstreamUnknown);
    let effects = desk.tell(Event::Relay(Relay::InitiateReplied(id("x"), Err(doubt))));
    assert_eq!(names(&effects), ["post terminate", "release microphone", "close peer"]);
}

#[test]
fn giving_up_before_the_reply_ends_what_the_reply_starts() {
    let mut desk = dialled();
    let effects = desk.agent(Agent::HangUp(id("x")));
    assert_eq!(names(&effects), ["post terminate", "release microphone", "close peer"]);
    assert_eq!(desk.ended().why, EndedWhy::Cancelled);
    desk.tell(Event::Relay(Relay::TerminateReplied(id("x"), Err(problem(ProblemKind::NotFound)))));
    let effects = desk.tell(Event::Relay(Relay::InitiateReplied(id("x"), Ok(()))));
    assert_eq!(names(&effects), ["post terminate"]);
}

#[test]
fn giving_up_before_anything_was_posted_leaves_no_trace() {
    let mut desk = Desk::open();
    desk.agent(Agent::Redial { attempt: id("x"), number: "+919800000001".to_owned() });
    let effects = desk.agent(Agent::HangUp(id("x")));
    assert_eq!(names(&effects), ["release microphone", "close peer"]);
    assert_eq!((desk.view().active, desk.view().ended), (None, None));
}

#[test]
fn without_a_microphone_nothing_is_posted_and_the_number_stays() {
    let mut desk = Desk::open();
    desk.agent(Agent::NumberTyped("+919800000001".to_owned()));
    desk.agent(Agent::Dial { attempt: id("x") });
    let microphone = desk.world.microphone.take().expect("asked for");
    let effects = desk.tell(Event::Media(Media::MicrophoneFailed(microphone, MicrophoneFault::Missing)));
    assert_eq!(names(&effects), ["name attempt", "close peer"], "ready for the next press");
    assert_eq!(desk.faults(), [Fault::Microphone(MicrophoneFault::Missing)]);
    assert_eq!(desk.view().dialler.text, "+91 98000 00001");
    assert_eq!(desk.view().active, None);
}

#[test]
fn one_call_at_a_time() {
    let mut desk = dialled();
    let effects = desk.agent(Agent::Redial { attempt: id("y"), number: "+919800000002".to_owned() });
    assert!(names(&effects).is_empty());
    assert_eq!(desk.faults(), [Fault::OnACall]);
    assert_eq!(desk.active().call, id("x"));
}

#[test]
fn a_pressed_button_that_bounces_calls_once() {
    let mut desk = dialled();
    assert_eq!(names(&desk.agent(Agent::Dial { attempt: id("x") })), ["ignored"]);
}

#[test]
fn a_call_that_nobody_ends_ends_by_itself() {
    let mut desk = dialled();
    desk.tell(Event::Relay(Relay::InitiateReplied(id("x"), Ok(()))));
    for _ in 0..24 {
        desk.pass(4_000);
        desk.frame(wire::Downlink::Ping { nonce: 1 });
    }
    assert_eq!(desk.view().active, None);
    assert_eq!(desk.world.peers.len(), 0);
}

#[test]
fn a_called_number_is_kept_with_its_name() {
    let mut desk = dialled();
    let recents = desk.view().recents;
    assert_eq!(recents[0].number, "+919800000001");
    desk.agent(Agent::HangUp(id("x")));
    desk.agent(Agent::Redial { attempt: id("y"), number: "+919800000002".to_owned() });
    desk.described("y");
    desk.microphone_ready();
    let recents: Vec<_> = desk.view().recents.iter().map(|recent| recent.number.clone()).collect();
    assert_eq!(recents, ["+919800000002", "+919800000001"]);
}
