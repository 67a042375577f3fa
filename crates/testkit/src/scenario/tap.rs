//! What stands between relay and simulator: writes down every request and every
//! webhook, and holds, repeats, delays or loses the ones that a scenario names.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use uuid::Uuid;
use vobiz::event::Envelope;
use vobiz::meta::{Signal, StatusKind};
use vobiz::signature::{SIGNATURE_HEADER, sign};
use vobiz_sim::scenario::{REQUESTS, TapPart};

use super::timeline::Timeline;

/// Longest wait for either side: longer than the relay's own bound of 15 s.
const REPLY: Duration = Duration::from_secs(20);
/// Longest time that a webhook is held for another one to come first.
const HOLDS: Duration = Duration::from_secs(15);
/// How often, and after which pause, a held webhook is delivered again while the relay
/// does not take it: what the simulator would have done itself.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(250);
/// Path of the relay's door for webhooks.
const DOOR: &str = "/webhooks/vobiz";

/// Something that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passed {
    /// `initiate`, `accept`, …
    pub(super) kind: String,
    /// The call's name upstream, or the number of an initiate.
    pub(super) about: String,
    /// How upstream answered.
    pub(super) status: u16,
}

/// A tap. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Tap {
    /// Where it listens.
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug)]
struct Shared {
    client: reqwest::Client,
    timeline: Arc<Timeline>,
    secret: &'static str,
    rules: Vec<TapPart>,
    /// How many each rule has lost.
    lost: Mutex<Vec<u32>>,
    simulator: OnceLock<String>,
    relay: OnceLock<SocketAddr>,
    passed: Mutex<Vec<Passed>>,
    /// Call and kind of every webhook that the relay took.
    taken: watch::Sender<Vec<(String, String)>>,
}

impl Tap {
    pub(super) async fn open(
        rules: Vec<TapPart>,
        secret: &'static str,
        timeline: Arc<Timeline>,
    ) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            client: reqwest::Client::builder().no_proxy().timeout(REPLY).build()?,
            timeline,
            secret,
            lost: Mutex::new(vec![0; rules.len()]),
            rules,
            simulator: OnceLock::new(),
            relay: OnceLock::new(),
            passed: Mutex::default(),
            taken: watch::Sender::default(),
        });
        let router = Router::new()
            .route("/rest/{*path}", any(request))
            .route(DOOR, post(webhook))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            // It ends with the scenario.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, shared, task })
    }

    /// Where the relay finds the upstream.
    pub(super) fn base_url(&self) -> String {
        format!("http://{}/rest", self.address)
    }

    /// Where the simulator delivers.
    pub(super) fn webhook_url(&self) -> String {
        format!("http://{}{DOOR}", self.address)
    }

    /// Connects it: the simulator's base address and the relay's.
    pub(super) fn connect(&self, simulator: &str, relay: SocketAddr) {
        // Called once.
        let _ = self.shared.simulator.set(simulator.to_owned());
        let _ = self.shared.relay.set(relay);
    }

    /// Every request so far.
    pub(super) fn passed(&self) -> Vec<Passed> {
        self.shared.passed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What was asked for goes its way, also when whoever asked is killed meanwhile.
async fn request(
    State(shared): State<Arc<Shared>>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let passes = tokio::spawn(pass(shared, path, query, method, headers, body));
    passes.await.unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

async fn pass(
    shared: Arc<Shared>,
    path: String,
    query: Option<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = kind(&path, &method, &body);
    let rule = kind.as_ref().and_then(|(kind, _)| shared.rule(|rule| rule.request.as_deref() == Some(*kind)));
    if let Some((_, TapPart { delay: Some(delay), .. })) = rule {
        sleep(delay.0).await;
    }
    let reply = shared.forward(&path, query, method, headers, body.clone()).await;
    // A reply that breaks off is one that says nothing of the outcome.
    let reply = reply.unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response());
    let status = reply.status();
    if let Some((kind, about)) = kind {
        shared.timeline.say(format!("relay  ─▸ upstream   {kind} {}: {}", tail(&about), status.as_u16()));
        let passed = Passed { kind: kind.to_owned(), about, status: status.as_u16() };
        shared.passed.lock().unwrap_or_else(PoisonError::into_inner).push(passed);
        if let Some((at, rule)) = rule {
            if let Some(delay) = rule.reply_delay {
                sleep(delay.0).await;
            }
            if shared.loses(at, rule) {
                shared.timeline.say(format!("tap                  loses the reply to {kind}"));
                return StatusCode::BAD_GATEWAY.into_response();
            }
        }
    }
    reply
}

async fn webhook(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let (call, kind) = named(&body);
    let event = Event { shared: Arc::clone(&shared), headers, body, call, kind };
    let Some((at, rule)) = shared.rule(|rule| rule.webhook.as_ref() == Some(&event.kind)) else {
        return event.deliver().await;
    };
    if shared.loses(at, rule) {
        shared.timeline.say(format!("tap                  loses {}", event.kind));
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let rule = rule.clone();
    if let Some(first) = &rule.hold_until {
        shared.timeline.say(format!("tap                  holds {} until {first}", event.kind));
    }
    if rule.hold_until.is_some() || rule.delay.is_some() {
        // Upstream has done its part: what comes after must not wait for it.
        tokio::spawn(async move { event.by_rule(&rule).await });
        return StatusCode::OK;
    }
    let status = event.deliver().await;
    tokio::spawn(async move { event.again(&rule).await });
    status
}

/// One webhook on its way.
struct Event {
    shared: Arc<Shared>,
    headers: HeaderMap,
    body: Bytes,
    call: String,
    kind: String,
}

impl Event {
    async fn by_rule(self, rule: &TapPart) {
        if let Some(delay) = rule.delay {
            sleep(delay.0).await;
        }
        if let Some(first) = &rule.hold_until {
            self.after(first).await;
        }
        self.deliver_surely().await;
        self.again(rule).await;
    }

    async fn again(self, rule: &TapPart) {
        for _ in 1..rule.copies.unwrap_or(1) {
            self.copy().deliver_surely().await;
        }
        if let Some(after) = &rule.again_after {
            self.after(after).await;
            self.copy().deliver_surely().await;
        }
    }

    /// The same event as another delivery, under an identifier of its own: what has to
    /// be recognised by what it says.
    fn copy(&self) -> Self {
        let mut headers = self.headers.clone();
        let mut body = self.body.clone();
        if let Ok(mut value) = serde_json::from_slice::<Value>(&self.body) {
            value["event_id"] = Uuid::new_v4().to_string().into();
            body = Bytes::from(value.to_string());
        }
        if let Ok(signature) = sign(self.shared.secret.as_bytes(), &body).parse() {
            headers.insert(SIGNATURE_HEADER, signature);
        }
        Self {
            shared: Arc::clone(&self.shared),
            headers,
            body,
            call: self.call.clone(),
            kind: self.kind.clone(),
        }
    }

    async fn after(&self, kind: &str) {
        let mut taken = self.shared.taken.subscribe();
        let came =
            taken.wait_for(|taken| taken.iter().any(|(call, took)| *call == self.call && took == kind));
        if timeout(HOLDS, came).await.is_err() {
            self.shared.timeline.say(format!("tap                  {kind} never came"));
        }
    }

    async fn deliver_surely(&self) {
        for _ in 0..TRIES {
            if self.deliver().await == StatusCode::OK {
                return;
            }
            sleep(PAUSE).await;
        }
    }

    async fn deliver(&self) -> StatusCode {
        let Some(relay) = self.shared.relay.get() else { return StatusCode::SERVICE_UNAVAILABLE };
        let mut request = self.shared.client.post(format!("http://{relay}{DOOR}")).body(self.body.clone());
        for (name, value) in own(&self.headers) {
            request = request.header(name, value);
        }
        let status = request.send().await.map_or(StatusCode::BAD_GATEWAY, |reply| reply.status());
        let (kind, call) = (&self.kind, tail(&self.call));
        self.shared.timeline.say(format!("upstream ─▸ relay    {kind} {call}: {}", status.as_u16()));
        if status == StatusCode::OK {
            self.shared.taken.send_modify(|taken| taken.push((self.call.clone(), self.kind.clone())));
        }
        status
    }
}

impl Shared {
    fn rule(&self, is_meant: impl Fn(&TapPart) -> bool) -> Option<(usize, &TapPart)> {
        self.rules.iter().enumerate().find(|(_, rule)| is_meant(rule))
    }

    /// Whether one more is lost by this rule.
    fn loses(&self, at: usize, rule: &TapPart) -> bool {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        let count = &mut lost[at];
        let loses = *count < rule.lose.unwrap_or(0);
        *count += u32::from(loses);
        loses
    }

    async fn forward(
        &self,
        path: &str,
        query: Option<String>,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response> {
        let base = self.simulator.get().context("the simulator is not there yet")?;
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut request = self.client.request(method, format!("{base}/{path}{query}")).body(body);
        for (name, value) in own(&headers) {
            request = request.header(name, value);
        }
        let answer = request.send().await?;
        let mut reply = Response::builder().status(answer.status());
        for (name, value) in own(answer.headers()) {
            reply = reply.header(name, value);
        }
        Ok(reply.body(Body::from(answer.bytes().await?))?)
    }
}

/// The headers that belong to the message and not to one connection.
fn own(headers: &HeaderMap) -> impl Iterator<Item = (&header::HeaderName, &header::HeaderValue)> {
    const OF_THE_CONNECTION: [header::HeaderName; 4] =
        [header::HOST, header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING];
    headers.iter().filter(|(name, _)| !OF_THE_CONNECTION.contains(name))
}

/// What a request is, and about which call.
fn kind(path: &str, method: &Method, body: &[u8]) -> Option<(&'static str, String)> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    match path {
        "calls/whatsapp" if method == Method::POST => Some(("initiate", text("to"))),
        "calls/whatsapp/logs" => Some(("logs", String::new())),
        "calls/whatsapp/action" => {
            let action = text("action");
            let known = REQUESTS.into_iter().find(|known| *known == action)?;
            Some((known, text("call_id")))
        }
        _ => None,
    }
}

/// Call and kind of a webhook.
fn named(body: &[u8]) -> (String, String) {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else { return Default::default() };
    let (head, kind) = match envelope.signals().into_iter().next() {
        Some(Signal::Connect { head, .. }) => (head, "connect"),
        Some(Signal::Terminate { head, .. }) => (head, "terminate"),
        Some(Signal::Status { head, status: StatusKind::Ringing }) => (head, "ringing"),
        Some(Signal::Status { head, status: StatusKind::Accepted }) => (head, "accepted"),
        Some(Signal::Status { head, status: StatusKind::Rejected }) => (head, "rejected"),
        Some(Signal::Status { .. } | Signal::Unknown(_)) | None => {
            return (String::new(), envelope.event_type.to_string());
        }
    };
    (head.id, kind.to_owned())
}

/// The end of a name, which tells the calls of a scenario apart.
fn tail(name: &str) -> String {
    if name.starts_with('+') || name.is_empty() {
        return name.to_owned();
    }
    let from = name.char_indices().rev().nth(5).map_or(0, |(at, _)| at);
    format!("…{}", &name[from..])
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::time::Duration;

    use axum::Router;
    use tokio::net::TcpListener;
    use tokio::time::sleep;

    use super::{Arc, Tap, Timeline};
    use crate::eventually;

    #[tokio::test]
    async fn a_request_counts_though_whoever_asked_is_gone() {
        const SLOW: Duration = Duration::from_millis(200);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let simulator = format!("http://{}", listener.local_addr().unwrap());
        let slow = Router::new().fallback(async || sleep(SLOW).await);
        tokio::spawn(async move { axum::serve(listener, slow).await.unwrap() });
        let tap = Tap::open(Vec::new(), "secret", Arc::new(Timeline::begin())).await.unwrap();
        tap.connect(&simulator, tap.address);
        let accept = reqwest::Client::new()
            .post(format!("{}/calls/whatsapp/action", tap.base_url()))
            .body(r#"{"action":"accept","call_id":"wacid.A"}"#);
        assert!(accept.timeout(SLOW / 2).send().await.is_err(), "hung up while upstream thinks");
        let counted = eventually("the accept", Duration::from_secs(5), async || {
            tap.passed().pop().ok_or_else(|| anyhow::anyhow!("nothing passed"))
        });
        assert_eq!(counted.await.unwrap().kind, "accept");
    }
}
