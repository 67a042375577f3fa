//! The desk: where commands of agents, webhooks and the upstream's answers meet the
//! switchboard, one after the other.
//!
//! One task owns the switchboard's state and is the only one that writes the journal
//! (`actor`). A command is decided, its facts are made durable, folded in and pushed to
//! the sockets, in this order. What facts call for upstream is done by tasks of their
//! own (`work`), which come back with news; so nothing ever waits for the upstream
//! while it holds the state.

mod actor;
mod attach;
mod error;
mod ledger;
mod lines;
mod names;
mod outcome;
mod overview;
mod problems;
mod push;
mod request;
mod snapshots;
#[cfg(test)]
mod tests;
mod upkeep;
mod waiting;
mod wanted;
mod warm;
mod work;

pub use attach::{Attachment, Resume};
pub use error::DeskError;
pub use names::Names;
pub use overview::Overview;
pub use snapshots::SNAPSHOT_EVERY;
pub use upkeep::JournalHealth;

use std::sync::Arc;
use std::time::Duration;

use switchboard::command::AgentWish;
use switchboard::refusal::Ignored;
use switchboard::settings::ACCEPT_WINDOW_MS;
use switchboard::{Command, Refusal, RelayId, Routing, WhenNobody};
use tokio::sync::{mpsc, oneshot, watch};
use vobiz::channel::Channel;
use vobiz::event::Envelope;
use vobiz::rest::{Action, ActionResponse, InitiateResponse};
use vobiz::sdp::{self, Part};
use vobiz::{Number, Uuid};
use wire::{AgentName, CallId, CallQuality, Problem, ProblemKind};

use crate::journal::{DEFAULT_KEEP, Journal};
use crate::upstream::Upstream;
use actor::Actor;
use request::Request;

/// Most requests that wait for the desk. Who comes later waits to be let in.
const QUEUE: usize = 1_024;

/// How long a webhook waits for the upstream's channel list, which says whether it
/// concerns us. It matters only in the moments after the start; a delivery that fails
/// comes again.
const CHANNELS_WAIT: Duration = Duration::from_secs(3);

/// What the desk is told about its surroundings.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    /// The configured business channels; calls of others are not taken.
    pub channels: Vec<Uuid>,
    /// How long an inbound call may ring, in milliseconds.
    pub accept_window_ms: u64,
    /// Who rings.
    pub routing: Routing,
    /// What becomes of a caller for whom nobody is left.
    pub when_nobody: WhenNobody,
    /// How long an agent has for the work after a conversation, in milliseconds; 0 for
    /// none.
    pub wrap_up_ms: u64,
    /// The name of this run of the relay, where several share the journal.
    pub relay: Option<RelayId>,
    /// How long facts are kept.
    pub keep: Duration,
    /// Records after which a snapshot is kept, so that a start reads no more than about that
    /// many.
    pub snapshot_every: u64,
    /// The agents' display names.
    pub names: Names,
}

impl DeskSettings {
    /// Settings with the upstream's own accept window and the usual retention.
    pub fn new(channels: Vec<Uuid>, names: Names) -> Self {
        Self {
            channels,
            accept_window_ms: ACCEPT_WINDOW_MS,
            routing: Routing::default(),
            when_nobody: WhenNobody::default(),
            wrap_up_ms: 0,
            relay: None,
            keep: DEFAULT_KEEP,
            snapshot_every: SNAPSHOT_EVERY,
            names,
        }
    }
}

/// A handle to the desk. Clones are cheap and all the same; the desk ends when the last
/// one is gone.
#[derive(Clone)]
pub struct Desk {
    requests: mpsc::Sender<Request>,
    channels: Arc<[Uuid]>,
    channels_known: watch::Receiver<bool>,
    epoch: Arc<str>,
    journal: watch::Receiver<JournalHealth>,
}

impl Desk {
    /// Reads the journal, from its snapshot on, and takes up what a relay before this one left undone.
    ///
    /// # Errors
    ///
    /// When the journal can't be read or written.
    pub async fn open(
        journal: Arc<dyn Journal>,
        upstream: Arc<dyn Upstream>,
        settings: DeskSettings,
    ) -> Result<Self, DeskError> {
        let (requests, queue) = mpsc::channel(QUEUE);
        let (known, channels_known) = watch::channel(false);
        let epoch = Arc::from(journal.epoch());
        let channels = Arc::from(settings.channels.as_slice());
        let (actor, journal) = Actor::open(journal, upstream, settings, requests.downgrade(), known).await?;
        tokio::spawn(actor.run(queue));
        Ok(Self { requests, channels, channels_known, epoch, journal })
    }

    /// The numbering that events' positions belong to.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// What the upstream told of the configured channels: which of Meta's numbers each
    /// is. Webhooks can be placed from now on.
    ///
    /// # Errors
    ///
    /// When the desk has ended.
    pub async fn learn_channels(&self, channels: Vec<Channel>) -> Result<(), DeskError> {
        self.ask(|reply| Request::Channels { channels, reply }).await
    }

    /// Takes in a webhook whose signature was checked. When this returns `Ok`, what it
    /// says is durable, or known already, or does not concern us.
    ///
    /// # Errors
    ///
    /// When it can't be kept or placed now; it should be delivered again.
    pub async fn webhook(&self, envelope: Envelope) -> Result<(), DeskError> {
        if !envelope.event_type.is_call() {
            return Ok(());
        }
        let signals = envelope.signals();
        if !signals.is_empty() {
            let mut known = self.channels_known.clone();
            let waited = tokio::time::timeout(CHANNELS_WAIT, known.wait_for(|known| *known)).await;
            waited.map_err(|_| DeskError::ChannelsUnknown)?.map_err(|_| DeskError::Closed)?;
        }
        for (place, signal) in signals.into_iter().enumerate() {
            let event = format!("{}#{place}", envelope.event_id);
            match self.command(Command::Webhook { event, signal }).await? {
                Ok(()) => {}
                Err(Refusal::TooMany) => return Err(DeskError::TooMany),
                // Ordinary once; when it goes on, something is set up wrongly.
                Err(refusal @ Refusal::Ignored(Ignored::NotOurLine | Ignored::NoOffer | Ignored::Stale)) => {
                    tracing::warn!(event = envelope.event_id, %refusal, "webhook without effect");
                }
                Err(refusal) => {
                    tracing::debug!(event = envelope.event_id, %refusal, "webhook without effect");
                }
            }
        }
        Ok(())
    }

    /// Calls somebody, at most once for each `attempt`. A repetition gets the answer of
    /// the first request.
    ///
    /// # Errors
    ///
    /// A problem in an agent's words.
    pub async fn initiate(
        &self,
        agent: &AgentName,
        attempt: String,
        channel: Uuid,
        to: Number,
        sdp_offer: String,
    ) -> Result<InitiateResponse, Problem> {
        if !self.channels.contains(&channel) {
            return Err(Problem::invalid_field("channel_id", "names a channel that is not configured"));
        }
        sdp::check(&sdp_offer, Part::Offer)
            .map_err(|error| Problem::invalid_field("sdp_offer", error.to_string()))?;
        let (agent, attempt) = (agent.clone(), CallId(attempt));
        self.ask(|reply| Request::Dial { agent, attempt, channel, to, sdp_offer, reply }).await?
    }

    /// Accepts, rejects or terminates a call, which goes by any of its names.
    ///
    /// # Errors
    ///
    /// A problem in an agent's words: another agent has the call, it is over, upstream
    /// refused.
    pub async fn action(
        &self,
        agent: &AgentName,
        call_ref: &str,
        action: Action,
        sdp: Option<String>,
    ) -> Result<ActionResponse, Problem> {
        let call = call_ref.to_owned();
        let wish = match action {
            Action::Accept => {
                let sdp = sdp
                    .ok_or_else(|| Problem::invalid_field("sdp", "is missing; accept needs an SDP answer"))?;
                sdp::check(&sdp, Part::Answer)
                    .map_err(|error| Problem::invalid_field("sdp", error.to_string()))?;
                AgentWish::Accept { call, sdp }
            }
            Action::Reject => AgentWish::Decline { call },
            Action::Terminate => AgentWish::Terminate { call },
            Action::PreAccept => {
                return Err(Problem::invalid_field(
                    "action",
                    "is pre_accept, which the relay does by itself; send accept",
                ));
            }
            Action::Other(_) => return Err(unknown_action()),
            // The kinds of tomorrow.
            _ => return Err(unknown_action()),
        };
        let agent = agent.clone();
        self.ask(|reply| Request::Act { agent, wish, reply }).await??;
        Ok(ActionResponse { call_id: call_ref.to_owned(), action, success: true })
    }

    /// The agent takes calls, or takes none. Remembered until it is said otherwise.
    ///
    /// # Errors
    ///
    /// When it can't be kept.
    pub async fn set_available(&self, agent: &AgentName, available: bool) -> Result<(), DeskError> {
        self.wish(agent, AgentWish::Available(available)).await
    }

    /// The agent's page shows a ring. News of a call that is gone is no error.
    pub async fn ring_ack(&self, agent: &AgentName, call: &CallId, audible: bool) {
        if let Err(error) = self.wish(agent, AgentWish::RingShown { call: call.0.clone(), audible }).await {
            tracing::warn!(%call, %error, "a shown ring could not be noted");
        }
    }

    /// How the line of the agent's call was. Kept with the call; news of one that is gone is
    /// no error.
    pub async fn report(&self, agent: &AgentName, call: &CallId, quality: CallQuality) {
        if let Err(error) = self.wish(agent, AgentWish::Report { call: call.0.clone(), quality }).await {
            tracing::warn!(%call, %error, "how the line of a call was could not be kept");
        }
    }

    /// The agent is done with the work after a call.
    ///
    /// # Errors
    ///
    /// When it can't be kept.
    pub async fn ready(&self, agent: &AgentName) -> Result<(), DeskError> {
        self.wish(agent, AgentWish::Ready).await
    }

    /// The agent's page has its answer ready while it rings. A help only: an answer that
    /// comes too late or is none is left aside.
    pub async fn prepared(&self, agent: &AgentName, call: &CallId, sdp: String) {
        if let Err(error) = sdp::check(&sdp, Part::Answer) {
            tracing::warn!(%call, %error, "a prepared answer is none");
            return;
        }
        if let Err(error) = self.wish(agent, AgentWish::Prepared { call: call.0.clone(), sdp }).await {
            tracing::warn!(%call, %error, "a prepared answer could not be noted");
        }
    }

    /// Attaches a socket of an agent, who can be reached for as long as at least one is
    /// attached. Gives what the page missed, or a snapshot, and what happens from then
    /// on. Dropping the attachment detaches it.
    ///
    /// # Errors
    ///
    /// When the desk has ended.
    pub async fn attach(&self, agent: &AgentName, resume: Option<Resume>) -> Result<Attachment, DeskError> {
        let agent = agent.clone();
        self.ask(|reply| Request::Attach { agent, resume, reply }).await
    }

    /// All calls and agents, for supervisors.
    ///
    /// # Errors
    ///
    /// When the desk has ended.
    pub async fn overview(&self) -> Result<Overview, DeskError> {
        self.ask(|reply| Request::Overview { reply }).await
    }

    /// Whether the desk can do its work: its journal can be written.
    ///
    /// # Errors
    ///
    /// What keeps it from that.
    pub async fn health(&self) -> Result<(), DeskError> {
        self.ask(|reply| Request::Health { reply }).await?
    }

    /// How far the desk has read the journal, as of a few seconds ago.
    pub fn journal(&self) -> JournalHealth {
        self.journal.borrow().clone()
    }

    /// Ends the desk and its journal, whatever other handles there are. What is under
    /// way upstream is taken up by the next one.
    pub async fn close(&self) {
        // Whatever hinders it, the desk is closed then.
        let _ = self.ask(|reply| Request::Close { reply }).await;
    }

    async fn wish(&self, agent: &AgentName, wish: AgentWish) -> Result<(), DeskError> {
        match self.command(Command::Agent { agent: agent.clone(), wish }).await? {
            Ok(()) => Ok(()),
            Err(refusal) => {
                tracing::debug!(agent = agent.as_str(), %refusal, "wish without effect");
                Ok(())
            }
        }
    }

    async fn command(&self, command: Command) -> Result<Result<(), Refusal>, DeskError> {
        self.ask(|reply| Request::Command { command, reply }).await?
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, DeskError> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(request(reply)).await.map_err(|_| DeskError::Closed)?;
        answer.await.map_err(|_| DeskError::Closed)
    }
}

fn unknown_action() -> Problem {
    Problem::invalid_field("action", "must be accept, reject or terminate")
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let (title, detail) = match error {
            DeskError::Journal(_) => (
                "The softphone can't record calls at the moment",
                "New calls are not possible until that is repaired; tell your administrator. A call that is going on is not affected.",
            ),
            DeskError::ChannelsUnknown => (
                "The softphone does not know its business numbers yet",
                "Vobiz has not answered yet. Try again in a moment.",
            ),
            DeskError::TooMany => {
                ("There are too many calls at once", "Try again when some of them have ended.")
            }
            DeskError::Closed => ("The softphone is restarting", "Try again in a moment."),
        };
        Self::new(ProblemKind::Unavailable, 503, title, detail)
    }
}
