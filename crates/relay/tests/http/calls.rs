//! The three endpoints of the page.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::support::{CHANNEL, answer, connect, offer, relay};

const CALLS: &str = "/api/calls/whatsapp";
const ACTION: &str = "/api/calls/whatsapp/action";
const LOGS: &str = "/api/calls/whatsapp/logs";
const OTHER_CHANNEL: &str = "00000000-0000-4000-8000-000000000001";

#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    let relay = relay().await;
    let mut told = String::new();
    for (method, path) in
        [("GET", "/api/session"), ("GET", "/api/events"), ("POST", CALLS), ("POST", ACTION), ("GET", LOGS)]
    {
        told += &format!("{path}: {}\n", relay.send(relay.request(method, path)).await.problem());
    }
    assert_snapshot!(told, @"
    /api/session: 401 -: You are signed out
    /api/events: 401 -: You are signed out
    /api/calls/whatsapp: 401 -: You are signed out
    /api/calls/whatsapp/action: 401 -: You are signed out
    /api/calls/whatsapp/logs: 401 -: You are signed out
    ");
    assert!(relay.upstream.seen().is_empty());
}

#[tokio::test]
async fn a_call_goes_upstream_with_its_channel_filled_in() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let reply = relay.post(&cookie, CALLS, &json!({ "to": "+919800000001", "sdp_offer": offer() })).await;
    assert_eq!(reply.status, 201, "{reply}");
    assert_snapshot!(reply.text(), @r#"{"call_id":"d5e6f708-1920-4a3b-94c5-d6e7f8091022","from":"+911140001234","to":"+919800000001","status":"initiated","direction":"outbound"}"#);
    let sent = json!({ "channel_id": CHANNEL, "to": "+919800000001", "sdp_offer": offer() });
    assert_eq!(relay.upstream.seen(), [("POST".to_owned(), "/calls/whatsapp".to_owned(), sent)]);
}

#[tokio::test]
async fn one_attempt_makes_one_call_however_often_it_is_asked_for() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let ask = || async {
        let request = relay
            .request("POST", CALLS)
            .header("Cookie", &cookie)
            .header("Idempotency-Key", "8d0e5c1a-9c0f-4b8e-8f9e-1d2c3b4a5f60")
            .json(&json!({ "to": "+919800000001", "sdp_offer": offer() }));
        relay.send(request).await
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!((first.status, second.status), (201, 201), "{first} {second}");
    assert_eq!(first.text(), second.text());
    assert_eq!(relay.upstream.seen().len(), 1);
}

#[tokio::test]
async fn what_the_upstream_refuses_is_put_into_words() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    relay.upstream.answer_next(
        400,
        json!({ "error": { "message": "(#138006) No call permission", "code": 138006, "type": "OAuthException" } }),
    );
    let reply = relay.post(&cookie, CALLS, &json!({ "to": "+919800000005", "sdp_offer": offer() })).await;
    assert_snapshot!(reply.text(), @r#"{"type":"/problems/upstream-refused","title":"This person has not given permission to be called","status":422,"detail":"Ask them for permission in a message first. They can allow calls for seven days or for good.","code":138006}"#);
}

#[tokio::test]
async fn a_bad_initiate_names_its_field_and_goes_nowhere() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let good = json!({ "to": "+919800000001", "sdp_offer": offer() });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let mut told = String::new();
    for body in [
        json!({}),
        json!([]),
        json!("text"),
        with("to", Value::Null),
        with("to", json!(919_800_000_001_u64)),
        with("to", json!("")),
        with("to", json!("919800000001")),
        with("to", json!("+91 98000 00001")),
        with("to", json!("+0198000001")),
        with("to", json!("+1234567890123456")),
        with("channel_id", json!("main")),
        with("channel_id", json!(OTHER_CHANNEL)),
        with("channel_id", json!(7)),
        with("sdp_offer", json!("")),
        with("sdp_offer", json!("hello")),
        with("sdp_offer", json!(offer().replace("opus/48000/2", "PCMU/8000"))),
        with("sdp_offer", json!(offer().replace("sha-256", "sha-384"))),
        with("sdp_offer", json!(format!("{}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", offer()))),
        with("sdp_offer", json!(format!("{}a=x:{}\r\n", offer(), "x".repeat(70_000)))),
        with("sdp_offer", json!("x".repeat(200_000))),
    ] {
        told += &format!("{}\n", relay.post(&cookie, CALLS, &body).await.problem());
    }
    let key =
        relay.request("POST", CALLS).header("Cookie", &cookie).header("Idempotency-Key", "again").json(&good);
    told += &relay.send(key).await.problem();
    assert_snapshot!(told, @"
    422 to: The field to is missing.
    400 body: The body is not a JSON object
    400 body: The body is not a JSON object
    422 to: The field to is missing.
    422 to: The field to must be text.
    422 to: The field to is empty.
    422 to: The field to must begin with + and the country code, such as +919876543210.
    422 to: The field to may hold only digits after the +.
    422 to: The field to has a country code that begins with 0; leave the 0 out.
    422 to: The field to is too long: at most 15 digits after the +.
    422 channel_id: The field channel_id must be a UUID.
    422 channel_id: The field channel_id is not a channel of this softphone.
    422 channel_id: The field channel_id must be text.
    422 sdp_offer: The field sdp_offer is empty.
    422 sdp_offer: The field sdp_offer is not a session description: it must begin with v=0.
    422 sdp_offer: The field sdp_offer must offer Opus: a=rtpmap with opus/48000/2.
    422 sdp_offer: The field sdp_offer may have only sha-256 fingerprints, not sha-384.
    422 sdp_offer: The field sdp_offer must have exactly one m-line, for audio; it has 2.
    422 sdp_offer: The field sdp_offer is longer than 64 kB.
    413 body: The body is too large
    422 Idempotency-Key: The field Idempotency-Key must be a UUID.
    ");
    assert!(relay.upstream.seen().is_empty(), "{:?}", relay.upstream.seen());
}

#[tokio::test]
async fn a_bad_action_names_its_field_and_goes_nowhere() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut told = String::new();
    for body in [
        json!({ "action": "terminate" }),
        json!({ "call_id": "", "action": "terminate" }),
        json!({ "call_id": "two words", "action": "terminate" }),
        json!({ "call_id": "x".repeat(300), "action": "terminate" }),
        json!({ "call_id": "wacid.1" }),
        json!({ "call_id": "wacid.1", "action": "transfer" }),
        json!({ "call_id": "wacid.1", "action": "accept" }),
        json!({ "call_id": "wacid.1", "action": "accept", "sdp": offer() }),
        json!({ "call_id": "wacid.1", "action": "reject", "sdp": answer() }),
        json!({ "call_id": "wacid.1", "action": "reject", "channel_id": OTHER_CHANNEL }),
        json!({ "call_id": "wacid.1", "action": "reject" }),
        json!({ "call_id": "wacid.1", "action": "terminate" }),
        json!({ "call_id": "wacid.1", "action": "accept", "sdp": answer() }),
    ] {
        told += &format!("{}\n", relay.post(&cookie, ACTION, &body).await.problem());
    }
    assert_snapshot!(told, @r#"
    422 call_id: The field call_id is missing.
    422 call_id: The field call_id is empty.
    422 call_id: The field call_id is not the name of a call.
    422 call_id: The field call_id is not the name of a call.
    422 action: The field action is missing.
    422 action: The field action must be one of pre_accept, accept, reject, terminate.
    422 sdp: The field sdp is missing.
    422 sdp: The field sdp has the DTLS role "actpass"; it must be active.
    422 sdp: The field sdp goes with pre_accept and accept only.
    422 channel_id: The field channel_id is not a channel of this softphone.
    404 -: There is no such call
    404 -: There is no such call
    404 -: There is no such call
    "#);
    assert!(relay.upstream.seen().is_empty(), "{:?}", relay.upstream.seen());
}

#[tokio::test]
async fn an_accepted_call_is_answered_upstream_with_one_sdp() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "presence");
    assert_eq!(relay.deliver(&connect("event-1", "wacid.A")).await.status, 200);
    assert_eq!(socket.next().await["event"]["kind"], "ringing");

    let body = json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() });
    let reply = relay.post(&cookie, ACTION, &body).await;
    assert_snapshot!(reply, @r#"200 {"call_id":"wacid.A","action":"accept","success":true}"#);
    let sent: Vec<_> = relay
        .upstream
        .seen()
        .into_iter()
        .map(|(_, _, body)| (body["action"].clone(), body["sdp"].clone()))
        .collect();
    assert_eq!(sent, [(json!("accept"), json!(answer()))]);

    let reply = relay.post(&cookie, ACTION, &json!({ "call_id": "wacid.A", "action": "terminate" })).await;
    assert_eq!(reply.status, 200, "{reply}");
    let late = relay.post(&cookie, ACTION, &body).await;
    assert!((400..500).contains(&late.status), "{late}");
}

#[tokio::test]
async fn the_log_comes_without_session_descriptions() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let request =
        relay.request("GET", &format!("{LOGS}?page=2&limit=50&direction=inbound&status=pre_accepted"));
    let reply = relay.send(request.header("Cookie", &cookie)).await;
    assert_snapshot!(reply, @r#"200 {"items":[{"id":"row-1","channel_id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","meta_call_id":"wacid.1","direction":"inbound","from_number":"+919800000001","to_number":"+911140001234","status":"accepted","duration_seconds":185,"started_at":"2026-03-25T14:00:00Z"},{"id":"row-2"}],"total":2,"page":1,"limit":25,"has_more":false}"#);
    let seen = relay.upstream.seen();
    assert_eq!(seen[0].1, "/calls/whatsapp/logs?page=2&limit=50&direction=inbound&status=pre_accepted");
}

#[tokio::test]
async fn the_log_is_asked_for_again_before_anybody_reads_that_it_failed() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let ask = async || {
        let request = relay.request("GET", LOGS).header("Cookie", &cookie);
        relay.send(request).await
    };
    let broken = || relay.upstream.answer_next(503, json!({ "message": "try again later" }));
    broken();
    broken();
    assert_eq!(ask().await.status, 200);
    assert_eq!(relay.upstream.seen().len(), 3);
    for _ in 0..3 {
        broken();
    }
    assert_snapshot!(ask().await.problem(), @"502 -: The call log can't be read at the moment");
    assert_eq!(relay.upstream.seen().len(), 6);
    // A refusal is no accident.
    relay.upstream.answer_next(403, json!({ "message": "no" }));
    assert_eq!(ask().await.status, 502);
    assert_eq!(relay.upstream.seen().len(), 7);
}

#[tokio::test]
async fn a_bad_log_query_names_its_field_and_goes_nowhere() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut told = String::new();
    for query in [
        "page=0",
        "page=-1",
        "page=one",
        "page=99999999999",
        "limit=0",
        "limit=101",
        "limit=100000",
        "direction=sideways",
        "direction=",
        "status=ringing%00",
        "page=1&page=2",
        "directon=inbound",
        &"x".repeat(3_000),
    ] {
        let request = relay.request("GET", &format!("{LOGS}?{query}")).header("Cookie", &cookie);
        told += &format!("{}\n", relay.send(request).await.problem());
    }
    assert_snapshot!(told, @"
    422 page: The field page must be a whole number from 1 to 4294967295.
    422 page: The field page must be a whole number from 1 to 4294967295.
    422 page: The field page must be a whole number from 1 to 4294967295.
    422 page: The field page must be a whole number from 1 to 4294967295.
    422 limit: The field limit must be a whole number from 1 to 100.
    422 limit: The field limit must be a whole number from 1 to 100.
    422 limit: The field limit must be a whole number from 1 to 100.
    422 direction: The field direction must be one of inbound, outbound.
    422 direction: The field direction must be one of inbound, outbound.
    422 status: The field status must be one of initiated, ringing, pre_accepted, accepted, rejected, terminated, failed, missed.
    422 page: The field page is there twice.
    422 directon: The field directon is not known here.
    422 query: The field query is too long.
    ");
    assert!(relay.upstream.seen().is_empty(), "{:?}", relay.upstream.seen());
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_same_way() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut told = String::new();
    for (method, path) in [
        ("GET", "/api"),
        ("GET", "/api/nothing"),
        ("POST", "/webhooks/other"),
        ("GET", CALLS),
        ("DELETE", LOGS),
        ("GET", "/webhooks/vobiz"),
        ("POST", "/settings"),
        ("GET", "/api/events"),
    ] {
        let reply = relay.send(relay.request(method, path).header("Cookie", &cookie)).await;
        told += &format!("{method} {path}: {} [{}]\n", reply.problem(), reply.header("allow"));
    }
    assert_snapshot!(told, @"
    GET /api: 404 -: There is no such address []
    GET /api/nothing: 404 -: There is no such address []
    POST /webhooks/other: 404 -: There is no such address []
    GET /api/calls/whatsapp: 405 -: This address does not take that method [POST]
    DELETE /api/calls/whatsapp/logs: 405 -: This address does not take that method [GET,HEAD]
    GET /webhooks/vobiz: 405 -: This address does not take that method [POST]
    POST /settings: 405 -: This address does not take that method [GET, HEAD]
    GET /api/events: 426 -: This address takes WebSockets only []
    ");
}

#[tokio::test]
async fn one_agent_cannot_ask_without_end() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut refused = None;
    for _ in 0..200 {
        let reply = relay.send(relay.request("GET", LOGS).header("Cookie", &cookie)).await;
        if reply.status != 200 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    let other = relay.cookie_of(1).await;
    assert_eq!(relay.send(relay.request("GET", LOGS).header("Cookie", &other)).await.status, 200);
}

/// A page that is being closed sends its request and is gone, socket and all.
#[tokio::test]
async fn a_closing_pages_hang_up_goes_upstream_though_nobody_waits_for_the_answer() {
    const ROUNDS: usize = 10;
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let socket = relay.socket(&cookie, "").await;
    for round in 0..ROUNDS {
        let call = format!("wacid.{round}");
        assert_eq!(relay.deliver(&connect(&format!("event-{round}"), &call)).await.status, 200);
        let accept = json!({ "call_id": call, "action": "accept", "sdp": answer() });
        assert_eq!(relay.post(&cookie, ACTION, &accept).await.status, 200);
    }
    drop(socket);
    for round in 0..ROUNDS {
        let body = json!({ "call_id": format!("wacid.{round}"), "action": "terminate" }).to_string();
        let request = format!(
            "POST {ACTION} HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nCookie: {cookie}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            relay.address,
            relay.origin(),
            body.len(),
        );
        let mut line = tokio::net::TcpStream::connect(relay.address).await.unwrap();
        line.write_all(request.as_bytes()).await.unwrap();
        // Closed both ways at once, as by a browser whose tab is gone.
        drop(line);
    }
    let begun = std::time::Instant::now();
    loop {
        let ends = relay.upstream.seen().iter().filter(|(.., body)| body["action"] == "terminate").count();
        if ends == ROUNDS {
            return;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "only {ends} of {ROUNDS} were ended");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
