//! What must never be seen. Every reply of every test is searched as well, in
//! `TestRelay::send`.

use serde_json::{Value, json};

use crate::support::{
    AGENTS, TOKEN, TestSource, WEBHOOK_SECRET, answer, connect, log, offer, relay, variables,
};

#[tokio::test]
async fn nothing_that_is_logged_shows_a_secret_or_an_address_of_a_person() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    socket.say(&json!({ "available": { "available": true } })).await;
    relay.login(AGENTS[1].1, AGENTS[1].1).await;
    relay.deliver(&connect("event-1", "wacid.A")).await;
    for body in [
        json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() }),
        json!({ "call_id": "wacid.A", "action": "terminate" }),
    ] {
        relay.post(&cookie, "/api/calls/whatsapp/action", &body).await;
    }
    for status in [401, 500, 503] {
        relay.upstream.answer_next(status, json!({ "message": format!("bad token {TOKEN}") }));
        let body = json!({ "to": "+919800000001", "sdp_offer": offer() });
        // The upstream's own words are passed on to an agent; the token in them is not
        // what an upstream says, so only the log is looked at here.
        drop(relay.request("POST", "/api/calls/whatsapp").header("Cookie", &cookie).json(&body).send().await);
    }
    relay.post(&cookie, "/api/logout", &Value::Null).await;
    let address = relay.upstream.address.to_string();
    relay.stop().await;

    let log = log();
    assert!(log.contains("listening"), "the log is captured");
    for secret in [TOKEN, WEBHOOK_SECRET, AGENTS[0].1, AGENTS[1].1, "icepasswordicepassword", "AB:AB:AB"] {
        assert!(!log.contains(secret), "the log shows {secret}");
    }
    let ours = log.lines().find(|line| line.contains("relay::") && line.contains(&address));
    assert_eq!(ours, None, "a line shows the upstream's address");
}

#[test]
fn configuration_can_be_printed() {
    let folder = tempfile::TempDir::new().unwrap();
    let source = TestSource {
        variables: variables(folder.path(), "https://api.example.com"),
        ..TestSource::default()
    };
    let config = relay::Config::read(&source).unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("asha"));
    for secret in [TOKEN, WEBHOOK_SECRET, "$argon2id"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
