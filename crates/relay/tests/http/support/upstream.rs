//! A stand-in upstream that counts and remembers.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode, Uri},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::samples::{CHANNEL, PHONE_NUMBER_ID};

/// A request that reached it: method, path with query, body.
pub type Seen = (String, String, Value);

#[derive(Default)]
struct Memory {
    seen: Vec<Seen>,
    next: VecDeque<(u16, Value)>,
}

/// The upstream.
#[derive(Clone)]
pub struct FakeUpstream {
    pub address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
}

impl FakeUpstream {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let memory = Arc::<Mutex<Memory>>::default();
        let upstream = Self { address: listener.local_addr().unwrap(), memory: memory.clone() };
        let router = Router::new().fallback(answer).with_state(memory);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        upstream
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/api/v1/messaging", self.address)
    }

    /// What reached it, but for questions for the channels.
    pub fn seen(&self) -> Vec<Seen> {
        self.memory.lock().unwrap().seen.clone()
    }

    /// What it answers to the next request instead of success.
    pub fn answer_next(&self, status: u16, body: Value) {
        self.memory.lock().unwrap().next.push_back((status, body));
    }
}

async fn answer(
    State(memory): State<Arc<Mutex<Memory>>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let path = uri.path().trim_start_matches("/api/v1/messaging").to_owned();
    if path == "/channels/whatsapp" {
        return (StatusCode::OK, Json(channels()));
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let whole = uri.path_and_query().unwrap().as_str().trim_start_matches("/api/v1/messaging").to_owned();
    let mut memory = memory.lock().unwrap();
    memory.seen.push((method.to_string(), whole, body.clone()));
    if let Some((status, body)) = memory.next.pop_front() {
        return (StatusCode::from_u16(status).unwrap(), Json(body));
    }
    match path.as_str() {
        "/calls/whatsapp" => (
            StatusCode::CREATED,
            Json(json!({
                "call_id": "d5e6f708-1920-4a3b-94c5-d6e7f8091022", "from": "+911140001234", "to": body["to"],
                "status": "initiated", "direction": "outbound",
            })),
        ),
        "/calls/whatsapp/action" => (
            StatusCode::OK,
            Json(json!({ "call_id": body["call_id"], "action": body["action"], "success": true })),
        ),
        "/calls/whatsapp/logs" => (StatusCode::OK, Json(logs())),
        _ => (StatusCode::NOT_FOUND, Json(json!({ "message": "no such path" }))),
    }
}

fn channels() -> Value {
    json!({ "items": [
        { "id": CHANNEL, "account_id": "MA_TEST", "phone_number_id": PHONE_NUMBER_ID,
          "phone_number": "+911140001234", "display_name": "Demo Traders", "status": "active" },
        { "id": "00000000-0000-4000-8000-000000000001", "phone_number_id": "1", "display_name": "Not ours" },
    ] })
}

fn logs() -> Value {
    json!({ "items": [
        { "id": "row-1", "channel_id": CHANNEL, "meta_call_id": "wacid.1", "direction": "inbound",
          "from_number": "+919800000001", "to_number": "+911140001234", "status": "accepted",
          "offer_sdp": "v=0\r\nc=IN IP4 192.0.2.35", "answer_sdp": "v=0", "ice_candidates": { "a": "192.0.2.35" },
          "new_field": "192.0.2.35", "duration_seconds": 185, "started_at": "2026-03-25T14:00:00Z" },
        { "id": "row-2" },
    ], "total": 2, "page": 1, "limit": 25, "has_more": false })
}
