//! Shortcuts: their sheet, and the hints on what they press.

use leptos::prelude::*;
use phone::event::Agent;
use phone::settings::Settings;
use phone::shortcuts::Does;
use phone::t;

use super::el::{El, el, el_of};
use super::part::{Part, group, keyed, text};
use crate::runtime::Handle;

/// The sheet of all shortcuts, while it is open.
pub(crate) fn keys(handle: Handle) -> Part {
    keyed(move || handle.view.read().keys, move |open| group(open.then(|| sheet(handle).into())))
}

/// A modal dialog of the browser's own, with the keyboard on Close at first, so that no key
/// is changed by chance: it keeps the keyboard inside, Escape closes it,
/// and the keyboard goes back to where it was.
fn sheet(handle: Handle) -> El {
    let close = move || handle.send(Agent::ShowKeys(false));
    let rows = Does::ALL.map(|does| el("label").kid(choice(handle, does)).kid(el("span").kid(does.text())));
    el_of("dialog", "sheet")
        .set("aria-labelledby", "keys-name")
        .kid(el("h2").set("id", "keys-name").kid(t!("Keyboard shortcuts")))
        .kid(el_of("div", "sheet-keys").kids(rows))
        .kid(el_of("p", "soft").kid(t!("They do nothing while you type. Type another key into a field to change it; Settings turns them off.")))
        .kid(el_of("button", "button wide").set("autofocus", "").click(close).kid(t!("Close")))
        .modal(close)
}

/// The field of a key; the last that is typed into it counts.
fn choice(handle: Handle, does: Does) -> El {
    el_of("input", "key-choice")
        .set("type", "text")
        .set("autocomplete", "off")
        .set("autocapitalize", "characters")
        .value(move || key_of(handle, does))
        .input(move |typed| {
            let settings = handle.view.read_untracked().settings;
            let mut others = typed.chars().filter(|key| !key.eq_ignore_ascii_case(&settings.keys.of(does)));
            if let Some(key) = others.next() {
                let keys = settings.keys.with(does, key);
                handle.send(Agent::ChangeSettings(Settings { keys, ..settings }));
            }
        })
}

fn key_of(handle: Handle, does: Does) -> String {
    handle.view.read().settings.keys.of(does).to_string()
}

/// A button that a key presses too: it says so to readers.
pub(crate) fn pressed_by(handle: Handle, button: El, does: Does) -> El {
    button.follow("aria-keyshortcuts", move || {
        handle.view.read().settings.shortcuts.then(|| key_of(handle, does))
    })
}

/// The same, and in small letters, too.
pub(crate) fn hinted(handle: Handle, button: El, does: Does) -> El {
    let off = move || !handle.view.read().settings.shortcuts;
    let hint =
        el("kbd").set("aria-hidden", "true").flag("hidden", off).kid(text(move || key_of(handle, does)));
    pressed_by(handle, button, does).kid(hint)
}
