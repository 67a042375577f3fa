//! One call.
//!
//! Acceptance and transport are two axes. The state says how far the call is as the
//! far end and the relay see it; the [`Path`] that a state carries says how far the
//! media is. An outbound call has its path long before it is [`State::Live`]; an
//! inbound one is live before its path is up.
//!
//! A state carries exactly what is true in it. A path that no state carries any more
//! is closed by [`crate::levels`].

pub(crate) mod actions;
pub(crate) mod deadlines;
pub(crate) mod end;
pub(crate) mod events;
pub(crate) mod peers;
pub(crate) mod posts;
pub(crate) mod reconcile;

use wire::{CallId, Direction, Party, UnixMillis};

use crate::event::{PeerId, TransportEvent};
use crate::few::Few;
use crate::phone::Ignored;
use crate::view::{EndedWhy, KeysView, Voice};

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) direction: Direction,
    pub(crate) party: Party,
    /// When it began, by this browser's clock.
    pub(crate) since: UnixMillis,
    pub(crate) state: State,
}

/// How far a call is.
#[derive(Debug)]
pub(crate) enum State {
    /// Inbound, rings here. The answer is being prepared.
    Ringing(Ringing),
    /// Inbound, the agent pressed Accept. Nothing is posted yet: the microphone or
    /// the answer is still awaited.
    Answering(Ringing),
    /// Inbound, the accept is posted.
    Accepting(Accepting),
    /// Outbound, the agent pressed Call. Nothing is posted yet.
    Preparing(Preparing),
    /// Outbound, the initiate is posted.
    Dialing(Dialing),
    /// Answered: both ends know it.
    Live(Live),
    /// This agent's, but in another tab or window.
    Elsewhere,
    /// Over for the agent; the relay has not confirmed it yet.
    Ending { farewell: Farewell, post: Post, over: Over },
    /// Over.
    Ended(Over),
}

/// A call that rings.
#[derive(Debug, Clone)]
pub(crate) struct Ringing {
    /// The caller's SDP offer.
    pub(crate) offer: String,
    /// When the ring dies by itself, by this browser's clock.
    pub(crate) expires: UnixMillis,
    /// Where the answer is being prepared; none when that failed, or when too many
    /// ring at once.
    pub(crate) path: Option<Path>,
    pub(crate) pointer: Pointer,
}

impl Ringing {
    /// It rings on after a click that came to nothing; the pointer means nothing any more.
    pub(crate) fn again(&self) -> Self {
        Self { pointer: Pointer::Elsewhere, ..self.clone() }
    }
}

/// Where the pointer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pointer {
    /// Not on Accept.
    Elsewhere,
    /// On Accept; it may only be passing.
    Came {
        /// Since when.
        since: UnixMillis,
    },
    /// It rests on Accept: a click is to be expected.
    Rests,
}

/// A call whose accept is posted.
#[derive(Debug)]
pub(crate) struct Accepting {
    /// When the ring dies, by this browser's clock: no repetition makes sense after it.
    pub(crate) expires: UnixMillis,
    pub(crate) path: Path,
    /// The answer as it was posted: every repetition must carry the same.
    pub(crate) sdp: String,
    pub(crate) post: Post,
}

/// A call that is about to be made.
#[derive(Debug)]
pub(crate) struct Preparing {
    /// E.164.
    pub(crate) to: String,
    pub(crate) path: Path,
}

/// A call that is being made.
#[derive(Debug)]
pub(crate) struct Dialing {
    pub(crate) to: String,
    pub(crate) path: Path,
    /// The offer as it was posted.
    pub(crate) sdp: String,
    pub(crate) post: Post,
    pub(crate) progress: Progress,
}

/// How far an outbound call is known to be. Only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// Nothing is heard of it yet.
    Asked,
    /// Upstream took it.
    Initiated,
    /// The far end rings.
    Ringing,
}

/// A call that is answered.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) path: Path,
    /// When it was answered, by this browser's clock.
    pub(crate) since: UnixMillis,
    pub(crate) voice: Voice,
    pub(crate) keys: KeysView,
}

/// A peer connection as the machine knows it.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) peer: PeerId,
    /// Its own description, once it is made.
    pub(crate) own: Option<String>,
    pub(crate) ice: Ice,
    pub(crate) transport: Transport,
}

impl Path {
    pub(crate) fn new(peer: PeerId) -> Self {
        Self { peer, own: None, ice: Ice::Held, transport: Transport::New }
    }
}

/// Whether the browser may send its checks. It may not before the far end knows
/// our description: they would back off and expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ice {
    /// Not yet.
    Held,
    /// The description that starts them was ordered to be set.
    Begun,
}

/// How the transport does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Nothing happened yet, or it is at work.
    New,
    /// Media can flow.
    Connected,
    /// The path is lost and may come back.
    Disconnected { since: UnixMillis },
    /// The far end closed it.
    Closed { since: UnixMillis },
}

impl Transport {
    /// After an event that leaves the connection of some use.
    pub(crate) fn after(self, event: TransportEvent, now: UnixMillis) -> Self {
        match (event, self) {
            // What is closed stays closed, whatever is reported late.
            (_, Self::Closed { .. }) => self,
            (TransportEvent::Connecting, Self::New) => Self::New,
            (TransportEvent::Connecting, Self::Disconnected { .. }) => self,
            (TransportEvent::Connecting, Self::Connected) => Self::Disconnected { since: now },
            (TransportEvent::Connected, _) => Self::Connected,
            (TransportEvent::Disconnected | TransportEvent::Failed, Self::Disconnected { .. }) => self,
            (TransportEvent::Disconnected | TransportEvent::Failed, _) => Self::Disconnected { since: now },
            (TransportEvent::Closed, _) => Self::Closed { since: now },
        }
    }
}

/// A request to the relay that is repeated while the relay can't be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    /// On its way.
    Sent { tries: u32 },
    /// To be sent again.
    Due { tries: u32, at: UnixMillis },
    /// Answered.
    Done,
}

/// How the relay is told that a call is over for this agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// The call ends for all.
    Terminate,
    /// This agent declines; it may ring on for others.
    Reject,
}

/// A call that is over.
#[derive(Debug, Clone)]
pub(crate) struct Over {
    pub(crate) at: UnixMillis,
    pub(crate) why: EndedWhy,
    /// Whether the relay has said that it is over for everybody.
    pub(crate) for_all: bool,
    /// Talk time in milliseconds.
    pub(crate) talk: Option<u64>,
    pub(crate) card: Card,
}

/// Whether the end is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Card {
    /// For some seconds.
    Shown,
    /// Nothing worth saying, or said long enough.
    Hidden,
}

impl State {
    /// The path that this state keeps open.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Ringing(ring) | Self::Answering(ring) => ring.path.as_ref(),
            Self::Accepting(accepting) => Some(&accepting.path),
            Self::Preparing(preparing) => Some(&preparing.path),
            Self::Dialing(dialing) => Some(&dialing.path),
            Self::Live(live) => Some(&live.path),
            Self::Elsewhere | Self::Ending { .. } | Self::Ended(_) => None,
        }
    }

    /// The same, to change it.
    pub(crate) fn path_mut(&mut self) -> Option<&mut Path> {
        match self {
            Self::Ringing(ring) | Self::Answering(ring) => ring.path.as_mut(),
            Self::Accepting(accepting) => Some(&mut accepting.path),
            Self::Preparing(preparing) => Some(&mut preparing.path),
            Self::Dialing(dialing) => Some(&mut dialing.path),
            Self::Live(live) => Some(&mut live.path),
            Self::Elsewhere | Self::Ending { .. } | Self::Ended(_) => None,
        }
    }

    /// The ring, while it rings or has just been clicked.
    pub(crate) fn ringing(&mut self) -> Result<&mut Ringing, Ignored> {
        match self {
            Self::Ringing(ring) | Self::Answering(ring) => Ok(ring),
            Self::Accepting(_)
            | Self::Preparing(_)
            | Self::Dialing(_)
            | Self::Live(_)
            | Self::Elsewhere
            | Self::Ending { .. }
            | Self::Ended(_) => Err(Ignored::because("it does not ring")),
        }
    }

    /// The talk.
    pub(crate) fn live(&mut self) -> Result<&mut Live, Ignored> {
        if let Self::Live(live) = self { Ok(live) } else { Err(Ignored::because("it is not live")) }
    }

    /// Whether it is the agent's to talk on: the microphone is wanted, and the ear,
    /// unless it waits on hold.
    pub(crate) fn takes_the_ear(&self) -> bool {
        match self {
            Self::Answering(_)
            | Self::Accepting(_)
            | Self::Preparing(_)
            | Self::Dialing(_)
            | Self::Live(_) => true,
            Self::Ringing(_) | Self::Elsewhere | Self::Ending { .. } | Self::Ended(_) => false,
        }
    }

    /// Whether the relay knows it as this tab's: what has to be ended when the tab goes.
    pub(crate) fn is_held(&self) -> bool {
        match self {
            Self::Accepting(_) | Self::Dialing(_) | Self::Live(_) | Self::Ending { .. } => true,
            Self::Ringing(_) | Self::Answering(_) | Self::Preparing(_) | Self::Elsewhere | Self::Ended(_) => {
                false
            }
        }
    }

    /// How it ended, if it did.
    pub(crate) fn over(&self) -> Option<&Over> {
        match self {
            Self::Ending { over, .. } | Self::Ended(over) => Some(over),
            Self::Ringing(_)
            | Self::Answering(_)
            | Self::Accepting(_)
            | Self::Preparing(_)
            | Self::Dialing(_)
            | Self::Live(_)
            | Self::Elsewhere => None,
        }
    }

    /// Whether another agent was faster. Should that agent's answer be refused, it rings
    /// again.
    pub(crate) fn was_lost_to_another(&self) -> bool {
        matches!(self, Self::Ended(Over { why: EndedWhy::AnsweredElsewhere { .. }, for_all: false, .. }))
    }
}

/// Who a call is with, as it is shown.
pub(crate) fn who(party: &Party) -> crate::view::Who {
    crate::view::Who { name: party.name.clone(), number: party.number.as_deref().map(crate::number::grouped) }
}

/// The call that an event is about.
pub(crate) fn known<'a>(calls: &'a mut Few<CallId, Call>, id: &CallId) -> Result<&'a mut Call, Ignored> {
    calls.get_mut(id).ok_or(Ignored::because("there is no such call"))
}

/// The call a peer connection belongs to, if it still uses this very one.
pub(crate) fn of_peer<'a>(calls: &'a mut Few<CallId, Call>, peer: &PeerId) -> Option<&'a mut Call> {
    let call = calls.get_mut(&peer.call)?;
    (call.state.path()?.peer == *peer).then_some(call)
}
