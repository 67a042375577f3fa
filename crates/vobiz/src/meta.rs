//! Meta's call payloads, as they sit inside a webhook envelope.
//!
//! [`signals`] flattens every shape seen so far into one list: the whole object
//! (`object/entry[]/changes[]/value`) or the inner `value`; statuses as a list of
//! their own or as a call's `event`; numbers, contacts and times present or not.

use serde_json::Value;

use crate::number::Number;
use crate::open_enum::open_enum;

open_enum! {
    /// Who called whom, in Meta's words.
    Direction {
        /// A person called the business.
        UserInitiated = "USER_INITIATED",
        /// The business called a person.
        BusinessInitiated = "BUSINESS_INITIATED",
    }
}

open_enum! {
    /// Whether a session description asks or answers.
    SdpType {
        /// The far end calls.
        Offer = "offer",
        /// The far end answers.
        Answer = "answer",
    }
}

open_enum! {
    /// How the far end took an outbound call.
    StatusKind {
        /// It rings.
        Ringing = "RINGING",
        /// It was answered; talk time starts here.
        Accepted = "ACCEPTED",
        /// It was refused.
        Rejected = "REJECTED",
    }
}

open_enum! {
    /// How a call ended.
    TerminateStatus {
        /// It was over in the ordinary way.
        Completed = "COMPLETED",
        /// It broke.
        Failed = "FAILED",
    }
}

/// The person at the far end. Nothing in it is certain: a person with a username
/// may come without any number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Telephone number, where Meta shows it.
    pub number: Option<Number>,
    /// The profile's display name.
    pub name: Option<String>,
    /// The profile's username.
    pub username: Option<String>,
    /// Business-scoped user id such as `US.1349…`.
    pub user_id: Option<String>,
}

/// What is common to everything said about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallHead {
    /// Meta's identifier of the call, `wacid.…`.
    pub id: String,
    /// Meta's identifier of the business number.
    pub phone_number_id: Option<String>,
    /// Who called whom.
    pub direction: Option<Direction>,
    /// The person at the far end.
    pub person: Person,
    /// Unix seconds at which Meta says it happened.
    pub timestamp: Option<u64>,
}

/// An error that Meta reports with an ended call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaError {
    /// Such as 138021.
    pub code: Option<u32>,
    /// Meta's own words.
    pub message: Option<String>,
}

/// One thing that a webhook says about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// A call begins: the far end's SDP.
    Connect {
        /// Which call.
        head: CallHead,
        /// Offer or answer; absent when the session is.
        sdp_type: Option<SdpType>,
        /// The far end's session description, as it came.
        sdp: Option<String>,
    },
    /// The far end rings, has answered or has refused.
    Status {
        /// Which call.
        head: CallHead,
        /// What the far end did.
        status: StatusKind,
    },
    /// The call is over.
    Terminate {
        /// Which call.
        head: CallHead,
        /// How it ended.
        status: Option<TerminateStatus>,
        /// Talk time in seconds; present only when the call was picked up.
        duration: Option<u64>,
        /// Unix seconds of the pick-up; present only when the call was picked up.
        start_time: Option<u64>,
        /// What went wrong, if anything did.
        error: Option<MetaError>,
    },
    /// Something about a call that this crate does not know; kept as it came.
    Unknown(Value),
}

impl Signal {
    /// Meta's identifier of the call that it is about.
    pub fn call_id(&self) -> Option<&str> {
        match self {
            Self::Connect { head, .. } | Self::Status { head, .. } | Self::Terminate { head, .. } => {
                Some(&head.id)
            }
            Self::Unknown(_) => None,
        }
    }
}

/// Deepest list that is read from one payload. Meta batches a handful; a longer
/// list is a fault or an attack.
const MAX_LIST: usize = 64;

/// What a payload says about calls, in its order. Never fails: what can't be read
/// becomes [`Signal::Unknown`].
pub fn signals(payload: &Value) -> Vec<Signal> {
    values(payload).into_iter().flat_map(value_signals).collect()
}

/// The inner `value` objects of a payload in either shape.
fn values(payload: &Value) -> Vec<&Value> {
    if payload.get("entry").is_none() {
        return vec![payload.get("value").unwrap_or(payload)];
    }
    list(payload, "entry")
        .flat_map(|entry| list(entry, "changes"))
        .filter_map(|change| change.get("value"))
        .collect()
}

fn value_signals(value: &Value) -> Vec<Signal> {
    let calls = list(value, "calls").map(|call| call_signal(value, call));
    let statuses = list(value, "statuses")
        .filter(|status| text(status, "type").is_none_or(|kind| kind.eq_ignore_ascii_case("call")))
        .map(|status| status_signal(value, status));
    calls.chain(statuses).collect()
}

fn call_signal(value: &Value, call: &Value) -> Signal {
    let Some(head) = head(value, call) else {
        return Signal::Unknown(call.clone());
    };
    let event = text(call, "event").unwrap_or_default();
    if event.eq_ignore_ascii_case("connect") {
        let session = call.get("session");
        Signal::Connect {
            head,
            sdp_type: session.and_then(|session| text(session, "sdp_type")).map(SdpType::from),
            sdp: session.and_then(|session| text(session, "sdp")).map(str::to_owned),
        }
    } else if event.eq_ignore_ascii_case("terminate") {
        Signal::Terminate {
            head,
            status: first_text(call, "status").map(TerminateStatus::from),
            duration: unsigned(call, "duration"),
            start_time: unsigned(call, "start_time"),
            error: error(value, call),
        }
    } else {
        // A status told as a call: by its event's name, or by a status beside it.
        let kind = [Some(event), first_text(call, "status")]
            .into_iter()
            .flatten()
            .map(StatusKind::from)
            .find(|kind| StatusKind::KNOWN.contains(kind));
        match kind {
            Some(status) => Signal::Status { head, status },
            None => Signal::Unknown(call.clone()),
        }
    }
}

fn status_signal(value: &Value, status: &Value) -> Signal {
    match (head(value, status), first_text(status, "status")) {
        (Some(head), Some(kind)) => Signal::Status { head, status: StatusKind::from(kind) },
        _ => Signal::Unknown(status.clone()),
    }
}

fn head(value: &Value, call: &Value) -> Option<CallHead> {
    let direction = text(call, "direction").map(Direction::from);
    Some(CallHead {
        id: text(call, "id").filter(|id| !id.is_empty())?.to_owned(),
        phone_number_id: value
            .get("metadata")
            .and_then(|metadata| text(metadata, "phone_number_id"))
            .map(str::to_owned),
        person: person(value, call, direction.as_ref()),
        direction,
        timestamp: unsigned(call, "timestamp"),
    })
}

fn person(value: &Value, call: &Value, direction: Option<&Direction>) -> Person {
    let contact = list(value, "contacts").next();
    let profile = contact.and_then(|contact| contact.get("profile"));
    let own_number = match direction {
        Some(Direction::BusinessInitiated) => text(call, "to"),
        Some(Direction::UserInitiated) => text(call, "from"),
        Some(Direction::Other(_)) | None => None,
    };
    let wa_id = contact.and_then(|contact| text(contact, "wa_id"));
    let number = [own_number, text(call, "recipient_id"), wa_id]
        .into_iter()
        .flatten()
        .find_map(|digits| Number::parse_webhook(digits).ok());
    let owned = |found: Option<&str>| found.filter(|text| !text.is_empty()).map(str::to_owned);
    Person {
        number,
        name: owned(profile.and_then(|profile| text(profile, "name"))),
        username: owned(profile.and_then(|profile| text(profile, "username"))),
        user_id: owned(
            contact
                .and_then(|contact| text(contact, "user_id"))
                .or_else(|| text(call, "from_user_id"))
                .or_else(|| text(call, "user_id")),
        ),
    }
}

fn error(value: &Value, call: &Value) -> Option<MetaError> {
    let error = list(call, "errors").next().or_else(|| list(value, "errors").next())?;
    let details = error.get("error_data").and_then(|data| text(data, "details"));
    Some(MetaError {
        code: unsigned(error, "code").and_then(|code| u32::try_from(code).ok()),
        message: details
            .or_else(|| text(error, "message"))
            .or_else(|| text(error, "title"))
            .map(str::to_owned),
    })
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().take(MAX_LIST)
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// A text, or the first text of a list: captures show `status` both ways.
fn first_text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    let field = value.get(key)?;
    field.as_str().or_else(|| field.as_array()?.first()?.as_str())
}

/// A whole number, written as a number or as text: Meta does both.
fn unsigned(value: &Value, key: &str) -> Option<u64> {
    let field = value.get(key)?;
    field.as_u64().or_else(|| field.as_str()?.parse().ok())
}
