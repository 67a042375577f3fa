//! The far end's half of scenarios, played through the control API.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::browser::{Browser, Order};
use support::{Bed, until};
use vobiz::meta::Signal;
use vobiz_sim::Options;

const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ECHO: &str = "+919800000002";

fn options(folder: Option<&Path>) -> Options {
    let scenarios = folder.map(Path::to_path_buf);
    Options { media_ip: IP, seed_rows: 3, scenarios, ..Options::default() }
        .with_reaction(Duration::from_millis(100))
}

/// A call that ends when its person has been heard out.
const KEYS: &str = r#"
    title = "A key ends the call"
    holds = "the test"
    [[people]]
    name = "asker"
    does = "tone"
    [[agents]]
    name = "asha"
    on_ring = "accept"
    [[steps]]
    person = "asker"
    does = "rings"
    [[steps]]
    when = { hears_hz = 700.0, keys = "1" }
    person = "asker"
    does = "hangs_up"
    [[expect]]
    ended = "person_hung_up"
    early_media = false
"#;

/// The scenarios of the repository.
fn repository() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

async fn play(bed: &Bed, name: &str) -> Value {
    let (status, stage) = bed.control(Method::POST, &format!("/scenarios/{name}"), None).await;
    assert_eq!(status, 202, "{stage}");
    stage
}

async fn stage(bed: &Bed) -> Value {
    bed.control(Method::GET, "/state", None).await.1["scenario"].take()
}

/// Waits until the scenario is over, and until every truth that can be seen is.
async fn over(bed: &Bed) -> Value {
    let stage = until(|| stage(bed), |stage| stage["state"] != "playing").await;
    assert_eq!(stage["state"], "over", "{stage}");
    let is_so = |stage: &Value, wanted| {
        stage["sights"].as_array().unwrap().iter().any(|sight| sight["is_so"] == json!(wanted))
    };
    let stage = until(|| self::stage(bed), |stage| is_so(stage, true) || is_so(stage, false)).await;
    assert!(!is_so(&stage, false), "{stage}");
    stage
}

#[tokio::test]
async fn refusals_say_why() {
    let bed = Bed::new(options(Some(&repository()))).await;
    for (name, status, words) in [
        ("no_such", 404, "no scenario"),
        ("..%2F..%2FCargo", 404, "no scenario"),
        ("relay_killed_in_a_call", 409, "kills the relay"),
    ] {
        let (found, reply) = bed.control(Method::POST, &format!("/scenarios/{name}"), None).await;
        assert_eq!(found, status, "{reply}");
        assert!(reply["message"].as_str().unwrap().contains(words), "{reply}");
    }
    assert_eq!(stage(&bed).await, Value::Null);

    let without = Bed::new(options(None)).await;
    let (status, reply) = without.control(Method::POST, "/scenarios/inbound_call", None).await;
    assert_eq!(status, 404);
    assert!(reply["message"].as_str().unwrap().contains("--scenarios"), "{reply}");
    assert_eq!(without.control(Method::GET, "/scenarios", None).await.1, json!({ "scenarios": [] }));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_listed_with_its_fault() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("odd.toml"), "title = \"Odd\"\nholds = \"\"\nsteps = 5\n").unwrap();
    let bed = Bed::new(options(Some(folder.path()))).await;
    let (_, list) = bed.control(Method::GET, "/scenarios", None).await;
    assert_eq!(list["scenarios"][0]["name"], "odd");
    assert!(list["scenarios"][0]["refusal"].as_str().unwrap().contains("line 3"), "{list}");
    let (status, reply) = bed.control(Method::POST, "/scenarios/odd", None).await;
    assert_eq!(status, 409);
    assert!(reply["message"].as_str().unwrap().contains("line 3"), "{reply}");
}

#[tokio::test]
async fn the_caller_is_heard_and_hangs_up_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("keys.toml"), KEYS).unwrap();
    let mut bed = Bed::new(options(Some(folder.path()))).await;
    let stage = play(&bed, "keys").await;
    assert_eq!(stage["state"], "playing");
    let (wacid, offer) = bed.next_connect().await;
    let browser = Browser::answering(IP, 700.0, &offer).await;
    assert_eq!(bed.act(&wacid, "pre_accept", Some(&browser.sdp)).await.0, 200);
    assert_eq!(bed.act(&wacid, "accept", Some(&browser.sdp)).await.0, 200);
    browser.order(Order::Speak(true)).await;
    until(|| bed.call(&wacid), |call| call["media"]["packets_in"].as_u64() > Some(5)).await;
    browser.order(Order::Press(1)).await;
    let stage = over(&bed).await;
    assert_eq!(bed.call(&wacid).await["ended"]["reason"], "person_hung_up", "{stage}");
}

/// The caller waits for sound, of whatever kind.
const SOUND: &str = r#"
    title = "A caller who hears somebody hangs up"
    holds = "the test"
    [[people]]
    name = "asker"
    does = "tone"
    [[agents]]
    name = "asha"
    on_ring = "accept"
    [[steps]]
    person = "asker"
    does = "rings"
    [[steps]]
    when = { hears = "sound" }
    person = "asker"
    does = "hangs_up"
    [[expect]]
    early_media = false
"#;

#[tokio::test]
async fn whoever_is_muted_is_not_heard() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sound.toml"), SOUND).unwrap();
    for (hertz, ended) in [(0.0, false), (700.0, true)] {
        let mut bed = Bed::new(options(Some(folder.path()))).await;
        play(&bed, "sound").await;
        let (wacid, offer) = bed.next_connect().await;
        let browser = Browser::answering(IP, hertz, &offer).await;
        assert_eq!(bed.act(&wacid, "accept", Some(&browser.sdp)).await.0, 200);
        browser.order(Order::Speak(true)).await;
        let heard =
            |call: &Value| call["media"]["packets_in"].as_u64() > Some(75) || call["ended"] != json!(null);
        let call = until(|| bed.call(&wacid), heard).await;
        assert_eq!(call["ended"]["reason"] == "person_hung_up", ended, "{hertz}: {call}");
    }
}

/// A caller who must be left to ring for a while.
const RINGS_ON: &str = r#"
    title = "It rings for a while"
    holds = "the test"
    [[people]]
    name = "asker"
    does = "tone"
    [[agents]]
    name = "asha"
    on_ring = "ignore"
    [[steps]]
    person = "asker"
    does = "rings"
    [[steps]]
    when = { state = "ringing", stays = "1s" }
    person = "asker"
    does = "hangs_up"
    [[expect]]
    early_media = false
"#;

#[tokio::test]
async fn what_has_to_stay_so_is_looked_at_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rings_on.toml"), RINGS_ON).unwrap();
    let mut bed = Bed::new(options(Some(folder.path()))).await;
    play(&bed, "rings_on").await;
    let (wacid, _) = bed.next_connect().await;
    until(|| stage(&bed), |stage| stage["lines"][1]["state"] == "now").await;
    assert_eq!(bed.act(&wacid, "reject", None).await.0, 200);
    let stage = until(|| stage(&bed), |stage| stage["state"] != "playing").await;
    assert_eq!(stage["state"], "stopped", "{stage}");
    assert!(stage["why"].as_str().unwrap().contains("no longer"), "{stage}");
}

/// Two calls to the same person; the first one's answer is late.
const DIALS_TWICE: &str = r#"
    title = "Two calls, one after the other"
    holds = "the test"
    [[tap]]
    request = "initiate"
    reply_delay = "700ms"
    [[agents]]
    name = "asha"
    [[steps]]
    agent = "asha"
    does = "dials"
    to = "echo"
    call = "first"
    [[steps]]
    agent = "asha"
    does = "dials"
    to = "echo"
    call = "second"
    [[expect]]
    call = "first"
    early_media = false
"#;

#[tokio::test]
async fn one_request_is_not_taken_for_two() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dials_twice.toml"), DIALS_TWICE).unwrap();
    let bed = Bed::new(options(Some(folder.path()))).await;
    play(&bed, "dials_twice").await;
    let browser = Browser::calling(IP, 700.0).await;
    assert_eq!(bed.initiate(ECHO, &browser.sdp).await.0, 201);
    let waits = |stage: &Value| stage["lines"].as_array().unwrap().iter().any(|line| line["state"] == "now");
    until(|| stage(&bed), |stage| stage["lines"][1]["state"] == "done").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let after_one = stage(&bed).await;
    assert!(after_one["state"] == "playing" && waits(&after_one), "{after_one}");
    // It is refused, since the first one stands; it was asked for all the same.
    assert_eq!(bed.initiate(ECHO, &browser.sdp).await.0, 400);
    until(|| stage(&bed), |stage| stage["state"] == "over").await;
}

#[tokio::test]
async fn messages_come_in_the_order_of_the_scenario() {
    let mut bed = Bed::new(options(Some(&repository()))).await;
    play(&bed, "terminate_before_connect").await;
    let Signal::Terminate { head, .. } = bed.next().await else { unreachable!("the terminate goes first") };
    let (wacid, _) = bed.next_connect().await;
    assert_eq!(wacid, head.id);
}

#[tokio::test]
async fn a_lost_reply_was_carried_out() {
    let mut bed = Bed::new(options(Some(&repository()))).await;
    play(&bed, "initiate_reply_lost").await;
    let browser = Browser::calling(IP, 700.0).await;
    assert_eq!(bed.initiate(ECHO, &browser.sdp).await.0, 502);
    bed.next_connect().await;
    let stage = until(|| stage(&bed), |stage| stage["lines"][1]["state"] == "done").await;
    assert_eq!(stage["lines"][1]["yours"], true, "{stage}");
}

#[tokio::test]
async fn a_reset_takes_the_scenario_off_with_all_that_it_changed() {
    let mut bed = Bed::new(options(Some(&repository()))).await;
    play(&bed, "username_callers").await;
    bed.next_connect().await;
    let settings = bed.control(Method::GET, "/settings", None).await.1;
    assert_eq!(settings["switches"]["numbers"], "absent");
    assert_eq!(bed.control(Method::POST, "/reset", None).await.0, 200);
    let settings = bed.control(Method::GET, "/settings", None).await.1;
    assert_eq!(settings["switches"]["numbers"], "present");
    assert_eq!(stage(&bed).await, Value::Null);

    // The next one begins without the call of the last.
    play(&bed, "ring_expires").await;
    bed.next_terminate().await;
    bed.next_connect().await;
    let settings = bed.control(Method::GET, "/settings", None).await.1;
    assert_eq!(settings["timing"]["accept_window_ms"], 2_000);
    over(&bed).await;
}
