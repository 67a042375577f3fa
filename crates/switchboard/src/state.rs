//! All calls and agents.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use vobiz::{Number, Uuid, rest::InitiateResponse};
use wire::{AgentName, CallId, EndReason, Party, UnixMillis};

use crate::fact::{Due, RelayId};
use crate::settings::Settings;

/// The version of a state's stored form, and of what facts make of a state. A stored state
/// of another version is left aside, and its facts are read again: so it is raised whenever
/// the form or [`fold()`](crate::fold()) changes.
pub const STATE_VERSION: u32 = 1;

/// All calls and agents of an account: what the facts so far add up to.
///
/// It can be stored and read again instead of its facts ([`STATE_VERSION`]), without the
/// settings, which are not theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// What the operator decided.
    #[serde(skip)]
    pub settings: Settings,
    pub(crate) agents: BTreeMap<AgentName, Agent>,
    /// The relays that are alive, and when each counts as gone.
    pub(crate) relays: BTreeMap<RelayId, UnixMillis>,
    pub(crate) calls: BTreeMap<CallId, Call>,
    /// Names of calls other than their own.
    pub(crate) aliases: BTreeMap<String, CallId>,
    /// Calls that are not over: few, however many are remembered.
    pub(crate) open: BTreeSet<CallId>,
    /// Calls that are over and upstream has still to be told.
    pub(crate) unsettled: BTreeSet<CallId>,
    /// Outbound calls whose name at Meta is not known yet.
    pub(crate) unlinked: BTreeSet<CallId>,
    /// Calls that are over, in the order of their ends, to be forgotten in time.
    pub(crate) ended: VecDeque<(UnixMillis, CallId)>,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Takes calls.
    pub available: bool,
    /// Whether the page can be reached.
    pub reach: Reach,
    /// Since when the agent has waited for a call: since the last one, since a turn that
    /// went by, or since they began to take calls.
    pub idle_since: UnixMillis,
    /// When the last conversation ended, unless the agent is done with the work after it.
    pub wrapping: Option<UnixMillis>,
    /// The relays at which the sockets are, where several share a journal.
    pub(crate) seats: BTreeSet<RelayId>,
}

/// What an agent does, as a supervisor sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Takes no calls.
    Away,
    /// Would take a call now.
    Available,
    /// Has a call, or makes one.
    OnCall,
    /// Has work to do after a call until then; rings only when nobody else is there.
    WrapUp {
        /// When it ends by itself.
        until: UnixMillis,
    },
}

/// Whether an agent's page can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// At least one socket.
    Attached {
        /// Since when.
        since: UnixMillis,
    },
    /// No socket.
    Gone {
        /// Since when.
        since: UnixMillis,
        /// The relay closed it because the session had run out; a call goes on.
        excused: bool,
    },
}

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its name here.
    pub id: CallId,
    /// The business channel; unknown for a call of which only the end was heard.
    pub channel: Option<Uuid>,
    /// The person at the far end.
    pub party: Party,
    /// The business' number, E.164.
    pub business: Option<String>,
    /// When it began.
    pub since: UnixMillis,
    /// Its name at Meta, `wacid.…`.
    pub wacid: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// How far it is.
    pub stage: Stage,
    /// Which relay does what is to be done upstream, where several share a journal.
    pub worker: Option<RelayId>,
    /// When the upstream's log last showed it live while its owner's page was out of sight;
    /// 0 for never.
    pub(crate) found_live: UnixMillis,
    /// Its owner's page told how the line was.
    pub(crate) is_reported: bool,
    pub(crate) heard: BTreeSet<String>,
}

/// Where a call came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person called.
    Inbound,
    /// An agent called.
    Outbound {
        /// Who.
        owner: AgentName,
        /// Whom.
        to: Number,
        /// What upstream said to it.
        attempt: Attempt,
    },
    /// Only its end was heard so far.
    Unheard,
}

/// What upstream said to an initiate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// Nothing yet.
    Asked,
    /// Nothing that could be understood; the logs have to tell.
    Uncertain,
    /// It took it.
    Taken(InitiateResponse),
    /// It refused: there is no call.
    Refused,
    /// Nobody knows, and asking on is of no use.
    Lost,
}

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// An inbound call rings, perhaps for nobody yet.
    Ringing(Ring),
    /// An agent has claimed it; upstream has not confirmed the accept yet.
    Answering {
        /// Who.
        owner: AgentName,
        /// Since when.
        since: UnixMillis,
        /// Their SDP answer.
        sdp: String,
        /// Whether the far end knows the answer.
        delivered: bool,
        /// The ring of before, should upstream refuse the answer.
        ring: Ring,
    },
    /// An outbound call that was not picked up yet.
    Dialing(Dial),
    /// An agent and the far end talk.
    Talking {
        /// Who.
        owner: AgentName,
        /// Since when they talk.
        since: UnixMillis,
        /// When the agent got hold of the call.
        claimed: UnixMillis,
        /// The SDP answer: ours inbound, the far end's outbound.
        answer: Option<String>,
    },
    /// Over, for good.
    Ended {
        /// Whose it was.
        owner: Option<AgentName>,
        /// Why.
        reason: EndReason,
        /// Since when.
        at: UnixMillis,
        /// What upstream has still to be told.
        due: Option<Due>,
    },
}

/// A ringing call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// The caller's SDP offer.
    pub offer: String,
    /// When it dies by itself.
    pub expires: UnixMillis,
    /// For whom it rings or rang.
    pub agents: BTreeMap<AgentName, Bell>,
    /// The answer that upstream gets while it rings.
    pub prepared: Option<Prepared>,
}

/// An answer that upstream gets while it rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// Whose.
    pub agent: AgentName,
    /// The answer.
    pub sdp: String,
    /// Whether upstream has taken it.
    pub delivered: bool,
}

/// How a ring stands with one agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bell {
    /// It rings; the page has not said that it shows it.
    Ringing {
        /// Since when.
        since: UnixMillis,
    },
    /// The page shows it.
    Shown {
        /// Since when it rings.
        since: UnixMillis,
        /// And it can be heard.
        audible: bool,
    },
    /// The agent's turn went by; it may ring again.
    Passed,
    /// The agent declined.
    Declined,
}

/// An outbound call that was not picked up yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// Who calls.
    pub owner: AgentName,
    /// Whether the far end rings.
    pub rings: bool,
    /// The far end's SDP answer, once it is known.
    pub answer: Option<String>,
    /// When it was last looked up in the logs; 0 for never.
    pub looked_up: UnixMillis,
}

impl Bell {
    /// Whether it rings for the agent.
    pub fn rings(self) -> bool {
        match self {
            Self::Ringing { .. } | Self::Shown { .. } => true,
            Self::Passed | Self::Declined => false,
        }
    }
}

impl Ring {
    /// The ring again, after this agent's answer was refused: for those who rang it has
    /// to begin anew.
    pub(crate) fn without(mut self, agent: &AgentName) -> Self {
        self.agents.retain(|_, bell| !bell.rings());
        self.agents.insert(agent.clone(), Bell::Declined);
        self
    }
}

impl Agent {
    /// An agent of whom nothing is known: signed out.
    pub(crate) const UNKNOWN: Self = Self {
        available: false,
        reach: Reach::Gone { since: 0, excused: false },
        idle_since: 0,
        wrapping: None,
        seats: BTreeSet::new(),
    };

    /// Whether there is a socket.
    pub fn is_attached(&self) -> bool {
        match self.reach {
            Reach::Attached { .. } => true,
            Reach::Gone { .. } => false,
        }
    }

    /// Whether a ring reaches this agent now.
    pub fn can_ring(&self) -> bool {
        self.available && self.is_attached()
    }
}

impl Call {
    /// Whose the call is, or was.
    pub fn owner(&self) -> Option<&AgentName> {
        match &self.stage {
            Stage::Ringing(_) => None,
            Stage::Answering { owner, .. } | Stage::Talking { owner, .. } => Some(owner),
            Stage::Dialing(dial) => Some(&dial.owner),
            Stage::Ended { owner, .. } => owner.as_ref(),
        }
    }

    /// Its ring, while it rings.
    pub fn ring(&self) -> Option<&Ring> {
        match &self.stage {
            Stage::Ringing(ring) => Some(ring),
            Stage::Answering { .. } | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => None,
        }
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        match self.stage {
            Stage::Ringing(_) | Stage::Answering { .. } | Stage::Dialing(_) | Stage::Talking { .. } => false,
            Stage::Ended { .. } => true,
        }
    }

    /// What upstream called it in its answer to the initiate.
    pub fn initiated_id(&self) -> Option<&str> {
        match &self.origin {
            Origin::Outbound { attempt: Attempt::Taken(response), .. } => Some(&response.call_id),
            Origin::Outbound {
                attempt: Attempt::Asked | Attempt::Uncertain | Attempt::Refused | Attempt::Lost,
                ..
            }
            | Origin::Inbound
            | Origin::Unheard => None,
        }
    }

    /// Whether upstream knows a name of it, so that something can be asked of it.
    pub fn has_upstream_name(&self) -> bool {
        self.wacid.is_some() || self.initiated_id().is_some()
    }
}

impl State {
    /// Nothing has happened yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            agents: BTreeMap::new(),
            relays: BTreeMap::new(),
            calls: BTreeMap::new(),
            aliases: BTreeMap::new(),
            open: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            unlinked: BTreeSet::new(),
            ended: VecDeque::new(),
        }
    }

    /// The call of this name: ours, Meta's or Vobiz'.
    pub fn find(&self, name: &str) -> Option<&Call> {
        self.calls.get(&CallId::from(name)).or_else(|| self.calls.get(self.aliases.get(name)?))
    }

    /// The call of this name of ours.
    pub fn call(&self, id: &CallId) -> Option<&Call> {
        self.calls.get(id)
    }

    /// An agent; one who was never heard of takes no calls and is out of reach.
    pub fn agent(&self, name: &AgentName) -> &Agent {
        static UNKNOWN: Agent = Agent::UNKNOWN;
        self.agents.get(name).unwrap_or(&UNKNOWN)
    }

    /// All agents of whom anything is known.
    pub fn agents(&self) -> impl Iterator<Item = (&AgentName, &Agent)> {
        self.agents.iter()
    }

    /// What an agent does, as of `now`.
    pub fn presence(&self, name: &AgentName, now: UnixMillis) -> Presence {
        let agent = self.agent(name);
        if self.open_calls().any(|call| call.owner() == Some(name)) {
            Presence::OnCall
        } else if !agent.available {
            Presence::Away
        } else {
            self.wrap_up(agent, now).map_or(Presence::Available, |until| Presence::WrapUp { until })
        }
    }

    /// When the work after the last call ends by itself, if there is any.
    pub fn wrap_up(&self, agent: &Agent, now: UnixMillis) -> Option<UnixMillis> {
        let until = agent.wrapping?.saturating_add(self.settings.wrap_up_ms);
        (now < until).then_some(until)
    }

    /// Whether what is to be done upstream for a call is this relay's to do.
    pub(crate) fn works_on(&self, call: &Call) -> bool {
        self.settings.relay.is_none() || call.worker == self.settings.relay
    }

    /// All calls that are remembered.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.values()
    }

    /// How many calls and agents are remembered.
    pub fn size(&self) -> usize {
        self.calls.len() + self.agents.len()
    }

    /// The calls that are over and of which upstream has still to be told.
    pub(crate) fn unsettled_calls(&self) -> impl Iterator<Item = &Call> {
        self.unsettled.iter().filter_map(|id| self.calls.get(id))
    }

    /// The relays that are alive, where several share a journal.
    pub fn relays(&self) -> impl Iterator<Item = &RelayId> {
        self.relays.keys()
    }

    /// The calls that are not over.
    pub fn open_calls(&self) -> impl Iterator<Item = &Call> {
        self.open.iter().filter_map(|id| self.calls.get(id))
    }
}
