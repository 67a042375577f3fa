//! An accept that is said on the socket, ahead of its request.

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Socket, TestRelay, answer, connect, relay};

const ACTION: &str = "/api/calls/whatsapp/action";

/// A call that rings at an agent's page.
async fn rung(relay: &TestRelay, cookie: &str) -> Socket {
    let mut socket = relay.socket(cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "presence");
    assert_eq!(relay.deliver(&connect("event-1", "wacid.A")).await.status, 200);
    assert_eq!(socket.next().await["event"]["kind"], "ringing");
    socket
}

/// What happens to the call next, until one of these.
async fn until(socket: &mut Socket, last: &[&str]) -> Vec<String> {
    let mut kinds = Vec::new();
    loop {
        let frame = socket.next().await;
        kinds.extend(frame["event"]["kind"].as_str().map(str::to_owned));
        if kinds.last().is_some_and(|kind| last.contains(&kind.as_str())) {
            return kinds;
        }
    }
}

/// The actions that upstream was asked for.
fn asked(relay: &TestRelay) -> Vec<String> {
    let seen = relay.upstream.seen();
    seen.iter().map(|(_, _, body)| body["action"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_frame_answers_the_call_and_the_request_learns_of_it() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = rung(&relay, &cookie).await;
    socket.say(&json!({ "accept": { "call": "wacid.A", "sdp": answer() } })).await;
    assert_eq!(until(&mut socket, &["accepted", "ended"]).await, ["claimed", "accepted"]);
    assert_eq!(asked(&relay), ["accept"], "upstream is asked before the request is here");
    let body = json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() });
    let reply = relay.post(&cookie, ACTION, &body).await;
    assert_snapshot!(reply, @r#"200 {"call_id":"wacid.A","action":"accept","success":true}"#);
    let repeated = relay.post(&cookie, ACTION, &body).await;
    assert_eq!((repeated.status, repeated.text()), (reply.status, reply.text()));
    assert_eq!(asked(&relay), ["accept"]);
}

#[tokio::test]
async fn a_refusal_is_told_by_the_request_and_upstream_is_asked_once() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = rung(&relay, &cookie).await;
    relay.upstream.answer_next(400, json!({ "message": "no" }));
    socket.say(&json!({ "accept": { "call": "wacid.A", "sdp": answer() } })).await;
    assert_eq!(until(&mut socket, &["accepted", "ended"]).await, ["claimed", "ended"]);
    let body = json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() });
    let reply = relay.post(&cookie, ACTION, &body).await;
    assert_snapshot!(reply.problem(), @"422 -: Vobiz refused the request");
    assert_snapshot!(relay.post(&cookie, ACTION, &body).await.problem(), @"410 -: Vobiz refused the request");
    let accepts = asked(&relay).into_iter().filter(|action| action == "accept");
    assert_eq!(accepts.count(), 1);
}

#[tokio::test]
async fn what_is_no_answer_or_no_call_is_told_by_the_request_too() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = rung(&relay, &cookie).await;
    for (call, sdp) in [("wacid.A", "v=0".to_owned()), ("wacid.B", answer())] {
        socket.say(&json!({ "accept": { "call": call, "sdp": sdp } })).await;
        let reply =
            relay.post(&cookie, ACTION, &json!({ "call_id": call, "action": "accept", "sdp": sdp })).await;
        assert!(matches!(reply.status, 404 | 422), "{reply}");
    }
    // The socket is none the worse for it.
    socket.say(&json!({ "accept": { "call": "wacid.A", "sdp": answer() } })).await;
    assert_eq!(until(&mut socket, &["accepted", "ended"]).await, ["claimed", "accepted"]);
    assert_eq!(asked(&relay), ["accept"]);
}
