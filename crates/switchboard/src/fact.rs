//! What happened. Facts are kept for weeks and read by later versions: a name here is
//! never changed and never reused, a new field is optional.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vobiz::{Number, Uuid, rest::InitiateResponse};
use wire::{AgentName, CallId, CallQuality, EndReason, Party, UnixMillis};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// To a call.
    Call {
        /// Which one.
        call: CallId,
        /// What.
        #[serde(flatten)]
        what: CallFact,
    },
    /// To an agent.
    Agent {
        /// Who.
        agent: AgentName,
        /// What.
        #[serde(flatten)]
        what: AgentFact,
    },
    /// To a relay, where several share a journal.
    Relay {
        /// Which one.
        relay: RelayId,
        /// What.
        #[serde(flatten)]
        what: RelayFact,
    },
}

/// The name of one run of a relay: a relay that starts again has another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RelayId(pub String);

impl From<&str> for RelayId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// What happened to a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum RelayFact {
    /// It is there, and says so again before this moment. The newest fact alone says how
    /// things are.
    Alive {
        /// When it counts as gone unless it is heard of again.
        until: UnixMillis,
    },
    /// It was not heard of in time, or it stopped: its sockets are gone, and its work is
    /// taken up by others.
    Gone,
}

/// What happened to an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum AgentFact {
    /// The agent's presence changed. Carries all of it, so that the newest fact alone
    /// says how things are.
    Presence {
        /// Takes calls.
        available: bool,
        /// Has at least one socket.
        reachable: bool,
        /// The relays at which those sockets are, where several share a journal.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        seats: BTreeSet<RelayId>,
        /// The last socket was closed by the relay because the session had run out: that
        /// the page is out of sight says nothing about a call that is going on.
        #[serde(default, skip_serializing_if = "is_false")]
        excused: bool,
        /// The agent is done with the work after the last call.
        #[serde(default, skip_serializing_if = "is_false")]
        ready: bool,
    },
}

impl AgentFact {
    /// The plain case: nothing but whether the agent takes calls and has a socket.
    pub fn presence(available: bool, reachable: bool) -> Self {
        Self::Presence { available, reachable, seats: BTreeSet::new(), excused: false, ready: false }
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum CallFact {
    /// A webhook was taken in; its repetition changes nothing.
    Heard {
        /// The keys by which a repetition is recognised.
        keys: Vec<String>,
    },
    /// An inbound call came.
    Offered {
        /// The business channel.
        channel: Uuid,
        /// Who calls.
        party: Party,
        /// The caller's user id, for a caller without a number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_id: Option<String>,
        /// The business' number, E.164.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        business: Option<String>,
        /// The caller's SDP offer.
        offer: String,
        /// When the ring dies by itself.
        expires: UnixMillis,
    },
    /// It rings for these agents from now on.
    Rang {
        /// Who.
        agents: Vec<AgentName>,
    },
    /// An agent's page showed the ring.
    RingShown {
        /// Who.
        agent: AgentName,
        /// Whether it could be heard, too.
        audible: bool,
    },
    /// It no longer rings for agents who take no calls any more. Taking calls
    /// again lets it ring again.
    Silenced {
        /// Who.
        agents: Vec<AgentName>,
    },
    /// The turn of these agents went by without an answer; it rings for others now, and
    /// perhaps again for them later.
    Passed {
        /// Who.
        agents: Vec<AgentName>,
    },
    /// An agent declined; it rings on for the others.
    Declined {
        /// Who.
        agent: AgentName,
    },
    /// The only agent for whom it rings has an answer ready: upstream gets it while it
    /// rings. From here on no other agent can answer, because a call takes one answer.
    Prepared {
        /// Who.
        agent: AgentName,
        /// The answer. An accept with it is quick.
        sdp: String,
    },
    /// Upstream did not take the answer that was prepared; an accept brings it anew.
    PrepareFailed,
    /// An agent has the call. From here on nobody else can.
    Claimed {
        /// Who.
        agent: AgentName,
        /// The agent's SDP answer. Every request that carries it carries this text.
        sdp: String,
    },
    /// Upstream took the answer ahead of the accept (pre-accept).
    AnswerDelivered,
    /// Upstream took the accept: the caller and the agent talk.
    UpstreamAccepted,
    /// Upstream refused the agent's answer, and the caller still waits: it rings again
    /// for the others.
    AcceptRefused {
        /// What the agent reads.
        failure: Failure,
    },
    /// An agent calls somebody. Written before anything goes upstream.
    Dialed {
        /// Who calls.
        agent: AgentName,
        /// The business channel.
        channel: Uuid,
        /// Who is called.
        to: Number,
        /// The business' number, E.164.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        business: Option<String>,
    },
    /// Upstream took the initiate.
    Initiated {
        /// Its answer, as it came.
        response: InitiateResponse,
    },
    /// What became of the initiate is not known; the logs have to tell.
    InitiateUncertain,
    /// Upstream refused the initiate: there is no call.
    InitiateRefused,
    /// What became of the initiate can't be found out.
    InitiateGivenUp,
    /// The call's name at Meta became known.
    Linked {
        /// `wacid.…`.
        wacid: String,
    },
    /// The far end's SDP answer to an outbound call came.
    AnswerReceived {
        /// The answer, fit for a browser.
        sdp: String,
    },
    /// An outbound call's state was looked up in the logs.
    LookedUp,
    /// The owner's page was out of sight, and the upstream's log showed the call live.
    FoundLive,
    /// The far end rings.
    FarEndRang,
    /// The far end picked up.
    Answered,
    /// What is to be done upstream for this call is this relay's from now on.
    TakenUp {
        /// Which one.
        relay: RelayId,
    },
    /// The call is over.
    Ended {
        /// Why.
        reason: EndReason,
        /// What upstream still has to be told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Due>,
    },
    /// The word of why a call ended came after that of its end.
    EndExplained {
        /// Why.
        reason: EndReason,
    },
    /// The owner's page told how the line was.
    Reported {
        /// How.
        quality: CallQuality,
    },
    /// What upstream had to be told is settled.
    Settled {
        /// How.
        outcome: Outcome,
    },
}

impl CallFact {
    /// Its stable name, as it is stored; for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Heard { .. } => "heard",
            Self::Offered { .. } => "offered",
            Self::Rang { .. } => "rang",
            Self::RingShown { .. } => "ring_shown",
            Self::Silenced { .. } => "silenced",
            Self::Passed { .. } => "passed",
            Self::Declined { .. } => "declined",
            Self::Prepared { .. } => "prepared",
            Self::PrepareFailed => "prepare_failed",
            Self::Claimed { .. } => "claimed",
            Self::AnswerDelivered => "answer_delivered",
            Self::UpstreamAccepted => "upstream_accepted",
            Self::AcceptRefused { .. } => "accept_refused",
            Self::Dialed { .. } => "dialed",
            Self::Initiated { .. } => "initiated",
            Self::InitiateUncertain => "initiate_uncertain",
            Self::InitiateRefused => "initiate_refused",
            Self::InitiateGivenUp => "initiate_given_up",
            Self::Linked { .. } => "linked",
            Self::AnswerReceived { .. } => "answer_received",
            Self::LookedUp => "looked_up",
            Self::FoundLive => "found_live",
            Self::FarEndRang => "far_end_rang",
            Self::Answered => "answered",
            Self::TakenUp { .. } => "taken_up",
            Self::Ended { .. } => "ended",
            Self::EndExplained { .. } => "end_explained",
            Self::Reported { .. } => "reported",
            Self::Settled { .. } => "settled",
        }
    }
}

/// What upstream has to be told about a call that is over here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Nobody will answer it.
    Reject,
    /// Hang up.
    Terminate,
}

/// How a request of the upstream that was due ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was carried out.
    Done,
    /// The call was over there already, or never was.
    AlreadyOver,
    /// It could not be done within the bound of tries.
    GaveUp,
}

/// Something broke, in an agent's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Meta's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// What happened.
    pub title: String,
    /// What to do.
    pub detail: String,
}

impl Failure {
    /// The words for one of Meta's codes; general ones for a code without any.
    pub fn from_code(code: Option<u32>) -> Self {
        match code.and_then(vobiz::fault::advice) {
            Some(advice) => {
                Self { code, title: advice.title.to_owned(), detail: advice.what_to_do.to_owned() }
            }
            None => Self {
                code,
                title: "The call broke off".to_owned(),
                detail: "Call again. If it happens again, tell your administrator.".to_owned(),
            },
        }
    }
}

impl From<Failure> for EndReason {
    fn from(failure: Failure) -> Self {
        Self::Failed { code: failure.code, title: failure.title, detail: failure.detail }
    }
}
