//! What the page reads of the relay, shape by shape. A member is named here as serde
//! names it where the shape is defined.

use crate::call::{CallId, Direction, EndReason, Party};
use crate::events::{CallEvent, CallSnapshot, Downlink, Stage};
use crate::json::{Json, Read, shapes};
use crate::problem::{Problem, ProblemKind};
use crate::session::{AgentName, ChannelInfo, IceServer, Role, Session};

shapes! {
    CallSnapshot { call, direction, party, business, since, stage, answer }
    Party { number, name }
    Session { username, name, role, expires, channels, ice_servers }
    ChannelInfo { id, phone_number, display_name }
    IceServer { urls, username, credential }
}

impl Read for Downlink {
    fn read(json: &Json) -> Option<Self> {
        let (tag, content) = json.tagged()?;
        Some(match tag {
            "snapshot" => Self::Snapshot {
                seq: content.get("seq")?,
                now: content.get("now")?,
                available: content.get("available")?,
                calls: content.get("calls")?,
            },
            "resumed" => Self::Resumed { now: content.get("now")?, available: content.get("available")? },
            "event" => Self::Event {
                seq: content.get("seq")?,
                at: content.get("at")?,
                call: content.get("call")?,
                event: content.get("event")?,
            },
            "presence" => Self::Presence { available: content.get("available")? },
            "wrap_up" => Self::WrapUp { until: content.get("until")? },
            "ping" => Self::Ping { nonce: content.get("nonce")? },
            "signed_out" => Self::SignedOut,
            _ => return None,
        })
    }
}

impl Read for CallEvent {
    fn read(json: &Json) -> Option<Self> {
        let (tag, content) = json.tagged()?;
        Some(match tag {
            "ringing" => Self::Ringing {
                from: content.get("from")?,
                to: content.get("to"),
                offer: content.get("offer")?,
                since: content.get("since")?,
                expires: content.get("expires")?,
            },
            "declined_here" => Self::DeclinedHere,
            "silenced" => Self::Silenced,
            "answered_elsewhere" => Self::AnsweredElsewhere { by: content.get("by")? },
            "claimed" => Self::Claimed,
            "answer_delivered" => Self::AnswerDelivered,
            "dialing" => Self::Dialing { to: content.get("to")? },
            "initiated" => Self::Initiated,
            "answer" => Self::Answer { sdp: content.get("sdp")? },
            "far_end_ringing" => Self::FarEndRinging,
            "accepted" => Self::Accepted,
            "ended" => Self::Ended { reason: content.get("reason")? },
            _ => return None,
        })
    }
}

impl Read for Stage {
    fn read(json: &Json) -> Option<Self> {
        let (tag, content) = json.tagged()?;
        Some(match tag {
            "ringing" => Self::Ringing { offer: content.get("offer")?, expires: content.get("expires")? },
            "answering" => Self::Answering,
            "dialing" => Self::Dialing,
            "far_end_ringing" => Self::FarEndRinging,
            "accepted" => Self::Accepted { at: content.get("at")? },
            _ => return None,
        })
    }
}

impl Read for CallId {
    fn read(json: &Json) -> Option<Self> {
        String::read(json).map(Self)
    }
}

impl Read for AgentName {
    fn read(json: &Json) -> Option<Self> {
        String::read(json).map(Self)
    }
}

impl Read for Direction {
    fn read(json: &Json) -> Option<Self> {
        match json.tagged()?.0 {
            "inbound" => Some(Self::Inbound),
            "outbound" => Some(Self::Outbound),
            _ => None,
        }
    }
}

impl Read for EndReason {
    fn read(json: &Json) -> Option<Self> {
        let (tag, content) = json.tagged()?;
        Some(match tag {
            "hung_up" => Self::HungUp,
            "far_end_hung_up" => Self::FarEndHungUp,
            "missed" => Self::Missed,
            "declined" => Self::Declined,
            "rejected" => Self::Rejected,
            "unanswered" => Self::Unanswered,
            "cancelled" => Self::Cancelled,
            "failed" => Self::Failed {
                code: content.get("code"),
                title: content.get("title")?,
                detail: content.get("detail")?,
            },
            _ => return None,
        })
    }
}

impl Read for Problem {
    fn read(json: &Json) -> Option<Self> {
        Some(Self {
            kind: json.get("type")?,
            title: json.get("title")?,
            status: json.get("status")?,
            detail: json.get("detail").unwrap_or_default(),
            field: json.get("field"),
            code: json.get("code"),
            winner: json.get("winner"),
            ms_ago: json.get("ms_ago"),
            retry_after_s: json.get("retry_after_s"),
        })
    }
}

impl Read for ProblemKind {
    fn read(json: &Json) -> Option<Self> {
        let Json::Text(kind) = json else { return None };
        Some(match kind.as_str().strip_prefix("/problems/").unwrap_or_default() {
            "invalid-field" => Self::InvalidField,
            "too-large" => Self::TooLarge,
            "wrong-credentials" => Self::WrongCredentials,
            "signed-out" => Self::SignedOut,
            "foreign-origin" => Self::ForeignOrigin,
            "too-many-requests" => Self::TooManyRequests,
            "not-found" => Self::NotFound,
            "answered-elsewhere" => Self::AnsweredElsewhere,
            "call-state" => Self::CallState,
            "upstream-refused" => Self::UpstreamRefused,
            "upstream-unknown" => Self::UpstreamUnknown,
            "unavailable" => Self::Unavailable,
            "offline" => Self::Offline,
            _ => Self::Unknown,
        })
    }
}

impl Read for Role {
    fn read(json: &Json) -> Option<Self> {
        match json.tagged()?.0 {
            "agent" => Some(Self::Agent),
            "supervisor" => Some(Self::Supervisor),
            _ => None,
        }
    }
}
