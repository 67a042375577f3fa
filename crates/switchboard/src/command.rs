//! What the switchboard is asked, grouped by who asks.

use vobiz::{Number, Uuid, log::CallLog, meta::Signal, rest::InitiateResponse};
use wire::{AgentName, CallId};

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
    /// The page shows a ring.
    RingShown {
        /// Which call.
        call: String,
        /// Whether it can be heard.
        audible: bool,
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
    /// The pre-accept was taken.
    AnswerDelivered,
    /// The accept was taken.
    AcceptTaken,
    /// The answer was refused, or it is certain that the call is over.
    AcceptFailed {
        /// The caller is gone: nothing broke.
        over: bool,
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
