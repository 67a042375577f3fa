//! What the desk's task is asked, by handles and by its own workers.

use switchboard::command::{AgentWish, UpstreamNews};
use switchboard::{Command, Refusal};
use tokio::sync::oneshot;
use tracing::Span;
use vobiz::channel::Channel;
use vobiz::rest::InitiateResponse;
use vobiz::{Number, Uuid};
use wire::{AgentName, CallId, Problem};

use super::attach::{Attachment, Resume, SocketId};
use super::error::DeskError;
use super::overview::Overview;
use super::work::{Finished, Task};
use crate::logging::call_span;

/// Who waits for an action.
pub(super) type ActReply = oneshot::Sender<Result<(), Problem>>;
/// Who waits for an initiate.
pub(super) type DialReply = oneshot::Sender<Result<InitiateResponse, Problem>>;

/// One request of the desk's task.
pub(super) enum Request {
    /// Decide, and say what came of it.
    Command { command: Command, reply: oneshot::Sender<Result<Result<(), Refusal>, DeskError>> },
    /// An agent's action on a call, answered when upstream has answered.
    Act { agent: AgentName, wish: AgentWish, reply: ActReply },
    /// An agent calls somebody.
    Dial { agent: AgentName, attempt: CallId, channel: Uuid, to: Number, sdp_offer: String, reply: DialReply },
    /// A worker has news before it is done.
    News { call: CallId, news: UpstreamNews, reply: oneshot::Sender<()> },
    /// A worker is done.
    Finished { call: CallId, task: Task, finished: Finished },
    /// The upstream told of channels.
    Channels { channels: Vec<Channel>, reply: oneshot::Sender<()> },
    /// A socket comes.
    Attach { agent: AgentName, resume: Option<Resume>, reply: oneshot::Sender<Attachment> },
    /// A socket has gone; excused, if the relay closed it because the session had run out.
    Detach { agent: AgentName, socket: SocketId, excused: bool },
    /// How does everything stand?
    Overview { reply: oneshot::Sender<Overview> },
    /// There is something in the journal that the desk may not have read.
    CatchUp,
    /// Can the journal be written?
    Health { reply: oneshot::Sender<Result<(), DeskError>> },
    /// End.
    Close { reply: oneshot::Sender<()> },
}

impl Request {
    /// What every line that is logged about the request says of its call.
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Command { command, .. } => of_command(command),
            Self::Act { wish, .. } => of_wish(wish),
            Self::Dial { attempt, .. } => call_span(attempt.as_str()),
            Self::News { call, .. } | Self::Finished { call, .. } => call_span(call.as_str()),
            Self::Channels { .. }
            | Self::Attach { .. }
            | Self::Detach { .. }
            | Self::Overview { .. }
            | Self::CatchUp
            | Self::Health { .. }
            | Self::Close { .. } => Span::none(),
        }
    }
}

fn of_command(command: &Command) -> Span {
    match command {
        Command::Agent { wish, .. } => of_wish(wish),
        Command::Webhook { signal, .. } => signal.call_id().map_or_else(Span::none, call_span),
        Command::Upstream { call, .. } => call_span(call.as_str()),
        Command::Relay(_) | Command::Clock => Span::none(),
    }
}

fn of_wish(wish: &AgentWish) -> Span {
    match wish {
        AgentWish::RingShown { call, .. }
        | AgentWish::Report { call, .. }
        | AgentWish::Prepared { call, .. }
        | AgentWish::Accept { call, .. }
        | AgentWish::Decline { call }
        | AgentWish::Terminate { call } => call_span(call),
        AgentWish::Dial { attempt, .. } => call_span(attempt.as_str()),
        AgentWish::Available(_) | AgentWish::Reachable(_) | AgentWish::Excused | AgentWish::Ready => {
            Span::none()
        }
    }
}
