//! Signing in and out, and what a session is worth.

use std::time::Duration;

use insta::assert_snapshot;
use relay::config::SessionLife;
use serde_json::{Value, json};

use crate::support::{AGENTS, Reply, Socket, TestRelay, relay};

#[tokio::test]
async fn the_right_password_opens_a_session() {
    let relay = relay().await;
    let reply = relay.login(AGENTS[0].0, AGENTS[0].1).await;
    let mut session = reply.json();
    assert!(session["expires"].as_u64() > Some(1_764_000_000_000));
    session["expires"] = json!("(later)");
    assert_snapshot!(session, @r#"{"username":"asha","name":"Asha","role":"agent","expires":"(later)","channels":[{"id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","phone_number":"+911140001234","display_name":"Demo Traders"}],"ice_servers":[]}"#);
    assert_snapshot!(attributes(&reply), @"softphone=…; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200");

    let again = relay.send(relay.request("GET", "/api/session").header("Cookie", reply.cookie())).await;
    assert_eq!((again.status, &again.json()["username"]), (200, &json!("asha")));
    assert_eq!(again.header("set-cookie"), "", "a fresh session is not renewed");
    assert_eq!(again.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let relay = relay().await;
    let wrong = relay.login("asha", "guess").await;
    let unknown = relay.login("nobody", "guess").await;
    assert_eq!(wrong.text(), unknown.text());
    assert_snapshot!(wrong.text(), @r#"{"type":"/problems/wrong-credentials","title":"Username or password is wrong","status":401,"detail":"Check both and try again. If you don't know your password, ask your administrator."}"#);
    assert_eq!(wrong.header("set-cookie"), "");
}

#[tokio::test]
async fn guessing_gets_slower() {
    let relay = relay().await;
    for _ in 0..4 {
        assert_eq!(relay.login("asha", "guess").await.status, 401);
    }
    let throttled = relay.login("asha", "guess").await;
    assert_snapshot!(throttled.text(), @r#"{"type":"/problems/too-many-requests","title":"Too many attempts to sign in","status":429,"detail":"Try again in 1 second.","retry_after_s":1}"#);
    assert_eq!(throttled.header("retry-after"), "1");
    // Not even the right password is looked at, but others are not held up.
    assert_eq!(relay.login("asha", AGENTS[0].1).await.status, 429);
    assert_eq!(relay.login("ben", AGENTS[1].1).await.status, 200);
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(relay.login("asha", AGENTS[0].1).await.status, 200);
    assert!(relay.get("/metrics").await.text().contains("relay_logins_total{outcome=\"throttled\"} 2"));
}

#[tokio::test]
async fn every_bad_body_is_named() {
    let relay = relay().await;
    let mut told = String::new();
    for (kind, body) in [
        ("application/json", String::new()),
        ("application/json", "{".to_owned()),
        ("application/json", "[1]".to_owned()),
        ("text/plain", "{}".to_owned()),
        ("application/json", json!({ "password": "x" }).to_string()),
        ("application/json", json!({ "username": 7, "password": "x" }).to_string()),
        ("application/json", json!({ "username": " ", "password": "x" }).to_string()),
        ("application/json; charset=utf-8", json!({ "username": "asha", "password": null }).to_string()),
        ("application/json", json!({ "username": "asha", "password": "" }).to_string()),
        ("application/json", json!({ "username": "x".repeat(5_000), "password": "x" }).to_string()),
    ] {
        let request = relay.request("POST", "/api/login").header("Content-Type", kind).body(body);
        told += &format!("{}\n", relay.send(request).await.problem());
    }
    assert_snapshot!(told, @"
    400 body: The body is empty
    400 body: The body is not JSON: line 1, column 1
    400 body: The body is not a JSON object
    415 Content-Type: The body is not JSON
    422 username: The field username is missing.
    422 username: The field username must be text.
    422 username: The field username is empty.
    422 password: The field password is missing.
    422 password: The field password is empty.
    413 body: The body is too large
    ");
}

#[tokio::test]
async fn other_sites_are_kept_out() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut told = String::new();
    for (origin, site) in [
        ("https://evil.example", "cross-site"),
        ("null", "cross-site"),
        ("http://localhost.evil.example", "same-site"),
        ("http://localhost:3000", "same-origin"),
        ("http://127.0.0.1:8080", "same-origin"),
    ] {
        let request =
            relay.request("POST", "/api/logout").header("Origin", origin).header("Sec-Fetch-Site", site);
        let reply = relay.send(request).await;
        told +=
            &format!("{origin}: {}\n", if reply.status == 204 { "204".to_owned() } else { reply.problem() });
    }
    assert_snapshot!(told, @"
    https://evil.example: 403 -: The request came from another site
    null: 403 -: The request came from another site
    http://localhost.evil.example: 403 -: The request came from another site
    http://localhost:3000: 204
    http://127.0.0.1:8080: 204
    ");
    let socket = Socket::try_open(relay.address, &cookie, "", "https://evil.example").await;
    assert_eq!(socket.err(), Some(403));
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");

    let reply = relay.post(&cookie, "/api/logout", &Value::Null).await;
    assert_eq!(reply.status, 204);
    assert_snapshot!(attributes(&reply), @"softphone=…; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    assert_eq!(socket.next().await, json!({ "type": "signed_out" }));

    // A copy of the cookie is worth nothing any more.
    let reply = relay.send(relay.request("GET", "/api/session").header("Cookie", &cookie)).await;
    assert_snapshot!(reply.problem(), @"401 -: You are signed out");
    assert_eq!(Socket::try_open(relay.address, &cookie, "", &relay.origin()).await.err(), Some(401));
}

#[tokio::test]
async fn a_session_is_renewed_while_it_is_used_and_ends_when_it_is_not() {
    let life = SessionLife {
        idle: Duration::from_millis(600),
        longest: Duration::from_secs(60),
        renew_after: Duration::from_millis(200),
    };
    let relay = TestRelay::start(|_| {}, life).await;
    let first = relay.cookie().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let renewed = session(&relay, &first).await;
    assert_eq!(renewed.status, 200);
    let second = renewed.cookie();
    assert_ne!(second, first);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(session(&relay, &first).await.status, 401, "700 ms old and never renewed");
    assert_eq!(session(&relay, &second).await.status, 200);

    // An open socket is activity, too.
    let watched = relay.cookie().await;
    let mut socket = relay.socket(&watched, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(session(&relay, &watched).await.status, 200);
}

#[tokio::test]
async fn nothing_but_an_own_cookie_opens_a_session() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let (name, value) = cookie.split_once('=').unwrap();
    let mut forged = value.to_owned();
    forged.replace_range(10..11, if &value[10..11] == "A" { "B" } else { "A" });
    for cookie in [
        String::new(),
        format!("{name}="),
        format!("{name}={forged}"),
        format!("{name}={{\"username\":\"asha\"}}"),
        format!("__Host-{cookie}"),
        "x".repeat(8_000),
    ] {
        assert_eq!(session(&relay, &cookie).await.status, 401, "{cookie}");
    }
    let other = TestRelay::start(
        |source| drop(source.variables.insert("VOBIZ_AUTH_TOKEN".to_owned(), "another".to_owned())),
        SessionLife::default(),
    )
    .await;
    assert_eq!(session(&other, &cookie).await.status, 401, "sealed by other secrets");
}

#[tokio::test]
async fn behind_tls_the_cookie_is_bound_to_the_host() {
    let set = |source: &mut crate::support::TestSource| {
        source.variables.insert("RELAY_ORIGIN".to_owned(), "https://phone.example.com".to_owned());
    };
    let relay = TestRelay::start(set, SessionLife::default()).await;
    let body = json!({ "username": AGENTS[0].0, "password": AGENTS[0].1 });
    let request = relay.request("POST", "/api/login").header("Origin", "https://phone.example.com");
    let reply = relay.send(request.json(&body)).await;
    assert_snapshot!(attributes(&reply), @"__Host-softphone=…; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=43200");
    let request = relay.request("POST", "/api/login").header("Origin", relay.origin());
    assert_eq!(relay.send(request.json(&body)).await.status, 403, "no loopback beside a public origin");
}

async fn session(relay: &TestRelay, cookie: &str) -> Reply {
    relay.send(relay.request("GET", "/api/session").header("Cookie", cookie)).await
}

/// The cookie without its value.
fn attributes(reply: &Reply) -> String {
    let whole = reply.header("set-cookie");
    let (name, rest) = whole.split_once('=').unwrap();
    let (value, attributes) = rest.split_once(';').unwrap();
    format!("{name}={};{attributes}", if value.is_empty() { "" } else { "…" })
}
