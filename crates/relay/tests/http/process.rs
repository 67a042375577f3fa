//! The real executable.

use std::{
    collections::HashMap,
    io::Write as _,
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;
use vobiz::signature::sign;

use crate::support::{
    AGENTS, Closed, FakeUpstream, Socket, WEBHOOK_SECRET, connect, free_address, variables,
};

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_softphone-relay");

#[test]
fn a_bad_value_ends_the_start_with_one_line() {
    let folder = TempDir::new().unwrap();
    let usual = variables(folder.path(), "https://api.example.com");
    let mut told = String::new();
    for (name, value) in [
        ("VOBIZ_AUTH_TOKEN", ""),
        ("VOBIZ_CHANNEL_ID", ""),
        ("VOBIZ_CHANNEL_ID", "main"),
        ("RELAY_LISTEN", "8080"),
        ("RELAY_ORIGIN", "http://phone.example.com"),
        ("RELAY_ROUTING", "round-robin"),
        ("VOBIZ_BASE_URL", "http://api.example.com"),
    ] {
        let mut variables = usual.clone();
        variables.insert(name.to_owned(), value.to_owned());
        let output = run(&variables, &[]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(line.lines().count(), 1, "{line}");
        told += &line;
    }
    assert_snapshot!(told, @"
    softphone-relay: VOBIZ_AUTH_TOKEN: is not set. Example: VOBIZ_AUTH_TOKEN=the-token-of-the-account
    softphone-relay: VOBIZ_CHANNEL_ID: is not set. Example: VOBIZ_CHANNEL_ID=3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f
    softphone-relay: VOBIZ_CHANNEL_ID: main is not a UUID. Example: VOBIZ_CHANNEL_ID=3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f
    softphone-relay: RELAY_LISTEN: 8080 is not an IP address with a port. Example: RELAY_LISTEN=127.0.0.1:8080
    softphone-relay: RELAY_ORIGIN: http://phone.example.com is plain HTTP on a public name: passwords could be read on the way, and browsers give no microphone; put TLS in front and use https. Example: RELAY_ORIGIN=https://phone.example.com
    softphone-relay: RELAY_ROUTING: round-robin is neither ring-all nor longest-idle. Example: RELAY_ROUTING=ring-all
    softphone-relay: VOBIZ_BASE_URL: http://api.example.com would send the token unencrypted; http is only for this machine itself. Example: VOBIZ_BASE_URL=https://api.vobiz.ai/api/v1/messaging
    ");
}

#[test]
fn a_taken_port_is_named() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let mut variables = variables(folder.path(), "https://api.example.com");
    variables.insert("RELAY_LISTEN".to_owned(), address.to_string());
    let output = run(&variables, &[]);
    let told = String::from_utf8(output.stderr).unwrap().replace(&address.to_string(), "ADDRESS");
    assert_snapshot!(told, @"softphone-relay: RELAY_LISTEN: ADDRESS is taken by another program. Example: RELAY_LISTEN=127.0.0.1:8081");
}

#[test]
fn a_password_becomes_a_hash() {
    let mut child = start(&HashMap::new(), &["hash-password"]);
    child.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let hash = String::from_utf8(output.stdout).unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let output = run(&HashMap::new(), &["hash-password"]);
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"softphone-relay: no password came on standard input. Example: echo 'the password' | softphone-relay hash-password");
}

#[test]
fn it_explains_itself() {
    let help = run(&HashMap::new(), &["--help"]);
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for name in ["RELAY_LISTEN", "VOBIZ_AUTH_TOKEN", "hash-password", "webhook add URL"] {
        assert!(help.contains(name), "{name}");
    }
    assert_eq!(run(&HashMap::new(), &["serve-please"]).status.code(), Some(1));
}

#[tokio::test]
async fn a_webhook_is_registered_once_listed_and_removed() {
    let folder = TempDir::new().unwrap();
    let upstream = FakeUpstream::start().await;
    let variables = variables(folder.path(), &upstream.base_url());
    let row =
        json!({ "id": "hook-1", "url": "https://phone.example.com/webhooks/vobiz", "status": "active" });
    upstream.answer_next(200, json!({ "items": [] }));
    upstream.answer_next(201, row.clone());
    upstream.answer_next(200, json!({ "items": [row] }));
    upstream.answer_next(200, json!({ "items": [row] }));
    upstream.answer_next(200, Value::Null);
    let mut told = String::new();
    for words in [
        &["webhook", "add", "https://phone.example.com/webhooks/vobiz"][..],
        &["webhook", "add", "https://phone.example.com/webhooks/vobiz"],
        &["webhook", "list"],
        &["webhook", "remove", "hook-1"],
        &["webhook", "add", "phone.example.com"],
    ] {
        let (variables, words) = (variables.clone(), words.to_vec());
        let output = tokio::task::spawn_blocking(move || run(&variables, &words)).await.unwrap();
        told += &String::from_utf8(output.stdout).unwrap();
        told += &String::from_utf8(output.stderr).unwrap();
    }
    assert_snapshot!(told, @"
    Registered as hook-1: Vobiz now sends events to https://phone.example.com/webhooks/vobiz.
    https://phone.example.com/webhooks/vobiz is registered already as hook-1. If its secret has changed: `softphone-relay webhook remove hook-1`, then add it again.
    hook-1  active  https://phone.example.com/webhooks/vobiz  since -
    Removed hook-1.
    softphone-relay: phone.example.com is not an address. Example: https://phone.example.com/webhooks/vobiz: relative URL without a base
    ");
    let posted: Vec<_> = upstream.seen().into_iter().filter(|(method, ..)| method == "POST").collect();
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].2["secret"], WEBHOOK_SECRET);
}

#[tokio::test]
async fn a_killed_relay_comes_back_with_the_call_that_rings() {
    let folder = TempDir::new().unwrap();
    let upstream = FakeUpstream::start().await;
    let mut variables = variables(folder.path(), &upstream.base_url());
    let address = free_address();
    variables.insert("RELAY_LISTEN".to_owned(), address.to_string());

    let first = Killed(start(&variables, &[]));
    ready(address).await;
    let cookie = login(address).await;
    let mut socket = Socket::open(address, &cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "presence");
    deliver(address, &connect("event-1", "wacid.A")).await;
    let ringing = socket.next().await;
    assert_eq!(ringing["event"]["kind"], "ringing");
    // SIGKILL: nothing is written on the way out.
    drop(first);

    let _second = Killed(start(&variables, &[]));
    ready(address).await;
    // The same cookie: sessions outlive the process.
    let mut socket = Socket::open(address, &cookie, "").await;
    let snapshot = socket.next().await;
    assert_eq!(snapshot["available"], true, "{snapshot}");
    assert_eq!(snapshot["calls"][0]["call"], "wacid.A", "{snapshot}");
    assert!(snapshot["calls"][0]["stage"]["ringing"].is_object());
    assert_eq!(snapshot["calls"][0]["stage"]["ringing"]["offer"], ringing["event"]["offer"]);
}

#[tokio::test]
async fn asked_to_stop_it_says_goodbye_and_ends_well() {
    let folder = TempDir::new().unwrap();
    let upstream = FakeUpstream::start().await;
    let mut variables = variables(folder.path(), &upstream.base_url());
    let address = free_address();
    variables.insert("RELAY_LISTEN".to_owned(), address.to_string());
    for signal in ["TERM", "INT"] {
        let mut child = start(&variables, &[]);
        ready(address).await;
        let mut socket = Socket::open(address, &login(address).await, "").await;
        assert_eq!(socket.next().await["type"], "snapshot");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert_eq!(socket.end().await, Closed(1012));
        let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
    }
}

/// A process that does not outlive its test.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

pub fn start(variables: &HashMap<String, String>, words: &[&str]) -> Child {
    Command::new(EXECUTABLE)
        .args(words)
        .env_clear()
        .envs(variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn run(variables: &HashMap<String, String>, words: &[&str]) -> Output {
    start(variables, words).wait_with_output().unwrap()
}

pub async fn ready(address: SocketAddr) {
    let begun = Instant::now();
    loop {
        match reqwest::get(format!("http://{address}/readyz")).await {
            Ok(reply) if reply.status() == 200 => return,
            _ => assert!(begun.elapsed() < Duration::from_secs(10), "the relay is not ready"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn login(address: SocketAddr) -> String {
    login_as(address, 0).await
}

pub async fn login_as(address: SocketAddr, agent: usize) -> String {
    let body = json!({ "username": AGENTS[agent].0, "password": AGENTS[agent].1 });
    let reply =
        reqwest::Client::new().post(format!("http://{address}/api/login")).json(&body).send().await.unwrap();
    let cookie = reply.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

pub async fn deliver(address: SocketAddr, event: &Value) {
    let body = event.to_string();
    let signature = sign(WEBHOOK_SECRET.as_bytes(), body.as_bytes());
    let request = reqwest::Client::new().post(format!("http://{address}/webhooks/vobiz"));
    let reply = request.header("X-Webhook-Signature", signature).body(body).send().await.unwrap();
    assert_eq!(reply.status(), 200);
}
