//! Session descriptions and webhooks as they really look.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

pub const CHANNEL: &str = "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f";
pub(super) const PHONE_NUMBER_ID: &str = "109876543210987";
const CALLER: &str = "+919800000001";

/// A browser's offer, as far as it matters.
pub fn offer() -> String {
    sdp("actpass")
}

/// A browser's answer.
pub fn answer() -> String {
    sdp("active")
}

fn sdp(setup: &str) -> String {
    let fingerprint = ["AB"; 32].join(":");
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE audio",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 126",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:ufragufragufrag1",
        "a=ice-pwd:icepasswordicepassword==",
        &format!("a=fingerprint:sha-256 {fingerprint}"),
        &format!("a=setup:{setup}"),
        "a=mid:audio",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:126 telephone-event/8000",
        "",
    ]
    .join("\r\n")
}

/// An envelope around a payload.
pub fn event(id: &str, kind: &str, payload: &Value) -> Value {
    json!({
        "event_id": id, "event_type": kind, "account_id": "MA_TEST",
        "payload": payload,
    })
}

/// A person calls.
pub fn connect(event_id: &str, call: &str) -> Value {
    let call = json!({
        "id": call, "from": &CALLER[1..], "to": "911140001234", "event": "connect", "timestamp": seconds(0),
        "direction": "USER_INITIATED", "session": { "sdp_type": "offer", "sdp": offer() },
    });
    event(event_id, "call.connect", &value(&json!({ "calls": [call] })))
}

/// The call is over.
pub fn terminate(event_id: &str, call: &str) -> Value {
    let call = json!({
        "id": call, "from": &CALLER[1..], "to": "911140001234", "event": "terminate", "timestamp": seconds(9),
        "direction": "USER_INITIATED", "status": "COMPLETED",
    });
    event(event_id, "call.terminate", &value(&json!({ "calls": [call] })))
}

/// Now and some seconds, as Meta writes times: an old event would be taken for a replay.
fn seconds(later: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    (now + later).to_string()
}

fn value(more: &Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "911140001234", "phone_number_id": PHONE_NUMBER_ID },
        "contacts": [{ "profile": { "name": "Asha Rao" }, "wa_id": &CALLER[1..] }],
    });
    value["calls"] = more["calls"].clone();
    value
}
