//! Where the keyboard is after something appeared or went away.

use leptos::prelude::*;

use super::el::El;

/// Gives a new element the focus once it is on the page, if nothing else has it:
/// somebody who types or stands on another control is never interrupted.
pub(crate) fn take_if_free(element: &El) {
    let element = element.clone();
    // Not at once: what had the focus may leave the document in this very step.
    request_animation_frame(move || {
        // A section is a part that took the focus itself when it appeared.
        let free = document()
            .active_element()
            .is_none_or(|element| ["BODY", "SECTION"].contains(&element.tag_name().as_str()));
        if free {
            element.focus();
        }
    });
}
