//! Webhook envelopes and Meta's payloads within them, in every shape seen so far.

use serde_json::{Value, json};
use vobiz::event::{Envelope, EventType};
use vobiz::meta::{
    CallHead, Direction, MetaError, Person, SdpType, Signal, StatusKind, TerminateStatus, signals,
};
use vobiz::{Number, signature};

const PHONE_NUMBER_ID: &str = "109876543210987";
const CALL: &str = "wacid.HBgMOTE5ODc2NTQzMjEw";

fn connect_value() -> Value {
    json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "911140001234", "phone_number_id": PHONE_NUMBER_ID},
        "contacts": [{"profile": {"name": "Asha Rao"}, "wa_id": "919876543210"}],
        "calls": [{
            "id": CALL, "from": "919876543210", "to": "911140001234", "event": "connect",
            "timestamp": "1774447200", "direction": "USER_INITIATED",
            "session": {"sdp_type": "offer", "sdp": "v=0\r\n"}
        }]
    })
}

fn whole(value: &Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [{"field": "calls", "value": value}]}]})
}

fn one_call(call: Value) -> Value {
    json!({"metadata": {"phone_number_id": PHONE_NUMBER_ID}, "calls": [call]})
}

fn only(payload: &Value) -> Signal {
    let mut all = signals(payload);
    assert_eq!(all.len(), 1, "{payload}");
    all.remove(0)
}

fn number(text: &str) -> Option<Number> {
    Some(Number::parse(text).unwrap())
}

#[test]
fn a_connect_reads_the_same_in_every_wrapping() {
    let value = connect_value();
    let expected = Signal::Connect {
        head: CallHead {
            id: CALL.into(),
            phone_number_id: Some(PHONE_NUMBER_ID.into()),
            direction: Some(Direction::UserInitiated),
            person: Person {
                number: number("+919876543210"),
                name: Some("Asha Rao".into()),
                ..Person::default()
            },
            timestamp: Some(1_774_447_200),
        },
        sdp_type: Some(SdpType::Offer),
        sdp: Some("v=0\r\n".into()),
    };
    assert_eq!(only(&value), expected);
    assert_eq!(only(&whole(&value)), expected);
    assert_eq!(only(&json!({"field": "calls", "value": value})), expected);
}

#[test]
fn an_envelope_carries_its_signals() {
    let text = json!({
        "event_id": "8f14e45f-ceea-467f-a0e6-7f2f5c1d9a11", "event_type": "call.connect",
        "account_id": "MA_XXXXXXXX", "occurred_at": "2026-03-25T14:00:00Z", "payload": whole(&connect_value())
    })
    .to_string();
    let envelope: Envelope = serde_json::from_str(&text).unwrap();
    assert_eq!(envelope.event_type, EventType::CallConnect);
    assert_eq!(envelope.signals().len(), 1);
    assert_eq!(serde_json::to_value(&envelope).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
}

#[test]
fn an_envelope_needs_only_its_identifier_and_type() {
    let envelope: Envelope =
        serde_json::from_str(r#"{"event_id":"e","event_type":"Call.Terminate"}"#).unwrap();
    assert_eq!(envelope.event_type, EventType::CallTerminate);
    assert_eq!(envelope.signals(), []);
    assert!(serde_json::from_str::<Envelope>(r#"{"event_type":"call.connect"}"#).is_err());
}

#[test]
fn which_events_are_about_calls() {
    for (name, is_call) in [
        ("call.connect", true),
        ("call.status_change", true),
        ("call.terminate", true),
        ("call.recorded", true),
        ("message.inbound", false),
        ("message.status", false),
        ("account.updated", false),
    ] {
        assert_eq!(EventType::from(name).is_call(), is_call, "{name}");
    }
}

#[test]
fn a_person_with_a_username_needs_no_number() {
    let mut value = connect_value();
    value["contacts"] = json!([{"profile": {"name": "Asha", "username": "asha.rao"}, "user_id": "US.1349"}]);
    let call = value["calls"][0].as_object_mut().unwrap();
    call.remove("from");
    call.remove("to");
    let Signal::Connect { head, .. } = only(&value) else { panic!("no connect") };
    assert_eq!(
        head.person,
        Person {
            number: None,
            name: Some("Asha".into()),
            username: Some("asha.rao".into()),
            user_id: Some("US.1349".into()),
        }
    );
}

#[test]
fn a_call_without_contacts_still_has_its_number() {
    let mut value = connect_value();
    value.as_object_mut().unwrap().remove("contacts");
    let Signal::Connect { head, .. } = only(&value) else { panic!("no connect") };
    assert_eq!(head.person, Person { number: number("+919876543210"), ..Person::default() });
}

#[test]
fn an_unreadable_number_gives_way_to_the_next_one() {
    let mut value = connect_value();
    for unreadable in ["", "asha.rao", "0"] {
        value["calls"][0]["from"] = json!(unreadable);
        let Signal::Connect { head, .. } = only(&value) else { panic!("no connect") };
        assert_eq!(head.person.number, number("+919876543210"), "{unreadable:?}");
    }
}

#[test]
fn the_far_ends_number_depends_on_who_called() {
    let call = |direction: &str| {
        one_call(json!({"id": CALL, "event": "connect", "direction": direction,
            "from": "911140001234", "to": "919876543210"}))
    };
    let person = |payload: &Value| match only(payload) {
        Signal::Connect { head, .. } => head.person.number,
        other @ (Signal::Status { .. } | Signal::Terminate { .. } | Signal::Unknown(_)) => {
            panic!("{other:?}")
        }
    };
    assert_eq!(person(&call("BUSINESS_INITIATED")), number("+919876543210"));
    assert_eq!(person(&call("business_initiated")), number("+919876543210"));
    assert_eq!(person(&call("USER_INITIATED")), number("+911140001234"));
    // Without a direction neither number can be told from the business' own.
    assert_eq!(person(&call("GROUP_INITIATED")), None);
}

#[test]
fn an_answer_may_come_without_its_session() {
    let payload = one_call(json!({"id": CALL, "event": "connect"}));
    assert!(matches!(only(&payload), Signal::Connect { sdp_type: None, sdp: None, .. }));
    let payload =
        one_call(json!({"id": CALL, "event": "CONNECT", "session": {"sdp_type": "Answer", "sdp": "v=0"}}));
    assert!(matches!(only(&payload), Signal::Connect { sdp_type: Some(SdpType::Answer), sdp: Some(_), .. }));
}

#[test]
fn a_status_is_read_from_a_list_of_its_own() {
    for (text, kind) in [
        ("RINGING", StatusKind::Ringing),
        ("ringing", StatusKind::Ringing),
        ("Accepted", StatusKind::Accepted),
        ("REJECTED", StatusKind::Rejected),
        ("BUSY", StatusKind::Other("BUSY".into())),
    ] {
        let value = json!({
            "metadata": {"phone_number_id": PHONE_NUMBER_ID},
            "statuses": [{"id": CALL, "type": "call", "status": text, "timestamp": "1774447204", "recipient_id": "919876543210"}]
        });
        for payload in [value.clone(), whole(&value)] {
            let Signal::Status { head, status } = only(&payload) else { panic!("no status") };
            assert_eq!(status, kind);
            assert_eq!(head.id, CALL);
            assert_eq!(head.person.number, number("+919876543210"));
            assert_eq!(head.timestamp, Some(1_774_447_204));
        }
    }
}

#[test]
fn a_status_is_read_from_a_calls_event() {
    for call in [
        json!({"id": CALL, "event": "ringing"}),
        json!({"id": CALL, "event": "status", "status": "RINGING"}),
        json!({"id": CALL, "event": "status_change", "status": ["Ringing"]}),
        json!({"id": CALL, "status": "ringing"}),
    ] {
        assert!(
            matches!(only(&one_call(call.clone())), Signal::Status { status: StatusKind::Ringing, .. }),
            "{call}"
        );
    }
}

#[test]
fn a_messages_status_is_none_of_ours() {
    let value = json!({"statuses": [{"id": "wamid.1", "type": "message", "status": "delivered"}]});
    assert_eq!(signals(&value), []);
}

#[test]
fn a_terminate_tells_talk_time_only_when_it_was_picked_up() {
    let picked_up = one_call(json!({
        "id": CALL, "from": "919876543210", "to": "911140001234", "event": "terminate",
        "direction": "USER_INITIATED", "timestamp": 1_774_447_385_u64, "status": "COMPLETED",
        "start_time": "1774447204", "end_time": "1774447385", "duration": 181
    }));
    let Signal::Terminate { head, status, duration, start_time, error } = only(&picked_up) else {
        panic!("no terminate")
    };
    assert_eq!(head.timestamp, Some(1_774_447_385));
    assert_eq!(status, Some(TerminateStatus::Completed));
    assert_eq!((duration, start_time), (Some(181), Some(1_774_447_204)));
    assert_eq!(error, None);

    let missed = one_call(json!({"id": CALL, "event": "terminate", "status": ["failed"]}));
    assert!(matches!(
        only(&missed),
        Signal::Terminate { status: Some(TerminateStatus::Failed), duration: None, start_time: None, .. }
    ));
}

#[test]
fn times_are_read_as_text_or_number_and_nonsense_is_left_out() {
    for (written, read) in [
        (json!("1774447204"), Some(1_774_447_204)),
        (json!(1_774_447_204_u64), Some(1_774_447_204)),
        (json!("soon"), None),
        (json!(-1), None),
        (json!(1.5), None),
        (json!("99999999999999999999999"), None),
        (json!(null), None),
        (json!({"seconds": 1}), None),
    ] {
        let payload = one_call(json!({"id": CALL, "event": "terminate", "timestamp": written}));
        let Signal::Terminate { head, .. } = only(&payload) else { panic!("no terminate") };
        assert_eq!(head.timestamp, read, "{written}");
    }
}

#[test]
fn a_terminates_error_is_read_beside_the_call_or_within_it() {
    let error =
        json!([{"code": 138_021, "message": "m", "error_data": {"details": "No media was received"}}]);
    let mut beside = one_call(json!({"id": CALL, "event": "terminate", "status": "FAILED"}));
    beside["errors"] = error.clone();
    let within = one_call(json!({"id": CALL, "event": "terminate", "status": "FAILED", "errors": error}));
    for payload in [beside, within] {
        let Signal::Terminate { error, .. } = only(&payload) else { panic!("no terminate") };
        assert_eq!(
            error,
            Some(MetaError { code: Some(138_021), message: Some("No media was received".into()) })
        );
    }
    let text_code =
        one_call(json!({"id": CALL, "event": "terminate", "errors": [{"code": "138019", "title": "t"}]}));
    let Signal::Terminate { error, .. } = only(&text_code) else { panic!("no terminate") };
    assert_eq!(error, Some(MetaError { code: Some(138_019), message: Some("t".into()) }));
}

#[test]
fn what_is_unknown_is_kept() {
    for call in [
        json!({"id": CALL, "event": "hologram", "beam": 1}),
        json!({"event": "connect"}),
        json!({"id": "", "event": "connect"}),
        json!({"id": 7, "event": "connect"}),
        json!("wacid"),
        json!(null),
    ] {
        assert_eq!(only(&one_call(call.clone())), Signal::Unknown(call));
    }
    let status = json!({"id": CALL, "type": "call"});
    assert_eq!(only(&json!({"statuses": [status]})), Signal::Unknown(status));
}

#[test]
fn several_entries_keep_their_order() {
    let first = connect_value();
    let second = one_call(json!({"id": CALL, "event": "terminate"}));
    let payload = json!({"entry": [
        {"changes": [{"value": first}, {"value": second}]},
        {"changes": [{"value": {"statuses": [{"id": "b", "status": "RINGING"}]}}]}
    ]});
    let all = signals(&payload);
    assert!(
        matches!(&all[..], [Signal::Connect { .. }, Signal::Terminate { .. }, Signal::Status { .. }]),
        "{all:?}"
    );
}

#[test]
fn payloads_of_another_kind_say_nothing() {
    for payload in [
        json!(null),
        json!([]),
        json!("calls"),
        json!({}),
        json!({"entry": {}}),
        json!({"entry": [{"changes": [{"field": "messages"}]}]}),
        json!({"calls": {"id": CALL}}),
        json!({"value": null}),
    ] {
        assert_eq!(signals(&payload), [], "{payload}");
    }
}

#[test]
fn a_signature_covers_the_exact_bytes() {
    let body = br#"{"event_id":"e","event_type":"call.connect"}"#;
    let respaced = br#"{"event_id": "e","event_type":"call.connect"}"#;
    let made = signature::sign(b"sim-secret", body);
    assert_eq!(made.len(), 64);
    assert!(made.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    assert!(signature::verify(b"sim-secret", body, &made));
    assert!(!signature::verify(b"sim-secret", respaced, &made));
    assert!(!signature::verify(b"sim-secret", body, &format!("sha256={made}")));
    assert!(!signature::verify(b"sim-secret", body, &format!("{made} ")));
    assert!(!signature::verify(b"", body, &made));
}
