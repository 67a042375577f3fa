//! Webhook payloads in Meta's shape.

use serde_json::{Value, json};
use vobiz::event::EventType;
use vobiz::log::Direction;
use vobiz::meta::{self, SdpType};

use super::book::Notice;
use super::call::Head;
use crate::settings::PayloadShape;

/// An event before it is put into an envelope.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) kind: EventType,
    pub(crate) payload: Value,
    /// Unix seconds.
    pub(crate) at: u64,
}

/// Writes what happened to a call as Meta does.
pub(crate) fn write(head: &Head, notice: &Notice, shape: PayloadShape, now: u64) -> Event {
    let value = value(head, notice, now);
    let payload = match shape {
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

fn value(head: &Head, notice: &Notice, now: u64) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": digits(&head.business.phone_number),
            "phone_number_id": head.business.phone_number_id,
        },
    });
    let person = head.person.number.digits();
    match notice {
        Notice::Connect(sdp_type) => {
            value["contacts"] = json!([{ "profile": { "name": head.person.name }, "wa_id": person }]);
            value["calls"] = json!([connect(head, sdp_type, now)]);
        }
        Notice::Status(status) => {
            value["statuses"] = json!([{
                "id": head.id,
                "type": "call",
                "status": status,
                "timestamp": now.to_string(),
                "recipient_id": person,
            }]);
        }
        Notice::Terminate { reason, answered } => {
            let mut call = parties(head, now);
            call["event"] = json!("terminate");
            call["status"] = json!(reason.terminate_status());
            if let Some(answered) = answered {
                call["start_time"] = json!(answered.to_string());
                call["end_time"] = json!(now.to_string());
                call["duration"] = json!(now.saturating_sub(*answered));
            }
            value["calls"] = json!([call]);
            if let Some((code, details)) = reason.error() {
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

fn connect(head: &Head, sdp_type: &SdpType, now: u64) -> Value {
    let mut call = parties(head, now);
    call["event"] = json!("connect");
    call["session"] = json!({ "sdp_type": sdp_type, "sdp": &*head.sdp });
    call
}

fn parties(head: &Head, now: u64) -> Value {
    let person = head.person.number.digits();
    let business = digits(&head.business.phone_number);
    let (from, to, direction) = if head.direction == Direction::Inbound {
        (person, business, meta::Direction::UserInitiated)
    } else {
        (business, person, meta::Direction::BusinessInitiated)
    };
    json!({
        "id": head.id,
        "from": from,
        "to": to,
        "direction": direction,
        "timestamp": now.to_string(),
    })
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

    fn head(direction: Direction) -> Head {
        Head {
            id: "wacid.TEST".into(),
            vobiz_id: Uuid::from_u128(1),
            direction,
            person: Arc::new(usual_people().remove(0)),
            business: Arc::new(Business::default()),
            started: 1_774_447_200,
            sdp: "v=0\r\n".into(),
        }
    }

    #[test]
    fn an_inbound_connect_in_the_whole_object() {
        let event = write(
            &head(Direction::Inbound),
            &Notice::Connect(SdpType::Offer),
            PayloadShape::WholeObject,
            1_774_447_200,
        );
        insta::assert_json_snapshot!(event.payload);
    }

    #[test]
    fn a_failed_terminate_as_the_inner_value() {
        let event = write(
            &head(Direction::Outbound),
            &Notice::Terminate { reason: EndReason::NoMediaLater, answered: Some(1_774_447_204) },
            PayloadShape::InnerValue,
            1_774_447_385,
        );
        insta::assert_json_snapshot!(event.payload);
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
            let whole = write(&head, &notice, PayloadShape::WholeObject, 5);
            let inner = write(&head, &notice, PayloadShape::InnerValue, 5);
            let signals = meta::signals(&whole.payload);
            assert_eq!(signals, meta::signals(&inner.payload));
            assert!(!matches!(signals.first().unwrap(), Signal::Unknown(_)));
        }
    }
}
