//! Devices: chosen, remembered, replaced when they vanish, and tried.

use phone::devices::{Device, Listing, Order, Role, SYSTEM, Step, Told, Wish};
use phone::event::{Agent, MicrophoneFault, Relay};
use phone::settings::Processing;
use phone::view::{Away, Fault, Truth};
use phone::{Effect, Event};
use wire::{CallEvent, Downlink};

use crate::desk::{Desk, has, id, names, ringing, unlocked};

fn device(id: &str, label: &str) -> Device {
    Device { id: id.to_owned(), label: label.to_owned() }
}

fn listed(devices: &[(&str, &str)]) -> Event {
    let all: Vec<_> = devices.iter().map(|(id, label)| device(id, label)).collect();
    Event::Devices(Told::Listed(Listing { inputs: all.clone(), outputs: all, speaker: true, ringtone: true }))
}

fn stored(desk: &mut Desk, text: &str) -> Vec<Effect> {
    desk.tell(Event::Devices(Told::Stored(text.to_owned())))
}

fn orders(effects: &[Effect]) -> Vec<Order> {
    let order =
        |effect: &Effect| if let Effect::Devices(order) = effect { Some(order.clone()) } else { None };
    effects.iter().filter_map(order).collect()
}

fn choose(desk: &mut Desk, role: Role, id: &str) -> Vec<Order> {
    orders(&desk.agent(Agent::Devices(Wish::Choose(role, id.to_owned()))))
}

const BOTH: [(&str, &str); 2] = [("h1", "Headset (USB)"), ("b1", "Built-in")];

#[test]
fn a_choice_is_used_stored_and_found_again() {
    let mut desk = Desk::open();
    desk.tell(listed(&BOTH));
    let given = choose(&mut desk, Role::Speaker, "h1");
    assert_eq!(given[0], Order::Use(Role::Speaker, "h1".to_owned()));
    let stored_text = |order: &Order| if let Order::Store(text) = order { Some(text.clone()) } else { None };
    let text = &given.iter().find_map(stored_text).expect("the choice is stored");

    let mut again = Desk::open();
    let effects = stored(&mut again, text);
    assert_eq!(
        orders(&effects),
        [Order::Volume(70), Order::Use(Role::Speaker, "h1".to_owned()), Order::List],
        "used before the browser has told what there is"
    );
    assert!(orders(&again.tell(listed(&BOTH))).is_empty());
}

#[test]
fn a_device_with_a_new_id_is_known_by_its_name() {
    let mut desk = Desk::open();
    stored(&mut desk, "Microphone=h1 Headset (USB)\n");
    let effects = desk.tell(listed(&[("h2", "Headset (USB)")]));
    assert_eq!(orders(&effects), [Order::Use(Role::Microphone, "h2".to_owned())]);
    assert!(desk.faults().is_empty());
}

#[test]
fn a_device_that_vanishes_is_replaced_and_said_and_taken_again_when_it_is_back() {
    let mut desk = Desk::open();
    desk.tell(listed(&BOTH));
    choose(&mut desk, Role::Ringtone, "h1");
    let effects = desk.tell(listed(&BOTH[1..]));
    assert_eq!(orders(&effects), [Order::Use(Role::Ringtone, SYSTEM.to_owned())]);
    assert_eq!(desk.faults(), [Fault::DeviceGone(Role::Ringtone, "Headset (USB)".to_owned())]);
    let words = phone::text::fault(&desk.faults()[0]);
    assert_eq!(words.title, "“Headset (USB)” was unplugged.");
    assert!(desk.view().devices.is_away(Role::Ringtone));
    let effects = desk.tell(listed(&BOTH));
    assert_eq!(orders(&effects), [Order::Use(Role::Ringtone, "h1".to_owned())]);
    assert!(desk.faults().is_empty(), "mended");
}

#[test]
fn a_list_without_names_changes_nothing() {
    let mut desk = Desk::open();
    stored(&mut desk, "Microphone=h1 Headset (USB)\n");
    assert!(orders(&desk.tell(listed(&[]))).is_empty());
    assert!(desk.faults().is_empty());
    assert!(choose(&mut desk, Role::Microphone, "nobody knows it").is_empty());
}

#[test]
fn a_microphone_changed_in_mid_call_is_sent_without_closing_the_former_first() {
    let mut desk = Desk::open();
    desk.tell(listed(&BOTH));
    let event = ringing(&desk);
    desk.call("a", event);
    desk.described("a");
    desk.agent(Agent::Accept(id("a")));
    desk.microphone_ready();
    desk.call("a", CallEvent::AnswerDelivered);
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    let effects = desk.agent(Agent::Devices(Wish::Choose(Role::Microphone, "h1".to_owned())));
    assert!(names(&effects).is_empty(), "nothing is released or attached yet: {effects:?}");
    assert_eq!(names(&desk.tell(Event::Devices(Told::Switched))), ["attach microphone"]);
    let fault = MicrophoneFault::Busy;
    assert!(names(&desk.tell(Event::Devices(Told::SwitchFailed(fault.clone())))).is_empty());
    assert_eq!(desk.faults(), [Fault::Microphone(fault)]);
}

#[test]
fn a_silent_ring_is_seen_and_not_heard() {
    let mut desk = Desk::open();
    desk.tell(unlocked());
    desk.agent(Agent::Devices(Wish::RingSilently(true)));
    let event = ringing(&desk);
    assert!(!names(&desk.call("a", event)).contains(&"ringtone"));
    assert_eq!(desk.incoming().len(), 1);
    assert_eq!(names(&desk.agent(Agent::Devices(Wish::RingSilently(false)))), ["ringtone"]);
}

#[test]
fn a_shift_begins_with_a_look_at_all_it_needs() {
    let mut desk = Desk::open();
    desk.tell(unlocked());
    let effects = desk.agent(Agent::SetAvailable(true));
    assert_eq!(orders(&effects), [Order::TryMicrophone(Some(Processing::default()))]);
    assert!(has(&effects, |effect| *effect == Effect::UnlockSound));
    desk.frame(Downlink::Presence { available: true });
    assert_eq!((&desk.view().devices.microphone, &desk.view().devices.path), (&Step::Doing, &Step::Doing));
    let effects = desk.tell(Event::Devices(Told::Trial(Step::Doing)));
    assert_eq!(orders(&effects)[0], Order::TryPath(vec![]), "once, with the microphone open");
    assert_eq!(orders(&desk.tell(Event::Devices(Told::Trial(Step::Good)))), [Order::List]);
    desk.tell(Event::Devices(Told::Path(true)));
    desk.tell(Event::Devices(Told::TrialOver));
    assert_eq!((&desk.view().devices.microphone, &desk.view().devices.path), (&Step::Good, &Step::Good));
    assert_eq!(desk.view().presence.truth, Truth::Reachable);
}

#[test]
fn a_microphone_that_is_refused_sets_the_agent_away() {
    let mut desk = Desk::open();
    desk.tell(unlocked());
    desk.agent(Agent::SetAvailable(true));
    desk.frame(Downlink::Presence { available: true });
    desk.tell(Event::Devices(Told::Trial(Step::Refused(MicrophoneFault::Refused))));
    desk.tell(Event::Devices(Told::TrialOver));
    assert!(!desk.view().presence.available);
    desk.frame(Downlink::Presence { available: false });
    let said =
        |desk: &Desk| desk.view().faults.iter().any(|known| known.fault == Fault::SetAway(Away::Unheard));
    assert!(said(&desk), "and why");
    desk.agent(Agent::SetAvailable(true));
    desk.frame(Downlink::Presence { available: true });
    assert_eq!(desk.view().presence.truth, Truth::Reachable, "one more try");
    assert!(!said(&desk));
}

#[test]
fn a_trial_ends_by_a_second_press_and_says_what_it_heard() {
    let mut desk = Desk::open();
    let press = |desk: &mut Desk| orders(&desk.agent(Agent::Devices(Wish::TestMicrophone)));
    assert_eq!(press(&mut desk), [Order::TryMicrophone(Some(Processing::default()))]);
    assert!(desk.view().devices.trying);
    assert_eq!(press(&mut desk), [Order::TryMicrophone(None)]);
    assert!(!desk.view().devices.trying);
    assert_eq!(desk.view().devices.microphone, Step::Quiet);
}
