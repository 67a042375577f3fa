#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use super::*;
use crate::options::Business;
use crate::people::usual_people;

const SPEAKER: usize = 0;
const REJECTS: usize = 2;
const NEVER: usize = 3;
const NO_PERMISSION: usize = 4;

fn book() -> Book {
    let mut settings = Settings::default();
    settings.limits.max_calls = 3;
    Book::new(Arc::new(settings))
}

fn head(id: &str, person: usize, direction: Direction) -> Head {
    Head {
        id: id.into(),
        vobiz_id: Uuid::new_v4(),
        direction,
        person: Arc::new(usual_people().remove(person)),
        business: Arc::new(Business::default()),
        started: 0,
        sdp: "v=0".into(),
        business_sdp: None,
    }
}

fn act(book: &mut Book, id: &str, action: Action, sdp: Option<&str>) -> Result<Vec<Effect>, Refusal> {
    book.act(Business::default().channel_id, id, &action, sdp.map(str::to_owned), 50)
}

fn notices(effects: &[Effect]) -> Vec<Notice> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::Notify(_, notice) = effect { Some(notice.clone()) } else { None })
        .collect()
}

fn ended(reason: EndReason, answered: Option<u64>) -> Vec<Notice> {
    vec![Notice::Terminate { reason, answered }]
}

#[test]
fn an_outbound_call_rings_is_picked_up_and_ends() {
    let mut book = book();
    let effects = book.initiate(head("a", SPEAKER, Direction::Outbound)).unwrap();
    assert!(notices(&effects).is_empty());
    assert_eq!(notices(&book.timer("a", Timer::Answer, 1)), [Notice::Connect(SdpType::Answer)]);
    assert_eq!(notices(&book.timer("a", Timer::Ringing, 1)), [Notice::Status(StatusKind::Ringing)]);
    let effects = book.timer("a", Timer::Reaction, 7);
    assert_eq!(notices(&effects), [Notice::Status(StatusKind::Accepted)]);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::PickUpHandset { .. })));
    // The ring window is over, the call is not.
    assert!(book.timer("a", Timer::RingWindow, 45).is_empty());
    assert!(book.timer("a", Timer::Reaction, 46).is_empty());
    let effects = act(&mut book, "a", Action::Terminate, None).unwrap();
    assert_eq!(notices(&effects), ended(EndReason::BusinessHungUp, Some(7)));
}

#[test]
fn ended_stays_ended() {
    let mut book = book();
    book.initiate(head("a", REJECTS, Direction::Outbound)).unwrap();
    act(&mut book, "a", Action::Terminate, None).unwrap();
    for timer in [Timer::Answer, Timer::Ringing, Timer::Reaction, Timer::RingWindow, Timer::AcceptWindow] {
        assert!(book.timer("a", timer, 60).is_empty(), "{timer:?}");
    }
    assert!(book.line("a", LineEvent::Lost, 60).is_empty());
    assert_eq!(book.hang_up("a", 60).unwrap_err(), Refusal::CallOver);
    assert_eq!(act(&mut book, "a", Action::Terminate, None).unwrap_err(), Refusal::CallOver);
}

#[test]
fn people_do_what_they_do() {
    let mut book = book();
    book.initiate(head("r", REJECTS, Direction::Outbound)).unwrap();
    book.initiate(head("n", NEVER, Direction::Outbound)).unwrap();
    let refused = book.initiate(head("p", NO_PERMISSION, Direction::Outbound)).unwrap_err();
    assert_eq!(refused.code(), 138_006);
    for id in ["r", "n"] {
        book.timer(id, Timer::Ringing, 1);
    }
    let effects = book.timer("r", Timer::Reaction, 2);
    assert_eq!(notices(&effects)[0], Notice::Status(StatusKind::Rejected));
    assert_eq!(notices(&effects)[1..], ended(EndReason::PersonRejected, None));
    assert!(book.timer("n", Timer::Reaction, 2).is_empty());
    let effects = book.timer("n", Timer::RingWindow, 45);
    assert_eq!(notices(&effects), ended(EndReason::PersonDidNotAnswer, None));
}

#[test]
fn an_accept_repeats_the_pre_accept() {
    let mut book = book();
    book.ring(head("a", SPEAKER, Direction::Inbound)).unwrap();
    let effects = act(&mut book, "a", Action::PreAccept, Some("x")).unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::AnswerHandset { .. })));
    assert!(act(&mut book, "a", Action::PreAccept, Some("x")).unwrap().is_empty());
    assert_eq!(act(&mut book, "a", Action::PreAccept, Some("y")).unwrap_err(), Refusal::SdpDiffers);
    assert_eq!(act(&mut book, "a", Action::Accept, Some("y")).unwrap_err(), Refusal::SdpDiffers);
    let effects = act(&mut book, "a", Action::Accept, Some("x")).unwrap();
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::AnswerHandset { .. })));
    assert!(act(&mut book, "a", Action::Accept, Some("x")).unwrap().is_empty());
    assert!(act(&mut book, "a", Action::Reject, None).is_err());
    assert!(book.timer("a", Timer::AcceptWindow, 45).is_empty());
    assert_eq!(
        notices(&book.line("a", LineEvent::NoMediaLater, 99)),
        ended(EndReason::NoMediaLater, Some(50))
    );
}

#[test]
fn an_outbound_call_can_not_be_accepted_by_its_caller() {
    let mut book = book();
    book.initiate(head("a", NEVER, Direction::Outbound)).unwrap();
    for action in [Action::PreAccept, Action::Accept, Action::Reject] {
        assert!(act(&mut book, "a", action, Some("x")).is_err());
    }
    assert_eq!(notices(&act(&mut book, "a", Action::Terminate, None).unwrap()).len(), 1);
}

#[test]
fn one_call_for_each_pair_and_a_limit_for_all() {
    let mut book = book();
    for person in [SPEAKER, REJECTS, NEVER] {
        book.ring(head(&person.to_string(), person, Direction::Inbound)).unwrap();
    }
    let again = head("again", SPEAKER, Direction::Outbound);
    assert_eq!(book.initiate(again).unwrap_err(), Refusal::PairBusy);
    let further = head("further", NO_PERMISSION, Direction::Inbound);
    assert_eq!(book.ring(further).unwrap_err(), Refusal::TooManyCalls);
}

#[test]
fn a_call_of_another_channel_is_not_found() {
    let mut book = book();
    book.ring(head("a", SPEAKER, Direction::Inbound)).unwrap();
    let other = book.act(Uuid::nil(), "a", &Action::Reject, None, 1);
    assert_eq!(other.unwrap_err(), Refusal::NoSuchCall);
}

#[test]
fn old_calls_are_let_go() {
    let mut book = book();
    let mut forgotten = 0;
    for number in 0..ENDED_SHOWN * 2 {
        let id = number.to_string();
        let effects = book.ring(head(&id, SPEAKER, Direction::Inbound)).unwrap();
        forgotten += effects.iter().filter(|effect| matches!(effect, Effect::Forget { .. })).count();
        book.hang_up(&id, 1).unwrap();
    }
    assert_eq!(book.calls().count() + forgotten, ENDED_SHOWN * 2);
    assert!(book.calls().count() <= ENDED_SHOWN + 1);
    assert_eq!(book.wacids.len(), book.calls.len());
}
