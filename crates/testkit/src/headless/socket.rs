//! The event socket: opened, lost and opened again, as the page does it.

use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use wire::{Downlink, SOCKET_SILENCE_MS, Uplink};

use super::http::Door;

/// Longest time for a socket to open.
const OPENS_WITHIN: Duration = Duration::from_secs(5);
/// Pause before another try. The page doubles it up to 5 s, which only costs time here.
const PAUSE: Duration = Duration::from_millis(250);
/// Longest silence before the socket is taken for dead.
const SILENCE: Duration = Duration::from_millis(SOCKET_SILENCE_MS);

/// An event socket.
#[derive(Debug)]
pub(super) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Tries until it is open: cancel it by dropping the future.
    pub(super) async fn open(door: &Door, after: Option<u64>) -> Self {
        loop {
            if let Ok(Ok(socket)) = timeout(OPENS_WITHIN, Self::try_open(door, after)).await {
                return socket;
            }
            sleep(PAUSE).await;
        }
    }

    async fn try_open(door: &Door, after: Option<u64>) -> Result<Self> {
        let (stream, _) = connect_async(door.socket(after)?).await?;
        Ok(Self { stream })
    }

    /// The next frame; an error when the socket is of no use any more.
    pub(super) async fn next(&mut self) -> Result<Downlink> {
        loop {
            match timeout(SILENCE, self.stream.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => return Ok(serde_json::from_str(&text)?),
                Ok(Some(Ok(
                    Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_),
                ))) => {}
                Ok(Some(Ok(Message::Close(_))) | None) => bail!("closed"),
                Ok(Some(Err(error))) => bail!(error),
                Err(_) => bail!("nothing came for {SILENCE:?}"),
            }
        }
    }

    /// Sends a frame. One that can't be sent is lost with the socket, which `next` tells.
    pub(super) async fn send(&mut self, frame: &Uplink) {
        if let Ok(text) = serde_json::to_string(frame) {
            let _ = self.stream.send(Message::text(text)).await;
        }
    }
}
