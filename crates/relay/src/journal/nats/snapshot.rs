//! The snapshot on the server: a stream of its own, in which one message says which
//! snapshot counts, and others are its pieces, because a server takes messages up to a
//! size only.
//!
//! The pieces come first, then the message that names them, on the condition that no other
//! relay has named some since; then what is older is purged. So whoever reads finds a whole
//! one, or notices that it was replaced meanwhile; and what a relay leaves that ends in
//! between is purged with the next one. (That purges move readers that are behind does no
//! harm here: there are none, single messages are asked for.)

use async_nats::HeaderMap;
use async_nats::header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::stream::{Config, StorageType};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{NatsJournal, failure};
use crate::journal::{Journal as _, JournalError, MAX_SNAPSHOT, Position};

/// Largest piece, in bytes: half of what a server takes by default (1 MiB), because it
/// gives it back as base64, which is longer by a third.
const PIECE: usize = 512 * 1024;

/// Tries to read a snapshot that other relays replace meanwhile.
const READ_TRIES: usize = 3;

/// Which snapshot counts.
#[derive(Serialize, Deserialize)]
struct Head {
    /// The numbering that its position belongs to.
    epoch: String,
    position: Position,
    /// The name of its pieces.
    name: String,
    pieces: usize,
}

impl NatsJournal {
    pub(super) async fn put_snapshot(&self, position: Position, snapshot: Bytes) -> Result<(), JournalError> {
        self.stream(&self.names.snapshot(), self.snapshot_config()).await?;
        let (place, former) = self.head().await?;
        if let Some(former) = former
            && former.epoch == self.epoch
            && former.position > position
            && former.position <= self.newest().await?
        {
            return Ok(());
        }
        let name = Uuid::new_v4().simple().to_string();
        let pieces: Vec<&[u8]> = snapshot.chunks(self.piece_size()).collect();
        let head = Head { epoch: self.epoch.clone(), position, name, pieces: pieces.len() };
        let mut first = None;
        for (number, piece) in pieces.into_iter().enumerate() {
            let subject = self.names.snapshot_piece(&head.name, number);
            let kept = self.publish(subject, HeaderMap::new(), snapshot.slice_ref(piece)).await?;
            let kept = kept.map_err(|error| failure::refused(&error))?;
            first.get_or_insert(kept.sequence);
        }
        if self.name(&head, place).await?
            && let Some(first) = first
        {
            self.purge_pieces(first).await;
        }
        Ok(())
    }

    /// Makes this the snapshot that counts, unless another relay has named one since the
    /// message at `place`. Whether it does.
    async fn name(&self, head: &Head, place: Position) -> Result<bool, JournalError> {
        let payload = serde_json::to_vec(head).map_err(|error| JournalError::Failed(error.to_string()))?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, place.to_string());
        match self.publish(self.names.snapshot_head(), headers, payload.into()).await? {
            Ok(_) => Ok(true),
            Err(error) if error.error_code() == ErrorCode::STREAM_WRONG_LAST_SEQUENCE => Ok(false),
            Err(error) => Err(failure::refused(&error)),
        }
    }

    pub(super) async fn get_snapshot(&self) -> Result<Option<(Position, Bytes)>, JournalError> {
        for _ in 0..READ_TRIES {
            let head = match self.head().await? {
                (_, Some(head)) => head,
                (0, None) => return Ok(None),
                (_, None) => {
                    return Err(JournalError::Failed("the snapshot's head can't be read".to_owned()));
                }
            };
            if let Some(snapshot) = self.joined(&head).await? {
                return Ok(Some((head.position, snapshot)));
            }
        }
        Err(JournalError::Failed("the snapshot is not whole".to_owned()))
    }

    /// All pieces, unless one is not there any more.
    async fn joined(&self, head: &Head) -> Result<Option<Bytes>, JournalError> {
        let mut snapshot = Vec::new();
        for number in 0..head.pieces {
            let subject = self.names.snapshot_piece(&head.name, number);
            let Some(piece) = self.last(&self.names.snapshot(), &subject).await? else { return Ok(None) };
            snapshot.extend(decoded(&piece.data)?);
            if snapshot.len() > MAX_SNAPSHOT {
                return Err(JournalError::SnapshotSize);
            }
        }
        Ok(Some(snapshot.into()))
    }

    /// What says which snapshot counts, and where it stands in the stream: 0 when there is
    /// none; no head when it can't be read.
    async fn head(&self) -> Result<(Position, Option<Head>), JournalError> {
        let Some(message) = self.last(&self.names.snapshot(), &self.names.snapshot_head()).await? else {
            return Ok((0, None));
        };
        let head = serde_json::from_slice(&decoded(&message.data)?).ok();
        Ok((message.seq, head))
    }

    async fn purge_pieces(&self, before: Position) {
        // A server takes 1 for no bound at all and purges everything. Nothing is older.
        if before <= 1 {
            return;
        }
        let subject = format!("STREAM.PURGE.{}", self.names.snapshot());
        let older = json!({ "filter": self.names.snapshot_pieces(), "seq": before });
        if !matches!(self.api::<IgnoredAny>(subject, &older).await, Ok(Ok(_))) {
            tracing::debug!(before, "older snapshots could not be purged; the next one does it");
        }
    }

    fn snapshot_config(&self) -> Config {
        Config {
            name: self.names.snapshot(),
            subjects: vec![self.names.snapshot_subjects()],
            storage: StorageType::File,
            max_messages_per_subject: 1,
            num_replicas: self.replicas,
            ..Config::default()
        }
    }

    fn piece_size(&self) -> usize {
        self.client.server_info().max_payload.clamp(1, PIECE)
    }
}

fn decoded(base64: &str) -> Result<Vec<u8>, JournalError> {
    let decoded = STANDARD.decode(base64);
    decoded.map_err(|_| JournalError::Failed("the NATS server's answer is not base64".to_owned()))
}
