//! The page's end of the event socket.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};

/// An open socket. Pings are answered while it is read.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What came so far, for when something else does not come.
    seen: Vec<Value>,
}

/// What a socket ends with.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed(pub u16);

impl Socket {
    pub async fn open(address: SocketAddr, cookie: &str, query: &str) -> Self {
        let stream = Self::try_open(address, cookie, query, &format!("http://{address}")).await.unwrap();
        Self { stream, seen: Vec::new() }
    }

    /// Opens it, or says with which status it was refused.
    pub async fn try_open(
        address: SocketAddr,
        cookie: &str,
        query: &str,
        origin: &str,
    ) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, u16> {
        let mut request = format!("ws://{address}/api/events{query}").into_client_request().unwrap();
        request.headers_mut().insert("Cookie", cookie.parse().unwrap());
        request.headers_mut().insert("Origin", origin.parse().unwrap());
        match connect_async(request).await {
            Ok((stream, _)) => Ok(stream),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The next frame that is not a ping; pings are answered.
    pub async fn next(&mut self) -> Value {
        match timeout(Duration::from_secs(15), self.next_said()).await {
            Ok(frame) => frame,
            Err(_) => panic!("nothing but pings after {:#?}", self.seen),
        }
    }

    async fn next_said(&mut self) -> Value {
        loop {
            let frame = self.next_raw().await.unwrap_or_else(|closed| panic!("{closed:?}"));
            if frame["type"] == "ping" {
                self.say(&serde_json::json!({ "pong": { "nonce": frame["nonce"] } })).await;
            } else {
                self.seen.push(frame.clone());
                return frame;
            }
        }
    }

    /// The next frame, whatever it is; nothing is answered.
    pub async fn next_raw(&mut self) -> Result<Value, Closed> {
        loop {
            let message =
                timeout(Duration::from_secs(20), self.stream.next()).await.expect("a frame in time");
            match message {
                Some(Ok(Message::Text(text))) => {
                    return Ok(named("type", serde_json::from_str(&text).unwrap()));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(Closed(frame.map_or(0, |frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Closed(0)),
            }
        }
    }

    /// Waits for the end, without answering anything.
    pub async fn end(&mut self) -> Closed {
        loop {
            if let Err(closed) = self.next_raw().await {
                return closed;
            }
        }
    }

    /// Whether it ends now. Something that is answered is asked for behind what was sent,
    /// so that there is no time to guess.
    pub async fn ends_soon(&mut self) -> Option<Closed> {
        // A ping of the protocol is answered in its turn (RFC 6455, section 5.5.2).
        let _ = self.stream.send(Message::Ping(vec![].into())).await;
        loop {
            match timeout(Duration::from_secs(10), self.stream.next()).await.expect("a frame in time") {
                Some(Ok(Message::Pong(_))) => return None,
                Some(Ok(Message::Close(frame))) => {
                    return Some(Closed(frame.map_or(0, |frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Some(Closed(0)),
            }
        }
    }

    /// Sends any bytes.
    pub async fn say_bytes(&mut self, bytes: Vec<u8>) {
        let _ = self.stream.send(Message::binary(bytes)).await;
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: &Value) {
        self.say_text(&frame.to_string()).await;
    }

    /// Sends any text.
    pub async fn say_text(&mut self, text: &str) {
        // The other side may have closed, which the next read tells.
        let _ = self.stream.send(Message::text(text)).await;
    }
}

/// A value tagged from outside (`{"ping":{"nonce":7}}`, `"claimed"`) with its tag put
/// among its members, which makes for shorter assertions.
fn named(tag: &str, value: Value) -> Value {
    let (name, members) = if let Value::String(name) = value {
        (name, Value::Null)
    } else {
        let tagged = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next());
        let (name, members) = tagged.unwrap_or_else(|| panic!("not tagged from outside: {value}"));
        (name.clone(), members.clone())
    };
    let Value::Object(mut members) = members else {
        return serde_json::json!({ tag: name });
    };
    for (member, tag) in [("event", "kind"), ("reason", "why")] {
        if let Some(inner) = members.remove(member) {
            members.insert(member.to_owned(), named(tag, inner));
        }
    }
    members.insert(tag.to_owned(), name.into());
    Value::Object(members)
}
