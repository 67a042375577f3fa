//! Where the keyboard is after something appeared or went away.

use std::cell::Cell;

use leptos::prelude::*;

use super::el::El;
use crate::runtime::{self, Handle};

/// The number field's id.
pub(crate) const NUMBER: &str = "number";

/// Gives an element the focus once it is on the page: it is the next thing to do.
pub(crate) fn soon(element: &El) {
    let element = element.clone();
    request_animation_frame(move || element.focus());
}

thread_local! {
    /// The keyboard was on the element that was kept when it left the page.
    static KEPT: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the keyboard on an element through its being made anew: there is one such element.
/// Before the next key, which would do something else elsewhere.
pub(crate) fn keep(element: &El) {
    let (anew, leaving) = (element.clone(), StoredValue::new_local(element.clone()));
    if KEPT.take() {
        runtime::after_this(move || anew.focus());
    }
    on_cleanup(move || KEPT.set(leaving.try_with_value(El::has_focus).unwrap_or_default()));
}

/// Gives a new element the focus once it is on the page, if nothing else has it:
/// somebody who types or stands on another control is never interrupted.
pub(crate) fn take_if_free(element: &El) {
    let element = element.clone();
    // Not at once: what had the focus may leave the document in this very step.
    request_animation_frame(move || {
        if is_free(false) {
            element.focus();
        }
    });
}

/// The same; an empty number field counts as nothing: the keyboard only waits there.
pub(crate) fn take_from_number(handle: Handle, element: &El) {
    let element = element.clone();
    request_animation_frame(move || {
        if is_free(handle.view.read_untracked().dialler.text.is_empty()) {
            element.focus();
        }
    });
}

/// After a call the keyboard goes back to the number field, if nothing else has it. Not
/// on a touch screen, where it would bring up the screen's own keyboard.
pub(crate) fn number_if_free() {
    request_animation_frame(|| {
        let touched = window().match_media("(pointer: coarse)").ok().flatten();
        if !touched.is_some_and(|query| query.matches()) && is_free(false) {
            runtime::focus_number();
        }
    });
}

/// Whether nothing has the focus that somebody would miss.
fn is_free(number_too: bool) -> bool {
    // A section is a part that took the focus itself when it appeared.
    document().active_element().is_none_or(|element| {
        ["BODY", "SECTION"].contains(&element.tag_name().as_str()) || (number_too && element.id() == NUMBER)
    })
}
