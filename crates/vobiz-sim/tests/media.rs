//! Calls with sound, the browser's part played by a second str0m.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::browser::{Browser, Order};
use support::{Bed, until};
use vobiz::meta::StatusKind;
use vobiz_sim::Options;

const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const TONE: &str = "+919800000006";
const ECHO: &str = "+919800000002";

fn options() -> Options {
    Options { media_ip: IP, seed_rows: 3, ..Options::default() }.with_reaction(Duration::from_millis(300))
}

fn hears(view: &Value, hertz: f64) -> bool {
    view["media"]["frequency_hz"].as_f64().is_some_and(|heard| (heard - hertz).abs() < 5.0)
}

async fn answered_inbound(bed: &mut Bed, person: &str, hertz: f64) -> (String, Browser) {
    bed.ring(person).await;
    let (id, offer) = bed.next_connect().await;
    let browser = Browser::answering(IP, hertz, &offer).await;
    let (status, reply) = bed.act(&id, "pre_accept", Some(&browser.sdp)).await;
    assert_eq!(status, 200, "{reply}");
    until(|| async { browser.heard() }, |heard| heard.connected).await;
    let (status, reply) = bed.act(&id, "accept", Some(&browser.sdp)).await;
    assert_eq!(status, 200, "{reply}");
    browser.order(Order::Speak(true)).await;
    (id, browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbound_call_is_heard_on_both_sides() {
    let mut bed = Bed::new(options()).await;
    let (id, browser) = answered_inbound(&mut bed, TONE, 700.0).await;

    let view = until(|| bed.call(&id), |view| hears(view, 700.0)).await;
    assert_eq!(view["state"], "accepted");
    assert_eq!(view["media"]["early_media"], false);
    assert!(view["media"]["level_dbfs"].as_f64().unwrap() > -25.0, "{view}");
    until(|| async { browser.heard() }, |heard| (heard.frequency_hz - 440.0).abs() < 5.0).await;

    browser.order(Order::Press(1)).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    browser.order(Order::Press(11)).await;
    until(|| bed.call(&id), |view| view["media"]["dtmf"] == "1#").await;

    let (status, view) = bed.control(Method::POST, &format!("/calls/{id}/hangup"), None).await;
    assert_eq!((status, view["ended"]["reason"].as_str()), (200, Some("person_hung_up")));
    let (duration, error) = bed.next_terminate().await;
    assert!(duration.is_some() && error.is_none());
    until(|| async { browser.heard() }, |heard| heard.closed).await;
    assert_eq!(bed.newest_row().await["status"], "terminated");
    bed.sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbound_call_is_heard_on_both_sides() {
    let mut bed = Bed::new(options()).await;
    let browser = Browser::calling(IP, 620.0).await;
    let (status, reply) = bed.initiate(TONE, &browser.sdp).await;
    assert_eq!(status, 201, "{reply}");
    assert_eq!(reply["status"], "initiated");

    let (id, answer) = bed.next_connect().await;
    assert!(answer.contains("a=setup:active\r\n") && answer.contains("a=ice-lite\r\n"));
    browser.order(Order::Answer(answer)).await;
    assert_eq!(bed.next_status().await, StatusKind::Ringing);
    until(|| async { browser.heard() }, |heard| heard.connected).await;
    assert_eq!(bed.next_status().await, StatusKind::Accepted);
    browser.order(Order::Speak(true)).await;

    until(|| bed.call(&id), |view| hears(view, 620.0)).await;
    until(|| async { browser.heard() }, |heard| (heard.frequency_hz - 440.0).abs() < 5.0).await;

    let (status, _) = bed.act(reply["call_id"].as_str().unwrap(), "terminate", None).await;
    assert_eq!(status, 200);
    assert!(bed.next_terminate().await.0.is_some());
    let row = bed.newest_row().await;
    assert_eq!((row["status"].as_str(), row["direction"].as_str()), (Some("terminated"), Some("outbound")));
    assert_eq!(row["id"], reply["call_id"]);
    assert_eq!(row["meta_call_id"], id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_echo_says_what_it_hears() {
    let mut bed = Bed::new(options()).await;
    let (_id, browser) = answered_inbound(&mut bed, ECHO, 900.0).await;
    until(|| async { browser.heard() }, |heard| (heard.frequency_hz - 900.0).abs() < 5.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_before_the_accept_is_reported() {
    let mut bed = Bed::new(options()).await;
    bed.ring(TONE).await;
    let (id, offer) = bed.next_connect().await;
    let browser = Browser::answering(IP, 700.0, &offer).await;
    assert_eq!(bed.act(&id, "pre_accept", Some(&browser.sdp)).await.0, 200);
    until(|| async { browser.heard() }, |heard| heard.connected).await;
    browser.order(Order::Speak(true)).await;
    until(|| bed.call(&id), |view| view["media"]["early_media"] == true).await;
    // The person does not talk before the call is picked up.
    assert_eq!(browser.heard().packets, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_media_ends() {
    let mut options = options();
    options.settings.timing.first_media_limit = Duration::from_millis(600);
    options.settings.timing.media_gap_limit = Duration::from_millis(900);
    let mut bed = Bed::new(options).await;

    let (id, browser) = answered_inbound(&mut bed, TONE, 700.0).await;
    until(|| bed.call(&id), |view| hears(view, 700.0)).await;
    browser.order(Order::Vanish).await;
    let (duration, error) = bed.next_terminate().await;
    assert_eq!((duration.is_some(), error), (true, Some(138_022)));
    assert_eq!(bed.call(&id).await["ended"]["reason"], "no_media_later");

    bed.ring(TONE).await;
    let (id, offer) = bed.next_connect().await;
    let mute = Browser::answering(IP, 700.0, &offer).await;
    mute.order(Order::Vanish).await;
    assert_eq!(bed.act(&id, "accept", Some(&mute.sdp)).await.0, 200);
    assert_eq!(bed.next_terminate().await.1, Some(138_021));
    assert_eq!(bed.call(&id).await["ended"]["reason"], "no_media_at_start");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_can_be_disturbed_while_it_goes_on() {
    let mut options = options();
    options.settings.switches.connection_loss = vobiz_sim::ConnectionLoss::Waits;
    let mut bed = Bed::new(options).await;
    let (id, browser) = answered_inbound(&mut bed, TONE, 700.0).await;
    until(|| bed.call(&id), |view| hears(view, 700.0)).await;
    let view = bed.call(&id).await;
    assert!((view["media"]["said_hz"].as_f64().unwrap() - 440.0).abs() < 5.0, "{view}");

    let path = format!("/calls/{id}/media");
    let set = async |chaos| bed.control(Method::PUT, &path, Some(chaos)).await;
    // Only to the agent: the person hears nothing more, the agent still does.
    assert_eq!(set(json!({ "flow": "to_agent" })).await.0, 204);
    until(|| bed.call(&id), |view| view["media"]["level_dbfs"].is_null()).await;
    let before = browser.heard().packets;
    until(|| async { browser.heard() }, |heard| heard.packets > before + 5).await;
    // A pause, and the same connection comes back.
    set(json!({ "paused": true })).await;
    until(|| bed.call(&id), |view| view["media"]["chaos"]["paused"] == true).await;
    set(json!({ "delay_ms": 120, "jitter_ms": 40, "loss": 0.05 })).await;
    until(|| bed.call(&id), |view| view["media"]["level_dbfs"].is_number()).await;
    let (status, fault) = set(json!({ "loss": 2 })).await;
    assert!(status == 400 && fault.to_string().contains("chaos.media.loss"), "{fault}");

    // Another address: nothing arrives any more.
    assert_eq!(bed.control(Method::POST, &format!("/calls/{id}/move"), None).await.0, 200);
    until(|| bed.call(&id), |view| view["media"]["level_dbfs"].is_null()).await;
    assert_eq!(bed.call(&id).await["state"], "accepted");
}
