//! Phone: beside the panel, the calls lately made and missed.

use leptos::prelude::*;
use phone::event::Agent;
use phone::view::LogPhase;

use super::log::{nothing, shown, trouble};
use crate::components::calls::calls;
use crate::components::icon::{self, icon};
use crate::components::place::Place;
use crate::runtime::Handle;

/// The page.
pub(crate) fn home(handle: Handle) -> AnyView {
    let rows = Memo::new(move |_| handle.view.with(|view| shown(&view.log)));
    let busy = Signal::derive(move || handle.view.with(|view| view.log.phase == LogPhase::Loading));
    view! {
        <div class="page log">
            <div class="page-head">
                <h1>"Recent calls"</h1>
                <a
                    class="button quiet"
                    href=Place::Log.route().print()
                    on:click=move |event| {
                        event.prevent_default();
                        handle.send(Agent::Navigate(Place::Log.route()));
                    }
                >
                    "Whole call log"
                    {icon(icon::RIGHT)}
                </a>
            </div>
            {trouble(handle)}
            <div class="calls-frame">{calls(handle, "Recent calls", rows, busy)} {nothing(handle, rows)}</div>
        </div>
    }
    .into_any()
}
