//! Two relays on one journal, one of which is killed every other second, and agents who
//! go on at the other one. What the journal and the upstream saw must add up.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use switchboard::{CallFact, Fact};
use tokio::time::{Instant, sleep, timeout};
use vobiz::rest::Action;
use wire::{AgentName, CallEvent, CallId, Downlink, Stage};

use super::shared::Mortal;
use super::{answer_of, connect, envelope};
use crate::desk::{Desk, Resume};
use crate::journal::{Journal as _, NatsJournal, nats::server::Nats};
use crate::secret::Secret;
use crate::upstream::fake::FakeUpstream;

const CALLS: usize = 150;
const AGENTS: usize = 6;
/// Between two calls.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two answers of the upstream: three for each call, so that it is nearly always
/// busy when a relay is killed.
const HESITATES_FOR: Duration = Duration::from_millis(15);
/// Between two kills.
const KILL_EVERY: Duration = Duration::from_secs(2);
/// How long the last calls may take: until the last killed relay is missed, and some.
const SETTLES_WITHIN: Duration = Duration::from_secs(60);
/// How long a page waits for an answer before it asks the other relay.
const ASKS_FOR: Duration = Duration::from_secs(5);

/// The two relays of the moment.
struct Relays {
    desks: Mutex<[Desk; 2]>,
    is_over: AtomicBool,
}

impl Relays {
    fn desk(&self, place: usize) -> Desk {
        self.desks.lock().unwrap()[place % 2].clone()
    }

    fn go_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_is_lost_and_none_has_two_owners() {
    let nats = Nats::start().unwrap();
    let upstream = Arc::new(FakeUpstream::hanging());
    let hesitating = upstream.clone();
    tokio::spawn(async move {
        loop {
            hesitating.release(1);
            sleep(HESITATES_FOR).await;
        }
    });
    let mut mortals = [
        Mortal::new(&nats, upstream.clone(), "relay-0").await,
        Mortal::new(&nats, upstream.clone(), "relay-1").await,
    ];
    let desks = Mutex::new([mortals[0].house.desk.clone(), mortals[1].house.desk.clone()]);
    let relays = Arc::new(Relays { desks, is_over: AtomicBool::new(false) });
    let mut pages = Vec::new();
    for agent in 0..AGENTS {
        pages.push(tokio::spawn(page(relays.clone(), agent)));
    }
    let feeding = tokio::spawn(feed(relays.clone()));
    let mut kills = 0;
    while !feeding.is_finished() {
        sleep(KILL_EVERY).await;
        let place = kills % 2;
        kills += 1;
        let name = format!("relay-{}", kills + 1);
        let next = Mortal::new(&nats, upstream.clone(), &name).await;
        relays.desks.lock().unwrap()[place] = next.house.desk.clone();
        mortals[place] = next;
    }
    feeding.await.unwrap();
    assert!(kills >= 3, "a storm");

    let begun = Instant::now();
    let told = loop {
        let told = tell(&nats).await;
        if told.len() == CALLS && told.values().all(|call| call.is_settled()) {
            break told;
        }
        let open: Vec<_> = told.iter().filter(|(_, call)| !call.is_settled()).collect();
        assert!(begun.elapsed() < SETTLES_WITHIN, "{} of {CALLS} came, open: {open:?}", told.len());
        sleep(Duration::from_millis(200)).await;
    };
    relays.is_over.store(true, Ordering::Relaxed);
    for page in pages {
        page.await.unwrap();
    }
    let acts = upstream.acts();
    for (id, call) in &told {
        call.check(id);
        for (action, most) in [(Action::Accept, call.workers), (Action::Terminate, call.workers)] {
            let times = acts.iter().filter(|(call, act, _)| *call == id.0 && *act == action).count();
            assert!(times <= most, "{id}: {action} {times} times by {most} workers");
        }
        let sent = acts.iter().filter(|(call, ..)| *call == id.0).filter_map(|(.., sdp)| sdp.as_ref());
        assert!(
            sent.into_iter().all(|sdp| Some(sdp) == call.answer.as_ref()),
            "{id}: only the owner's answer"
        );
        let accepted = acts.iter().any(|(call, act, _)| *call == id.0 && *act == Action::Accept);
        assert!(accepted || !call.is_accepted, "{id}: accepted without an accept");
    }
    let answered = told.values().filter(|call| call.is_accepted).count();
    assert!(answered > CALLS / 2, "only {answered} of {CALLS} were answered");
}

/// Persons call, each webhook to either relay until it is taken, some of them twice.
async fn feed(relays: Arc<Relays>) {
    for number in 0..CALLS {
        let call = format!("wacid.{number}");
        let event = envelope(&format!("event-{number}"), "call.connect", connect(&call));
        let times = if number % 10 == 0 { 2 } else { 1 };
        for copy in 0..times {
            let mut place = number + copy;
            while !matches!(timeout(ASKS_FOR, relays.desk(place).webhook(event.clone())).await, Ok(Ok(()))) {
                place += 1;
                sleep(Duration::from_millis(20)).await;
            }
        }
        sleep(PAUSE).await;
    }
}

/// An agent's page: answers whatever rings, hangs up when it talks, and goes on at the
/// other relay when one is gone.
async fn page(relays: Arc<Relays>, number: usize) {
    let agent = AgentName::from(format!("agent-{number}").as_str());
    let mut place = number;
    let mut after = None;
    while relays.go_on() {
        place += 1;
        let desk = relays.desk(place);
        let resume = after.map(|after| Resume { epoch: None, after });
        let Ok(Ok(mut attached)) = timeout(ASKS_FOR, desk.attach(&agent, resume)).await else {
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        // Remembered; only the first time says something new.
        let _ = timeout(ASKS_FOR, desk.set_available(&agent, true)).await;
        for frame in std::mem::take(&mut attached.first) {
            take(&relays, place, &agent, frame, &mut after);
        }
        while relays.go_on() {
            match timeout(Duration::from_millis(100), attached.live.recv()).await {
                Ok(Some(frame)) => take(&relays, place, &agent, frame, &mut after),
                Ok(None) => break,
                Err(_) => {}
            }
        }
    }
}

fn take(relays: &Arc<Relays>, place: usize, agent: &AgentName, frame: Downlink, after: &mut Option<u64>) {
    let does = |call: CallId, action: Action| {
        tokio::spawn(act(relays.clone(), place, agent.clone(), call, action));
    };
    match frame {
        Downlink::Event { seq, call, event, .. } => {
            assert!(after.is_none_or(|after| seq > after), "numbers grow, whichever relay they come from");
            *after = Some(seq);
            if matches!(event, CallEvent::Ringing { .. }) {
                does(call, Action::Accept);
            } else if event == CallEvent::Accepted {
                does(call, Action::Terminate);
            }
        }
        Downlink::Snapshot { seq, calls, .. } => {
            *after = Some(seq);
            for call in calls {
                match call.stage {
                    Stage::Ringing { .. } => does(call.call, Action::Accept),
                    Stage::Accepted { .. } => does(call.call, Action::Terminate),
                    Stage::Answering | Stage::Dialing | Stage::FarEndRinging => {}
                }
            }
        }
        Downlink::Resumed { .. }
        | Downlink::Presence { .. }
        | Downlink::WrapUp { .. }
        | Downlink::Ping { .. }
        | Downlink::SignedOut => {}
    }
}

/// Asks for an action, of the other relay when one does not answer.
async fn act(relays: Arc<Relays>, place: usize, agent: AgentName, call: CallId, action: Action) {
    let sdp = (action == Action::Accept).then(|| answer_of(agent.as_str()));
    for place in place.. {
        let desk = relays.desk(place);
        if action == Action::Accept {
            // As a page does that shows the ring.
            let _ = timeout(ASKS_FOR, desk.ring_ack(&agent, &call, true)).await;
        }
        let asked = desk.action(&agent, call.as_str(), action.clone(), sdp.clone());
        match timeout(ASKS_FOR, asked).await {
            Ok(Ok(_)) => return,
            // The relay is gone, or its journal is.
            Ok(Err(problem)) if problem.status == 503 => {}
            Ok(Err(_)) => return,
            Err(_) => {}
        }
        if !relays.go_on() {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// What the journal says about a call.
#[derive(Debug, Default)]
struct Told {
    offered: usize,
    claimed: usize,
    ended: usize,
    workers: usize,
    answer: Option<String>,
    is_accepted: bool,
    is_due: bool,
}

impl Told {
    fn take(&mut self, what: CallFact) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest does not count")]
        match what {
            CallFact::Offered { .. } => self.offered += 1,
            CallFact::Claimed { sdp, .. } => {
                self.claimed += 1;
                self.answer = Some(sdp);
            }
            CallFact::UpstreamAccepted => self.is_accepted = true,
            CallFact::TakenUp { .. } => self.workers += 1,
            CallFact::Ended { due, .. } => {
                self.ended += 1;
                self.is_due = due.is_some();
            }
            CallFact::Settled { .. } => self.is_due = false,
            _ => {}
        }
    }

    fn is_settled(&self) -> bool {
        self.ended > 0 && !self.is_due
    }

    fn check(&self, id: &CallId) {
        assert_eq!((self.offered, self.ended), (1, 1), "{id}: comes once and ends once: {self:?}");
        assert!(self.claimed <= 1, "{id} has two owners: {self:?}");
    }
}

async fn tell(nats: &Nats) -> HashMap<CallId, Told> {
    let servers = [Secret::new(nats.address())];
    let journal = NatsJournal::open_as("SOFTPHONE", &servers, 1).await.unwrap();
    let mut told: HashMap<CallId, Told> = HashMap::new();
    let mut after = 0;
    loop {
        let records = journal.read(after, 1_000).await.unwrap();
        let Some(last) = records.last() else { return told };
        after = last.position;
        for fact in records.into_iter().flat_map(|record| record.facts) {
            if let Fact::Call { call, what } = fact {
                told.entry(call).or_default().take(what);
            }
        }
    }
}
