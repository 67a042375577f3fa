//! Shortcuts: their sheet, and the hints on what they press.

use leptos::prelude::*;
use phone::event::Agent;
use phone::shortcuts::SHORTCUTS;
use phone::t;

use super::el::{El, el, el_of};
use super::part::{Part, fixed, group, keyed};
use crate::runtime::Handle;

/// The sheet of all shortcuts, while it is open.
pub(crate) fn keys(handle: Handle) -> Part {
    keyed(move || handle.view.read().keys, move |open| group(open.then(|| sheet(handle).into())))
}

/// A modal dialog of the browser's own: it keeps the keyboard inside, Escape closes it,
/// and the keyboard goes back to where it was.
fn sheet(handle: Handle) -> El {
    let close = move || handle.send(Agent::ShowKeys(false));
    let rows = SHORTCUTS.map(|(key, does)| {
        el("div").kid(el("dt").kid(el("kbd").kid(key.to_string()))).kid(el("dd").kid(does))
    });
    el_of("dialog", "sheet")
        .set("aria-labelledby", "keys-name")
        .kid(el("h2").set("id", "keys-name").kid(t!("Keyboard shortcuts")))
        .kid(el("dl").kids(rows))
        .kid(el_of("p", "soft").kid(t!("They do nothing while you type. Settings turns them off.")))
        .kid(el_of("button", "button wide").click(close).kid(t!("Close")))
        .modal(close)
}

/// A button that a key presses too: it says so, in small letters and to readers.
pub(crate) fn hinted(handle: Handle, button: El, key: &'static str) -> El {
    let off = move || !handle.view.read().settings.shortcuts;
    button
        .follow("aria-keyshortcuts", move || (!off()).then_some(key))
        .kid(el("kbd").set("aria-hidden", "true").flag("hidden", off).kid(fixed(key)))
}
