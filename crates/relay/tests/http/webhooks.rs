//! The door for the upstream's events.

use std::time::Duration;

use insta::assert_snapshot;
use relay::config::SessionLife;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use vobiz::signature::sign;

use crate::support::{Reply, TestRelay, WEBHOOK_SECRET, connect, event, relay, terminate};

#[tokio::test]
async fn without_a_valid_signature_nothing_changes() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    socket.say(&json!({ "available": { "available": true } })).await;
    let body = connect("event-1", "wacid.A").to_string();
    let good = sign(WEBHOOK_SECRET.as_bytes(), body.as_bytes());
    for signature in [
        None,
        Some(String::new()),
        Some("0".repeat(64)),
        Some(good.to_uppercase()),
        Some(format!("sha256={good}")),
        Some(good[..63].to_owned()),
        Some(sign(b"another secret", body.as_bytes())),
        Some(sign(WEBHOOK_SECRET.as_bytes(), format!("{body} ").as_bytes())),
    ] {
        let mut request = relay.request("POST", "/webhooks/vobiz").header("Content-Type", "application/json");
        if let Some(signature) = &signature {
            request = request.header("X-Webhook-Signature", signature);
        }
        let reply = relay.send(request.body(body.clone())).await;
        assert_eq!(reply.problem(), "401 -: The signature is missing or wrong");
    }
    assert_eq!(socket.next().await["type"], "snapshot");
    assert_eq!(socket.next().await["type"], "presence");
    assert_eq!(socket.next_raw().await.unwrap()["type"], "ping", "nothing rings");
    assert!(relay.get("/metrics").await.text().contains("relay_webhooks_total{outcome=\"unsigned\"} 8"));
}

#[tokio::test]
async fn without_a_configured_secret_nothing_is_signed() {
    let relay = TestRelay::start(
        |source| drop(source.variables.remove("VOBIZ_WEBHOOK_SECRET")),
        SessionLife::default(),
    );
    let relay = relay.await;
    for secret in ["", WEBHOOK_SECRET] {
        let body = connect("event-1", "wacid.A").to_string();
        let signature = sign(secret.as_bytes(), body.as_bytes());
        let request = relay.request("POST", "/webhooks/vobiz").header("X-Webhook-Signature", signature);
        assert_eq!(relay.send(request.body(body)).await.status, 401);
    }
}

#[tokio::test]
async fn a_call_rings_once_however_often_it_is_delivered() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "presence");
    for event_id in ["event-1", "event-1", "event-2"] {
        let reply = relay.deliver(&connect(event_id, "wacid.A")).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, ""));
    }
    let mut ringing = socket.next().await;
    for (name, value) in [
        ("/seq", json!(0)),
        ("/at", json!(0)),
        ("/event/since", json!(0)),
        ("/event/expires", json!(0)),
        ("/event/offer", json!("(sdp)")),
    ] {
        *ringing.pointer_mut(name).unwrap() = value;
    }
    assert_snapshot!(ringing, @r#"{"seq":0,"at":0,"call":"wacid.A","event":{"from":{"number":"+919800000001","name":"Asha Rao"},"to":"+911140001234","offer":"(sdp)","since":0,"expires":0,"kind":"ringing"},"type":"event"}"#);
    for event_id in ["event-3", "event-3"] {
        assert_eq!(relay.deliver(&terminate(event_id, "wacid.A")).await.status, 200);
    }
    let ended = socket.next().await;
    assert_eq!(ended["event"], json!({ "kind": "ended", "reason": { "why": "missed" } }), "{ended}");
}

#[tokio::test]
async fn what_is_not_ours_is_taken_and_dropped() {
    let relay = relay().await;
    for kind in ["message.inbound", "message.status", "account.updated"] {
        assert_eq!(relay.deliver(&event("event-1", kind, &json!({ "any": 1 }))).await.status, 200, "{kind}");
    }
    // Signed, ours by its name, and of a shape that nobody has seen.
    for payload in [json!(null), json!({}), json!({ "calls": "none" }), json!([[[]]])] {
        assert_eq!(relay.deliver(&event("event-2", "call.connect", &payload)).await.status, 200, "{payload}");
    }
}

#[tokio::test]
async fn another_event_name_in_the_header_does_not_matter() {
    let relay = relay().await;
    let body = connect("event-1", "wacid.A").to_string();
    let reply = signed(&relay, body.into_bytes(), "call.terminate").await;
    assert_eq!(reply.status, 200, "{reply}");
}

#[tokio::test]
async fn signed_nonsense_is_refused() {
    let relay = relay().await;
    let mut told = String::new();
    for body in
        [&b""[..], b"{", b"[]", b"{}", b"\xff\xfe", b"{\"event_id\":7,\"event_type\":\"call.connect\"}"]
    {
        told += &format!("{}\n", signed(&relay, body.to_vec(), "call.connect").await.problem());
    }
    told += &signed(&relay, vec![b' '; 1024 * 1024 + 1], "call.connect").await.problem();
    assert_snapshot!(told, @"
    400 body: The body is not a webhook event: line 1, column 0
    400 body: The body is not a webhook event: line 1, column 1
    400 body: The body is not a webhook event: line 1, column 2
    400 body: The body is not a webhook event: line 1, column 2
    400 body: The body is not a webhook event: line 1, column 1
    400 body: The body is not a webhook event: line 1, column 13
    413 body: The body is too large
    ");
}

#[tokio::test]
async fn a_body_that_never_comes_holds_nobody_up() {
    let relay = relay().await;
    let mut slow = TcpStream::connect(relay.address).await.unwrap();
    slow.write_all(b"POST /webhooks/vobiz HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        .await
        .unwrap();
    assert_eq!(relay.deliver(&connect("event-1", "wacid.A")).await.status, 200);
    let mut reply = vec![0; 4_096];
    let read = tokio::time::timeout(Duration::from_secs(15), slow.read(&mut reply)).await.unwrap().unwrap();
    assert!(
        String::from_utf8_lossy(&reply[..read]).starts_with("HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&reply[..read])
    );
}

async fn signed(relay: &TestRelay, body: Vec<u8>, header: &str) -> Reply {
    let signature = sign(WEBHOOK_SECRET.as_bytes(), &body);
    let request = relay
        .request("POST", "/webhooks/vobiz")
        .header("X-Webhook-Signature", signature)
        .header("X-Webhook-Event", header);
    relay.send(request.body(body)).await
}
