//! Twelve keys.

use leptos::prelude::*;

use super::icon::{self, icon};

/// The key that takes the last character away, among the dialler's.
pub(crate) const ERASE: char = '⌫';

/// Keys with these characters, in rows of three.
pub(crate) fn keypad(keys: [char; 12], press: impl Fn(char) + Copy + Send + 'static) -> AnyView {
    let keys = keys.map(|key| {
        let erases = key == ERASE;
        let face = if erases { icon(icon::ERASE) } else { key.into_any() };
        view! {
            <button type="button" class="key" aria-label=erases.then_some("Delete") on:click=move |_| press(key)>
                {face}
            </button>
        }
    });
    view! { <div class="keypad">{keys}</div> }.into_any()
}
