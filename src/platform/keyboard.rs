//! Keys pressed while nobody types: <https://www.w3.org/TR/uievents/#events-keyboardevents>.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::listener::Listener;
use super::window;

/// Where a key is text or a choice: there it is the field's.
const FIELDS: &str =
    "input:not([type=radio],[type=checkbox],[type=range]),select,textarea,[contenteditable],dialog *";

/// Listens for plain keys, none of which are typed into a field.
///
/// `call` is told the key and the `data-call` of the part of the page that the keyboard
/// is in, and says whether it did something.
pub fn on_key(call: impl Fn(char, Option<String>) -> bool + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.repeat() || event.is_composing() {
            return;
        }
        let at = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if at.as_ref().is_some_and(|at| at.matches(FIELDS).unwrap_or(false)) {
            return;
        }
        let within = at.and_then(|at| at.closest("[data-call]").ok().flatten());
        let within = within.and_then(|part| part.get_attribute("data-call"));
        if let Some(key) = key_of(&event.key(), &event.code())
            && call(key, within)
        {
            event.prevent_default();
        }
    }))
}

/// The character of a key. On a layout without Latin letters it is the letter that
/// stands there on a Latin one: `KeyM` is `m`.
fn key_of(key: &str, code: &str) -> Option<char> {
    let mut characters = key.chars();
    let (first, None) = (characters.next()?, characters.next()) else { return None };
    if first.is_ascii() { Some(first) } else { code.strip_prefix("Key")?.chars().next() }
}
