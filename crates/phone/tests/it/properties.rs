//! Any events in any order, doubled and late: what must be true stays true. The desk
//! checks after every event; here are the events, and what is left at the end.

use phone::Event;
use phone::devices::{Device, Listing, Told, Wish};
use phone::event::{
    Agent, FaultId, LinkId, Media, MicrophoneFault, MicrophoneId, Page, Peer, PeerId, Relay, Sound,
    TransportEvent,
};
use phone::timer::TimerId;
use proptest::prelude::*;
use wire::{CallEvent, CallId, CallSnapshot, Direction, Downlink, EndReason, ProblemKind, Stage};

use crate::desk::{AHEAD, Desk, START, ended, id, party, problem, session};

/// Inbound calls and outbound attempts that the events are about.
const CALLS: [&str; 4] = ["a", "b", "x", "y"];

fn call() -> impl Strategy<Value = CallId> {
    prop::sample::select(&CALLS[..]).prop_map(CallId::from)
}

fn inbound() -> impl Strategy<Value = CallId> {
    prop::sample::select(&CALLS[..2]).prop_map(CallId::from)
}

fn attempt() -> impl Strategy<Value = CallId> {
    prop::sample::select(&CALLS[2..]).prop_map(CallId::from)
}

fn reason() -> impl Strategy<Value = EndReason> {
    prop_oneof![
        Just(EndReason::HungUp),
        Just(EndReason::FarEndHungUp),
        Just(EndReason::Missed),
        Just(EndReason::Declined),
        Just(EndReason::Rejected),
    ]
}

fn call_event() -> impl Strategy<Value = CallEvent> {
    let offer = || "offer".to_owned();
    let (since, expires) = (START + AHEAD, START + AHEAD + 40_000);
    prop_oneof![
        4 => Just(CallEvent::Ringing { from: party(), to: None, offer: offer(), since, expires }),
        1 => Just(CallEvent::DeclinedHere),
        1 => Just(CallEvent::Silenced),
        1 => Just(CallEvent::AnsweredElsewhere { by: "Ben".to_owned() }),
        1 => Just(CallEvent::Claimed),
        2 => Just(CallEvent::AnswerDelivered),
        1 => Just(CallEvent::Dialing { to: party() }),
        1 => Just(CallEvent::Initiated),
        2 => Just(CallEvent::Answer { sdp: "answer".to_owned() }),
        1 => Just(CallEvent::FarEndRinging),
        2 => Just(CallEvent::Accepted),
        1 => reason().prop_map(ended),
    ]
}

fn stage() -> impl Strategy<Value = Stage> {
    prop_oneof![
        Just(Stage::Ringing { offer: "offer".to_owned(), expires: START + AHEAD + 40_000 }),
        Just(Stage::Answering),
        Just(Stage::Dialing),
        Just(Stage::FarEndRinging),
        Just(Stage::Accepted { at: START }),
    ]
}

fn snapshot() -> impl Strategy<Value = Vec<CallSnapshot>> {
    let known = (call(), stage(), any::<bool>()).prop_map(|(call, stage, answered)| {
        let outbound = matches!(stage, Stage::Dialing | Stage::FarEndRinging);
        let direction = if outbound { Direction::Outbound } else { Direction::Inbound };
        let answer = answered.then(|| "answer".to_owned());
        CallSnapshot { call, direction, party: party(), business: None, since: START, stage, answer }
    });
    prop::collection::vec(known, 0..3)
}

#[expect(clippy::result_large_err, reason = "the very type that the events carry")]
fn reply() -> impl Strategy<Value = Result<(), wire::Problem>> {
    const KINDS: [ProblemKind; 6] = [
        ProblemKind::Offline,
        ProblemKind::SignedOut,
        ProblemKind::AnsweredElsewhere,
        ProblemKind::CallState,
        ProblemKind::UpstreamRefused,
        ProblemKind::UpstreamUnknown,
    ];
    let outcome = prop_oneof![
        3 => Just(None),
        1 => prop::sample::select(&KINDS[..]).prop_map(Some),
    ];
    outcome.prop_map(|refused| refused.map_or(Ok(()), |kind| Err(problem(kind))))
}

/// One step of a story. Steps that answer an order take the newest one.
#[derive(Debug, Clone)]
enum Step {
    Tell(Event),
    Call(CallId, CallEvent),
    Snapshot(Vec<CallSnapshot>),
    MicrophoneReady,
    Described(usize),
    Transport(usize, TransportEvent),
    SocketOpens,
    SignIn,
    Pass(u64),
}

fn agent() -> impl Strategy<Value = Agent> {
    let number = || "+919800000001".to_owned();
    prop_oneof![
        4 => attempt().prop_map(move |attempt| Agent::Redial { attempt, number: number() }),
        4 => inbound().prop_map(Agent::Accept),
        2 => (inbound(), any::<bool>()).prop_map(|(call, there)| Agent::Reach { call, there }),
        1 => call().prop_map(Agent::Reject),
        2 => call().prop_map(Agent::HangUp),
        2 => call().prop_map(Agent::ToggleMute),
        3 => call().prop_map(Agent::ToggleHold),
        1 => any::<bool>().prop_map(move |full| Agent::NumberTyped(if full { number() } else { String::new() })),
        1 => attempt().prop_map(|attempt| Agent::Dial { attempt }),
        1 => call().prop_map(Agent::DismissEnded),
        1 => (0..4_u32).prop_map(|id| Agent::DismissFault(FaultId(id))),
        1 => Just(Agent::SignOut),
        1 => any::<bool>().prop_map(Agent::SetAvailable),
        1 => Just(Agent::Devices(Wish::TestMicrophone)),
        1 => (0..3_usize, "[ab]?").prop_map(|(role, id)| {
            Agent::Devices(Wish::Choose(phone::devices::Role::ALL[role], id))
        }),
    ]
}

fn stray() -> impl Strategy<Value = Event> {
    let peer = (call(), 0..6_u32).prop_map(|(call, generation)| PeerId { call, generation });
    prop_oneof![
        (call(), reply()).prop_map(|(call, reply)| Event::Relay(Relay::AcceptReplied(call, reply))),
        (call(), reply()).prop_map(|(call, reply)| Event::Relay(Relay::InitiateReplied(call, reply))),
        (call(), reply()).prop_map(|(call, reply)| Event::Relay(Relay::TerminateReplied(call, reply))),
        (call(), reply()).prop_map(|(call, reply)| Event::Relay(Relay::RejectReplied(call, reply))),
        (0..4_u32).prop_map(|link| Event::Relay(Relay::SocketLost(LinkId(link)))),
        peer.prop_map(|peer| Event::Peer(peer, Peer::Broken { what: "broken".to_owned() })),
        (0..4_u32).prop_map(|id| Event::Media(Media::MicrophoneEnded(MicrophoneId(id)))),
        (0..4_u32).prop_map(|id| {
            Event::Media(Media::MicrophoneFailed(MicrophoneId(id), MicrophoneFault::Missing))
        }),
        call().prop_map(|call| Event::Timer(TimerId::RingOver(call))),
        call().prop_map(|call| Event::Timer(TimerId::Retry(call))),
        Just(Event::Media(Media::Sound(Sound::Blocked))),
        any::<bool>().prop_map(|allowed| Event::Media(Media::MicrophoneAllowed(allowed))),
        Just(Event::Page(Page::AttemptNamed(id("s")))),
        Just(Event::Page(Page::Leaving)),
        Just(Event::Page(Page::Online)),
        Just(Event::Devices(Told::Switched)),
        Just(Event::Devices(Told::TrialOver)),
        prop::collection::vec("[ab]", 0..3).prop_map(|ids| {
            let inputs: Vec<_> = ids.into_iter().map(|id| Device { label: id.to_uppercase(), id }).collect();
            let outputs = inputs.clone();
            Event::Devices(Told::Listed(Listing { inputs, outputs, speaker: true, ringtone: true }))
        }),
        ((call(), 0..6_u32), 0..500_u32, 0..101_u8).prop_map(|((call, generation), sent, level)| {
            let sample = phone::line::Sample {
                sent,
                received: sent,
                you: Some(level),
                them: Some(level),
                ..Default::default()
            };
            Event::Line(PeerId { call, generation }, sample)
        }),
    ]
}

fn transport() -> impl Strategy<Value = TransportEvent> {
    prop::sample::select(vec![
        TransportEvent::Connecting,
        TransportEvent::Connected,
        TransportEvent::Disconnected,
        TransportEvent::Failed,
        TransportEvent::Closed,
    ])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (call(), call_event()).prop_map(|(call, event)| Step::Call(call, event)),
        6 => agent().prop_map(|what| Step::Tell(Event::Agent(what))),
        4 => stray().prop_map(Step::Tell),
        4 => Just(Step::MicrophoneReady),
        4 => (0..4_usize).prop_map(Step::Described),
        3 => (0..4_usize, transport()).prop_map(|(which, event)| Step::Transport(which, event)),
        1 => snapshot().prop_map(Step::Snapshot),
        1 => Just(Step::SocketOpens),
        1 => Just(Step::SignIn),
        1 => (0..20_000_u64).prop_map(Step::Pass),
    ]
}

/// The fault of a microphone: what the browser took away is not open any more.
fn take_away(desk: &mut Desk, event: &Event) {
    if let Event::Media(Media::MicrophoneFailed(id, _)) = event
        && desk.world.microphone == Some(*id)
        && desk.world.opening()
    {
        desk.world.microphone = None;
    }
}

fn run(desk: &mut Desk, step: Step) {
    match step {
        Step::Tell(event) => {
            take_away(desk, &event);
            desk.tell(event);
        }
        Step::Call(call, event) => {
            desk.call(call.as_str(), event);
        }
        Step::Snapshot(calls) => {
            desk.snapshot(calls);
        }
        Step::MicrophoneReady => {
            if desk.world.microphone.is_some() {
                desk.microphone_ready();
            }
        }
        Step::Described(which) => {
            let peer = desk.world.known_peers.iter().rev().nth(which).cloned();
            if let Some(peer) = peer {
                desk.tell(Event::Peer(peer, Peer::Described { sdp: "sdp".to_owned() }));
            }
        }
        Step::Transport(which, event) => {
            let peer = desk.world.known_peers.iter().rev().nth(which).cloned();
            if let Some(peer) = peer {
                desk.tell(Event::Peer(peer, Peer::Transport(event)));
            }
        }
        Step::SocketOpens => {
            if let Some(link) = desk.world.link {
                desk.link = link;
                desk.tell(Event::Relay(Relay::SocketOpened(link)));
            }
        }
        Step::SignIn => {
            desk.tell(Event::Relay(Relay::SessionChecked(Ok(session()))));
        }
        Step::Pass(ms) => {
            desk.pass(ms);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// However a story went: when all calls are over, nothing is left of them.
    #[test]
    fn nothing_outlives_its_call(steps in prop::collection::vec(step(), 1..60)) {
        let mut desk = Desk::open();
        for step in steps {
            run(&mut desk, step);
        }
        desk.tell(Event::Agent(Agent::NumberTyped(String::new())));
        desk.tell(Event::Media(Media::MicrophoneAllowed(false)));
        for call in CALLS.into_iter().chain(["s"]) {
            desk.tell(Event::Agent(Agent::HangUp(id(call))));
            desk.tell(Event::Agent(Agent::Reject(id(call))));
            desk.tell(Event::Relay(Relay::TerminateReplied(id(call), Ok(()))));
            desk.tell(Event::Relay(Relay::RejectReplied(id(call), Ok(()))));
        }
        prop_assert!(desk.world.peers.is_empty(), "open: {:?}", desk.world.peers);
        prop_assert_eq!(desk.world.microphone, None);
        prop_assert_eq!(desk.world.tone, phone::effect::Tone::Silence);
        desk.pass(20_000);
        let left: Vec<_> = desk.world.timers.keys().filter(|timer| !matches!(
            timer,
            TimerId::LinkOpening | TimerId::LinkSilent | TimerId::LinkRetry | TimerId::CheckSession
        )).collect();
        prop_assert!(left.is_empty(), "timers left: {:?}", left);
        prop_assert_eq!(&desk.view().ended, &None);
    }

    /// A call that the relay has ended does not come back, whatever is told late.
    #[test]
    fn ended_stays_ended(before in prop::collection::vec(step(), 0..30), after in prop::collection::vec(call_event(), 1..10)) {
        let mut desk = Desk::open();
        for step in before {
            run(&mut desk, step);
        }
        desk.tell(Event::Relay(Relay::SessionChecked(Ok(session()))));
        run(&mut desk, Step::SocketOpens);
        desk.call("a", ended(EndReason::Missed));
        let told = desk.view().link == phone::view::LinkView::Up;
        for event in after {
            desk.call("a", event);
            let view = desk.view();
            let rings = view.incoming.iter().any(|card| card.call == id("a"));
            let active = view.active.is_some_and(|card| card.call == id("a"));
            prop_assert!(!told || !(rings || active));
        }
    }

    /// Reading a number never panics, and what it gives is E.164.
    #[test]
    fn any_text_is_read(text in "\\PC{0,40}") {
        if let Ok(number) = phone::number::read(&text).number {
            prop_assert!(number.starts_with('+'));
            prop_assert!(number[1..].bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert!((8..=16).contains(&number.len()));
            prop_assert_eq!(phone::number::read(&phone::number::grouped(&number)).number, Ok(number));
        }
        let _ = phone::number::shown("", &text);
    }

    /// What is printed is read back.
    #[test]
    fn any_address_is_read(path in "\\PC{0,20}", query in "\\PC{0,60}") {
        let route = phone::route::Route::parse(&path, &query);
        let printed = route.print();
        let (path, query) = printed.split_once('?').unwrap_or((&printed, ""));
        prop_assert_eq!(phone::route::Route::parse(path, query), route);
    }
}

#[test]
fn a_frame_of_an_old_socket_is_ignored() {
    let mut desk = Desk::open();
    let frame = Downlink::Presence { available: false };
    desk.tell(Event::Relay(Relay::Frame(LinkId(99), frame)));
    assert!(desk.view().presence.available);
    assert_eq!(desk.phone.ignored(), 1);
}
