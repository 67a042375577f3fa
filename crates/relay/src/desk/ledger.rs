//! The state and the journal it is made of, always in step: a fact is folded in when,
//! and only when, the journal has it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use switchboard::command::AgentWish;
use switchboard::state::Stage;
use switchboard::{AgentFact, CallFact, Command, Fact, Refusal, RelayFact, State, decide, fold, project};
use tokio::time::{Instant, timeout};
use wire::{AgentName, CallEvent, CallId, UnixMillis};

use super::names::Names;
use super::push::Numbering;
use super::snapshots::{Snapshot, Useless};
use crate::journal::{Appended, Following, Journal, JournalError, MAX_FACTS, Position, Record, Stream};

/// Records that are read at once when replaying.
const READ_BATCH: usize = 1_000;

/// Tries of one command against one stream that moves on. Each lost try means that
/// another relay has kept something about the same call meanwhile, such as that fifty
/// agents' pages show it.
const MAX_TRIES: usize = 64;

/// What is said after the last of them.
const TOO_FAST: &str = "other relays decide about the same call too fast";

/// How long a record that is known to be there may take to be told of, before it is read.
const FOLLOWS_WITHIN: Duration = Duration::from_millis(100);

/// How long a record that is known to be there may take to be read.
const REACHES_WITHIN: Duration = Duration::from_secs(3);

/// Records of other relays that are folded in at once, before anything else is looked at.
const FOLLOW_BATCH: usize = 256;

/// How many streams may be remembered beside those of remembered calls before the rest
/// is swept out.
const SWEEP_SLACK: usize = 1_024;

/// What an agent's sockets have to be told.
pub(super) enum Told {
    /// Something happened to a call.
    Event { agent: AgentName, seq: u64, at: UnixMillis, call: CallId, event: CallEvent },
    /// The agent takes calls from now on, or none.
    Presence { agent: AgentName, available: bool },
    /// The agent has work to do after a call until then.
    WrapUp { agent: AgentName, until: UnixMillis },
    /// This relay was taken for gone: its sockets have to be announced again.
    SeatsLost,
}

/// State and journal.
pub(super) struct Ledger {
    journal: Arc<dyn Journal>,
    state: State,
    names: Names,
    numbering: Numbering,
    /// Where each stream stands.
    heads: HashMap<Stream, Position>,
    /// How far the journal is read and folded in.
    position: Arc<AtomicU64>,
    /// When the record there was decided.
    decided: UnixMillis,
    /// Records that were folded in since the last snapshot.
    unsaved: u64,
    /// What other relays keep.
    following: Following,
    told: Vec<Told>,
}

impl Ledger {
    /// A journal that is not read yet, and the state to read it into.
    pub(super) fn new(journal: Arc<dyn Journal>, state: State, names: Names) -> Self {
        let numbering = Numbering::of(journal.epoch());
        Self {
            journal,
            state,
            names,
            numbering,
            heads: HashMap::new(),
            position: Arc::default(),
            decided: 0,
            unsaved: 0,
            following: Box::pin(stream::pending()),
            told: Vec::new(),
        }
    }

    /// Takes the state from the journal's snapshot. Where it stands; 0 when there is none.
    /// Where streams stood is not part of it: the first append to each conflicts, and says so.
    pub(super) async fn restore(&mut self) -> Result<Position, Useless> {
        let Some(Snapshot { position, at, state }) = Snapshot::read(self.journal.as_ref()).await? else {
            return Ok(0);
        };
        let settings = std::mem::take(&mut self.state.settings);
        self.state = state;
        self.state.settings = settings;
        self.position.store(position, Ordering::Relaxed);
        self.decided = at;
        self.journal.begin_with(&self.state);
        Ok(position)
    }

    /// How many records were folded in since the last snapshot.
    pub(super) fn unsaved(&self) -> u64 {
        self.unsaved
    }

    /// A snapshot of now.
    pub(super) fn save(&mut self) -> Snapshot {
        self.unsaved = 0;
        Snapshot { position: self.position(), at: self.decided, state: self.state.clone() }
    }

    /// Follows the journal from here on, if others may write it.
    pub(super) fn follow(&mut self) {
        if self.journal.is_shared() {
            self.following = self.journal.follow(self.position());
        }
    }

    /// Folds in what another relay has kept, as soon as there is something. May be
    /// dropped at any time.
    pub(super) async fn followed(&mut self) -> Result<(), JournalError> {
        match self.following.next().await {
            Some(record) => self.take_in(record?),
            None => std::future::pending().await,
        }
        for _ in 0..FOLLOW_BATCH {
            let Some(Some(record)) = self.following.next().now_or_never() else { break };
            self.take_in(record?);
        }
        Ok(())
    }

    /// How far the journal is read, for others to see.
    pub(super) fn shown_position(&self) -> Arc<AtomicU64> {
        self.position.clone()
    }

    fn position(&self) -> Position {
        self.position.load(Ordering::Relaxed)
    }

    /// What the facts so far add up to.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// The state's settings, which are no facts.
    pub(super) fn settings_mut(&mut self) -> &mut switchboard::Settings {
        &mut self.state.settings
    }

    /// How events are numbered.
    pub(super) fn numbering(&self) -> Numbering {
        self.numbering
    }

    /// The newest number that may have been used.
    pub(super) fn newest(&self) -> u64 {
        self.numbering.number(self.position(), MAX_FACTS)
    }

    /// Whether a page has seen a number that this relay has not come to yet.
    pub(super) fn is_behind(&self, number: u64) -> bool {
        self.numbering.made(number) && number > self.newest()
    }

    /// What is to be told since the last time this was asked.
    pub(super) fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// Whether the journal can be written.
    pub(super) fn check(&self) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let journal = self.journal.clone();
        async move { journal.check().await }
    }

    /// Decides a command and makes its facts durable. When another relay was first, what
    /// it did is folded in and the command is decided anew; so it is when nothing would
    /// happen and there is something that this relay has not read yet.
    pub(super) async fn commit(
        &mut self,
        command: &Command,
        now: UnixMillis,
    ) -> Result<Result<(), Refusal>, JournalError> {
        let mut is_up_to_date = !self.journal.is_shared() || needs_no_reading(command);
        // The clock's facts concern many streams, and other relays' clocks say the same.
        let mut lost: HashMap<Stream, usize> = HashMap::new();
        'tries: loop {
            let decided = decide(&self.state, command.clone(), now);
            if !is_up_to_date && decided.as_ref().map_or(true, Vec::is_empty) {
                is_up_to_date = true;
                if self.catch_up().await? {
                    continue 'tries;
                }
            }
            let facts = match decided {
                Ok(facts) => facts,
                Err(refusal) => return Ok(Err(refusal)),
            };
            for Planned { stream, expected, record } in self.planned(facts) {
                match self.journal.append(&stream, expected, now, &record).await? {
                    // Facts are folded in in the journal's order, here as everywhere.
                    Appended::At(position) if self.is_next(position) => {
                        self.apply(Record { position, at: now, facts: record });
                    }
                    Appended::At(position) => self.reach(position).await?,
                    Appended::Conflict { last } => {
                        if let Some(last) = last {
                            self.reach(last).await?;
                        }
                        let tries = lost.entry(stream.clone()).or_default();
                        *tries += 1;
                        if *tries == MAX_TRIES {
                            return Err(JournalError::Failed(TOO_FAST.to_owned()));
                        }
                        self.adopt(stream, last);
                        continue 'tries;
                    }
                }
            }
            return Ok(Ok(()));
        }
    }

    /// The records of a decision, each with where its stream stood when it was decided. What
    /// other relays keep may be folded in before the last of them is appended; a stream that
    /// has moved on since the decision has to refuse its record.
    fn planned(&self, facts: Vec<Fact>) -> Vec<Planned> {
        let planned = |record: Vec<Fact>| {
            let stream = Stream::of(record.first()?);
            let expected = self.heads.get(&stream).copied();
            Some(Planned { stream, expected, record })
        };
        records(facts).into_iter().filter_map(planned).collect()
    }

    /// Reads what was kept by now. Whether there was anything.
    pub(super) async fn catch_up(&mut self) -> Result<bool, JournalError> {
        let newest = self.journal.newest().await?;
        let is_behind = newest > self.position();
        if is_behind {
            self.reach(newest).await?;
        }
        Ok(is_behind)
    }

    /// Reads on up to a record.
    async fn reach(&mut self, position: Position) -> Result<(), JournalError> {
        let until = Instant::now() + REACHES_WITHIN;
        while self.position() < position {
            match timeout(FOLLOWS_WITHIN, self.following.next()).await {
                Ok(Some(Ok(record))) => self.take_in(record),
                // The follower is late, or has to begin anew.
                Ok(Some(Err(_)) | None) | Err(_) => {
                    self.read_on().await?;
                    if Instant::now() > until {
                        return Err(JournalError::Unreachable);
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether no other relay's record can stand before the one at `position`.
    fn is_next(&self, position: Position) -> bool {
        !self.journal.is_shared() || position == self.position().saturating_add(1)
    }

    /// Folds in a record, unless it is already.
    fn take_in(&mut self, record: Record) {
        if record.position > self.position() {
            self.apply(record);
        }
    }

    /// Reads on in the journal. Whether there may be more: what is to be told is taken
    /// in between, so that a long journal does not pile it up.
    pub(super) async fn read_on(&mut self) -> Result<bool, JournalError> {
        let records = self.journal.read(self.position(), READ_BATCH).await?;
        let is_full = records.len() == READ_BATCH;
        for record in records {
            self.take_in(record);
        }
        Ok(is_full)
    }

    /// A stream that was forgotten here stands where the journal says it stands.
    fn adopt(&mut self, stream: Stream, last: Option<Position>) {
        match last {
            Some(last) if last <= self.position() => {
                self.heads.insert(stream, last);
            }
            Some(_) => {}
            None => {
                self.heads.remove(&stream);
            }
        }
    }

    fn apply(&mut self, record: Record) {
        let Record { position, at, facts } = record;
        if let Some(fact) = facts.first() {
            self.heads.insert(Stream::of(fact), position);
        }
        self.position.store(position, Ordering::Relaxed);
        self.decided = at;
        self.unsaved += 1;
        for (place, fact) in facts.iter().enumerate() {
            self.tell(fact, self.numbering.number(position, place), at);
            fold(&mut self.state, fact, at);
        }
        self.sweep();
    }

    /// Notes what the fact means for pages; to be called before it is folded in.
    fn tell(&mut self, fact: &Fact, seq: u64, at: UnixMillis) {
        match fact {
            Fact::Call { call, what } => {
                tracing::debug!(%call, fact = what.name(), seq, "fact");
                self.tell_wrap_up(call, what, at);
                let names = &self.names;
                for (agent, event) in project(&self.state, fact, &|agent| names.of(agent)) {
                    self.told.push(Told::Event { agent, seq, at, call: call.clone(), event });
                }
            }
            Fact::Agent { agent, what: AgentFact::Presence { available, reachable, .. } } => {
                tracing::debug!(agent = agent.as_str(), available, reachable, "presence");
                if self.state.agent(agent).available != *available {
                    self.told.push(Told::Presence { agent: agent.clone(), available: *available });
                }
            }
            Fact::Relay { relay, what } => {
                tracing::debug!(relay = relay.0, ?what, "relay");
                if *what == RelayFact::Gone && self.state.settings.relay.as_ref() == Some(relay) {
                    self.told.push(Told::SeatsLost);
                }
            }
        }
    }

    /// An agent who has talked may have work to do.
    fn tell_wrap_up(&mut self, call: &CallId, what: &CallFact, at: UnixMillis) {
        let CallFact::Ended { .. } = what else { return };
        let time = self.state.settings.wrap_up_ms;
        let owner = self.state.call(call).and_then(|call| match &call.stage {
            Stage::Talking { owner, .. } => Some(owner.clone()),
            Stage::Ringing(_) | Stage::Answering { .. } | Stage::Dialing(_) | Stage::Ended { .. } => None,
        });
        if let Some(agent) = owner.filter(|_| time > 0) {
            self.told.push(Told::WrapUp { agent, until: at.saturating_add(time) });
        }
    }

    /// Forgets the streams of calls that the state has forgotten.
    fn sweep(&mut self) {
        if self.heads.len() <= self.state.size().saturating_mul(2).saturating_add(SWEEP_SLACK) {
            return;
        }
        let state = &self.state;
        self.heads.retain(|stream, _| match stream {
            Stream::Call(call) => state.call(call).is_some(),
            Stream::Agent(_) | Stream::Relay(_) => true,
        });
    }
}

/// Whether nothing is lost when a command has no effect for want of reading: time goes on,
/// and a page says that it shows a ring of which this very relay has told it. Fifty pages
/// say that of each ring, most of them when it is somebody's already.
fn needs_no_reading(command: &Command) -> bool {
    match command {
        Command::Clock | Command::Agent { wish: AgentWish::RingShown { .. }, .. } => true,
        Command::Agent { .. } | Command::Webhook { .. } | Command::Upstream { .. } | Command::Relay(_) => {
            false
        }
    }
}

/// A record that is to be kept.
struct Planned {
    stream: Stream,
    expected: Option<Position>,
    record: Vec<Fact>,
}

/// Facts as records: those of one stream together, in their order.
fn records(facts: Vec<Fact>) -> Vec<Vec<Fact>> {
    let mut records: Vec<Vec<Fact>> = Vec::new();
    for fact in facts {
        let fits = records.last().is_some_and(|record| {
            record.len() < MAX_FACTS
                && record.first().is_some_and(|first| Stream::of(first) == Stream::of(&fact))
        });
        match records.last_mut() {
            Some(record) if fits => record.push(fact),
            Some(_) | None => records.push(vec![fact]),
        }
    }
    records
}
