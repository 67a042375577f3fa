//! `GET /api/board`: how all agents and calls stand, for supervisors.
//!
//! A page asks again every [`BOARD_EVERY_MS`]. Whoever sends the `ETag` of the last answer in
//! `If-None-Match` gets a 304 when nothing has changed; the page does not, because its times
//! go on by the board's clock. Read-only: a call that is
//! seen here can't be taken from here. Agents without the role get 403.

use serde::{Deserialize, Serialize};

use crate::{AgentName, CallId, Direction, Party, Role, UnixMillis};

/// Path of the board.
pub const BOARD_PATH: &str = "/api/board";

/// How often a page asks for the board while it shows it, in milliseconds.
pub const BOARD_EVERY_MS: u64 = 2_000;

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// Grows with every change.
    pub seq: u64,
    /// The relay's clock, to place the other times.
    pub now: UnixMillis,
    /// Everybody who can sign in, in the order of the agents file.
    pub agents: Vec<BoardAgent>,
    /// The calls that are not over, the oldest first.
    pub calls: Vec<BoardCall>,
}

/// How an agent stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardAgent {
    /// User name.
    pub username: AgentName,
    /// Display name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they do.
    pub presence: BoardPresence,
    /// Has a page open that can be reached: only then does it ring.
    pub reachable: bool,
}

/// What an agent does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardPresence {
    /// Takes no calls.
    Away,
    /// Takes calls.
    Available,
    /// Has a call, or makes one.
    OnCall,
    /// Has work to do after a call.
    WrapUp {
        /// When it ends by itself.
        until: UnixMillis,
    },
}

/// A call that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardCall {
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
    /// Whose it is; nobody's while it rings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AgentName>,
    /// How far it is.
    pub stage: BoardStage,
}

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardStage {
    /// An inbound call rings.
    Ringing {
        /// For whom.
        agents: Vec<AgentName>,
        /// When the ring dies by itself.
        expires: UnixMillis,
    },
    /// An agent has claimed it; upstream has not confirmed the accept yet.
    Answering,
    /// An agent calls; nothing heard yet.
    Dialing,
    /// The far end rings.
    FarEndRinging,
    /// They talk.
    Talking {
        /// Since when.
        since: UnixMillis,
    },
}
