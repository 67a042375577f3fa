//! What is done upstream, each by a task of its own. A task changes nothing here: it
//! comes back with news for the switchboard and a result for whoever waits.

use std::sync::Arc;
use std::time::Duration;

use switchboard::command::{AcceptFate, UpstreamNews};
use switchboard::{Due, Outcome as Settled};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tracing::Instrument as _;
use vobiz::rest::{Action, InitiateRequest};
use vobiz::{Number, Uuid};
use wire::{CallId, EndReason, Problem, ProblemKind, UnixMillis};

use super::problems::{failure, over};
use super::request::Request;
use super::wanted::Wanted;
use crate::clock;
use crate::upstream::{self, ActionNames, NameMemory, Outcome, Uncertainty, Upstream, UpstreamError};

/// Longest time that an accept may take, retries included.
/// Callers are gone after 60 s at the latest.
const ACCEPT_LIMIT: Duration = Duration::from_secs(60);

/// For how long an answer that goes up while it rings is tried. Should it fail, the accept
/// brings it anew; until then, an accept waits for it.
const PREPARED_PATIENCE: Duration = Duration::from_secs(2);

/// Pauses before each look at the logs for an initiate whose outcome is unknown. A row
/// that is not there after these will not come.
const FIND_PAUSES: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(4)];

/// Longest time that finding out about an initiate may take: the agent waits for it.
const FIND_LIMIT: Duration = Duration::from_secs(20);

/// How long a reject or a hang-up is tried anew. After this the upstream ends the call by
/// itself: 30 s without media, or the end of its ring.
const SETTLE_PATIENCE: Duration = Duration::from_secs(30);

/// Longest time that this may take, the last try included.
const SETTLE_LIMIT: Duration = Duration::from_secs(60);

/// The kinds of tasks. One call has at most one of each under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Task {
    /// Accept with an agent's answer.
    Accept,
    /// Deliver an answer that was prepared while it rings.
    PreAccept,
    /// Initiate a call, or find out what became of that.
    Initiate,
    /// Look in the logs for what no webhook brought, or for a sign of life.
    LookUp,
    /// Reject or terminate.
    Settle,
}

/// What a task comes back with.
pub(super) struct Finished {
    /// For the switchboard, in this order.
    pub(super) news: Vec<UpstreamNews>,
    /// For whoever waits.
    pub(super) result: Result<(), Problem>,
}

/// What every task works with.
#[derive(Clone)]
pub(super) struct Tools {
    pub(super) upstream: Arc<dyn Upstream>,
    pub(super) memory: Arc<NameMemory>,
    pub(super) desk: mpsc::WeakSender<Request>,
}

impl Tools {
    /// Starts a task. The desk hears of its end, as long as there is a desk.
    pub(super) fn start(
        &self,
        call: CallId,
        task: Task,
        work: impl Future<Output = Finished> + Send + 'static,
    ) {
        let desk = self.desk.clone();
        let span = crate::logging::call_span(call.as_str());
        let run = async move {
            let finished = work.await;
            if let Some(desk) = desk.upgrade() {
                // A desk that has ended leaves this to the next one.
                let _ = desk.send(Request::Finished { call, task, finished }).await;
            }
        };
        tokio::spawn(run.instrument(span));
    }

    /// Tells the desk something before the end, and waits until it is kept.
    async fn tell(&self, call: &CallId, news: UpstreamNews) {
        let (reply, kept) = oneshot::channel();
        let Some(desk) = self.desk.upgrade() else { return };
        // A desk that has ended leaves this to the next one.
        let _ = desk.send(Request::News { call: call.clone(), news, reply }).await;
        drop(desk);
        let _ = kept.await;
    }

    async fn act(
        &self,
        names: &ActionNames,
        action: Action,
        sdp: Option<&str>,
        until: Instant,
    ) -> Result<Outcome, UpstreamError> {
        upstream::act(self.upstream.as_ref(), &self.memory, names, action, sdp, until).await
    }
}

/// An agent's answer on its way up.
pub(super) struct Answer {
    pub(super) names: ActionNames,
    pub(super) sdp: String,
    /// No accept of this call has gone up before, from here or from a relay that is gone.
    pub(super) is_first: bool,
    /// When the caller is gone, as far as is known.
    pub(super) expires: UnixMillis,
    /// Ends when the call does not wait for this answer any more.
    pub(super) wanted: Wanted,
}

/// Accepts with an agent's answer, for as long as the caller waits. Nothing goes before it:
/// `accept` carries the answer itself, and a `pre_accept` after the click would only put
/// another round trip in front of the sound (`cargo xtask bench answer` measures both).
pub(super) async fn accept(tools: Tools, answer: Answer) -> Finished {
    let Answer { names, sdp, is_first, expires, mut wanted } = answer;
    let until = Instant::now() + Duration::from_millis(expires.saturating_sub(clock::now()));
    let act = tokio::time::timeout(ACCEPT_LIMIT, tools.act(&names, Action::Accept, Some(&sdp), until));
    let accepted = tokio::select! {
        accepted = act => accepted,
        // The caller is gone, or the agent has hung up meanwhile.
        () = wanted.ended() => Ok(Ok(Outcome::AlreadyOver)),
    };
    match accepted {
        Ok(Ok(Outcome::Done)) => Finished { news: vec![UpstreamNews::AcceptTaken], result: Ok(()) },
        Ok(Ok(Outcome::AlreadyOver)) => accept_failed(AcceptFate::Over, over(&EndReason::Missed)),
        Ok(Err(error)) => {
            let is_open = !is_first || error.is_unknown();
            let fate = if is_open { AcceptFate::Unknown } else { AcceptFate::Refused };
            accept_failed(fate, Problem::from(error))
        }
        Err(_) => accept_failed(
            AcceptFate::Unknown,
            Problem::new(
                ProblemKind::UpstreamUnknown,
                504,
                "Vobiz did not answer in time",
                "The call could not be connected. Call the person back.",
            ),
        ),
    }
}

fn accept_failed(fate: AcceptFate, problem: Problem) -> Finished {
    Finished {
        news: vec![UpstreamNews::AcceptFailed { fate, failure: failure(&problem) }],
        result: Err(problem),
    }
}

/// Delivers an answer while it rings.
pub(super) async fn pre_accept(tools: Tools, names: ActionNames, sdp: String) -> Finished {
    let until = Instant::now() + PREPARED_PATIENCE;
    let act = tools.act(&names, Action::PreAccept, Some(&sdp), until);
    let acted = tokio::time::timeout(ACCEPT_LIMIT, act).await;
    let news = match acted.unwrap_or(Err(UpstreamError::Unknown(Uncertainty::Timeout))) {
        Ok(Outcome::Done) => UpstreamNews::AnswerDelivered { sdp },
        Ok(Outcome::AlreadyOver) => UpstreamNews::PrepareFailed { over: true },
        Err(error) => {
            tracing::warn!(%error, "an answer could not be delivered while it rang");
            UpstreamNews::PrepareFailed { over: false }
        }
    };
    Finished { news: vec![news], result: Ok(()) }
}

/// Calls somebody. Once: an unknown outcome is looked up, never tried again.
pub(super) async fn initiate(tools: Tools, call: CallId, request: InitiateRequest) -> Finished {
    let error = match tools.upstream.initiate(&request).await {
        Ok(response) => {
            return Finished { news: vec![UpstreamNews::InitiateTaken(response)], result: Ok(()) };
        }
        Err(error) => error,
    };
    let problem = Problem::from(&error);
    if !error.is_unknown() {
        return Finished {
            news: vec![UpstreamNews::InitiateRefused(failure(&problem))],
            result: Err(problem),
        };
    }
    tracing::warn!(%call, %error, "the outcome of an initiate is unknown; looking it up");
    tools.tell(&call, UpstreamNews::InitiateUncertain).await;
    find_initiate(tools, request.channel_id, request.to, problem).await
}

/// Finds out in the logs what became of an initiate.
pub(super) async fn find_initiate(tools: Tools, channel: Uuid, to: Number, problem: Problem) -> Finished {
    let looking = async {
        for pause in FIND_PAUSES {
            tokio::time::sleep(pause).await;
            match upstream::find_live_outbound(tools.upstream.as_ref(), channel, &to).await {
                Ok(Some(row)) => return Some(row),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the log could not be read"),
            }
        }
        None
    };
    match tokio::time::timeout(FIND_LIMIT, looking).await {
        Ok(Some(row)) => Finished { news: vec![UpstreamNews::Found(Box::new(row))], result: Ok(()) },
        Ok(None) | Err(_) => {
            Finished { news: vec![UpstreamNews::InitiateLost(failure(&problem))], result: Err(problem) }
        }
    }
}

/// What an agent reads whose call was cut off by a restart before its outcome was known.
pub(super) fn cut_off() -> Problem {
    Problem::new(
        ProblemKind::UpstreamUnknown,
        502,
        "The call was interrupted",
        "The softphone restarted while it was being set up. Call again.",
    )
}

/// Looks in the logs for what no webhook brought.
pub(super) async fn look_up(tools: Tools, names: ActionNames, to: Option<Number>) -> Finished {
    let upstream = tools.upstream.as_ref();
    let row = match (&names.initiated, &names.wacid, to) {
        (Some(id), _, _) => upstream::find_by_id(upstream, id, names.direction).await,
        (None, Some(wacid), _) => upstream::find_by_meta_id(upstream, wacid, names.direction).await,
        (None, None, Some(to)) => upstream::find_live_outbound(upstream, names.channel, &to).await,
        (None, None, None) => Ok(None),
    };
    let news = match row {
        Ok(Some(row)) => UpstreamNews::Found(Box::new(row)),
        Ok(None) => UpstreamNews::NotFound,
        Err(error) => {
            tracing::warn!(%error, "the log could not be read");
            UpstreamNews::NotFound
        }
    };
    Finished { news: vec![news], result: Ok(()) }
}

/// Rejects or terminates a call that is over here.
pub(super) async fn settle(tools: Tools, names: ActionNames, due: Due) -> Finished {
    let action = match due {
        Due::Reject => Action::Reject,
        Due::Terminate => Action::Terminate,
    };
    let until = Instant::now() + SETTLE_PATIENCE;
    let acted = tokio::time::timeout(SETTLE_LIMIT, tools.act(&names, action, None, until)).await;
    let (settled, result) = match acted.unwrap_or(Err(UpstreamError::Unknown(Uncertainty::Timeout))) {
        Ok(Outcome::Done) => (Settled::Done, Ok(())),
        Ok(Outcome::AlreadyOver) => (Settled::AlreadyOver, Ok(())),
        Err(error) => {
            tracing::warn!(%error, "a call that is over here could not be ended upstream");
            (Settled::GaveUp, Err(Problem::from(error)))
        }
    };
    Finished { news: vec![UpstreamNews::Settled(settled)], result }
}
