//! The phone's panel: what is true now, and the dialler.

use leptos::prelude::*;
use phone::t;

use super::board::board;
use super::dialler::dialler;
use super::el::{El, el_of};
use super::ended::ended;
use super::held::held;
use super::idle::idle;
use super::incoming::incoming;
use super::other_tab::other_tab;
use super::part::{Part, group, keyed};
use crate::runtime::Handle;

/// The panel. On a call it is the call's alone.
pub(crate) fn panel(handle: Handle) -> El {
    let on_call = move || handle.view.read().active.is_some();
    let below = keyed(on_call, move |on_call| group((!on_call).then(|| dialler(handle).into())));
    el_of("section", "panel")
        .say("aria-label", t!("Phone"))
        .kid(el_of("h1", "unseen").kid(t!("Phone")))
        .kid(el_of("div", "panel-inner").kid(stage(handle)).kid(below))
}

/// The calls there are, or whether one can come. A ring never moves what is above it.
fn stage(handle: Handle) -> El {
    let last = move || {
        let view = handle.view.read();
        view.ended.clone().filter(|_| view.active.is_none())
    };
    let over = keyed(last, move |last| group(last.clone().map(|card| ended(handle, card).into())));
    let quiet = move || {
        let view = handle.view.read();
        view.active.is_none() && view.held.is_empty() && view.ended.is_none() && view.incoming.is_empty()
    };
    let idle = keyed(quiet, move |quiet| group(quiet.then(|| idle(handle).into())));
    el_of("div", "stage")
        .kid(other_tab(handle))
        .kid(active(handle))
        .kid(held(handle))
        .kid(incoming(handle))
        .kid(over)
        .kid(idle)
}

/// The board of the call that the agent is on.
pub(crate) fn active(handle: Handle) -> Part {
    let call = move || handle.view.read().active.as_ref().map(|card| card.call.clone());
    keyed(call, move |call| group(call.as_ref().map(|_| board(handle).into())))
}
