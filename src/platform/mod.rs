//! The browser's objects, one file each. Nothing else in the page names `web_sys`.
//!
//! An adapter owns what it opens: dropping it removes its listeners, clears its
//! timers, stops its tracks and closes its connections. It tells what happens through
//! the closure that it was given.

pub mod attempt;
pub mod channel;
pub mod clock;
pub mod console;
pub mod devices;
pub mod ear;
pub mod figures;
pub mod gesture;
pub mod history;
pub mod hold_tone;
pub mod http;
pub mod json;
pub mod keyboard;
pub mod line;
pub mod links;
pub mod listener;
pub mod lock;
pub mod loopback;
pub mod microphone;
pub mod moment;
pub mod notices;
pub mod page;
pub mod peer;
pub mod permission;
pub mod pulse;
pub mod regions;
pub mod remote;
pub mod socket;
pub mod storage;
pub mod task;
pub mod timer;
pub mod tones;
pub mod trial;

use wasm_bindgen::{JsCast, JsValue};

/// The page's window. The page runs nowhere else, so its absence is only a type's.
pub(crate) fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// Calls a method that may be missing, in older browsers or in Rust's list of them.
pub(crate) fn invoke(target: &JsValue, method: &str, argument: &JsValue) -> Option<js_sys::Promise> {
    let method = js_sys::Reflect::get(target, &method.into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    method.call1(target, argument).ok()?.dyn_into().ok()
}

/// Sends the sound of an audio element or context to a speaker, by its id:
/// <https://www.w3.org/TR/audio-output/>. Where the browser can't, nothing changes.
pub(crate) fn send_to(target: &JsValue, speaker: &str) {
    if let Some(done) = invoke(target, "setSinkId", &speaker.into()) {
        task::spawn(async move {
            if let Err(error) = wasm_bindgen_futures::JsFuture::from(done).await {
                console::warn(&words(&error));
            }
        });
    }
}

/// What a browser's exception says, for a person or a log.
pub(crate) fn words(error: &JsValue) -> String {
    let text = |name: &str| js_sys::Reflect::get(error, &JsValue::from_str(name)).ok()?.as_string();
    match (text("name"), text("message")) {
        (Some(name), Some(message)) => [&name, ": ", &message].concat(),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => error.as_string().unwrap_or_default(),
    }
}
