//! Records as the server tells them.

use std::time::Duration;

use async_nats::jetstream::{
    Context,
    consumer::{DeliverPolicy, pull},
};
use futures_util::{StreamExt as _, stream};
use tokio::{sync::watch, time::sleep};

use super::{failure, record};
use crate::journal::{Following, JournalError, Position, Record};

/// Pause after a failure.
const PAUSE: Duration = Duration::from_millis(250);

/// Follows a stream. The client's ordered consumer notices what is missing and starts
/// anew from there.
///
/// `connected` tells of each new connection: a server that has started again knows
/// nothing of the consumer, and its heartbeats would be missed only much later.
pub(super) fn follow(
    context: Context,
    stream: String,
    after: Position,
    connected: watch::Receiver<u64>,
) -> Following {
    let follow = Follow { context, stream, after, connected, messages: None };
    Box::pin(stream::unfold(follow, async |mut follow| {
        let next = follow.next().await;
        Some((next, follow))
    }))
}

struct Follow {
    context: Context,
    stream: String,
    after: Position,
    connected: watch::Receiver<u64>,
    messages: Option<pull::Ordered>,
}

impl Follow {
    async fn next(&mut self) -> Result<Record, JournalError> {
        loop {
            if self.messages.is_none() {
                self.connected.mark_unchanged();
            }
            let next = match &mut self.messages {
                Some(messages) => tokio::select! {
                    next = messages.next() => next,
                    Ok(()) = self.connected.changed() => {
                        self.messages = None;
                        continue;
                    }
                },
                None => match begin(&self.context, &self.stream, self.after).await {
                    Ok(messages) => {
                        self.messages = Some(messages);
                        continue;
                    }
                    Err(error) => {
                        sleep(PAUSE).await;
                        return Err(error);
                    }
                },
            };
            let record = match next {
                Some(Ok(message)) => record(&message),
                Some(Err(_)) | None => Err(JournalError::Unreachable),
            };
            match record {
                Ok(record) if record.position <= self.after => {}
                Ok(record) => {
                    self.after = record.position;
                    return Ok(record);
                }
                Err(error) => {
                    self.messages = None;
                    sleep(PAUSE).await;
                    return Err(error);
                }
            }
        }
    }
}

async fn begin(context: &Context, stream: &str, after: Position) -> Result<pull::Ordered, JournalError> {
    let config = pull::OrderedConfig {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after.saturating_add(1) },
        ..pull::OrderedConfig::default()
    };
    let consumer = context.create_consumer_on_stream(config, stream).await;
    let consumer = consumer.map_err(|error| failure::reading(&error.kind()))?;
    consumer.messages().await.map_err(|_| JournalError::Unreachable)
}
