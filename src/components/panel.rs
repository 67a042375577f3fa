//! The phone's panel: what is true now, and the dialler.

use leptos::prelude::*;

use super::board::board;
use super::dialler::dialler;
use super::ended::ended;
use super::idle::idle;
use super::incoming::incoming;
use crate::runtime::Handle;

/// The panel. On a call it is the call's alone.
pub(crate) fn panel(handle: Handle) -> AnyView {
    let on_call = Memo::new(move |_| handle.view.with(|view| view.active.is_some()));
    view! {
        <section class="panel" aria-label="Phone">
            <div class="panel-inner">
                {stage(handle)}
                {move || if on_call.get() { ().into_any() } else { dialler(handle) }}
            </div>
        </section>
    }
    .into_any()
}

/// The calls there are, or whether one can come. A ring never moves what is above it.
pub(crate) fn stage(handle: Handle) -> AnyView {
    let active = Memo::new(move |_| handle.view.with(|view| view.active.as_ref().map(|card| card.call.clone())));
    let over = Memo::new(move |_| handle.view.with(|view| view.ended.clone()));
    let quiet = Memo::new(move |_| {
        handle.view.with(|view| view.active.is_none() && view.ended.is_none() && view.incoming.is_empty())
    });
    view! {
        <div class="stage">
            {move || active.get().map(|call| board(handle, call))}
            {incoming(handle)}
            {move || over.get().map(|card| ended(handle, card))}
            {move || quiet.get().then(|| idle(handle))}
        </div>
    }
    .into_any()
}
