//! A plain page before the same simulator: what an answer costs without the product.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;
use testkit::Control;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vobiz::event::Envelope;
use vobiz::meta::Signal;
use vobiz::rest::{ACTION_PATH, AUTH_ID_HEADER, AUTH_TOKEN_HEADER};
use vobiz_sim::{Business, Credentials, Options, Running, Settings, Simulator};

/// Worth nothing outside a test; the plain page's server looks at no signature.
const WEBHOOK_SECRET: &str = "plain-webhook-secret";

/// How long the page's question for the next call, or for a call's end, is held open.
const POLL: Duration = Duration::from_secs(20);

/// How long an action upstream may take.
const REQUEST: Duration = Duration::from_secs(5);

/// How long people take to pick up; nobody is called here.
const REACTION: Duration = Duration::from_secs(1);

/// Which requests answer a call upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AcceptBy {
    /// `accept` with the answer.
    Alone,
    /// `pre_accept`, then `accept`, with the identical answer.
    Both,
}

/// The plain page, its server and a simulator. Dropping it ends them.
#[derive(Debug)]
pub(crate) struct PlainBed {
    /// Plays the far end.
    pub(crate) control: Control,
    /// The page's origin.
    pub(crate) origin: String,
    simulator: Option<Running>,
    server: JoinHandle<()>,
}

/// A call that rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Offer {
    call: String,
    sdp: String,
}

#[derive(Debug)]
struct Office {
    http: reqwest::Client,
    base_url: String,
    channel: String,
    by: AcceptBy,
    rings: watch::Sender<Option<Offer>>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    call: String,
    sdp: String,
}

impl PlainBed {
    /// Starts all of it.
    pub(crate) async fn start(settings: Settings, by: AcceptBy) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let options = Options { seed_rows: 0, settings, ..Options::default() }
            .with_reaction(REACTION)
            .with_webhook(format!("http://{address}/webhook"), WEBHOOK_SECRET);
        let simulator = Simulator::start(options).await?;
        let control = Control::new(simulator.control_url.clone())?;
        let office = Office {
            http: reqwest::Client::builder().no_proxy().timeout(REQUEST).build()?,
            base_url: simulator.base_url.clone(),
            channel: Business::default().channel_id.to_string(),
            by,
            rings: watch::Sender::new(None),
        };
        let router = Router::new()
            .route("/", get(|| async { ([(CONTENT_TYPE, "text/html")], include_str!("page.html")) }))
            .route(
                "/page.js",
                get(|| async { ([(CONTENT_TYPE, "text/javascript")], include_str!("page.js")) }),
            )
            .route("/webhook", post(webhook))
            .route("/offer", get(offer))
            .route("/answer", post(answer))
            .route("/over", get(over))
            .with_state(Arc::new(office));
        let server = tokio::spawn(async move {
            // Ends with the bed, which aborts it.
            let _ = axum::serve(listener, router).await;
        });
        let origin = format!("http://localhost:{}", address.port());
        Ok(Self { control, origin, simulator: Some(simulator), server })
    }

    /// Ends all of it.
    pub(crate) async fn shut_down(mut self) {
        self.server.abort();
        if let Some(simulator) = self.simulator.take() {
            simulator.shutdown().await;
        }
    }
}

impl Drop for PlainBed {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Shared = State<Arc<Office>>;

async fn webhook(State(office): Shared, Json(event): Json<Envelope>) -> StatusCode {
    for signal in event.signals() {
        match signal {
            Signal::Connect { head, sdp: Some(sdp), .. } => {
                office.rings.send_replace(Some(Offer { call: head.id, sdp }));
            }
            Signal::Terminate { .. } => {
                office.rings.send_replace(None);
            }
            Signal::Connect { .. } | Signal::Status { .. } | Signal::Unknown(_) => {}
        }
    }
    StatusCode::OK
}

/// The call that rings, as soon as one does; null when none does for a while.
async fn offer(State(office): Shared) -> Json<Option<Offer>> {
    let mut rings = office.rings.subscribe();
    let ring = timeout(POLL, rings.wait_for(Option::is_some)).await;
    Json(ring.ok().and_then(Result::ok).and_then(|ring| ring.clone()))
}

/// Comes back when no call is there any more.
async fn over(State(office): Shared) -> StatusCode {
    let mut rings = office.rings.subscribe();
    // Whoever asks looks again by itself.
    let _ = timeout(POLL, rings.wait_for(Option::is_none)).await;
    StatusCode::OK
}

async fn answer(State(office): Shared, body: String) -> impl IntoResponse {
    match office.pass_on(&body).await {
        Ok(()) => (StatusCode::OK, "{}".to_owned()),
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")),
    }
}

impl Office {
    async fn pass_on(&self, body: &str) -> Result<()> {
        let answer: Answer = serde_json::from_str(body)?;
        let actions: &[&str] = match self.by {
            AcceptBy::Alone => &["accept"],
            AcceptBy::Both => &["pre_accept", "accept"],
        };
        let Credentials { auth_id, auth_token, .. } = Credentials::default();
        for action in actions {
            let reply = self
                .http
                .post(format!("{}{ACTION_PATH}", self.base_url))
                .header(AUTH_ID_HEADER, &auth_id)
                .header(AUTH_TOKEN_HEADER, &auth_token)
                .json(&json!({
                    "channel_id": self.channel, "call_id": answer.call, "action": action, "sdp": answer.sdp,
                }))
                .send()
                .await?;
            let status = reply.status();
            ensure!(status.is_success(), "{action}: {status} {}", reply.text().await?);
        }
        Ok(())
    }
}
