//! Switches, limits and disturbances, changed while the simulator runs.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};
use support::browser::{Browser, Order};
use support::{Bed, SECRET, receiver, until};
use vobiz::event::Envelope;
use vobiz_sim::{Options, Simulator};

const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const TONE: &str = "+919800000006";
const NEVER: &str = "+919800000004";
const LOGS: &str = "/calls/whatsapp/logs";

fn options() -> Options {
    Options { media_ip: IP, seed_rows: 3, ..Options::default() }.with_reaction(Duration::from_millis(100))
}

async fn set(bed: &Bed, settings: Value) {
    let (status, reply) = bed.control(Method::PATCH, "/settings", Some(settings)).await;
    assert_eq!(status, 200, "{reply}");
}

#[tokio::test]
async fn errors_come_in_each_shape() {
    let bed = Bed::new(options()).await;
    for (shape, pointer) in [("wrapped", "/meta/error/code"), ("meta", "/error/code")] {
        set(&bed, json!({ "switches": { "error_body": shape } })).await;
        let (status, body) = bed.rest(Method::GET, &format!("{LOGS}?page=0"), None).await;
        assert_eq!((status, body.pointer(pointer)), (400, Some(&json!(100))), "{body}");
    }
    set(&bed, json!({ "switches": { "error_body": "text" } })).await;
    let (_, body) = bed.rest(Method::GET, &format!("{LOGS}?page=0"), None).await;
    let inner: Value = serde_json::from_str(body["message"].as_str().unwrap()).unwrap();
    assert_eq!(inner["error"]["code"], 100);
}

#[tokio::test]
async fn access_and_kinds_of_credentials_are_switches() {
    let bed = Bed::new(options()).await;
    set(&bed, json!({ "switches": { "access": "forbidden" } })).await;
    assert_eq!(bed.rest(Method::GET, LOGS, None).await.0, 403);
    assert_eq!(bed.rest(Method::GET, "/channels/whatsapp", None).await.0, 200);
    set(&bed, json!({ "switches": { "access": "full", "credentials": "bearer" } })).await;
    assert_eq!(bed.rest(Method::GET, LOGS, None).await.0, 401);
    assert_eq!(bed.control(Method::POST, "/reset", None).await.0, 200);
    assert_eq!(bed.rest(Method::GET, LOGS, None).await.0, 200);
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let bed = Bed::new(options()).await;
    set(&bed, json!({ "limits": { "requests_per_minute": 2 } })).await;
    assert_eq!(bed.rest(Method::GET, LOGS, None).await.0, 200);
    assert_eq!(bed.rest(Method::GET, LOGS, None).await.0, 200);
    let url = format!("{}{LOGS}", bed.sim.base_url);
    let refused = bed.client.get(url).bearer_auth("sim-demo-bearer").send().await.unwrap();
    assert_eq!(refused.status(), 429);
    // The limit is one of a minute, which began a moment ago.
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((50..=60).contains(&wait), "{wait}");
    assert_eq!(bed.control(Method::POST, "/reset", None).await.0, 200);
    assert_eq!(bed.rest(Method::GET, LOGS, None).await.0, 200);
}

#[tokio::test]
async fn requests_are_late_fail_and_break_off() {
    let bed = Bed::new(options()).await;
    set(&bed, json!({ "delays": { "logs_ms": 300 } })).await;
    let asked = Instant::now();
    assert_eq!(bed.rest(Method::GET, LOGS, None).await.0, 200);
    assert!(asked.elapsed() >= Duration::from_millis(300));
    set(&bed, json!({ "delays": { "logs_ms": 0 }, "chaos": { "rest": { "error": 1.0 } } })).await;
    assert!(bed.rest(Method::GET, LOGS, None).await.0 >= 500);
    set(&bed, json!({ "chaos": { "rest": { "error": 0.0, "reset": 1.0 } } })).await;
    // What is left of the burst, and then the reply that breaks off.
    let broken = until(
        || async {
            let url = format!("{}{LOGS}", bed.sim.base_url);
            let reply = bed.client.get(url).bearer_auth("sim-demo-bearer").send().await.unwrap();
            let status = reply.status();
            (status, reply.bytes().await.is_err())
        },
        |(status, is_broken)| *status == StatusCode::OK && *is_broken,
    )
    .await;
    assert!(broken.1);
}

#[tokio::test]
async fn the_log_has_descriptions_where_it_is_asked_for() {
    let mut bed = Bed::new(options()).await;
    bed.ring(NEVER).await;
    let (_, offer) = bed.next_connect().await;
    assert!(bed.newest_row().await.get("offer_sdp").is_none());
    set(&bed, json!({ "switches": { "log_sdp": "present" } })).await;
    assert_eq!(bed.newest_row().await["offer_sdp"], offer);
}

/// Every delivery of one inbound ring under the disturbance, until `enough` came.
async fn deliveries(chaos: Value, enough: usize) -> Vec<(Option<String>, Vec<u8>)> {
    let (url, mut events) = receiver(|_| StatusCode::OK).await;
    let sim = Simulator::start(options().with_webhook(url, SECRET)).await.unwrap();
    let client = support::client();
    let control = format!("{}/control", sim.control_url);
    let changed = client
        .patch(format!("{control}/settings"))
        .json(&json!({ "chaos": { "webhooks": chaos } }))
        .send()
        .await
        .unwrap();
    assert_eq!(changed.status(), 200);
    client.post(format!("{control}/ring")).json(&json!({ "from": NEVER })).send().await.unwrap();
    let mut caught = Vec::new();
    while caught.len() < enough {
        let (headers, body) =
            tokio::time::timeout(Duration::from_secs(5), events.recv()).await.unwrap().unwrap();
        let signature = headers.get("X-Webhook-Signature").map(|value| value.to_str().unwrap().to_owned());
        caught.push((signature, body.to_vec()));
    }
    sim.shutdown().await;
    caught
}

fn envelope(body: &[u8]) -> Envelope {
    serde_json::from_slice(body).unwrap()
}

#[tokio::test]
async fn events_come_twice_with_one_identifier_or_two() {
    let mut same = 0;
    for seed in 0..8 {
        let caught = deliveries(json!({ "duplicate": 1.0, "seed": seed }), 2).await;
        let (first, second) = (envelope(&caught[0].1), envelope(&caught[1].1));
        assert_eq!(first.payload, second.payload);
        same += usize::from(first.event_id == second.event_id);
    }
    assert!((1..8).contains(&same), "{same} of 8 had the same identifier");
}

#[tokio::test]
async fn unknown_events_and_fields_come_beside_the_known() {
    let caught = deliveries(json!({ "unknown_type": 1.0, "unknown_field": 1.0 }), 2).await;
    assert_eq!(envelope(&caught[0].1).event_type.as_str(), "call.novelty");
    let known = envelope(&caught[1].1);
    assert!(known.payload.get("novelty").is_some());
    assert_eq!(known.signals().len(), 1);
}

#[tokio::test]
async fn a_lost_event_comes_later_and_a_vanished_one_never() {
    let began = Instant::now();
    deliveries(json!({ "loss": 1.0, "retry_ms": [400] }), 1).await;
    assert!(began.elapsed() >= Duration::from_millis(400));
    // The duplicate comes; the event itself does not.
    let caught = deliveries(json!({ "vanish": 1.0, "duplicate": 1.0 }), 1).await;
    assert_eq!(caught.len(), 1);
}

#[tokio::test]
async fn a_wrong_signature_comes_first_and_the_right_one_after_it() {
    let (url, mut events) = receiver(|_| StatusCode::UNAUTHORIZED).await;
    let mut options = options().with_webhook(url, SECRET);
    options.settings.chaos.webhooks.wrong_signature = 1.0;
    options.settings.chaos.webhooks.retry_ms = vec![10];
    let sim = Simulator::start(options).await.unwrap();
    let ring = format!("{}/control/ring", sim.control_url);
    support::client().post(ring).json(&json!({ "from": NEVER })).send().await.unwrap();
    let mut valid = Vec::new();
    for _ in 0..2 {
        let (headers, body) = events.recv().await.unwrap();
        let signature = headers["X-Webhook-Signature"].to_str().unwrap();
        valid.push(vobiz::signature::verify(SECRET.as_bytes(), &body, signature));
    }
    assert_eq!(valid, [false, true]);
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_business_may_be_the_dtls_client_of_a_call_it_makes() {
    let mut options = options();
    options.settings = options.settings.with("switches.answer_setup", "passive").unwrap();
    let mut bed = Bed::new(options).await;
    let browser = Browser::calling(IP, 620.0).await;
    let (status, reply) = bed.initiate(TONE, &browser.sdp).await;
    assert_eq!(status, 201, "{reply}");
    let (id, answer) = bed.next_connect().await;
    assert!(answer.contains("a=setup:passive\r\n"), "{answer}");
    browser.order(Order::Answer(answer)).await;
    until(|| async { browser.heard() }, |heard| heard.connected).await;
    browser.order(Order::Speak(true)).await;
    until(|| bed.call(&id), |view| hears(view, 620.0)).await;
    bed.sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_that_is_paused_ends_the_call_with_the_chosen_code() {
    let mut options = options();
    options.settings = options.settings.with("timing.media_gap_limit_ms", "1200").unwrap();
    options.settings = options.settings.with("switches.silence_codes", "swapped").unwrap();
    options.settings = options.settings.with("switches.connection_loss", "waits").unwrap();
    let mut bed = Bed::new(options).await;
    bed.ring(TONE).await;
    let (id, offer) = bed.next_connect().await;
    let browser = Browser::answering(IP, 700.0, &offer).await;
    assert_eq!(bed.act(&id, "pre_accept", Some(&browser.sdp)).await.0, 200);
    until(|| async { browser.heard() }, |heard| heard.connected).await;
    assert_eq!(bed.act(&id, "accept", Some(&browser.sdp)).await.0, 200);
    browser.order(Order::Speak(true)).await;
    until(|| bed.call(&id), |view| hears(view, 700.0)).await;
    let path = format!("/calls/{id}/media");
    assert_eq!(bed.control(Method::PUT, &path, Some(json!({ "delay_ms": 60_000 }))).await.0, 400);
    assert_eq!(bed.control(Method::PUT, &path, Some(json!({ "paused": true }))).await.0, 204);
    assert_eq!(bed.next_terminate().await.1, Some(138_021));
    bed.sim.shutdown().await;
}

fn hears(view: &Value, hertz: f64) -> bool {
    view["media"]["frequency_hz"].as_f64().is_some_and(|heard| (heard - hertz).abs() < 5.0)
}
