//! Twelve keys.

use leptos::ev;
use leptos::prelude::*;
use phone::t;

use super::el::{El, el_of};
use super::icon::{self, icon};

/// The key that takes the last character away, among the dialler's.
pub(crate) const ERASE: char = '⌫';

/// Takes what is typed too, for as long as the part is there that this is called for;
/// not while somebody types into a field.
pub(crate) fn typed(press: impl Fn(char) + 'static) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let held_back = event.ctrl_key() || event.alt_key() || event.meta_key() || event.repeat();
        let in_a_field = document()
            .active_element()
            .is_some_and(|element| ["INPUT", "SELECT", "TEXTAREA"].contains(&element.tag_name().as_str()));
        let key = event.key();
        let mut characters = key.chars();
        if let (Some(key), None, false) = (characters.next(), characters.next(), held_back || in_a_field) {
            press(key);
        }
    });
    on_cleanup(move || listener.remove());
}

/// Keys with these characters, in rows of three.
pub(crate) fn keypad(keys: [char; 12], press: impl Fn(char) + Copy + 'static) -> El {
    let keys = keys.map(|key| {
        let button = el_of("button", "key").set("type", "button").click(move || press(key));
        if key == ERASE {
            button.say("aria-label", t!("Delete")).kid(icon(icon::ERASE))
        } else {
            button.kid(key.to_string())
        }
    });
    el_of("div", "keypad").kids(keys)
}
