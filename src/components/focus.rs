//! Where the keyboard is after something appeared or went away.

use leptos::prelude::*;

/// Runs `give` once the new part is on the page, if nothing has the focus: somebody
/// who types or stands on another control is never interrupted.
pub(crate) fn take_if_free(give: impl Fn() + 'static) {
    // Not at once: what had the focus may leave the document in this very step.
    request_animation_frame(move || {
        let free = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if free {
            give();
        }
    });
}
