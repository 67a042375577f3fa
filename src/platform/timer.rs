//! Timers: <https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers>.

use wasm_bindgen::prelude::*;

use super::window;

/// Longest delay that browsers keep, in milliseconds: a signed 32-bit number.
const LONGEST_MS: u64 = i32::MAX as u64;

/// A timer that is cleared when it is dropped.
pub struct Timeout {
    id: Option<i32>,
    _closure: Closure<dyn FnMut()>,
}

impl Timeout {
    /// Calls once, after so many milliseconds.
    pub fn new(after_ms: u64, call: impl FnOnce() + 'static) -> Self {
        let mut call = Some(call);
        Self::boxed(
            after_ms,
            Box::new(move || {
                if let Some(call) = call.take() {
                    call();
                }
            }),
        )
    }

    fn boxed(after_ms: u64, call: Box<dyn FnMut()>) -> Self {
        let closure = Closure::wrap(call);
        let delay = i32::try_from(after_ms.min(LONGEST_MS)).unwrap_or(i32::MAX);
        let function = closure.as_ref().unchecked_ref();
        let id = window().and_then(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(function, delay).ok()
        });
        Self { id, _closure: closure }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        if let (Some(window), Some(id)) = (window(), self.id) {
            window.clear_timeout_with_handle(id);
        }
    }
}

/// A repeating timer that is cleared when it is dropped.
pub struct Interval {
    id: Option<i32>,
    _closure: Closure<dyn FnMut()>,
}

impl Interval {
    /// Calls again and again, every so many milliseconds.
    pub fn new(every_ms: i32, call: impl FnMut() + 'static) -> Self {
        let call: Box<dyn FnMut()> = Box::new(call);
        let closure = Closure::wrap(call);
        let function = closure.as_ref().unchecked_ref();
        let id = window().and_then(|window| {
            window.set_interval_with_callback_and_timeout_and_arguments_0(function, every_ms).ok()
        });
        Self { id, _closure: closure }
    }
}

impl Drop for Interval {
    fn drop(&mut self) {
        if let (Some(window), Some(id)) = (window(), self.id) {
            window.clear_interval_with_handle(id);
        }
    }
}
