//! The desk with a real journal and a stand-in upstream.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod faults;
mod inbound;
mod ledger;
mod outbound;
mod resume;
mod routing;
mod shared;
mod snapshots;
mod storm;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;
use vobiz::Number;
use vobiz::event::Envelope;
use vobiz::rest::Action;
use wire::{AgentName, CallEvent, Downlink, Problem};

use super::{Attachment, Desk, DeskSettings, Names};
use crate::clock;
use crate::journal::SqliteJournal;
use crate::upstream::fake::{CHANNEL, FakeUpstream, LINE, channel};

const CALL: &str = "wacid.in";
const CALLER: &str = "919800000001";
const CALLEE: &str = "+919800000002";

/// Longest wait for something that should happen at once.
const SOON: Duration = Duration::from_secs(10);

/// A desk, its upstream, and the folder of its journal.
struct House {
    desk: Desk,
    upstream: Arc<FakeUpstream>,
    folder: TempDir,
}

impl House {
    async fn new() -> Self {
        Self::with(FakeUpstream::new()).await
    }

    async fn with(upstream: FakeUpstream) -> Self {
        Self::of(upstream, settings()).await
    }

    async fn of(upstream: FakeUpstream, settings: DeskSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Arc::new(upstream);
        let desk = open(&folder, upstream.clone(), settings).await;
        Self { desk, upstream, folder }
    }

    /// The relay is gone, another one starts with the same journal.
    async fn restart(self, upstream: FakeUpstream) -> Self {
        self.desk.close().await;
        let upstream = Arc::new(upstream);
        let desk = open(&self.folder, upstream.clone(), settings()).await;
        Self { desk, upstream, folder: self.folder }
    }

    /// An agent who takes calls, at a page.
    async fn page(&self, agent: &str) -> Page {
        let name = AgentName::from(agent);
        let page = Page::new(self.desk.attach(&name, None).await.unwrap());
        self.desk.set_available(&name, true).await.unwrap();
        page
    }

    async fn accept(&self, agent: &str, call: &str) -> Result<(), Problem> {
        self.act(agent, call, Action::Accept, Some(answer_of(agent))).await
    }

    async fn act(&self, agent: &str, call: &str, action: Action, sdp: Option<String>) -> Result<(), Problem> {
        let done = self.desk.action(&agent.into(), call, action.clone(), sdp).await?;
        assert_eq!((done.call_id.as_str(), done.action, done.success), (call, action, true));
        Ok(())
    }

    async fn dial(&self, agent: &str, attempt: &str) -> Result<vobiz::rest::InitiateResponse, Problem> {
        let to = Number::parse(CALLEE).unwrap();
        self.desk.initiate(&agent.into(), attempt.to_owned(), CHANNEL, to, sdp("actpass")).await
    }

    async fn hear(&self, id: &str, kind: &str, value: Value) {
        self.desk.webhook(envelope(id, kind, value)).await.unwrap();
    }

    async fn ring(&self, call: &str) {
        self.hear(&format!("ring-{call}"), "call.connect", connect(call)).await;
    }
}

fn settings() -> DeskSettings {
    let names = Names::new(|agent: &AgentName| match agent.as_str() {
        "asha" => Some("Asha Rao".to_owned()),
        "ben" => Some("Ben Okafor".to_owned()),
        _ => None,
    });
    DeskSettings::new(vec![CHANNEL], names)
}

async fn open(folder: &TempDir, upstream: Arc<FakeUpstream>, settings: DeskSettings) -> Desk {
    let journal = SqliteJournal::open(folder.path().join("journal.db")).await.unwrap();
    let desk = Desk::open(Arc::new(journal), upstream, settings).await.unwrap();
    desk.learn_channels(vec![channel()]).await.unwrap();
    desk
}

/// A page's socket.
struct Page {
    attachment: Attachment,
    seen: u64,
}

impl Page {
    fn new(attachment: Attachment) -> Self {
        let seen = match attachment.first.first() {
            Some(Downlink::Snapshot { seq, .. }) => *seq,
            _ => 0,
        };
        Self { attachment, seen }
    }

    /// The next thing that happens to a call.
    async fn next(&mut self) -> CallEvent {
        loop {
            let frame = timeout(SOON, self.attachment.live.recv()).await;
            let Ok(Some(frame)) = frame else { panic!("nothing came: {frame:?}") };
            if let Downlink::Event { seq, event, .. } = frame {
                assert!(seq > self.seen, "numbers grow");
                self.seen = seq;
                return event;
            }
        }
    }

    /// The kinds of the next things that happen.
    async fn kinds<const N: usize>(&mut self) -> [String; N] {
        let mut kinds = std::array::from_fn(|_| String::new());
        for kind in &mut kinds {
            *kind = kind_of(&self.next().await);
        }
        kinds
    }

    /// Nothing more happens to a call.
    fn is_quiet(&mut self) -> bool {
        let mut frames = std::iter::from_fn(|| self.attachment.live.try_recv().ok());
        !frames.any(|frame| matches!(frame, Downlink::Event { .. }))
    }
}

fn kind_of(event: &CallEvent) -> String {
    let tagged = serde_json::to_value(event).unwrap();
    let members = tagged.as_object().and_then(|members| members.keys().next());
    members.map(String::as_str).or(tagged.as_str()).unwrap().to_owned()
}

/// A session description that passes for a browser's.
fn sdp(setup: &str) -> String {
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE audio",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=fingerprint:sha-256 AA:BB",
        &format!("a=setup:{setup}"),
        "a=mid:audio",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "",
    ]
    .join("\r\n")
}

/// Each agent's answer differs, so that it shows whose went upstream.
fn answer_of(agent: &str) -> String {
    sdp("active").replace("abcd", &format!("from-{agent}"))
}

fn envelope(id: &str, kind: &str, value: Value) -> Envelope {
    serde_json::from_value(json!({
        "event_id": id, "event_type": kind, "account_id": "MA_TEST",
        "occurred_at": "2026-03-25T14:00:00Z", "payload": value,
    }))
    .unwrap()
}

fn value(calls: Value) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "metadata": { "phone_number_id": LINE, "display_phone_number": "911140001234" },
        "contacts": [{ "profile": { "name": "Asha Customer" }, "wa_id": CALLER }],
        "calls": calls,
    })
}

fn seconds() -> String {
    (clock::now() / 1000).to_string()
}

fn connect(call: &str) -> Value {
    value(json!([{
        "id": call, "from": CALLER, "to": "911140001234", "event": "connect", "timestamp": seconds(),
        "direction": "USER_INITIATED", "session": { "sdp_type": "offer", "sdp": "v=0\r\noffer\r\n" },
    }]))
}

fn ended(call: &str, direction: &str) -> Value {
    value(json!([{
        "id": call, "event": "terminate", "timestamp": seconds(), "direction": direction,
        "to": CALLEE.trim_start_matches('+'), "status": "COMPLETED",
    }]))
}

fn far_end_answer(wacid: &str) -> Value {
    value(json!([{
        "id": wacid, "to": CALLEE.trim_start_matches('+'), "event": "connect", "timestamp": seconds(),
        "direction": "BUSINESS_INITIATED",
        "session": { "sdp_type": "answer", "sdp": "v=0\r\na=setup:actpass\r\n" },
    }]))
}

fn far_end(wacid: &str, status: &str) -> Value {
    json!({
        "metadata": { "phone_number_id": LINE },
        "statuses": [{
            "id": wacid, "type": "call", "status": status, "timestamp": seconds(),
            "recipient_id": CALLEE.trim_start_matches('+'),
        }],
    })
}

/// Waits until something is so.
async fn until(mut so: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + SOON;
    while !so() {
        assert!(tokio::time::Instant::now() < deadline, "it never came to be");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
