//! The navigation: a rail where it is wide, a bar at the bottom where it is narrow.

use leptos::prelude::*;
use phone::event::Agent;
use phone::t;
use phone::view::SessionView;

use super::el::{El, el, el_of};
use super::icon::icon;
use super::place::Place;
use crate::runtime::Handle;

/// Links to the places.
pub(crate) fn nav(handle: Handle) -> El {
    let supervises =
        matches!(handle.view.read_untracked().session, SessionView::SignedIn { supervises: true, .. });
    let places = Place::ALL.into_iter().filter(|place| supervises || *place != Place::Team);
    let links = places.map(|place| {
        let here = move || Place::of(&handle.view.read().route) == place;
        link(handle, place)
            .follow("aria-current", move || here().then_some("page"))
            .kid(icon(place.icon()))
            .kid(el("span").kid(place.name()))
    });
    el_of("nav", "nav").say("aria-label", t!("Main")).kids(links)
}

/// A link to a place.
pub(crate) fn link(handle: Handle, place: Place) -> El {
    el("a").set("href", &place.route().print()).click_event(move |event| {
        // A link that is to be opened elsewhere is the browser's.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            handle.send(Agent::Navigate(place.route()));
        }
    })
}
