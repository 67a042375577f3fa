//! The journal in NATS JetStream: any number of relays.
//!
//! One JetStream stream keeps all facts, each stream of facts under a subject of its
//! own. A record is a message; its place in the stream is its position. "First wins" is
//! the header `Nats-Expected-Last-Subject-Sequence`, and a message that is sent twice
//! because its acknowledgement was lost is kept once, by `Nats-Msg-Id`
//! (<https://docs.nats.io/nats-concepts/jetstream/headers>).
//!
//! **Durable** means: acknowledged by JetStream, with several replicas by most of them.
//! A server acknowledges before its disk has flushed (every two minutes by default;
//! `sync_interval: always` from 2.10 on), so what survives a power cut of one machine is
//! a matter of replicas.

mod failure;
mod follow;
mod names;
#[cfg(test)]
#[path = "../../../../testkit/src/nats.rs"]
#[expect(unreachable_pub, reason = "the test kit's own, compiled into these tests")]
pub(crate) mod server;
mod shelf;
mod snapshot;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_nats::connection::State;
use async_nats::header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID};
use async_nats::jetstream::{
    Context, ContextBuilder, Error, ErrorCode, Message,
    consumer::{AckPolicy, DeliverPolicy, pull},
    publish::PublishAck,
    response::Response,
    stream::{Config, DiscardPolicy, Info, StorageType},
};
use async_nats::{Client, ConnectOptions, Event, HeaderMap, Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned, de::IgnoredAny};
use serde_json::json;
use switchboard::Fact;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;
use wire::UnixMillis;

use self::names::Names;
pub(crate) use self::shelf::Shelf;
use super::{
    Answer, Appended, Following, Journal, JournalError, Position, Record, Stream, check_size, check_snapshot,
};
use crate::secret::Secret;

/// Name of the journal's stream on the server.
const STREAM: &str = "SOFTPHONE";
/// How long the start waits for a server.
const CONNECTS_WITHIN: Duration = Duration::from_secs(10);
/// How long one try to connect may take.
const CONNECT_TRY: Duration = Duration::from_secs(2);
/// Longest pause between two tries to come back.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The first of those pauses; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// How often an idle connection is tried: a dead one is noticed after about three.
const PING_EVERY: Duration = Duration::from_secs(2);
/// How long an answer may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// Tries of an append whose acknowledgement does not come.
const APPEND_TRIES: usize = 2;
/// How long the server remembers message ids: far longer than all tries take.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);
/// How long the server keeps a reader that is not read from.
const READER_IDLES: Duration = Duration::from_secs(10);
/// What the description of the stream says before the epoch.
const EPOCH: &str = "Facts of the softphone's relays, numbering ";

/// A journal in a JetStream stream.
#[derive(Debug, Clone)]
pub struct NatsJournal {
    client: Client,
    context: Context,
    names: Names,
    epoch: String,
    replicas: usize,
    /// Counts connections.
    connected: watch::Receiver<u64>,
}

/// A record as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    at: UnixMillis,
    facts: Vec<Fact>,
}

impl NatsJournal {
    /// Opens the journal on these servers of one cluster, and makes it where there is
    /// none, to be kept by `replicas` of them.
    ///
    /// # Errors
    ///
    /// When no server can be reached in time, or it can't keep a journal.
    pub async fn open(servers: &[Secret], replicas: usize) -> Result<Self, JournalError> {
        Self::open_as(STREAM, servers, replicas).await
    }

    /// Opens the journal of this name.
    pub(crate) async fn open_as(
        stream: &str,
        servers: &[Secret],
        replicas: usize,
    ) -> Result<Self, JournalError> {
        let (connections, connected) = watch::channel(0);
        let client = connect(servers, &connections).await?;
        let context = ContextBuilder::new().timeout(ANSWERS_WITHIN).build(client.clone());
        let mut journal =
            Self { client, context, names: Names::new(stream), epoch: String::new(), replicas, connected };
        let info = journal.stream(&journal.names.stream, journal.config()).await?;
        let description = info.config.description.as_deref().unwrap_or_default();
        description.strip_prefix(EPOCH).unwrap_or(description).clone_into(&mut journal.epoch);
        if info.config.num_replicas != replicas {
            journal.change(Config { num_replicas: replicas, ..info.config }).await?;
        }
        journal.stream(&journal.names.trial(), journal.trial_config()).await?;
        Ok(journal)
    }

    fn config(&self) -> Config {
        Config {
            name: self.names.stream.clone(),
            subjects: vec![self.names.all()],
            description: Some(format!("{EPOCH}{}", Uuid::new_v4())),
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            num_replicas: self.replicas,
            duplicate_window: DUPLICATE_WINDOW,
            ..Config::default()
        }
    }

    /// The stream in which it is tried whether anything can be kept: of one message.
    fn trial_config(&self) -> Config {
        Config {
            name: self.names.trial(),
            subjects: vec![self.names.trial_subject()],
            storage: StorageType::File,
            max_messages: 1,
            num_replicas: self.replicas,
            ..Config::default()
        }
    }

    /// The stream of this name, made where there is none. Another relay may make it at
    /// the same time.
    async fn stream(&self, name: &str, config: Config) -> Result<Info, JournalError> {
        let look = format!("STREAM.INFO.{name}");
        match self.api::<Info>(look.clone(), &json!({})).await? {
            Ok(info) => return Ok(info),
            Err(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => {}
            Err(error) => return Err(failure::refused(&error)),
        }
        match self.api(format!("STREAM.CREATE.{name}"), &config).await? {
            Ok(info) => Ok(info),
            // The same stream with another description is refused for its subjects, too.
            Err(error)
                if matches!(
                    error.error_code(),
                    ErrorCode::STREAM_NAME_EXIST | ErrorCode::STREAM_SUBJECT_OVERLAP
                ) =>
            {
                self.api(look, &json!({})).await?.map_err(|_| failure::refused(&error))
            }
            Err(error) => Err(failure::refused(&error)),
        }
    }

    async fn change(&self, config: Config) -> Result<(), JournalError> {
        let changed = self.api::<Info>(format!("STREAM.UPDATE.{}", config.name), &config).await?;
        changed.map(drop).map_err(|error| failure::refused(&error))
    }

    async fn info(&self) -> Result<Info, JournalError> {
        let info = self.api::<Info>(format!("STREAM.INFO.{}", self.names.stream), &json!({})).await?;
        info.map_err(|error| failure::refused(&error))
    }

    /// Asks JetStream something. The inner error is its own.
    async fn api<T: DeserializeOwned>(
        &self,
        subject: String,
        payload: &impl Serialize,
    ) -> Result<Result<T, Error>, JournalError> {
        self.is_connected()?;
        match self.context.request(subject, payload).await {
            Ok(Response::Ok(answer)) => Ok(Ok(answer)),
            Ok(Response::Err { error }) => Ok(Err(error)),
            Err(error) => Err(failure::unheard(error.kind())),
        }
    }

    /// Whoever asks while there is no connection is told so at once.
    fn is_connected(&self) -> Result<(), JournalError> {
        match self.client.connection_state() {
            State::Connected => Ok(()),
            State::Pending | State::Disconnected => Err(JournalError::Unreachable),
        }
    }

    /// Has a message kept. The inner error is JetStream's.
    async fn publish(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<Result<PublishAck, Error>, JournalError> {
        self.is_connected()?;
        let request = Request::new().headers(headers).payload(payload).timeout(Some(ANSWERS_WITHIN));
        let reply = self.client.send_request(subject, request).await;
        let reply = reply.map_err(|error| failure::unanswered(error.kind()))?;
        match serde_json::from_slice(&reply.payload) {
            Ok(Response::Ok(ack)) => Ok(Ok(ack)),
            Ok(Response::Err { error }) => Ok(Err(error)),
            Err(_) => Err(JournalError::Failed("the NATS server's answer is not JetStream's".to_owned())),
        }
    }

    async fn append_record(
        &self,
        stream: &Stream,
        expected: Option<Position>,
        payload: Bytes,
    ) -> Result<Appended, JournalError> {
        let subject = self.names.subject(stream);
        let id = Uuid::new_v4().to_string();
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id.as_str());
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, expected.unwrap_or_default().to_string());
        let mut result = Err(JournalError::Unreachable);
        for _ in 0..APPEND_TRIES {
            result = match self.publish(subject.clone(), headers.clone(), payload.clone()).await {
                Ok(Ok(ack)) => {
                    self.replace(stream, expected);
                    return Ok(Appended::At(ack.sequence));
                }
                Ok(Err(error)) if error.error_code() == ErrorCode::STREAM_WRONG_LAST_SEQUENCE => {
                    return self.conflict(&subject, &id).await;
                }
                Ok(Err(error)) => Err(failure::refused(&error)),
                Err(error) => Err(error),
            };
            if result != Err(JournalError::Unreachable) {
                break;
            }
        }
        result
    }

    /// Every few seconds a relay says that it is there; the newest says it all, so the one
    /// before is deleted. Not by a rollup: that purges the subject, and a server (seen with
    /// 2.9.10) then moves readers that are behind past messages of other subjects.
    fn replace(&self, stream: &Stream, former: Option<Position>) {
        let (Stream::Relay(_), Some(former)) = (stream, former) else { return };
        let journal = self.clone();
        tokio::spawn(async move {
            let subject = format!("STREAM.MSG.DELETE.{}", journal.names.stream);
            let message = json!({ "seq": former, "no_erase": true });
            if !matches!(journal.api::<IgnoredAny>(subject, &message).await, Ok(Ok(_))) {
                // It is read once more at every start, and changes nothing.
                tracing::debug!(former, "what a relay said before could not be deleted");
            }
        });
    }

    /// Who was first. It may have been this very message, if its first acknowledgement
    /// was lost.
    async fn conflict(&self, subject: &str, id: &str) -> Result<Appended, JournalError> {
        Ok(match self.last(&self.names.stream, subject).await? {
            Some(message) if message.is(id) => Appended::At(message.seq),
            Some(message) => Appended::Conflict { last: Some(message.seq) },
            None => Appended::Conflict { last: None },
        })
    }

    /// The newest message of a subject, if there is one, and its stream.
    async fn last(&self, stream: &str, subject: &str) -> Result<Option<LastMessage>, JournalError> {
        let asked = json!({ "last_by_subj": subject });
        match self.api::<Last>(format!("STREAM.MSG.GET.{stream}"), &asked).await? {
            Ok(Last { message }) => Ok(Some(message)),
            Err(error) => match error.error_code() {
                ErrorCode::NO_MESSAGE_FOUND | ErrorCode::STREAM_NOT_FOUND => Ok(None),
                _ => Err(failure::refused(&error)),
            },
        }
    }

    /// At most `limit` messages of a stream after `after`.
    async fn messages(
        &self,
        stream: &str,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Message>, JournalError> {
        self.is_connected()?;
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after.saturating_add(1) },
            ack_policy: AckPolicy::None,
            inactive_threshold: READER_IDLES,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let reader = self.context.create_consumer_on_stream(config, stream);
        let reader = reader.await.map_err(|error| failure::reading(&error.kind()))?;
        let there = usize::try_from(reader.cached_info().num_pending).unwrap_or(usize::MAX).min(limit);
        let mut messages = Vec::with_capacity(there);
        // A server that is busy ends a batch before it is full. Fewer messages than there are
        // would be taken for all.
        while messages.len() < there {
            let before = messages.len();
            let batch = reader.batch().max_messages(there - before).expires(ANSWERS_WITHIN).messages();
            let mut batch = batch.await.map_err(|_| JournalError::Unreachable)?;
            while let Some(message) = batch.next().await {
                messages.push(message.map_err(|_| JournalError::Unreachable)?);
            }
            if messages.len() == before {
                let left = reader.get_info().await.map_err(|_| JournalError::Unreachable)?.num_pending;
                if left > 0 {
                    return Err(JournalError::Unreachable);
                }
                // Some of them were too old to be kept, or were deleted, meanwhile.
                break;
            }
        }
        Ok(messages)
    }

    async fn read_records(&self, after: Position, limit: usize) -> Result<Vec<Record>, JournalError> {
        let messages = self.messages(&self.names.stream, after, limit).await?;
        messages.iter().map(record).collect()
    }
}

/// The newest message of a subject.
#[derive(Deserialize)]
struct Last {
    message: LastMessage,
}

#[derive(Deserialize)]
struct LastMessage {
    seq: Position,
    /// Base64.
    #[serde(default)]
    hdrs: String,
    /// Base64.
    #[serde(default)]
    data: String,
}

impl LastMessage {
    /// Whether it is the message of this id.
    fn is(&self, id: &str) -> bool {
        let headers = STANDARD.decode(&self.hdrs).unwrap_or_default();
        headers.windows(id.len()).any(|window| window == id.as_bytes())
    }
}

fn record(message: &Message) -> Result<Record, JournalError> {
    let info = message.info().map_err(|_| JournalError::Unreachable)?;
    let position = info.stream_sequence;
    let kept: Kept =
        serde_json::from_slice(&message.payload).map_err(|_| JournalError::Unreadable(position))?;
    Ok(Record { position, at: kept.at, facts: kept.facts })
}

async fn connect(servers: &[Secret], connections: &watch::Sender<u64>) -> Result<Client, JournalError> {
    let options = || {
        let connections = connections.clone();
        ConnectOptions::new()
            .name("softphone-relay")
            .connection_timeout(CONNECT_TRY)
            .request_timeout(Some(ANSWERS_WITHIN))
            .ping_interval(PING_EVERY)
            .reconnect_delay_callback(|tries| {
                let doublings = u32::try_from(tries).unwrap_or(u32::MAX);
                FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_PAUSE)
            })
            .event_callback(move |event| {
                if let Event::Connected = event {
                    connections.send_modify(|count| *count += 1);
                }
                async move { tell(&event) }
            })
    };
    let addresses: Vec<&str> = servers.iter().map(Secret::expose).collect();
    let until = Instant::now() + CONNECTS_WITHIN;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match timeout(left, options().connect(addresses.as_slice())).await {
            Ok(Ok(client)) => return Ok(client),
            Ok(Err(error)) => {
                if let Some(error) = failure::connecting(error.kind()) {
                    return Err(error);
                }
                if Instant::now() + LONGEST_PAUSE >= until {
                    return Err(JournalError::Unreachable);
                }
                sleep(LONGEST_PAUSE).await;
            }
            Err(_) => return Err(JournalError::Unreachable),
        }
    }
}

fn tell(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to the journal's server"),
        Event::Disconnected => tracing::warn!("the connection to the journal's server broke off"),
        Event::SlowConsumer(_) => tracing::warn!("the journal is read too slowly"),
        Event::LameDuckMode => tracing::info!("the journal's server is about to stop"),
        Event::ServerError(error) => tracing::warn!(%error, "the journal's server"),
        Event::Draining | Event::Closed | Event::ClientError(_) => tracing::debug!(%event, "journal"),
    }
}

impl Journal for NatsJournal {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn append<'a>(
        &'a self,
        stream: &'a Stream,
        expected: Option<Position>,
        at: UnixMillis,
        facts: &'a [Fact],
    ) -> Answer<'a, Appended> {
        Box::pin(async move {
            check_size(facts)?;
            let payload = serde_json::to_vec(&Kept { at, facts: facts.to_vec() })
                .map_err(|error| JournalError::Failed(error.to_string()))?;
            self.append_record(stream, expected, payload.into()).await
        })
    }

    fn read(&self, after: Position, limit: usize) -> Answer<'_, Vec<Record>> {
        Box::pin(self.read_records(after, limit))
    }

    fn follow(&self, after: Position) -> Following {
        let (context, stream) = (self.context.clone(), self.names.stream.clone());
        follow::follow(context, stream, after, self.connected.clone())
    }

    fn newest(&self) -> Answer<'_, Position> {
        Box::pin(async move {
            let state = self.info().await?.state;
            Ok(if state.messages == 0 { 0 } else { state.last_sequence })
        })
    }

    fn retain(&self, keep: Duration, _: UnixMillis) -> Answer<'_, u64> {
        Box::pin(async move {
            let config = self.info().await?.config;
            if config.max_age != keep {
                let duplicate_window = DUPLICATE_WINDOW.min(keep);
                self.change(Config { max_age: keep, duplicate_window, ..config }).await?;
            }
            // The server forgets by itself from now on.
            Ok(0)
        })
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let kept = self.publish(self.names.trial_subject(), HeaderMap::new(), Bytes::new()).await?;
            kept.map(drop).map_err(|error| failure::refused(&error))
        })
    }

    fn keep_snapshot(&self, position: Position, snapshot: Bytes) -> Answer<'_, ()> {
        Box::pin(async move {
            check_snapshot(&snapshot)?;
            self.put_snapshot(position, snapshot).await
        })
    }

    fn snapshot(&self) -> Answer<'_, Option<(Position, Bytes)>> {
        Box::pin(self.get_snapshot())
    }
}
