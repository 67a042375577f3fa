//! Being noticed: notifications, the question before leaving, the icon, the shortcuts.

use std::collections::BTreeSet;

use phone::attention::{Attention, Badge, Choice, Order, Permission};
use phone::event::{Agent, Relay};
use phone::settings::Settings;
use phone::shortcuts::{Does, Keys, meaning};
use phone::{Effect, Event};
use wire::EndReason;

use crate::desk::{Desk, ended, has, id, names, ringing};

/// What is ordered about being noticed, without the icon and the clock.
fn orders(effects: &[Effect]) -> Vec<Order> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Attention(Order::Badge(_) | Order::KeepTime(_)) => None,
            Effect::Attention(order) => Some(order.clone()),
            _ => None,
        })
        .collect()
}

fn badges(effects: &[Effect]) -> Vec<Badge> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Attention(Order::Badge(badge)) => Some(*badge),
            _ => None,
        })
        .collect()
}

fn told(desk: &mut Desk, what: Attention) -> Vec<Effect> {
    desk.tell(Event::Attention(what))
}

fn ring(desk: &mut Desk, call: &str) -> Vec<Effect> {
    let event = ringing(desk);
    desk.call(call, event)
}

/// A page behind another one that may show notifications.
fn behind() -> Desk {
    let mut desk = Desk::open();
    told(&mut desk, Attention::Notices(Permission::Granted));
    told(&mut desk, Attention::Hidden(true));
    desk
}

#[test]
fn a_ring_nobody_sees_is_notified_and_withdrawn() {
    let mut desk = behind();
    let effects = ring(&mut desk, "a");
    let notify = Order::Notify {
        call: id("a"),
        title: "Asha Rao is calling".to_owned(),
        body: "+91 98000 00001".to_owned(),
    };
    assert_eq!(orders(&effects), [notify]);
    assert!(orders(&ring(&mut desk, "b")).len() == 1, "each call has its own");
    assert_eq!(orders(&desk.call("a", ended(EndReason::Missed))), [Order::Withdraw(id("a"))]);
    assert_eq!(orders(&told(&mut desk, Attention::Hidden(false))), [Order::Withdraw(id("b"))]);
}

#[test]
fn a_ring_that_is_seen_or_not_allowed_is_not_notified() {
    let mut desk = Desk::open();
    told(&mut desk, Attention::Notices(Permission::Granted));
    assert!(orders(&ring(&mut desk, "a")).is_empty());
    let mut desk = Desk::open();
    told(&mut desk, Attention::Hidden(true));
    for permission in [Permission::Unsupported, Permission::Askable, Permission::Refused] {
        told(&mut desk, Attention::Notices(permission));
        assert!(orders(&ring(&mut desk, "a")).is_empty());
    }
    // Hidden while it rings: now it is needed.
    assert!(!orders(&told(&mut desk, Attention::Notices(Permission::Granted))).is_empty());
}

#[test]
fn a_notification_answers_and_declines() {
    let mut desk = behind();
    ring(&mut desk, "a");
    ring(&mut desk, "b");
    let effects = told(&mut desk, Attention::Chosen(id("a"), Choice::Reject));
    assert!(names(&effects).contains(&"post reject"));
    let effects = told(&mut desk, Attention::Chosen(id("b"), Choice::Accept));
    assert!(names(&effects).contains(&"open microphone"));
}

#[test]
fn notifications_are_asked_for_by_the_switch_once() {
    let mut desk = Desk::open();
    assert!(orders(&desk.agent(Agent::SetAvailable(true))).is_empty(), "there are none here");
    told(&mut desk, Attention::Notices(Permission::Askable));
    assert!(orders(&desk.agent(Agent::SetAvailable(false))).is_empty());
    assert_eq!(orders(&desk.agent(Agent::SetAvailable(true))), [Order::Ask]);
    told(&mut desk, Attention::Notices(Permission::Refused));
    assert!(orders(&desk.agent(Agent::SetAvailable(true))).is_empty());
    assert!(orders(&desk.agent(Agent::AskNotices)).is_empty());
}

#[test]
fn leaving_is_questioned_only_while_a_call_lives() {
    let mut desk = Desk::open();
    assert!(orders(&ring(&mut desk, "a")).is_empty(), "a ring survives a reload");
    desk.described("a");
    assert_eq!(orders(&desk.agent(Agent::Accept(id("a")))), [Order::Guard(true)]);
    desk.microphone_ready();
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    assert_eq!(orders(&desk.agent(Agent::HangUp(id("a")))), [Order::Guard(false)]);
}

#[test]
fn the_icon_says_what_is_on() {
    let mut desk = Desk::open();
    assert_eq!(badges(&ring(&mut desk, "a")), [Badge::Ringing]);
    desk.described("a");
    assert_eq!(badges(&desk.agent(Agent::Accept(id("a")))), [Badge::OnCall]);
    assert_eq!(badges(&ring(&mut desk, "b")), [Badge::Ringing]);
    assert_eq!(badges(&desk.call("b", ended(EndReason::Missed))), [Badge::OnCall]);
    assert_eq!(badges(&desk.agent(Agent::HangUp(id("a")))), [Badge::Plain]);
}

#[test]
fn the_sheet_of_shortcuts_never_covers_a_ring() {
    let mut desk = Desk::open();
    desk.agent(Agent::ShowKeys(true));
    assert!(desk.view().keys);
    ring(&mut desk, "a");
    assert!(!desk.view().keys);
    desk.agent(Agent::ShowKeys(true));
    assert!(!desk.view().keys);
}

#[test]
fn keys_mean_what_can_be_done_now() {
    let mut desk = Desk::open();
    let key = |desk: &Desk, key| meaning(&desk.view(), key, None);
    assert_eq!(key(&desk, 'a'), None);
    assert_eq!(key(&desk, 'm'), None);
    assert_eq!(key(&desk, 'n'), Some(Agent::FocusNumber));
    assert_eq!(key(&desk, '?'), Some(Agent::ShowKeys(true)));
    ring(&mut desk, "a");
    desk.pass(10);
    ring(&mut desk, "b");
    assert_eq!(key(&desk, 'A'), Some(Agent::Accept(id("a"))), "the oldest");
    assert_eq!(meaning(&desk.view(), 'r', Some("b")), Some(Agent::Reject(id("b"))), "where the keyboard is");
    desk.described("a");
    desk.agent(Agent::Accept(id("a")));
    assert_eq!(key(&desk, 'm'), None, "not live yet");
    desk.microphone_ready();
    desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
    assert_eq!(key(&desk, 'm'), Some(Agent::ToggleMute(id("a"))));
    assert_eq!(key(&desk, 'h'), Some(Agent::ToggleHold(id("a"))));
    assert_eq!(key(&desk, 'e'), Some(Agent::HangUp(id("a"))));
    assert_eq!(key(&desk, 'n'), None, "there is no number field now");
    desk.agent(Agent::ChangeSettings(Settings { shortcuts: false, ..Settings::default() }));
    for does in Does::ALL {
        assert_eq!(key(&desk, Keys::default().of(does)), None, "they are turned off");
    }
}

#[test]
fn nobody_signed_in_has_no_shortcuts() {
    let desk = Desk::closed();
    for does in Does::ALL {
        assert_eq!(meaning(&desk.view(), Keys::default().of(does), None), None);
    }
}

#[test]
fn keys_are_the_agents_choice() {
    let mut desk = Desk::open();
    ring(&mut desk, "a");
    let keys = Keys::default().with(Does::Accept, 'r').with(Does::Mute, 'क');
    assert_eq!((keys.of(Does::Accept), keys.of(Does::Reject)), ('R', 'A'), "no key does two things");
    assert_eq!(keys.of(Does::Mute), 'क');
    let settings = Settings { keys, ..Settings::default() };
    desk.agent(Agent::ChangeSettings(settings));
    assert_eq!(meaning(&desk.view(), 'r', None), Some(Agent::Accept(id("a"))));
    assert_eq!(meaning(&desk.view(), 'a', None), Some(Agent::Reject(id("a"))));
    assert_eq!(Settings::read(&settings.print()), settings);
    for taken in [' ', '5', '#', '+'] {
        assert_eq!(keys.with(Does::Hold, taken), keys, "{taken:?} is typed into a call or is nothing");
    }
    let read = Settings::read("keys=AAA").keys;
    let distinct: BTreeSet<char> = Does::ALL.map(|does| read.of(does)).into();
    assert_eq!(distinct.len(), Does::ALL.len(), "no key does two things");
}

#[test]
fn a_hidden_page_goes_by_a_clock_that_is_not_late() {
    let mut desk = Desk::open();
    let ordered = |effects: &[Effect]| has(effects, |it| *it == Effect::Attention(Order::KeepTime(true)));
    assert!(ordered(&told(&mut desk, Attention::Hidden(true))));
    let link = desk.link;
    desk.tell(Event::Relay(Relay::SocketLost(link)));
    let opens = |effects: &[Effect]| has(effects, |it| matches!(it, Effect::OpenLink { .. }));
    assert!(!opens(&told(&mut desk, Attention::Second)), "it is not due yet");
    // The browser's own timer has not fired.
    desk.now += 60_000;
    assert!(opens(&told(&mut desk, Attention::Second)));
    assert!(!opens(&told(&mut desk, Attention::Second)), "a timer fires once");
    let shown = told(&mut desk, Attention::Hidden(false));
    assert!(has(&shown, |it| *it == Effect::Attention(Order::KeepTime(false))));
}
