//! What an operator's Prometheus reads.

use serde_json::json;

use crate::support::{Reply, answer, connect, relay, terminate};

/// The value of a line.
fn value(metrics: &Reply, name: &str) -> f64 {
    let text = metrics.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().unwrap()
}

#[tokio::test]
async fn a_call_can_be_read_off_the_metrics() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "presence");
    assert_eq!(relay.deliver(&connect("event-1", "wacid.A")).await.status, 200);
    let accept = json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() });
    assert_eq!(relay.post(&cookie, "/api/calls/whatsapp/action", &accept).await.status, 200);
    let second = relay.post(&relay.cookie_of(1).await, "/api/calls/whatsapp/action", &accept).await;
    assert_eq!(second.status, 409, "{second}");
    for event in ["event-2", "event-2", "event-3"] {
        assert_eq!(relay.deliver(&terminate(event, "wacid.A")).await.status, 200);
    }

    let metrics = relay.get("/metrics").await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for (name, expected) in [
        ("relay_calls_begun_total{direction=\"inbound\"}", 1.0),
        ("relay_calls_total{direction=\"inbound\",outcome=\"far_end_hung_up\"}", 1.0),
        ("relay_calls_total{direction=\"outbound\",outcome=\"failed\"}", 0.0),
        ("relay_claims_total", 1.0),
        ("relay_claims_lost_total", 1.0),
        ("relay_ring_seconds_count{outcome=\"claimed\"}", 1.0),
        ("relay_answer_seconds_count{direction=\"inbound\"}", 1.0),
        ("relay_talk_seconds_count{direction=\"inbound\"}", 1.0),
        ("relay_upstream_seconds_count{operation=\"accept\",result=\"ok\"}", 1.0),
        ("relay_webhooks_total{outcome=\"taken\"}", 4.0),
        ("relay_sockets", 1.0),
        ("relay_journal_lag_records", 0.0),
        ("relay_journal_conflicts_total", 0.0),
        ("relay_journal_lag_records", 0.0),
        ("relay_journal_errors_total{operation=\"append\"}", 0.0),
    ] {
        assert!((value(&metrics, name) - expected).abs() < f64::EPSILON, "{name} in\n{metrics}");
    }
    assert!(value(&metrics, "relay_journal_append_seconds_count{result=\"kept\"}") >= 4.0);
    // Whatever the calls and agents are called, no label says so.
    assert!(!metrics.text().contains("wacid") && !metrics.text().contains("asha"));
}

#[tokio::test]
async fn labels_are_bounded_whatever_is_requested() {
    let relay = relay().await;
    for number in 0..50 {
        relay.get(&format!("/api/nothing-{number}")).await;
        relay.get(&format!("/page-{number}")).await;
    }
    let metrics = relay.get("/metrics").await.text();
    let lines = metrics.lines().filter(|line| line.starts_with("relay_requests_total")).count();
    assert!(lines < 8, "{metrics}");
}
