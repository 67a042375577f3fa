//! Links to telephone numbers: the page's own, `?dial=+…`, and those of other pages, which
//! the browser hands over to a registered handler:
//! <https://html.spec.whatwg.org/multipage/system-state.html#custom-handlers>.

use wasm_bindgen::JsValue;

use super::{console, window, words};

/// The parameter of the page's address that holds a number.
const NUMBER: &str = "dial";

/// Where the browser puts a link's address.
const HANDLER: &str = "/?dial=%s";

/// What the browser calls the page in its question, where it still asks for a name.
const NAME: &str = "Softphone";

/// Schemes of links to numbers that a page may take.
const SCHEMES: [&str; 2] = ["tel", "web+tel"];

/// The number that the page's address asks for.
pub fn take_dialled() -> Option<String> {
    take(NUMBER)
}

/// A parameter of the page's address. All are taken out of the address, so that a reload
/// does not find them again.
pub fn take(name: &str) -> Option<String> {
    let window = window()?;
    let query = window.location().search().ok()?;
    let begin = [name, "="].concat();
    let mut pairs = query.strip_prefix('?')?.split('&');
    let value = pairs.find_map(|pair| pair.strip_prefix(&*begin))?;
    // Not as in a form: there a `+` would be a space.
    let value = js_sys::decode_uri_component(value).map_or_else(|_| value.to_owned(), String::from);
    let path = window.location().pathname().ok()?;
    let history = window.history().ok()?;
    if let Err(error) = history.replace_state_with_url(&JsValue::NULL, "", Some(&path)) {
        console::warn(&words(&error));
    }
    Some(value)
}

/// Asks the browser to open such links with this page; it asks the person. False where
/// it does not let the page ask.
pub fn register() -> bool {
    let Some(window) = window() else { return false };
    let navigator = window.navigator();
    let Ok(register) = js_sys::Reflect::get(&navigator, &"registerProtocolHandler".into()) else {
        return false;
    };
    let Ok(origin) = window.location().origin() else { return false };
    if !register.is_function() {
        return false;
    }
    let handler = [&origin, HANDLER].concat();
    // One that is refused does not keep the other from working.
    SCHEMES.map(|scheme| navigator.register_protocol_handler(scheme, &handler, NAME).is_ok()).contains(&true)
}
