//! The desk's task: owns the ledger, starts the work upstream, answers who waits.

mod relays;
mod sockets;
mod start;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use switchboard::command::{AgentWish, RelayWish, UpstreamNews};
use switchboard::state::Stage;
use switchboard::{Command, Pending, Refusal, Settings, State, next_deadline, pending};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tracing::Instrument as _;
use vobiz::Uuid;
use vobiz::channel::Channel;
use vobiz::rest::InitiateRequest;
use wire::{AgentName, CallId, Problem, ProblemKind};

use super::error::DeskError;
use super::ledger::Ledger;
use super::outcome::{acted, action_names, initiated, synthesised};
use super::overview::Overview;
use super::problems::of_refusal;
use super::push::Push;
use super::request::{ActReply, DialReply, Request};
use super::snapshots::Snapshots;
use super::upkeep::{JournalHealth, Upkeep};
use super::waiting::Waiting;
use super::wanted::OnTheirWay;
use super::warm::Warm;
use super::work::{self, Answer, Finished, Task, Tools};
use super::{DeskSettings, lines};
use crate::clock;
use crate::journal::{Journal, JournalError};
use crate::upstream::{NameMemory, Upstream};

/// Pause before the journal is tried again after it failed.
const JOURNAL_PAUSE: Duration = Duration::from_secs(1);

/// Longest sleep. The wall clock may be set while the task sleeps; deadlines are times
/// of the wall clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Most rounds of the clock for one request, so that a long list of calls that time ends
/// does not keep requests waiting.
const CLOCK_ROUNDS: usize = 4;

/// Most commands that wait for a failing journal. Each belongs to a call that goes on
/// without its record; beyond this the oldest are kept, because the rest follows from
/// them.
const MAX_OWED: usize = 4_096;

/// A command that the journal could not keep yet, and the task that stays busy until
/// then, so that it is not done twice.
struct Owed {
    command: Command,
    task: Option<(CallId, Task)>,
}

/// The desk's task.
pub(super) struct Actor {
    ledger: Ledger,
    push: Push,
    waiting: Waiting,
    tools: Tools,
    settings: DeskSettings,
    channels_known: watch::Sender<bool>,
    epoch: String,
    /// Tasks that are under way.
    busy: HashSet<(CallId, Task)>,
    answers: OnTheirWay,
    warm: Warm,
    owed: VecDeque<Owed>,
    /// This relay was taken for gone: its sockets have to be announced again.
    seats_lost: bool,
    snapshots: Snapshots,
    /// Looks after the journal for as long as there is a desk.
    upkeep: JoinSet<()>,
    /// The journal failed; not before then is it tried again by itself.
    journal_pause: Option<Instant>,
}

impl Actor {
    pub(super) async fn open(
        journal: Arc<dyn Journal>,
        upstream: Arc<dyn Upstream>,
        settings: DeskSettings,
        desk: mpsc::WeakSender<Request>,
        channels_known: watch::Sender<bool>,
    ) -> Result<(Self, watch::Receiver<JournalHealth>), DeskError> {
        let pruned = journal.retain(settings.keep, clock::now()).await?;
        let epoch = journal.epoch().to_owned();
        let state = State::new(Settings {
            accept_window_ms: settings.accept_window_ms,
            routing: settings.routing,
            when_nobody: settings.when_nobody,
            wrap_up_ms: settings.wrap_up_ms,
            relay: settings.relay.clone(),
            ..Settings::default()
        });
        let ledger = Ledger::new(journal.clone(), state, settings.names.clone());
        let health = watch::Sender::new(JournalHealth { position: 0, newest: 0, error: None });
        let looked = health.subscribe();
        let (position, keep) = (ledger.shown_position(), settings.keep);
        let snapshots = Snapshots::new(journal.clone(), settings.snapshot_every);
        let upkeep = Upkeep { journal, keep, position, health, desk: desk.clone() };
        let tools = Tools { upstream, memory: Arc::new(NameMemory::default()), desk };
        let mut actor = Self {
            ledger,
            push: Push::default(),
            waiting: Waiting::default(),
            tools,
            settings,
            channels_known,
            epoch,
            busy: HashSet::new(),
            answers: OnTheirWay::default(),
            warm: Warm::default(),
            owed: VecDeque::new(),
            seats_lost: false,
            snapshots,
            upkeep: JoinSet::new(),
            journal_pause: None,
        };
        actor.start_up(pruned).await?;
        actor.upkeep.spawn(upkeep.run());
        Ok((actor, looked))
    }

    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        loop {
            self.follow_up().await;
            self.snapshots.keep_if_due(&mut self.ledger);
            let wake = self.wake_at();
            tokio::select! {
                request = queue.recv() => match request {
                    None => return,
                    Some(Request::Close { reply }) => {
                        queue.close();
                        self.push.clear();
                        // If it can't be told, the others will miss this relay in time.
                        let _ = self.commit(Command::Relay(RelayWish::Leaving)).await;
                        self.snapshots.close(&mut self.ledger).await;
                        drop(self);
                        // Whoever asked may have gone.
                        let _ = reply.send(());
                        return;
                    }
                    Some(request) => {
                        let span = request.span();
                        self.serve(request).instrument(span).await;
                    }
                },
                followed = self.ledger.followed() => self.heard(followed),
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Answers a request. What was decided stays decided if whoever asked has gone meanwhile.
    async fn serve(&mut self, request: Request) {
        match request {
            Request::Command { command, reply } => {
                let _ = reply.send(self.commit(command).await.map_err(DeskError::from));
            }
            Request::Act { agent, wish, reply } => self.act(agent, wish, reply).await,
            Request::Dial { agent, attempt, channel, to, sdp_offer, reply } => {
                let request = InitiateRequest { channel_id: channel, to, sdp_offer };
                self.dial(agent, attempt, request, reply).await;
            }
            Request::News { call, news, reply } => {
                self.record(Command::Upstream { call, news }, None).await;
                let _ = reply.send(());
            }
            Request::Finished { call, task, finished } => self.finished(call, task, finished).await,
            Request::Channels { channels, reply } => {
                self.learn(&channels);
                let _ = reply.send(());
            }
            // A page that did not wait: a place for it would only make the next one wait, too.
            Request::Attach { reply, .. } if reply.is_closed() => {}
            Request::Attach { agent, resume, reply } => {
                if resume.as_ref().is_some_and(|resume| self.ledger.is_behind(resume.after)) {
                    // Another relay has told the page more. Without it there is a snapshot.
                    let caught_up = self.ledger.catch_up().await.map(drop);
                    self.heard(caught_up);
                }
                // Who has gone already drops the attachment, and so detaches it.
                let _ = reply.send(self.attach(&agent, resume.as_ref()));
                self.note_reach(agent, false).await;
            }
            Request::Detach { agent, socket, excused } => {
                self.push.remove(&agent, socket);
                self.note_reach(agent, excused).await;
            }
            Request::Overview { reply } => {
                let _ = reply.send(Overview::of(self.ledger.state(), self.ledger.newest(), clock::now()));
            }
            Request::CatchUp => {
                let caught_up = self.ledger.catch_up().await.map(drop);
                self.heard(caught_up);
            }
            Request::Health { reply } => {
                let _ = reply.send(self.ledger.check().await.map_err(DeskError::from));
            }
            // Taken by `run`, which owns the task.
            Request::Close { reply } => drop(reply),
        }
    }

    /// Decides, records, tells. What a failing journal still owes comes first, so that
    /// everything is recorded in its order.
    async fn commit(&mut self, command: Command) -> Result<Result<(), Refusal>, JournalError> {
        self.pay().await?;
        let result = self.ledger.commit(&command, clock::now()).await;
        self.journal_pause = match &result {
            Ok(_) => None,
            Err(error) => {
                tracing::error!(%error, "the journal failed");
                Some(Instant::now() + JOURNAL_PAUSE)
            }
        };
        self.tell();
        result
    }

    /// Records what has happened outside already: when the journal can't, it owes it.
    async fn record(&mut self, command: Command, task: Option<(CallId, Task)>) {
        match self.commit(command.clone()).await {
            Ok(Ok(())) => self.free(task),
            Ok(Err(refusal)) => {
                tracing::debug!(%refusal, "news without effect");
                self.free(task);
            }
            Err(_) if self.owed.len() < MAX_OWED => self.owed.push_back(Owed { command, task }),
            Err(error) => tracing::error!(%error, "the journal owes too much; something is not recorded"),
        }
    }

    fn free(&mut self, task: Option<(CallId, Task)>) {
        if let Some(task) = task {
            self.busy.remove(&task);
        }
    }

    /// Records what the journal owes.
    async fn pay(&mut self) -> Result<(), JournalError> {
        while let Some(owed) = self.owed.pop_front() {
            if let Err(error) = self.ledger.commit(&owed.command, clock::now()).await {
                self.owed.push_front(owed);
                self.journal_pause = Some(Instant::now() + JOURNAL_PAUSE);
                return Err(error);
            }
            self.free(owed.task);
            self.tell();
        }
        Ok(())
    }

    /// What follows by itself: what time does, what is due upstream.
    async fn follow_up(&mut self) {
        self.answers.call_back(self.ledger.state());
        if self.journal_pause.is_some_and(|until| Instant::now() < until) {
            return;
        }
        // From here on an error sets the pause again.
        self.journal_pause = None;
        if self.pay().await.is_err() {
            return;
        }
        for _ in 0..CLOCK_ROUNDS {
            let now = clock::now();
            if next_deadline(self.ledger.state(), now).is_none_or(|at| at > now) {
                break;
            }
            if self.commit(Command::Clock).await.is_err() {
                return;
            }
        }
        if std::mem::take(&mut self.seats_lost) {
            for agent in self.push.agents() {
                self.note_reach(agent, false).await;
            }
        }
        for pending in pending(self.ledger.state(), clock::now()) {
            self.start(pending);
        }
    }

    fn wake_at(&self) -> Instant {
        if let Some(until) = self.journal_pause {
            return until;
        }
        let now = clock::now();
        let next = next_deadline(self.ledger.state(), now);
        let wait = next.map_or(LONGEST_SLEEP, |at| Duration::from_millis(at.saturating_sub(now)));
        Instant::now() + wait.min(LONGEST_SLEEP)
    }

    /// Starts what is due upstream, unless it is under way.
    fn start(&mut self, pending: Pending) {
        let id = pending.call().clone();
        let Some(call) = self.ledger.state().call(&id) else { return };
        let Some(names) = action_names(call) else { return };
        let tools = self.tools.clone();
        match pending {
            Pending::PreAccept { sdp, .. } => {
                if self.busy.insert((id.clone(), Task::PreAccept)) {
                    self.tools.start(id, Task::PreAccept, work::pre_accept(tools, names, sdp));
                }
            }
            // Its answer is on its way up already; what comes of that decides what is left.
            Pending::Accept { .. } if self.busy.contains(&(id.clone(), Task::PreAccept)) => {}
            Pending::Accept { sdp, expires, .. } => {
                if self.busy.insert((id.clone(), Task::Accept)) {
                    let wanted = self.answers.add(id.clone());
                    let is_first = self.answers.is_first(&id);
                    let answer = Answer { names, sdp, is_first, expires, wanted };
                    self.tools.start(id, Task::Accept, work::accept(tools, answer));
                }
            }
            Pending::FindInitiate { channel, to, .. } => {
                if self.busy.insert((id.clone(), Task::Initiate)) {
                    let work = work::find_initiate(tools, channel, to, work::cut_off());
                    self.tools.start(id, Task::Initiate, work);
                }
            }
            Pending::LookUp { to, .. } => {
                if self.busy.insert((id.clone(), Task::LookUp)) {
                    self.tools.start(id, Task::LookUp, work::look_up(tools, names, Some(to)));
                }
            }
            Pending::FindLife { .. } => {
                if self.busy.insert((id.clone(), Task::LookUp)) {
                    self.tools.start(id, Task::LookUp, work::look_up(tools, names, None));
                }
            }
            Pending::Settle { due, .. } => {
                if self.busy.insert((id.clone(), Task::Settle)) {
                    self.tools.start(id, Task::Settle, work::settle(tools, names, due));
                }
            }
        }
    }

    async fn act(&mut self, agent: AgentName, wish: AgentWish, reply: ActReply) {
        let name = match &wish {
            AgentWish::Accept { call, .. } | AgentWish::Decline { call } | AgentWish::Terminate { call } => {
                call.clone()
            }
            AgentWish::Available(_)
            | AgentWish::Reachable(_)
            | AgentWish::Excused
            | AgentWish::Ready
            | AgentWish::Prepared { .. }
            | AgentWish::Report { .. }
            | AgentWish::RingShown { .. }
            | AgentWish::Dial { .. } => return,
        };
        let hangs_up = matches!(wish, AgentWish::Terminate { .. });
        let rang =
            self.ledger.state().find(&name).is_some_and(|call| matches!(call.stage, Stage::Ringing(_)));
        let command = Command::Agent { agent, wish };
        let refused = match self.commit(command.clone()).await {
            Ok(Ok(())) => {
                let call = self.ledger.state().find(&name);
                let won = call.filter(|call| rang && matches!(call.stage, Stage::Answering { .. }));
                if let Some(call) = won {
                    self.answers.claim(call.id.clone());
                }
                return self.await_upstream(&name, reply);
            }
            Ok(Err(refusal)) => of_refusal(&refusal, &self.settings.names, clock::now()),
            // Hanging up must always work: upstream is told now, the journal later.
            Err(_) if hangs_up => return self.hang_up_unrecorded(&name, command, reply),
            Err(error) => DeskError::from(error).into(),
        };
        let _ = reply.send(Err(refused));
    }

    /// Answers an action at once, or when the work that it caused is done.
    fn await_upstream(&mut self, name: &str, reply: ActReply) {
        let waits = self.ledger.state().find(name).and_then(|call| match &call.stage {
            Stage::Answering { .. } => Some((call.id.clone(), Task::Accept)),
            Stage::Ended { due: Some(_), .. } if call.has_upstream_name() => {
                Some((call.id.clone(), Task::Settle))
            }
            Stage::Ringing(_) | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => None,
        });
        match waits {
            Some((call, task)) => self.waiting.act(call, task, reply),
            None => {
                let _ = reply.send(Ok(()));
            }
        }
    }

    fn hang_up_unrecorded(&mut self, name: &str, command: Command, reply: ActReply) {
        let found = self.ledger.state().find(name);
        let may = found.is_some_and(|call| match &command {
            Command::Agent { agent, .. } => call.owner() == Some(agent) && !call.is_over(),
            Command::Webhook { .. } | Command::Upstream { .. } | Command::Relay(_) | Command::Clock => false,
        });
        let Some((call, names)) =
            found.filter(|_| may).and_then(|call| Some((call.id.clone(), action_names(call)?)))
        else {
            let _ = reply.send(Err(DeskError::from(JournalError::Closed).into()));
            return;
        };
        if self.owed.len() < MAX_OWED {
            self.owed.push_back(Owed { command, task: None });
        }
        self.waiting.act(call.clone(), Task::Settle, reply);
        if self.busy.insert((call.clone(), Task::Settle)) {
            let work = work::settle(self.tools.clone(), names, switchboard::Due::Terminate);
            self.tools.start(call, Task::Settle, work);
        }
    }

    async fn dial(&mut self, agent: AgentName, attempt: CallId, request: InitiateRequest, reply: DialReply) {
        let (channel, to) = (request.channel_id, request.to.clone());
        let wish = AgentWish::Dial { attempt: attempt.clone(), channel, to };
        let refused: Problem = match self.commit(Command::Agent { agent, wish }).await {
            Ok(Ok(())) => {
                self.busy.insert((attempt.clone(), Task::Initiate));
                self.waiting.dial(attempt.clone(), reply);
                let work = work::initiate(self.tools.clone(), attempt.clone(), request);
                return self.tools.start(attempt, Task::Initiate, work);
            }
            Ok(Err(Refusal::Repeated { call, same: true })) => {
                match self.ledger.state().call(&call).and_then(initiated) {
                    Some(answer) => {
                        let _ = reply.send(answer);
                    }
                    // The first request's work, or that of finding out, will answer both.
                    None => self.waiting.dial(call, reply),
                }
                return;
            }
            Ok(Err(refusal)) => of_refusal(&refusal, &self.settings.names, clock::now()),
            Err(error) => DeskError::from(error).into(),
        };
        let _ = reply.send(Err(refused));
    }

    async fn finished(&mut self, call: CallId, task: Task, finished: Finished) {
        let Finished { news, mut result } = finished;
        let taken = news.iter().find_map(|news| {
            if let UpstreamNews::InitiateTaken(response) = news { Some(response.clone()) } else { None }
        });
        for news in news {
            let command = Command::Upstream { call: call.clone(), news };
            self.record(command, Some((call.clone(), task))).await;
        }
        let known = self.ledger.state().call(&call);
        match task {
            Task::Initiate => {
                let answer = match (taken, known.and_then(initiated), result) {
                    (Some(response), _, _) | (None, Some(Ok(response)), _) => Ok(response),
                    (None, Some(Err(_)) | None, Err(problem)) | (None, Some(Err(problem)), Ok(())) => {
                        Err(problem)
                    }
                    (None, None, Ok(())) => known.map(synthesised).ok_or_else(work::cut_off),
                };
                self.waiting.dialed(&call, &answer);
            }
            Task::Accept => {
                // That nobody waits for the answer is all that the task can see; why is known
                // here.
                let saw_end = result.as_ref().is_err_and(|problem| problem.kind == ProblemKind::CallState);
                if let (true, Some(outcome)) = (saw_end, known.and_then(|call| acted(call, task))) {
                    result = outcome;
                }
                self.waiting.acted(&call, task, &result);
            }
            Task::Settle | Task::LookUp | Task::PreAccept => self.waiting.acted(&call, task, &result),
        }
    }

    fn learn(&mut self, channels: &[Channel]) {
        let ours: Vec<Uuid> = self.settings.channels.clone();
        lines::learn(self.ledger.settings_mut(), &ours, channels);
        self.channels_known.send_replace(true);
    }
}
