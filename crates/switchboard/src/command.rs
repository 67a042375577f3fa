//! What the switchboard is asked, grouped by who asks.

use vobiz::{Number, Uuid, log::CallLog, meta::Signal, rest::InitiateResponse};
use wire::{AgentName, CallId, CallQuality};

use crate::fact::{Failure, Outcome};

/// A question to [`decide`](crate::decide()).
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// From an agent.
    Agent {
        /// Who.
        agent: AgentName,
        /// What they want.
        wish: AgentWish,
    },
    /// From a webhook.
    Webhook {
        /// Key of this delivery: the event's id and the signal's place in it.
        event: String,
        /// What it says.
        signal: Signal,
    },
    /// From the work that [`pending`](crate::pending()) asked for.
    Upstream {
        /// Which call it was about.
        call: CallId,
        /// What came of it.
        news: UpstreamNews,
    },
    /// From this relay, where several share a journal.
    Relay(RelayWish),
    /// Time went by.
    Clock,
}

/// What an agent wants. `call` is any name of a call: ours, Meta's or Vobiz'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentWish {
    /// Take calls, or take none.
    Available(bool),
    /// The first socket came, or the last one went.
    Reachable(bool),
    /// The last socket was closed by the relay because the session had run out; a call
    /// that is going on goes on.
    Excused,
    /// Done with the work after a call.
    Ready,
    /// The page shows a ring.
    RingShown {
        /// Which call.
        call: String,
        /// Whether it can be heard.
        audible: bool,
    },
    /// How the line of the agent's call was, as the page counted it.
    Report {
        /// Which call.
        call: String,
        /// How it was.
        quality: CallQuality,
    },
    /// The page has its answer ready while it rings.
    Prepared {
        /// Which call.
        call: String,
        /// The page's SDP answer.
        sdp: String,
    },
    /// Answer.
    Accept {
        /// Which call.
        call: String,
        /// The page's SDP answer.
        sdp: String,
    },
    /// Not me.
    Decline {
        /// Which call.
        call: String,
    },
    /// Hang up.
    Terminate {
        /// Which call.
        call: String,
    },
    /// Call somebody.
    Dial {
        /// The page's key of this attempt; becomes the call's name.
        attempt: CallId,
        /// The business channel.
        channel: Uuid,
        /// Whom.
        to: Number,
    },
}

/// What came of a request of the upstream.
#[derive(Debug, Clone, PartialEq)]
pub enum UpstreamNews {
    /// The pre-accept with this answer was taken.
    AnswerDelivered {
        /// The answer.
        sdp: String,
    },
    /// The pre-accept of an answer that was prepared while it rang was refused, or what
    /// became of it is not known.
    PrepareFailed {
        /// The caller is gone.
        over: bool,
    },
    /// The accept was taken.
    AcceptTaken,
    /// The answer was not taken.
    AcceptFailed {
        /// What that says about the call.
        fate: AcceptFate,
        /// What to tell.
        failure: Failure,
    },
    /// The initiate was taken.
    InitiateTaken(InitiateResponse),
    /// The initiate was refused: there is no call.
    InitiateRefused(Failure),
    /// What became of the initiate is not known.
    InitiateUncertain,
    /// The logs have been asked for an outbound call, and this is its row.
    Found(Box<CallLog>),
    /// The logs have been asked for an outbound call and know of none.
    NotFound,
    /// The initiate's outcome can't be found out within the bound of tries.
    InitiateLost(Failure),
    /// What was due is settled.
    Settled(Outcome),
}

/// What it says about a call that an accept failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptFate {
    /// The caller is gone: nothing broke.
    Over,
    /// Upstream refused the answer, and the caller still waits.
    Refused,
    /// Not known.
    Unknown,
}

/// What a relay says of itself, where several share a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayWish {
    /// It is there, and will be for a while.
    Alive,
    /// It stops: others need not wait until it is missed.
    Leaving,
}
