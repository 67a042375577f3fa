//! One tab is the phone, the others show and control it.

use phone::event::{Agent, Page, Relay};
use phone::tabs::{Order, Tabs};
use phone::view::{Fault, TabView, Truth, Voice};
use phone::{Effect, Event};
use wire::{CallEvent, Direction, Downlink, EndReason, Stage};

use crate::desk::{Desk, ended, has, id, known, names, problem, ringing, session, started};

/// Two tabs of one browser: the phone, and another that was opened after it.
struct Browser {
    phone: Desk,
    other: Desk,
}

impl Browser {
    fn open() -> Self {
        let mut other = Desk::waiting();
        other.tell(Event::Relay(Relay::SessionChecked(Ok(session()))));
        let mut both = Self { phone: Desk::open(), other };
        let effects = both.other.tell(Event::Tabs(Tabs::Waiting));
        both.pass_on(&effects, true);
        both
    }

    /// Brings what one tab says to the other, and back, until nothing is said.
    fn pass_on(&mut self, effects: &[Effect], from_other: bool) {
        for text in said(effects) {
            let to = if from_other { &mut self.phone } else { &mut self.other };
            let reply = to.tell(Event::Tabs(Tabs::Heard(text)));
            self.pass_on(&reply, !from_other);
        }
    }

    fn at_phone(&mut self, act: impl FnOnce(&mut Desk) -> Vec<Effect>) -> Vec<Effect> {
        let effects = act(&mut self.phone);
        self.pass_on(&effects, false);
        effects
    }

    fn at_other(&mut self, what: Agent) -> Vec<Effect> {
        let effects = self.other.agent(what);
        self.pass_on(&effects, true);
        effects
    }

    fn ring(&mut self) {
        self.at_phone(|phone| {
            let event = ringing(phone);
            phone.call("a", event)
        });
        self.at_phone(|phone| phone.described("a"));
    }

    fn answer(&mut self) {
        self.at_other(Agent::Accept(id("a")));
        self.at_phone(Desk::microphone_ready);
        self.at_phone(|phone| phone.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(())))));
    }
}

fn said(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Tabs(Order::Say(text)) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn only_the_phone_opens_a_socket() {
    let Browser { phone, other } = Browser::open();
    assert!(phone.world.link.is_some());
    assert_eq!(other.world.link, None);
    assert_eq!(phone.view().tab, TabView::Phone);
    assert_eq!(other.view().tab, TabView::Remote { can_take: true });
    assert_eq!(other.view().presence, phone.view().presence);
}

#[test]
fn no_socket_is_opened_before_it_is_known_which_tab_is_the_phone() {
    let mut desk = Desk::waiting();
    let effects = desk.tell(Event::Relay(Relay::SessionChecked(Ok(session()))));
    assert!(!names(&effects).contains(&"open link"));
    assert_eq!(desk.view().presence.truth, Truth::Changing);
    assert!(names(&desk.tell(Event::Tabs(Tabs::Leading))).contains(&"open link"));
}

#[test]
fn a_phone_that_is_alone_says_nothing() {
    let mut desk = Desk::open();
    let event = ringing(&desk);
    assert!(said(&desk.call("a", event)).is_empty());
}

#[test]
fn the_other_tab_shows_the_ring_and_plays_none() {
    let mut both = Browser::open();
    both.ring();
    assert_eq!(both.other.incoming(), both.phone.incoming());
    assert_eq!(both.other.incoming().len(), 1);
    assert_eq!(both.other.world.tone, phone::effect::Tone::Silence);
    assert!(both.other.world.peers.is_empty());
}

#[test]
fn the_other_tab_answers_mutes_and_hangs_up() {
    let mut both = Browser::open();
    both.ring();
    both.answer();
    assert_eq!(both.other.active(), both.phone.active());
    assert!(both.other.active().is_live());
    assert_eq!(both.other.view().tab, TabView::Remote { can_take: false });
    assert!(both.other.incoming().is_empty());

    both.at_other(Agent::ToggleMute(id("a")));
    assert_eq!(both.phone.active().voice, Voice::Muted);
    assert_eq!(both.other.active().voice, Voice::Muted);

    both.at_other(Agent::HangUp(id("a")));
    assert_eq!(both.phone.view().active, None);
    assert_eq!(both.other.view().active, None);
}

#[test]
fn the_other_tab_holds_and_shows_what_is_held() {
    let mut both = Browser::open();
    both.ring();
    both.answer();
    both.at_other(Agent::ToggleHold(id("a")));
    let seen = both.phone.view();
    assert_ne!(both.other.view(), seen, "they differ in more than the call");
    assert_eq!((both.other.view().active, both.other.view().held), (seen.active, seen.held));
    assert_eq!(both.other.view().tab, TabView::Remote { can_take: false });
}

#[test]
fn a_number_dialled_at_the_other_tab_is_called_by_the_phone() {
    let mut both = Browser::open();
    both.other.agent(Agent::NumberTyped("12".to_owned()));
    assert!(said(&both.at_other(Agent::Dial { attempt: id("x") })).is_empty());
    assert!(matches!(both.other.faults()[..], [Fault::Number(_)]));

    both.other.agent(Agent::NumberTyped("+919800000001".to_owned()));
    both.at_other(Agent::Dial { attempt: id("x") });
    assert_eq!(both.phone.active().call, id("x"));
    assert_eq!(both.other.active().direction, Direction::Outbound);
    assert_eq!(both.other.view().dialler.text, "");
    both.at_other(Agent::Redial { attempt: id("y"), number: "+919800000002".to_owned() });
    assert!(both.other.faults().contains(&Fault::OnACall));
}

#[test]
fn the_switch_of_the_other_tab_is_the_phones() {
    let mut both = Browser::open();
    both.at_other(Agent::SetAvailable(false));
    assert_eq!(both.phone.view().presence.truth, Truth::Changing);
    both.at_phone(|phone| phone.frame(Downlink::Presence { available: false }));
    assert_eq!(both.other.view().presence.truth, Truth::Away);
}

#[test]
fn when_the_phone_goes_the_other_takes_over_and_says_what_was_cut() {
    let mut both = Browser::open();
    both.ring();
    both.answer();
    let who = both.other.active().who;
    both.at_phone(|phone| phone.tell(Event::Page(Page::Leaving)));
    assert!(names(&both.other.tell(Event::Tabs(Tabs::Leading))).contains(&"open link"));
    both.other.connect(vec![]);
    assert_eq!(both.other.faults(), [Fault::Interrupted(who)]);
    assert_eq!(both.other.view().tab, TabView::Phone);
}

#[test]
fn a_call_that_rings_as_the_phone_goes_rings_on_at_the_next() {
    let mut both = Browser::open();
    both.ring();
    both.other.tell(Event::Tabs(Tabs::Leading));
    let stage = Stage::Ringing { offer: "offer".to_owned(), expires: both.other.now + 20_000 };
    let calls = vec![known(&both.other, "a", Direction::Inbound, stage)];
    let effects = both.other.connect(calls);
    assert!(names(&effects).contains(&"ringtone"));
    assert!(both.other.faults().is_empty());
}

#[test]
fn use_this_tab_takes_the_lock_and_the_former_phone_lets_go() {
    let mut both = Browser::open();
    let effects = both.other.agent(Agent::UseThisTab);
    assert!(has(&effects, |effect| *effect == Effect::Tabs(Order::Lead { steal: true })));
    let effects = both.phone.tell(Event::Tabs(Tabs::Lost));
    assert!(names(&effects).contains(&"close link"));
    assert!(has(&effects, |effect| *effect == Effect::Tabs(Order::Lead { steal: false })));
    assert_eq!(both.phone.view().tab, TabView::Remote { can_take: true });
}

#[test]
fn a_ring_goes_silent_where_the_phone_was() {
    let mut both = Browser::open();
    both.ring();
    let effects = both.phone.tell(Event::Tabs(Tabs::Lost));
    assert!(names(&effects).contains(&"silence"));
    assert!(both.phone.incoming().is_empty());
    // What was posted before is still the call's own matter: no ghost of it stays.
    both.phone.tell(Event::Tabs(Tabs::Heard("seen\nbroken".to_owned())));
    assert_eq!(both.phone.view().incoming, []);
}

#[test]
fn a_call_keeps_the_phone() {
    let mut both = Browser::open();
    both.ring();
    both.answer();
    let effects = both.at_other(Agent::UseThisTab);
    assert!(!has(&effects, |effect| matches!(effect, Effect::Tabs(Order::Lead { .. }))));
    assert!(both.other.faults().contains(&Fault::OnACall));
    // Should it be taken all the same, it is taken back.
    let effects = both.phone.tell(Event::Tabs(Tabs::Lost));
    assert!(has(&effects, |effect| *effect == Effect::Tabs(Order::Lead { steal: true })));
    assert!(both.phone.active().is_live());
}

#[test]
fn signing_out_signs_out_everywhere() {
    let mut both = Browser::open();
    both.at_phone(|phone| phone.frame(Downlink::SignedOut));
    let effects = both.other.tell(Event::Tabs(Tabs::Heard("seen\np\t0\t0\t3\n".to_owned())));
    assert!(names(&effects).contains(&"check session"));
    both.other.tell(Event::Relay(Relay::SessionChecked(Err(problem(wire::ProblemKind::SignedOut)))));
    assert!(!matches!(both.other.view().session, phone::view::SessionView::SignedIn { .. }));
}

#[test]
fn signing_in_signs_in_everywhere() {
    let mut phone = Desk::closed();
    phone.tell(Event::Relay(Relay::SessionChecked(Err(problem(wire::ProblemKind::SignedOut)))));
    let effects = phone.tell(Event::Tabs(Tabs::Heard("session".to_owned())));
    assert!(names(&effects).contains(&"check session"));
    let effects = phone.tell(Event::Relay(Relay::SessionChecked(Ok(session()))));
    assert!(names(&effects).contains(&"open link"));
}

#[test]
fn a_call_that_ends_while_another_rings_is_shown_as_it_is() {
    let mut both = Browser::open();
    both.ring();
    both.at_phone(|phone| phone.call("a", ended(EndReason::Missed)));
    assert!(both.other.incoming().is_empty());
    let event = CallEvent::FarEndRinging;
    both.at_phone(|phone| phone.call("nobody", event));
    assert_eq!(both.other.view().active, None);
}

#[test]
fn what_is_not_understood_changes_nothing() {
    let mut both = Browser::open();
    let before = both.other.view();
    for text in ["", "seen", "seen\n", "seen\np\tx\ty\tz\n", "do\nexplode\ta\t", "tell\nme"] {
        both.other.tell(Event::Tabs(Tabs::Heard(text.to_owned())));
        both.phone.tell(Event::Tabs(Tabs::Heard(text.to_owned())));
        assert_eq!(both.other.view(), before, "{text:?}");
    }
    let mut fresh = Desk::waiting();
    fresh.tell(started(""));
    fresh.tell(Event::Tabs(Tabs::Heard("hello".to_owned())));
    assert_eq!(fresh.world.link, None);
}
