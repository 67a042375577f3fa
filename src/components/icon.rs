//! Icons: symbols of the sprite in the document.

use std::sync::Arc;

use leptos::prelude::*;

use super::el::{Followed, derived};

/// A symbol of the sprite, by its address in the document.
pub(crate) type Symbol = &'static str;

pub(crate) const ALERT: Symbol = "#i-alert";
pub(crate) const BELL: Symbol = "#i-bell";
pub(crate) const CHECK: Symbol = "#i-check";
pub(crate) const CROSS: Symbol = "#i-cross";
pub(crate) const DOWN: Symbol = "#i-down";
pub(crate) const ERASE: Symbol = "#i-erase";
pub(crate) const HANG_UP: Symbol = "#i-hang-up";
pub(crate) const IN: Symbol = "#i-in";
pub(crate) const KEYPAD: Symbol = "#i-keypad";
pub(crate) const LEAVE: Symbol = "#i-leave";
pub(crate) const LEFT: Symbol = "#i-left";
pub(crate) const LOG: Symbol = "#i-log";
pub(crate) const MIC: Symbol = "#i-mic";
pub(crate) const MIC_OFF: Symbol = "#i-mic-off";
pub(crate) const MISSED: Symbol = "#i-missed";
pub(crate) const MOON: Symbol = "#i-moon";
pub(crate) const OFFLINE: Symbol = "#i-offline";
pub(crate) const OUT: Symbol = "#i-out";
pub(crate) const PERSON: Symbol = "#i-person";
pub(crate) const PHONE: Symbol = "#i-phone";
pub(crate) const RETRY: Symbol = "#i-retry";
pub(crate) const RIGHT: Symbol = "#i-right";
pub(crate) const SETTINGS: Symbol = "#i-settings";
pub(crate) const SILENT: Symbol = "#i-silent";
pub(crate) const THEME: Symbol = "#i-theme";
pub(crate) const WAIT: Symbol = "#i-wait";

/// The whole of a ring, in percent.
const FULL: u64 = 100;

/// An icon. Readers skip it: the word beside it says the same.
#[inline(never)]
pub(crate) fn icon(symbol: Symbol) -> AnyView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=symbol></use>
        </svg>
    }
    .into_any()
}

/// An icon that follows the view.
pub(crate) fn icon_of(symbol: impl Fn() -> Symbol + Send + Sync + 'static) -> AnyView {
    icon_boxed(Arc::new(symbol))
}

#[inline(never)]
fn icon_boxed(symbol: Followed<Symbol>) -> AnyView {
    let symbol = derived(symbol);
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=symbol></use>
        </svg>
    }
    .into_any()
}

/// The ring around a face of which a share is left, in percent.
pub(crate) fn rundown(left: impl Fn() -> u64 + Send + Sync + 'static) -> AnyView {
    let gone = derived(Arc::new(move || FULL.saturating_sub(left()).to_string()));
    view! {
        <svg class="rundown" viewBox="0 0 36 36">
            <circle cx="18" cy="18" r="16.5" pathLength="100"></circle>
            <circle class="left" cx="18" cy="18" r="16.5" pathLength="100" stroke-dasharray="100" stroke-dashoffset=gone></circle>
        </svg>
    }
    .into_any()
}

/// The product's mark.
pub(crate) fn mark() -> AnyView {
    view! {
        <svg class="mark" aria-hidden="true">
            <use href="#mark"></use>
        </svg>
    }
    .into_any()
}
