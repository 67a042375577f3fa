//! The navigation: a rail where it is wide, a bar at the bottom where it is narrow.

use leptos::prelude::*;
use phone::event::Agent;

use super::icon::icon;
use super::place::Place;
use crate::runtime::Handle;

/// Links to the places.
pub(crate) fn nav(handle: Handle, here: Memo<Place>) -> AnyView {
    let links = Place::ALL.map(|place| {
        view! {
            <a
                href=place.route().print()
                aria-current=move || (here.get() == place).then_some("page")
                on:click=move |event| {
                    // A link that is to be opened elsewhere is the browser's.
                    if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                        event.prevent_default();
                        handle.send(Agent::Navigate(place.route()));
                    }
                }
            >
                {icon(place.icon())}
                <span>{place.name()}</span>
            </a>
        }
    });
    view! { <nav class="nav" aria-label="Main">{links}</nav> }.into_any()
}
