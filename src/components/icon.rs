//! Icons: symbols of the sprite in the document.

use super::el::{El, svg};
use phone::decimal::decimal;

/// A symbol of the sprite, by its address in the document.
pub(crate) type Symbol = &'static str;

pub(crate) const ALERT: Symbol = "#i-alert";
pub(crate) const BELL: Symbol = "#i-bell";
pub(crate) const CHECK: Symbol = "#i-check";
pub(crate) const CROSS: Symbol = "#i-cross";
pub(crate) const DOWN: Symbol = "#i-down";
pub(crate) const ERASE: Symbol = "#i-erase";
pub(crate) const HANG_UP: Symbol = "#i-hang-up";
pub(crate) const HOLD: Symbol = "#i-hold";
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
pub(crate) const RESUME: Symbol = "#i-resume";
pub(crate) const RETRY: Symbol = "#i-retry";
pub(crate) const RIGHT: Symbol = "#i-right";
pub(crate) const SETTINGS: Symbol = "#i-settings";
pub(crate) const SILENT: Symbol = "#i-silent";
pub(crate) const TABS: Symbol = "#i-tabs";
pub(crate) const THEME: Symbol = "#i-theme";
pub(crate) const WAIT: Symbol = "#i-wait";

/// The whole of a ring, in percent.
const FULL: u64 = 100;

/// An icon. Readers skip it: the word beside it says the same.
#[inline(never)]
pub(crate) fn icon(symbol: Symbol) -> El {
    drawing("icon", symbol)
}

/// An icon that follows the view.
pub(crate) fn icon_of(symbol: impl Fn() -> Symbol + 'static) -> El {
    canvas("icon").kid(svg("use").follow("href", move || Some(symbol())))
}

/// The ring around a face of which a share is left, in percent.
pub(crate) fn rundown(left: impl Fn() -> u64 + 'static) -> El {
    let circle = |class| {
        svg("circle")
            .set("class", class)
            .set("cx", "18")
            .set("cy", "18")
            .set("r", "16.5")
            .set("pathLength", "100")
    };
    let gone = move || Some(decimal(FULL.saturating_sub(left())));
    canvas("rundown")
        .set("viewBox", "0 0 36 36")
        .kid(circle("whole"))
        .kid(circle("left").set("stroke-dasharray", "100").follow("stroke-dashoffset", gone))
}

/// The product's mark.
pub(crate) fn mark() -> El {
    drawing("mark", "#mark")
}

fn drawing(class: &'static str, symbol: Symbol) -> El {
    canvas(class).kid(svg("use").set("href", symbol))
}

fn canvas(class: &'static str) -> El {
    svg("svg").set("class", class).set("aria-hidden", "true")
}
