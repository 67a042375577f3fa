//! What tabs say to each other:
//! <https://html.spec.whatwg.org/multipage/web-messaging.html#broadcasting-to-other-browsing-contexts>.

use wasm_bindgen::JsCast;
use web_sys::{BroadcastChannel, MessageEvent};

use super::console;
use super::listener::Listener;
use super::words;

/// The channel's name, the same in all tabs.
const NAME: &str = "softphone";

/// The channel of all tabs; closed when dropped.
pub struct Channel {
    channel: BroadcastChannel,
    _on_message: Listener,
}

impl Channel {
    /// Joins it. None where the browser has no such channel.
    pub fn join(tell: impl Fn(String) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(NAME).ok()?;
        let on_message = Listener::new(&channel, "message", move |event| {
            if let Some(text) = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string()) {
                tell(text);
            }
        });
        Some(Self { channel, _on_message: on_message })
    }

    /// Says a text to all other tabs.
    pub fn say(&self, text: &str) {
        if let Err(error) = self.channel.post_message(&text.into()) {
            console::warn(&words(&error));
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
