//! Doing something with a call, by the name that the upstream takes for it.
//!
//! A call has three names: the webhooks' `wacid…`, the UUID that answered an initiate,
//! and the log's `id`. Which one an action takes for an inbound call is not documented.
//! This is the one place that finds out: the webhook's first, on "not found" the log's,
//! and what worked is tried first the next time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use vobiz::Uuid;
use vobiz::fault::Fault;
use vobiz::log::{CallLog, Direction, Status};
use vobiz::rest::{Action, ActionRequest};

use super::{Upstream, UpstreamError, logs};

/// Pause before the second try; it doubles for the next.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Longest pause between two tries, unless the upstream asks for a longer one. Somebody
/// waits at both ends.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long the log may take to say whether a try was carried out after all. Trying again
/// tells as much.
const LOG_WITHIN: Duration = Duration::from_secs(3);

/// Most log names that are remembered; more than the upstream's concurrent calls.
const MAX_REMEMBERED: usize = 2_000;

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// The call is over already, or upstream knows of none.
    AlreadyOver,
}

/// By what an action may name its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionNames {
    /// The business channel.
    pub channel: Uuid,
    /// Who called whom.
    pub direction: Direction,
    /// Meta's name, from webhooks.
    pub wacid: Option<String>,
    /// Vobiz' name, from the answer to an initiate.
    pub initiated: Option<String>,
}

/// Which kind of name the upstream takes for inbound calls, as far as was found out.
#[derive(Debug, Default)]
pub struct NameMemory {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    takes: Takes,
    /// `wacid` and log id of recent calls.
    log_ids: VecDeque<(String, String)>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Takes {
    #[default]
    Wacid,
    LogId,
}

impl NameMemory {
    fn takes(&self) -> Takes {
        self.lock().takes
    }

    fn learn(&self, takes: Takes) {
        self.lock().takes = takes;
    }

    fn log_id(&self, wacid: &str) -> Option<String> {
        self.lock().log_ids.iter().find(|(known, _)| known == wacid).map(|(_, id)| id.clone())
    }

    fn remember(&self, wacid: &str, log_id: &str) {
        let mut seen = self.lock();
        if seen.log_ids.len() >= MAX_REMEMBERED {
            seen.log_ids.pop_front();
        }
        seen.log_ids.push_back((wacid.to_owned(), log_id.to_owned()));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        // What a panicking holder leaves is still a plain list.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does something with a call, repeating it while its error may pass: after `until` no try
/// begins, but for the first. A repetition carries the identical `sdp`.
///
/// Accept (with the identical session description), reject and terminate may be repeated; an
/// initiate is none of them.
///
/// # Errors
///
/// The last error, when there is no time for another try or upstream refuses for good; or an
/// earlier one that left the outcome open: no later refusal says what became of that try.
pub async fn act(
    upstream: &dyn Upstream,
    memory: &NameMemory,
    names: &ActionNames,
    action: Action,
    sdp: Option<&str>,
    until: Instant,
) -> Result<Outcome, UpstreamError> {
    let job = Job { upstream, memory, names, action, sdp };
    let mut backoff = FIRST_PAUSE;
    let mut tried = 0;
    let mut unknown = None;
    loop {
        let error = match job.once().await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        tried += 1;
        let in_time = |pause: &Duration| Instant::now() + *pause < until;
        let Some(pause) = pause_after(&error, backoff).filter(in_time) else {
            return Err(unknown.unwrap_or(error));
        };
        tracing::warn!(%error, tried, action = %job.action, "an action is tried again");
        sleep(pause).await;
        backoff = (backoff * 2).min(LONGEST_PAUSE);
        // It may have been carried out all the same.
        if error.is_unknown() {
            if let Ok(Some(outcome)) = timeout(LOG_WITHIN, job.logged_outcome()).await {
                return Ok(outcome);
            }
            unknown = Some(error);
        }
    }
}

/// Refused credentials and limits.
fn says_nothing_of_the_call(status: u16) -> bool {
    matches!(status, 401 | 403 | 429)
}

/// How long to wait after an error that may pass; `None` for one that stays.
fn pause_after(error: &UpstreamError, backoff: Duration) -> Option<Duration> {
    match error {
        // What upstream asks for, or else it counts the next try against us, too.
        UpstreamError::Refused { status: 429, retry_after, .. } => {
            Some(retry_after.map_or(backoff, |asked| asked.max(backoff)))
        }
        UpstreamError::Refused { .. } | UpstreamError::NotConfigured => None,
        UpstreamError::Unknown(_) | UpstreamError::Unreachable => Some(backoff),
    }
}

struct Job<'a> {
    upstream: &'a dyn Upstream,
    memory: &'a NameMemory,
    names: &'a ActionNames,
    action: Action,
    sdp: Option<&'a str>,
}

impl Job<'_> {
    /// One try, under each name that may be meant.
    async fn once(&self) -> Result<Outcome, UpstreamError> {
        let result = match (&self.names.initiated, &self.names.wacid) {
            (Some(initiated), None) => self.under(initiated).await,
            (Some(initiated), Some(wacid)) => match self.under(initiated).await {
                Err(error) if error.says_not_found() => self.under(wacid).await,
                result => result,
            },
            (None, Some(wacid)) => self.under_either(wacid).await,
            (None, None) => Ok(Outcome::AlreadyOver),
        };
        match result {
            Err(error) if error.says_over() || error.says_not_found() => Ok(Outcome::AlreadyOver),
            // A refusal may mean that it was carried out before, by a try whose answer
            // was lost.
            Err(error @ UpstreamError::Refused { status, .. }) if !says_nothing_of_the_call(status) => {
                self.logged_outcome().await.ok_or(error)
            }
            result => result,
        }
    }

    async fn under_either(&self, wacid: &str) -> Result<Outcome, UpstreamError> {
        match self.memory.takes() {
            Takes::Wacid => {
                let error = match self.under(wacid).await {
                    Err(error) if error.says_not_found() => error,
                    result => return result,
                };
                let log_id = self.log_id(wacid).await?.ok_or(error)?;
                let result = self.under(&log_id).await;
                if result.is_ok() {
                    self.memory.learn(Takes::LogId);
                }
                result
            }
            Takes::LogId => {
                if let Some(log_id) = self.log_id(wacid).await? {
                    match self.under(&log_id).await {
                        Err(error) if error.says_not_found() => {}
                        result => return result,
                    }
                }
                let result = self.under(wacid).await;
                if result.is_ok() {
                    self.memory.learn(Takes::Wacid);
                }
                result
            }
        }
    }

    async fn log_id(&self, wacid: &str) -> Result<Option<String>, UpstreamError> {
        if let Some(known) = self.memory.log_id(wacid) {
            return Ok(Some(known));
        }
        let row = logs::find_by_meta_id(self.upstream, wacid, self.names.direction.clone()).await?;
        if let Some(row) = &row {
            self.memory.remember(wacid, &row.id);
        }
        Ok(row.map(|row| row.id))
    }

    async fn under(&self, name: &str) -> Result<Outcome, UpstreamError> {
        let response = self
            .upstream
            .action(&ActionRequest {
                channel_id: self.names.channel,
                call_id: name.to_owned(),
                action: self.action.clone(),
                sdp: self.sdp.map(str::to_owned),
            })
            .await?;
        if response.success {
            return Ok(Outcome::Done);
        }
        // The reference shows no such answer: a success that denies itself.
        Err(UpstreamError::Refused { status: 200, fault: Fault::default(), retry_after: None })
    }

    /// What the log says about this action, if it says anything.
    async fn logged_outcome(&self) -> Option<Outcome> {
        let direction = self.names.direction.clone();
        let row = match (&self.names.initiated, &self.names.wacid) {
            (Some(id), _) => logs::find_by_id(self.upstream, id, direction).await,
            (None, Some(wacid)) => logs::find_by_meta_id(self.upstream, wacid, direction).await,
            (None, None) => return None,
        };
        carried_out(&self.action, &row.ok()??)
    }
}

/// What a row says about an action: carried out, too late, or (`None`) not yet.
fn carried_out(action: &Action, row: &CallLog) -> Option<Outcome> {
    match (action, &row.status) {
        (Action::Reject, Some(Status::Rejected)) => Some(Outcome::Done),
        // Before the status is believed: it may go on to say `accepted`.
        _ if row.is_over() => Some(Outcome::AlreadyOver),
        (Action::PreAccept, Some(Status::PreAccepted | Status::Accepted)) => Some(Outcome::Done),
        (Action::Accept, Some(Status::Accepted)) => Some(Outcome::Done),
        _ => None,
    }
}
