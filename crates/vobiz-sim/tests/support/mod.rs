//! What the tests share: a simulator with a receiver for its webhooks.
#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

pub(crate) mod browser;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use vobiz::event::Envelope;
use vobiz::meta::{Signal, StatusKind};
use vobiz_sim::{Options, Running, Simulator};

pub(crate) const SECRET: &str = "test-secret";
pub(crate) const CHANNEL: &str = "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f";

/// Nothing in a test takes longer than this by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// A simulator whose webhooks are caught.
pub(crate) struct Bed {
    pub(crate) sim: Running,
    pub(crate) client: reqwest::Client,
    events: mpsc::Receiver<(HeaderMap, Bytes)>,
}

impl Bed {
    pub(crate) async fn new(options: Options) -> Self {
        let (url, events) = receiver(|_| StatusCode::OK).await;
        let sim = Simulator::start(options.with_webhook(url, SECRET)).await.unwrap();
        Self { sim, client: client(), events }
    }

    /// A request with credentials.
    pub(crate) async fn rest(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.sim.base_url))
            .header("X-Auth-ID", "MA_SIMDEMO")
            .header("X-Auth-Token", "sim-demo-token");
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn act(&self, call_id: &str, action: &str, sdp: Option<&str>) -> (u16, Value) {
        let mut body = json!({ "channel_id": CHANNEL, "call_id": call_id, "action": action });
        if let Some(sdp) = sdp {
            body["sdp"] = json!(sdp);
        }
        self.rest(Method::POST, "/calls/whatsapp/action", Some(body)).await
    }

    pub(crate) async fn initiate(&self, to: &str, sdp: &str) -> (u16, Value) {
        let body = json!({ "channel_id": CHANNEL, "to": to, "sdp_offer": sdp });
        self.rest(Method::POST, "/calls/whatsapp", Some(body)).await
    }

    /// A request to the control API.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}/control{path}", self.sim.control_url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn ring(&self, from: &str) -> Value {
        let (status, view) = self.control(Method::POST, "/ring", Some(json!({ "from": from }))).await;
        assert_eq!(status, 201, "{view}");
        view
    }

    pub(crate) async fn call(&self, wacid: &str) -> Value {
        self.control(Method::GET, &format!("/calls/{wacid}"), None).await.1
    }

    /// The next event's signals; the signature has been checked.
    pub(crate) async fn next(&mut self) -> Signal {
        let (headers, body) = tokio::time::timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap();
        let signature = headers["X-Webhook-Signature"].to_str().unwrap();
        assert!(vobiz::signature::verify(SECRET.as_bytes(), &body, signature));
        let envelope: Envelope = serde_json::from_slice(&body).unwrap();
        assert_eq!(headers["X-Webhook-Event"], envelope.event_type.as_str());
        assert_eq!(envelope.account_id.as_deref(), Some("MA_SIMDEMO"));
        envelope.signals().remove(0)
    }

    pub(crate) async fn next_connect(&mut self) -> (String, String) {
        let next = self.next().await;
        let Signal::Connect { head, sdp, .. } = next else {
            panic!("no connect: {next:?}");
        };
        (head.id, sdp.unwrap())
    }

    pub(crate) async fn next_status(&mut self) -> StatusKind {
        let next = self.next().await;
        let Signal::Status { status, .. } = next else {
            panic!("no status: {next:?}");
        };
        status
    }

    /// Duration and error code of the terminate that comes next.
    pub(crate) async fn next_terminate(&mut self) -> (Option<u64>, Option<u32>) {
        let next = self.next().await;
        let Signal::Terminate { duration, start_time, error, .. } = next else {
            panic!("no terminate: {next:?}");
        };
        assert_eq!(duration.is_some(), start_time.is_some());
        (duration, error.and_then(|error| error.code))
    }

    /// The newest row of the log.
    pub(crate) async fn newest_row(&self) -> Value {
        let (status, mut page) = self.rest(Method::GET, "/calls/whatsapp/logs?limit=1", None).await;
        assert_eq!(status, 200);
        page["items"][0].take()
    }
}

/// A receiver of webhooks that answers as `reply` says for each try.
pub(crate) async fn receiver(
    reply: impl Fn(usize) -> StatusCode + Clone + Send + Sync + 'static,
) -> (String, mpsc::Receiver<(HeaderMap, Bytes)>) {
    let (sender, events) = mpsc::channel(64);
    let tries = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let catch = move |headers: HeaderMap, body: Bytes| {
        let (sender, reply, tries) = (sender.clone(), reply.clone(), tries.clone());
        async move {
            let _ = sender.send((headers, body)).await;
            reply(tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
        }
    };
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(catch))).await });
    (url, events)
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

/// Asks again and again until the answer is yes; shows the last value if not.
pub(crate) async fn until<T: std::fmt::Debug, F: Future<Output = T>>(
    mut ask: impl FnMut() -> F,
    yes: impl Fn(&T) -> bool,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let value = ask().await;
        if yes(&value) {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain; last: {value:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
