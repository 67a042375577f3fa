//! The page itself: its end, its network, its colours.

use phone::settings::Theme;

use super::listener::Listener;
use super::window;

/// Tells when the page goes away:
/// <https://html.spec.whatwg.org/multipage/nav-history-apis.html#event-pagehide>.
pub fn on_leaving(call: impl Fn() + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "pagehide", move |_| call()))
}

/// Tells when the network is back:
/// <https://html.spec.whatwg.org/multipage/system-state.html#event-online>.
pub fn on_online(call: impl Fn() + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "online", move |_| call()))
}

/// Names the theme on the root element, for the style sheet.
pub fn apply_theme(theme: Theme) {
    let root = window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(root) = root {
        // It can only fail for a name that is no name.
        let _ = root.set_attribute("data-theme", theme.as_str());
    }
}
