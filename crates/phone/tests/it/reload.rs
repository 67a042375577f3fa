//! The page is left or reloaded with a call on.

use phone::event::{Agent, Page, Relay};
use phone::tabs::Tabs;
use phone::view::Fault;
use phone::{Effect, Event, Phone};
use wire::{Direction, Stage};

use crate::desk::{Desk, has, id, known, names, ringing, session, started};

fn live() -> Desk {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    desk
}

#[test]
fn leaving_tells_the_far_end_and_lets_go_of_everything() {
    let mut desk = live();
    let effects = desk.tell(Event::Page(Page::Leaving));
    assert_eq!(names(&effects), ["post terminate leaving", "release microphone", "close peer"]);
}

#[test]
fn the_next_page_says_what_became_of_a_call_that_was_left() {
    let mut before = live();
    before.tell(Event::Page(Page::Leaving));
    let mut desk = reloaded(&before);
    desk.connect(vec![]);
    assert!(matches!(&desk.faults()[..], [Fault::Interrupted(_)]));
    assert_eq!(desk.world.held, "");
}

#[test]
fn a_ringing_call_is_not_touched_by_leaving() {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    desk.call("a", event);
    assert!(names(&desk.tell(Event::Page(Page::Leaving))).is_empty());
}

/// The same tab after a reload that no word of leaving went out from.
fn reloaded(before: &Desk) -> Desk {
    let held = before.world.held.clone();
    assert!(held.starts_with("a\t+91 98000 00001\tAsha Rao"), "{held:?}");
    let mut desk = Desk::closed();
    desk.phone = Phone::default();
    desk.tell(started(&held));
    desk.tell(Event::Tabs(Tabs::Leading));
    desk.tell(Event::Relay(Relay::SessionChecked(Ok(session()))));
    desk
}

#[test]
fn a_call_that_was_cut_is_ended_and_said() {
    let mut desk = reloaded(&live());
    let calls = vec![known(&desk, "a", Direction::Inbound, Stage::Accepted { at: desk.now })];
    let effects = desk.connect(calls);
    assert!(has(&effects, |effect| *effect == Effect::PostTerminate(id("a"))));
    assert!(
        matches!(&desk.faults()[..], [Fault::Interrupted(who)] if who.name.as_deref() == Some("Asha Rao"))
    );
    assert_eq!(desk.view().active, None);
    desk.tell(Event::Relay(Relay::TerminateReplied(id("a"), Ok(()))));
    assert_eq!(desk.world.held, "");
}

#[test]
fn a_call_that_ended_with_the_old_page_is_said_too() {
    let mut desk = reloaded(&live());
    let effects = desk.connect(vec![]);
    assert!(!names(&effects).contains(&"post terminate"));
    assert!(matches!(&desk.faults()[..], [Fault::Interrupted(_)]));
    assert_eq!(desk.world.held, "");
}
