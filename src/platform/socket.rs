//! The relay's socket: <https://websockets.spec.whatwg.org/>.

use phone::decimal::decimal;
use phone::text;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, WebSocket};
use wire::{Downlink, Read, Uplink};

use super::listener::Listener;
use super::{console, json, window, words};

/// Path of the socket on the relay.
const PATH: &str = "/api/events";

/// What a socket tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// It is open.
    Opened,
    /// A frame came.
    Frame(Downlink),
    /// It is closed, or did not open.
    Lost,
}

/// A socket that is closed when it is dropped; a dropped one tells nothing.
pub struct Socket {
    socket: WebSocket,
    _listeners: [Listener; 4],
}

impl Socket {
    /// Opens the relay's socket on the page's own origin.
    ///
    /// # Errors
    ///
    /// The browser's words, when it does not even try.
    pub fn open(after: Option<u64>, tell: impl Fn(Told) + Clone + 'static) -> Result<Self, String> {
        let address = origin().ok_or_else(|| String::from(text::NO_ADDRESS))?;
        let query = after.map(|seq| ["?after=", &decimal(seq)].concat()).unwrap_or_default();
        Self::open_at(&[&address, PATH, &query].concat(), tell)
    }

    /// Opens a socket at an address.
    ///
    /// # Errors
    ///
    /// The browser's words, when it does not even try.
    pub fn open_at(address: &str, tell: impl Fn(Told) + Clone + 'static) -> Result<Self, String> {
        let socket = WebSocket::new(address).map_err(|error| words(&error))?;
        let simple = |name, told: Told| {
            let tell = tell.clone();
            Listener::new(&socket, name, move |_| tell(told.clone()))
        };
        let frames = {
            let tell = tell.clone();
            Listener::new(&socket, "message", move |event| {
                if let Some(frame) = frame(&event) {
                    tell(Told::Frame(frame));
                }
            })
        };
        let listeners =
            [simple("open", Told::Opened), frames, simple("close", Told::Lost), simple("error", Told::Lost)];
        Ok(Self { socket, _listeners: listeners })
    }

    /// Sends a frame. One that can't be sent is lost with the socket, which is told.
    pub fn send(&self, frame: &Uplink) {
        let Ok(text) = serde_json::to_string(frame) else { return };
        if self.socket.ready_state() == WebSocket::OPEN && self.socket.send_with_str(&text).is_err() {
            console::warn("a frame was not sent");
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It can only fail for a wrong close code.
        let _ = self.socket.close();
    }
}

/// The frame of a message; none that a newer relay has and this page does not know.
fn frame(event: &web_sys::Event) -> Option<Downlink> {
    let data = event.dyn_ref::<MessageEvent>()?.data().as_string()?;
    let frame = json::parse(&data).and_then(|json| Downlink::read(&json));
    if frame.is_none() {
        console::warn("a frame of the relay was not understood");
    }
    frame
}

/// `ws://` or `wss://` and the host that the page came from.
fn origin() -> Option<String> {
    let location = window()?.location();
    let scheme = if location.protocol().ok()? == "https:" { "wss://" } else { "ws://" };
    Some([scheme, &location.host().ok()?].concat())
}
