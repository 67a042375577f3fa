//! The journal with a watch beside it: what is appended, how long that takes, and what
//! the facts say about calls.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::StreamExt as _;
use prometheus::{HistogramVec, IntCounter, IntCounterVec};
use switchboard::{Fact, State};
use wire::UnixMillis;

use super::{Error, Maker, Metrics};
use crate::journal::{Answer, Appended, Following, Journal, JournalError, Position, Record, Stream};

/// Borders of a durable append, in seconds: a disk's flush takes some milliseconds.
const APPENDING: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0];

/// The metrics.
pub(super) struct JournalMetrics {
    appends: HistogramVec,
    conflicts: IntCounter,
    errors: IntCounterVec,
}

impl JournalMetrics {
    pub(super) fn new(made: &Maker<'_>) -> Result<Self, Error> {
        let metrics = Self {
            appends: made.times(
                "relay_journal_append_seconds",
                "How long it took until facts were durable.",
                &["result"],
                &APPENDING,
            )?,
            conflicts: made.counter(
                "relay_journal_conflicts_total",
                "Appends that came second: another relay had decided about the same call.",
            )?,
            errors: made.counters(
                "relay_journal_errors_total",
                "What the journal could not do.",
                &["operation"],
            )?,
        };
        for operation in [APPEND, READ, CHECK, PRUNE, FOLLOW, SNAPSHOT] {
            metrics.errors.with_label_values(&[operation]).inc_by(0);
        }
        Ok(metrics)
    }

    fn failed(&self, operation: &str) {
        self.errors.with_label_values(&[operation]).inc();
    }
}

const APPEND: &str = "append";
const READ: &str = "read";
const CHECK: &str = "check";
const PRUNE: &str = "prune";
const FOLLOW: &str = "follow";
const SNAPSHOT: &str = "snapshot";

/// A journal that is watched.
pub(crate) struct MeteredJournal {
    inner: Arc<dyn Journal>,
    metrics: Arc<Metrics>,
    own: Arc<Own>,
}

/// Where this relay's own newest records stand: it reads them, too, and has counted them.
#[derive(Default)]
struct Own(Mutex<VecDeque<Position>>);

/// Own records that are remembered: more than a follower is ever behind.
const MAX_OWN: usize = 4_096;

impl Own {
    fn add(&self, position: Position) {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() >= MAX_OWN {
            own.pop_front();
        }
        own.push_back(position);
    }

    /// They grow, so they can be searched quickly.
    fn has(&self, position: Position) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).binary_search(&position).is_ok()
    }
}

fn note_read(metrics: &Metrics, own: &Own, record: &Record) {
    if !own.has(record.position) {
        record.facts.iter().for_each(|fact| metrics.calls.note(fact, record.at, false));
    }
}

impl MeteredJournal {
    /// Watches a journal.
    pub(crate) fn new(inner: Arc<dyn Journal>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics, own: Arc::default() }
    }

    fn checked<T>(&self, operation: &str, result: Result<T, JournalError>) -> Result<T, JournalError> {
        if result.is_err() {
            self.metrics.journal.failed(operation);
        }
        result
    }
}

impl Journal for MeteredJournal {
    fn epoch(&self) -> &str {
        self.inner.epoch()
    }

    fn append<'a>(
        &'a self,
        stream: &'a Stream,
        expected: Option<Position>,
        at: UnixMillis,
        facts: &'a [Fact],
    ) -> Answer<'a, Appended> {
        Box::pin(async move {
            let begun = Instant::now();
            let appended = self.inner.append(stream, expected, at, facts).await;
            let journal = &self.metrics.journal;
            let result = match &appended {
                Ok(Appended::At(position)) => {
                    self.own.add(*position);
                    facts.iter().for_each(|fact| self.metrics.calls.note(fact, at, true));
                    "kept"
                }
                Ok(Appended::Conflict { .. }) => {
                    journal.conflicts.inc();
                    "conflict"
                }
                Err(_) => "error",
            };
            journal.appends.with_label_values(&[result]).observe(begun.elapsed().as_secs_f64());
            self.checked(APPEND, appended)
        })
    }

    fn read(&self, after: Position, limit: usize) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            let records = self.checked(READ, self.inner.read(after, limit).await)?;
            records.iter().for_each(|record| note_read(&self.metrics, &self.own, record));
            Ok(records)
        })
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }

    fn follow(&self, after: Position) -> Following {
        let (metrics, own) = (self.metrics.clone(), self.own.clone());
        let noted = self.inner.follow(after).inspect(move |record| match record {
            Ok(record) => note_read(&metrics, &own, record),
            Err(_) => metrics.journal.failed(FOLLOW),
        });
        Box::pin(noted)
    }

    fn newest(&self) -> Answer<'_, Position> {
        Box::pin(async move { self.checked(READ, self.inner.newest().await) })
    }

    fn retain(&self, keep: Duration, now: UnixMillis) -> Answer<'_, u64> {
        Box::pin(async move { self.checked(PRUNE, self.inner.retain(keep, now).await) })
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(async move { self.checked(CHECK, self.inner.check().await) })
    }

    fn keep_snapshot(&self, position: Position, snapshot: Bytes) -> Answer<'_, ()> {
        Box::pin(async move { self.checked(SNAPSHOT, self.inner.keep_snapshot(position, snapshot).await) })
    }

    fn snapshot(&self) -> Answer<'_, Option<(Position, Bytes)>> {
        Box::pin(async move { self.checked(SNAPSHOT, self.inner.snapshot().await) })
    }

    fn begin_with(&self, state: &State) {
        self.metrics.calls.begin_with(state);
    }
}
