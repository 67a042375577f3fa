//! Event listeners: <https://dom.spec.whatwg.org/#interface-eventtarget>.

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// A listener that is removed when it is dropped.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens for the event `name`.
    pub fn new(target: &EventTarget, name: &'static str, listen: impl FnMut(Event) + 'static) -> Self {
        Self::boxed(target, name, Box::new(listen))
    }

    /// What carries a closure is compiled once, not once for each.
    fn boxed(target: &EventTarget, name: &'static str, listen: Box<dyn FnMut(Event)>) -> Self {
        let closure = Closure::wrap(listen);
        let function = closure.as_ref().unchecked_ref();
        if target.add_event_listener_with_callback(name, function).is_err() {
            super::console::warn(name);
        }
        Self { target: target.clone(), name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        // It can only fail for a listener that was not added.
        let _ = self.target.remove_event_listener_with_callback(self.name, function);
    }
}
