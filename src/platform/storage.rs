//! What this browser keeps: <https://html.spec.whatwg.org/multipage/webstorage.html>.
//! Where it keeps nothing (private mode, full disk) the page works without.

use wasm_bindgen::JsValue;
use web_sys::Storage;

use super::{console, window, words};

/// Where to keep something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// For this browser (`localStorage`).
    Browser,
    /// For this tab only (`sessionStorage`).
    Tab,
}

/// The text kept under a name; empty when there is none.
pub fn read(place: Place, name: &str) -> String {
    storage(place).and_then(|storage| storage.get_item(name).ok().flatten()).unwrap_or_default()
}

/// Keeps a text under a name.
pub fn write(place: Place, name: &str, text: &str) {
    let Some(storage) = storage(place) else { return };
    let done = if text.is_empty() { storage.remove_item(name) } else { storage.set_item(name, text) };
    if let Err(error) = done {
        console::warn(&words(&error));
    }
}

fn storage(place: Place) -> Option<Storage> {
    let window = window()?;
    let storage: Result<Option<Storage>, JsValue> = match place {
        Place::Browser => window.local_storage(),
        Place::Tab => window.session_storage(),
    };
    storage.ok().flatten()
}
