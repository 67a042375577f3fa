//! The address: <https://html.spec.whatwg.org/multipage/nav-history-apis.html>.

use phone::route::Route;
use wasm_bindgen::JsValue;

use super::listener::Listener;
use super::{console, window, words};

/// The place that the address names.
pub fn current() -> Route {
    let location = window().map(|window| window.location());
    let part = |read: fn(&web_sys::Location) -> Result<String, JsValue>| {
        location.as_ref().and_then(|location| read(location).ok()).unwrap_or_default()
    };
    Route::parse(&part(web_sys::Location::pathname), &part(web_sys::Location::search))
}

/// Shows a place's address as a new entry.
pub fn push(route: Route) {
    let history = window().and_then(|window| window.history().ok());
    let Some(history) = history else { return };
    // Browsers refuse when a page does it hundreds of times a minute; the page goes on.
    if let Err(error) = history.push_state_with_url(&JsValue::NULL, "", Some(&route.print())) {
        console::warn(&words(&error));
    }
}

/// Tells when the person goes Back or Forward.
pub fn on_pop(call: impl Fn(Route) + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "popstate", move |_| call(current())))
}
