//! What the page reads beside calls: ways to sign in, sessions, the board.

use crate::board::{Board, BoardAgent, BoardCall, BoardPresence, BoardStage};
use crate::json::{Json, Read, shapes};
use crate::session::{SessionInfo, SessionList, SignInProvider, SignInWays};

shapes! {
    SignInWays { password, provider }
    SignInProvider { name, url }
    SessionList { sessions }
    SessionInfo { id, since, seen, device, address, current, connected }
    Board { seq, now, agents, calls }
    BoardAgent { username, name, role, presence, reachable }
    BoardCall { call, direction, party, business, since, owner, stage }
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
