//! Between simulator and relays, in both directions: deliveries that are late, doubled,
//! out of order, forged, renamed or cut off, to any relay; and a record of what relays
//! ask of the upstream.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use vobiz::signature::{SIGNATURE_HEADER, sign};

use crate::plan::Dice;
use crate::relays::{Relays, WEBHOOK_SECRET};

/// Each fault, so many times in a hundred.
const FAULT_PERCENT: usize = 10;
/// How long a delivery is tried.
const TRIED_FOR: Duration = Duration::from_secs(60);
/// Pause before it is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// One request that went upstream, and what it was answered with.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which relay asked.
    pub relay: usize,
    pub begun: Instant,
    /// When the answer was there.
    pub ended: Instant,
    pub path: String,
    pub body: Value,
    pub status: u16,
}

pub struct Between {
    pub relays: Mutex<Option<Arc<Relays>>>,
    pub asked: Mutex<Vec<Asked>>,
    pub undelivered: Mutex<Vec<String>>,
    simulator: Mutex<String>,
    dice: Mutex<Dice>,
    client: reqwest::Client,
}

impl Between {
    pub fn new(dice: Dice) -> Arc<Self> {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Arc::new(Self {
            relays: Mutex::default(),
            asked: Mutex::default(),
            undelivered: Mutex::default(),
            simulator: Mutex::default(),
            dice: Mutex::new(dice),
            client,
        })
    }

    /// Listens for webhooks. The simulator is told this address.
    pub async fn listen_for_webhooks(self: &Arc<Self>) -> String {
        let router = Router::new().fallback(webhook).with_state(self.clone());
        format!("http://{}/webhooks", serve(router).await)
    }

    /// Listens for the upstream requests of one relay, which is told this address.
    pub async fn listen_for_requests(self: &Arc<Self>, simulator: &str, relay: usize) -> String {
        *self.simulator.lock().unwrap() = simulator.to_owned();
        let router = Router::new().fallback(request).with_state((self.clone(), relay));
        format!("http://{}", serve(router).await)
    }

    fn roll<T>(&self, roll: impl FnOnce(&mut Dice) -> T) -> T {
        roll(&mut self.dice.lock().unwrap())
    }

    fn relays(&self) -> Option<Arc<Relays>> {
        self.relays.lock().unwrap().clone()
    }

    /// Until a relay has said 200, as Vobiz does; to whichever the balancer picks.
    async fn deliver(&self, body: Bytes, after: Duration) {
        tokio::time::sleep(after).await;
        let begun = Instant::now();
        while begun.elapsed() < TRIED_FOR {
            if self.try_once(&body, WEBHOOK_SECRET).await == Some(200) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.undelivered.lock().unwrap().push(String::from_utf8_lossy(&body).into_owned());
    }

    /// Any of the relays.
    fn balanced(&self) -> Option<SocketAddr> {
        let relays = self.relays()?;
        Some(relays.addresses[self.roll(|dice| dice.below(relays.addresses.len()))])
    }

    async fn try_once(&self, body: &Bytes, secret: &str) -> Option<u16> {
        let address = self.balanced()?;
        let request = self.client.post(format!("http://{address}/webhooks/vobiz"));
        let request = request.header(SIGNATURE_HEADER, sign(secret.as_bytes(), body));
        let reply = request.header(header::CONTENT_TYPE, "application/json").body(body.clone()).send().await;
        reply.ok().map(|reply| reply.status().as_u16())
    }

    /// A delivery that breaks off in its middle.
    async fn cut_off(&self, body: &Bytes) {
        let Some(address) = self.balanced() else { return };
        let Ok(mut line) = TcpStream::connect(address).await else { return };
        let head = format!(
            "POST /webhooks/vobiz HTTP/1.1\r\nHost: relay\r\nContent-Length: {}\r\n{SIGNATURE_HEADER}: {}\r\n\r\n",
            body.len(),
            sign(WEBHOOK_SECRET.as_bytes(), body)
        );
        // Whatever becomes of it, it is no delivery.
        let _ = line.write_all(head.as_bytes()).await;
        let _ = line.write_all(&body[..body.len() / 2]).await;
    }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn webhook(State(between): State<Arc<Between>>, body: Bytes) -> StatusCode {
    let fault = || between.roll(|dice| dice.percent(FAULT_PERCENT));
    let late = if fault() { between.roll(|dice| dice.between(500, 3_000)) } else { Duration::ZERO };
    // Any two may overtake each other a little.
    let late = late + between.roll(|dice| dice.between(0, 30));
    if fault() {
        // Lost at first.
        let (between, body) = (between.clone(), body.clone());
        tokio::spawn(async move { between.deliver(body, late + Duration::from_secs(1)).await });
    } else {
        let (between, body) = (between.clone(), body.clone());
        tokio::spawn(async move { between.deliver(body, late).await });
    }
    if fault() {
        let (between, body) = (between.clone(), body.clone());
        let again = between.roll(|dice| dice.between(0, 2_000));
        tokio::spawn(async move { between.deliver(body, again).await });
    }
    if fault() {
        // The same call event under a new name.
        let mut envelope: Value = serde_json::from_slice(&body).unwrap();
        envelope["event_id"] = format!("again-{}", envelope["event_id"].as_str().unwrap()).into();
        let again = between.roll(|dice| dice.between(0, 5_000));
        let (between, body) = (between.clone(), Bytes::from(envelope.to_string()));
        tokio::spawn(async move { between.deliver(body, again).await });
    }
    if fault() {
        let (between, body) = (between.clone(), body.clone());
        tokio::spawn(async move {
            let status = between.try_once(&body, "not the secret").await;
            assert!(matches!(status, None | Some(401)), "a forged webhook was answered with {status:?}");
        });
    }
    if fault() {
        tokio::spawn(async move { between.cut_off(&body).await });
    }
    StatusCode::OK
}

async fn request(
    State((between, relay)): State<(Arc<Between>, usize)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begun = Instant::now();
    let target = format!("{}{}", between.simulator.lock().unwrap(), uri.path_and_query().unwrap());
    let mut forward = between.client.request(method.clone(), target).body(body.clone());
    for name in ["x-auth-id", "x-auth-token", "content-type"] {
        if let Some(value) = headers.get(name) {
            forward = forward.header(name, value);
        }
    }
    // A relay that is killed meanwhile does not take its request back.
    let carried_out = tokio::spawn(async move {
        let reply = async {
            let reply = forward.send().await?;
            let status = reply.status();
            reply.bytes().await.map(|body| (status, body))
        };
        let (status, reply) =
            reply.await.unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, Bytes::from(error.to_string())));
        if method == Method::POST {
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let (path, status) = (uri.path().to_owned(), status.as_u16());
            let asked = Asked { relay, begun, ended: Instant::now(), path, body, status };
            between.asked.lock().unwrap().push(asked);
        }
        (status, reply)
    });
    let (status, reply) = carried_out.await.unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], reply).into_response()
}
