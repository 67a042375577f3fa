//! What the executable logs about a call, as a machine reads it.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use vobiz::signature::sign;

use crate::support::{
    AGENTS, FakeUpstream, Socket, TOKEN, WEBHOOK_SECRET, answer, connect, free_address, offer, terminate,
    variables,
};

const ATTEMPT: &str = "5f0f7c1e-94a5-4c7e-9a0a-7b1c2d3e4f50";

// The stand-in upstream has to go on while the log is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_about_a_call_names_it_and_none_shows_a_session_description() {
    let folder = TempDir::new().unwrap();
    let upstream = FakeUpstream::start().await;
    let mut variables = variables(folder.path(), &upstream.base_url());
    let address = free_address();
    variables.insert("RELAY_LISTEN".to_owned(), address.to_string());
    variables.insert("RUST_LOG".to_owned(), "trace".to_owned());
    let (mut child, lines) = start(&variables);
    let relay = format!("http://{address}");
    // Reading the log is the wait for the start.
    let mut log = Vec::new();
    until(&lines, &mut log, "upstream told of every channel");

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = json!({ "username": AGENTS[0].0, "password": AGENTS[0].1 });
    let signed_in = http.post(format!("{relay}/api/login")).json(&login).send().await.unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut socket = Socket::open(address, &cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "presence");
    let begun = log.len();

    let deliver = async |event: Value| {
        let body = event.to_string();
        let signature = sign(WEBHOOK_SECRET.as_bytes(), body.as_bytes());
        let request = http.post(format!("{relay}/webhooks/vobiz")).header("X-Webhook-Signature", signature);
        assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    };
    let post = async |path: &str, body: Value| {
        let request = http.post(format!("{relay}/api/calls/whatsapp{path}")).header("Cookie", &cookie);
        request.header("Idempotency-Key", ATTEMPT).json(&body).send().await.unwrap().status().as_u16()
    };
    deliver(connect("event-1", "wacid.A")).await;
    deliver(connect("event-1", "wacid.A")).await;
    let accept = json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() });
    upstream.answer_next(200, json!({ "success": true }));
    assert_eq!(post("/action", accept).await, 200);
    upstream.answer_next(500, json!({ "message": "oops" }));
    assert_eq!(post("/action", json!({ "call_id": "wacid.A", "action": "terminate" })).await, 200);
    deliver(terminate("event-2", "wacid.A")).await;
    upstream.answer_next(503, json!({}));
    assert_eq!(post("", json!({ "to": "+919800000001", "sdp_offer": offer() })).await, 502);

    assert!(Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().unwrap().success());
    until(&lines, &mut log, "stopped");
    child.wait().unwrap();

    let mut about = [0, 0];
    for line in &log[begun..] {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        let call = [&line["call"], &line["span"]["call"]].into_iter().find_map(Value::as_str);
        match call {
            Some("wacid.A") => about[0] += 1,
            Some(ATTEMPT) => about[1] += 1,
            Some(other) => panic!("{other} is no call: {line}"),
            None => assert!(!concerns_a_call(&line), "{line}"),
        }
    }
    assert!(about[0] > 10 && about[1] > 3, "{about:?} in {log:#?}");
    let whole = log.join("\n");
    assert!(whole.contains("could not be ended upstream") || whole.contains("outcome of an initiate"));
    for secret in [TOKEN, WEBHOOK_SECRET, "icepasswordicepassword", "ufragufragufrag", "AB:AB:AB", "m=audio"]
    {
        assert!(!whole.contains(secret), "the log shows {secret}");
    }
}

/// Whether a line is about a call by where it comes from.
fn concerns_a_call(line: &Value) -> bool {
    let route = line["route"].as_str().unwrap_or_default();
    let is_route = route.starts_with("/api/calls/whatsapp") || route.starts_with("/webhooks");
    let is_desk = line["target"].as_str().is_some_and(|target| target.starts_with("relay::desk"));
    // Presence, the start and snapshots concern agents and the whole desk.
    let of_all = ["presence", "journal replayed", "snapshot kept"];
    is_route || (is_desk && !of_all.iter().any(|message| line["message"] == *message))
}

fn start(variables: &HashMap<String, String>) -> (std::process::Child, mpsc::Receiver<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_softphone-relay"))
        .env_clear()
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = mpsc::channel();
    let errors = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || {
        for line in errors.lines() {
            if line.is_err() || line.is_ok_and(|line| sender.send(line).is_err()) {
                return;
            }
        }
    });
    (child, lines)
}

/// Takes lines until one holds these words.
fn until(lines: &mpsc::Receiver<String>, log: &mut Vec<String>, words: &str) {
    loop {
        let line = lines
            .recv_timeout(Duration::from_secs(20))
            .unwrap_or_else(|_| panic!("no {words:?} in {log:#?}"));
        let is_it = line.contains(words);
        log.push(line);
        if is_it {
            return;
        }
    }
}
