//! What keeps an eye on the journal beside the desk: how far the desk has read, whether
//! it can be asked, and that old facts are forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::request::Request;
use crate::clock;
use crate::journal::{Journal, JournalError, Position};

/// How often it is looked. Also how long a record may wait that nobody told of.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often old facts are forgotten.
const RETAIN_EVERY: Duration = Duration::from_hours(6);

/// How the journal stands, as it was last looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalHealth {
    /// How far the desk has read.
    pub position: Position,
    /// Where the newest record stood.
    pub newest: Position,
    /// Why it could not be looked.
    pub error: Option<JournalError>,
}

impl JournalHealth {
    /// How many records the desk may be behind, those that are no facts included.
    pub fn lag(&self) -> u64 {
        self.newest.saturating_sub(self.position)
    }
}

/// Looks after a journal until it is dropped.
pub(super) struct Upkeep {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) keep: Duration,
    /// How far the desk has read.
    pub(super) position: Arc<AtomicU64>,
    pub(super) health: watch::Sender<JournalHealth>,
    pub(super) desk: mpsc::WeakSender<Request>,
}

impl Upkeep {
    pub(super) async fn run(self) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The desk has just done it.
        let mut retained = Instant::now();
        loop {
            looks.tick().await;
            self.look().await;
            if retained.elapsed() >= RETAIN_EVERY {
                match self.journal.retain(self.keep, clock::now()).await {
                    Ok(records) => {
                        retained = Instant::now();
                        tracing::info!(records, "old facts were forgotten");
                    }
                    Err(error) => tracing::warn!(%error, "old facts could not be forgotten"),
                }
            }
        }
    }

    async fn look(&self) {
        let newest = self.journal.newest().await;
        let position = self.position.load(Ordering::Relaxed);
        self.health.send_modify(|health| {
            health.position = position;
            health.error = newest.as_ref().err().cloned();
            health.newest = newest.clone().unwrap_or(health.newest);
        });
        if newest.is_ok_and(|newest| newest > position)
            && let Some(desk) = self.desk.upgrade()
        {
            // A desk that has ended reads no more.
            let _ = desk.send(Request::CatchUp).await;
        }
    }
}
