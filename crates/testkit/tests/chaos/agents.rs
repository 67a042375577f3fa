//! Agents without browsers: pages that only signal.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest as _};

use crate::plan::Dice;
use crate::relays::{PASSWORD, Relays, username};

/// How long a page tries to get an answer to one request, through restarts.
const TRIES_FOR: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(150);
/// How long an agent waits for the far end to hang up.
const PATIENCE: Duration = Duration::from_secs(10);
/// A socket that says nothing for so long is dead.
const SILENCE: Duration = Duration::from_secs(12);

const CALLS: &str = "/api/calls/whatsapp";
const ACTION: &str = "/api/calls/whatsapp/action";

/// What all agents together know.
#[derive(Default)]
pub struct Notes {
    /// Whose accept was answered with 200.
    pub won: BTreeMap<String, BTreeSet<usize>>,
    /// Attempts to call, and whom.
    pub dialed: Vec<(String, String)>,
}

/// One agent.
pub struct Agent {
    number: usize,
    relays: Arc<Relays>,
    notes: Arc<Mutex<Notes>>,
    client: reqwest::Client,
    cookie: String,
    dice: Mutex<Dice>,
    view: Mutex<View>,
}

/// What the agent's page shows.
#[derive(Default)]
struct View {
    /// Calls that ring or are the agent's, and how they stand.
    calls: BTreeMap<String, String>,
    seen: Option<u64>,
    busy: bool,
}

impl Agent {
    /// Signs in and begins to listen.
    pub async fn start(number: usize, relays: Arc<Relays>, notes: Arc<Mutex<Notes>>, seed: u64) -> Arc<Self> {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(25)).build().unwrap();
        let dice = Mutex::new(Dice::of(seed, number as u64 + 1));
        let mut agent =
            Self { number, relays, notes, client, cookie: String::new(), dice, view: Mutex::default() };
        let body = json!({ "username": username(number), "password": PASSWORD });
        let (status, cookie) = agent.ask("/api/login", &body, "").await;
        assert_eq!(status, 200, "signing in");
        agent.cookie = cookie["cookie"].as_str().unwrap().to_owned();
        let agent = Arc::new(agent);
        tokio::spawn(agent.clone().listen());
        agent
    }

    /// What the page still shows.
    pub fn shows(&self) -> Vec<(String, String)> {
        let view = self.view.lock().unwrap();
        view.calls.iter().map(|(call, stage)| (call.clone(), stage.clone())).collect()
    }

    /// Calls somebody, unless the agent has a call.
    pub async fn dial(self: &Arc<Self>, attempt: String, to: String) -> bool {
        if !self.take_up() {
            return false;
        }
        self.notes.lock().unwrap().dialed.push((attempt.clone(), to.clone()));
        let body = json!({ "to": to, "sdp_offer": description("actpass", &attempt) });
        let (status, _) = self.ask(CALLS, &body, &attempt).await;
        if status == 201 {
            let talks = self.is_picked_up(&attempt).await;
            self.talk_and_leave(&attempt, talks).await;
        }
        self.put_down();
        true
    }

    fn take_up(&self) -> bool {
        let mut view = self.view.lock().unwrap();
        !std::mem::replace(&mut view.busy, true)
    }

    fn put_down(&self) {
        self.view.lock().unwrap().busy = false;
    }

    fn roll<T>(&self, roll: impl FnOnce(&mut Dice) -> T) -> T {
        roll(&mut self.dice.lock().unwrap())
    }

    fn balanced(&self) -> SocketAddr {
        let addresses = &self.relays.addresses;
        addresses[self.roll(|dice| dice.below(addresses.len()))]
    }

    /// Asks until there is an answer that is one. Whatever is asked may be repeated.
    async fn ask(&self, path: &str, body: &Value, attempt: &str) -> (u16, Value) {
        let begun = Instant::now();
        let mut last = (0, Value::Null);
        while begun.elapsed() < TRIES_FOR {
            let mut request = self.client.post(format!("http://{}{path}", self.balanced()));
            request = request.header("Origin", self.relays.origin()).json(body);
            if !self.cookie.is_empty() {
                request = request.header("Cookie", &self.cookie);
            }
            if !attempt.is_empty() {
                request = request.header("Idempotency-Key", attempt);
            }
            if let Ok(reply) = request.send().await {
                let status = reply.status().as_u16();
                let cookie = reply.headers().get("set-cookie").and_then(|value| value.to_str().ok());
                let cookie = cookie.and_then(|text| text.split(';').next()).map(str::to_owned);
                let mut answer = reply.json::<Value>().await.unwrap_or(Value::Null);
                if path == "/api/login" {
                    answer = json!({ "cookie": cookie });
                }
                assert_ne!(status, 500, "{path}: {answer}");
                last = (status, answer);
                if !matches!(status, 429 | 502 | 503 | 504) {
                    return last;
                }
            }
            sleep(PAUSE).await;
        }
        last
    }

    /// A page's socket, which comes back for ever.
    async fn listen(self: Arc<Self>) {
        loop {
            if self.converse().await.is_none() {
                sleep(PAUSE).await;
            }
        }
    }

    async fn converse(self: &Arc<Self>) -> Option<()> {
        let after = self.view.lock().unwrap().seen.map_or(String::new(), |seen| format!("?after={seen}"));
        let mut request = format!("ws://{}/api/events{after}", self.balanced()).into_client_request().ok()?;
        request.headers_mut().insert("Cookie", self.cookie.parse().ok()?);
        request.headers_mut().insert("Origin", self.relays.origin().parse().ok()?);
        let connected = timeout(SILENCE, tokio_tungstenite::connect_async(request)).await;
        let (mut socket, _) = connected.ok()?.ok()?;
        socket.send(Message::text(json!({ "available": { "available": true } }).to_string())).await.ok()?;
        loop {
            let message = timeout(SILENCE, socket.next()).await.ok()??.ok()?;
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            let answer = self.hear(&frame);
            for answer in answer {
                socket.send(Message::text(answer.to_string())).await.ok()?;
            }
        }
    }

    /// Takes a frame in; what has to be answered.
    fn hear(self: &Arc<Self>, frame: &Value) -> Vec<Value> {
        if let Some(ping) = frame.get("ping") {
            return vec![json!({ "pong": ping })];
        }
        let mut view = self.view.lock().unwrap();
        let mut rings = vec![];
        if let Some(snapshot) = frame.get("snapshot") {
            view.seen = snapshot["seq"].as_u64();
            let before = std::mem::take(&mut view.calls);
            for call in snapshot["calls"].as_array().unwrap() {
                let (name, stage) = (call["call"].as_str().unwrap().to_owned(), tag(&call["stage"]));
                if stage == "ringing" && !before.contains_key(&name) {
                    rings.push(name.clone());
                }
                view.calls.insert(name, stage);
            }
        }
        if let Some(event) = frame.get("event") {
            view.seen = event["seq"].as_u64();
            let (call, kind) = (event["call"].as_str().unwrap().to_owned(), tag(&event["event"]));
            match kind.as_str() {
                "ringing" => {
                    rings.push(call.clone());
                    view.calls.insert(call, kind);
                }
                "ended" | "declined_here" | "answered_elsewhere" | "silenced" => {
                    view.calls.remove(&call);
                }
                _ => {
                    view.calls.insert(call, kind);
                }
            }
        }
        drop(view);
        for call in &rings {
            tokio::spawn(self.clone().answer(call.clone()));
        }
        rings.iter().map(|call| json!({ "ring_ack": { "call": call, "audible": true } })).collect()
    }

    /// What the agent does about a ring.
    async fn answer(self: Arc<Self>, call: String) {
        let (wait, mood) = self.roll(|dice| (dice.between(30, 600), dice.below(100)));
        sleep(wait).await;
        if self.stage(&call).as_deref() != Some("ringing") || mood >= 92 {
            return;
        }
        if mood >= 84 {
            self.act(&call, "reject", None).await;
            return;
        }
        if !self.take_up() {
            return;
        }
        let sdp = description("active", &format!("{}-{call}", self.number));
        if self.act(&call, "accept", Some(sdp)).await == 200 {
            self.notes.lock().unwrap().won.entry(call.clone()).or_default().insert(self.number);
            self.talk_and_leave(&call, true).await;
        }
        self.put_down();
    }

    async fn talk_and_leave(&self, call: &str, talks: bool) {
        let (talk, stays) = self.roll(|dice| (dice.between(100, 1_200), dice.percent(50)));
        if talks {
            sleep(talk).await;
        }
        if stays {
            let begun = Instant::now();
            while begun.elapsed() < PATIENCE && self.stage(call).is_some() {
                sleep(PAUSE).await;
            }
        }
        let status = self.act(call, "terminate", None).await;
        assert!(matches!(status, 200 | 404 | 409 | 410), "a hang-up was answered with {status}");
    }

    async fn act(&self, call: &str, action: &str, sdp: Option<String>) -> u16 {
        let mut body = json!({ "call_id": call, "action": action });
        if let Some(sdp) = sdp {
            body["sdp"] = sdp.into();
        }
        self.ask(ACTION, &body, "").await.0
    }

    fn stage(&self, call: &str) -> Option<String> {
        self.view.lock().unwrap().calls.get(call).cloned()
    }

    /// Waits until a call that the agent makes is picked up, or over.
    async fn is_picked_up(&self, call: &str) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match self.stage(call).as_deref() {
                Some("accepted") => return true,
                Some(_) => sleep(PAUSE).await,
                None => return false,
            }
        }
        false
    }
}

fn tag(value: &Value) -> String {
    let members = value.as_object().and_then(|members| members.keys().next());
    members.map(String::as_str).or(value.as_str()).unwrap_or_default().to_owned()
}

/// A session description that passes for a browser's, and names who made it.
fn description(setup: &str, who: &str) -> String {
    let fingerprint = ["AB"; 32].join(":");
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        &format!("s={who}"),
        "t=0 0",
        "a=group:BUNDLE audio",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 126",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:ufragufragufrag1",
        "a=ice-pwd:icepasswordicepassword==",
        &format!("a=fingerprint:sha-256 {fingerprint}"),
        &format!("a=setup:{setup}"),
        "a=mid:audio",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:126 telephone-event/8000",
        "",
    ]
    .join("\r\n")
}
