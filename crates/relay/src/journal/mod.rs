//! Where facts are kept. What is in the journal has happened, and nothing else has:
//! whoever replays it knows every call.
//!
//! Engines stand behind [`Journal`]; `suite` holds what all of them must do.

pub(crate) mod nats;
mod sqlite;
#[cfg(test)]
mod suite;

pub use nats::NatsJournal;
pub use sqlite::SqliteJournal;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{future::BoxFuture, stream::BoxStream};
use switchboard::{Fact, RelayId, State};
use wire::{AgentName, CallId, UnixMillis};

/// How long facts are kept when `RELAY_JOURNAL_KEEP` says nothing.
pub const DEFAULT_KEEP: Duration = Duration::from_secs(30 * 24 * 3600);

/// Most facts of one record. A record's facts are kept all or none; their places count
/// from 0 to below this.
pub const MAX_FACTS: usize = 16;

/// Largest snapshot, in bytes: some hundred bytes for each of the most calls that are
/// remembered, and several times that for descriptions of those that are not over.
pub const MAX_SNAPSHOT: usize = 64 * 1024 * 1024;

/// Place of a record in the journal: grows, never repeats, may have gaps.
pub type Position = u64;

/// What the facts of a record are about. Order, and so who was first, is kept within
/// a stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// A call.
    Call(CallId),
    /// An agent.
    Agent(AgentName),
    /// A relay. Like an agent's, its newest record alone says how things are.
    Relay(RelayId),
}

/// Whether facts make a record: what every engine asks before it keeps any.
fn check_size(facts: &[Fact]) -> Result<(), JournalError> {
    if facts.is_empty() || facts.len() > MAX_FACTS { Err(JournalError::Size) } else { Ok(()) }
}

/// Whether a snapshot is one that every engine keeps.
fn check_snapshot(snapshot: &[u8]) -> Result<(), JournalError> {
    if snapshot.len() > MAX_SNAPSHOT { Err(JournalError::SnapshotSize) } else { Ok(()) }
}

impl Stream {
    /// What a fact is about.
    pub fn of(fact: &Fact) -> Self {
        match fact {
            Fact::Call { call, .. } => Self::Call(call.clone()),
            Fact::Agent { agent, .. } => Self::Agent(agent.clone()),
            Fact::Relay { relay, .. } => Self::Relay(relay.clone()),
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => write!(f, "{CALL_PREFIX}{call}"),
            Self::Agent(agent) => write!(f, "{AGENT_PREFIX}{}", agent.as_str()),
            Self::Relay(relay) => write!(f, "{RELAY_PREFIX}{}", relay.0),
        }
    }
}

/// How the stored name of a call's stream begins.
const CALL_PREFIX: &str = "call/";
/// How the stored name of an agent's stream begins.
const AGENT_PREFIX: &str = "agent/";
/// How the stored name of a relay's stream begins.
const RELAY_PREFIX: &str = "relay/";

/// Facts that were decided and kept together.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it stands.
    pub position: Position,
    /// When it was decided, by the clock of the relay that did.
    pub at: UnixMillis,
    /// What happened, all of it in one stream.
    pub facts: Vec<Fact>,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is durable, at this position.
    At(Position),
    /// Nothing was kept: the stream has moved on since it was read.
    Conflict {
        /// Where the stream's last record stands, if it has any.
        last: Option<Position>,
    },
}

/// Why a journal can't do what it is asked. No variant shows a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// It can't be opened or made.
    #[error("the journal can't be opened: {0}")]
    Open(String),
    /// Another process has it.
    #[error("the journal is in use by another relay")]
    InUse,
    /// It was written by a newer relay.
    #[error("the journal was written by a newer version ({found}; this one knows up to {known})")]
    Newer {
        /// Its version.
        found: i64,
        /// The newest that this relay knows.
        known: i64,
    },
    /// Its server can't be reached, or does not answer.
    #[error("the journal's server can't be reached")]
    Unreachable,
    /// There is no space left for it.
    #[error("there is no space left for the journal")]
    Full,
    /// It may not be written.
    #[error("the journal is read-only")]
    ReadOnly,
    /// A record can't be understood.
    #[error("the journal's record {0} can't be read")]
    Unreadable(Position),
    /// More facts than one record may hold, or none.
    #[error("a record holds 1 to {MAX_FACTS} facts")]
    Size,
    /// A snapshot is larger than any that is kept.
    #[error("a snapshot holds at most {MAX_SNAPSHOT} bytes")]
    SnapshotSize,
    /// Something else, in the engine's words.
    #[error("the journal failed: {0}")]
    Failed(String),
    /// It has been closed.
    #[error("the journal is closed")]
    Closed,
}

/// What a journal's request ends with, some time later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, JournalError>>;

/// Records as they are kept, by whichever relay. A failure is told and overcome: who
/// keeps asking misses nothing and gets nothing twice.
pub type Following = BoxStream<'static, Result<Record, JournalError>>;

/// Keeps facts.
pub trait Journal: Send + Sync + 'static {
    /// A name of this journal's numbering: positions of one epoch say nothing about
    /// those of another.
    fn epoch(&self) -> &str;

    /// Whether other relays may keep facts in it at the same time.
    fn is_shared(&self) -> bool;

    /// Keeps `facts`, all or none, if the last record of `stream` stands at `expected`.
    /// **Durable when it returns.** The first of two that expect the same wins, the
    /// second gets [`Appended::Conflict`].
    fn append<'a>(
        &'a self,
        stream: &'a Stream,
        expected: Option<Position>,
        at: UnixMillis,
        facts: &'a [Fact],
    ) -> Answer<'a, Appended>;

    /// At most `limit` records after `after`, in the order of their positions; 0 begins
    /// at the beginning.
    fn read(&self, after: Position, limit: usize) -> Answer<'_, Vec<Record>>;

    /// The records after `after`, those that are there and those to come.
    fn follow(&self, after: Position) -> Following;

    /// Where the newest record stands; 0 when there is none.
    fn newest(&self) -> Answer<'_, Position>;

    /// Forgets what is older than `keep` as of `now`, or sees to it that it is
    /// forgotten. Says how many records went just now.
    fn retain(&self, keep: Duration, now: UnixMillis) -> Answer<'_, u64>;

    /// Whether it can be written now.
    fn check(&self) -> Answer<'_, ()>;

    /// Keeps what the records up to `position` add up to, in place of the snapshot before.
    /// One of a later position stays, unless it stands past the newest record.
    fn keep_snapshot(&self, position: Position, snapshot: Bytes) -> Answer<'_, ()>;

    /// The snapshot that was kept last, and the position it stands at. Whoever asks has to
    /// see whether it is of use; the records are what counts.
    fn snapshot(&self) -> Answer<'_, Option<(Position, Bytes)>>;

    /// Whoever reads this journal begins with this state and does not read the records that
    /// it is made of. For those who watch what is read; an engine has no use for it.
    fn begin_with(&self, _state: &State) {}
}
