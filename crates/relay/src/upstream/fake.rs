//! An upstream in a test's hands: remembers what it was asked, answers as it is told.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use vobiz::Uuid;
use vobiz::channel::{Channel, ChannelList};
use vobiz::fault::Fault;
use vobiz::log::{CallLog, LogPage};
use vobiz::rest::{Action, ActionRequest, ActionResponse, InitiateRequest, InitiateResponse};
use vobiz::subscription::{SubscribeRequest, Subscription, SubscriptionList};

use super::{Answer, LogQuery, Uncertainty, Upstream, UpstreamError};

pub(crate) const CHANNEL: Uuid = Uuid::from_u128(0x3f1c_9b7e);
pub(crate) const LINE: &str = "109876543210987";

/// What it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Initiate(String),
    Action { call: String, action: Action, sdp: Option<String> },
    Logs,
}

/// The stand-in.
pub(crate) struct FakeUpstream {
    asked: Mutex<Vec<Asked>>,
    initiates: Mutex<VecDeque<Result<InitiateResponse, UpstreamError>>>,
    actions: Mutex<VecDeque<Result<(), UpstreamError>>>,
    /// How looks at the log fail; what comes after is answered from the rows.
    log_errors: Mutex<VecDeque<UpstreamError>>,
    rows: Mutex<Vec<CallLog>>,
    /// A name that actions do not know.
    unknown: Mutex<Option<String>>,
    /// How often it was asked for its channels.
    channel_lists: AtomicUsize,
    /// Each answer takes a permit: none means that the upstream hangs.
    gate: Semaphore,
}

impl FakeUpstream {
    pub(crate) fn new() -> Self {
        Self {
            asked: Mutex::default(),
            initiates: Mutex::default(),
            actions: Mutex::default(),
            log_errors: Mutex::default(),
            rows: Mutex::default(),
            unknown: Mutex::default(),
            channel_lists: AtomicUsize::default(),
            gate: Semaphore::new(1_000_000),
        }
    }

    /// One that answers only what [`FakeUpstream::release`] lets through.
    pub(crate) fn hanging() -> Self {
        Self { gate: Semaphore::new(0), ..Self::new() }
    }

    pub(crate) fn release(&self, answers: usize) {
        self.gate.add_permits(answers);
    }

    pub(crate) fn next_initiate(&self, answer: Result<InitiateResponse, UpstreamError>) {
        self.initiates.lock().unwrap().push_back(answer);
    }

    pub(crate) fn next_action(&self, answer: Result<(), UpstreamError>) {
        self.actions.lock().unwrap().push_back(answer);
    }

    pub(crate) fn next_log_fails(&self, error: UpstreamError) {
        self.log_errors.lock().unwrap().push_back(error);
    }

    pub(crate) fn does_not_know(&self, name: &str) {
        *self.unknown.lock().unwrap() = Some(name.to_owned());
    }

    pub(crate) fn log_row(&self, row: CallLog) {
        self.rows.lock().unwrap().push(row);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The actions that it was asked for, with their session descriptions.
    pub(crate) fn acts(&self) -> Vec<(String, Action, Option<String>)> {
        let acts = self.asked().into_iter().filter_map(|asked| match asked {
            Asked::Action { call, action, sdp } => Some((call, action, sdp)),
            Asked::Initiate(_) | Asked::Logs => None,
        });
        acts.collect()
    }

    pub(crate) fn initiates(&self) -> usize {
        self.asked().iter().filter(|asked| matches!(asked, Asked::Initiate(_))).count()
    }

    pub(crate) fn channel_lists(&self) -> usize {
        self.channel_lists.load(Ordering::Relaxed)
    }

    async fn note(&self, asked: Asked) {
        self.asked.lock().unwrap().push(asked);
        self.gate.acquire().await.unwrap().forget();
    }
}

pub(crate) fn refused(status: u16, body: &str) -> UpstreamError {
    UpstreamError::Refused { status, fault: Fault::read(body.as_bytes()), retry_after: None }
}

pub(crate) fn timed_out() -> UpstreamError {
    UpstreamError::Unknown(Uncertainty::Timeout)
}

pub(crate) fn row(id: &str, wacid: &str, direction: &str, status: &str) -> CallLog {
    let json = serde_json::json!({
        "id": id, "meta_call_id": wacid, "direction": direction, "status": status,
        "channel_id": CHANNEL, "from_number": "+911140001234", "to_number": "+919800000002",
    });
    serde_json::from_value(json).unwrap()
}

/// A row as one reading of the log leaves it: still `accepted`, but with an end.
pub(crate) fn accepted_and_over(id: &str, wacid: &str, direction: &str) -> CallLog {
    let ended_at = Some("2026-03-25T14:03:05Z".to_owned());
    CallLog { ended_at, ..row(id, wacid, direction, "accepted") }
}

pub(crate) fn channel() -> Channel {
    let json = serde_json::json!({
        "id": CHANNEL, "phone_number_id": LINE, "phone_number": "+911140001234", "display_name": "Demo Traders",
    });
    serde_json::from_value(json).unwrap()
}

impl Upstream for FakeUpstream {
    fn initiate<'a>(&'a self, request: &'a InitiateRequest) -> Answer<'a, InitiateResponse> {
        Box::pin(async move {
            self.note(Asked::Initiate(request.to.to_string())).await;
            let answer = self.initiates.lock().unwrap().pop_front();
            answer.unwrap_or_else(|| {
                Ok(InitiateResponse {
                    call_id: format!("uuid-{}", self.initiates()),
                    from: Some("+911140001234".to_owned()),
                    to: Some(request.to.to_string()),
                    status: Some("initiated".to_owned()),
                    direction: Some("outbound".to_owned()),
                })
            })
        })
    }

    fn action<'a>(&'a self, request: &'a ActionRequest) -> Answer<'a, ActionResponse> {
        Box::pin(async move {
            let ActionRequest { call_id, action, sdp, .. } = request.clone();
            self.note(Asked::Action { call: call_id.clone(), action: action.clone(), sdp }).await;
            if self.unknown.lock().unwrap().as_deref() == Some(&call_id) {
                return Err(refused(404, r#"{"message":"call not found"}"#));
            }
            let answer = self.actions.lock().unwrap().pop_front();
            answer.unwrap_or(Ok(())).map(|()| ActionResponse { call_id, action, success: true })
        })
    }

    fn logs<'a>(&'a self, query: &'a LogQuery) -> Answer<'a, LogPage> {
        Box::pin(async move {
            self.note(Asked::Logs).await;
            if let Some(error) = self.log_errors.lock().unwrap().pop_front() {
                return Err(error);
            }
            let fits = |row: &&CallLog| {
                query.direction.as_ref().is_none_or(|wanted| row.direction.as_ref() == Some(wanted))
                    && query.status.as_ref().is_none_or(|wanted| row.status.as_ref() == Some(wanted))
            };
            let items: Vec<CallLog> = self.rows.lock().unwrap().iter().filter(fits).cloned().collect();
            let total = items.len() as u64;
            Ok(LogPage { items, total, page: query.page, limit: query.limit, has_more: false })
        })
    }

    fn channels(&self) -> Answer<'_, ChannelList> {
        self.channel_lists.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(ChannelList { items: vec![channel()] }) })
    }

    fn subscribe<'a>(&'a self, _: &'a SubscribeRequest) -> Answer<'a, Subscription> {
        Box::pin(async { Err(UpstreamError::NotConfigured) })
    }

    fn subscriptions(&self) -> Answer<'_, SubscriptionList> {
        Box::pin(async { Ok(SubscriptionList { items: vec![] }) })
    }

    fn unsubscribe<'a>(&'a self, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}
