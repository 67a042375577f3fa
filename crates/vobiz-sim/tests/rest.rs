//! The REST endpoints through the real listener, with webhooks caught.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};
use support::browser::Browser;
use support::{Bed, CHANNEL, SECRET, client, read, receiver};
use vobiz::fault::Fault;
use vobiz::meta::StatusKind;
use vobiz_sim::{ActionId, Options, PayloadShape, Simulator};

const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SPEAKER: &str = "+919800000001";
const REJECTS: &str = "+919800000003";
const NEVER: &str = "+919800000004";
const NO_PERMISSION: &str = "+919800000005";
const LOGS: &str = "/calls/whatsapp/logs";

fn options() -> Options {
    Options { media_ip: IP, seed_rows: 60, ..Options::default() }.with_reaction(Duration::from_millis(100))
}

/// The code and the words that a product finds in an error body.
fn fault(body: &Value) -> (Option<u32>, String) {
    let fault = Fault::read(body.to_string().as_bytes());
    (fault.code, fault.text.unwrap_or_default())
}

#[tokio::test]
async fn both_kinds_of_credentials_are_checked() {
    let bed = Bed::new(options()).await;
    let url = format!("{}/channels/whatsapp", bed.sim.base_url);
    let ask = |headers: &[(&'static str, &'static str)]| {
        let mut request = bed.client.get(&url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        async { read(request.send().await.unwrap()).await }
    };
    assert_eq!(ask(&[]).await.0, 401);
    assert_eq!(ask(&[("X-Auth-ID", "MA_SIMDEMO")]).await.0, 401);
    assert_eq!(ask(&[("X-Auth-ID", "MA_SIMDEMO"), ("X-Auth-Token", "wrong")]).await.0, 401);
    assert_eq!(ask(&[("Authorization", "Bearer wrong")]).await.0, 401);
    let pair = ask(&[("X-Auth-ID", "MA_SIMDEMO"), ("X-Auth-Token", "sim-demo-token")]).await;
    let bearer = ask(&[("Authorization", "Bearer sim-demo-bearer")]).await;
    assert_eq!(pair, bearer);
    assert_eq!(pair.0, 200);
    let channel = &pair.1["items"][0];
    assert_eq!(channel["id"], CHANNEL);
    assert_eq!(channel["phone_number_id"], "109876543210987");
    let missing = bed.client.get(format!("{}/nothing", bed.sim.base_url)).send().await.unwrap();
    assert_eq!(missing.status(), 401);
}

#[tokio::test]
async fn every_field_of_an_initiate_is_checked() {
    let bed = Bed::new(options()).await;
    let good = Browser::calling(IP, 440.0).await.sdp.clone();
    let cases = [
        (json!({}), "channel_id: is missing"),
        (json!([1]), "must be a JSON object"),
        (json!({ "channel_id": "x" }), "must be a UUID"),
        (json!({ "channel_id": 5 }), "must be a string"),
        (json!({ "channel_id": "00000000-0000-4000-8000-000000000000" }), "not a channel"),
        (json!({ "channel_id": CHANNEL, "to": "919800000001", "sdp_offer": good }), "must begin with +"),
        (json!({ "channel_id": CHANNEL, "to": SPEAKER }), "sdp_offer: is missing"),
        (json!({ "channel_id": CHANNEL, "to": SPEAKER, "sdp_offer": "" }), "SDP is empty"),
        (
            json!({ "channel_id": CHANNEL, "to": SPEAKER, "sdp_offer": good.replace("opus", "opal") }),
            "no opus",
        ),
        (
            json!({ "channel_id": CHANNEL, "to": SPEAKER, "sdp_offer": format!("{good}a=fingerprint:sha-512 AA\r\n") }),
            "Fingerprint algo is not SHA256",
        ),
    ];
    for (body, words) in cases {
        let (status, reply) = bed.rest(Method::POST, "/calls/whatsapp", Some(body)).await;
        let (code, text) = fault(&reply);
        assert_eq!((status, code), (400, Some(100)), "{reply}");
        assert!(text.contains(words), "{words:?} is not in {text:?}");
    }
    for (to, code) in [(NO_PERMISSION, 138_006), ("+4915112345678", 138_001)] {
        let (status, reply) = bed.initiate(to, &good).await;
        assert_eq!((status, fault(&reply).0), (400, Some(code)), "{reply}");
    }
    let huge = json!({ "channel_id": CHANNEL, "to": SPEAKER, "sdp_offer": "x".repeat(100_000) });
    assert_eq!(bed.rest(Method::POST, "/calls/whatsapp", Some(huge)).await.0, 413);
    // Nothing of all this made a call.
    assert_eq!(bed.rest(Method::GET, LOGS, None).await.1["total"], 60);
}

#[tokio::test]
async fn a_rejected_call_says_so_and_frees_the_pair() {
    let mut bed = Bed::new(options()).await;
    let browser = Browser::calling(IP, 440.0).await;
    let (status, reply) = bed.initiate(REJECTS, &browser.sdp).await;
    assert_eq!(status, 201, "{reply}");
    let (status, busy) = bed.initiate(REJECTS, &browser.sdp).await;
    assert_eq!((status, fault(&busy).0), (400, Some(138_003)));

    bed.next_connect().await;
    assert_eq!(bed.next_status().await, StatusKind::Ringing);
    assert_eq!(bed.next_status().await, StatusKind::Rejected);
    assert_eq!(bed.next_terminate().await, (None, None));
    let row = bed.newest_row().await;
    assert_eq!(row["status"], "rejected");
    assert_eq!(row.get("answered_at"), None);
    assert_eq!(bed.initiate(REJECTS, &browser.sdp).await.0, 201);
}

#[tokio::test]
async fn a_phone_that_nobody_picks_up_stops_ringing() {
    let mut options = options();
    options.settings.timing.ring_window = Duration::from_millis(700);
    let mut bed = Bed::new(options).await;
    let browser = Browser::calling(IP, 440.0).await;
    let (_, reply) = bed.initiate(NEVER, &browser.sdp).await;
    bed.next_connect().await;
    assert_eq!(bed.next_status().await, StatusKind::Ringing);
    assert_eq!(bed.newest_row().await["status"], "ringing");
    assert_eq!(bed.next_terminate().await, (None, None));
    assert_eq!(bed.newest_row().await["status"], "missed");
    let (status, late) = bed.act(reply["call_id"].as_str().unwrap(), "terminate", None).await;
    assert_eq!(status, 400);
    assert!(fault(&late).1.contains("over"), "{late}");
}

#[tokio::test]
async fn the_accept_window_closes() {
    let mut options = options();
    options.settings.timing.accept_window = Duration::from_millis(300);
    let mut bed = Bed::new(options).await;
    bed.ring(SPEAKER).await;
    let (id, _) = bed.next_connect().await;
    assert_eq!(bed.next_terminate().await, (None, None));
    assert_eq!(bed.call(&id).await["ended"]["reason"], "business_did_not_accept");
    assert_eq!(bed.newest_row().await["status"], "missed");
}

#[tokio::test]
async fn actions_are_checked_against_the_call() {
    let mut bed = Bed::new(options()).await;
    bed.ring(SPEAKER).await;
    let (id, offer) = bed.next_connect().await;
    let browser = Browser::answering(IP, 440.0, &offer).await;
    let answer = browser.sdp.as_str();
    let other = answer.replace("s=-", "s=other");

    assert_eq!(bed.act("wacid.nobody", "accept", Some(answer)).await.0, 404);
    assert_eq!(bed.act(&id, "dance", None).await.0, 400);
    assert_eq!(bed.act(&id, "accept", None).await.0, 400);
    assert_eq!(bed.act(&id, "accept", Some("v=0")).await.0, 400);
    let wrong_mid = answer.replace("a=mid:audio", "a=mid:0");
    assert!(fault(&bed.act(&id, "accept", Some(&wrong_mid)).await.1).1.contains("mid must be audio"));
    let wrong_role = answer.replace("setup:active", "setup:actpass");
    assert!(fault(&bed.act(&id, "accept", Some(&wrong_role)).await.1).1.contains("setup must be active"));

    assert_eq!(bed.act(&id, "pre_accept", Some(answer)).await.0, 200);
    assert_eq!(bed.newest_row().await["status"], "pre_accepted");
    let (status, differs) = bed.act(&id, "accept", Some(&other)).await;
    assert_eq!(status, 400);
    assert!(fault(&differs).1.contains("same SDP"), "{differs}");
    let vobiz_id = bed.call(&id).await["vobiz_id"].as_str().unwrap().to_owned();
    let (status, reply) = bed.act(&vobiz_id, "accept", Some(answer)).await;
    assert_eq!((status, reply), (200, json!({ "call_id": vobiz_id, "action": "accept", "success": true })));
    assert_eq!(bed.newest_row().await["status"], "accepted");
    assert_eq!(bed.act(&id, "reject", None).await.0, 400);
    assert_eq!(bed.act(&id, "terminate", None).await.0, 200);
    let (duration, error) = bed.next_terminate().await;
    assert!(duration.is_some() && error.is_none());
    assert_eq!(bed.act(&id, "terminate", None).await.0, 400);
}

#[tokio::test]
async fn a_ringing_call_can_be_rejected_or_given_up() {
    let mut bed = Bed::new(options()).await;
    bed.ring(SPEAKER).await;
    let (id, _) = bed.next_connect().await;
    assert_eq!(bed.act(&id, "reject", None).await.0, 200);
    assert_eq!(bed.next_terminate().await, (None, None));
    assert_eq!(bed.newest_row().await["status"], "rejected");

    bed.ring(NO_PERMISSION).await;
    let (id, _) = bed.next_connect().await;
    let (status, view) = bed.control(Method::POST, &format!("/calls/{id}/hangup"), None).await;
    assert_eq!((status, view["ended"]["reason"].as_str()), (200, Some("caller_gave_up")));
    assert_eq!(bed.next_terminate().await, (None, None));
    assert_eq!(bed.newest_row().await["status"], "missed");
}

#[tokio::test]
async fn only_the_chosen_identifier_names_a_call() {
    for (action_id, by_wacid, by_uuid) in [(ActionId::Wacid, 200, 404), (ActionId::Uuid, 404, 200)] {
        let mut options = options();
        options.settings.switches.action_id = action_id;
        options.settings.switches.payload = PayloadShape::InnerValue;
        let mut bed = Bed::new(options).await;
        let view = bed.ring(SPEAKER).await;
        let (id, _) = bed.next_connect().await;
        let mut found = [0, 0];
        for (place, name) in [id.as_str(), view["vobiz_id"].as_str().unwrap()].into_iter().enumerate() {
            found[place] = bed.act(name, "reject", None).await.0;
        }
        assert_eq!(found, [by_wacid, by_uuid]);
    }
}

#[tokio::test]
async fn the_log_pages_and_filters() {
    let bed = Bed::new(options()).await;
    let (status, page) = bed.rest(Method::GET, &format!("{LOGS}?page=3&limit=25"), None).await;
    assert_eq!(status, 200);
    assert_eq!((page["total"].as_u64(), page["has_more"].as_bool()), (Some(60), Some(false)));
    assert_eq!(page["items"].as_array().unwrap().len(), 10);
    let (_, page) = bed.rest(Method::GET, &format!("{LOGS}?direction=inbound&status=missed"), None).await;
    for row in page["items"].as_array().unwrap() {
        assert_eq!((row["direction"].as_str(), row["status"].as_str()), (Some("inbound"), Some("missed")));
    }
    for bad in ["page=0", "limit=100000", "status=lost", "direction=up"] {
        let (status, reply) = bed.rest(Method::GET, &format!("{LOGS}?{bad}"), None).await;
        assert_eq!((status, fault(&reply).0), (400, Some(100)), "{bad}");
    }
}

#[tokio::test]
async fn webhooks_come_and_go_and_keep_their_secret() {
    let bed = Bed::new(options()).await;
    for bad in [
        json!({ "url": "ftp://x", "secret": "s" }),
        json!({ "url": "http://x" }),
        json!({ "url": "http://x", "secret": "" }),
    ] {
        assert_eq!(bed.rest(Method::POST, "/webhooks", Some(bad)).await.0, 400);
    }
    let body = json!({ "url": "http://127.0.0.1:9/x", "secret": "hush" });
    let (status, made) = bed.rest(Method::POST, "/webhooks", Some(body)).await;
    assert_eq!((status, made["status"].as_str()), (201, Some("active")));
    let (_, list) = bed.rest(Method::GET, "/webhooks", None).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert!(!list.to_string().contains("hush"));
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    assert_eq!(bed.rest(Method::GET, &path, None).await.1, made);
    assert_eq!(bed.rest(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(bed.rest(Method::DELETE, &path, None).await.0, 404);
}

#[tokio::test]
async fn a_delivery_is_repeated_with_the_same_event() {
    let reply = |tries| if tries < 2 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let (url, mut events) = receiver(reply).await;
    let sim = Simulator::start(options().with_webhook(url, SECRET)).await.unwrap();
    let ring = client().post(format!("{}/control/ring", sim.control_url)).json(&json!({ "from": SPEAKER }));
    assert_eq!(ring.send().await.unwrap().status(), 201);
    let mut bodies = Vec::new();
    for _ in 0..3 {
        bodies.push(events.recv().await.unwrap().1);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    sim.shutdown().await;
}

#[tokio::test]
async fn other_sites_can_not_drive_the_console() {
    let bed = Bed::new(options()).await;
    let url = format!("{}/control/ring", bed.sim.control_url);
    for (name, value) in
        [("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Host", "evil.example")]
    {
        let request = bed.client.post(&url).header(name, value).json(&json!({ "from": SPEAKER }));
        assert_eq!(request.send().await.unwrap().status(), 403, "{name}");
    }
    let page = bed.client.get(format!("{}/", bed.sim.control_url)).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers().contains_key("content-security-policy"));
    let (status, state) = bed.control(Method::GET, "/state", None).await;
    assert_eq!((status, state["people"].as_array().unwrap().len()), (200, 28));
    assert_eq!(bed.control(Method::POST, "/ring", Some(json!({ "from": "+4915112345678" }))).await.0, 400);
    assert_eq!(bed.control(Method::GET, "/calls/wacid.x", None).await.0, 404);
}

#[tokio::test]
async fn a_shutdown_leaves_nothing_behind() {
    let bed = Bed::new(options()).await;
    bed.ring(SPEAKER).await;
    let (address, url) = (bed.sim.address, bed.sim.control_url.clone());
    bed.sim.shutdown().await;
    assert!(bed.client.get(url).send().await.is_err());
    // The port is free again.
    let again = Simulator::start(Options { listen: address, ..options() }).await.unwrap();
    let taken = Simulator::start(Options { listen: address, ..options() }).await;
    assert!(taken.unwrap_err().to_string().contains(&address.to_string()));
    again.shutdown().await;
}
