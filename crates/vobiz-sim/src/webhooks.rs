//! Delivery of signed events to every registered address.
//!
//! Each address has a bounded queue and one worker, so that a slow or dead
//! receiver delays nobody else and events reach it in order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use serde_json::Value;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use uuid::Uuid;
use vobiz::event::Envelope;
use vobiz::meta::{self, Signal};
use vobiz::signature::{EVENT_HEADER, SIGNATURE_HEADER, sign};
use vobiz::subscription::Subscription;

use crate::clock::{rfc3339, unix_millis, unix_now};
use crate::exchange::Event;
use crate::journal::{DeliveryNote, Journal};
use crate::tasks::Tasks;

/// A delivery that takes longer has failed.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Events that wait for one address; further ones are dropped.
const QUEUE: usize = 1_024;

/// Addresses in all.
const MAX_ADDRESSES: usize = 16;

/// Longest address and secret that are taken, in bytes.
const MAX_URL: usize = 2_048;
const MAX_SECRET: usize = 1_024;

/// Why an address was not registered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WebhookError {
    /// Not an absolute http or https address.
    #[error("url must be an absolute http or https address")]
    Url,
    /// No secret, or a very long one.
    #[error("secret must have 1 to {MAX_SECRET} characters")]
    Secret,
    /// There are already as many as the simulator keeps.
    #[error("there are already {MAX_ADDRESSES} webhooks; delete one first")]
    TooMany,
    /// The HTTP client could not be made.
    #[error("no HTTP client for webhooks: {0}")]
    Client(String),
}

/// How deliveries to an address went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deliveries {
    /// Requests made, repeats included.
    pub(crate) attempts: u64,
    /// HTTP status of the last reply; `None` before the first and after a
    /// delivery that got none.
    pub(crate) last_status: Option<u16>,
    /// Why the last delivery got no reply.
    pub(crate) last_error: Option<String>,
}

struct Address {
    subscription: Subscription,
    queue: mpsc::Sender<Arc<Delivery>>,
    deliveries: Arc<Mutex<Deliveries>>,
    /// Dropping it ends the worker, in the middle of a repeat if need be.
    _keep: watch::Sender<()>,
}

/// How an event is published.
#[derive(Debug, Clone)]
pub(crate) struct Publishing {
    /// The envelope's `event_id`.
    pub(crate) id: Uuid,
    /// How late it is.
    pub(crate) after: Duration,
    /// The first attempt is signed with another secret.
    pub(crate) wrong_signature_first: bool,
    /// So many attempts get lost on the way.
    pub(crate) lost: usize,
    /// Waits before the repeats of a delivery that was not answered with 200.
    pub(crate) pauses: Vec<Duration>,
}

struct Delivery {
    event: String,
    /// What it says, in two words.
    brief: String,
    body: Vec<u8>,
    how: Publishing,
}

/// The registered addresses.
pub(crate) struct Webhooks {
    account: String,
    client: reqwest::Client,
    tasks: Tasks,
    addresses: Mutex<Vec<Address>>,
    journal: Arc<Journal>,
}

impl Webhooks {
    pub(crate) fn new(account: String, tasks: Tasks) -> Result<Self, WebhookError> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| WebhookError::Client(error.to_string()))?;
        Ok(Self { account, client, tasks, addresses: Mutex::default(), journal: Arc::default() })
    }

    /// Registers an address.
    pub(crate) fn register(&self, url: &str, secret: &str) -> Result<Subscription, WebhookError> {
        let target = Url::parse(url)
            .ok()
            .filter(|target| matches!(target.scheme(), "http" | "https") && url.len() <= MAX_URL)
            .ok_or(WebhookError::Url)?;
        if secret.is_empty() || secret.len() > MAX_SECRET {
            return Err(WebhookError::Secret);
        }
        let mut addresses = self.lock();
        if addresses.len() >= MAX_ADDRESSES {
            return Err(WebhookError::TooMany);
        }
        let now = rfc3339(unix_now());
        let subscription = Subscription {
            id: Uuid::new_v4().to_string(),
            url: url.to_owned(),
            status: Some("active".into()),
            created_at: Some(now.clone()),
            updated_at: Some(now),
        };
        let (queue, inbox) = mpsc::channel(QUEUE);
        let (keep, mut gone) = watch::channel(());
        let deliveries = Arc::new(Mutex::new(Deliveries::default()));
        let worker = Worker {
            client: self.client.clone(),
            target,
            secret: secret.to_owned(),
            deliveries: Arc::clone(&deliveries),
            journal: Arc::clone(&self.journal),
            inbox,
        };
        self.tasks.spawn(async move {
            tokio::select! {
                () = worker.run() => {}
                // Only ever an error: the sender is dropped.
                _ = gone.changed() => {}
            }
        });
        addresses.push(Address { subscription: subscription.clone(), queue, deliveries, _keep: keep });
        Ok(subscription)
    }

    /// Every registered address and how its deliveries went.
    pub(crate) fn list(&self) -> Vec<(Subscription, Deliveries)> {
        self.lock()
            .iter()
            .map(|address| {
                let deliveries = address.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
                (address.subscription.clone(), deliveries.clone())
            })
            .collect()
    }

    /// Forgets an address. Says whether it was there.
    pub(crate) fn remove(&self, id: &str) -> bool {
        let mut addresses = self.lock();
        let before = addresses.len();
        addresses.retain(|address| address.subscription.id != id);
        addresses.len() < before
    }

    /// What went over the wire lately.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Sends an event to every address.
    pub(crate) fn publish(self: &Arc<Self>, event: Event, how: Publishing) {
        let brief = brief(&event.payload);
        let envelope = Envelope {
            event_id: how.id.to_string(),
            event_type: event.kind,
            account_id: Some(self.account.clone()),
            occurred_at: Some(rfc3339(event.at)),
            payload: event.payload,
        };
        let body = match serde_json::to_vec(&envelope) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%error, "an event can't be written");
                return;
            }
        };
        let after = how.after;
        let delivery = Arc::new(Delivery { event: envelope.event_type.to_string(), brief, body, how });
        if after.is_zero() {
            self.enqueue(&delivery);
            return;
        }
        let webhooks = Arc::downgrade(self);
        self.tasks.spawn(async move {
            sleep(after).await;
            if let Some(webhooks) = webhooks.upgrade() {
                webhooks.enqueue(&delivery);
            }
        });
    }

    fn enqueue(&self, delivery: &Arc<Delivery>) {
        for address in self.lock().iter() {
            if address.queue.try_send(Arc::clone(delivery)).is_err() {
                tracing::warn!(url = address.subscription.url, "webhook queue is full; an event is dropped");
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Address>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Worker {
    client: reqwest::Client,
    target: Url,
    secret: String,
    deliveries: Arc<Mutex<Deliveries>>,
    journal: Arc<Journal>,
    inbox: mpsc::Receiver<Arc<Delivery>>,
}

impl Worker {
    async fn run(mut self) {
        while let Some(delivery) = self.inbox.recv().await {
            self.deliver(&delivery).await;
        }
    }

    async fn deliver(&self, delivery: &Delivery) {
        let mut wrong = delivery.how.wrong_signature_first;
        for (tries, pause) in delivery.how.pauses.iter().map(Some).chain([None]).enumerate() {
            if tries < delivery.how.lost {
                self.lose(delivery, tries + 1);
            } else if self.attempt(delivery, tries + 1, std::mem::take(&mut wrong)).await {
                return;
            }
            match pause {
                Some(pause) => sleep(*pause).await,
                None => tracing::warn!(url = %self.target, event = delivery.event, "webhook given up"),
            }
        }
    }

    /// Notes an attempt that does not arrive.
    fn lose(&self, delivery: &Delivery, attempt: usize) {
        self.journal.delivery(DeliveryNote {
            error: Some("lost on the way".into()),
            ..self.note(delivery, attempt, unix_millis())
        });
    }

    async fn attempt(&self, delivery: &Delivery, attempt: usize, wrong: bool) -> bool {
        let (started, at) = (Instant::now(), unix_millis());
        let secret = if wrong { b"not the secret".as_slice() } else { self.secret.as_bytes() };
        let reply = self
            .client
            .post(self.target.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(EVENT_HEADER, &delivery.event)
            .header(SIGNATURE_HEADER, sign(secret, &delivery.body))
            .body(delivery.body.clone())
            .send()
            .await;
        let status = reply.as_ref().ok().map(|reply| reply.status());
        let taken = status.is_some_and(|status| status.is_success());
        self.journal.delivery(DeliveryNote {
            status: status.map(|status| status.as_u16()),
            error: reply.as_ref().err().map(plain),
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            forged: wrong,
            fault: (wrong && taken).then_some("took an event with a wrong signature"),
            ..self.note(delivery, attempt, at)
        });
        let mut deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        deliveries.attempts += 1;
        match reply {
            Ok(reply) => {
                deliveries.last_status = Some(reply.status().as_u16());
                deliveries.last_error = None;
                reply.status() == reqwest::StatusCode::OK
            }
            Err(error) => {
                deliveries.last_status = None;
                deliveries.last_error = Some(plain(&error));
                false
            }
        }
    }

    /// What there is to say of any attempt.
    fn note(&self, delivery: &Delivery, attempt: usize, at: u64) -> DeliveryNote {
        DeliveryNote {
            number: 0,
            at,
            url: self.target.to_string(),
            event: delivery.event.clone(),
            event_id: delivery.how.id.to_string(),
            brief: delivery.brief.clone(),
            attempt,
            status: None,
            error: None,
            took_ms: 0,
            forged: false,
            fault: None,
        }
    }
}

/// Why there was no reply, without the address that the error repeats.
fn plain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "no reply in time".into()
    } else if error.is_connect() {
        "nothing listens there".into()
    } else {
        "the connection broke".into()
    }
}

/// What a payload says, in two words.
fn brief(payload: &Value) -> String {
    let said = |signal: &Signal| match signal {
        Signal::Connect { sdp_type, .. } => {
            format!("connect {}", sdp_type.as_ref().map_or("", |sdp_type| sdp_type.as_str()))
        }
        Signal::Status { status, .. } => status.to_string(),
        Signal::Terminate { status, .. } => {
            format!("terminate {}", status.as_ref().map_or("", |status| status.as_str()))
        }
        Signal::Unknown(_) => "something unknown".to_owned(),
    };
    meta::signals(payload).iter().map(said).collect::<Vec<_>>().join(", ")
}
