//! The page's calls: what each event and each reply does to them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;
use wire::{CallEvent, CallId, CallSnapshot, EndReason, Problem, ProblemKind, Stage, Uplink};

use super::Habit;
use super::agent::{Order, Setup};
use super::http::Door;
use super::line::Line;
use super::seen::{Bell, Seen, SeenCall, Told};

/// How often a request is made while the relay is away, and how long after one another.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// What comes back to the page later.
#[derive(Debug)]
pub(super) enum News {
    /// The agent gets round to a ring.
    Due(CallId),
    /// The accept was answered.
    Accepted(CallId, Result<(), Problem>),
    /// The initiate was answered.
    Initiated(CallId, Result<(), Problem>),
    /// A reject or a hang-up was answered.
    Left(CallId, Result<(), Problem>),
}

/// A request for a call.
enum Ask {
    Accept { sdp: String },
    Initiate { to: String, offer: String },
    Leave(&'static str),
}

impl Ask {
    /// Repeats it while the relay is away: each is safe to repeat, an initiate by its key.
    async fn until_heard(&self, door: &Door, call: &CallId) -> Result<(), Problem> {
        for _ in 1..TRIES {
            match self.once(door, call.as_str()).await {
                Err(problem) if problem.kind == ProblemKind::Offline => sleep(PAUSE).await,
                heard => return heard,
            }
        }
        self.once(door, call.as_str()).await
    }

    async fn once(&self, door: &Door, call: &str) -> Result<(), Problem> {
        match self {
            Self::Accept { sdp } => door.act(call, "accept", Some(sdp.clone())).await,
            Self::Initiate { to, offer } => door.initiate(call, to, offer.clone()).await,
            Self::Leave(action) => door.act(call, action, None).await,
        }
    }
}

/// All calls of one page.
pub(super) struct Calls {
    door: Door,
    setup: Setup,
    seen: Arc<Mutex<Seen>>,
    news: mpsc::Sender<News>,
    lines: HashMap<CallId, Line>,
    /// What this page has done with, and how that looks: it needs nobody to tell it.
    done_with: HashMap<CallId, Bell>,
}

impl Calls {
    pub(super) fn new(door: Door, setup: Setup, seen: Arc<Mutex<Seen>>, news: mpsc::Sender<News>) -> Self {
        Self { door, setup, seen, news, lines: HashMap::new(), done_with: HashMap::new() }
    }

    pub(super) fn online(&mut self, available: bool) {
        self.note(|seen| (seen.online, seen.available) = (true, available));
    }

    pub(super) fn offline(&mut self) {
        if self.seen().online {
            self.tell("is offline");
        }
        self.note(|seen| seen.online = false);
    }

    pub(super) fn signed_out(&mut self) {
        self.tell("is signed out");
        self.note(|seen| (seen.online, seen.signed_out) = (false, true));
    }

    /// A reload: nothing is left, and nothing says goodbye.
    pub(super) fn forget(&mut self) {
        self.tell("reloads the page");
        self.lines.clear();
        self.note(|seen| {
            seen.online = false;
            for call in seen.calls.values_mut().filter(|call| !call.bell.is_over()) {
                call.bell = Bell::Lost;
            }
        });
    }

    /// One order; gives what the page says on its socket.
    pub(super) async fn order(&mut self, order: Order) -> Option<Uplink> {
        match order {
            Order::Dial { attempt, to } => self.dial(attempt, to).await,
            Order::Accept(call) => return self.accept(&call),
            Order::Reject(call) => self.reject(&call),
            Order::HangUp(call) => {
                self.tell(&format!("hangs up {}", short(&call)));
                self.done_with.insert(call.clone(), Bell::Ended(EndReason::HungUp));
                self.act(&call, "terminate");
            }
            Order::Mute(call, muted) => {
                self.with_line(&call, |line| line.mute(muted));
            }
            Order::Track(call, true) => self.with_line(&call, Line::speak),
            Order::Track(call, false) => self.with_line(&call, Line::hush),
            Order::Press(call, keys) => {
                self.with_line(&call, |line| keys.chars().for_each(|key| line.press(key)));
            }
            Order::Network(there) => self.lines.values().for_each(|line| line.network(there)),
            Order::Prepare(_) | Order::Available(_) | Order::Online(_) | Order::Reload => {}
        }
        None
    }

    /// One piece of news; gives what the page says on its socket.
    pub(super) fn news(&mut self, news: News) -> Option<Uplink> {
        match news {
            News::Due(call) => {
                if self.bell(&call) == Some(Bell::Ringing) {
                    match self.setup.habit {
                        Habit::Accept(_) => return self.accept(&call),
                        Habit::Reject(_) => self.reject(&call),
                        Habit::Ignore => {}
                    }
                }
            }
            News::Accepted(call, Ok(())) => {
                if self.bell(&call) == Some(Bell::Answering) {
                    self.talks(&call);
                }
            }
            News::Initiated(_, Ok(())) | News::Left(_, Ok(())) => {}
            News::Accepted(call, Err(problem)) | News::Initiated(call, Err(problem)) => {
                self.failed(&call, problem);
            }
            News::Left(call, Err(problem)) => self.told(&call, problem),
        }
        None
    }

    /// One event; gives what the page says back.
    pub(super) async fn event(&mut self, call: &CallId, event: CallEvent) -> Option<Uplink> {
        match event {
            CallEvent::Ringing { offer, .. } => return Some(self.rings(call, &offer).await),
            CallEvent::Silenced => self.over(call, Bell::Silenced),
            CallEvent::DeclinedHere => self.over(call, Bell::Declined),
            CallEvent::AnsweredElsewhere { by } => self.over(call, Bell::Elsewhere(by)),
            CallEvent::Claimed if self.bell(call) == Some(Bell::Ringing) => {
                self.over(call, Bell::Elsewhere("another tab".to_owned()));
            }
            CallEvent::Claimed | CallEvent::Initiated | CallEvent::Dialing { .. } => {}
            CallEvent::AnswerDelivered => self.with_line(call, Line::connect),
            CallEvent::Answer { sdp } => self.with_line(call, |line| line.answered(&sdp)),
            CallEvent::FarEndRinging => self.set(call, Bell::FarEndRinging),
            // Of a call that another tab has, this one only hears.
            CallEvent::Accepted if self.lines.contains_key(call) => self.talks(call),
            CallEvent::Accepted => {}
            CallEvent::Ended { reason } => self.over(call, Bell::Ended(reason)),
        }
        None
    }

    /// What the relay knows replaces what the page believed; gives what it says back.
    pub(super) async fn snapshot(&mut self, calls: Vec<CallSnapshot>) -> Vec<Uplink> {
        let known: Vec<CallId> = self.seen().calls.keys().cloned().collect();
        for call in known.iter().filter(|call| !calls.iter().any(|found| found.call == **call)) {
            if self.bell(call).is_some_and(|bell| !bell.is_over()) {
                self.over(call, self.done_with.get(call).cloned().unwrap_or(Bell::Lost));
            }
        }
        let mut says = Vec::new();
        for CallSnapshot { call, stage, answer, .. } in calls {
            if let Some(answer) = answer {
                self.with_line(&call, |line| line.answered(&answer));
            }
            match stage {
                Stage::Ringing { offer, .. } => says.push(self.rings(&call, &offer).await),
                Stage::Answering | Stage::Dialing => {}
                Stage::FarEndRinging => self.set(&call, Bell::FarEndRinging),
                Stage::Accepted { .. } if self.lines.contains_key(&call) => self.talks(&call),
                Stage::Accepted { .. } => {
                    self.tell(&format!("has lost the sound of {} and ends it", short(&call)));
                    self.set(&call, Bell::Lost);
                    self.act(&call, "terminate");
                }
            }
        }
        says
    }

    /// From an accept's 200 on, and not before, sound may flow; the far end knows our
    /// answer by then, if it did not before.
    fn talks(&self, call: &CallId) {
        self.with_line(call, |line| {
            line.connect();
            line.speak();
        });
        self.set(call, Bell::Talking);
    }

    async fn rings(&mut self, call: &CallId, offer: &str) -> Uplink {
        let is_new = self.bell(call) != Some(Bell::Ringing);
        if is_new {
            self.set(call, Bell::Ringing);
            self.note(|seen| {
                if let Some(seen) = seen.calls.get_mut(call) {
                    seen.rang += 1;
                }
            });
            match Line::answering(self.setup.ip, self.setup.speech, offer).await {
                Ok(line) => self.adopt(call, line),
                Err(error) => self.tell(&format!("can't answer {}: {error:#}", short(call))),
            }
            match self.setup.habit {
                Habit::Accept(after) | Habit::Reject(after) => {
                    let (news, call) = (self.news.clone(), call.clone());
                    tokio::spawn(async move {
                        sleep(after).await;
                        // A page that is gone does nothing any more.
                        let _ = news.send(News::Due(call)).await;
                    });
                }
                Habit::Ignore => {}
            }
        }
        Uplink::RingAck { call: call.clone(), audible: self.setup.audible }
    }

    async fn dial(&mut self, attempt: CallId, to: String) {
        self.tell(&format!("calls {to}"));
        self.set(&attempt, Bell::Dialing);
        let line = match Line::calling(self.setup.ip, self.setup.speech).await {
            Ok(line) => line,
            Err(error) => return self.tell(&format!("can't call: {error:#}")),
        };
        let ask = Ask::Initiate { to, offer: line.sdp.clone() };
        self.adopt(&attempt, line);
        self.ask(&attempt, ask, News::Initiated);
    }

    /// By a request, and by a frame that may be quicker.
    fn accept(&mut self, call: &CallId) -> Option<Uplink> {
        let sdp = self.lines.get(call)?.sdp.clone();
        self.tell(&format!("accepts {}", short(call)));
        self.set(call, Bell::Answering);
        self.ask(call, Ask::Accept { sdp: sdp.clone() }, News::Accepted);
        Some(Uplink::Accept { call: call.clone(), sdp })
    }

    /// What the page says when the pointer rests on Accept.
    pub(super) fn prepared(&self, call: &CallId) -> Option<Uplink> {
        self.tell(&format!("points at Accept of {}", short(call)));
        let sdp = self.lines.get(call)?.sdp.clone();
        Some(Uplink::Prepared { call: call.clone(), sdp })
    }

    fn reject(&mut self, call: &CallId) {
        self.tell(&format!("rejects {}", short(call)));
        self.done_with.insert(call.clone(), Bell::Declined);
        self.act(call, "reject");
    }

    fn act(&self, call: &CallId, action: &'static str) {
        self.ask(call, Ask::Leave(action), News::Left);
    }

    /// Asks the relay, and comes back with what it says.
    fn ask(&self, call: &CallId, ask: Ask, news: fn(CallId, Result<(), Problem>) -> News) {
        let (door, back, call) = (self.door.clone(), self.news.clone(), call.clone());
        tokio::spawn(async move {
            let result = ask.until_heard(&door, &call).await;
            // A page that is gone hears nothing any more.
            let _ = back.send(news(call, result)).await;
        });
    }

    fn failed(&mut self, call: &CallId, problem: Problem) {
        let is_over = self.bell(call).is_some_and(|bell| bell.is_over());
        let bell = match (&problem.kind, &problem.winner) {
            (ProblemKind::AnsweredElsewhere, Some(winner)) => Bell::Elsewhere(winner.clone()),
            _ => Bell::Failed,
        };
        self.told(call, problem);
        if !is_over {
            self.over(call, bell);
        }
    }

    fn told(&self, call: &CallId, problem: Problem) {
        self.tell(&format!("is told: {} ({})", problem.title, problem.status));
        let told = Told { call: call.clone(), problem };
        self.note(|seen| seen.told.push(told));
    }

    /// The call is over for this agent: nothing of it may be left.
    fn over(&mut self, call: &CallId, bell: Bell) {
        self.set(call, bell);
        if let Some(line) = self.lines.remove(call) {
            line.close();
        }
    }

    fn adopt(&mut self, call: &CallId, line: Line) {
        let ear = line.ear();
        self.note(|seen| {
            if let Some(seen) = seen.calls.get_mut(call) {
                seen.ear = Some(ear);
            }
        });
        self.lines.insert(call.clone(), line);
    }

    fn set(&self, call: &CallId, bell: Bell) {
        if self.bell(call).as_ref() == Some(&bell) {
            return;
        }
        self.tell(&format!("sees {} {}", short(call), words(&bell)));
        self.note(|seen| match seen.calls.get_mut(call) {
            Some(known) => {
                known.talked |= bell == Bell::Talking;
                known.bell = bell;
            }
            None => drop(seen.calls.insert(call.clone(), SeenCall::new(bell))),
        });
    }

    fn bell(&self, call: &CallId) -> Option<Bell> {
        self.seen().calls.get(call).map(|call| call.bell.clone())
    }

    fn with_line(&self, call: &CallId, what: impl FnOnce(&Line)) {
        if let Some(line) = self.lines.get(call) {
            what(line);
        }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, what: impl FnOnce(&mut Seen)) {
        what(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn tell(&self, line: &str) {
        (self.setup.tell)(line.to_owned());
    }
}

fn words(bell: &Bell) -> String {
    match bell {
        Bell::Ended(reason) => format!("ended: {reason:?}"),
        Bell::Elsewhere(by) => format!("answered by {by}"),
        Bell::Ringing
        | Bell::Answering
        | Bell::Dialing
        | Bell::FarEndRinging
        | Bell::Talking
        | Bell::Declined
        | Bell::Silenced
        | Bell::Failed
        | Bell::Lost => bell.word().replace('_', " "),
    }
}

/// The end of a call's name: enough to tell the calls of a scenario apart.
pub(super) fn short(call: &CallId) -> String {
    let text = call.as_str();
    let from = text.char_indices().rev().nth(5).map_or(0, |(at, _)| at);
    format!("…{}", &text[from..])
}
