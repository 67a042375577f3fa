//! The gestures that let a page make sound:
//! <https://html.spec.whatwg.org/multipage/interaction.html#activation-triggering-input-event>.

use super::listener::Listener;
use super::window;

/// Events that browsers take for a gesture of the person.
const GESTURES: [&str; 3] = ["pointerup", "keydown", "touchend"];

/// Listens for any gesture on the page.
pub struct Gestures {
    _listeners: Vec<Listener>,
}

impl Gestures {
    /// Calls at each gesture, within it.
    pub fn new(call: impl Fn() + Clone + 'static) -> Self {
        let listeners = window().map(|window| {
            let listen = |name| {
                let call = call.clone();
                Listener::new(&window, name, move |_| call())
            };
            GESTURES.map(listen).into()
        });
        Self { _listeners: listeners.unwrap_or_default() }
    }
}
