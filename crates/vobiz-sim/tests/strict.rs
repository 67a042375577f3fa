//! Limits, codes and switches through the real listener.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::browser::{Browser, Order};
use support::{Bed, until};
use vobiz::fault::Fault;
use vobiz::meta::StatusKind;
use vobiz_sim::{AnswerSetup, Behaviour, Options};

const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SPEAKER: &str = "+919800000001";
const REJECTS: &str = "+919800000003";
const TONE: &str = "+919800000006";

fn options() -> Options {
    Options { media_ip: IP, seed_rows: 3, ..Options::default() }.with_reaction(Duration::from_millis(100))
}

fn code(body: &Value) -> Option<u32> {
    Fault::read(body.to_string().as_bytes()).code
}

async fn set(bed: &Bed, patch: Value) {
    let (status, reply) = bed.control(Method::PATCH, "/settings", Some(patch)).await;
    assert_eq!(status, 200, "{reply}");
}

#[tokio::test]
async fn every_code_has_somebody_who_is_refused_with_it() {
    let bed = Bed::new(options()).await;
    let offer = Browser::calling(IP, 440.0).await.sdp.clone();
    for refused in Behaviour::REFUSALS {
        let (status, reply) = bed.initiate(&format!("+919800{refused:06}"), &offer).await;
        assert_eq!(code(&reply), Some(refused), "{reply}");
        assert_eq!(status, if [138_002, 138_005].contains(&refused) { 429 } else { 400 });
    }
}

#[tokio::test]
async fn every_code_of_a_broken_call_has_somebody_too() {
    let mut bed = Bed::new(options()).await;
    for broken in Behaviour::BREAKS {
        let browser = Browser::calling(IP, 440.0).await;
        assert_eq!(bed.initiate(&format!("+919800{broken:06}"), &browser.sdp).await.0, 201);
        bed.next_connect().await;
        assert_eq!(bed.next_status().await, StatusKind::Ringing);
        let picked_up = broken != 138_019;
        if picked_up {
            assert_eq!(bed.next_status().await, StatusKind::Accepted);
        }
        let (duration, error) = bed.next_terminate().await;
        assert_eq!((duration.is_some(), error), (picked_up, Some(broken)));
    }
}

#[tokio::test]
async fn limits_are_counted_and_say_when_to_try_again() {
    let mut bed = Bed::new(options()).await;
    let browser = Browser::calling(IP, 440.0).await;
    set(&bed, json!({ "limits": { "calls_per_minute": 1 } })).await;
    assert_eq!(bed.initiate(REJECTS, &browser.sdp).await.0, 201);
    let (status, reply) = bed.initiate(SPEAKER, &browser.sdp).await;
    assert_eq!((status, code(&reply)), (429, Some(138_005)));

    set(&bed, json!({ "limits": { "calls_per_minute": 0, "max_calls": 1 } })).await;
    let (status, reply) = bed.initiate(SPEAKER, &browser.sdp).await;
    assert_eq!((status, code(&reply)), (429, Some(138_002)));
    bed.next_connect().await;
    for _ in 0..2 {
        bed.next_status().await;
    }
    bed.next_terminate().await;

    // One refused call and no more: the permission is gone until it is given again.
    set(&bed, json!({ "limits": { "unanswered_in_a_row": 1 } })).await;
    let (_, reply) = bed.initiate(REJECTS, &browser.sdp).await;
    assert_eq!(code(&reply), Some(138_006));
    let path = format!("/people/{}", REJECTS.replace('+', "%2B"));
    assert_eq!(bed.control(Method::PUT, &path, Some(json!({ "behaviour": "echo" }))).await.0, 200);
    assert_eq!(bed.initiate(REJECTS, &browser.sdp).await.0, 201);

    set(&bed, json!({ "limits": { "requests_per_minute": 1 } })).await;
    assert_eq!(bed.rest(Method::GET, "/channels/whatsapp", None).await.0, 200);
    let url = format!("{}/channels/whatsapp", bed.sim.base_url);
    let reply = bed.client.get(url).bearer_auth("sim-demo-bearer").send().await.unwrap();
    assert_eq!(reply.status(), 429);
    assert!(reply.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_each_dtls_role_connects() {
    for (setup, text) in [
        (AnswerSetup::Active, "active"),
        (AnswerSetup::Passive, "passive"),
        (AnswerSetup::Actpass, "actpass"),
    ] {
        let mut options = options();
        options.settings.switches.answer_setup = setup;
        let mut bed = Bed::new(options).await;
        let browser = Browser::calling(IP, 620.0).await;
        assert_eq!(bed.initiate(TONE, &browser.sdp).await.0, 201);
        let (_, answer) = bed.next_connect().await;
        assert!(answer.contains(&format!("a=setup:{text}\r\n")), "{answer}");
        // What a product has to do, because browsers refuse it.
        let answer = answer.replace("a=setup:actpass", "a=setup:active");
        browser.order(Order::Answer(answer)).await;
        until(|| async { browser.heard() }, |heard| (heard.frequency_hz - 440.0).abs() < 5.0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_before_the_accept_counts_as_an_answer() {
    let mut options = options();
    options.settings.timing.accept_window = Duration::from_millis(1_500);
    let mut bed = Bed::new(options).await;
    bed.ring(TONE).await;
    let (id, offer) = bed.next_connect().await;
    let browser = Browser::answering(IP, 700.0, &offer).await;
    assert_eq!(bed.act(&id, "pre_accept", Some(&browser.sdp)).await.0, 200);
    until(|| async { browser.heard() }, |heard| heard.connected).await;
    assert_eq!(bed.call(&id).await["answered"], Value::Null);
    // The upstream is slow to carry out the accept; what comes meanwhile is early.
    set(&bed, json!({ "delays": { "accept_ms": 2_000 } })).await;
    browser.order(Order::Speak(true)).await;
    assert_eq!(bed.act(&id, "accept", Some(&browser.sdp)).await.0, 200);
    let view = bed.call(&id).await;
    assert!(view["answered"].is_u64() && view["faults"][0].as_str().unwrap().contains("before"), "{view}");
    assert_eq!(view["state"], "accepted");
    let row = bed.newest_row().await;
    assert!(row["answered_at"].is_string(), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_packets_alone_keep_a_call() {
    let mut options = options();
    options.settings.timing.first_media_limit = Duration::from_secs(6);
    options.settings.timing.media_gap_limit = Duration::from_secs(6);
    let mut bed = Bed::new(options).await;
    bed.ring(TONE).await;
    let (id, offer) = bed.next_connect().await;
    let browser = Browser::answering(IP, 700.0, &offer).await;
    assert_eq!(bed.act(&id, "accept", Some(&browser.sdp)).await.0, 200);
    // Longer than either limit, and not a packet of sound; a receiver reports
    // every five seconds.
    let started = std::time::Instant::now();
    until(|| bed.call(&id), |_| started.elapsed() > Duration::from_secs(8)).await;
    let view = bed.call(&id).await;
    assert_eq!((view["state"].as_str(), view["media"]["packets_in"].as_u64()), (Some("accepted"), Some(0)));
    drop(browser);
    assert_eq!(bed.next_terminate().await.1, Some(138_022));
}

#[tokio::test]
async fn what_goes_over_the_wire_is_noted_without_secrets() {
    let bed = Bed::new(options()).await;
    set(&bed, json!({ "chaos": { "webhooks": { "wrong_signature": 1.0, "retry_ms": [50] } } })).await;
    bed.ring(SPEAKER).await;
    assert_eq!(bed.rest(Method::GET, "/channels/whatsapp", None).await.0, 200);
    let journal = until(
        || async { bed.control(Method::GET, "/journal", None).await.1 },
        |journal| journal["deliveries"].as_array().is_some_and(|notes| !notes.is_empty()),
    )
    .await;
    // The receiver of these tests takes everything, a wrong signature too.
    let first = journal["deliveries"].as_array().unwrap().last().unwrap();
    assert_eq!(first["fault"], "took an event with a wrong signature");
    assert_eq!((first["brief"].as_str(), first["status"].as_u64()), (Some("connect offer"), Some(200)));
    let request = &journal["requests"][0];
    assert_eq!((request["who"].as_str(), request["status"].as_u64()), (Some("MA_SIMDEMO ••••"), Some(200)));
    assert!(!journal.to_string().contains("sim-demo-token"));
}
