//! What must hold whatever comes, in whatever order, however often.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use switchboard::command::{AgentWish, UpstreamNews};
use switchboard::state::Stage;
use switchboard::{CallFact, Fact, Outcome, Pending, State, fold, next_deadline, pending, snapshot};
use vobiz::log::{CallLog, Status};
use vobiz::meta::{Direction, Signal, StatusKind};
use wire::{AgentName, CallEvent, CallId, EndReason};

use crate::common::{
    Board, CALLER, answer, connect, failure, response, settings, status, terminate, terminate_with_code,
};

const AGENTS: [&str; 3] = ["asha", "ben", "cleo"];
const INBOUND: [&str; 3] = ["wacid.in1", "wacid.in2", "wacid.in3"];
const OUTBOUND: [&str; 3] = ["out1", "out2", "out3"];
const META: [&str; 3] = ["wacid.out1", "wacid.out2", "wacid.out3"];
const PEOPLE: [&str; 2] = ["+919800000002", "+919800000003"];

#[derive(Debug, Clone)]
enum Step {
    Available(usize, bool),
    Reachable(usize, bool),
    Shown(usize, usize),
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
        1 => (agent.clone(), call.clone()).prop_map(|(agent, call)| Step::Shown(agent, call)),
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
        Step::Shown(agent, call) => {
            board.wish(AGENTS[*agent], AgentWish::RingShown { call: name(*call).into(), audible: true })
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

fn outcome(pending: &Pending, how: usize) -> UpstreamNews {
    let call = pending.call();
    match pending {
        Pending::Accept { delivered: false, .. } if how.is_multiple_of(4) => UpstreamNews::AnswerDelivered,
        Pending::Accept { .. } if how % 4 == 1 => {
            UpstreamNews::AcceptFailed { over: true, failure: failure() }
        }
        Pending::Accept { .. } if how % 4 == 2 => {
            UpstreamNews::AcceptFailed { over: false, failure: failure() }
        }
        Pending::Accept { .. } => UpstreamNews::AcceptTaken,
        Pending::FindInitiate { .. } if how.is_multiple_of(4) => UpstreamNews::Found(row(call, how)),
        Pending::FindInitiate { .. } if how % 4 == 1 => UpstreamNews::InitiateRefused(failure()),
        Pending::FindInitiate { .. } if how % 4 == 2 => UpstreamNews::InitiateLost(failure()),
        Pending::FindInitiate { .. } => UpstreamNews::InitiateTaken(response(&format!("uuid-{call}"))),
        Pending::LookUp { .. } if how.is_multiple_of(2) => UpstreamNews::Found(row(call, how)),
        Pending::LookUp { .. } => UpstreamNews::NotFound,
        Pending::Settle { .. } if how.is_multiple_of(3) => UpstreamNews::Settled(Outcome::GaveUp),
        Pending::Settle { .. } => UpstreamNews::Settled(Outcome::Done),
    }
}

fn stray(how: usize) -> UpstreamNews {
    match how % 6 {
        0 => UpstreamNews::AnswerDelivered,
        1 => UpstreamNews::AcceptTaken,
        2 => UpstreamNews::InitiateUncertain,
        3 => UpstreamNews::NotFound,
        4 => UpstreamNews::Settled(Outcome::Done),
        _ => UpstreamNews::AcceptFailed { over: true, failure: failure() },
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
}

impl Seen {
    fn look(&mut self, board: &Board) {
        let state = &board.state;
        self.owners.retain(|id, _| state.call(id).is_some());
        self.ends.retain(|id, _| state.call(id).is_some());
        for call in state.calls() {
            if let Some(owner) = call.owner() {
                let first = self.owners.entry(call.id.clone()).or_insert_with(|| owner.clone());
                assert_eq!(first, owner, "a call changed its owner: {call:?}");
            }
            if let Stage::Ended { reason, .. } = &call.stage {
                let first = self.ends.entry(call.id.clone()).or_insert_with(|| reason.clone());
                assert_eq!(first, reason, "an end changed: {call:?}");
            } else {
                assert!(!self.ends.contains_key(&call.id), "a call came back: {call:?}");
            }
            if let Stage::Ringing(ring) = &call.stage {
                assert!(board.now < ring.expires, "a ring outlived its expiry: {call:?}");
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
                CallEvent::DeclinedHere | CallEvent::AnsweredElsewhere { .. } => {
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
fn check_journal(journal: &[(u64, Fact)]) {
    let mut claimed = BTreeSet::new();
    let mut due = BTreeSet::new();
    for (_, fact) in journal {
        let Fact::Call { call, what } = fact else { continue };
        match what {
            CallFact::Claimed { .. } => assert!(claimed.insert(call), "claimed twice: {call}"),
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
            | CallFact::Declined { .. }
            | CallFact::AnswerDelivered
            | CallFact::Initiated { .. }
            | CallFact::InitiateUncertain
            | CallFact::InitiateRefused
            | CallFact::InitiateGivenUp
            | CallFact::Linked { .. }
            | CallFact::AnswerReceived { .. }
            | CallFact::LookedUp
            | CallFact::FarEndRang
            | CallFact::Answered
            | CallFact::Ended { due: None, .. } => {}
        }
    }
}

proptest! {
    #[test]
    fn whatever_comes(steps in proptest::collection::vec(step(), 1..80)) {
        let mut board = Board::new();
        let mut seen = Seen::default();
        let mut deliveries = vec![];
        for step in &steps {
            take(&mut board, step, &mut deliveries);
            seen.look(&board);
        }
        check_journal(&board.journal);
        // Whoever replays the journal, through its stored form, has the same state.
        let mut replayed = State::new(settings());
        for (at, fact) in &board.journal {
            let stored = serde_json::to_string(fact).unwrap();
            fold(&mut replayed, &serde_json::from_str(&stored).unwrap(), *at);
        }
        prop_assert_eq!(&replayed, &board.state);
        // Left alone, every ring ends and every dialling, too.
        board.pass(200_000);
        for call in board.state.open_calls() {
            prop_assert!(!matches!(call.stage, Stage::Ringing(_) | Stage::Dialing(_)), "{:?}", call);
        }
    }
}
