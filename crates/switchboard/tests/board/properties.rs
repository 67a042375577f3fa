//! What must hold whatever comes, in whatever order, however often.
//!
//! `SWITCHBOARD_STEPS=1000000 cargo test -p switchboard` plays that many steps instead of
//! the few that every run plays; a million take about a minute.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use switchboard::command::{AcceptFate, AgentWish, UpstreamNews};
use switchboard::state::{Bell, Presence, Ring, Stage};
use switchboard::{
    CallFact, Fact, Outcome, Pending, Routing, Settings, State, WhenNobody, fold, next_deadline, pending,
    snapshot,
};
use vobiz::log::{CallLog, Status};
use vobiz::meta::{Direction, Signal, StatusKind};
use wire::{AgentName, CallEvent, CallId, EndReason};

use crate::common::{
    Board, CALLER, answer, connect, failure, response, settings, status, terminate, terminate_with_code,
};
use crate::saved::restored;

/// Steps that every run plays.
const STEPS: u64 = 20_000;
/// Most steps of one story.
const LONGEST: usize = 120;

/// How many steps are to be played.
pub fn steps_wanted() -> u64 {
    std::env::var("SWITCHBOARD_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(STEPS)
}

/// Plays stories until there were enough steps.
pub fn play<S: std::fmt::Debug + Clone>(
    story: impl Strategy<Value = S>,
    steps_of: impl Fn(&S) -> usize,
    run: impl Fn(S) -> Result<(), TestCaseError>,
) {
    let wanted = steps_wanted();
    let played = std::cell::Cell::new(0_u64);
    while played.get() < wanted {
        let mut runner = TestRunner::new(Config { cases: 100, ..Config::default() });
        let ran = runner.run(&story, |story| {
            played.set(played.get() + steps_of(&story) as u64);
            run(story)
        });
        if let Err(failure) = ran {
            panic!("{failure}");
        }
    }
}

const AGENTS: [&str; 3] = ["asha", "ben", "cleo"];
const INBOUND: [&str; 3] = ["wacid.in1", "wacid.in2", "wacid.in3"];
const OUTBOUND: [&str; 3] = ["out1", "out2", "out3"];
const META: [&str; 3] = ["wacid.out1", "wacid.out2", "wacid.out3"];
const PEOPLE: [&str; 2] = ["+919800000002", "+919800000003"];

#[derive(Debug, Clone)]
enum Step {
    Available(usize, bool),
    Reachable(usize, bool),
    Excused(usize),
    Ready(usize),
    Shown(usize, usize, bool),
    Prepared(usize, usize),
    Accept(usize, usize),
    Decline(usize, usize),
    Terminate(usize, usize),
    Dial(usize, usize, usize),
    Webhook(Box<Signal>),
    /// The same delivery once more.
    Again(usize),
    /// One of the pending things comes back in one of its ways.
    Work(usize, usize),
    /// News that nobody asked for.
    Stray(usize, usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let agent = 0..AGENTS.len();
    let call = 0..INBOUND.len() + OUTBOUND.len();
    prop_oneof![
        3 => (agent.clone(), any::<bool>()).prop_map(|(agent, on)| Step::Available(agent, on)),
        3 => (agent.clone(), any::<bool>()).prop_map(|(agent, on)| Step::Reachable(agent, on)),
        1 => agent.clone().prop_map(Step::Excused),
        1 => agent.clone().prop_map(Step::Ready),
        6 => (agent.clone(), call.clone(), any::<bool>()).prop_map(|(a, c, audible)| Step::Shown(a, c, audible)),
        3 => (agent.clone(), call.clone()).prop_map(|(agent, call)| Step::Prepared(agent, call)),
        6 => (agent.clone(), call.clone()).prop_map(|(agent, call)| Step::Accept(agent, call)),
        4 => (agent.clone(), call.clone()).prop_map(|(agent, call)| Step::Decline(agent, call)),
        4 => (agent.clone(), call.clone()).prop_map(|(agent, call)| Step::Terminate(agent, call)),
        4 => (agent, 0..OUTBOUND.len(), 0..PEOPLE.len()).prop_map(|(a, o, p)| Step::Dial(a, o, p)),
        16 => signal().prop_map(|signal| Step::Webhook(Box::new(signal))),
        3 => any::<usize>().prop_map(Step::Again),
        10 => (any::<usize>(), any::<usize>()).prop_map(|(which, how)| Step::Work(which, how)),
        2 => (call, any::<usize>()).prop_map(|(call, how)| Step::Stray(call, how)),
        5 => prop_oneof![0..500_u64, 0..20_000_u64, Just(46_000), Just(130_000)].prop_map(Step::Pass),
        1 => Just(Step::Pass(7 * 3_600_000)),
    ]
}

fn signal() -> impl Strategy<Value = Signal> {
    let number = prop_oneof![Just(None), (0..PEOPLE.len()).prop_map(|person| Some(PEOPLE[person]))];
    let outbound = (0..META.len(), number, 0..6_usize, 0..60_u64).prop_map(|(call, to, kind, second)| {
        let out = Direction::BusinessInitiated;
        let signal = match kind {
            0 => answer(META[call], to),
            1 => status(META[call], to, StatusKind::Ringing),
            2 => status(META[call], to, StatusKind::Accepted),
            3 => status(META[call], to, StatusKind::Rejected),
            4 => terminate_with_code(META[call], out, 138_021),
            _ => terminate(META[call], out, to),
        };
        at(signal, second)
    });
    let inbound = (0..INBOUND.len(), 0..4_usize, 0..60_u64).prop_map(|(call, kind, second)| {
        let signal = match kind {
            0 => terminate(INBOUND[call], Direction::UserInitiated, Some(CALLER)),
            1 => terminate_with_code(INBOUND[call], Direction::UserInitiated, 138_021),
            _ => connect(INBOUND[call]),
        };
        at(signal, second)
    });
    prop_oneof![inbound, outbound]
}

fn at(mut signal: Signal, second: u64) -> Signal {
    match &mut signal {
        Signal::Connect { head, .. } | Signal::Status { head, .. } | Signal::Terminate { head, .. } => {
            head.timestamp = head.timestamp.map(|at| at + second);
        }
        Signal::Unknown(_) => {}
    }
    signal
}

fn name(call: usize) -> &'static str {
    INBOUND.iter().chain(&OUTBOUND).nth(call).copied().unwrap()
}

fn take(board: &mut Board, step: &Step, deliveries: &mut Vec<(String, Signal)>) {
    // A refusal is as good as a fact: what counts is what holds afterwards.
    let _ = match step {
        Step::Available(agent, on) => board.wish(AGENTS[*agent], AgentWish::Available(*on)),
        Step::Reachable(agent, on) => board.wish(AGENTS[*agent], AgentWish::Reachable(*on)),
        Step::Excused(agent) => board.wish(AGENTS[*agent], AgentWish::Excused),
        Step::Ready(agent) => board.wish(AGENTS[*agent], AgentWish::Ready),
        Step::Shown(agent, call, audible) => {
            board.wish(AGENTS[*agent], AgentWish::RingShown { call: name(*call).into(), audible: *audible })
        }
        Step::Prepared(agent, call) => {
            let sdp = format!("answer of {}", AGENTS[*agent]);
            board.wish(AGENTS[*agent], AgentWish::Prepared { call: name(*call).into(), sdp })
        }
        Step::Accept(agent, call) => board.accept(AGENTS[*agent], name(*call)),
        Step::Decline(agent, call) => board.decline(AGENTS[*agent], name(*call)),
        Step::Terminate(agent, call) => board.terminate(AGENTS[*agent], name(*call)),
        Step::Dial(agent, call, person) => board.dial_to(AGENTS[*agent], OUTBOUND[*call], PEOPLE[*person]),
        Step::Webhook(signal) => {
            let event = format!("delivery-{}#0", deliveries.len());
            let signal = Signal::clone(signal);
            deliveries.push((event.clone(), signal.clone()));
            board.run(switchboard::Command::Webhook { event, signal })
        }
        Step::Again(which) if deliveries.is_empty() => board.news(name(which % 6), UpstreamNews::NotFound),
        Step::Again(which) => {
            let (event, signal) = deliveries[which % deliveries.len()].clone();
            board.run(switchboard::Command::Webhook { event, signal })
        }
        Step::Work(which, how) => {
            let due = pending(&board.state, board.now);
            if due.is_empty() {
                return;
            }
            let pending = &due[which % due.len()];
            let facts = board.news(pending.call().as_str(), outcome(pending, *how));
            assert!(facts.is_ok(), "work that was asked for must count: {pending:?}");
            return;
        }
        Step::Stray(call, how) => board.news(name(*call), stray(*how)),
        Step::Pass(ms) => {
            board.pass(*ms);
            return;
        }
    };
}

pub fn outcome(pending: &Pending, how: usize) -> UpstreamNews {
    let call = pending.call();
    match pending {
        Pending::Accept { .. } if how % 4 == 1 => {
            UpstreamNews::AcceptFailed { fate: AcceptFate::Over, failure: failure() }
        }
        Pending::Accept { .. } if how % 4 == 2 => {
            UpstreamNews::AcceptFailed { fate: AcceptFate::Unknown, failure: failure() }
        }
        Pending::Accept { .. } if how % 8 == 3 => {
            UpstreamNews::AcceptFailed { fate: AcceptFate::Refused, failure: failure() }
        }
        Pending::Accept { .. } => UpstreamNews::AcceptTaken,
        Pending::PreAccept { .. } if how.is_multiple_of(4) => UpstreamNews::PrepareFailed { over: false },
        Pending::PreAccept { .. } if how % 8 == 1 => UpstreamNews::PrepareFailed { over: true },
        Pending::PreAccept { sdp, .. } => UpstreamNews::AnswerDelivered { sdp: sdp.clone() },
        Pending::FindInitiate { .. } if how.is_multiple_of(4) => UpstreamNews::Found(row(call, how)),
        Pending::FindInitiate { .. } if how % 4 == 1 => UpstreamNews::InitiateRefused(failure()),
        Pending::FindInitiate { .. } if how % 4 == 2 => UpstreamNews::InitiateLost(failure()),
        Pending::FindInitiate { .. } => UpstreamNews::InitiateTaken(response(&format!("uuid-{call}"))),
        Pending::LookUp { .. } | Pending::FindLife { .. } if how.is_multiple_of(2) => {
            UpstreamNews::Found(row(call, how))
        }
        Pending::LookUp { .. } | Pending::FindLife { .. } => UpstreamNews::NotFound,
        Pending::Settle { .. } if how.is_multiple_of(3) => UpstreamNews::Settled(Outcome::GaveUp),
        Pending::Settle { .. } => UpstreamNews::Settled(Outcome::Done),
    }
}

fn stray(how: usize) -> UpstreamNews {
    match how % 6 {
        0 => UpstreamNews::AnswerDelivered { sdp: "answer of asha".into() },
        1 => UpstreamNews::AcceptTaken,
        2 => UpstreamNews::InitiateUncertain,
        3 => UpstreamNews::NotFound,
        4 => UpstreamNews::Settled(Outcome::Done),
        _ => UpstreamNews::AcceptFailed { fate: AcceptFate::Over, failure: failure() },
    }
}

fn row(call: &CallId, how: usize) -> Box<CallLog> {
    let mut row: CallLog =
        serde_json::from_value(serde_json::json!({ "id": format!("uuid-{call}") })).unwrap();
    row.status = Some(Status::KNOWN[how / 4 % Status::KNOWN.len()].clone());
    if how % 8 < 4 {
        row.meta_call_id = Some(format!("wacid.{call}"));
        row.answer_sdp = Some("v=0\r\n".into());
    }
    Box::new(row)
}

/// What was seen of calls so far, to hold what comes against it.
#[derive(Default)]
struct Seen {
    owners: BTreeMap<CallId, AgentName>,
    ends: BTreeMap<CallId, EndReason>,
    /// What rings on each agent's page.
    pages: BTreeMap<AgentName, BTreeSet<CallId>>,
    told: usize,
    /// How far the journal was read.
    read: usize,
}

impl Seen {
    fn look(&mut self, board: &Board) {
        let state = &board.state;
        self.owners.retain(|id, _| state.call(id).is_some());
        self.ends.retain(|id, _| state.call(id).is_some());
        for (_, fact) in &board.journal[self.read..] {
            // The only way to lose a call: upstream refused the answer.
            if let Fact::Call { call, what: CallFact::AcceptRefused { .. } } = fact {
                self.owners.remove(call);
            }
        }
        self.read = board.journal.len();
        for call in state.calls() {
            if let Some(owner) = call.owner() {
                let first = self.owners.entry(call.id.clone()).or_insert_with(|| owner.clone());
                assert_eq!(first, owner, "a call changed its owner: {call:?}");
            }
            if let Stage::Ended { reason, .. } = &call.stage {
                let first = self.ends.entry(call.id.clone()).or_insert_with(|| reason.clone());
                // Only that of why may come later than that of the end.
                let explained = (&*first, reason) == (&EndReason::Unanswered, &EndReason::Rejected);
                assert!(first == reason || explained, "an end changed: {call:?}");
            } else {
                assert!(!self.ends.contains_key(&call.id), "a call came back: {call:?}");
            }
            if let Stage::Ringing(ring) = &call.stage {
                assert!(board.now < ring.expires, "a ring outlived its expiry: {call:?}");
                look_at_ring(board, ring);
            }
        }
        self.look_at_pages(board);
        let due = pending(state, board.now);
        let calls: BTreeSet<&CallId> = due.iter().map(Pending::call).collect();
        assert_eq!(calls.len(), due.len(), "two things are due for one call: {due:?}");
        assert!(next_deadline(state, board.now).is_none_or(|at| at > board.now), "the clock was not asked");
    }

    /// Plays what pages were told: what rings there must be what rings here.
    fn look_at_pages(&mut self, board: &Board) {
        for (agent, call, event) in &board.told[self.told..] {
            let rings = self.pages.entry(agent.clone()).or_default();
            match event {
                CallEvent::Ringing { .. } => assert!(rings.insert(call.clone()), "it rings twice: {call}"),
                CallEvent::DeclinedHere | CallEvent::Silenced | CallEvent::AnsweredElsewhere { .. } => {
                    assert!(rings.remove(call), "it did not ring: {call}");
                }
                CallEvent::Ended { .. } | CallEvent::Claimed => {
                    rings.remove(call);
                }
                CallEvent::AnswerDelivered
                | CallEvent::Dialing { .. }
                | CallEvent::Initiated
                | CallEvent::Answer { .. }
                | CallEvent::FarEndRinging
                | CallEvent::Accepted => {}
            }
        }
        self.told = board.told.len();
        for agent in AGENTS.map(AgentName::from) {
            let here: BTreeSet<CallId> = snapshot(&board.state, &agent, board.now)
                .into_iter()
                .filter(|call| matches!(call.stage, wire::Stage::Ringing { .. }))
                .map(|call| call.call)
                .collect();
            assert_eq!(
                self.pages.get(&agent).cloned().unwrap_or_default(),
                here,
                "a ghost ring for {agent:?}"
            );
        }
    }
}

/// The journal alone: nobody wins twice, nothing is confirmed that was not asked for.
pub fn check_journal(journal: &[(u64, Fact)]) {
    let mut claimed = BTreeSet::new();
    let mut due = BTreeSet::new();
    for (_, fact) in journal {
        let Fact::Call { call, what } = fact else { continue };
        match what {
            CallFact::Claimed { .. } => assert!(claimed.insert(call), "claimed twice: {call}"),
            CallFact::AcceptRefused { .. } => assert!(claimed.remove(call), "refused unclaimed: {call}"),
            CallFact::UpstreamAccepted => assert!(claimed.contains(call), "accepted unclaimed: {call}"),
            CallFact::Ended { due: Some(_), .. } => assert!(due.insert(call), "ended twice: {call}"),
            CallFact::Settled { .. } => assert!(due.remove(call), "settled what was not due: {call}"),
            // Forgotten calls may come again under the same name.
            CallFact::Offered { .. } | CallFact::Dialed { .. } => {
                claimed.remove(call);
                due.remove(call);
            }
            CallFact::Heard { .. }
            | CallFact::Rang { .. }
            | CallFact::RingShown { .. }
            | CallFact::Silenced { .. }
            | CallFact::Passed { .. }
            | CallFact::Declined { .. }
            | CallFact::Prepared { .. }
            | CallFact::PrepareFailed
            | CallFact::TakenUp { .. }
            | CallFact::AnswerDelivered
            | CallFact::Initiated { .. }
            | CallFact::InitiateUncertain
            | CallFact::InitiateRefused
            | CallFact::InitiateGivenUp
            | CallFact::Linked { .. }
            | CallFact::AnswerReceived { .. }
            | CallFact::LookedUp
            | CallFact::FoundLive
            | CallFact::Reported { .. }
            | CallFact::FarEndRang
            | CallFact::EndExplained { .. }
            | CallFact::Answered
            | CallFact::Ended { due: None, .. } => {}
        }
    }
}

/// Who could take a ringing call, and whether it rings there.
fn look_at_ring(board: &Board, ring: &Ring) {
    let state = &board.state;
    let rings = |agent: &AgentName| ring.agents.get(agent).is_some_and(|bell| bell.rings());
    for (agent, _) in ring.agents.iter().filter(|(_, bell)| bell.rings()) {
        assert!(state.agent(agent).available, "it rings for {agent:?}, who takes no calls");
    }
    if let Some(prepared) = &ring.prepared {
        // Who prepared an answer and takes no calls any more is silenced like everybody; it
        // rings again when they do, unless the caller was turned away before.
        let is_theirs = ring.agents.contains_key(&prepared.agent);
        let is_away = !state.agent(&prepared.agent).can_ring();
        assert!(is_theirs || is_away, "prepared, and lost: {prepared:?}");
        return;
    }
    let declined = |agent: &AgentName| ring.agents.get(agent) == Some(&Bell::Declined);
    let can: Vec<&AgentName> = state
        .agents()
        .filter(|(name, agent)| agent.can_ring() && !declined(name))
        .map(|(name, _)| name)
        .collect();
    let somebody = ring.agents.iter().any(|(_, bell)| bell.rings());
    assert!(can.is_empty() || somebody, "a ring is lost: {can:?} could take it: {ring:?}");
    if state.settings.routing == Routing::RingAll {
        for agent in can {
            let is_free = state.presence(agent, board.now) == Presence::Available;
            assert!(!is_free || rings(agent), "{agent:?} is free and does not ring: {ring:?}");
        }
    }
}

fn settings_of_all_kinds() -> impl Strategy<Value = Settings> {
    let routing = prop_oneof![Just(Routing::RingAll), Just(Routing::LongestIdle)];
    let nobody = prop_oneof![Just(WhenNobody::Reject), Just(WhenNobody::Ring)];
    (routing, nobody, prop_oneof![Just(0_u64), Just(20_000)]).prop_map(
        |(routing, when_nobody, wrap_up_ms)| Settings { routing, when_nobody, wrap_up_ms, ..settings() },
    )
}

#[test]
fn whatever_comes() {
    let cut = any::<prop::sample::Index>();
    let story = (settings_of_all_kinds(), prop::collection::vec(step(), 1..LONGEST), cut);
    play(
        story,
        |(_, steps, _)| steps.len(),
        |(settings, steps, cut)| {
            let mut board = Board::of(settings.clone(), &[]);
            let mut seen = Seen::default();
            let mut deliveries = vec![];
            for step in &steps {
                take(&mut board, step, &mut deliveries);
                seen.look(&board);
            }
            check_journal(&board.journal);
            // Whoever replays the journal, through its stored form, has the same state.
            // So has whoever reads the state as it was stored at some time, and the rest.
            let cut = cut.index(board.journal.len() + 1);
            let mut replayed = State::new(settings);
            for (place, (at, fact)) in board.journal.iter().enumerate() {
                if place == cut {
                    replayed = restored(&replayed);
                }
                let stored = serde_json::to_string(fact).unwrap();
                fold(&mut replayed, &serde_json::from_str(&stored).unwrap(), *at);
            }
            prop_assert_eq!(&replayed, &board.state);
            // Left alone, every ring ends and every dialling, too.
            board.pass(200_000);
            for call in board.state.open_calls() {
                prop_assert!(!matches!(call.stage, Stage::Ringing(_) | Stage::Dialing(_)), "{:?}", call);
            }
            Ok(())
        },
    );
}
