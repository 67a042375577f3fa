//! Whatever JSON the network brings is read or refused, never a panic.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use vobiz::event::Envelope;
use vobiz::fault::Fault;
use vobiz::log::LogPage;
use vobiz::meta::signals;

/// Deeper than any stack would bear if each level took a frame of it.
const VERY_DEEP: usize = 200_000;

/// Keys and texts that the readers look for, so that random JSON reaches their
/// inner parts.
const WORDS: [&str; 36] = [
    "object",
    "entry",
    "changes",
    "value",
    "calls",
    "statuses",
    "contacts",
    "metadata",
    "phone_number_id",
    "id",
    "event",
    "connect",
    "terminate",
    "ringing",
    "status",
    "type",
    "call",
    "session",
    "sdp",
    "sdp_type",
    "direction",
    "USER_INITIATED",
    "from",
    "to",
    "timestamp",
    "duration",
    "errors",
    "error",
    "code",
    "138006",
    "message",
    "error_data",
    "details",
    "profile",
    "name",
    "wa_id",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(&WORDS).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(138_006)),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 128, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// JSON in the places of a real payload, random below them.
fn almost_payload() -> impl Strategy<Value = Value> {
    (any_json(), any_json(), any_json(), any_json(), any::<bool>()).prop_map(
        |(call, status, contact, errors, whole)| {
            let value =
                json!({"calls": [call], "statuses": [status], "contacts": [contact], "errors": errors});
            if whole { json!({"entry": [{"changes": [{"value": value}]}]}) } else { value }
        },
    )
}

proptest! {
    #[test]
    fn any_payload_is_read(payload in prop_oneof![any_json(), almost_payload()]) {
        let _ = signals(&payload);
    }

    #[test]
    fn any_error_body_is_read(body in any_json()) {
        let fault = Fault::read(body.to_string().as_bytes());
        prop_assert!(fault.text.is_none_or(|text| text.len() <= 500));
    }

    #[test]
    fn any_bytes_are_read(body in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Fault::read(&body);
        let _ = serde_json::from_slice::<Envelope>(&body);
        let _ = serde_json::from_slice::<LogPage>(&body);
    }

    #[test]
    fn a_code_is_found_at_any_depth(path in prop::collection::vec(prop_oneof![Just("["), "[a-z]{1,8}".prop_map(|_| "{")], 0..100)) {
        let mut body = json!({"code": 138_003});
        for step in path {
            body = if step == "[" { json!([body]) } else { json!({"inner": body}) };
        }
        prop_assert_eq!(Fault::read(body.to_string().as_bytes()).code, Some(138_003));
    }
}

#[test]
fn very_deep_nesting_is_refused_without_a_stack_overflow() {
    for (open, close) in [("[", "]"), (r#"{"error":"#, "}")] {
        let body = format!("{}138006{}", open.repeat(VERY_DEEP), close.repeat(VERY_DEEP));
        let _ = Fault::read(body.as_bytes());
        assert!(serde_json::from_str::<Envelope>(&body).is_err());
        let envelope = format!(r#"{{"event_id":"e","event_type":"call.connect","payload":{body}}}"#);
        assert!(serde_json::from_str::<Envelope>(&envelope).is_err());
    }
}

#[test]
fn a_flood_of_calls_in_one_payload_is_cut_off() {
    let calls: Vec<_> =
        (0..10_000).map(|n| json!({"id": format!("wacid.{n}"), "event": "connect"})).collect();
    assert!(signals(&json!({"calls": calls})).len() <= 64);
}

#[test]
fn an_error_that_is_plain_text_is_still_read() {
    let fault = Fault::read(b"(#138006) Recipient has not approved calls");
    assert_eq!(fault.code, Some(138_006));
    assert_eq!(fault.text.as_deref(), Some("(#138006) Recipient has not approved calls"));
    assert_eq!(Fault::read(br#""(#138012) Limit reached""#).code, Some(138_012));
    assert_eq!(Fault::read(br#""(#138012) Limit reached""#).text.as_deref(), Some("(#138012) Limit reached"));
    assert_eq!(Fault::read(b"<html><body>502 Bad Gateway</body></html>"), Fault::default());
    assert_eq!(Fault::read(b"  \n"), Fault::default());
    assert_eq!(Fault::read(&[0xff, 0xfe, 0x00]).text, None);
}
