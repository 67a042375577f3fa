//! The event socket.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use relay::config::SessionLife;
use serde_json::json;

use crate::support::{Closed, Socket, TestRelay, connect, relay};

#[tokio::test]
async fn begins_with_a_snapshot_and_goes_on_from_there() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    let first = socket.next().await;
    assert_eq!(
        (&first["type"], &first["available"], &first["calls"]),
        (&json!("snapshot"), &json!(false), &json!([]))
    );
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await, json!({ "type": "presence", "available": true }));
    assert_eq!(relay.deliver(&connect("event-1", "wacid.A")).await.status, 200);
    let ringing = socket.next().await;
    assert_eq!((&ringing["call"], &ringing["event"]["kind"]), (&json!("wacid.A"), &json!("ringing")));
    socket.say(&json!({ "ring_ack": { "call": "wacid.A", "audible": true } })).await;

    // Another tab of the same agent sees the same, and their switch.
    let mut second = relay.socket(&cookie, "").await;
    let snapshot = second.next().await;
    assert_eq!((&snapshot["available"], &snapshot["calls"][0]["call"]), (&json!(true), &json!("wacid.A")));
    assert!(snapshot["calls"][0]["stage"]["ringing"].is_object());
    second.say(&json!({ "available": { "available": false } })).await;
    loop {
        let frame = socket.next().await;
        if frame["type"] == "presence" {
            assert_eq!(frame["available"], false);
            break;
        }
    }
}

#[tokio::test]
async fn a_bad_resume_names_its_field() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut told = String::new();
    for query in
        ["after=-1", "after=x", "after=1&after=2", "token=x", &format!("after=1&epoch={}", "x".repeat(200))]
    {
        let request = relay
            .request("GET", &format!("/api/events?{query}"))
            .header("Cookie", &cookie)
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        told += &format!("{}\n", relay.send(request).await.problem());
    }
    assert_snapshot!(told, @"
    422 after: The field after must be a whole number from 0 to 18446744073709551615.
    422 after: The field after must be a whole number from 0 to 18446744073709551615.
    422 after: The field after is there twice.
    422 token: The field token is not known here.
    422 epoch: The field epoch is too long.
    ");
}

#[tokio::test]
async fn who_says_nothing_is_gone_after_ten_seconds() {
    let relay = relay().await;
    let mut socket = relay.socket(&relay.cookie().await, "").await;
    let begun = Instant::now();
    let mut pings = 0;
    let closed = loop {
        match socket.next_raw().await {
            Ok(frame) => pings += u32::from(frame["type"] == "ping"),
            Err(closed) => break closed,
        }
    };
    let after = begun.elapsed().as_secs_f32();
    assert!((9.5..11.5).contains(&after), "after {after} s");
    // The third is due just then.
    assert!((2..=3).contains(&pings), "{pings}");
    assert_eq!(closed, Closed(0));
    assert!(relay.get("/metrics").await.text().contains("relay_sockets 0"));
}

#[tokio::test]
async fn who_answers_stays() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    let waited = tokio::time::timeout(Duration::from_secs(14), socket.next()).await;
    assert!(waited.is_err(), "nothing but pings for longer than a silence may last: {waited:?}");
}

#[tokio::test]
async fn nonsense_and_floods_end_it() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    for text in ["", "{}", "\"shout\"", &format!("{{\"{}\":{{}}}}", "x".repeat(5_000))] {
        let mut socket = relay.socket(&cookie, "").await;
        socket.say_text(text).await;
        let closed = socket.end().await;
        // One that is too long breaks the protocol before it can be read.
        assert!(matches!(closed, Closed(1008 | 1009 | 0)), "{closed:?} {}", text.len());
    }
    let mut socket = relay.socket(&cookie, "").await;
    for nonce in 0..100 {
        socket.say(&json!({ "pong": { "nonce": nonce } })).await;
    }
    assert_eq!(socket.end().await, Closed(1008));
}

#[tokio::test]
async fn the_oldest_of_too_many_is_closed() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut sockets = Vec::new();
    for _ in 0..9 {
        sockets.push(relay.socket(&cookie, "").await);
    }
    assert_eq!(sockets[0].end().await, Closed(1008));
    assert_eq!(sockets[8].next().await["type"], "snapshot");
    assert!(relay.get("/metrics").await.text().contains("relay_sockets 8"));
}

#[tokio::test]
async fn the_end_of_the_session_is_told_before_it_closes() {
    let life = SessionLife { longest: Duration::from_millis(800), ..SessionLife::default() };
    let relay = TestRelay::start(|_| {}, life).await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    assert_eq!(socket.next().await, json!({ "type": "signed_out" }));
    assert_eq!(socket.end().await, Closed(1000));
    assert_eq!(Socket::try_open(relay.address, &cookie, "", &relay.origin()).await.err(), Some(401));
}

#[tokio::test]
async fn a_relay_that_stops_says_goodbye() {
    let relay = relay().await;
    let mut socket = relay.socket(&relay.cookie().await, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    let (folder, closed) = tokio::join!(relay.stop(), socket.end());
    assert_eq!(closed, Closed(1012));
    drop(folder);
}
