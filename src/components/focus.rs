//! Where the keyboard is after something appeared or went away.

use leptos::prelude::*;

use super::el::Node;

/// Gives a new element the focus once it is on the page, if nothing else has it:
/// somebody who types or stands on another control is never interrupted.
pub(crate) fn take_if_free(node: Node) {
    // Not at once: what had the focus may leave the document in this very step.
    request_animation_frame(move || {
        // A section is a part that took the focus itself when it appeared.
        let free = document()
            .active_element()
            .is_none_or(|element| ["BODY", "SECTION"].contains(&element.tag_name().as_str()));
        if free {
            give(node);
        }
    });
}

/// Gives an element the focus.
pub(crate) fn give(node: Node) {
    if let Some(element) = node.try_get_untracked().flatten() {
        // Refused only while it can't be seen; then nobody has the focus.
        let _ = element.focus();
    }
}
