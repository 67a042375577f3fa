//! Several relays that share a journal: each decides by what it has read so far, which
//! may be old; an append that does not expect the newest record of its stream conflicts.
//! Relays are killed and start again under another name.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use switchboard::command::{AcceptFate, AgentWish, RelayWish, UpstreamNews};
use switchboard::settings::{LEASE_MS, OWNER_GONE_MS};
use switchboard::state::Stage;
use switchboard::{
    CallFact, Command, Fact, Pending, RelayId, Routing, Settings, State, decide, fold, next_deadline, pending,
};
use vobiz::meta::{Direction, Signal};
use wire::{AgentName, CallId, UnixMillis};

use crate::common::{CALLER, START, connect, settings, terminate};
use crate::properties::{check_journal, outcome, play};
use crate::saved::restored;

const RELAYS: usize = 2;
const AGENTS: [&str; 3] = ["asha", "ben", "cleo"];
const CALLS: [&str; 3] = ["wacid.in1", "wacid.in2", "wacid.in3"];
/// Most rounds until all relays have nothing left to decide.
const MOST_ROUNDS: usize = 1_000;

#[derive(Debug, Clone)]
enum Step {
    /// An agent's socket comes to a relay, or goes.
    Socket(usize, usize, bool),
    Available(usize, usize),
    Shown(usize, usize, usize),
    Accept(usize, usize, usize),
    Decline(usize, usize, usize),
    Terminate(usize, usize, usize),
    Webhook(usize, usize, bool),
    /// A relay does something that is due, and hears what came of it.
    Work(usize, usize, usize),
    /// A relay does something that is due, and is killed before it can say so.
    WorkAndDie(usize, usize),
    Kill(usize),
    /// A relay reads the journal.
    Read(usize),
    Clock(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let relay = 0..RELAYS;
    let agent = 0..AGENTS.len();
    let call = 0..CALLS.len();
    let place = (relay.clone(), agent, call.clone());
    prop_oneof![
        5 => (place.clone(), any::<bool>()).prop_map(|((r, a, _), on)| Step::Socket(r, a, on)),
        3 => place.clone().prop_map(|(r, a, _)| Step::Available(r, a)),
        4 => place.clone().prop_map(|(r, a, c)| Step::Shown(r, a, c)),
        6 => place.clone().prop_map(|(r, a, c)| Step::Accept(r, a, c)),
        3 => place.clone().prop_map(|(r, a, c)| Step::Decline(r, a, c)),
        2 => place.prop_map(|(r, a, c)| Step::Terminate(r, a, c)),
        8 => (relay.clone(), call, 0..4_u8).prop_map(|(r, c, end)| Step::Webhook(r, c, end == 0)),
        8 => (relay.clone(), any::<usize>(), any::<usize>()).prop_map(|(r, w, h)| Step::Work(r, w, h)),
        1 => (relay.clone(), any::<usize>()).prop_map(|(r, w)| Step::WorkAndDie(r, w)),
        1 => relay.clone().prop_map(Step::Kill),
        4 => relay.clone().prop_map(Step::Read),
        6 => relay.prop_map(Step::Clock),
        4 => prop_oneof![0..500_u64, 0..20_000_u64].prop_map(Step::Pass),
    ]
}

/// The stream of a fact, as a journal keeps its order.
fn stream(fact: &Fact) -> String {
    match fact {
        Fact::Call { call, .. } => format!("call/{call}"),
        Fact::Agent { agent, .. } => format!("agent/{}", agent.as_str()),
        Fact::Relay { relay, .. } => format!("relay/{}", relay.0),
    }
}

struct Relay {
    state: State,
    read: usize,
    sockets: BTreeSet<AgentName>,
}

struct Cluster {
    now: UnixMillis,
    journal: Vec<(UnixMillis, Fact)>,
    relays: Vec<Relay>,
    born: usize,
    settings: Settings,
    /// Accepts that upstream took, and with what.
    accepted: BTreeMap<CallId, String>,
}

impl Cluster {
    fn new(settings: Settings) -> Self {
        let mut cluster = Self {
            now: START,
            journal: vec![],
            relays: vec![],
            born: 0,
            settings,
            accepted: BTreeMap::new(),
        };
        for _ in 0..RELAYS {
            let relay = cluster.born();
            cluster.relays.push(relay);
        }
        for relay in 0..RELAYS {
            cluster.run(relay, &Command::Relay(RelayWish::Alive));
        }
        cluster
    }

    fn born(&mut self) -> Relay {
        self.born += 1;
        let relay = Some(RelayId(format!("relay-{}", self.born)));
        let settings = Settings { relay, ..self.settings.clone() };
        Relay { state: State::new(settings), read: 0, sockets: BTreeSet::new() }
    }

    /// A relay is killed. The one after it begins with a stored state of any age: the other
    /// relay's.
    fn kill(&mut self, relay: usize) {
        let born = self.born();
        let Relay { state, read, .. } = &self.relays[(relay + 1) % RELAYS];
        let mut state = restored(state);
        state.settings = born.state.settings.clone();
        self.relays[relay] = Relay { state, read: *read, ..born };
        self.read(relay);
        self.run(relay, &Command::Relay(RelayWish::Alive));
    }

    fn read(&mut self, relay: usize) {
        let Relay { state, read, .. } = &mut self.relays[relay];
        for (at, fact) in &self.journal[*read..] {
            fold(state, fact, *at);
        }
        *read = self.journal.len();
    }

    /// Decides by what the relay knows; on a conflict reads, and decides anew.
    fn run(&mut self, relay: usize, command: &Command) -> bool {
        let Relay { state, read, .. } = &self.relays[relay];
        let facts = match decide(state, command.clone(), self.now) {
            Ok(facts) => facts,
            // What it has not read may make all the difference.
            Err(_) if *read < self.journal.len() => {
                self.read(relay);
                return self.run(relay, command);
            }
            Err(_) => return false,
        };
        let unread: BTreeSet<String> = self.journal[*read..].iter().map(|(_, fact)| stream(fact)).collect();
        if facts.iter().any(|fact| unread.contains(&stream(fact))) {
            self.read(relay);
            return self.run(relay, command);
        }
        // What it has written it has read; what others wrote in other streams meanwhile
        // comes first, as their positions do.
        self.read(relay);
        let any = !facts.is_empty();
        self.journal.extend(facts.into_iter().map(|fact| (self.now, fact)));
        self.read(relay);
        any
    }

    fn wish(&mut self, relay: usize, agent: &str, wish: AgentWish) {
        self.run(relay, &Command::Agent { agent: agent.into(), wish });
    }

    fn take(&mut self, step: &Step) {
        let sdp = |agent: usize| format!("answer of {}", AGENTS[agent]);
        match *step {
            Step::Socket(relay, agent, here) => {
                let name = AgentName::from(AGENTS[agent]);
                let sockets = &mut self.relays[relay].sockets;
                if here {
                    sockets.insert(name)
                } else {
                    sockets.remove(&name)
                };
                self.wish(relay, AGENTS[agent], AgentWish::Reachable(here));
            }
            Step::Available(relay, agent) => self.wish(relay, AGENTS[agent], AgentWish::Available(true)),
            Step::Shown(relay, agent, call) => {
                self.wish(
                    relay,
                    AGENTS[agent],
                    AgentWish::RingShown { call: CALLS[call].into(), audible: true },
                );
            }
            Step::Accept(relay, agent, call) => {
                self.wish(
                    relay,
                    AGENTS[agent],
                    AgentWish::Accept { call: CALLS[call].into(), sdp: sdp(agent) },
                );
            }
            Step::Decline(relay, agent, call) => {
                self.wish(relay, AGENTS[agent], AgentWish::Decline { call: CALLS[call].into() });
            }
            Step::Terminate(relay, agent, call) => {
                self.wish(relay, AGENTS[agent], AgentWish::Terminate { call: CALLS[call].into() });
            }
            Step::Webhook(relay, call, ends) => {
                let signal: Signal = match ends {
                    true => terminate(CALLS[call], Direction::UserInitiated, Some(CALLER)),
                    false => connect(CALLS[call]),
                };
                self.run(relay, &Command::Webhook { event: format!("e{}#0", self.journal.len()), signal });
            }
            Step::Work(relay, which, how) => {
                let Some(due) = self.due(relay, which) else { return };
                let news = outcome(&due, how);
                self.note(&due);
                if let UpstreamNews::AcceptFailed { fate: AcceptFate::Refused, .. } = news {
                    self.accepted.remove(due.call());
                }
                self.run(relay, &Command::Upstream { call: due.call().clone(), news });
            }
            Step::WorkAndDie(relay, which) => {
                if let Some(due) = self.due(relay, which) {
                    self.note(&due);
                }
                self.kill(relay);
            }
            Step::Kill(relay) => self.kill(relay),
            Step::Read(relay) => self.read(relay),
            Step::Clock(relay) => {
                self.run(relay, &Command::Clock);
            }
            Step::Pass(ms) => self.now += ms,
        }
    }

    fn due(&self, relay: usize, which: usize) -> Option<Pending> {
        let due = pending(&self.relays[relay].state, self.now);
        (!due.is_empty()).then(|| due[which % due.len()].clone())
    }

    /// What goes up twice is the same both times, unless upstream refused it in between.
    fn note(&mut self, due: &Pending) {
        if let Pending::Accept { call, sdp, .. } = due {
            let first = self.accepted.entry(call.clone()).or_insert_with(|| sdp.clone());
            assert_eq!(first, sdp, "another description went up");
        }
    }

    /// All read on and decide until nothing is left to be decided now.
    fn settle(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let mut any = false;
            for relay in 0..RELAYS {
                self.read(relay);
                if next_deadline(&self.relays[relay].state, self.now).is_some_and(|at| at <= self.now) {
                    any |= self.run(relay, &Command::Clock);
                }
                // A relay that was taken for gone announces its sockets again.
                for agent in self.relays[relay].sockets.clone() {
                    let wish = AgentWish::Reachable(true);
                    any |= self.run(relay, &Command::Agent { agent, wish });
                }
            }
            if !any {
                return;
            }
        }
        panic!("the relays do not come to rest");
    }

    /// All know the same, all that is due is one living relay's to do, and an agent is
    /// reachable if, and only if, a living relay has a socket of theirs.
    fn check(&self) {
        let alive: BTreeSet<&RelayId> =
            self.relays.iter().filter_map(|relay| relay.state.settings.relay.as_ref()).collect();
        let first = &self.relays[0].state;
        for relay in &self.relays[1..] {
            let mut same = relay.state.clone();
            same.settings = first.settings.clone();
            assert_eq!(*first, same, "relays differ");
        }
        for agent in AGENTS.map(AgentName::from) {
            let has_socket = self.relays.iter().any(|relay| relay.sockets.contains(&agent));
            assert_eq!(first.agent(&agent).is_attached(), has_socket, "{agent:?}");
        }
        let mut workers: BTreeMap<CallId, usize> = BTreeMap::new();
        for relay in &self.relays {
            for due in pending(&relay.state, self.now) {
                *workers.entry(due.call().clone()).or_default() += 1;
            }
        }
        assert!(workers.values().all(|count| *count == 1), "two relays do one call's work: {workers:?}");
        for call in first.calls() {
            let has_work = matches!(
                call.stage,
                Stage::Answering { .. } | Stage::Dialing(_) | Stage::Ended { due: Some(_), .. }
            );
            let worked = call.worker.as_ref().is_some_and(|worker| alive.contains(worker));
            assert!(!has_work || worked, "nobody does the work of {call:?}");
        }
        let relays: BTreeSet<&RelayId> = first.relays().collect();
        assert_eq!(relays, alive, "a relay that is gone counts as alive");
        let mut replayed = State::new(first.settings.clone());
        self.journal.iter().for_each(|(at, fact)| fold(&mut replayed, fact, *at));
        assert_eq!(*first, replayed, "another state than the journal's");
    }
}

fn one_owner(journal: &[(UnixMillis, Fact)]) {
    let mut over = BTreeSet::new();
    for (_, fact) in journal {
        let Fact::Call { call, what } = fact else { continue };
        match what {
            CallFact::Ended { .. } => assert!(over.insert(call), "ended twice: {call}"),
            CallFact::Claimed { .. } | CallFact::Rang { .. } | CallFact::UpstreamAccepted => {
                assert!(!over.contains(call), "{what:?} after the end of {call}");
            }
            CallFact::Heard { .. }
            | CallFact::Offered { .. }
            | CallFact::RingShown { .. }
            | CallFact::Silenced { .. }
            | CallFact::Passed { .. }
            | CallFact::Declined { .. }
            | CallFact::Prepared { .. }
            | CallFact::PrepareFailed
            | CallFact::AnswerDelivered
            | CallFact::AcceptRefused { .. }
            | CallFact::Dialed { .. }
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
            | CallFact::TakenUp { .. }
            | CallFact::Settled { .. } => {}
        }
    }
}

#[test]
fn whatever_relays_do() {
    let routing = prop_oneof![Just(Routing::RingAll), Just(Routing::LongestIdle)];
    let story = (routing, prop::collection::vec(step(), 1..120));
    play(
        story,
        |(_, steps)| steps.len(),
        |(routing, steps)| {
            let mut cluster = Cluster::new(Settings { routing, ..settings() });
            for step in &steps {
                cluster.take(step);
            }
            // Whoever was killed is missed by then.
            cluster.settle();
            cluster.now += LEASE_MS;
            cluster.settle();
            cluster.check();
            check_journal(&cluster.journal);
            one_owner(&cluster.journal);
            cluster.now += OWNER_GONE_MS.max(100_000);
            cluster.settle();
            cluster.check();
            for call in cluster.relays[0].state.open_calls() {
                prop_assert!(!matches!(call.stage, Stage::Ringing(_)), "{:?}", call);
            }
            Ok(())
        },
    );
}

#[test]
fn what_a_decision_causes_is_done_where_it_was_decided() {
    let mut cluster = Cluster::new(settings());
    let names: Vec<Option<RelayId>> =
        cluster.relays.iter().map(|relay| relay.state.settings.relay.clone()).collect();
    cluster.take(&Step::Webhook(0, 0, false));
    cluster.take(&Step::Accept(1, 0, 0));
    cluster.read(0);
    for relay in &cluster.relays {
        assert_eq!(relay.state.find(CALLS[0]).unwrap().worker, names[1]);
    }
    assert!(cluster.due(0, 0).is_none());
    assert!(cluster.due(1, 0).is_some(), "who accepted waits there");
    cluster.kill(1);
    cluster.now += LEASE_MS;
    cluster.run(0, &Command::Clock);
    cluster.run(0, &Command::Clock);
    assert!(matches!(cluster.due(0, 0), Some(Pending::Accept { .. })), "taken up");
}
