//! What relays share beside the journal: the newest value under each name, for a while.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::stream::{Config, StorageType};
use bytes::Bytes;

use super::{NatsJournal, failure, names::token};
use crate::journal::{JournalError, Position};

/// Most values that are read at once: far more than agents have sessions.
const MOST: usize = 100_000;

/// A shelf on the journal's server.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    journal: NatsJournal,
    stream: String,
    root: String,
}

impl NatsJournal {
    /// The shelf of this name, in capitals, on which a value stays for `keep`.
    pub(crate) async fn shelf(&self, name: &str, keep: Duration) -> Result<Shelf, JournalError> {
        let stream = format!("{}_{name}", self.names.stream);
        let root = stream.to_ascii_lowercase();
        let config = Config {
            name: stream.clone(),
            subjects: vec![format!("{root}.>")],
            storage: StorageType::File,
            max_messages_per_subject: 1,
            max_age: keep,
            num_replicas: self.replicas,
            ..Config::default()
        };
        self.stream(&stream, config).await?;
        Ok(Shelf { journal: self.clone(), stream, root })
    }
}

impl Shelf {
    /// Puts a value in place of what has the same name.
    pub(crate) async fn put(&self, name: &str, value: Vec<u8>) -> Result<(), JournalError> {
        let subject = format!("{}.{}", self.root, token(name));
        let kept = self.journal.publish(subject, HeaderMap::new(), value.into()).await?;
        kept.map(drop).map_err(|error| failure::refused(&error))
    }

    /// The values that were put after a place, in order, each with its own.
    pub(crate) async fn after(&self, place: Position) -> Result<Vec<(Position, Bytes)>, JournalError> {
        let messages = self.journal.messages(&self.stream, place, MOST).await?;
        messages
            .into_iter()
            .map(|message| {
                let place = message.info().map_err(|_| JournalError::Unreachable)?.stream_sequence;
                Ok((place, message.payload.clone()))
            })
            .collect()
    }
}
