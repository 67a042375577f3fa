//! The page itself: its end, its network, its colours, its visibility.

use phone::attention::Badge;
use phone::locale::Language;
use phone::settings::Theme;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

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
    set_on_root("data-theme", theme.as_str());
}

/// The first of the person's languages that the page has; English without any.
pub fn language() -> Language {
    let languages = window().map(|window| window.navigator().languages()).unwrap_or_default();
    let mut known = languages.iter().filter_map(|tag| Language::of(&tag.as_string()?));
    known.next().unwrap_or_default()
}

/// Names the language and its direction on the root element, for readers, for the style
/// sheet, and for dates and names of countries. A region that the browser adds to the
/// language counts: it writes dates in its own way.
pub fn speak(language: Language) {
    let own = window().and_then(|window| window.navigator().language()).unwrap_or_default();
    let tag = if Language::of(&own) == Some(language) { &own } else { language.tag() };
    set_on_root("lang", tag);
    set_on_root("dir", language.direction());
}

/// The language of the page's root element (BCP 47).
pub fn spoken() -> Option<String> {
    root()?.get_attribute("lang")
}

fn set_on_root(name: &str, value: &str) {
    if let Some(root) = root() {
        // It can only fail for a name that is no name.
        let _ = root.set_attribute(name, value);
    }
}

fn root() -> Option<Element> {
    window()?.document()?.document_element()
}

/// Tells when the page can't be seen, and when it can be seen again:
/// <https://html.spec.whatwg.org/multipage/interaction.html#page-visibility>.
pub fn on_hidden(call: impl Fn(bool) + 'static) -> Option<Listener> {
    let document = window()?.document()?;
    let at = document.clone();
    Some(Listener::new(&at, "visibilitychange", move |_| call(document.hidden())))
}

/// Whether the page can't be seen now.
pub fn is_hidden() -> bool {
    window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

/// Has the browser ask before the page is left, for as long as it is kept:
/// <https://html.spec.whatwg.org/multipage/nav-history-apis.html#the-beforeunloadevent-interface>.
pub fn guard() -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "beforeunload", |event| event.prevent_default()))
}

/// Gives the element with this id the keyboard. False when it is not there or can't be
/// seen.
pub fn focus(id: &str) -> bool {
    let document = window().and_then(|window| window.document());
    let element = document.as_ref().and_then(|document| document.get_element_by_id(id));
    let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else {
        return false;
    };
    // Refused without an error while it can't be seen.
    let _ = element.focus();
    document.and_then(|document| document.active_element()).is_some_and(|active| active.id() == id)
}

/// Shows on the tab's icon whether a call rings or is on: a dot on the mark's ground.
pub fn badge(badge: Badge) {
    /// What the icon's link had at first.
    const OWN: &str = "data-own";
    /// The mark's ground and the dot on it, as far as its colour.
    const HEAD: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 28 28'>\
        <rect width='28' height='28' rx='8' fill='rgb(74,79,224)'/>\
        <circle cx='14' cy='14' r='8' stroke='white' stroke-width='3' fill='";
    let Some(document) = window().and_then(|window| window.document()) else { return };
    let Some(link) = document.query_selector("link[rel=icon]").ok().flatten() else { return };
    let own = link.get_attribute(OWN).or_else(|| link.get_attribute("href")).unwrap_or_default();
    let colour = match badge {
        Badge::Plain => None,
        Badge::Ringing => Some("limegreen"),
        Badge::OnCall => Some("red"),
    };
    let drawn = colour.map(|colour| [HEAD, colour, "'/></svg>"].concat());
    // It can only fail for a name that is no name.
    let _ = link.set_attribute(OWN, &own);
    let _ = link.set_attribute("href", drawn.as_deref().unwrap_or(&own));
}
