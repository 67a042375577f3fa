//! Webhook payloads in Meta's shape.

use serde_json::{Value, json};
use vobiz::event::EventType;
use vobiz::log::Direction;
use vobiz::meta::{self, SdpType};

use super::book::Notice;
use super::call::Head;
use crate::settings::{Numbers, PayloadShape, SilenceCodes, StatusCase, Switches};

/// An event before it is put into an envelope.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) kind: EventType,
    pub(crate) payload: Value,
    /// Unix seconds.
    pub(crate) at: u64,
}

/// How an event is written, where the reference leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) shape: PayloadShape,
    pub(crate) numbers: Numbers,
    pub(crate) case: StatusCase,
    pub(crate) silence: SilenceCodes,
}

impl From<&Switches> for Style {
    fn from(switches: &Switches) -> Self {
        Self {
            shape: switches.payload,
            numbers: switches.numbers,
            case: switches.status_case,
            silence: switches.silence_codes,
        }
    }
}

/// Writes what happened to a call as Meta does.
pub(crate) fn write(head: &Head, notice: &Notice, style: Style, now: u64) -> Event {
    let value = value(head, notice, style, now);
    let payload = match style.shape {
        PayloadShape::InnerValue => value,
        PayloadShape::WholeObject => json!({
            "object": "whatsapp_business_account",
            "entry": [{
                "id": head.business.waba_id,
                "changes": [{ "value": value, "field": "calls" }],
            }],
        }),
    };
    let kind = match notice {
        Notice::Connect(_) => EventType::CallConnect,
        Notice::Status(_) => EventType::CallStatusChange,
        Notice::Terminate { .. } => EventType::CallTerminate,
    };
    Event { kind, payload, at: now }
}

fn value(head: &Head, notice: &Notice, style: Style, now: u64) -> Value {
    let number = number(head, style);
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": digits(&head.business.phone_number),
            "phone_number_id": head.business.phone_number_id,
        },
    });
    match notice {
        Notice::Connect(sdp_type) => {
            value["contacts"] = json!([contact(head, number)]);
            value["calls"] = json!([connect(head, sdp_type, number, now)]);
        }
        Notice::Status(status) => {
            let mut changed = json!({
                "id": head.id,
                "type": "call",
                "status": in_case(&status.to_string(), style.case),
                "timestamp": now.to_string(),
            });
            put(&mut changed, "recipient_id", number);
            value["statuses"] = json!([changed]);
        }
        Notice::Terminate { reason, answered } => {
            let mut call = parties(head, number, now);
            call["event"] = json!("terminate");
            call["status"] = json!(in_case(&reason.terminate_status().to_string(), style.case));
            if let Some(answered) = answered {
                call["start_time"] = json!(answered.to_string());
                call["end_time"] = json!(now.to_string());
                call["duration"] = json!(now.saturating_sub(*answered));
            }
            value["calls"] = json!([call]);
            if let Some((code, details)) = reason.error(style.silence) {
                value["errors"] = json!([{
                    "code": code,
                    "message": details,
                    "error_data": { "details": details },
                }]);
            }
        }
    }
    value
}

fn connect(head: &Head, sdp_type: &SdpType, number: Option<&str>, now: u64) -> Value {
    let mut call = parties(head, number, now);
    call["event"] = json!("connect");
    call["session"] = json!({ "sdp_type": sdp_type, "sdp": &*head.sdp });
    call
}

fn parties(head: &Head, number: Option<&str>, now: u64) -> Value {
    let business = Some(digits(&head.business.phone_number));
    let (from, to, direction) = if head.direction == Direction::Inbound {
        (number, business, meta::Direction::UserInitiated)
    } else {
        (business, number, meta::Direction::BusinessInitiated)
    };
    let mut call = json!({ "id": head.id });
    put(&mut call, "from", from);
    put(&mut call, "to", to);
    call["direction"] = json!(direction);
    call["timestamp"] = json!(now.to_string());
    if number.is_none() {
        call["from_user_id"] = json!(head.person.user_id());
    }
    call
}

/// The person as a contact: by number, or by user id and username alone.
fn contact(head: &Head, number: Option<&str>) -> Value {
    let mut contact = json!({ "profile": { "name": head.person.name } });
    if let Some(username) = &head.person.username {
        contact["profile"]["username"] = json!(username);
    }
    match number {
        Some(number) => contact["wa_id"] = json!(number),
        None => contact["user_id"] = json!(head.person.user_id()),
    }
    contact
}

/// The person's number, where webhooks say it.
fn number(head: &Head, style: Style) -> Option<&str> {
    let hides = style.numbers == Numbers::Absent || head.person.username.is_some();
    (!hides).then(|| head.person.number.digits())
}

fn put(object: &mut Value, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        object[name] = json!(text);
    }
}

/// A status in the case that is asked for, whatever case it is known in.
fn in_case(status: &str, case: StatusCase) -> String {
    let mut letters = status.chars();
    match (case, letters.next()) {
        (StatusCase::Upper, _) => status.to_uppercase(),
        (StatusCase::Lower, _) => status.to_lowercase(),
        (StatusCase::Mixed, Some(first)) => {
            first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase()
        }
        (StatusCase::Mixed, None) => String::new(),
    }
}

/// Webhooks write numbers without the plus.
fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::sync::Arc;

    use uuid::Uuid;
    use vobiz::meta::{Signal, StatusKind};

    use super::*;
    use crate::exchange::call::EndReason;
    use crate::options::Business;
    use crate::people::usual_people;

    const STYLE: Style = Style {
        shape: PayloadShape::WholeObject,
        numbers: Numbers::Present,
        case: StatusCase::Upper,
        silence: SilenceCodes::Usual,
    };

    fn head(direction: Direction) -> Head {
        Head {
            id: "wacid.TEST".into(),
            vobiz_id: Uuid::from_u128(1),
            direction,
            person: Arc::new(usual_people().remove(0)),
            business: Arc::new(Business::default()),
            started: 1_774_447_200,
            sdp: "v=0\r\n".into(),
            business_sdp: None,
        }
    }

    #[test]
    fn an_inbound_connect_in_the_whole_object() {
        let event = write(&head(Direction::Inbound), &Notice::Connect(SdpType::Offer), STYLE, 1_774_447_200);
        insta::assert_json_snapshot!(event.payload);
    }

    #[test]
    fn a_failed_terminate_as_the_inner_value() {
        let event = write(
            &head(Direction::Outbound),
            &Notice::Terminate { reason: EndReason::NoMediaLater, answered: Some(1_774_447_204) },
            Style { shape: PayloadShape::InnerValue, ..STYLE },
            1_774_447_385,
        );
        insta::assert_json_snapshot!(event.payload);
    }

    #[test]
    fn a_person_without_a_number_is_a_user_id() {
        let style = Style { numbers: Numbers::Absent, ..STYLE };
        let event = write(&head(Direction::Inbound), &Notice::Connect(SdpType::Offer), style, 5);
        let text = event.payload.to_string();
        assert!(!text.contains("919800000001"), "{text}");
        let signals = meta::signals(&event.payload);
        let Some(Signal::Connect { head, .. }) = signals.first() else {
            unreachable!("no connect: {text}");
        };
        assert_eq!(head.person.user_id.as_deref(), Some("IN.100000008919"));
    }

    #[test]
    fn statuses_come_in_any_case() {
        for (case, text) in
            [(StatusCase::Upper, "RINGING"), (StatusCase::Lower, "ringing"), (StatusCase::Mixed, "Ringing")]
        {
            let style = Style { case, ..STYLE };
            let event = write(&head(Direction::Outbound), &Notice::Status(StatusKind::Ringing), style, 5);
            assert_eq!(event.payload["entry"][0]["changes"][0]["value"]["statuses"][0]["status"], text);
        }
    }

    #[test]
    fn both_shapes_say_the_same() {
        let notices = [
            Notice::Connect(SdpType::Answer),
            Notice::Status(StatusKind::Ringing),
            Notice::Terminate { reason: EndReason::CallerGaveUp, answered: None },
        ];
        for notice in notices {
            let head = head(Direction::Outbound);
            let whole = write(&head, &notice, STYLE, 5);
            let inner = write(&head, &notice, Style { shape: PayloadShape::InnerValue, ..STYLE }, 5);
            let signals = meta::signals(&whole.payload);
            assert_eq!(signals, meta::signals(&inner.payload));
            assert!(!matches!(signals.first().unwrap(), Signal::Unknown(_)));
        }
    }
}
