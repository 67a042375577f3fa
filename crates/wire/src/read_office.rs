//! What the page reads beside calls: ways to sign in, sessions, the board.

use crate::board::{Board, BoardAgent, BoardCall, BoardPresence, BoardStage};
use crate::json::{Json, Read};
use crate::session::{AgentName, SessionInfo, SessionList, SignInProvider, SignInWays};

impl Read for SignInWays {
    fn read(json: &Json) -> Option<Self> {
        Some(Self { password: json.get("password")?, provider: json.get("provider") })
    }
}

impl Read for SignInProvider {
    fn read(json: &Json) -> Option<Self> {
        Some(Self { name: json.get("name")?, url: json.get("url")? })
    }
}

impl Read for SessionList {
    fn read(json: &Json) -> Option<Self> {
        Some(Self { sessions: json.get("sessions")? })
    }
}

impl Read for SessionInfo {
    fn read(json: &Json) -> Option<Self> {
        Some(Self {
            id: json.get("id")?,
            since: json.get("since")?,
            seen: json.get("seen")?,
            device: json.get("device"),
            address: json.get("address"),
            current: json.get("current")?,
            connected: json.get("connected")?,
        })
    }
}

impl Read for AgentName {
    fn read(json: &Json) -> Option<Self> {
        String::read(json).map(Self)
    }
}

impl Read for Board {
    fn read(json: &Json) -> Option<Self> {
        Some(Self {
            seq: json.get("seq")?,
            now: json.get("now")?,
            agents: json.get("agents")?,
            calls: json.get("calls")?,
        })
    }
}

impl Read for BoardAgent {
    fn read(json: &Json) -> Option<Self> {
        Some(Self {
            username: json.get("username")?,
            name: json.get("name")?,
            role: json.get("role")?,
            presence: json.get("presence")?,
            reachable: json.get("reachable")?,
        })
    }
}

impl Read for BoardPresence {
    fn read(json: &Json) -> Option<Self> {
        let (tag, content) = json.tagged()?;
        Some(match tag {
            "away" => Self::Away,
            "available" => Self::Available,
            "on_call" => Self::OnCall,
            "wrap_up" => Self::WrapUp { until: content.get("until")? },
            _ => return None,
        })
    }
}

impl Read for BoardCall {
    fn read(json: &Json) -> Option<Self> {
        Some(Self {
            call: json.get("call")?,
            direction: json.get("direction")?,
            party: json.get("party")?,
            business: json.get("business"),
            since: json.get("since")?,
            owner: json.get("owner"),
            stage: json.get("stage")?,
        })
    }
}

impl Read for BoardStage {
    fn read(json: &Json) -> Option<Self> {
        let (tag, content) = json.tagged()?;
        Some(match tag {
            "ringing" => Self::Ringing { agents: content.get("agents")?, expires: content.get("expires")? },
            "answering" => Self::Answering,
            "dialing" => Self::Dialing,
            "far_end_ringing" => Self::FarEndRinging,
            "talking" => Self::Talking { since: content.get("since")? },
            _ => return None,
        })
    }
}
