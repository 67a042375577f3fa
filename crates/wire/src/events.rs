//! The frames of the socket `GET /api/events`.
//!
//! An event's `seq` is its position in the relay's journal. A page that was away
//! comes back with the last `seq` it saw and gets what it missed, or a snapshot.
//!
//! Enums are tagged from outside (`{"ping":{"nonce":7}}`, `"signed_out"`): the page
//! then reads them in one pass. A tag inside the object would make serde buffer each
//! object first, which costs the page a tenth of its weight.

use serde::{Deserialize, Serialize};

use crate::UnixMillis;
use crate::call::{CallId, Direction, EndReason, Party};

/// Relay to page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Downlink {
    /// All that this agent needs to know; replaces whatever the page knew. The first
    /// frame, unless what was missed could be replayed.
    Snapshot {
        /// Journal position that the snapshot includes.
        seq: u64,
        /// The relay's clock when it was sent, to place its other times.
        now: UnixMillis,
        /// Whether the agent takes calls.
        available: bool,
        /// Calls that ring for this agent or are this agent's.
        calls: Vec<CallSnapshot>,
    },
    /// The first frame when what was missed is replayed: the `event`s follow.
    Resumed {
        /// The relay's clock when it was sent.
        now: UnixMillis,
        /// Whether the agent takes calls.
        available: bool,
    },
    /// One thing that happened to a call.
    Event {
        /// Journal position.
        seq: u64,
        /// When it happened, by the relay's clock.
        at: UnixMillis,
        /// Which call.
        call: CallId,
        /// What happened.
        event: CallEvent,
    },
    /// Whether the agent takes calls, after a change from any tab.
    Presence {
        /// Takes calls.
        available: bool,
    },
    /// The agent has work to do after a call, and rings only when nobody else is there.
    /// Ends by itself, by [`Uplink::Ready`] or by [`Uplink::Available`]. Sent only where
    /// the operator gives time for it.
    WrapUp {
        /// When it ends by itself, by the relay's clock.
        until: UnixMillis,
    },
    /// Are you there? Answered by [`Uplink::Pong`].
    Ping {
        /// To be sent back.
        nonce: u64,
    },
    /// The session is over; the page has to sign in again. A live call goes on.
    SignedOut,
}

/// Page to relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uplink {
    /// Answer to [`Downlink::Ping`].
    Pong {
        /// The ping's.
        nonce: u64,
    },
    /// The agent takes calls, or takes none.
    Available {
        /// Takes calls.
        available: bool,
    },
    /// The page has its SDP answer for this ring ready. Optional, and a help only: where
    /// no other agent could take the call, the relay hands the answer to upstream
    /// (pre-accept) while it still rings, and tells that by
    /// [`CallEvent::AnswerDelivered`]. The page then sets its local description, so that
    /// the connection stands before the click, still without sending media, and accepts
    /// with the identical description. From then on no other agent, and no reloaded page,
    /// can answer this call.
    Prepared {
        /// Which call.
        call: CallId,
        /// The answer, as it will be in the accept.
        sdp: String,
    },
    /// The agent takes this call. Optional, and a help only: the page says the same by its
    /// request, which takes a browser some milliseconds longer, and learns from its reply
    /// what came of it. Frame and request with the same answer are one accept.
    Accept {
        /// Which call.
        call: CallId,
        /// The answer, as in the request.
        sdp: String,
    },
    /// The agent is done with the work after a call.
    Ready,
    /// The page shows this ring.
    RingAck {
        /// Which call.
        call: CallId,
        /// Whether it can also be heard.
        audible: bool,
    },
    /// How the line of a call was, once it is over for this page.
    CallReport {
        /// Which call.
        call: CallId,
        /// How it was.
        quality: CallQuality,
    },
}

/// How the line of a whole call was, as the agent's browser counted it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallQuality {
    /// Seconds that were measured.
    pub seconds: u32,
    /// Mean of the estimated mean opinion score (ITU-T G.107), in tenths.
    pub mos_tenths: u32,
    /// The worst second's.
    pub lowest_mos_tenths: u32,
    /// Mean time there and back again, in milliseconds.
    pub round_trip_ms: u32,
    /// Mean jitter of what came in, in milliseconds.
    pub jitter_ms: u32,
    /// What was lost of what came in, in thousandths.
    pub loss_permille: u32,
    /// The agent's sound was sent.
    pub was_heard: bool,
    /// The far end's sound came in.
    pub heard: bool,
}

/// What happened to a call, as far as it concerns the agent it is sent to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEvent {
    /// An inbound call rings for this agent.
    Ringing {
        /// Who calls.
        from: Party,
        /// The business' number that was called, E.164.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The caller's SDP offer.
        offer: String,
        /// When it began to ring.
        since: UnixMillis,
        /// When the ring dies by itself.
        expires: UnixMillis,
    },
    /// It no longer rings for this agent, who declined it.
    DeclinedHere,
    /// It no longer rings for this agent, for now: others are asked, or the agent takes no
    /// calls. [`CallEvent::Ringing`] says when it rings here again.
    Silenced,
    /// It no longer rings for this agent: another one has it.
    AnsweredElsewhere {
        /// The other agent's display name.
        by: String,
    },
    /// This agent has the call (perhaps from another tab).
    Claimed,
    /// Upstream took the answer SDP ahead of the accept (pre-accept): the far end knows it
    /// from now on.
    AnswerDelivered,
    /// An outbound call was asked for.
    Dialing {
        /// Who is called.
        to: Party,
    },
    /// Upstream took the initiate.
    Initiated,
    /// The far end's SDP answer to an outbound call: the tunnel can be built.
    /// Not yet a pick-up.
    Answer {
        /// The SDP answer.
        sdp: String,
    },
    /// The far end rings.
    FarEndRinging,
    /// The call is answered: inbound accept confirmed, or the far end picked up.
    Accepted,
    /// The call is over.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

/// How far a call is, in a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Rings for this agent.
    Ringing {
        /// The caller's SDP offer.
        offer: String,
        /// When the ring dies by itself.
        expires: UnixMillis,
    },
    /// This agent has claimed it; upstream has not confirmed the accept yet.
    Answering,
    /// This agent calls; nothing heard yet.
    Dialing,
    /// The far end rings.
    FarEndRinging,
    /// This agent talks.
    Accepted {
        /// Since when.
        at: UnixMillis,
    },
}

/// A call in a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallSnapshot {
    /// Which call.
    pub call: CallId,
    /// Who called whom.
    pub direction: Direction,
    /// The person at the far end.
    pub party: Party,
    /// The business' number, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business: Option<String>,
    /// When it began.
    pub since: UnixMillis,
    /// How far it is.
    pub stage: Stage,
    /// The far end's SDP answer to an outbound call, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}
