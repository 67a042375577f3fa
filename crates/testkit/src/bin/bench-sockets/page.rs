//! A page that only has its socket open, answers pings and says that it shows a ring.

use std::time::Instant;

use anyhow::{Context as _, Result};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest as _};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::house::House;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a page heard of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rang {
    Rings,
    Over,
}

/// An open page.
pub(crate) struct Page {
    listening: JoinHandle<()>,
}

impl Page {
    /// Opens the socket and waits for the snapshot. What it hears of calls is passed on.
    pub(crate) async fn open(
        house: &House,
        cookie: &str,
        takes_calls: bool,
        rang: UnboundedSender<(String, Rang, Instant)>,
    ) -> Result<Self> {
        let mut request = format!("ws://{}/api/events", house.address).into_client_request()?;
        request.headers_mut().insert("Cookie", cookie.parse()?);
        request.headers_mut().insert("Origin", format!("http://{}", house.address).parse()?);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
        socket.next().await.context("the socket was closed at once")??;
        if takes_calls {
            socket.send(Message::text(json!({ "available": { "available": true } }).to_string())).await?;
        }
        Ok(Self { listening: tokio::spawn(listen(socket, rang)) })
    }

    /// Whether the relay has left it open.
    pub(crate) fn is_open(&mut self) -> bool {
        !self.listening.is_finished()
    }
}

async fn listen(mut socket: Socket, rang: UnboundedSender<(String, Rang, Instant)>) {
    while let Some(Ok(message)) = socket.next().await {
        let at = Instant::now();
        let Message::Text(text) = message else { continue };
        let Ok(frame) = serde_json::from_str::<Value>(&text) else { return };
        let answer = if let Some(ping) = frame.get("ping") {
            json!({ "pong": ping })
        } else if let Some(event) = frame.get("event") {
            let call = event["call"].as_str().unwrap_or_default().to_owned();
            let rings = event["event"].get("ringing").is_some();
            let heard = if rings { Rang::Rings } else { Rang::Over };
            let answer = json!({ "ring_ack": { "call": call, "audible": true } });
            // Nobody counts any more when all is over.
            let _ = rang.send((call, heard, at));
            if !rings {
                continue;
            }
            answer
        } else {
            continue;
        };
        if socket.send(Message::text(answer.to_string())).await.is_err() {
            return;
        }
    }
}
