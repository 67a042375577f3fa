//! The phone's panel: what is true now, and the dialler.

use leptos::prelude::*;

use super::board::board;
use super::dialler::dialler;
use super::el::{el_of, keyed, none};
use super::ended::ended;
use super::idle::idle;
use super::incoming::incoming;
use crate::runtime::Handle;

/// The panel. On a call it is the call's alone.
pub(crate) fn panel(handle: Handle) -> AnyView {
    let on_call = move || handle.view.read().active.is_some();
    let below = keyed(
        move || if on_call() { "call".to_owned() } else { String::new() },
        move || if on_call() { none() } else { dialler(handle) },
    );
    el_of("section", "panel")
        .set("aria-label", "Phone")
        .kid(el_of("div", "panel-inner").kid(stage(handle)).kid(below))
        .view()
}

/// The calls there are, or whether one can come. A ring never moves what is above it.
fn stage(handle: Handle) -> AnyView {
    let last = move || {
        let view = handle.view.read();
        view.ended.clone().filter(|_| view.active.is_none())
    };
    let over = keyed(
        move || last().map(|card| card.call.to_string()).unwrap_or_default(),
        move || last().map_or_else(none, |card| ended(handle, card)),
    );
    let quiet = move || {
        let view = handle.view.read();
        view.active.is_none() && view.ended.is_none() && view.incoming.is_empty()
    };
    let idle = keyed(
        move || if quiet() { "quiet".to_owned() } else { String::new() },
        move || if quiet() { idle(handle) } else { none() },
    );
    el_of("div", "stage").kid(active(handle)).kid(incoming(handle)).kid(over).kid(idle).view()
}

/// The board of the call that the agent is on.
pub(crate) fn active(handle: Handle) -> AnyView {
    let call = move || handle.view.read().active.as_ref().map(|card| card.call.clone());
    keyed(
        move || call().map(|call| call.to_string()).unwrap_or_default(),
        move || call().map_or_else(none, |call| board(handle, call)),
    )
}
