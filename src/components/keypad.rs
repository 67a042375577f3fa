//! Twelve keys.

use super::el::{El, el_of};
use super::icon::{self, icon};

/// The key that takes the last character away, among the dialler's.
pub(crate) const ERASE: char = '⌫';

/// Keys with these characters, in rows of three.
pub(crate) fn keypad(keys: [char; 12], press: impl Fn(char) + Copy + 'static) -> El {
    let keys = keys.map(|key| {
        let button = el_of("button", "key").set("type", "button").click(move || press(key));
        if key == ERASE {
            button.set("aria-label", "Delete").kid(icon(icon::ERASE))
        } else {
            button.kid(key.to_string())
        }
    });
    el_of("div", "keypad").kids(keys)
}
