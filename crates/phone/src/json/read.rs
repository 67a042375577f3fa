//! The shapes that the relay sends. What is not understood is nothing; unknown
//! members are passed over.

use wire::{
    AgentName, CallEvent, CallId, CallSnapshot, ChannelInfo, Direction, Downlink, EndReason, IceServer,
    Party, Problem, ProblemKind, Role, Session, Stage,
};

use super::Value;
use crate::log::{LogPage, LogRow, LogStatus, RowStatus};
use crate::route::direction_named;
use crate::time::parse_rfc3339;

/// A frame of the socket.
pub fn downlink(text: &str) -> Option<Downlink> {
    let value = Value::parse(text)?;
    let (name, value) = value.variant()?;
    Some(match name {
        "snapshot" => Downlink::Snapshot {
            seq: whole(value, "seq")?,
            now: whole(value, "now")?,
            available: truth(value, "available")?,
            calls: value.member("calls")?.list()?.iter().map(call_snapshot).collect::<Option<_>>()?,
        },
        "resumed" => Downlink::Resumed { now: whole(value, "now")?, available: truth(value, "available")? },
        "event" => Downlink::Event {
            seq: whole(value, "seq")?,
            at: whole(value, "at")?,
            call: CallId(string(value, "call")?),
            event: call_event(value.member("event")?)?,
        },
        "presence" => Downlink::Presence { available: truth(value, "available")? },
        "ping" => Downlink::Ping { nonce: whole(value, "nonce")? },
        "signed_out" => Downlink::SignedOut,
        _ => return None,
    })
}

/// Who is signed in.
pub fn session(text: &str) -> Option<Session> {
    let value = Value::parse(text)?;
    Some(Session {
        username: AgentName(string(&value, "username")?),
        name: string(&value, "name")?,
        role: match string(&value, "role")?.as_str() {
            "supervisor" => Role::Supervisor,
            _ => Role::Agent,
        },
        expires: whole(&value, "expires")?,
        channels: value.member("channels")?.list()?.iter().map(channel).collect::<Option<_>>()?,
        ice_servers: value.member("ice_servers")?.list()?.iter().map(ice_server).collect::<Option<_>>()?,
    })
}

/// A problem (RFC 9457).
pub fn problem(text: &str) -> Option<Problem> {
    let value = Value::parse(text)?;
    let status = u16::try_from(whole(&value, "status")?).ok()?;
    let kind = problem_kind(value.member("type")?.text()?);
    let detail = string(&value, "detail").unwrap_or_default();
    let mut problem = Problem::new(kind, status, string(&value, "title")?, detail);
    problem.field = string(&value, "field");
    problem.code = whole(&value, "code").and_then(|code| u32::try_from(code).ok());
    problem.winner = string(&value, "winner");
    problem.ms_ago = whole(&value, "ms_ago");
    problem.retry_after_s = whole(&value, "retry_after_s");
    Some(problem)
}

/// A page of the log.
pub fn log_page(text: &str) -> Option<LogPage> {
    let value = Value::parse(text)?;
    Some(LogPage {
        items: value.member("items")?.list()?.iter().map(log_row).collect::<Option<_>>()?,
        total: whole(&value, "total").unwrap_or_default(),
    })
}

fn call_event(value: &Value) -> Option<CallEvent> {
    let (name, value) = value.variant()?;
    Some(match name {
        "ringing" => CallEvent::Ringing {
            from: party(value.member("from")?),
            to: string(value, "to"),
            offer: string(value, "offer")?,
            since: whole(value, "since")?,
            expires: whole(value, "expires")?,
        },
        "declined_here" => CallEvent::DeclinedHere,
        "answered_elsewhere" => CallEvent::AnsweredElsewhere { by: string(value, "by")? },
        "claimed" => CallEvent::Claimed,
        "answer_delivered" => CallEvent::AnswerDelivered,
        "dialing" => CallEvent::Dialing { to: party(value.member("to")?) },
        "initiated" => CallEvent::Initiated,
        "answer" => CallEvent::Answer { sdp: string(value, "sdp")? },
        "far_end_ringing" => CallEvent::FarEndRinging,
        "accepted" => CallEvent::Accepted,
        "ended" => CallEvent::Ended { reason: end_reason(value.member("reason")?)? },
        _ => return None,
    })
}

fn end_reason(value: &Value) -> Option<EndReason> {
    let (name, value) = value.variant()?;
    Some(match name {
        "hung_up" => EndReason::HungUp,
        "far_end_hung_up" => EndReason::FarEndHungUp,
        "missed" => EndReason::Missed,
        "declined" => EndReason::Declined,
        "rejected" => EndReason::Rejected,
        "unanswered" => EndReason::Unanswered,
        "cancelled" => EndReason::Cancelled,
        "failed" => EndReason::Failed {
            code: whole(value, "code").and_then(|code| u32::try_from(code).ok()),
            title: string(value, "title")?,
            detail: string(value, "detail")?,
        },
        _ => return None,
    })
}

fn call_snapshot(value: &Value) -> Option<CallSnapshot> {
    let (name, stage) = value.member("stage")?.variant()?;
    Some(CallSnapshot {
        call: CallId(string(value, "call")?),
        direction: direction(value)?,
        party: party(value.member("party")?),
        business: string(value, "business"),
        since: whole(value, "since")?,
        stage: match name {
            "ringing" => Stage::Ringing { offer: string(stage, "offer")?, expires: whole(stage, "expires")? },
            "answering" => Stage::Answering,
            "dialing" => Stage::Dialing,
            "far_end_ringing" => Stage::FarEndRinging,
            "accepted" => Stage::Accepted { at: whole(stage, "at")? },
            _ => return None,
        },
        answer: string(value, "answer"),
    })
}

fn party(value: &Value) -> Party {
    Party { number: string(value, "number"), name: string(value, "name") }
}

fn direction(value: &Value) -> Option<Direction> {
    direction_named(value.member("direction")?.text()?)
}

fn channel(value: &Value) -> Option<ChannelInfo> {
    Some(ChannelInfo {
        id: string(value, "id")?,
        phone_number: string(value, "phone_number"),
        display_name: string(value, "display_name"),
    })
}

fn ice_server(value: &Value) -> Option<IceServer> {
    let urls = value.member("urls")?.list()?.iter().map(|url| url.text().map(str::to_owned));
    Some(IceServer {
        urls: urls.collect::<Option<_>>()?,
        username: string(value, "username"),
        credential: string(value, "credential"),
    })
}

fn problem_kind(text: &str) -> ProblemKind {
    match text {
        "/problems/invalid-field" => ProblemKind::InvalidField,
        "/problems/too-large" => ProblemKind::TooLarge,
        "/problems/wrong-credentials" => ProblemKind::WrongCredentials,
        "/problems/signed-out" => ProblemKind::SignedOut,
        "/problems/foreign-origin" => ProblemKind::ForeignOrigin,
        "/problems/too-many-requests" => ProblemKind::TooManyRequests,
        "/problems/not-found" => ProblemKind::NotFound,
        "/problems/answered-elsewhere" => ProblemKind::AnsweredElsewhere,
        "/problems/call-state" => ProblemKind::CallState,
        "/problems/upstream-refused" => ProblemKind::UpstreamRefused,
        "/problems/upstream-unknown" => ProblemKind::UpstreamUnknown,
        "/problems/unavailable" => ProblemKind::Unavailable,
        "/problems/offline" => ProblemKind::Offline,
        _ => ProblemKind::Unknown,
    }
}

fn log_row(value: &Value) -> Option<LogRow> {
    /// Milliseconds in a second.
    const SECOND: u64 = 1_000;
    let instant = |name: &str| parse_rfc3339(value.member(name)?.text()?);
    // Not `duration_seconds`: in the reference's own sample it counts the ringing too.
    let talk = instant("answered_at").zip(instant("ended_at"));
    Some(LogRow {
        id: string(value, "id")?,
        direction: direction(value),
        from: string(value, "from_number"),
        to: string(value, "to_number"),
        status: match string(value, "status") {
            None => RowStatus::Absent,
            Some(text) => LogStatus::named(&text).map_or(RowStatus::Other(text), RowStatus::Known),
        },
        started: instant("started_at").or_else(|| instant("created_at")),
        talk_s: talk.map(|(answered, ended)| ended.saturating_sub(answered) / SECOND),
    })
}

fn string(value: &Value, name: &str) -> Option<String> {
    value.member(name)?.text().map(str::to_owned)
}

fn whole(value: &Value, name: &str) -> Option<u64> {
    value.member(name)?.whole()
}

fn truth(value: &Value, name: &str) -> Option<bool> {
    value.member(name)?.truth()
}
